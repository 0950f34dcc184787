"""How a step looks that was added, removed, moved or changed: by more than its colour."""

from __future__ import annotations

from dataclasses import dataclass

from simulator.diagrams.model import Mark, Node
from simulator.texts import phrase


@dataclass(frozen=True)
class Style:
    """Border and ground of a step."""

    colour: str
    fill: str = "#FFFFFF"
    width: float = 1.3
    dash: str = ""


STYLES: dict[Mark, Style] = {
    "": Style("#33414E"),
    "added": Style("#0072B2", "#E3F0F9", 2.8),
    "removed": Style("#A33F00", "#FFFFFF", 1.6, "6 4"),
    "moved": Style("#6A3D9A", "#F1EBF7", 2.2, "12 3 2 3"),
    "changed": Style("#7A5C00", "#FCF4DC", 2.2, "2 2"),
}
BADGES: dict[Mark, str] = {
    "added": phrase("added"),
    "removed": phrase("removed"),
    "moved": phrase("moved"),
    "changed": phrase("changed"),
}


def style_of(node: Node) -> Style:
    """The look of a step by its first mark."""
    return STYLES[node.marks[0] if node.marks else ""]
