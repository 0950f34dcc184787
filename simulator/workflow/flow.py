"""The interpreter of flows: a product's steps, compiled once, followed by every case as a SimPy process."""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass
from math import inf
from typing import Any, Literal

from simpy.events import Event

from simulator.calendars import WorkingCalendar
from simulator.scenario.flow import Choice, Clock, Step, Together, clocks_of, split_moment, steps_of
from simulator.scenario.model import Product
from simulator.scenario.order import targets
from simulator.workflow.case import COMPLETED, DECLINED, EXPIRED, OPEN, WITHDRAWN, Case
from simulator.workflow.clock import Clock as SimulationClock
from simulator.workflow.stages import LEFT, stage_process
from simulator.workflow.step import StepAtWork

Point = int
"""A place in a flow: the number of a node, or less than zero for an end."""
ENDS: dict[str, Point] = {"end declined": -DECLINED, "end withdrawn": -WITHDRAWN, "end expired": -EXPIRED}
THE_END: Point = -COMPLETED
JOINED: Point = -100
"""A branch has done all its steps."""
PATIENCE = "the applicant's patience"


@dataclass
class StepNode:
    """A step and where each of its outcomes leads."""

    work: StepAtWork
    onward: list[Point]
    runs: Callable[[Case, StepAtWork], Generator[Any, Any, int]]
    begins: list[tuple[str, Clock]]
    """Active deadlines that begin when the step is entered."""
    begins_after: list[tuple[str, Clock]]
    ends_before: list[str]
    """Active deadlines that end when the step is entered."""
    ends: list[str]
    has_consequences: bool


@dataclass
class TogetherNode:
    """Branches that run at the same time, and where the file goes when all are done."""

    branches: list[Point]
    onward: Point


@dataclass
class ChoiceNode:
    """For every case, the place its way begins."""

    onward: Sequence[Point]


class FlowAtWork:
    """One product's flow in one replication: nodes, and the process that follows them."""

    def __init__(
        self,
        product: Product,
        number: int,
        steps: Sequence[StepAtWork],
        ways_of: Callable[[Choice], Sequence[int]],
        calendar: WorkingCalendar,
        env: SimulationClock,
        on_done: Callable[[Case, Step, int], None],
    ) -> None:
        self.product, self.number, self._calendar, self._on_done = product, number, calendar, on_done
        self._env = env
        self._steps = {step.step.title: step for step in steps}
        self._ways_of = ways_of
        self._nodes: list[StepNode | TogetherNode | ChoiceNode] = []
        self._places: dict[str, Point] = {}
        self._unrouted: list[tuple[StepNode, int, str]] = []
        clocks = {
            name: clock
            for name, clock in clocks_of(product.flow, product.clocks).items()
            if clock.when_passed != "count"
        }
        self._active_clocks = clocks
        self._from_start = [(n, c) for n, c in clocks.items() if c.begins == "application"]
        self.start = self._sequence(product.flow, THE_END)
        for node, outcome, title in self._unrouted:
            node.onward[outcome] = self._places[title]
        self.step_count = len(list(steps_of(product.flow)))

    def _sequence(self, items: Sequence[Step | Together | Choice], onward: Point) -> Point:
        """Compile items back to front; the place where they begin."""
        for item in reversed(items):
            if isinstance(item, Step):
                onward = self._step(item, onward)
            elif isinstance(item, Together):
                branches = [self._sequence(branch, JOINED) for branch in item.together]
                onward = self._add(TogetherNode(branches, onward), item.title)
            else:
                starts = [self._sequence(way.steps, onward) for way in item.choice]
                starts.append(self._sequence(item.otherwise, onward))
                onward = self._add(ChoiceNode([starts[way] for way in self._ways_of(item)]), item.title)
        return onward

    def _add(self, node: StepNode | TogetherNode | ChoiceNode, title: str | None) -> Point:
        self._nodes.append(node)
        if title is not None:
            self._places[title] = len(self._nodes) - 1
        return len(self._nodes) - 1

    def _step(self, step: Step, onward: Point) -> Point:
        work = self._steps[step.title]
        begins: list[tuple[str, Clock]] = []
        after: list[tuple[str, Clock]] = []
        ends_before: list[str] = []
        ends: list[str] = []
        for name, clock in self._active_clocks.items():
            if split_moment(clock.begins) == ("entry of", step.title):
                begins.append((name, clock))
            if split_moment(clock.begins) == ("end of", step.title):
                after.append((name, clock))
            if split_moment(clock.ends) == ("entry of", step.title):
                ends_before.append(name)
            if split_moment(clock.ends) == ("end of", step.title):
                ends.append(name)
        declined = [ENDS["end declined"]] * len(step.kind.outcomes)
        consequences = bool(after or ends or step.fee is not None or step.kind.name == "subsidy claim")
        node = StepNode(work, declined, stage_process(work), begins, after, ends_before, ends, consequences)
        for outcome, target in targets(step).items():
            code = step.kind.outcomes.index(outcome)
            if target == "next":
                node.onward[code] = onward
            elif target in ENDS:
                node.onward[code] = ENDS[target]
            else:
                self._unrouted.append((node, code, target))
        return self._add(node, step.title)

    def application(self, case: Case) -> Generator[Any, Any, None]:
        """The process of one case, from its application to its end."""
        if self._from_start:
            self._begin(case, self._from_start)
        end = yield from self._follow(case, self.start)
        case.over = True
        if case.end == OPEN:
            case.end = -end
        # A branch that ended a step at the very moment another ended the case may have queued for its next one.
        self._call_off(case)

    def _follow(self, case: Case, at: Point) -> Generator[Any, Any, Point]:
        """Go from node to node until an end; the end reached."""
        nodes, env = self._nodes, self._env
        while at >= 0:
            node = nodes[at]
            if isinstance(node, StepNode):
                if node.ends_before:
                    self._end(case, node.ends_before)
                if case.leave_at <= env._now:
                    return -case.leave_as
                if node.begins:
                    self._begin(case, node.begins)
                outcome = yield from node.runs(case, node.work)
                if outcome == LEFT:
                    # Before the case's own time is up it was the patience for one desk that ended.
                    return -case.leave_as if case.leave_at <= env._now else -WITHDRAWN
                if node.has_consequences:
                    self._done(case, node, outcome)
                onward = node.onward[outcome]
                if onward >= at:
                    # Nodes are numbered back to front: a step at or before this one, so the file is sent back.
                    case.returns += 1
                    if case.returns > self.product.rework_limit:
                        return -DECLINED
                at = onward
            elif isinstance(node, TogetherNode):
                at = yield from self._together(case, node)
            else:
                assert isinstance(node, ChoiceNode)
                at = node.onward[case.number]
        return at

    def _done(self, case: Case, node: StepNode, outcome: int) -> None:
        """What a step brings about besides its outcome: fee or subsidy are paid, deadlines end and begin."""
        self._on_done(case, node.work.step, outcome)
        if node.ends:
            self._end(case, node.ends)
        if node.begins_after:
            self._begin(case, node.begins_after)

    def _together(self, case: Case, node: TogetherNode) -> Generator[Any, Any, Point]:
        env = self._env
        joined = Event(env)
        left = len(node.branches)

        def branch(at: Point) -> Generator[Any, Any, None]:
            nonlocal left
            end = yield from self._follow(case, at)
            left -= 1
            if joined.triggered:
                return
            if end != JOINED:
                joined.succeed(end)
            elif left == 0:
                joined.succeed(node.onward)

        for at in node.branches:
            env.process(branch(at))
        onward: Point = yield joined
        if onward < 0 and onward not in (THE_END, JOINED):
            # One branch ended the case: what the others wait for is called off, what is being worked on is finished.
            self._call_off(case)
        return onward

    def set_patience(self, case: Case, moment: float) -> None:
        """From `moment` on the applicant waits no longer."""
        case.deadlines[PATIENCE] = (moment, "patience")
        self._settle(case)

    def _begin(self, case: Case, clocks: Sequence[tuple[str, Clock]]) -> None:
        now = self._env.now
        for name, clock in clocks:
            assert clock.within is not None
            if name not in case.deadlines:
                passes = self._calendar.deadline(now, *deadline_days(clock))
                case.deadlines[name] = (passes, clock.when_passed)
        self._settle(case)

    def _end(self, case: Case, names: Sequence[str]) -> None:
        for name in names:
            case.deadlines.pop(name, None)
        self._settle(case)

    def _settle(self, case: Case) -> None:
        """What the running deadlines and the applicant's patience together mean for the case."""
        before = case.leave_at, case.front_at
        given_up = [moment for moment, when in case.deadlines.values() if when == "give up"]
        patience = case.deadlines.get(PATIENCE, (inf, ""))[0]
        case.leave_at = min([patience, *given_up])
        case.leave_as = EXPIRED if case.leave_at < patience else WITHDRAWN
        case.front_at = min([moment for moment, when in case.deadlines.values() if when == "escalate"], default=inf)
        if before == (case.leave_at, case.front_at):
            return
        for moment in {case.leave_at, case.front_at} - {inf}:
            self._env.until(moment).callbacks.append(lambda _: self._time_up(case))

    def _time_up(self, case: Case) -> None:
        """A deadline has passed, unless it ended in the meantime."""
        now = self._env.now
        if case.leave_at <= now:
            self._call_off(case)
        elif case.front_at <= now:
            for waiting in case.waits:
                waiting.move_up()

    def _call_off(self, case: Case) -> None:
        for waiting in case.waits:
            waiting.call_off()


def deadline_days(clock: Clock) -> tuple[int, Literal["working days", "days"]]:
    """A deadline as a number of days and their unit."""
    assert clock.within is not None
    span = clock.within
    if span.unit == "weeks":
        return int(span.amount * 7), "days"
    return int(span.amount), "working days" if span.unit == "working days" else "days"
