"""What must hold of every layout, whatever the flow: a list of everything that does not."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations, pairwise

import numpy as np
from numpy.typing import NDArray

from simulator.diagrams.draw import diagram_of
from simulator.diagrams.layout import Layout, Line, Placed, Point, lay_out
from simulator.diagrams.lettering import width_of
from simulator.diagrams.shapes import GATEWAY, TASK_WIDTH, TEXT_LINE, TEXT_SIZE, Box
from simulator.scenario.model import Scenario

NEAR = 0.6


def faults_of(layout: Layout) -> list[str]:
    """Symbols on one another or outside their lanes, arrows that are crooked, end nowhere, or run through symbols."""
    return [*_overlaps(layout), *_out_of_lane(layout), *_arrows(layout), *_arrows_on_one_another(layout)]


def boxes_of(placed: Placed) -> Iterator[Box]:
    """The symbol, and what is written under it."""
    yield placed.box
    lines = (*placed.shape.name, *placed.shape.text)
    if placed.shape.width != TASK_WIDTH and lines:
        width = max(width_of(line, TEXT_SIZE) for line in lines)
        yield Box(placed.box.centre[0] - width / 2, placed.box.bottom + 2, width, TEXT_LINE * len(lines))


def _overlaps(layout: Layout) -> Iterator[str]:
    everything = [(key, box) for key, placed in layout.nodes.items() for box in boxes_of(placed)]
    everything += [(f"anywhere {number}", each.box) for number, each in enumerate(layout.interruptions)]
    sides = _sides([box for _, box in everything])
    for key, box in everything:
        for at in _touched(sides, box.x, box.right, box.y, box.bottom):
            other = everything[at][0]
            hosts = {layout.nodes[each].node.host for each in (key, other) if each in layout.nodes}
            if other != key and key not in hosts and other not in hosts:
                yield f"{key} lies on {other}"
    labelled = [line for line in layout.lines if line.label_box is not None]
    sides = _sides([line.label_box for line in labelled if line.label_box is not None])
    for line in labelled:
        assert line.label_box is not None
        box = line.label_box
        for at in _touched(sides, box.x, box.right, box.y, box.bottom):
            if labelled[at] is not line:
                yield f"'{line.route.label}' lies on '{labelled[at].route.label}'"
    for first, second in combinations(layout.lanes, 2):
        if first.box.overlaps(second.box):
            yield f"lane {first.key} lies on lane {second.key}"


def _sides(boxes: list[Box]) -> NDArray[np.float64]:
    """Left, right, upper and lower sides as four rows."""
    return np.array([(box.x, box.right, box.y, box.bottom) for box in boxes]).reshape(-1, 4).T


def _touched(sides: NDArray[np.float64], left: float, right: float, upper: float, lower: float) -> list[int]:
    """Numbers of the boxes that share more than a border with a rectangle, or with a line."""
    beside = (sides[1] - NEAR <= left) | (right <= sides[0] + NEAR)
    apart = (sides[3] - NEAR <= upper) | (lower <= sides[2] + NEAR)
    found: list[int] = np.flatnonzero(~(beside | apart)).tolist()
    return found


def _out_of_lane(layout: Layout) -> Iterator[str]:
    lanes = {lane.key: lane.box for lane in layout.lanes}
    for key, placed in layout.nodes.items():
        lane = lanes[placed.node.lane]
        for box in boxes_of(placed):
            if box.x < lane.x or box.right > lane.right + NEAR or box.y < lane.y or box.bottom > lane.bottom + NEAR:
                yield f"{key} stands outside the lane of {placed.node.lane}"


def _arrows(layout: Layout) -> Iterator[str]:
    assert len(layout.lines) == len(layout.diagram.routes)
    keys = [*layout.nodes, *(f"anywhere {number}" for number in range(len(layout.interruptions)))]
    sides = _sides([*(placed.box for placed in layout.nodes.values()), *(each.box for each in layout.interruptions)])
    for line in layout.lines:
        name = f"{line.route.source} -> {line.route.target}"
        if any(abs(a[0] - b[0]) > NEAR and abs(a[1] - b[1]) > NEAR for a, b in pairwise(line.points)):
            yield f"{name} is not made of level and upright pieces"
        source, target = (layout.nodes[key] for key in (line.route.source, line.route.target))
        for placed, point in ((source, line.points[0]), (target, line.points[-1])):
            if not _on_border(placed, point):
                yield f"{name} does not touch the border of {placed.node.key}"
        own = {line.route.source, line.route.target, source.node.host if source.node.kind == "deadline" else ""}
        for a, b in pairwise(line.points):
            for at in _touched(sides, *sorted((a[0], b[0])), *sorted((a[1], b[1]))):
                if keys[at] not in own:
                    yield f"{name} runs through {keys[at]}"


def _on_border(placed: Placed, point: Point) -> bool:
    box, (x, y) = placed.box, placed.box.centre
    aside, apart = abs(point[0] - x), abs(point[1] - y)
    if placed.shape.width == TASK_WIDTH:
        on_side = abs(aside - box.width / 2) < NEAR and apart < box.height / 2 + NEAR
        return on_side or (abs(apart - box.height / 2) < NEAR and aside < box.width / 2 + NEAR)
    if placed.shape.width == GATEWAY:
        return abs(aside + apart - box.width / 2) < NEAR
    return abs((aside**2 + apart**2) ** 0.5 - box.width / 2) < NEAR


def _arrows_on_one_another(layout: Layout) -> Iterator[str]:
    """Only arrows that part from one node or meet at one may share a piece of their way."""
    pieces: dict[tuple[int, int], list[tuple[float, float, Line]]] = {}
    for line in layout.lines:
        for a, b in pairwise(line.points):
            level = 0 if abs(a[0] - b[0]) < NEAR else 1
            low, high = sorted((a[1 - level], b[1 - level]))
            pieces.setdefault((level, round(a[level])), []).append((low, high, line))
    for side_by_side in pieces.values():
        for (low, high, first), (other_low, other_high, second) in combinations(side_by_side, 2):
            a, b = first.route, second.route
            if a.source == b.source or a.target == b.target:
                continue
            if min(high, other_high) - max(low, other_low) > 2 * NEAR:
                yield f"{a.source} -> {a.target} lies on {b.source} -> {b.target}"


def faults_in(world: Scenario) -> list[str]:
    """Faults in the diagrams of all products of a scenario."""
    return [fault for key in world.products for fault in faults_of(lay_out(diagram_of(world, key), top=52))]
