"""What `losses` prints."""

from __future__ import annotations

from rich.table import Table

from simulator.analysis.distribution import (
    LEVELS,
    Exhaustion,
    LossDistribution,
    PortfolioDistribution,
    loss_distribution,
)
from simulator.analysis.intervals import Estimate
from simulator.analysis.portfolio_loans import Lent, book_figures
from simulator.analysis.portfolio_losses import Against, PortfolioLosses, against_figures
from simulator.cli.tables import add_row, new_table, rounded
from simulator.units import format_money, format_share

YUAN = 1e2
UNITS = {1e11: "bn CNY", 1e8: "m CNY", 1e5: "k CNY"}
"""Fen of each unit of money."""
QUARTERS = {0.25: "a quarter", 0.5: "half", 0.75: "three quarters"}


def portfolio_tables(losses: PortfolioLosses, figures: PortfolioDistribution) -> list[Table | str]:
    """What was run, how losses are distributed, and how long funds last."""
    parts: list[Table | str] = [*map(_about, losses.loans.lent)]
    if sum(lent.with_lgd for lent in losses.loans.lent):
        parts.append(
            "Of loans with an lgd that share of what is owed is the loss that is shared, and nothing comes back; of "
            "loans with an appraised value all that is owed is paid first, and what the IP brings is given back."
        )
    for name in losses.loans.without_loans:
        parts.append(f"{name}: no loan is drawn.")
    parts.append(_run_in_words(losses))
    parts += ["", _loss_table(figures)]
    parts.append("VaR: as much or less is lost on that share of the paths. ES: the mean of the paths beyond it.")
    if len(figures.years) > 1:
        parts += ["", _year_table(figures)]
        parts.append("Each in the calendar year that is its worst on a path, by the day on which claims are settled.")
    if losses.against is not None:
        parts += ["", _against_table(losses, losses.against)]
        parts.append("The same losses on the same paths; what is borne in the end.")
    if figures.funds:
        parts += ["", _fund_table(losses, figures)]
        parts.append("Years from the first drawdown until a fund is empty for the first time, on paths where it is.")
        if len(figures.years) > 1:
            parts += ["", _exhaustion_table(figures)]
    parts.append("")
    others = "" if losses.loans.lent[0].given else "that other replications draw other loans (--replication) and "
    parts.append(
        f"In brackets: 95 % intervals for the limited number of paths; {others}what is not known of default rates, "
        f"correlation and values {'are' if others else 'is'} not in them."
    )
    if _too_few(figures):
        parts.append("Without brackets: too few paths beyond it for an interval; run more with --paths.")
    if not losses.complete:
        parts.append(
            f"Interrupted: these are the first {losses.paths:,} of {losses.asked:,} paths. Run the command again for "
            "all of them."
        )
    return parts


def _about(lent: Lent) -> str:
    found = book_figures(lent.portfolio)
    loans = f"{found.loans:,} loan{'s' * (found.loans != 1)}"
    borrowers = f"{found.borrowers:,} borrower{'s' * (found.borrowers != 1)}"
    when = f"drawn {found.first_drawn} to {found.last_drawn}, the last ends {found.ends}"
    told = f"{lent.opened.reference}: {loans} to {borrowers}, {format_money(found.principal)} in all, {when}."
    if lent.without_pd:
        told += f" {lent.without_pd:,} without annual_pd default at the rate of {lent.opened.reference}."
    return told


def _run_in_words(losses: PortfolioLosses) -> str:
    expected = sum(each.portfolio.expected_defaults for each in losses.loans.lent)
    loans = losses.loans
    return (
        f"Loans from {loans.source}; {losses.paths:,} path{'s' * (losses.paths != 1)} of seed {losses.seed}; "
        f"correlation {format_share(loans.correlation)} through one common factor; "
        f"{_count(expected)} defaults expected on a path."
    )


def _count(expected: float) -> str:
    """A mean number with two decimals, or, below 1, two digits."""
    return f"{expected:,.2f}" if expected >= 1 or not expected else f"{expected:.2g}"


def _loss_table(figures: PortfolioDistribution) -> Table:
    scale, unit, digits = _unit(figures.loss)
    columns = ["", "mean", "st. dev."]
    for level in LEVELS:
        columns += [f"VaR {level * 100:g} %", f"ES {level * 100:g} %"]
    table = new_table(f"What is lost to the end of all loans ({unit})", columns, whole=columns[1:])
    rows = {"losses shared": figures.loss}
    if figures.net != figures.loss:
        rows["net of what IP brings"] = figures.net
    rows |= {f"  {party}": each for party, each in figures.parties.items()}
    for name, each in rows.items():
        add_row(table, name, *(_cell(found, scale, digits) for found in _figures(each)))
    return table


def _year_table(figures: PortfolioDistribution) -> Table:
    """A bad year: what is borne of its claims in the end, and what is paid for them at first."""
    scale, unit, digits = _unit(figures.worst_year_paid.all)
    told = {"borne": figures.worst_year, "paid at first": figures.worst_year_paid}
    if figures.worst_year == figures.worst_year_paid:
        del told["paid at first"]
    columns = ["", *(f"{word}: {what}" for word in told for what in ("mean", "1 in 20", "1 in 100"))]
    table = new_table(f"A bad year ({unit})", columns, whole=columns[1:])
    rows = {"all together": [each.all for each in told.values()]}
    rows |= {f"  {party}": [each.parties[party] for each in told.values()] for party in figures.parties}
    for name, found in rows.items():
        cells = [cell for each in found for cell in (each.mean, each.value_at_risk[0.95], each.value_at_risk[0.99])]
        add_row(table, name, *(_cell(cell, scale, digits) for cell in cells))
    return table


def _against_table(losses: PortfolioLosses, against: Against) -> Table:
    """Two agreements side by side."""
    compared = against_figures(losses, against)
    scale, unit, digits = _unit(loss_distribution(losses.totals.net))
    sides = [f"{what}: {which}" for what in ("mean", "VaR 99 %") for which in ("here", "there")]
    columns = ["", *sides, "there less here"]
    table = new_table(f"Here, and there: {against.reference} ({unit})", columns, whole=columns[1:])
    for party, each in compared.items():
        found = (each.here.mean, each.there.mean, each.here.value_at_risk[0.99], each.there.value_at_risk[0.99])
        add_row(table, party, *(_cell(one, scale, digits) for one in (*found, each.difference)))
    return table


def _unit(of: LossDistribution) -> tuple[float, str, int]:
    """The unit in which the tail of a distribution is a number of a few digits: its fen, its name, decimals."""
    tail = of.expected_shortfall[max(LEVELS)].value or 0.0
    scale, unit = next((each for each in UNITS.items() if tail >= 10 * each[0]), (YUAN, "CNY"))
    return scale, unit, 2 if tail < 1_000 * scale else 0


def _figures(of: LossDistribution) -> list[Estimate]:
    found = [of.mean, of.standard_deviation]
    for level in LEVELS:
        found += [of.value_at_risk[level], of.expected_shortfall[level]]
    return found


def _cell(found: Estimate, scale: float = 1.0, digits: int = 2) -> str:
    """The value above its interval."""
    if found.value is None:
        return "–"
    told = rounded(found.value / scale, digits)
    if found.low is None or found.high is None:
        return told
    return f"{told}\n[{rounded(found.low / scale, digits)}, {rounded(found.high / scale, digits)}]"


def _fund_table(losses: PortfolioLosses, figures: PortfolioDistribution) -> Table:
    funds = [fund for lent in losses.loans.lent for fund in lent.opened.sharing.funds.values()]
    columns = ["fund", "at first", "used up", *(f"after years: {word}" for word in QUARTERS.values())]
    table = new_table("How long funds last", columns, whole=columns[1:])
    for (name, found), fund in zip(figures.funds.items(), funds, strict=True):
        add_row(table, name, format_money(fund.balance), *_exhaustion(found))
    return table


def _exhaustion_table(figures: PortfolioDistribution) -> Table:
    columns = ["", *map(str, figures.years)]
    table = new_table("On how many of the paths a fund has been used up by the end of the year (%)", columns)
    for name, found in figures.funds.items():
        add_row(table, name, *(_cell(each, 0.01) for each in found.by_end_of.values()))
    return table


def _exhaustion(found: Exhaustion) -> list[str]:
    share = found.probability
    assert share.value is not None and share.low is not None and share.high is not None
    told = [f"{_percent(share.value)} %\n[{_percent(share.low)}, {_percent(share.high)}]"]
    return told + [_cell(found.years[quarter]) for quarter in QUARTERS]


def _percent(share: float) -> str:
    return f"{share * 100:.2f}"


def _too_few(figures: PortfolioDistribution) -> bool:
    every = [figures.loss, figures.net, *figures.parties.values()]
    return any(found.low is None for each in every for found in _figures(each))
