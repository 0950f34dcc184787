"""The command that runs a book of loans over many paths."""

from __future__ import annotations

import json
import sys
from fractions import Fraction
from pathlib import Path

import click

from simulator.cli.options import json_option, limit_option, set_option
from simulator.cli.runs import INTERRUPTED

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
@click.option("--seed", type=click.IntRange(0, 2**32 - 1), help="Of all chance, instead of the scenario's.")
@click.option("--replication", type=click.IntRange(1), help="Whose loans, without --book; the first by default.")
@limit_option
@click.option("--out", type=click.Path(), metavar="DIR", help="Write figures, every path and charts here.")
@json_option
def losses_command(
    file: str, book: str | None, paths: int, product: str | None, variant: str | None, sets: tuple[str, ...],
    correlation: Fraction | None, seed: int | None, replication: int | None, limit_hours: float, out: str | None,
    as_json: bool,
) -> None:  # fmt: skip
    """How much a book of loans may lose, who bears it, and how long funds last.

    FILE is a scenario (a file, or an id such as C9-F2) or a file that holds an agreement alone. The loans are those of
    the scenario, as one replication draws them, or those of a book: a CSV file as a spreadsheet saves it, with English
    or Chinese headings; '-' reads standard input.
    """
    from simulator.analysis.portfolio_losses import (
        SEED,
        distribution,
        loans_of_book,
        loans_of_scenario,
        losses_json,
        refuse_long,
        run_losses,
        with_correlation,
    )
    from simulator.cli.portfolio_tables import portfolio_tables
    from simulator.cli.progress import progress
    from simulator.cli.tables import show
    from simulator.export.folder import prepare_folder
    from simulator.scenario.agreement_file import open_agreement, open_agreements

    if book is not None:
        if replication is not None:
            raise click.UsageError("--replication says whose loans are taken; a --book has its own")
        opened = [open_agreement(file, product, variant, sets)]
        lent, source = [loans_of_book(opened[0], book)], "standard input" if book == "-" else book
        without_loans: list[str] = []
    else:
        opened, source = open_agreements(file, product, variant, sets), f"replication {replication or 1}"
        lent, without_loans = loans_of_scenario(opened, replication or 1, limit_hours)
    if correlation is not None:
        lent = with_correlation(lent, correlation)
    if seed is None:
        run = opened[0].scenario.scenario.run if opened[0].scenario is not None else None
        seed = run.seed if run is not None else SEED
    refuse_long(lent, paths, limit_hours)
    if out is not None:
        prepare_folder(Path(out))
    with progress("paths") as tell:
        losses = run_losses(lent, source, paths, seed, tell, without_loans)
    figures = distribution(losses)
    if as_json:
        click.echo(json.dumps(losses_json(losses, figures), ensure_ascii=False, indent=1, allow_nan=False))
    else:
        show(*portfolio_tables(losses, figures))
    if out is not None:
        from simulator.charts.portfolio import save_portfolio_charts
        from simulator.export.loss_folder import write_loss_folder

        write_loss_folder(losses, losses_json(losses, figures), Path(out), sys.argv[1:])
        warn = lambda line: click.echo(line, err=True)  # noqa: E731
        written = save_portfolio_charts(losses, figures, Path(out) / "charts", warn)
        if not as_json:
            count = len(written) // 2
            click.echo(f"Written to {out}: summary.json, manifest.json, paths.csv and {count} charts.")
    if not losses.complete:
        sys.exit(INTERRUPTED)
