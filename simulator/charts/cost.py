"""What a loan costs the firm a year: interest, fees and premium, less the subsidies that it gets."""

from __future__ import annotations

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from simulator.analysis.comparison import Comparison
from simulator.analysis.figures import spread
from simulator.analysis.firm_cost import COMPONENTS
from simulator.analysis.intervals import Estimate, estimate
from simulator.charts.labels import wrapped
from simulator.charts.page import FEW, HEIGHT, SMALL, Page, chart, patch_of, quiet
from simulator.charts.palette import COST_STYLES, FAINT, INK, MOST_SERIES, ink_on
from simulator.charts.series import Series, notes_of, series_of, setting_of
from simulator.texts import phrase, say, told
from simulator.workflow.ledger import SUBSIDIES, What

TITLE = phrase("What a loan costs the firm")
MOST_ROWS = 24
END_TEXT = 0.3
"""Share of the panel kept for the text after the longest bar."""
RATES = {
    "contractual": ("white", phrase("all in, by contract")),
    "contractual_after_subsidy": (INK, phrase("all in, after subsidies")),
}
"""Bases of the rates marked: colour of the mark and name."""
OFF = "////"


@chart
def draw(comparison: Comparison) -> Figure | None:
    """Mean cost a year by component, subsidies left of zero, with the all-in rates; None where nothing was charged."""
    series = series_of(comparison, MOST_ROWS)
    parts = [_parts(one) for one in series]
    rates = [{basis: _rate(one, basis) for basis in RATES} for one in series]
    used = [what for what in COMPONENTS if any(share.get(what) for share in parts)]
    if not used:
        return None
    basis = say("By contract, of every loan drawn, if it is repaid as agreed")
    page = Page(say(TITLE), f"{setting_of(comparison, series)}\n{basis}", max(HEIGHT, 2.2 + 0.56 * len(series)))
    page.note(
        told(
            say(
                "Bars: mean a year, of the principal outstanding. All in: effective annual internal rate of return of "
                "all that the firm receives and pays, mean of the loans; it is above the sum of the bars, and after "
                "subsidies above that sum less what lies left of zero, as it counts what is paid early or within the "
                "year. Whisker and [ ]: 95 % interval of the mean over replications."
            ),
            say("One replication has no interval.") if comparison.replications == 1 else "",
        ),
        *notes_of(comparison, series),
    )
    page.legend([*(_swatch(what) for what in used), *_marks(rates)])
    (axes,) = page.panels(1, 1)[0]
    above = [sum(share for what, share in each.items() if share > 0) for each in parts]
    marked = [mark.high or mark.value or 0.0 for each in rates for mark in each.values()]
    reach = max(*above, *marked)
    lowest = min(sum(share for share in each.values() if share < 0) for each in parts)
    width = (reach - lowest) / (1 - END_TEXT)
    for row, (share, marks) in enumerate(zip(parts, rates, strict=True)):
        _bar(axes, row, share, (0.16 if len(series) > FEW else 0.07) * width)
        _mark(axes, row, marks, above[row])
    axes.set(xlim=(lowest * 1.04, lowest + width), ylim=(len(series) - 0.35, -0.65))
    axes.set_xlabel(say("cost to the firm (% a year of the principal outstanding)"))
    axes.axvline(0, color=FAINT, linewidth=0.9, zorder=1)
    axes.set_yticks(range(len(series)), [wrapped(one.label, 28, 2) for one in series])
    for tick, one in zip(axes.get_yticklabels(), series, strict=True):
        tick.set(color=one.colour if len(series) <= MOST_SERIES else INK, weight="bold")
    quiet(axes, "x")
    return page.figure


def _parts(one: Series) -> dict[What, float]:
    """Each component in % a year, mean over replications; subsidies below zero."""
    found = {}
    for what in COMPONENTS:
        mean = estimate([each.cost.a_year(what) for each in one.measures]).value
        if mean:
            found[what] = mean * 100
    return found


def _rate(one: Series, basis: str) -> Estimate:
    """The mean all-in rate of the loans in % a year, as the tables print it."""
    return estimate(spread([each.cost.rates[basis] * 100 for each in one.measures])["mean"])


def _swatch(what: What) -> Patch:
    colour, hatch, subsidy = _style(what)
    if not subsidy:
        return patch_of(colour, hatch, say(what))
    label = say("less {subsidy}", subsidy=say(what))
    return Patch(facecolor="white", hatch=hatch, edgecolor=colour, linewidth=0.8, label=label)


def _style(what: What) -> tuple[str, str, bool]:
    """Colour, hatch, and whether it is taken off: a subsidy has the colour of what it is a part of."""
    for of, subsidy in SUBSIDIES.items():
        if what == subsidy:
            return COST_STYLES[of][0], OFF, True
    return *COST_STYLES[what], False


def _marks(rates: list[dict[str, Estimate]]) -> list[Line2D]:
    """The legend's marks; of subsidies only where there are any."""
    shown = [basis for basis in RATES if basis == "contractual" or any(_subsidised(each) for each in rates)]
    return [
        Line2D([], [], color=INK, marker="D", markerfacecolor=RATES[basis][0], linestyle="", label=say(RATES[basis][1]))
        for basis in shown
    ]


def _subsidised(marks: dict[str, Estimate]) -> bool:
    return marks["contractual"].value != marks["contractual_after_subsidy"].value


def _bar(axes: Axes, row: int, shares: dict[What, float], least: float) -> None:
    """One bar, its parts named by their size where that is at least `least`."""
    right, left = 0.0, 0.0
    for what, share in shares.items():
        colour, hatch, subsidy = _style(what)
        begins = left if subsidy else right
        face, edge = ("white", colour) if subsidy else (colour, "white")
        axes.barh(row, share, left=begins, height=0.44, color=face, edgecolor=edge, hatch=hatch, linewidth=0.8)
        if abs(share) > least:
            box = {"facecolor": face, "edgecolor": "none", "pad": 1.0}
            axes.text(
                begins + share / 2, row, f"{share:.2f}", ha="center", va="center_baseline", size=SMALL,
                color=INK if subsidy else ink_on(colour), bbox=box if hatch else None,
            )  # fmt: skip
        if subsidy:
            left += share
        else:
            right += share


def _mark(axes: Axes, row: int, marks: dict[str, Estimate], reach: float) -> None:
    """The all-in rates of one row: by contract above the bar, after subsidies below it, both told at the right."""
    lines = []
    for basis, place in (("contractual", -0.34), ("contractual_after_subsidy", 0.34)):
        found = marks[basis]
        if found.value is None or (place > 0 and not _subsidised(marks)):
            continue
        rate = f"{found.value:.2f}"
        said = say("{rate}% after subsidies", rate=rate) if place > 0 else say("{rate}% by contract", rate=rate)
        if found.low is not None and found.high is not None:
            axes.plot([found.low, found.high], [row + place] * 2, color=INK, linewidth=1.3, marker="|", markersize=7)
            low, high = f"{found.low:.2f}", f"{found.high:.2f}"
            said += f" [{low}, {high}]" if low != high else ""
            reach = max(reach, found.high)
        axes.plot([found.value], [row + place], "D", color=INK, markerfacecolor=RATES[basis][0], markersize=5)
        lines.append(said)
        reach = max(reach, found.value)
    none = say("no such rate") if reach else say("nothing drawn")
    axes.annotate(
        "\n".join(lines) or none, (reach, row), (7, 0), textcoords="offset points", va="center", size=SMALL,
        linespacing=1.25, weight="bold" if lines else "normal", color=INK if lines else FAINT,
    )  # fmt: skip
