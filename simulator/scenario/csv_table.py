"""A table with a heading for each column: its rows read one by one, and all that is wrong with them told at once."""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from itertools import islice

from simulator.errors import Problem, ScenarioError
from simulator.scenario.csv_cells import TOTALS, Reader, Unreadable
from simulator.scenario.csv_headings import Column, OtherTable, first_row, known_headings
from simulator.scenario.names import visible
from simulator.scenario.spreadsheet_text import TableText

MOST_TOLD = 100
_DELIMITERS = (",", ";", "\t")
_GROUP = re.compile(r"\d{3}(?:\.\d*)?")
_STATED_DELIMITER = re.compile(r"\"?sep=(.)\"?")


class Problems:
    """What is wrong with tables: the first mistakes in full, the others counted."""

    def __init__(self) -> None:
        self.told: list[Problem] = []
        self.more = 0

    def __bool__(self) -> bool:
        return bool(self.told)

    @property
    def count(self) -> int:
        """How many."""
        return len(self.told) + self.more

    def add(self, *problems: Problem) -> None:
        """Note some; what they quote is made visible."""
        room = MOST_TOLD - len(self.told)
        self.told += [
            replace(each, found=visible(each.found), allowed=visible(each.allowed)) for each in problems[:room]
        ]
        self.more += len(problems[room:])

    def take(self, others: Problems) -> None:
        """Note those found elsewhere as well."""
        self.add(*others.told)
        self.more += others.more

    def raise_any(self) -> None:
        """ScenarioError with all of them, where there are any."""
        if not self.told:
            return
        told = sorted(self.told)
        if self.more:
            last = told[-1]
            told.append(Problem(last.file, last.line, last.column + 1, f"and {self.more:,} more mistakes after these"))
        raise ScenarioError(told)


class Table:
    """A CSV file whose first row names its columns; cells are parted by commas, semicolons or tabs."""

    def __init__(
        self, text: TableText, columns: Sequence[Column], problems: Problems, other: OtherTable | None = None
    ) -> None:
        """Read the first row, which is found in `line`; what is wrong with it is added to `problems`."""
        self.file, self._text, self.columns = text.name, text, tuple(columns)
        self._delimiter, self._begins = self._form()
        line, row = next(self._records(), (0, []))
        self.line, self._width = line, len(row)
        self._least = max((place + 1 for place, text in enumerate(row) if text.strip()), default=0)
        self._first = first_row(row, columns, self.file, line, other)
        if line:
            problems.add(*self._first.problems)
        else:
            problems.add(Problem(self.file, 0, 0, "the file is empty", self._first.problems[0].allowed))

    def sha256(self) -> str:
        """The digest of the file."""
        return self._text.sha256()

    def has(self, name: str) -> bool:
        """Whether it has a column."""
        return name in self._first.columns

    @property
    def is_complete(self) -> bool:
        """Whether it has every column that is needed."""
        return all(self.has(column.name) for column in self.columns if column.needed)

    def problem(self, line: int, column: str, found: str, allowed: str = "") -> Problem:
        """Something wrong with the cell of a column, or with a whole row where the table has no such column."""
        place = self._first.columns[column].place + 1 if self.has(column) else 1
        return Problem(self.file, line, place, found, allowed)

    def rows(self, problems: Problems) -> Iterator[tuple[int, list[object]]]:
        """Line and values of every sound row, in the order of `columns`; what is wrong with others goes to `problems`.

        A column that is missing, or a cell that may be empty and is, gives None. Rows without any value are passed
        over. Where a needed column is missing, rows are only checked.
        """
        if not self._first.columns:
            return
        plan, complete = [self._plan(column) for column in self.columns], self.is_complete
        empty, wrong_before = True, problems.count
        try:
            for line, cells in islice(self._records(), 1, None):
                values = None
                if len(cells) == self._width and not self._first.nameless:
                    try:
                        values = [read(cells[place]) for read, place in plan]
                    except Unreadable:
                        values = None
                if values is None:
                    values = self._read_with_care(line, cells, plan, problems)
                if values is not None:
                    empty = False
                    if complete:
                        yield line, values
        except ScenarioError as error:
            problems.add(*error.problems)
        if empty and problems.count == wrong_before:
            problems.add(Problem(self.file, self.line, 1, "there is no row below the first, which names the columns"))

    def _plan(self, column: Column) -> tuple[Reader, int]:
        """How and where a column is read; one that is missing gives nothing, wherever it is looked for."""
        heading = self._first.columns.get(column.name)
        if heading is None:
            return _nothing, 0
        return (heading.read if column.needed else partial(_unless_empty, heading.read)), heading.place

    def _read_with_care(
        self, line: int, cells: list[str], plan: Sequence[tuple[Reader, int]], problems: Problems
    ) -> list[object] | None:
        """The values of a row that something is odd about, or None with the reasons told."""
        filled = [place for place, cell in enumerate(cells) if cell.strip()]
        if not filled:
            return None
        for place in filled:
            if cells[place].strip(" :：").casefold() in TOTALS:
                found = f"'{cells[place].strip(' :：')}' makes this a line of totals, not a row of the table"
                problems.add(Problem(self.file, line, place + 1, found, "delete the line and save again"))
                return None
        if len(cells) < self._least or filled[-1] >= self._width:
            found = f"{len(cells)} cells where the first row has {self._least}"
            torn = len(cells) > self._width and any(_GROUP.fullmatch(cell.strip()) for cell in cells)
            hint = 'an amount with commas needs quotation marks: "1,234.00"' if torn else ""
            problems.add(Problem(self.file, line, 1, found, hint))
            return None
        outside = [place for place in self._first.nameless if place in filled]
        for place in outside:
            found = f"'{' '.join(cells[place].split())[:40]}' stands in a column without a name"
            problems.add(Problem(self.file, line, place + 1, found, "name the column or empty it"))
        values, sound = [], not outside
        for column, (read, place) in zip(self.columns, plan, strict=True):
            try:
                values.append(read(cells[place]))
            except Unreadable as error:
                sound = False
                heading = self._first.columns[column.name].text
                problems.add(self.problem(line, column.name, f"{heading} {error.found}", error.allowed))
        return values if sound else None

    def _form(self) -> tuple[str, int]:
        """What parts the cells, and in which line the table begins."""
        with self._text.open() as lines:
            stated = _STATED_DELIMITER.fullmatch(lines.readline(20).strip())
        if stated:
            return stated[1], 2
        likely = []
        for delimiter in _DELIMITERS:
            try:
                _, row = next(_filled_records(self._text, delimiter, 1), (0, []))
            except ScenarioError:
                continue
            likely.append((known_headings(row, self.columns), len(row), delimiter))
        return max(likely, key=lambda each: each[:2], default=(0, 0, ","))[2], 1

    def _records(self) -> Iterator[tuple[int, list[str]]]:
        return _filled_records(self._text, self._delimiter, self._begins)


def _filled_records(text: TableText, delimiter: str, begins: int) -> Iterator[tuple[int, list[str]]]:
    """The rows of a table from the first that has something in it."""
    with text.open() as lines:
        for _ in range(begins - 1):
            lines.readline()
        rows = records(lines, text.name, delimiter, begins)
        for line, cells in rows:
            if any(cell.strip() for cell in cells):
                yield line, cells
                break
        yield from rows


def records(lines: Iterable[str], file: str, delimiter: str = ",", begins: int = 1) -> Iterator[tuple[int, list[str]]]:
    """The rows of a CSV text, each with the line in which it begins; ScenarioError where it is none."""
    reader = csv.reader(lines, delimiter=delimiter, strict=True)
    line = begins
    try:
        for row in reader:
            yield line, row
            line = begins + reader.line_num
    except csv.Error as error:
        raise ScenarioError([Problem(file, line, 1, f"this is not valid CSV: {_gentle(str(error))}")]) from None


def _gentle(message: str) -> str:
    if "unexpected end" in message:
        return "a quotation mark that is opened in this row is never closed"
    if "field limit" in message:
        return f"a cell of more than {csv.field_size_limit():,} characters; perhaps a quotation mark is never closed"
    if "expected after" in message:
        return "something follows a closing quotation mark; a mark inside a text is written twice"
    return message


def _nothing(text: str) -> None:
    """What a column that is missing says."""


def _unless_empty(read: Callable[[str], object], text: str) -> object:
    return read(text) if text.strip() else None
