"""Lists of steps as trees: finding steps by name at any depth and putting others in their place."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

from simulator.scenario.source import Node, Place

StepChange = Callable[[str, Node], list[Node]]


def step_names(steps: Node) -> list[str]:
    """Names of all steps of a list at any depth, in the order they are written."""
    return [name for name, _ in named_steps(branch_items(steps))]


def branch_items(node: Node) -> list[Node]:
    """The steps of a branch, which may be written as a list or as one step."""
    if isinstance(node.value, list):
        return node.value
    return [] if node.value is None else [node]


def is_block(item: Node) -> bool:
    """Whether an item is a `together` or a `choice`, which holds steps and is none itself."""
    return isinstance(item.value, dict) and ("together" in item.value or "choice" in item.value)


def step_name(item: Node) -> str | None:
    """A step's name; None for a block of steps and for what is no step."""
    if isinstance(item.value, dict) and len(item.value) == 1 and not is_block(item):
        return next(iter(item.value))
    return item.value if isinstance(item.value, str) else None


def named_steps(items: list[Node]) -> Iterator[tuple[str, Node]]:
    """Every step at any depth with its name."""
    for item in items:
        name = step_name(item)
        if name is not None:
            yield name, item
        elif isinstance(item.value, list):
            yield from named_steps(item.value)
        elif isinstance(item.value, dict) and is_block(item):
            for key, part in item.value.items():
                if key in ("together", "otherwise"):
                    yield from named_steps(branch_items(part))
                elif key == "choice":
                    for way in branch_items(part):
                        for inner in ("steps", "otherwise"):
                            if isinstance(way.value, dict) and inner in way.value:
                                yield from named_steps(branch_items(way.value[inner]))


def rewritten(items: list[Node], change: StepChange, at_once: bool = False) -> list[Node]:
    """Steps with each named one replaced by what `change` makes of it; `at_once` for the branches of a `together`."""
    result: list[Node] = []
    for item in items:
        name = step_name(item)
        if name is not None:
            new = change(name, item)
        elif isinstance(item.value, list):
            new = rewritten(item.value, change)
        else:
            new = _block_rewritten(item, change) if is_block(item) else [item]
        # What follows a step of one branch belongs to that branch and must not run beside it.
        if at_once and (len(new) > 1 or (new and isinstance(item.value, list))):
            new = [replace(item, value=new, keys={})]
        result.extend(new)
    return result


def _block_rewritten(block: Node, change: StepChange) -> list[Node]:
    """A `together` or `choice` rewritten inside; one that has a single branch left gives way to that branch."""
    assert isinstance(block.value, dict)
    value = dict(block.value)
    for key, part in block.value.items():
        if key == "together":
            branches = rewritten(branch_items(part), change, at_once=True)
            if len(branches) < min(len(branch_items(part)), 2):
                return branch_items(branches[0]) if branches else []
            value[key] = replace(part, value=branches, keys={})
        elif key == "otherwise":
            value[key] = replace(part, value=rewritten(branch_items(part), change), keys={})
        elif key == "choice":
            value[key] = replace(part, value=[_way_rewritten(way, change) for way in branch_items(part)], keys={})
    return [replace(block, value=value)]


def _way_rewritten(way: Node, change: StepChange) -> Node:
    if not isinstance(way.value, dict):
        return way
    inner = {
        key: replace(part, value=rewritten(branch_items(part), change), keys={})
        for key, part in way.value.items()
        if key in ("steps", "otherwise")
    }
    return replace(way, value={**way.value, **inner})


def place_of_name(item: Node) -> Place:
    """Where a step's name stands."""
    return next(iter(item.keys.values())) if item.keys else item.place


def settings_of(name: str, item: Node) -> Node:
    """The settings of a step, none for one that is written as its name only."""
    inner = item.value[name] if isinstance(item.value, dict) else None
    return inner if inner is not None and inner.value is not None else Node(*place_of_name(item), {})


def with_settings(name: str, item: Node, settings: Node) -> Node:
    """A step with other settings, at its place."""
    return Node(*item.place, {name: settings}, {name: place_of_name(item)})
