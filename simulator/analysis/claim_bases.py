"""What rates of an agreement are measured against: principal, premium and guaranteed balance of a book, day by day."""

from __future__ import annotations

import datetime
from collections import Counter
from collections.abc import Hashable, Iterable, Mapping, Sequence

from simulator.scenario.agreement_parts import Base, Per
from simulator.scenario.book_table import BookRow
from simulator.scenario.loss_table import LossRow
from simulator.sharing import Claim
from simulator.sharing.meters import Need

Over = tuple[str, Hashable]
"""What a base is summed over: a loan, a borrower, the year in which loans start, or all."""


class Bases:
    """The bases of claims that come in the order of their days, each as it stands on its day before the claim.

    Principal and premium are those of loans that have started; the guaranteed balance leaves out loans that have fallen
    due by that day, unless they have a loss, and those with a loss settled before. Over a year they are sums of the
    loans that start in it; but the balance belongs to no year, so over a year of claim or of loss it is that of all
    loans.
    """

    def __init__(self, loans: Mapping[str, BookRow], needs: Sequence[Need], losses: Iterable[LossRow] = ()) -> None:
        """`losses` are all that come: a loan whose claim is settled after it falls due has not been repaid."""
        self._loans, self._needs = loans, tuple(needs)
        self._sums: dict[Base, Counter[Over]] = {base: Counter() for _, base in needs}
        self._starting = sorted(loans.values(), key=lambda loan: -loan.start)
        self._maturing: list[BookRow] = []
        if "guaranteed balance" in self._sums:
            unpaid = {row.loan for row in losses if row.loan in loans and loans[row.loan].matures <= row.day}
            repaid = (loan for loan in loans.values() if loan.loan not in unpaid)
            self._maturing = sorted(repaid, key=lambda loan: -loan.matures)
        self._guaranteed: set[str] = set()

    def of(self, claim: Claim) -> dict[Need, int]:
        """Every base that is needed, in fen; claims are asked about in the order of their days."""
        self._come_to(claim.day)
        return {(per, base): self._sums[base][self._over(per, base, claim)] for per, base in self._needs}

    def settle(self, loan: str) -> None:
        """A loss of a loan is settled: it is not guaranteed any more."""
        if loan in self._guaranteed:
            self._guaranteed.remove(loan)
            self._add("guaranteed balance", self._loans[loan], -self._loans[loan].principal)

    def _over(self, per: Per, base: Base, claim: Claim) -> Over:
        if per == "loss":
            return "loan", claim.loan
        if base == "guaranteed balance" and per in ("year of claim", "year of loss"):
            return "ever", None
        kind = "year" if per.startswith("year") else per
        return kind, claim.counted_over(per)

    def _come_to(self, day: int) -> None:
        """Loans start, then fall due, up to and including a day."""
        while self._starting and self._starting[-1].start <= day:
            loan = self._starting.pop()
            self._add("principal", loan, loan.principal)
            self._add("premium", loan, loan.premium or 0)
            self._add("guaranteed balance", loan, loan.principal)
            self._guaranteed.add(loan.loan)
        while self._maturing and self._maturing[-1].matures <= day:
            self.settle(self._maturing.pop().loan)

    def _add(self, base: Base, loan: BookRow, fen: int) -> None:
        sums = self._sums.get(base)
        if sums is not None:
            year = datetime.date.fromordinal(loan.start).year
            for over in (("loan", loan.loan), ("borrower", loan.borrower), ("year", year), ("ever", None)):
                sums[over] += fen
