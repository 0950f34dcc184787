"""The objects of an object-centric log: applications, firms, what they pledge, loans, claims, and who deals with them.

Attributes have the moment from which on they hold: what changes, such as what is outstanding on a loan, has several.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from simulator.analysis.pledges import pledges_in_words
from simulator.export.case_events import fen_of
from simulator.export.case_names import CaseNames
from simulator.export.case_rows import LoanRow, LossRow, PaymentRow
from simulator.export.event_log import Activity, EventLog, Fields, LoggedCase, ObjectKind
from simulator.scenario.lender import lender_of
from simulator.texts import phrase
from simulator.units import in_cny

KINDS: dict[ObjectKind, str] = {
    "application": phrase("application"), "firm": phrase("firm"), "IP right": phrase("IP right"),
    "loan": phrase("loan"), "claim": phrase("claim"), "person": phrase("person"), "party": phrase("party"),
}  # fmt: skip
"""Types of objects."""
NOTHING = "nothing"
_OWN: Fields = {
    "name": "string", "status": "string", "kind": "string", "value_cny": "float", "principal_cny": "float",
    "outstanding_cny": "float", "interest_cny": "float", "proceeds_cny": "float", "desk": "string",
}  # fmt: skip
_ALWAYS = "1970-01-01T08:00:00"
"""Since when what never changes holds: the beginning of Unix time, as the standard has it."""


@dataclass(slots=True)
class OcelObject:
    """One object: its attributes as (key, since when, value), and other objects with how it is related to them."""

    identifier: str
    kind: ObjectKind
    attributes: list[tuple[str, str, str]] = field(default_factory=list)
    related: list[tuple[str, str]] = field(default_factory=list)


class ObjectTeller:
    """Tells what objects there are, case by case, and which of them an activity has to do with."""

    def __init__(self, log: EventLog) -> None:
        scenario = log.scenario
        assert scenario.applicants is not None
        self._log, self._names = log, CaseNames(scenario)
        self.kinds: Fields = {**log.case_fields, **_OWN}
        population = scenario.applicants.population
        self._pledges = {name: pledges_in_words(each, population) for name, each in scenario.products.items()}
        keys = dict(zip(population, log.firm_fields, strict=True))
        self._worth = {name: keys.get(product.pledged, "") for name, product in scenario.products.items()}
        self._lenders = {
            name: self._names.actor(lender_of(scenario, product) or "") for name, product in scenario.products.items()
        }
        named = Counter(
            firm.name.english
            for firm in [*(scenario.applicants.arrivals.firms or []), *scenario.applicants.also]
            if firm.name is not None
        )
        self._apply_again = {name for name, times in named.items() if times > 1}
        self._kept: dict[str, OcelObject] = {}
        """Firms that apply again, and whoever deals with cases: written when all about them is known."""

    def related(self, case: LoggedCase, activity: Activity) -> Iterator[tuple[str, str]]:
        """Objects an activity has to do with, each with its part in it."""
        yield f"application-{case.number}", "application"
        for qualifier, kind, name in activity.objects:
            if kind == "party":
                yield self._party(name), qualifier
            elif kind == "person":
                yield self._person(name, activity), qualifier
            elif kind == "firm":
                yield self._firm_of(case), qualifier
            elif kind != "IP right":
                yield f"{kind}-{case.number}", qualifier
            elif self._pledges_something(case):
                yield f"ip-{case.number}", qualifier

    def of_case(self, case: LoggedCase) -> Iterator[OcelObject]:
        """The objects of a case but those that are written at the end."""
        yield self._application(case)
        if case.firm in self._apply_again:
            known = self._kept.setdefault(self._firm_of(case), OcelObject(self._firm_of(case), "firm"))
            known.attributes += self._firm(case).attributes
        else:
            yield self._firm(case)
        if self._pledges_something(case):
            yield self._ip(case)
        if case.rows.loan is not None:
            yield self._loan(case, case.rows.loan)
        if case.rows.loss is not None:
            yield self._claim(case, case.rows.loss)

    def at_the_end(self) -> Iterator[OcelObject]:
        """The objects that belong to no single case."""
        yield from self._kept.values()

    def _firm_of(self, case: LoggedCase) -> str:
        return f"firm: {case.firm}" if case.firm in self._apply_again else f"firm-{case.number}"

    def _pledges_something(self, case: LoggedCase) -> bool:
        product = case.rows.case.product
        return bool(product) and self._pledges[product] != NOTHING

    def _party(self, name: str) -> str:
        identifier = f"party: {name}"
        if identifier not in self._kept:
            self._kept[identifier] = OcelObject(identifier, "party", [("name", _ALWAYS, name)])
        return identifier

    def _person(self, name: str, activity: Activity) -> str:
        """A person at a desk, or a meeting; it works for the party of the desk."""
        identifier = f"person: {name}"
        if identifier not in self._kept:
            attributes = [("name", _ALWAYS, name), ("desk", _ALWAYS, activity.role)]
            related = [(self._party(activity.group), "works for")]
            self._kept[identifier] = OcelObject(identifier, "person", attributes, related)
        return identifier

    def _application(self, case: LoggedCase) -> OcelObject:
        row, known = case.rows.case, case.attributes
        refused = row.end == "not eligible"
        keys = ("refused_by",) if refused else ("product", "credit_line_cny")
        told = [(key, row.applied_at, known[key]) for key in keys if key in known]
        told.append(("status", row.applied_at, row.end if refused else "received"))
        if row.ended_at and not refused:
            told.append(("status", row.ended_at, row.end))
        related = [(self._firm_of(case), "made by")]
        if self._pledges_something(case):
            related.append((f"ip-{case.number}", "pledges"))
        return OcelObject(f"application-{case.number}", "application", told, related)

    def _firm(self, case: LoggedCase) -> OcelObject:
        since = case.rows.case.applied_at
        told = [("name", since, case.firm)] if case.firm else []
        told += [(key, since, case.attributes[key]) for key in self._log.firm_fields if key in case.attributes]
        return OcelObject(self._firm_of(case), "firm", told)

    def _ip(self, case: LoggedCase) -> OcelObject:
        """What a firm pledges, as far as a scenario tells: what kinds of rights, and what they are worth together."""
        row = case.rows.case
        told = [("kind", row.applied_at, self._pledges[row.product])]
        if worth := case.attributes.get(self._worth[row.product]):
            told.append(("value_cny", row.applied_at, worth))
        if row.drawn_at:
            told += [("appraised_cny", row.drawn_at, row.appraised), ("registered_cny", row.drawn_at, row.registered)]
        return OcelObject(f"ip-{case.number}", "IP right", told, [(self._firm_of(case), "owned by")])

    def _loan(self, case: LoggedCase, loan: LoanRow) -> OcelObject:
        told = [("principal_cny", loan.drawn_at, loan.principal), ("status", loan.drawn_at, "outstanding")]
        told += [("outstanding_cny", when, amount) for when, amount in _outstanding(case.rows.payments)]
        if loan.status != "outstanding":
            told.append(("status", loan.ended_at, loan.status))
        related = [(f"application-{case.number}", "granted on")]
        if self._pledges_something(case):
            related.append((f"ip-{case.number}", "secured by"))
        if lender := self._lenders[loan.product]:
            related.append((self._party(lender), "lent by"))
        return OcelObject(f"loan-{case.number}", "loan", told, related)

    def _claim(self, case: LoggedCase, loss: LossRow) -> OcelObject:
        told = [
            ("principal_cny", loss.settled_at, loss.principal), ("interest_cny", loss.settled_at, loss.interest),
            ("status", loss.settled_at, "settled"),
        ]  # fmt: skip
        if loss.recovered_at:
            told += [("proceeds_cny", loss.recovered_at, loss.proceeds), ("status", loss.recovered_at, "IP sold")]
        related = [(f"loan-{case.number}", "loss of")]
        related += [
            (self._party(self._names.actor(party)), "borne by")
            for party, paid in loss.paid.items()
            if paid and fen_of(paid)
        ]
        return OcelObject(f"claim-{case.number}", "claim", told, related)


def _outstanding(payments: list[PaymentRow]) -> Iterator[tuple[str, str]]:
    """Principal outstanding on a loan from each moment on at which it changes."""
    owed: dict[str, int] = {}
    fen = 0
    for payment in payments:
        if payment.what in ("loan paid out", "principal repaid"):
            fen += fen_of(payment.amount) * (1 if payment.what == "loan paid out" else -1)
            owed[payment.time] = fen
    for when, left in owed.items():
        yield when, in_cny(left)
