"""How long a million events take to export, in each format, and how much memory (bars: 60 s and 300 MB).

A run of C8-F1 is repeated, case after case, until its log has so many events; each export is a process of its own, and
a tenth as many events show whether memory grows. The peer is the plain way: a log of the same events as a tree of
ElementTree, which is then written.

    python benchmarks/events.py [events]
"""

from __future__ import annotations

import csv
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
FORMATS = ("csv", "xes", "ocel", "parquet")
BAR_SECONDS, BAR_MEGABYTES = 60, 300


def measured(command: Sequence[str], folder: Path) -> tuple[float, float, float]:
    """Seconds on the wall, seconds of the processor and megabytes at most, of one run."""
    began = time.perf_counter()
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    process = subprocess.Popen(command, cwd=folder, env=environment, stdout=subprocess.DEVNULL)
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"{' '.join(command)} ended with {process.returncode}")
    return time.perf_counter() - began, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024


def small_run(folder: Path) -> Path:
    """One replication of C8-F1, written as `run` writes it, without charts."""
    from simulator.analysis.comparison import comparison_of
    from simulator.analysis.rounds import run_worlds
    from simulator.export.folder import manifest_of, results_in, write_run

    comparison = comparison_of(["C8-F1"])
    run_worlds(comparison.worlds, replications=1)
    with results_in(folder, manifest_of(comparison, ["run", "C8-F1"])):
        write_run(comparison, {}, folder)
    return folder


def events_in(run: Path) -> int:
    """Events in the log of the first world of a run."""
    from simulator.export.event_log import events_of
    from simulator.export.logged_run import logged_worlds
    from simulator.export.world_log import log_of

    return sum(len(events_of(case)) for case in log_of(logged_worlds(run)[0]).cases())


def repeated(run: Path, times: int, folder: Path) -> Path:
    """A run whose cases are those of another, so many times over."""
    manifest = json.loads((run / "manifest.json").read_text(encoding="utf-8"))
    manifest["worlds"] = manifest["worlds"][:1]
    place = manifest["worlds"][0]["tables"]
    (folder / place).mkdir(parents=True)
    (folder / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    with open(run / place / "cases.csv", encoding="utf-8-sig") as file:
        cases = sum(1 for _ in file) - 1
    for name in ("cases", "firms", "steps", "payments", "loans", "losses"):
        with open(run / place / f"{name}.csv", encoding="utf-8-sig", newline="") as file:
            headings, *rows = csv.reader(file)
        at = headings.index("case")
        with open(folder / place / f"{name}.csv", "w", encoding="utf-8-sig", newline="") as file:
            write = csv.writer(file).writerow
            write(headings)
            for time_over in range(times):
                for row in rows:
                    write([*row[:at], int(row[at]) + time_over * cases, *row[at + 1 :]])
    return folder


def write_by_tree(run: Path, path: Path) -> None:
    """The peer: a log as one tree, then written."""
    from xml.etree.ElementTree import Element, ElementTree, SubElement

    from simulator.export.event_log import ZONE, events_of
    from simulator.export.logged_run import logged_worlds
    from simulator.export.world_log import log_of

    (world,) = logged_worlds(run)
    log = log_of(world)
    root = Element("log", {"xes.version": "1849.2016"})
    for case in log.cases():
        trace = SubElement(root, "trace")
        SubElement(trace, "string", key="concept:name", value=str(case.number))
        for key, value in case.attributes.items():
            SubElement(trace, log.case_fields[key], key=key, value=value)
        for when, transition, place in events_of(case):
            event, activity = SubElement(trace, "event"), case.activities[place]
            SubElement(event, "string", key="concept:name", value=activity.name)
            SubElement(event, "string", key="org:resource", value=activity.resource)
            SubElement(event, "string", key="lifecycle:transition", value=transition)
            SubElement(event, "date", key="time:timestamp", value=f"{when}{ZONE}")
            for key, value in activity.details.items():
                SubElement(event, log.event_fields[key], key=key, value=value)
    ElementTree(root).write(path, encoding="utf-8", xml_declaration=True)


def main() -> None:
    """Print a line for each format and size, and one for the peer."""
    asked = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        small = small_run(folder / "small")
        each = events_in(small)
        took: dict[str, float] = {}
        for number, events in enumerate((asked // 10, asked)):
            times = -(-events // each)
            run = repeated(small, times, folder / f"run{number}")
            for form in FORMATS:
                command = [sys.executable, "-m", "simulator", "export", str(run), "--format", form]
                wall, took[form], megabytes = measured(command, folder)
                spent = f"{wall:5.1f} s ({took[form]:.1f} s of the processor), at most {megabytes:.0f} MB"
                print(f"{times * each:>9,} events  {form:<8} {spent}", flush=True)
                for file in (run / "event-logs").iterdir():
                    file.unlink()
            if not number:
                peer = [sys.executable, __file__, "tree", str(run), str(folder / "tree.xes")]
                wall, by_tree, megabytes = measured(peer, folder)
                spent = f"{wall:5.1f} s ({by_tree:.1f} s of the processor), at most {megabytes:.0f} MB"
                print(f"{times * each:>9,} events  {'as a tree':<8} {spent}: the peer, in XES")
                print(f"processor time of xes, against the peer: {took['xes'] / by_tree:.2f}", flush=True)
    print(f"bars: 1,000,000 events in {BAR_SECONDS} s and {BAR_MEGABYTES} MB; memory as for a tenth of them")


if __name__ == "__main__":
    if sys.argv[1:2] == ["tree"]:
        write_by_tree(Path(sys.argv[2]), Path(sys.argv[3]))
    else:
        main()
