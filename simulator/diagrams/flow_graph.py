"""From the flow of a product to nodes and routes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from simulator.diagrams.model import FIRM, Block, Diagram, Node, NodeKind, Route
from simulator.diagrams.routes import NEXT, Way, places_of, ways_of
from simulator.diagrams.step_facts import facts_of, lane_of, lane_said, lines_of, own_desk_of, without_names
from simulator.diagrams.wording import (
    conditions_said,
    deadline_said,
    duration,
    end_said,
    joined,
    outcomes_said,
    time_said,
    way_said,
)
from simulator.scenario.flow import Choice, Step, Together, steps_of
from simulator.scenario.flow import Way as ChoiceWay
from simulator.scenario.model import Product, Scenario
from simulator.scenario.order import build_graph, certainly_done
from simulator.scenario.spoken_names import step_said
from simulator.texts import say, say_count
from simulator.units import format_share

THE_MONEY = "the money is paid out"


@dataclass(frozen=True)
class Loose:
    """An arrow that waits for the node it leads to."""

    source: str
    label: str = ""


class FlowDrawing:
    """Adds the flow of a product to a diagram, step by step."""

    def __init__(self, diagram: Diagram, scenario: Scenario, product: Product) -> None:
        self.diagram, self.scenario, self.product = diagram, scenario, product
        self._nameless = without_names(scenario)
        self._places: dict[str, str] = {}
        self._named: list[tuple[str, str, str, bool]] = []
        """Routes to steps by name: source, title, label, whether it counts as a return."""
        self._numbers = places_of(product.flow)
        self._routed = {target for step in steps_of(product.flow) for target in step.on.values()}
        self._group = 0
        self._count = 0
        self._lane = FIRM
        self._done = _money_of(product)

    def draw(self) -> list[Loose]:
        """The whole flow, from the application to its last end; what is left loose leads nowhere."""
        start = self.add("start", say("Application"), lane=FIRM)
        left = self.sequence(self.product.flow, [Loose(start)])
        if left:
            paid = "drawn" in self._done and THE_MONEY in self._done["drawn"]
            how = "drawn" if paid else "drawn or completed"
            end = self.add("end", end_said(how), ends=how)
            self.connect(left, end)
        for source, title, label, returns in self._named:
            self.diagram.routes.append(Route(source, self._places[title], label, sent_back=returns, named=True))
        return left

    def add(self, kind: NodeKind, label: str = "", lane: str = "", key: str = "", **more: object) -> str:
        """A node in the lane of the one before; its key."""
        self._count += 1
        if lane:
            self._lane = lane
            self.diagram.lanes.setdefault(lane, lane_said(self.scenario, lane))
        key = key or f"{kind} {self._count}"
        self.diagram.nodes[key] = replace(Node(key, kind, self._lane, label, group=self._group), **more)  # type: ignore[arg-type]
        return key

    def task(self, step: Step, **more: object) -> str:
        """A node for a step with what is told of it, in the lane of who does it; its key."""
        said = outcomes_said(ways_of(step, self.scenario.quotas))
        return self.add(
            "task",
            step_said(step),
            lane_of(self.scenario, self.product, step),
            key=f"step {step.title}",
            desk=own_desk_of(self.scenario, step),
            lines=lines_of(self.scenario, step),
            facts=facts_of(self.scenario, self.product, step, said),
            by_role=facts_of(self._nameless, self.product, step, said),
            step=step.title,
            **more,
        )

    def connect(self, loose: Sequence[Loose], target: str) -> None:
        """Every loose arrow leads to this node; two from one node become one."""
        labels: dict[str, list[str]] = {}
        for each in loose:
            labels.setdefault(each.source, []).append(each.label)
        for source, said in labels.items():
            self.diagram.routes.append(Route(source, target, joined(filter(None, said))))

    def sequence(self, items: Sequence[Step | Together | Choice], loose: list[Loose]) -> list[Loose]:
        """Items one after the other; what is loose after the last."""
        for item in items:
            if isinstance(item, Step):
                loose = self._step(item, loose)
            elif isinstance(item, Together):
                loose = self._together(item, loose)
            else:
                loose = self._choice(item, loose)
        return loose

    def _step(self, step: Step, loose: list[Loose]) -> list[Loose]:
        ways = ways_of(step, self.scenario.quotas)
        task = self.task(step)
        self._places[step.title] = task
        self.connect(loose, task)
        self._deadlines(step, task)
        targets = {way.target for way in ways}
        if targets == {NEXT}:
            return [Loose(task, outcomes_said(ways))]
        gateway = self.add("outcome")
        self.connect([Loose(task)], gateway)
        return self._decided(step, gateway, ways)

    def _decided(self, step: Step, gateway: str, ways: Sequence[Way]) -> list[Loose]:
        """The ways that leave a step's gateway: onward, to an end below it, or to a step by name."""
        paid = self._is_paid(step)
        by_target: dict[str, list[str]] = {}
        for way in ways:
            by_target.setdefault(way.target, []).append(way_said(way, at_its_end=not paid))
        loose, returns = [], False
        for target, outcomes in by_target.items():
            label = joined(outcomes)
            if target == NEXT:
                loose.append(Loose(gateway, label))
            elif not target.startswith("end "):
                back = self._numbers[target] >= self._numbers[step.title]
                returns = returns or back
                self._named.append((gateway, target, label, back))
        for end in ("declined", "withdrawn", "expired"):
            labels = by_target.get(f"end {end}", [])
            limit = self.product.rework_limit
            if end == "declined" and returns:
                labels = [*labels, say_count("sent back more than {n} time", "sent back more than {n} times", limit)]
            if labels:
                self._end(step, gateway, end, joined(labels))
        return loose

    def _end(self, step: Step, host: str, how: str, label: str = "") -> None:
        """An end below a node; a case whose money is paid out stays drawn."""
        facts: tuple[tuple[str, str], ...] = ()
        if self._is_paid(step):
            how = "drawn"
        elif self._paid_beside(step):
            facts = ((say("Note"), say("A case whose money is already paid out stays drawn")),)
        end = self.add("end", end_said(how), host=host, ends=how, facts=facts)
        self.diagram.routes.append(Route(host, end, label))

    def _is_paid(self, step: Step) -> bool:
        """Whether the money is certainly paid out when this step begins."""
        return THE_MONEY in self._done.get(f"before {step.title}", ())

    def _paid_beside(self, step: Step) -> bool:
        """Whether the money can be paid out while this step runs."""
        return any(
            each.kind.name == "drawdown" and each is not step and _run_together(self.product.flow, each, step)
            for each in steps_of(self.product.flow)
        )

    def _deadlines(self, step: Step, task: str) -> None:
        """Timers on the border of a step: its deadline, and the applicant's patience with its desk."""
        if step.deadline is not None:
            said = deadline_said(step.deadline, step.when_passed)
            stops = step.when_passed == "give up"
            timer = self.add(
                "deadline", said, host=task, stops=stops, within=duration(step.deadline),
                facts=((say("Deadline"), said),),
            )  # fmt: skip
            if stops:
                self._end(step, timer, "expired")
            else:
                label = say("counted as late") if step.when_passed == "count" else say("goes first from here")
                self.diagram.routes.append(Route(timer, self.add("end", label, host=timer, stops=False)))
        if step.patience is not None:
            said = say("patience: {time}", time=time_said(step.patience))
            timer = self.add("deadline", said, host=task, facts=((say("Patience"), said),))
            self._end(step, timer, "withdrawn")

    def next_stretch(self) -> None:
        """What follows stands in rows of its own."""
        self._group += 1

    def _together(self, item: Together, loose: list[Loose]) -> list[Loose]:
        if item.title is not None and item.title in self._routed:
            merge = self.add("merge")
            self.connect(loose, merge)
            loose, self._places[item.title] = [Loose(merge)], merge
        lane = self._first_lane(item)
        fork = self.add("fork", item.title or "", lane)
        self.connect(loose, fork)
        joining: list[Loose] = []
        join_lane = lane
        for number, branch in enumerate(item.together):
            self.next_stretch()
            self._lane = lane or self._lane
            ends = self.sequence(branch, [Loose(fork)])
            joining += ends
            if not number and ends:
                join_lane = self._lane
        self.next_stretch()
        if not joining:
            return []
        join = self.add("join", lane=join_lane)
        self._add_block(fork, join, item)
        self.connect(joining, join)
        return [Loose(join)]

    def _first_lane(self, item: Together) -> str:
        first = next(steps_of(item.together[0]), None)
        return lane_of(self.scenario, self.product, first) if first is not None else ""

    def _choice(self, item: Choice, loose: list[Loose]) -> list[Loose]:
        split = self.add("choice", item.title or "", facts=_ways_said(item))
        if item.title is not None:
            self._places[item.title] = split
        self.connect(loose, split)
        lane, ends = self._lane, []
        rest = 1 - sum(way.odds or 0 for way in item.choice)
        by_odds = item.choice[0].odds is not None
        otherwise = format_share(rest) if by_odds else say("otherwise")
        labels = [*map(_way_said, item.choice), otherwise]
        for label, branch in zip(labels, item.branches, strict=True):
            self.next_stretch()
            self._lane = lane
            ends += self.sequence(branch, [Loose(split, label)])
        self.next_stretch()
        self._lane = lane
        if not ends:
            return []
        merge = self.add("merge")
        self._add_block(split, merge, item)
        self.connect(ends, merge)
        return [Loose(merge)]

    def _add_block(self, parts: str, meets: str, item: Together | Choice) -> None:
        self.diagram.blocks.append(Block(parts, meets, frozenset(step.title for step in steps_of([item]))))


def _way_said(way: ChoiceWay) -> str:
    return conditions_said(way.when) if way.when is not None else format_share(way.odds or 0)


def _ways_said(item: Choice) -> tuple[tuple[str, str], ...]:
    tried = [(say("Way {n}", n=number), _way_said(way)) for number, way in enumerate(item.choice, 1)]
    return (*tried, (say("Otherwise"), say("a file that takes none of these ways")))


def _money_of(product: Product) -> dict[str, set[str]]:
    """What is certainly done at each place of the flow; every drawdown counts as the same thing."""
    graph = build_graph(product.flow)
    drawdowns = {f"after {step.title}" for step in steps_of(product.flow) if step.kind.name == "drawdown"}
    graph.done_at = {place: THE_MONEY if place in drawdowns else done for place, done in graph.done_at.items()}
    return certainly_done(graph)


def _run_together(items: Sequence[Step | Together | Choice], first: Step, second: Step) -> bool:
    """Whether two steps stand in different branches of steps together."""
    for item in items:
        if isinstance(item, Step):
            continue
        holding = [{id(step) for step in steps_of(branch)} for branch in item.branches]
        places = [next((at for at, held in enumerate(holding) if id(each) in held), None) for each in (first, second)]
        if None in places:
            continue
        if places[0] != places[1]:
            return isinstance(item, Together)
        return any(_run_together(branch, first, second) for branch in item.branches)
    return False
