"""What stands beside the flow itself: spans of clocks above the lanes, what may interrupt a case in the first lane."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from simulator.diagrams.lettering import width_of, wrapped
from simulator.diagrams.model import Diagram, Interruption, Span
from simulator.diagrams.shapes import EVENT, MODEL_SIZE, TEXT_LINE, TEXT_SIZE, Box

LANE_HEADER, LANE_PADDING = 112.0, 10.0
SPAN_HEIGHT, SPAN_GAP = 30.0, 14.0
INTERRUPTION_WIDTH, INTERRUPTION_GAP = 236.0, 18.0


@dataclass(frozen=True)
class PlacedSpan:
    """A clock as a bracket from the left of its first step to the right of its last."""

    span: Span
    box: Box
    first: float
    last: float


@dataclass(frozen=True)
class PlacedInterruption:
    """A frame with a timer, an arrow and an end."""

    interruption: Interruption
    lines: tuple[str, ...]
    box: Box
    timer: Box
    end: Box


def spans_placed(
    diagram: Diagram, ends: Mapping[str, tuple[float, float]], right: float, top: float
) -> tuple[list[PlacedSpan], float]:
    """Spans in rows, as few as there is room for, and the y at which the pool begins.

    `ends` has the left and right side of every step, and of the start under 'start'.
    """
    placed: list[PlacedSpan] = []
    rows: list[float] = []
    for span in diagram.spans:
        sides = [ends[each] for each in (span.begins or "start", span.ends) if each in ends]
        first, last = min(side[0] for side in sides), max(side[1] for side in sides)
        width = max(last - first, width_of(span.label, TEXT_SIZE) + 26)
        x = min(first, max(right - width, 0))
        row = next((at for at, used in enumerate(rows) if used + 12 < x), len(rows))
        rows[row : row + 1] = [x + width]
        placed.append(PlacedSpan(span, Box(x, top + row * SPAN_HEIGHT, width, SPAN_HEIGHT - 4), first, last))
    return placed, top + len(rows) * SPAN_HEIGHT + (SPAN_GAP if rows else 0)


def interruptions_placed(
    diagram: Diagram, left: float, right: float, top: float
) -> tuple[list[PlacedInterruption], float]:
    """Frames side by side, and the y below them."""
    placed: list[PlacedInterruption] = []
    x, y, row_height = left, top, 0.0
    for each in diagram.interruptions:
        lines = wrapped(each.label, INTERRUPTION_WIDTH - 24, MODEL_SIZE, 4)
        height = 14 + len(lines) * TEXT_LINE + EVENT + 10
        if x > left and x + INTERRUPTION_WIDTH > right:
            x, y, row_height = left, y + row_height + INTERRUPTION_GAP, 0.0
        middle = y + height - 10 - EVENT / 2
        placed.append(
            PlacedInterruption(
                each,
                tuple(lines),
                Box(x, y, INTERRUPTION_WIDTH, height),
                Box(x + 16, middle - EVENT / 2, EVENT, EVENT),
                Box(x + 90, middle - EVENT / 2, EVENT, EVENT),
            )
        )
        x += INTERRUPTION_WIDTH + INTERRUPTION_GAP
        row_height = max(row_height, height)
    return placed, y + row_height + (10 if placed else 0)
