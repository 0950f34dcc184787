"""Valuers: how far their appraisals lie from what the IP is worth, and how credit lines follow."""

from __future__ import annotations

from math import log, sqrt
from typing import Any

import numpy as np
import pytest
from money_worlds import DRAWDOWN, firm, lent, world

from simulator.experiment.replication import replicate
from simulator.scenario.model import Scenario
from simulator.workflow.case import END_NAMES
from simulator.workflow.world import Happened

ASKS_MUCH = {"amount_requested": "100m CNY"}
WHOLE = {"of": {"appraised_value": "100%"}}


def valued(valuer: Any, title: str = "valuation", **settings: Any) -> dict[str, Any]:
    """A step in which the IP is valued."""
    return {title: {"stage": "valuation", "elapsed": "1 day", "valuer": valuer, **settings}}


def appraised(
    *valuers: Any, amount: Any = None, firms: Any = (), crowd: bool = False, product: Any = None, **rest: Any
) -> Scenario:
    """IP worth 2m CNY that is valued once or several times, by whatever names; 40% of it is lent."""
    steps = [valued(each, f"valuation {number}") for number, each in enumerate(valuers, start=1)]
    settings = {"flow": [*steps, DRAWDOWN], "amount": amount or {"of": {"appraised_value": "40%"}}, **(product or {})}
    many = {"applicants": {"arrivals": {"per_working_day": 100}}, "run": {"arrivals_for": "4 weeks"}} if crowd else {}
    population = {**ASKS_MUCH, **rest.pop("population", {})}
    return world(*firms, product=settings, population=population, **many, **rest)


def lines(told: Scenario) -> list[int]:
    return replicate(told, 1).credit_line.tolist()


def ends(happened: Happened) -> list[str]:
    return [END_NAMES[code] for code in happened.end]


@pytest.mark.parametrize(("bias", "line"), [("0%", 80_000_000), ("25%", 100_000_000), ("-25%", 60_000_000)])
def test_a_bias_moves_the_credit_line_in_proportion(bias: str, line: int) -> None:
    assert lines(appraised({"bias": bias})) == [line]


def test_appraisals_scatter_on_the_log_scale_and_are_right_on_average_but_for_their_bias() -> None:
    found = np.array(lines(appraised({"bias": "10%", "spread": "25%"}, amount=WHOLE, crowd=True))) / 200_000_000
    count = len(found)
    assert count > 1700
    assert abs(np.log(found).std(ddof=1) - 0.25) < 4 * 0.25 / sqrt(2 * count)
    assert abs(np.log(found).mean() - (log(1.1) - 0.25**2 / 2)) < 4 * 0.25 / sqrt(count)
    assert abs(found.mean() - 1.1) < 4 * 1.1 * sqrt(np.expm1(0.25**2) / count)


def test_a_firm_gets_no_more_than_it_asks_for_and_than_the_ceiling_however_high_the_appraisal() -> None:
    high = {"bias": "400%"}
    assert lines(appraised(high, population={"amount_requested": "1.5m CNY"})) == [150_000_000]
    assert lines(appraised(high, amount={"of": {"appraised_value": "40%"}, "at_most": "900k CNY"})) == [90_000_000]
    # A limit by another property stands as it is
    limits = {"of": {"appraised_value": "40%", "annual_sales": "10%"}}
    assert lines(appraised(high, amount=limits, population={"annual_sales": "7m CNY"})) == [70_000_000]


def test_a_firm_whose_line_falls_below_the_least_amount_is_declined_at_the_valuation() -> None:
    limits = {"of": {"appraised_value": "40%"}, "at_least": "500k CNY"}
    firms = [firm("2021-03-01"), firm("2021-03-01", appraised_value="2.5m CNY")]
    told = replicate(appraised({"bias": "-50%"}, amount=limits, firms=firms), 1)
    assert ends(told) == ["declined", "drawn"]
    assert told.credit_line.tolist()[1] == 50_000_000
    first = told.steps[told.steps["step"] == 0]
    assert first[["case", "outcome"]].tolist() == [(0, 2), (1, 0)]
    assert told.ended_at.tolist()[0] == 600 + 1440


def test_before_its_ip_is_valued_a_firm_has_the_line_of_an_exact_valuation() -> None:
    limits = {"of": {"appraised_value": "40%"}, "at_least": "1m CNY"}
    # 800k by an exact valuation: not eligible, however generous the valuer would be
    told = replicate(appraised({"bias": "100%"}, amount=limits), 1)
    assert (ends(told), len(told.steps)) == (["not eligible"], 0)


def test_of_several_valuations_of_one_thing_the_last_counts() -> None:
    assert lines(appraised({"bias": "100%"}, {"bias": "-10%"})) == [72_000_000]


BOTH = {
    "patent_value": "1m CNY",
    "trademark_value": "2m CNY",
    "appraised_value": {"sum": ["patent_value", "trademark_value"]},
}


def test_parts_that_are_valued_apart_make_up_the_sum() -> None:
    patents, marks = {"of": "patent_value", "bias": "10%"}, {"of": "trademark_value", "bias": "-20%"}
    # 40% of 1.1m + 1.6m; of 1.1m + 2m; of 1m + 1.6m
    assert lines(appraised(patents, marks, population=BOTH)) == [108_000_000]
    assert lines(appraised(patents, population=BOTH)) == [124_000_000]
    assert lines(appraised(marks, population=BOTH)) == [104_000_000]


def test_a_valuation_of_the_sum_stands_above_those_of_its_parts() -> None:
    assert lines(appraised({"of": "patent_value", "bias": "10%"}, {"bias": "50%"}, population=BOTH)) == [180_000_000]


def test_a_part_of_a_part_makes_up_the_sum_too() -> None:
    nested = {
        "invention_value": "1m CNY",
        "design_value": "1m CNY",
        "patent_value": {"sum": ["invention_value", "design_value"]},
        "trademark_value": "1m CNY",
        "appraised_value": {"sum": ["patent_value", "trademark_value"]},
    }
    assert lines(appraised({"of": "design_value", "bias": "100%"}, population=nested)) == [160_000_000]


def test_by_default_a_valuer_values_what_the_product_takes_in_pledge() -> None:
    pledged = {"pledged": "patent_value"}
    limits = {"of": {"patent_value": "50%"}}
    told = appraised({"bias": "100%"}, amount=limits, product=pledged, population={"patent_value": "3m CNY"})
    assert lines(told) == [300_000_000]
    untouched = appraised({"bias": "100%"}, product=pledged, population={"patent_value": "3m CNY"})
    assert lines(untouched) == [80_000_000]


def test_what_is_entered_in_the_register_follows_the_appraisal() -> None:
    told = replicate(appraised({"bias": "50%"}, product={"registers": {"appraised_value": "100%"}}), 1)
    assert told.registered.tolist() == [300_000_000]


def test_what_the_ip_is_worth_and_not_what_it_was_appraised_at_is_sold() -> None:
    told = replicate(appraised({"bias": "50%"}, firms=[firm(default_at="2021-07-15 10:00")]), 1)
    (loss,) = told.losses
    assert (loss.principal, loss.proceeds) == (120_000_000, 60_000_000)


def test_generous_valuers_lend_more_and_so_lose_more_on_the_same_firms() -> None:
    def lost(bias: str) -> tuple[int, int]:
        told = appraised({"bias": bias}, crowd=True, credit={"annual_default_rate": "10%"})
        losses = replicate(told, 1).losses
        return len(losses), sum(loss.principal for loss in losses)

    count, total = lost("0%")
    assert count > 100
    assert lost("50%") == (count, total * 3 // 2)


def test_each_valuer_and_each_visit_has_luck_of_its_own() -> None:
    spread = {"spread": "30%"}
    first = lines(appraised(spread, amount=WHOLE, crowd=True))
    second = lines(appraised({}, spread, amount=WHOLE, crowd=True))
    assert abs(np.corrcoef(np.log(first), np.log(second))[0, 1]) < 4 / sqrt(len(first))


def test_a_valuer_shifts_no_time_and_no_other_draw() -> None:
    review = {"elapsed": {"exponential": "3 days"}, "odds": {"declined": "20%", "approved": "rest"}}

    def run(valuer: Any) -> Happened:
        step = {"valuation": {"elapsed": {"exponential": "2 days"}, **({"valuer": valuer} if valuer else {})}}
        told = world(
            product=lent(flow=[step, {"credit approval": review}, DRAWDOWN], amount={"of": {"appraised_value": "40%"}}),
            applicants={"arrivals": {"per_working_day": 20}}, run={"arrivals_for": "4 weeks"},
            credit={"annual_default_rate": "20%"}, population=ASKS_MUCH,
        )  # fmt: skip
        return replicate(told, 1)

    without, exact, wide = run(None), run({"spread": "0%", "bias": "0%"}), run({"spread": "40%"})
    assert len(without.losses) > 20
    for other in (exact, wide):
        assert np.array_equal(without.steps, other.steps)
        assert [loss.defaulted_at for loss in without.losses] == [loss.defaulted_at for loss in other.losses]
    assert exact.credit_line.tolist() == without.credit_line.tolist() != wide.credit_line.tolist()


def test_a_firm_that_is_valued_again_after_a_return_has_the_new_appraisal() -> None:
    again = {
        "valuation": {
            "elapsed": "1 day", "valuer": {"spread": "30%"}, "odds": {"returned": "50%", "valued": "rest"},
            "on": {"returned": "valuation"},
        }
    }  # fmt: skip
    told = world(
        product=lent(flow=[again, DRAWDOWN], amount=WHOLE), applicants={"arrivals": {"per_working_day": 50}},
        run={"arrivals_for": "4 weeks"}, population=ASKS_MUCH,
    )  # fmt: skip
    single = {"valuation": {**again["valuation"], "odds": {"returned": "0%", "valued": "rest"}}}
    once = world(
        product=lent(flow=[single, DRAWDOWN], amount=WHOLE), applicants={"arrivals": {"per_working_day": 50}},
        run={"arrivals_for": "4 weeks"}, population=ASKS_MUCH,
    )  # fmt: skip
    first, last = replicate(once, 1), replicate(told, 1)
    visits = np.bincount(last.steps[last.steps["step"] == 0]["case"].astype(int), minlength=len(last.firms))
    drawn = last.drawn > 0
    same = last.credit_line == first.credit_line
    assert np.array_equal(same[drawn], visits[drawn] == 1)
    assert 0.3 < same[drawn].mean() < 0.7
