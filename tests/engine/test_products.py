"""Products side by side, fees, the warm-up, and what is still under way when the follow-up ends."""

from __future__ import annotations

from typing import Any

import numpy as np
from small_worlds import DRAWDOWN, always, clock, desk, minutes, scenario, tell

from simulator.analysis.measure import measure

ELAPSED = {"elapsed": "1 day"}
SHARING = {"risk_sharing": {"split": {"bank": "100%"}}, "tenor": "12 months"}


def two_products(first: Any, second: Any, **first_settings: Any) -> dict[str, Any]:
    return {
        "direct": {"flow": [first, DRAWDOWN], **first_settings, **SHARING},
        "guaranteed": {"flow": [second, DRAWDOWN], **SHARING},
    }


REFUSED = {"credit approval": {"elapsed": "2 days", **always("declined", "approved")}}


def test_an_applicant_takes_the_first_product_of_its_preference_for_which_it_is_eligible() -> None:
    products = two_products({"rating": ELAPSED}, {"valuation": ELAPSED}, eligibility={"urgent": True})
    firms: list[Any] = ["03-01 10:00", ("03-01 10:00", {"urgent": True})]
    assert tell(scenario([], firms=firms, products=products)).happened.product.tolist() == [1, 0]
    preferring = {"prefer": ["guaranteed", "direct"]}
    assert tell(scenario([], firms=firms, products=products, applicants=preferring)).happened.product.tolist() == [1, 1]


def test_a_refused_applicant_tries_the_next_product_only_if_the_scenario_says_so() -> None:
    products = two_products(REFUSED, {"valuation": ELAPSED})
    told = tell(scenario([], firms=["03-01 10:00"], products=products, applicants={"fallback": True}))
    assert (told.ends, told.drawn) == (["drawn"], ["03-04 10:00"])
    assert tell(scenario([], firms=["03-01 10:00"], products=products)).ends == ["declined"]


def test_time_spent_on_a_product_that_refused_is_told_apart_like_any_other() -> None:
    products = two_products(REFUSED, {"valuation": ELAPSED})
    world = scenario([], firms=["03-01 10:00"], products=products, applicants={"fallback": True})
    measured = measure(world, tell(world).happened, 1)
    assert measured.products[1].time_use.tolist() == [0, 0, 0, 3 * 1440]


def test_an_applicant_that_withdrew_tries_no_other_product() -> None:
    impatient = desk("reviewer", "30 h", patience="2 h")
    products = two_products(impatient, {"valuation": ELAPSED})
    told = tell(scenario([], firms=["03-01 09:00", "03-01 09:30"], products=products, applicants={"fallback": True}))
    assert told.ends == ["drawn", "withdrawn"]


def test_an_applicants_patience_runs_on_when_it_tries_the_next_product() -> None:
    products = two_products(REFUSED, {"valuation": {"elapsed": "9 days"}})
    told = tell(
        scenario([], firms=["03-01 10:00"], products=products, applicants={"fallback": True, "patience": "5 days"})
    )
    assert (told.ends, told.ended) == (["withdrawn"], ["03-06 10:00"])


def test_a_fee_falls_due_when_its_step_is_done() -> None:
    fee = {"amount": "500 CNY", "paid_by": "firm", "paid_to": "bank", "kind": "appraisal fee"}
    flow = [{"rating": {**ELAPSED, "fee": fee}}, {"contract": {"elapsed": "9 days", "fee": fee}}]
    world = scenario(flow, firms=["03-01 10:00", "03-02 10:00"], applicants={"patience": "5 days"})
    told = tell(world)
    charged = [(clock(each.moment), each.case, each.what, each.payer, each.fen) for each in told.happened.payments]
    assert charged == [
        ("03-02 10:00", 0, "appraisal fee", "firm", 50_000),
        ("03-03 10:00", 1, "appraisal fee", "firm", 50_000),
    ]
    assert measure(world, told.happened, 1).products[0].results.cash["firm"] == {"appraisal fee": -100_000}


def test_applicants_of_the_warm_up_are_simulated_but_not_counted() -> None:
    credit = {
        "annual_default_rate": "100%",
        "claim_after": "1 days",
        "recovery": {"haircut": "70%", "cost": "5%", "time": "9 days"},
    }
    firms = ["03-01 10:00", "03-07 23:59", "03-08 00:00", "03-09 10:00"]
    world = scenario([desk("reviewer", "30 h")], firms=firms, run={"warm_up": "1 weeks"}, credit=credit)
    told = tell(world)
    assert len(told.happened.losses) == 4
    measured = measure(world, told.happened, 1)
    assert measured.arrived == 2
    assert measured.products[0].applicants.tolist() == [2, 3]
    assert measured.products[0].defaults == 2
    assert measured.products[0].loss_gross == 200_000_000


def test_a_case_still_under_way_at_the_end_of_the_follow_up_is_open_and_moves_no_further() -> None:
    short = {"arrivals_for": "9 days", "follow_up": {"cases": "1 days", "loans": "3 years"}}
    clocks = {"answer": {"begins": "application", "ends": "end of contract"}}
    flow = [desk("reviewer", "20 h"), {"contract": ELAPSED}]
    world = scenario(flow, firms=["03-01 09:00", "03-08 10:00", "03-09 10:00"], run=short, product={"clocks": clocks})
    told = tell(world)
    assert clock(told.happened.last_case_moment) == "03-11 00:00"
    assert told.ends == ["drawn", "open", "open"]
    assert told.at("drawdown", 1) == told.at("contract", 2) == []
    measures = measure(world, told.happened, 1).products[0]
    assert np.isinf(measures.turnaround[1:]).all()
    assert np.isinf(measures.clocks["answer"][1:]).all()
    assert measures.kept == {}


def test_nothing_happens_to_a_case_before_it_arrives() -> None:
    told = tell(scenario([desk("reviewer")], firms=["03-02 10:00", "03-01 10:00"]))
    assert told.happened.firms.arrival.tolist() == [minutes("03-01 10:00"), minutes("03-02 10:00")]
    assert [each.entry for each in told.at("credit approval")] == ["03-01 10:00", "03-02 10:00"]
