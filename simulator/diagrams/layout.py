"""From columns, rows and channels to places in pixels: the one layout that SVG and BPMN are written from."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from math import sqrt

from simulator.diagrams.grid import Grid, grid_of
from simulator.diagrams.lettering import width_of, wrapped
from simulator.diagrams.margins import (
    LANE_HEADER,
    LANE_PADDING,
    PlacedInterruption,
    PlacedSpan,
    interruptions_placed,
    spans_placed,
)
from simulator.diagrams.model import Diagram, Node, Route
from simulator.diagrams.routing import Channels, Path, channels_of, paths_of
from simulator.diagrams.shapes import (
    EVENT,
    GATEWAY,
    HANGING_LINE,
    TEXT_LINE,
    TEXT_SIZE,
    TIMER,
    Box,
    Shape,
    shape_of,
)

MARGIN, POOL_HEADER = 16.0, 30.0
GAP, TRACK, LEVEL_TRACK, LEVEL_GAP = 15.0, 10.0, 17.0, 18.0
LABEL_WIDTH = 92.0
PORT = 7.0
"""Arrows that come in at the top of a gateway and those that leave there are this far from its middle."""
Point = tuple[float, float]


@dataclass(frozen=True)
class Placed:
    """A node with its place and what is written on it."""

    node: Node
    shape: Shape
    box: Box


@dataclass(frozen=True)
class Line:
    """An arrow: its corners, and the lines of its label with their place."""

    route: Route
    points: tuple[Point, ...]
    label: tuple[str, ...] = ()
    label_box: Box | None = None


@dataclass(frozen=True)
class Lane:
    """A party's lane."""

    key: str
    label: str
    box: Box


@dataclass
class Layout:
    """A diagram with everything in its place."""

    diagram: Diagram
    nodes: dict[str, Placed] = field(default_factory=dict)
    lines: list[Line] = field(default_factory=list)
    lanes: list[Lane] = field(default_factory=list)
    spans: list[PlacedSpan] = field(default_factory=list)
    interruptions: list[PlacedInterruption] = field(default_factory=list)
    pool: Box = field(default_factory=lambda: Box(0, 0, 0, 0))

    @property
    def width(self) -> float:
        """Width of the whole picture."""
        return self.pool.right + MARGIN

    @property
    def bottom(self) -> float:
        """Lower side of the pool."""
        return self.pool.bottom


def lay_out(diagram: Diagram, top: float = 0.0) -> Layout:
    """Place a diagram; `top` is room that is kept free above it."""
    return _LayingOut(diagram, top).layout


class _LayingOut:
    def __init__(self, diagram: Diagram, top: float) -> None:
        self.diagram = diagram
        self.grid: Grid = grid_of(diagram)
        self.paths, turns = paths_of(diagram, self.grid)
        self.channels: Channels = channels_of(self.grid, self.paths, turns)
        self.shapes = {node.key: shape_of(diagram, node) for node in diagram.standing()}
        self.layout = Layout(diagram)
        self._labels = {id(path): wrapped(path.route.label, LABEL_WIDTH, TEXT_SIZE, 4) for path in self.paths}
        self._place_columns()
        self._place_spans(top)
        self._place_rows()
        for node in diagram.standing():
            self._place(node)
        for number, path in enumerate(self.paths):
            self.layout.lines.append(self._line(number, path))

    def _place_columns(self) -> None:
        """Left sides of columns and of the room for labels and tracks before them."""
        x = MARGIN + POOL_HEADER + LANE_HEADER
        self.left: list[float] = []
        self.first_track: list[float] = []
        self.label_left: list[float] = []
        for column in range(self.grid.columns + 1):
            before = self._widest(path for path in self.paths if self._parts_before(path, column))
            after = self._widest(path for path in self.paths if self._parts_in(path, column))
            tracks = self.channels.widest(column) * TRACK
            self.first_track.append(x + GAP + before + TRACK / 2)
            self.label_left.append(x + GAP + before + tracks + 4)
            x += GAP + before + tracks + after + (GAP if column else 0)
            self.left.append(x)
            rooms = [self.shapes[key].room for key, at in self.grid.column.items() if at == column]
            x += max(rooms, default=0)
        self.right = x

    def _widest(self, paths: Iterable[Path]) -> float:
        return max(map(self._label_width, paths), default=0.0)

    def _label_width(self, path: Path) -> float:
        return max((width_of(line, TEXT_SIZE) + 8 for line in self._labels[id(path)]), default=0.0)

    def _parts_before(self, path: Path, column: int) -> bool:
        """Whether the label stands right of its source, before any track of the next channel."""
        return path.form != "over" and not path.told_after_turn and self.grid.column[path.route.source] + 1 == column

    def _parts_in(self, path: Path, column: int) -> bool:
        """Whether the label stands behind the tracks: arrows that part at one place are told apart there."""
        return path.told_after_turn and path.column == column

    def _place_spans(self, top: float) -> None:
        ends: dict[str, tuple[float, float]] = {}
        for node in self.diagram.standing():
            x = self.left[self.grid.column[node.key]]
            ends.setdefault(node.step or node.kind, (x, x + self.shapes[node.key].room))
        self.layout.spans, self.pool_top = spans_placed(self.diagram, ends, self.right, top + MARGIN)

    def _place_rows(self) -> None:
        """Upper sides of rows, their middles, and the lanes."""
        y = self.pool_top
        content = MARGIN + POOL_HEADER + LANE_HEADER
        self.row_top: dict[int, float] = {}
        self.middle: dict[int, float] = {}
        self.hanging_top: dict[int, float] = {}
        for number, (lane, rows) in enumerate(self.grid.rows_of_lane.items()):
            upper = y
            y += LANE_PADDING
            if not number:
                placed, y = interruptions_placed(self.diagram, content + GAP, self.right, y)
                self.layout.interruptions = placed
            for row in rows:
                shapes = [self.shapes[key] for key, at in self.grid.row.items() if at == row]
                y += LEVEL_GAP + self.channels.highest(row) * LEVEL_TRACK
                self.row_top[row] = y
                above = max([shape.height / 2 for shape in shapes] + [self._label_height(row)], default=20)
                below = max((shape.height / 2 + shape.written_below for shape in shapes), default=20)
                self.middle[row] = y + above
                self.hanging_top[row] = y + above + max((shape.height / 2 for shape in shapes), default=20)
                hanging = max((shape.hanging_height for shape in shapes), default=0)
                y = max(y + above + below, self.hanging_top[row] + hanging)
            y += LANE_PADDING
            label = self.diagram.lanes[lane]
            box = Box(MARGIN + POOL_HEADER, upper, self.right - MARGIN - POOL_HEADER, max(y - upper, 70))
            y = upper + box.height
            self.layout.lanes.append(Lane(lane, label, box))
        self.layout.pool = Box(MARGIN, self.pool_top, self.right - MARGIN, y - self.pool_top)

    def _label_height(self, row: int) -> float:
        """Room above the middle of a row that the labels on its arrows need."""
        heights = [
            TEXT_LINE * len(self._labels[id(path)]) + 4
            for path in self.paths
            if path.form != "over" and row == self.grid.row[_labelled_at(path)]
        ]
        return max(heights, default=0.0)

    def _place(self, node: Node) -> None:
        """A node in the middle of its row, what hangs on it below."""
        shape = self.shapes[node.key]
        column, row = self.grid.column[node.key], self.grid.row[node.key]
        x = self.left[column] + shape.room / 2 - shape.width / 2
        box = Box(x, self.middle[row] - shape.height / 2, shape.width, shape.height)
        self.layout.nodes[node.key] = Placed(node, shape, box)
        slot = shape.room / max(len(shape.hanging), 1)
        for number, (end, end_shape) in enumerate(shape.hanging):
            x = self.left[column] + slot * (number + 0.5) if len(shape.hanging) > 1 else box.centre[0]
            self._hang(node, box, end, end_shape, x, row)

    def _hang(self, node: Node, box: Box, end: Node, shape: Shape, x: float, row: int) -> None:
        """An end below its host, or below the timer on its host's border."""
        end_box = Box(x - EVENT / 2, self.hanging_top[row] + HANGING_LINE, EVENT, EVENT)
        self.layout.nodes[end.key] = Placed(end, shape, end_box)
        source = end.host
        start = (x, box.bottom)
        if source != node.key:
            timer = Box(x - TIMER / 2, box.bottom - TIMER / 2, TIMER, TIMER)
            self.layout.nodes[source] = Placed(self.diagram.nodes[source], Shape(TIMER, TIMER), timer)
            start = (x, timer.bottom)
        points: tuple[Point, ...] = (start, (x, end_box.y))
        if source == node.key and abs(x - box.centre[0]) > 1:
            turn = self.hanging_top[row] + HANGING_LINE / 2
            points = ((box.centre[0], box.bottom), (box.centre[0], turn), (x, turn), (x, end_box.y))
        for route in self.diagram.leaving(source):
            if route.target == end.key:
                self.layout.lines.append(Line(route, points))

    def _line(self, number: int, path: Path) -> Line:
        source, target = (self.layout.nodes[key] for key in (path.route.source, path.route.target))
        if path.form == "over":
            return self._line_over(number, path, source, target)
        start = (source.box.right, source.box.centre[1])
        end = (target.box.x, target.box.centre[1])
        label_x = start[0] + 4
        if path.form == "straight":
            return self._labelled(path, (start, end), label_x, start[1])
        turn = self._track(path)
        points = (start, (turn, start[1]), (turn, end[1]), end)
        if path.told_after_turn:
            return self._labelled(path, points, self.label_left[path.column], end[1])
        return self._labelled(path, points, label_x, start[1])

    def _track(self, path: Path) -> float:
        return self.first_track[path.column] + self.channels.upright[path.column, path.owner] * TRACK

    def _line_over(self, number: int, path: Path, source: Placed, target: Placed) -> Line:
        both = self._both_at_top()
        start = _top_port(source, PORT if path.route.source in both else 0)
        end = _top_port(target, -PORT if path.route.target in both else 0)
        first = self._level(self.grid.row[path.route.source], number)
        if path.column < 0:
            points: tuple[Point, ...] = (start, (start[0], first), (end[0], first), end)
        else:
            turn, last = self._track(path), self._level(self.grid.row[path.route.target], number)
            points = (start, (start[0], first), (turn, first), (turn, last), (end[0], last), end)
        lines = wrapped(path.route.label, max(abs(points[2][0] - start[0]) - 6, 60), TEXT_SIZE, 1)
        width = max((width_of(line, TEXT_SIZE) for line in lines), default=0.0)
        x = start[0] - width - 6 if points[2][0] < start[0] else start[0] + 6
        box = Box(x, first - TEXT_LINE, width, TEXT_LINE) if lines else None
        return Line(path.route, points, tuple(lines), box)

    def _both_at_top(self) -> set[str]:
        """Nodes at whose top arrows both come in and leave."""
        over = [path.route for path in self.paths if path.form == "over"]
        return {route.source for route in over} & {route.target for route in over}

    def _level(self, row: int, number: int) -> float:
        return self.row_top[row] - LEVEL_GAP * 0.7 - self.channels.level[row, number] * LEVEL_TRACK

    def _labelled(self, path: Path, points: tuple[Point, ...], x: float, y: float) -> Line:
        lines = self._labels[id(path)]
        width, height = self._label_width(path), TEXT_LINE * len(lines)
        return Line(path.route, points, tuple(lines), Box(x, y - height - 3, width, height) if lines else None)


def _labelled_at(path: Path) -> str:
    """The node in whose row the label of an arrow stands."""
    return path.route.target if path.told_after_turn else path.route.source


def _top_port(placed: Placed, aside: float) -> Point:
    """A point on the upper border, somewhat beside the middle."""
    x, y = placed.box.centre
    half = placed.box.height / 2
    if placed.shape.width == GATEWAY:
        return x + aside, y - (half - abs(aside))
    if placed.shape.width == EVENT:
        return x + aside, y - sqrt(half * half - aside * aside)
    return x + aside, placed.box.y
