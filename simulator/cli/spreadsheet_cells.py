"""Names in a CSV file that is opened in a spreadsheet, where what looks like a formula would be run."""

from __future__ import annotations

import re
from dataclasses import replace

from simulator.analysis.allocating import SharedLoss
from simulator.export.allocation import Event

_BEGINS_A_FORMULA = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")
_NUMBER = re.compile(r"[-+]?\d+(?:[.,]\d+)*")


def as_text(name: str) -> str:
    """A name as a spreadsheet takes it for text: with an apostrophe in front where it would be run as a formula.

    The way of the OWASP's page on CSV injection. Numbers stay as they are, since they do nothing.
    """
    return f"'{name}" if name.startswith(_BEGINS_A_FORMULA) and not _NUMBER.fullmatch(name) else name


def with_names_as_text(event: Event) -> Event:
    """A loss or a recovery whose borrower and loan no spreadsheet runs."""
    row = event.row
    loan = as_text(row.loan)
    if isinstance(event, SharedLoss):
        borrower = as_text(event.row.borrower)
        if (borrower, loan) == (event.row.borrower, row.loan):
            return event
        return replace(event, row=event.row._replace(borrower=borrower, loan=loan))
    return replace(event, row=event.row._replace(loan=loan), borrower=as_text(event.borrower))
