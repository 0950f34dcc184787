"""What the symbols of a diagram mean, in one row below it."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from simulator.diagrams.lettering import width_of
from simulator.diagrams.marks import BADGES, STYLES, Style
from simulator.diagrams.model import Diagram
from simulator.diagrams.shapes import Box
from simulator.diagrams.svg_symbols import FAINT, Pen
from simulator.texts import phrase, say, told

LEGEND_HEIGHT = 62.0
SIZE = 10.5
_SYMBOLS: tuple[tuple[tuple[str, ...], str, str], ...] = (
    (("start",), "start", phrase("start")),
    (("end",), "end", phrase("end")),
    (("outcome", "choice", "merge"), "outcome", phrase("one of several ways")),
    (("fork", "join"), "fork", phrase("together: all are done")),
    (("deadline",), "timer", phrase("deadline or patience")),
    (("every",), "timer", phrase("again and again")),
    (("race",), "race", phrase("whichever comes first")),
    (("repaid",), "condition", phrase("when this holds")),
)


def draw_legend(pen: Pen, diagram: Diagram, x: float, y: float) -> None:
    """The symbols that occur, marks of a comparison, and what the numbers are."""
    kinds = {node.kind for node in diagram.nodes.values()}
    if diagram.interruptions:
        kinds.add("deadline")
    for these, sort, meaning in _SYMBOLS:
        if kinds & set(these):
            x = _entry(pen, x, y, _drawn(sort), say(meaning))
    marks = {mark for node in diagram.nodes.values() for mark in node.marks}
    for mark, style in STYLES.items():
        if mark in marks:
            x = _entry(pen, x, y, partial(_framed, style), say(BADGES[mark]))
    meaning = say("Shares are those of files that come to a gateway; times are open hours (work) or pass (elapsed).")
    pen.text([told(meaning, *diagram.about)], 16, y + 36, SIZE, fill=FAINT)


def _framed(style: Style, pen: Pen, box: Box) -> None:
    frame = Box(box.x, box.y + 2, box.width, 16)
    pen.box(frame, fill=style.fill, stroke=style.colour, width=style.width, dash=style.dash, radius=4)


def _drawn(sort: str) -> Callable[[Pen, Box], None]:
    if sort in ("outcome", "fork", "race"):
        return lambda pen, box: pen.gateway(box, sort)
    return lambda pen, box: pen.event(box, sort)


def _entry(pen: Pen, x: float, y: float, draw: Callable[[Pen, Box], None], meaning: str) -> float:
    """A symbol with its meaning; the x of the next."""
    draw(pen, Box(x, y, 20, 20))
    pen.text([meaning], x + 26, y + 14, SIZE, fill=FAINT)
    return x + 26 + width_of(meaning, SIZE) + 22
