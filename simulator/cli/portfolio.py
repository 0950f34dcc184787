"""The command that runs a book of loans over many paths."""

from __future__ import annotations

import json
import sys
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from simulator.cli.options import json_option, lang_option, limit_option, set_option
from simulator.cli.running import INTERRUPTED
from simulator.texts import phrase, say

if TYPE_CHECKING:
    from simulator.analysis.distribution import PortfolioDistribution
    from simulator.analysis.portfolio_losses import PortfolioLosses

PATHS = 100_000


def _share(context: click.Context, option: click.Parameter, text: str | None) -> Fraction | None:
    from simulator.scenario.csv_cells import Unreadable, read_share

    if text is None:
        return None
    try:
        return read_share(text)
    except Unreadable as error:
        raise click.BadParameter(f"{error.found}; {error.allowed}") from None


@click.command("losses", epilog="Example:  pledgesim losses C9-F2 --out result")
@click.argument("file")
@click.option("--book", metavar="CSV", help="Loans: loan, borrower, principal, annual_pd, lgd or appraised_value ...")
@click.option("--paths", type=click.IntRange(1), default=PATHS, show_default=True, help="Courses of the years to run.")
@click.option("--product", metavar="NAME", help="Of a scenario with several products; by default all of them.")
@click.option("--variant", metavar="NAME", help="Of this variant instead of the scenario as stated.")
@set_option
@click.option("--correlation", metavar="SHARE", callback=_share, help="Of firms' fortunes, instead of the file's.")
@click.option("--seed", type=click.IntRange(0, 2**63), help="Of the paths, instead of the scenario's.")
@click.option("--replication", type=click.IntRange(1), help="Whose loans, without --book; the first by default.")
@click.option("--against", metavar="FILE", help="Share the same losses by the agreement of this file too.")
@limit_option
@click.option("--out", type=click.Path(), metavar="DIR", help="Write figures, every path and charts here.")
@lang_option
@json_option
def losses_command(
    file: str, book: str | None, paths: int, product: str | None, variant: str | None, sets: tuple[str, ...],
    correlation: Fraction | None, seed: int | None, replication: int | None, against: str | None, limit_hours: float,
    out: str | None, as_json: bool,
) -> None:  # fmt: skip
    """How much a book of loans may lose, who bears it, and how long funds last.

    FILE is a scenario (a file, or an id such as C9-F2) or a file that holds an agreement alone. The loans are those of
    the scenario, as one replication draws them, or those of a book: a CSV file as a spreadsheet saves it, with English
    or Chinese headings; '-' reads standard input.
    """
    from simulator.analysis.portfolio_loans import loans_asked_about, with_correlation
    from simulator.analysis.portfolio_losses import distribution, losses_json, refuse_long, run_losses
    from simulator.cli.portfolio_tables import portfolio_tables
    from simulator.cli.progress import progress
    from simulator.cli.tables import show
    from simulator.export.folder import refuse_folder
    from simulator.scenario.agreement_file import open_agreement

    if book is not None and replication is not None:
        raise click.UsageError("--replication says whose loans are taken; a --book has its own")
    other = open_agreement(against) if against is not None else None
    loans = loans_asked_about(file, product, variant, sets, book, replication or 1, limit_hours, other)
    if correlation is not None:
        loans = with_correlation(loans, correlation)
    refuse_long(loans, paths * (2 if other is not None else 1), limit_hours)
    if out is not None:
        refuse_folder(Path(out))
    with progress(say("paths")) as tell:
        losses = run_losses(loans, paths, loans.seed if seed is None else seed, tell, other)
    figures = distribution(losses)
    told = losses_json(losses, figures) if as_json or out is not None else {}
    charts = _write(losses, figures, told, Path(out)) if out is not None else 0
    if as_json:
        click.echo(json.dumps(told, ensure_ascii=False, indent=1, allow_nan=False))
    else:
        show(*portfolio_tables(losses, figures))
        if out is not None:
            written = phrase("Written to {place}: summary.json, manifest.json, paths.csv and {count} charts.")
            click.echo(say(written, place=out, count=charts))
    if not losses.complete:
        sys.exit(INTERRUPTED)


def _write(losses: PortfolioLosses, figures: PortfolioDistribution, told: dict[str, Any], folder: Path) -> int:
    """Write all results before any is printed, since whoever reads what is printed may stop; the number of charts."""
    from simulator.charts.portfolio import save_portfolio_charts
    from simulator.export.folder import results_in
    from simulator.export.loss_folder import manifest_of, write_losses

    with results_in(folder, manifest_of(losses, sys.argv[1:])):
        write_losses(losses, told, folder)
        written = save_portfolio_charts(losses, figures, folder / "charts", lambda line: click.echo(line, err=True))
    return len(written) // 2
