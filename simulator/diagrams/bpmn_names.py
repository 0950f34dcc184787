"""Names of BPMN: namespaces of its elements, and an id for everything in a diagram."""

from __future__ import annotations

from xml.etree import ElementTree as ET

from simulator.diagrams.model import Diagram, Route

BPMN = "http://www.omg.org/spec/BPMN/20100524/MODEL"
BPMNDI = "http://www.omg.org/spec/BPMN/20100524/DI"
DC = "http://www.omg.org/spec/DD/20100524/DC"
DI = "http://www.omg.org/spec/DD/20100524/DI"
COLOUR = "http://www.omg.org/spec/BPMN/non-normative/color/1.0"
BIO_COLOUR = "http://bpmn.io/schema/bpmn/biocolor/1.0"
XSI = "http://www.w3.org/2001/XMLSchema-instance"
_PREFIXES = {"": BPMN, "bpmndi": BPMNDI, "dc": DC, "di": DI, "color": COLOUR, "bioc": BIO_COLOUR, "xsi": XSI}


def register_prefixes() -> None:
    """Have XML written with the prefixes that people know."""
    for prefix, space in _PREFIXES.items():
        ET.register_namespace(prefix, space)


def bpmn(tag: str) -> str:
    """The full name of an element of BPMN."""
    return f"{{{BPMN}}}{tag}"


class Names:
    """Ids, which may hold letters and digits only, whatever the steps are called."""

    def __init__(self, diagram: Diagram) -> None:
        self._nodes = {key: f"{node.kind}_{number}" for number, (key, node) in enumerate(diagram.nodes.items(), 1)}
        self._lanes = {key: f"lane_{number}" for number, key in enumerate(diagram.lanes, 1)}
        self._routes = {id(route): f"flow_{number}" for number, route in enumerate(diagram.routes, 1)}

    def node(self, key: str) -> str:
        """Of a node."""
        return self._nodes[key]

    def lane(self, key: str) -> str:
        """Of a party's lane."""
        return self._lanes[key]

    def route(self, route: Route) -> str:
        """Of an arrow."""
        return self._routes[id(route)]

    def span(self, number: int) -> str:
        """Of the note of a clock."""
        return f"clock_{number}"

    def interruption(self, number: int) -> str:
        """Of what can happen wherever a case stands."""
        return f"anywhere_{number}"
