"""The command that looks into a store of finished replications."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from itertools import groupby
from typing import TYPE_CHECKING

import click

from simulator.cli.options import json_option, lang_option
from simulator.texts import phrase, say

if TYPE_CHECKING:
    from simulator.experiment.store import Kept, Store

STATED = phrase("as stated")
"""The variant that is the scenario itself, as `say` says it."""
SHOWN = 12
"""Characters of a key that are shown, and are enough to name it."""


@click.group("store", epilog="Example:  pledgesim store ls results.sqlite")
def store_command() -> None:
    """Look into a file of finished replications, as `run` and `compare` keep them with --store."""


@store_command.command("ls", epilog="Example:  pledgesim store ls results.sqlite")
@click.argument("file")
@lang_option
@json_option
def list_store(file: str, as_json: bool) -> None:
    """List the worlds of which replications are kept."""
    from simulator.cli.tables import add_row, new_table, show

    kept = _opened(file).worlds()
    if as_json:
        click.echo(json.dumps([_told(each) for each in kept], ensure_ascii=False, indent=1))
        return
    columns = [
        say("key"), say("scenario"), say("variant"), say("seed"), say("replications"), "MB", say("begun"), say("usable")
    ]  # fmt: skip
    table = new_table("", columns, left=3)
    for each in kept:
        usable = say("yes" if each.usable else "no")
        size = f"{each.size / 1e6:,.2f}"
        add_row(table, each.key[:SHOWN], each.scenario, say(each.variant), each.seed, runs_of(each.numbers), size,
                each.begun[:10], usable)  # fmt: skip
    show(
        table,
        say("Usable: computed by this version, so that it can be taken up; 'store gc' takes out the others."),
    )


@store_command.command("show", epilog="Example:  pledgesim store show results.sqlite 3f2a91c0d4e7")
@click.argument("file")
@click.argument("key")
def show_world(file: str, key: str) -> None:
    """Print what is kept of a world, and the scenario behind it, as JSON; KEY may be its beginning."""
    store = _opened(file)
    (found,) = _named(store, [key])
    told = {**_told(found), "resolved": store.resolved(found.key)}
    click.echo(json.dumps(told, ensure_ascii=False, indent=1))


@store_command.command("gc", epilog="Example:  pledgesim store gc results.sqlite")
@click.argument("file")
@click.argument("keys", nargs=-1, metavar="[KEY]...")
@lang_option
def clean_store(file: str, keys: tuple[str, ...]) -> None:
    """Take out the worlds that this version cannot use, or those named, and give their room back."""
    store = _opened(file)
    dropped = _named(store, keys) if keys else [each for each in store.worlds() if not each.usable]
    store.drop([each.key for each in dropped])
    size = sum(each.size for each in dropped)
    count = sum(len(each.numbers) for each in dropped)
    click.echo(
        say(
            "Taken out: {worlds} worlds, {count} replications, {size} MB.",
            worlds=len(dropped), count=f"{count:,}", size=f"{size / 1e6:,.2f}",
        )
    )  # fmt: skip


def _opened(file: str) -> Store:
    from simulator.experiment.store import Store

    return Store(file, make=False)


def _named(store: Store, keys: Sequence[str]) -> list[Kept]:
    """The worlds whose keys begin so; PledgesimError for what is none or several."""
    from simulator.errors import PledgesimError

    kept, found = store.worlds(), []
    for key in keys:
        mine = [each for each in kept if each.key.startswith(key)]
        if len(mine) != 1:
            why = "begins several keys; write more of it" if mine else "begins no key"
            shown = ", ".join(each.key[:SHOWN] for each in kept) or "the store is empty"
            raise PledgesimError(f"{store.path}: '{key}' {why}\n    keys: {shown}")
        found += mine
    return found


def _told(kept: Kept) -> dict[str, object]:
    return {
        "key": kept.key,
        "scenario": kept.scenario,
        "variant": kept.variant,
        "seed": kept.seed,
        "replications": list(kept.numbers),
        "bytes": kept.size,
        "begun": kept.begun,
        "usable": kept.usable,
        "versions": dict(kept.versions),
    }


def runs_of(numbers: Iterable[int]) -> str:
    """Whole numbers in rising order as runs: `1-20, 25`."""
    found = []
    for _, run in groupby(enumerate(numbers), key=lambda each: each[1] - each[0]):
        members = [number for _, number in run]
        found.append(str(members[0]) if len(members) == 1 else f"{members[0]}-{members[-1]}")
    return ", ".join(found) or say("none")
