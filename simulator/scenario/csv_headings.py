"""The first row of a table: which column stands where, in whose spelling, and in which unit."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

from simulator.errors import Problem, nearest
from simulator.scenario.csv_cells import Kind, Reader

PASSED_OVER = {"no", "number", "序号", "note", "notes", "remark", "remarks", "comment", "comments", "备注", "说明"}
"""Headings of columns that say nothing to the program."""
_UNIT = re.compile(r"[(\[]([^()\[\]]*)[)\]]$")
_DOES_NOT_COUNT = re.compile(r"[\s_.:\-]+")


@dataclass(frozen=True)
class Column:
    """A column of a table: its name, other headings that mean it, and what its cells hold.

    One that is `needed` stands in every table and has no empty cell; `why` says what needs it where not every table has
    it. Any other may be missing, and its cells empty.
    """

    name: str
    kind: Kind
    synonyms: tuple[str, ...] = ()
    needed: bool = True
    why: str = ""

    def needed_for(self, why: str) -> Column:
        """The same column where something needs it."""
        return replace(self, needed=True, why=why)

    @property
    def in_chinese(self) -> str:
        """Its first Chinese heading, or its name where it has none."""
        return next((word for word in self.synonyms if not word.isascii()), self.name)

    @property
    def spellings(self) -> tuple[str, ...]:
        """All headings that mean it."""
        return self.name, *self.synonyms


@dataclass(frozen=True)
class Heading:
    """Where a column stands (from 0), how the first row writes it, and how its cells are read."""

    place: int
    text: str
    read: Reader


@dataclass(frozen=True)
class FirstRow:
    """The columns that a first row names; `problems` are what is wrong with it."""

    columns: dict[str, Heading]
    nameless: tuple[int, ...]
    problems: tuple[Problem, ...]


def known_headings(row: Iterable[str], columns: Sequence[Column]) -> int:
    """How many cells of a row name a column."""
    known = _by_spelling(columns)
    return sum(_column(text, known) is not None for text in row)


@dataclass(frozen=True)
class OtherTable:
    """Another kind of table, which may be given by mistake: its columns, and what to say then."""

    columns: Sequence[Column]
    found: str
    allowed: str


def first_row(
    row: Sequence[str], columns: Sequence[Column], file: str, line: int, other: OtherTable | None = None
) -> FirstRow:
    """What a first row says, with everything that is wrong with it, or that it is plainly that of another table."""
    if other is not None and known_headings(row, other.columns) > known_headings(row, columns) + 1:
        return FirstRow({}, (), (Problem(file, line, 1, other.found, other.allowed),))
    if not known_headings(row, columns):
        needed = ", ".join(column.name for column in columns if column.needed)
        wide = "; a full-width '，' does not part cells" if any("，" in cell for cell in row) else ""
        found = f"the first row names none of the columns{wide}"
        return FirstRow({}, (), (Problem(file, line, 1, found, f"the first row names the columns: {needed}"),))
    known, problems, unknown = _by_spelling(columns), [], []
    there = {column.name for text in row if (column := _column(text, known)) is not None}
    found_columns: dict[str, Heading] = {}
    for place, text in enumerate(row):
        column, name = _column(text, known), " ".join(text.split())
        where = (file, line, place + 1)
        if column is None:
            if name and _folded(name) not in PASSED_OVER:
                unknown.append(name)
                problems.append(Problem(*where, *_unknown(name, columns, there)))
        elif column.name in found_columns:
            first = found_columns[column.name]
            told = f"a second column '{column.name}'; the first is '{first.text}', column {first.place + 1}"
            problems.append(Problem(*where, told, "keep one of the two"))
        else:
            unit, fault = _unit(text, column)
            problems += [Problem(*where, *fault)] if fault else []
            found_columns[column.name] = Heading(place, name, column.kind.reader(unit))
    problems += [Problem(file, line, 1, *told) for told in _missing(columns, found_columns, unknown)]
    nameless = tuple(place for place, text in enumerate(row) if not text.strip())
    return FirstRow(found_columns, nameless, tuple(problems))


def _unknown(name: str, columns: Sequence[Column], there: Collection[str]) -> tuple[str, str]:
    """What to say of a heading that means none of the columns; `there` are those that the row has.

    A Chinese heading is answered in Chinese.
    """
    shown = {column.name: column.name if name.isascii() else column.in_chinese for column in columns}
    found, allowed = f"unknown column '{name[:60]}'", f"allowed here: {', '.join(shown.values())}"
    for missing in (True, False):
        others = [column for column in columns if (column.name not in there) == missing]
        near = nearest(name, [word for column in others for word in column.spellings])
        if near is None:
            continue
        meant = shown[next(column.name for column in others if near in column.spellings)]
        if not missing:
            return f"{found}; '{meant}' is there already", "leave it out, or call it 'note' or '备注'"
        also = f" ('{meant}')" if not name.isascii() and near != meant else ""
        return f"{found}; did you mean '{meant if name.isascii() else near}'{also}?", allowed
    return found, allowed


def _missing(columns: Sequence[Column], found: dict[str, Heading], unknown: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Columns that are needed and not there, unless one is there that may be a misspelling."""
    for column in columns:
        misspelt = any(nearest(text, column.spellings) for text in unknown)
        if column.needed and column.name not in found and not misspelt:
            also = f" or '{column.in_chinese}'" if column.in_chinese != column.name else ""
            why = f", {column.why}" if column.why else ""
            yield f"there is no column '{column.name}'{why}", f"write '{column.name}'{also} in the first row"


def _unit(text: str, column: Column) -> tuple[Fraction | None, tuple[str, str] | None]:
    """What a number below a heading counts, by the unit in its brackets; or what is wrong with that."""
    _, unit = _parted(text)
    if not unit or column.kind.units is None or _folded(text) in map(_folded, column.spellings):
        return None, None
    if unit in column.kind.units:
        return column.kind.units[unit], None
    found = f"the unit '{unit}' of column '{column.name}' cannot be read"
    return None, (found, f"allowed here: {', '.join(column.kind.units)}")


def _by_spelling(columns: Sequence[Column]) -> dict[str, Column]:
    return {_folded(word): column for column in columns for word in column.spellings}


def _column(text: str, known: dict[str, Column]) -> Column | None:
    return known.get(_folded(text)) or known.get(_folded(_parted(text)[0]))


def _parted(text: str) -> tuple[str, str]:
    """A heading without the unit that may stand in brackets behind it, and that unit."""
    plain = unicodedata.normalize("NFKC", text).strip()
    unit = _UNIT.search(plain)
    return (plain[: unit.start()], _folded(unit[1]).removeprefix("单位")) if unit else (plain, "")


def _folded(text: str) -> str:
    """A heading without what does not count: case, spaces, underscores."""
    return _DOES_NOT_COUNT.sub("", unicodedata.normalize("NFKC", text).casefold())
