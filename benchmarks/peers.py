"""Six stages in a row against the same model in Ciw, a simulator of queueing networks, and Prosimos, one of processes.

Six desks of one person at a load of 0.8, Poisson arrivals, exponential work; every case and stage is recorded. Ours is
`six-stages.yaml`, with China's working days and holidays. Ciw knows no office hours and runs round the clock; Prosimos
keeps Monday to Friday, 9 to 17, and writes its log to a CSV file. Ours runs alternate with those of a peer; the ratio
of their medians is what counts. Processor time is that of the run alone, without imports.

Each peer has a virtual environment of its own, made by the first run from the package index that pip is set to and kept
in a temporary folder or the one that PLEDGESIM_PEERS names. A peer that cannot be had or does not run is skipped.

    python benchmarks/peers.py [cases]
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from six_stages import OPEN_MINUTES, PER_DAY, STAGES, WORK_MINUTES, six_stages

from simulator.errors import PledgesimError
from simulator.experiment.replication import replicate
from simulator.scenario.model import Scenario
from simulator.workflow.world import calendar_of

HERE = Path(__file__).resolve().parent
PAIRS = 3
LONGEST_INSTALLATION, LONGEST_RUN = 900, 3600


@dataclass(frozen=True)
class Peer:
    """Another simulator. `pythons` are the versions that it installs on, the first preferred; none for any."""

    name: str
    requirement: str
    script: str
    pythons: tuple[str, ...] = ()
    bar: float | None = None
    """How many times as fast ours should be at least."""


PEERS = (
    Peer("Ciw", "ciw==3.2.7", "run_ciw.py"),
    Peer("Prosimos", "prosimos==2.1.0", "run_prosimos.py", ("3.11", "3.12"), 25),
)


@dataclass(frozen=True)
class Comparison:
    """Cases per second of ours and of a peer, None where it was skipped; the note says why, or what was checked."""

    peer: str
    ours_per_second: float
    peer_per_second: float | None
    note: str


@dataclass(frozen=True)
class Run:
    """One run of a simulator; the mean turnaround is in minutes of open hours."""

    seconds: float
    cases: int
    turnaround: float
    python: str


class Unavailable(Exception):
    """A peer that cannot be had or does not run; the message says why."""


def compare(cases: int, pairs: int = PAIRS) -> list[Comparison]:
    """Ours against each peer, with about that many cases."""
    scenario = six_stages(cases)
    first = run_ours(scenario)
    return [_comparison(peer, scenario, first, pairs) for peer in PEERS]


def run_ours(scenario: Scenario) -> Run:
    """One replication."""
    began = time.process_time()
    happened = replicate(scenario, 1)
    seconds = time.process_time() - began
    assert scenario.run is not None
    assert len(happened.steps) == len(STAGES) * len(happened.firms)
    office = calendar_of(scenario.calendars["office"], "office", scenario.run.start)
    passed = office.open_minutes_array(happened.ended_at) - office.open_minutes_array(happened.firms.arrival)
    return Run(seconds, len(happened.firms), float(passed.mean()), "")


def run_peer(peer: Peer, python: Path, cases: int) -> Run:
    """One run of a peer, in a process of its own."""
    model = {
        "cases": cases,
        "stages": STAGES,
        "gap": OPEN_MINUTES / PER_DAY,
        "work": WORK_MINUTES,
        "hours": [9, 17],
        "monday": "2016-01-04",
    }
    with tempfile.TemporaryDirectory() as folder:
        command = [str(python), "-I", str(HERE / "peers" / peer.script), json.dumps(model)]
        printed = _output(command, LONGEST_RUN, "its run", Path(folder))
    try:
        found: dict[str, Any] = json.loads(printed.splitlines()[-1])
        run = Run(found["seconds"], found["cases"], found["turnaround"], found["python"])
        rows: int = found["rows"]
    except (ValueError, LookupError, TypeError):
        raise Unavailable("its run did not end with figures") from None
    if run.cases != cases or rows < cases * len(STAGES):
        raise Unavailable(f"its record has {run.cases:,} cases and {rows:,} stages; {cases:,} cases were asked for")
    return run


def environment(peer: Peer) -> Path:
    """The Python of a peer's environment, which is made where there is no complete one."""
    root = os.environ.get("PLEDGESIM_PEERS")
    parent = Path(root).absolute() if root else Path(tempfile.gettempdir()) / "pledgesim-peers"
    folder = parent / peer.requirement.replace("==", "-")
    python = folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    complete = folder / "complete"
    if complete.exists() and python.exists():
        return python
    basis = _python_for(peer)
    print(f"making an environment for {peer.requirement} ...", file=sys.stderr)
    try:
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        _output([basis, "-I", "-m", "venv", str(folder)], LONGEST_INSTALLATION, "making its environment")
        pip = [str(python), "-I", "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-input"]
        _output([*pip, peer.requirement], LONGEST_INSTALLATION, f"pip install {peer.requirement}")
        complete.touch()
    except OSError as error:
        raise Unavailable(f"its environment could not be written: {error}") from None
    return python


def _python_for(peer: Peer) -> str:
    own = f"{sys.version_info[0]}.{sys.version_info[1]}"
    if not peer.pythons or own in peer.pythons:
        return sys.executable
    for version in peer.pythons:
        found = shutil.which(f"python{version}")
        # A version manager puts a stub in the path of versions that it has not switched on.
        if found and subprocess.run([found, "--version"], capture_output=True, check=False).returncode == 0:
            return found
    needed = " or ".join(peer.pythons)
    raise Unavailable(f"{peer.requirement} needs Python {needed}; this is {own} and no other is there")


def _output(command: list[str], longest: int, what: str, folder: Path | None = None) -> str:
    try:
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=longest, check=False)
    except subprocess.TimeoutExpired:
        raise Unavailable(f"{what} took longer than {longest:,} s") from None
    except OSError as error:
        raise Unavailable(f"{what} could not be started: {error}") from None
    if done.returncode:
        raise Unavailable(f"{what} failed: {_reason(done.stderr or done.stdout)}")
    return done.stdout


def _reason(printed: str) -> str:
    lines = [line.strip() for line in printed.splitlines() if line.strip()]
    errors = [line for line in lines if line.startswith("ERROR:")]
    last = (errors or lines or ["it gave no reason"])[-1]
    if last.startswith("ERROR: No matching distribution"):
        last += " (no index in reach, or no release for this Python)"
    return re.sub(r"^ERROR:\s*", "", last)[:200]


def _comparison(peer: Peer, scenario: Scenario, first: Run, pairs: int) -> Comparison:
    ours: list[Run] = []
    theirs: list[Run] = []
    try:
        python = environment(peer)
        for _ in range(pairs):
            ours.append(run_ours(scenario))
            theirs.append(run_peer(peer, python, first.cases))
    except Unavailable as skipped:
        # The very first run also builds the calendars, so that it is no measure.
        ours = ours or [run_ours(scenario) for _ in range(pairs)]
        return Comparison(peer.name, _per_second(ours), None, f"skipped: {skipped}")
    note = (
        f"{peer.requirement} on Python {theirs[0].python}; mean turnaround of {first.cases:,} cases in open minutes: "
        f"ours {first.turnaround:.0f}, {peer.name} {theirs[0].turnaround:.0f}, by theory {_by_theory():.0f}"
    )
    return Comparison(peer.name, _per_second(ours), _per_second(theirs), note)


def _per_second(runs: list[Run]) -> float:
    return runs[0].cases / median(run.seconds for run in runs)


def _by_theory() -> float:
    """What the mean turnaround of M/M/1 queues in a row comes to in the long run."""
    return len(STAGES) / (1 / WORK_MINUTES - PER_DAY / OPEN_MINUTES)


def main() -> None:
    """Print cases per second of ours and each peer, and the ratios."""
    cases = int(sys.argv[1]) if len(sys.argv) > 1 else 20_000
    try:
        comparisons = compare(cases)
    except PledgesimError as error:
        sys.exit(str(error))
    for peer, compared in zip(PEERS, comparisons, strict=True):
        print(f"{'pledgesim:':<12}{compared.ours_per_second:>9,.0f} cases/s")
        if compared.peer_per_second is None:
            print(f"{peer.name + ':':<12}{compared.note}\n")
            continue
        ratio = compared.ours_per_second / compared.peer_per_second
        bar = f"; bar {peer.bar:g} times" if peer.bar else ""
        print(f"{peer.name + ':':<12}{compared.peer_per_second:>9,.0f} cases/s")
        print(f"ours / {peer.name} {ratio:.1f} times{bar}")
        print(f"{compared.note}\n")


if __name__ == "__main__":
    main()
