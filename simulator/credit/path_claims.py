"""Claims that follow from defaults on many paths, in the order of their settlement, and what the IP's sale brings."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from simulator.credit.book import Book, Floats, Ints, sums_until, whole
from simulator.credit.contract import DAYS_A_YEAR, MINUTES_A_DAY
from simulator.credit.loans import MINUTES_A_YEAR, value_growth
from simulator.credit.path_defaults import Defaults
from simulator.errors import TooLargeError
from simulator.scenario.credit import CompleteRecovery

Covers = Literal["principal", "principal and interest"]
SameDay = Literal["in order", "pro rata"]
_MOST_EXACT = 2.0**62
_UNIX_DAY = 719_163  # 1 January 1970 as an ordinal


@dataclass(frozen=True)
class Claims:
    """Claims of many paths, one entry each: by path, then by moment of settlement, then by number of the loan.

    `default` is the place of each among the defaults. `amount` is the loss that is shared, `outstanding` the principal
    that was owed, in fen. Moments are minutes as in the book, days are ordinals.
    """

    path: Ints
    loan: Ints
    default: Ints
    defaulted_at: Floats
    settled_at: Floats
    amount: Ints
    outstanding: Ints
    day: Ints
    lost_on: Ints
    drawn_on: Ints

    def __len__(self) -> int:
        return len(self.path)


@dataclass(frozen=True)
class Sales:
    """IP sold after defaults, one entry a sale, in the order of the claims: `claim` is the place of each among them.

    Moment of the proceeds in minutes and its day as an ordinal; proceeds and the cost of the sale in fen.
    """

    claim: Ints
    moment: Floats
    day: Ints
    proceeds: Ints
    cost: Ints


def claims_of(book: Book, defaults: Defaults, covers: Covers = "principal", same_day: SameDay = "in order") -> Claims:
    """The claims that defaults of a book lead to; ValueError for a default before drawdown or after the loan's end.

    The loss is what is outstanding when the loan defaults, with the interest owed by then where that is covered, and of
    loans with a given LGD that share of it. Claims of one day that are settled 'pro rata' are all settled at the
    midnight that ends it, and are still of that day.
    """
    loan, moment = defaults.loan, defaults.moment
    alive = (moment >= book.drawn_at[loan]) & (moment < book.ends_at[loan])
    if not alive.all():
        first = int(np.argmin(alive))
        found = f"moment(={moment[first]}) of loan {book.names[loan[first]]!r}"
        raise ValueError(f"{found} must lie between its drawdown and its end")
    settled_at = moment + defaults.claim_minutes
    day = day_of(book, settled_at)
    if same_day == "pro rata":
        settled_at = (settled_at // MINUTES_A_DAY + 1) * MINUTES_A_DAY
    order = np.lexsort((loan, settled_at, defaults.path))
    loan, moment, settled_at = loan[order], moment[order], settled_at[order]
    step = book.step(loan, moment)
    outstanding = book.outstanding[loan, step]
    amount = outstanding
    if covers == "principal and interest":
        amount = amount + _interest(book, loan, step, moment)
    if book.lgd is not None:
        part, of = book.lgd_ratio
        amount = np.where(book.is_sold[loan], amount, whole(amount, part[loan], of[loan]))
    return Claims(
        path=defaults.path[order],
        loan=loan,
        default=order,
        defaulted_at=moment,
        settled_at=settled_at,
        amount=amount,
        outstanding=outstanding,
        day=day[order],
        lost_on=day_of(book, moment),
        drawn_on=day_of(book, book.drawn_at[loan]),
    )


def sales_of(book: Book, defaults: Defaults, claims: Claims, recovery: CompleteRecovery) -> Sales:
    """What the sale of the IP of each claim's loan brings; loans with a given LGD have nothing to sell."""
    claim = np.flatnonzero(book.is_sold[claims.loan])
    loan, default = claims.loan[claim], claims.default[claim]
    moment = claims.settled_at[claim] + defaults.sale_minutes[default]
    years = (moment - book.drawn_at[loan]) / MINUTES_A_YEAR
    value = book.worth[loan] * value_growth(recovery, years, defaults.luck[default])
    if len(book.pledged_later.loan):
        value = value + _pledged_later(book, loan, defaults.moment[default])
    proceeds = _whole_fen(value * np.maximum(0.0, 1 - defaults.haircut[default]))
    cost = np.minimum(proceeds, _whole_fen(proceeds * defaults.cost[default]))
    return Sales(claim, moment, day_of(book, moment), proceeds, cost)


def _pledged_later(book: Book, loan: Ints, moment: Floats) -> Ints:
    """Worth of what was pledged on each loan after its drawdown and before a moment."""
    more = book.pledged_later
    return sums_until(more.loan, more.moment, more.fen, loan, np.nextafter(moment, -np.inf))


def day_of(book: Book, moment: Floats) -> Ints:
    """The day on which each moment lies, as an ordinal."""
    return (moment // MINUTES_A_DAY).astype(np.int64) + book.origin.toordinal()


def years_of(day: Ints) -> Ints:
    """The calendar year of each day (ordinal)."""
    return (day - _UNIX_DAY).astype("datetime64[D]").astype("datetime64[Y]").astype(np.int64) + 1970


def _interest(book: Book, loan: Ints, step: Ints, moment: Floats) -> Ints:
    """Interest owed at each moment in fen, as `interest_owed` has it, rounded half up."""
    if book.accrued is None:
        raise ValueError("rate and accrued must be given for losses that include interest")
    part, of = book.rate_ratio
    numerator, denominator = part[loan], 12 * DAYS_A_YEAR * of[loan]
    accrued, outstanding = book.accrued[loan, step], book.outstanding[loan, step]
    days = ((moment - book.changes_at[loan, step]) // MINUTES_A_DAY).astype(np.int64)
    largest = accrued * float(DAYS_A_YEAR) + outstanding * (days * 12.0)
    kind: type = np.int64 if float(largest.max(initial=0.0)) < _MOST_EXACT else object
    owed = accrued.astype(kind) * DAYS_A_YEAR + outstanding.astype(kind) * days * 12
    return whole(owed, numerator, denominator)


def _whole_fen(amount: Floats) -> Ints:
    if not (amount < _MOST_EXACT).all():
        raise TooLargeError(f"the IP of a loan must be worth less than {int(_MOST_EXACT) // 100:,} CNY when it is sold")
    return np.rint(amount).astype(np.int64)
