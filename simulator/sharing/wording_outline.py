"""What an agreement says, in the order of a contract: definitions, shares, procedure, recoveries."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import chain, groupby
from typing import TypeVar

from simulator.scenario.agreement import RiskSharing
from simulator.scenario.agreement_parts import BASES
from simulator.sharing.allocation import Agreement
from simulator.sharing.clauses import Clause, Closed, clauses_within, in_force
from simulator.sharing.wording_statements import (
    DAY,
    BasesMeant,
    Bounded,
    Divided,
    FundProvided,
    GivenBack,
    LimitShared,
    LossMeant,
    Ordered,
    PaidBeforeSale,
    Period,
    RateMeant,
    Refilled,
    Reimbursed,
    Rounded,
    Statement,
    Straddled,
    Whole,
)

Clauses = tuple[Clause, ...]
Version = TypeVar("Version")


def outline(model: RiskSharing) -> list[Statement]:
    """All that an agreement says."""
    return list(_Outline(model).statements())


class _Outline:
    """One agreement while it is put into statements."""

    def __init__(self, model: RiskSharing) -> None:
        self._model = model
        terms = Agreement(model).terms
        cessions = [
            (Whole(period, giver, takes=giver in _takers(ceding)), clauses)
            for period, ceding in _versions(model, [each.cessions for each in terms])
            for giver, clauses in ceding
        ]
        splits = [(Whole(period), clauses) for period, clauses in _versions(model, [each.split for each in terms])]
        if len(splits) == 1 and not cessions:
            splits = [(Whole(only=True), splits[0][1])]
        self._divided: list[tuple[Whole, Clauses]] = [*splits, *cessions]
        self._cedes = bool(cessions)
        self._clauses = [clause for _, clauses in self._divided for clause in clauses_within(clauses)]
        self._uses = Counter(name for clause in self._clauses for name in clause.limits)
        self._funds, self._limits, self._rates = list(model.funds), model.limits, model.rates
        rests = sum(not _is_plain(clause.otherwise) for clause in self._clauses)
        # A rest that is the only one needs no number, which 0 stands for.
        self._numbers = iter(range(1, rests + 1) if rests > 1 else [0])

    def statements(self) -> Iterator[Statement]:
        """All of them in the order of a contract."""
        shares = list(chain.from_iterable(self._division(*each) for each in self._divided))
        yield from self._definitions()
        yield from shares
        if self._cedes:
            yield Reimbursed()
        yield from self._procedure()
        yield from self._recoveries(shares)

    def _definitions(self) -> Iterator[Statement]:
        yield LossMeant(self._model.covers)
        for name in self._funds:
            yield FundProvided(name, self._model.funds[name])
        for name, limit in self._limits.items():
            if self._uses[name] > 1:
                yield LimitShared(name, limit)
        for name, rate in self._rates.items():
            yield RateMeant(name, rate, self._cedes)
        used = {limit.at_most.base for limit in self._limits.values()} | {rate.over for rate in self._rates.values()}
        if bases := tuple(base for base in BASES if base in used):
            yield BasesMeant(bases, bool(self._rates))

    def _division(self, whole: Whole, clauses: Clauses, own_funds: bool = True) -> Iterator[Statement]:
        """Who bears what of a whole; `own_funds` unless what its funds cannot pay is shared with what is around it."""
        alone = len(clauses) == 1
        if not alone or clauses[0].is_plain:
            yield Divided(whole, clauses)
        for clause in clauses:
            if not clause.is_plain:
                yield from self._bound(whole, clause, alone)
        if own_funds and self._model.straddle != "in proportion":
            yield from self._straddled(whole, clauses)

    def _straddled(self, whole: Whole, clauses: Clauses) -> Iterator[Statement]:
        straddle, funded = self._model.straddle, list(self._paid_from_funds(clauses))
        if funded:
            funds = tuple(dict.fromkeys(name for each in funded for name in each.limits if name in self._model.funds))
            limited = any(name not in funds for each in funded for name in each.limits)
            without = in_force(clauses, Closed(frozenset(self._model.funds), frozenset())).clauses
            is_listed = _is_plain(without) and (straddle != "all or nothing" or len(funds) == 1)
            yield Straddled(whole, straddle, funds, len(self._funds) > 1, limited, without if is_listed else None)

    def _bound(self, whole: Whole, clause: Clause, alone: bool) -> Iterator[Statement]:
        funds = tuple(name for name in clause.limits if name in self._model.funds)
        limits = [name for name in clause.limits if name not in funds]
        rest = None if _is_plain(clause.otherwise) else next(self._numbers)
        yield Bounded(
            whole,
            clause,
            alone,
            funds,
            tuple(self._limits[name] for name in limits if self._uses[name] == 1),
            tuple(name for name in limits if self._uses[name] > 1),
            self._model.straddle == "in proportion",
            rest,
        )
        if rest is not None:
            yield from self._division(Whole(rest=rest), clause.otherwise, own_funds=bool(limits))

    def _has_fund(self, clause: Clause) -> bool:
        return not self._model.funds.keys().isdisjoint(clause.limits)

    def _paid_from_funds(self, clauses: Clauses) -> Iterator[Clause]:
        """Clauses with funds that share one whole, and those that come in where a fund is used up or a test fails."""
        for clause in clauses:
            if self._has_fund(clause):
                yield clause
            if self._has_fund(clause) or clause.tests:
                yield from self._paid_from_funds(clause.otherwise)

    def _procedure(self) -> Iterator[Statement]:
        over = [limit.per for limit in self._limits.values() if limit.per != "loss"]
        if self._funds or over or self._rates:
            pro_rata, counts = self._model.same_day == "pro rata", (len(self._funds), len(over), len(self._rates))
            yield Ordered(pro_rata, *counts, tuple(dict.fromkeys(over)))
        if len(self._model.bearers()) > 1:
            yield PaidBeforeSale()
            capped = any(limit.at_most.base is not None for limit in self._limits.values())
            handed_on = any(clause.tests or self._has_fund(clause) for clause in self._clauses)
            yield Rounded(handed_on, capped)

    def _recoveries(self, shares: Sequence[Statement]) -> Iterator[Statement]:
        ranked = tuple(self._model.recoveries.by_rank)
        others = tuple(party for party in self._model.bearers() if party not in ranked)
        told = [party for party in dict.fromkeys(_named(shares)) if party in others]
        order = others if told != list(others) else ()
        yield GivenBack(ranked, others, self._model.recoveries.surplus, self._cedes, order)
        refilling = {name: self._model.funds[name].owner for name in self._funds if self._model.funds[name].refill}
        for owner in dict.fromkeys(refilling.values()):
            yield Refilled(owner, tuple(name for name, each in refilling.items() if each == owner))


def _versions(model: RiskSharing, values: Sequence[Version]) -> Iterator[tuple[Period | None, Version]]:
    """Values of the first terms and after each change, like neighbours joined, each with the days of its losses."""
    starts = [change.starts for change in model.changes]
    if not starts:
        yield None, values[0]
        return
    number = 0
    for value, equal in groupby(values):
        after = number + len(list(equal))
        first = starts[number - 1] if number else None
        last = starts[after - 1] - DAY if after <= len(starts) else None
        yield (Period(model.changes[0].by, first, last) if first or last else None), value
        number = after


def _takers(cessions: Sequence[tuple[str, Clauses]]) -> set[str]:
    return {clause.party for giver, each in cessions for clause in clauses_within(each) if clause.party != giver}


def _is_plain(clauses: Clauses) -> bool:
    return all(clause.is_plain for clause in clauses)


def _named(shares: Sequence[Statement]) -> Iterator[str]:
    """The parties that sentences on shares name, one after another."""
    for share in shares:
        if isinstance(share, Divided):
            yield from (clause.party for clause in share.clauses)
        elif isinstance(share, Bounded):
            yield share.clause.party
            if share.rest is None:
                yield from (clause.party for clause in share.clause.otherwise)
