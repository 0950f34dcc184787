"""Tables on a terminal: printing them, and how numbers stand in them."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Any, Literal

from rich.console import Console
from rich.table import Table
from rich.text import Text

WIDTH_WITHOUT_TERMINAL = 140
LONGEST_WORD = 12


def show(*parts: Table | str, width: int = WIDTH_WITHOUT_TERMINAL) -> None:
    """Print tables and lines to standard output; names from files are printed as they are, without markup.

    `width` is that of output that does not go to a terminal.
    """
    width_shown = None if sys.stdout.isatty() else width
    console = Console(width=width_shown, highlight=False, markup=False, emoji=False)
    for part in parts:
        console.print(part)


def new_table(title: str, columns: Sequence[str], left: int = 1, whole: Sequence[str] = ()) -> Table:
    """A table whose first `left` columns stand left; the columns in `whole` are never broken."""
    table = Table(
        title=title or None, title_justify="left", title_style="bold", header_style="bold", box=None, pad_edge=False
    )
    for number, column in enumerate(columns):
        justify: Literal["left", "right"] = "left" if number < left else "right"
        least = LONGEST_WORD if number == 0 else None
        table.add_column(Text(column), justify=justify, overflow="fold", no_wrap=column in whole, min_width=least)
    return table


def add_row(table: Table, *cells: object) -> None:
    table.add_row(*(Text(str(cell)) for cell in cells))


def number(entry: dict[str, Any] | None, digits: int = 1, scale: float = 1.0) -> str:
    """An estimate with its half width: `17.2 ± 0.3`; the reason where there is none."""
    if entry is None or entry["value"] is None:
        return "not finite" if entry and "not finite" in entry.get("note", "") else "–"
    value = _rounded(entry["value"] / scale, digits)
    if entry.get("low") is None:
        return value
    return f"{value} ± {_rounded((entry['high'] - entry['value']) / scale, digits)}"


def _rounded(value: float, digits: int) -> str:
    """A number with so many decimals, and no minus sign before zero."""
    return f"{round(value, digits) + 0.0:,.{digits}f}"


def share(value: float | None) -> str:
    """A share as a whole percentage."""
    return "–" if value is None else f"{value * 100:.0f} %"
