"""The tables of a run: cases, steps, firms, loans, losses, payments, funds and desks, one CSV each.

Times are Shanghai times to the second, money is in CNY with two decimals. Tables are those of replication 1; figures in
summary.json are over all replications. Rows about cases stand in the order of cases, and those of one case in the order
of time: what happened to a case can be read in one place, and event logs are written without holding a table.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date
from operator import attrgetter
from pathlib import Path
from typing import Any

import numpy as np

from simulator.analysis.measure import desk_rows, queue_over_time
from simulator.analysis.rounds import WorldResult
from simulator.calendars import moment_at
from simulator.export.csv_text import CsvText
from simulator.scenario.model import Scenario
from simulator.scenario.references import desk_names
from simulator.units import in_cny
from simulator.workflow.case import END_NAMES
from simulator.workflow.record import Visits
from simulator.workflow.world import Happened

Row = Sequence[object]
AT_ONCE = 50_000
"""Visits of steps that are taken out of the record at once."""


def write_tables(world: WorldResult, folder: Path) -> None:
    """Write every table of a world's first replication into a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    for name in TABLES:
        with open(folder / f"{name}.csv", "w", encoding="utf-8-sig", newline="") as file:
            CsvText(file).rows(rows_of(world, name))


def rows_of(world: WorldResult, table: str) -> Iterable[Row]:
    """The rows of a table, one of TABLES, of a world's first replication; the first are the headings."""
    happened, scenario = world.detail.detail, world.loaded.scenario
    assert happened is not None and scenario.run is not None
    return TABLES[table](scenario, happened, scenario.run.start)


def _time(start: date, minutes: float) -> str:
    return f"{moment_at(start, minutes):%Y-%m-%d %H:%M:%S}" if np.isfinite(minutes) else ""


def _cases(scenario: Scenario, happened: Happened, start: date) -> Iterator[Row]:
    yield ["case", "product", "applied_at", "end", "ended_at", "drawn_at", "credit_line_cny", "drawn_cny",
           "registered_cny", "appraised_cny", "refused_by"]  # fmt: skip
    names = list(scenario.products)
    rules = {name: list(product.eligibility) for name, product in scenario.products.items()}
    for case, arrival in enumerate(happened.firms.arrival.tolist()):
        product, rule = int(happened.product[case]), int(happened.rule[case])
        asked = rules[happened.firms.product_of.get(case, names[0])] if names else []
        refused = asked[rule] if product < 0 and 0 <= rule < len(asked) else "amount" if product < 0 else ""
        yield [
            case,
            names[product] if product >= 0 else "",
            _time(start, arrival),
            END_NAMES[int(happened.end[case])],
            _time(start, float(happened.ended_at[case])),
            _time(start, float(happened.drawn_at[case])),
            in_cny(happened.credit_line[case]),
            in_cny(happened.drawn[case]),
            in_cny(happened.registered[case]),
            in_cny(happened.appraised[case]),
            refused,
        ]


def _steps(scenario: Scenario, happened: Happened, start: date) -> Iterator[Row]:
    yield ["case", "product", "step", "by", "person", "visit", "entry", "start", "work_end", "end", "outcome"]
    names = list(scenario.products)
    steps = [product.all_steps for product in scenario.products.values()]
    for product, index, case, visit, outcome, person, entry, begun, worked, end in _by_case(happened.steps):
        step = steps[int(product)][int(index)]
        told = step.kind.outcomes[int(outcome)] if outcome >= 0 else "left" if np.isfinite(end) else "open"
        yield [
            int(case), names[int(product)], step.title, step.by or "", int(person) + 1 if person >= 0 else "",
            int(visit) + 1, _time(start, entry), _time(start, begun), _time(start, worked), _time(start, end), told,
        ]  # fmt: skip


def _by_case(visits: Visits) -> Iterator[tuple[Any, ...]]:
    """Visits of steps in the order of cases, those of one case in the order of their ends."""
    order = np.argsort(visits["case"], kind="stable")
    # They are the largest table of a run, which is not copied as a whole.
    for first in range(0, len(order), AT_ONCE):
        yield from visits[order[first : first + AT_ONCE]].tolist()


def _firms(scenario: Scenario, happened: Happened, start: date) -> Iterator[Row]:
    assert scenario.applicants is not None
    population = scenario.applicants.population
    yield ["case", "name", *(f"{name}_cny" if population[name].kind == "money" else name for name in population)]
    columns = [
        [in_cny(int(value)) for value in happened.firms.columns[name].tolist()]
        if population[name].kind == "money"
        else happened.firms.columns[name].tolist()
        for name in population
    ]
    for case, values in enumerate(zip(*columns, strict=True)):
        yield [case, happened.firms.names.get(case, ""), *values]


def _loans(scenario: Scenario, happened: Happened, start: date) -> Iterator[Row]:
    yield ["case", "product", "principal_cny", "drawn_at", "matures_at", "renewals", "status", "ended_at", "repaid_cny",
           "outstanding_cny"]  # fmt: skip
    names = list(scenario.products)
    for loan in sorted(happened.loans, key=attrgetter("case")):
        yield [
            loan.case, names[loan.product], in_cny(loan.principal), _time(start, loan.drawn_at),
            _time(start, loan.matures_at), max(0, loan.renewals), loan.status, _time(start, loan.ended_at),
            in_cny(loan.repaid), in_cny(loan.outstanding),
        ]  # fmt: skip


def _losses(scenario: Scenario, happened: Happened, start: date) -> Iterator[Row]:
    parties = list(dict.fromkeys(party for loss in happened.losses for party in loss.allocation.paid))
    yield [
        "case", "product", "principal_cny", "interest_cny", "defaulted_at", "settled_at",
        *(f"paid_by_{party}_cny" for party in parties), "recovered_at", "proceeds_cny", "sale_cost_cny",
        *(f"returned_to_{party}_cny" for party in parties), "surplus_cny",
    ]  # fmt: skip
    names = list(scenario.products)
    for loss in sorted(happened.losses, key=attrgetter("case")):
        yield [
            loss.case, names[loss.product], in_cny(loss.principal), in_cny(loss.interest),
            _time(start, loss.defaulted_at), _time(start, loss.settled_at),
            *(in_cny(loss.allocation.paid.get(party, 0)) for party in parties),
            _time(start, loss.recovered_at), in_cny(loss.proceeds), in_cny(loss.sale_cost),
            *(in_cny(loss.returned.get(party, 0)) for party in parties), in_cny(loss.surplus),
        ]  # fmt: skip


def _payments(scenario: Scenario, happened: Happened, start: date) -> Iterator[Row]:
    """Every payment of the replication."""
    yield ["time", "case", "product", "what", "from", "to", "amount_cny"]
    names = list(scenario.products)
    by_case = happened.payments.only(np.argsort(happened.payments.case, kind="stable"))
    for moment, case, product, what, payer, payee, fen in by_case:
        yield [_time(start, moment), case, names[product], what, payer, payee, in_cny(fen)]


def _funds(scenario: Scenario, happened: Happened, start: date) -> Iterable[Row]:
    yield ["time", "product", "fund", "balance_cny"]
    names = list(scenario.products)
    for moment, product, fund, left in happened.funds:
        yield [_time(start, moment), names[product], fund, in_cny(left)]


def _desks(scenario: Scenario, happened: Happened, start: date) -> Iterator[Row]:
    yield ["desk", "time", "files_waiting"]
    for desk in desk_names(scenario):
        rows = desk_rows(scenario, happened, desk)
        moments, length = queue_over_time(rows["entry"], np.minimum(rows["start"], rows["end"]))
        for moment, waiting in zip(moments.tolist(), length.tolist(), strict=True):
            yield [desk, _time(start, moment), waiting]


TABLES: dict[str, Callable[[Scenario, Happened, date], Iterable[Row]]] = {
    "cases": _cases, "steps": _steps, "firms": _firms, "loans": _loans, "losses": _losses, "payments": _payments,
    "funds": _funds, "desks": _desks,
}  # fmt: skip
"""Name of each table and what makes its rows."""
