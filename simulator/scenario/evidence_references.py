"""Checks of evidence: its paths lead somewhere, and its ranges are of the same kind as the numbers they are for."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from simulator.errors import Problem, listed
from simulator.scenario.evidence import Covering
from simulator.scenario.hints import Hints
from simulator.scenario.quantities import Quantity, units_filled_in
from simulator.scenario.source import Node
from simulator.scenario.step_lists import step_names
from simulator.units import parse_span

Path = tuple[str, ...]
Parts: TypeAlias = "dict[str, Parts]"
"""The parts of a scenario by name, each with the parts in it."""
_MOST_TOLD = 100


@dataclass(frozen=True)
class Entry:
    """An entry of evidence as a file gives it."""

    path: str
    node: Node
    place: tuple[str, int, int]


def own_entries(evidence: Node | None, file: str) -> list[Entry]:
    """The entries that a file gives itself; what it inherits may speak of parts that it takes out."""
    if evidence is None or not isinstance(evidence.value, dict):
        return []
    return [
        Entry(path, node, evidence.keys[path])
        for path, node in evidence.value.items()
        if evidence.keys[path][0] == file and node.value is not None
    ]


def leading_nowhere(entries: Iterable[Entry], worlds: Iterable[Node]) -> list[Problem]:
    """Entries whose path matches nothing in any of the worlds of a file, the first of which is the one as stated."""
    left = list(entries)
    first: Parts | None = None
    for world in worlds if left else ():
        there = _parts_of(world)
        first = there if first is None else first
        left = [entry for entry in left if not _matching(there, entry.path.split("."))]
        if not left:
            break
    hints = Hints()
    return [_nowhere(entry, first or {}, hints) for entry in left[:_MOST_TOLD]]


def of_another_kind(entries: Iterable[Entry], world: Node) -> list[Problem]:
    """Entries whose range is of another kind (money, time, share, plain) than all the numbers that they cover."""
    evidence = world.at(["evidence"])
    told = list(evidence.value) if evidence is not None and isinstance(evidence.value, dict) else []
    covering: Covering[None] = Covering(dict.fromkeys(told))
    ranges = {entry.path: entry for entry in entries if _range_kind(entry)}
    if not ranges:
        return []
    kinds: dict[str, dict[str, str]] = {}
    for leaf, value in _leaves(world.plain(), ()):
        known = covering.of(leaf)
        if known is not None and known[0] in ranges:
            kinds.setdefault(known[0], {}).setdefault(_kind(value), str(value))
    problems = []
    for path, found in kinds.items():
        kind = _range_kind(ranges[path])
        node = ranges[path].node.at(["range"])
        if len(found) == 1 and "" not in found and kind not in found and node is not None:
            (wanted, example), *_ = found.items()
            said = f"evidence.{path}: its range is two {_SAID[kind][0]}, but '{example}' is {_SAID[wanted][1]}"
            problems.append(Problem(*node.place, said, f"give it in the unit of the value, such as '{example}'"))
    return problems


_SAID = {
    "number": ("plain numbers", "a plain number"),
    "fen": ("amounts of money", "an amount of money"),
    "share": ("shares", "a share"),
    "time": ("times", "a time"),
}
"""Each kind as a sentence calls several of it, and one."""


def _range_kind(entry: Entry) -> str:
    """The kind of an entry's range, or nothing where it has none that can be read."""
    ends = entry.node.at(["range"])
    if ends is None or not isinstance(ends.value, list):
        return ""
    kinds = {_kind(end.value) for end in ends.value}
    return kinds.pop() if len(kinds) == 1 else ""


def _kind(value: Any) -> str:
    """fen, share, number or time; nothing for what is none of them."""
    try:
        dimension = Quantity.parse(value).dimension
    except ValueError:
        try:
            parse_span(str(value))
        except ValueError:
            return ""
        return "time"
    return dimension if dimension in ("fen", "share", "number") else "time"


def _leaves(plain: Any, path: Path) -> Iterator[tuple[Path, Any]]:
    """Every number or text with its path, a part of a distribution with the unit that it takes from its last."""
    if isinstance(plain, dict):
        for key, value in plain.items():
            if path or key != "evidence":
                # A coefficient of variation has no unit, whatever it is of.
                yield from _leaves(value, (*path, str(key))) if key != "cv" else ()
    elif isinstance(plain, list):
        for place, item in _items(units_filled_in(plain)):
            yield from _leaves(item, (*path, *place))
    elif plain is not None and not isinstance(plain, bool) and any(character.isdigit() for character in str(plain)):
        yield path, plain


def _parts_of(world: Node) -> Parts:
    """Every part of a world, as evidence names it, whether or not it holds a number, below the one that it is in."""
    plain = world.plain()
    parts: Parts = {}
    _add_parts({key: value for key, value in plain.items() if key != "evidence"}, parts)
    for name, product in parts.get("products", {}).items():
        flow = world.at(["products", name, "flow"])
        for title in step_names(flow) if flow is not None and isinstance(flow.value, list) else ():
            product["flow"].setdefault(title, {})
    return parts


def _add_parts(plain: Any, parts: Parts) -> None:
    if isinstance(plain, dict):
        for key, value in plain.items():
            _add_parts(value, parts.setdefault(str(key), {}))
    elif isinstance(plain, list):
        _add_items(plain, parts, parts)


def _add_items(items: list[Any], parts: Parts, outermost: Parts) -> None:
    """Items of a list by their position and, steps, by their name, which means the step however deep it stands."""
    for number, (place, item) in enumerate(_items(items)):
        here = parts.setdefault(str(number), {})
        if place and not place[0].isdigit():
            here = outermost.setdefault(place[0], {})
            parts[place[0]] = here
        elif isinstance(item, str):
            outermost.setdefault(item, {})
        if isinstance(item, list):
            _add_items(item, here, outermost)
        elif isinstance(item, dict):
            for key, value in item.items():
                inner = here.setdefault(str(key), {})
                if not place:
                    # What is in an item is named with its position or without.
                    inner = here[str(key)] = parts.setdefault(str(key), inner)
                _add_items(value, inner, outermost) if isinstance(value, list) else _add_parts(value, inner)


def _matching(parts: Parts, names: Sequence[str]) -> list[Parts]:
    """The parts that a path of names means; `*` stands for any."""
    found = [parts]
    for name in names:
        if name == "*":
            found = [inner for each in found for inner in each.values()]
        else:
            found = [each[name] for each in found if name in each]
    return found


def _items(items: list[Any]) -> Iterator[tuple[Path, Any]]:
    """Items of a list with their part of a path: a step by its name, other mappings none, anything else its number."""
    for number, item in enumerate(items):
        if isinstance(item, dict) and len(item) == 1:
            (key, value), *_ = item.items()
            yield (str(key),), value
        else:
            yield () if isinstance(item, (dict, list)) else (str(number),), item


def _nowhere(entry: Entry, there: Parts, hints: Hints) -> Problem:
    """What an entry's path misses at its first part that matches nothing."""
    names = entry.path.split(".")
    known = next((depth for depth in range(len(names)) if not _matching(there, names[: depth + 1])), len(names) - 1)
    allowed = dict.fromkeys(name for each in _matching(there, names[:known]) for name in each if not name.isdigit())
    trail = f" in '{'.'.join(names[:known])}'" if known else ""
    found = f"evidence of '{entry.path}', but there is no '{names[known]}'{trail}"
    hint = hints.near(names[known], list(allowed))
    return Problem(*entry.place, found + hint, f"allowed here: {listed(allowed)}" if allowed else "")
