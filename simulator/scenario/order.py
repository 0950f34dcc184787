"""The flow as a graph, so that order can be proved before anything runs.

Which steps are certainly done when a step begins is found by following all paths (a forward data-flow analysis); steps
that run together are all done at their join, but none is certain for the others.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from simulator.scenario.flow import Choice, Step, Together

END = "end"
Place = str
"""A point of the flow: `before TITLE`, `after TITLE`, and names of our own for joins."""


@dataclass
class FlowGraph:
    """Places, the arrows between them, and what becomes certain at a place."""

    arrows: dict[Place, list[Place]] = field(default_factory=dict)
    done_at: dict[Place, str] = field(default_factory=dict)
    joins: dict[Place, list[Place]] = field(default_factory=dict)

    def arrow(self, start: Place, end: Place) -> None:
        """One way to go on."""
        self.arrows.setdefault(start, []).append(end)


def targets(step: Step) -> dict[str, str]:
    """Where each outcome of a step leads: 'next', the title of a step, or 'end NAME'."""
    outcomes = possible_outcomes(step)
    routes = {}
    for outcome in outcomes:
        ordinary = "next" if outcome == step.first_outcome else "end declined"
        routes[outcome] = step.on.get(outcome, ordinary)
    return routes


def possible_outcomes(step: Step) -> list[str]:
    """Outcomes a step can have: those its odds name, or the first alone."""
    return list(step.odds) if step.odds else [step.first_outcome]


def build_graph(flow: Sequence[Step | Together | Choice]) -> FlowGraph:
    """The graph of a flow, from the place `start` to the place `drawn`."""
    graph = FlowGraph()
    _sequence(graph, flow, "start", "drawn", [0])
    return graph


def _sequence(
    graph: FlowGraph, items: Sequence[Step | Together | Choice], entry: Place, leave: Place, count: list[int]
) -> None:
    here = entry
    for number, item in enumerate(items):
        count[0] += 1
        onward = leave if number == len(items) - 1 else f"point {count[0]}"
        if isinstance(item, Step):
            graph.arrow(here, f"before {item.title}")
            graph.done_at[f"after {item.title}"] = item.title
            graph.arrow(f"before {item.title}", f"after {item.title}")
            for outcome, target in targets(item).items():
                if target == "next":
                    graph.arrow(f"after {item.title}", onward)
                elif not target.startswith(END + " "):
                    # The work of a file sent back is not done: leave from before the step.
                    source = "after" if outcome == item.first_outcome else "before"
                    graph.arrow(f"{source} {item.title}", f"before {target}")
        elif isinstance(item, Together):
            if item.title:
                graph.arrow(here, f"before {item.title}")
                here = f"before {item.title}"
            ends = []
            for branch in item.together:
                count[0] += 1
                ends.append(f"branch end {count[0]}")
                _sequence(graph, branch, here, ends[-1], count)
            # A place of its own: two ways of a choice may each end with a join, and lead to the same place.
            join = f"join {count[0]}"
            graph.joins[join] = ends
            for end in ends:
                graph.arrow(end, join)
            graph.arrow(join, onward)
        else:
            if item.title:
                graph.arrow(here, f"before {item.title}")
                here = f"before {item.title}"
            for branch in item.branches:
                if branch:
                    _sequence(graph, branch, here, onward, count)
                else:
                    graph.arrow(here, onward)
        here = onward
    if not items:
        graph.arrow(entry, leave)


def certainly_done(graph: FlowGraph) -> dict[Place, set[str]]:
    """For every place that can be reached, the steps that have been done on every way to it."""
    everything = set(graph.done_at.values())
    into: dict[Place, list[Place]] = {}
    for start, ends in graph.arrows.items():
        for end in ends:
            into.setdefault(end, []).append(start)
    done = {place: set(everything) for place in {*graph.arrows, *into}}
    done["start"] = set()
    changed = True
    while changed:
        changed = False
        for place, sources in into.items():
            branch_ends = graph.joins.get(place, [])
            others = [done[source] for source in sources if source not in branch_ends]
            if branch_ends:
                others.append(set().union(*(done[end] for end in branch_ends)))
            new = set.intersection(*others) | ({graph.done_at[place]} if place in graph.done_at else set())
            if new != done[place]:
                done[place], changed = new, True
    reachable = reachable_from(graph, "start") | {"start"}
    return {place: steps for place, steps in done.items() if place in reachable}


def reachable_from(graph: FlowGraph, place: Place) -> set[Place]:
    """Every place to which some way leads from `place`."""
    reachable: set[Place] = set()
    todo = [place]
    while todo:
        for end in graph.arrows.get(todo.pop(), []):
            if end not in reachable:
                reachable.add(end)
                todo.append(end)
    return reachable
