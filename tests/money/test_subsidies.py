"""Subsidies: what share of what was paid is given back, by whom to whom, up to which ceiling over what."""

from __future__ import annotations

from typing import Any

import pytest
from money_worlds import DRAWDOWN, INSTANT, Entry, firm, ledger, lent, world, written

from simulator.experiment.replication import replicate
from simulator.scenario.model import Scenario

HALF = {"of": "interest", "share": "50%", "at_most": "500k CNY", "paid_by": "city"}


def subsidised(*firms: Any, subsidy: Any = None, interest: str = "4%", **settings: Any) -> Scenario:
    """Loans on which the city gives back half of the interest, up to 500k CNY an applicant and year."""
    product = {"price": {"interest": interest, **settings.pop("price", {})}, **settings}
    return world(*firms, product=product, policy={"district": {**HALF, **(subsidy or {})}})


def given(*firms: Any, only: str = "interest subsidy", **settings: Any) -> list[Entry]:
    return ledger(subsidised(*firms, **settings), only=[only])


def test_a_subsidy_is_paid_to_whoever_paid_when_it_has_paid() -> None:
    assert ledger(subsidised(), only=["interest", "interest subsidy"]) == written("""
        2022-03-01  firm -> bank  interest          40,000.00
        2022-03-01  city -> firm  interest subsidy  20,000.00
    """)


@pytest.mark.parametrize(
    ("amount", "interest", "subsidy"),
    [("10m CNY", "4%", "200,000.00"), ("10m CNY", "10%", "500,000.00"), ("20m CNY", "10%", "500,000.00")],
)
def test_half_of_the_interest_is_given_back_up_to_the_ceiling(amount: str, interest: str, subsidy: str) -> None:
    told = given(firm(amount_requested=amount), interest=interest)
    assert told == written(f"2022-03-01  city -> firm  interest subsidy  {subsidy}")


def twice(first: str = "2021-03-01", second: str = "2021-04-01", name: str = "Apex") -> list[Any]:
    """One firm that applies twice; its loans cost 400k and 1,000k of interest at 4% a year."""
    return [firm(first, name="Apex", amount_requested="10m CNY"), firm(second, name=name, amount_requested="25m CNY")]


def test_two_loans_of_one_applicant_share_the_ceiling_of_a_year() -> None:
    assert given(*twice()) == written("""
        2022-03-01  city -> firm  interest subsidy  200,000.00
        2022-04-01  city -> firm  interest subsidy  300,000.00
    """)


def test_another_applicant_has_a_ceiling_of_its_own() -> None:
    assert given(*twice(name="Beacon")) == written("""
        2022-03-01  city -> firm  interest subsidy  200,000.00
        2022-04-01  city -> firm  interest subsidy  500,000.00
    """)


def test_the_loans_of_one_applicant_count_together_across_products() -> None:
    loan = lent(price={"interest": "4%"})
    firms = twice()
    firms[0]["product"], firms[1]["product"] = "first", "second"
    products = {"first": loan, "second": loan}
    for own, subsidies in (({}, [20_000_000, 30_000_000]), ({"products": ["second"]}, [50_000_000])):
        told = world(*firms, products=products, policy={"district": {**HALF, **own}})
        assert [each.fen for each in ledger(told, only=["interest subsidy"])] == subsidies


def test_the_ceiling_of_an_applicant_and_year_begins_anew_each_calendar_year() -> None:
    quarterly = {"interest_every": "3 months"}
    # 500k of interest a quarter
    assert given(firm(amount_requested="50m CNY"), repayment=quarterly) == written("""
        2021-06-01 2021-09-01 2022-03-01  city -> firm  interest subsidy  250,000.00
    """)


def test_a_ceiling_over_an_applicant_holds_for_all_its_loans_and_years() -> None:
    firms = [firm("2021-03-01", name="Apex", amount_requested="20m CNY"),
             firm("2022-03-01", name="Apex", amount_requested="20m CNY")]  # fmt: skip
    assert given(*firms, subsidy={"per": "applicant"}) == written("""
        2022-03-01  city -> firm  interest subsidy  400,000.00
        2023-03-01  city -> firm  interest subsidy  100,000.00
    """)


def test_a_ceiling_over_a_loan_is_one_for_each_loan_whatever_the_years() -> None:
    assert given(*twice(), subsidy={"per": "loan", "at_most": "150k CNY"}, tenor="2 years",
                 repayment={"interest_every": "1 year"}) == written("""
        2022-03-01 2022-04-01  city -> firm  interest subsidy  150,000.00
    """)  # fmt: skip


def test_without_a_ceiling_the_share_of_all_that_was_paid_is_given() -> None:
    assert given(firm(amount_requested="100m CNY"), subsidy={"at_most": None}) == written("""
        2022-03-01  city -> firm  interest subsidy  2,000,000.00
    """)


def test_many_small_payments_get_what_one_large_payment_would() -> None:
    monthly = given(firm(amount_requested="1002 CNY"), interest="6%", repayment={"interest_every": "1 month"})
    # Half of 5.01 a month, in whole fen so far: 2.50, 5.01, 7.51 ...; nine of 2021, three of 2022
    assert [each.fen for each in monthly] == [250, 251] * 4 + [250] + [250, 251, 250]
    once = given(firm(amount_requested="1002 CNY"), interest="6%", subsidy={"per": "loan"})
    assert [each.fen for each in once] == [3006]
    by_loan = given(firm(amount_requested="1002 CNY"), interest="6%", subsidy={"per": "loan"},
                    repayment={"interest_every": "1 month"})  # fmt: skip
    assert sum(each.fen for each in by_loan) == 3006


PREMIUM = {"kind": "premium", "rate": "2%", "paid_by": "bank", "paid_to": "insurer"}


@pytest.mark.parametrize(("paid_to", "payee"), [("payer", "bank"), ("firm", "firm")])
def test_a_premium_subsidy_goes_to_whoever_paid_the_premium_or_to_the_firm_in_any_case(
    paid_to: str, payee: str
) -> None:
    price = {"charges": {"cover": PREMIUM}}
    told = given(only="premium subsidy", subsidy={"of": "premium", "paid_to": paid_to}, price=price)
    assert told == written(f"2021-03-01  city -> {payee}  premium subsidy  10,000.00")


def test_a_subsidy_of_one_kind_of_charge_is_none_of_another() -> None:
    kinds = {"guarantee fee": "1%", "appraisal fee": "3%", "other": "4%"}
    charges = {f"a {kind}": {"kind": kind, "rate": rate, "paid_to": "guarantor"} for kind, rate in kinds.items()}
    fees = {"of": "guarantee fee", "paid_by": "city", "share": "10%"}
    appraisals = {"of": "appraisal fee", "paid_by": "nation", "share": "20%"}
    told = world(product={"price": {"charges": charges}}, policy={"one": fees, "other": appraisals})
    assert [each for each in ledger(told) if "subsidy" in each.what] == written("""
        2021-03-01  city -> firm    guarantee fee subsidy  1,000.00
        2021-03-01  nation -> firm  appraisal fee subsidy  6,000.00
    """)


def test_two_subsidies_of_one_interest_are_each_given() -> None:
    told = world(product={"price": {"interest": "4%"}},
                 policy={"district": HALF, "nation": {**HALF, "share": "10%", "paid_by": "nation"}})  # fmt: skip
    assert ledger(told, only=["interest subsidy"]) == written("""
        2022-03-01  city -> firm    interest subsidy  20,000.00
        2022-03-01  nation -> firm  interest subsidy   4,000.00
    """)


def test_the_fee_of_a_step_is_subsidised_before_the_loan_is_drawn() -> None:
    fee = {"amount": "800 CNY", "paid_by": "firm", "paid_to": "outside", "kind": "appraisal fee"}
    flow = [{"valuation": {"elapsed": "3 days", "fee": fee}}, DRAWDOWN]
    told = world(product={"flow": flow}, policy={"district": {**HALF, "of": "appraisal fee"}})
    assert ledger(told, only=["appraisal fee", "appraisal fee subsidy"]) == written("""
        2021-03-04  firm -> outside  appraisal fee          800.00
        2021-03-04  city -> firm     appraisal fee subsidy  400.00
    """)


def test_only_firms_that_pass_its_tests_get_a_subsidy() -> None:
    firms = [firm("2021-03-01", in_district=True), firm("2021-03-02", in_district=False)]
    told = world(
        *firms, product={"price": {"interest": "4%"}}, population={"in_district": {"yes": "50%"}},
        policy={"district": {**HALF, "eligibility": {"in_district": True}}},
    )  # fmt: skip
    assert [each.case for each in replicate(told, 1).payments if each.what == "interest subsidy"] == [0]


def claimed(after: str, odds: Any = None, **settings: Any) -> Scenario:
    """A subsidy of half the interest and premium that is claimed in a step some time after the drawdown."""
    claim = {"subsidy claim": {"elapsed": after, **({"odds": odds} if odds else {})}}
    product = {
        "flow": [INSTANT, DRAWDOWN, claim],
        "price": {"interest": "4%", "charges": {"cover": {**PREMIUM, "paid_by": "firm"}}},
        "repayment": {"interest_every": "3 months"},
        **settings,
    }
    policy = {
        "interest": {**HALF, "step": "subsidy claim"},
        "premium": {**HALF, "of": "premium", "step": "subsidy claim", "at_most": "12k CNY"},
    }
    return world(product=product, policy=policy)


SUBSIDIES = ("interest subsidy", "premium subsidy")


def test_a_subsidy_that_is_claimed_waits_for_the_claim_and_is_given_at_once_after_it() -> None:
    # Claimed on 9 June, a hundred days after drawdown
    assert ledger(claimed("100 days"), only=SUBSIDIES) == written("""
        2021-06-09                        city -> firm  premium subsidy   10,000.00
        2021-06-09 2021-09-01 2021-12-01  city -> firm  interest subsidy   5,000.00
        2022-03-01                        city -> firm  interest subsidy   5,000.00
    """)


def test_what_was_paid_before_the_claim_counts_to_the_year_of_the_claim() -> None:
    # Claimed on 5 January 2022: the premiums of 2021 and 2022 share the ceiling of 2022
    told = claimed("310 days", tenor="2 years")
    assert ledger(told, only=["premium subsidy"]) == written("""
        2022-01-05  city -> firm  premium subsidy  10,000.00
        2022-03-01  city -> firm  premium subsidy   2,000.00
    """)


def test_a_claim_that_is_declined_or_never_made_brings_nothing() -> None:
    assert ledger(claimed("100 days", odds={"declined": "100%", "claimed": "rest"}), only=SUBSIDIES) == []


def test_interest_that_was_never_paid_is_not_subsidised() -> None:
    assert given(firm(default_at="2021-07-15 12:00")) == []
