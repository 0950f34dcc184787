"""Where the days go: work, waiting, closed and elapsed time of each step."""

from __future__ import annotations

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

from simulator.analysis.comparison import Comparison
from simulator.analysis.step_days import minutes_by_row
from simulator.analysis.time_use import USES
from simulator.charts.labels import cut, days_text, percent
from simulator.charts.page import HEIGHT, SMALL, WIDTH, Page, chart, panel_grid, patch_of, quiet
from simulator.charts.palette import FAINT, USE_COLOURS, USE_HATCHES, USE_MEANINGS
from simulator.charts.series import Series, notes_of, series_of, setting_of
from simulator.charts.step_rows import (
    ABSENT,
    marks,
    marks_said,
    merged,
    row_height,
    row_labels,
    titles_with_quotas,
)
from simulator.texts import phrase, say, told

TITLE = phrase("Where the days go, step by step")
LABELS, END_TEXT = 2.1, 0.62
"""Inches of the steps' names and of the number after a bar."""


@chart
def draw(comparison: Comparison) -> Figure | None:
    """Mean days a case in each step, one panel a product; None when no case was drawn or is open."""
    series = series_of(comparison)
    days = [_days(one) for one in series]
    if not any(cases for _, cases in days):
        return None
    titles = merged([titles_with_quotas(one) for one in series])
    names = row_labels(series, titles)
    rows, columns = panel_grid(len(series))
    height = max(HEIGHT, 1.75 + rows * (0.75 + row_height(names) * len(titles)))
    page = Page(say(TITLE), setting_of(comparison, series), height)
    page.note(_notes(series, titles), *notes_of(comparison, series))
    page.legend([patch_of(USE_COLOURS[use], USE_HATCHES[use], say(USE_MEANINGS[use])) for use in USES])
    panels = page.panels(rows, columns, sharex=True, sharey=True).flat
    longest = max(float(table.sum(axis=1).max()) for table, _ in days) or 1.0
    width = max((WIDTH - LABELS) / columns - 0.2, END_TEXT * 1.5)
    for axes, one, (table, cases) in zip(panels, series, days, strict=False):
        places = [titles.index(title) for title in titles_with_quotas(one)]
        left = np.zeros(len(places))
        for use, name in enumerate(USES):
            axes.barh(
                places, table[:, use], left=left, height=0.72, color=USE_COLOURS[name], hatch=USE_HATCHES[name],
                edgecolor="white", linewidth=0.4,
            )  # fmt: skip
            left += table[:, use]
        for place, title, total in zip(places, titles_with_quotas(one), left, strict=True):
            said = days_text(total) + marks(one).get(title, "")
            axes.annotate(said, (total, place), (3, 0), textcoords="offset points", va="center", size=SMALL)
        for place in set(range(len(titles))) - set(places):
            axes.annotate(ABSENT, (0, place), (3, 0), textcoords="offset points", va="center", size=SMALL, color=FAINT)
        if len(series) > 1:
            page.heading(axes, one.label, width, color=one.colour)
        axes.set(xlim=(0, longest / (1 - END_TEXT / width)), ylim=(len(titles) - 0.4, -0.6))
        axes.set_xlabel(say("mean days a case\n({count} cases)", count=f"{cases:,}"), size=SMALL + 0.5)
        axes.set_yticks(range(len(titles)), names)
        quiet(axes, "x")
        axes.tick_params(labelbottom=True)
    for axes in panels:
        axes.set_axis_off()
    return page.figure


def _days(one: Series) -> tuple[NDArray[np.float64], int]:
    """Mean days of each use in each row, shape (rows, 4), and the number of cases behind them."""
    cases = sum(each.ends["drawn"] + each.ends["open"] for each in one.measures)
    rows = titles_with_quotas(one)
    minutes = np.sum([minutes_by_row(each, one.product, rows) for each in one.measures], axis=0)
    return minutes / (1440 * max(cases, 1)), cases


def _notes(series: list[Series], titles: list[str]) -> str:
    said = [
        say("Mean over the cases drawn or still open, of all replications; every visit of a step counts."),
        marks_said(series, titles, adding_up=True),
    ]
    for one in series:
        still_open = sum(each.ends["open"] for each in one.measures)
        counted = still_open + sum(each.ends["drawn"] for each in one.measures)
        if still_open:
            said.append(
                say(
                    "{world}: {share} of these are still open, counted to the end of follow-up.",
                    world=cut(one.label, 40),
                    share=percent(still_open / counted),
                )
            )
    return told(*said)
