"""The symbols of BPMN drawn in SVG: tasks, events, gateways, arrows."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from xml.etree import ElementTree as ET

from simulator.diagrams.lettering import width_of
from simulator.diagrams.marks import STYLES
from simulator.diagrams.shapes import Box
from simulator.texts.xml_text import in_xml

INK, FAINT = "#22303C", "#52606D"
Point = tuple[float, float]


def number(value: float) -> str:
    """A length with at most one decimal."""
    return f"{value:.1f}".removesuffix(".0")


class Pen:
    """Draws into one element of an SVG."""

    def __init__(self, element: ET.Element, prefix: str) -> None:
        self._element, self._prefix = element, prefix

    def _add(self, tag: str, **attributes: str) -> ET.Element:
        named = {name.rstrip("_").replace("_", "-"): value for name, value in attributes.items() if value}
        return ET.SubElement(self._element, tag, named)

    @contextmanager
    def group(self, title: str) -> Iterator[Pen]:
        """Things that belong together, with what their tooltip says."""
        element = self._add("g")
        if title:
            ET.SubElement(element, "title").text = in_xml(title)
        yield Pen(element, self._prefix)

    def arrowheads(self) -> None:
        """Define the arrowheads."""
        definitions = self._add("defs")
        for name, colour in (("arrow", INK), ("removed", STYLES["removed"].colour)):
            marker = ET.SubElement(
                definitions,
                "marker",
                {
                    "id": f"{self._prefix}-{name}", "viewBox": "0 0 10 10", "refX": "9.5", "refY": "5",
                    "markerWidth": "8", "markerHeight": "8", "orient": "auto", "markerUnits": "userSpaceOnUse",
                },
            )  # fmt: skip
            ET.SubElement(marker, "path", {"d": "M0 0.8 L10 5 L0 9.2 z", "fill": colour})

    def box(
        self, box: Box, *, fill: str = "none", stroke: str = "none", width: float = 1.0, dash: str = "",
        radius: float = 0,
    ) -> None:  # fmt: skip
        """A rectangle."""
        self._add(
            "rect", x=number(box.x), y=number(box.y), width=number(box.width), height=number(box.height),
            rx=number(radius) if radius else "", fill=fill, stroke=stroke, stroke_width=number(width),
            stroke_dasharray=dash,
        )  # fmt: skip

    def polyline(self, points: Sequence[Point], *, stroke: str = INK, width: float = 1.2, dash: str = "") -> ET.Element:
        """A line with corners."""
        drawn = " ".join(f"{number(x)},{number(y)}" for x, y in points)
        return self._add(
            "polyline", points=drawn, fill="none", stroke=stroke, stroke_width=number(width), stroke_dasharray=dash
        )

    def arrow(self, points: Sequence[Point], removed: bool = False) -> None:
        """A line with an arrowhead at its end; dashed where it was removed."""
        line = self.polyline(points, stroke=STYLES["removed"].colour if removed else INK, dash="5 4" if removed else "")
        line.set("marker-end", f"url(#{self._prefix}-{'removed' if removed else 'arrow'})")

    def text(
        self, lines: Sequence[str], x: float, y: float, size: float, *, bold: bool = False, fill: str = INK,
        line: float = 14.0, anchor: str = "", halo: bool = False, struck: bool = False, title: str = "",
    ) -> None:  # fmt: skip
        """Lines of text, the first on the base line `y`."""
        for place, each in enumerate(lines):
            element = self._add(
                "text", x=number(x), y=number(y + place * line), font_size=number(size), fill=fill,
                font_weight="bold" if bold else "", text_anchor=anchor,
                text_decoration="line-through" if struck else "",
                paint_order="stroke" if halo else "", stroke="#FFFFFF" if halo else "",
                stroke_width="3" if halo else "", stroke_opacity="0.8" if halo else "",
            )  # fmt: skip
            element.text = in_xml(each)
            if title:
                # A title inside a text must come first and leaves the text behind it.
                element.text = None
                inner = ET.SubElement(element, "title")
                inner.text, inner.tail = in_xml(title), in_xml(each)

    def upright(self, line: str, x: float, y: float, size: float) -> None:
        """A line that is read from below, its middle at (x, y)."""
        place = f"{number(x)} {number(y)}"
        element = self._add(
            "text", transform=f"translate({place}) rotate(-90)", font_size=number(size), fill=INK, text_anchor="middle"
        )
        element.text = in_xml(line)

    def event(self, box: Box, sort: str, dashed: bool = False) -> None:
        """A circle: thin for a start, thick for an end, doubled for what comes in between."""
        x, y = box.centre
        radius = box.width / 2
        wide = 2.6 if sort == "end" else 1.3
        self._circle(x, y, radius - wide / 2, wide, "3 2" if dashed else "")
        if sort in ("timer", "condition"):
            self._circle(x, y, radius - 3.5, 0.9, "3 2" if dashed else "")
        if sort == "timer":
            self.clock(x, y, radius - 6)
        if sort == "condition":
            for row in (-4, 0, 4):
                self.polyline([(x - 4.5, y + row), (x + 4.5, y + row)], width=1.1)

    def _circle(self, x: float, y: float, radius: float, width: float, dash: str = "") -> None:
        self._add(
            "circle", cx=number(x), cy=number(y), r=number(radius), fill="#FFFFFF", stroke=INK,
            stroke_width=number(width), stroke_dasharray=dash,
        )  # fmt: skip

    def clock(self, x: float, y: float, radius: float) -> None:
        """The face of a clock."""
        self._circle(x, y, radius, 1.0)
        self.polyline([(x, y - radius + 2), (x, y), (x + radius / 2, y)], width=1.0)

    def gateway(self, box: Box, kind: str) -> None:
        """A diamond: a cross for a choice, a plus for what runs together, a pentagon for whichever comes first."""
        x, y = box.centre
        half = box.width / 2
        corners = [(x, y - half), (x + half, y), (x, y + half), (x - half, y)]
        drawn = " ".join(f"{number(a)},{number(b)}" for a, b in corners)
        self._add("polygon", points=drawn, fill="#FFFFFF", stroke=INK, stroke_width="1.3")
        arm = half * 0.42
        if kind in ("fork", "join"):
            self.polyline([(x - arm, y), (x + arm, y)], width=2.8)
            self.polyline([(x, y - arm), (x, y + arm)], width=2.8)
        elif kind == "race":
            self._circle(x, y, half * 0.5, 1.0)
            points = [(0, -6), (5.7, -1.9), (3.5, 4.9), (-3.5, 4.9), (-5.7, -1.9), (0, -6)]
            self.polyline([(x + a, y + b) for a, b in points], width=1.0)
        else:
            arm *= 0.78
            self.polyline([(x - arm, y - arm), (x + arm, y + arm)], width=2.2)
            self.polyline([(x - arm, y + arm), (x + arm, y - arm)], width=2.2)

    def badge(self, said: str, right: float, y: float, colour: str) -> None:
        """A word in a small frame that sits on the upper border of a step."""
        width = width_of(said, 10) + 14
        self.box(Box(right - width, y - 8, width, 16), fill=colour, radius=8)
        self.text([said], right - width / 2, y + 3.6, 10, bold=True, fill="#FFFFFF", anchor="middle")
