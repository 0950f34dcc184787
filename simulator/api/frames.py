"""Figures and rows as data frames: columns named with their units, times as timestamps, money in CNY."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from simulator.errors import PledgesimError

if TYPE_CHECKING:
    from pandas import DataFrame

    from simulator.analysis.intervals import Estimate

MOMENTS = ("time", "entry", "start", "work_end", "end")
"""Columns of moments whose names do not end in `_at`."""


def frame_of(rows: Iterable[Mapping[str, Any]], columns: Sequence[str] = ()) -> DataFrame:
    """A data frame with a row for each mapping; `columns` are those of a frame without rows."""
    told = list(rows)
    return _pandas().DataFrame(told) if told else _pandas().DataFrame(columns=list(columns))


def columns_frame(columns: Mapping[str, object]) -> DataFrame:
    """A data frame of whole columns by name."""
    return _pandas().DataFrame(columns)


def table_frame(rows: Iterable[Sequence[object]]) -> DataFrame:
    """A data frame of the rows of a table that a run writes, whose first row are the headings.

    Columns that end in `_at`, and those of a step's moments, are timestamps (Shanghai time, NaT where there is none);
    those that end in `_cny` are floats of CNY; a person at a desk has a number from 1, or none.
    """
    pandas = _pandas()
    first, *cells = [list(row) for row in rows]
    headings = list(map(str, first))
    frame = pandas.DataFrame(cells, columns=headings)
    for name in headings:
        if name.endswith("_cny"):
            frame[name] = frame[name].astype(float)
        elif name == "person":
            frame[name] = pandas.to_numeric(frame[name]).astype("Int64")
        elif name.endswith("_at") or (name in MOMENTS and name != "end") or _is_moment_of_a_step(name, headings):
            frame[name] = pandas.to_datetime(frame[name], format="%Y-%m-%d %H:%M:%S")
    return frame


def _is_moment_of_a_step(name: str, headings: Sequence[str]) -> bool:
    """Whether `end` is a moment, and not how a case ended."""
    return name == "end" and "work_end" in headings


def with_interval(name: str, found: Mapping[str, Any] | Estimate) -> dict[str, float | None]:
    """A figure and its 95 % interval as three columns: NAME, NAME_low, NAME_high; None where there is none."""
    told = found if isinstance(found, Mapping) else found.as_json()
    return {name: told["value"], f"{name}_low": told["low"], f"{name}_high": told["high"]}


def html_of(frame: DataFrame) -> str:
    """A frame as a table of a notebook: rounded, without row numbers."""
    return str(frame.to_html(index=False, border=0, na_rep="–", float_format=lambda value: f"{value:,.4g}"))


def _pandas() -> Any:
    try:
        import pandas
    except ModuleNotFoundError as error:
        if error.name != "pandas":
            raise
        raise PledgesimError("data frames need pandas: pip install 'pledgesim[notebooks]'") from None
    return pandas
