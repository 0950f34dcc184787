"""The charts of a portfolio's losses over many paths: their distribution, the funds over time, one loss."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from pathlib import Path

import numpy as np
from matplotlib.figure import Figure

from simulator.analysis.distribution import PortfolioDistribution
from simulator.analysis.intervals import Estimate
from simulator.analysis.portfolio_loans import Lent, book_figures
from simulator.analysis.portfolio_losses import PortfolioLosses
from simulator.calendars import minutes_since
from simulator.charts import distribution, fund, waterfall
from simulator.charts.dates import day_number
from simulator.charts.fan import MOST_PANELS, QUANTILES, Fan, draw_fans
from simulator.charts.fonts import message_for, readable
from simulator.charts.gallery import save
from simulator.charts.labels import cut, money_text, shown
from simulator.charts.loss_rows import Sold, ToldLoss
from simulator.charts.palette import WORLD_COLOURS, WORLD_LINES
from simulator.credit.book import Ints
from simulator.experiment.one_path import ToldPath, telling_path
from simulator.experiment.path_runs import PathRun
from simulator.scenario.agreement_parts import TopUp
from simulator.scenario.spoken_names import party_called
from simulator.texts import Filled, say, say_count, told
from simulator.units import format_share


def save_portfolio_charts(
    losses: PortfolioLosses,
    figures: PortfolioDistribution,
    folder: Path,
    warn: Callable[[str], None] = lambda line: None,
) -> list[Path]:
    """Write distribution, fund and waterfall as NAME.png and NAME.svg, those that have something to show; the files.

    `warn` is told, in one line, what a Chinese font is missed for.
    """
    drawn = {
        "distribution": draw_distribution(losses, figures),
        "fund": draw_funds(losses, figures),
        "waterfall": draw_one_loss(losses),
    }
    message = message_for(_all_names(losses))
    if message:
        warn(message)
    folder.mkdir(parents=True, exist_ok=True)
    return [path for name, figure in drawn.items() if figure is not None for path in save(figure, folder / name)]


@readable()
def draw_distribution(losses: PortfolioLosses, figures: PortfolioDistribution) -> Figure | None:
    """How much is lost and how often, all loans together; None where nothing is lost."""
    totals = losses.totals
    source = shown(Path(losses.loans.source_said).name)
    notes = [
        told(
            say("Loans from {source}.", source=source),
            say("They have one common factor and default independently otherwise."),
        )
    ]
    parts = dict(zip(totals.parties, totals.borne, strict=True))
    return distribution.draw(totals.net, figures.net, parts, _setting(losses), _names(losses), notes)


@readable()
def draw_funds(losses: PortfolioLosses, figures: PortfolioDistribution) -> Figure | None:
    """What is left in each fund over time; None without a fund."""
    fans: list[Fan] = []
    for lent, run in zip(losses.loans.lent, losses.runs, strict=True):
        for number, (name, balances) in enumerate(run.courses.balances(losses.paths).items()):
            alone = len(losses.loans.lent) == 1
            found = figures.funds[name if alone else f"{lent.name}: {name}"]
            said = [say("used up on {share} of the paths", share=_percent(found.probability))]
            if found.years[0.5].value is not None:
                said.append(say("then after {years} years (median)", years=f"{found.years[0.5].value:.1f}"))
            top_ups = _top_ups(lent, run, name)
            said += fund.left_in_words(float(balances[:, -1].mean()), run.courses.at_first[name], top_ups)
            emptied = np.flatnonzero(np.isfinite(run.totals.used_up[number, : len(balances)]))
            path = int(emptied[0]) if len(emptied) else 0
            said.append(say("line: path {number}", number=f"{path + 1:,}"))
            called_so = fund.names_of_meters(lent.opened.sharing)[name]
            label = called_so if alone else say("{product}: {fund}", product=lent.name, fund=called_so)
            fans.append(_fan(run, label, balances, path, said, top_ups, len(fans)))
    kept = min((run.courses.paths for run in losses.runs if run.courses.paths), default=0)
    notes = [
        told(
            say("Years count from the first drawdown."),
            say("The line is the first path on which the fund is used up, if any."),
            say("Balances over time are those of the first {count} paths.", count=f"{kept:,}")
            if kept < losses.paths
            else "",
        )
    ]
    if len(fans) > MOST_PANELS:
        rest = say(", ").join(cut(fan.label, 40) for fan in fans[MOST_PANELS:])
        notes.append(say("More funds: {names}.", names=rest))
    return draw_fans(say(fund.TITLE), _setting(losses), fans, notes, "paths")


def _top_ups(lent: Lent, run: PathRun, name: str) -> list[TopUp]:
    """Those of the time that is shown; earlier ones are in the fund when it begins."""
    origin, moments = lent.portfolio.book.origin, run.courses.moments
    return [
        each
        for each in lent.opened.sharing.funds[name].top_ups
        if moments[0] < minutes_since(origin, each.on) < moments[-1]
    ]


def _fan(run: PathRun, label: str, balances: Ints, path: int, said: list[str], top_ups: list[TopUp], place: int) -> Fan:
    origin = run.portfolio.book.origin
    days = np.array([day_number(origin, moment) for moment in run.courses.moments])
    return Fan(
        label=shown(label),
        said=said,
        days=days,
        quantiles=dict(zip(QUANTILES, np.quantile(balances, QUANTILES, axis=0), strict=True)),
        lines=[(days, balances[path].astype(np.float64))],
        top_ups=[day_number(origin, minutes_since(origin, each.on)) for each in top_ups],
        colour=WORLD_COLOURS[place % len(WORLD_COLOURS)],
        line=WORLD_LINES[place % len(WORLD_LINES)],
        number=path + 1,
    )


@readable()
def draw_one_loss(losses: PortfolioLosses) -> Figure | None:
    """One loss step by step; None where no loan defaults on any path."""
    paths = [(lent, telling_path(run, losses.seed)) for lent, run in zip(losses.loans.lent, losses.runs, strict=True)]
    having = [(lent, path) for lent, path in paths if path is not None]
    if not having:
        return None
    notes = [
        say(
            "Shown: the first loss that takes what is left of a fund, or else the largest, of the first path on which "
            "a fund is used up or, without one, a loan defaults. Hatched on white: what comes back of what was paid."
        )
    ]
    panels = [_told_loss(lent, path, alone=len(losses.loans.lent) == 1) for lent, path in having]
    return waterfall.draw_losses(say(waterfall.TITLE), _setting(losses), panels, notes, _names(losses))


def _told_loss(lent: Lent, path: ToldPath, alone: bool) -> ToldLoss:
    claims, sales, book = path.shared.claims, path.shared.sales, lent.portfolio.book
    telling = [place for place, each in enumerate(path.allocations) if waterfall.takes_the_last(each)]
    place = telling[0] if telling else int(np.argmax(claims.amount))
    loan, amount, principal = int(claims.loan[place]), int(claims.amount[place]), int(claims.outstanding[place])
    lgd = book.lgd[loan] if book.lgd is not None else None
    sold = None
    for sale in np.flatnonzero(sales.claim == place):
        back = np.flatnonzero(path.shared.sold == sale)
        shares = path.shared.shares
        returned = shares.returned[:, back].sum(axis=1).tolist()
        sold = Sold(
            proceeds=int(sales.proceeds[sale]),
            cost=int(sales.cost[sale]),
            returned=dict(zip(shares.parties, returned, strict=True)),
            surplus=int(shares.surplus[back].sum()),
            surplus_to=lent.opened.sharing.recoveries.surplus,
            on=date.fromordinal(int(sales.day[sale])),
        )
    name, number = book.names[loan], f"{path.path + 1:,}"
    name = say(name) if isinstance(name, Filled) else name
    heading = say("Loan of {firm} on path {number}", firm=name, number=number)
    if lent.opened.scenario is None or lent.given:
        heading = say("Loan {loan} on path {number}", loan=name, number=number)
    return ToldLoss(
        heading=heading if alone else f"{heading} · {lent.name}",
        principal=principal if lgd is None else amount,
        interest=amount - principal if lgd is None else 0,
        lgd=lgd,
        allocation=path.allocations[place],
        sold=sold,
        defaulted_on=date.fromordinal(int(claims.lost_on[place])),
        settled_on=date.fromordinal(int(claims.day[place])),
        funds=tuple(lent.opened.sharing.funds),
    )


def _setting(losses: PortfolioLosses) -> str:
    books = [book_figures(lent.portfolio) for lent in losses.loans.lent]
    loans, principal = sum(each.loans for each in books), sum(each.principal for each in books)
    parts = [
        cut(shown(Path(losses.loans.reference).name), 60),
        say_count("{n} loan of {amount} in all", "{n} loans of {amount} in all", loans, amount=money_text(principal)),
        say_count("{n} path", "{n} paths", losses.paths),
        say("correlation {share}", share=format_share(losses.loans.correlation)),
    ]
    return " · ".join(parts + [say("interrupted run")] * (not losses.complete))


def _names(losses: PortfolioLosses) -> Mapping[str, str]:
    """What is drawn for parties, funds, limits and rates, by their keys."""
    found: dict[str, str] = {}
    for lent in losses.loans.lent:
        sharing = lent.opened.sharing
        for key in sharing.bearers():
            name = lent.opened.parties.get(key)
            found[key] = shown(party_called(key, name), name)
        found |= fund.names_of_meters(sharing)
    return found


def _all_names(losses: PortfolioLosses) -> list[str]:
    """Every name that can appear in a chart."""
    named = [losses.loans.reference, losses.loans.source, *_names(losses)]
    return named + [name for lent in losses.loans.lent for name in (lent.name, *lent.portfolio.book.names)]


def _percent(found: Estimate) -> str:
    assert found.value is not None
    return f"{found.value * 100:.3g}%"
