"""What each party gains or loses: interest, fees, claims, what the sale of IP brings, subsidies, own costs."""

from __future__ import annotations

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from simulator.analysis.comparison import Comparison
from simulator.analysis.intervals import Estimate, estimate
from simulator.analysis.party_results import GROUPS
from simulator.charts.labels import money_interval, money_text, signed, wrapped
from simulator.charts.losses import name_of_party
from simulator.charts.page import HEIGHT, SMALL, WIDTH, Page, chart, panel_grid, patch_of, quiet
from simulator.charts.palette import CASH_STYLES, FAINT, INK
from simulator.charts.series import Series, notes_of, series_of, setting_of
from simulator.charts.step_rows import ABSENT
from simulator.scenario.agreement import FIRM
from simulator.texts import phrase, say, told
from simulator.texts.money import fen_of_column
from simulator.workflow.ledger import OUTSIDE

TITLE = phrase("What each party gains or loses")
LABELS = 1.5
"""Inches of the parties' names."""
ROW, NARROW, MANY = 0.46, 0.36, 8
"""Inches of a row, and of one where there are more than so many."""
BEYOND = 0.5
"""How far whiskers are shown beyond all bars, as a share of what these reach."""
BAR, NET = 0.42, 0.36
"""Height of a bar, and how far below its middle the mark of the net result stands."""
STILL_OWED = "principal still owed"
NAMES = {FIRM: phrase("the firms"), OUTSIDE: phrase("all others")}


@chart
def draw(comparison: Comparison) -> Figure | None:
    """Mean cash a replication by what it was for, one panel a product; None when no money changed hands."""
    series = series_of(comparison)
    actors = _actors(series)
    if not actors:
        return None
    parts = [{actor: parts_of(one, actor) for actor in actors} for one in series]
    nets = [{actor: _net(one, actor) for actor in actors} for one in series]
    rows, columns = panel_grid(len(series))
    row_height = ROW if len(actors) <= MANY else NARROW
    page = Page(say(TITLE), setting_of(comparison, series), max(HEIGHT, 1.9 + rows * (0.8 + row_height * len(actors))))
    used = [what for what in CASH_STYLES if any(each.get(what) for of in parts for each in of.values())]
    intervals = columns <= 2 and comparison.replications > 1
    lowest, highest, is_cut = _limits(parts, nets)
    whisker = say("Whisker: 95 % interval of the net result.")
    if comparison.replications == 1:
        whisker = say("One replication has no interval.")
    elif intervals:
        whisker = say("Whisker and [ ]: 95 % interval of the net result.")
    page.note(
        told(
            say("Received less paid, mean a replication; parties, firms and all others together come to zero."),
            say("Still owed: at the end of follow-up, not lost so far, counted as paid out.")
            if STILL_OWED in used
            else "",
            whisker,
            say("Some whiskers go on beyond the edge.") if is_cut else "",
            say("{mark}: not in this design.", mark=ABSENT)
            if any(set(actors) - _known(one) for one in series)
            else "",
        ),
        *notes_of(comparison, series),
    )
    mark = Line2D([], [], color=INK, marker="D", markerfacecolor="white", linestyle="", label=say("net result"))
    page.legend([*(patch_of(*CASH_STYLES[what], say(what)) for what in used), mark])
    panels = page.panels(rows, columns, sharex=True, sharey=True).flat
    width = (WIDTH - LABELS) / columns - 0.2
    for axes, one, of, net in zip(panels, series, parts, nets, strict=False):
        for row, actor in enumerate(actors):
            if actor in _known(one):
                _draw(axes, row, of[actor], net[actor], _owed(one, actor), intervals, highest)
            else:
                axes.text(0, row, f" {ABSENT}", va="center", size=SMALL, color=FAINT)
        if len(series) > 1:
            page.heading(axes, one.label, width, color=one.colour)
        axes.axvline(0, color=FAINT, linewidth=0.9, zorder=1)
        beside = 1.5 if intervals else 0.62
        room = (highest - lowest) / (1 - beside / width)
        axes.set(xlim=(lowest - 0.02 * room, lowest + room), ylim=(len(actors) - 0.4, -0.6))
        axes.set_xlabel(say("m CNY"), size=SMALL + 0.5)
        names = [say(NAMES[actor]) if actor in NAMES else name_of_party(series, actor) for actor in actors]
        axes.set_yticks(range(len(actors)), [wrapped(name, 20, 2) for name in names])
        axes.xaxis.get_major_locator().set_params(nbins=4 if columns > 2 else 7)
        quiet(axes, "x")
        axes.tick_params(labelbottom=True)
    for axes in panels:
        axes.set_axis_off()
    return page.figure


def parts_of(one: Series, actor: str) -> dict[str, float]:
    """What somebody received less what it paid, in m CNY by what it was for, mean over replications.

    The principal that is still owed is told apart from what was lost.
    """
    count = len(one.measures)
    found: dict[str, float] = dict.fromkeys(CASH_STYLES, 0.0)
    for each in one.measures:
        cash = each.results.cash.get(actor, {})
        for group, whats in GROUPS.items():
            found[group if group in found else "defaulted principal"] += sum(cash.get(what, 0) for what in whats)
        owed = sum(each.results.outstanding.values()) if actor == FIRM else -each.results.outstanding.get(actor, 0)
        found[STILL_OWED] += owed
        found["defaulted principal"] -= owed
    return {what: fen / fen_of_column() / count for what, fen in found.items() if fen}


def _known(one: Series) -> set[str]:
    return {actor for each in one.measures for actor in each.results.cash}


def _actors(series: list[Series]) -> list[str]:
    """Everybody who received or paid something in any world; the firms and all others come last."""
    cash = [each.results.cash for one in series for each in one.measures]
    moved = dict.fromkeys(actor for each in cash for actor, by in each.items() if any(by.values()))
    last = [actor for actor in (FIRM, OUTSIDE) if actor in moved]
    return [*(actor for actor in moved if actor not in last), *last]


def _net(one: Series, actor: str) -> Estimate:
    return estimate([each.results.total(actor) / fen_of_column() for each in one.measures])


def _owed(one: Series, actor: str) -> float:
    """Principal that is owed to somebody at the end, in fen."""
    return sum(each.results.outstanding.get(actor, 0) for each in one.measures) / len(one.measures)


def _limits(parts: list[dict[str, dict[str, float]]], nets: list[dict[str, Estimate]]) -> tuple[float, float, bool]:
    """The lowest and the highest amount shown, and whether a whisker goes beyond: wide ones must not dwarf the bars."""
    every = [each for of in parts for each in of.values()]
    low = min([0.0, *(sum(part for part in each.values() if part < 0) for each in every)])
    high = max([0.0, *(sum(part for part in each.values() if part > 0) for each in every)])
    ends = [end for of in nets for each in of.values() for end in (each.low, each.high) if end is not None]
    lowest, highest = min([low, *ends]), max([high, *ends])
    least, most = low - BEYOND * (high - low), high + BEYOND * (high - low)
    return max(lowest, least), min(highest, most), lowest < least or most < highest


def _draw(
    axes: Axes, row: int, parts: dict[str, float], net: Estimate, owed: float, intervals: bool, highest: float
) -> None:
    """One row: what was gained to the right of zero, what was lost to its left, and the net result below."""
    right, left = 0.0, 0.0
    for what, part in parts.items():
        colour, hatch = CASH_STYLES[what]
        axes.barh(
            row, part, left=right if part > 0 else left, height=BAR, color=colour, hatch=hatch, edgecolor="white",
            linewidth=0.6,
        )  # fmt: skip
        right, left = (right + part, left) if part > 0 else (right, left + part)
    value = net.value or 0.0
    said = signed(value * fen_of_column())
    if net.low is not None and net.high is not None:
        axes.plot([net.low, net.high], [row + NET] * 2, color=INK, linewidth=1.3, marker="|", markersize=6)
        right = max(right, min(net.high, highest))
        if intervals and net.high > net.low:
            said += f" {money_interval(value * fen_of_column(), net.low * fen_of_column(), net.high * fen_of_column())}"
    axes.plot([value], [row + NET], "D", color=INK, markerfacecolor="white", markersize=4.5)
    if owed:
        said += "\n" + say("{amount} owed", amount=money_text(owed))
    axes.annotate(
        said, (max(right, value), row), (6, 0), textcoords="offset points", va="center", size=SMALL, weight="bold",
        linespacing=1.15,
    )  # fmt: skip
