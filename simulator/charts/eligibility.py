"""Who may have it: of all firms that apply, how many are drawn, drop out or are not admitted, and by which rules."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from matplotlib.figure import Figure

from simulator.analysis.comparison import Comparison
from simulator.analysis.refusals import LEAST_SHARE, refusals
from simulator.analysis.rounds import WorldResult
from simulator.charts.labels import percent, shown, wrapped
from simulator.charts.page import HEIGHT, SMALL, Page, chart, patch_of, quiet, rows_shown
from simulator.charts.palette import FAINT, ink_on
from simulator.charts.series import Series, notes_of, series_of, setting_of, worlds_in
from simulator.texts import phrase, say, told

TITLE = phrase("Who may have it")
PARTS = (
    (phrase("eligible and drawn"), "#0072B2"),
    (phrase("eligible, not drawn"), "#8CC5E8"),
    (phrase("not eligible"), "#D9D9D9"),
)
MOST_ROWS, MOST_RULES = 24, 3
ASSUMED = "*"
WIDTHS = (1.0, 0.95)
REASONS = 3.7
"""Inches of the column of rules."""


@dataclass(frozen=True)
class _World:
    """Shares of all applicants over all replications, and what kept the others out."""

    label: str
    shares: tuple[float, float, float]
    reasons: str


@chart
def draw(comparison: Comparison) -> Figure | None:
    """One row a world, stacked to all applicants, its most frequent rules beside it; None when none arrived."""
    series = worlds_in(series_of(comparison, MOST_ROWS))
    series = [one for one in series if any(measured.arrived for measured in one.world.replications)]
    if not series:
        return None
    rows = [_world(one) for one in series]
    height = max(HEIGHT, 2.1 + 0.52 * len(rows))
    page = Page(say(TITLE), setting_of(comparison, series), height)
    several = any(len(one.world.product_names) > 1 for one in series)
    page.note(
        told(
            say(
                "Beside the bars: share of all applicants for which each rule is the first that they fail, in the "
                "order of the file."
            ),
            say("{mark} an assumption.", mark=ASSUMED) if any(ASSUMED in row.reasons for row in rows) else "",
            say("Of several products in a world, rules of the first; a firm counts once.") if several else "",
        ),
        *notes_of(comparison, series_of(comparison, MOST_ROWS)),
    )
    page.legend([patch_of(colour, "", say(name)) for name, colour in PARTS])
    axes, beside = page.panels(1, 2, sharey=True, width_ratios=WIDTHS)[0]
    for place, row in enumerate(rows):
        left = 0.0
        for share, (_, colour) in zip(row.shares, PARTS, strict=True):
            axes.barh(place, share * 100, left=left, height=0.62, color=colour, linewidth=0)
            if share >= 0.07:
                middle = left + share * 50
                axes.text(middle, place, percent(share), ha="center", va="center", size=SMALL, color=ink_on(colour))
            left += share * 100
        said = beside.text(0, place, "", va="center", size=SMALL, linespacing=1.15, color=FAINT)
        page.fit(said, row.reasons, REASONS, 3)
    axes.set(xlim=(0, 100), ylim=rows_shown(len(rows)), xlabel=say("share of all firms that applied (%)"))
    labels = [wrapped(row.label or say(TITLE), 28, 2) for row in rows]
    axes.set_yticks(range(len(rows)), labels)
    beside.set(xlim=(0, 1), xticks=[])
    page.heading(beside, say("Rules that most firms fail first"), REASONS)
    quiet(axes, "x")
    beside.set_axis_off()
    return page.figure


def _world(one: Series) -> _World:
    replications = one.world.replications
    arrived = sum(measured.arrived for measured in replications)
    eligible = sum(
        len(np.unique(np.concatenate([each.applicants for each in measured.products]))) for measured in replications
    )
    drawn = sum(each.ends["drawn"] for measured in replications for each in measured.products)
    shares = (drawn / arrived, (eligible - drawn) / arrived, 1 - eligible / arrived)
    label = one.label or shown(one.world.said, one.scenario.name)
    return _World(label, shares, _reasons(one.world))


def _reasons(world: WorldResult) -> str:
    """The rules that keep most firms out of a world's first product, with their shares."""
    chief = [(share, words) for share, words in refusals(world, ASSUMED) if share >= LEAST_SHARE][:MOST_RULES]
    rules = [say("{rule} ({share})", rule=words, share=percent(share)) for share, words in chief]
    return say("; ").join(rules) or say("nothing", context="rules")
