"""How a portfolio's loss is distributed over paths: its quantiles, their tails, and each party's part."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import FuncFormatter, NullLocator
from numpy.typing import NDArray

from simulator.analysis.distribution import LossDistribution
from simulator.analysis.intervals import Estimate
from simulator.charts.labels import cut, distinct, money_text, percent, shown
from simulator.charts.page import SMALL, Page, chart, quiet
from simulator.charts.palette import FAINT, INK, WORLD_COLOURS, WORLD_LINES, party_styles
from simulator.texts import phrase, say, told
from simulator.texts.money import fen_of_column

TITLE = phrase("How much is lost, and how often")
PAGE = 6.7
"""Inches of its height."""
WIDTHS, HEIGHTS = (1.15, 1.0), (1.0, 1.75)
BINS = 60
STEEP = 50
"""Bars are drawn on a logarithmic scale where those of the tail are so many times lower than the highest."""
MOST_POINTS = 400
LEAST = 500
"""The curves begin at so small a part of the largest loss."""
BARS = WORLD_COLOURS[0]
MARK = {"color": INK, "marker": "o", "markersize": 5.5}
TAIL_MARK = {"color": INK, "marker": "D", "markersize": 5, "markerfacecolor": "white"}

Amounts = NDArray[np.int64]


@chart
def draw(
    net: Amounts,
    figures: LossDistribution,
    parts: Mapping[str, Amounts],
    subtitle: str,
    names: Mapping[str, str] = {},
    notes: Sequence[str] = (),
) -> Figure | None:
    """The net loss of all paths, (paths,), with its figures, and how often each party's part is above an amount.

    Amounts in fen; `parts` by party, (paths,) each; `names` are shown in place of the parties' keys. None where nothing
    is lost on any path.
    """
    if not len(net) or not net.any():
        return None
    page = Page(say(TITLE), subtitle, PAGE)
    page.note(
        told(
            say(
                "Net loss, after what the sale of IP brings; none on {share} of the paths.",
                share=percent(float((net == 0).mean())),
            ),
            say(
                "Whiskers and [ ]: 95 % intervals for the error of a limited number of paths, not for what is unknown "
                "of rates and values."
            ),
        ),
        *notes,
    )
    parts = {party: amounts for party, amounts in parts.items() if amounts.any()}
    labels = distinct(cut(shown(names.get(party, party)), 30) for party in parts)
    lines = _party_lines(list(parts))
    page.legend(
        [
            Line2D([], [], linestyle="", label=say("mean, value at risk (VaR)"), **MARK),  # type: ignore[arg-type]
            Line2D([], [], linestyle="", label=say("expected shortfall (ES)"), **TAIL_MARK),  # type: ignore[arg-type]
            *(_legend_line(line, label) for line, label in zip(lines, labels, strict=True)),
            _legend_line({"color": INK, "linewidth": 2.4}, say("all together")),
        ]
    )
    ((marks, words), (bars, curves)) = page.panels(2, 2, width_ratios=WIDTHS, height_ratios=HEIGHTS)
    reach = float(net.max()) / fen_of_column() * 1.03
    _quantiles(marks, figures, bars)
    _in_words(words, figures)
    _histogram(bars, net, figures)
    for axes in (marks, bars):
        axes.set_xlim(-0.012 * reach, reach)
    marks.tick_params(labelbottom=False)
    for party, line in zip(parts, lines, strict=True):
        _exceedance(curves, parts[party], line)
    _exceedance(curves, net, {"color": INK, "linewidth": 2.4})
    # Of a party that bears a tenth, the curve is as easily read as that of all.
    curves.set(xscale="log", xlim=(reach / LEAST, reach), yscale="log", ylim=(100 / len(net) * 0.8, 125))
    curves.set_xlabel(say("loss above (m CNY, log scale)"))
    curves.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    curves.xaxis.set_minor_locator(NullLocator())
    curves.set_ylabel(say("share of paths (%)"))
    _plain_shares(curves)
    quiet(curves, "both")
    page.heading(curves, say("How often each bears more"), 3.8)
    return page.figure


def _quantiles(axes: Axes, figures: LossDistribution, below: Axes) -> None:
    """Mean, value at risk and expected shortfall, one row a level, with whiskers; lines lead down to the bars."""
    rows: list[tuple[str, Estimate, Estimate | None]] = [(say("mean"), figures.mean, None)]
    for level, found in figures.value_at_risk.items():
        rows.append((f"{level * 100:g}%", found, figures.expected_shortfall[level]))
    for place, (_, found, tail) in enumerate(rows):
        assert found.value is not None
        if tail is not None and tail.value is not None:
            ends = [each / fen_of_column() for each in (found.value, tail.value)]
            axes.plot(ends, [place] * 2, color=FAINT, linewidth=0.9, linestyle=":")
            _mark(axes, place + 0.13, tail, TAIL_MARK)
        _mark(axes, place - 0.13 if tail is not None else place, found, MARK)
        for each in (axes, below):
            each.axvline(found.value / fen_of_column(), color=FAINT, linewidth=0.8, linestyle=(0, (4, 2)), zorder=1)
    axes.set_ylim(len(rows) - 0.5, -0.5)
    axes.set_yticks(range(len(rows)), [name for name, *_ in rows])
    quiet(axes, "x")


def _mark(axes: Axes, place: float, found: Estimate, mark: Mapping[str, object]) -> None:
    assert found.value is not None
    if found.low is not None and found.high is not None:
        ends = [found.low / fen_of_column(), found.high / fen_of_column()]
        axes.plot(ends, [place] * 2, color=INK, linewidth=1.3, marker="|", markersize=6)
    axes.plot([found.value / fen_of_column()], [place], **mark)  # type: ignore[arg-type]


def _in_words(axes: Axes, figures: LossDistribution) -> None:
    """The same rows, said."""
    deviation = say("standard deviation {amount}", amount=_amount(figures.standard_deviation))
    lines = [f"{say('{amount} on average', amount=_amount(figures.mean))}\n{deviation}"]
    for level, found in figures.value_at_risk.items():
        often = say(
            "at most 1 path in {count} loses more than {amount}",
            count=f"{round(1 / (1 - level)):,}", amount=_amount(found),
        )  # fmt: skip
        worst = say(
            "the worst {share}% lose on average {amount}",
            share=f"{(1 - level) * 100:.3g}", amount=_amount(figures.expected_shortfall[level]),
        )  # fmt: skip
        lines.append(f"{often}\n{worst}")
    for place, text in enumerate(lines):
        axes.text(0, place, text, size=SMALL, va="center", linespacing=1.25)
    axes.set(xlim=(0, 1), ylim=(len(lines) - 0.5, -0.5))
    axes.set_axis_off()


def _amount(found: Estimate) -> str:
    if found.value is None:
        return say("unknown ({why})", why=say(found.note))
    if found.low is None or found.high is None:
        return say("{amount} (too few paths)", amount=money_text(found.value))
    return f"{money_text(found.value)} [{money_text(found.low)}, {money_text(found.high)}]"


def _histogram(axes: Axes, net: Amounts, figures: LossDistribution) -> None:
    """Share of the paths by their loss."""
    amounts = net / fen_of_column()
    counts, edges = np.histogram(amounts, bins=BINS, range=(0, float(amounts.max())))
    shares = counts / len(net) * 100
    axes.bar(edges[:-1], shares, np.diff(edges), align="edge", color=BARS, edgecolor="white", linewidth=0.4)
    far = max(each.value or 0.0 for each in figures.value_at_risk.values()) / fen_of_column()
    tail = shares[(edges[1:] >= far) & (shares > 0)]
    label = say("paths (%)")
    if len(tail) and shares.max() > STEEP * tail.mean():
        axes.set(yscale="log", ylim=(100 / len(net) * 0.5, shares.max() * 1.6))
        _plain_shares(axes)
        label = say("paths (%), log scale")
    axes.set_xlabel(say("net loss of a path (m CNY)"))
    axes.set_ylabel(label)
    quiet(axes, "y")


def _plain_shares(axes: Axes) -> None:
    """Percent on a logarithmic axis, written out."""
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    axes.yaxis.set_minor_locator(NullLocator())


def _exceedance(axes: Axes, amounts: Amounts, line: Mapping[str, object]) -> None:
    at, shares = exceedance(amounts)
    axes.step(at / fen_of_column(), shares * 100, where="post", **line)  # type: ignore[arg-type]


def exceedance(amounts: Amounts) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Amounts in rising order from zero, and the share of the paths that are above each; as many as can be seen."""
    values, times = np.unique(amounts, return_counts=True)
    above = (len(amounts) - np.cumsum(times)) / len(amounts)
    if len(values) > MOST_POINTS:
        # Evenly over the logarithm of the share, so that the tail keeps its points.
        wanted = np.geomspace(1.0, 1 / len(amounts), MOST_POINTS)
        places = np.unique([0, *np.searchsorted(-above, -wanted), len(values) - 1])
        values, above = values[places], above[places]
    if values[0] > 0:
        values, above = np.append(0, values), np.append(1.0, above)
    return values.astype(np.float64), above


def _party_lines(parties: Sequence[str]) -> list[dict[str, object]]:
    styles = party_styles(parties)
    return [
        {"color": styles[party][0], "linestyle": WORLD_LINES[place % len(WORLD_LINES)], "linewidth": 2.0}
        for place, party in enumerate(parties)
    ]


def _legend_line(line: Mapping[str, object], label: str) -> Artist:
    return Line2D([], [], label=label, **line)  # type: ignore[arg-type]
