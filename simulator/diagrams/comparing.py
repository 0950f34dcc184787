"""What differs between two flows of products: steps that were added, removed, moved or changed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from difflib import SequenceMatcher
from itertools import pairwise

from simulator.diagrams.marks import BADGES
from simulator.diagrams.model import Block, Diagram, Mark, Node, Route
from simulator.diagrams.wording import joined
from simulator.scenario.flow import Choice, Step, Together, steps_of
from simulator.scenario.model import Product
from simulator.texts import phrase, say

COUNTED: dict[Mark, str] = {
    "added": phrase("added {count}"),
    "removed": phrase("removed {count}"),
    "moved": phrase("moved {count}"),
    "changed": phrase("changed {count}"),
}
"""How many steps differ in which way."""


@dataclass(frozen=True)
class Compared:
    """A product's flow, and its diagram."""

    product: Product
    diagram: Diagram


def compare(shown: Compared, before: Compared) -> Diagram:
    """The diagram of `shown` with marks on what differs from `before`, and what was removed dashed at its old place."""
    diagram = shown.diagram
    old = {node.step: node for node in before.diagram.nodes.values() if node.kind == "task"}
    moved = steps_moved(shown.product, before.product)
    for node in [node for node in diagram.nodes.values() if node.kind == "task"]:
        diagram.nodes[node.key] = _marked(node, old.get(node.step), moved)
    _add_removed(diagram, before)
    return diagram


def _marked(node: Node, old: Node | None, moved: set[str]) -> Node:
    """A step with its marks, and what was said of it before where that differs."""
    if old is None:
        return replace(node, marks=("added",))
    marks: list[Mark] = ["moved"] if node.step in moved else []
    new, was, said = dict(node.by_role), dict(old.by_role), dict(old.facts)
    changes = [(word, said.get(word, "")) for word in dict.fromkeys([*new, *was]) if new.get(word) != was.get(word)]
    if changes:
        marks.append("changed")
    told = [(say("Before: {word}", word=word), text or say("nothing", context="at all")) for word, text in changes]
    return replace(node, marks=tuple(marks), facts=(*node.facts, *told))


def steps_moved(shown: Product, before: Product) -> set[str]:
    """Steps that both have, which come in another order, beside other steps, or for other files."""
    new, old = ([step.title for step in product.all_steps] for product in (shown, before))
    common = set(new) & set(old)
    new, old = ([title for title in titles if title in common] for titles in (new, old))
    in_order = SequenceMatcher(None, old, new, autojunk=False).get_matching_blocks()
    kept = {old[at] for block in in_order for at in range(block.a, block.a + block.size)}
    beside_now, beside_then = (_beside(product.flow, frozenset(), common) for product in (shown, before))
    elsewhere = {title for title in common if beside_now.get(title) != beside_then.get(title)}
    return (common - kept) | elsewhere


def _beside(
    items: Sequence[Step | Together | Choice], around: frozenset[str], common: set[str]
) -> dict[str, frozenset[str]]:
    """For each step, the steps that run beside it, and the choices on which it hangs."""
    found: dict[str, frozenset[str]] = {}
    for item in items:
        if isinstance(item, Step):
            found[item.title] = around
            continue
        for number, branch in enumerate(item.branches):
            if isinstance(item, Together):
                others = [other for at, other in enumerate(item.branches) if at != number]
                beside = {step.title for other in others for step in steps_of(other)} & common
            else:
                beside = {f"way {_way(item, number)}"}
            found |= _beside(branch, around | beside, common)
    return found


def _way(item: Choice, number: int) -> str:
    """A way of a choice, told from others by what decides on it."""
    if number == len(item.choice):
        return f"{item.title} otherwise"
    way = item.choice[number]
    return f"{item.title} {number}" if way.when is None else f"{item.title} {way.when}"


def _add_removed(diagram: Diagram, before: Compared) -> None:
    """What was removed, each run of it between the steps around it that are still there."""
    kept = set(diagram.steps)
    number = 0
    for part, steps in (("application", [*steps_of(before.product.flow)]), ("loan", before.product.servicing)):
        last_kept, run = "", list[str]()
        for title in [*(step.title for step in steps), ""]:
            if title and title not in kept:
                run.append(title)
                continue
            if run:
                number += 1
                source = _left(diagram, before.diagram, last_kept, run[0])
                target = _entered(diagram, before.diagram, title, run[-1])
                _add_run(
                    diagram,
                    before.diagram,
                    run,
                    source or _event(diagram, "start", part) or _event(diagram, "end"),
                    target or _event(diagram, "end", part),
                    number,
                )
            last_kept, run = title, []


def _add_run(diagram: Diagram, old: Diagram, run: Sequence[str], source: str, target: str, number: int) -> None:
    """Dashed steps between two that are kept, in a row of their own."""
    removed = {}
    for title in run:
        was = next(node for node in old.nodes.values() if node.step == title)
        diagram.lanes.setdefault(was.lane, old.lanes[was.lane])
        removed[was.key] = replace(was, marks=("removed",), group=number)
    ordered: dict[str, Node] = {}
    for key, node in diagram.nodes.items():
        ordered[key] = node
        if key == source:
            ordered |= removed
    diagram.nodes = ordered
    chain = [key for key in (source, *removed, target) if key]
    diagram.routes += [Route(first, second, removed=True) for first, second in pairwise(chain)]


def _left(diagram: Diagram, old: Diagram, title: str, gone: str) -> str:
    """Where a file left a kept step on its way to a removed one: its gateway, or the join of steps around it."""
    block = _same_block(diagram, old, title, gone)
    if block is not None:
        return block.meets
    key = _key(diagram, title)
    decided = [route.target for route in diagram.leaving(key) if diagram.nodes[route.target].kind == "outcome"]
    return decided[0] if decided else key


def _entered(diagram: Diagram, old: Diagram, title: str, gone: str) -> str:
    """Where a file came to a kept step after a removed one: at the step, or where steps around it part."""
    block = _same_block(diagram, old, title, gone)
    return block.parts if block is not None else _key(diagram, title)


def _same_block(diagram: Diagram, old: Diagram, title: str, gone: str) -> Block | None:
    """The widest block around a kept step, of those that stood beside a removed one and not around it."""
    around = [block.steps for block in old.blocks if title in block.steps and gone not in block.steps]
    new = set(diagram.steps) - set(old.steps)
    found = [
        block
        for block in diagram.blocks
        if title in block.steps and any(block.steps <= steps | new for steps in around)
    ]
    return max(found, key=lambda block: len(block.steps), default=None)


def _key(diagram: Diagram, title: str) -> str:
    return next((node.key for node in diagram.nodes.values() if title and node.step == title), "")


def _event(diagram: Diagram, kind: str, part: str = "application") -> str:
    """Where a part of the diagram begins, or the end that closes it; empty where there is none."""
    return next((node.key for node in diagram.standing() if node.kind == kind and node.part == part), "")


def compared_said(diagram: Diagram, other: str) -> str:
    """With what a diagram is compared, and how many steps differ in which way."""
    marks = [mark for node in diagram.nodes.values() for mark in node.marks]
    counts = [say(COUNTED[mark], count=marks.count(mark)) for mark in BADGES if mark in marks]
    if not counts:
        return say("Compared with {other}: the same steps, times and odds", other=other)
    return say("Compared with {other}: {counts}", other=other, counts=joined(counts))
