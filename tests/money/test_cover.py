"""Watching what the pledge is worth: at which look it is too little, and what happens then, worked out by hand."""

from __future__ import annotations

from math import ceil
from typing import Any

import pytest
from money_worlds import day_of, days_between, firm, ledger, world, written

from simulator.experiment.replication import replicate
from simulator.scenario.model import Scenario

DECAY = 0.3
LOOKS = ("2021-06-01", "2021-09-01", "2021-12-01", "2022-03-01", "2022-06-01", "2022-09-01", "2022-12-01")


def value(day: str, worth: int = 200_000_000) -> float:
    """IP worth 2m at drawdown that loses 30% a year, at ten on a day."""
    return float(worth * (1 - DECAY) ** (days_between("2021-03-01", day) / 365))


def watched(*firms: Any, at_least: str = "150%", topped_up: str = "0%", look: Any = None, **settings: Any) -> Scenario:
    """A loan of 1m CNY for two years at 6%, looked at every three months."""
    cover = {"at_least": at_least, "topped_up": topped_up}
    look = {"elapsed": "0 min", "every": "3 months", "cover": cover, **(look or {})}
    product = {
        "tenor": "2 years",
        "price": {"interest": "6%"},
        "repayment": {"interest_every": "3 months"},
        "servicing": [{"status monitoring": look}],
        **settings,
    }
    return world(*firms, product=product, recovery={"decay": "30%"})


def test_the_values_by_hand_fall_below_one_and_a_half_times_the_loan_at_the_fourth_look() -> None:
    assert [round(value(day) / 1e6) for day in LOOKS] == [183, 167, 153, 140, 128, 117, 107]


@pytest.mark.parametrize(
    ("at_least", "day"),
    [
        ("190%", "2021-06-01"), ("180%", "2021-09-01"), ("160%", "2021-12-01"), ("150%", "2022-03-01"),
        ("130%", "2022-06-01"), ("110%", "2022-12-01"), ("100%", "2023-03-01"),
    ],
)  # fmt: skip
def test_a_loan_is_repaid_at_the_first_look_that_finds_too_little_behind_it(at_least: str, day: str) -> None:
    told = replicate(watched(at_least=at_least), 1)
    (loan,) = told.loans
    assert day_of(loan.ended_at) == day
    assert loan.status == ("exited" if day in LOOKS else "repaid")
    assert [(each.day, each.fen) for each in ledger(told, only=["principal repaid"])] == [(day, 100_000_000)]


def test_a_loan_that_ends_at_a_look_pays_interest_up_to_it() -> None:
    assert ledger(watched(repayment={"interest_every": "1 year"}, at_least="160%"), only=["interest"]) == written("""
        2021-12-01  firm -> bank  interest  45,205.48
    """)


QUARTERLY = {"schedule": "equal principal", "every": "3 months"}


def first_below(at_least: float, instalment: int) -> str:
    """The first look at which the value is below so many times what is outstanding after that day's instalment."""
    left = 100_000_000
    for day in LOOKS:
        left -= instalment
        if value(day) < at_least * left:
            return day
    return "2023-03-01"


@pytest.mark.parametrize("at_least", [2.0, 2.1])
def test_cover_is_asked_of_what_the_instalments_so_far_have_left(at_least: float) -> None:
    # The look ends an hour after the instalment of its day
    told = watched(repayment=QUARTERLY, at_least=f"{at_least:.0%}", look={"elapsed": "1 h"})
    (loan,) = replicate(told, 1).loans
    assert day_of(loan.ended_at) == first_below(at_least, 12_500_000)


def test_by_hand_the_instalments_keep_up_with_the_decay_at_twice_the_loan() -> None:
    assert [first_below(at_least, 12_500_000) for at_least in (2.0, 2.1)] == ["2023-03-01", "2021-06-01"]




def test_a_look_at_the_moment_of_an_instalment_comes_after_it() -> None:
    (loan,) = replicate(watched(repayment=QUARTERLY, at_least="200%"), 1).loans
    assert day_of(loan.ended_at) == first_below(2.0, 12_500_000)


def test_a_loan_called_on_the_day_its_interest_is_due_pays_the_interest_of_whole_months() -> None:
    assert ledger(watched(at_least="190%"), only=["interest"]) == written("""
        2021-06-01  firm -> bank  interest  15,000.00
    """)


def test_a_firm_that_pledges_more_pledges_up_to_the_cover_each_time_it_falls_short() -> None:
    told = replicate(watched(topped_up="100%"), 1)
    (loan,) = told.loans
    assert loan.status == "repaid"
    pledged = 0
    for day in LOOKS:
        if value(day) + pledged < 150_000_000:
            pledged += ceil(150_000_000 - value(day) - pledged)
    assert pledged > 40_000_000
    assert loan.more_pledged == pledged


def test_what_was_pledged_besides_is_sold_with_the_rest() -> None:
    told = replicate(watched(firm(default_at="2022-04-01 10:00"), topped_up="100%"), 1)
    (loss,) = told.losses
    more = ceil(150_000_000 - value("2022-03-01"))
    sold = day_of(loss.recovered_at)
    assert sold == "2023-03-27"
    assert loss.proceeds == round((value(sold) + more) * 0.3)


def test_the_stated_share_of_firms_pledges_more_and_the_others_repay() -> None:
    look = {"elapsed": "0 min", "every": "7 months", "cover": {"at_least": "250%", "topped_up": "40%"}}
    happened = replicate(
        world(
            product={"servicing": [{"status monitoring": look}]},
            applicants={"arrivals": {"per_working_day": 60}},
            run={"arrivals_for": "4 weeks"},
        ),
        1,
    )
    count = len(happened.loans)
    kept = sum(loan.status == "repaid" for loan in happened.loans)
    assert count > 1000
    assert kept + sum(loan.status == "exited" for loan in happened.loans) == count
    assert abs(kept / count - 0.4) < 4 * (0.24 / count) ** 0.5
    assert all(loan.more_pledged == (50_000_000 if loan.status == "repaid" else 0) for loan in happened.loans)


def test_a_value_of_exactly_the_cover_is_enough() -> None:
    look = {"elapsed": "0 min", "every": "3 months", "cover": {"at_least": "200%"}}
    (loan,) = replicate(world(product={"servicing": [{"status monitoring": look}]}), 1).loans
    assert loan.status == "repaid"
    look["cover"] = {"at_least": "200.01%"}
    (loan,) = replicate(world(product={"servicing": [{"status monitoring": look}]}), 1).loans
    assert (loan.status, day_of(loan.ended_at)) == ("exited", "2021-06-01")


def test_an_exit_for_other_reasons_comes_whatever_the_cover() -> None:
    (loan,) = replicate(watched(at_least="10%", look={"odds": {"exit": "100%", "sound": "rest"}}), 1).loans
    assert (loan.status, day_of(loan.ended_at)) == ("exited", "2021-06-01")




def test_a_look_that_calls_the_loan_for_want_of_cover_ends_with_exit() -> None:
    told = watched(at_least="150%")
    kind = told.products["loan"].servicing[0].kind
    steps = replicate(told, 1).steps
    assert [kind.outcomes[code] for code in steps["outcome"][steps["step"] == 2]] == ["sound", "sound", "sound", "exit"]
