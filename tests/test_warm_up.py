"""A warm-up is found by MSER-5 in a pilot, the same for all worlds, and start-up and steady state are told apart."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from small_town import TOWN
from spoken import Command

from simulator.analysis.comparison import Comparison, comparison_of
from simulator.analysis.mser import mser_5
from simulator.analysis.rounds import WorldResult, run_worlds
from simulator.analysis.summary import summary
from simulator.analysis.warm_up import FIRST, TOO_SHORT, Arrivals, arrivals_of, find_warm_up
from simulator.charts import gallery
from simulator.charts.warm_up import draw
from simulator.experiment.replication import replicate
from simulator.scenario.load import load
from simulator.workflow.case import DRAWN

pytestmark = pytest.mark.whole

LONGER = TOWN.replace("arrivals_for: 30 days", "arrivals_for: 150 days").replace("seed: 5", "seed: 2")
ROUND_THE_CLOCK = (
    TOWN.replace('hours: "9:00-17:00"', "days: every day, hours: always")
    .replace("exponential: 3 h", "exponential: 6 h")
    .replace("      - drawdown: {elapsed: 1 day}\n", "      - drawdown: {elapsed: 0 min}\n")
    .replace("per_working_day: 2", "per_working_day: 3.2")
    .replace("arrivals_for: 30 days", "arrivals_for: 250 days")
    .replace("cases: 60 days", "cases: 90 days")
)
"""M/M/1 with a load of 0.8, which takes weeks to fill."""


@pytest.fixture
def town(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    (tmp_path / "town.yaml").write_text(LONGER, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(gallery, "CHARTS", {"warm-up": gallery.CHARTS["warm-up"]})
    return "town.yaml"


def told(*words: str) -> Any:
    """What is told of the warm-up as JSON."""
    return Command(*words).answer("--workers", "1")["warm_up"]


def noise(count: int) -> np.ndarray:
    return np.random.default_rng(3).normal(0.0, 0.1, count)


def test_mser_5_cuts_a_made_series_where_it_settles() -> None:
    series = np.concatenate([np.linspace(0, 9, 40), np.full(160, 10.0)]) + noise(200)
    assert mser_5(series) == 40


def test_mser_5_is_the_least_marginal_standard_error_of_the_means_of_five() -> None:
    series = np.repeat([1.0, 9.0, 4.0, 6.0, 5.0, 5.0, 6.0, 4.0, 5.0, 5.0, 6.0, 4.0, 5.0, 5.0], 5)
    # By hand, of 14, 13, 12 ... batches that remain: 38 / 14^2 = 0.194, 20.77 / 13^2 = 0.123, 6 / 12^2 = 0.0417,
    # 4.91 / 11^2 = 0.0406, 4 / 10^2 = 0.0400, 4 / 9^2 = 0.0494.
    assert mser_5(series) == 4 * 5


def test_what_is_left_over_by_fives_at_the_end_is_not_used() -> None:
    series = np.concatenate([np.full(20, 1.0), np.full(80, 5.0)]) + noise(100)
    assert mser_5(np.append(series, [1e6] * 4)) == mser_5(series) == 20


@pytest.mark.parametrize("level", [0.0, 3.1, 1e6 / 3])
def test_a_constant_series_needs_no_warm_up(level: float) -> None:
    assert mser_5(np.full(100, level)) == 0


@pytest.mark.parametrize("series", [np.linspace(0, 10, 200), np.linspace(0, 10, 60), np.arange(55.0), np.array([])])
def test_a_series_that_never_settles_or_is_too_short_has_none(series: np.ndarray) -> None:
    assert mser_5(series) is None


def test_a_queue_that_begins_empty_is_warm_when_its_mean_is_that_of_theory(tmp_path: Path) -> None:
    file = tmp_path / "queue.yaml"
    file.write_text(ROUND_THE_CLOCK, encoding="utf-8")
    found = find_warm_up([WorldResult(load(file), "queue")], 20)
    (course,) = found.courses[0]
    theory = 0.25 / (1 - 0.8)  # L. Kleinrock, Queueing Systems I, 1975, section 3.2; days
    assert found.days == course.needed and found.days is not None and found.days > 0
    assert course.start_up.value is not None and course.steady.value is not None
    assert course.start_up.value < course.steady.value
    assert abs(course.steady.value - theory) < abs(course.start_up.value - theory) / 2


def test_every_world_gets_the_longest_warm_up_that_one_needs_as_if_its_file_gave_it(town: str) -> None:
    words = ["compare", town, "--variant", "two reviewers", "-n", "3", "--out", "found"]
    entry = told(*words, "--warm-up", "found")
    needed = [each["found_days"] for each in entry["by_world"]]
    assert entry["days"] == max(needed) > min(needed) and entry["pilot_replications"] == 3
    given = comparison_of([town], [f"run.warm_up={entry['days']} days"])
    worlds = json.loads(Path("found/manifest.json").read_text(encoding="utf-8"))["worlds"]
    assert [each["resolved"] for each in worlds] == [each.loaded.plain for each in given.worlds]
    assert [each["sha256"] for each in worlds] == [each.loaded.digest for each in given.worlds]
    run_worlds(given.worlds, replications=3)
    assert json.loads(Path("found/summary.json").read_text(encoding="utf-8"))["results"] == summary(given)["results"]
    assert [path.name for path in sorted(Path("found/charts").iterdir())] == ["warm-up.png", "warm-up.svg"]


def test_a_store_knows_a_world_with_a_warm_up_that_was_found(town: str) -> None:
    words = ["run", town, "-n", "3", "--store", "kept.sqlite", "--workers", "1"]
    days = json.loads(Command(*words).said("--warm-up", "found", "--json").stdout)["warm_up"]["days"]
    again = Command(*words).said("--warm-up", f"{days} days")
    assert "3 replications were in kept.sqlite" in again.stderr


def test_start_up_and_steady_state_are_means_of_the_pilot_on_either_side_of_the_cut(
    monkeypatch: pytest.MonkeyPatch, town: str
) -> None:
    # Three days for who comes in the first 20 days, seven for all later ones; one case a day and replication.
    made = [Arrivals(np.arange(120) + 0.4, np.where(np.arange(120) < 20, 3.0, 7.0) + noise(120))]
    monkeypatch.setattr("simulator.analysis.warm_up.arrivals_of", lambda *_: made)
    comparison = Comparison([WorldResult(load(town), "town")])
    run_worlds(comparison.worlds, replications=1)
    comparison.warm_up = find_warm_up(comparison.worlds, 2)
    entry = summary(comparison)["warm_up"]
    assert (entry["how"], entry["method"], entry["days"]) == ("found", "MSER-5", 20)
    (world,) = entry["by_world"]
    assert world["start_up_turnaround_days"]["value"] == pytest.approx(3, abs=0.1)
    assert world["steady_turnaround_days"]["value"] == pytest.approx(7, abs=0.1)
    figure = draw(comparison)
    assert figure is not None
    (axes,) = figure.axes
    assert {line.get_xdata()[0] for line in axes.lines} == {0, 20}
    assert any("days" in text.get_text() for text in figure.legends[0].get_texts())


def test_the_pilot_has_luck_of_its_own(monkeypatch: pytest.MonkeyPatch, town: str) -> None:
    numbers = []

    def noted(scenario: object, happened: object, replication: int) -> list[Arrivals]:
        numbers.append(replication)
        return [Arrivals(np.empty(0), np.empty(0))]

    monkeypatch.setattr("simulator.analysis.warm_up.arrivals_of", noted)
    find_warm_up([WorldResult(load(town), "town")], 2)
    assert numbers == [FIRST, FIRST + 1] and FIRST > 100_000


def test_a_run_that_is_too_short_is_told_in_words_and_counts_every_case(town: str) -> None:
    words = ["run", town, "--set", "run.arrivals_for=30 days", "-n", "2", "--warm-up", "found"]
    assert told(*words)["days"] is None and told(*words)["by_world"][0]["note"] == TOO_SHORT
    assert told(*words)["by_world"][0]["steady_turnaround_days"]["value"] is None
    said = " ".join(Command(*words).said("--workers", "1").stdout.split())
    assert "none could be chosen by MSER-5 in a pilot of 2 replications, and every case is counted." in said
    assert "town: no warm-up is chosen for it, since the run is too short for a steady state to be seen." in said
    given = Command(*words, "--set", "run.warm_up=5 days").said("--workers", "1").stdout
    assert "the 5 days given stay" in " ".join(given.split())


def test_cases_that_stay_open_are_no_steady_state(town: str) -> None:
    words = ["run", town, "--set", "applicants.arrivals.per_working_day=9", "-n", "2", "--warm-up", "found"]
    (world,) = told(*words)["by_world"]
    assert world["found_days"] is None and world["steady_turnaround_days"]["value"] is None
    assert "cases are still open at the end, so that there is no steady state" in world["note"]


def test_who_does_not_get_the_loan_has_no_turnaround(town: str) -> None:
    odds = "products.loan.flow={replace: {due diligence: {odds: {reported: 50%, declined: rest}}}}"
    scenario = load(town, sets=[odds]).scenario
    happened = replicate(scenario, 1)
    (found,) = arrivals_of(scenario, happened, 1)
    drawn = happened.end == DRAWN
    assert 0 < drawn.sum() < len(drawn)
    assert found.turnaround == pytest.approx((happened.drawn_at - happened.firms.arrival)[drawn] / 1440)
    refusing = "products.loan.eligibility={amount_requested: {at_most: 1 CNY}}"
    words = ["run", town, "-n", "2", "--warm-up", "found", "--set", refusing]
    assert told(*words)["by_world"][0]["note"] == "no case is drawn"


def test_a_found_warm_up_replaces_the_one_of_the_file_and_says_so(town: str) -> None:
    words = ["run", town, "-n", "3", "--set", "run.warm_up=11 days", "--warm-up", "found"]
    entry = told(*words)
    assert entry["instead_of"] == ["11 days"] and entry["days"] not in (None, 11)
    said = " ".join(Command(*words).said("--workers", "1").stdout.split())
    assert f"Warm-up: {entry['days']} days, found by MSER-5 in a pilot of 3 replications;" in said
    assert "This replaces the 11 days given." in said


def test_a_warm_up_may_be_given_or_taken_away_by_the_option(town: str) -> None:
    words = ["run", town, "-n", "2", "--workers", "1"]
    given = Command(*words, "--warm-up", "3 weeks").answer()
    assert given["warm_up"] == {"how": "given", "days": 21, "by_world": [{"world": "town", "days": 21}]}
    assert given == Command(*words, "--set", "run.warm_up=3 weeks").answer()
    without = Command(*words).answer()
    assert Command(*words, "--warm-up", "none").answer() == without and "warm_up" not in without
    taken = Command(*words, "--warm-up", "none", "--set", "run.warm_up=3 weeks").answer()
    assert taken["results"] == without["results"]
    assert "Warm-up: 21 days, as given; cases" in Command(*words, "--warm-up", "3 weeks").said().stdout


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (("--warm-up", "fuond"), "--warm-up 'fuond': run.warm_up: 'fuond' is not a length of time"),
        (("--warm-up", "fuond"), "or one of: found, none; did you mean 'found'?"),
        (("--warm-up", "3 h"), "'3 h' cannot stand here; give it in days, weeks, months or years"),
        (("--warm-up", "2 years"), "warm_up is as long as arrivals_for or longer"),
        (("--warm-up", "found", "--applicant", "x"), "--warm-up is of a whole scenario; leave it out with --applicant"),
        (("--warm-up", "found", "--limit-hours", "0"), "the limit is 0"),
    ],
)
def test_a_warm_up_that_cannot_be_is_refused(town: str, words: tuple[str, ...], why: str) -> None:
    assert why in Command("run", town).refused(*words)
