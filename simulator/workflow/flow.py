"""The interpreter of flows: a product's steps, compiled once, followed by every case as a SimPy process.

A flow becomes a list of nodes. Each is the generator function of a step, of steps together or of a choice: it yields
the events that a case waits for there, and returns the place where the case goes on.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from itertools import repeat
from math import inf
from typing import Any

from simpy.events import Event

from simulator.calendars import WorkingCalendar
from simulator.scenario.flow import Choice, Step, Together, clocks_of, has_together
from simulator.scenario.model import Product
from simulator.scenario.order import targets
from simulator.workflow.case import COMPLETED, DECLINED, EXPIRED, OPEN, WITHDRAWN, Case
from simulator.workflow.clock import Clock as SimulationClock
from simulator.workflow.deadlines import Deadlines, KeptClocks
from simulator.workflow.stages import outcomes_of, stage_of
from simulator.workflow.step import StepAtWork

Point = int
"""A place in a flow: the number of a node, or less than zero for an end."""
Node = Callable[[Case], Generator[Event, Any, Point]]
ENDS: dict[str, Point] = {"end declined": -DECLINED, "end withdrawn": -WITHDRAWN, "end expired": -EXPIRED}
THE_END: Point = -COMPLETED
JOINED: Point = -100
"""A branch has done all its steps."""
LEAVES: Point = -101
"""The case leaves where it stands."""


class FlowAtWork:
    """One product's flow in one replication: nodes, and the process that follows them."""

    def __init__(
        self,
        product: Product,
        steps: Sequence[StepAtWork],
        ways_of: Callable[[Choice], Sequence[int]],
        calendar: WorkingCalendar,
        env: SimulationClock,
        on_done: Callable[[Case, Step, int], None],
        on_end: Callable[[Case], None],
        patience: bool,
    ) -> None:
        """`on_done` is told of steps with consequences and their outcomes, `on_end` of cases that are over.

        `patience` says that applicants may lose it.
        """
        self.product, self._env, self._on_done, self._on_end, self._ways_of = product, env, on_done, on_end, ways_of
        self.deadlines = Deadlines(env, calendar)
        self.step_count = len(steps)
        self._steps = {step.step.title: step for step in steps}
        self._nodes: list[Node] = []
        self.lanes = 1
        """Steps that can run at the same time."""
        self._places: dict[str, Point] = {}
        self._unrouted: list[tuple[list[Point], int, str]] = []
        clocks = clocks_of(product.flow, product.clocks)
        self._clocks = {name: clock for name, clock in clocks.items() if clock.when_passed != "count"}
        self._from_start = [(name, clock) for name, clock in self._clocks.items() if clock.begins == "application"]
        nothing_calls_off = not (patience or self._clocks or has_together(product.flow))
        self._start = self._sequence(product.flow, THE_END, None if nothing_calls_off else 0)
        for onward, outcome, title in self._unrouted:
            onward[outcome] = self._places[title]

    def _sequence(self, items: Sequence[Step | Together | Choice], onward: Point, lane: int | None) -> Point:
        """The place where items begin, after which a case goes `onward`; each branch has a lane of its own."""
        for item in reversed(items):
            if isinstance(item, Step):
                node = self._step(item, onward, lane)
            elif isinstance(item, Together):
                lanes = [lane, *range(self.lanes, self.lanes + len(item.together) - 1)]
                self.lanes += len(item.together) - 1
                branches = [self._sequence(*each) for each in zip(item.together, repeat(JOINED), lanes)]
                node = self._together(branches, onward)
            else:
                starts = [self._sequence(branch, onward, lane) for branch in item.branches]
                node = _chosen([starts[way] for way in self._ways_of(item)])
            self._nodes.append(node)
            onward = len(self._nodes) - 1
            if item.title is not None:
                self._places[item.title] = onward
        return onward

    def _step(self, step: Step, onward: Point, lane: int | None) -> Node:
        leads = [ENDS["end declined"]] * len(step.kind.outcomes) + [LEAVES]
        for outcome, target in targets(step).items():
            code = step.kind.outcomes.index(outcome)
            if target == "next":
                leads[code] = onward
            elif target in ENDS:
                leads[code] = ENDS[target]
            else:
                self._unrouted.append((leads, code, target))
        work = self._steps[step.title]
        kept = KeptClocks.of(step.title, self._clocks)
        if not kept and step.fee is None and step.kind.name != "subsidy claim":
            return stage_of(work, leads, lane)
        return self.deadlines.kept_by(stage_of(work, outcomes_of(work), lane), kept, step, leads, self._on_done)

    def _together(self, branches: Sequence[Point], onward: Point) -> Node:
        """Branches run at the same time; the case goes on when all are done, or ends when one ends it."""
        env = self._env

        def process(case: Case) -> Generator[Event, Any, Point]:
            joined = Event(env)
            left = len(branches)

            def branch_done(end: Point) -> None:
                nonlocal left
                left -= 1
                if not joined.triggered and (end != JOINED or not left):
                    joined.succeed(onward if end == JOINED else end)

            for at in branches:
                env.start(self._follow(case, at, branch_done))
            goes_on: Point = yield joined
            if goes_on < 0 and goes_on not in (THE_END, JOINED):
                # What the other branches wait for is called off, what is being worked on there is finished.
                case.call_off()
            return goes_on

        return process

    def apply(self, case: Case) -> None:
        """The application of one case begins, as a process of its own."""
        if self._from_start:
            self.deadlines.begin(case, self._from_start)
        self._env.start(self._follow(case, self._start))

    def _follow(
        self, case: Case, at: Point, branch_done: Callable[[Point], None] | None = None
    ) -> Generator[Event, Any, None]:
        """Go from node to node until an end; the process of a case, or of one of its branches."""
        nodes = self._nodes
        while at >= 0:
            onward = yield from nodes[at](case)
            if onward >= at:
                # Nodes are numbered back to front: a step at or before this one, so the file is sent back.
                case.returns += 1
                if case.returns > self.product.rework_limit:
                    onward = -DECLINED
            at = onward
        if at == LEAVES:
            # Before the case's own time is up it was the patience for one desk that ended.
            at = -case.leave_as if case.leave_at <= self._env._now else -WITHDRAWN
        if branch_done is not None:
            branch_done(at)
            return
        case.over, case.alert_at = True, -inf
        if case.end == OPEN:
            case.end = -at
        if self.lanes > 1:
            # A branch that ended a step just as another ended the case may have queued for its next one.
            case.call_off()
        self._on_end(case)


def _chosen(onward: Sequence[Point]) -> Node:
    """For every case, the place its way begins."""

    def process(case: Case) -> Generator[Event, Any, Point]:
        return onward[case.number]
        yield

    return process
