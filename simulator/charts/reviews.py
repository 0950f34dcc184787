"""Days saved against losses added: what a leaner process gains and what it lets through."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from simulator.analysis.comparison import Comparison, same_applicants
from simulator.analysis.figures import default_rates, loss_rates
from simulator.analysis.intervals import Estimate, estimate
from simulator.analysis.measure import ProductMeasures
from simulator.charts.labels import cut
from simulator.charts.page import FEW, HEIGHT, SMALL, Page, chart, quiet
from simulator.charts.palette import FAINT, INK
from simulator.charts.series import Series, notes_of, series_of, setting_of
from simulator.texts import phrase, say, told

TITLE = phrase("Days saved against losses added")
ROOM, LEAST_SIDE = 0.12, 0.32
"""Room beyond the farthest whisker, and the least part of the panel on each side of zero: the corners say something."""
CORNERS = {
    (1, 1): phrase("faster, but more is lost"),
    (1, -1): phrase("faster, and no more is lost"),
    (-1, 1): phrase("slower, and more is lost"),
    (-1, -1): phrase("slower, but no more is lost"),
}


BY_CHANCE = {
    (True, True): phrase("Days and loss may differ by chance alone."),
    (True, False): phrase("Days may differ by chance alone."),
    (False, True): phrase("Loss may differ by chance alone."),
}
"""What luck alone may explain: the difference in days, in the loss, or in both."""


@dataclass(frozen=True)
class _Point:
    """One world set against another: days saved a firm, loss added per 100 lent, defaults added per 100 loans."""

    one: Series
    base: Series
    days: Estimate
    loss: Estimate
    defaults: Estimate


@chart
def draw(comparison: Comparison) -> Figure | None:
    """One point a world, against the world it is compared with.

    None where no two worlds have the same firms, or where the same firms have their money on the same days.
    """
    series = series_of(comparison)
    family = len(_pairs(comparison, series))
    points = [point for one in series if (point := _point(comparison, series, one, family)) is not None]
    if all(_is_same(point.days) for point in points):
        return None
    bases = list({id(point.base): point.base for point in points}.values())
    texts = {id(point.one): _said(point, alone=len(bases) == 1, short=len(points) > FEW) for point in points}
    texts |= {id(base): say("the one compared with") for base in bases if id(base) not in texts}
    listed = [one for one in series if id(one) in texts]
    height = sum(0.36 + 0.155 * (1 + text.count("\n")) for text in texts.values())
    page = Page(say(TITLE), setting_of(comparison, series), max(HEIGHT, 1.7 + height))
    page.note(
        told(
            say(
                "Days: mean over the firms drawn in both worlds, firm by firm. Loss: of the money drawn in all "
                "replications, net of recoveries received by the end of follow-up."
            ),
            say("One replication has no interval.")
            if comparison.replications == 1
            else say("Whiskers and [ ]: 95 % intervals.")
            if family == 1
            else say("Whiskers and [ ]: 95 % intervals, which hold together for all worlds (Bonferroni)."),
        ),
        _left_out([one for one in series if id(one) not in texts]),
        *notes_of(comparison, series),
    )
    page.side_list(listed, [texts[id(one)] for one in listed], width=3.1, marks=True)
    (axes,) = page.panels(1, 1)[0]
    for point in points:
        _draw(axes, point)
    if len(bases) == 1:
        axes.plot([0], [0], bases[0].marker, **_mark(bases[0]))
    axes.set(xlim=_limits([point.days for point in points]), ylim=_limits([point.loss for point in points]))
    axes.axhline(0, color=FAINT, linewidth=0.9, zorder=1)
    axes.axvline(0, color=FAINT, linewidth=0.9, zorder=1)
    for (right, above), text in CORNERS.items():
        axes.annotate(
            say(text), ((1 + right) / 2, (1 + above) / 2), (-4 * right, -4 * above), xycoords="axes fraction",
            textcoords="offset points", ha="right" if right > 0 else "left", va="top" if above > 0 else "bottom",
            size=SMALL, style="italic", color=FAINT, bbox={"facecolor": "white", "edgecolor": "none", "pad": 0.8},
        )  # fmt: skip
    axes.set_xlabel(
        say("days saved a firm (days fewer than {world})", world=cut(bases[0].label, 30))
        if len(bases) == 1
        else say("days saved a firm (days)")
    )
    axes.set_ylabel(say("loss added (CNY per 100 CNY lent)"))
    quiet(axes, "both")
    return page.figure


def _base_of(comparison: Comparison, series: Sequence[Series], one: Series) -> Series | None:
    """The product it is compared with: the only one of the other world, or the one of its own name there."""
    label = one.world.against or comparison.worlds[0].label
    others = [each for each in series if each.world.label == label]
    if len(others) > 1 or len(one.world.product_names) > 1:
        name = one.world.product_names[one.number]
        others = [each for each in others if each.world.product_names[each.number] == name]
    return others[0] if others else None


def _pairs(comparison: Comparison, series: Sequence[Series]) -> list[tuple[Series, Series]]:
    """The products of other worlds, each with that it is compared with."""
    bases = [(_base_of(comparison, series, one), one) for one in series]
    return [(base, one) for base, one in bases if base is not None and base.world is not one.world]


def _point(comparison: Comparison, series: Sequence[Series], one: Series, family: int) -> _Point | None:
    """Where a world stands; its intervals are those that hold together with those of the others, as in the tables."""
    base = _base_of(comparison, series, one)
    if base is None or base.world is one.world or not same_applicants(base.world, one.world):
        return None
    pairs = list(zip(base.measures, one.measures, strict=False))
    days = _joint([_days_saved(first, second) for first, second in pairs], family)
    both = list(zip(*pairs, strict=True))
    loss, defaults = (
        _joint(100 * (rates(both[1]) - rates(both[0])), family) for rates in (loss_rates, default_rates)
    )
    if days.value is None or loss.value is None:
        return None
    return _Point(one, base, days, loss, defaults)


def _joint(values: Sequence[float] | np.ndarray, family: int) -> Estimate:
    found = estimate(values, family)
    low, high = found.together or (found.low, found.high)
    return replace(found, low=low, high=high)


def _days_saved(base: ProductMeasures, other: ProductMeasures) -> float:
    """Mean days that a firm has its money earlier, over the firms drawn in both."""
    _, mine, its = np.intersect1d(base.applicants, other.applicants, assume_unique=True, return_indices=True)
    saved = base.turnaround[mine] - other.turnaround[its] if len(mine) else np.empty(0)
    saved = saved[np.isfinite(base.turnaround[mine]) & np.isfinite(other.turnaround[its])]
    return float(saved.mean()) if len(saved) else float("nan")


def _draw(axes: Axes, point: _Point) -> None:
    x, y, colour = point.days, point.loss, point.one.colour
    assert x.value is not None and y.value is not None
    if x.low is not None and x.high is not None:
        axes.plot([x.low, x.high], [y.value] * 2, color=colour, linewidth=1.5, marker="|", markersize=6)
    if y.low is not None and y.high is not None:
        axes.plot([x.value] * 2, [y.low, y.high], color=colour, linewidth=1.5, marker="_", markersize=6)
    axes.plot([x.value], [y.value], point.one.marker, **_mark(point.one))


def _mark(one: Series) -> dict[str, Any]:
    return {"color": one.colour, "markeredgecolor": INK, "markeredgewidth": 0.8, "markersize": 9, "zorder": 5}


def _limits(estimates: Sequence[Estimate]) -> tuple[float, float]:
    """An axis that holds all whiskers and leaves room on both sides of zero."""
    marks = [mark for each in estimates for mark in (each.value, each.low, each.high) if mark is not None]
    low, high = min(0.0, *marks), max(0.0, *marks)
    if low == high:
        return -1.0, 1.0
    low, high = low - ROOM * (high - low), high + ROOM * (high - low)
    side = LEAST_SIDE / (1 - LEAST_SIDE)
    return min(low, -high * side), max(high, -low * side)


def _said(point: _Point, *, alone: bool, short: bool) -> str:
    """What is said of one world, beside the panel."""
    lines = [] if alone else [say("against {world}", world=cut(point.base.label, 30))]
    days = point.days.value or 0.0
    slower = days < 0
    if _is_same(point.days):
        lines.append(say("on the same days"))
    else:
        count = f"{abs(days):.1f}"
        said = say("{days} days slower", days=count) if slower else say("{days} days faster", days=count)
        lines.append(said + _interval(point.days, 1, turned=slower))
    if _is_same(point.loss):
        lines.append(say("the same is lost"))
    else:
        loss = say("loss change {added} per 100 lent", added=f"{point.loss.value:+.2f}")
        lines.append(loss + _interval(point.loss, 2))
        if not short and point.defaults.value is not None:
            defaults = say("defaults change {added} per 100", added=f"{point.defaults.value:+.2f}")
            lines.append(defaults + _interval(point.defaults, 2))
    unsure = (_may_be_chance(point.days), _may_be_chance(point.loss))
    if any(unsure):
        lines.append(say(BY_CHANCE[unsure]))
    return "\n".join(lines)


def _may_be_chance(found: Estimate) -> bool:
    """Whether two worlds differ by less than luck may explain."""
    return not _is_same(found) and found.low is not None and found.high is not None and found.low <= 0 <= found.high


def _is_same(found: Estimate) -> bool:
    """Whether two worlds are the same in every replication."""
    return found.value == 0 and found.low == found.high


def _interval(found: Estimate, digits: int, *, turned: bool = False) -> str:
    """An interval in brackets; turned, of the opposite."""
    if found.low is None or found.high is None:
        return ""
    low, high = (-found.high, -found.low) if turned else (found.low, found.high)
    return f" [{round(low, digits) + 0.0:.{digits}f}, {round(high, digits) + 0.0:.{digits}f}]"


def _left_out(rest: Sequence[Series]) -> str:
    """Worlds that are not shown, because they have other firms or nobody who was drawn in both."""
    if not rest:
        return ""
    names = say(", ").join(cut(one.label, 40) for one in rest)
    return say("Left out, as no firm was drawn both there and in the world compared with: {names}.", names=names)
