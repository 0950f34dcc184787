"""How figures change as values are swept."""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from simulator.analysis.sweep import Point, title_of, unit_of
from simulator.charts.labels import cut, shown
from simulator.charts.page import HEIGHT, Page, chart, quiet
from simulator.charts.palette import MOST_SERIES, WORLD_COLOURS, WORLD_LINES, WORLD_MARKERS

TITLE = "What the swept values change"
MOST_PANELS = 4
_NUMBER = re.compile(r"([-+]?[\d.]+(?:e[-+]?\d+)?)\s*(.*)")


@chart
def draw(points: Sequence[Point], names: Sequence[str], subtitle: str) -> Figure | None:
    """Each measure over the swept values of the first product, with its 95 % interval; None without a figure.

    One value is a line, of two the second has a line for each of its values; of more, or of a sample, every world is a
    dot, and the first measure stands over each of the values.
    """
    mine = [each for each in points if each.product == points[0].product]
    measures = [name for name in mine[0].measures if any(each.measures[name].value is not None for each in mine)]
    if not measures:
        return None
    page = Page(TITLE, subtitle, HEIGHT)
    others = len({each.product for each in points}) - 1
    more = f" {others} more products are in the table." * (others > 0)
    page.note("Whiskers: 95 % intervals, which hold together for all worlds (Bonferroni)." + more)
    as_lines = len(names) <= 2 and len({each.values for each in mine}) == _grid_size(mine)
    if as_lines and len(names) == 2:
        page.legend(_legend(names[1], _levels(mine, 1)))
    over = [0] * len(measures) if as_lines else list(range(len(names)))
    what = measures if as_lines else [measures[0]] * len(names)
    count = min(len(over), MOST_PANELS)
    for axes, dimension, measure in zip(page.panels(1, count)[0], over[:count], what[:count], strict=True):
        if as_lines:
            _lines(axes, mine, measure, two=len(names) == 2)
        else:
            _dots(axes, mine, measure, dimension)
        unit, title = unit_of(measure).name, title_of(measure)
        axes.set_ylabel(f"{cut(shown(title), 34)} ({unit})" if unit else cut(shown(title), 40))
        axes.set_xlabel(cut(shown(names[dimension]), 34) + _unit_text(mine, dimension))
        quiet(axes, "both")
    return page.figure


def _grid_size(points: Sequence[Point]) -> int:
    return int(np.prod([len(_levels(points, dimension)) for dimension in range(len(points[0].values))]))


def _levels(points: Sequence[Point], dimension: int) -> list[str]:
    return list(dict.fromkeys(each.values[dimension] for each in points))


def _places(levels: Sequence[str]) -> tuple[list[float], bool]:
    """Where values stand on an axis: at their numbers where all are numbers of one unit, or else side by side."""
    found = [_NUMBER.fullmatch(level) for level in levels]
    if all(found) and len({match[2] for match in found if match}) == 1:
        return [float(match[1]) for match in found if match], True
    return [float(place) for place in range(len(levels))], False


def _unit_text(points: Sequence[Point], dimension: int) -> str:
    levels = _levels(points, dimension)
    match = _NUMBER.fullmatch(levels[0])
    return f" ({match[2]})" if match and match[2] and _places(levels)[1] else ""


def _along(axes: Axes, levels: Sequence[str]) -> dict[str, float]:
    """Where each value stands on an axis, which is marked so."""
    places, numeric = _places(levels)
    if not numeric:
        axes.set_xticks(places, [cut(shown(level), 14) for level in levels])
    elif len(levels) <= 6:
        axes.set_xticks(places, [f"{place:g}" for place in places])
    return dict(zip(levels, places, strict=True))


def _lines(axes: Axes, points: Sequence[Point], measure: str, two: bool) -> None:
    place = _along(axes, _levels(points, 0))
    for number, second in enumerate(_levels(points, 1)[:MOST_SERIES] if two else [None]):
        of = [each for each in points if second is None or each.values[1] == second]
        _errorbar(axes, [place[each.values[0]] for each in of], of, measure, number)


def _dots(axes: Axes, points: Sequence[Point], measure: str, dimension: int) -> None:
    place = _along(axes, _levels(points, dimension))
    _errorbar(axes, [place[each.values[dimension]] for each in points], points, measure, 0, joined=False)


def _errorbar(
    axes: Axes, places: Sequence[float], points: Sequence[Point], measure: str, number: int, joined: bool = True
) -> None:
    scale = unit_of(measure).scale
    rows = [
        (place, *(found.value if end is None else end for end in (found.value, *(found.together or (None, None)))))
        for place, found in zip(places, (each.measures[measure] for each in points), strict=True)
        if found.value is not None
    ]
    if not rows:
        return
    at, *figures = (np.array(column) for column in zip(*sorted(rows), strict=True))
    value, low, high = (each / scale for each in figures)
    axes.errorbar(
        at, value, yerr=[value - low, high - value], color=WORLD_COLOURS[number], marker=WORLD_MARKERS[number],
        linestyle=WORLD_LINES[number] if joined else "none", markersize=5, linewidth=1.8, elinewidth=1.0, capsize=2.5,
    )  # fmt: skip


def _legend(name: str, levels: Sequence[str]) -> list[Line2D]:
    return [
        Line2D([], [], color=WORLD_COLOURS[number], marker=WORLD_MARKERS[number], linestyle=WORLD_LINES[number],
               label=f"{shown(name)} {shown(level)}")
        for number, level in enumerate(levels[:MOST_SERIES])
    ]  # fmt: skip
