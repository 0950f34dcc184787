"""Which way each arrow takes between columns and rows, so that it runs through no symbol.

Symbols stand in the cells of a grid; arrows turn in the channels between them. An arrow goes straight where its row is
free, bends once in the channel before a column, or leaves at the top, runs above its row and comes in at the top.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from graphlib import TopologicalSorter
from itertools import count
from typing import Literal, TypeVar

from simulator.diagrams.grid import Grid, leads_back, order_of
from simulator.diagrams.model import Diagram, Route

Form = Literal["straight", "bend", "over"]
Owner = tuple[str, str]
Key = TypeVar("Key")


@dataclass
class Path:
    """The way of one arrow."""

    route: Route
    form: Form
    column: int = -1
    """Number of the channel in which it bends, that before this column; -1 for none."""
    owner: Owner = ("", "")
    """Arrows of one owner share the place where they bend: those that part at a fork, those that meet at a join."""
    bends_late: bool = False
    """It bends before its target, after running along the row of its source."""

    @property
    def told_after_turn(self) -> bool:
        """Whether its label stands behind the bend: arrows that part at one place are told apart there."""
        return self.form == "bend" and self.owner[0].endswith("from")


@dataclass
class Channels:
    """Tracks side by side in each channel, so that arrows of different owners do not lie on one another."""

    upright: dict[tuple[int, Owner], int] = field(default_factory=dict)
    """Channel before a column, and owner, to a track counted from the left."""
    level: dict[tuple[int, int], int] = field(default_factory=dict)
    """Channel above a row, and number of the arrow, to a track counted from below."""

    def widest(self, column: int) -> int:
        """How many tracks the channel before a column has."""
        return 1 + max((track for (at, _), track in self.upright.items() if at == column), default=-1)

    def highest(self, row: int) -> int:
        """How many tracks the channel above a row has."""
        return 1 + max((track for (at, _), track in self.level.items() if at == row), default=-1)


@dataclass
class Turns:
    """Which owners come into a channel from the left in a row, and which leave it to the right.

    Where one comes in and another leaves in the same row, the first must turn on a track left of the second, or the two
    would lie on one another.
    """

    comes_in: dict[tuple[int, int], set[Owner]] = field(default_factory=dict)
    goes_out: dict[tuple[int, int], set[Owner]] = field(default_factory=dict)

    def add(self, column: int, owner: Owner, from_row: int, to_row: int) -> None:
        """One more arrow turns in the channel before a column."""
        self.comes_in.setdefault((column, from_row), set()).add(owner)
        self.goes_out.setdefault((column, to_row), set()).add(owner)

    def left_of(self, column: int, owner: Owner) -> set[Owner]:
        """The owners that must turn left of this one."""
        rows = [row for (at, row), owners in self.goes_out.items() if at == column and owner in owners]
        found = [self.comes_in.get((column, row), set()) for row in rows]
        return set().union(*found) - {owner}

    def allows(self, column: int, owner: Owner, from_row: int, to_row: int) -> bool:
        """Whether one more arrow leaves an order from left to right that keeps all apart."""
        tried = Turns(dict(self.comes_in), dict(self.goes_out))
        for ends, row in ((tried.comes_in, from_row), (tried.goes_out, to_row)):
            ends[column, row] = {*ends.get((column, row), ()), owner}
        seen: set[Owner] = set()
        todo = [owner]
        while todo:
            for before in tried.left_of(column, todo.pop()):
                if before == owner:
                    return False
                if before not in seen:
                    seen.add(before)
                    todo.append(before)
        return True


def paths_of(diagram: Diagram, grid: Grid) -> tuple[list[Path], Turns]:
    """A way for every arrow between nodes with a place of their own, and where they turn."""
    order = order_of(diagram)
    routes = [route for route in diagram.routes if route.source in order and route.target in order]
    passed: dict[tuple[int, int], Owner] = {(grid.row[key], grid.column[key]): ("at", key) for key in order}
    turns = Turns()
    paths = {}
    # What keeps to its row comes first; what was removed takes what is left.
    for route in sorted(routes, key=lambda route: (route.removed, grid.row[route.source] != grid.row[route.target])):
        path = None
        if not (route.named or leads_back(order, route)):
            path = _forward(diagram, grid, route, passed, turns)
        paths[id(route)] = path or _over(grid, order, route)
    return [paths[id(route)] for route in routes], turns


def _forward(
    diagram: Diagram, grid: Grid, route: Route, passed: dict[tuple[int, int], Owner], turns: Turns
) -> Path | None:
    """Straight on, or with one bend; None where other symbols or arrows are in the way."""
    first, last = grid.column[route.source], grid.column[route.target]
    from_row, to_row = grid.row[route.source], grid.row[route.target]
    gone = "removed " if route.removed else ""
    at_source, at_target = (f"{gone}from", route.source), (f"{gone}to", route.target)
    between = range(first + 1, last)
    if from_row == to_row:
        cells = [(from_row, column) for column in between]
        if not _free(cells, at_source, passed):
            return None
        passed.update(dict.fromkeys(cells, at_source))
        return Path(route, "straight")
    meets = diagram.nodes[route.target].kind in ("join", "merge", "repaid")
    late = Path(route, "bend", last, at_target if meets else at_source, bends_late=True)
    early = Path(route, "bend", first + 1, at_source)
    for path, row, owner in ((late, from_row, at_source), (early, to_row, at_target)):
        if path.bends_late and not between and not meets:
            continue
        cells = [(row, column) for column in between]
        if _free(cells, owner, passed) and turns.allows(path.column, path.owner, from_row, to_row):
            passed.update(dict.fromkeys(cells, owner))
            turns.add(path.column, path.owner, from_row, to_row)
            return path
    return None


def _free(cells: Iterable[tuple[int, int]], owner: Owner, passed: dict[tuple[int, int], Owner]) -> bool:
    return all(passed.get(cell, owner) == owner for cell in cells)


def _over(grid: Grid, order: dict[str, int], route: Route) -> Path:
    """Over the top: in the row of the source first, then, in another row, down or up beside the target."""
    if grid.row[route.source] == grid.row[route.target]:
        return Path(route, "over")
    to_the_right = leads_back(order, route) or grid.column[route.target] <= grid.column[route.source]
    column = grid.column[route.target] + (1 if to_the_right else 0)
    return Path(route, "over", column, ("over", f"{route.source} {route.target}"))


def channels_of(grid: Grid, paths: list[Path], turns: Turns) -> Channels:
    """A track for every stretch of an arrow that runs in a channel."""
    channels = Channels()
    upright: dict[int, dict[Owner, tuple[float, float]]] = {}
    level: dict[int, dict[int, tuple[float, float]]] = {}
    for number, path in enumerate(paths):
        rows = grid.row[path.route.source], grid.row[path.route.target]
        if path.form == "over":
            columns = grid.column[path.route.source] + 0.5, grid.column[path.route.target] + 0.5
            if path.column < 0:
                level.setdefault(rows[0], {})[number] = _sorted(columns)
                continue
            level.setdefault(rows[0], {})[number] = _sorted((columns[0], path.column))
            level.setdefault(rows[1], {})[number] = _sorted((columns[1], path.column))
        if path.column >= 0:
            # Channels above rows lie before the middle of the row.
            ends = rows if path.form == "over" else (rows[0] + 0.5, rows[1] + 0.5)
            span = _sorted((float(ends[0]), float(ends[1])))
            spans = upright.setdefault(path.column, {})
            low, high = spans.get(path.owner, span)
            spans[path.owner] = min(low, span[0]), max(high, span[1])
    for column, spans in upright.items():
        before = {owner: turns.left_of(column, owner) for owner in spans}
        order = list(TopologicalSorter(before).static_order())
        for owner, track in _tracks(spans, order, before).items():
            channels.upright[column, owner] = track
    for row, runs in level.items():
        # A short arrow runs nearest to its row, inside the longer ones.
        for number, track in _tracks(runs, sorted(runs, key=lambda run: runs[run][1] - runs[run][0]), {}).items():
            channels.level[row, number] = track
    return channels


def _sorted(pair: tuple[float, float]) -> tuple[float, float]:
    return min(pair), max(pair)


def _tracks(
    spans: Mapping[Key, tuple[float, float]], order: Sequence[Key], before: Mapping[Key, set[Key]]
) -> dict[Key, int]:
    """The first track for each span on which it meets no other, after those that must come before it."""
    tracks: dict[Key, int] = {}
    for key in order:
        low, high = spans[key]
        used = {tracks[other] for other in tracks if spans[other][0] <= high and low <= spans[other][1]}
        least = max((tracks[other] + 1 for other in before.get(key, ())), default=0)
        tracks[key] = next(track for track in count(least) if track not in used)
    return tracks
