"""Losses from a table, one a row in the order in which they are settled: who lost how much on which loan."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, field
from typing import NamedTuple, cast

from simulator.errors import Problem
from simulator.scenario.csv_cells import AMOUNT, DATE, NAME
from simulator.scenario.csv_headings import Column, OtherTable
from simulator.scenario.csv_table import Problems, Table
from simulator.scenario.spreadsheet_text import table_text

MOST_UNSORTED = 2_000_000
"""Rows that are held to bring them into the order of their dates; a sorted file is never held."""
MOST_NAMES_KEPT = 500
"""Loans kept for finding near spellings."""
BORROWER = Column(
    "borrower",
    NAME,
    ("borrower name", "firm", "company", "client", "customer", "借款人", "企业", "借款企业", "借款人名称", "企业名称",
     "公司名称", "客户名称", "客户", "公司"),
)  # fmt: skip
LOAN = Column(
    "loan",
    NAME,
    ("loan id", "loan number", "loan no", "contract", "contract number", "contract no", "贷款", "贷款编号", "合同编号",
     "贷款合同编号", "合同号", "借据编号", "借据号", "贷款号"),
)  # fmt: skip
COLUMNS = (
    Column(
        "date",
        DATE,
        ("settled on", "settlement date", "claim date", "日期", "结算日期", "理赔日期", "赔付日期", "代偿日期"),
    ),
    BORROWER,
    LOAN,
    Column("amount", AMOUNT, ("loss", "loss amount", "bad debt", "金额", "损失金额", "坏账金额", "损失", "坏账")),
)
LOST_ON = Column(
    "lost_on",
    DATE,
    ("default date", "date of default", "defaulted on", "违约日", "违约日期", "出险日期", "出险日"),
    needed=False,
)


class LossRow(NamedTuple):
    """A loss as it is settled; days are ordinals, the amount is in fen, `lost_on` is the day of the default."""

    line: int
    day: int
    borrower: str
    loan: str
    amount: int
    lost_on: int | None


Check = Callable[[LossRow], Iterator[tuple[str, str, str]]]
"""What else is wrong with a loss: column, what was found, what is allowed."""


@dataclass
class Losses:
    """A checked list of losses. Iterating reads it anew, in order of settlement; within a day in that of the file."""

    table: Table
    count: int = 0
    is_sorted: bool = True
    largest: int = 0
    last_day: int = 0
    name_widths: tuple[int, int] = (0, 0)
    """Columns of a terminal that the widest borrower and the widest loan take at most."""
    settled: dict[str, int] = field(default_factory=dict)
    """Of the loans asked about, the day of the first loss."""
    loans: set[str] = field(default_factory=set)
    """Some loans, for near spellings."""
    borrowers: dict[str, str] = field(default_factory=dict)
    """Whose the loans are, of those asked about, or of all where that counts."""

    def __iter__(self) -> Iterator[LossRow]:
        problems = Problems()
        rows = _rows(self.table, problems)
        yield from rows if self.is_sorted else sorted(rows, key=lambda row: row.day)
        # The file was found good before, so that it has been changed since.
        problems.raise_any()


def read_losses(
    reference: str,
    problems: Problems,
    lost_on_for: str = "",
    asked: Collection[str] = (),
    check: Check | None = None,
    by_borrower: bool = False,
    other: OtherTable | None = None,
) -> Losses:
    """Look at every loss of a file ('-' for standard input) once; what is wrong is added to `problems`.

    `lost_on_for` says what needs the day of the default, `asked` are loans whose first loss is noted, `check` finds
    what else is wrong with a loss. With `by_borrower` it counts whose a loan is. `other` is a kind of table that may be
    taken for losses.
    """
    lost_on = LOST_ON.needed_for(lost_on_for) if lost_on_for else LOST_ON
    losses = Losses(table := Table(table_text(reference), (*COLUMNS, lost_on), problems, other))
    twice = _Twice(table)
    for row in _rows(table, problems):
        twice.look_at(row)
        if by_borrower or row.loan in asked:
            known = losses.borrowers.setdefault(row.loan, row.borrower)
            if known != row.borrower:
                found = f"loan '{row.loan}' is of '{row.borrower}' here, and of '{known}' before"
                problems.add(table.problem(row.line, "borrower", found, "a loan has one borrower"))
        losses.is_sorted = losses.is_sorted and row.day >= losses.last_day
        losses.count += 1
        losses.largest = max(losses.largest, row.amount)
        losses.last_day = max(losses.last_day, row.day)
        borrower, loan = losses.name_widths
        losses.name_widths = max(borrower, _width(row.borrower)), max(loan, _width(row.loan))
        if row.loan in asked:
            losses.settled[row.loan] = min(row.day, losses.settled.get(row.loan, row.day))
        if len(losses.loans) <= MOST_NAMES_KEPT:
            losses.loans.add(row.loan)
        if check is not None:
            problems.add(*(table.problem(row.line, *wrong) for wrong in check(row)))
    if not losses.is_sorted and losses.count <= MOST_UNSORTED:
        # Losses of a day need not stand together.
        twice = _Twice(table)
        for row in sorted(_rows(table, Problems()), key=lambda row: row.day):
            twice.look_at(row)
    problems.take(twice.problems)
    if not losses.is_sorted and losses.count > MOST_UNSORTED:
        found = f"{losses.count:,} losses that are not in the order of their dates"
        allowed = f"sort the file by date; here at most {MOST_UNSORTED:,} are sorted"
        problems.add(Problem(table.file, 0, 0, found, allowed))
    return losses


class _Twice:
    """Finds the same loss standing in a list a second time, among those of one day, which come together."""

    def __init__(self, table: Table) -> None:
        self.problems = Problems()
        self._table, self._day = table, 0
        self._lines: dict[tuple[str, str, int], int] = {}

    def look_at(self, row: LossRow) -> None:
        """The next loss, which is a problem where its day has the same one before."""
        if row.day != self._day:
            self._day = row.day
            self._lines.clear()
        first = self._lines.setdefault((row.borrower, row.loan, row.amount), row.line)
        if first != row.line:
            found = f"the same loss as in line {first}: day, borrower, loan and amount"
            told = "delete one, or add them up if both are meant"
            self.problems.add(self._table.problem(row.line, "loan", found, told))


def _width(name: str) -> int:
    return len(name) if name.isascii() else 2 * len(name)


def _rows(table: Table, problems: Problems) -> Iterator[LossRow]:
    for line, values in table.rows(problems):
        row = LossRow(line, *cast("tuple[int, str, str, int, int | None]", tuple(values)))
        if row.lost_on is not None and row.lost_on > row.day:
            found = "the default comes after the day on which the loss is settled"
            problems.add(table.problem(line, "lost_on", found))
            continue
        yield row
