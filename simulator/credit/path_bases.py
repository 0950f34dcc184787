"""What rates and caps of an agreement are measured by on many paths: principal lent, premiums, guaranteed balance.

Each base is what the book says, less what the defaults of the path have changed: a loan that has defaulted draws
nothing, pays no premium and repays nothing; what it owed stays in the guaranteed balance until its claim is settled.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from simulator.credit.book import Book, Dated, Ints, sums_until
from simulator.credit.path_claims import Claims, SameDay, day_of, years_of
from simulator.scenario.agreement_parts import Base, Per


def bases_of(
    book: Book, claims: Claims, needs: Iterable[tuple[Per, Base]], same_day: SameDay = "in order"
) -> dict[tuple[Per, Base], Ints]:
    """The bases that an agreement needs, as they stand just before each claim is settled, each (claims,) in fen.

    principal           what has been lent by then
    premium             premiums paid by then
    guaranteed balance  outstanding principal of loans drawn and not repaid, of defaulted ones until their claim is
                        settled; claims that are settled together, pro rata, are all still in it

    Per loss and per borrower that of the loan and of the borrower counts. Per year of claim or of loss it is what was
    lent and paid in that year, but the balance of all loans, since a balance belongs to no year; per year of
    underwriting it is all of the loans drawn in that year.
    """
    asked = list(needs)
    moved = {base: moved_of(book, base) for base in dict.fromkeys(base for _, base in asked)}
    return {(per, base): _base(book, claims, moved[base], (per, base), same_day) for per, base in asked}


def moved_of(book: Book, base: Base) -> Dated:
    """The movements of which a base is the sum, if no loan defaults."""
    if base == "guaranteed balance":
        return _changes(book)
    return book.lent if base == "principal" else book.premiums


def _base(book: Book, claims: Claims, moved: Dated, need: tuple[Per, Base], same_day: SameDay) -> Ints:
    of_moved, of_claim = _groups(book, claims, moved, need)
    # Pro rata, what happens at the very midnight that ends the day belongs to the next.
    together = same_day == "pro rata"
    until = np.nextafter(claims.settled_at, -np.inf) if together else claims.settled_at
    found = sums_until(of_moved, moved.moment, moved.fen, of_claim, until)
    claim, lapsed = _lapsed(book, claims, moved)
    width = max(of_moved.max(initial=0), of_claim.max(initial=0)) + 1
    key, asked = claims.path[claim] * width + of_moved[lapsed], claims.path * width + of_claim
    found -= sums_until(key, moved.moment[lapsed], moved.fen[lapsed], asked, until)
    if need[1] == "guaranteed balance":
        found -= _settled_before(asked, claims, together)
    return found


def _groups(book: Book, claims: Claims, moved: Dated, need: tuple[Per, Base]) -> tuple[Ints, Ints]:
    """What is counted together: the group of each movement, and the group of each claim."""
    per, base = need
    if per == "loss":
        return moved.loan, claims.loan
    if per == "borrower":
        return book.borrower[moved.loan], book.borrower[claims.loan]
    if per == "year of underwriting":
        return years_of(day_of(book, book.drawn_at[moved.loan])), years_of(claims.drawn_on)
    if per == "ever" or base == "guaranteed balance":
        return np.zeros(len(moved.loan), dtype=np.int64), np.zeros(len(claims), dtype=np.int64)
    return years_of(day_of(book, moved.moment)), years_of(claims.day if per == "year of claim" else claims.lost_on)


def _lapsed(book: Book, claims: Claims, moved: Dated) -> tuple[Ints, Ints]:
    """What does not happen on each path because its loan has defaulted, as places of claims and of movements.

    What falls due at the very moment of a default does not happen, the drawdown apart.
    """
    order = np.argsort(moved.loan, kind="stable")
    count = np.bincount(moved.loan, minlength=len(book))
    first, each = np.cumsum(count) - count, count[claims.loan]
    claim = np.repeat(np.arange(len(claims)), each)
    within = np.arange(len(claim)) - np.repeat(np.cumsum(each) - each, each)
    movement = order[first[claims.loan[claim]] + within]
    moment = moved.moment[movement]
    late = (moment >= claims.defaulted_at[claim]) & (moment > book.drawn_at[claims.loan[claim]])
    return claim[late], movement[late]


def _changes(book: Book) -> Dated:
    """How the outstanding principal of each loan changes."""
    change = np.diff(book.outstanding, axis=1, prepend=0)
    loan, step = np.nonzero(np.isfinite(book.changes_at) & (change != 0))
    return Dated(loan, book.changes_at[loan, step], change[loan, step])


def _settled_before(group: Ints, claims: Claims, together: bool) -> Ints:
    """Outstanding principal of the claims of the same group (and path) that are settled before each."""
    order = np.argsort(group, kind="stable")
    group, fen, settled_at = group[order], claims.outstanding[order], claims.settled_at[order]
    before = np.cumsum(fen) - fen
    begins = np.concatenate(([True], group[1:] != group[:-1]))[: len(group)]
    found = np.empty(len(group), dtype=np.int64)
    if together:
        settles = begins | np.concatenate(([True], settled_at[1:] != settled_at[:-1]))[: len(group)]
        found[order] = _at_last(before, settles) - _at_last(before, begins)
    else:
        found[order] = before - _at_last(before, begins)
    return found


def _at_last(values: Ints, begins: NDArray[np.bool_]) -> Ints:
    """The value where each entry's run began; a run begins where it says so."""
    return np.asarray(values[np.maximum.accumulate(np.where(begins, np.arange(len(values)), 0))])
