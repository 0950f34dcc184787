"""The command that draws the flow of a product."""

from __future__ import annotations

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
    from simulator.export.whole_file import refuse_place, written_whole

    if out is not None:
        because = say(", as --format {form} has it", form=form) if form else ""
        refuse_place(out, [f".{form}"] if form else [".svg", ".bpmn"], f"--out {out}", because)
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
        with written_whole(out, encoding="utf-8") as written:
            written.write(text)
        click.echo(say("{key}: {what}", key=diagram.title, what=out), err=True)

