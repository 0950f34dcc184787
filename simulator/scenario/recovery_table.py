"""Recoveries from a table, one a row: what the sale of a pledge brought for which loan, and what the sale cost."""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from typing import NamedTuple, cast

from simulator.errors import Problem
from simulator.scenario.csv_cells import AMOUNT, COST, DATE
from simulator.scenario.csv_headings import Column
from simulator.scenario.csv_table import Problems, Table
from simulator.scenario.hints import Hints
from simulator.scenario.loss_table import LOAN, Losses
from simulator.scenario.spreadsheet_text import table_text
from simulator.units import format_money

MOST_RECOVERIES = 2_000_000
"""Recoveries are held."""
COLUMNS = (
    Column("date", DATE, ("recovered on", "recovery date", "日期", "回收日期", "追偿日期", "处置日期", "到账日期")),
    LOAN,
    Column(
        "amount",
        AMOUNT,
        ("recovery", "recovered", "proceeds", "金额", "回收金额", "追偿金额", "处置金额", "处置收入"),
    ),
    Column("cost", COST, ("costs", "expenses", "费用", "处置费用", "追偿费用", "回收费用", "成本"), needed=False),
)


class RecoveryRow(NamedTuple):
    """A recovery; the day is an ordinal, proceeds and what they cost are in fen, the latter nothing if not told."""

    line: int
    day: int
    loan: str
    amount: int
    cost: int


@dataclass(frozen=True)
class Recoveries:
    """A checked list of recoveries, in the order of their dates; within a day in that of the file."""

    table: Table
    rows: tuple[RecoveryRow, ...]

    @property
    def loans(self) -> frozenset[str]:
        """Loans of which something is recovered."""
        return frozenset(row.loan for row in self.rows)


def read_recoveries(reference: str, problems: Problems) -> Recoveries:
    """The recoveries of a file ('-' for standard input); what is wrong with them is added to `problems`."""
    table = Table(table_text(reference), COLUMNS, problems)
    rows: list[RecoveryRow] = []
    for line, values in table.rows(problems):
        day, loan, amount, cost = cast("tuple[int, str, int, int | None]", tuple(values))
        row = RecoveryRow(line, day, loan, amount, cost or 0)
        if row.cost > row.amount:
            found = f"the costs of {format_money(row.cost)} are more than the {format_money(row.amount)} recovered"
            problems.add(table.problem(line, "cost", found, "costs are paid out of what is recovered"))
        elif len(rows) == MOST_RECOVERIES:
            problems.add(Problem(table.file, 0, 0, f"more than {MOST_RECOVERIES:,} recoveries", "part the list"))
            break
        else:
            rows.append(row)
    return Recoveries(table, tuple(sorted(rows, key=lambda row: row.day)))


def check_recoveries(recoveries: Recoveries, losses: Losses, problems: Problems) -> None:
    """Each recovery belongs to a loan of which a loss was settled on that day or before, as far as it was asked for."""
    hints = Hints()
    for row in recoveries.rows:
        settled = losses.settled.get(row.loan)
        if settled is None:
            near = hints.near(row.loan, sorted(losses.loans))
            found = f"loan '{row.loan}' has no loss in {losses.table.file}{near}"
            problems.add(recoveries.table.problem(row.line, "loan", found, "a recovery belongs to a loss"))
        elif row.day < settled:
            first = datetime.date.fromordinal(settled)
            found = f"the recovery comes before the first loss of loan '{row.loan}', which is settled on {first}"
            problems.add(recoveries.table.problem(row.line, "date", found))
