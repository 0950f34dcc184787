"""How large each symbol is, with what is written in and under it. Lengths in pixels."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from simulator.diagrams.lettering import width_of, wrapped
from simulator.diagrams.model import Diagram, Node

TASK_WIDTH, TASK_PADDING, TASK_LEAST = 160.0, 9.0, 54.0
EVENT, GATEWAY, TIMER = 30.0, 40.0, 24.0
NAME_SIZE, TEXT_SIZE = 12.5, 10.5
NAME_LINE, TEXT_LINE = 16.0, 13.5
MODEL_SIZE, MODEL_LINE = 12.0, 14.0
"""What modelling tools write with, whatever a file says."""
CAPTION_WIDTH = 96.0
HANGING_LINE = 20.0
"""Length of the line from a symbol to the end below it."""


@dataclass(frozen=True)
class Box:
    """A rectangle; y grows downwards."""

    x: float
    y: float
    width: float
    height: float

    @property
    def right(self) -> float:
        """Its right side."""
        return self.x + self.width

    @property
    def bottom(self) -> float:
        """Its lower side."""
        return self.y + self.height

    @property
    def centre(self) -> tuple[float, float]:
        """The middle."""
        return self.x + self.width / 2, self.y + self.height / 2

    def overlaps(self, other: Box, by: float = 0.5) -> bool:
        """Whether two share more than their borders."""
        return (
            self.x + by < other.right and other.x + by < self.right
            and self.y + by < other.bottom and other.y + by < self.bottom
        )  # fmt: skip


@dataclass(frozen=True)
class Shape:
    """A symbol with its texts, before it has a place."""

    width: float
    """Of the symbol alone."""
    height: float
    name: tuple[str, ...] = ()
    text: tuple[str, ...] = ()
    """Smaller lines below the name."""
    hanging: tuple[tuple[Node, Shape], ...] = ()
    """Ends that stand side by side below it."""

    @property
    def written_below(self) -> float:
        """Height of what is written under the symbol, for those that are too small to be written in."""
        return 0.0 if self.width == TASK_WIDTH else TEXT_LINE * (len(self.name) + len(self.text))

    @property
    def room(self) -> float:
        """Width of the symbol with what is written under it and what hangs on it."""
        if self.width == TASK_WIDTH:
            return self.width
        written = max((width_of(line, TEXT_SIZE) for line in (*self.name, *self.text)), default=0.0)
        return max(self.width, written, sum(shape.room + 4 for _, shape in self.hanging))

    @property
    def hanging_height(self) -> float:
        """Height of what hangs below, its line included."""
        return max((HANGING_LINE + EVENT + 4 + shape.written_below for _, shape in self.hanging), default=0.0)


def shape_of(diagram: Diagram, node: Node) -> Shape:
    """The shape of a node that has a place of its own, with everything that hangs on it."""
    hanging = []
    width = CAPTION_WIDTH
    timers = [each for each in diagram.hanging(node.key) if each.kind == "deadline"]
    if len(timers) > 1:
        width = TASK_WIDTH / len(timers) - 6
    for timer in timers:
        ends = diagram.hanging(timer.key)
        hanging += [(end, _end_shape(end, [timer.label], width)) for end in ends]
    for end in diagram.hanging(node.key):
        if end.kind == "end":
            labels = [route.label for route in diagram.leaving(node.key) if route.target == end.key]
            hanging.append((end, _end_shape(end, labels, width)))
    if node.kind == "task":
        name = wrapped(node.label, TASK_WIDTH - 2 * TASK_PADDING, NAME_SIZE * 1.05, 4)
        text = _all_wrapped(filter(None, [node.desk, *node.lines]), TASK_WIDTH - 2 * TASK_PADDING, 3)
        height = 2 * TASK_PADDING + len(name) * NAME_LINE + len(text) * TEXT_LINE - 2
        height += TIMER / 2 if timers else 0
        return Shape(TASK_WIDTH, max(height, TASK_LEAST), tuple(name), tuple(text), tuple(hanging))
    size = GATEWAY if node.kind in ("outcome", "choice", "merge", "fork", "join", "race") else EVENT
    return Shape(size, size, tuple(wrapped(node.label, CAPTION_WIDTH, TEXT_SIZE, 4)), (), tuple(hanging))


def _end_shape(end: Node, labels: Sequence[str], width: float) -> Shape:
    name = wrapped(end.label, width, TEXT_SIZE, 3)
    return Shape(EVENT, EVENT, tuple(name), tuple(_all_wrapped(filter(None, labels), width, 4)))


def _all_wrapped(texts: object, width: float, most: int) -> list[str]:
    return [line for text in texts for line in wrapped(text, width, TEXT_SIZE, most)]  # type: ignore[attr-defined]
