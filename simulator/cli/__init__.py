"""The command line: reads what is asked, calls the simulator, prints what it answers."""

from __future__ import annotations

import importlib
import os
import sys
from typing import Any

import click

from simulator import __version__

SHOW_FAULTS = "PLEDGESIM_TRACEBACK"
FAULT = 70
"""Exit code for a fault of the program itself; 0 done, 1 a check failed, 2 wrong input."""
COMMANDS = {
    "list": "catalogue",
    "validate": "catalogue",
    "schema": "catalogue",
    "new": "catalogue",
    "run": "runs",
    "compare": "runs",
    "demo": "runs",
    "report": "reporting",
    "sweep": "sweeping",
    "explain": "runs",
    "match": "matching",
    "allocate": "allocating",
    "losses": "portfolio",
    "check": "checking",
    "diagram": "drawing",
    "export": "exporting",
    "store": "stores",
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
        from simulator.errors import InterruptedWritingError, PledgesimError

        try:
            result = super().invoke(ctx)
            sys.stdout.flush()
            return result
        except InterruptedWritingError as error:
            click.echo(str(error), err=True)
            ctx.exit(130)
        except PledgesimError as error:
            click.echo(str(error), err=True)
            ctx.exit(2)
        except BrokenPipeError:
            ctx.exit(1)
        except OSError as error:
            told = f"{error.filename}: " if error.filename else "the answer cannot be written: "
            click.echo(f"{told}{error.strerror or error}", err=True)
            _forget_output()
            ctx.exit(2)
        except MemoryError:
            told = "lower the arrivals or their period, the loans of a book or the number of paths"
            click.echo(f"there is not enough memory; {told}", err=True)
            ctx.exit(2)
        except KeyboardInterrupt:
            click.echo("interrupted before anything was finished", err=True)
            ctx.exit(130)
        except (click.ClickException, click.exceptions.Exit, click.Abort):
            raise
        except Exception as error:
            if os.environ.get(SHOW_FAULTS):
                raise
            told = f"{type(error).__name__}: {error}"
            click.echo(f"this is a fault of pledgesim, not of your file; please report it: {told}", err=True)
            click.echo(f"(with {SHOW_FAULTS}=1 in the environment it says where)", err=True)
            ctx.exit(FAULT)


def _forget_output() -> None:
    """What could not be written is not tried again at the end."""
    try:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except (OSError, ValueError):
        return


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="pledgesim")
def group() -> None:
    """Compare designs of intellectual-property pledge financing: how long a firm waits, who bears the loss.

    Begin with:  pledgesim demo
    """


def main() -> None:
    """Entry point of `pledgesim`."""
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:  # closed by whoever started the program
            setattr(sys, name, open(os.devnull, "w", encoding="utf-8"))  # noqa: SIM115
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors="replace")
    group()
