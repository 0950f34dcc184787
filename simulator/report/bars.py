"""Bars, whiskers and dots in rows, each with its name above it, so that they read on a telephone and on paper."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain

from markupsafe import Markup

from simulator.report.figures import COUNT, Figures, Form, attributes
from simulator.report.svg import AXIS_HEIGHT, Scale, axis, chart, element, mark, percent, scale_of, tick_text
from simulator.texts.widths import cut, cut_inside

WIDE, NARROW, IN_PANEL = 96, 34, 30
"""Columns of a row's name on a wide page, on a telephone, and in one of several panels."""
ROOM_OF_NAMES = "76%"


@dataclass(frozen=True)
class Part:
    """A stretch of a bar: the figure it shows, its fill, and what is said of it."""

    path: str
    value: float
    fill: str
    tip: str
    outline: str | None = None


@dataclass(frozen=True)
class Dot:
    """A figure on the line of a row."""

    path: str
    value: float
    tip: str
    colour: str = "#222222"
    hollow: bool = False
    faint: bool = False


@dataclass(frozen=True)
class Row:
    """One row: its name, the figure at its end, the bar, and an interval with what is said of it."""

    name: str
    figure: str = ""
    form: Form = COUNT
    parts: Sequence[Part] = ()
    dots: Sequence[Dot] = ()
    interval: str = ""
    interval_tip: str = ""
    said: str = ""
    """What stands at its end instead of a figure."""


@dataclass(frozen=True)
class Size:
    """Heights in dots."""

    text: float = 17
    bar: float = 15
    gap: float = 12

    @property
    def row(self) -> float:
        """Of one row with the gap to the next."""
        return self.text + self.bar + self.gap


ORDINARY, SMALL = Size(), Size(16, 9, 7)


def scale_for(figures: Figures, rows: Sequence[Row]) -> Scale:
    """A scale that holds all bars, dots and intervals."""
    return scale_of(list(chain.from_iterable(_ends(figures, row) for row in rows)))


def _ends(figures: Figures, row: Row) -> list[float]:
    up = sum(part.value for part in row.parts if part.value > 0)
    down = sum(part.value for part in row.parts if part.value < 0)
    return [up, down, *(dot.value for dot in row.dots), *_interval(figures, row)]


def _interval(figures: Figures, row: Row) -> list[float]:
    ends = [figures.at(f"{row.interval}/{end}") for end in ("low", "high")] if row.interval else []
    return [] if None in ends else ends


def row_chart(
    figures: Figures, rows: Sequence[Row], gist: str, unit: str, form: Form, *,
    scale: Scale | None = None, size: Size = ORDINARY, in_panel: bool = False,
) -> Markup:  # fmt: skip
    """All rows on one scale, with an axis below; `form` says how its values are shown."""
    scale = scale or scale_for(figures, rows)
    parts, y = [], 0.0
    for row in rows:
        parts += [
            *_texts(figures, row, y + size.text - 5, in_panel),
            *_shapes(figures, row, scale, y + size.text, size),
        ]
        y += size.row
    bottom = y - size.gap + 5
    lines = axis(scale, size.text - 4, bottom, unit, lambda value, step: _tick(value, step, form))
    return chart(gist, unit, bottom + AXIS_HEIGHT, lines, *parts)


def _tick(value: float, step: float, form: Form) -> str:
    scale = form.spoken.scale
    return tick_text(value / scale, step / scale)


def _texts(figures: Figures, row: Row, y: float, in_panel: bool) -> list[Markup]:
    """The name at the left, in a long and a short form, and the figure at the right."""
    place = f"{y:g}"
    if in_panel:
        names = [element("text", cut_inside(row.name, IN_PANEL), x="0", y=place, class_="name")]
    elif cut(row.name, NARROW) == row.name:
        names = [element("text", row.name, x="0", y=place, class_="name")]
    else:
        names = [
            element("text", shortened, x="0", y=place, class_=f"name {kind}")
            for shortened, kind in ((cut(row.name, WIDE), "wide"), (cut_inside(row.name, NARROW), "narrow"))
        ]
    # A picture of its own is an edge: letters wider than most do not run into the figure.
    found = [element("svg", *names, width=ROOM_OF_NAMES if row.figure else "100%", height=f"{y + 6:g}")]
    if row.figure:
        value = figures.at(row.figure)
        text = row.form.said(value) if value is not None else "–"
        told = attributes(row.figure, value)
        found.append(element("text", text, x="100%", y=place, class_="value", text_anchor="end", attributes=told))
    elif row.said:
        found.append(element("text", row.said, x="100%", y=place, class_="value faint", text_anchor="end"))
    return found


def _shapes(figures: Figures, row: Row, scale: Scale, top: float, size: Size) -> list[Markup]:
    right = left = scale.at(0.0)
    found = []
    for part in row.parts:
        width = scale.at(abs(part.value) + scale.low) if part.value else 0.0
        begin = right if part.value >= 0 else left - width
        right, left = (right + width, left) if part.value >= 0 else (right, left - width)
        shape = element(
            "rect", x=percent(begin), y=f"{top:g}", width=percent(width), height=f"{size.bar:g}", fill=part.fill,
            stroke=part.outline, attributes=attributes(part.path, part.value),
        )  # fmt: skip
        found.append(mark(part.tip, shape))
    middle = top + size.bar / 2
    ends = _interval(figures, row)
    if ends:
        found.append(mark(row.interval_tip, *_whisker(row, [scale.at(end) for end in ends], ends, middle)))
    for dot in row.dots:
        shape = element(
            "circle", cx=percent(scale.at(dot.value)), cy=f"{middle:g}", r="3.2" if dot.faint else "4.5",
            fill="#FFFFFF" if dot.hollow else dot.colour, stroke=dot.colour,
            class_="faint-dot" if dot.faint else None, attributes=attributes(dot.path, dot.value),
        )  # fmt: skip
        found.append(mark(dot.tip, shape))
    return found


def _whisker(row: Row, places: list[float], ends: list[float], y: float) -> list[Markup]:
    """A line from the lower to the upper end with a stop at each, white-edged so that it shows on a bar."""
    a, b = (percent(place) for place in places)
    lines = [element("line", x1=a, x2=b, y1=f"{y:g}", y2=f"{y:g}", class_=kind) for kind in ("whisker-edge", "whisker")]
    for key, end, place in zip(("low", "high"), ends, (a, b), strict=True):
        told = attributes(f"{row.interval}/{key}", end)
        lines.append(
            element("line", x1=place, x2=place, y1=f"{y - 4:g}", y2=f"{y + 4:g}", class_="whisker", attributes=told)
        )
    return lines
