"""Where each node stands: a column by what comes before it, a row within its party's lane."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from simulator.diagrams.model import Diagram, Node, Route


@dataclass
class Grid:
    """Columns and rows of nodes; rows are counted through all lanes."""

    column: dict[str, int]
    row: dict[str, int] = field(default_factory=dict)
    rows_of_lane: dict[str, range] = field(default_factory=dict)

    @property
    def columns(self) -> int:
        """How many columns there are."""
        return max(self.column.values()) + 1

    @property
    def rows(self) -> int:
        """How many rows there are."""
        return max(rows.stop for rows in self.rows_of_lane.values())


def grid_of(diagram: Diagram) -> Grid:
    """Columns, then rows.

    A node stands one column after the last of those that lead to it, arrows back left out. Nodes of one stretch share
    a row of their lane; a stretch takes the first row that is free from its first column to its last.
    """
    grid = Grid(_columns(diagram))
    taken: dict[str, list[list[tuple[int, int]]]] = {lane: [[]] for lane in diagram.lanes}
    rows: dict[str, int] = {}
    for stretch in _stretches(diagram):
        lane = stretch[0].lane
        first, last = _extent(diagram, grid, stretch)
        spans = taken[lane]
        row = next((at for at, row in enumerate(spans) if all(b < first or last < a for a, b in row)), len(spans))
        if row == len(spans):
            spans.append([])
        spans[row].append((first, last))
        rows.update(dict.fromkeys((node.key for node in stretch), row))
    count = 0
    for lane, spans in taken.items():
        grid.rows_of_lane[lane] = range(count, count + len(spans))
        count += len(spans)
    grid.row = {key: grid.rows_of_lane[diagram.nodes[key].lane].start + row for key, row in rows.items()}
    return grid


def leads_back(order: dict[str, int], route: Route) -> bool:
    """Whether an arrow points to the left."""
    return order[route.target] <= order[route.source]


def order_of(diagram: Diagram) -> dict[str, int]:
    """The order in which nodes with a place of their own come."""
    return {node.key: number for number, node in enumerate(diagram.standing())}


def _columns(diagram: Diagram) -> dict[str, int]:
    order = order_of(diagram)
    before: dict[str, list[str]] = {}
    for route in diagram.routes:
        if route.source in order and route.target in order and not leads_back(order, route):
            before.setdefault(route.target, []).append(route.source)
    columns: dict[str, int] = {}
    loan_begins = 0
    for node in diagram.standing():
        least = loan_begins if node.part == "loan" else 0
        columns[node.key] = max((columns[source] + 1 for source in before.get(node.key, ())), default=least)
        if node.part == "application":
            loan_begins = max(loan_begins, columns[node.key] + 1)
    return columns


def _stretches(diagram: Diagram) -> Iterable[list[Node]]:
    """Nodes that share a row: of one stretch and one lane; what was removed comes last and takes what is left."""
    found: dict[tuple[bool, int, str], list[Node]] = {}
    for node in diagram.standing():
        found.setdefault((node.removed, node.group, node.lane), []).append(node)
    return [found[key] for key in sorted(found, key=lambda key: key[0])]


def _extent(diagram: Diagram, grid: Grid, stretch: list[Node]) -> tuple[int, int]:
    """The columns that a stretch needs, those which the arrow to what follows passes included."""
    columns = [grid.column[node.key] for node in stretch]
    last = max(columns)
    order = order_of(diagram)
    for node in stretch:
        for route in diagram.leaving(node.key):
            if route.target in order and not route.named and not leads_back(order, route):
                last = max(last, grid.column[route.target] - 1)
    return min(columns), last
