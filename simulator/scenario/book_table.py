"""A book of loans from a table, one a row: who borrowed how much, from when to when, and how risky that is."""

from __future__ import annotations

import calendar
import datetime
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import NamedTuple, cast

from simulator.errors import Problem
from simulator.scenario.csv_cells import AMOUNT, COST, DATE, MONTHS, SHARE
from simulator.scenario.csv_headings import Column
from simulator.scenario.csv_table import Problems, Table
from simulator.scenario.hints import Hints
from simulator.scenario.loss_table import BORROWER, LOAN, Check, LossRow
from simulator.scenario.spreadsheet_text import table_text
from simulator.units import format_money

MOST_LOANS = 2_000_000
"""A book is held."""
COLUMNS = (
    LOAN,
    BORROWER,
    Column("principal", AMOUNT, ("loan amount", "本金", "贷款本金", "贷款金额", "放款金额")),
    Column("start", DATE, ("start date", "drawdown", "drawn on", "起始日", "起始日期", "放款日", "放款日期")),
    Column("tenor_months", MONTHS, ("tenor", "term", "term months", "期限", "贷款期限", "期限月数"), needed=False),
    Column("annual_pd", SHARE, ("pd", "default rate", "年违约率", "违约率", "年违约概率", "违约概率"), needed=False),
    Column("lgd", SHARE, ("loss given default", "违约损失率"), needed=False),
    Column("appraised_value", COST, ("appraisal", "评估价值", "评估值", "评估金额", "质押物评估值"), needed=False),
    Column("premium", COST, ("premium paid", "保费", "保险费", "保费金额"), needed=False),
    Column("interest_rate", SHARE, ("interest rate", "rate", "利率", "年利率", "贷款利率"), needed=False),
)
RISK = ("lgd", "appraised_value")
"""A loan has one of the two: the share that is lost when it defaults, or the value of what is pledged."""


class BookRow(NamedTuple):
    """A loan of a book: `start` is an ordinal day, money is in fen; None for what the table does not say.

    `premium` is what was paid for its insurance in all; `interest_rate` is that of a year.
    """

    line: int
    loan: str
    borrower: str
    principal: int
    start: int
    tenor_months: int | None
    annual_pd: Fraction | None
    lgd: Fraction | None
    appraised_value: int | None
    premium: int | None
    interest_rate: Fraction | None = None

    @property
    def matures(self) -> int:
        """The day on which it falls due: the same of the month, or the last where there is none; ordinal."""
        assert self.tenor_months is not None
        start = datetime.date.fromordinal(self.start)
        year, month = divmod(start.year * 12 + start.month - 1 + self.tenor_months, 12)
        day = min(start.day, calendar.monthrange(year, month + 1)[1])
        return datetime.date(year, month + 1, day).toordinal()


_Values = tuple[str, str, int, int, int, Fraction, Fraction, int, int, Fraction]


@dataclass(frozen=True)
class BookTable:
    """The loans of a book by their names, in the order of the file."""

    table: Table
    loans: Mapping[str, BookRow]


def read_book(
    reference: str,
    problems: Problems,
    needed: Mapping[str, str] | None = None,
    with_risk: bool = False,
    rates_known: bool = False,
) -> BookTable:
    """The loans of a file ('-' for standard input); what is wrong with them is added to `problems`.

    Always needed are loan, borrower, principal and start; `needed` are further columns, each with what needs it, and
    `with_risk` asks for `tenor_months`, either `lgd` or `appraised_value` and, unless default rates are known from
    elsewhere, `annual_pd` of every loan.
    """
    asked = dict(needed or {})
    if with_risk:
        asked |= {"tenor_months": ""} | ({} if rates_known else {"annual_pd": ""})
    columns = [each.needed_for(asked[each.name]) if each.name in asked else each for each in COLUMNS]
    table = Table(table_text(reference), columns, problems)
    if with_risk and not any(table.has(name) for name in RISK):
        found = "there is no column 'lgd' and none 'appraised_value'"
        problems.add(Problem(table.file, table.line, 1, found, "one of them says what is lost when a loan defaults"))
        with_risk = False
    loans: dict[str, BookRow] = {}
    for line, values in table.rows(problems):
        row = BookRow(line, *cast("_Values", tuple(values)))
        if row.loan in loans:
            first = f"{table.file}:{loans[row.loan].line}"
            problems.add(table.problem(line, "loan", f"loan '{row.loan}' stands here a second time; first at {first}"))
        elif with_risk and (row.lgd is None) == (row.appraised_value is None):
            given = "neither an lgd nor" if row.lgd is None else "both an lgd and"
            found = f"loan '{row.loan}' has {given} an appraised value"
            problems.add(table.problem(line, "lgd", found, "give one of the two"))
        elif len(loans) == MOST_LOANS:
            problems.add(Problem(table.file, 0, 0, f"more than {MOST_LOANS:,} loans", "part the book"))
            break
        loans.setdefault(row.loan, row)
    return BookTable(table, loans)


def check_against(book: BookTable, with_interest: bool) -> Check:
    """What a book says against a loss of one of its loans; `with_interest` losses may be above the principal."""
    lost: dict[str, int] = {}
    hints, names = Hints(), list(book.loans)

    def check(row: LossRow) -> Iterator[tuple[str, str, str]]:
        loan = book.loans.get(row.loan)
        if loan is None:
            found = f"loan '{row.loan}' is not in the book {book.table.file}{hints.near(row.loan, names)}"
            yield "loan", found, "every loan with a loss stands in the book"
            return
        there = f"{book.table.file}:{loan.line}"
        if row.borrower != loan.borrower:
            found = f"'{row.borrower}' is not the borrower of loan '{row.loan}'"
            yield "borrower", found, f"{there} says '{loan.borrower}'"
        for column, day in (("date", row.day), ("lost_on", row.lost_on)):
            if day is not None and day < loan.start:
                start = datetime.date.fromordinal(loan.start)
                yield column, f"{column} comes before loan '{row.loan}' starts", f"{there} says {start}"
        earlier = lost.get(row.loan, 0)
        if earlier + row.amount <= loan.principal or with_interest:
            lost[row.loan] = earlier + row.amount
            return
        more = f" with earlier losses of {format_money(earlier)}" if earlier else ""
        found = f"a loss of {format_money(row.amount)}{more} is more than the principal of loan '{row.loan}'"
        yield "amount", found, f"{there} says {format_money(loan.principal)}"

    return check
