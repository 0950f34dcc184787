"""Options that several commands share."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

import click

from simulator.texts import LANGUAGES, Language, speaking

Command = Callable[..., Any]


def workers_by_default() -> int:
    """All cores of this machine that the process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


set_option = click.option(
    "--set", "sets", multiple=True, metavar="PATH=VALUE", help="Change a value, checked like the file itself."
)
variant_option = click.option(
    "--variant", "variants", multiple=True, metavar="NAME", help="Only this variant, besides the scenario as stated."
)
json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON for programs.")
replications_option = click.option(
    "-n", "--replications", type=click.IntRange(1, 100_000), help="Instead of the scenario's own number."
)
workers_option = click.option(
    "--workers", type=click.IntRange(1, 256), help="Processes to use; by default one for each core."
)
precision_option = click.option(
    "--precision", multiple=True, metavar='"MEASURE 2%"',
    help="Add replications until half the interval is so narrow; may be given several times.",
)  # fmt: skip
max_option = click.option(
    "--max-replications", type=click.IntRange(2, 100_000), help="With --precision, at most so many.  [default: 1000]"
)
warm_up_option = click.option(
    "--warm-up", metavar="TIME|found|none",
    help="Leave out cases of this first time, such as '60 days', or as long as MSER-5 finds in a pilot.",
)  # fmt: skip
store_option = click.option(
    "--store", metavar="FILE", help="Keep finished replications in this file, and take those that are there."
)
dask_option = click.option(
    "--dask", metavar="ADDRESS", help="Use the workers of this Dask cluster, such as tcp://host:8786."
)
limit_option = click.option(
    "--limit-hours", type=click.FloatRange(0), default=1.0, show_default=True,
    help="Refuse work that would take longer than this on one core.",
)  # fmt: skip
out_option = click.option("--out", type=click.Path(), metavar="DIR", help="Write tables, figures and charts here.")

report_option = click.option(
    "--report", is_flag=True, help="With --out, also write a page that tells of the results (see: pledgesim report)."
)  # fmt: skip

def _speak(context: click.Context, option: click.Parameter, chosen: Language) -> None:
    """Speak a language until the command has ended."""
    context.with_resource(speaking(chosen))


lang_option = click.option(
    "--lang", type=click.Choice(LANGUAGES), default="en", show_default=True, envvar="PLEDGESIM_LANG", show_envvar=True,
    expose_value=False, is_eager=True, callback=_speak,
    help="Language of what is shown; help, messages and data stay English.",
)  # fmt: skip


def running(command: Command) -> Command:
    """The options of every command that runs replications."""
    for option in (limit_option, workers_option, replications_option, set_option):
        command = option(command)
    return command
