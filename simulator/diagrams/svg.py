"""A diagram as SVG: one picture that needs nothing else, with its texts as text."""

from __future__ import annotations

from collections.abc import Callable
from xml.etree import ElementTree as ET

from simulator.diagrams.layout import Layout, Line, Placed, lay_out
from simulator.diagrams.lettering import wrapped
from simulator.diagrams.marks import BADGES, style_of
from simulator.diagrams.model import Diagram, Node
from simulator.diagrams.shapes import (
    NAME_LINE,
    NAME_SIZE,
    TASK_PADDING,
    TASK_WIDTH,
    TEXT_LINE,
    TEXT_SIZE,
    Box,
)
from simulator.diagrams.svg_legend import LEGEND_HEIGHT, draw_legend
from simulator.diagrams.svg_symbols import FAINT, INK, Pen, number
from simulator.diagrams.wording import joined
from simulator.texts import language, phrase, say, told
from simulator.texts.letters import FAMILY, embedded, has_chinese
from simulator.texts.widths import is_chinese
from simulator.texts.xml_text import in_xml

LATIN = "Arial, Helvetica, 'Liberation Sans'"
CHINESE = (
    "'Noto Sans SC', 'Noto Sans CJK SC', 'Source Han Sans SC', 'Microsoft YaHei', 'PingFang SC', "
    "'Hiragino Sans GB', 'WenQuanYi Micro Hei', sans-serif"
)
NO_FONT = phrase(
    "diagram: no open Chinese font was found to put into the picture, so it relies on the fonts of its readers; "
    "install one with: pip install 'pledgesim[zh]'"
)
HEADING = 52.0
LANE_SHADES = ("#FFFFFF", "#F4F6F8")


def svg_text(diagram: Diagram, prefix: str = "flow") -> str:
    """A diagram as the text of an SVG element."""
    return ET.tostring(_drawn(diagram, prefix), encoding="unicode")


def svg_file_text(diagram: Diagram, warn: Callable[[str], None] = lambda line: None) -> str:
    """A diagram as a file of its own, which brings its Chinese letters along; `warn` is told where there are none."""
    root = _drawn(diagram, "flow")
    text = "".join("".join(each.itertext()) for each in root.iter("text"))
    if has_chinese(text):
        # Of these letters alone, so that Latin ones stay as wide as they were laid out; first, since browsers may leave
        # boxes where a font that they still read stands behind others.
        letters = embedded("".join(filter(is_chinese, text)))
        if letters is None:
            warn(say(NO_FONT))
        else:
            style = ET.Element("style")
            style.text = letters
            root.insert(2, style)
            root.set("font-family", f"'{FAMILY}', {LATIN}, {CHINESE}")
    return ET.tostring(root, encoding="unicode")


def _drawn(diagram: Diagram, prefix: str) -> ET.Element:
    return _Drawing(lay_out(diagram, top=HEADING), prefix).root


class _Drawing:
    def __init__(self, layout: Layout, prefix: str) -> None:
        self.layout, self.prefix = layout, prefix
        diagram = layout.diagram
        width, height = layout.width, layout.bottom + LEGEND_HEIGHT
        self.root = ET.Element(
            "svg",
            {
                "xmlns": "http://www.w3.org/2000/svg",
                "viewBox": f"0 0 {number(width)} {number(height)}",
                "width": number(width),
                "height": number(height),
                "role": "img",
                "aria-labelledby": f"{prefix}-title {prefix}-desc",
                "lang": "zh-CN" if language() == "zh" else "en",
                "font-family": f"{LATIN}, {CHINESE}",
            },
        )
        ET.SubElement(self.root, "title", {"id": f"{prefix}-title"}).text = in_xml(diagram.title)
        ET.SubElement(self.root, "desc", {"id": f"{prefix}-desc"}).text = in_xml(description(diagram))
        self.pen = Pen(self.root, prefix)
        self.pen.arrowheads()
        self.pen.box(Box(0, 0, width, height), fill="#FFFFFF")
        self._heading()
        self._lanes()
        self._spans()
        self._interruptions()
        for line in sorted(layout.lines, key=lambda line: not line.route.removed):
            self._line(line)
        for placed in layout.nodes.values():
            self._node(placed)
        for line in layout.lines:
            self._label(line)
        draw_legend(self.pen, diagram, layout.pool.x, layout.bottom + 14)

    def _heading(self) -> None:
        diagram = self.layout.diagram
        room = self.layout.width - 2 * self.layout.pool.x
        self.pen.text(wrapped(diagram.title, room, 17, 1), self.layout.pool.x, 26, 17, bold=True)
        self.pen.text(wrapped(diagram.subtitle, room, 12, 1), self.layout.pool.x, 45, 12, fill=FAINT)

    def _lanes(self) -> None:
        pool = self.layout.pool
        self.pen.box(pool, fill="#E8ECEF", stroke="#9AA3AB", width=1)
        name = wrapped(self.layout.diagram.name, pool.height - 16, 12, 1)
        self.pen.upright(name[0] if name else "", pool.x + 19, pool.centre[1], 12)
        for shade, lane in enumerate(self.layout.lanes):
            box = lane.box
            self.pen.box(box, fill=LANE_SHADES[shade % 2], stroke="#9AA3AB", width=1)
            lines = wrapped(lane.label, 92, 12, max(int(box.height / 15) - 1, 2))
            first = box.centre[1] - len(lines) * 7.5 + 11
            self.pen.text(lines, box.x + 10, first, 12, bold=True, line=15, title=lane.label)

    def _spans(self) -> None:
        for placed in self.layout.spans:
            y = placed.box.bottom
            ends = [(placed.first, y), (placed.first, y - 6), (placed.last, y - 6), (placed.last, y)]
            colour = INK if placed.span.deadline else FAINT
            self.pen.polyline(ends, stroke=colour, width=1.6 if placed.span.deadline else 1)
            x = placed.box.x
            if placed.span.deadline:
                self.pen.clock(x + 9, placed.box.y + 8, 6.5)
                x += 20
            self.pen.text([placed.span.label], x, placed.box.y + 12, TEXT_SIZE, fill=colour, title=placed.span.label)

    def _interruptions(self) -> None:
        for placed in self.layout.interruptions:
            with self.pen.group(placed.interruption.label) as pen:
                pen.box(placed.box, fill="#FFFFFF", stroke=FAINT, width=1.1, dash="2 3", radius=8)
                pen.text(placed.lines, placed.box.x + 10, placed.box.y + 18, TEXT_SIZE, line=TEXT_LINE)
                timer, end = placed.timer, placed.end
                pen.event(timer, "timer", dashed=not placed.interruption.ends)
                pen.arrow([(timer.right, timer.centre[1]), (end.x, end.centre[1])])
                pen.event(end, "end")
                pen.text([placed.interruption.end_label], end.right + 6, end.centre[1] + 4, TEXT_SIZE)

    def _line(self, line: Line) -> None:
        said = joined(filter(None, [line.route.label, *map(_fact_said, line.route.facts)]))
        with self.pen.group(said) as pen:
            removed = line.route.removed
            pen.arrow(line.points, removed=removed)

    def _label(self, line: Line) -> None:
        if line.label_box is not None:
            box = line.label_box
            self.pen.text(line.label, box.x, box.y + TEXT_SIZE, TEXT_SIZE, line=TEXT_LINE, halo=True)

    def _node(self, placed: Placed) -> None:
        node = placed.node
        with self.pen.group(tooltip(node)) as pen:
            if node.kind == "task":
                self._task(pen, placed)
            elif node.kind in ("outcome", "choice", "merge", "fork", "join", "race"):
                pen.gateway(placed.box, node.kind)
            else:
                sort = {"start": "start", "end": "end", "deadline": "timer", "every": "timer", "repaid": "condition"}
                pen.event(placed.box, sort[node.kind], dashed=node.kind == "deadline" and not node.stops)
            if node.kind != "task":
                x, y = placed.box.centre[0], placed.box.bottom + TEXT_SIZE + 3
                pen.text(placed.shape.name, x, y, TEXT_SIZE, line=TEXT_LINE, anchor="middle", halo=True)
                y += TEXT_LINE * len(placed.shape.name)
                pen.text(placed.shape.text, x, y, TEXT_SIZE, line=TEXT_LINE, anchor="middle", fill=FAINT, halo=True)

    def _task(self, pen: Pen, placed: Placed) -> None:
        node, box, shape = placed.node, placed.box, placed.shape
        style = style_of(node)
        pen.box(box, fill=style.fill, stroke=style.colour, width=style.width, dash=style.dash, radius=8)
        x, y = box.x + TASK_PADDING, box.y + TASK_PADDING + NAME_SIZE - 1
        pen.text(shape.name, x, y, NAME_SIZE, bold=True, line=NAME_LINE, struck=node.removed)
        y += NAME_LINE * len(shape.name) - 1
        pen.text(shape.text, x, y, TEXT_SIZE, line=TEXT_LINE, fill=FAINT)
        if node.marks:
            pen.badge(joined(say(BADGES[mark]) for mark in node.marks), box.x + TASK_WIDTH - 6, box.y, style.colour)


def tooltip(node: Node) -> str:
    """What a tooltip says of a node."""
    lines = [node.label, *map(_fact_said, node.facts)]
    return "\n".join(filter(None, lines))


def _fact_said(fact: tuple[str, str]) -> str:
    word, what = fact
    return say("{key}: {what}", key=word, what=what)


def description(diagram: Diagram) -> str:
    """The diagram in words, for those who do not see it: parties, then every step with who does it and how long."""
    lanes = say("Lanes: {lanes}.", lanes=joined(diagram.lanes.values()))
    steps = [
        say(
            "{step} ({facts})",
            step=node.label, facts=joined(filter(None, [diagram.lanes[node.lane], node.desk, *node.lines])),
        )
        for node in diagram.nodes.values()
        if node.kind == "task" and not node.removed
    ]  # fmt: skip
    parts = [diagram.subtitle, lanes, say("Steps: {steps}.", steps=say("; ").join(steps)), *diagram.about]
    return told(*parts)
