"""A list of losses, with what was recovered, run through an agreement: who pays what, who gets back what."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from itertools import groupby

from simulator.analysis.claim_bases import Bases
from simulator.analysis.loss_lists import Lists
from simulator.scenario.loss_table import LossRow
from simulator.scenario.recovery_table import RecoveryRow
from simulator.sharing import Agreement, Allocation, Claim, Recovered
from simulator.sharing.meters import paid_in, room_of


@dataclass(frozen=True, slots=True)
class SharedLoss:
    """A loss, who pays it, and what every fund and limit has left for the next loss like it (fen)."""

    row: LossRow
    allocation: Allocation
    left: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class ReturnedRecovery:
    """A recovery, who gets it back after its costs, and what every fund holds then (fen)."""

    row: RecoveryRow
    borrower: str
    recovered: Recovered
    left: Mapping[str, int]


@dataclass
class Totals:
    """What came out in all, in fen."""

    paid: dict[str, int]
    returned: dict[str, int]
    losses: int = 0
    lost: int = 0
    recoveries: int = 0
    recovered: int = 0
    costs: int = 0
    surplus: int = 0
    last_day: int = 0
    funds: dict[str, int] = field(default_factory=dict)
    """What each fund holds in the end."""
    used_up: dict[str, int] = field(default_factory=dict)
    """The day on which a fund was empty for the first time, of those that ever were."""

    @property
    def borne(self) -> dict[str, int]:
        """What each party has paid and not got back."""
        return {party: fen - self.returned[party] for party, fen in self.paid.items()}


class Settlement:
    """Losses and recoveries one after another, in the order of their days; the losses of a day come first.

    Iterating gives a `SharedLoss` or a `ReturnedRecovery` each and adds to `totals`; it can be done once.
    """

    def __init__(self, agreement: Agreement, lists: Lists) -> None:
        self.agreement, self.lists = agreement, lists
        self.totals = Totals(dict.fromkeys(agreement.parties, 0), dict.fromkeys(agreement.parties, 0))
        self._meters = agreement.open()
        self._loans = lists.book.loans if lists.book is not None else {}
        self._bases = Bases(self._loans, agreement.needs, lists.losses) if agreement.needs else None
        self._in_order = agreement.model.same_day == "in order"
        asked = lists.recoveries.loans if lists.recoveries is not None else ()
        self._borrowers: dict[str, str] = {}
        self._paid = {loan: dict.fromkeys(agreement.parties, 0) for loan in asked}
        self._returned = {loan: dict.fromkeys(agreement.parties, 0) for loan in asked}

    def __iter__(self) -> Iterator[SharedLoss | ReturnedRecovery]:
        waiting = deque(self.lists.recoveries.rows if self.lists.recoveries is not None else ())
        for day, rows in groupby(self.lists.losses, key=lambda row: row.day):
            while waiting and waiting[0].day < day:
                yield self._give_back(waiting.popleft())
            yield from self._share(rows)
        while waiting:
            yield self._give_back(waiting.popleft())
        self.totals.funds = self.agreement.funds_left(self._meters, self.totals.last_day)

    def _share(self, rows: Iterable[LossRow]) -> Iterator[SharedLoss]:
        """The losses of a day, one after another unless the agreement says otherwise."""
        if not self._in_order:
            yield from self._share_together(list(rows))
            return
        for row in rows:
            allocation = self.agreement.share(self._claim(row), self._meters)
            self._settle(row.loan)
            yield self._counted(row, allocation, allocation.room_after)

    def _share_together(self, rows: list[LossRow]) -> Iterator[SharedLoss]:
        """The losses of a day, each with its part of what there was in the morning; `left` is of the night."""
        model = self.agreement.model
        claims = [self._claim(row) for row in rows]
        allocations = self.agreement.share_day(claims, self._meters)
        for row in rows:
            self._settle(row.loan)
        for row, claim, allocation in zip(rows, claims, allocations, strict=True):
            # A limit on each loss has nothing in common with others.
            own = [name for name, limit in model.limits.items() if limit.per == "loss"]
            night = {
                name: left if name in own else room_of(model, self._meters, name, claim)
                for name, left in allocation.room_after.items()
            }
            yield self._counted(row, allocation, night)

    def _claim(self, row: LossRow) -> Claim:
        loan = self._loans.get(row.loan)
        drawn_on = loan.start if loan is not None else None
        claim = Claim(row.amount, row.day, row.loan, row.borrower, row.lost_on, drawn_on)
        return claim if self._bases is None else replace(claim, bases=self._bases.of(claim))

    def _settle(self, loan: str) -> None:
        if self._bases is not None:
            self._bases.settle(loan)

    def _counted(self, row: LossRow, allocation: Allocation, left: Mapping[str, int]) -> SharedLoss:
        totals = self.totals
        totals.losses += 1
        totals.lost += row.amount
        totals.last_day = row.day
        for party, fen in allocation.paid.items():
            totals.paid[party] += fen
        for name in self.agreement.model.funds:
            # A fund that begins with nothing has not been used up before anything is paid in.
            if not left[name] and name not in totals.used_up and paid_in(self.agreement.model, name, row.day):
                totals.used_up[name] = row.day
        if row.loan in self._paid:
            self._borrowers[row.loan] = row.borrower
            paid = self._paid[row.loan]
            for party, fen in allocation.paid.items():
                paid[party] += fen
        return SharedLoss(row, allocation, left)

    def _give_back(self, row: RecoveryRow) -> ReturnedRecovery:
        """What a recovery leaves after its costs goes to those who paid the losses of its loan so far."""
        already, totals = self._returned[row.loan], self.totals
        net = row.amount - row.cost
        recovered = self.agreement.give_back(net, self._paid[row.loan], already, self._meters)
        totals.recoveries += 1
        totals.recovered += row.amount
        totals.costs += row.cost
        totals.surplus += recovered.surplus
        totals.last_day = row.day
        for party, fen in recovered.received.items():
            already[party] += fen
            totals.returned[party] += fen
        left = self.agreement.funds_left(self._meters, row.day)
        return ReturnedRecovery(row, self._borrowers[row.loan], recovered, left)
