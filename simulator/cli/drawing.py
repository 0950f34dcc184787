"""The command that draws the flow of a product."""

from __future__ import annotations

import os
from collections.abc import Sequence

import click

from simulator.cli.options import lang_option, set_option
from simulator.texts import say


@click.command("diagram", epilog="Example:  pledgesim diagram C8-F1 --out flow.svg")
@click.argument("file")
@click.option(
    "--format", "form", type=click.Choice(["svg", "bpmn"]), help="Picture, or model for BPMN tools.  [default: svg]"
)
@click.option("--variant", metavar="NAME", help="The flow of this variant.")
@click.option("--product", metavar="NAME", help="The product, where the file has several.")
@click.option(
    "--against", metavar="OTHER", help="Mark what differs from this file, bundled scenario or variant of FILE."
)
@click.option("--out", type=click.Path(), metavar="FILE", help="Write it here instead of printing it.")
@set_option
@lang_option
def diagram_command(
    file: str, form: str | None, variant: str | None, product: str | None, against: str | None, out: str | None,
    sets: tuple[str, ...],
) -> None:  # fmt: skip
    """Draw the flow of a product with a lane for each party: SVG to look at, or BPMN 2.0 for modelling tools.

    With --against, steps that only FILE has are marked as added, those that only OTHER has as removed.
    """
    from simulator.diagrams.ask import asked_diagram

    if out is not None:
        _refuse_scenario(out, (file, against))
    form = form or ("bpmn" if out is not None and out.casefold().endswith(".bpmn") else "svg")
    diagram = asked_diagram(file, variant, product, sets, against)
    if form == "svg":
        from simulator.diagrams.svg import svg_file_text

        text = svg_file_text(diagram, lambda line: click.echo(line, err=True))
    else:
        from simulator.diagrams.bpmn import bpmn_text

        text = bpmn_text(diagram)
    if out is None:
        click.echo(text, nl=not text.endswith("\n"))
    else:
        _write(out, text)
        click.echo(say("{key}: {what}", key=diagram.title, what=out), err=True)


def _refuse_scenario(out: str, read: Sequence[str | None]) -> None:
    """PledgesimError for a file that is read, or is by its name a scenario: a picture must not take its place."""
    from pathlib import Path

    from simulator.errors import PledgesimError

    place = os.path.realpath(out)
    if place in [os.path.realpath(each) for each in read if each] or Path(place).suffix.lower() in (".yaml", ".yml"):
        raise PledgesimError(f"--out {out}: this is a scenario; name a file such as flow.svg")


def _write(out: str, text: str) -> None:
    """Write a file; PledgesimError says why it cannot be."""
    from pathlib import Path

    from simulator.errors import PledgesimError

    try:
        Path(out).write_text(text, encoding="utf-8")
    except (OSError, ValueError) as error:
        told = error.strerror if isinstance(error, OSError) else error
        raise PledgesimError(f"--out {out}: {told}") from None
