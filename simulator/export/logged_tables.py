"""The tables of a run as they are read again: row by row, each cell as what it is, with the place of what is wrong."""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from math import isfinite
from pathlib import Path
from typing import Any, Generic, Protocol, TypeVar

from simulator.errors import PledgesimError, did_you_mean
from simulator.export.csv_text import as_text
from simulator.scenario.names import visible

Convert = Callable[[str], Any]
"""What a cell stands for; ValueError says what it is not."""
LONGEST_QUOTED = 60

_MOMENT = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d", re.ASCII)
_MONEY = re.compile(r"-?\d+\.\d\d", re.ASCII)
_NUMBER = re.compile(r"[-+]?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?", re.ASCII)
_YES_NO = {"True": "true", "False": "false"}


# Most cells of a table have stood there before: they are looked at once.
_looked_at_once = lru_cache(maxsize=1 << 14)


@_looked_at_once
def text(cell: str) -> str:
    """A text, without the apostrophe that keeps a spreadsheet from running it."""
    return cell[1:] if cell.startswith("'") and as_text(cell[1:]) == cell else cell


@_looked_at_once
def whole(cell: str) -> int:
    """A whole number."""
    if not (cell.isascii() and cell.isdigit()):
        raise ValueError("is no whole number")
    return int(cell)


@_looked_at_once
def moment(cell: str) -> str:
    """A moment, such as 2021-03-05T09:30:00; empty where nothing has happened."""
    return happened_at(cell) if cell else ""


@_looked_at_once
def happened_at(cell: str) -> str:
    """A moment that must be there."""
    if not cell:
        raise ValueError("is missing")
    if not _MOMENT.fullmatch(cell):
        raise ValueError("is no time such as 2021-03-05 09:30:00")
    try:
        datetime.fromisoformat(cell)
    except ValueError:
        raise ValueError("is no time that there is") from None
    return f"{cell[:10]}T{cell[11:]}"


@_looked_at_once
def money(cell: str) -> str:
    """An amount in CNY, as it stands."""
    if not _MONEY.fullmatch(cell):
        raise ValueError("is no amount such as 1234567.89")
    return cell


@_looked_at_once
def number(cell: str) -> str:
    """A number as JSON and XML write it; empty where it is none or infinite."""
    if not _NUMBER.fullmatch(cell):
        if cell in ("nan", "inf", "-inf"):
            return ""
        raise ValueError("is no number")
    value = float(cell)
    if not isfinite(value):
        return ""
    return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)


@_looked_at_once
def yes_no(cell: str) -> str:
    """A property that is true or false."""
    if cell not in _YES_NO:
        raise ValueError("is neither True nor False")
    return _YES_NO[cell]


def one_of(allowed: Iterable[str], what: str) -> Convert:
    """A name of the scenario."""
    known = frozenset(allowed)

    def convert(cell: str) -> str:
        name = text(cell)
        if name not in known:
            raise ValueError(f"is no {what} of the scenario{did_you_mean(name, known)}")
        return name

    return _looked_at_once(convert)


def or_nothing(convert: Convert) -> Convert:
    """Something that may be missing."""
    return _looked_at_once(lambda cell: convert(cell) if cell else "")


class HasCase(Protocol):
    """A row about a case."""

    @property
    def case(self) -> int: ...


Row = TypeVar("Row")
_Place = tuple[int, str, Convert]
RowOfCase = TypeVar("RowOfCase", bound=HasCase)


class Table(Generic[Row]):
    """One table of a run."""

    def __init__(
        self,
        path: Path,
        columns: Mapping[str, Convert],
        make: Callable[[Sequence[Any]], Row],
        optional: Mapping[str, Convert] = {},
    ) -> None:
        """`columns` are those that are read, by their headings; `make` puts a row together, and may find it wrong.

        `optional` columns come after them, and are empty where they are not there.
        """
        self.path, self.line = path, 0
        self._columns, self._optional, self._make = columns, optional, make

    def fault(self, found: str) -> PledgesimError:
        """What is wrong in the line that was read last."""
        return PledgesimError(f"{self.path}:{self.line}: {found}")

    def __iter__(self) -> Iterator[Row]:
        try:
            with open(self.path, encoding="utf-8-sig", newline="") as file:
                reader = csv.reader(file, strict=True)
                headings = next(reader, [])
                self.line = 1
                places, make = self._places(headings), self._make
                read = [(place, convert) for place, _, convert in places]
                for cells in reader:
                    self.line = reader.line_num
                    if len(cells) != len(headings):
                        raise self.fault(f"{len(cells)} cells under {len(headings)} headings")
                    try:
                        row = make([convert(cells[place]) for place, convert in read])
                    except ValueError as error:
                        raise self._wrong(cells, places, error) from None
                    yield row
        except FileNotFoundError:
            raise PledgesimError(f"{self.path}: this table of the run is missing") from None
        except OSError as error:
            raise PledgesimError(f"{self.path}: {error.strerror or error}") from None
        except (csv.Error, UnicodeDecodeError):
            self.line += 1
            raise self.fault("this is not the table that pledgesim wrote: it cannot be read as CSV in UTF-8") from None

    def _places(self, headings: Sequence[str]) -> list[_Place]:
        """Where each column stands, and how its cells are read."""
        found: list[_Place] = []
        for name, convert in self._columns.items():
            if name not in headings:
                raise self.fault(f"no column '{name}'{did_you_mean(name, headings)}")
            found.append((headings.index(name), name, convert))
        for name, convert in self._optional.items():
            found.append((headings.index(name), name, convert) if name in headings else (0, name, lambda _: ""))
        return found

    def _wrong(self, cells: Sequence[str], places: Sequence[_Place], error: Exception) -> PledgesimError:
        for place, name, convert in places:
            try:
                convert(cells[place])
            except ValueError as reason:
                cell = " ".join(visible(cells[place]).split())[:LONGEST_QUOTED]
                return self.fault(f"{name} '{cell}' {reason}")
        return self.fault(str(error))


class RowsByCase(Generic[RowOfCase]):
    """The rows of a table about one case after another, of which one row is held."""

    def __init__(self, table: Table[RowOfCase]) -> None:
        self._table, self._rows = table, iter(table)
        self._ahead = next(self._rows, None)

    def of(self, case: int) -> list[RowOfCase]:
        """The rows about a case, the next in order; PledgesimError where the table is in another order."""
        found: list[RowOfCase] = []
        while (ahead := self._ahead) is not None and ahead.case <= case:
            if ahead.case < case:
                raise self._table.fault(f"case {ahead.case} comes too late; rows stand in the order of cases")
            found.append(ahead)
            self._ahead = next(self._rows, None)
        return found

    def refuse_more(self) -> None:
        """PledgesimError where rows are left."""
        if self._ahead is not None:
            raise self._table.fault(f"case {self._ahead.case} is not in cases.csv")
