"""The flow of each design as a diagram, marked with what differs from the flow of the design it is compared with."""

from __future__ import annotations

from markupsafe import Markup

from simulator.diagrams.comparing import Compared, compare, compared_said
from simulator.diagrams.draw import diagram_of
from simulator.diagrams.model import Diagram
from simulator.diagrams.svg import svg_text
from simulator.report.blocks import Fold, Picture
from simulator.report.designs import Design
from simulator.report.words import filled
from simulator.scenario.spoken_names import variant_said
from simulator.texts import say


def flow_pictures(pairs: list[tuple[Design | None, Design]]) -> Fold:
    """A diagram for each design, with the one that it is compared with before it, if any."""
    title = say("The steps as a diagram, with a lane for each party")
    return Fold(title, [_picture(before, design) for before, design in pairs])


def _picture(before: Design | None, design: Design) -> Picture:
    diagram = _diagram(design)
    caption = design.html
    if before is not None:
        compare(Compared(design.product, diagram), Compared(before.product, _diagram(before)))
        caption = filled(say("{b} against {a}"), a=before.html, b=design.html)
        diagram.subtitle = compared_said(diagram, before.text)
    svg = Markup(svg_text(diagram, f"flow{design.place}"))
    scrolled = Markup('<div class="scroll flow" role="region" tabindex="0" aria-label="{}">{}</div>')
    return Picture(scrolled.format(design.text, svg), caption)


def _diagram(design: Design) -> Diagram:
    return diagram_of(design.scenario, design.product_key, variant_said(design.world.loaded))
