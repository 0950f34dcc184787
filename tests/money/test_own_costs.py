"""What its business costs each party: the money it lends, hours of its people at desks, meetings and batches."""

from __future__ import annotations

from typing import Any

import pytest
from money_worlds import DRAWDOWN, NINETY_TEN, firm, ledger, lent, moment, world, written

from simulator.experiment.replication import replicate
from simulator.scenario.model import Scenario

TWO = {"bank": {"cost_of_funds": "2%"}}


def funded(*firms: Any, run: Any = None, parties: Any = None, **settings: Any) -> Any:
    """What the money for loans of 1m CNY at 2% a year has cost the bank."""
    told = world(*firms, product=settings, parties=parties or TWO, run=run)
    return ledger(told, only=["cost of funds"])


def test_the_money_lent_costs_its_rate_for_every_day_until_the_loan_is_repaid() -> None:
    assert funded() == written("2022-03-01  bank -> outside  cost of funds  20,000.00")
    # 366 days up to 1 March 2024
    assert funded(firm("2023-03-01")) == written("2024-03-01  bank -> outside  cost of funds  20,054.79")


def test_money_that_has_come_back_costs_nothing_any_more() -> None:
    quarterly = {"schedule": "equal principal", "every": "3 months"}
    # 92 days of 1,000k, 92 of 750k, 91 of 500k, 90 of 250k: 229m CNY days x 2% / 365 = 12,547.945...
    assert funded(repayment=quarterly) == written("2022-03-01  bank -> outside  cost of funds  12,547.95")


def test_money_costs_from_its_own_drawing_on() -> None:
    # 600k for 365 days, 400k for the 181 from 1 September
    assert funded(drawings=[{"share": "40%", "after": "6 months"}]) == written("""
        2022-03-01  bank -> outside  cost of funds  15,967.12
    """)


def test_money_goes_on_costing_through_a_renewal() -> None:
    assert funded(renewal={"share": "100%"}) == written("2023-03-01  bank -> outside  cost of funds  40,000.00")


def test_a_loan_that_is_called_costs_until_then() -> None:
    call = {"elapsed": "0 min", "every": "5 months", "odds": {"exit": "100%", "sound": "rest"}}
    # 153 days to 1 August
    assert funded(servicing=[{"status monitoring": call}]) == written("""
        2021-08-01  bank -> outside  cost of funds  8,383.56
    """)


def test_after_a_default_the_money_costs_until_the_claim_is_settled() -> None:
    # 136 days to 15 July, 60 days more
    told = funded(firm(default_at="2021-07-15 10:00"), risk_sharing=NINETY_TEN)
    assert told == written("2021-09-13  bank -> outside  cost of funds  10,739.73")


@pytest.mark.parametrize("default_at", [None, "2021-07-15 10:00"])
def test_a_loan_or_a_claim_still_open_has_cost_its_money_up_to_the_end_of_the_follow_up(default_at: str | None) -> None:
    run = {"arrivals_for": "1 week", "follow_up": {"cases": "1 day", "loans": "172 days"}}
    firms = [firm(**({"default_at": default_at} if default_at else {}))]
    # 7 + 172 days from the midnight before: 178 days and 14 hours
    assert funded(*firms, run=run) == written("2021-08-27  bank -> outside  cost of funds  9,785.39")


def test_the_lender_that_a_product_names_pays_for_the_money() -> None:
    parties = {**TWO, "city": {"cost_of_funds": "3%"}}
    assert funded(lender="city", parties=parties) == written("2022-03-01  city -> outside  cost of funds  30,000.00")


STAFF = {
    "cost_per_hour": "120 CNY",
    "desks": {"reviewer": {"staff": 2}, "teller": {"staff": 1, "cost_per_hour": "60 CNY"}},
}


def worked(*steps: Any, firms: Any = (), parties: Any = None, **settings: Any) -> Any:
    """What the work at the bank's desks cost, with the moments."""
    told = world(*firms, product={"flow": [*steps, DRAWDOWN], **settings}, parties=parties or {"bank": STAFF})
    return staff_costs(told)


def staff_costs(told: Scenario) -> list[tuple[int, str, str, float, int]]:
    """Case, payer, payee, moment and fen of each entry."""
    paid = [each for each in replicate(told, 1).payments if each.what == "staff"]
    return [(each.case, each.payer, each.payee, each.moment, each.fen) for each in paid]


def review(work: str = "90 min", desk: str = "reviewer", title: str = "credit approval", **settings: Any) -> Any:
    return {title: {"by": f"bank {desk}", "work": work, **settings}}


def test_an_hour_of_work_at_a_desk_costs_what_the_party_says_or_the_desk_itself() -> None:
    assert worked(review()) == [(0, "bank", "outside", moment("2021-03-01 11:30"), 18_000)]
    assert worked(review(desk="teller")) == [(0, "bank", "outside", moment("2021-03-01 11:30"), 9_000)]


def test_all_work_of_a_party_on_a_case_is_one_entry_at_the_end_of_the_last() -> None:
    steps = [review(), review("1 h", "teller", "due diligence")]
    assert worked(*steps) == [(0, "bank", "outside", moment("2021-03-01 12:30"), 24_000)]


def test_work_is_paid_and_time_that_passes_or_in_which_nobody_works_is_not() -> None:
    # From 16:00 of a Friday: an hour, and half an hour on Monday; the decision comes a day after
    told = worked(review(elapsed="4 days"), firms=[firm("2021-03-05") | {"at": "2021-03-05 16:00"}])
    assert told == [(0, "bank", "outside", moment("2021-03-08 09:30"), 18_000)]
    assert worked({"credit approval": {"by": "bank", "elapsed": "4 days"}}) == []


def test_a_file_that_comes_back_is_worked_on_and_paid_again() -> None:
    again = review("1 h", odds={"returned": "100%", "approved": "rest"}, on={"returned": "credit approval"})
    told = worked(again, rework_limit=2)
    assert told == [(0, "bank", "outside", moment("2021-03-01 13:00"), 36_000)]


def test_a_firm_that_is_declined_has_cost_its_work_all_the_same_and_one_that_left_before_it_has_not() -> None:
    declined = review("1 h", odds={"declined": "100%", "approved": "rest"})
    assert worked(declined) == [(0, "bank", "outside", moment("2021-03-01 11:00"), 12_000)]
    busy = {"bank": {"cost_per_hour": "120 CNY", "desks": {"reviewer": {"staff": 1}}}}
    impatient = review("3 h", patience="1 h")
    told = worked(impatient, firms=[firm(), firm()], parties=busy)
    assert told == [(0, "bank", "outside", moment("2021-03-01 13:00"), 36_000)]


def test_parties_at_work_on_one_case_pay_each_for_their_own() -> None:
    parties = {"bank": STAFF, "insurer": {"cost_per_hour": "200 CNY", "desks": {"writer": {"staff": 1}}}}
    told = worked({"underwriting": {"by": "insurer writer", "work": "30 min"}}, review(), parties=parties)
    assert [(payer, fen) for _, payer, _, _, fen in told] == [("insurer", 10_000), ("bank", 18_000)]


def test_work_costs_nothing_where_nothing_is_said_of_its_cost() -> None:
    assert worked(review(), parties={"bank": {"desks": {"reviewer": {"staff": 1}}}}) == []


def test_a_desk_that_costs_nothing_costs_nothing_whatever_the_party_says() -> None:
    desks = {"reviewer": {"staff": 1, "cost_per_hour": "0 CNY"}}
    assert worked(review(), parties={"bank": {"cost_per_hour": "120 CNY", "desks": desks}}) == []


def test_a_look_at_a_loan_costs_its_work_each_time() -> None:
    told = worked(review(), servicing=[review("1 h", "teller", "status monitoring", every="5 months")])
    # On Sunday 1 August it is taken up on Monday, on 1 January 2022 after the holidays, on Tuesday the 4th
    assert told == [(0, "bank", "outside", moment("2022-01-04"), 18_000 + 2 * 6_000)]


MEETING = {"meets": ["Tuesday"], "at": "14:00", "takes": 5, "lasts": "2 h"}


def board(**settings: Any) -> dict[str, Any]:
    return {"guarantor": {"desks": {"board": {"committee": MEETING, "cost_per_hour": "3000 CNY", **settings}}}}


def test_a_meeting_costs_its_time_in_equal_parts_for_the_files_that_it_deals_with() -> None:
    decision = {"guarantee review": {"by": "guarantor board"}}
    told = worked(decision, firms=[firm(), firm(), firm("2021-03-02"), firm("2021-03-03")], parties=board())
    # Three files on Tuesday 2 March, one a week later; two hours of the whole board
    week, next_week = moment("2021-03-02 16:00"), moment("2021-03-09 16:00")
    assert told == [
        *((case, "guarantor", "outside", week, 200_000) for case in (0, 1, 2)),
        (3, "guarantor", "outside", next_week, 600_000),
    ]


def test_files_of_several_products_and_steps_share_the_meeting_they_are_dealt_with_in() -> None:
    decision = lent(flow=[{"guarantee review": {"by": "guarantor board"}}, DRAWDOWN])
    consent = lent(flow=[{"re-guarantee consent": {"by": "guarantor board"}}, DRAWDOWN])
    products = {"one": decision, "other": consent}
    told = world(firm(product="one"), firm(product="other"), products=products, parties=board())
    assert [fen for *_, fen in staff_costs(told)] == [300_000, 300_000]


def test_a_meeting_without_a_cost_of_its_own_costs_the_hours_of_one_person_of_the_party() -> None:
    parties = board(cost_per_hour=None)
    parties["guarantor"]["cost_per_hour"] = "100 CNY"
    assert [fen for *_, fen in worked({"guarantee review": {"by": "guarantor board"}}, parties=parties)] == [20_000]


def test_a_batch_costs_its_time_in_equal_parts_for_its_files() -> None:
    batch = {"batch": {"size": 3, "wait": "1 working day", "lasts": "4 h"}, "cost_per_hour": "90 CNY"}
    parties = {"registry": {"desks": {"counter": batch}}}
    told = worked({"pledge registration": {"by": "registry counter"}}, firms=[firm()] * 4, parties=parties)
    # Three at once at 10:00, the fourth a working day later
    assert [(case, at, fen) for case, _, _, at, fen in told] == [
        *((case, moment("2021-03-01 14:00"), 12_000) for case in (0, 1, 2)),
        (3, moment("2021-03-02 14:00"), 36_000),
    ]
