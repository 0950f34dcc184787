"""Edits of a flow by its steps' names: `remove`, `replace` and `insert`."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import replace

from simulator.errors import Problem, did_you_mean, listed
from simulator.scenario.source import MAX_DEPTH, Node, Place
from simulator.scenario.step_lists import (
    branch_items,
    is_block,
    named_steps,
    place_of_name,
    rewritten,
    settings_of,
    step_name,
    step_names,
    with_settings,
)

EDITS = ("remove", "replace", "insert")
MAX_INSERTIONS = 200
MAX_STEPS = 1_000
NO_DEEPER = f"nested more than {MAX_DEPTH} levels deep"

# Looking for near spellings costs time by the length of both words and the number of names.
_MOST_HINTS, _MOST_NAMES, _LONGEST_NAME = 50, 1_000, 100
_INSERT_KEYS = ("after", "before", "steps")
_INSERT_FORM = "write 'insert: {after: NAME, steps: [NAME, NAME]}', or 'before: NAME'"
Merging = Callable[[Node, Node, list[Problem]], Node]


def is_edit(change: Node) -> bool:
    """Whether a mapping says nothing but how to edit a list."""
    return isinstance(change.value, dict) and bool(change.value) and all(key in EDITS for key in change.value)


def is_step_list(node: Node) -> bool:
    """Whether a list holds steps, so that a mapping laid over it names steps to change."""
    items = branch_items(node)
    return bool(items) and all(step_name(item) is not None or is_block(item) for item in items)


def as_edit(change: Node) -> Node:
    """A change to a list of steps with `valuation: {...}` written out as `replace: {valuation: {...}}`."""
    assert isinstance(change.value, dict)
    named = {key: node for key, node in change.value.items() if key not in EDITS}
    if not named:
        return change
    edits = {key: node for key, node in change.value.items() if key in EDITS}
    given = edits.get("replace")
    steps, keys = dict(named), {key: change.keys[key] for key in named}
    if given is not None and isinstance(given.value, dict):
        steps, keys = {**given.value, **named}, {**given.keys, **keys}
    edits["replace"] = replace(change, value=steps, keys=keys)
    return replace(change, value=edits, keys={**change.keys, "replace": change.keys[next(iter(named))]})


def edit_steps(base: Node, edit: Node, merging: Merging, problems: list[Problem]) -> Node:
    """A list of steps after `remove`, then `replace`, then `insert`; `merging` lays new settings over old ones."""
    assert isinstance(edit.value, dict)
    for item in branch_items(base):
        if step_name(item) is None and not is_block(item):
            found = (
                f"remove, replace and insert change a list of steps, but {item.kind} at {told(item.place)} is no step"
            )
            problems.append(Problem(*edit.place, found, "a step is its name, or its name with settings indented below"))
            return base
    if not _short_enough(base, edit.place, problems):
        return base
    if "remove" in edit.value:
        base = _remove(base, edit.value["remove"], problems)
    if "replace" in edit.value:
        base = _replace(base, edit.value["replace"], merging, problems)
    return _insert(base, edit.value["insert"], problems) if "insert" in edit.value else base


def told(place: Place) -> str:
    """A place as messages name it."""
    return "{}:{}:{}".format(*place)


def tell_unknown(word: str, found: str, place: Place, names: Collection[str], problems: list[Problem]) -> None:
    """A name that is none of `names`, with the nearest of them and all that are allowed."""
    hint = allowed = ""
    if len(problems) < _MOST_HINTS and len(names) <= _MOST_NAMES:
        shorter = [name for name in names if len(name) <= _LONGEST_NAME]
        hint = did_you_mean(word, shorter) if len(word) <= _LONGEST_NAME else ""
        allowed = f"allowed here: {listed(set(shorter))}" if shorter else ""
    problems.append(Problem(*place, found + hint, allowed))


def known_step(name: str, place: Place, names: Collection[str], problems: list[Problem]) -> bool:
    """Whether a step has this name; told when none has."""
    if name not in names:
        tell_unknown(name, f"no step '{name}' here", place, names, problems)
        return False
    return True


def deeper_than(node: Node, levels: int) -> bool:
    """Whether mappings and lists are nested more than so many levels."""
    waiting = [(node, 1)]
    while waiting:
        each, depth = waiting.pop()
        if isinstance(each.value, (dict, list)):
            if depth > levels:
                return True
            inner = each.value.values() if isinstance(each.value, dict) else each.value
            waiting.extend((child, depth + 1) for child in inner)
    return False


def _short_enough(steps: Node, place: Place, problems: list[Problem]) -> bool:
    count = len(step_names(steps))
    if count > MAX_STEPS:
        problems.append(Problem(*place, f"a list of {count:,} steps cannot be edited", f"at most {MAX_STEPS:,} steps"))
    return count <= MAX_STEPS


def _remove(base: Node, wanted: Node, problems: list[Problem]) -> Node:
    names, going = set(step_names(base)), set()
    for each in wanted.value if isinstance(wanted.value, list) else [wanted]:
        if not isinstance(each.value, str):
            form = "write 'remove: NAME' or 'remove: [NAME, NAME]'"
            problems.append(Problem(*each.place, f"remove takes names of steps, not {each.kind}", form))
        elif known_step(each.value, each.place, names, problems):
            going.add(each.value)
    return replace(base, value=rewritten(branch_items(base), lambda name, item: [] if name in going else [item]))


def _replace(base: Node, wanted: Node, merging: Merging, problems: list[Problem]) -> Node:
    if not isinstance(wanted.value, dict):
        form = "write 'replace: {NAME: {work: 2 h}}'"
        problems.append(Problem(*wanted.place, f"replace takes steps with their new settings, not {wanted.kind}", form))
        return base
    names = set(step_names(base))
    new = {name: node for name, node in wanted.value.items() if known_step(name, wanted.keys[name], names, problems)}

    def change(name: str, item: Node) -> list[Node]:
        if name not in new:
            return [item]
        if new[name].value is None:
            return []
        return [with_settings(name, item, merging(settings_of(name, item), new[name], problems))]

    return replace(base, value=rewritten(branch_items(base), change))


def _insert(base: Node, wanted: Node, problems: list[Problem]) -> Node:
    several = wanted.value if isinstance(wanted.value, list) else [wanted]
    if len(several) > MAX_INSERTIONS:
        problems.append(Problem(*wanted.place, f"{len(several):,} insertions in one list", f"at most {MAX_INSERTIONS}"))
        return base
    for each in several:
        side, anchor, steps = _insertion(each, problems)
        if anchor is None or steps is None or not _fits(base, anchor, steps, problems):
            continue
        new = branch_items(steps)
        changed = _beside(base, str(anchor.value), [] if side == "after" else new, new if side == "after" else [])
        if deeper_than(changed, MAX_DEPTH):
            problems.append(Problem(*each.place, NO_DEEPER))
            break
        if not _short_enough(changed, each.place, problems):
            break
        base = changed
    return base


def _beside(base: Node, anchor: str, before: list[Node], after: list[Node]) -> Node:
    """The list with steps put right before and after a named one."""
    around = rewritten(branch_items(base), lambda name, item: [*before, item, *after] if name == anchor else [item])
    return replace(base, value=around)


def _insertion(wanted: Node, problems: list[Problem]) -> tuple[str, Node | None, Node | None]:
    """Side, named step and new steps of one insertion; None for what is missing or wrong, which is told."""
    parts = wanted.value
    if not isinstance(parts, dict):
        problems.append(Problem(*wanted.place, f"insert takes a place and steps, not {wanted.kind}", _INSERT_FORM))
        return "", None, None
    before = len(problems)
    for key in parts:
        if key not in _INSERT_KEYS:
            tell_unknown(key, f"unknown key '{key}' in insert", wanted.keys[key], _INSERT_KEYS, problems)
    sides = [key for key in ("after", "before") if key in parts]
    if len(sides) > 1:
        problems.append(Problem(*wanted.keys[sides[1]], "insert has both 'after' and 'before'", _INSERT_FORM))
    if len(problems) == before and not sides:
        problems.append(Problem(*wanted.place, "insert does not say after or before which step", _INSERT_FORM))
    if len(problems) == before and "steps" not in parts:
        problems.append(Problem(*wanted.place, "insert has no steps", _INSERT_FORM))
    if len(problems) > before:
        return "", None, None
    anchor, steps = parts[sides[0]], parts["steps"]
    if not isinstance(anchor.value, str):
        problems.append(Problem(*anchor.place, f"{sides[0]} takes the name of a step, not {anchor.kind}", _INSERT_FORM))
        return "", None, None
    if not isinstance(steps.value, list):
        problems.append(Problem(*steps.place, f"steps is {steps.kind}, not a list", _INSERT_FORM))
        return "", None, None
    return sides[0], anchor, steps


def _fits(base: Node, anchor: Node, steps: Node, problems: list[Problem]) -> bool:
    """Whether the named step exists, and all new ones are steps whose names are not taken."""
    before = len(problems)
    there = {name: place_of_name(item) for name, item in named_steps(branch_items(base))}
    known_step(str(anchor.value), anchor.place, there, problems)
    for item in branch_items(steps):
        if step_name(item) is None and not is_block(item):
            found = f"{item.kind} stands here where a step is needed"
            problems.append(Problem(*item.place, found, "a step is its name, or its name with settings indented below"))
    for name, item in named_steps(branch_items(steps)):
        place = place_of_name(item)
        if name in there:
            found = f"a step '{name}' stands already at {told(there[name])}"
            problems.append(Problem(*place, found, "names of steps are unique in a flow"))
        there.setdefault(name, place)
    return len(problems) == before
