"""What so few replications cannot tell is not printed as if it were certain; who waits and who is refused is said."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from simulator.analysis.comparison import Comparison, comparison_of
from simulator.analysis.firm_runs import FirmRun, firm_verdict, telling_run
from simulator.analysis.refusals import refusals
from simulator.analysis.rounds import run_worlds
from simulator.charts.series import series_of
from simulator.charts.stages import _days
from simulator.charts.step_rows import titles_with_quotas
from simulator.cli import group
from simulator.scenario.outcomes import PublishedOutcome

TOWN = """
id: town
calendars: {office: {hours: "9:00-17:00"}}
parties: {bank: {desks: {reviewer: {staff: 1}}}}
applicants:
  arrivals: {per_working_day: 1}
  population: {amount_requested: 1m CNY, appraised_value: 2m CNY, fit: {yes: FIT}}
quotas: {line: {limit: LIMIT, inside: city}, city: {limit: 900m CNY}}
products:
  loan:
    eligibility: {fit: {equals: true}}
    tenor: 12 months
    flow:
      - credit approval: {by: bank reviewer, work: 1 h, reserves: line}
      - drawdown: {elapsed: 1 working day}
    risk_sharing: {split: {bank: 100%}}
credit:
  annual_default_rate: RATE
  claim_after: 30 days
  recovery: {haircut: 80%, cost: 5%, time: 200 days}
run:
  start: 2021-01-04
  arrivals_for: 60 days
  follow_up: {cases: 60 days, loans: 3 years}
  replications: 2
  seed: 5
  drawn_within: 10 days
variants:
  two reviewers: {parties.bank.desks.reviewer.staff: 2}
"""


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def town(rate: str = "20%", limit: str = "900m CNY", fit: str = "100%") -> str:
    text = TOWN.replace("RATE", rate).replace("LIMIT", limit).replace("FIT", fit)
    Path("town.yaml").write_text(text, encoding="utf-8")
    return "town.yaml"


def said(*words: str) -> str:
    done = CliRunner().invoke(group, list(words), catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return done.stdout


def row(output: str, title: str, begins: str) -> list[str]:
    """The cells of a row of a table, parted by two spaces or more."""
    lines = output[output.index(title) :].split("\n")
    line = next(line for line in lines[2:] if line.startswith(begins))
    return [cell.strip() for cell in line.split("  ") if cell.strip()]


def test_where_nothing_defaulted_the_table_says_none_and_no_equality_of_losses_is_claimed() -> None:
    output = said("compare", town(rate="0.0001%"), "--workers", "1")
    assert row(output, "Who bears the loss", "town ")[2:] == ["none in 2", "–", "–", "–", "–"]
    assert "No loan defaulted in town, town: two reviewers: too few replications to say" in output
    assert "net loss." not in output and "loss of bank" not in output
    assert "equal in: share drawn in time, drawn." in output, "what happened in every replication may be equal"


def test_where_loans_defaulted_the_losses_are_printed_and_may_be_equal() -> None:
    output = said("compare", town(), "--workers", "1")
    assert "none in" not in output and "too few replications to say" not in output
    assert "±" in row(output, "Who bears the loss", "town ")[2]
    assert "net loss, loss of bank" in output


def test_without_any_risk_of_default_nobody_is_told_of_too_few_replications() -> None:
    output = said("run", town(rate="0%"), "--workers", "1")
    assert "none in 2" in output and "too few replications to say" not in output


def test_explain_says_when_no_loan_defaulted_and_which_case_it_tells_instead() -> None:
    assert "No loan defaulted in replication 1; this is the first that was drawn." in said("explain", town(rate="0%"))
    assert "No loan was drawn in replication 1" in said("explain", town(fit="0%"))
    assert "No loan" not in said("explain", town())
    assert "No loan" not in said("explain", town(rate="0%"), "--case", "1")
    assert json.loads(said("explain", town(rate="0%"), "--json"))["chosen"].startswith("No loan defaulted")


def test_a_line_below_the_applicants_says_which_rules_refuse_most_where_not_all_are_eligible() -> None:
    path = town(fit="40%")
    comparison = comparison_of([path])
    run_worlds(comparison.worlds, replications=2)
    ((part, words),) = refusals(comparison.worlds[0])
    replications = comparison.worlds[0].replications
    eligible = sum(len(each.products[0].applicants) for each in replications)
    assert words == "fit" and part == pytest.approx(1 - eligible / sum(each.arrived for each in replications))
    output = said("run", path, "--workers", "1")
    assert f"town: most are refused by: fit {part * 100:.0f} %." in output
    assert "Every world: most are refused by: fit" in said("compare", path, "--workers", "1")
    assert "refused by" not in said("run", town(), "--workers", "1")


def test_the_table_of_quotas_says_how_many_files_waited_for_room_and_how_long() -> None:
    path = town(rate="0%", limit="20m CNY")
    output = said("run", path, "--workers", "1")
    figures = json.loads(said("run", path, "--workers", "1", "--json"))["results"][0]["quotas"]
    waited, open_files = figures["line"]["waited"]["value"], figures["line"]["still_waiting"]["value"]
    assert waited == open_files > 0, "loans of a year give no room back in time"
    days = figures["line"]["mean_days_waited"]
    assert days["low"] < days["value"] < days["high"]
    within = f"{days['value']:.1f} ± {days['high'] - days['value']:.1f}"
    cells = [f"{waited:.1f}", within, f"{open_files:.1f}", "0.0", "0.0"]
    assert row(output, "Quotas", "town")[-5:] == cells
    assert "waited" not in figures["city"]
    assert "Days of files that still wait count to the end" in output


def test_the_chart_of_stages_has_a_row_for_room_in_each_quota_that_a_step_reserves() -> None:
    comparison = ran(town(rate="0%", limit="20m CNY"))
    (one,) = series_of(comparison)
    titles = titles_with_quotas(one)
    assert titles == ["credit approval", "room in quota 'line'", "drawdown"]
    days, cases = _days(one)
    waits = [each.quota_waits["line"] for each in comparison.worlds[0].replications]
    assert days[1].tolist() == pytest.approx([0, sum(each.days for each in waits) / cases, 0, 0])
    assert days.sum() * cases == pytest.approx(sum(each.time_use.sum() for each in one.measures) / 1440)


def ran(path: str) -> Comparison:
    comparison = comparison_of([path], variants=["as stated"])
    run_worlds(comparison.worlds)
    return comparison


def runs(*told: str) -> list[FirmRun]:
    """Runs of one firm by how it ended, drawn ones with how the loan stands."""
    found = []
    for each in told:
        drawn = each not in ("declined", "not eligible")
        end, loan = ("drawn", each) if drawn else (each, "")
        lost = 100 if each == "defaulted" else 0
        times = {"turnaround": 10.0 if drawn else float("nan")}
        found.append(FirmRun(end, times, 100 * drawn, 100 * drawn, 100 * drawn, loan, lost, {"bank": lost}, {}))
    return found


def test_the_run_that_is_told_is_the_first_in_which_the_firm_was_drawn_or_defaulted_if_asked_for() -> None:
    found = runs("declined", "repaid", "defaulted")
    assert telling_run(found, forced=False) == (2, ", the first in which it was drawn")
    assert telling_run(found, forced=True) == (3, ", the first in which its loan defaulted")
    assert telling_run(found[:2], forced=True) == (2, ", the first in which it was drawn")
    assert telling_run(runs("declined", "not eligible"), forced=True) == (1, "")
    assert telling_run(runs("declined", "claim open"), forced=True)[0] == 2


@pytest.mark.parametrize("between", [["9 days", "11 days"], ["1 days", "2 days"]])
def test_a_figure_of_a_firm_in_fewer_than_five_runs_is_neither_held_nor_failed(between: list[str]) -> None:
    told = {"clock": "turnaround", "statistic": "mean", "between": between, "kind": "observation", "source": "L1"}
    outcome = PublishedOutcome.model_validate(told)
    four = firm_verdict("days", outcome, runs(*["repaid"] * 4, *["declined"] * 16), {})
    assert four.status == "too few runs" and "in 4 of 20 runs" in four.text and "at least 5" in four.text
    five = firm_verdict("days", outcome, runs(*["repaid"] * 5, *["declined"] * 15), {})
    assert five.status == ("held" if between[0] == "9 days" else "failed")


def test_what_a_party_paid_counts_only_runs_with_a_loss() -> None:
    told = {"paid_by": "bank", "statistic": "mean", "between": ["1 CNY", "1 CNY"], "kind": "typical", "source": "L1"}
    outcome = PublishedOutcome.model_validate(told)
    assert firm_verdict("paid", outcome, runs(*["repaid"] * 20, *["defaulted"] * 4), {}).status == "too few runs"
    assert firm_verdict("paid", outcome, runs(*["repaid"] * 20, *["defaulted"] * 5), {}).status == "held"
