"""What a section is made of: paragraphs, lists, tables, pictures. The templates know how each looks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import ClassVar, Literal

from markupsafe import Markup

from simulator.export.csv_text import as_text
from simulator.report.figures import Figures, Form
from simulator.report.words import clean
from simulator.texts import say


@dataclass(frozen=True)
class Paragraph:
    """A sentence or two; a `lead` says the answer, a `note` how to read it, a `warning` what not to trust."""

    block: ClassVar[str] = "paragraph"
    text: Markup | str
    style: Literal["lead", "plain", "note", "warning"] = "plain"


@dataclass(frozen=True)
class Points:
    """Sentences one below another."""

    block: ClassVar[str] = "points"
    items: Sequence[Markup | str]
    ordered: bool = False


@dataclass(frozen=True)
class Heading:
    """A heading inside a section."""

    block: ClassVar[str] = "heading"
    text: Markup | str


@dataclass(frozen=True)
class Column:
    """The heading of a column; an estimate takes three in a spreadsheet: value, low, high."""

    head: str
    sort: Literal["text", "number", "estimate"] = "number"
    unit: str = ""
    long: bool = False
    """It holds sentences, and needs the room for them."""

    @property
    def copied(self) -> str:
        """Its headings in a spreadsheet."""
        head = as_text(clean(f"{self.head} {self.unit}"))
        return "\t".join([head, say("low"), say("high")]) if self.sort == "estimate" else head


@dataclass(frozen=True)
class Cell:
    """What stands in a cell, by what it sorts, and what a spreadsheet gets of it."""

    shown: Markup | str
    sort: str
    copied: Sequence[str]
    beneath: Markup | str = ""


@dataclass(frozen=True)
class Table:
    """A table that can be sorted and copied; the first column names its rows."""

    block: ClassVar[str] = "table"
    caption: str
    columns: Sequence[Column]
    rows: Sequence[Sequence[Cell]]

    @property
    def as_cards(self) -> bool:
        """Whether each row stands as a card on a telephone, since sentences in columns have no room there."""
        return any(column.long for column in self.columns)

    @property
    def hint(self) -> str:
        """What stands above it where it is wider than the page."""
        return say("More columns to the right: scroll sideways")


@dataclass(frozen=True)
class Picture:
    """A chart: its SVG, and what it shows in one line."""

    block: ClassVar[str] = "picture"
    svg: Markup
    caption: Markup | str
    note: Markup | str = ""


@dataclass(frozen=True)
class Panels:
    """Small charts side by side, of the same scale, below one line that says what they show."""

    block: ClassVar[str] = "panels"
    panels: Sequence[tuple[Markup | str, Markup]]
    """Heading and SVG of each."""
    caption: Markup | str
    legend: Markup | str = ""


@dataclass(frozen=True)
class Fold:
    """What most readers skip: opened by a click, and printed where it is open."""

    block: ClassVar[str] = "fold"
    title: str
    blocks: Sequence[Block]


Block = Paragraph | Points | Heading | Table | Picture | Panels | Fold


@dataclass(frozen=True)
class Section:
    """One part of the report with its place in the table of contents."""

    key: str
    title: str
    blocks: list[Block] = field(default_factory=list)


def text_cell(text: Markup | str, plain: str | None = None) -> Cell:
    """A text; a spreadsheet takes one that looks like a formula for a text."""
    bare = clean(plain if plain is not None else Markup(text).striptags())
    return Cell(text, bare, (as_text(bare),))


def figure_cell(figures: Figures, path: str, form: Form) -> Cell:
    """One figure without its unit, which the heading has."""
    value = figures.at(path)
    return Cell(figures.shown(path, form, bare=True), _sort(value), (form.copied(value),))


def estimate_cell(figures: Figures, path: str, form: Form) -> Cell:
    """A figure with its interval below it."""
    estimate = figures.at(path) or {}
    values = [estimate.get(key) for key in ("value", "low", "high")]
    shown, beneath = figures.shown(f"{path}/value", form, bare=True), figures.interval(path, form, bare=True)
    return Cell(shown, _sort(values[0]), [form.copied(value) for value in values], beneath)


def empty_cell(column: Column, shown: str = "–") -> Cell:
    """Where a row has nothing in a column."""
    return Cell(shown, "", ("",) * (3 if column.sort == "estimate" else 1))


def _sort(value: float | None) -> str:
    return "" if value is None else repr(float(value))
