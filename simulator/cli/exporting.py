"""The command that writes event logs of what was simulated."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from simulator.cli.options import lang_option

if TYPE_CHECKING:
    from simulator.export.event_files import Format, Written
    from simulator.export.event_rows import RowsAre


@click.command("export", epilog="Example:  pledgesim export result --format xes")
@click.argument("run", metavar="RUN_DIR", type=click.Path(path_type=Path))
@click.option(
    "--format",
    "form",
    type=click.Choice(["csv", "xes", "ocel", "parquet"]),
    required=True,
    help="A flat table, IEEE 1849 (XES), OCEL 2.0 in JSON, or a typed table.",
)
@click.option(
    "--out",
    type=click.Path(),
    metavar="PLACE",
    help="A file for one world, or a folder; by default event-logs in RUN_DIR.",
)
@click.option("--world", metavar="LABEL", help="Of this world only, instead of all in the folder.")
@click.option(
    "--rows",
    "rows_are",
    type=click.Choice(["events", "activities"]),
    default="events",
    show_default=True,
    help="A row of CSV and Parquet is one event, or an activity with all its times, as Disco likes it.",
)
@lang_option
def export_command(run: Path, form: Format, out: str | None, world: str | None, rows_are: RowsAre) -> None:
    """Write event logs for process mining: every application, its steps, and the life of its loan.

    RUN_DIR is a folder that `run` or `compare` wrote with --out; each of its worlds gets a log of its own, of
    replication 1.
    """
    from simulator.cli.progress import progress
    from simulator.errors import InterruptedWritingError
    from simulator.export.event_files import files_of, require, write_log
    from simulator.export.logged_run import logged_worlds
    from simulator.texts import phrase, say

    if rows_are == "activities" and form not in ("csv", "parquet"):
        raise click.UsageError(f"--rows is for the tables of --format csv and parquet; {form} has all times of itself")
    require(form)
    worlds = logged_worlds(run, world)
    files = files_of(run, worlds, form, out)
    written: list[Written] = []
    try:
        for each, file in zip(worlds, files, strict=True):
            with progress(say("event log of {world}", world=each.label)) as tell:
                written.append(write_log(each, file, form, rows_are, tell))
    except KeyboardInterrupt:
        whole = ", ".join(str(log.path) for log in written) or say("none")
        raise InterruptedWritingError(say("interrupted; logs that are written: {files}", files=whole)) from None
    for log in written:
        counts = {"cases": f"{log.cases:,}", "events": f"{log.events:,}"}
        click.echo(say("Written to {file}: {cases} cases, {events} events.", file=log.path, **counts))
    warning = phrase("{file} was changed after the run was written: the event log may not be what was simulated.")
    for path in (path for each in worlds for path in each.changed):
        click.echo(say(warning, file=path), err=True)
