"""One case from application to drawdown, on real dates."""

from __future__ import annotations

import datetime
from itertools import pairwise

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patheffects import withStroke

from simulator.analysis.comparison import Comparison
from simulator.analysis.intervals import quantile
from simulator.analysis.measure import keeping_of
from simulator.analysis.time_use import USES, OpenToAny, StepKeeping, step_uses
from simulator.calendars import WorkingCalendar, moment_at
from simulator.charts.dates import date_axis, day_number, shade_closed_days
from simulator.charts.labels import days_text
from simulator.charts.page import HEIGHT, SMALL, Page, chart, patch_of, quiet
from simulator.charts.palette import INK, SHADE, USE_COLOURS, USE_HATCHES, USE_MEANINGS
from simulator.charts.series import Series, notes_of, series_of
from simulator.charts.step_rows import row_labels
from simulator.scenario.flow import Step, steps_of
from simulator.texts import phrase, say
from simulator.workflow.case import END_NAMES
from simulator.workflow.record import Visit, Visits
from simulator.workflow.world import calendar_of

TITLE = phrase("One case, day by day")
FINISHES = {"drawn": phrase("drawdown"), "open": phrase("end of follow-up")}
"""What stands at the last moment shown, by how the case stands there; else how it ended."""
Spans = dict[str, list[tuple[float, float]]]


@chart
def draw(comparison: Comparison, case: int | None = None, series: int = 0) -> Figure | None:
    """Steps of one case of replication 1: by default the drawn case nearest the median turnaround.

    `case` is the applicant's number, `series` the product by its order in the other charts. By default the first
    product with a drawn case is taken; None when there is no such case.
    """
    known = series_of(comparison)
    if case is None:
        typical = ((one, typical_case(one)) for one in known[series:])
        one, number = next(((one, number) for one, number in typical if number is not None), (known[series], -1))
    else:
        one, number = known[series], case
    rows = _rows(one, number)
    if not len(rows):
        return None
    calendars = {name: calendar_of(hours, name, one.run.start) for name, hours in one.scenario.calendars.items()}
    begins = float(one.happened.firms.arrival[number])
    last_moment = one.happened.last_case_moment
    ends = min(float(one.happened.ended_at[number]), last_moment)
    steps = list(steps_of(one.product.flow))
    order = list(dict.fromkeys(rows["step"].astype(int).tolist()))
    page = Page(say(TITLE), _subtitle(one, number, case is None, ends), max(HEIGHT, 1.8 + 0.36 * len(order)))
    page.note(
        say(
            "Number after a bar: calendar days from the entry of the step to its end. Grey bands: days on which the "
            "office in whose hours applications arrive stays shut. Shanghai time."
        ),
        *notes_of(comparison, [one]),
    )
    uses = [patch_of(USE_COLOURS[use], USE_HATCHES[use], say(USE_MEANINGS[use])) for use in USES]
    page.legend([*uses, patch_of(SHADE, "", say("office shut all day"))])
    (axes,) = page.panels(1, 1)[0]
    assert one.scenario.applicants is not None
    shade_closed_days(axes, calendars[one.scenario.applicants.arrivals.calendar], begins, ends)
    keeping = keeping_of(one.scenario, one.product, calendars)
    for place, step in enumerate(order):
        mine = rows[rows["step"] == step]
        for row in mine:
            _bars(axes, place, spans_of(row, keeping[step], last_moment), one.run.start)
        last = float(np.minimum(mine["end"], last_moment).max())
        said = _said(steps[step], mine, step_uses(mine, [*keeping], last_moment).sum())
        at = (day_number(one.run.start, last), place)
        # The line of the drawdown may stand where the number is.
        axes.annotate(
            said, at, (4, 0), textcoords="offset points", va="center", size=SMALL,
            path_effects=[withStroke(linewidth=2.5, foreground="white")],
        )  # fmt: skip
    end_name = END_NAMES[one.happened.end[number]]
    finish = say(FINISHES.get(end_name, end_name))
    for minutes, label, align in ((begins, say("application"), "left"), (ends, finish, "right")):
        moment = day_number(one.run.start, minutes)
        axes.axvline(moment, color=INK, linewidth=1, linestyle=":")
        axes.annotate(
            f"{label} {moment_at(one.run.start, minutes):%Y-%m-%d %H:%M}", (moment, 1), (0, 3), ha=align, va="bottom",
            xycoords=("data", "axes fraction"), textcoords="offset points", size=SMALL,
        )  # fmt: skip
    first, end = day_number(one.run.start, begins), day_number(one.run.start, ends)
    reach = max(end - first, 0.1)
    axes.set(xlim=(first - 0.01 * reach, end + 0.2 * reach), ylim=(len(order) - 0.4, -0.6))
    axes.set_yticks(range(len(order)), row_labels([one], [steps[step].title for step in order]))
    date_axis(axes)
    quiet(axes, "x")
    return page.figure


def _said(step: Step, visits: Visits, minutes: float) -> str:
    """Days of a step, its visits where there were several, and outcomes other than the one on which a file goes on."""
    days = days_text(minutes / 1440)
    parts = [say("{days} in {count} visits", days=days, count=len(visits)) if len(visits) > 1 else days]
    for code, end in zip(visits["outcome"].astype(int).tolist(), visits["end"].tolist(), strict=True):
        if code and np.isfinite(end):
            parts.append(say(step.kind.outcomes[code]) if code > 0 else say("left", context="case"))
    return say(", ", context="clauses").join(parts)


def typical_case(one: Series) -> int | None:
    """The drawn case of replication 1 whose turnaround is nearest the median of those drawn."""
    measures = one.measures[0]
    drawn = np.where(np.isfinite(measures.turnaround), measures.turnaround, np.nan)
    if np.isnan(drawn).all():
        return None
    return int(measures.applicants[np.nanargmin(np.abs(drawn - quantile(drawn, 0.5)))])


def _rows(one: Series, case: int) -> Visits:
    """The case's visits of the flow's steps, in the order in which they began; servicing comes after the last day."""
    rows = one.happened.steps
    of_flow = rows["step"] < len(list(steps_of(one.product.flow)))
    mine = rows[(rows["product"] == one.number) & (rows["case"] == case) & of_flow]
    ordered: Visits = mine[np.argsort(mine["entry"], kind="stable")]
    return ordered


def spans_of(row: Visit, keeps: StepKeeping, last_moment: float) -> Spans:
    """Spans of work, waiting, closed and elapsed time in one visit, as (beginning, end) in minutes."""
    end = min(row["end"], last_moment)
    start = min(row["start"], end)
    worked = min(max(row["worked"], start), end)
    if keeps.calendar is None:
        return {"elapsed": [(row["entry"], end)]}
    spans: Spans = {"waiting": [], "work": [], "closed": [], "elapsed": [(worked, end)] if end > worked else []}
    for use, a, b in (("waiting", row["entry"], start), ("work", start, worked)):
        if use == "work" and keeps.committee:
            spans["work"].append((a, b))
            continue
        hours = keeps.calendar if use == "waiting" else keeps.hours_of(row["person"])
        for c, d, is_open in _open_and_closed(hours, a, b):
            spans[use if is_open else "closed"].append((c, d))
    return spans


def _open_and_closed(calendar: WorkingCalendar | OpenToAny, a: float, b: float) -> list[tuple[float, float, bool]]:
    cuts = sorted({a, b, *(edge for edge in calendar.edges_between(a, b) if a < edge < b)})
    return [(c, d, calendar.is_open((c + d) / 2)) for c, d in pairwise(cuts)]


def _bars(axes: Axes, place: int, spans: Spans, origin: datetime.date) -> None:
    for use, found in spans.items():
        dates = [(day_number(origin, a), day_number(origin, b)) for a, b in found if b > a]
        if dates:
            height = 0.3 if use == "closed" else 0.62
            axes.broken_barh(
                [(a, b - a) for a, b in dates], (place - height / 2, height), facecolors=USE_COLOURS[use],
                hatch=USE_HATCHES[use], edgecolor="white", linewidth=0,
            )  # fmt: skip


def _subtitle(one: Series, number: int, typical: bool, ends: float) -> str:
    happened = one.happened
    end = END_NAMES[happened.end[number]]
    days = (ends - happened.firms.arrival[number]) / 1440
    still_open = one.measures[0].ends["open"]
    if not typical:
        which = say("still open") if end == "open" else say(end)
    elif still_open:
        which = say("nearest the median of those drawn ({count} are still open)", count=still_open)
    else:
        which = say("nearest the median of those drawn")
    case = say("case {case} of replication 1, {which}", case=number, which=which)
    lasted = days_text(days)
    return " · ".join(
        [
            one.label,
            case,
            say("{days} from application to drawdown", days=lasted)
            if end == "drawn"
            else say("{days} from application to the end", days=lasted),
        ]
    )
