"""What the commands promise: the shapes of their answers, what stands in a run folder, whose evidence counts."""

from __future__ import annotations

import csv
import json
import os
import signal
import subprocess
import sys
import time
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

import simulator
from simulator.analysis.comparison import Comparison
from simulator.analysis.evidence import coverage
from simulator.analysis.rounds import WorldResult
from simulator.charts import gallery
from simulator.cli import COMMANDS, group
from simulator.export.folder import folder_names
from simulator.scenario.flow import steps_of
from simulator.scenario.load import from_data, load, open_scenario
from simulator.scenario.quantities import Distribution

pytestmark = pytest.mark.whole

TOWN = """
id: town
name: {en: Town, zh: 小城}
calendars:
  office: {days: mainland China, hours: "9:00-17:00"}
parties:
  bank: {desks: {reviewer: {staff: 1}}}
  city: {}
applicants:
  arrivals: {per_working_day: 1.6}
  population:
    amount_requested: 1m CNY
    appraised_value: 2m CNY
products:
  loan:
    tenor: 12 months
    flow:
      - due diligence: {by: bank reviewer, work: {exponential: 3 h}}
      - credit approval: {by: bank reviewer, work: 1 h, odds: {approved: 80%, declined: 20%}}
      - drawdown: {elapsed: 1 working day}
    clocks:
      decision: {begins: application, ends: end of credit approval, within: 1 working days}
    risk_sharing:
      funds: {reserve: {balance: 500k CNY, owner: city}}
      split:
        city: {share: 30%, up to: reserve, otherwise: bank}
        bank: rest
credit:
  annual_default_rate: 20%
  claim_after: 30 days
  recovery: {haircut: 80%, cost: 5%, time: 200 days}
run:
  start: 2021-01-04
  arrivals_for: 120 days
  follow_up: {cases: 60 days, loans: 3 years}
  replications: 3
  seed: 5
  drawn_within: 10 days
variants:
  two reviewers: {parties.bank.desks.reviewer.staff: 2}
  no diligence: {flow: {remove: due diligence}, clocks: null}
"""


@pytest.fixture(autouse=True)
def few_charts(monkeypatch: pytest.MonkeyPatch) -> None:
    """Three charts stand for all; what each shows is tested elsewhere."""
    kept = ("turnaround", "losses", "quota")
    monkeypatch.setattr(gallery, "CHARTS", {name: gallery.CHARTS[name] for name in kept})


@pytest.fixture
def town(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "town.yaml"
    path.write_text(TOWN, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return path


def said(*words: str, code: int = 0) -> str:
    done = CliRunner().invoke(group, list(words), catch_exceptions=False)
    assert done.exit_code == code, done.output
    return done.stdout


def compared(*words: str) -> dict[str, Any]:
    figures: dict[str, Any] = json.loads(said("compare", *words, "--json", "--workers", "1"))
    return figures


def test_list_gives_the_keys_that_programs_expect() -> None:
    entries = json.loads(said("list", "--json"))
    assert all(set(entry) == {"id", "file", "case", "kind", "name_en", "name_zh"} for entry in entries)
    assert {entry["kind"] for entry in entries} == {"product", "contrast", "comparison"}
    assert {"C8-F1", "C8-F0", "C9-F1", "C9-F2", "C4-F1", "C4-F0"} < {entry["id"] for entry in entries}


def test_compare_gives_every_figure_with_its_interval(town: Path) -> None:
    figures = compared("town.yaml")
    stated, two, none = figures["results"]
    assert [each["variant"] for each in figures["results"]] == ["as stated", "two reviewers", "no diligence"]
    for each in (stated, two, none):
        assert (each["scenario"], each["product"]) == ("town", "loan")
        counts = each["cases"]
        ends = ("drawn", "declined", "withdrawn", "expired", "open", "completed")
        assert counts["eligible"] == sum(counts[end] for end in ends) <= counts["arrived"]
        for span in (each["turnaround_days"], each["turnaround_working_days"]):
            for statistic in ("mean", "p50", "p90"):
                assert span[statistic]["low"] <= span[statistic]["value"] <= span[statistic]["high"]
        assert each["drawn_within"]["days"] == 10
        uses = [each["time_share"][use]["value"] for use in ("work", "waiting", "closed", "elapsed")]
        assert sum(uses) == pytest.approx(1)
        parts = each["loss_cny"]["by_party"]
        assert each["loss_cny"]["total"]["value"] == pytest.approx(sum(part["value"] for part in parts.values()))
        assert "net of recoveries" in each["loss_cny"]["note"]
    assert 0 < stated["clocks"]["decision"]["kept"]["value"] < 1


def test_differences_are_over_firms_drawn_in_both_and_leave_out_clocks_that_one_side_lacks(town: Path) -> None:
    differences = compared("town.yaml")["differences"]
    assert {each["a"] for each in differences} == {"town"}
    times = [each for each in differences if each["measure"] == "turnaround_days.mean"]
    assert [each["b"] for each in times] == ["town: two reviewers", "town: no diligence"]
    for each in times:
        assert each["paired"] and each["low"] <= each["value"] <= each["high"]
        assert each["value"] < 0
        assert each["drawn_in_both"] > 0 == each["drawn_only_in_a"] == each["drawn_only_in_b"]
    clocks = {each["b"] for each in differences if each["measure"].startswith("clocks.")}
    assert clocks == {"town: two reviewers"}


def test_several_files_are_compared_as_stated_and_a_variant_that_is_named(town: Path) -> None:
    (town.parent / "other.yaml").write_text("extends: town.yaml\ncredit: {annual_default_rate: 1%}\n", encoding="utf-8")
    labels = [each["label"] for each in compared("town.yaml", "other.yaml", "-n", "1")["results"]]
    assert labels == ["town", "other"]
    named = compared("town.yaml", "other.yaml", "-n", "1", "--variant", "two reviewers")["results"]
    assert [each["label"] for each in named] == ["town", "town: two reviewers", "other"]


def test_a_run_folder_holds_figures_manifest_tables_and_charts_of_this_run_only(town: Path) -> None:
    said("compare", "town.yaml", "--out", "result", "-n", "2", "--workers", "1")
    said("run", "town.yaml", "--out", "result", "-n", "2", "--workers", "1")
    result = town.parent / "result"
    assert [path.name for path in (result / "tables").iterdir()] == ["town"]
    manifest = json.loads((result / "manifest.json").read_text(encoding="utf-8"))
    (world,) = manifest["worlds"]
    assert world["seed"] == 5 and world["resolved"]["products"]["loan"]["tenor"] == "12 months"
    assert len(world["sha256"]) == 64 and manifest["versions"]["numpy"]
    assert {path.suffix for path in (result / "charts").iterdir()} == {".png", ".svg"}
    tables = {path.stem for path in (result / "tables" / "town").iterdir()}
    assert tables == {"cases", "steps", "firms", "loans", "losses", "payments", "funds", "desks"}


def test_a_folder_of_a_world_with_a_long_name_is_cut_between_characters_and_leaves_room_for_endings(town: Path) -> None:
    labels = ["𠀀" * 70, "𠀀" * 71, "a" + "𠀀" * 70, "短" * 70]
    names = folder_names(Comparison([WorldResult(load(str(town)), label) for label in labels]))
    assert names == ["𠀀" * 45, "𠀀" * 45 + "_", "a" + "𠀀" * 44, "短" * 60]
    assert all(len(name.encode()) < 200 for name in names)


def test_the_tables_of_replication_1_give_the_figures_of_a_run_with_one(town: Path) -> None:
    said("run", "town.yaml", "--out", "one", "-n", "1", "--workers", "1")
    figures = json.loads(Path("one/summary.json").read_text(encoding="utf-8"))["results"][0]
    tables = {}
    for name in ("cases", "losses"):
        with open(f"one/tables/town/{name}.csv", encoding="utf-8-sig", newline="") as file:
            tables[name] = list(csv.DictReader(file))
    drawn = [case for case in tables["cases"] if case["end"] == "drawn"]
    days = [
        (datetime.fromisoformat(case["drawn_at"]) - datetime.fromisoformat(case["applied_at"])).total_seconds() / 86400
        for case in drawn
    ]
    assert figures["turnaround_days"]["mean"]["value"] == pytest.approx(sum(days) / len(days), abs=1e-4)
    assert figures["cases"]["drawn"] == len(drawn)
    for party in ("bank", "city"):
        borne = sum(
            float(loss[f"paid_by_{party}_cny"]) - float(loss[f"returned_to_{party}_cny"]) for loss in tables["losses"]
        )
        assert figures["loss_cny"]["by_party"][party]["value"] == pytest.approx(borne)


def test_explain_tells_a_case_and_its_loss_step_by_step(town: Path) -> None:
    story = json.loads(said("explain", "town.yaml", "--json"))
    assert [each["step"] for each in story["timeline"]] == ["due diligence", "credit approval", "drawdown"]
    passed = datetime.fromisoformat(story["drawn_at"]) - datetime.fromisoformat(story["applied_at"])
    assert sum(story["minutes"].values()) == pytest.approx(passed.total_seconds() / 60, abs=0.05)
    loss = story["loss"]
    assert sum(loss["paid_cny"].values()) == loss["principal_cny"] == story["drawn_cny"]
    assert "How its loss was shared" in said("explain", "town.yaml")


def test_set_takes_a_key_of_the_only_product_and_the_name_of_a_step(town: Path) -> None:
    changed = load("town.yaml", sets=["flow.due diligence.work=4 h"])
    assert next(steps_of(changed.scenario.products["loan"].flow)).work.mean == 240
    assert load("town.yaml", sets=["tenor=2 years"]).scenario.products["loan"].tenor.months == 24


def test_a_copy_runs_wherever_it_stands(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    said("new", "--from", "C9-F2", "mine.yaml")
    assert load("mine.yaml").id == "mine"
    assert "mine.yaml: Fengxian reserve fund and" in said("validate", "mine.yaml")


def test_every_command_has_help_with_an_example() -> None:
    for command in COMMANDS:
        assert f"Example:  pledgesim {command}" in said(command, "--help")


def test_what_a_base_says_of_a_number_does_not_vouch_for_another_in_its_place(town: Path) -> None:
    mine = town.parent / "mine.yaml"
    mine.write_text("extends: pledgesim:C8-F1\ncredit: {annual_default_rate: 20%}\n", encoding="utf-8")
    assert coverage(load("mine.yaml")).without == ["credit.annual_default_rate"]
    own = 'evidence: {credit.annual_default_rate: {published: "Our own books"}}\n'
    mine.write_text(mine.read_text(encoding="utf-8") + own, encoding="utf-8")
    assert coverage(load("mine.yaml")).without == []
    assert coverage(load("C8-F1")).without == []


def test_python_data_of_the_same_form_is_the_same_scenario(town: Path) -> None:
    loaded = load("town.yaml")
    again = from_data({**loaded.plain})
    assert again.scenario == loaded.scenario and again.digest == loaded.digest


def test_a_second_drawdown_and_an_approval_after_the_money_are_refused(town: Path) -> None:
    for late in ("{late: {stage: drawdown, elapsed: 1 day}}", "{late: {stage: credit approval, elapsed: 1 day}}"):
        inserted = f"  late: {{flow: {{insert: {{after: drawdown, steps: [{late}]}}}}}}\n"
        town.write_text(TOWN + inserted, encoding="utf-8")
        done = CliRunner().invoke(group, ["validate", "town.yaml"])
        assert done.exit_code == 2
        assert "'late' can come after the money is paid out in 'drawdown'" in done.stderr


def test_a_chart_that_a_comparison_names_and_that_has_nothing_to_show_is_told(town: Path) -> None:
    (town.parent / "both.yaml").write_text(
        "id: both\nkind: comparison\nname: {en: Both, zh: 两者}\ncharts: [turnaround, quota]\n"
        "compare: [{scenario: town.yaml}, {scenario: town.yaml, variant: two reviewers}]\n"
    )
    words = ["compare", "both.yaml", "-n", "1", "--workers", "1", "--out", "result"]
    done = CliRunner().invoke(group, words, catch_exceptions=False)
    left_out = [line for line in done.stderr.splitlines() if line.startswith("chart ")]
    assert left_out == ["chart 'quota' is left out: nothing to show"]
    assert (town.parent / "result" / "charts" / "turnaround.png").exists()


def test_a_comparison_lays_its_own_settings_over_all_its_worlds(town: Path) -> None:
    (town.parent / "both.yaml").write_text(
        "kind: comparison\ncompare: [{scenario: town.yaml}, {scenario: town.yaml, variant: two reviewers}]\n"
        "run: {replications: 2}\n",
        encoding="utf-8",
    )
    assert [each["replications"] for each in compared("both.yaml")["results"]] == [2, 2]
    assert open_scenario("both.yaml").is_comparison


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="signals of this kind are POSIX's")
@pytest.mark.parametrize("seconds", [0.0, 6.0])
def test_an_interrupted_run_tells_what_was_finished_and_shows_no_traceback(town: Path, seconds: float) -> None:
    """Interrupted as its first worker process starts, and some seconds later."""
    words = [sys.executable, "-m", "simulator", "compare", "town.yaml", "-n", "5000", "--workers", "2"]
    environment = {**os.environ, "PYTHONPATH": str(Path(simulator.__file__).parent.parent)}
    process = subprocess.Popen(
        words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True, env=environment
    )
    children = Path(f"/proc/{process.pid}/task/{process.pid}/children")
    while children.exists() and not children.read_text(encoding="utf-8"):
        time.sleep(0.01)
    time.sleep(seconds if children.exists() else seconds + 3)
    os.killpg(process.pid, signal.SIGINT)
    out, err = process.communicate(timeout=60)
    # A shell says 130 of both.
    assert process.returncode in (130, -signal.SIGINT)
    assert "Traceback" not in out + err
    assert "Interrupted: these are the replications finished until then" in out or "interrupted before" in err


def test_numbers_before_a_last_one_with_a_unit_have_that_unit() -> None:
    short = {"triangular": [2, 4.5, "8 h"]}
    assert Distribution.model_validate(short) == Distribution.model_validate({"triangular": ["2 h", "4.5 h", "8 h"]})
    assert Distribution.model_validate({"uniform": [5, "25%"]}).mean == pytest.approx(0.15)
    assert Distribution.model_validate({"uniform": [1, "400万 CNY"]}).mean == pytest.approx(200.5e4 * 100)
