"""Tables on a terminal: printing them, and how numbers stand in them."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Any, Literal

from rich.cells import cell_len
from rich.console import Console
from rich.table import Column, Table

from simulator.analysis.intervals import NOT_FINITE
from simulator.cli.wrapping import Words
from simulator.texts import say
from simulator.texts.money import MILLION, cny_of_column, decimals_of_column

WIDTH_WITHOUT_TERMINAL = 140
LONGEST_WORD = 12
"""Columns after which a word is broken where there is no room; Chinese has no blanks, and each letter takes two."""
PADDING = 2
"""Blanks between columns."""


def show(*parts: Table | str, width: int = WIDTH_WITHOUT_TERMINAL) -> None:
    """Print tables and lines to standard output; names from files are printed as they are, without markup.

    `width` is that of output that does not go to a terminal.
    """
    width_shown = None if sys.stdout.isatty() else width
    console = Console(width=width_shown, highlight=False, markup=False, emoji=False)
    for part in parts:
        for each in _that_fit(part, console.width) if isinstance(part, Table) else [Words(part)]:
            console.print(each)


def _that_fit(table: Table, width: int) -> list[Table]:
    """A table that is too wide in several, each with the names of the rows; nothing of a figure is ever cut off."""
    needed = [_least_width(column) + PADDING for column in table.columns]
    left = [number for number, column in enumerate(table.columns) if column.justify == "left"]
    named = sum(needed[number] for number in left)
    parts: list[list[int]] = [[]]
    for number in range(len(table.columns)):
        if number in left:
            continue
        if parts[-1] and named + sum(needed[each] for each in parts[-1]) + needed[number] - PADDING > width:
            parts.append([])
        parts[-1].append(number)
    if len(parts) == 1:
        return [table]
    return [_only(table, [*left, *chosen], first=not place) for place, chosen in enumerate(parts)]


def _least_width(column: Column) -> int:
    """Columns that a column takes at least: all of a line where it is not broken, or else its longest word."""
    texts = [column.header, *column.cells]
    lines = [line for text in texts for line in str(text).split("\n")]
    if column.no_wrap:
        return max([column.min_width or 0, *map(cell_len, lines)])
    words = [min(cell_len(word), LONGEST_WORD) for line in lines for word in line.split()]
    return max([column.min_width or 0, *words])


def _only(table: Table, chosen: Sequence[int], first: bool) -> Table:
    """Some columns of a table, under its title or, after the first, without."""
    part = Table(
        title=table.title if first else None, title_justify="left", title_style="bold", header_style="bold", box=None,
        pad_edge=False,
    )  # fmt: skip
    for number in chosen:
        of = table.columns[number]
        part.add_column(of.header, justify=of.justify, overflow="fold", no_wrap=of.no_wrap, min_width=of.min_width)
    for cells in zip(*(table.columns[number].cells for number in chosen), strict=True):
        part.add_row(*cells)
    return part


def new_table(title: str, columns: Sequence[str], left: int = 1, whole: Sequence[str] = ()) -> Table:
    """A table whose first `left` columns stand left; the columns in `whole` are never broken."""
    table = Table(
        title=title or None, title_justify="left", title_style="bold", header_style="bold", box=None, pad_edge=False
    )
    for number, column in enumerate(columns):
        justify: Literal["left", "right"] = "left" if number < left else "right"
        least = LONGEST_WORD if number == 0 else None
        table.add_column(Words(column), justify=justify, overflow="fold", no_wrap=column in whole, min_width=least)
    return table


def add_row(table: Table, *cells: object) -> None:
    table.add_row(*(Words(str(cell)) for cell in cells))


def number(entry: dict[str, Any] | None, digits: int = 1, scale: float = 1.0) -> str:
    """An estimate with the wider half of its interval: `17.2 ± 0.3`; the reason where there is none.

    By a scale of a million it is an amount, which Chinese has in a unit of its own.
    """
    if scale == MILLION:
        digits, scale = decimals_of_column(digits), cny_of_column()
    if entry is None or entry["value"] is None:
        return say("not finite") if entry and entry.get("note") == NOT_FINITE else "–"
    value = rounded(entry["value"] / scale, digits)
    if entry.get("low") is None:
        return value
    half = max(entry["high"] - entry["value"], entry["value"] - entry["low"])
    return f"{value} ± {rounded(half / scale, digits)}"


def rounded(value: float, digits: int) -> str:
    """A number with so many decimals, and no minus sign before zero."""
    return f"{round(value, digits) + 0.0:,.{digits}f}"


def share(value: float | None) -> str:
    """A share as a whole percentage."""
    return "–" if value is None else percentage(f"{value * 100:.0f}")


def percentage(number: str) -> str:
    """A number of percent in the language spoken; Chinese has no space before the sign."""
    return say("{number} %", number=number)


def of_runs(found: dict[str, Any]) -> str:
    """A share of the replications with its interval: `20 % (6 to 51)`."""
    value, low, high = (f"{found[name] * 100:.0f}" for name in ("value", "low", "high"))
    return say("{value} % ({low} to {high})", value=value, low=low, high=high)
