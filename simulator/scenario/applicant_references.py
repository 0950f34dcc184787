"""Checks of who applies: properties that are used exist and have the right unit, firms apply in the arrival period."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from simulator.calendars import RoundTheClock, add_span, minutes_since, moment_at
from simulator.errors import listed
from simulator.scenario.applicants import (
    REQUIRED_ATTRIBUTES,
    Applicants,
    Attribute,
    Conditions,
    correlation_matrix,
    quantity_in_words,
)
from simulator.scenario.checker import Checker
from simulator.scenario.locations import Location
from simulator.scenario.model import Scenario
from simulator.scenario.quantities import Quantity


def check_applicants(scenario: Scenario, check: Checker) -> None:
    applicants = scenario.applicants
    if applicants is None:
        return
    where: Location = ("applicants",)
    population = applicants.population
    if not check.lost(where, "population"):
        _check_required(population, (*where, "population"), check)
    for name, attribute in population.items():
        place = (*where, "population", name)
        uses = [("of", attribute.of), ("over", attribute.over)]
        uses += [("sum", each) for each in attribute.sum or []]
        for key, used in uses:
            if used is None or not check.known((*place, key), used, [n for n in population if n != name], "property"):
                continue
            if population[used].kind != "money":
                check.add((*place, key), f"'{used}' is not an amount of money")
            if list(population).index(used) > list(population).index(name):
                check.add((*place, key), f"'{used}' must be given before '{name}', which is worked out from it")
    _check_correlations(applicants, check)
    if not check.lost(where, "arrivals"):
        check.known((*where, "arrivals", "calendar"), applicants.arrivals.calendar, scenario.calendars, "calendar")
    _check_moments(scenario, applicants, check)
    for number, firm in enumerate(applicants.arrivals.firms or []):
        for name, value in firm.attributes.items():
            place = (*where, "arrivals", "firms", number, "attributes", name)
            if check.known(place, name, population, "property", at_key=True):
                problem = mismatch(population[name], value)
                if problem:
                    check.add(place, f"{name} {problem}")
    for number, name in enumerate(applicants.prefer):
        check.known((*where, "prefer", number), name, scenario.products, "product")


def _check_required(population: Mapping[str, Attribute], where: Location, check: Checker) -> None:
    for name in REQUIRED_ATTRIBUTES:
        attribute = population.get(name)
        if attribute is None:
            if not check.doubts(name, "applicants"):
                check.add(where, f"applicants.population needs '{name}', an amount of money", at_key=True)
                check.defined(name, "applicants")
        elif attribute.kind != "money":
            check.add((*where, name), f"{name} is an amount of money, but this is {_KINDS[attribute.kind]}")
        elif attribute.lowest < 0:
            check.add((*where, name), f"{name} may not be negative")


def _check_correlations(applicants: Applicants, check: Checker) -> None:
    population, before = applicants.population, len(check.problems)
    seen: dict[frozenset[str], int] = {}
    for number, correlation in enumerate(applicants.correlations):
        place: Location = ("applicants", "correlations", number, "between")
        for index, name in enumerate(correlation.between):
            if check.known((*place, index), name, population, "property") and not _is_random(population[name]):
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
    if not applicants.correlations or not set().union(*seen) <= population.keys():
        return
    try:
        np.linalg.cholesky(correlation_matrix(applicants)[1])
    except np.linalg.LinAlgError:
        allowed = "if a goes with b and b with c, then a goes with c to some degree; bring some of them nearer to 0"
        check.add(where, "these correlations contradict one another", allowed, at_key=True)


def _check_moments(scenario: Scenario, applicants: Applicants, check: Checker) -> None:
    """Firms given by name apply in the arrival period."""
    run = scenario.run
    if run is None:
        return
    end = add_span(run.start, 0.0, run.arrivals_for, RoundTheClock(run.start, "wall calendar"))
    for number, firm in enumerate(applicants.arrivals.firms or []):
        if not 0 <= minutes_since(run.start, firm.at) <= end:
            last = moment_at(run.start, end - 1).date()
            found = f"this firm applies outside the arrival period, {run.start} to {last}"
            place = ("applicants", "arrivals", "firms", number, "at")
            check.add(place, found, "change it, or run.start, or run.arrivals_for")


def _is_random(attribute: Attribute) -> bool:
    return attribute.sum is None and attribute.fixed is None


_KINDS = {
    "yes/no": "a property that is true or false",
    "words": "a property in words",
    "ratio": "a ratio, such as 40%",
    "money": "an amount of money",
    "count": "a plain number",
    "share": "a share",
}


def mismatch(attribute: Attribute, value: object, *, of_ratio: bool = False) -> str | None:
    """Why a value cannot be one of this property, or None; `of_ratio` where a ratio may be given all the same."""
    kind = attribute.kind
    if kind == "yes/no":
        return None if isinstance(value, bool) else "is true or false"
    if kind == "words":
        allowed = attribute.odds or {}
        return None if value in allowed else f"is one of {listed(allowed)}, not '{value}'"
    if kind == "ratio" and not of_ratio:
        return "is worked out from other properties"
    wanted = {"money": "fen", "count": "number", "share": "share", "ratio": "share"}[kind]
    if isinstance(value, Quantity) and value.dimension == wanted:
        return None
    return f"is {_KINDS[kind]}"


def check_conditions(scenario: Scenario, conditions: Conditions, where: Location, check: Checker) -> None:
    if scenario.applicants is None:
        return
    population = scenario.applicants.population
    for name, condition in conditions.items():
        if not check.known((*where, name), name, population, "property of applicants", at_key=True, kind="property"):
            continue
        attribute = population[name]
        place = (*where, name)
        for test in ("above", "at_least", "below", "at_most"):
            quantity = getattr(condition, test)
            if quantity is None:
                continue
            wanted = {"money": "fen", "count": "number", "share": "share", "ratio": "share"}.get(attribute.kind)
            if quantity.dimension != wanted:
                told = {"fen": "an amount of money", "share": "a share such as 40%", "number": "a plain number"}
                if wanted is None:
                    check.add((*place, test), f"{name} is {_KINDS[attribute.kind]}, so '{test}' cannot test it")
                else:
                    found = f"{name} compares with {told[wanted]}, not with {quantity_in_words(quantity)}"
                    check.add((*place, test), found)
        if condition.equals is not None and not isinstance(condition.equals, bool):
            if attribute.kind != "words":
                check.add(place, f"{name} is {_KINDS[attribute.kind]}, so it cannot be '{condition.equals}'")
            else:
                check.known(place, condition.equals, attribute.odds or {}, f"value of {name}")
        if isinstance(condition.equals, bool) and attribute.kind != "yes/no":
            check.add(place, f"{name} is {_KINDS[attribute.kind]}, so it cannot be true or false")
        if condition.one_of is not None and attribute.kind != "words":
            check.add((*place, "one_of"), f"{name} is {_KINDS[attribute.kind]}, so 'one_of' cannot test it")
            continue
        for number, word in enumerate(condition.one_of or []):
            check.known((*place, "one_of", number), word, attribute.odds or {}, f"value of {name}")
