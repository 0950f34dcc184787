"""Checks of what firms are like: properties that others use stand above them and are of the right kind."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from simulator.scenario.applicants import LATENT_QUALITY, REQUIRED_ATTRIBUTES, Applicants, correlation_matrix
from simulator.scenario.attributes import KINDS, Attribute, lowest_values
from simulator.scenario.checker import Checker
from simulator.scenario.locations import Location

_WHERE: Location = ("applicants", "population")


@dataclass(frozen=True)
class _Use:
    """One property used by another: where this is said, the key that says it, and the property in whose favour."""

    place: Location
    key: str
    user: Attribute
    used: str


def check_population(applicants: Applicants, check: Checker) -> None:
    """Problems of the properties, of what they make of one another, and of their correlations."""
    population = applicants.population
    if not check.lost(("applicants",), "population"):
        _check_required(population, check)
    if LATENT_QUALITY in population:
        found = f"'{LATENT_QUALITY}' is there anyway and cannot be given: nobody sees it"
        check.add((*_WHERE, LATENT_QUALITY), found, "properties may correlate with it", at_key=True)
    for position, (name, attribute) in enumerate(population.items()):
        _check_alternatives(name, attribute, check)
        for use in _uses(name, attribute):
            if not check.known(use.place, use.used, [each for each in population if each != name], "property"):
                continue
            _check_kind(use, population, check)
            if list(population).index(use.used) > position:
                check.add(use.place, f"'{use.used}' must be given before '{name}', which depends on it")
    _check_correlations(applicants, check)


def _uses(name: str, attribute: Attribute) -> Iterator[_Use]:
    place = (*_WHERE, name)
    for number, part in enumerate(attribute.sum or []):
        yield _Use((*place, "sum", number), "sum", attribute, part)
    for key in ("of", "over", "by"):
        used = getattr(attribute, key)
        if used is not None:
            yield _Use((*place, key), key, attribute, used)
    for value, other in attribute.where.items():
        if other.of is not None:
            yield _Use((*place, "where", value, "of"), "of", attribute.alternatives[value], other.of)


def _check_kind(use: _Use, population: dict[str, Attribute], check: Checker) -> None:
    """A property that another uses is of the kind that this takes."""
    other = population[use.used]
    found = f"'{use.used}' is {KINDS[other.kind]}"
    if use.key == "by":
        if other.kind != "words":
            check.add(use.place, f"{found}; 'by' takes a property in words")
            return
        for word in use.user.where:
            place = (*use.place[:-1], "where", word)
            check.known(place, word, other.words, f"value of {use.used}", at_key=True)
    elif use.key == "of" and use.user.is_for_each:
        if other.kind != "count":
            allowed = "so much money for each takes a count; a part of an amount is a share, such as 25%"
            check.add(use.place, found, allowed)
    elif use.key == "sum" and use.user.over is None:
        first = (use.user.sum or [""])[0]
        if other.kind not in ("money", "count"):
            check.add(use.place, f"{found}; a sum adds amounts of money, or plain numbers")
        elif other.kind != use.user.kind and first in population and population[first].kind in ("money", "count"):
            check.add(use.place, f"{found}, but '{first}' before it is {KINDS[use.user.kind]}; a sum adds like to like")
    elif other.kind != "money":
        check.add(use.place, f"{found}; {_TAKES[use.key]}")


_TAKES = {
    "of": "a share takes an amount of money; so much for each of a count is an amount, such as 100k CNY",
    "over": "a ratio divides by an amount of money",
    "sum": "a ratio adds up amounts of money",
}


def _check_alternatives(name: str, attribute: Attribute, check: Checker) -> None:
    """What holds for some firms is drawn like the property itself; what is rounded is money."""
    place = (*_WHERE, name)
    if attribute.rounded_to is not None and (attribute.kind != "money" or attribute.sum is not None):
        found = "a sum" if attribute.kind == "money" else KINDS[attribute.kind]
        check.add((*place, "rounded_to"), f"{name} is {found}; only amounts of money that are drawn are rounded")
    for value, other in attribute.alternatives.items():
        here = (*place, "where", value)
        form = "what holds for some firms is a distribution, odds or yes, of the same kind"
        if other.where or other.sum is not None:
            check.add(here, f"for {value}, {name} has a '{'where' if other.where else 'sum'}' of its own", form)
        elif other.kind != attribute.kind:
            check.add(here, f"for {value}, {name} is {KINDS[other.kind]}, otherwise {KINDS[attribute.kind]}", form)
        elif attribute.where[value].of is None and other.is_for_each != attribute.is_for_each:
            each, share = f"so much money for each of '{other.of}'", f"a share of '{other.of}'"
            if other.is_for_each:
                check.add(here, f"for {value}, {name} is an amount, otherwise {share}", "write a share, such as 0%")
            else:
                check.add(here, f"for {value}, {name} is a share, otherwise {each}", "write an amount, such as 0 CNY")
        elif attribute.where[value].rounded_to is not None and other.kind != "money":
            found = f"{name} is {KINDS[other.kind]}; only amounts of money that are drawn are rounded"
            check.add((*here, "rounded_to"), found)


def _check_required(population: dict[str, Attribute], check: Checker) -> None:
    for name in REQUIRED_ATTRIBUTES:
        attribute = population.get(name)
        if attribute is None:
            if not check.doubts(name, "applicants"):
                check.add(_WHERE, f"applicants.population needs '{name}', an amount of money", at_key=True)
                check.defined(name, "applicants")
        elif attribute.kind != "money":
            check.add((*_WHERE, name), f"{name} is an amount of money, but this is {KINDS[attribute.kind]}")
        elif lowest_values(population)[name] < 0:
            check.add((*_WHERE, name), f"{name} may not be negative")


def _check_correlations(applicants: Applicants, check: Checker) -> None:
    population, before = applicants.population, len(check.problems)
    seen: dict[frozenset[str], int] = {}
    for number, correlation in enumerate(applicants.correlations):
        place: Location = ("applicants", "correlations", number, "between")
        for index, name in enumerate(correlation.between):
            if name == LATENT_QUALITY:
                continue
            if check.known((*place, index), name, population, "property") and not population[name].is_random:
                check.add((*place, index), f"'{name}' is not drawn at random, so it correlates with nothing")
        pair = frozenset(correlation.between)
        if len(pair) == 1:
            check.add(place, f"'{correlation.between[0]}' cannot correlate with itself")
        elif pair in seen:
            check.add(place, f"the correlation of {' and '.join(correlation.between)} is given twice")
        seen[pair] = number
    where: Location = ("applicants", "correlations")
    if len(check.problems) > before or check.wounded(where):
        return
    if not applicants.correlations or not set().union(*seen) <= {*population, LATENT_QUALITY}:
        return
    try:
        np.linalg.cholesky(correlation_matrix(applicants)[1])
    except np.linalg.LinAlgError:
        allowed = "if a goes with b and b with c, then a goes with c to some degree; bring some of them nearer to 0"
        check.add(where, "these correlations contradict one another", allowed, at_key=True)
