"""One loan told after drawdown: what is paid, and what is done for it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from simulator.scenario.spoken_quantities import money_said
from simulator.texts import phrase, say, say_count
from simulator.workflow.ledger import Payment
from simulator.workflow.loan import Loan, Why


@dataclass(frozen=True)
class LoanEvent:
    """A payment, a default, or the end of a servicing step; moment in minutes, money in fen."""

    moment: float
    what: str
    by: str = ""
    outcome: str = ""
    paid: int = 0
    left: int | None = None
    """Principal outstanding from then on; None where the event leaves it as it is."""


def loan_events(
    loan: Loan, servicing: Iterable[LoanEvent], payments: Iterable[Payment] = (), names: Mapping[str, str] = {}
) -> list[LoanEvent]:
    """What happened to a loan after drawdown and what was done for it, in order; what was done comes first.

    `payments` are those of its case; of them the ones are told that are not principal. `names` are shown in place of
    the keys of payers and payees.
    """
    told = list(servicing)
    told += [
        LoanEvent(each.moment, say(each.what), by=_between(each, names), paid=each.fen)
        for each in payments
        if each.what in _TOLD and each.moment >= loan.drawn_at
    ]
    told += [
        LoanEvent(moment, say("more IP pledged, worth {amount}", amount=money_said(fen)))
        for moment, fen in loan.pledged_later
    ]
    moves = [(moment, fen, "drawn") for moment, fen in loan.drawings[1:]]
    moves += [(moment, -fen, _REPAID_WORDS[why]) for moment, fen, why in loan.payments]
    left = loan.drawings[0][1] if loan.drawings else 0
    for moment, fen, what in sorted(moves, key=lambda move: (move[0], move[1] > 0)):
        left += fen
        told.append(LoanEvent(moment, say(what), paid=abs(fen), left=left))
    if loan.status in ("defaulted", "claim open"):
        told.append(LoanEvent(loan.ended_at, say("default"), left=loan.outstanding))
    return sorted(told, key=lambda event: event.moment)


def _between(payment: Payment, names: Mapping[str, str]) -> str:
    """Who paid whom."""
    payer, payee = (names.get(key, key) for key in (payment.payer, payment.payee))
    return say("{payer} to {payee}", payer=payer, payee=payee)


_TOLD = (
    "interest", "guarantee fee", "premium", "appraisal fee", "other charge",
    "interest subsidy", "guarantee fee subsidy", "premium subsidy", "appraisal fee subsidy",
)  # fmt: skip
_REPAID_WORDS: dict[Why, str] = {
    "licence payment": phrase("out of a licence payment"),
    "instalment": phrase("instalment repaid"),
    "maturity": phrase("repaid at maturity"),
    "called": phrase("repaid when called"),
}


def loan_in_words(loan: Loan) -> str:
    """How a loan stands at the end of the follow-up."""
    if loan.status == "repaid" and loan.payments and loan.payments[-1].why == "licence payment":
        return say("the loan is repaid before it is due, out of licence payments")
    told = say(_STATUS_WORDS[loan.status])
    if not loan.renewals:
        return told
    return say_count("{told}, renewed once", "{told}, renewed {n} times", loan.renewals, told=told)


_STATUS_WORDS = {
    "outstanding": phrase("the loan is outstanding at the end of follow-up"),
    "repaid": phrase("the loan is repaid"),
    "exited": phrase("the loan is called after a look at its IP and repaid early"),
    "defaulted": phrase("the loan defaults"),
    "claim open": phrase("the loan defaults, its claim not settled by the end of follow-up"),
}
