"""What can still be checked of a scenario that has mistakes, without blaming what only follows from them.

Parts that the typed model refuses are left out, so that the checks across parts can look at the rest. What was left out
is in doubt: a name that it may have defined is not called unknown, a step that lost its time is not said to have none.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from simulator.scenario.applicants import Applicants
from simulator.scenario.flow import Choice, Stage, Step, Together, Way
from simulator.scenario.hints import Hints
from simulator.scenario.locations import TAGS, as_model, child, descend, field_names
from simulator.scenario.messages import MOST_ERRORS
from simulator.scenario.model import Product, Scenario
from simulator.scenario.parties import Party
from simulator.scenario.pricing import Price
from simulator.scenario.source import Node, Place

Path = tuple[str | int, ...]

_IN_PARTS: tuple[type[BaseModel], ...] = (
    Scenario, Party, Stage, Step, Together, Way, Choice, Applicants, Product, Price,
)  # fmt: skip
"""Models of which one key can be left out; of any other, the whole is."""
_STAND_INS: dict[type[BaseModel], dict[str, Any]] = {
    Scenario: {"id": "?", "name": "?"},
    Applicants: {"arrivals": {"per_working_day": 1}, "population": {}},
    Product: {"tenor": "12 months", "flow": [{"title": "drawdown"}], "risk_sharing": {"split": {"?": "rest"}}},
}
"""What stands for a key that cannot be left out."""
_MOST_ROUNDS = 12


@dataclass
class Doubt:
    """What a scenario's mistakes leave unknown: names that may be defined, and keys that are not there any more."""

    names: dict[str, set[str]] = field(default_factory=dict)
    """Names that may be defined in what was left out, by the section of the file it stood in."""
    keys: set[tuple[Place, str]] = field(default_factory=set)
    """Place of a mapping, and the key that it lost; `[]` for an item of a list."""

    def leave_out(self, section: str, parent: Node, key: str | int, part: Node | None) -> None:
        """Note that a part of a section is left out of its parent, and with it every name in it."""
        self.keys.add((parent.place, key if isinstance(key, str) else "[]"))
        names = self.names.setdefault(section, set())
        if isinstance(key, str):
            names.add(key)
        waiting = [part] if part is not None else []
        while waiting:
            node = waiting.pop()
            if isinstance(node.value, dict):
                names.update(node.value)
                title = node.value.get("title")
                if title is not None and isinstance(title.value, str):
                    names.add(title.value)
                waiting.extend(node.value.values())
            elif isinstance(node.value, list):
                waiting.extend(node.value)
                names.update(item.value for item in node.value if isinstance(item.value, str))

    def covers(self, name: str, section: str) -> bool:
        """Whether a name, or one of the two names of a desk, may be defined in what a section lost."""
        names = self.names.get(section, set()) | self.names.get("", set())
        if name in names or not names:
            return bool(names)
        words = name.split(" ")
        return any(" ".join(words[:cut]) in names or " ".join(words[cut:]) in names for cut in range(1, len(words)))


def sound_part(tree: Node, error: ValidationError, doubt: Doubt) -> tuple[Scenario | None, Node]:
    """The scenario without the parts that are wrong, its tree, and what that leaves in doubt (added to `doubt`)."""
    for _ in range(_MOST_ROUNDS):
        if error.error_count() > MOST_ERRORS:
            break
        smaller = _without(tree, error.errors(include_url=False, include_input=False), doubt)
        if smaller is None:
            break
        tree = smaller
        try:
            return Scenario.model_validate(tree.plain()), tree
        except ValidationError as another:
            error = another
    return None, tree


def _without(tree: Node, errors: Iterable[ErrorDetails], doubt: Doubt) -> Node | None:
    cuts: set[Path] = set()
    hints = Hints()
    for details in errors:
        path, model = _walked(tree, details["loc"])
        key = details["loc"][-1] if details["loc"] else ""
        if details["type"] == "missing" and model in _STAND_INS and key in _STAND_INS[model]:
            path = (*path, key)
        elif details["type"] == "extra_forbidden" and model in _IN_PARTS:
            _note_misspelt(tree, path, hints.nearest(str(key), field_names(model)), doubt)
        if not path:
            return None
        cuts.add(path)
    return _cut(tree, cuts, Scenario, doubt, "")


def _walked(tree: Node, location: Sequence[str | int]) -> tuple[Path, type[BaseModel] | None]:
    """The path of the part to leave out for an error at a location, and the model of which it is a key."""
    node, annotation = tree, Scenario
    path: list[str | int] = []
    model: type[BaseModel] | None = Scenario
    for part in location:
        inner = node.value
        if part in TAGS and not (isinstance(inner, dict) and part in inner):
            annotation = descend(annotation, part) or annotation
            continue
        below_it = child(node, part)
        if below_it is None:
            break
        model = as_model(annotation)
        node = below_it
        annotation = descend(annotation, part)
        path.append(part)
        below = as_model(annotation)
        if below is not None and below not in _IN_PARTS:
            break
    else:
        return tuple(path), model
    return tuple(path), as_model(annotation)


def _note_misspelt(tree: Node, path: Path, meant: str | None, doubt: Doubt) -> None:
    """A key that looks like another one, which is absent, leaves that one in doubt."""
    parent = tree.at(path[:-1])
    if parent is not None and isinstance(parent.value, dict) and meant is not None and meant not in parent.value:
        doubt.keys.add((parent.place, meant))


def _cut(node: Node, cuts: set[Path], annotation: Any, doubt: Doubt, section: str) -> Node:
    """The node without what lies at the paths; what cannot be left out is replaced."""
    gone = {path[0] for path in cuts if len(path) == 1}
    inner = {path[0] for path in cuts if len(path) > 1} - gone

    def below(key: str | int, part: Node) -> Node:
        if key not in inner:
            return part
        deeper = {path[1:] for path in cuts if path[0] == key}
        return _cut(part, deeper, descend(annotation, key), doubt, section or str(key))

    if isinstance(node.value, list):
        for number in gone:
            assert isinstance(number, int)
            doubt.leave_out(section, node, number, node.value[number])
        kept = [below(number, part) for number, part in enumerate(node.value) if number not in gone]
        return replace(node, value=kept)
    assert isinstance(node.value, dict)
    model = as_model(annotation)
    stand_ins = _STAND_INS.get(model, {}) if model is not None else {}
    value: dict[str, Node] = {}
    for key, part in node.value.items():
        if key not in gone:
            value[key] = below(key, part)
    for each in gone:
        key = str(each)
        # Of a section that is called by a wrong name nobody knows which one it is.
        of = section or (key if key in Scenario.model_fields else "")
        doubt.leave_out(of, node, key, node.value.get(key))
        if key in stand_ins:
            value[key] = _stand_in(stand_ins[key], node)
    return replace(node, value=value, keys={key: place for key, place in node.keys.items() if key in value})


def _stand_in(plain: Any, parent: Node) -> Node:
    if isinstance(plain, dict):
        value = {key: _stand_in(each, parent) for key, each in plain.items()}
        return Node(*parent.place, value, dict.fromkeys(value, parent.place))
    if isinstance(plain, list):
        return Node(*parent.place, [_stand_in(each, parent) for each in plain])
    return Node(*parent.place, plain)
