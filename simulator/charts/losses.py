"""Who bears the losses, by party."""

from __future__ import annotations

from matplotlib.figure import Figure

from simulator.analysis.comparison import Comparison
from simulator.analysis.intervals import estimate
from simulator.charts.labels import cut, distinct, money_interval, money_text, percent, shown, width_of, wrapped
from simulator.charts.page import FEW, HEIGHT, SMALL, Page, chart, patch_of, quiet
from simulator.charts.palette import INK, MOST_SERIES, ink_on, party_styles
from simulator.charts.series import Series, notes_of, series_of, setting_of
from simulator.scenario.spoken_parties import party_of_all_said
from simulator.texts import phrase, say, told
from simulator.texts.money import fen_of_column

TITLE = phrase("Who bears the losses")
MOST_ROWS = 24
END_TEXT = 0.21
"""Share of the panel kept for the text after the longest bar."""
COLUMN = 0.01
"""Share of the longest bar that a column of a text on it takes."""


@chart
def draw(comparison: Comparison) -> Figure | None:
    """Mean loss a replication, stacked by party, with the total's 95 % interval; None when nothing was lost."""
    series = series_of(comparison, MOST_ROWS)
    parties = parties_of(series)
    borne = [{party: sum(each.borne.get(party, 0) for each in one.measures) for party in parties} for one in series]
    totals = [estimate([sum(each.borne.values()) / fen_of_column() for each in one.measures]) for one in series]
    if not any(total.value for total in totals):
        return None
    interest = any(one.product.risk_sharing.covers == "principal and interest" for one in series)
    what = say("Loss of principal net of recoveries received by the end of follow-up")
    if interest:
        what = say(
            "Loss of principal, with interest where the agreement covers it, net of recoveries received by the end of "
            "follow-up"
        )
    page = Page(say(TITLE), f"{setting_of(comparison, series)}\n{what}", max(HEIGHT, 1.9 + 0.5 * len(series)))
    page.note(
        told(
            say("Mean a replication."),
            say("One replication has no interval.")
            if comparison.replications == 1
            else say("Whisker: 95 % interval of the total, cut at zero."),
            say("%: share of the loss in that world. % of drawn: share of the money drawn."),
        ),
        *notes_of(comparison, series),
    )
    used = [party for party in parties if any(amounts[party] for amounts in borne)]
    styles = party_styles(parties)
    labels = dict(zip(used, distinct(cut(name_of_party(series, party), 40) for party in used), strict=True))
    page.legend([patch_of(*styles[party], labels[party]) for party in used])
    (axes,) = page.panels(1, 1)[0]
    short = len(series) > FEW
    reach = max(max(total.value or 0, total.high or 0) for total in totals)
    for row, (one, total) in enumerate(zip(series, totals, strict=True)):
        left, amount = 0.0, total.value or 0.0
        for party in used:
            part = borne[row][party] / fen_of_column() / len(one.measures)
            colour, hatch = styles[party]
            axes.barh(row, part, left=left, height=0.56, color=colour, hatch=hatch, edgecolor="white", linewidth=0.6)
            if part > (0.12 if short else 0.07) * reach:
                share = percent(borne[row][party] / sum(borne[row].values()))
                inside = f"{money_text(part * fen_of_column())} · {share}"
                if not short or width_of(inside) * COLUMN * reach > part:
                    inside = inside.replace(" · ", "\n")
                axes.text(
                    left + part / 2, row, inside, ha="center", va="center", size=SMALL,
                    color=ink_on(colour), linespacing=1.1,
                    bbox={"facecolor": colour, "edgecolor": "none", "pad": 1.2} if hatch else None,
                )  # fmt: skip
            left += part
        said = f"{money_text(amount * fen_of_column())}{_of_drawn(one)}"
        if total.low is not None and total.high is not None and total.high > total.low:
            low = max(total.low, 0.0)
            axes.plot([low, total.high], [row - 0.37] * 2, color=INK, linewidth=1.3, marker="|", markersize=7)
            said += "\n" + money_interval(*(each * fen_of_column() for each in (amount, low, total.high)))
        axes.annotate(
            said, (max(amount, total.high or 0), row), (7, 0), textcoords="offset points", va="center", size=SMALL,
            weight="bold",
        )  # fmt: skip
    axes.set(xlim=(0, reach / (1 - END_TEXT)), ylim=(len(series) - 0.4, -0.65))
    axes.set_xlabel(say("loss (m CNY, mean a replication)"))
    axes.set_yticks(range(len(series)), [wrapped(one.label, 28, 2) for one in series])
    for tick, one in zip(axes.get_yticklabels(), series, strict=True):
        tick.set(color=one.colour if len(series) <= MOST_SERIES else INK, weight="bold")
    quiet(axes, "x")
    return page.figure


def _of_drawn(one: Series) -> str:
    """The loss as a share of the money drawn, in all replications."""
    lost = sum(sum(each.borne.values()) for each in one.measures)
    lent = sum(each.drawn for each in one.measures)
    if lost <= 0 or lent <= 0:
        return ""
    return " · " + say("{share} of drawn", share="<0.1%" if lost / lent < 0.0005 else f"{lost / lent:.1%}")


def parties_of(series: list[Series]) -> list[str]:
    """All parties that may bear a loss, in the order of the agreements."""
    named = [party for one in series for party in one.product.risk_sharing.bearers()]
    measured = [party for one in series for each in one.measures for party in each.borne]
    return list(dict.fromkeys([*named, *measured]))


def name_of_party(series: list[Series], party: str) -> str:
    """What is drawn for a party: what it is called in all worlds, or its English name where that cannot be drawn."""
    name = next((one.scenario.parties[party].name for one in series if party in one.scenario.parties), None)
    return shown(party_of_all_said((one.scenario for one in series), party), name)
