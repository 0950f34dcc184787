"""Repayment schedules against published annuity tables, by hand, and as rules that hold for every loan."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.credit.schedule import Instalment, interest_due, schedule

PERCENT = Fraction(1, 100)


def in_fen(yuan: str) -> int:
    return round(Fraction(yuan) * 100)


def test_a_bullet_comes_back_in_one_sum_with_all_its_interest() -> None:
    assert schedule("bullet", 200_000_000, 5 * PERCENT, 18, 1) == (Instalment(18, 200_000_000, 15_000_000),)


def test_a_bullet_may_pay_its_interest_on_the_way() -> None:
    due = schedule("bullet", 200_000_000, 6 * PERCENT, 12, 1, 3)
    assert [(each.month, each.interest) for each in due] == [(month, 3_000_000) for month in (3, 6, 9, 12)]
    assert [each.principal for each in due] == [0, 0, 0, 200_000_000]


def test_equal_principal_pays_interest_on_what_is_left() -> None:
    due = schedule("equal principal", 120_000_000, 6 * PERCENT, 12, 3)
    assert due == (
        Instalment(3, 30_000_000, 1_800_000),
        Instalment(6, 30_000_000, 1_350_000),
        Instalment(9, 30_000_000, 900_000),
        Instalment(12, 30_000_000, 450_000),
    )


def test_a_last_period_that_is_shorter_bears_less_interest() -> None:
    due = schedule("equal principal", 30_000_000, 12 * PERCENT, 7, 3)
    assert due == (
        Instalment(3, 10_000_000, 900_000),
        Instalment(6, 10_000_000, 600_000),
        Instalment(7, 10_000_000, 100_000),
    )


@pytest.mark.parametrize(
    ("rate", "years", "factor"),
    # Present value of one a year, as tables of annuities print it with four decimals.
    [(5, 5, "4.3295"), (8, 10, "6.7101"), (10, 3, "2.4869"), (6, 20, "11.4699")],
)
def test_level_payments_are_worth_the_principal_by_the_annuity_table(rate: int, years: int, factor: str) -> None:
    due = schedule("annuity", 10**12, rate * PERCENT, years * 12, 12)
    assert all(each.principal + each.interest == due[0].principal + due[0].interest for each in due[:-1])
    assert round(10**12 / (due[0].principal + due[0].interest), 4) == float(factor)


@pytest.mark.parametrize(
    ("principal", "rate", "months", "number", "payment", "interest"),
    [
        # Examples of the documentation of the spreadsheet functions PMT, PPMT and IPMT.
        ("10000", 8, 10, 1, "1037.03", "66.67"),
        ("2000", 10, 24, 1, "92.29", "16.67"),
        ("8000", 10, 36, 1, "258.14", "66.67"),
    ],
)
def test_a_monthly_annuity_agrees_with_spreadsheets(
    principal: str, rate: int, months: int, number: int, payment: str, interest: str
) -> None:
    due = schedule("annuity", in_fen(principal), rate * PERCENT, months, 1)[number - 1]
    assert (due.principal + due.interest, due.interest) == (in_fen(payment), in_fen(interest))


def test_the_last_payment_of_an_annuity_takes_what_rounding_left() -> None:
    due = schedule("annuity", 800_000, 10 * PERCENT, 36, 12)
    assert sum(each.principal for each in due) == 800_000
    assert (due[-1].principal, due[-1].interest) == (292_447, 29_245)


def test_a_level_payment_may_clear_a_loan_of_a_few_fen_early() -> None:
    due = schedule("annuity", 3, Fraction(0), 5, 1)
    assert [each.principal for each in due] == [1, 1, 1, 0, 0]


@pytest.mark.parametrize(
    ("outstanding", "months", "fen"),
    [(100_000_001, 1, 250_000), (100, 6, 2), (33, 6, 0), (34, 6, 1), (0, 12, 0), (100_000, Fraction(1, 2), 125)],
)
def test_interest_is_rounded_half_up(outstanding: int, months: int | Fraction, fen: int) -> None:
    assert interest_due(outstanding, 3 * PERCENT, months) == fen


kinds = st.sampled_from(["bullet", "equal principal", "annuity"])
principals = st.one_of(st.integers(0, 50), st.integers(0, 10**13))
rates = st.builds(Fraction, st.integers(0, 500), st.sampled_from([1000, 997, 360]))
tenors = st.integers(1, 60)


@given(kinds, principals, rates, tenors, st.integers(1, 15))
def test_parts_of_principal_are_never_negative_and_sum_to_it(
    kind: str, principal: int, rate: Fraction, tenor: int, every: int
) -> None:
    due = schedule(kind, principal, rate, tenor, every)  # type: ignore[arg-type]
    assert sum(each.principal for each in due) == principal
    # A rate that is not paid off by its level payments is no loan of this world: at 50 % a year it still is.
    assert all(each.principal >= 0 and each.interest >= 0 for each in due)
    months = [each.month for each in due]
    assert months == sorted(set(months))
    assert months[-1] == tenor


@given(principals, rates, tenors, st.integers(1, 15))
def test_equal_parts_differ_by_no_more_than_a_fen(principal: int, rate: Fraction, tenor: int, every: int) -> None:
    due = schedule("equal principal", principal, rate, tenor, every)
    parts = [each.principal for each in due]
    assert max(parts) - min(parts) <= 1


@given(st.integers(10**6, 10**13), rates, tenors, st.integers(1, 15))
def test_what_an_annuity_pays_is_worth_its_principal(principal: int, rate: Fraction, tenor: int, every: int) -> None:
    worth, discount, before = Fraction(0), Fraction(1), 0
    for each in schedule("annuity", principal, rate, tenor, every):
        discount /= 1 + rate * (each.month - before) / 12
        worth, before = worth + discount * (each.principal + each.interest), each.month
    # Each period's interest is off by half a fen at most.
    assert abs(worth - principal) <= tenor


@given(principals, rates, tenors, st.integers(1, 15))
def test_interest_of_a_bullet_does_not_depend_on_how_often_it_is_paid(
    principal: int, rate: Fraction, tenor: int, every: int
) -> None:
    at_once = schedule("bullet", principal, rate, tenor, 1)[0].interest
    often = schedule("bullet", principal, rate, tenor, 1, every)
    assert abs(sum(each.interest for each in often) - at_once) <= len(often)


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"principal": -1}, r"principal\(=-1\) must be a whole number of fen, at least 0"),
        ({"principal": 1.5}, r"principal\(=1.5\) must be a whole number of fen"),
        ({"annual_rate": Fraction(-1, 100)}, r"annual_rate\(=Fraction\(-1, 100\)\) must be an exact fraction"),
        ({"annual_rate": 0.05}, r"annual_rate\(=0.05\) must be an exact fraction"),
        ({"tenor_months": 0}, r"tenor_months\(=0\) must be a whole number of months, at least 1"),
        ({"kind": "balloon"}, r"kind\(='balloon'\) must be one of: bullet, equal principal, annuity"),
        ({"kind": "annuity", "interest_every_months": 2}, r"interest_every_months\(=2\) must be None or every_months"),
    ],
)
def test_a_schedule_that_cannot_be_is_refused(wrong: dict[str, object], message: str) -> None:
    terms: dict[str, object] = {
        "kind": "equal principal", "principal": 100, "annual_rate": PERCENT, "tenor_months": 12, "every_months": 3,
    }  # fmt: skip
    with pytest.raises(ValueError, match=message):
        schedule(**(terms | wrong))  # type: ignore[arg-type]


def test_interest_on_a_negative_amount_or_time_is_refused() -> None:
    with pytest.raises(ValueError, match=r"outstanding\(=-1\)"):
        interest_due(-1, PERCENT, 1)
    with pytest.raises(ValueError, match=r"months\(=-1\)"):
        interest_due(1, PERCENT, -1)
