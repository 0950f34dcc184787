"""Turns what the typed model finds wrong into sentences with a place."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from simulator.errors import Problem, listed
from simulator.scenario.hints import Hints
from simulator.scenario.locations import (
    Location,
    field_names,
    locate,
    model_at,
    path_text,
    place_of_key,
    place_of_value,
)
from simulator.scenario.source import Node

_NEEDED = {
    "int_type": "a whole number",
    "int_from_float": "a whole number",
    "float_type": "a number",
    "finite_number": "a number",
    "string_type": "a text",
    "bool_type": "true or false",
    "list_type": "a list",
    "dict_type": "a mapping",
    "model_type": "a mapping",
    "model_attributes_type": "a mapping",
    "date_type": "a date such as 2021-09-17",
    "datetime_type": "a moment such as 2021-09-17 15:00",
    "none_required": "nothing",
}
_LIMITS = {
    "greater_than_equal": ("at least", "ge"),
    "greater_than": ("above", "gt"),
    "less_than_equal": ("at most", "le"),
    "less_than": ("below", "lt"),
}
_SIZES = {
    "too_short": ("needs at least", "min_length", "entries"),
    "too_long": ("may have at most", "max_length", "entries"),
    "string_too_short": ("needs at least", "min_length", "characters"),
    "string_too_long": ("may have at most", "max_length", "characters"),
}
MOST_ERRORS = 1_000
"""Errors that are looked at; a file with more has something wrong with it as a whole."""
_OF_FILES = ("extends", "variants")
"""Keys of a file that the typed model does not know: they are worked in before."""


def problems_of(
    error: ValidationError, root: Node, model: type[BaseModel], *, complete: bool = True
) -> list[Problem]:
    """Every mistake in `error` as a Problem at its place in the tree `root` that was checked against `model`.

    One for each place: the alternatives of a value that may be one thing or another are told together, and a setting of
    `stages` that several steps inherit is told once. Unless `complete`, nothing is called missing.
    """
    hints = Hints()
    by_path: dict[tuple[int | str, ...], list[ErrorDetails]] = {}
    details = error.errors(include_url=False, include_input=False)[:MOST_ERRORS]
    misspelt = _misspelt(details, root, model)
    for each in details:
        if each["type"] == "missing":
            if not complete or each["loc"] in misspelt:
                continue
            path = each["loc"]
        elif each["type"] == "extra_forbidden":
            path = each["loc"]
        else:
            path = tuple(locate(root, each["loc"])[1])
        by_path.setdefault(path, []).append(each)
    told: dict[tuple[str, int, int, str], Problem] = {}
    for group in by_path.values():
        chosen = next((each for each in group if each["type"] == "value_error"), group[0])
        words = [word for each in group if each["type"] == "literal_error" for word in _literals(each)]
        problem, sentence = _problem(chosen, root, model, hints, [] if chosen["type"] == "literal_error" else words)
        told.setdefault((problem.file, problem.line, problem.column, sentence), problem)
    return list(told.values())


def _misspelt(details: Sequence[ErrorDetails], root: Node, model: type[BaseModel]) -> set[Location]:
    """Locations of missing keys that stand there in another spelling, which is told as an unknown key."""
    missing = {each["loc"] for each in details if each["type"] == "missing"}
    incomplete = {location[:-1] for location in missing}
    hints = Hints()
    found: set[Location] = set()
    for each in details:
        *inside, key = each["loc"] or ("",)
        if each["type"] == "extra_forbidden" and tuple(inside) in incomplete:
            found.add((*inside, hints.nearest(str(key), _keys_at(root, tuple(inside), model)) or ""))
    return found & missing


def _problem(
    details: ErrorDetails, root: Node, model: type[BaseModel], hints: Hints, words: Sequence[str]
) -> tuple[Problem, str]:
    """The problem, and its sentence without the path; `words` are texts that the value may be as well."""
    kind, location = details["type"], details["loc"]
    if kind == "extra_forbidden":
        return _unknown_key(location, root, model, hints)
    if kind == "missing":
        where = path_text(root, location[:-1])
        sentence = f"needs '{location[-1]}'"
        problem = Problem(
            *place_of_value(root, location[:-1]), f"{where or 'the scenario'} {sentence}", _description(model, location)
        )
        return problem, sentence
    node, walked = locate(root, location)
    where = path_text(root, walked)
    if location and location[-1] == "[key]":
        return _wrong_key(details, root, hints)
    if kind == "value_error":
        sentence, allowed = _advice(_stripped(details["msg"]) + (f", or {_either(words)}" if words else ""))
        if sentence.startswith("odds sum to"):
            sentence, allowed = _with_words_of_the_base(sentence, allowed, node, place_of_value(root, walked)[0])
        return Problem(*place_of_value(root, walked), f"{where}: {sentence}" if where else sentence, allowed), sentence
    sentence, allowed = _sentence(details, node, words, hints)
    return Problem(*place_of_value(root, walked), f"{where} {sentence}", allowed), sentence


def _with_words_of_the_base(sentence: str, allowed: str, odds: Node, file: str) -> tuple[str, str]:
    """What is wrong with odds, and which of them were merged in from a file below this one."""
    inner = odds.value if isinstance(odds.value, dict) else {}
    theirs = [f"{word} {node.value}" for word, node in inner.items() if node.file != file]
    if not theirs or len(theirs) == len(inner):
        return sentence, allowed
    more = f" and {len(theirs) - 10} more" if len(theirs) > 10 else ""
    told = f"{sentence} (the base's: {', '.join(theirs[:10])}{more})"
    return told, "take one of the base's out with 'NAME: null'"


def _sentence(details: ErrorDetails, node: Node, words: Sequence[str], hints: Hints) -> tuple[str, str]:
    """What is wrong with a value of the wrong type or out of its limits, and what is allowed."""
    kind = details["type"]
    if kind in ("literal_error", "enum"):
        options = _literals(details)
        return f"is {_shown(node)}{hints.near(str(node.value), options)}", "allowed here: " + ", ".join(options)
    if kind in _NEEDED:
        needed = _NEEDED[kind] + (f" or {_either(words)}" if words else "")
        number = isinstance(node.value, str) and re.fullmatch(r"[0-9.]+", node.value) and "number" in needed
        return f"is {_shown(node)} where {needed} is needed", "write it without quotes" if number else ""
    if kind in _LIMITS:
        limit, key = _LIMITS[kind]
        return f"is {_shown(node)}; it must be {limit} {_number(details['ctx'][key])}", ""
    if kind in _SIZES:
        limit, key, what = _SIZES[kind]
        held = len(node.value) if isinstance(node.value, (str, list, dict)) else 0
        one = {"entries": "entry", "characters": "character"}[what]
        return f"has {_number(held)} {one if held == 1 else what}; it {limit} {_number(details['ctx'][key])}", ""
    rule = _stripped(details["msg"]).replace("Input should be", "must be")
    return f"is {_shown(node)}: it {rule[0].lower()}{rule[1:]}", ""


def _advice(message: str) -> tuple[str, str]:
    """A rule's message, parted into what was found and what is allowed."""
    for sign, opening in (("; write ", "write "), ("; allowed: ", "allowed here: ")):
        found, parted, rest = message.rpartition(sign)
        if parted:
            return found, opening + rest
    return message, ""


def _either(words: Sequence[str]) -> str:
    return " or ".join(f"'{word}'" for word in words)


def _number(value: Any) -> str:
    if isinstance(value, float) and not (value.is_integer() and abs(value) < 1e15):
        return f"{value:g}"
    if not isinstance(value, (int, float)):
        return str(value)
    return f"{int(value):,}" if abs(value) >= 10_000 else str(int(value))


def _wrong_key(details: ErrorDetails, root: Node, hints: Hints) -> tuple[Problem, str]:
    location = details["loc"][:-1]
    place = place_of_key(root, location)
    key = str(location[-1])
    inside = path_text(root, location[:-1])
    if details["type"] == "literal_error":
        options = _literals(details)
        sentence = f"unknown key '{key}'" + (f" in {inside}" if inside else "") + hints.near(key, options)
        return Problem(*place, sentence, "allowed here: " + ", ".join(options)), sentence
    rule, allowed = _advice(_stripped(details["msg"]))
    shown = key if len(key) <= 60 else key[:57] + "..."
    sentence = f"{f'{inside}: ' if inside else ''}the key '{shown}': {rule}"
    return Problem(*place, sentence, allowed), sentence


def _unknown_key(location: Location, root: Node, model: type[BaseModel], hints: Hints) -> tuple[Problem, str]:
    allowed = _keys_at(root, location[:-1], model)
    where = path_text(root, location[:-1])
    key = f"unknown key '{location[-1]}'"
    hint = hints.near(str(location[-1]), allowed)
    found = f"{key}{f' in {where}' if where else ''}{hint}"
    told = f"allowed here: {listed(allowed, 40)}" if allowed else ""
    return Problem(*place_of_key(root, location), found, told), key


def _keys_at(root: Node, location: Location, model: type[BaseModel]) -> list[str]:
    parent = model_at(model, location)
    names = field_names(parent) if parent is not None else []
    return names if location else [*names, *_OF_FILES]


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
    return str(value).lower() if isinstance(value, bool) else _number(value)


def _stripped(message: str) -> str:
    return message.removeprefix("Value error, ").removeprefix("Assertion failed, ")
