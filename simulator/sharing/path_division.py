"""Divides the losses of many paths at once by clauses, to the same fen as one after another."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from simulator.scenario.agreement import Straddle
from simulator.sharing.clauses import Bound, Clause, Closed, clauses_within, in_force
from simulator.sharing.path_rounding import Fen, Shares

Clauses = tuple[Clause, ...]
Flags = NDArray[np.bool_]
Places = NDArray[np.intp]
Mark = TypeVar("Mark")
_Closing = frozenset[str | Bound]
"""What keeps clauses from taking part: names of funds that are used up, and tests that fail."""


@dataclass
class PathClauses:
    """The clauses of an agreement, and those in force for every set of closed ones that has come up."""

    straddle: Straddle
    funds: frozenset[str]
    _in_force: dict[tuple[int, _Closing], tuple[Clauses, Shares]] = field(default_factory=dict)
    _closing: dict[int, tuple[tuple[str, ...], tuple[Bound, ...]]] = field(default_factory=dict)
    _kept: list[Clauses] = field(default_factory=list)

    def in_force(self, terms: Clauses, closed: _Closing) -> tuple[Clauses, Shares]:
        """The clauses that apply, and their shares."""
        key = (id(terms), closed)
        if key not in self._in_force:
            funds = frozenset(each for each in closed if isinstance(each, str))
            tests = frozenset(each for each in closed if isinstance(each, Bound))
            found = in_force(terms, Closed(funds, tests))
            self._in_force[key] = found.clauses, Shares(found.numerators, found.denominator)
        return self._in_force[key]

    def closing(self, terms: Clauses) -> tuple[tuple[str, ...], tuple[Bound, ...]]:
        """Funds, and tests, that can close a clause at any depth."""
        if id(terms) not in self._closing:
            # Clauses are found by identity, which is theirs alone as long as they are kept.
            self._kept.append(terms)
            within = list(clauses_within(terms))
            self._closing[id(terms)] = (
                tuple(dict.fromkeys(name for each in within for name in each.limits if name in self.funds)),
                tuple(dict.fromkeys(test for clause in within for test in clause.tests)),
            )
        return self._closing[id(terms)]


@dataclass
class PathDivision:
    """Losses while they are divided: the `room` of every fund and limit and the `failing` tests of each."""

    clauses: PathClauses
    room: Mapping[str, Fen]
    failing: Mapping[Bound, Flags]

    def divide(
        self, terms: Clauses, losses: Places, amounts: Fen, paid: Mapping[str, Fen], used_up: bool = False
    ) -> None:
        """Divide an amount of each of some losses, and add to `paid` what each party bears of it.

        With `used_up`, as if all funds were.
        """
        names, tests = self.clauses.closing(terms)
        idle: _Closing = self.clauses.funds if used_up else frozenset()
        marks: list[tuple[str | Bound, Flags]] = [(name, self.room[name][losses] == 0) for name in names]
        marks += [(test, self.failing[test][losses]) for test in tests]
        for closed, at in alike(len(losses), [mark for mark in marks if mark[0] not in idle]):
            self._divide_alike(terms, idle | closed, losses[at], amounts[at], paid, used_up)

    def _divide_alike(
        self, terms: Clauses, closed: _Closing, losses: Places, amounts: Fen, paid: Mapping[str, Fen], used_up: bool
    ) -> None:
        """Divide losses for which the same clauses are closed."""
        applying, shares = self.clauses.in_force(terms, closed)
        parts = shares.parts(amounts)
        if self.clauses.straddle not in ("all or nothing", "remainder shared"):
            self._pay(terms, applying, losses, parts, frozenset(), paid, used_up)
            return
        for short, at in alike(len(losses), self._falling_short(applying, losses, parts)):
            if short and self.clauses.straddle == "all or nothing":
                self._divide_alike(terms, closed | short, losses[at], amounts[at], paid, used_up)
            else:
                self._pay(terms, applying, losses[at], parts.take(at, axis=1), short, paid, used_up)

    def _falling_short(self, applying: Clauses, losses: Places, parts: Fen) -> Iterator[tuple[str, Flags]]:
        """Funds, each with the losses of which it cannot pay its part in full."""
        for clause, part in zip(applying, parts, strict=True):
            if not self.clauses.funds.isdisjoint(clause.limits):
                is_fund, left = self._tightest(clause, losses)
                for name in self.clauses.funds.intersection(clause.limits):
                    yield name, is_fund & (part > left)

    def _pay(
        self,
        terms: Clauses,
        applying: Clauses,
        losses: Places,
        parts: Fen,
        short: frozenset[str],
        paid: Mapping[str, Fen],
        used_up: bool,
    ) -> None:
        """Pay the parts of losses of which the same funds fall `short`, and share anew what is to be."""
        unpaid = np.zeros(len(losses), np.int64)
        for clause, part in zip(applying, parts, strict=True):
            if short and short.isdisjoint(clause.limits):
                unpaid += part
            elif not clause.limits:
                paid[clause.party][losses] += part
            else:
                self._within_limits(clause, losses, part, unpaid, paid, used_up)
        again = np.flatnonzero(unpaid)
        if again.size:
            self.divide(terms, losses[again], unpaid[again], paid, used_up=True)

    def _within_limits(
        self, clause: Clause, losses: Places, part: Fen, unpaid: Fen, paid: Mapping[str, Fen], used_up: bool
    ) -> None:
        """Pay parts as far as their limits let them; add to `unpaid` what the reading of `straddle` shares anew."""
        is_fund, left = self._tightest(clause, losses)
        own = np.minimum(part, left)
        for name in clause.limits:
            self.room[name][losses] -= own
        paid[clause.party][losses] += own
        above = part - own
        over = np.flatnonzero(above)
        if self.clauses.straddle in ("shortfall shared", "remainder shared"):
            anew = is_fund[over]
            unpaid[over[anew]] += above[over[anew]]
            over = over[~anew]
        if over.size:
            self.divide(clause.otherwise, losses[over], above[over], paid, used_up)

    def _tightest(self, clause: Clause, losses: Places) -> tuple[Flags, Fen]:
        """Whether it is a fund that leaves a clause least room for each loss, and not a limit; and that room."""
        funds = self.clauses.funds
        if len(clause.limits) == 1:
            return np.full(len(losses), clause.limits[0] in funds), self.room[clause.limits[0]][losses]
        rooms = np.array([self.room[name][losses] for name in clause.limits])
        limits = [self.room[name][losses] for name in clause.limits if name not in funds]
        least: Fen = rooms.min(axis=0)
        return np.asarray(np.array(limits).min(axis=0) > least), least


def alike(count: int, marks: Iterable[tuple[Mark, Flags]]) -> list[tuple[frozenset[Mark], Places]]:
    """The places 0 to count - 1, those together that have the same marks, with these marks."""
    groups: list[tuple[frozenset[Mark], Places]] = [(frozenset(), np.arange(count))] if count else []
    for mark, marked in marks:
        if marked.any():
            split = [
                pair
                for marks_of, at in groups
                for pair in ((marks_of | {mark}, at[marked[at]]), (marks_of, at[~marked[at]]))
            ]
            groups = [(marks_of, at) for marks_of, at in split if at.size]
    return groups
