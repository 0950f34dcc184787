"""The event log of a world of a run: its cases one after another, each with what is known of its firm and its loan."""

from __future__ import annotations

from collections.abc import Iterator

from simulator.export.case_events import CaseEvents, fen_of
from simulator.export.case_rows import LossRow, RowsOfCase, rows_of_cases
from simulator.export.event_log import EventLog, Fields, FieldType, LoggedCase, key_of
from simulator.export.logged_run import LoggedWorld
from simulator.scenario.attributes import Kind
from simulator.units import in_cny

_FIELDS: Fields = {
    "product": "string", "end": "string", "refused_by": "string", "applied_at": "date", "ended_at": "date",
    "drawn_at": "date", "credit_line_cny": "float", "drawn_cny": "float", "registered_cny": "float",
    "appraised_cny": "float", "loan_status": "string", "loan_matures_at": "date", "loan_repaid_cny": "float",
    "loan_outstanding_cny": "float", "loss_cny": "float", "loss_net_cny": "float", "cost:total": "float",
    "cost:currency": "string", "staff_cost_cny": "float", "expenses_cny": "float", "cost_of_funds_cny": "float",
    "firm": "string",
}  # fmt: skip
_COSTS = {"staff": "staff_cost_cny", "expenses": "expenses_cny", "cost of funds": "cost_of_funds_cny"}
"""What the work on a case, its sale and its money cost the parties: payments that are no activities of the case."""
_TYPES: dict[Kind, FieldType] = {"yes/no": "boolean", "words": "string"}


def log_of(world: LoggedWorld) -> EventLog:
    """The event log of a world; its tables are read as its cases are asked for, once each time."""
    assert world.scenario.applicants is not None
    events = CaseEvents(world.scenario)
    fields: dict[str, FieldType] = dict(_FIELDS)
    firm_keys = []
    for name, attribute in world.scenario.applicants.population.items():
        key = key_of(f"{name}_cny" if attribute.kind == "money" else name, fields)
        fields[key] = _TYPES.get(attribute.kind, "float")
        firm_keys.append(key)

    def cases() -> Iterator[LoggedCase]:
        for rows in rows_of_cases(world):
            attributes = {**_attributes(rows, events), **dict(zip(firm_keys, rows.firm.properties, strict=True))}
            known = {key: value for key, value in attributes.items() if value}
            yield LoggedCase(rows.case.case, rows.firm.name, known, events.activities(rows), rows)

    return EventLog(world.label, world.scenario, world.facts, fields, events.fields, tuple(firm_keys), cases)


def _attributes(rows: RowsOfCase, events: CaseEvents) -> dict[str, str]:
    """What is known of an application and its loan; empty where it is not."""
    case, loan, loss = rows.case, rows.loan, rows.loss
    costs = dict.fromkeys(_COSTS.values(), 0)
    for payment in rows.payments:
        if payment.what in _COSTS:
            costs[_COSTS[payment.what]] += fen_of(payment.amount)
    found = {
        "product": events.names.products.get(case.product, ""),
        "end": case.end,
        "refused_by": case.refused_by,
        "applied_at": case.applied_at,
        "ended_at": case.ended_at,
        "drawn_at": case.drawn_at,
        "credit_line_cny": case.credit_line,
        "drawn_cny": case.drawn,
        "registered_cny": case.registered,
        "appraised_cny": case.appraised,
        "cost:total": in_cny(sum(costs.values())),
        "cost:currency": "CNY",
        **{key: in_cny(fen) for key, fen in costs.items()},
        "firm": rows.firm.name,
    }
    if loan is not None:
        found |= {
            "loan_status": loan.status, "loan_matures_at": loan.matures_at, "loan_repaid_cny": loan.repaid,
            "loan_outstanding_cny": loan.outstanding,
        }  # fmt: skip
    if loss is not None:
        gross = fen_of(loss.principal) + fen_of(loss.interest)
        found |= {"loss_cny": in_cny(gross), "loss_net_cny": in_cny(gross - _recovered(loss))}
    return found


def _recovered(loss: LossRow) -> int:
    """What came back to those who bore the loss, in fen."""
    return sum(fen_of(returned) for returned in loss.returned.values() if returned)
