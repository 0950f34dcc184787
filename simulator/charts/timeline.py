"""One case from application to drawdown, on real dates."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Patch

from simulator.analysis.comparison import Comparison
from simulator.analysis.intervals import quantile
from simulator.analysis.measure import CASE, END, ENTRY, PRODUCT, START, STEP, WORKED, keeping_of
from simulator.analysis.time_use import USES, StepKeeping, step_uses
from simulator.calendars import WorkingCalendar, moment_at
from simulator.charts.dates import date_axis, day_number, shade_closed_days
from simulator.charts.labels import days_text
from simulator.charts.page import HEIGHT, SMALL, Page, chart, quiet
from simulator.charts.palette import FAINT, INK, SHADE, USE_COLOURS, USE_HATCHES, USE_MEANINGS
from simulator.charts.series import Series, notes_of, series_of
from simulator.charts.step_rows import row_labels
from simulator.scenario.flow import steps_of
from simulator.workflow.case import END_NAMES
from simulator.workflow.step import STEP_COLUMNS
from simulator.workflow.world import calendar_of

TITLE = "One case, day by day"
OUTCOME = STEP_COLUMNS.index("outcome")
Spans = dict[str, list[tuple[float, float]]]


@chart
def draw(comparison: Comparison, case: int | None = None, series: int = 0) -> Figure | None:
    """Steps of one case of replication 1: by default the drawn case nearest the median turnaround.

    `case` is the applicant's number, `series` the product by its order in the other charts. By default the first product
    with a drawn case is taken; None when there is no such case.
    """
    known = series_of(comparison)
    if case is None:
        found = next(((one, number) for one in known[series:] if (number := typical_case(one)) is not None), None)
    else:
        found = (known[series], case) if _rows(known[series], case).size else None
    if found is None:
        return None
    one, number = found
    rows = _rows(one, number)
    happened = one.happened
    calendars = {name: calendar_of(hours, name, one.run.start) for name, hours in one.scenario.calendars.items()}
    keeping = keeping_of(one.scenario, one.product, calendars)
    begins = float(happened.firms.arrival[number])
    ends = min(float(happened.ended_at[number]), happened.last_case_moment)
    steps = list(steps_of(one.product.flow))
    order = list(dict.fromkeys(int(row[STEP]) for row in rows))
    page = Page(TITLE, _subtitle(one, number, case is None, ends), max(HEIGHT, 1.8 + 0.32 * len(order)))
    page.note(
        "Number after a bar: calendar days from the entry of the step to its end. Grey bands: days on which the office in "
        "whose hours applications arrive stays shut. Shanghai time.",
        *notes_of(comparison, [one]),
    )
    page.legend(
        [Patch(facecolor=USE_COLOURS[use], hatch=USE_HATCHES[use], edgecolor="white", label=USE_MEANINGS[use]) for use in USES]
        + [Patch(facecolor=SHADE, label="office shut all day")]
    )
    (axes,) = page.panels(1, 1)[0]
    assert one.scenario.applicants is not None
    office = calendars[one.scenario.applicants.arrivals.calendar]
    shade_closed_days(axes, office, begins, ends)
    for row in rows:
        _bars(axes, order.index(int(row[STEP])), spans_of(row, keeping[int(row[STEP])], happened.last_case_moment), office)
    for place, step in enumerate(order):
        mine = rows[rows[:, STEP] == step]
        last = float(np.minimum(mine[:, END], happened.last_case_moment).max())
        total = step_uses(mine, keeping, happened.last_case_moment).sum() / 1440
        kinds = steps[step].kind.outcomes
        said = [kinds[int(code)] if code >= 0 else "left" for code in mine[:, OUTCOME] if code != 0 and not np.isinf(mine[0, END])]
        text = days_text(total) + (f" in {len(mine)} visits" if len(mine) > 1 else "") + "".join(f", {each}" for each in said)
        axes.annotate(text, (day_number(one.run.start, last), place), (4, 0), textcoords="offset points", va="center", size=SMALL)
    first, end = day_number(one.run.start, begins), day_number(one.run.start, ends)
    finish = {"drawn": "drawdown", "open": "end of follow-up"}.get(END_NAMES[happened.end[number]], END_NAMES[happened.end[number]])
    for moment, minutes, said, align in ((first, begins, "application", "left"), (end, ends, finish, "right")):
        axes.axvline(moment, color=INK, linewidth=1, linestyle=":")
        when = moment_at(one.run.start, minutes)
        axes.annotate(
            f"{said} {when:%Y-%m-%d %H:%M}", (moment, 1), (0, 3), xycoords=("data", "axes fraction"),
            textcoords="offset points", ha=align, va="bottom", size=SMALL,
        )  # fmt: skip
    reach = max(end - first, 0.2)
    axes.set(xlim=(first - 0.01 * reach, end + 0.2 * reach), ylim=(len(order) - 0.4, -0.6))
    axes.set_yticks(range(len(order)), row_labels([one], [steps[step].title for step in order]))
    date_axis(axes)
    quiet(axes, "x")
    return page.figure


def typical_case(one: Series) -> int | None:
    """The drawn case of replication 1 whose turnaround is nearest the median of those drawn."""
    measures = one.measures[0]
    drawn = np.where(np.isfinite(measures.turnaround), measures.turnaround, np.nan)
    if np.isnan(drawn).all():
        return None
    return int(measures.applicants[np.nanargmin(np.abs(drawn - quantile(drawn, 0.5)))])


def _rows(one: Series, case: int) -> np.ndarray:
    rows = one.happened.steps
    mine = rows[(rows[:, PRODUCT] == one.number) & (rows[:, CASE] == case)]
    return mine[np.argsort(mine[:, ENTRY], kind="stable")]


def spans_of(row: np.ndarray, keeps: StepKeeping, last_moment: float) -> Spans:
    """Spans of work, waiting, closed and elapsed time in one visit, as (beginning, end) in minutes."""
    end = min(row[END], last_moment)
    start = min(row[START], end)
    worked = min(max(row[WORKED], start), end)
    if keeps.calendar is None:
        return {"elapsed": [(row[ENTRY], end)]}
    spans: Spans = {"waiting": [], "work": [], "closed": [], "elapsed": [(worked, end)] if end > worked else []}
    for use, a, b in (("waiting", row[ENTRY], start), ("work", start, worked)):
        if use == "work" and keeps.committee:
            spans["work"].append((a, b))
            continue
        for c, d, is_open in _open_and_closed(keeps.calendar, a, b):
            spans[use if is_open else "closed"].append((c, d))
    return spans


def _open_and_closed(calendar: WorkingCalendar, a: float, b: float) -> list[tuple[float, float, bool]]:
    cuts = sorted({a, b, *(edge for edge in calendar.edges_between(a, b) if a < edge < b)})
    return [(c, d, calendar.is_open((c + d) / 2)) for c, d in zip(cuts, cuts[1:], strict=False)]


def _bars(axes: Axes, place: int, spans: Spans, calendar: WorkingCalendar) -> None:
    for use, found in spans.items():
        bars = [(left := day_number(calendar.origin, a), day_number(calendar.origin, b) - left) for a, b in found if b > a]
        if bars:
            height = 0.3 if use == "closed" else 0.62
            axes.broken_barh(
                bars, (place - height / 2, height), facecolors=USE_COLOURS[use], hatch=USE_HATCHES[use],
                edgecolor="white", linewidth=0,
            )  # fmt: skip


def _subtitle(one: Series, number: int, typical: bool, ends: float) -> str:
    happened = one.happened
    end = END_NAMES[happened.end[number]]
    days = (ends - happened.firms.arrival[number]) / 1440
    which = "the drawn case nearest the median turnaround" if typical else f"{'still ' if end == 'open' else ''}{end}"
    said = f"{one.label} · case {number} of replication 1, {which}"
    return f"{said} · {days_text(days)} from application to {'drawdown' if end == 'drawn' else 'the end'}"
