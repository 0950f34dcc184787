"""A book of loans from drawdown to their end: what is outstanding when, what they are worth, what rates they bear."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simulator.credit.contract import MINUTES_A_DAY
from simulator.credit.default_times import TermStructure
from simulator.errors import TooLargeError
from simulator.scenario.book_table import BookRow

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
MOST_FEN = 2**60
"""All principal of a book stays below this, and so do all its premiums, so that sums over it are exact."""


@dataclass(frozen=True)
class Dated:
    """Money that moves on the loans of a book if none defaults, one entry a payment: loan, moment, amount in fen."""

    loan: Ints
    moment: Floats
    fen: Ints

    def __post_init__(self) -> None:
        if not np.shape(self.loan) == np.shape(self.moment) == np.shape(self.fen) or np.ndim(self.loan) != 1:
            raise ValueError("loan, moment and fen must have an entry for each payment")


def sums_until(group: Ints, moment: Floats, fen: Ints, asked: Ints, until: Floats) -> Ints:
    """Sum of the fen of each group that is asked for, up to a moment and including it, (asked,)."""
    times = np.unique(moment)
    width = len(times) + 1
    numbers = np.unique(np.concatenate([group, asked]), return_inverse=True)[1]
    key, wanted = numbers[: len(group)] * width + np.searchsorted(times, moment), numbers[len(group) :] * width
    order = np.argsort(key, kind="stable")
    key, total = key[order], np.concatenate(([0], np.cumsum(fen[order])))
    last = np.searchsorted(key, wanted + np.searchsorted(times, until, side="right"))
    return np.asarray(total[last] - total[np.searchsorted(key, wanted)])


Ratio = tuple[NDArray[Any], NDArray[Any]]
"""Numerators and denominators, one entry a loan: of int64, or of any size as objects where one does not fit."""


def ratio_of(values: Iterable[Fraction]) -> Ratio:
    """Numerators and denominators of fractions of at least 0."""
    terms = [(each.numerator, each.denominator) for each in values]
    kind: type = np.int64 if all(max(each) < 2**40 for each in terms) else object
    numerator, denominator = zip(*terms, strict=True)
    return np.array(numerator, dtype=kind), np.array(denominator, dtype=kind)


def whole(amount: NDArray[Any], numerator: NDArray[Any], denominator: NDArray[Any]) -> Ints:
    """Fractions of amounts of at least 0, rounded half up, same shape; exact whatever the size on the way."""
    most = 2.0 * float(amount.max(initial=0)) * float(numerator.max(initial=0)) + float(denominator.max(initial=0))
    kind: type = np.int64 if most < 2.0**62 and object not in (numerator.dtype, denominator.dtype) else object
    twice: NDArray[Any] = 2 * amount.astype(kind) * numerator.astype(kind) + denominator.astype(kind)
    return np.asarray(twice // (2 * denominator.astype(kind)), dtype=np.int64)


NOTHING = Dated(np.zeros(0, dtype=np.int64), np.zeros(0), np.zeros(0, dtype=np.int64))


@dataclass(frozen=True)
class Book:
    """Loans as they run if none defaults, one entry a loan; ValueError for what cannot be.

    Moments are minutes since midnight of `origin`, money is in fen.

    period_ends  (loans, periods + 1): drawdown, then the end of each tenor. A renewed loan has several; where others
                 have more, the last one is repeated.
    changes_at   (loans, steps): drawdown, then each change, in the order of time, filled up with infinity.
    outstanding  (loans, steps): principal outstanding from that moment on; 0 at last where the loan is repaid.
    accrued      (loans, steps): interest accrued and unpaid at that moment, in fen x months.
    structure    which of `structures` the loan's default rates are.
    quality      latent quality of the firm, standard normal; None where it is not known, and defaults do not show it.
    worth        what the pledged IP is worth at drawdown. It is sold after a default.
    lgd          share of what is outstanding that is lost at a default, for loans where that is given instead: this
                 part alone is the loss that is shared, and nothing comes back. None where the IP is sold.
    """

    origin: date
    names: tuple[str, ...]
    borrower: Ints
    period_ends: Floats
    tenor_years: Floats
    changes_at: Floats
    outstanding: Ints
    structure: Ints
    structures: tuple[TermStructure, ...]
    worth: Ints
    lgd: tuple[Fraction | None, ...] | None = None
    accrued: Ints | None = None
    rate: tuple[Fraction, ...] | None = None
    """Annual interest rate; None where no interest is ever part of a loss."""
    quality: Floats | None = None
    drawings: Dated | None = None
    """What is lent when, for bases of agreements; None where all of a loan is lent at its drawdown."""
    premiums: Dated = NOTHING
    pledged_later: Dated = NOTHING
    """Worth of IP that is pledged besides as a loan runs; it does not lose in value."""

    def __post_init__(self) -> None:
        loans = len(self.names)
        for name, dimensions in _SHAPES.items():
            value = getattr(self, name)
            if value is not None and (np.ndim(value) != dimensions or len(value) != loans):
                raise ValueError(f"{name}(shape={np.shape(value)}) must have an entry for each of {loans} loans")
        if not loans:
            raise ValueError("names(=()) must hold at least one loan")
        if self.changes_at.shape != self.outstanding.shape or (self.accrued is not None and (
            self.accrued.shape != self.outstanding.shape
        )):
            raise ValueError("changes_at, outstanding and accrued must have the same shape, (loans, steps)")
        for name, broken, rule in self._rules():
            if broken.any():
                raise ValueError(f"{name} of loan {self.names[int(np.flatnonzero(broken)[0])]!r} must {rule}")
        largest = self.outstanding.max(axis=1)
        for name, amounts in (("outstanding", largest), ("drawings", self.lent.fen), ("premiums", self.premiums.fen)):
            if float(amounts.astype(np.float64).sum()) >= MOST_FEN:
                raise TooLargeError(f"{name} of all loans must come to less than {MOST_FEN // 100:,} CNY")
        dated = {"drawings": self.lent, "premiums": self.premiums, "pledged_later": self.pledged_later}
        for name, paid in dated.items():
            if ((paid.loan < 0) | (paid.loan >= loans) | (paid.fen < 0)).any():
                raise ValueError(f"{name} must belong to loans of the book and be at least 0")

    def _rules(self) -> Iterable[tuple[str, NDArray[np.bool_], str]]:
        ends, changes = self.period_ends, self.changes_at
        drawn = ends[:, 0]
        yield "period_ends", np.asarray(~np.isfinite(ends).all(axis=1)), "be finite"
        falls = (ends[:, 1:] < ends[:, :-1]).any(axis=1) | (ends[:, -1] <= drawn)
        yield "period_ends", np.asarray(falls), "rise from drawdown on"
        yield "tenor_years", ~(self.tenor_years > 0), "be above 0"
        yield "changes_at", changes[:, 0] != drawn, "begin with drawdown"
        yield "changes_at", np.asarray((changes[:, :-1] > changes[:, 1:]).any(axis=1)), "be in the order of time"
        yield "outstanding", np.asarray((self.outstanding < 0).any(axis=1)), "be at least 0"
        yield "borrower", (self.borrower < 0) | (self.borrower >= 2**31), "be a number from 0 to 2^31"
        yield "structure", (self.structure < 0) | (self.structure >= len(self.structures)), "be one of structures"
        yield "worth", self.worth < 0, "be at least 0"
        if self.lgd is not None:
            yield "lgd", np.array([not 0 <= (each or 0) <= 1 for each in self.lgd]), "lie between 0 and 1"
        if self.quality is not None:
            yield "quality", ~np.isfinite(self.quality), "be finite"

    def __len__(self) -> int:
        return len(self.names)

    @property
    def drawn_at(self) -> Floats:
        """Moment of drawdown, (loans,)."""
        return self.period_ends[:, 0]

    @property
    def lent(self) -> Dated:
        """What is lent when."""
        if self.drawings is not None:
            return self.drawings
        return Dated(np.arange(len(self)), self.drawn_at, self.outstanding[:, 0])

    @cached_property
    def is_sold(self) -> NDArray[np.bool_]:
        """Whether a loan's IP is sold after a default: where no LGD is given. (loans,)."""
        return np.array([each is None for each in self.lgd or [None] * len(self)])

    @cached_property
    def lgd_ratio(self) -> Ratio:
        """Numerators and denominators of `lgd`, 0 where it is not given."""
        return ratio_of(each or Fraction(0) for each in self.lgd or [None] * len(self))

    @cached_property
    def rate_ratio(self) -> Ratio:
        """Numerators and denominators of `rate`; ValueError where there is none."""
        if self.rate is None:
            raise ValueError("rate and accrued must be given for losses that include interest")
        return ratio_of(self.rate)

    @cached_property
    def ends_at(self) -> Floats:
        """Moment from which on the loan cannot default: it is repaid, or its last tenor is over. (loans,)."""
        loans, last = np.arange(len(self)), np.isfinite(self.changes_at).sum(axis=1) - 1
        repaid_at = np.where(self.outstanding[loans, last] == 0, self.changes_at[loans, last], np.inf)
        return np.minimum(repaid_at, self.period_ends[:, -1])

    @cached_property
    def horizon_years(self) -> Floats:
        """Years from drawdown to the end, counted as default times are: a tenor is `tenor_years`. (loans,)."""
        ends = self.ends_at[:, None]
        begun, over = self.period_ends[:, :-1], self.period_ends[:, 1:]
        within = np.clip(ends - begun, 0, over - begun)
        shares = np.divide(within, over - begun, out=np.zeros_like(within), where=over > begun)
        return np.asarray(shares.sum(axis=1) * self.tenor_years)

    def moments(self, loan: Ints, years: Floats) -> Floats:
        """When loans default that do so after some years, (n,): infinite where that is after their end.

        Each tenor takes `tenor_years`, whatever its days: of loans with a rate of 3 % a year and a tenor of a year
        exactly 3 % default.
        """
        tenor = self.tenor_years[loan]
        period = np.minimum(np.floor(years / tenor), self.period_ends.shape[1] - 1)
        over = period == self.period_ends.shape[1] - 1
        number = np.where(over, 0, period).astype(np.int64)
        begins, ends = self.period_ends[loan, number], self.period_ends[loan, number + 1]
        with np.errstate(invalid="ignore"):
            moment = begins + (ends - begins) * ((years - number * tenor) / tenor)
        return np.where(over | ~(moment < self.ends_at[loan]), np.inf, moment)

    def step(self, loan: Ints, moment: Floats) -> Ints:
        """Number of the last change before each moment, (n,).

        What falls due at the very moment of a default is not paid, but a loan that defaults at drawdown has been drawn.
        """
        found, drawn_at = np.zeros(len(loan), dtype=np.int64), self.drawn_at[loan]
        for number in range(1, self.changes_at.shape[1]):
            changes_at = self.changes_at[loan, number]
            before = (changes_at < moment) | (changes_at == drawn_at)
            if not before.any():
                break
            found += before
        return found


_SHAPES = {
    "borrower": 1, "period_ends": 2, "tenor_years": 1, "changes_at": 2, "outstanding": 2,
    "structure": 1, "worth": 1, "lgd": 1, "accrued": 2, "rate": 1, "quality": 1,
}  # fmt: skip


def book_of_table(rows: Iterable[BookRow], otherwise: TermStructure | None = None) -> Book:
    """The loans of a table as a book: drawn at midnight of their start, repaid in one sum at midnight when they mature.

    Premiums are paid at the start, interest with the principal. Loans without an annual PD have the default rates
    `otherwise`. ValueError without rows, and for a row without tenor, default rate, or either an LGD or an appraised
    value.
    """
    loans = list(rows)
    if not loans:
        raise ValueError("rows(=[]) must hold at least one loan")
    for row in loans:
        rate_known = row.annual_pd is not None or otherwise is not None
        if row.tenor_months is None or not rate_known or (row.lgd is None and row.appraised_value is None):
            needed = "tenor_months, annual_pd and either lgd or appraised_value"
            raise ValueError(f"loan {row.loan!r} must have {needed}")
    first = min(row.start for row in loans)
    life = np.array([[row.start - first, row.matures - first] for row in loans], dtype=np.float64) * MINUTES_A_DAY
    borrowers = {name: number for number, name in enumerate(dict.fromkeys(row.borrower for row in loans))}
    rates = [None if row.annual_pd is None else float(row.annual_pd) for row in loans]
    numbers = {rate: number for number, rate in enumerate(dict.fromkeys(rates))}
    paid = [number for number, row in enumerate(loans) if row.premium]
    bear_interest = any(row.interest_rate is not None for row in loans)
    return Book(
        origin=date.fromordinal(first),
        names=tuple(row.loan for row in loans),
        borrower=_ints(borrowers[row.borrower] for row in loans),
        period_ends=life,
        tenor_years=_ints(row.tenor_months or 0 for row in loans) / 12,
        changes_at=life,
        outstanding=np.stack([_ints(row.principal for row in loans), np.zeros(len(loans), dtype=np.int64)], axis=1),
        structure=_ints(numbers[rate] for rate in rates),
        structures=tuple(_structure(rate, otherwise) for rate in numbers),
        worth=_ints(row.appraised_value or 0 for row in loans),
        lgd=tuple(row.lgd for row in loans),
        premiums=Dated(_ints(paid), life[paid, 0], _ints(loans[number].premium or 0 for number in paid)),
        accrued=np.zeros(life.shape, dtype=np.int64) if bear_interest else None,
        rate=tuple(row.interest_rate or Fraction(0) for row in loans) if bear_interest else None,
    )


def _structure(rate: float | None, otherwise: TermStructure | None) -> TermStructure:
    if rate is not None:
        return TermStructure((rate,))
    assert otherwise is not None
    return otherwise


def _ints(values: Iterable[int]) -> Ints:
    return np.fromiter(values, dtype=np.int64)
