"""The command that makes a page of a run's results."""

from __future__ import annotations

from pathlib import Path

import click

from simulator.cli.options import lang_option
from simulator.texts import say

LONGEST_FAULT = 100


@click.command("report", epilog="Example:  pledgesim report result --lang zh")
@click.argument("folder", metavar="RUN_DIR", type=click.Path())
@click.option(
    "--out", metavar="FILE", type=click.Path(), help="The page; by default RUN_DIR/report.html, or report.zh.html."
)
@lang_option
def report_command(folder: str, out: str | None) -> None:
    """Make one HTML page of a run: what was compared, the answer, where the days go, losses, evidence.

    RUN_DIR is a folder that 'compare', 'run' or 'demo' wrote with --out. Nothing is simulated again. The page needs no
    network and no other file, so that it can be sent as it is.
    """
    from simulator.errors import PledgesimError

    try:
        told = write_report(Path(folder), Path(out) if out is not None else None)
    except (LookupError, TypeError, ValueError, AttributeError, ArithmeticError) as error:
        # Of results as they were written every report is made; a figure of these is missing or is something else.
        why = say(
            "{folder}: these results are not as they were written: {fault}; run the command again",
            folder=folder, fault=" ".join(f"{type(error).__name__}: {error}".split())[:LONGEST_FAULT],
        )  # fmt: skip
        raise PledgesimError(why) from error
    click.echo(told)


def write_report(folder: Path, out: Path | None = None) -> str:
    """Write the report of a folder in the language spoken; a line that says where it is."""
    from simulator.export.folder import REPORTS
    from simulator.export.whole_file import refuse_place, written_whole
    from simulator.report.page import report_page
    from simulator.report.results import read_results
    from simulator.texts import language

    results = read_results(folder)
    target = out or folder / REPORTS[language()]
    refuse_place(target, (".html", ".htm"), f"--out {target}")
    page = report_page(results, warn=lambda line: click.echo(line, err=True))
    with written_whole(target, encoding="utf-8") as file:
        file.write(page)
    size = f"{target.stat().st_size / 1000:,.0f}"
    return say("Report written to {target}: {size} kB, one file.", target=target, size=size)
