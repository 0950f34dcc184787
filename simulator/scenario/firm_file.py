"""A firm described in a file of its own, for finding the products it may have."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from math import inf
from pathlib import Path

from pydantic import Field, ValidationError

from simulator.errors import Problem, ScenarioError
from simulator.scenario.applicant_references import mismatch
from simulator.scenario.applicants import quantity_in_words
from simulator.scenario.attributes import Attribute, lowest_values
from simulator.scenario.checker import Checker
from simulator.scenario.hints import Hints
from simulator.scenario.messages import problems_of
from simulator.scenario.names import Name, Text
from simulator.scenario.quantities import Model, Quantity, QuantityField
from simulator.scenario.source import Node, parse_file
from simulator.units import MONEY_FORM, SHARE_FORM

Told = dict[Name, bool | QuantityField | str]
KEYS = ("name", "firm")
FORM = "a firm's file holds 'firm:' with properties such as 'annual_sales: 15m CNY', and perhaps 'name:'"
LEAST_DIFFERENCE = 0.01
"""From which a sum or a ratio disagrees with its parts; people round what they tell."""
_HOW = {
    "money": f"write {MONEY_FORM}",
    "share": f"write {SHARE_FORM}",
    "ratio": f"write {SHARE_FORM}",
    "count": "write a plain number such as 3",
    "yes/no": "write true or false, or yes or no",
}
_YES_NO = {"yes": True, "no": False}


class FirmFile(Model):
    """A firm: what is told of it; all else is left open."""

    name: Text | None = Field(None, description="Name shown; by default that of the file")
    firm: Told = Field(description="Its properties, as in 'applicants.population'")


def is_firm_file(reference: str) -> bool:
    """Whether a reference means a file, and not the name of an example firm."""
    try:
        return reference.lower().endswith((".yaml", ".yml")) or Path(reference).is_file()
    except (OSError, ValueError):
        return False


def read_firm(path: str, populations: Sequence[Mapping[str, Attribute]]) -> FirmFile:
    """A firm's file, its properties checked against those that firms of the populations have; the first counts most.

    ScenarioError with every mistake at its place.
    """
    try:
        tree = parse_file(path, path)
    except ScenarioError as error:
        if any(problem.found == "the file is empty" for problem in error.problems):
            raise ScenarioError([Problem(path, 0, 0, "the file is empty", FORM)]) from None
        raise
    return firm_of_tree(tree, populations)


def firm_of_tree(tree: Node, populations: Sequence[Mapping[str, Attribute]]) -> FirmFile:
    """The same of a tree that has been read, or made of data."""
    problems = _outside_the_firm(tree)
    if not isinstance(tree.value, dict) or "firm" not in tree.value:
        raise ScenarioError(problems)
    read = _sound_part(tree, problems)
    check = Checker(tree)
    firm = _with_yes_and_no(read.firm, populations) if read is not None else {}
    for name, value in firm.items():
        if _check_property(name, value, populations, check):
            _check_parts(name, firm, populations, check)
    problems += check.problems
    if problems or read is None:
        raise ScenarioError(problems)
    return read.model_copy(update={"firm": firm})


def _with_yes_and_no(told: Told, populations: Sequence[Mapping[str, Attribute]]) -> Told:
    """What is told, with the words yes and no of yes/no properties as true and false."""
    yes_no = {name for name in told if any(attribute.kind == "yes/no" for attribute in _having(name, populations))}
    return {
        name: _YES_NO.get(value.casefold(), value) if name in yes_no and isinstance(value, str) else value
        for name, value in told.items()
    }


def _having(name: str, populations: Sequence[Mapping[str, Attribute]]) -> list[Attribute]:
    return [population[name] for population in populations if name in population]


def _sound_part(tree: Node, problems: list[Problem]) -> FirmFile | None:
    """What can be read of a file, so that every mistake is told at once; None where nothing can."""
    plain = {key: value for key, value in tree.plain().items() if key in KEYS}
    try:
        return FirmFile.model_validate(plain)
    except ValidationError as error:
        own = {key: node for key, node in tree.value.items() if key in KEYS} if isinstance(tree.value, dict) else {}
        problems += problems_of(error, replace(tree, value=own), FirmFile)
        wrong = {each["loc"][:2] for each in error.errors()}
    if not isinstance(plain["firm"], dict):
        return None
    return FirmFile(firm={name: value for name, value in plain["firm"].items() if ("firm", name) not in wrong})


def _outside_the_firm(tree: Node) -> list[Problem]:
    """What is wrong with the file as a whole."""
    if not isinstance(tree.value, dict):
        return [Problem(*tree.place, f"a firm's file is a mapping, not {tree.kind}", FORM)]
    hints = Hints()
    wrong = [key for key in tree.value if key not in KEYS]
    near = {key: hints.nearest(key, KEYS) for key in wrong}
    said = {key: f"; did you mean '{each}'?" if each else "" for key, each in near.items()}
    problems = [
        Problem(*tree.keys[key], f"unknown key '{key}' in a firm's file{said[key]}", f"allowed here: {', '.join(KEYS)}")
        for key in wrong
    ]
    if "firm" not in tree.value and "firm" not in near.values():
        problems.append(Problem(*tree.place, "a firm's file needs 'firm'", FORM))
    return problems


def _check_property(name: str, value: object, populations: Sequence[Mapping[str, Attribute]], check: Checker) -> bool:
    """Whether a property is known, and its value one that it can have."""
    known = list(dict.fromkeys(each for population in populations for each in population))
    if not check.known(("firm", name), name, known, "property", at_key=True):
        return False
    having = _having(name, populations)
    found = [mismatch(attribute, value, of_ratio=True) for attribute in having]
    if None in found:
        impossible = _impossible(name, value, populations) if isinstance(value, Quantity) else None
        if impossible is not None:
            check.add(("firm", name), *impossible)
        return impossible is None
    shown = f", not '{value}'" if isinstance(value, str) and having[0].kind != "words" else ""
    check.add(("firm", name), f"{name} {found[0]}{shown}", _HOW.get(having[0].kind, ""))
    return False


def _impossible(
    name: str, value: Quantity, populations: Sequence[Mapping[str, Attribute]]
) -> tuple[str, str] | None:
    """Why no firm of any population has this value, and what is allowed; None where one may."""
    attribute = _having(name, populations)[0]
    shown = quantity_in_words(value)
    if attribute.kind == "count" and value.value != round(value.value):
        return f"{name} is a whole number, not {shown}", "write a plain number such as 3"
    ends = list(_ends(name, populations))
    low, high = min(low for low, _ in ends), max(high for _, high in ends)
    if low <= value.value <= high:
        return None
    bound, words = (low, "at least") if value.value < low else (high, "at most")
    limit = quantity_in_words(Quantity(bound, value.dimension))
    return f"{name} is {shown}; it is {words} {limit} for every firm", f"write {limit} or {_BEYOND[words]}"


_BEYOND = {"at least": "more", "at most": "less"}


def _ends(name: str, populations: Sequence[Mapping[str, Attribute]]) -> Iterator[tuple[float, float]]:
    """Between which ends a number lies, in each population that has it.

    A fixed value is an assumption of its scenario about most firms, so that only its sign is held against another.
    """
    for population in populations:
        attribute = population.get(name)
        if attribute is None:
            continue
        low = lowest_values(dict(population))[name]
        drawn = [attribute, *attribute.alternatives.values()]
        if attribute.over is not None or any(each.fixed is not None for each in drawn):
            low = min(low, 0.0) if low >= 0 else -inf
        bounded = attribute.sum is None and all(each.of is None and (each.uniform or each.triangular) for each in drawn)
        yield low, max((each.uniform or each.triangular or [])[-1].value for each in drawn) if bounded else inf


def _check_parts(name: str, told: Told, populations: Sequence[Mapping[str, Attribute]], check: Checker) -> None:
    """A sum or a ratio that is told beside all its parts agrees with them; each of no rights is worth nothing."""
    attribute = _having(name, populations)[0]
    worth = told[name]
    if attribute.is_for_each and told.get(attribute.of or "") == Quantity(0.0, "number"):
        if isinstance(worth, Quantity) and worth.value:
            found = f"{name} is {quantity_in_words(worth)}, but of {attribute.of}, which are valued, it has 0"
            check.add(("firm", name), found, f"write 0 CNY, or how many it has in {attribute.of}")
        return
    parts = [told.get(part) for part in attribute.sum or []]
    base = told.get(attribute.over) if attribute.over is not None else Quantity(1.0, "number")
    value, amounts = told[name], [part.value for part in parts if isinstance(part, Quantity)]
    if not amounts or len(amounts) < len(parts) or not isinstance(base, Quantity) or not isinstance(value, Quantity):
        return
    worked_out = sum(amounts) / base.value if base.value else inf
    if abs(value.value - worked_out) > LEAST_DIFFERENCE * abs(worked_out):
        found = f"{name} does not agree with {' and '.join(attribute.parts)}, from which it is worked out"
        check.add(("firm", name), found, "leave it out, or one of the others")
