"""Charges on a loan: by the year in advance or once, on what is outstanding or on what is drawn, by whom to whom."""

from __future__ import annotations

from typing import Any

import pytest
from money_worlds import NINETY_TEN, Entry, firm, ledger, world, written

from simulator.scenario.model import Scenario

PREMIUM = {"kind": "premium", "paid_to": "insurer"}
TWO_A_YEAR = {**PREMIUM, "rate": "2%"}


def charged(charge: Any, *firms: Any, tenor: str = "12 months", **settings: Any) -> Scenario:
    """1m CNY with one charge."""
    return world(*firms, product={"price": {"charges": {"cover": charge}}, "tenor": tenor, **settings})


def premiums(charge: Any, *firms: Any, **settings: Any) -> list[Entry]:
    return ledger(charged(charge, *firms, **settings), only=["premium"])


def test_a_charge_by_the_year_is_due_in_advance_at_drawdown_and_at_each_anniversary() -> None:
    assert premiums(TWO_A_YEAR, tenor="3 years") == written("""
        2021-03-01 2022-03-01 2023-03-01  firm -> insurer  premium  20,000.00
    """)


def test_a_last_year_that_is_shorter_is_charged_for_its_months() -> None:
    assert premiums(TWO_A_YEAR, tenor="30 months") == written("""
        2021-03-01 2022-03-01  firm -> insurer  premium  20,000.00
        2023-03-01             firm -> insurer  premium  10,000.00
    """)
    assert premiums(TWO_A_YEAR, tenor="7 months") == written("""
        2021-03-01  firm -> insurer  premium  11,666.67
    """)


def test_a_charge_on_the_loan_is_due_once() -> None:
    assert premiums({**TWO_A_YEAR, "each": "loan"}, tenor="30 months") == written("""
        2021-03-01  firm -> insurer  premium  20,000.00
    """)


@pytest.mark.parametrize(("each", "days"), [("year", "2021-03-01 2022-03-01 2023-03-01"), ("loan", "2021-03-01")])
def test_an_amount_is_charged_whole_each_year_that_begins_or_once(each: str, days: str) -> None:
    assert premiums({**PREMIUM, "amount": "5k CNY", "each": each}, tenor="30 months") == written(f"""
        {days}  firm -> insurer  premium  5,000.00
    """)


def test_at_an_anniversary_only_what_the_instalment_of_that_day_leaves_is_charged() -> None:
    twice_a_year = {"schedule": "equal principal", "every": "6 months"}
    assert premiums(TWO_A_YEAR, tenor="24 months", repayment=twice_a_year) == written("""
        2021-03-01  firm -> insurer  premium  20,000.00
        2022-03-01  firm -> insurer  premium  10,000.00
    """)


def later(months: int) -> dict[str, Any]:
    """40% of the loan is drawn so many months later."""
    return {"drawings": [{"share": "40%", "after": f"{months} months"}]}


def test_a_later_drawing_is_charged_for_the_months_to_the_next_anniversary() -> None:
    assert premiums(TWO_A_YEAR, tenor="24 months", **later(6)) == written("""
        2021-03-01  firm -> insurer  premium  12,000.00
        2021-09-01  firm -> insurer  premium   4,000.00
        2022-03-01  firm -> insurer  premium  20,000.00
    """)


def test_a_drawing_in_the_last_year_is_charged_for_the_months_to_maturity() -> None:
    assert premiums(TWO_A_YEAR, tenor="18 months", **later(15)) == written("""
        2021-03-01  firm -> insurer  premium  12,000.00
        2022-03-01  firm -> insurer  premium   6,000.00
        2022-06-01  firm -> insurer  premium   2,000.00
    """)


def test_a_drawing_on_an_anniversary_is_charged_once_for_the_year_that_begins() -> None:
    assert premiums(TWO_A_YEAR, tenor="24 months", **later(12)) == written("""
        2021-03-01  firm -> insurer  premium  12,000.00
        2022-03-01  firm -> insurer  premium  20,000.00
    """)


def test_a_charge_on_the_loan_is_due_on_every_drawing_and_an_amount_only_on_the_first() -> None:
    assert premiums({**TWO_A_YEAR, "each": "loan"}, tenor="24 months", **later(15)) == written("""
        2021-03-01  firm -> insurer  premium  12,000.00
        2022-06-01  firm -> insurer  premium   8,000.00
    """)
    assert premiums({**PREMIUM, "amount": "5k CNY", "each": "loan"}, **later(6)) == written("""
        2021-03-01  firm -> insurer  premium  5,000.00
    """)
    assert premiums({**PREMIUM, "amount": "5k CNY", "each": "year"}, tenor="24 months", **later(15)) == written("""
        2021-03-01 2022-03-01  firm -> insurer  premium  5,000.00
    """)


def test_a_charge_is_rounded_half_up_to_whole_fen() -> None:
    # 333,333.33 x 1.5% x 7 / 12 = 2,916.6666...; 0.25 x 2% is half a fen
    odd = firm(amount_requested="333333.33 CNY")
    assert premiums({**PREMIUM, "rate": "1.5%"}, odd, tenor="7 months") == written("""
        2021-03-01  firm -> insurer  premium  2,916.67
    """)
    assert premiums(TWO_A_YEAR, firm(amount_requested="0.25 CNY")) == written("""
        2021-03-01  firm -> insurer  premium  0.01
    """)
    assert premiums(TWO_A_YEAR, firm(amount_requested="0.24 CNY")) == []


def test_nothing_is_charged_for_a_loan_that_has_been_repaid_called_or_lost_before() -> None:
    once = written("2021-03-01  firm -> insurer  premium  20,000.00")
    call = {"elapsed": "0 min", "every": "9 months", "odds": {"exit": "100%", "sound": "rest"}}
    assert premiums(TWO_A_YEAR, tenor="24 months", servicing=[{"status monitoring": call}]) == once
    assert premiums(TWO_A_YEAR, firm(default_at="2022-02-28"), tenor="24 months") == once
    sweep = {"of": "appraised_value", "share": "100%", "every": "3 months"}
    assert premiums(TWO_A_YEAR, tenor="24 months", repayment={"sweep": sweep}) == once


def test_a_party_may_pay_a_charge_in_the_firms_place_and_anybody_outside_may_get_it() -> None:
    assert premiums({**TWO_A_YEAR, "paid_by": "bank"}) == written("2021-03-01  bank -> insurer  premium  20,000.00")
    assert premiums({**TWO_A_YEAR, "paid_to": "outside"}) == written("2021-03-01  firm -> outside  premium  20,000.00")


def test_every_charge_stands_under_its_kind() -> None:
    kinds = {"guarantee fee": "1%", "premium": "2%", "appraisal fee": "3%", "other": "4%"}
    charges = {f"a {kind}": {"kind": kind, "rate": rate, "paid_to": "guarantor"} for kind, rate in kinds.items()}
    told = ledger(world(product={"price": {"charges": charges}}))
    assert [each for each in told if each.payee == "guarantor"] == written("""
        2021-03-01  firm -> guarantor  guarantee fee  10,000.00
        2021-03-01  firm -> guarantor  premium        20,000.00
        2021-03-01  firm -> guarantor  appraisal fee  30,000.00
        2021-03-01  firm -> guarantor  other charge   40,000.00
    """)


def test_a_fee_of_a_step_is_due_when_the_step_is_done_even_if_the_firm_is_declined_in_it() -> None:
    fee = {"amount": "800 CNY", "paid_by": "firm", "paid_to": "outside", "kind": "appraisal fee"}
    step = {"valuation": {"elapsed": "3 days", "fee": fee, "odds": {"declined": "100%", "valued": "rest"}}}
    flow = [step, {"drawdown": {"elapsed": "0 min", "by": "bank"}}]
    assert ledger(world(product={"flow": flow})) == written("2021-03-04  firm -> outside  appraisal fee  800.00")


def test_an_insurers_premium_costs_it_its_expense_ratio_and_other_money_that_it_gets_does_not() -> None:
    charges = {"cover": TWO_A_YEAR, "advice": {"rate": "1%", "paid_to": "insurer"}}
    insured = {"price": {"charges": charges}, "risk_sharing": NINETY_TEN, "recovery": {"by": "insurer"}}
    told = world(firm(default_at="2021-07-15 10:00"), product=insured, parties={"insurer": {"expense_ratio": "30%"}})
    assert ledger(told, only=["premium", "expenses"]) == written("""
        2021-03-01  firm -> insurer     premium   20,000.00
        2021-03-01  insurer -> outside  expenses   6,000.00
    """)


def test_a_guarantors_fee_costs_it_its_expense_ratio_each_time_whoever_pays_it() -> None:
    fee = {"kind": "guarantee fee", "rate": "1.01%", "paid_by": "bank", "paid_to": "guarantor"}
    told = world(
        firm(amount_requested="50.50 CNY"),
        product={"price": {"charges": {"fee": fee}}, "tenor": "2 years"},
        parties={"guarantor": {"expense_ratio": "50%"}},
    )
    # 0.51 each time, of which half is 25.5 fen
    assert ledger(told, only=["guarantee fee", "expenses"]) == written("""
        2021-03-01 2022-03-01  bank -> guarantor     guarantee fee  0.51
        2021-03-01 2022-03-01  guarantor -> outside  expenses       0.26
    """)
