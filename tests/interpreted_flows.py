"""Where the interpreter of flows sends a file after each step, read from the flow that it has compiled."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from simulator.diagrams.draw import diagram_of
from simulator.diagrams.model import Diagram
from simulator.diagrams.routes import ways_of
from simulator.scenario.flow import steps_of
from simulator.scenario.model import Product, Scenario
from simulator.scenario.order import targets
from simulator.workflow import flow as interpreter
from simulator.workflow.case import END_NAMES
from simulator.workflow.deadlines import Deadlines

FINISHED = "the flow is finished"


class Compiled:
    """The nodes of a flow as the interpreter numbers them, and where each step's outcomes lead."""

    def __init__(self, product: Product) -> None:
        self.leads: dict[str, list[int]] = {}
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(interpreter, "stage_of", self._stage)
            patch.setattr(interpreter, "outcomes_of", lambda work: [])
            patch.setattr(Deadlines, "kept_by", self._kept_by)
            patch.setattr(
                interpreter.FlowAtWork, "_together", lambda _, branches, onward: ("together", branches, onward)
            )
            patch.setattr(interpreter, "_chosen", lambda onward: ("choice", onward))
            steps: Any = [SimpleNamespace(step=step, kind=step.kind) for step in steps_of(product.flow)]
            nothing: Any = None
            flow = interpreter.FlowAtWork(
                product, steps, lambda item: range(len(item.branches)), nothing, nothing, nothing, nothing, True
            )
        self.nodes: list[Any] = flow._nodes
        self.places = flow._places
        self.around: dict[int, int] = {}
        self._walk(flow._start, -1)

    def _stage(self, work: Any, leads: list[int], lane: Any = None) -> Any:
        self.leads[work.step.title] = leads
        return ("step", work.step.title)

    def _kept_by(self, _: Any, kept: Any, step: Any, leads: list[int], on_done: Any) -> Any:
        self.leads[step.title] = leads
        return ("step", step.title)

    def _walk(self, point: int, inside: int) -> None:
        """Which steps together each node stands in."""
        if point < 0 or point in self.around:
            return
        self.around[point] = inside
        sort, *rest = self.nodes[point]
        if sort == "step":
            for lead in self.leads[rest[0]]:
                self._walk(lead, inside)
        elif sort == "choice":
            for way in rest[0]:
                self._walk(way, inside)
        else:
            for branch in rest[0]:
                self._walk(branch, point)
            self._walk(rest[1], inside)

    def first_met(self, point: int, inside: int) -> set[str]:
        """The steps or ends that a file comes to first from a place."""
        if point == interpreter.THE_END:
            return {FINISHED}
        if point == interpreter.JOINED:
            return self.first_met(self.nodes[inside][2], self.around[inside])
        if point == interpreter.LEAVES:
            return set()
        if point < 0:
            return {f"end {END_NAMES[-point]}"}
        sort, *rest = self.nodes[point]
        if sort == "step":
            return {rest[0]}
        found = [self.first_met(each, point if sort == "together" else inside) for each in rest[0]]
        return set().union(*found)

    def after(self, title: str, outcome: int) -> set[str]:
        """What comes after an outcome of a step."""
        return self.first_met(self.leads[title][outcome], self.around[self.places[title]])


def drawn_after(diagram: Diagram, key: str) -> set[str]:
    """The steps or ends that a diagram's arrows lead to first from a node, what hangs on it as a timer left out."""
    found: set[str] = set()
    for route in diagram.leaving(key):
        node = diagram.nodes[route.target]
        if node.kind == "task":
            found.add(node.step)
        elif node.kind == "end":
            # After the money is paid out a refusal ends the application as drawn.
            found.add(FINISHED if not node.host else f"end {'declined' if node.ends == 'drawn' else node.ends}")
        else:
            found |= drawn_after(diagram, node.key)
    return found


def assert_routes_are_those_of_the_interpreter(world: Scenario) -> None:
    """Every step is followed by what the interpreter goes on to, and the same routes count as returns."""
    for key, product in world.products.items():
        diagram, compiled = diagram_of(world, key), Compiled(product)
        for step in steps_of(product.flow):
            ways = ways_of(step, world.quotas)
            taken = [step.kind.outcomes.index(way.outcome) for way in ways]
            expected = set().union(*(compiled.after(step.title, outcome) for outcome in taken))
            here = compiled.places[step.title]
            back = {target for target in targets(step).values() if compiled.places.get(target, -1) >= here}
            if back:
                expected.add("end declined")
            assert drawn_after(diagram, f"step {step.title}") == expected, step.title
            gateways = {f"step {step.title}", *(route.target for route in diagram.leaving(f"step {step.title}"))}
            returns = [route for route in diagram.routes if route.source in gateways and route.sent_back]
            assert len(returns) == len(back), step.title
