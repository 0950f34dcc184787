"""CSV files that people open in a spreadsheet, where a name that looks like a formula would be run."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Sequence
from typing import TextIO

_BEGINS_A_FORMULA = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")
_NUMBER = re.compile(r"[-+]?\d+(?:[.,]\d+)*(?:e[-+]?\d+)?")


class CsvText:
    """Writes rows in which no text is run: one that would be has an apostrophe in front, as the OWASP advises.

    Numbers stay as they are, since they do nothing.
    """

    def __init__(self, file: TextIO) -> None:
        self._write = csv.writer(file).writerow

    def row(self, cells: Sequence[object]) -> None:
        """One row."""
        self._write([as_text(cell) if isinstance(cell, str) else cell for cell in cells])

    def rows(self, rows: Iterable[Sequence[object]]) -> None:
        """Several."""
        for cells in rows:
            self.row(cells)


def as_text(cell: str) -> str:
    """A text as a spreadsheet takes it for one."""
    return f"'{cell}" if cell.startswith(_BEGINS_A_FORMULA) and not _NUMBER.fullmatch(cell) else cell
