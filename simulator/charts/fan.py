"""Balances over time as fans: how they spread over replications or paths, one panel a fund."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from math import prod
from typing import Literal

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from numpy.typing import NDArray

from simulator.charts.dates import date_axis
from simulator.charts.labels import shown
from simulator.charts.page import HEIGHT, MARGIN, SMALL, WIDTH, Page, chart, quiet
from simulator.charts.palette import FAINT, INK, WORLD_COLOURS, Line
from simulator.texts import phrase, say
from simulator.texts.money import fen_of_column

Floats = NDArray[np.float64]
QUANTILES = (0.05, 0.25, 0.5, 0.75, 0.95)
BANDS = ((0.05, 0.95, 0.18), (0.25, 0.75, 0.34))
"""Lower and upper quantile of each band, and how opaque it is."""
MOST_PANELS = 8
APART = 8
"""Panels whose highest balances differ by a larger factor have scales of their own."""
PANEL = 2.5
"""Least inches of a panel with its name."""
LINE = 11
"""Points of a line of what is said above it."""
Over = Literal["replications", "paths"]
"""What fans are over."""
MIDDLE = {
    "replications": phrase("middle {share} of replications"),
    "paths": phrase("middle {share} of paths"),
}
SINGLE = {"replications": phrase("replication {number}"), "paths": phrase("path {number}")}
ONE_EACH = {
    "replications": phrase("one replication, as said above it"),
    "paths": phrase("one path, as said above it"),
}
OTHERS = {"replications": phrase("other replications"), "paths": phrase("other paths")}
"""What the legend says, by what the fans are over."""


@dataclass(frozen=True)
class Fan:
    """The balance of one fund over time, to be drawn as a panel; amounts in fen.

    said      phrases that tell of it, above the panel
    days      places on the date axis, days since 1970, rising, (moments,); each amount holds until the next
    quantiles of the balance over replications or paths, by each of QUANTILES, (moments,); empty for no bands
    lines     single courses, each days and amounts: the first is drawn in ink, all others faintly
    number    which replication or path the first one is
    top_ups   days on which money is paid in
    """

    label: str
    said: Sequence[str]
    days: Floats
    quantiles: Mapping[float, Floats]
    lines: Sequence[tuple[Floats, Floats]] = ()
    top_ups: Sequence[float] = ()
    colour: str = WORLD_COLOURS[0]
    line: Line = field(default="-")
    number: int = 1

    @property
    def bands(self) -> list[tuple[float, float, float]]:
        """Those of BANDS whose quantiles are told."""
        return [each for each in BANDS if each[0] in self.quantiles and each[1] in self.quantiles]

    @property
    def highest(self) -> float:
        """The highest amount drawn, in fen."""
        return max(float(each.max(initial=0.0)) for each in (*self.quantiles.values(), *(y for _, y in self.lines)))


@chart
def draw_fans(
    title: str, subtitle: str, fans: Sequence[Fan], notes: Sequence[str] = (), of: Over = "replications"
) -> Figure | None:
    """One panel a fund, up to MOST_PANELS; `of` says what the fans and single lines are over. None without a fund."""
    chosen = fans[:MOST_PANELS]
    if not chosen:
        return None
    rows, columns = _grid(len(chosen))
    told = [fan.said if columns > 1 else [" · ".join(fan.said)] for fan in chosen]
    most = max(map(len, told))
    page = Page(title, subtitle, max(HEIGHT, 1.6 + rows * (PANEL + LINE / 72 * most)))
    page.note(*notes)
    page.legend(_legend(chosen, of))
    tops = [fan.highest for fan in chosen if fan.highest]
    alike = not tops or max(tops) <= APART * min(tops)
    panels = page.panels(rows, columns, sharex=True, sharey=alike)
    first, last = min(float(fan.days[0]) for fan in chosen), max(float(fan.days[-1]) for fan in chosen)
    width = (WIDTH - 2 * MARGIN - 0.5) / columns - (0.15 if alike else 0.5)
    for axes, fan, lines in zip(panels.flat, chosen, told, strict=False):
        _draw(axes, fan)
        top = (max(tops, default=0.0) if alike else fan.highest) / fen_of_column() or 1.0
        axes.set(xlim=(first, max(last, first + 1)), ylim=(-0.02 * top, 1.05 * top))
        for number, line in enumerate(lines, start=1):
            above = (0, 5 + LINE * (most - number))
            said = axes.annotate("", (0, 1), above, xycoords="axes fraction", textcoords="offset points", size=SMALL)
            page.fit(said, shown(line), width, 1)
        page.heading(axes, shown(fan.label), width, color=fan.colour, pad=8 + LINE * most)
        quiet(axes, "y")
        axes.tick_params(labelbottom=True, labelleft=True)
    for axes in panels[:, 0]:
        axes.set_ylabel(say("balance (m CNY)"))
    for axes in panels.flat[: len(chosen)]:
        date_axis(axes, most={1: 8, 2: 6}.get(columns, 4))
    for axes in panels.flat[len(chosen) :]:
        axes.set_axis_off()
    return page.figure


def _grid(count: int) -> tuple[int, int]:
    return (1, count) if count <= 3 else (2, (count + 1) // 2)


def _draw(axes: Axes, fan: Fan) -> None:
    quantiles = {share: amounts / fen_of_column() for share, amounts in fan.quantiles.items()}
    if quantiles:
        for low, high, strength in fan.bands:
            axes.fill_between(
                fan.days, quantiles[low], quantiles[high], step="post", color=fan.colour, alpha=strength, linewidth=0
            )
        axes.step(fan.days, quantiles[0.5], where="post", color=fan.colour, linestyle=fan.line, linewidth=2.2)
    for number, (days, amounts) in enumerate(fan.lines):
        colour, strength = (fan.colour, 0.5) if number else (INK, 1.0)
        axes.step(
            days, amounts / fen_of_column(), where="post", color=colour, linewidth=1.0, alpha=strength,
            zorder=3 - number,
        )  # fmt: skip
    for day in fan.top_ups:
        axes.axvline(day, color=FAINT, linewidth=1.1, linestyle=":", zorder=1)


def _legend(fans: Sequence[Fan], of: Over) -> list[Artist]:
    colour = fans[0].colour if len(fans) == 1 else FAINT
    found: list[Artist] = []
    if any(fan.quantiles for fan in fans):
        bands = max((fan.bands for fan in fans), key=len)
        names = [say(MIDDLE[of], share=f"{high - low:.0%}") for low, high, _ in bands]
        # An inner band is seen through the outer one.
        strengths = [1 - prod(1 - strength for _, _, strength in bands[: place + 1]) for place in range(len(bands))]
        found += [
            Patch(facecolor=colour, alpha=strength, linewidth=0, label=name)
            for name, strength in zip(names, strengths, strict=True)
        ]
        found.append(Line2D([], [], color=colour, linewidth=2.2, label=say("median")))
    if any(fan.lines for fan in fans):
        numbers = {fan.number for fan in fans if fan.lines}
        label = say(SINGLE[of], number=f"{min(numbers):,}") if len(numbers) == 1 else say(ONE_EACH[of])
        found.append(Line2D([], [], color=INK, linewidth=1.0, label=label))
    if any(len(fan.lines) > 1 for fan in fans):
        found.append(Line2D([], [], color=colour, linewidth=1.0, alpha=0.5, label=say(OTHERS[of])))
    if any(fan.top_ups for fan in fans):
        found.append(Line2D([], [], color=FAINT, linewidth=1.1, linestyle=":", label=say("top-up")))
    return found
