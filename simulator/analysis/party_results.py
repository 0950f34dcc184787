"""What each party has gained or lost by a product: cash by what it was for, and principal still outstanding."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from simulator.scenario.agreement import FIRM
from simulator.workflow.ledger import OUTSIDE, WHATS, Payments, What
from simulator.workflow.loan import Loan

GROUPS: dict[str, tuple[What, ...]] = {
    "lent, repaid": ("loan paid out", "principal repaid"),
    "licence payments": ("licence payment",),
    "interest": ("interest",),
    "fees, premiums": ("guarantee fee", "premium", "appraisal fee", "other charge"),
    "claims": ("claim paid", "re-guarantee paid"),
    "IP sold": ("IP sold", "cost of sale", "recovery returned", "surplus of the sale"),
    "subsidies": ("interest subsidy", "guarantee fee subsidy", "premium subsidy", "appraisal fee subsidy"),
    "own costs": ("cost of funds", "expenses", "staff"),
}
"""What payments are for, in the groups that tables and charts tell apart."""


@dataclass(frozen=True)
class PartyResults:
    """Cash of everybody by what it was for, in fen, received positive; all of it sums to zero.

    `outstanding` is what firms still owe each lender at the end of the follow-up, claims not settled included.
    """

    cash: dict[str, dict[What, int]]
    outstanding: dict[str, int]

    def total(self, actor: str) -> int:
        """All that somebody has received less all that it has paid, in fen."""
        return sum(self.cash.get(actor, {}).values())


def party_results(
    payments: Payments, number: int, counted: NDArray[np.bool_], loans: list[Loan], lender: str, parties: list[str]
) -> PartyResults:
    """The results of one product over the counted applicants; `parties` appear in any case."""
    mine = payments.only((payments.product == number) & counted[payments.case])
    names, size = mine.names, len(mine.names)
    cash: dict[str, dict[What, int]] = {actor: {} for actor in (*parties, FIRM, OUTSIDE)}
    for side, sign in ((mine.payee, 1), (mine.payer, -1)):
        # Sums of whole fen: a float would lose them above 2^53.
        keys, group = np.unique(side * size + mine.what, return_inverse=True)
        sums = np.zeros(len(keys), dtype=np.int64)
        np.add.at(sums, group, mine.fen)
        for key, fen in zip(keys.tolist(), sums.tolist(), strict=True):
            actor, what = names[key // size], names[key % size]
            own = cash.setdefault(actor, {})
            own[what] = own.get(what, 0) + sign * fen
    owed = sum(
        loan.outstanding
        for loan in loans
        if loan.product == number and counted[loan.case] and loan.status in ("outstanding", "claim open")
    )
    ordered = {actor: dict(sorted(own.items(), key=lambda each: WHATS.index(each[0]))) for actor, own in cash.items()}
    return PartyResults(ordered, {lender: owed})
