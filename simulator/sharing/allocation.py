"""Applies an agreement to losses, one after another in the order in which claims are settled, and explains each fen."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from simulator.scenario.agreement import RiskSharing, cession_order
from simulator.scenario.agreement_parts import Split
from simulator.sharing.clauses import Bound, Clause, Closed, clauses_within, compiled
from simulator.sharing.division import Cache, Division, Step
from simulator.sharing.meters import Claim, Meters, Need, base_of, fund_left, needed_bases, room_of
from simulator.sharing.recovery import Recovered, give_back

Failed = frozenset[Bound]


@dataclass(frozen=True, slots=True)
class Cession:
    """What a party gets back of its payment from another, in fen: a re-guarantee, a reinsurance."""

    giver: str
    taker: str
    amount: int


@dataclass(frozen=True, slots=True)
class Allocation:
    """A loss shared: what every party has borne in the end (fen, sums to the loss) and how that came about.

    `advanced` is what each paid to the lender before any cession. `room_before` and `room_after` are of every fund and
    limit, for this loss, before and after it.
    """

    loss: int
    paid: Mapping[str, int]
    advanced: Mapping[str, int]
    cessions: tuple[Cession, ...]
    room_before: Mapping[str, int]
    room_after: Mapping[str, int]
    steps: tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class Terms:
    """The clauses that apply to a loss: how it is split, then each cession in its order."""

    split: tuple[Clause, ...]
    cessions: tuple[tuple[str, tuple[Clause, ...]], ...]

    @classmethod
    def of(cls, split: Split, cede: Mapping[str, Split]) -> Terms:
        """The terms that a split and cessions of a file describe."""
        return cls(compiled(split), tuple((giver, compiled(cede[giver])) for giver in cession_order(cede)))

    @property
    def clauses(self) -> tuple[Clause, ...]:
        """All clauses at the top of a split."""
        return (*self.split, *(clause for _, clauses in self.cessions for clause in clauses))


@dataclass(frozen=True)
class Agreement:
    """A risk-sharing agreement ready to be applied to losses."""

    model: RiskSharing

    def __reduce__(self) -> tuple[type[Agreement], tuple[RiskSharing]]:
        # What is worked out from the model is found by identity and means nothing in another process.
        return Agreement, (self.model,)

    @cached_property
    def parties(self) -> tuple[str, ...]:
        """Everybody who may have to pay, in the order of the agreement."""
        return self.model.bearers()

    @cached_property
    def needs(self) -> tuple[Need, ...]:
        """The bases that every claim must state, as (over what, base)."""
        return needed_bases(self.model)

    @cached_property
    def terms(self) -> tuple[Terms, ...]:
        """The first terms, then those after each change."""
        split, cede = self.model.split, self.model.cede
        found = [Terms.of(split, cede)]
        for change in self.model.changes:
            split, cede = change.split or split, cede if change.cede is None else change.cede
            found.append(Terms.of(split, cede))
        return tuple(found)

    def terms_of(self, claim: Claim) -> Terms:
        """The terms that apply to a claim."""
        changes = self.model.changes
        return self.terms[sum(change.starts.toordinal() <= claim.dated(change.by) for change in changes)]

    def open(self) -> Meters:
        """The meters as they stand before the first loss."""
        return Meters()

    def funds_left(self, meters: Meters, day: int) -> dict[str, int]:
        """What each fund holds on a day (ordinal), in fen."""
        return {name: fund_left(self.model, meters, name, day) for name in self.model.funds}

    def share(self, claim: Claim, meters: Meters) -> Allocation:
        """Share a loss and count it on the meters; ValueError for a negative loss or a claim that lacks what is needed.

        A fund that is used up, or a limit that is reached, before the loss has its share handed on to its `otherwise`;
        the agreement's `straddle` decides about a loss for which a fund has something left, but too little.
        """
        return self._share(claim, meters, {name: room_of(self.model, meters, name, claim) for name in self._bounds})

    def share_day(self, claims: Sequence[Claim], meters: Meters) -> list[Allocation]:
        """Share the losses of one day in the order given, by the agreement's rule for claims of the same day.

        Pro rata, each claim finds its part of what every fund and limit had left in the morning, in proportion to the
        losses that count on it: to the fen by cumulative rounding. What a claim leaves of its part is nobody else's
        that day. Tests look at the state of the morning.
        """
        if self.model.same_day == "in order" or len(claims) == 1:
            return [self.share(claim, meters) for claim in claims]
        failed = [self._failed(claim, meters) for claim in claims]
        rooms: list[dict[str, int]] = [{} for _ in claims]
        in_all: list[dict[str, int]] = [{} for _ in claims]
        for name in self._bounds:
            limit = self.model.limits.get(name)
            groups: dict[Hashable, list[int]] = {}
            for number, claim in enumerate(claims):
                # A ceiling on each loss is no common money.
                over = number if limit and limit.per == "loss" else claim.counted_over(limit.per) if limit else None
                groups.setdefault(over, []).append(number)
            for numbers in groups.values():
                total, before = sum(claims[number].amount for number in numbers), 0
                for number in numbers:
                    room, after = room_of(self.model, meters, name, claims[number]), before + claims[number].amount
                    rooms[number][name] = room * after // total - room * before // total if total else room
                    if rooms[number][name] != room:
                        in_all[number][name] = room
                    before = after
        return [
            self._share(claim, meters, room, fails, of)
            for claim, room, fails, of in zip(claims, rooms, failed, in_all, strict=True)
        ]

    @cached_property
    def _bounds(self) -> tuple[str, ...]:
        return (*self.model.funds, *self.model.limits)

    def _share(
        self,
        claim: Claim,
        meters: Meters,
        room: dict[str, int],
        failed: Failed | None = None,
        in_all: Mapping[str, int] = {},
    ) -> Allocation:
        """As `share`; `in_all` is what there was of the funds and limits of which `room` is only this loss's part."""
        if claim.amount < 0:
            raise ValueError(f"loss={claim.amount} must be at least 0")
        before, terms = dict(room), self.terms_of(claim)
        failed = self._failed(claim, meters) if failed is None else failed
        advanced = dict.fromkeys(self.parties, 0)
        steps = self._divide(terms.split, claim.amount, room, failed, advanced)
        paid, cessions = dict(advanced), []
        for giver, clauses in terms.cessions:
            if not paid[giver]:
                continue
            shared: dict[str, int] = {}
            steps += self._divide(clauses, paid[giver], room, failed, shared, giver)
            for taker, fen in shared.items():
                if taker != giver and fen:
                    paid[giver] -= fen
                    paid[taker] += fen
                    cessions.append(Cession(giver, taker, fen))
        for name in self._bounds:
            limit = self.model.limits.get(name)
            if limit is None or limit.per != "loss":
                over = claim.counted_over(limit.per) if limit else None
                meters.count(name, over, before[name] - room[name])
        for name, rate in self.model.rates.items():
            meters.count(name, claim.counted_over(rate.per), advanced[rate.paid_by])
        if in_all:
            steps = [replace(step, in_all=in_all.get(step.limit)) if step.limit else step for step in steps]
        return Allocation(claim.amount, paid, advanced, tuple(cessions), before, room, tuple(steps))

    def _divide(
        self,
        clauses: tuple[Clause, ...],
        amount: int,
        room: dict[str, int],
        failed: Failed,
        paid: dict[str, int],
        ceded_by: str | None = None,
    ) -> list[Step]:
        cache = self._caches.setdefault(failed, {})
        closed = Closed(frozenset(), failed)
        division = Division(self.model.straddle, self.model.funds, room, closed, paid, cache, ceded_by)
        division.divide(clauses, amount)
        return division.steps

    @cached_property
    def _caches(self) -> dict[Failed, Cache]:
        return {}

    def _failed(self, claim: Claim, meters: Meters) -> Failed:
        """The tests that fail before a claim."""
        failed = set()
        for test in self.tests:
            rate = self.model.rates[test.rate]
            paid = meters.used.get((test.rate, claim.counted_over(rate.per)), 0)
            if not test.holds(paid, base_of(claim, rate.per, rate.over, test.rate)):
                failed.add(test)
        return frozenset(failed)

    @cached_property
    def tests(self) -> tuple[Bound, ...]:
        """Every test of a rate in it, each once."""
        return tuple(
            dict.fromkeys(test for terms in self.terms for each in clauses_within(terms.clauses) for test in each.tests)
        )

    def give_back(
        self, recovery: int, paid: Mapping[str, int], already: Mapping[str, int], meters: Meters
    ) -> Recovered:
        """Give a recovery (fen, after its costs) to those who `paid` a loss and `already` got part of it back.

        By rank, then pro rata to what each paid. Nobody receives more than it paid: what would be above goes to the
        others and, once all are whole, to the one named for the surplus. A fund that refills takes what its owner
        receives, up to all that was ever paid into it. ValueError for a negative recovery, a party outside the
        agreement, and one that has got back more than it paid.
        """
        return give_back(self.model, self.parties, recovery, paid, already, meters)
