"""Defaults of a book settled one after another, by looking everything up anew for each claim: slow and obvious."""

from __future__ import annotations

import datetime
from dataclasses import dataclass, field, replace
from fractions import Fraction
from math import floor, inf

from simulator.credit.book import Book
from simulator.credit.contract import interest_owed
from simulator.credit.loans import sale, value_growth
from simulator.credit.path_defaults import Defaults
from simulator.scenario.credit import CompleteRecovery
from simulator.sharing import Agreement, Claim, Meters

DAY = 1440.0


@dataclass
class Settled:
    """One claim and what became of it."""

    loan: int
    settled_at: float
    amount: int
    paid: dict[str, int]
    returned: dict[str, int] = field(default_factory=dict)
    fund_left: dict[str, int] = field(default_factory=dict)


@dataclass
class Default:
    """One default of a path."""

    loan: int
    moment: float
    settled_at: float
    day: int
    sold_at: float
    haircut: float
    cost: float
    luck: float


class OnePath:
    """One path of a book under an agreement."""

    def __init__(self, book: Book, agreement: Agreement, recovery: CompleteRecovery, rows: list[Default]) -> None:
        self.book, self.agreement, self.recovery = book, agreement, recovery
        self.rows = sorted(rows, key=lambda row: (row.settled_at, row.loan))
        self.meters: Meters = agreement.open()
        self.settled: list[Settled] = []

    def run(self) -> list[Settled]:
        """Settle all claims and sell all IP, in the order of time; claims of a moment come before sales."""
        together = self.agreement.model.same_day == "pro rata"
        moments = sorted({row.settled_at for row in self.rows} | {row.sold_at for row in self.rows})
        for moment in moments:
            due = [row for row in self.rows if row.settled_at == moment]
            for group in [due] if together else [[row] for row in due]:
                self._settle(group)
            for row, settled in zip(self.rows, self.settled, strict=False):
                if row.sold_at == moment:
                    self._sell(row, settled)
        return self.settled

    def _settle(self, group: list[Default]) -> None:
        if not group:
            return
        claims = [self._claim(row) for row in group]
        for row, claim, shared in zip(group, claims, self.agreement.share_day(claims, self.meters), strict=True):
            left = self.agreement.funds_left(self.meters, row.day)
            self.settled.append(Settled(row.loan, row.settled_at, claim.amount, dict(shared.paid), fund_left=left))

    def _sell(self, row: Default, settled: Settled) -> None:
        if self._lgd(row.loan) is not None:
            return
        years = (row.sold_at - self.book.drawn_at[row.loan]) / (365 * DAY)
        value = float(self.book.worth[row.loan] * value_growth(self.recovery, years, row.luck))
        proceeds, cost = sale(value, row.haircut, row.cost)
        back = self.agreement.give_back(proceeds - cost, settled.paid, {}, self.meters)
        settled.returned = dict(back.received)

    def _lgd(self, loan: int) -> Fraction | None:
        return None if self.book.lgd is None else self.book.lgd[loan]

    def _owed(self, loan: int, moment: float) -> tuple[int, float, int]:
        """Outstanding and since when, and interest accrued, of a loan that defaults at a moment: before what is due."""
        book = self.book
        found = None
        for step, at in enumerate(book.changes_at[loan].tolist()):
            if at < moment or at == book.drawn_at[loan]:
                accrued = 0 if book.accrued is None else int(book.accrued[loan, step])
                found = int(book.outstanding[loan, step]), at, accrued
        assert found is not None
        return found

    def _claim(self, row: Default) -> Claim:
        outstanding, since, accrued = self._owed(row.loan, row.moment)
        amount = outstanding
        if self.agreement.model.covers == "principal and interest":
            assert self.book.rate is not None
            days = int((row.moment - since) // DAY)
            amount += interest_owed(accrued, outstanding, days, self.book.rate[row.loan])
        lgd = self._lgd(row.loan)
        if lgd is not None:
            amount = floor(amount * lgd + Fraction(1, 2))
        borrower, lost_on = int(self.book.borrower[row.loan]), self._day(row.moment)
        claim = Claim(amount, row.day, row.loan, borrower, lost_on, self._drawn_on(row.loan))
        return replace(claim, bases={need: self._base(row, claim, *need) for need in self.agreement.needs})

    def _day(self, moment: float) -> int:
        return self.book.origin.toordinal() + int(moment // DAY)

    def _drawn_on(self, loan: int) -> int:
        return self._day(self.book.drawn_at[loan])

    def _base(self, row: Default, claim: Claim, per: str, base: str) -> int:
        book = self.book
        dated = {"year of claim": claim.day, "year of loss": claim.lost_on, "year of underwriting": claim.drawn_on}
        year = _year(dated[per]) if per in dated else None
        counted = [
            loan
            for loan in range(len(book))
            if (per != "loss" or loan == row.loan)
            and (per != "borrower" or book.borrower[loan] == book.borrower[row.loan])
            and (per != "year of underwriting" or _year(self._drawn_on(loan)) == year)
        ]
        if base == "guaranteed balance":
            return sum(self._balance(loan, row) for loan in counted)
        moved = book.lent if base == "principal" else book.premiums
        return sum(
            int(fen)
            for loan, moment, fen in zip(moved.loan, moved.moment, moved.fen, strict=True)
            if loan in counted
            and self._by(moment, row)
            and (moment < self._defaults_at(int(loan)) or moment == book.drawn_at[loan])
            and (per not in ("year of claim", "year of loss") or _year(self._day(moment)) == year)
        )

    def _by(self, moment: float, row: Default) -> bool:
        """Whether something has happened by the settlement of a claim; pro rata, by the end of its day."""
        together = self.agreement.model.same_day == "pro rata"
        return moment < row.settled_at if together else moment <= row.settled_at

    def _defaults_at(self, loan: int) -> float:
        return next((row.moment for row in self.rows if row.loan == loan), inf)

    def _balance(self, loan: int, before: Default) -> int:
        """What a loan adds to the guaranteed balance just before a claim."""
        own = next((row for row in self.rows if row.loan == loan), None)
        if own is not None:
            together = self.agreement.model.same_day == "pro rata"
            settled = own.settled_at < before.settled_at or (
                not together and self.rows.index(own) < self.rows.index(before)
            )
            if settled:
                return 0
            if own.moment <= before.settled_at:
                return self._owed(loan, own.moment)[0] if self._by(self.book.drawn_at[loan], before) else 0
        changes = zip(self.book.changes_at[loan], self.book.outstanding[loan], strict=True)
        return next((int(fen) for moment, fen in reversed(list(changes)) if self._by(moment, before)), 0)


def one_by_one(
    book: Book, agreement: Agreement, recovery: CompleteRecovery, defaults: Defaults
) -> dict[int, list[Settled]]:
    """What becomes of given defaults, path by path, in the order of settlement."""
    found: dict[int, list[Settled]] = {}
    for path in sorted(set(defaults.path.tolist())):
        rows = []
        for place in (defaults.path == path).nonzero()[0]:
            moment = float(defaults.moment[place])
            settled_at = moment + float(defaults.claim_minutes[place])
            day = book.origin.toordinal() + int(settled_at // DAY)
            if agreement.model.same_day == "pro rata":
                settled_at = (settled_at // DAY + 1) * DAY
            sold_at = settled_at + float(defaults.sale_minutes[place])
            luck = (float(getattr(defaults, name)[place]) for name in ("haircut", "cost", "luck"))
            rows.append(Default(int(defaults.loan[place]), moment, settled_at, day, sold_at, *luck))
        found[path] = OnePath(book, agreement, recovery, rows).run()
    return found


def _year(day: int | None) -> int:
    assert day is not None
    return datetime.date.fromordinal(day).year
