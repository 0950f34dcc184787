"""In a comparison file a world can be set against another than the first."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from spoken import Command

from simulator.analysis.comparison import Comparison, Difference, comparison_of
from simulator.analysis.rounds import run_worlds
from simulator.analysis.summary import summary
from simulator.cli.difference_tables import difference_parts
from simulator.cli.shown_names import ShownNames
from simulator.errors import ScenarioError

pytestmark = pytest.mark.whole

FILE = """\
kind: comparison
question: Which?
about: "What the reader has to know: this is not in the model."
compare:
  - {{scenario: C8-F1, label: a}}
  - {{scenario: C8-F0, label: b}}
  - {{scenario: C8-F1, variant: three reviews, label: c, against: {against}}}
run: {{arrivals_for: 60 days}}
"""


def written(folder: Path, against: str) -> str:
    path = folder / "mine.yaml"
    path.write_text(FILE.format(against=against), encoding="utf-8")
    return str(path)


def test_a_world_is_compared_with_that_against_which_it_is_set(tmp_path: Path) -> None:
    comparison = comparison_of([written(tmp_path, "b")])
    run_worlds(comparison.worlds, replications=2)
    pairs = {(each.a, each.b) for each in comparison.differences()}
    assert pairs == {("a", "b"), ("b", "c")}


def test_what_a_comparison_says_of_itself_stands_with_its_results(tmp_path: Path) -> None:
    assert comparison_of([written(tmp_path, "b")]).about.startswith("What the reader has to know")


def test_a_world_set_against_none_of_the_list_is_a_mistake_at_its_place(tmp_path: Path) -> None:
    with pytest.raises(ScenarioError) as told:
        comparison_of([written(tmp_path, "bb")])
    (problem,) = told.value.problems
    assert (problem.line, problem.found) == (7, "no world here has the label 'bb'; did you mean 'b'?")


def test_intervals_of_several_worlds_hold_together_and_tell_what_pairing_gains(tmp_path: Path) -> None:
    compare = Command("compare", written(tmp_path, "a"), "-n", "4", "--workers", "1")
    told = " ".join(compare.said().output.split())
    assert "the intervals of all worlds hold together, 95 times in 100 (Bonferroni)" in told
    summary = compare.answer()
    several = [each for each in summary["differences"] if each["low"] is not None and each["low"] < each["high"]]
    assert {each["b"] for each in several} == {"b", "c"}
    # Shares cannot differ by more than 1: an interval that ends there has been cut.
    for each in (found for found in several if {-1, 1}.isdisjoint(found["together"].values())):
        half, wide = (found["high"] - found["low"] for found in (each, each["together"]))
        # Two worlds share the 5 % that may fail: Student's t of 3 degrees of freedom at 98.75 and at 97.5 %.
        assert wide / half == pytest.approx(4.17653 / 3.18245, rel=1e-5)
        assert sum(each["together"].values()) == pytest.approx(sum((each["low"], each["high"])))
    assert all(each["pairing_gain"] is None or each["pairing_gain"] > 0 for each in several)
    (days,) = (each for each in several if each["b"] == "c" and each["measure"] == "turnaround_days.mean")
    assert f"{days['pairing_gain']:,.1f} ×" in told


def test_worlds_of_one_scenario_do_not_differ_though_one_has_more_replications() -> None:
    worlds = [comparison_of(["C9-F2"], ["run.arrivals_for=6 months"]).worlds[0] for _ in range(2)]
    for world, count in zip(worlds, (3, 5), strict=True):
        run_worlds([world], replications=count)
    comparison = Comparison([worlds[0], replace(worlds[1], label="another")])
    found = {each.measure: each.estimate for each in comparison.differences()}
    assert {"loss_rate", "defaults_of_loans", "turnaround_days.mean"} <= found.keys()
    assert {each.value for each in found.values() if each.value is not None} == {0.0}


@pytest.mark.parametrize(("firms", "told"), [(29, "too few"), (30, "yes")])
def test_a_difference_over_fewer_than_thirty_firms_gets_no_verdict(firms: int, told: str) -> None:
    found = {"a": "a", "b": "b", "measure": "turnaround_days.mean", "value": 2.0, "low": 1.0, "high": 3.0}
    counts = {"paired": True, "drawn_in_both": firms, "drawn_only_in_a": 0, "drawn_only_in_b": 0}
    shown = ShownNames(Comparison([]))
    results = [
        {"label": each, "product": "loan", "replications": 2, "defaults": {"value": 0}, "loss_gross_cny": {"value": 0}}
        for each in "ab"
    ]
    _, table, *_ = difference_parts([found | counts], results, shown, days_only=True)
    assert not isinstance(table, str) and list(map(str, table.columns[4].cells)) == [told]


def test_what_differs_by_the_rounding_of_fen_is_equal_and_what_differs_by_more_is_exact() -> None:
    comparison = comparison_of(["fund-against-none"])
    run_worlds(comparison.worlds, replications=3)
    without, with_fund = (world.product(0) for world in comparison.worlds)
    lent = [other.borne["bank"] - one.borne["bank"] for one, other in zip(without, with_fund, strict=True)]
    assert 0 < max(map(abs, lent)) <= 2

    def of_the_bank() -> Difference:
        return next(each for each in comparison.differences() if each.measure == "loss_cny.by_party.bank")

    same = of_the_bank()
    assert (same.estimate.value, same.estimate.low, same.estimate.high) == (0, 0, 0)
    assert same.pairing_gain is None
    parts = {"a": "90-10 without a fund", "b": "30-60-10 with the fund"}
    tables = [each for each in summary(comparison)["differences"] if parts.items() <= each.items()]
    told = difference_parts(tables, summary(comparison)["results"], ShownNames(comparison), days_only=False)
    assert "loss of bank" in str(told[-1])
    assert "are equal in" in str(told[-1])
    for each, change in zip(with_fund, (3_000_000, 0, 0), strict=True):
        each.borne["bank"] += change
    assert of_the_bank().estimate.value == pytest.approx(10_000 + sum(lent) / 300, abs=1e-9)
    assert of_the_bank().pairing_gain is not None
