"""Turns what the typed model finds wrong into sentences with a place."""

from __future__ import annotations

import re
import types
import typing
from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from simulator.errors import Problem, did_you_mean, listed
from simulator.scenario.source import Node

_TAGS = ("step", "together", "choice")
_NEEDED = {
    "int_type": "a whole number",
    "int_from_float": "a whole number",
    "float_type": "a number",
    "string_type": "a text",
    "bool_type": "true or false",
    "list_type": "a list",
    "dict_type": "a mapping",
    "model_type": "a mapping",
    "model_attributes_type": "a mapping",
    "none_required": "nothing",
}
Location = tuple[int | str, ...]


def problems_of(error: ValidationError, root: Node, model: type[BaseModel]) -> list[Problem]:
    """Every mistake in `error` as a Problem at its place in the tree `root` that was checked against `model`."""
    problems = []
    for details in error.errors(include_url=False):
        problems.append(_problem(details, root, model))
    return problems


def locate(root: Node, location: Sequence[int | str]) -> tuple[Node, list[int | str]]:
    """The node at a location (as deep as it can be followed) and the path really walked."""
    node: Node = root
    walked: list[int | str] = []
    for part in location:
        if part in _TAGS and not (isinstance(node.value, dict) and part in node.value):
            continue
        child = _child(node, part)
        if child is None:
            break
        node = child
        walked.append(part)
    return node, walked


def _child(node: Node, part: int | str) -> Node | None:
    inner = node.value
    if isinstance(inner, dict):
        return inner.get(part) if isinstance(part, str) else None
    return inner[part] if isinstance(inner, list) and isinstance(part, int) and part < len(inner) else None


def place_of_key(root: Node, location: Sequence[int | str]) -> tuple[str, int, int]:
    """File, line and column of the key that ends a location."""
    parent, _ = locate(root, location[:-1])
    key = location[-1]
    if isinstance(parent.value, dict) and isinstance(key, str) and key in parent.keys:
        return parent.keys[key]
    return parent.file, parent.line, parent.column


def path_text(root: Node, location: Sequence[int | str]) -> str:
    """A location as its user names it: steps by their titles, no list positions of steps."""
    parts: list[str] = []
    node: Node | None = root
    for part in location:
        inner = node.value if node is not None else None
        if isinstance(inner, dict):
            if part in inner:
                node = inner[str(part)]
            elif part in _TAGS:
                continue
            else:
                node = None
            parts.append(str(part))
        elif isinstance(inner, list) and isinstance(part, int) and part < len(inner):
            node = inner[part]
            title = node.value.get("title") if isinstance(node.value, dict) else None
            parts.append(str(title.value) if title is not None else str(part + 1))
        elif part not in _TAGS:
            parts.append(str(part))
    return ".".join(parts)


def _problem(details: ErrorDetails, root: Node, model: type[BaseModel]) -> Problem:
    kind, location = details["type"], details["loc"]
    if kind == "extra_forbidden":
        return _unknown_key(location, root, model)
    node, _ = locate(root, location)
    if kind == "missing":
        place = locate(root, location[:-1])[0]
        where = path_text(root, location[:-1])
        what = _description(model, location)
        found = f"{where or 'the scenario'} needs '{location[-1]}'"
        return Problem(place.file, place.line, place.column, found, what)
    if location and location[-1] == "[key]":
        file, line, column = place_of_key(root, location[:-1])
        return Problem(file, line, column, _stripped(details["msg"]))
    where = path_text(root, location)
    if kind == "value_error":
        return Problem(node.file, node.line, node.column, f"{where}: {_stripped(details['msg'])}" if where else "")
    if kind in ("literal_error", "enum"):
        allowed = _literals(details)
        found = f"{where} is {_shown(node)}{did_you_mean(str(node.value), allowed)}"
        return Problem(node.file, node.line, node.column, found, "allowed here: " + ", ".join(allowed))
    if kind in _NEEDED:
        return Problem(node.file, node.line, node.column, f"{where} is {_shown(node)} where {_NEEDED[kind]} is needed")
    rule = _stripped(details["msg"])
    for long, short in (("Input should be", "must be"), ("should have", "must have")):
        rule = rule.replace(long, short)
    return Problem(node.file, node.line, node.column, f"{where} is {_shown(node)}: it {rule[0].lower()}{rule[1:]}")


def _unknown_key(location: Location, root: Node, model: type[BaseModel]) -> Problem:
    file, line, column = place_of_key(root, location)
    parent = model_at(model, location[:-1])
    allowed = field_names(parent) if parent is not None else []
    where = path_text(root, location[:-1])
    inside = f" in {where}" if where else ""
    found = f"unknown key '{location[-1]}'{inside}{did_you_mean(str(location[-1]), allowed)}"
    return Problem(file, line, column, found, f"allowed here: {listed(allowed, 40)}" if allowed else "")


def field_names(model: type[BaseModel]) -> list[str]:
    """Keys of a model as a file writes them."""
    return [field.alias or name for name, field in model.model_fields.items() if name != "title"]


def model_at(model: type[BaseModel], location: Sequence[int | str]) -> type[BaseModel] | None:
    """The model that a location inside `model` is checked against, or None where there is none."""
    current: Any = model
    for part in location:
        current = _descend(current, part)
        if current is None:
            return None
    return _as_model(current)


def _as_model(annotation: Any) -> type[BaseModel] | None:
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


def _descend(annotation: Any, part: int | str) -> Any:
    for option in _options(annotation):
        origin = typing.get_origin(option)
        if isinstance(option, type) and issubclass(option, BaseModel):
            for name, field in option.model_fields.items():
                if part in (name, field.alias):
                    return field.annotation
            if part == option.__name__.lower():
                return option
        elif origin is list and isinstance(part, int):
            return typing.get_args(option)[0]
        elif origin in (dict, Mapping) and isinstance(part, str):
            return typing.get_args(option)[1]
    return None


def _description(model: type[BaseModel], location: Location) -> str:
    parent = model_at(model, location[:-1])
    if parent is None:
        return ""
    for name, field in parent.model_fields.items():
        if location[-1] in (name, field.alias):
            return f"{location[-1]}: {field.description}" if field.description else ""
    return ""


def _literals(details: ErrorDetails) -> list[str]:
    return re.findall(r"'([^']*)'", str(details.get("ctx", {}).get("expected", "")))


def _shown(node: Node) -> str:
    value = node.value
    if isinstance(value, str):
        return f"'{value if len(value) <= 60 else value[:57] + '...'}'"
    if isinstance(value, (dict, list)):
        return "a mapping" if isinstance(value, dict) else "a list"
    if value is None:
        return "empty"
    return str(value).lower() if isinstance(value, bool) else str(value)


def _stripped(message: str) -> str:
    return message.removeprefix("Value error, ").removeprefix("Assertion failed, ")
