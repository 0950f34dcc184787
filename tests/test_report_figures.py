"""What summary.json tells for the report: shares, days, passages, losses and funds agree with one another."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import numpy as np
import pytest

from simulator.analysis.evidence import coverage, evidence_summary
from simulator.analysis.passages import firms_past_steps
from simulator.cli.tables import number
from tests.bundled import bundled
from tests.chart_worlds import no_loss
from tests.report_pages import HOSTILE, figures_of, folder_of, hostile_designs, two_designs

pytestmark = pytest.mark.whole


@pytest.fixture(scope="module")
def results() -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = figures_of(folder_of(two_designs))["results"]
    return found


def test_the_share_drawn_rises_day_by_day_to_the_share_that_is_drawn(results: list[dict[str, Any]]):
    for entry in results:
        days, shares = entry["drawn_by_day"]["days"], entry["drawn_by_day"]["share"]
        assert days[0] == 0 and len(days) == len(shares) <= 62
        assert all(a <= b for a, b in pairwise(shares))
        assert 0.9 * entry["drawn_share"]["value"] < shares[-1] <= entry["drawn_share"]["value"] + 1e-6
    assert results[0]["drawn_by_day"]["days"] == results[1]["drawn_by_day"]["days"]


def test_the_uses_of_the_days_add_up_to_them(results: list[dict[str, Any]]):
    for entry in results:
        days = entry["days"]
        assert sum(each["value"] for each in days["by_use"].values()) == pytest.approx(days["total"]["value"])
        assert days["cases"] == entry["cases"]["drawn"] + entry["cases"]["open"]
        for row in days["steps"]:
            assert sum(row["days"].values()) == pytest.approx(row["total_days"]["value"])


def test_whoever_is_drawn_has_passed_the_drawdown_and_nobody_skips_a_step(results: list[dict[str, Any]]):
    for entry in results:
        passed = {row["step"]: row["passed"] for row in entry["days"]["steps"] if "step" in row}
        assert passed["drawdown"] == entry["cases"]["drawn"]
        assert entry["cases"]["eligible"] >= passed["due diligence"] >= passed["credit approval"] >= passed["drawdown"]


def test_the_wait_for_a_quota_is_a_row_of_its_own(results: list[dict[str, Any]]):
    rows = [row for row in results[1]["days"]["steps"] if "quota" in row]
    assert [row["quota"] for row in rows] == ["pledge"] and "passed" not in rows[0]
    assert rows[0]["days"]["work"] == 0


def test_only_a_first_outcome_of_a_counted_firm_is_a_passage():
    rows = np.array([(0, 0, 0), (0, 0, 0), (1, 0, 0), (0, 1, 1), (2, 0, 0), (3, 2, 0), (0, 5, 0)],
                    dtype=[("case", "i4"), ("step", "i2"), ("outcome", "i1")])  # fmt: skip
    assert firms_past_steps(rows, np.array([0, 1, 3]), 3).tolist() == [2, 0, 1]
    assert firms_past_steps(rows[:0], np.array([], dtype=np.int64), 2).tolist() == [0, 0]


def test_what_parties_pay_less_what_comes_back_is_what_they_bear(results: list[dict[str, Any]]):
    for entry in results:
        parties = entry["loss_by_party_cny"]
        for party, told in parties.items():
            borne = entry["loss_cny"]["by_party"][party]["value"]
            assert told["paid"]["value"] - told["returned"]["value"] == pytest.approx(borne)
        assert sum(told["share_of_net"] for told in parties.values()) == pytest.approx(1)


def test_the_spread_of_losses_is_that_of_the_replications(results: list[dict[str, Any]]):
    for entry in results:
        spread = entry["loss_spread_cny"]
        assert spread["values"] == sorted(spread["values"]) and len(spread["values"]) == entry["replications"]
        assert np.mean(spread["values"]) == pytest.approx(entry["loss_cny"]["total"]["value"])
        assert spread["worst"] == spread["values"][-1]


@pytest.mark.parametrize("measure", ["loss_rate", "defaults_of_loans"])
def test_the_difference_of_two_ratios_of_sums_is_that_of_the_ratios_told(measure: str):
    told = figures_of(folder_of(hostile_designs))
    found = [each for each in told["differences"] if each["measure"] == measure]
    rates = {entry["label"]: entry[measure]["value"] for entry in told["results"]}
    assert len(found) == len(told["results"]) - 1
    for each in found:
        assert each["value"] == pytest.approx(rates[each["b"]] - rates[each["a"]])
        assert each["low"] <= each["value"] <= each["high"] and each["paired"]


def test_a_mean_of_the_rates_of_replications_is_not_compared():
    told = figures_of(folder_of(hostile_designs))
    assert "default_rate" not in {each["measure"] for each in told["differences"]}


def test_a_loss_rate_under_two_agreements_of_the_same_loans_is_equal():
    told = figures_of(folder_of(hostile_designs))
    agreement = next(
        each for each in told["differences"] if each["measure"] == "loss_rate" and each["b"] == HOSTILE[3]
    )
    assert agreement["value"] == agreement["low"] == agreement["high"] == 0


def test_without_a_loss_nobody_has_a_share_of_it():
    entry = figures_of(folder_of(no_loss))["results"][0]
    assert entry["loss_spread_cny"]["without_loss"]["value"] == 1
    assert {told["share_of_net"] for told in entry["loss_by_party_cny"].values()} == {None}


def test_a_fund_goes_from_what_it_has_to_what_is_left(results: list[dict[str, Any]]):
    fund = results[1]["funds"]["reserve"]
    lines = np.array(fund["path"]["replications"])
    assert (lines[:, 0] == fund["at_first_cny"]).all() and (np.diff(lines, axis=1) <= 0).all()
    assert lines[:, -1].mean() == pytest.approx(fund["left_cny"]["value"])
    assert fund["path"]["used_up_by"][-1] == fund["share_used_up"]["value"]
    assert len(fund["path"]["dates"]) == lines.shape[1]


def test_evidence_is_counted_as_check_counts_it_but_for_steps_of_no_flow():
    loaded = bundled("C9-F2")
    told, found = evidence_summary(loaded), coverage(loaded)
    assert told["numbers"] + told["of_no_flow"]["numbers"] == sum(found.by_origin.values()) + len(found.without)
    listed = [path for path, *_ in found.assumptions if path in told["assumptions"]]
    assert sorted(told["assumptions"]) == sorted(listed)
    assert len(listed) + told["of_no_flow"]["assumptions"] == len(found.assumptions)
    assert sum(told["assumptions"].values()) == told["by_origin"]["assumed"]


def test_assumptions_about_a_step_that_no_flow_has_are_not_counted():
    loaded = bundled("C9-F2")
    steps = {step.title for product in loaded.scenario.products.values() for step in product.all_steps}
    about = {path.split(".")[1] for path in evidence_summary(loaded)["assumptions"] if path.startswith("stages.")}
    assert about and about - {"*"} <= steps
    assert "pre-credit" in loaded.plain["stages"] and "pre-credit" not in steps | about


def test_no_interval_holds_what_cannot_be():
    """Six designs of few replications, in which nearly every interval would reach below zero or above one."""
    told = figures_of(folder_of(hostile_designs))
    shares = below = 0
    for path, entry in _estimates(told["results"]):
        if path[0] not in {"firm_cost", "result_cny", "result_of_drawn", "payments_cny"}:
            assert entry["low"] >= 0, path
            below += entry["low"] == 0 < entry["value"]
        if path[-1] in {"share", "kept", "drawn_share", "default_rate", "defaults_of_loans"} or path[0] == "time_share":
            assert 0 <= entry["low"] <= entry["value"] <= entry["high"] <= 1, path
            shares += 1
    assert shares > 20 and below > 20


def _estimates(told: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], dict[str, Any]]]:
    """Every figure with an interval, and the keys that lead to it."""
    if isinstance(told, dict) and told.get("low") is not None and "value" in told:
        yield path, told
    elif isinstance(told, dict | list):
        for key, each in told.items() if isinstance(told, dict) else enumerate(told):
            yield from _estimates(each, (*path, key) if isinstance(told, dict) else path)


@pytest.mark.parametrize(
    ("low", "high", "expected"),
    [(0.2, 1.8, "1.0 ± 0.8"), (0.0, 2.3, "1.0 ± 1.3"), (-1.0, 1.1, "1.0 ± 2.0"), (None, None, "1.0")],
)
def test_a_table_prints_the_wider_half_of_an_interval(
    low: float | None, high: float | None, expected: str
):
    assert number({"value": 1.0, "low": low, "high": high}) == expected
