"""Places of a scenario's tree as the typed model names them: what stands there, in which words, under which model."""

from __future__ import annotations

import types
import typing
from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import BaseModel

from simulator.scenario.source import Node, Place

Location = tuple[int | str, ...]
TAGS = ("step", "together", "choice")
"""Parts of a location that say which alternative of a flow is meant, and stand in no file."""


def locate(root: Node, location: Sequence[int | str]) -> tuple[Node, list[int | str]]:
    """The node at a location (as deep as it can be followed) and the path really walked."""
    node: Node = root
    walked: list[int | str] = []
    for part in location:
        if part in TAGS and not (isinstance(node.value, dict) and part in node.value):
            continue
        inner = child(node, part)
        if inner is None:
            break
        node = inner
        walked.append(part)
    return node, walked


def child(node: Node, part: int | str) -> Node | None:
    """What stands at one part of a path, or None."""
    inner = node.value
    if isinstance(inner, dict):
        return inner.get(part) if isinstance(part, str) else None
    return inner[part] if isinstance(inner, list) and isinstance(part, int) and part < len(inner) else None


def place_of_key(root: Node, location: Sequence[int | str]) -> Place:
    """File, line and column of the key that ends a location."""
    parent, _ = locate(root, location[:-1])
    key = location[-1]
    if isinstance(parent.value, dict) and isinstance(key, str) and key in parent.keys:
        return parent.keys[key]
    return parent.file, parent.line, parent.column


def place_of_value(root: Node, walked: Sequence[int | str]) -> Place:
    """Where a value is said to stand: a mapping or list at its key, which is easier to find than its first entry.

    Where another file changed something inside it, there: what its base says has been found good before.
    """
    node, path = locate(root, walked)
    if not isinstance(node.value, (dict, list)) or not path or not isinstance(path[-1], str):
        return node.place
    place = place_of_key(root, path)
    waiting = [node]
    while waiting:
        inner = waiting.pop()
        if isinstance(inner.value, dict):
            changed = next((each for each in inner.keys.values() if each[0] != place[0]), None)
            if changed is not None:
                return changed
            waiting.extend(inner.value.values())
    return place


def path_text(root: Node, location: Sequence[int | str]) -> str:
    """A location as its user names it: steps by their titles alone, however deep they stand in their flow."""
    parts: list[str] = []
    node: Node | None = root
    for part in location:
        inner = node.value if node is not None else None
        if isinstance(inner, dict):
            if part in inner:
                node = inner[str(part)]
            elif part in TAGS:
                continue
            else:
                node = None
            parts.append(str(part))
        elif isinstance(inner, list) and isinstance(part, int) and part < len(inner):
            node = inner[part]
            title = node.value.get("title") if isinstance(node.value, dict) else None
            in_flow = parts[:1] == ["products"] and parts[2:3] == ["flow"]
            if in_flow and title is not None:
                parts[3:] = [str(title.value)]
            elif not in_flow:
                parts.append(str(part))
        elif part not in TAGS:
            parts.append(str(part))
    return ".".join(parts)


def field_names(model: type[BaseModel]) -> list[str]:
    """Keys of a model as a file writes them; a step's title is its name and no key."""
    keys = [field.alias or name for name, field in model.model_fields.items()]
    return [key for key in keys if key != "title"] if model.__name__ == "Step" else keys


def model_at(model: type[BaseModel], location: Sequence[int | str]) -> type[BaseModel] | None:
    """The model that a location inside `model` is checked against, or None where there is none."""
    current: Any = model
    for part in location:
        current = descend(current, part)
        if current is None:
            return None
    return as_model(current)


def as_model(annotation: Any) -> type[BaseModel] | None:
    """The first model among the alternatives of an annotation."""
    for option in _options(annotation):
        if isinstance(option, type) and issubclass(option, BaseModel):
            return option
    return None


def _options(annotation: Any) -> list[Any]:
    """The alternatives of an annotation, stripped of Annotated and Optional."""
    origin = typing.get_origin(annotation)
    if origin is typing.Annotated:
        return _options(typing.get_args(annotation)[0])
    if origin in (typing.Union, types.UnionType):
        return [each for option in typing.get_args(annotation) for each in _options(option)]
    return [annotation]


def descend(annotation: Any, part: int | str) -> Any:
    """The annotation of a part of what an annotation describes; of the alternatives of a flow, the one so tagged."""
    options = _options(annotation)
    tagged = [option for option in options if getattr(option, "__name__", "").lower() == part]
    if part in TAGS and tagged and len(options) > 1:
        return tagged[0]
    for option in options:
        origin = typing.get_origin(option)
        if isinstance(option, type) and issubclass(option, BaseModel):
            for name, field in option.model_fields.items():
                if part in (name, field.alias):
                    return field.annotation
        elif origin is list and isinstance(part, int):
            return typing.get_args(option)[0]
        elif origin in (dict, Mapping) and isinstance(part, str):
            return typing.get_args(option)[1]
    return None
