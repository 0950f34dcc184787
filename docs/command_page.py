"""The page of commands: what each is for, its arguments and options with their defaults, and an example.

All of it is taken from the commands themselves; `python docs/make_pages.py commands.md` writes it anew.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import click

from simulator.cli import group

OPENING = """# Commands

*This page is written by the program: `python docs/make_pages.py commands.md`.*

Everything that pledgesim does is a command: `pledgesim COMMAND ...`, and `pledgesim COMMAND --help` says what stands
here. Where a command takes a FILE, that is a scenario file of yours or the id of a bundled scenario such as `C8-F1`;
`pledgesim list` prints the ids. Words in CAPITALS stand for something of yours, and what stands in brackets may be left
out. An option marked *several times* may be repeated, each time with another value.

A command ends with code 0 when it did what was asked, 1 when a check failed, 2 when a file or an option is wrong, and
130 when it was stopped by `Ctrl-C`. What went wrong is told on the error output, results on the standard output.
"""
_REMARKS = re.compile(r"\s*\[([^\]]*)\]\s*$")


def command_page() -> str:
    """The whole page."""
    context = click.Context(group, info_name="pledgesim")
    names = [name for name in group.list_commands(context) if group.get_command(context, name)]
    listed = ", ".join(f"[{name}](#pledgesim-{name})" for name in names)
    parts = [OPENING, f"Commands: {listed}.\n"]
    for name in names:
        command = group.get_command(context, name)
        assert command is not None
        parts += _told(command, click.Context(command, info_name=name, parent=context), depth=2)
    return "\n".join(parts)


def _told(command: click.Command, context: click.Context, depth: int) -> Iterator[str]:
    """A command and, below it, the commands that it groups."""
    usage = command.get_usage(context).removeprefix("Usage: ")
    yield f"{'#' * depth} {context.command_path}\n"
    yield _paragraphs(command.help or "") + "\n"
    yield f"```text\n{' '.join(usage.split())}\n```\n"
    rows = [row for option in command.get_params(context) for row in _row(option, context)]
    if rows:
        yield "| option | what it does | default |\n|---|---|---|\n" + "\n".join(rows) + "\n"
    if command.epilog:
        yield f"Example: `{' '.join(command.epilog.removeprefix('Example:').split())}`\n"
    if isinstance(command, click.Group):
        for name in command.list_commands(context):
            below = command.get_command(context, name)
            assert below is not None
            yield from _told(below, click.Context(below, info_name=name, parent=context), depth + 1)


def _row(option: click.Parameter, context: click.Context) -> Iterator[str]:
    """The row of an option; an argument stands in the usage, and `--help` belongs to every command."""
    record = option.get_help_record(context) if isinstance(option, click.Option) else None
    if record is None or "--help" in option.opts:
        return
    written, meaning = record
    default = ""
    while found := _REMARKS.search(meaning):
        meaning = meaning[: found.start()]
        for remark in found[1].split("; "):
            if remark.startswith("default: "):
                default = f"`{remark.removeprefix('default: ')}`"
            elif remark == "required":
                default = "*needed*"
    several = " (several times)" if option.multiple else ""
    meaning = f"{_cell(meaning)}{_bounds(option)}{_environment(option)}"
    yield f"| {_written(written, option)}{several} | {meaning} | {default} |"


def _written(record: str, option: click.Parameter) -> str:
    """`-n, --replications N`: a short word for a number in place of its kind, and no bars, which would end a cell."""
    if isinstance(option.type, click.IntRange | click.FloatRange):
        record = record.replace(option.type.name.upper(), "N")
    return f"`{' '.join(record.replace('|', ' or ').split())}`"


def _bounds(option: click.Parameter) -> str:
    """Between which numbers a value has to lie."""
    kind = option.type
    if not isinstance(kind, click.IntRange | click.FloatRange):
        return ""
    if kind.max is None or kind.max > 10**9:
        return f" At least {kind.min:,}." if kind.min else ""
    return f" {kind.min:,} to {kind.max:,}."


def _environment(option: click.Parameter) -> str:
    """The variable that says the same, where the text does not name it already."""
    name = option.envvar if isinstance(option.envvar, str) else ""
    told = isinstance(option, click.Option) and name in (option.help or "")
    return f" Also by the variable `{name}`." if name and not told else ""


def _paragraphs(text: str) -> str:
    return "\n\n".join(" ".join(part.split()) for part in text.replace("\b", "").strip().split("\n\n"))


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")
