"""Repayment schedules of loans, in whole fen and whole months (30/360: a month is a twelfth of a year)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from typing import Literal, get_args

Kind = Literal["bullet", "equal principal", "annuity"]


@dataclass(frozen=True, slots=True)
class Instalment:
    """What a firm owes at the end of a month after drawdown, in fen; either part may be 0."""

    month: int
    principal: int
    interest: int


def schedule(
    kind: Kind,
    principal: int,
    annual_rate: Fraction,
    tenor_months: int,
    every_months: int,
    interest_every_months: int | None = None,
) -> tuple[Instalment, ...]:
    """The instalments of a loan of `principal` fen, in order of time; the last one falls due at maturity.

    bullet           the principal at maturity; `every_months` plays no part.
    equal principal  the same part of the principal every `every_months`.
    annuity          the same payment, interest included, every `every_months`; the last takes what rounding left.

    Interest is due on what was outstanding since it was last paid. A bullet pays it every `interest_every_months`, or
    at maturity where that is None; the other two with each instalment, or, for equal principal, at months of its own.
    Where the tenor is no multiple of the months, the last period is shorter. Equal parts are rounded cumulatively, so
    that they sum to the principal; interest is rounded half up once a period. ValueError for what cannot be.
    """
    if type(principal) is not int or principal < 0:
        raise ValueError(f"principal(={principal!r}) must be a whole number of fen, at least 0")
    if kind == "annuity":
        terms = _annuity_terms(annual_rate, tenor_months, every_months, interest_every_months)
        return tuple(_annuity(principal, terms))
    plan = _plan(kind, annual_rate, tenor_months, every_months, interest_every_months)
    return tuple(_in_equal_parts(principal, plan))


def interest_due(outstanding: int, annual_rate: Fraction, months: int | Fraction) -> int:
    """Interest in fen on an amount outstanding for some months, rounded half up."""
    _check_rate(annual_rate)
    if outstanding < 0:
        raise ValueError(f"outstanding(={outstanding}) must be at least 0")
    if months < 0:
        raise ValueError(f"months(={months}) must be at least 0")
    return rounded(
        outstanding * annual_rate.numerator * months.numerator, annual_rate.denominator * months.denominator * 12
    )


@dataclass(frozen=True, slots=True)
class _Plan:
    """What loans that differ only in their principal have in common; the due dates are (month, months since the one
    before, equal parts repaid by then, whether interest is paid)."""

    due: tuple[tuple[int, int, int, bool], ...]
    parts: int
    rate: int
    per: int
    """Interest on an amount is amount x months x rate / per."""


@dataclass(frozen=True, slots=True)
class _AnnuityTerms:
    months: tuple[int, ...]
    rate: int
    per: int
    payment: int
    of: int
    """The level payment of a principal is principal x payment / of."""


def _in_equal_parts(principal: int, plan: _Plan) -> Iterator[Instalment]:
    outstanding, accrued = principal, 0
    for month, months, repaid_parts, pays_interest in plan.due:
        accrued += outstanding * months
        interest = 0
        if pays_interest:
            interest, accrued = rounded(accrued * plan.rate, plan.per), 0
        left = principal - rounded(principal * repaid_parts, plan.parts)
        yield Instalment(month, outstanding - left, interest)
        outstanding = left


def _annuity(principal: int, terms: _AnnuityTerms) -> Iterator[Instalment]:
    payment = rounded(principal * terms.payment, terms.of)
    outstanding, before = principal, 0
    for month in terms.months:
        interest = rounded(outstanding * (month - before) * terms.rate, terms.per)
        # A level payment rounded up may clear a loan of a few fen before its last instalment.
        repaid = outstanding if month == terms.months[-1] else min(payment - interest, outstanding)
        yield Instalment(month, repaid, interest)
        outstanding, before = outstanding - repaid, month


@lru_cache(maxsize=1024, typed=True)
def _plan(kind: Kind, rate: Fraction, tenor: int, every: int, interest_every: int | None) -> _Plan:
    _check(kind, rate, tenor, every, interest_every)
    repaid_in = (tenor,) if kind == "bullet" else instalment_months(tenor, every)
    pays_in = repaid_in if interest_every is None else instalment_months(tenor, interest_every)
    due, before = [], 0
    for month in sorted({*repaid_in, *pays_in}):
        due.append((month, month - before, sum(each <= month for each in repaid_in), month in pays_in))
        before = month
    return _Plan(tuple(due), len(repaid_in), rate.numerator, rate.denominator * 12)


@lru_cache(maxsize=1024, typed=True)
def _annuity_terms(rate: Fraction, tenor: int, every: int, interest_every: int | None) -> _AnnuityTerms:
    """The level payment a of a principal of 1: the payments, discounted period by period, are worth 1 at drawdown."""
    _check("annuity", rate, tenor, every, interest_every)
    if interest_every is not None and interest_every != every:
        raise ValueError(
            f"interest_every_months(={interest_every}) must be None or every_months(={every}) for an annuity, "
            "whose payments include the interest"
        )
    months = instalment_months(tenor, every)
    worth, discount, before = Fraction(0), Fraction(1), 0
    for month in months:
        discount /= 1 + rate * (month - before) / 12
        worth, before = worth + discount, month
    return _AnnuityTerms(months, rate.numerator, rate.denominator * 12, worth.denominator, worth.numerator)


def instalment_months(tenor: int, every: int) -> tuple[int, ...]:
    """Months after drawdown at which something is due every so many months, and at maturity."""
    return (*range(every, tenor, every), tenor)


def rounded(numerator: int, denominator: int) -> int:
    """A fraction of a fen as a whole number of them, half up."""
    return (2 * numerator + denominator) // (2 * denominator)


def _check(kind: str, rate: Fraction, tenor: int, every: int, interest_every: int | None) -> None:
    if kind not in get_args(Kind):
        raise ValueError(f"kind(={kind!r}) must be one of: {', '.join(get_args(Kind))}")
    _check_rate(rate)
    for name, months in (("tenor", tenor), ("every", every), ("interest_every", interest_every)):
        if months is not None and (type(months) is not int or months < 1):
            raise ValueError(f"{name}_months(={months!r}) must be a whole number of months, at least 1")


def _check_rate(rate: Fraction) -> None:
    if not isinstance(rate, int | Fraction) or rate < 0:
        raise ValueError(f"annual_rate(={rate!r}) must be an exact fraction, at least 0")
