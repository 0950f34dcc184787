"""Small run folders for the tests of event logs, and logs as a tool that is not ours reads them."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import r4pm
from click.testing import CliRunner

from simulator.analysis.comparison import comparison_of
from simulator.analysis.rounds import run_worlds
from simulator.cli import group
from simulator.export.folder import manifest_of, results_in, write_run

SMALL = ("run.arrivals_for=60 days", "run.follow_up.cases=120 days", "credit.annual_default_rate=30%")


def write_small_run(folder: Path, files: Sequence[str], sets: Sequence[str] = SMALL) -> Path:
    """What `compare FILES --set ... -n 1 --out FOLDER` writes, without charts and figures."""
    comparison = comparison_of(files, sets)
    run_worlds(comparison.worlds, replications=1)
    with results_in(folder, manifest_of(comparison, ["compare", *files])):
        write_run(comparison, {}, folder)
    return folder


def export(*words: str) -> str:
    """What `export` says; it must succeed."""
    done = CliRunner().invoke(group, ["export", *words])
    assert done.exit_code == 0, (done.output, done.exception)
    return done.stdout


def table(folder: Path, name: str) -> list[dict[str, str]]:
    """The rows of one of our tables."""
    with open(folder / f"{name}.csv", encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def turnarounds(folder: Path) -> dict[str, float]:
    """Seconds from application to drawdown of the cases of cases.csv that were drawn."""
    return {
        row["case"]: (moment(row["drawn_at"]) - moment(row["applied_at"])).total_seconds()
        for row in table(folder, "cases")
        if row["drawn_at"]
    }


def moment(text: str) -> datetime:
    """A time as it is written in a table or a log."""
    return datetime.fromisoformat(text)


def read_by_r4pm(kind: str, path: Path) -> dict[str, Any]:
    """A log as Rust4PM reads it: kind is EventLog or OCEL."""
    item = r4pm.import_item(kind, str(path))
    try:
        with TemporaryDirectory() as folder:
            r4pm.export_item(item, f"{folder}/read.json")
            told: dict[str, Any] = json.loads(Path(folder, "read.json").read_text(encoding="utf-8"))
            return told
    finally:
        r4pm.remove_item(item)


def attributes(told: Mapping[str, Any]) -> dict[str, Any]:
    """Attributes of a log, trace or event that Rust4PM has read."""
    return {each["key"]: each["value"]["content"] for each in told["attributes"]}


def events_of_xes(path: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    """(case, attributes) of every event of an XES file that Rust4PM has read."""
    for trace in read_by_r4pm("EventLog", path)["traces"]:
        case = attributes(trace)["concept:name"]
        for event in trace["events"]:
            yield case, attributes(event)
