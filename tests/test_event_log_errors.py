"""Exporting what is no run, or one whose tables have been touched, gets one line with the place, and exit code 2."""

from __future__ import annotations

import json
import os
import shutil
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from logged_runs import export, table, write_small_run
from small_town import TOWN

from simulator.cli import group
from simulator.export import event_files
from simulator.export.logged_run import MADE_BY

pytestmark = pytest.mark.whole


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("town")
    (folder / "town.yaml").write_text(TOWN, encoding="utf-8")
    return write_small_run(folder / "result", [str(folder / "town.yaml")], ())


@pytest.fixture
def run(whole: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A run of the town and its variant, in a folder of its own, as `run`."""
    shutil.copytree(whole, tmp_path / "run")
    monkeypatch.chdir(tmp_path)
    return Path("run")


def refused(*words: str) -> str:
    done = CliRunner().invoke(group, ["export", *words])
    assert done.exit_code == 2, done.output
    assert "Traceback" not in done.output and "fault of pledgesim" not in done.output
    assert list(Path().rglob("*.part")) == []
    return done.stderr.strip()


def edited(run: Path, change: Callable[[dict[str, Any]], object]) -> None:
    path = run / "manifest.json"
    told = json.loads(path.read_text(encoding="utf-8"))
    change(told)
    path.write_text(json.dumps(told), encoding="utf-8")


def test_tables_changed_by_hand_are_told_of_and_those_of_other_worlds_are_not(run: Path) -> None:
    untouched = CliRunner().invoke(group, ["export", "run", "--format", "csv"])
    assert untouched.exit_code == 0 and untouched.stderr == ""
    changed, _ = sorted((run / "tables").iterdir())
    table = changed / "firms.csv"
    table.write_bytes(table.read_bytes().replace(b"\r\n", b"\n").replace(b"\n", b"\r\n", 1))
    done = CliRunner().invoke(group, ["export", "run", "--format", "csv"])
    assert done.exit_code == 0
    told = "was changed after the run was written: the event log may not be what was simulated."
    assert done.stderr == f"tables/{changed.name}/firms.csv {told}\n"


NAMED = "name the folder that `run` or `compare` wrote with --out"


def test_what_is_no_folder_of_a_run_is_told(run: Path) -> None:
    assert refused("runn", "--format", "csv") == f"runn: there is no such folder; {NAMED}"
    assert refused("run/manifest.json", "--format", "csv") == f"run/manifest.json: this is a file; {NAMED}"
    Path("empty").mkdir()
    assert refused("empty", "--format", "xes") == (
        f"empty: there is no run in this folder (manifest.json is missing); {NAMED}"
    )


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"written": "in part", "complete": False}, "this run was written in part only; run the command again"),
        ({"made_by": "pledgesim 0.0.7"}, f"written by pledgesim 0.0.7, and this is {MADE_BY}; run the command again"),
        (
            {"worlds": None, "command": ["losses", "C9-F2"]},
            "`pledgesim losses` keeps no tables of cases; "
            "event logs are made of what `run` and `compare` wrote with --out",
        ),
        ({"worlds": [{"label": "town"}]}, "worlds[0] has no proper 'tables'; run the command again"),
    ],
)
def test_a_manifest_of_something_else_is_told(run: Path, change: dict[str, Any], told: str) -> None:
    edited(run, lambda manifest: manifest.update(change))
    assert refused("run", "--format", "csv") == f"run/manifest.json: {told}"


def test_a_manifest_that_is_no_json_or_leads_elsewhere_is_told(run: Path) -> None:
    edited(run, lambda manifest: manifest["worlds"][0].update(tables="../elsewhere"))
    assert refused("run", "--format", "csv") == "run/manifest.json: the tables of 'town' lie outside this folder"
    edited(run, lambda manifest: manifest["worlds"][0].update(tables="tables/gone"))
    assert refused("run", "--format", "csv") == "run/tables/gone: the tables of 'town' are missing"
    edited(run, lambda manifest: manifest["worlds"][0].update(tables="tables/town", resolved={"id": "town", "no": 1}))
    assert refused("run", "--format", "csv").startswith(
        "run/manifest.json: the scenario of 'town' is not as it was written: unknown key 'no'"
    )
    edited(run, lambda manifest: manifest["worlds"][0].update(label="half \ud800"))
    assert refused("run", "--format", "csv") == "run/manifest.json: this is not the manifest that pledgesim wrote"
    (run / "manifest.json").write_text("{nothing", encoding="utf-8")
    assert refused("run", "--format", "csv").startswith("run/manifest.json:1:2: this is no JSON: ")


def test_a_run_that_was_stopped_but_written_whole_can_be_exported(run: Path) -> None:
    edited(run, lambda manifest: manifest.update(complete=False))
    assert export("run", "--format", "csv", "--world", "town").startswith("Written to run/event-logs/town.csv: ")


def test_a_world_that_is_not_there_is_told_with_the_nearest(run: Path) -> None:
    assert refused("run", "--format", "csv", "--world", "town: two reviewer") == (
        "run: no world 'town: two reviewer'; did you mean 'town: two reviewers'?; "
        "worlds here: town, town: two reviewers"
    )


def line(run: Path, name: str, number: int, change: Callable[[list[str]], list[str]]) -> None:
    """Change the cells of a line of a table of the town."""
    path = run / "tables" / "town" / f"{name}.csv"
    lines = path.read_text(encoding="utf-8-sig").splitlines()
    lines[number - 1] = ",".join(change(lines[number - 1].split(",")))
    path.write_text("\n".join(lines) + "\n", encoding="utf-8-sig")


def cell(place: int, value: str) -> Callable[[list[str]], list[str]]:
    return lambda cells: [*cells[:place], value, *cells[place + 1 :]]


@pytest.mark.parametrize(
    ("name", "number", "change", "told"),
    [
        ("cases", 3, lambda cells: cells[:-1], "cases.csv:3: 10 cells under 11 headings"),
        ("cases", 1, cell(2, "applied"), "cases.csv:1: no column 'applied_at'; did you mean 'applied'?"),
        ("cases", 4, cell(2, "soon"), "cases.csv:4: applied_at 'soon' is no time such as 2021-03-05 09:30:00"),
        ("cases", 4, cell(2, "2021-02-30 09:00:00"),
         "cases.csv:4: applied_at '2021-02-30 09:00:00' is no time that there is"),
        ("cases", 2, cell(0, "5"), "cases.csv:2: case 5 stands where case 0 is due"),
        ("cases", 2, cell(3, "lost"), "cases.csv:2: end 'lost' is no end of the scenario"),
        ("cases", 2, cell(1, "laon"),
         "cases.csv:2: product 'laon' is no product of the scenario; did you mean 'loan'?"),
        ("cases", 2, cell(6, "much"), "cases.csv:2: credit_line_cny 'much' is no amount such as 1234567.89"),
        ("cases", 2, cell(4, ""), "cases.csv:2: case 0 is 'drawn' without the time at which it ended"),
        ("steps", 2, cell(2, "due dilligence"),
         "steps.csv:2: 'due dilligence' is no step of 'loan'; did you mean 'due diligence'?"),
        ("steps", 2, cell(6, ""), "steps.csv:2: entry '' is missing"),
        ("steps", 4, cell(0, "0.5"), "steps.csv:4: case '0.5' is no whole number"),
        ("payments", 2, cell(3, "bribe"), "payments.csv:2: what 'bribe' is no payment of the scenario"),
        ("loans", 2, cell(6, "sold"), "loans.csv:2: status 'sold' is no status of the scenario"),
        ("firms", 2, cell(2, "x"), "firms.csv:2: amount_requested_cny 'x' is no amount such as 1234567.89"),
    ],
)  # fmt: skip
def test_a_table_that_was_touched_is_told_with_its_line(
    run: Path, name: str, number: int, change: Callable[[list[str]], list[str]], told: str
) -> None:
    line(run, name, number, change)
    assert refused("run", "--format", "xes", "--world", "town") == f"run/tables/town/{told}"
    assert not (run / "event-logs" / "town.xes").exists()


def test_rows_in_another_order_or_about_nobody_are_told(run: Path) -> None:
    line(run, "steps", 2, cell(0, "4"))
    assert refused("run", "--format", "csv", "--world", "town").endswith(
        "comes too late; rows stand in the order of cases"
    )
    cases = run / "tables" / "town" / "cases.csv"
    count = len(table(cases.parent, "cases"))
    steps = cases.parent / "loans.csv"
    rows = steps.read_text(encoding="utf-8-sig").splitlines()
    steps.write_text("\n".join([rows[0], rows[1].replace("0", str(count), 1)]) + "\n", encoding="utf-8-sig")
    shutil.copy(Path("run/tables/town-two-reviewers/steps.csv"), cases.parent / "steps.csv")
    assert refused("run", "--format", "csv", "--world", "town").startswith("run/tables/town/loans.csv:2: case ")


def test_a_table_that_is_missing_or_no_text_is_told(run: Path) -> None:
    path = run / "tables" / "town" / "losses.csv"
    path.write_bytes(b"\xff\xfe\x00")
    assert refused("run", "--format", "csv", "--world", "town") == (
        f"{path}:1: this is not the table that pledgesim wrote: it cannot be read as CSV in UTF-8"
    )
    path.unlink()
    assert refused("run", "--format", "csv", "--world", "town") == f"{path}: this table of the run is missing"


def test_a_place_that_does_not_fit_is_told(run: Path) -> None:
    assert refused("run", "--format", "xes", "--out", "log.xes") == (
        "--out log.xes: this is one file for 2 worlds; name a folder, or choose one with --world"
    )
    assert refused("run", "--format", "xes", "--world", "town", "--out", "log.csv") == (
        "--out log.csv: name a file that ends in .xes, as --format xes has it"
    )
    Path("notes").write_text("mine", encoding="utf-8")
    assert refused("run", "--format", "ocel", "--out", "notes") == (
        "--out notes: this is a file; name a folder, or a file that ends in .json or .jsonocel"
    )
    assert refused("run", "--format", "csv", "--world", "town", "--out", "run/tables/town/cases.csv") == (
        "--out run/tables/town/cases.csv: this folder holds the tables that are read; name another"
    )
    before = (run / "manifest.json").read_bytes()
    assert refused("run", "--format", "ocel", "--world", "town", "--out", "run/manifest.json") == (
        "--out run/manifest.json: this is a file of the results; name another"
    )
    assert (run / "manifest.json").read_bytes() == before
    shutil.copytree("run", "another")
    assert refused("run", "--format", "ocel", "--world", "town", "--out", "another/summary.json").endswith(
        "--out another/summary.json: this is a file of the results; name another"
    )
    assert refused("run", "--format", "xes", "--world", "town", "--out", "notes/log.xes") == (
        "--out notes/log.xes: notes is not a folder"
    )
    told = refused("run", "--format", "xes", "--rows", "activities")
    assert "--rows is for the tables of --format csv and parquet" in told
    assert Path("notes").read_text(encoding="utf-8") == "mine"


def test_each_world_gets_a_log_of_its_own(run: Path) -> None:
    said = export("run", "--format", "csv", "--out", "logs")
    assert sorted(path.name for path in Path("logs").iterdir()) == ["town-two-reviewers.csv", "town.csv"]
    assert len(said.splitlines()) == 2 and said.startswith("Written to logs/town.csv: ")
    export("run", "--format", "ocel", "--world", "town: two reviewers", "--out", "one.jsonocel")
    assert json.loads(Path("one.jsonocel").read_text(encoding="utf-8"))["events"]


def test_parquet_without_its_library_is_told(run: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    monkeypatch.setitem(sys.modules, "pyarrow.parquet", None)
    assert refused("run", "--format", "parquet") == (
        "Parquet needs pyarrow, which is not installed; run: pip install 'pledgesim[parquet]'"
    )


def test_an_interrupted_log_leaves_what_was_there_and_no_half(run: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    export("run", "--format", "xes")
    before = {path.name: path.read_bytes() for path in (run / "event-logs").iterdir()}
    write = event_files.write_xes
    stopped: list[object] = []

    def stop_in_the_second(log: Any, file: Any) -> None:
        if stopped:
            file.write("half")
            raise KeyboardInterrupt
        stopped.append(log)
        write(log, file)

    monkeypatch.setattr(event_files, "write_xes", stop_in_the_second)
    done = CliRunner().invoke(group, ["export", "run", "--format", "xes"])
    assert done.exit_code == 130
    assert done.stderr.strip() == "interrupted; logs that are written: run/event-logs/town.xes"
    assert {path.name: path.read_bytes() for path in (run / "event-logs").iterdir()} == before


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (lambda worlds: worlds[1].update(tables=worlds[0]["tables"]), "worlds[1] has no 'tables' of its own"),
        (lambda worlds: worlds[1].update(label=worlds[0]["label"]), "worlds[1] has no 'label' of its own"),
        (lambda worlds: worlds[0].update(tables="tables/\0x"), "worlds[0] has no 'tables' of its own"),
    ],
)
def test_worlds_that_are_not_apart_are_told(run: Path, change: Callable[[Any], object], told: str) -> None:
    edited(run, lambda manifest: change(manifest["worlds"]))
    assert refused("run", "--format", "csv") == f"run/manifest.json: {told}; run the command again"


def test_what_a_killed_process_left_is_taken_away_and_what_another_writes_is_not(run: Path) -> None:
    Path("logs").mkdir()
    gone, alive = Path("logs/town.csv.11.part"), Path("logs/town.csv.12.part")
    for part, days in ((gone, 2), (alive, 0)):
        part.write_text("half", encoding="utf-8")
        os.utime(part, (time.time() - days * 86_400,) * 2)
    assert export("run", "--format", "csv", "--out", "logs")
    assert not gone.exists() and alive.exists()


def test_a_line_break_in_a_cell_does_not_break_the_message(run: Path) -> None:
    cases = run / "tables" / "town" / "cases.csv"
    lines = cases.read_text(encoding="utf-8-sig").splitlines()
    place = lines[0].split(",").index("appraised_cny")
    cells = lines[1].split(",")
    cells[place] = '"1\n2"'
    cases.write_text("\n".join([lines[0], ",".join(cells), *lines[2:]]) + "\n", encoding="utf-8-sig")
    assert "appraised_cny '1 2' is no amount" in refused("run", "--format", "csv", "--world", "town")
