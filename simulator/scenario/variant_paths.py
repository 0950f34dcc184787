"""Dotted paths of a variant, each of which leads through what is there, as one of `--set` does."""

from __future__ import annotations

from dataclasses import replace

from simulator.errors import Problem
from simulator.scenario.edits import tell_unknown
from simulator.scenario.locations import model_at
from simulator.scenario.model import Product, Scenario
from simulator.scenario.source import Node

Path = tuple[str, ...]


def known_paths(tree: Node, change: Node, only_product: Path) -> tuple[Node, list[Problem]]:
    """A variant's changes without the dotted paths that lead through a name that nothing has, each of which is told.

    Only the last part of a path may be new; a mapping written out may bring new parts at any depth. `only_product` is
    the place for which a product's own keys stand.
    """
    assert isinstance(change.value, dict)
    problems: list[Problem] = []
    kept: dict[str, Node] = {}
    for key, node in change.value.items():
        first = key.split(".")[0]
        own = only_product if first in Product.model_fields and first != "name" else ()
        if key == "evidence":
            kept[key] = node
        elif _leads_on(tree, own, key, change.keys[key], problems):
            kept[key] = _below(tree, (*own, *key.split(".")), node, problems)
    return replace(change, value=kept, keys={key: change.keys[key] for key in kept}), problems


def _below(tree: Node, path: Path, change: Node, problems: list[Problem]) -> Node:
    """What a change brings at a path, without the dotted paths in it that lead nowhere."""
    if not isinstance(change.value, dict):
        return change
    kept: dict[str, Node] = {}
    for key, node in change.value.items():
        if _leads_on(tree, path, key, change.keys[key], problems):
            kept[key] = _below(tree, (*path, *key.split(".")), node, problems)
    return replace(change, value=kept, keys={key: change.keys[key] for key in kept})


def _leads_on(tree: Node, above: Path, key: str, place: tuple[str, int, int], problems: list[Problem]) -> bool:
    """Whether every part of a key but its last is there; told otherwise.

    Keys that the scenario's form fixes, steps, and what stands in place of a single value are judged elsewhere.
    """
    parts = key.split(".")
    if len(parts) == 1 or not all(parts):
        return True
    column = place[2]
    for depth, part in enumerate(parts[:-1]):
        path = (*above, *parts[:depth])
        there = tree.at(path)
        if there is not None and there.value is not None and not isinstance(there.value, dict):
            return True
        names = there.value if there is not None and isinstance(there.value, dict) else {}
        if part not in names and model_at(Scenario, path) is None:
            trail = f" in '{'.'.join(path)}'" if path else ""
            tell_unknown(part, f"no '{part}'{trail}", (place[0], place[1], column), names, problems)
            return False
        column += len(part) + 1
    return True
