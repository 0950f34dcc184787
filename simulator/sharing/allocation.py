"""Shares losses and recoveries by the clauses of an agreement and says, clause by clause, who pays what and why."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cached_property

from simulator.scenario.agreement import RiskSharing, Straddle, exact_share
from simulator.sharing.clauses import (
    Clause,
    bearers,
    compiled,
    exact_money,
    in_force,
    of_idle_funds,
    share_of,
    sole_bearer,
    the,
)
from simulator.sharing.rounding import largest_remainder


@dataclass
class Balances:
    """What is left in each fund of an agreement, in fen; changes with every loss and refill."""

    left: dict[str, int]


@dataclass(frozen=True, slots=True)
class Step:
    """One clause at work on a loss: its part (fen), what its fund held before (`room`), who paid what of the part."""

    clause: str
    amount: int
    fund: str | None
    room: int | None
    paid: Mapping[str, int]
    sentence: str


@dataclass(frozen=True, slots=True)
class Allocation:
    """A loss shared: what every party of the agreement pays (fen, sums to the loss) and how that came about."""

    loss: int
    paid: Mapping[str, int]
    funds_before: Mapping[str, int]
    funds_after: Mapping[str, int]
    steps: tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class Recovered:
    """A net recovery given back: fen to every party, and the surplus over all they paid, which is the borrower's."""

    recovery: int
    received: Mapping[str, int]
    surplus: int
    funds_before: Mapping[str, int]
    funds_after: Mapping[str, int]

    @property
    def sentence(self) -> str:
        """Who receives what, in words."""
        shares = [f"{exact_money(part)} to {the(party)}" for party, part in self.received.items() if part]
        surplus = [f"{exact_money(self.surplus)} to the borrower, as everybody is made whole"] if self.surplus else []
        into = [
            f"; {exact_money(left - self.funds_before[name])} of it goes back into {the(name)}"
            for name, left in self.funds_after.items()
            if left > self.funds_before[name]
        ]
        return f"of {exact_money(self.recovery)} recovered: {', '.join(shares + surplus) or 'nothing'}{''.join(into)}"


@dataclass(frozen=True)
class Agreement:
    """A risk-sharing agreement ready to be applied to losses, one after another in the order of claim settlement."""

    model: RiskSharing

    @cached_property
    def parties(self) -> tuple[str, ...]:
        """Everybody who may have to pay, in the order of the agreement."""
        return self.model.bearers()

    @cached_property
    def funds(self) -> Mapping[str, int]:
        """Opening balance of each fund, in fen."""
        return {name: int(fund.balance) for name, fund in self.model.funds.items()}

    @cached_property
    def _clauses(self) -> tuple[Clause, ...]:
        return compiled(self.model.split)

    def open(self) -> Balances:
        """The funds as they stand before the first loss."""
        return Balances(dict(self.funds))

    def share(self, loss: int, balances: Balances) -> Allocation:
        """Share a loss (fen) and take from the funds what they pay; ValueError for a negative loss.

        A fund that is used up before the loss has its share handed on to its `otherwise`; the agreement's `straddle`
        decides about a loss for which a fund has something left, but too little.
        """
        if loss < 0:
            raise ValueError(f"loss={loss} must be at least 0")
        before = dict(balances.left)
        division = _Division(self.model.straddle, dict(before), dict.fromkeys(self.parties, 0))
        division.divide(self._clauses, loss)
        balances.left.update(division.left)
        return Allocation(loss, division.paid, before, division.left, tuple(division.steps))

    def give_back(
        self, recovery: int, paid: Mapping[str, int], already: Mapping[str, int], balances: Balances
    ) -> Recovered:
        """Give a net recovery (fen) to those who `paid` a loss and have `already` got part of that back.

        Pro rata to what each paid, after a party that the agreement makes whole first. Nobody receives more than it
        paid: what would be above goes to the others and, once all are whole, to the borrower. A fund that refills takes
        what its owner receives, as far as its opening balance. ValueError for a negative recovery, a party outside the
        agreement, and one that has got back more than it paid.
        """
        if recovery < 0:
            raise ValueError(f"recovery={recovery} must be at least 0")
        for party in (*paid, *already):
            if party not in self.parties:
                raise ValueError(f"party={party!r} must be one of {', '.join(self.parties)}")
        owed = {party: paid.get(party, 0) - already.get(party, 0) for party in self.parties}
        for party, amount in owed.items():
            if not 0 <= amount <= paid.get(party, 0):
                raise ValueError(f"already[{party!r}]={already[party]} must lie between 0 and the amount it paid")
        received = dict.fromkeys(self.parties, 0)
        to_divide = min(recovery, sum(owed.values()))
        surplus = recovery - to_divide
        first = self.model.recoveries.first
        if first is not None:
            received[first] = min(to_divide, owed.pop(first))
            to_divide -= received[first]
        received |= _pro_rata(to_divide, paid, owed)
        before = dict(balances.left)
        balances.left.update(self._refilled(received, before))
        return Recovered(recovery, received, surplus, before, dict(balances.left))

    def _refilled(self, received: Mapping[str, int], left: Mapping[str, int]) -> dict[str, int]:
        """Balances after the owners of refilling funds have put back what they received, each fen once."""
        at_hand, after = dict(received), dict(left)
        for name, fund in self.model.funds.items():
            if fund.refill and fund.owner in at_hand:
                put_back = min(at_hand[fund.owner], max(0, self.funds[name] - after[name]))
                after[name] += put_back
                at_hand[fund.owner] -= put_back
        return after


@dataclass
class _Division:
    """One loss while it is being divided."""

    straddle: Straddle
    left: dict[str, int]
    paid: dict[str, int]
    steps: list[Step] = field(default_factory=list)

    def divide(self, clauses: tuple[Clause, ...], amount: int) -> None:
        """Divide an amount by the clauses that apply, and settle what funds cannot pay by the reading of `straddle`.

        With several funds, `shortfall shared` and `remainder shared` take all of them as used up for what they share.
        """
        idle = {fund for fund, left in self.left.items() if left == 0}
        current, parts = _parts(clauses, idle, amount)
        if self.straddle == "all or nothing":
            # A share handed on can round differently or reach a further fund, so look again until none falls short.
            while short := self._falling_short(current, parts):
                idle |= short
                current, parts = _parts(clauses, idle, amount)
        self._say_who_stands_aside(clauses, idle)
        defer_plain = self.straddle == "remainder shared" and bool(self._falling_short(current, parts))
        unpaid = 0
        for clause, part in zip(current, parts, strict=True):
            told = share_of(clause.share, amount, part)
            if clause.fund is None and defer_plain:
                unpaid += part
            elif clause.fund is None:
                self._book(clause, part, {clause.party: part}, f"{told}, borne by {the(clause.party)}")
            else:
                unpaid += self._out_of_fund(clause, clause.fund, part, told)
        if unpaid:
            self.divide(in_force(clauses, self.left), unpaid)

    def _out_of_fund(self, clause: Clause, fund: str, part: int, told: str) -> int:
        """Pay a part out of its fund; the shortfall, where `straddle` has it shared anew, else 0."""
        room = self.left[fund]
        self.left[fund] -= min(part, room)
        told += f"; {the(fund)} has {exact_money(room)} left and pays that"
        if part <= room:
            self._book(clause, part, {clause.party: part}, told, room)
            return 0
        shortfall = part - room
        told += f"; the other {exact_money(shortfall)}"
        sole = sole_bearer(clause.otherwise)
        if self.straddle == "shortfall shared":
            self._book(clause, part, {clause.party: room}, f"{told} is shared as if it were used up", room)
            return shortfall
        if self.straddle == "remainder shared":
            told += " is shared, with all that no fund pays, as if it were used up"
            self._book(clause, part, {clause.party: room}, told, room)
            return shortfall
        if sole is not None:
            paid = {clause.party: room}
            paid[sole] = paid.get(sole, 0) + shortfall
            self._book(clause, part, paid, f"{told} falls to {the(sole)}", room)
        else:
            self._book(clause, part, {clause.party: room}, f"{told} is shared by {bearers(clause.otherwise)}", room)
            self.divide(clause.otherwise, shortfall)
        return 0

    def _falling_short(self, clauses: Sequence[Clause], parts: Sequence[int]) -> set[str]:
        return {
            clause.fund
            for clause, part in zip(clauses, parts, strict=True)
            if clause.fund is not None and part > self.left[clause.fund]
        }

    def _say_who_stands_aside(self, clauses: tuple[Clause, ...], idle: set[str]) -> None:
        for clause in of_idle_funds(clauses, idle):
            assert clause.fund is not None
            room = self.left[clause.fund]
            why = f"has only {exact_money(room)} left and keeps it for a smaller loss" if room else "is used up"
            told = f"{the(clause.fund)} {why}; its {exact_share(clause.share)} falls to {bearers(clause.otherwise)}"
            self._book(clause, 0, {}, told, room)

    def _book(self, clause: Clause, amount: int, paid: Mapping[str, int], told: str, room: int | None = None) -> None:
        for party, part in paid.items():
            self.paid[party] += part
        self.steps.append(Step(str(clause), amount, clause.fund, room, paid, told))


def _parts(clauses: tuple[Clause, ...], idle: set[str], amount: int) -> tuple[tuple[Clause, ...], list[int]]:
    current = in_force(clauses, idle)
    return current, largest_remainder(amount, [clause.share for clause in current])


def _pro_rata(amount: int, paid: Mapping[str, int], owed: Mapping[str, int]) -> dict[str, int]:
    """Divide an amount no larger than all that is owed, pro rata to what each paid and nobody above what it is owed."""
    received = dict.fromkeys(owed, 0)
    open_parties = [party for party in owed if owed[party] > 0]
    while amount:
        whole = sum(paid[party] for party in open_parties)
        parts = largest_remainder(amount, [Fraction(paid[party], whole) for party in open_parties])
        above = {party for party, part in zip(open_parties, parts, strict=True) if part > owed[party]}
        settled = {party: owed[party] for party in above} or dict(zip(open_parties, parts, strict=True))
        received |= settled
        amount -= sum(settled.values())
        open_parties = [party for party in open_parties if party not in above]
    return received
