"""Commands that run scenarios: run, compare, explain, demo."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import click

from simulator.cli.options import (
    dask_option,
    json_option,
    lang_option,
    max_option,
    out_option,
    precision_option,
    report_option,
    running,
    set_option,
    store_option,
    variant_option,
    warm_up_option,
    workers_by_default,
)
from simulator.cli.running import Wanted, do, refuse_report, wanted_of
from simulator.cli.warming import with_warm_up
from simulator.texts import say, speak

DEMO = ("ten-cases", "three-reviews-against-one", "fund-against-none", "direct-against-guaranteed")


@click.command("compare", epilog="Example:  pledgesim compare C8-F1 mycity.yaml --out result")
@click.argument("files", nargs=-1, required=True, metavar="FILE...")
@variant_option
@out_option
@report_option
@json_option
@precision_option
@max_option
@warm_up_option
@store_option
@dask_option
@lang_option
@running
def compare_command(
    files: tuple[str, ...], variants: tuple[str, ...], out: str | None, report: bool, as_json: bool,
    precision: tuple[str, ...], max_replications: int | None, warm_up: str | None, store: str | None, dask: str | None,
    sets: tuple[str, ...], replications: int | None, workers: int | None, limit_hours: float,
) -> None:  # fmt: skip
    """Compare scenarios and their variants, with the same applicants and the same luck.

    FILE is a file or the id of a bundled scenario (see: pledgesim list). One file is compared as stated with each of
    its variants; several files are compared as stated, with the variants named by --variant; a comparison file counts
    as the worlds that it lists. All others are compared with the first.
    """
    from simulator.analysis.comparison import comparison_of

    refuse_report(report, out)
    wanted = wanted_of(precision, max_replications, replications, store, dask, workers)
    comparison = with_warm_up(
        warm_up, lambda changes: comparison_of(files, changes, variants), sets, wanted, workers, limit_hours, out
    )
    do(comparison, wanted, workers, limit_hours, out, as_json, report)


@click.command("run", epilog="Example:  pledgesim run C8-F1 --set run.replications=5")
@click.argument("file")
@click.option("--variant", metavar="NAME", help="Run this variant instead of the scenario as stated.")
@click.option("--applicant", metavar="NAME", help="Tell of one example firm of the scenario, which applies besides.")
@click.option("--default-at", metavar="DATE", help="With --applicant: its loan defaults then, such as 2021-11-30.")
@out_option
@report_option
@json_option
@precision_option
@max_option
@warm_up_option
@store_option
@dask_option
@lang_option
@running
def run_command(
    file: str, variant: str | None, applicant: str | None, default_at: str | None, out: str | None, report: bool,
    as_json: bool, precision: tuple[str, ...], max_replications: int | None, warm_up: str | None, store: str | None,
    dask: str | None, sets: tuple[str, ...], replications: int | None, workers: int | None, limit_hours: float,
) -> None:  # fmt: skip
    """Run one scenario; or one firm that a source tells of, with what was published about it.

    Which firms a scenario has stands in its section 'examples'.
    """
    from simulator.analysis.comparison import Comparison, world_result
    from simulator.scenario.load import AS_STATED, load_runnable

    refuse_report(report, out)
    wanted = wanted_of(precision, max_replications, replications, store, dask, workers)
    if applicant is not None:
        if precision:
            raise click.UsageError("--precision is of the figures of a whole scenario; leave it out with --applicant")
        if dask is not None:
            raise click.UsageError("--dask is for whole scenarios; leave it out with --applicant")
        if store is not None:
            raise click.UsageError("--store keeps replications of a whole scenario; leave it out with --applicant")
        if warm_up is not None:
            raise click.UsageError("--warm-up is of a whole scenario; leave it out with --applicant")
        if out is not None:
            raise click.UsageError("--out writes the results of a whole scenario; leave it out with --applicant")
        _run_applicant(file, variant or AS_STATED, applicant, default_at, sets, replications, workers, as_json)
        return
    if default_at is not None:
        raise click.UsageError("--default-at needs --applicant: the firm whose loan is to default")

    def of(changes: Sequence[str]) -> Comparison:
        loaded = load_runnable(file, variant or AS_STATED, changes)
        scenario = loaded.scenario
        return Comparison([world_result(loaded)], scenario.question, scenario.charts)

    comparison = with_warm_up(warm_up, of, sets, wanted, workers, limit_hours, out)
    do(comparison, wanted, workers, limit_hours, out, as_json, report)


def _run_applicant(
    file: str, variant: str, applicant: str, default_at: str | None, sets: tuple[str, ...],
    replications: int | None, workers: int | None, as_json: bool,
) -> None:  # fmt: skip
    from simulator.analysis.checks import clocks_of_product, names_of_product
    from simulator.analysis.explanation import explain_in, loss_in_words
    from simulator.analysis.firm_runs import run_firm, telling_run
    from simulator.cli.firm_tables import firm_json, firm_tables
    from simulator.cli.progress import progress
    from simulator.cli.story_tables import WIDTH_OF_STORIES, story_tables
    from simulator.cli.tables import show
    from simulator.experiment.replication import replicate
    from simulator.scenario.example_world import world_of_example
    from simulator.scenario.load import load_runnable
    from simulator.scenario.spoken_names import called

    world, key = world_of_example(load_runnable(file, variant, sets), applicant, default_at)
    scenario = world.scenario
    assert scenario.run is not None
    example = scenario.examples[key]
    count = replications or scenario.run.replications
    firm = called(key, example.name)
    with progress(say("{firm} in {scenario}", firm=firm, scenario=world.id)) as tell:
        runs = run_firm(scenario, count, workers or workers_by_default(), tell)
    clocks = clocks_of_product(scenario, example.product)
    if as_json:
        click.echo(json.dumps(firm_json(world.id, key, example, runs, clocks), ensure_ascii=False, indent=1))
        return
    names = names_of_product(scenario, example.product)
    show(*firm_tables(world.id, example, runs, clocks, default_at, names))
    assert scenario.applicants is not None
    shown, why = telling_run(runs, forced=scenario.applicants.also[-1].default_at is not None)
    happened = replicate(scenario, shown)
    story = explain_in(world, happened, len(happened.firms) - 1, shown)
    title = say("Run {number} of {count}{why}, step by step", number=shown, count=count, why=why)
    show("", title, *story_tables(world, story)[3:], width=WIDTH_OF_STORIES)
    if story.loss is not None:
        show("", say("How its loss was shared"), *loss_in_words(world, story.loss), width=WIDTH_OF_STORIES)


@click.command("explain", epilog="Example:  pledgesim explain C9-F2 --case 17")
@click.argument("file")
@click.option("--case", type=click.IntRange(0), help="Number of the case; by default the first that defaulted.")
@click.option("--replication", type=click.IntRange(1), default=1, show_default=True)
@click.option("--variant", metavar="NAME", help="In this variant instead of the scenario as stated.")
@set_option
@lang_option
@json_option
def explain_command(
    file: str, case: int | None, replication: int, variant: str | None, sets: tuple[str, ...], as_json: bool
) -> None:
    """Tell one case from application to the sharing of its loss, step by step."""
    from simulator.analysis.explanation import as_json as story_as_json
    from simulator.analysis.explanation import explain, loss_in_words
    from simulator.cli.story_tables import WIDTH_OF_STORIES, story_tables
    from simulator.cli.tables import show
    from simulator.scenario.load import AS_STATED, load_runnable

    loaded = load_runnable(file, variant or AS_STATED, sets)
    if as_json:
        speak("en")  # data are English
    story = explain(loaded, case, replication)
    if as_json:
        click.echo(json.dumps(story_as_json(loaded, story), ensure_ascii=False, indent=1))
        return
    show(*(["", story.chosen] if story.chosen else []), *story_tables(loaded, story), width=WIDTH_OF_STORIES)
    if story.loss is not None:
        show("", say("How its loss was shared"), *loss_in_words(loaded, story.loss), width=WIDTH_OF_STORIES)


@click.command("demo", epilog="Example:  pledgesim demo --out demo")
@click.option(
    "--out", type=click.Path(), default="pledgesim-demo", show_default=True, metavar="DIR", help="Folder to write."
)
@click.option("--workers", type=click.IntRange(1, 256), help="Processes to use; by default one for each core.")
@lang_option
def demo_command(out: str, workers: int | None) -> None:
    """Run all ten cases side by side, then three comparisons, with charts."""
    from simulator.analysis.comparison import comparison_of

    for name in DEMO:
        comparison = comparison_of([name])
        folder = str(Path(out) / name)
        do(comparison, Wanted(), workers, 1.0, folder, as_json=False, report=True)
    click.echo(
        "\n" + say("Tables and charts are in {place}. Next:  pledgesim new --from C8-F1 mycity.yaml", place=out)
    )
