"""Worlds that differ in money alone meet the same luck: the same times, decisions, defaults and sales."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from money_worlds import NINETY_TEN, lent, world
from random_money import SPLITS, Programme, charges, policies, programmes, world_of

from simulator.experiment.replication import replicate
from simulator.workflow.world import Happened

REVIEW = {"elapsed": {"exponential": "3 days"}, "odds": {"declined": "15%", "returned": "15%", "approved": "rest"},
          "on": {"returned": "due diligence"}}  # fmt: skip
FLOW = [
    {"due diligence": {"elapsed": {"gamma": {"mean": "5 days", "cv": 0.7}}}},
    {"credit approval": {**REVIEW, "by": "bank", "reserves": "programme"}},
    {"drawdown": {"elapsed": "1 day", "by": "bank"}},
]
CREDIT: dict[str, Any] = {
    "annual_default_rate": "30%", "correlation": "20%", "quality_weight": "40%",
    "claim_after": {"exponential": "40 days"},
    "recovery": {
        "haircut": {"uniform": ["20%", "90%"]}, "cost": {"uniform": ["0%", "30%"]}, "time": {"exponential": "200 days"},
        "volatility": "20%",
    },
}  # fmt: skip


def run(product: Any = None, **rest: Any) -> Happened:
    """One replication of a crowded programme whose lines are freed as loans are repaid."""
    told = world(
        product=lent(**{"flow": FLOW, **(product or {})}),
        applicants={"arrivals": {"per_working_day": 6}},
        run={"arrivals_for": "8 weeks", "follow_up": {"cases": "900 days", "loans": "6 years"}},
        credit={**CREDIT, **rest.pop("credit", {})},
        quotas={"programme": {"limit": "60m CNY"}},
        **rest,
    )
    return replicate(told, 1)


def luck(happened: Happened) -> dict[str, Any]:
    """All that was not money: moments, decisions, who was lent what, who defaulted, what IP was sold for."""
    return {
        "steps": happened.steps.tolist(),
        "ends": happened.end.tolist(),
        "quality": happened.firms.quality.tolist(),
        "loans": [(loan.case, loan.drawn_at, loan.principal, loan.status, loan.ended_at) for loan in happened.loans],
        "losses": [
            (loss.case, loss.principal, loss.defaulted_at, loss.settled_at, loss.recovered_at, loss.proceeds,
             loss.sale_cost) for loss in happened.losses
        ],
    }  # fmt: skip


@pytest.fixture(scope="module")
def plain() -> dict[str, Any]:
    happened = run()
    assert len(happened.losses) >= 20
    assert any(each.outcome == "granted" for each in happened.no_room)
    return luck(happened)


PRICE = {
    "interest": "6%",
    "charges": {"cover": {"kind": "premium", "rate": "2%", "paid_to": "insurer"}},
}


@pytest.mark.parametrize(
    "product",
    [
        {"price": PRICE},
        {"price": {"interest": "15%"}, "repayment": {"interest_every": "1 month"}},
        {"risk_sharing": NINETY_TEN},
        {"risk_sharing": {**NINETY_TEN, "covers": "principal and interest", "recoveries": {"by_rank": ["bank"]}},
         "price": PRICE},
        {"risk_sharing": SPLITS["with a fund"]},
        {"risk_sharing": SPLITS["with a breaker"]},
        {"recovery": {"by": "insurer"}},
        {"lender": "city"},
    ],
)  # fmt: skip
def test_prices_agreements_and_who_sells_shift_no_draw_and_no_time(plain: dict[str, Any], product: Any) -> None:
    assert luck(run(product)) == plain


def test_subsidies_and_what_business_costs_shift_no_draw_and_no_time(plain: dict[str, Any]) -> None:
    policy = {"district": {"of": "interest", "share": "50%", "paid_by": "city"}}
    parties = {"bank": {"cost_of_funds": "2%", "cost_per_hour": "100 CNY"}, "insurer": {"expense_ratio": "30%"}}
    assert luck(run({"price": PRICE}, policy=policy, parties=parties)) == plain


@pytest.mark.parametrize("step", ["due diligence", "credit approval"])
def test_a_step_that_sees_nothing_shifts_no_draw_and_no_time(plain: dict[str, Any], step: str) -> None:
    two = {"odds": {"declined": "0%", "reported": "rest"}} if step == "due diligence" else {}
    flow = [{title: {**body, **({"informative": "0%", **two} if title == step else {})}}
            for each in FLOW for title, body in each.items()]  # fmt: skip
    assert luck(run({"flow": flow})) == plain


@pytest.mark.parametrize(
    "credit",
    [
        {"recovery": {**CREDIT["recovery"], "haircut": {"uniform": ["50%", "95%"]}}},
        {"recovery": {**CREDIT["recovery"], "decay": "30%", "on_factor": "50%"}},
    ],
)
def test_what_the_ip_brings_decides_no_default_and_no_moment(plain: dict[str, Any], credit: Any) -> None:
    found = luck(run(credit=credit))
    for name in ("steps", "ends", "quality", "loans"):
        assert found[name] == plain[name]
    assert [each[:5] for each in found["losses"]] == [each[:5] for each in plain["losses"]]


def test_a_lower_default_rate_takes_defaults_away_and_moves_the_others_later() -> None:
    high = replicate(crowd("30%"), 1)
    low = replicate(crowd("10%"), 1)
    before = {loss.case: loss.defaulted_at for loss in high.losses}
    after = {loss.case: loss.defaulted_at for loss in low.losses}
    assert after.keys() < before.keys()
    assert all(after[case] > before[case] for case in after)
    assert np.array_equal(high.steps, low.steps)


def crowd(rate: str) -> Any:
    return world(
        applicants={"arrivals": {"per_working_day": 20}}, run={"arrivals_for": "4 weeks"},
        credit={**CREDIT, "annual_default_rate": rate},
    )  # fmt: skip


@settings(max_examples=15)
@given(programmes(), charges(), policies(), st.sampled_from(sorted(SPLITS)))
def test_whatever_the_programme_its_price_its_policy_and_its_agreement_are_money_alone(
    programme: Programme, other_charges: Any, other_policy: Any, other_split: str
) -> None:
    changed = {
        name: {
            **product,
            "price": {"interest": "9.87%", "charges": other_charges},
            "risk_sharing": {**SPLITS[other_split], "same_day": product["risk_sharing"]["same_day"]},
        }
        for name, product in programme.products.items()
    }
    first = luck(replicate(world_of(programme), 1))
    second = luck(replicate(world_of(Programme(changed, other_policy, programme.loans_for)), 1))
    annuity = any(product["repayment"]["schedule"] == "annuity" for product in programme.products.values())
    for name in first:
        # The interest decides how the instalments of an annuity are made up, so what is lost and freed is another.
        if name == "quality" or not annuity:
            assert first[name] == second[name]
