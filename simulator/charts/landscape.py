"""Many products at a glance: how long they take, who bears the loss, and who may have them."""

from __future__ import annotations

from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Patch

from simulator.analysis.comparison import Comparison
from simulator.analysis.intervals import estimate, quantile
from simulator.charts.labels import cut, distinct, percent, width_of, wrapped
from simulator.charts.losses import name_of_party, parties_of
from simulator.charts.page import HEIGHT, SMALL, Page, chart, patch_of, quiet, rows_shown
from simulator.charts.palette import FAINT, INK, ink_on, party_styles
from simulator.charts.series import Series, notes_of, series_of, setting_of
from simulator.scenario.agreement import exact_shares
from simulator.texts import phrase, say, told

TITLE = phrase("Products at a glance")
MOST_ROWS = 24
WIDTHS = (1.0, 1.35, 0.8)
LONGEST_BAR_TEXT = 2.9
"""Inches of a whole bar of shares: what is written on a part must fit into its share of it."""
ELIGIBLE, DRAWN = "#C4C4C4", "#3B3B3B"
AGREED = "////"
MANY = 100
"""Of fewer firms drawn their number is told: P10 and P90 then rest on few."""
NUMBER_ROOM = 0.22
"""Share of the days' panel kept for that number."""


@chart
def draw(comparison: Comparison) -> Figure | None:
    """One row a product: days to drawdown, shares of the loss, eligible and drawn firms; None when none arrived."""
    series = series_of(comparison, MOST_ROWS)
    if not any(measured.arrived for one in series for measured in one.world.replications):
        return None
    parties = parties_of(series)
    borne = [_borne(one) for one in series]
    used = [party for party in parties if any(shares.get(party) for shares, _ in borne)]
    colours = party_styles(parties)
    styles = {party: colours[party][0] for party in used}
    names = dict(zip(used, distinct(cut(name_of_party(series, party), 34) for party in used), strict=True))
    page = Page(say(TITLE), setting_of(comparison, series), max(HEIGHT, 2.3 + 0.42 * len(series)))
    agreed = any(not lost for _, lost in borne)
    page.note(
        _notes(series, agreed),
        say("A firm counts for the product that it took, of several in one world.")
        if _several_products(series)
        else "",
        *notes_of(comparison, series),
    )
    legend = [patch_of(styles[party], "", names[party]) for party in used]
    if agreed:
        by_agreement = say("by the agreement")
        legend.append(Patch(facecolor="white", hatch=AGREED, edgecolor=FAINT, linewidth=0, label=by_agreement))
    page.legend([*legend, patch_of(ELIGIBLE, "", say("eligible")), patch_of(DRAWN, "", say("drawn"))])
    days, loss, firms = page.panels(1, 3, sharey=True, width_ratios=WIDTHS)[0]
    for row, (one, (shares, lost)) in enumerate(zip(series, borne, strict=True)):
        _draw_loss(loss, row, shares, styles, names, lost)
        _draw_firms(firms, row, one)
    _draw_days(days, series)
    page.heading(days, say("Days to drawdown"), 2.0)
    page.heading(loss, say("Who bears the loss"), 2.6)
    page.heading(firms, say("Who may have it"), 1.6)
    days.set(ylim=rows_shown(len(series)), xlabel=say("calendar days from application"))
    loss.set(xlim=(0, 100), xlabel=say("share of the loss (%)"))
    firms.set(xlim=(0, 155), xlabel=say("share of applicants (%)"))
    firms.set_xticks([0, 50, 100])
    days.set_yticks(range(len(series)), [wrapped(one.label, 30, 2) for one in series])
    for axes in (days, loss, firms):
        quiet(axes, "x")
    return page.figure


def _notes(series: list[Series], agreed: bool) -> str:
    loss = say("Loss: share of the principal lost, net of recoveries received by the end of follow-up.")
    if agreed:
        loss = say(
            "Loss: share of the principal lost, net of recoveries received by the end of follow-up; hatched where "
            "nothing was lost: shares by the agreement."
        )
    not_reached = any(_drawn(one) and _days(one)[2] is None for one in series)
    few = any(_drawn(one) < MANY for one in series)
    return told(
        say(
            "Days: line from P10 to P90, dot at the median, of the cases drawn or still open, each the mean over "
            "replications as in the tables."
        ),
        say("Not reached: too many are still open.") if not_reached else "",
        say("n: firms drawn in all replications, where fewer than {count}.", count=MANY) if few else "",
        loss,
    )


def _several_products(series: list[Series]) -> bool:
    return any(len(one.world.product_names) > 1 for one in series)


def _drawn(one: Series) -> int:
    return sum(each.ends["drawn"] for each in one.measures)


def _days(one: Series) -> list[float | None]:
    """P10, median and P90 of the days, each the mean over replications; None where open cases leave it unknown."""
    return [
        estimate([quantile(each.turnaround, probability) for each in one.measures]).value
        for probability in (0.1, 0.5, 0.9)
    ]


def _draw_days(axes: Axes, series: list[Series]) -> None:
    found = [_days(one) for one in series]
    reach = max(1.0, *(_room(days, _drawn(one) < MANY) for days, one in zip(found, series, strict=True)))
    axes.set_xlim(0, reach)
    for row, (one, (low, middle, high)) in enumerate(zip(series, found, strict=True)):
        count = _drawn(one)
        said = [f"n={count}"] if 0 < count < MANY else []
        if low is None:
            missing = say("not reached") if count else say("nobody drawn")
            _beside(axes, (0.0, row), say(", ", context="clauses").join([missing, *said]), (6, 0), FAINT)
            continue
        end = high if high is not None else reach
        axes.plot([low, end], [row, row], color=FAINT, linewidth=2.2, marker="|", markersize=9, markevery=[0])
        axes.plot([end], [row], color=FAINT, marker="|" if high is not None else ">", markersize=9, clip_on=False)
        if middle is not None:
            axes.plot([middle], [row], "o", color=INK, markersize=5.5)
            _beside(axes, (middle, row), f"{middle:.1f}", (0, 5), INK, ha="center", va="bottom", weight="bold")
        if high is not None:
            _beside(axes, (end, row), "".join(said), (6, 0), INK)
        else:
            unknown = say("P90 not reached") if middle is not None else say("median not reached")
            text = say(", ", context="clauses").join([unknown, *said])
            _beside(axes, (end, row), text, (0, -5), FAINT, ha="right", va="top")


def _room(days: list[float | None], counted: bool) -> float:
    """How far the axis has to reach for a row: beyond its last day, or its number, or far enough for an arrow."""
    last = max((day for day in days if day is not None), default=0.0)
    if days[-1] is None:
        return last * 1.25
    return last / (1 - NUMBER_ROOM) if counted else last * 1.06


def _beside(
    axes: Axes, at: tuple[float, float], text: str, points: tuple[int, int], colour: str, **settings: Any
) -> None:
    """Write a text so many points beside a place."""
    if text:
        settings.setdefault("va", "center")
        axes.annotate(text, at, points, textcoords="offset points", size=SMALL, color=colour, **settings)


def _borne(one: Series) -> tuple[dict[str, float], bool]:
    """Share of each party in the net loss of all replications, and True; by the agreement where nothing was lost."""
    amounts: dict[str, int] = {}
    for measured in one.measures:
        for party, fen in measured.borne.items():
            amounts[party] = amounts.get(party, 0) + fen
    total = sum(amounts.values())
    if total > 0:
        return {party: fen / total for party, fen in amounts.items()}, True
    return {party: float(share) for party, share in exact_shares(one.product.risk_sharing.split).items()}, False


def _draw_loss(
    axes: Axes, row: int, shares: dict[str, float], styles: dict[str, str], names: dict[str, str], lost: bool
) -> None:
    left = 0.0
    for party, colour in styles.items():
        share = shares.get(party, 0.0) * 100
        if share <= 0:
            continue
        face, edge, hatch = (colour, "white", "") if lost else ("white", colour, AGREED)
        axes.barh(row, share, left=left, height=0.6, color=face, edgecolor=edge, hatch=hatch, linewidth=0.6)
        told_share = percent(share / 100)
        said = next((text for text in (f"{names[party]} {told_share}", told_share) if _fits(text, share)), "")
        box = None if lost else {"facecolor": "white", "edgecolor": "none", "pad": 1.0}
        axes.text(
            left + share / 2, row, said, ha="center", va="center", size=SMALL - 0.5,
            color=ink_on(colour) if lost else INK, bbox=box,
        )  # fmt: skip
        left += share


def _fits(text: str, share: float) -> bool:
    """Whether a text can stand on a part of the bar; a letter takes about 0.065 inches."""
    return width_of(text) * 0.065 + 0.06 <= LONGEST_BAR_TEXT * share / 100


def _draw_firms(axes: Axes, row: int, one: Series) -> None:
    arrived = sum(measured.arrived for measured in one.world.replications)
    if not arrived:
        return
    eligible = sum(len(each.applicants) for each in one.measures) / arrived
    drawn = sum(each.ends["drawn"] for each in one.measures) / arrived
    axes.barh(row, eligible * 100, height=0.6, color=ELIGIBLE, linewidth=0)
    axes.barh(row, drawn * 100, height=0.24, color=DRAWN, linewidth=0)
    told_shares = say(", ", context="clauses").join([percent(eligible), percent(drawn)])
    axes.annotate(
        told_shares, (eligible * 100, row), (3, 0), textcoords="offset points", va="center", size=SMALL,
        bbox={"facecolor": "white", "edgecolor": "none", "pad": 0.6},
    )  # fmt: skip
