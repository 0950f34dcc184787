"""Loans after drawdown: when they default, when losses are settled and shared, what comes back."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from small_worlds import clock, minutes, scenario, tell

from simulator.analysis.measure import measure
from simulator.credit.default_times import TermStructure
from simulator.credit.loans import sale
from simulator.experiment.replication import replicate
from simulator.scenario.model import Scenario

INSTANT = {"contract": {"elapsed": "0 min"}}
FUND_AND_PARTIES = {
    "funds": {"reserve": {"balance": "4m CNY", "owner": "district"}},
    "split": {
        "district": {"share": "30%", "up to": "reserve", "otherwise": "insurer"},
        "insurer": "60%",
        "bank": "rest",
    },
}


def lending(*firms: Any, rate: str = "100%", claim: Any = "60 days", recovery: Any = None, **rest: Any) -> Scenario:
    credit = {
        "annual_default_rate": rate,
        "claim_after": claim,
        "recovery": {"haircut": "70%", "cost": "5%", "time": "300 days", **(recovery or {})},
    }
    parties = {
        "bank": {"desks": {"reviewer": {"staff": 1}}}, "district": {}, "insurer": {},
    }  # fmt: skip
    sharing = {"risk_sharing": FUND_AND_PARTIES, **rest.pop("product", {})}
    return scenario([INSTANT], firms=list(firms), credit=credit, parties=parties, product=sharing, **rest)


def asks(moment: str, amount: str, value: str = "2m CNY") -> Any:
    return moment, {"amount_requested": amount, "appraised_value": value}


def test_a_default_rate_of_one_year_is_met_within_a_year_and_compounds() -> None:
    years = TermStructure((0.03,)).years_at((np.arange(100_000) + 0.5) / 100_000)
    assert (years <= 1).mean() == pytest.approx(0.03, abs=1e-4)
    assert (years <= 2).mean() == pytest.approx(1 - 0.97**2, abs=1e-4)


def test_nobody_defaults_at_a_rate_of_nothing_and_everybody_at_once_at_one() -> None:
    drawn = np.array([0.0, 0.5, 1 - 1e-16])
    assert np.isinf(TermStructure((0.0,)).years_at(drawn)).all()
    assert (TermStructure((1.0,)).years_at(drawn) == 0).all()


def test_a_loan_is_repaid_at_maturity() -> None:
    told = tell(lending("03-01 10:00", rate="0%"))
    (loan,) = told.happened.loans
    assert (loan.status, loan.ended_at) == ("repaid", minutes("03-01 10:00") + 365 * 1440)
    assert told.happened.losses == []


def test_the_share_of_loans_that_default_is_the_stated_rate() -> None:
    happened = replicate(lending(rate="20%", applicants={"arrivals": {"per_working_day": 200}}), 1)
    loans = len(happened.loans)
    assert loans > 3000
    assert abs(len(happened.losses) / loans - 0.2) < 4 * (0.16 / loans) ** 0.5


def test_a_claim_is_settled_and_the_ip_is_sold_after_the_stated_times() -> None:
    told = tell(lending("03-01 10:00"))
    (loss,) = told.happened.losses
    assert [clock(moment) for moment in (loss.defaulted_at, loss.settled_at)] == ["03-01 10:00", "04-30 10:00"]
    assert loss.recovered_at == loss.settled_at + 300 * 1440


def test_a_loss_is_the_amount_drawn_and_the_proceeds_come_from_the_appraised_value() -> None:
    world = lending(asks("03-01 10:00", "1m CNY"), product={"amount": {"drawn_share": "80%"}})
    (loss,) = replicate(world, 1).losses
    assert loss.principal == 80_000_000
    assert dict(loss.allocation.paid) == {"district": 24_000_000, "insurer": 48_000_000, "bank": 8_000_000}
    assert (loss.proceeds, loss.sale_cost) == (60_000_000, 3_000_000)
    assert loss.returned == {"district": 17_100_000, "insurer": 34_200_000, "bank": 5_700_000}
    assert loss.borne == {"district": 6_900_000, "insurer": 13_800_000, "bank": 2_300_000}


def test_what_the_ip_brings_beyond_the_loss_is_the_firms() -> None:
    (loss,) = replicate(lending(asks("03-01 10:00", "1m CNY", "9m CNY")), 1).losses
    assert loss.returned == dict(loss.allocation.paid)
    assert loss.surplus == 270_000_000 - 13_500_000 - 100_000_000


def test_claims_settled_at_one_moment_are_taken_in_the_order_of_their_cases() -> None:
    firms = [asks("03-01 10:00", f"{amount}m CNY") for amount in (3, 5, 2)]
    happened = replicate(lending(*firms), 1)
    assert [loss.case for loss in happened.losses] == [0, 1, 2]
    # 0.9 and 1.5 of the fund's 4m; the third takes its 0.6 whole
    assert [loss.allocation.paid["district"] for loss in happened.losses] == [90_000_000, 150_000_000, 60_000_000]
    assert [loss.allocation.room_after["reserve"] for loss in happened.losses] == [
        310_000_000,
        160_000_000,
        100_000_000,
    ]


def test_losses_are_taken_in_the_order_of_their_settlement_not_of_default() -> None:
    late = {"uniform": ["10 days", "400 days"]}
    happened = replicate(lending(*[asks("03-01 10:00", "3m CNY")] * 20, claim=late), 1)
    settled = [loss.settled_at for loss in happened.losses]
    assert settled == sorted(settled)
    assert [loss.case for loss in happened.losses] != sorted(loss.case for loss in happened.losses)
    left = [loss.allocation.room_after["reserve"] for loss in happened.losses]
    assert left == sorted(left, reverse=True)
    assert left[-1] == 0


def test_a_default_after_the_follow_up_of_loans_is_not_seen() -> None:
    short = {"follow_up": {"cases": "10 days", "loans": "40 days"}}
    told = tell(lending("03-01 10:00", run={**short, "arrivals_for": "1 day"}))
    (loan,) = told.happened.loans
    assert loan.status == "claim open"
    assert told.happened.losses == []
    assert measure(told.scenario, told.happened, 1).products[0].defaults == 1


def test_a_sale_after_the_follow_up_brings_nothing_yet() -> None:
    short = {"follow_up": {"cases": "10 days", "loans": "100 days"}}
    world = lending("03-01 10:00", run={**short, "arrivals_for": "1 day"})
    measures = measure(world, replicate(world, 1), 1).products[0]
    assert sum(measures.returned.values()) == 0
    assert measures.borne == measures.paid


@pytest.mark.parametrize(
    ("haircut", "cost", "expected"),
    [(0.0, 0.0, (10_001, 0)), (1.0, 0.5, (0, 0)), (1.4, 0.1, (0, 0)), (0.3, 1.2, (7_001, 7_001))],
)
def test_proceeds_are_never_negative_and_costs_never_above_them(
    haircut: float, cost: float, expected: tuple[int, int]
) -> None:
    assert sale(10_001, haircut, cost) == expected


RANDOM: dict[str, Any] = {
    "rate": "40%",
    "claim": {"exponential": "60 days"},
    "recovery": {
        "haircut": {"uniform": ["20%", "100%"]},
        "cost": {"uniform": ["0%", "30%"]},
        "time": {"exponential": "300 days"},
    },
    "population": {
        "amount_requested": {"lognormal": {"median": "1m CNY", "p90": "9m CNY"}},
        "appraised_value": {"lognormal": {"median": "3m CNY", "p90": "20m CNY"}},
    },
}


@pytest.mark.parametrize("straddle", ["in proportion", "shortfall shared", "remainder shared", "all or nothing"])
@pytest.mark.parametrize("refill", [False, True])
def test_no_fen_appears_or_vanishes_in_any_replication(straddle: str, refill: bool) -> None:
    fund = {"reserve": {"balance": "4m CNY", "owner": "district", "refill": refill}}
    sharing = {"risk_sharing": {**FUND_AND_PARTIES, "funds": fund, "straddle": straddle}}
    world = lending(
        **RANDOM, product=sharing, applicants={"arrivals": {"per_working_day": 5}},
        run={"follow_up": {"cases": "30 days", "loans": "2 years"}},
    )  # fmt: skip
    for number in (1, 2, 3):
        happened = replicate(world, number)
        assert len(happened.losses) > 20
        for loss in happened.losses:
            assert sum(loss.allocation.paid.values()) == loss.principal
            assert sum(loss.returned.values()) + loss.surplus == (loss.proceeds - loss.sale_cost)
            assert all(0 <= loss.returned.get(party, 0) <= paid for party, paid in loss.allocation.paid.items())
        measures = measure(world, happened, number).products[0]
        recovered = sum(loss.proceeds - loss.sale_cost - loss.surplus for loss in happened.losses)
        assert sum(measures.borne.values()) + recovered == measures.loss_gross
        assert measures.loss_gross == sum(loan.principal for loan in happened.loans if loan.status == "defaulted")
        assert all(0 <= left <= 400_000_000 for _, _, _, left in happened.funds)
        if not refill:
            shared = [loss.allocation for loss in happened.losses]
            out_of_fund = sum(each.room_before["reserve"] - each.room_after["reserve"] for each in shared)
            assert out_of_fund == 400_000_000 - measures.fund_left["reserve"]
