"""Where everything stands in a BPMN diagram: its interchange part, from the same layout as the SVG."""

from __future__ import annotations

from collections.abc import Sequence
from xml.etree import ElementTree as ET

from simulator.diagrams.bpmn_names import BIO_COLOUR, BPMNDI, COLOUR, DC, DI, Names
from simulator.diagrams.layout import Layout, Line, Placed, Point
from simulator.diagrams.lettering import width_of
from simulator.diagrams.marks import STYLES, style_of
from simulator.diagrams.shapes import MODEL_LINE, MODEL_SIZE, TASK_WIDTH, Box


def places(definitions: ET.Element, layout: Layout, names: Names) -> None:
    """Add the shapes and edges of a layout."""
    diagram = ET.SubElement(definitions, f"{{{BPMNDI}}}BPMNDiagram", {"id": "diagram"})
    plane = ET.SubElement(diagram, f"{{{BPMNDI}}}BPMNPlane", {"id": "plane", "bpmnElement": "collaboration"})
    _shape(plane, "pool", layout.pool, isHorizontal="true")
    for lane in layout.lanes:
        _shape(plane, names.lane(lane.key), lane.box, isHorizontal="true")
    # Timers on a border come after the steps they are on.
    for placed in sorted(layout.nodes.values(), key=lambda placed: placed.node.kind == "deadline"):
        _node(plane, placed, names)
    for number, frame in enumerate(layout.interruptions, 1):
        key = names.interruption(number)
        _shape(plane, key, frame.box, isExpanded="true")
        _shape(plane, f"{key}_start", frame.timer)
        label = frame.interruption.end_label
        end = _shape(plane, f"{key}_end", frame.end)
        _label(end, Box(frame.end.right + 5, frame.end.centre[1] - 7, width_of(label, MODEL_SIZE) + 4, MODEL_LINE))
        points = [(frame.timer.right, frame.timer.centre[1]), (frame.end.x, frame.end.centre[1])]
        _edge(plane, f"{key}_flow", points)
    for number, span in enumerate(layout.spans, 1):
        _shape(plane, names.span(number), span.box)
    for line in layout.lines:
        _line(plane, line, names)


def _node(plane: ET.Element, placed: Placed, names: Names) -> None:
    attributes = {"isMarkerVisible": "true"} if placed.node.kind in ("outcome", "choice", "merge") else {}
    shape = _shape(plane, names.node(placed.node.key), placed.box, **attributes)
    if placed.node.marks:
        style = style_of(placed.node)
        _colour(shape, style.colour, style.fill)
    if placed.node.label and placed.shape.width != TASK_WIDTH and placed.node.kind != "deadline":
        width = max((width_of(line, MODEL_SIZE) for line in placed.shape.name), default=0.0) + 6
        x = placed.box.centre[0] - width / 2
        _label(shape, Box(x, placed.box.bottom + 3, width, MODEL_LINE * len(placed.shape.name)))
    elif placed.node.kind == "deadline":
        _label(shape, Box(placed.box.right + 3, placed.box.centre[1] + 4, 90, 2 * MODEL_LINE))


def _line(plane: ET.Element, line: Line, names: Names) -> None:
    edge = _edge(plane, names.route(line.route), line.points)
    if line.route.removed:
        _colour(edge, STYLES["removed"].colour)
    if line.label_box is not None:
        width = max(width_of(each, MODEL_SIZE) for each in line.label) + 14
        height = MODEL_LINE * len(line.label)
        _label(edge, Box(line.label_box.x, line.label_box.bottom - height, width, height))
    elif line.route.label:
        # Beside the arrow to an end below.
        x, y = line.points[-1]
        width = min(width_of(line.route.label, MODEL_SIZE), 84) + 12
        _label(edge, Box(x + 4, y - MODEL_LINE - 5, width, MODEL_LINE))


def _shape(plane: ET.Element, key: str, box: Box, **attributes: str) -> ET.Element:
    shape = ET.SubElement(plane, f"{{{BPMNDI}}}BPMNShape", {"id": f"{key}_shape", "bpmnElement": key, **attributes})
    _bounds(shape, box)
    return shape


def _edge(plane: ET.Element, key: str, points: Sequence[Point]) -> ET.Element:
    edge = ET.SubElement(plane, f"{{{BPMNDI}}}BPMNEdge", {"id": f"{key}_edge", "bpmnElement": key})
    for x, y in points:
        ET.SubElement(edge, f"{{{DI}}}waypoint", {"x": f"{x:.1f}", "y": f"{y:.1f}"})
    return edge


def _bounds(element: ET.Element, box: Box) -> None:
    measures = {"x": box.x, "y": box.y, "width": box.width, "height": box.height}
    ET.SubElement(element, f"{{{DC}}}Bounds", {name: f"{value:.1f}" for name, value in measures.items()})


def _label(element: ET.Element, box: Box) -> None:
    _bounds(ET.SubElement(element, f"{{{BPMNDI}}}BPMNLabel"), box)


def _colour(element: ET.Element, border: str, ground: str = "") -> None:
    """The same colour in both conventions: that of "BPMN in Color" and the older one of bpmn.io."""
    element.set(f"{{{COLOUR}}}border-color", border)
    element.set(f"{{{BIO_COLOUR}}}stroke", border)
    if ground:
        element.set(f"{{{COLOUR}}}background-color", ground)
        element.set(f"{{{BIO_COLOUR}}}fill", ground)
