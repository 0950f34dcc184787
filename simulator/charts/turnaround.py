"""How long applicants wait for the money: share of all eligible applicants drawn within a number of days.

The share is of all eligible applicants, refused and open ones included, so that a design that loses its slow cases does
not look fast.
"""

from __future__ import annotations

import numpy as np
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from numpy.typing import NDArray

from simulator.analysis.comparison import Comparison
from simulator.analysis.drawn_by_day import followed_days, last_day_told
from simulator.analysis.figures import share_within, spread, within_days
from simulator.analysis.intervals import estimate
from simulator.charts.labels import days_text, percent
from simulator.charts.page import FEW, HEIGHT, Page, chart, quiet
from simulator.charts.palette import FAINT, INK
from simulator.charts.series import Series, notes_of, series_of, setting_of
from simulator.texts import phrase, say

TITLE = phrase("How long applicants wait for the money")
MOST_POINTS = 600
MARKS = (("p50", "o", phrase("median")), ("p90", "D", phrase("P90")))


@chart
def draw(comparison: Comparison) -> Figure | None:
    """Cumulative share drawn, all replications pooled; None when nobody was eligible."""
    series = series_of(comparison)
    pooled = [np.concatenate([each.turnaround for each in one.measures]) for one in series]
    if not any(len(times) for times in pooled):
        return None
    page = Page(say(TITLE), setting_of(comparison, series), HEIGHT + 0.28 * max(0, len(series) - FEW))
    page.note(
        say(
            "Share of all eligible applicants, replications pooled: refused, withdrawn and open cases count as not "
            "drawn. Median and P90: days within which half and nine tenths of the cases drawn or still open were "
            "drawn, mean over replications; an open case counts as infinitely long."
        ),
        *notes_of(comparison, series),
    )
    page.legend(
        [Line2D([], [], color=FAINT, marker=marker, linestyle="", label=say(name)) for _, marker, name in MARKS]
    )
    page.side_list(series, [_said(one, times, len(series) > FEW) for one, times in zip(series, pooled, strict=True)])
    (axes,) = page.panels(1, 1)[0]
    last = last_day_told(pooled, [followed_days(one.scenario) for one in series])
    for one, times in zip(series, pooled, strict=True):
        if not len(times):
            continue
        days, shares = _curve(times, last)
        axes.step(days, shares * 100, where="post", color=one.colour, linestyle=one.line, linewidth=2.2)
        found = _figures(one)
        for statistic, marker, _ in MARKS:
            day = found[statistic]
            if day is not None and day <= last:
                height = (times <= day).mean() * 100
                axes.plot([day], [height], marker, color=one.colour, markeredgecolor="white", markersize=8, zorder=5)
    limits = {within_days(one.scenario) for one in series}
    if len(limits) == 1 and (limit := limits.pop()) <= last:
        axes.axvline(limit, color=INK, linewidth=1, linestyle=":", zorder=1)
        said = say("{number} days", number=f"{limit:.0f}")
        axes.annotate(said, (limit, 100), (3, -2), textcoords="offset points", va="top", size=8)
    axes.set(xlim=(0, last), ylim=(0, 101), xlabel=say("days from application to drawdown (calendar days)"))
    axes.set_ylabel(say("eligible applicants drawn (%)"))
    quiet(axes, "y")
    return page.figure


def _curve(times: NDArray[np.float64], last: float) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Days and the share drawn by then; as many points as can be seen."""
    drawn = np.sort(times[np.isfinite(times)])
    ranks = np.unique(np.linspace(0, len(drawn) - 1, min(len(drawn), MOST_POINTS)).round().astype(int))
    ranks = ranks if len(drawn) else np.empty(0, dtype=int)
    days = np.concatenate([[0.0], drawn[ranks], [max(last, drawn[-1] if len(drawn) else 0)]])
    shares = np.concatenate([[0.0], (ranks + 1) / len(times), [len(drawn) / len(times)]])
    return days, shares


def _figures(one: Series) -> dict[str, float | None]:
    """Median, P90 and share drawn in time, as the tables print them: means over replications."""
    statistics = {name: estimate(values) for name, values in spread([each.turnaround for each in one.measures]).items()}
    limit = within_days(one.scenario)
    within = estimate([share_within(each, limit) for each in one.measures])
    return {name: found.value for name, found in {**statistics, "within": within}.items()}


def _said(one: Series, times: NDArray[np.float64], short: bool) -> str:
    if not len(times):
        return say("no eligible applicant")
    drawn, still_open = np.isfinite(times).mean(), np.isinf(times).mean()
    lost = np.isnan(times).mean()
    lines = [
        say(
            "{drawn} drawn, {open} open, {lost} refused or left",
            drawn=percent(drawn), open=percent(still_open), lost=percent(lost),
        )
    ]  # fmt: skip
    found = _figures(one)
    if drawn or still_open:
        lines.append(_quantiles_said(found))
    limit = f"{within_days(one.scenario):.0f}"
    within = percent(found["within"] or 0.0)
    if short:
        in_time = say("{share} in {limit} d", share=within, limit=limit)
        return "\n".join([lines[0], say(", ", context="clauses").join([*lines[1:], in_time])])
    in_time = say("{share} within {limit} days", share=within, limit=limit)
    return "\n".join([*lines, in_time, say("{count} eligible applicants", count=f"{len(times):,}")])


def _quantiles_said(found: dict[str, float | None]) -> str:
    """Median and P90, as far as they are reached."""
    if all(found[statistic] is None for statistic, *_ in MARKS):
        return say("median and P90 not reached")
    said = []
    for statistic, _, name in MARKS:
        day = found[statistic]
        reached = say("not reached") if day is None else days_text(day)
        said.append(say("{quantile} {days}", quantile=say(name), days=reached))
    return say(", ", context="clauses").join(said)
