"""Divides one amount by clauses, and keeps for each clause what it paid and why."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Literal

from simulator.scenario.agreement import Straddle
from simulator.sharing.clauses import Bound, Clause, Closed, InForce, in_force, sole_bearer
from simulator.sharing.rounding import whole_parts

How = Literal["borne", "within", "handed on", "shared anew", "all shared anew", "stands aside"]
"""A part without a bound; one that its limits have room for; one above their room, whose rest the `otherwise` bears or
the reading of the straddling loss has shared anew (alone, or with all that no fund pays); no part, because a fund is
used up or a test fails."""


@dataclass(frozen=True, slots=True)
class Step:
    """One clause at work: its part (fen) `of` what was divided, the limit it met and its room, who paid what of it."""

    how: How
    clause: Clause
    of: int
    amount: int
    paid: Mapping[str, int]
    limit: str | None = None
    room: int = 0
    is_fund: bool = False
    test: Bound | None = None
    ceded_by: str | None = None
    in_all: int | None = None
    """What the limit had left that morning, where `room` is this loss's part of it."""


Clauses = tuple[Clause, ...]
Cache = dict[tuple[int, frozenset[str]], InForce]
"""Clauses in force by the identity of the terms, which outlive it, and the funds closed; one for each set of tests."""


@dataclass
class Division:
    """One loss while it is being divided; `room` of every fund and limit, and the tests that fail before the loss."""

    straddle: Straddle
    funds: Collection[str]
    room: dict[str, int]
    closed: Closed
    paid: dict[str, int]
    cache: Cache
    ceded_by: str | None = None
    steps: list[Step] = field(default_factory=list)

    def divide(self, terms: Clauses, amount: int, without_funds: bool = False) -> None:
        """Divide an amount by the clauses that apply, and settle what funds cannot pay by the reading of `straddle`.

        What is above a limit goes to the `otherwise` of its clause. With several funds, `shortfall shared` and
        `remainder shared` take all of them as used up for what they share.
        """
        idle = frozenset(name for name in self.funds if without_funds or self.room[name] == 0)
        force, parts = self._parts(terms, idle, amount)
        if self.straddle == "all or nothing":
            # A share handed on can round differently or reach a further fund, so look again until none falls short.
            while short := self._falling_short(force, parts):
                idle |= short
                force, parts = self._parts(terms, idle, amount)
        if not without_funds:
            for clause in force.aside:
                self._stands_aside(clause, idle, amount)
        short = self._falling_short(force, parts) if self.straddle == "remainder shared" else frozenset()
        unpaid = 0
        for clause, part in zip(force.clauses, parts, strict=True):
            if short and short.isdisjoint(clause.limits):
                unpaid += part
            elif not clause.limits:
                self._book("borne", clause, amount, part, {clause.party: part})
            else:
                unpaid += self._within_limits(clause, amount, part, without_funds)
        if unpaid:
            self.divide(terms, unpaid, without_funds=True)

    def _parts(self, terms: Clauses, idle: frozenset[str], amount: int) -> tuple[InForce, list[int]]:
        key = (id(terms), idle)
        force = self.cache.get(key)
        if force is None:
            force = self.cache[key] = in_force(terms, Closed(idle, self.closed.tests))
        return force, whole_parts(amount, force.numerators, force.denominator)

    def _within_limits(self, clause: Clause, of: int, part: int, without_funds: bool) -> int:
        """Pay a part as far as its limits let it; the shortfall, where `straddle` has it shared anew, else 0."""
        tightest = self._tightest(clause)
        room = self.room[tightest]
        own = min(part, room)
        for name in clause.limits:
            self.room[name] -= own
        above, paid = part - own, {clause.party: own}
        if not above:
            self._book("within", clause, of, part, paid, tightest, room)
            return 0
        if tightest in self.funds and self.straddle in ("shortfall shared", "remainder shared"):
            how: How = "shared anew" if self.straddle == "shortfall shared" else "all shared anew"
            self._book(how, clause, of, part, paid, tightest, room)
            return above
        sole = sole_bearer(clause.otherwise)
        if sole is not None:
            paid[sole] = paid.get(sole, 0) + above
        self._book("handed on", clause, of, part, paid, tightest, room)
        if sole is None:
            self.divide(clause.otherwise, above, without_funds)
        return 0

    def _falling_short(self, force: InForce, parts: list[int]) -> frozenset[str]:
        """Funds that cannot pay their part in full."""
        return frozenset(
            name
            for clause, part in zip(force.clauses, parts, strict=True)
            if clause.limits and (name := self._tightest(clause)) in self.funds and part > self.room[name]
        )

    def _tightest(self, clause: Clause) -> str:
        """The fund or limit of a clause that has least room; a limit before a fund, and then the first of them."""
        return min(clause.limits, key=lambda name: (self.room[name], name in self.funds))

    def _stands_aside(self, clause: Clause, idle: frozenset[str], of: int) -> None:
        limit = next((name for name in clause.limits if name in idle), None)
        test = None if limit is not None else next(test for test in clause.tests if test in self.closed.tests)
        self._book("stands aside", clause, of, 0, {}, limit, self.room[limit] if limit is not None else 0, test)

    def _book(
        self,
        how: How,
        clause: Clause,
        of: int,
        amount: int,
        paid: Mapping[str, int],
        limit: str | None = None,
        room: int = 0,
        test: Bound | None = None,
    ) -> None:
        for party, part in paid.items():
            self.paid[party] = self.paid.get(party, 0) + part
        self.steps.append(Step(how, clause, of, amount, paid, limit, room, limit in self.funds, test, self.ceded_by))
