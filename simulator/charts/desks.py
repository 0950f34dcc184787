"""How busy each desk is, and how many files wait for it."""

from __future__ import annotations

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from simulator.analysis.comparison import Comparison
from simulator.analysis.measure import desk_rows, queue_over_time
from simulator.charts.dates import date_axis, day_number
from simulator.charts.desk_load import arrivals_end, left_queue, utilisation_by_month, weekly_queue
from simulator.charts.labels import cut, shown
from simulator.charts.page import HEIGHT, SMALL, Page, chart, line_of, quiet
from simulator.charts.palette import FAINT
from simulator.charts.series import Series, notes_of, series_of, setting_of, worlds_in
from simulator.scenario.references import desk_names
from simulator.scenario.spoken_names import desk_said
from simulator.texts import phrase, say, told

TITLE = phrase("Files waiting at each desk, and how busy it is")
ROW = 1.18
FINE = 1
"""With so many worlds, every change of a queue is drawn behind its weekly mean."""


@chart
def draw(comparison: Comparison) -> Figure | None:
    """Queue and utilisation of each desk in replication 1; None when no desk had a file."""
    series = series_of(comparison)
    worlds = worlds_in(series)
    known = dict.fromkeys(name for one in worlds for name in desk_names(one.scenario))
    names = [name for name in known if _used(worlds, name)]
    if not names:
        return None
    page = Page(say(TITLE), setting_of(comparison, worlds, replications=False), max(HEIGHT, 1.75 + ROW * len(names)))
    queues = say("Queue: mean of each week.")
    if len(worlds) <= FINE:
        queues = say("Queue: mean of each week; thin line: every change.")
    page.note(
        told(
            queues,
            say(
                "Utilisation: open time spent on files; for a committee, its places taken. "
                "Vertical line: the last applications arrive."
            ),
        ),
        *notes_of(comparison, series),
    )
    if len(worlds) > 1:
        page.legend([line_of(one, cut(one.label, 40)) for one in worlds])
    last_arrivals = list({day_number(one.run.start, arrivals_end(one)) for one in worlds})
    panels = page.panels(len(names), 2, sharex=True)
    for (queue, load), name in zip(panels, names, strict=True):
        longest = max(_queue(queue, one, name, len(worlds) <= FINE) for one in worlds)
        queue.set_ylim(0, max(longest * 1.05, 1.0))
        for one in worlds:
            if _used([one], name):
                _load(load, one, name)
        load.set_ylim(0, 105)
        page.heading(queue, cut(_name(worlds, name), 60), 9.0)
        for axes, label in ((queue, say("files waiting")), (load, say("in use (%)"))):
            axes.set_ylabel(label, size=SMALL + 0.5)
            axes.yaxis.get_major_locator().set_params(nbins=4, integer=True)
            if len(last_arrivals) == 1:
                axes.axvline(last_arrivals[0], color=FAINT, linewidth=0.9, linestyle=":")
            quiet(axes, "y")
    for axes in panels[-1]:
        date_axis(axes)
    return page.figure


def _used(worlds: list[Series], desk: str) -> bool:
    return any(len(desk_rows(one.scenario, one.happened, desk)) for one in worlds)


def _name(worlds: list[Series], desk: str) -> str:
    """What is drawn for a desk; one that goes by several names in several worlds has them all."""
    names = dict[str, None]()
    for one in worlds:
        if desk in (known := desk_names(one.scenario)):
            party, own = known[desk]
            names[shown(desk_said(one.scenario, desk), one.scenario.parties[party].desks[own].name)] = None
    return "/".join(names)


def _queue(axes: Axes, one: Series, desk: str, fine: bool) -> float:
    """Draw one world's queue; the height the panel needs for it."""
    rows = desk_rows(one.scenario, one.happened, desk)
    if not len(rows):
        return 0.0
    start = one.run.start
    entry = rows["entry"]
    moments, length = queue_over_time(entry, left_queue(rows))
    until = _until(one)
    if fine:
        days = [day_number(start, each) for each in [*moments.tolist(), max(until, moments[-1])]]
        axes.step(days, [*length.tolist(), int(length[-1])], where="post", color=one.colour, linewidth=0.6, alpha=0.4)
    begins, mean = weekly_queue(moments, length, until)
    days = [day_number(start, each) for each in begins]
    axes.plot(days, mean, color=one.colour, linestyle=one.line, linewidth=1.9)
    return float(length.max() if fine else mean.max())


def _load(axes: Axes, one: Series, desk: str) -> None:
    months = utilisation_by_month(one, desk)
    if months:
        days = [day_number(one.run.start, (a + b) / 2) for a, b, _ in months]
        shares = [share * 100 for *_, share in months]
        axes.plot(days, shares, color=one.colour, linestyle=one.line, linewidth=1.9, marker="o", markersize=3.5)


def _until(one: Series) -> float:
    """The last moment anything happened at a desk."""
    left = left_queue(one.happened.steps)
    return min(float(left.max(initial=arrivals_end(one))), one.happened.last_case_moment)
