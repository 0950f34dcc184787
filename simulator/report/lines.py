"""Lines over days or dates: each as wide as its place, its letters never stretched."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from simulator.charts.palette import ink_on
from simulator.report.figures import attributes
from simulator.report.svg import AXIS_HEIGHT, Scale, chart, element, mark, percent, tick_text

UNITS = 1000
"""Of the stretched picture that holds the lines."""
LEFT = 0.0


@dataclass(frozen=True)
class Line:
    """A course over the moments of a chart, with its place in summary.json."""

    path: str
    values: Sequence[float]
    colour: str
    dashes: str = ""
    tag: str = ""
    """A letter set upon it."""
    steps: bool = False
    """A value holds until the next one."""
    faint: bool = False


@dataclass(frozen=True)
class Band:
    """What lies between two courses."""

    low: Line
    high: Line
    opacity: float


@dataclass(frozen=True)
class Moments:
    """The axis across: places of the moments, what is written below some of them, and its unit."""

    places: Sequence[float]
    ticks: Sequence[tuple[float, str]]
    unit: str

    @property
    def scale(self) -> Scale:
        """From the first moment to the last."""
        return Scale(self.places[0], max(self.places[-1], self.places[0] + 1))


def line_chart(
    moments: Moments, lines: Sequence[Line], gist: str, unit: str, tip: Callable[[int], str], *, height: float = 250,
    top: float | None = None, bands: Sequence[Band] = (), shown: Callable[[float], float] = lambda value: value,
) -> Markup:  # fmt: skip
    """Lines with an axis on both sides; `tip` says what stands at a moment, `shown` turns values into the unit."""
    highest = max([0.0, *(max(line.values, default=0.0) for line in lines), *(max(b.high.values) for b in bands)])
    up = Scale(0.0, top if top is not None else (highest or 1.0) * 1.05)
    begin, bottom = 34.0, height
    grid, ticks = [], up.ticks(4)
    step = shown(ticks[1] - ticks[0]) if len(ticks) > 1 else 1.0
    for value in ticks:
        y = bottom - up.at(value) * (bottom - begin)
        grid.append(element("line", x1="0", x2="100%", y1=f"{y:.1f}", y2=f"{y:.1f}", class_="grid"))
        text = tick_text(shown(value), step)
        grid.append(element("text", text, x="0", y=f"{y - 3:.1f}", class_="tick"))
    grid.append(element("text", unit, x="0", y="10", class_="tick"))
    across = moments.scale
    for place, text in moments.ticks:
        at = across.at(place)
        anchor = "start" if at < 0.04 else "end" if at > 0.94 else "middle"
        grid.append(element("text", text, x=percent(at), y=f"{bottom + 14:g}", class_="tick", text_anchor=anchor))
    grid.append(element("text", moments.unit, x="100%", y=f"{bottom + 29:g}", class_="tick", text_anchor="end"))
    inside = [_band(band, moments, up) for band in bands] + [_line(line, moments, up) for line in lines]
    plot = element(
        "svg", *inside, x="0", y=f"{begin:g}", width="100%", height=f"{bottom - begin:g}",
        attributes={"viewBox": f"0 0 {UNITS} {UNITS}", "preserveAspectRatio": "none"},
    )  # fmt: skip
    tags = [
        tag
        for number, line in enumerate(lines)
        if line.tag
        for tag in _tag(line, number, lines, moments, up, (begin, bottom))
    ]
    strips = [_strip(moments, number, begin, bottom, tip(number)) for number in range(len(moments.places))]
    return chart(gist, f"{unit}; {moments.unit}", height + AXIS_HEIGHT, *grid, plot, *tags, *strips)


def _points(line: Line, moments: Moments, up: Scale) -> list[str]:
    across = moments.scale
    found, last = [], None
    for place, value in zip(moments.places, line.values, strict=False):
        x, y = across.at(place) * UNITS, (1 - up.at(value)) * UNITS
        if line.steps and last is not None:
            found.append(f"{x:.1f},{last:.1f}")
        found.append(f"{x:.1f},{y:.1f}")
        last = y
    return found


def _line(line: Line, moments: Moments, up: Scale) -> Markup:
    return element(
        "polyline", points=" ".join(_points(line, moments, up)), stroke=line.colour,
        stroke_dasharray=line.dashes or None, class_="line faint-line" if line.faint else "line",
        attributes={"vector-effect": "non-scaling-stroke", **attributes(line.path, list(line.values))},
    )  # fmt: skip


def _band(band: Band, moments: Moments, up: Scale) -> Markup:
    points = [*_points(band.low, moments, up), *reversed(_points(band.high, moments, up))]
    return element("polygon", points=" ".join(points), fill=band.low.colour, fill_opacity=f"{band.opacity:g}")


def _tag(
    line: Line, number: int, lines: Sequence[Line], moments: Moments, up: Scale, room: tuple[float, float]
) -> list[Markup]:
    """The line's letter where it has risen to a height of its own, so that letters do not lie upon one another."""
    if not line.values or max(line.values) <= 0:
        return []
    goal = max(line.values) * (0.9 - 0.75 * number / max(1, len(lines)))
    place = next(index for index, value in enumerate(line.values) if value >= goal)
    begin, bottom = room
    x = percent(moments.scale.at(moments.places[place]))
    y = bottom - up.at(line.values[place]) * (bottom - begin)
    return [
        element("circle", cx=x, cy=f"{y:.1f}", r="9", fill=line.colour, stroke="#FFFFFF"),
        element(
            "text", line.tag, x=x, y=f"{y + 4:.1f}", class_="letter", text_anchor="middle", color=ink_on(line.colour)
        ),
    ]


def _strip(moments: Moments, number: int, begin: float, bottom: float, tip: str) -> Markup:
    """What the pointer finds at a moment: a strip from the middle to the one before to the middle to the next."""
    across, places = moments.scale, moments.places
    before = places[number - 1] if number else places[0]
    after = places[number + 1] if number + 1 < len(places) else places[-1]
    a, b = across.at((places[number] + before) / 2), across.at((places[number] + after) / 2)
    x = percent(across.at(places[number]))
    return mark(
        tip,
        element(
            "rect", x=percent(a), y=f"{begin:g}", width=percent(b - a), height=f"{bottom - begin:g}", class_="strip"
        ),
        element("line", x1=x, x2=x, y1=f"{begin:g}", y2=f"{bottom:g}", class_="cursor"),
    )
