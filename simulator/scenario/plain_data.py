"""A scenario given as ordinary Python data: whatever a file can say, with paths in place of lines and columns."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from math import isfinite
from typing import Any

from simulator.errors import Problem, ScenarioError
from simulator.scenario.source import MAX_DEPTH, Node, Scalar

WHAT_A_FILE_SAYS = "texts, numbers, True and False, None, dates, lists, and dictionaries with texts as keys"


def tree_of(data: object, name: str = "scenario") -> Node:
    """Data as a tree whose places are paths such as `parties.bank.desks`; ScenarioError for what no file can say.

    Evidence counts as its own, and is held against the scenario, where it extends another; a whole scenario may have
    been put together from others, with evidence of parts that are no longer in it.
    """
    problems: list[Problem] = []
    tree = _node(data, name, (), problems)
    evidence = tree.at(["evidence"])
    if evidence is not None and tree.at(["extends"]) is not None:
        evidence.keys.update(dict.fromkeys(evidence.keys, tree.place))
    if problems:
        raise ScenarioError(problems)
    return tree


def places_of_values(tree: Node) -> list[str]:
    """The places of all single values of a tree, and last those of its entries of evidence."""
    entries = tree.at(["evidence"])
    given = [entry.file for entry in entries.value.values()] if entries and isinstance(entries.value, dict) else []
    return [*_leaves(tree), *given]


def _leaves(tree: Node) -> list[str]:
    if isinstance(tree.value, dict | list):
        children = tree.value.values() if isinstance(tree.value, dict) else tree.value
        return [place for child in children for place in _leaves(child)]
    return [tree.file]


def _node(value: object, name: str, path: tuple[str, ...], problems: list[Problem]) -> Node:
    place = ".".join(path) or name
    if len(path) > MAX_DEPTH:
        problems.append(Problem(place, 0, 0, f"nested more than {MAX_DEPTH} levels deep"))
        return Node(place, 0, 0, None)
    if isinstance(value, Mapping):
        for key in value:
            if not isinstance(key, str):
                problems.append(Problem(place, 0, 0, f"the key {key!r} is no text", "write it in quotes"))
        inner = {str(key): _node(item, name, (*path, str(key)), problems) for key, item in value.items()}
        return Node(place, 0, 0, inner, {key: each.place for key, each in inner.items()})
    if isinstance(value, list | tuple):
        items = [_node(item, name, (*path, str(number)), problems) for number, item in enumerate(value)]
        return Node(place, 0, 0, items)
    return Node(place, 0, 0, _scalar(value, place, problems))


def _scalar(value: Any, place: str, problems: list[Problem]) -> Scalar:
    if isinstance(value, float) and not isfinite(value):
        problems.append(Problem(place, 0, 0, f"{value} is no number that a scenario can say"))
        return None
    if value is None or isinstance(value, str | bool | int | float):
        return value
    if isinstance(value, datetime):
        return value.isoformat(" ")
    if isinstance(value, date):
        return value.isoformat()
    if hasattr(value, "item") and getattr(value, "ndim", None) == 0:  # a number of NumPy
        return _scalar(value.item(), place, problems)
    found = f"a {type(value).__name__} is nothing that a scenario can say"
    problems.append(Problem(place, 0, 0, found, f"allowed here: {WHAT_A_FILE_SAYS}"))
    return None
