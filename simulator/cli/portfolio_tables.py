"""What `losses` prints."""

from __future__ import annotations

from collections.abc import Mapping

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
from simulator.cli.tables import add_row, new_table, percentage, rounded
from simulator.scenario.spoken_names import product_said
from simulator.scenario.spoken_quantities import money_said
from simulator.texts import language, phrase, say, say_count
from simulator.texts.money import WAN, YI
from simulator.units import format_share

YUAN = 1e2
UNITS = {1e11: phrase("bn CNY"), 1e8: phrase("m CNY"), 1e5: phrase("k CNY"), YUAN: phrase("CNY")}
CHINESE_UNITS = {YI * 100: phrase("100m CNY"), WAN * 100: phrase("10k CNY"), YUAN: phrase("CNY")}
"""Fen of each unit of money, and those of Chinese."""
QUARTERS = {0.25: phrase("a quarter"), 0.5: phrase("half"), 0.75: phrase("three quarters")}


def portfolio_tables(losses: PortfolioLosses, figures: PortfolioDistribution) -> list[Table | str]:
    """What was run, how losses are distributed, and how long funds last."""
    parts: list[Table | str] = [*map(_about, losses.loans.lent)]
    if sum(lent.with_lgd for lent in losses.loans.lent):
        parts.append(
            say(
                "Of loans with an lgd that share of what is owed is the loss that is shared, and nothing comes back; "
                "of loans with an appraised value all that is owed is paid first, and what the IP brings is given back."
            )
        )
    for name in losses.loans.without_loans:
        parts.append(say("{product}: no loan is drawn.", product=_product_said(losses, name)))
    parts.append(_run_in_words(losses))
    names = _names_said(losses)
    parts += ["", _loss_table(figures, names)]
    parts.append(say("VaR: as much or less is lost on that share of the paths. ES: the mean of the paths beyond it."))
    if len(figures.years) > 1:
        parts += ["", _year_table(figures, names)]
        parts.append(
            say("Each in the calendar year that is its worst on a path, by the day on which claims are settled.")
        )
    if losses.against is not None:
        parts += ["", _against_table(losses, losses.against, names)]
        parts.append(say("The same losses on the same paths; what is borne in the end."))
    if figures.funds:
        parts += ["", _fund_table(losses, figures, names)]
        parts.append(
            say("Years from the first drawdown until a fund is empty for the first time, on paths where it is.")
        )
        if len(figures.years) > 1:
            parts += ["", _exhaustion_table(figures, names)]
    parts += ["", _intervals_line(losses)]
    if _too_few(figures):
        parts.append(say("Without brackets: too few paths beyond it for an interval; run more with --paths."))
    if not losses.complete:
        parts.append(
            say(
                "Interrupted: these are the first {done} of {asked} paths. Run the command again for all of them.",
                done=f"{losses.paths:,}", asked=f"{losses.asked:,}",
            )
        )  # fmt: skip
    return parts


def _intervals_line(losses: PortfolioLosses) -> str:
    """What the intervals are of, and what is not in them."""
    if losses.loans.lent[0].given:
        return say(
            "In brackets: 95 % intervals for the limited number of paths; what is not known of default rates, "
            "correlation and values is not in them."
        )
    return say(
        "In brackets: 95 % intervals for the limited number of paths; that other replications draw other loans "
        "(--replication) and what is not known of default rates, correlation and values are not in them."
    )


def _names_said(losses: PortfolioLosses) -> dict[str, str]:
    """What parties and funds are called by their keys in the figures, where they are not called by these."""
    if language() == "en":
        return {}
    other = losses.against.totals.parties if losses.against is not None else ()
    names = {party: say(party, context="party") for party in other}
    for lent in losses.loans.lent:
        own = lent.opened.names(language())
        agreement = lent.opened.sharing
        names |= {party: own.get(party, say(party, context="party")) for party in agreement.bearers()}
        for fund in agreement.funds:
            said = own.get(fund, fund)
            names |= {fund: said, f"{lent.name}: {fund}": f"{_product_said(losses, lent.name)}：{said}"}
    return names


def _product_said(losses: PortfolioLosses, key: str) -> str:
    scenario = losses.loans.lent[0].opened.scenario
    return product_said(scenario.scenario, key) if scenario is not None else key


def _about(lent: Lent) -> str:
    found = book_figures(lent.portfolio)
    told = say(
        "{file}: {loans} to {borrowers}, {principal} in all, drawn {first} to {last}, the last ends {end}.",
        file=lent.opened.reference,
        loans=say_count("{n} loan", "{n} loans", found.loans),
        borrowers=say_count("{n} borrower", "{n} borrowers", found.borrowers),
        principal=money_said(found.principal),
        first=found.first_drawn,
        last=found.last_drawn,
        end=found.ends,
    )
    if not lent.without_pd:
        return told
    return say(
        "{told} {count} without annual_pd default at the rate of {file}.",
        told=told, count=f"{lent.without_pd:,}", file=lent.opened.reference,
    )  # fmt: skip


def _run_in_words(losses: PortfolioLosses) -> str:
    expected = sum(each.portfolio.expected_defaults for each in losses.loans.lent)
    loans = losses.loans
    return say(
        "Loans from {source}; {paths} of seed {seed}; correlation {correlation} through one common factor; {defaults} "
        "defaults expected on a path.",
        source=loans.source_said,
        paths=say_count("{n} path", "{n} paths", losses.paths),
        seed=losses.seed,
        correlation=format_share(loans.correlation),
        defaults=_count(expected),
    )


def _count(expected: float) -> str:
    """A mean number with two decimals, or, below 1, two digits."""
    return f"{expected:,.2f}" if expected >= 1 or not expected else f"{expected:.2g}"


def _loss_table(figures: PortfolioDistribution, names: Mapping[str, str]) -> Table:
    scale, unit, digits = _unit(figures.loss)
    columns = ["", say("mean"), say("st. dev.")]
    for level in LEVELS:
        columns += [f"{what} {percentage(f'{level * 100:g}')}" for what in ("VaR", "ES")]
    title = say("What is lost to the end of all loans ({unit})", unit=say(unit))
    table = new_table(title, columns, whole=columns[1:])
    rows = [(say("losses shared"), figures.loss)]
    if figures.net != figures.loss:
        rows.append((say("net of what IP brings"), figures.net))
    rows += [(f"  {names.get(party, party)}", each) for party, each in figures.parties.items()]
    for name, each in rows:
        add_row(table, name, *(_cell(found, scale, digits) for found in _figures(each)))
    return table


def _year_table(figures: PortfolioDistribution, names: Mapping[str, str]) -> Table:
    """A bad year: what is borne of its claims in the end, and what is paid for them at first."""
    scale, unit, digits = _unit(figures.worst_year_paid.all)
    told = {say("borne"): figures.worst_year, say("paid at first"): figures.worst_year_paid}
    if figures.worst_year == figures.worst_year_paid:
        del told[say("paid at first")]
    how_bad = [say("mean"), say("1 in 20"), say("1 in 100")]
    columns = ["", *(say("{amount}: {statistic}", amount=word, statistic=what) for word in told for what in how_bad)]
    table = new_table(say("A bad year ({unit})", unit=say(unit)), columns, whole=columns[1:])
    rows = [(say("all together"), [each.all for each in told.values()])]
    rows += [
        (f"  {names.get(party, party)}", [each.parties[party] for each in told.values()]) for party in figures.parties
    ]
    for name, found in rows:
        cells = [cell for each in found for cell in (each.mean, each.value_at_risk[0.95], each.value_at_risk[0.99])]
        add_row(table, name, *(_cell(cell, scale, digits) for cell in cells))
    return table


def _against_table(losses: PortfolioLosses, against: Against, names: Mapping[str, str]) -> Table:
    """Two agreements side by side."""
    compared = against_figures(losses, against)
    scale, unit, digits = _unit(loss_distribution(losses.totals.net))
    statistics, sides = [say("mean"), f"VaR {percentage('99')}"], [say("here"), say("there")]
    both = [say("{statistic}: {side}", statistic=what, side=side) for what in statistics for side in sides]
    columns = ["", *both, say("there less here")]
    title = say("Here, and there: {file} ({unit})", file=against.reference, unit=say(unit))
    table = new_table(title, columns, whole=columns[1:])
    for party, each in compared.items():
        found = (each.here.mean, each.there.mean, each.here.value_at_risk[0.99], each.there.value_at_risk[0.99])
        add_row(table, names.get(party, party), *(_cell(one, scale, digits) for one in (*found, each.difference)))
    return table


def _unit(of: LossDistribution) -> tuple[float, str, int]:
    """The unit in which the tail of a distribution is a number of a few digits: its fen, its name, decimals."""
    tail = of.expected_shortfall[max(LEVELS)].value or 0.0
    units = CHINESE_UNITS if language() == "zh" else UNITS
    scale, unit = next((each for each in units.items() if tail >= 10 * each[0]), (YUAN, UNITS[YUAN]))
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


def _fund_table(losses: PortfolioLosses, figures: PortfolioDistribution, names: Mapping[str, str]) -> Table:
    funds = [fund for lent in losses.loans.lent for fund in lent.opened.sharing.funds.values()]
    years = [say("after years: {share}", share=say(word)) for word in QUARTERS.values()]
    columns = [say("fund"), say("at first"), say("used up"), *years]
    table = new_table(say("How long funds last"), columns, whole=columns[1:])
    for (name, found), fund in zip(figures.funds.items(), funds, strict=True):
        add_row(table, names.get(name, name), money_said(fund.balance), *_exhaustion(found))
    return table


def _exhaustion_table(figures: PortfolioDistribution, names: Mapping[str, str]) -> Table:
    columns = ["", *map(str, figures.years)]
    table = new_table(say("On how many of the paths a fund has been used up by the end of the year (%)"), columns)
    for name, found in figures.funds.items():
        add_row(table, names.get(name, name), *(_cell(each, 0.01) for each in found.by_end_of.values()))
    return table


def _exhaustion(found: Exhaustion) -> list[str]:
    share = found.probability
    assert share.value is not None and share.low is not None and share.high is not None
    told = [f"{percentage(_percent(share.value))}\n[{_percent(share.low)}, {_percent(share.high)}]"]
    return told + [_cell(found.years[quarter]) for quarter in QUARTERS]


def _percent(share: float) -> str:
    return f"{share * 100:.2f}"


def _too_few(figures: PortfolioDistribution) -> bool:
    every = [figures.loss, figures.net, *figures.parties.values()]
    return any(found.low is None for each in every for found in _figures(each))
