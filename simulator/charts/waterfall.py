"""One loss, step by step: from what is owed to what each party has borne in the end."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from simulator.analysis.comparison import Comparison, same_applicants
from simulator.calendars import moment_at
from simulator.charts.fonts import readable
from simulator.charts.fund import names_of_meters
from simulator.charts.labels import cut, shown
from simulator.charts.loss_rows import Bar, Row, Sold, Stretch, ToldLoss, rows_of
from simulator.charts.losses import name_of_party
from simulator.charts.page import FEW, HEIGHT, SMALL, WIDTH, Page, chart, quiet
from simulator.charts.palette import FAINT, INK, party_styles
from simulator.charts.series import Series, notes_of, series_of, setting_of
from simulator.sharing import Allocation
from simulator.texts import phrase, say
from simulator.texts.money import fen_of_column
from simulator.workflow.loan import Loss

TITLE = phrase("One loss, step by step")
ROW, AROUND = 0.34, 0.75
"""Inches of a row, and of a panel's name and its axis."""
BETWEEN = 0.14
"""Inches on each side of a panel: the amount after a bar must not be read together with the next panel's name."""
END_TEXT = {1: 0.25, 2: 0.45}
"""Share of a panel kept for the amount after the longest bar, by the number of panels beside one another."""
NAME, STRETCH = {1: 44, 2: 30}, {1: 110, 2: 52}
"""Columns of a row's name, and of what stands between rows, by the same."""
NEUTRAL, COST = "#8C8C8C", "#BDBDBD"
BACK = "////"


@readable()
def draw(comparison: Comparison) -> Figure | None:
    """A loss of replication 1 in each world, up to FEW; None when there was none.

    A world in which a loss takes what is left of a fund shows the first such loss. Every other shows the loss of the
    same case, where the same firms apply and it has one, or else its largest.
    """
    series = series_of(comparison)
    having = [one for one in series if _losses(one)]
    if not having:
        return None
    lead = next((one for one in having if first_at_the_end_of_a_fund(_losses(one))), having[0])
    chosen = [(one, chosen_loss(one, lead)) for one in having[:FEW]]
    told = [told_loss(one, loss, alone=len(series) == 1) for one, loss in chosen]
    names: dict[str, str] = {}
    for one in having:
        sharing = one.product.risk_sharing
        names |= {party: name_of_party(having, party) for party in sharing.bearers()} | names_of_meters(sharing)
    notes = [
        say(
            "Shown: the first loss that takes what is left of a fund; else the same case as beside it, or the largest. "
            "Hatched on white: what comes back of what was paid."
        ),
        *notes_of(comparison, having[:FEW], lambda one: bool(_losses(one))),
    ]
    return draw_losses(say(TITLE), setting_of(comparison, having[:FEW], replications=False), told, notes, names)


@chart
def draw_losses(
    title: str, subtitle: str, losses: Sequence[ToldLoss], notes: Sequence[str] = (), names: Mapping[str, str] = {}
) -> Figure | None:
    """One panel a loss, up to FEW; `names` are shown for parties and funds in place of their keys. None without one."""
    told = losses[:FEW]
    if not told:
        return None

    def named(key: str) -> str:
        return shown(names.get(key, key))

    tables = [rows_of(loss, named) for loss in told]
    columns = min(len(told), 2)
    grid = [tables[first : first + columns] for first in range(0, len(tables), columns)]
    most = [max(map(len, beside)) for beside in grid]
    height = 1.5 + sum(AROUND + ROW * count for count in most)
    page = Page(title, subtitle, max(HEIGHT, height))
    page.note(*notes)
    styles = party_styles([party for loss in told for party in loss.allocation.paid])
    by_name = {named(party): style for party, style in styles.items()}
    panels = page.panels(len(grid), columns, BETWEEN, height_ratios=[count + AROUND / ROW for count in most])
    for place, (axes, loss, rows) in enumerate(zip(panels.flat, told, tables, strict=False)):
        _draw(axes, rows, by_name, columns, most[place // columns])
        page.heading(axes, shown(loss.heading), WIDTH / columns - 2.2, color=loss.colour or INK)
    for axes in panels.flat[len(told) :]:
        axes.set_axis_off()
    return page.figure


def _losses(one: Series) -> list[Loss]:
    """The losses of a product in replication 1, in the order in which they were settled."""
    return [loss for loss in one.happened.losses if loss.product == one.number]


def takes_the_last(allocation: Allocation) -> bool:
    """Whether a fund has something left for a loss, but less than its part."""
    return any(
        step.is_fund and step.room > 0 and (step.amount > step.room or step.how == "stands aside")
        for step in allocation.steps
    )


def first_at_the_end_of_a_fund(losses: Sequence[Loss]) -> Loss | None:
    """The first loss for which a fund has too little left; None where there is none."""
    return next((loss for loss in losses if takes_the_last(loss.allocation)), None)


def chosen_loss(one: Series, lead: Series) -> Loss:
    """The loss that is shown of a product, beside that of `lead`."""
    losses = _losses(one)
    own = first_at_the_end_of_a_fund(losses)
    if own is not None:
        return own
    if one is not lead and same_applicants(lead.world, one.world):
        case = chosen_loss(lead, lead).case
        same = next((loss for loss in losses if loss.case == case), None)
        if same is not None:
            return same
    return max(losses, key=lambda loss: loss.amount)


def told_loss(one: Series, loss: Loss, *, alone: bool = False) -> ToldLoss:
    """A loss of a run as it is drawn."""
    start = one.run.start
    case = say("Case {case}", case=loss.case)
    sold = None
    if loss.recovered_at <= one.happened.last_loan_moment:
        day = moment_at(start, loss.recovered_at).date()
        to = one.product.risk_sharing.recoveries.surplus
        sold = Sold(loss.proceeds, loss.sale_cost, loss.returned, loss.surplus, to, day)
    return ToldLoss(
        heading=case if alone else f"{case} · {one.label}",
        principal=loss.principal,
        interest=loss.interest,
        allocation=loss.allocation,
        sold=sold,
        defaulted_on=moment_at(start, loss.defaulted_at).date(),
        settled_on=moment_at(start, loss.settled_at).date(),
        funds=tuple(one.product.risk_sharing.funds),
        colour=INK if alone else one.colour,
    )


def _draw(axes: Axes, rows: Sequence[Row], styles: Mapping[str, tuple[str, str]], beside: int, most: int) -> None:
    bars = [(place, row) for place, row in enumerate(rows) if isinstance(row, Bar)]
    reach = max(piece.end for _, bar in bars for piece in bar.pieces) / fen_of_column() or 1.0
    for place, bar in bars:
        _bar(axes, place, bar, styles)
    for place, row in enumerate(rows):
        if isinstance(row, Stretch):
            text = "\n".join(f" {cut(line, STRETCH[beside])}" for line in row.text.split("\n"))
            axes.text(0, place + 0.08, text, size=SMALL, va="center", color=FAINT, style="italic", linespacing=1.1)
    axes.set(xlim=(0, reach / (1 - END_TEXT[beside])), ylim=(most - 0.4, -0.6), xlabel=say("m CNY"))
    axes.set_yticks([place for place, _ in bars], [_label(bar, NAME[beside]) for _, bar in bars])
    quiet(axes, "x")
    for label in axes.get_yticklabels():
        label.set(size=SMALL, linespacing=1.1)


def _label(bar: Bar, width: int) -> str:
    return "\n".join(cut(line, width) for line in (bar.who, bar.why) if line)


def _bar(axes: Axes, place: int, bar: Bar, styles: Mapping[str, tuple[str, str]]) -> None:
    """One row's bar, with what is said of it behind."""
    for piece in bar.pieces:
        colour, hatch = styles.get(bar.who, (NEUTRAL, ""))
        edge = "white"
        if piece.kind in ("owed", "sold", "cost"):
            colour, hatch = (COST, "....") if piece.kind == "cost" else (NEUTRAL, "")
        elif piece.kind in ("back", "surplus"):
            colour, edge, hatch = "white", colour, BACK
        axes.barh(
            place, (piece.end - piece.begin) / fen_of_column(), left=piece.begin / fen_of_column(), height=0.62,
            color=colour, edgecolor=edge, hatch=hatch, linewidth=0.7,
        )  # fmt: skip
    last = max((piece.end for piece in bar.pieces), default=0) / fen_of_column()
    final = any(piece.kind == "borne" for piece in bar.pieces)
    axes.annotate(
        bar.said, (last, place), (4, 0), textcoords="offset points", va="center", size=SMALL,
        color=INK if bar.pieces else FAINT, weight="bold" if final else "normal",
    )  # fmt: skip
