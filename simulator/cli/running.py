"""Replications as a user wants them, run and answered: what `run`, `compare` and `demo` have in common."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from simulator.cli.options import workers_by_default
from simulator.texts import phrase, say

if TYPE_CHECKING:
    from simulator.analysis.comparison import Comparison
    from simulator.analysis.rounds import Keeping, WorldResult
    from simulator.analysis.targets import Target

INTERRUPTED = 130


@dataclass(frozen=True)
class Wanted:
    """How many replications are asked for: a number, or as many as a precision takes."""

    replications: int | None = None
    targets: Sequence[Target] = ()
    most: int | None = None
    store: str | None = None
    cluster: str | None = None


def wanted_of(
    precision: Sequence[str], most: int | None, replications: int | None, store: str | None, dask: str | None,
    workers: int | None,
) -> Wanted:  # fmt: skip
    """What the options ask for; UsageError for those that do not go together."""
    from simulator.analysis.targets import read_target

    if most is not None and not precision:
        raise click.UsageError("--max-replications goes with --precision; -n says how many there are otherwise")
    if most is not None and replications is not None and replications > most:
        raise click.UsageError(f"-n {replications} is more than --max-replications {most}")
    refuse_both(dask, workers)
    return Wanted(replications, [read_target(text) for text in precision], most, store, dask)


def refuse_report(report: bool, out: str | None) -> None:
    """UsageError where a page is wanted and there is no folder for the results that it tells of."""
    if report and out is None:
        raise click.UsageError("--report goes with --out DIR, where the page and what it tells of are written")


def refuse_both(dask: str | None, workers: int | None) -> None:
    """UsageError where workers are asked for in two places."""
    if dask is not None and workers is not None:
        raise click.UsageError("--workers are of this machine, and --dask has its own; give one of the two")


@contextmanager
def kept_in(path: str | None) -> Iterator[Keeping]:
    """Where finished replications are kept; afterwards it is told what was there, and what could not be done."""
    from simulator.analysis.rounds import Keeping
    from simulator.experiment.store import Store

    store = Store(path) if path is not None else None
    keeping = Keeping(store)
    try:
        yield keeping
    finally:
        if store is not None:
            store.close()
    if store is not None:
        click.echo(f"{keeping.taken:,} replications were in {path}", err=True)
    if keeping.lost:
        click.echo(keeping.lost, err=True)
    if keeping.fault:
        click.echo(f"{keeping.fault}; what was finished since then is not kept, and stands below", err=True)


def do(
    comparison: Comparison, wanted: Wanted, workers: int | None, limit_hours: float, out: str | None, as_json: bool,
    report: bool = False,
) -> None:  # fmt: skip
    """Run the worlds, print what came out, and write a page of it if `report`.

    Ends with 130 after an interruption, when some of it was finished.
    """
    _run(comparison, wanted, workers, limit_hours, out)
    _answer(comparison, out, as_json)
    if report and out is not None:
        from simulator.cli.reporting import write_report
        from simulator.errors import InterruptedWritingError

        try:
            click.echo(write_report(Path(out)), err=as_json)
        except KeyboardInterrupt:
            told = f"interrupted while the report was written; the results are whole: pledgesim report {out}"
            raise InterruptedWritingError(told) from None
    if not comparison.complete:
        sys.exit(INTERRUPTED)


def _run(comparison: Comparison, wanted: Wanted, workers: int | None, limit_hours: float, out: str | None) -> None:
    from simulator.analysis.precision import FEWEST, MOST, run_until_precise
    from simulator.analysis.rounds import run_worlds
    from simulator.cli.progress import progress
    from simulator.export.folder import refuse_folder

    if out is not None:
        refuse_folder(Path(out))
    processes = workers or workers_by_default()
    with kept_in(wanted.store) as keeping, progress(_what(comparison.worlds)) as tell:
        if wanted.targets:
            comparison.complete = run_until_precise(
                comparison,
                wanted.targets,
                least=wanted.replications or FEWEST,
                most=wanted.most or max(MOST, wanted.replications or 0),
                workers=processes,
                limit_hours=limit_hours,
                progress=tell,
                keeping=keeping,
                cluster=wanted.cluster,
            )
        else:
            comparison.complete = run_worlds(
                comparison.worlds,
                replications=wanted.replications,
                workers=processes,
                limit_hours=limit_hours,
                progress=tell,
                keeping=keeping,
                cluster=wanted.cluster,
            )


def _what(worlds: Sequence[WorldResult]) -> str:
    return worlds[0].said if len(worlds) == 1 else say("{count} worlds", count=len(worlds))


def _answer(comparison: Comparison, out: str | None, as_json: bool) -> None:
    from simulator.analysis.summary import summary
    from simulator.cli.comparison_tables import comparison_tables
    from simulator.cli.tables import show

    figures = summary(comparison)
    written = _write(comparison, figures, Path(out)) if out is not None else 0
    if as_json:
        click.echo(json.dumps(figures, ensure_ascii=False, indent=1, allow_nan=False))
    else:
        show(*comparison_tables(comparison, figures))
    if out is not None and not as_json:
        told = phrase("Written to {place}: summary.json, manifest.json, tables and {count} charts.")
        click.echo(say(told, place=out, count=written))


def _write(comparison: Comparison, figures: dict[str, Any], folder: Path) -> int:
    """Write all results before any is printed, since whoever reads what is printed may stop; the number of charts."""
    from simulator.charts.gallery import save_charts
    from simulator.export.folder import manifest_of, results_in, write_run

    with results_in(folder, manifest_of(comparison, sys.argv[1:])):
        write_run(comparison, figures, folder)
        written = save_charts(comparison, folder / "charts", warn=lambda line: click.echo(line, err=True))
    for name in comparison.charts:
        if name not in {path.stem for path in written}:
            click.echo(f"chart '{name}' is left out: nothing to show", err=True)
    return len(written) // 2
