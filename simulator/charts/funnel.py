"""From application to drawdown: how many firms get how far, and what becomes of the others."""

from __future__ import annotations

from matplotlib.figure import Figure

from simulator.analysis.comparison import Comparison
from simulator.analysis.intervals import SHARE, estimate
from simulator.charts.labels import cut, percent
from simulator.charts.page import HEIGHT, SMALL, WIDTH, Page, chart, panel_grid, quiet
from simulator.charts.palette import FAINT, INK, pale
from simulator.charts.series import Series, notes_of, series_of, setting_of
from simulator.charts.step_rows import (
    ABSENT,
    after_the_money,
    marks,
    marks_said,
    merged,
    row_height,
    row_labels,
    titles_of,
)
from simulator.scenario.flow import steps_of
from simulator.texts import phrase, say, told
from simulator.workflow.case import END_NAMES

TITLE = phrase("From application to drawdown")
ENDS = ("open", "declined", "withdrawn", "expired", "completed")
END_SAID = {"open": phrase("still open"), "completed": phrase("ended without drawdown")}
LABELS, END_TEXT = 2.1, 0.8
ENDED = "#9A9A9A"


@chart
def draw(comparison: Comparison) -> Figure | None:
    """Firms that arrived, were eligible, passed each step and were drawn, in replication 1; None when none arrived."""
    series = series_of(comparison)
    if not any(one.world.detail.arrived for one in series):
        return None
    on_the_way = [[title for title in titles_of(one) if title not in after_the_money(one)] for one in series]
    titles = [title for title in merged(on_the_way) if not _pays_out(series, title)]
    counts = [_counts(one) for one in series]
    ends = [end for end in ENDS if any(one.measures[0].ends[end] for one in series)]
    rows, columns = panel_grid(len(series))
    labels = row_labels(series, titles)
    height = max(HEIGHT, 1.5 + rows * (0.7 + row_height(labels) * (len(titles) + len(ends) + 3.5)))
    page = Page(say(TITLE), setting_of(comparison, series, replications=False), height)
    page.note(
        told(say("% of the firms that applied. A bar of a step: firms that passed it."), _marks_said(series, titles)),
        _all_replications(comparison, series),
        *notes_of(comparison, series),
    )
    names = [say("applied"), say("eligible"), *labels, say("drawn")]
    keys = ["applied", "eligible", *(f"step {title}" for title in titles), "drawn"]
    places = [*range(len(keys)), *(len(keys) + 0.5 + place for place in range(len(ends)))]
    keys += ends
    names += [say(END_SAID.get(end, end)) for end in ends]
    width = max((WIDTH - LABELS) / columns - 0.2, END_TEXT * 1.5)
    most = max(one.world.detail.arrived for one in series)
    panels = page.panels(rows, columns, sharex=True, sharey=True).flat
    for axes, one, found in zip(panels, series, counts, strict=False):
        marked = {f"step {title}": mark for title, mark in marks(one).items()}
        for place, key in zip(places, keys, strict=True):
            colour = ENDED if key in ENDS else pale(one.colour) if key.startswith("step ") else one.colour
            count = found.get(key)
            if count is not None:
                axes.barh(place, count, height=0.74, color=colour, linewidth=0)
            said = ABSENT if count is None else f"{count:,} · {percent(count / max(found['applied'], 1))}"
            axes.annotate(
                said + marked.get(key, ""), (count or 0, place), (3, 0), textcoords="offset points",
                va="center", size=SMALL, color=FAINT if count is None else INK,
            )  # fmt: skip
        if len(series) > 1:
            page.heading(axes, one.label, width, color=one.colour)
        axes.set(xlim=(0, most / (1 - END_TEXT / width)), ylim=(places[-1] + 0.6, -0.6), xlabel=say("firms"))
        axes.set_yticks(places, names)
        quiet(axes, "x")
        axes.tick_params(labelbottom=True)
    for axes in panels:
        axes.set_axis_off()
    return page.figure


def _pays_out(series: list[Series], title: str) -> bool:
    """Whether a step is the drawdown itself, which has a row of its own."""
    steps = (step for one in series for step in steps_of(one.product.flow))
    return any(step.title == title and step.kind.name == "drawdown" for step in steps)


def _marks_said(series: list[Series], titles: list[str]) -> str:
    warm_up = any(one.run.warm_up for one in series)
    return told(marks_said(series, titles), say("Firms that came in the warm-up are not counted.") if warm_up else "")


def _counts(one: Series) -> dict[str, int]:
    """Firms by row in replication 1."""
    measures = one.measures[0]
    steps = {f"step {title}": int(count) for title, count in zip(titles_of(one), measures.passed, strict=True)}
    eligible = {"applied": one.world.detail.arrived, "eligible": len(measures.applicants)}
    return eligible | steps | {end: measures.ends[end] for end in END_NAMES[1:]}


def _all_replications(comparison: Comparison, series: list[Series]) -> str:
    """Drawn share over all replications, with its interval."""
    if comparison.replications < 2:
        return ""
    said = []
    for one in series:
        shares = [each.ends["drawn"] / len(each.applicants) for each in one.measures if len(each.applicants)]
        found = estimate(shares, possible=SHARE)
        if found.value is not None and found.low is not None and found.high is not None:
            said.append(f"{cut(one.label, 24)} {found.value:.0%} [{found.low:.0%}, {found.high:.0%}]")
    if not said:
        return ""
    return say(
        "Drawn share of eligible firms over all replications [95 % interval]: {shares}", shares=say("; ").join(said)
    )
