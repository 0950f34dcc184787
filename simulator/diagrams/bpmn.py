"""A diagram as BPMN 2.0 XML with its layout, as modelling tools read it.

OMG, Business Process Model and Notation, version 2.0.2 (formal/2013-12-09): chapter 8 and 10 for the elements, 12 for
their places. Colours follow "BPMN in Color", which tools that do not know it leave out.
"""

from __future__ import annotations

from xml.etree import ElementTree as ET

from simulator import __version__
from simulator.diagrams.bpmn_names import Names, bpmn, register_prefixes
from simulator.diagrams.bpmn_places import places
from simulator.diagrams.layout import lay_out
from simulator.diagrams.marks import BADGES
from simulator.diagrams.model import Diagram, Interruption, Node, Route
from simulator.diagrams.wording import joined
from simulator.texts import say, told
from simulator.texts.xml_text import in_xml

_GATEWAYS = {
    "outcome": "exclusiveGateway",
    "choice": "exclusiveGateway",
    "merge": "exclusiveGateway",
    "fork": "parallelGateway",
    "join": "parallelGateway",
    "race": "eventBasedGateway",
}
_EVENTS = {
    "start": "startEvent",
    "end": "endEvent",
    "deadline": "boundaryEvent",
    "every": "intermediateCatchEvent",
    "repaid": "intermediateCatchEvent",
}
XSI_TYPE = "{http://www.w3.org/2001/XMLSchema-instance}type"


def bpmn_text(diagram: Diagram) -> str:
    """A diagram as a BPMN 2.0 file."""
    register_prefixes()
    definitions = ET.Element(
        bpmn("definitions"),
        {
            "id": "definitions",
            "targetNamespace": "https://pledgesim/flows",
            "exporter": "pledgesim",
            "exporterVersion": __version__,
        },
    )
    names = Names(diagram)
    _collaboration(definitions, diagram, names)
    _process(definitions, diagram, names)
    places(definitions, lay_out(diagram), names)
    ET.indent(definitions, " ")
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ET.tostring(definitions, encoding="unicode") + "\n"


def _collaboration(definitions: ET.Element, diagram: Diagram, names: Names) -> None:
    collaboration = ET.SubElement(definitions, bpmn("collaboration"), {"id": "collaboration"})
    name = {"id": "pool", "name": in_xml(diagram.title), "processRef": "process"}
    pool = ET.SubElement(collaboration, bpmn("participant"), name)
    _document(pool, told(diagram.subtitle, *diagram.about))
    for number, span in enumerate(diagram.spans, 1):
        note = ET.SubElement(collaboration, bpmn("textAnnotation"), {"id": names.span(number)})
        ET.SubElement(note, bpmn("text")).text = in_xml(span.label)


def _process(definitions: ET.Element, diagram: Diagram, names: Names) -> None:
    process = ET.SubElement(definitions, bpmn("process"), {"id": "process", "isExecutable": "false"})
    lanes = ET.SubElement(process, bpmn("laneSet"), {"id": "lanes"})
    for number, (key, label) in enumerate(diagram.lanes.items()):
        lane = ET.SubElement(lanes, bpmn("lane"), {"id": names.lane(key), "name": in_xml(label)})
        standing = [names.node(node.key) for node in diagram.nodes.values() if node.lane == key]
        if not number:
            standing += [names.interruption(at) for at in range(1, len(diagram.interruptions) + 1)]
        for each in standing:
            ET.SubElement(lane, bpmn("flowNodeRef")).text = each
    flows = [route for route in diagram.routes if not route.removed]
    for node in diagram.nodes.values():
        _node(process, node, flows, names)
    for number, interruption in enumerate(diagram.interruptions, 1):
        _interruption(process, interruption, names.interruption(number))
    for route in flows:
        _sequence_flow(process, route, names)
    for route in diagram.routes:
        if route.removed:
            # What was removed is not passed any more: an association has no meaning for the flow.
            attributes = {
                "id": names.route(route),
                "sourceRef": names.node(route.source),
                "targetRef": names.node(route.target),
                "associationDirection": "One",
            }
            ET.SubElement(process, bpmn("association"), attributes)


def _node(process: ET.Element, node: Node, flows: list[Route], names: Names) -> None:
    tag = "task" if node.kind == "task" else _GATEWAYS.get(node.kind) or _EVENTS[node.kind]
    attributes = {"id": names.node(node.key)}
    if node.label:
        attributes["name"] = in_xml(bpmn_name(node))
    if node.kind == "deadline":
        attributes |= {"attachedToRef": names.node(node.host), "cancelActivity": "true" if node.stops else "false"}
    element = ET.SubElement(process, bpmn(tag), attributes)
    marked = [(say("Compared"), joined(say(BADGES[mark]) for mark in node.marks))] if node.marks else []
    _document(element, "\n".join(f"{word}: {what}" for word, what in [*marked, *node.facts]))
    for route in flows:
        if route.target == node.key:
            ET.SubElement(element, bpmn("incoming")).text = names.route(route)
    for route in flows:
        if route.source == node.key:
            ET.SubElement(element, bpmn("outgoing")).text = names.route(route)
    if node.kind in ("deadline", "every"):
        _timer(element, node.label, node.within, again=node.kind == "every")
    elif node.kind == "repaid":
        definition = ET.SubElement(element, bpmn("conditionalEventDefinition"))
        ET.SubElement(definition, bpmn("condition"), {XSI_TYPE: "tFormalExpression"}).text = in_xml(node.label)
    elif node.kind == "end" and node.ends in ("declined", "withdrawn", "expired"):
        # Ends the whole case, whatever else is done for it beside.
        ET.SubElement(element, bpmn("terminateEventDefinition"))


def bpmn_name(node: Node) -> str:
    """A step with its desk and its marks below it, another node as it is called."""
    desk = f"({node.desk})" if node.desk else ""
    return "\n".join(filter(None, [node.label, desk, *(f"[{say(BADGES[mark])}]" for mark in node.marks)]))


def _timer(element: ET.Element, said: str, exact: str, again: bool = False) -> None:
    """A timer by its duration in ISO 8601, or in words where that needs a calendar or is random."""
    definition = ET.SubElement(element, bpmn("timerEventDefinition"))
    kind = "timeCycle" if again else "timeDuration"
    text = (f"R/{exact}" if again else exact) if exact else said
    ET.SubElement(definition, bpmn(kind), {XSI_TYPE: "tFormalExpression"}).text = in_xml(text)


def _interruption(process: ET.Element, interruption: Interruption, key: str) -> None:
    """What can happen wherever a case stands: an event sub-process that begins with a timer."""
    attributes = {"id": key, "name": in_xml(interruption.label), "triggeredByEvent": "true"}
    inside = ET.SubElement(process, bpmn("subProcess"), attributes)
    stops = "true" if interruption.ends else "false"
    start = ET.SubElement(inside, bpmn("startEvent"), {"id": f"{key}_start", "isInterrupting": stops})
    ET.SubElement(start, bpmn("outgoing")).text = f"{key}_flow"
    _timer(start, interruption.label, interruption.within)
    end = ET.SubElement(inside, bpmn("endEvent"), {"id": f"{key}_end", "name": in_xml(interruption.end_label)})
    ET.SubElement(end, bpmn("incoming")).text = f"{key}_flow"
    refs = {"id": f"{key}_flow", "sourceRef": f"{key}_start", "targetRef": f"{key}_end"}
    ET.SubElement(inside, bpmn("sequenceFlow"), refs)


def _sequence_flow(process: ET.Element, route: Route, names: Names) -> None:
    attributes = {
        "id": names.route(route),
        "sourceRef": names.node(route.source),
        "targetRef": names.node(route.target),
    }
    if route.label:
        attributes["name"] = in_xml(route.label)
    flow = ET.SubElement(process, bpmn("sequenceFlow"), attributes)
    lines = [route.label, *(f"{word}: {what}" for word, what in route.facts)]
    if route.sent_back:
        lines.append(say("counts as a return of the file"))
    _document(flow, "\n".join(filter(None, lines)))


def _document(element: ET.Element, text: str) -> None:
    if text:
        ET.SubElement(element, bpmn("documentation")).text = in_xml(text)
