"""How the turnaround settles after a start without a case, and where a warm-up that was found ends."""

from __future__ import annotations

from itertools import chain

import numpy as np
from matplotlib.artist import Artist
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from simulator.analysis.comparison import Comparison
from simulator.analysis.warm_up import Course
from simulator.charts.labels import days_text, wrapped
from simulator.charts.page import FEW, HEIGHT, Page, chart, quiet
from simulator.charts.palette import INK, SHADE
from simulator.charts.series import notes_of, series_of, setting_of
from simulator.texts import phrase, say, told

TITLE = phrase("How long the start-up lasts")


@chart
def draw(comparison: Comparison) -> Figure | None:
    """Mean turnaround in the pilot by day of arrival, start-up shaded; None without a pilot that shows any."""
    found = comparison.warm_up
    if found is None:
        return None
    series = series_of(comparison)
    courses = list(chain.from_iterable(found.courses))[: len(series)]
    if not any(np.isfinite(each.turnaround).any() for each in courses):
        return None
    starts = {str(one.run.start) for one in series}
    said = setting_of(comparison, series, pilot=found.replications)
    page = Page(say(TITLE), said, HEIGHT + 0.28 * max(0, len(series) - FEW))
    page.note(
        told(
            say(
                "The pilot's replications are not those of the results. Means of the cases drawn that arrived on five "
                "days in a row, days without any left out; placed at the first of them."
            ),
            say("Gaps: a case is still open at the end.")
            if any(np.isinf(each.turnaround).any() for each in courses)
            else "",
        ),
        *notes_of(comparison, series),
    )
    if found.days:
        page.legend(_legend(found.days))
    page.side_list(series, [_said(each) for each in courses])
    (axes,) = page.panels(1, 1)[0]
    if found.days:
        axes.axvspan(0, found.days, color=SHADE, linewidth=0, zorder=0)
        axes.axvline(found.days, color=INK, linewidth=1.2, linestyle=":", zorder=1)
    for one, course in zip(series, courses, strict=True):
        shown = np.where(np.isfinite(course.turnaround), course.turnaround, np.nan)
        axes.plot(course.day, shown, color=one.colour, linestyle=one.line, linewidth=1.8)
    since = starts.pop() if len(starts) == 1 else say("the first day")
    days = max((float(each.day[-1]) for each in courses if len(each.day)), default=1.0)
    axes.set(xlim=(0, max(days, 1.0)), xlabel=say("day of arrival (calendar days since {day})", day=since))
    axes.set_ylim(bottom=0)
    axes.set_ylabel(say("mean days from application to drawdown"))
    quiet(axes, "y")
    return page.figure


def _legend(days: int) -> list[Artist]:
    return [
        Patch(facecolor=SHADE, linewidth=0, label=say("start-up: cases are left out")),
        Line2D(
            [], [], color=INK, linewidth=1.2, linestyle=":", label=say("end of the warm-up: {days} days", days=days)
        ),
    ]


def _said(course: Course) -> str:
    """What a product needs by itself, and its means before and after the end of the warm-up."""
    if course.needed is None:
        return wrapped(say(course.why), 40, 3)
    lines = [say("needs {days} days", days=course.needed) if course.needed else say("needs none")]
    if course.start_up.value is not None and course.steady.value is not None:
        start_up, steady = days_text(course.start_up.value), days_text(course.steady.value)
        lines.append(say("start-up {start_up}, steady {steady}", start_up=start_up, steady=steady))
    return "\n".join(lines)
