"""How figures change as values are swept."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from simulator.analysis.rounds import WorldResult
from simulator.analysis.sweep import Point, title_of, unit_of
from simulator.charts.fonts import message_for, readable
from simulator.charts.gallery import save
from simulator.charts.labels import cut, shown
from simulator.charts.page import HEIGHT, Page, chart, quiet
from simulator.charts.palette import MOST_SERIES, WORLD_COLOURS, WORLD_LINES, WORLD_MARKERS
from simulator.scenario.agreement import FIRM
from simulator.scenario.model import Product, Scenario
from simulator.scenario.spoken_names import clock_said, party_said
from simulator.scenario.spoken_quantities import written_said
from simulator.texts import language, phrase, say, say_count, told
from simulator.texts.money import cny_of_column
from simulator.workflow.ledger import OUTSIDE

TITLE = phrase("What the swept values change")
MOST_PANELS = 4
LONGEST_NAME = 24
"""Columns of a name within what a measure is called."""
CNY_OF = {"CNY": 1.0, "k CNY": 1e3, "m CNY": 1e6, "bn CNY": 1e9}
"""CNY of each unit in which an amount that is swept may be written."""
_NUMBER = re.compile(r"([-+]?[\d.]+(?:e[-+]?\d+)?)\s*(.*)")


def save_chart(
    worlds: Sequence[WorldResult],
    points: Sequence[Point],
    names: Sequence[str],
    folder: Path,
    warn: Callable[[str], None] = lambda line: None,
) -> list[Path]:
    """Write the chart of a sweep of worlds as sweep.png and sweep.svg where there is one; the files.

    `warn` is told, in one line, what a Chinese font is missed for.
    """
    loaded = worlds[0].loaded
    product = loaded.scenario.products[points[0].product]
    message = message_for([loaded.id, *loaded.scenario.parties, *product.clocks, *names])
    if message:
        warn(message)
    with readable():
        parts = [
            shown(loaded.id),
            say_count("{n} world", "{n} worlds", len(worlds)),
            say_count("{n} replication each", "{n} replications each", points[0].replications),
        ]
        figure = draw(points, names, " · ".join(parts), _called(loaded.scenario, product))
        if figure is None:
            return []
        folder.mkdir(parents=True, exist_ok=True)
        return save(figure, folder / "sweep")


def _called(scenario: Scenario, product: Product) -> dict[str, str]:
    """What is shown for parties and clocks, by their keys."""
    called = {key: shown(party_said(scenario, key), party.name) for key, party in scenario.parties.items()}
    called |= {key: shown(clock_said(product, key), clock.name) for key, clock in product.clocks.items()}
    called = {key: cut(name, LONGEST_NAME) for key, name in called.items()}
    return called | {FIRM: say("the firms"), OUTSIDE: say("all others")}


@chart
def draw(
    points: Sequence[Point], names: Sequence[str], subtitle: str, called: Mapping[str, str] = {}
) -> Figure | None:
    """Each measure over the swept values of the first product, with its 95 % interval; None without a figure.

    `called` has the names that are shown for parties and clocks in place of their keys.
    One value is a line, of two the second has a line for each of its values; of more, or of a sample, every world is a
    dot, and the first measure stands over each of the values.
    """
    mine = [each for each in points if each.product == points[0].product]
    measures = [name for name in mine[0].measures if any(each.measures[name].value is not None for each in mine)]
    if not measures:
        return None
    page = Page(say(TITLE), subtitle, HEIGHT)
    others = len({each.product for each in points}) - 1
    page.note(
        told(
            say("Whiskers: 95 % intervals, which hold together for all worlds (Bonferroni)."),
            say_count("{n} more product is in the table.", "{n} more products are in the table.", others)
            if others
            else "",
        )
    )
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
        unit, title = say(unit_of(measure).name), title_of(measure, called)
        axes.set_ylabel(_with_unit(cut(shown(title), 34 if unit else 40), unit))
        axes.set_xlabel(_with_unit(cut(shown(names[dimension]), 34), _unit_text(mine, dimension)))
        quiet(axes, "both")
    return page.figure


def _grid_size(points: Sequence[Point]) -> int:
    return int(np.prod([len(_levels(points, dimension)) for dimension in range(len(points[0].values))]))


def _levels(points: Sequence[Point], dimension: int) -> list[str]:
    return list(dict.fromkeys(each.values[dimension] for each in points))


def _places(levels: Sequence[str]) -> tuple[list[float], bool]:
    """Where values stand on an axis: at their numbers where all are numbers of one unit, or else side by side."""
    found = [_number_of(level) for level in levels]
    known = [each for each in found if each is not None]
    if len(known) == len(levels) and len({unit for _, unit in known}) == 1:
        return [value for value, _ in known], True
    return [float(place) for place in range(len(levels))], False


def _unit_text(points: Sequence[Point], dimension: int) -> str:
    levels = _levels(points, dimension)
    found = _number_of(levels[0])
    return say(found[1]) if found and _places(levels)[1] else ""


def _number_of(level: str) -> tuple[float, str] | None:
    """The number and the unit of a value that is swept; amounts in Chinese are in the unit of all columns there."""
    match = _NUMBER.fullmatch(level)
    if match is None:
        return None
    if match[2] in CNY_OF and language() == "zh":
        return float(match[1]) * CNY_OF[match[2]] / cny_of_column(), "m CNY"
    return float(match[1]), match[2]


def _level_said(level: str) -> str:
    """A value that is swept, with its unit in the language spoken."""
    match = _NUMBER.fullmatch(level)
    if match is not None and match[2] in CNY_OF:
        return shown(written_said(level))
    return shown(level if match is None else say(level.replace(match[1], "{number}", 1), number=match[1]))


def _with_unit(name: str, unit: str) -> str:
    return say("{name} ({unit})", name=name, unit=unit) if unit else name


def _along(axes: Axes, levels: Sequence[str]) -> dict[str, float]:
    """Where each value stands on an axis, which is marked so."""
    places, numeric = _places(levels)
    if not numeric:
        axes.set_xticks(places, [cut(_level_said(level), 14) for level in levels])
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
               label=f"{shown(name)} {_level_said(level)}")
        for number, level in enumerate(levels[:MOST_SERIES])
    ]  # fmt: skip
