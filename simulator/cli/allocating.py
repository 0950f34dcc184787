"""The command that applies an agreement to a list of losses."""

from __future__ import annotations

import json
import sys
from contextlib import ExitStack
from typing import TYPE_CHECKING

import click

from simulator.cli.options import json_option, lang_option, set_option
from simulator.texts import language, say

if TYPE_CHECKING:
    from simulator.analysis.loss_lists import Lists
    from simulator.scenario.agreement_file import OpenedAgreement

EVENTS_BETWEEN_NEWS = 10_000


@click.command("allocate", epilog="Example:  pledgesim allocate C9-F2 --losses losses.csv --recoveries recoveries.csv")
@click.argument("file")
@click.option("--losses", metavar="CSV", help="Losses to share: date, borrower, loan, amount (and lost_on).")
@click.option("--recoveries", metavar="CSV", help="What was recovered: date, loan, amount, cost.")
@click.option("--book", metavar="CSV", help="The loans: loan, borrower, principal, start, tenor_months, premium ...")
@click.option("--product", metavar="NAME", help="Of a scenario with several products.")
@click.option("--variant", metavar="NAME", help="Of this variant instead of the scenario as stated.")
@set_option
@click.option("--explain", is_flag=True, help="Say why each party pays what it pays.")
@click.option("--out", metavar="CSV", help="Write the shared losses to this file and print the totals.")
@lang_option
@json_option
def allocate_command(
    file: str, losses: str | None, recoveries: str | None, book: str | None, product: str | None, variant: str | None,
    sets: tuple[str, ...], explain: bool, out: str | None, as_json: bool,
) -> None:  # fmt: skip
    """Apply a risk-sharing agreement to losses, loan by loan, to the fen; without losses, print it as sentences.

    FILE is a scenario (a file, or an id such as C9-F2) or a file that holds an agreement alone. Tables are CSV files as
    a spreadsheet saves them, with English or Chinese headings; '-' reads standard input. A book is needed where the
    agreement measures against premium, principal or the guaranteed balance.
    """
    from simulator.analysis.loss_lists import read_lists
    from simulator.export.allocation import check_output
    from simulator.scenario.agreement_file import open_agreement

    tables = {"--losses": losses, "--recoveries": recoveries, "--book": book}
    if losses is None:
        for option, given in {**tables, "--out": out}.items():
            if given is not None:
                raise click.UsageError(f"{option} goes with --losses")
    if sum(given == "-" for given in tables.values()) > 1:
        raise click.UsageError("only one table can come from standard input")
    if out is not None:
        check_output(out, [file, *tables.values()])
    opened = open_agreement(file, product, variant, sets)
    if losses is None:
        _print_agreement(opened, as_json)
    else:
        _allocate(opened, read_lists(opened, losses, recoveries, book), explain, out, as_json)


def _print_agreement(opened: OpenedAgreement, as_json: bool) -> None:
    from simulator.sharing.wording import sentences

    said, name = sentences(opened.sharing, language(), opened.names(language())), opened.name.said()
    if as_json:
        told = {"agreement": opened.reference, "name": name, "sentences": said}
        click.echo(json.dumps(told, ensure_ascii=False, indent=1))
        return
    click.echo(say("{id}: {name}", id=opened.said, name=name) + "\n")
    for number, sentence in enumerate(said, start=1):
        click.echo(f"{number}. {sentence}")


def _allocate(opened: OpenedAgreement, lists: Lists, explain: bool, out: str | None, as_json: bool) -> None:
    from simulator.analysis.allocating import Settlement
    from simulator.cli.allocation_lines import AllocationLines, total_lines
    from simulator.cli.progress import progress
    from simulator.export.allocation import AllocationCsv, AllocationJson, written_whole
    from simulator.sharing import Agreement

    agreement, both = Agreement(opened.sharing), lists.recoveries is not None
    settlement, write = Settlement(agreement, lists), sys.stdout.write
    # In English the keys stand, which are the words of the file.
    names = opened.names(language()) if language() != "en" else {}
    with ExitStack() as stack:
        writers: list[AllocationJson | AllocationCsv | AllocationLines] = []
        if out is not None:
            file = stack.enter_context(written_whole(out))
            writers.append(AllocationCsv(file, agreement, both, explain, names))
        if as_json:
            writers.append(answer := AllocationJson(write, agreement, both, explain))
        else:
            write(say("{id}: {name}", id=opened.said, name=opened.name.said()) + "\n\n")
            writers += [AllocationLines(write, agreement, lists, explain, names)] if out is None else []
        # A bar between the lines of a table would tear it.
        tell = stack.enter_context(progress(say("losses"))) if out is not None or not sys.stdout.isatty() else None
        for number, event in enumerate(settlement):
            for writer in writers:
                writer.add(event)
            if tell is not None and number % EVENTS_BETWEEN_NEWS == 0:
                tell(settlement.totals.losses, lists.losses.count)
    if as_json:
        answer.end(settlement.totals)
        return
    if out is None:
        write("\n")
    for line in total_lines(settlement.totals, agreement, both, names):
        write(f"{line}\n")
    if out is not None:
        write("\n" + say("Written to {place}.", place=out) + "\n")
