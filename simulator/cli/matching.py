"""The command that finds the products one firm may have."""

from __future__ import annotations

import json

import click

from simulator.cli.options import json_option, lang_option, limit_option, workers_by_default, workers_option
from simulator.texts import say, speak

REPLICATIONS = 5


@click.command("match", epilog="Example:  pledgesim match --firm myfirm.yaml")
@click.argument("scenarios", nargs=-1, metavar="[SCENARIO...]")
@click.option("--firm", required=True, metavar="NAME|FILE", help="An example firm, or a file that describes one.")
@click.option(
    "-n",
    "--replications",
    type=click.IntRange(1, 1000),
    default=REPLICATIONS,
    show_default=True,
    help="Runs of each product, for the days.",
)
@click.option("--no-days", is_flag=True, help="Leave out how long products take, which needs no run.")
@workers_option
@limit_option
@lang_option
@json_option
def match_command(
    scenarios: tuple[str, ...], firm: str, replications: int, no_days: bool, workers: int | None, limit_hours: float,
    as_json: bool,
) -> None:  # fmt: skip
    """Find the products that a firm may have: how much, how soon, who bears a loss, and why not the others.

    By default all bundled products and what they are contrasted with. The firm is an example of a bundled scenario, by
    name, or stands in a file that holds 'firm:' with properties such as 'annual_sales: 15m CNY'; rules on what the file
    does not tell are listed apart.
    """
    from simulator.analysis.known_firms import find_firm
    from simulator.analysis.matching import in_order, match, with_days
    from simulator.cli.match_tables import match_json, match_tables
    from simulator.cli.progress import progress
    from simulator.cli.tables import show
    from simulator.experiment.estimate import refuse_endless
    from simulator.scenario.load import catalogue, load_runnable

    if as_json:
        speak("en")  # data are English
    names = scenarios or tuple(entry["id"] for entry in catalogue() if entry["kind"] in ("product", "contrast"))
    worlds = [load_runnable(name) for name in dict.fromkeys(names)]
    found = find_firm(firm, worlds)
    matches = match(found, worlds)
    if not no_days:
        refuse_endless([(world, replications) for world in worlds], limit_hours)
        with progress(say("{count} scenarios", count=len(worlds))) as tell:
            matches = with_days(matches, worlds, replications, workers or workers_by_default(), tell)
    told = None if no_days else replications
    if as_json:
        click.echo(json.dumps(match_json(found, in_order(matches), told), ensure_ascii=False, indent=1))
    else:
        show(*match_tables(found, in_order(matches), told))
