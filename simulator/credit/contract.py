"""What a loan contract says will happen: drawings, instalments, dates of interest, and what is charged when."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property, lru_cache

from simulator.credit.schedule import instalment_months, rounded, schedule
from simulator.scenario.credit import Drawing, Repayment
from simulator.scenario.pricing import Charge

MINUTES_A_DAY = 1440
DAYS_A_YEAR = 365


@dataclass(frozen=True, slots=True)
class Due:
    """What happens at the end of a month after drawdown, in fen; the drawdown itself is month 0.

    Licence payments of that month come first, then principal is repaid, then more is drawn. `pays_interest` tells
    whether the interest owed by then is paid.
    """

    month: int
    drawn: int
    principal: int
    pays_interest: bool
    is_anniversary: bool
    """Whether charges by the year are due, on what is outstanding then."""
    sweep: int
    """Number of the licence payment that comes in, from 1; 0 for none, as at maturity."""


@dataclass(frozen=True)
class Terms:
    """The terms of a product's loans."""

    repayment: Repayment
    drawings: tuple[Drawing, ...]
    interest: Fraction
    tenor_months: int

    def parts(self, amount: int) -> list[tuple[int, int]]:
        """The drawings of an amount in fen, as (month, fen); the first takes what the shares of the others leave."""
        later = [
            (each.after.months, amount * each.share.numerator // each.share.denominator) for each in self.drawings
        ]
        return [(0, amount - sum(fen for _, fen in later)), *sorted(later)]

    def dues(self, amount: int) -> tuple[Due, ...]:
        """All that is due on a loan of an amount in fen, in the order of time; what a sweep brings is not known before.

        Every drawing is repaid by itself, on the dates of the loan that come after it.
        """
        months = self._months
        if not self.drawings and self.repayment.schedule == "bullet":
            first, *others, last = self._unsized
            begins, ends = self._months[first.month], self._months[last.month]
            return Due(first.month, amount, 0, *begins), *others, Due(last.month, 0, amount, *ends)
        drawn = dict.fromkeys(months, 0)
        repaid = dict.fromkeys(months, 0)
        every = self.repayment.every.months if self.repayment.every is not None else self.tenor_months
        for month, fen in self.parts(amount):
            drawn[month] += fen
            left = self.tenor_months - month
            for each in schedule(self.repayment.schedule, fen, self.interest, left, every):
                repaid[month + each.month] += each.principal
        return tuple(
            Due(month, drawn[month], repaid[month], pays_interest, is_anniversary, sweep)
            for month, (pays_interest, is_anniversary, sweep) in months.items()
        )

    @cached_property
    def _months(self) -> dict[int, tuple[bool, bool, int]]:
        """Whether interest is due at the end of a month, whether charges by the year, and which licence payment."""
        repayment = self.repayment
        every, interest_every = repayment.every, repayment.interest_every
        return _months_of(
            self.tenor_months,
            tuple(drawing.after.months for drawing in self.drawings),
            every.months if every is not None else None,
            interest_every.months if interest_every is not None else None,
            repayment.sweep.every.months if repayment.sweep is not None else None,
        )

    @cached_property
    def _unsized(self) -> tuple[Due, ...]:
        """What is due on a bullet loan of no amount."""
        return tuple(Due(month, 0, 0, *told) for month, told in self._months.items())


@lru_cache(maxsize=256)
def _months_of(
    tenor: int, drawings: tuple[int, ...], every: int | None, interest_every: int | None, sweep_every: int | None
) -> dict[int, tuple[bool, bool, int]]:
    repaid = set(instalment_months(tenor, every) if every is not None else (tenor,))
    interest = set(instalment_months(tenor, interest_every)) if interest_every is not None else repaid
    years = set(range(12, tenor, 12))
    swept = {} if sweep_every is None else {sweep_every * n: n for n in range(1, (tenor - 1) // sweep_every + 1)}
    months = sorted({0, *drawings, *repaid, *interest, *years, *swept})
    return {month: (month in interest, month in years, swept.get(month, 0)) for month in months}


def interest_owed(accrued: int, outstanding: int, days: int, annual_rate: Fraction) -> int:
    """Interest in fen on `accrued` fen x months and on what was outstanding for some days since, rounded half up.

    A month is a twelfth of a year; days count in a month that is not over, where a year has 365 of them.
    """
    amount = (accrued * DAYS_A_YEAR + outstanding * days * 12) * annual_rate.numerator
    return rounded(amount, 12 * DAYS_A_YEAR * annual_rate.denominator)


def charge_at_drawing(charge: Charge, drawn: int, month: int, tenor_months: int, is_first: bool) -> int:
    """A charge in fen when part of a loan is paid out: by the year, for the months to the next anniversary."""
    if charge.rate is None:
        return (charge.amount or 0) if is_first else 0
    if charge.each == "loan":
        return rounded(drawn * charge.rate.numerator, charge.rate.denominator)
    return _for_months(charge.rate, drawn, min(12 - month % 12, tenor_months - month))


def charge_at_anniversary(charge: Charge, outstanding: int, month: int, tenor_months: int) -> int:
    """A charge in fen that is due again a whole number of years after drawdown, for the months of the year begun."""
    if charge.each == "loan":
        return 0
    if charge.rate is None:
        return (charge.amount or 0) if outstanding else 0
    return _for_months(charge.rate, outstanding, min(12, tenor_months - month))


def _for_months(rate: Fraction, amount: int, months: int) -> int:
    return rounded(amount * rate.numerator * months, rate.denominator * 12)


@dataclass(frozen=True, slots=True)
class Flow:
    """One payment that a contract foresees, months after drawdown; `charge` names the charge it is."""

    month: int
    what: str
    fen: int
    charge: Charge | None = None


def contractual_flows(
    terms: Terms, charges: tuple[Charge, ...], amount: int, licence_part: int = 0
) -> Iterator[Flow]:
    """What is paid on a loan of an amount in fen if everybody keeps the contract and it is not renewed, in fen.

    `what` is 'drawn', 'principal', 'interest' or 'charge'. A sweep brings `licence_part` fen at each of its dates.
    """
    outstanding, accrued, before = 0, 0, 0
    for due in terms.dues(amount):
        accrued += outstanding * (due.month - before)
        before = due.month
        if due.pays_interest or (due.sweep and outstanding <= licence_part):
            yield Flow(due.month, "interest", interest_owed(accrued, 0, 0, terms.interest))
            accrued = 0
        swept = min(licence_part, outstanding) if due.sweep else 0
        principal = swept + min(due.principal, outstanding - swept)
        if principal:
            outstanding -= principal
            yield Flow(due.month, "principal", principal)
        for charge in charges:
            if due.is_anniversary:
                fee = charge_at_anniversary(charge, outstanding, due.month, terms.tenor_months)
                yield Flow(due.month, "charge", fee, charge)
            if due.drawn:
                fee = charge_at_drawing(charge, due.drawn, due.month, terms.tenor_months, due.month == 0)
                yield Flow(due.month, "charge", fee, charge)
        if due.drawn:
            outstanding += due.drawn
            yield Flow(due.month, "drawn", due.drawn)
        if due.month and not outstanding:
            return
