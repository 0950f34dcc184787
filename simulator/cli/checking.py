"""The command that holds runs against what was published."""

from __future__ import annotations

import json

import click

from simulator.cli.options import json_option, lang_option, running, workers_by_default
from simulator.texts import say, speak


@click.command("check", epilog="Example:  pledgesim check C8-F1")
@click.argument("files", nargs=-1, metavar="[FILE...]")
@click.option("--assumptions", is_flag=True, help="List every assumption with its reason and range.")
@lang_option
@json_option
@running
@click.pass_context
def check_command(
    ctx: click.Context, files: tuple[str, ...], assumptions: bool, as_json: bool,
    sets: tuple[str, ...], replications: int | None, workers: int | None, limit_hours: float,
) -> None:  # fmt: skip
    """Hold published outcomes and rules against runs, and count the evidence; all bundled scenarios by default.

    Ends with 1 if an outcome or a rule fails, or a number of a bundled scenario has no evidence.
    """
    from simulator.analysis.checks import check
    from simulator.analysis.evidence import coverage
    from simulator.cli.progress import progress
    from simulator.cli.tables import show
    from simulator.cli.verdict_tables import (
        assumption_lines,
        assumption_table,
        counted,
        coverage_lines,
        verdict_table,
    )
    from simulator.experiment.estimate import refuse_endless
    from simulator.scenario.load import AS_STATED, catalogue, load_runnable

    if as_json:
        speak("en")  # data are English
    names = files or tuple(entry["id"] for entry in catalogue() if entry["kind"] != "comparison")
    loaded = [load_runnable(name, AS_STATED, sets) for name in names]
    counts = [replications or each.scenario.run.replications for each in loaded if each.scenario.run]
    refuse_endless(list(zip(loaded, counts, strict=True)), limit_hours)
    failed, answers = False, []
    with progress(say("checking")) as tell:
        found = []
        for number, (each, count) in enumerate(zip(loaded, counts, strict=True)):
            tell(number, len(loaded))
            found.append((each, check(each, count, workers or workers_by_default()), coverage(each)))
    for (each, verdicts, covered), name in zip(found, names, strict=True):
        bundled = each.path is not None and name == each.id
        failed |= any(verdict.status == "failed" for verdict in verdicts) or (bundled and bool(covered.without))
        if as_json:
            answers.append(
                {
                    "scenario": each.id,
                    "checks": [vars_of(verdict) for verdict in verdicts],
                    "evidence": {"by_origin": covered.by_origin, "share": covered.share, "without": covered.without},
                }
            )
            continue
        title = say("{id}: {name}", id=each.id, name=each.scenario.name.said())
        if verdicts:
            rests = assumption_lines(each.scenario, verdicts)
            show("", verdict_table(title, verdicts), *rests, *coverage_lines(covered))
        else:
            show("", say("{scenario}: nothing was published to check", scenario=title), *coverage_lines(covered))
        if assumptions:
            show("", assumption_table(each.scenario, covered))
    if as_json:
        click.echo(json.dumps(answers, ensure_ascii=False, indent=1))
    elif len(found) > 1:
        in_all = counted(verdict for _, verdicts, _ in found for verdict in verdicts)
        click.echo("\n" + say("In all: {counts}.", counts=in_all))
        click.echo(say("'set to hold': the model was set so that it holds, which proves nothing."))
    if failed:
        ctx.exit(1)


def vars_of(verdict: object) -> dict[str, object]:
    """A verdict as data."""
    from dataclasses import asdict

    return asdict(verdict)  # type: ignore[call-overload, no-any-return]
