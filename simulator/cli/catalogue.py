"""Commands about scenario files: list, validate, schema, new."""

from __future__ import annotations

import json
from pathlib import Path

import click

from simulator.cli.options import json_option, lang_option, set_option
from simulator.texts import language, phrase, say, say_count

KINDS = (phrase("product"), phrase("contrast"), phrase("comparison"))
"""What a bundled scenario can be, as `say` says it."""


@click.command("list", epilog="Example:  pledgesim list --json")
@lang_option
@json_option
def list_command(as_json: bool) -> None:
    """List the bundled scenarios."""
    from simulator.cli.tables import add_row, new_table, show
    from simulator.scenario.load import catalogue

    entries = catalogue()
    if as_json:
        click.echo(json.dumps(entries, ensure_ascii=False, indent=1))
    else:
        names = {"name_zh": say("name")} if language() == "zh" else {"name_en": "name", "name_zh": "名称"}
        columns = [say("id"), say("case", context="of the source"), say("kind"), *names.values()]
        table = new_table("", columns, left=len(columns))
        for entry in entries:
            kind = say(entry["kind"])
            add_row(table, entry["id"], entry["case"] or "", kind, *(entry[name] for name in names))
        show(table)


@click.command("validate", epilog="Example:  pledgesim validate mycity.yaml")
@click.argument("files", nargs=-1, required=True, metavar="FILE...")
@set_option
@lang_option
@click.pass_context
def validate_command(ctx: click.Context, files: tuple[str, ...], sets: tuple[str, ...]) -> None:
    """Check scenario files and all their variants; list every mistake with its place."""
    from simulator.errors import PledgesimError
    from simulator.scenario.agreement_file import has_own_agreement, open_agreement
    from simulator.scenario.load import compared_worlds, open_scenario

    failed = False
    for reference in files:
        try:
            if has_own_agreement(reference):
                name = open_agreement(reference, sets=sets).name.said()
                click.echo(say("{file}: {name}, an agreement: no mistakes found", file=reference, name=name))
                continue
            file = open_scenario(reference)
            if file.is_comparison:
                loaded = [file.variant(), *(world for _, world in compared_worlds(file.variant(), sets))]
            else:
                loaded = open_scenario(reference, sets).all_variants()
        except PledgesimError as error:
            click.echo(str(error), err=True)
            failed = True
            continue
        name, more = loaded[0].scenario.name.said(), len(loaded) - 1
        if more and file.is_comparison:
            name = say_count("{name} and {n} world", "{name} and {n} worlds", more, name=name)
        elif more:
            name = say_count("{name} and {n} variant", "{name} and {n} variants", more, name=name)
        click.echo(say("{file}: {name}: no mistakes found", file=reference, name=name))
    if failed:
        ctx.exit(2)


@click.command("schema", epilog="Example:  pledgesim schema > pledgesim.schema.json")
def schema_command() -> None:
    """Print the JSON Schema of scenario files, with which editors complete and check."""
    from simulator.scenario.schema import json_schema

    click.echo(json.dumps(json_schema(), ensure_ascii=False, indent=1))


@click.command("new", epilog="Example:  pledgesim new --from C8-F1 mycity.yaml")
@click.argument("file", type=click.Path())
@click.option("--from", "origin", default="C8-F1", show_default=True, metavar="ID", help="Bundled scenario to copy.")
@click.option("--force", is_flag=True, help="Overwrite a file that exists.")
@lang_option
def new_command(file: str, origin: str, force: bool) -> None:
    """Write a copy of a bundled scenario that runs wherever it stands."""
    from simulator.errors import PledgesimError
    from simulator.scenario.load import copy_of

    path = Path(file)
    if path.exists() and not force:
        raise PledgesimError(f"{file} exists; choose another name, or overwrite it with --force")
    text = copy_of(origin, path)
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise PledgesimError(f"{file}: {error.strerror or error}") from None
    click.echo(
        say(
            "{file} is a copy of {origin}. Change it, then:  pledgesim compare {origin} {file}",
            file=file, origin=origin,
        )
    )  # fmt: skip
