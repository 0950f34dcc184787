"""The command that runs many worlds which differ in a few values."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from simulator.cli.options import (
    dask_option,
    json_option,
    lang_option,
    out_option,
    running,
    store_option,
    workers_by_default,
)
from simulator.cli.running import INTERRUPTED, kept_in, refuse_both
from simulator.texts import say

if TYPE_CHECKING:
    from simulator.analysis.rounds import WorldResult
    from simulator.analysis.sweep import Over, Point
    from simulator.scenario.model import Scenario

MOST_ROWS = 60
"""More worlds are not printed."""


@click.command(
    "sweep", epilog='Example:  pledgesim sweep C8-F1 --over "parties.guarantor.desks.account manager.staff=1,2,3"'
)
@click.argument("file")
@click.option("--over", "asked", multiple=True, required=True, metavar="PATH=VALUES",
              help="Values of a path: 1,2,3 or 50%..80%/4; several times for all combinations.")
@click.option("--sample", type=click.IntRange(2), help="So many worlds of a Latin hypercube, instead of all.")
@click.option("--variant", metavar="NAME", help="Of this variant instead of the scenario as stated.")
@click.option("--measure", "measures", multiple=True, metavar="MEASURE", help="What is told of each, as JSON calls it.")
@store_option
@dask_option
@out_option
@lang_option
@json_option
@running
def sweep_command(
    file: str, asked: tuple[str, ...], sample: int | None, variant: str | None, measures: tuple[str, ...],
    store: str | None, dask: str | None, out: str | None, as_json: bool, sets: tuple[str, ...],
    replications: int | None, workers: int | None, limit_hours: float,
) -> None:  # fmt: skip
    """Run a scenario again and again with other values, and put what comes out into one table and one chart.

    A part of a split that is swept needs another part that is the rest. All worlds meet the same firms with the same
    luck.
    """
    from simulator.analysis.rounds import Rounds
    from simulator.analysis.sweep import names_of, points_of, read_over, swept, worlds_of
    from simulator.cli.progress import progress
    from simulator.experiment.estimate import refuse_endless
    from simulator.export.folder import refuse_folder
    from simulator.scenario.spoken_paths import paths_said

    refuse_both(dask, workers)
    overs = [read_over(text, sampled=sample is not None) for text in asked]
    points = points_of(overs, sample, seed=1)
    with progress(say("{count} worlds to read", count=f"{len(points):,}")) as tell:
        worlds = worlds_of(file, variant, sets, overs, points, tell)
    run = worlds[0].loaded.scenario.run
    assert run is not None
    count = replications or run.replications
    refuse_endless([(world.loaded, count) for world in worlds], limit_hours)
    if out is not None:
        refuse_folder(Path(out))
    processes = workers or workers_by_default()
    with (
        kept_in(store) as keeping,
        progress(say("{count} worlds", count=len(worlds))) as tell,
        closing(Rounds(worlds, processes, tell, keeping, dask, whole=False)) as rounds,
    ):
        complete = rounds.upto(*[count] * len(worlds))
    found = swept(worlds, points, measures, overs)
    paths = [over.path for over in overs]
    names = paths_said(worlds[0].loaded.scenario, paths, names_of(paths))
    told = _json(file, overs, found, complete)
    if out is not None:
        _write(Path(out), told, names, found, worlds)
    if as_json:
        click.echo(json.dumps(told, ensure_ascii=False, indent=1, allow_nan=False))
    else:
        _show(worlds[0].loaded.scenario, names, found, complete, out)
    if not complete:
        sys.exit(INTERRUPTED)


def _json(file: str, overs: Sequence[Over], points: Sequence[Point], complete: bool) -> dict[str, Any]:
    return {
        "file": file,
        "over": [over.path for over in overs],
        "complete": complete,
        "worlds": [
            {
                "values": dict(zip((over.path for over in overs), point.values, strict=True)),
                "product": point.product,
                "replications": point.replications,
                "measures": {name: found.as_json() for name, found in point.measures.items()},
            }
            for point in points
        ],
    }


def _show(
    scenario: Scenario, names: Sequence[str], points: Sequence[Point], complete: bool, out: str | None
) -> None:
    from simulator.analysis.checks import measure_names
    from simulator.analysis.sweep import title_of, unit_of
    from simulator.cli.tables import add_row, new_table, number, show
    from simulator.scenario.spoken_names import product_said

    several = len({point.product for point in points}) > 1
    left = [*names, *([say("product")] if several else [])]
    units = {name: unit_of(name) for name in points[0].measures}
    called = measure_names(scenario, scenario.products[points[0].product])
    heads = [_heading(title_of(name, called), unit.name) for name, unit in units.items()]
    table = new_table("", [*left, *heads], left=len(left))
    for point in points[:MOST_ROWS]:
        told = {name: point.measures[name].as_json() for name in units}
        held = {name: {**found, **found.get("together", {})} for name, found in told.items()}
        cells = [number(held[name], unit.digits, unit.scale) for name, unit in units.items()]
        add_row(table, *point.values, *([product_said(scenario, point.product)] if several else []), *cells)
    lines: list[str] = []
    if len(points) > MOST_ROWS:
        more = f"{len(points) - MOST_ROWS:,}"
        lines.append(say("{count} more are not shown; --out and --json have all.", count=more))
    lines.append(
        say(
            "± are 95 % confidence intervals over {count} replications; of one measure "
            "those of all {worlds} hold together (Bonferroni)."
            if len(points) > 1
            else "± are 95 % confidence intervals over {count} replications.",
            count=points[0].replications,
            worlds=len(points),
        )
    )
    if not complete:
        lines.append(say("Interrupted: these are the replications finished until then. Run the command again for all."))
    if out is not None:
        lines.append(say("Written to {place}: summary.json, manifest.json, points.csv and a chart.", place=out))
    show(table, *lines)


def _heading(measure: str, unit: str) -> str:
    return say("{measure} ({unit})", measure=measure, unit=say(unit)) if unit else measure


def _write(
    folder: Path, told: dict[str, Any], names: Sequence[str], points: Sequence[Point], worlds: Sequence[WorldResult]
) -> None:
    from simulator.charts.sweep import save_chart
    from simulator.export.csv_text import CsvText
    from simulator.export.folder import POINTS, SUMMARY, results_in, write_json
    from simulator.versions import versions

    manifest = {"command": sys.argv[1:], "complete": told["complete"], "versions": versions()}
    with results_in(folder, manifest):
        write_json(folder / SUMMARY, told)
        with open(folder / POINTS, "w", encoding="utf-8-sig", newline="") as file:
            write = CsvText(file).row
            measures = list(points[0].measures)
            ends = ("", " low", " high", " low together", " high together")
            heads = [f"{measure}{end}" for measure in measures for end in ends]
            write([*told["over"], "product", "replications", *heads])
            for point in points:
                figures = [
                    (each.value, each.low, each.high, *(each.together or (each.low, each.high)))
                    for each in point.measures.values()
                ]
                write([*point.values, point.product, point.replications, *(cell for row in figures for cell in row)])
        save_chart(worlds, points, names, folder / "charts", lambda line: click.echo(line, err=True))
