"""How far quotas are used over time."""

from __future__ import annotations

from collections.abc import Sequence

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from simulator.analysis.comparison import Comparison
from simulator.charts.dates import date_axis, day_number
from simulator.charts.labels import cut, money_text, shown
from simulator.charts.page import HEIGHT, Page, chart, quiet
from simulator.charts.palette import FAINT, INK
from simulator.charts.series import Series, notes_of, series_of, setting_of, worlds_in
from simulator.scenario.spoken_names import quota_said
from simulator.texts import phrase, say
from simulator.texts.money import fen_of_column

TITLE = phrase("How far quotas are used")
ROW = 1.9
MOST_QUOTAS = 8
"""A page of more panels is no longer read; the others are named below."""
LONGEST_NAME = 20


@chart
def draw(comparison: Comparison) -> Figure | None:
    """Credit approved in each quota in replication 1, with its limit; None without a quota."""
    series = series_of(comparison)
    having = [one for one in worlds_in(series) if _has_quota(one)]
    if not having:
        return None
    names = list(dict.fromkeys(name for one in having for name in one.scenario.quotas))
    drawn, rest = names[:MOST_QUOTAS], names[MOST_QUOTAS:]
    said = [_said(one, drawn) for one in having]
    beside = sum(0.5 + 0.17 * (1 + text.count("\n")) for text in said)
    height = max(HEIGHT, 2 + ROW * len(drawn), 2 + beside)
    page = Page(say(TITLE), setting_of(comparison, having, replications=False), height)
    page.note(
        say(
            "Credit approved and not yet given back, in replication 1. Dotted: limit. Vertical line: no file moves on "
            "after it. Beside: highest use, mean of the replications."
        ),
        say("More quotas: {names}.", names=say(", ").join(cut(_called(having, name), LONGEST_NAME) for name in rest))
        if rest
        else "",
        *notes_of(comparison, series, _has_quota),
    )
    page.side_list(having, said)
    panels = page.panels(len(drawn), 1, sharex=True)[:, 0]
    last = max(_last_change(one) for one in having)
    for axes, name in zip(panels, drawn, strict=True):
        mine = [one for one in having if name in one.scenario.quotas]
        limits = [one.scenario.quotas[name].limit / fen_of_column() for one in mine]
        for one, limit in zip(mine, limits, strict=True):
            _line(axes, one, name, last)
            own = limits.count(limit) == 1 and len(limits) > 1
            axes.axhline(limit, color=one.colour if own else INK, linewidth=1.2, linestyle=":")
        axes.set_ylim(0, max(limits) * 1.08)
        axes.set_ylabel(say("m CNY"))
        page.heading(axes, _called(mine, name), 5.5)
        quiet(axes, "y")
    moments = {day_number(one.run.start, one.happened.last_case_moment) for one in having}
    if len(moments) == 1:
        for axes in panels:
            axes.axvline(*moments, color=FAINT, linewidth=0.9, linestyle=(0, (6, 3)))
    date_axis(panels[-1])
    return page.figure


def _has_quota(one: Series) -> bool:
    return bool(one.scenario.quotas)


def _called(series: Sequence[Series], name: str) -> str:
    """What is drawn for a quota of the first world that has it."""
    scenario = next(one.scenario for one in series if name in one.scenario.quotas)
    return shown(quota_said(scenario, name), scenario.quotas[name].name)


def _last_change(one: Series) -> float:
    """The place on the axis of the last change of any quota, or of the last moment of a case if that is later."""
    last = max((moment for moment, *_ in one.happened.quota_use), default=0.0)
    return day_number(one.run.start, max(last, one.happened.last_case_moment))


def _line(axes: Axes, one: Series, name: str, last: float) -> None:
    changes = [(0.0, 0), *((moment, fen) for moment, quota, fen in one.happened.quota_use if quota == name)]
    days = [day_number(one.run.start, moment) for moment, _ in changes]
    used = [fen / fen_of_column() for _, fen in changes]
    axes.step([*days, last], [*used, used[-1]], where="post", color=one.colour, linestyle=one.line, linewidth=1.8)


def _said(one: Series, names: list[str]) -> str:
    """Mean of the highest use of each quota, beside its limit."""
    lines = []
    for name in names:
        if name in one.scenario.quotas:
            peaks = [each.quota_peaks[name] for each in one.world.replications]
            limit = one.scenario.quotas[name].limit
            quota, mean = cut(_called([one], name), LONGEST_NAME), money_text(sum(peaks) / len(peaks))
            lines.append(say("{quota}: {used} of {limit}", quota=quota, used=mean, limit=money_text(limit)))
    return "\n".join(lines)
