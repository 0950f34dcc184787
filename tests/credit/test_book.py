"""Books of loans: what a table becomes, when loans can default, and what cannot be a book."""

from __future__ import annotations

import datetime
from dataclasses import replace
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from small_books import DAY, MILLION, bullets, random_book, row

from simulator.credit.book import MOST_FEN, Dated, book_of_table


def test_a_table_becomes_bullets_from_midnight_to_midnight() -> None:
    rows = [
        row("a", datetime.date(2021, 3, 1), borrower="one", tenor_months=6, annual_pd=Fraction(1, 50), premium=3),
        row("b", datetime.date(2021, 1, 31), borrower="two", tenor_months=1, lgd=None, appraised_value=MILLION),
        row("c", datetime.date(2021, 2, 1), borrower="one", tenor_months=36, annual_pd=Fraction(1, 50), premium=0),
    ]
    book = book_of_table(rows)
    assert book.origin == datetime.date(2021, 1, 31)
    assert book.names == ("a", "b", "c")
    assert book.borrower.tolist() == [0, 1, 0]
    assert (book.drawn_at / DAY).tolist() == [29, 0, 1]
    # The last day of February is a month after the last of January.
    assert (book.ends_at / DAY).tolist() == [29 + 184, 28, 1 + 1095]
    assert book.outstanding.tolist() == [[2 * MILLION, 0]] * 3
    assert [book.structures[number].rates for number in book.structure] == [(0.02,), (0.03,), (0.02,)]
    assert book.worth.tolist() == [0, MILLION, 0]
    assert book.lgd is not None
    assert [each is None for each in book.lgd] == book.is_sold.tolist() == [False, True, False]
    assert (book.premiums.loan.tolist(), book.premiums.fen.tolist()) == ([0], [3])
    assert (book.premiums.moment / DAY).tolist() == [29]


def test_a_table_without_loans_or_without_what_a_default_costs_is_refused() -> None:
    with pytest.raises(ValueError, match="at least one loan"):
        book_of_table([])
    for missing in ("lgd", "annual_pd", "tenor_months"):
        with pytest.raises(ValueError, match="loan 'x' must have tenor_months, annual_pd and either lgd or appraised"):
            book_of_table([row("x", **{missing: None})])


def test_a_default_time_falls_into_the_tenor_in_which_it_lies() -> None:
    book = replace(
        bullets(2),
        period_ends=np.array([[0.0, 365, 365 + 366], [10.0, 375, 375]]) * DAY,
        changes_at=np.array([[0.0, 731], [10.0, 375]]) * DAY,
    )
    years = np.array([0.0, 0.5, 1.0, 1.5, 1.999, 2.0, np.inf])
    moments = book.moments(np.zeros(7, dtype=np.int64), years) / DAY
    assert moments.tolist() == pytest.approx([0, 182.5, 365, 365 + 183, 365 + 0.999 * 366, np.inf, np.inf])
    assert (book.moments(np.ones(3, dtype=np.int64), np.array([0.0, 0.5, 1.0])) / DAY).tolist() == [10, 192.5, np.inf]
    assert book.horizon_years.tolist() == [2, 1]


def test_a_loan_that_is_repaid_early_cannot_default_afterwards() -> None:
    book = replace(
        bullets(1, tenor_months=24),
        changes_at=np.array([[0.0, 73 * DAY, 365 * DAY, np.inf]]),
        outstanding=np.array([[9, 4, 0, 0]]),
    )
    assert book.horizon_years[0] == pytest.approx(1)
    assert (book.ends_at / DAY).tolist() == [365]
    assert np.isinf(book.moments(np.zeros(1, dtype=np.int64), np.array([1.01]))).all()


def test_a_loan_that_is_never_repaid_can_default_until_its_last_tenor_ends() -> None:
    book = replace(bullets(1), outstanding=np.array([[9, 4]]), changes_at=np.array([[0.0, 73 * DAY]]))
    assert (book.ends_at / DAY).tolist() == [365]


@given(st.integers(0, 2**32 - 1), st.floats(0, 4))
def test_the_moment_of_a_default_lies_in_the_life_of_its_loan_up_to_its_horizon(seed: int, years: float) -> None:
    book = random_book(seed)
    loan = np.arange(len(book))
    moment = book.moments(loan, np.full(len(book), years))
    defaults = np.isfinite(moment)
    assert (moment[defaults] >= book.drawn_at[defaults]).all()
    assert (moment[defaults] < book.ends_at[defaults]).all()
    # At the horizon itself rounding decides.
    clear = np.abs(years - book.horizon_years) > 1e-9
    assert (defaults == (years < book.horizon_years))[clear].all()


def test_without_drawings_of_its_own_a_loan_is_lent_at_drawdown() -> None:
    book = bullets(2, principal=5)
    assert (book.lent.fen.tolist(), book.lent.moment.tolist()) == ([5, 5], [0, 0])
    later = Dated(np.array([1]), np.array([9.0]), np.array([4]))
    assert replace(book, drawings=later).lent is later


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"names": ()}, "must have an entry for each of 0 loans"),
        ({"worth": np.zeros(3, dtype=np.int64)}, r"worth\(shape=\(3,\)\) must have an entry for each of 2 loans"),
        ({"changes_at": np.zeros((2, 3))}, "must have the same shape"),
        ({"period_ends": np.array([[0.0, 5], [0, 0]]) * DAY}, "period_ends of loan 'L1' must rise from drawdown on"),
        ({"period_ends": np.array([[0.0, np.inf], [0, 1]])}, "period_ends of loan 'L0' must be finite"),
        ({"tenor_years": np.array([1.0, 0.0])}, "tenor_years of loan 'L1' must be above 0"),
        ({"changes_at": np.array([[0.0, 9], [5, 9]])}, "changes_at of loan 'L1' must begin with drawdown"),
        ({"changes_at": np.array([[0.0, -9], [0, 9]])}, "changes_at of loan 'L0' must be in the order of time"),
        ({"outstanding": np.array([[1, -1], [0, 0]])}, "outstanding of loan 'L0' must be at least 0"),
        ({"borrower": np.array([0, -1])}, "borrower of loan 'L1' must be a number"),
        ({"structure": np.array([0, 1])}, "structure of loan 'L1' must be one of structures"),
        ({"worth": np.array([0, -1])}, "worth of loan 'L1' must be at least 0"),
        ({"lgd": (Fraction(0), Fraction(11, 10))}, "lgd of loan 'L1' must lie between 0 and 1"),
        ({"quality": np.array([0.0, np.nan])}, "quality of loan 'L1' must be finite"),
        ({"outstanding": np.full((2, 2), MOST_FEN // 2)}, "outstanding of all loans must come to less than"),
        ({"premiums": Dated(np.array([2]), np.array([0.0]), np.array([1]))}, "premiums must belong to loans"),
    ],
)
def test_what_cannot_be_a_book_is_refused(wrong: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        replace(bullets(2), **wrong)


def test_payments_that_do_not_fit_together_are_refused() -> None:
    with pytest.raises(ValueError, match="an entry for each payment"):
        Dated(np.zeros(1, dtype=np.int64), np.zeros(2), np.zeros(1, dtype=np.int64))
