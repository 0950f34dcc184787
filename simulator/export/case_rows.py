"""Rows of the tables of a run as event logs need them, and how each column is read."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from simulator.errors import did_you_mean
from simulator.export.logged_run import LoggedWorld
from simulator.export.logged_tables import (
    Convert,
    RowsByCase,
    Table,
    happened_at,
    moment,
    money,
    number,
    one_of,
    or_nothing,
    text,
    whole,
    yes_no,
)
from simulator.scenario.model import Scenario
from simulator.sharing import Agreement
from simulator.workflow.case import END_NAMES
from simulator.workflow.ledger import WHATS

LOAN_STATUSES = ("outstanding", "repaid", "exited", "defaulted", "claim open")


class CaseRow(NamedTuple):
    """How an application came and ended."""

    case: int
    product: str
    applied_at: str
    end: str
    ended_at: str
    drawn_at: str
    credit_line: str
    drawn: str
    registered: str
    appraised: str
    refused_by: str


class StepRow(NamedTuple):
    """One visit of a step."""

    case: int
    product: str
    step: str
    by: str
    person: str
    visit: int
    entry: str
    start: str
    work_end: str
    end: str
    outcome: str


class PaymentRow(NamedTuple):
    """One payment."""

    time: str
    case: int
    product: str
    what: str
    payer: str
    payee: str
    amount: str


class LoanRow(NamedTuple):
    """One loan as it stands at the end."""

    case: int
    product: str
    principal: str
    drawn_at: str
    matures_at: str
    renewals: int
    status: str
    ended_at: str
    repaid: str
    outstanding: str


class LossRow(NamedTuple):
    """One loss; `paid` and `returned` by party, where it is known."""

    case: int
    product: str
    principal: str
    interest: str
    defaulted_at: str
    settled_at: str
    recovered_at: str
    proceeds: str
    sale_cost: str
    surplus: str
    paid: Mapping[str, str]
    returned: Mapping[str, str]


class FirmRow(NamedTuple):
    """The firm behind an application: its name, and its properties in the order of the scenario."""

    case: int
    name: str
    properties: Sequence[str]


@dataclass(slots=True)
class RowsOfCase:
    """All rows about one case."""

    case: CaseRow
    firm: FirmRow
    steps: list[StepRow]
    payments: list[PaymentRow]
    loan: LoanRow | None
    loss: LossRow | None


def parties_that_share(scenario: Scenario) -> list[str]:
    """Everybody who has a part in the losses of any product."""
    shared = [Agreement(product.risk_sharing).parties for product in scenario.products.values()]
    return list(dict.fromkeys(party for parties in shared for party in parties))


def rows_of_cases(world: LoggedWorld) -> Iterator[RowsOfCase]:
    """The rows about each case in turn, of which no table is held; PledgesimError where a table is not as written."""
    product = one_of(world.scenario.products, "product")
    cases, firms = _cases(world, or_nothing(product)), iter(_firms(world))
    steps, payments = RowsByCase(_steps(world, product)), RowsByCase(_payments(world, product))
    loans_table, losses_table = _loans(world, product), _losses(world, product)
    loans, losses = RowsByCase(loans_table), RowsByCase(losses_table)
    for expected, row in enumerate(cases):
        if row.case != expected:
            raise cases.fault(f"case {row.case} stands where case {expected} is due")
        firm = next(firms, None)
        if firm is None or firm.case != row.case:
            raise cases.fault(f"case {row.case} has no row of its own in firms.csv")
        loan, loss = loans.of(row.case), losses.of(row.case)
        for table, found in ((loans_table, loan), (losses_table, loss)):
            if len(found) > 1:
                raise table.fault(f"case {row.case} stands in {table.path.name} more than once")
        yield RowsOfCase(
            row, firm, steps.of(row.case), payments.of(row.case), loan[0] if loan else None, loss[0] if loss else None
        )
    for each in (steps, payments, loans, losses):
        each.refuse_more()


def _cases(world: LoggedWorld, product: Convert) -> Table[CaseRow]:
    columns: dict[str, Convert] = {
        "case": whole, "product": product, "applied_at": happened_at, "end": one_of(END_NAMES, "end"),
        "ended_at": moment, "drawn_at": moment, "credit_line_cny": money, "drawn_cny": money,
        "registered_cny": money, "appraised_cny": money, "refused_by": text,
    }  # fmt: skip

    def make(values: Sequence[Any]) -> CaseRow:
        row = CaseRow._make(values)
        if row.end not in ("open", "not eligible") and not row.ended_at:
            raise ValueError(f"case {row.case} is '{row.end}' without the time at which it ended")
        return row

    return Table(world.tables / "cases.csv", columns, make)


def _steps(world: LoggedWorld, product: Convert) -> Table[StepRow]:
    titles = {name: {step.title for step in each.all_steps} for name, each in world.scenario.products.items()}
    columns: dict[str, Convert] = {
        "case": whole, "product": product, "step": text, "by": text, "person": or_nothing(whole), "visit": whole,
        "entry": happened_at, "start": moment, "work_end": moment, "end": moment, "outcome": text,
    }  # fmt: skip

    def make(values: Sequence[Any]) -> StepRow:
        row = StepRow._make(values)
        if row.step not in titles[row.product]:
            found = f"'{row.step}' is no step of '{row.product}'"
            raise ValueError(f"{found}{did_you_mean(row.step, titles[row.product])}")
        return row

    return Table(world.tables / "steps.csv", columns, make)


def _payments(world: LoggedWorld, product: Convert) -> Table[PaymentRow]:
    columns: dict[str, Convert] = {
        "time": happened_at, "case": whole, "product": product, "what": one_of(WHATS, "payment"), "from": text,
        "to": text, "amount_cny": money,
    }  # fmt: skip
    return Table(world.tables / "payments.csv", columns, PaymentRow._make)


def _loans(world: LoggedWorld, product: Convert) -> Table[LoanRow]:
    columns: dict[str, Convert] = {
        "case": whole, "product": product, "principal_cny": money, "drawn_at": happened_at,
        "matures_at": happened_at, "renewals": whole, "status": one_of(LOAN_STATUSES, "status"), "ended_at": moment,
        "repaid_cny": money, "outstanding_cny": money,
    }  # fmt: skip

    def make(values: Sequence[Any]) -> LoanRow:
        row = LoanRow._make(values)
        if row.status != "outstanding" and not row.ended_at:
            raise ValueError(f"the loan of case {row.case} is '{row.status}' without the time of it")
        return row

    return Table(world.tables / "loans.csv", columns, make)


def _losses(world: LoggedWorld, product: Convert) -> Table[LossRow]:
    columns: dict[str, Convert] = {
        "case": whole, "product": product, "principal_cny": money, "interest_cny": money,
        "defaulted_at": happened_at, "settled_at": happened_at, "recovered_at": moment, "proceeds_cny": money,
        "sale_cost_cny": money, "surplus_cny": money,
    }  # fmt: skip
    # A table has columns of those parties only that had a part in one of its losses.
    parties = parties_that_share(world.scenario)
    optional = {f"{what}_{party}_cny": money for what in ("paid_by", "returned_to") for party in parties}

    def make(values: Sequence[Any]) -> LossRow:
        shared = values[len(columns) :]
        paid, returned = shared[: len(parties)], shared[len(parties) :]
        by_party = [dict(zip(parties, amounts, strict=True)) for amounts in (paid, returned)]
        return LossRow._make([*values[: len(columns)], *by_party])

    return Table(world.tables / "losses.csv", columns, make, optional)


def _firms(world: LoggedWorld) -> Table[FirmRow]:
    assert world.scenario.applicants is not None
    population = world.scenario.applicants.population
    columns: dict[str, Convert] = {"case": whole, "name": text}
    for name, attribute in population.items():
        if attribute.kind == "money":
            columns[f"{name}_cny"] = money
        else:
            columns[name] = {"yes/no": yes_no, "words": text}.get(attribute.kind, number)
    return Table(world.tables / "firms.csv", columns, lambda values: FirmRow(values[0], values[1], values[2:]))
