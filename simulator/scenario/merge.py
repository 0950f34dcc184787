"""Changes to a scenario's tree: dotted keys, one tree over another, edits of a flow by its steps' names, `--set`.

No function changes the trees it is given; results share what did not change, and every node keeps its own place.
"""

from __future__ import annotations

from dataclasses import replace

from simulator.errors import Problem, ScenarioError
from simulator.scenario.edits import (
    NO_DEEPER,
    as_edit,
    deeper_than,
    edit_steps,
    is_edit,
    is_step_list,
    known_step,
    tell_unknown,
    told,
)
from simulator.scenario.source import MAX_DEPTH, Node, Place
from simulator.scenario.step_lists import rewritten, settings_of, step_names, with_settings

__all__ = ["OPTION", "expand_dotted", "merge", "set_path", "step_names"]

OPTION = "--set"


def expand_dotted(node: Node) -> Node:
    """The tree with `products.C8.flow: ...` written as nested mappings; ScenarioError where two keys disagree."""
    problems: list[Problem] = []
    expanded = _expanded(node, 0, problems)
    if problems:
        raise ScenarioError(problems)
    return expanded


def merge(base: Node, change: Node) -> tuple[Node, list[Problem]]:
    """`change` laid over `base`: mappings key by key, null takes a key out, an edit changes a list of steps.

    Anything else replaces what stood there. What cannot be done is left out and told.
    """
    problems: list[Problem] = []
    return _merged(base, change, problems), problems


def set_path(root: Node, path: str, value: Node) -> tuple[Node, list[Problem]]:
    """The tree with the value at a dotted path merged in, as `--set path=value` does.

    A part of the path is a key, `*` for every key of a mapping, the position of a list's item from 0, or the name of a
    step at any depth of a list of steps. Only the last part may be a new key; null takes out what is there.
    """
    parts: list[tuple[str, int]] = []
    column = 1
    for part in path.split("."):
        parts.append((part.strip(), column + len(part) - len(part.lstrip())))
        column += len(part) + 1
    empty = [Problem(OPTION, 1, column, "a part of the path is empty") for part, column in parts if not part]
    if empty:
        return root, empty
    problems: list[Problem] = []
    changed = _set(root, parts, 0, value, problems)
    if deeper_than(changed, MAX_DEPTH):
        problems.append(Problem(OPTION, 1, 1, NO_DEEPER))
    return (root, problems) if problems else (changed, [])


def _expanded(node: Node, depth: int, problems: list[Problem]) -> Node:
    """The tree expanded; every mapping in it is new, so that others can be put into it."""
    if not isinstance(node.value, dict):
        return node
    result = replace(node, value={}, keys={})
    for key, child in node.value.items():
        file, line, column = node.keys[key]
        parts = key.split(".")
        if not all(parts):
            problems.append(Problem(file, line, column, f"the key '{key}' has an empty part between its dots"))
        elif depth + len(parts) > MAX_DEPTH:
            problems.append(Problem(file, line, column, NO_DEEPER))
        else:
            inner = _expanded(child, depth + len(parts), problems)
            at = column + len(key)
            for part in reversed(parts):
                at -= len(part)
                inner = Node(file, line, at, {part: inner}, {part: (file, line, at)})
                at -= 1
            _put_into(result, inner, problems)
    return result


def _put_into(target: Node, other: Node, problems: list[Problem]) -> None:
    """Add the keys of a mapping to another; a key of both has to be a mapping in both."""
    assert isinstance(target.value, dict) and isinstance(other.value, dict)
    for key, child in other.value.items():
        there = target.value.get(key)
        if there is None:
            target.value[key], target.keys[key] = child, other.keys[key]
        elif isinstance(there.value, dict) and isinstance(child.value, dict):
            _put_into(there, child, problems)
        else:
            first = told(target.keys[key])
            found = f"'{key}' is given a second time, as {child.kind}; first at {first}, as {there.kind}"
            problems.append(Problem(*other.keys[key], found, "keep one of the two"))


def _merged(base: Node, change: Node, problems: list[Problem]) -> Node:
    if not isinstance(change.value, dict):
        return change
    if isinstance(base.value, list) and change.value and (is_edit(change) or is_step_list(base)):
        return edit_steps(base, as_edit(change), _merged, problems)
    if not isinstance(base.value, dict):
        return change
    result = replace(base, value=dict(base.value), keys=dict(base.keys))
    for key, child in change.value.items():
        _change_key(result, key, child, change.keys[key], problems)
    return result


def _change_key(mapping: Node, key: str, change: Node, place: Place, problems: list[Problem]) -> None:
    """Change or add one key of a mapping that nobody else holds yet; null takes the key out."""
    assert isinstance(mapping.value, dict)
    there = mapping.value.get(key)
    if change.value is None and there is None:
        tell_unknown(key, f"nothing to remove: no '{key}' here", place, mapping.value, problems)
    elif change.value is None:
        del mapping.value[key], mapping.keys[key]
    else:
        merged = change if there is None else _merged(there, change, problems)
        mapping.value[key] = merged
        if merged is change:
            mapping.keys[key] = place


def _set(node: Node, parts: list[tuple[str, int]], at: int, value: Node, problems: list[Problem]) -> Node:
    """The node with the value put at the rest of the path, `parts[at:]`."""
    part, column = parts[at]
    place = (OPTION, 1, column)
    last = at + 1 == len(parts)
    trail = f" in '{'.'.join(name for name, _ in parts[:at])}'" if at else ""
    if isinstance(node.value, dict):
        result = replace(node, value=dict(node.value), keys=dict(node.keys))
        assert isinstance(result.value, dict)
        if part == "*" and not node.value:
            problems.append(Problem(*place, f"no keys that '*' could stand for{trail}"))
        for key in list(node.value) if part == "*" else [part]:
            if last:
                _change_key(result, key, value, place, problems)
            elif key in node.value:
                result.value[key] = _set(
                    node.value[key], [*parts[:at], (key, column), *parts[at + 1 :]], at + 1, value, problems
                )
            else:
                tell_unknown(key, f"no '{key}'{trail}", place, node.value, problems)
        return result
    if isinstance(node.value, list):
        return _set_in_list(node, parts, at, value, problems)
    problems.append(Problem(*place, f"'{part}' cannot stand below {node.kind}{trail}"))
    return node


def _set_in_list(node: Node, parts: list[tuple[str, int]], at: int, value: Node, problems: list[Problem]) -> Node:
    assert isinstance(node.value, list)
    part, column = parts[at]
    place = (OPTION, 1, column)
    last = at + 1 == len(parts)

    def changed(inner: Node) -> list[Node]:
        if last:
            return [] if value.value is None else [_merged(inner, value, problems)]
        return [_set(inner, parts, at + 1, value, problems)]

    if part.isascii() and part.isdigit():
        if len(part) > 9 or int(part) >= len(node.value):
            count = len(node.value)
            problems.append(Problem(*place, f"no item {part} in a list of {count}", "items are counted from 0"))
            return node
        position = int(part)
        return replace(
            node, value=[*node.value[:position], *changed(node.value[position]), *node.value[position + 1 :]]
        )
    if not known_step(part, place, step_names(node), problems):
        return node

    def change(name: str, item: Node) -> list[Node]:
        if name != part:
            return [item]
        return [with_settings(name, item, settings) for settings in changed(settings_of(name, item))]

    return replace(node, value=rewritten(node.value, change))
