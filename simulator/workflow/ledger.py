"""Every fen that changes hands in a replication: when, for which case, what for, from whom to whom."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal, NamedTuple

What = Literal[
    "loan paid out", "principal repaid", "interest", "guarantee fee", "premium", "appraisal fee", "other charge",
    "claim paid", "re-guarantee paid", "IP sold", "cost of sale", "recovery returned", "surplus of the sale",
    "interest subsidy", "guarantee fee subsidy", "premium subsidy", "appraisal fee subsidy", "cost of funds",
    "expenses", "staff",
]  # fmt: skip
FIRM, OUTSIDE = "firm", "outside"
"""The applicants, and whoever is no party: IP buyers, appraisers, licensees, the funding market, employees."""


class Payment(NamedTuple):
    """One payment: moment in minutes, amount in fen, never below zero."""

    moment: float
    case: int
    product: int
    what: What
    payer: str
    payee: str
    fen: int


def balances(payments: Iterable[Payment]) -> dict[str, int]:
    """What each actor has received less what it has paid, in fen; they sum to zero."""
    found: dict[str, int] = {}
    for payment in payments:
        found[payment.payer] = found.get(payment.payer, 0) - payment.fen
        found[payment.payee] = found.get(payment.payee, 0) + payment.fen
    return found
