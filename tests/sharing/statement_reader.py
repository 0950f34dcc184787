"""Shares a loss by nothing but the statements that become sentences, in exact fractions, as a lawyer reads them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from fractions import Fraction

from simulator.scenario.agreement import RiskSharing
from simulator.sharing import Claim
from simulator.sharing.clauses import Bound
from simulator.sharing.wording_outline import outline
from simulator.sharing.wording_statements import Bounded, Divided, Period, Straddled, Whole

A_FEW_FEN = 12
"""More than the roundings of one loss come to."""


@dataclass
class Division:
    """How one whole is divided: party, share and what bounds it, and what is said of funds with too little."""

    parts: list[tuple[str, Fraction, Bounded | None]] = field(default_factory=list)
    straddled: Straddled | None = None


@dataclass
class Reading:
    """What one loss comes to, with the room that funds and limits have before it and the tests that fail.

    It is `close` where a few fen more or less decide whether a fund can pay.
    """

    model: RiskSharing
    room: dict[str, Fraction]
    failed: frozenset[Bound]
    divisions: dict[Whole, Division] = field(default_factory=dict)
    paid: dict[str, Fraction] = field(default_factory=lambda: defaultdict(Fraction))
    close: bool = False

    def __post_init__(self) -> None:
        for statement in outline(self.model):
            if isinstance(statement, (Divided, Bounded, Straddled)):
                division = self.divisions.setdefault(statement.whole, Division())
                if isinstance(statement, Divided):
                    division.parts = [(clause.party, clause.share, None) for clause in statement.clauses]
                elif isinstance(statement, Straddled):
                    division.straddled = statement
                elif statement.alone:
                    division.parts = [(statement.clause.party, Fraction(1), statement)]
                else:
                    party = statement.clause.party
                    division.parts = [
                        (each, share, statement if each == party else bound) for each, share, bound in division.parts
                    ]

    def share(self, amount: Fraction, division: Division, used_up: frozenset[str] = frozenset()) -> Fraction:
        """Share an amount; what no fund pays and the whole around it is to share comes back."""
        straddle = division.straddled.straddle if division.straddled else None
        while straddle == "all or nothing":
            short = {name for each, part in self._funded(amount, division, used_up) for name in self._short(each, part)}
            if not short:
                break
            used_up |= short
        if straddle == "remainder shared":
            short_of = [each for each in self._funded(amount, division, used_up) if self._short(*each)]
            if short_of:
                rest = amount - sum(self._pay(bounded, part) for bounded, part in short_of)
                return self.share(rest, division, frozenset(self.model.funds))
        unpaid = Fraction(0)
        for party, share, bounded in division.parts:
            part = amount * share
            if bounded is None:
                self.paid[party] += part
            elif self._stands_aside(bounded, used_up):
                unpaid += self.share(part, self._beyond(bounded), used_up)
            else:
                short = self._short(bounded, part)
                above = part - self._pay(bounded, part)
                if short and self.model.straddle != "in proportion":
                    unpaid += above
                elif above:
                    unpaid += self.share(above, self._beyond(bounded), used_up)
        if unpaid and division.straddled:
            return self.share(unpaid, division, frozenset(self.model.funds))
        return unpaid

    def _funded(
        self, amount: Fraction, division: Division, used_up: frozenset[str]
    ) -> Iterator[tuple[Bounded, Fraction]]:
        for _, share, bounded in division.parts:
            if bounded is None:
                continue
            if self._stands_aside(bounded, used_up):
                yield from self._funded(amount * share, self._beyond(bounded), used_up)
            elif bounded.funds:
                yield bounded, amount * share

    def _stands_aside(self, bounded: Bounded, used_up: frozenset[str]) -> bool:
        if not self.failed.isdisjoint(bounded.clause.tests):
            return True
        self.close |= any(0 < self.room[name] < A_FEW_FEN for name in bounded.funds)
        return any(name in used_up or not self.room[name] for name in bounded.funds)

    def _due(self, bounded: Bounded, part: Fraction) -> Fraction:
        """What limits let through, whatever funds hold."""
        return min([part, *(self.room[name] for name in bounded.clause.limits if name not in bounded.funds)])

    def _short(self, bounded: Bounded, part: Fraction) -> set[str]:
        due = self._due(bounded, part)
        self.close |= any(abs(self.room[name] - due) < A_FEW_FEN for name in bounded.funds)
        return {name for name in bounded.funds if self.room[name] < due}

    def _pay(self, bounded: Bounded, part: Fraction) -> Fraction:
        own = min([self._due(bounded, part), *(self.room[name] for name in bounded.funds)])
        for name in bounded.clause.limits:
            self.room[name] -= own
        self.paid[bounded.clause.party] += own
        return own

    def _beyond(self, bounded: Bounded) -> Division:
        if bounded.rest is not None:
            return self.divisions[Whole(rest=bounded.rest)]
        return Division([(clause.party, clause.share, None) for clause in bounded.clause.otherwise])


def read(model: RiskSharing, claim: Claim, room: Mapping[str, int], failed: frozenset[Bound]) -> Reading:
    """What each party bears of a loss in the end, in fen and parts of a fen."""
    reading = Reading(model, {name: Fraction(fen) for name, fen in room.items()}, failed)
    for whole, division in reading.divisions.items():
        if whole.rest is not None or (whole.period and not _within(claim, whole.period)):
            continue
        if whole.giver is None:
            reading.share(Fraction(claim.amount), division)
        else:
            reading.share(reading.paid.pop(whole.giver, Fraction(0)), division)
    return reading


def _within(claim: Claim, period: Period) -> bool:
    day = claim.dated(period.by)
    after = period.first is None or period.first.toordinal() <= day
    return after and (period.last is None or day <= period.last.toordinal())
