"""One loan told after drawdown: what is paid back, and what is done for it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from simulator.workflow.loan import Loan


@dataclass(frozen=True)
class LoanEvent:
    """A payment of principal, a default, or the end of a servicing step; moment in minutes, money in fen."""

    moment: float
    what: str
    by: str = ""
    outcome: str = ""
    paid: int = 0
    left: int | None = None
    """Principal outstanding from then on; None where the event leaves it as it is."""


def loan_events(loan: Loan, servicing: Iterable[LoanEvent]) -> list[LoanEvent]:
    """What happened to a loan after drawdown and what was done for it, in order; what was done comes first."""
    told = list(servicing)
    left = loan.principal
    for moment, fen in loan.payments:
        left -= fen
        told.append(LoanEvent(moment, _payment(loan, moment), paid=fen, left=left))
    if loan.status in ("defaulted", "claim open"):
        told.append(LoanEvent(loan.ended_at, "default", left=loan.outstanding))
    return sorted(told, key=lambda event: event.moment)


def _payment(loan: Loan, moment: float) -> str:
    if loan.is_early(moment):
        return "out of a licence payment"
    return "repaid when called" if loan.status == "exited" else "repaid at maturity"


def loan_in_words(loan: Loan) -> str:
    """How a loan stands at the end of the follow-up."""
    if loan.status == "repaid" and loan.is_early(loan.ended_at):
        return "the loan is repaid before it is due, out of licence payments"
    return _STATUS_WORDS[loan.status]


_STATUS_WORDS = {
    "outstanding": "the loan is outstanding at the end of follow-up",
    "repaid": "the loan is repaid",
    "exited": "the loan is called after a look at its IP and repaid early",
    "defaulted": "the loan defaults",
    "claim open": "the loan defaults, its claim not settled by the end of follow-up",
}
