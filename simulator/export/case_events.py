"""From the rows about a case to what happened in it: the application, its steps, and the life of its loan."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from functools import lru_cache

from simulator.calendars import months_later
from simulator.export.case_names import (
    APPLICATION,
    CALLED_IN,
    DEFAULT,
    ENDS,
    PAYMENTS,
    RENEWED,
    REPAID,
    SETTLED,
    SOLD,
    CaseNames,
    StepNames,
)
from simulator.export.case_rows import CaseRow, LoanRow, LossRow, PaymentRow, RowsOfCase, StepRow, parties_that_share
from simulator.export.event_log import Activity, Fields, FieldType, Relation, key_of
from simulator.scenario.lender import lender_of
from simulator.scenario.model import Scenario
from simulator.units import in_cny
from simulator.workflow.ledger import CHARGES, FIRM, OUTSIDE

COSTS = frozenset(["interest", *CHARGES.values()])
"""Payments that are what the loan costs whoever makes them."""
_AFTER_DEFAULT = frozenset(["claim paid", "re-guarantee paid", "recovery returned"])
_FIELDS: Fields = {
    "part": "string", "product": "string", "visit": "int", "outcome": "string", "work_end": "date",
    "refused_by": "string", "from": "string", "to": "string", "amount_cny": "float", "cost:total": "float",
    "cost:currency": "string", "principal_cny": "float", "interest_cny": "float", "sale_cost_cny": "float",
    "surplus_cny": "float",
}  # fmt: skip
_APPLICANT = Relation("applicant", "firm")
_OF_LOAN, _OF_CLAIM, _BORROWER = Relation("loan", "loan"), Relation("claim", "claim"), Relation("borrower", "firm")


def fen_of(cny: str) -> int:
    """An amount with two decimals in fen."""
    return int(cny.replace(".", ""))


class CaseEvents:
    """Tells what happened in cases of one scenario."""

    def __init__(self, scenario: Scenario) -> None:
        self.names = CaseNames(scenario)
        self._tenors = {name: product.tenor.months for name, product in scenario.products.items()}
        self._lenders: dict[str, str] = {}
        self._sellers: dict[str, str] = {}
        for name, product in scenario.products.items():
            lender = lender_of(scenario, product) or ""
            seller = product.recovery.by if product.recovery is not None and product.recovery.by else lender
            self._lenders[name], self._sellers[name] = lender, seller
        fields: dict[str, FieldType] = dict(_FIELDS)
        self._paid: dict[str, str] = {}
        self._returned: dict[str, str] = {}
        for party in parties_that_share(scenario):
            for keys, prefix in ((self._paid, "paid_by"), (self._returned, "returned_to")):
                keys[party] = key_of(f"{prefix}_{party}_cny", fields)
                fields[keys[party]] = "float"
        self.fields: Fields = fields

    def activities(self, rows: RowsOfCase) -> list[Activity]:
        """Everything in a case, by the moment at which it began; what began together in the order of its kind."""
        case = rows.case
        if case.end == "not eligible":
            return [self._end(case)]
        found = [self._application(case)]
        found += [self._step(row, lent=rows.loan is not None) for row in rows.steps]
        if rows.loss is not None:
            found += self._loss(rows.loss)
        drawn_at = rows.loan.drawn_at if rows.loan is not None else ""
        found += [
            self._payment(row, lent=bool(drawn_at) and row.time >= drawn_at)
            for row in rows.payments
            if row.what in PAYMENTS
        ]
        if rows.loan is not None:
            found += self._loan(rows.loan)
        if case.end in ENDS:
            found.append(self._end(case))
        found.sort(key=lambda activity: activity.moments[0][1])
        return found

    def _at_once(self, name: str, part: str, when: str, actor: str, **details: str) -> Activity:
        """An activity that is over as it begins."""
        said = self.names.actor(actor)
        told = {"part": part, **details}
        return Activity(self.names.said(name), [("complete", when)], said, "", said, told)

    def _application(self, case: CaseRow) -> Activity:
        activity = self._at_once(APPLICATION, "application", case.applied_at, FIRM)
        activity.details["product"] = self.names.products.get(case.product, "")
        activity.objects = (_APPLICANT, Relation("pledged", "IP right"))
        return activity

    def _end(self, case: CaseRow) -> Activity:
        """How the application ended without money."""
        refused, when = case.end == "not eligible", case.ended_at
        activity = self._at_once(
            ENDS[case.end], "application", case.applied_at if refused else when, FIRM if case.end == "withdrawn" else ""
        )
        if refused and case.refused_by:
            activity.details["refused_by"] = case.refused_by
        activity.objects = (_APPLICANT,)
        return activity

    def _step(self, row: StepRow, lent: bool) -> Activity:
        named = self.names.step(row.product, row.step)
        moments = [("schedule", row.entry)] if named.role or not row.start else []
        if row.start:
            moments.append(("start", row.start))
        if row.end:
            gone = "ate_abort" if row.start else "withdraw"
            moments.append((gone if row.outcome in ("left", "open") else "complete", row.end))
        details = {"part": "step", "product": self.names.products[row.product], "visit": str(row.visit),
                   "outcome": row.outcome}  # fmt: skip
        if row.work_end and named.role:
            details["work_end"] = row.work_end
        person = named.done_by(row.person)
        return Activity(named.name, moments, person, named.role, named.group, details, _of_step(named, person, lent))

    def _payment(self, row: PaymentRow, lent: bool) -> Activity:
        activity = self._at_once(PAYMENTS[row.what], "payment", row.time, row.payer)  # type: ignore[index]
        payer, payee = self.names.actor(row.payer), self.names.actor(row.payee)
        activity.details |= {"product": self.names.products[row.product], "from": payer, "to": payee,
                             "amount_cny": row.amount}  # fmt: skip
        if row.what in COSTS:
            activity.details |= {"cost:total": row.amount, "cost:currency": "CNY"}
        objects = [_OF_LOAN] if lent else []
        if row.what in _AFTER_DEFAULT:
            objects.append(_OF_CLAIM)
        for qualifier, key, said in (("paid by", row.payer, payer), ("paid to", row.payee, payee)):
            if key == FIRM:
                objects.append(Relation(qualifier, "firm"))
            elif key != OUTSIDE:
                objects.append(Relation(qualifier, "party", said))
        activity.objects = tuple(objects)
        return activity

    def _loan(self, loan: LoanRow) -> Iterator[Activity]:
        """Renewals, and how the loan ended; payments tell the rest."""
        product = self.names.products[loan.product]
        day, time = date.fromisoformat(loan.drawn_at[:10]).toordinal(), loan.drawn_at[10:]
        for tenor in range(1, loan.renewals + 1):
            renewed = date.fromordinal(months_later(day, self._tenors[loan.product] * tenor)).isoformat()
            activity = self._at_once(RENEWED, "loan", f"{renewed}{time}", self._lenders[loan.product], product=product)
            activity.objects = (_OF_LOAN, _BORROWER)
            yield activity
        ended = {"repaid": REPAID, "exited": CALLED_IN, "defaulted": DEFAULT, "claim open": DEFAULT}.get(loan.status)
        if ended is not None:
            actor = self._lenders[loan.product] if loan.status == "exited" else FIRM
            activity = self._at_once(ended, "loan", loan.ended_at, actor, product=product)
            if ended == DEFAULT:
                activity.details["amount_cny"] = loan.outstanding
            activity.objects = (_OF_LOAN, _BORROWER)
            yield activity

    def _loss(self, loss: LossRow) -> Iterator[Activity]:
        product = self.names.products[loss.product]
        amount = in_cny(fen_of(loss.principal) + fen_of(loss.interest))
        settled = self._at_once(
            SETTLED, "loss", loss.settled_at, self._lenders[loss.product], product=product, amount_cny=amount,
            principal_cny=loss.principal, interest_cny=loss.interest,
        )  # fmt: skip
        settled.details |= {self._paid[party]: paid for party, paid in loss.paid.items() if _some(paid)}
        settled.objects = (_OF_LOAN, _OF_CLAIM)
        yield settled
        if loss.recovered_at:
            sold = self._at_once(
                SOLD, "loss", loss.recovered_at, self._sellers[loss.product], product=product,
                amount_cny=loss.proceeds, sale_cost_cny=loss.sale_cost, surplus_cny=loss.surplus,
            )  # fmt: skip
            sold.details |= {self._returned[party]: fen for party, fen in loss.returned.items() if _some(fen)}
            sold.objects = (_OF_LOAN, _OF_CLAIM, Relation("sold", "IP right"))
            yield sold


def _some(amount: str) -> bool:
    """Whether an amount is known and is not nothing."""
    return bool(amount) and fen_of(amount) != 0


@lru_cache(maxsize=1 << 14)
def _of_step(named: StepNames, person: str, lent: bool) -> tuple[Relation, ...]:
    """What has a part in a step."""
    found = []
    if named.role:
        found.append(Relation("done by", "person", person))
    elif named.group:
        found.append(Relation("done by", "party", named.group))
    if named.family in ("valuation", "registration") or named.kind == "pledge release":
        found.append(Relation("pledged", "IP right"))
    if lent and (named.kind == "drawdown" or named.family == "servicing"):
        found.append(_OF_LOAN)
    return tuple(found)
