"""The command line: reads what is asked, calls the simulator, prints what it answers."""

from __future__ import annotations

import importlib
import sys
from typing import Any

import click

from simulator import __version__

COMMANDS = {
    "list": "catalogue",
    "validate": "catalogue",
    "schema": "catalogue",
    "new": "catalogue",
    "run": "runs",
    "compare": "runs",
    "demo": "runs",
    "explain": "runs",
    "check": "checking",
}
"""Commands in the order in which help lists them, and the module that holds each."""


class Commands(click.Group):
    """The commands, and one way of telling a user what went wrong."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        module = importlib.import_module(f"simulator.cli.{COMMANDS[cmd_name]}")
        command: click.Command = getattr(module, f"{cmd_name}_command")
        return command

    def resolve_command(self, ctx: click.Context, args: list[str]) -> Any:
        if args and args[0] not in COMMANDS and not args[0].startswith("-"):
            from simulator.errors import did_you_mean

            ctx.fail(f"no such command '{args[0]}'{did_you_mean(args[0], COMMANDS)}")
        return super().resolve_command(ctx, args)

    def invoke(self, ctx: click.Context) -> Any:
        from simulator.errors import PledgesimError

        try:
            return super().invoke(ctx)
        except PledgesimError as error:
            click.echo(str(error), err=True)
            ctx.exit(2)
        except BrokenPipeError:
            ctx.exit(1)


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="pledgesim")
def group() -> None:
    """Compare designs of intellectual-property pledge financing: how long a firm waits, who bears the loss.

    Begin with:  pledgesim demo
    """


def main() -> None:
    """Entry point of `pledgesim`."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors="replace")
    group()
