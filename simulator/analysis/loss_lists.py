"""The lists that an agreement is applied to: losses, recoveries, and the book of loans where a clause needs one."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from simulator.errors import Problem
from simulator.scenario.agreement import RiskSharing
from simulator.scenario.agreement_file import OpenedAgreement
from simulator.scenario.agreement_parts import Base
from simulator.scenario.book_table import COLUMNS as BOOK_COLUMNS
from simulator.scenario.book_table import BookTable, check_against, read_book
from simulator.scenario.csv_headings import OtherTable
from simulator.scenario.csv_table import Problems
from simulator.scenario.locations import Location
from simulator.scenario.loss_table import Losses, read_losses
from simulator.scenario.recovery_table import Recoveries, check_recoveries, read_recoveries

_COLUMN: dict[Base, str] = {"principal": "principal", "premium": "premium", "guaranteed balance": "tenor_months"}
"""The column of a book from which each base comes."""
BY_DEFAULT, BY_DRAWDOWN = "loss", "underwriting"


_BOOK = OtherTable(BOOK_COLUMNS, "this is a list of loans, not of losses", "a book of loans goes with --book")


@dataclass(frozen=True)
class Lists:
    """The lists of one run, each checked."""

    losses: Losses
    recoveries: Recoveries | None = None
    book: BookTable | None = None


def read_lists(opened: OpenedAgreement, losses: str, recoveries: str | None = None, book: str | None = None) -> Lists:
    """The lists that an agreement is to be applied to; ScenarioError with all that is wrong with them, and missing.

    The day of the default is needed where the agreement goes by it, a book where it goes by the day of the drawdown or
    measures anything against premium, principal or the guaranteed balance. With a book, every loss belongs to one of
    its loans.
    """
    problems, model = Problems(), opened.sharing
    bases, days = list(_asked_of_bases(model)), list(_asked_of_days(model))
    known, check = None, None
    if book is not None:
        known = read_book(book, problems, columns_needed(model))
        if not problems:
            check = check_against(known, with_interest=model.covers != "principal")
    else:
        for location, clause, base in bases:
            columns = ", ".join(dict.fromkeys(["loan, borrower, principal, start", *_further(base)]))
            needs = f"{clause} needs the {base} of the loans, which losses do not tell"
            problems.add(Problem(*opened.place(*location), needs, f"add --book FILE with the columns {columns}"))
        for location, clause, by in days:
            if by == BY_DRAWDOWN:
                needs = f"{clause} goes by the drawdown of the loans, which losses do not tell"
                allowed = "add --book FILE with the columns loan, borrower, principal, start"
                problems.add(Problem(*opened.place(*location), needs, allowed))
    sold = read_recoveries(recoveries, problems) if recoveries is not None else None
    for_default = next((f"by which {clause} goes" for _, clause, by in days if by == BY_DEFAULT), "")
    wrong = problems.count
    lost = read_losses(
        losses,
        problems,
        for_default,
        sold.loans if sold is not None else (),
        check,
        by_borrower=any("borrower" in limit.per for limit in model.limits.values()),
        other=_BOOK,
    )
    if sold is not None and problems.count == wrong:
        check_recoveries(sold, lost, problems)
    problems.raise_any()
    return Lists(lost, sold, known)


def columns_needed(model: RiskSharing) -> dict[str, str]:
    """Columns that a book needs for an agreement's bases, each with what needs it."""
    return {_COLUMN[base]: f"which {clause} needs" for _, clause, base in _asked_of_bases(model)}


def _further(base: Base) -> list[str]:
    return [] if base == "principal" else [_COLUMN[base]]


def _asked_of_bases(model: RiskSharing) -> Iterator[tuple[Location, str, Base]]:
    """Clauses that measure against a base: where, how they are called, which base."""
    for name, limit in model.limits.items():
        if limit.at_most.base is not None:
            yield ("limits", name), f"the limit '{name}' of {limit.at_most}", limit.at_most.base
    for name, rate in model.rates.items():
        yield ("rates", name), f"the rate '{name}'", rate.over


def _asked_of_days(model: RiskSharing) -> Iterator[tuple[Location, str, str]]:
    """Clauses that go by the day of the default or of the drawdown."""
    for name, limit in model.limits.items():
        by = limit.per.removeprefix("year of ")
        if by in (BY_DEFAULT, BY_DRAWDOWN) and by != limit.per:
            yield ("limits", name, "per"), f"the limit '{name}'", by
    for number, change in enumerate(model.changes):
        if change.by in (BY_DEFAULT, BY_DRAWDOWN):
            yield ("changes", number, "by"), f"the change of terms from {change.starts} on", change.by
