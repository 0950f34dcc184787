"""Checks of who applies: firms given by name fit the population and the arrival period; conditions can be tested."""

from __future__ import annotations

import datetime
from collections.abc import Mapping

from simulator.calendars import RoundTheClock, add_span, minutes_since, moment_at
from simulator.errors import listed
from simulator.scenario.applicants import Applicant, Applicants, Conditions, quantity_in_words
from simulator.scenario.attributes import KINDS, Attribute
from simulator.scenario.checker import Checker
from simulator.scenario.locations import Location
from simulator.scenario.model import Scenario
from simulator.scenario.population_references import check_population
from simulator.scenario.quantities import Quantity

Value = bool | Quantity | str
"""What can be told of a firm: true or false, a number with its unit, or a word."""


def check_applicants(scenario: Scenario, check: Checker) -> None:
    """Problems of the population, and of the firms that are given by name."""
    applicants = scenario.applicants
    if applicants is None:
        return
    where: Location = ("applicants",)
    check_population(applicants, check)
    if not check.lost(where, "arrivals"):
        check.known((*where, "arrivals", "calendar"), applicants.arrivals.calendar, scenario.calendars, "calendar")
    for place, firm in _named(applicants):
        check_moment(scenario, firm.at, (*place, "at"), check)
        check_told(scenario, firm.attributes, (*place, "attributes"), check)
        if firm.product is not None:
            check.known((*place, "product"), firm.product, scenario.products, "product")
        if firm.default_at is not None and firm.default_at <= firm.at:
            defaults, applies = f"{firm.default_at:%Y-%m-%d %H:%M}", f"{firm.at:%Y-%m-%d %H:%M}"
            found = f"its loan defaults on {defaults}, the firm applies on {applies}"
            check.add((*place, "default_at"), found, "give a later moment; the default counts if the loan runs then")
    for number, name in enumerate(applicants.prefer):
        check.known((*where, "prefer", number), name, scenario.products, "product")


def check_told(scenario: Scenario, told: Mapping[str, Value], where: Location, check: Checker) -> None:
    """What is told of a firm by name: its properties exist, are of the right kind and do not contradict one another."""
    population = scenario.applicants.population if scenario.applicants else {}
    sound: dict[str, float] = {}
    for name, value in told.items():
        if not check.known((*where, name), name, population, "property", at_key=True):
            continue
        problem = mismatch(population[name], value)
        if problem:
            check.add((*where, name), f"{name} {problem}")
        elif isinstance(value, Quantity):
            sound[name] = value.value
    for name in sound:
        parts = population[name].parts
        if parts and sound.keys() >= set(parts) and sound[name] != sum(sound[part] for part in parts):
            amounts = [quantity_in_words(value) for part in parts if isinstance(value := told[part], Quantity)]
            found = f"{name} is the sum of {' and '.join(parts)}, here {' + '.join(amounts)}"
            check.add((*where, name), found, "leave out the sum or one of its parts")


def _named(applicants: Applicants) -> list[tuple[Location, Applicant]]:
    """Firms given by name, each with its place."""
    return [
        ((*where, number), firm)
        for where, firms in ((_LIST, applicants.arrivals.firms or []), (_BESIDES, applicants.also))
        for number, firm in enumerate(firms)
    ]


_LIST: Location = ("applicants", "arrivals", "firms")
_BESIDES: Location = ("applicants", "also")


def check_moment(scenario: Scenario, moment: datetime.datetime, place: Location, check: Checker) -> None:
    """A firm applies in the arrival period."""
    run = scenario.run
    if run is None:
        return
    end = add_span(run.start, 0.0, run.arrivals_for, RoundTheClock(run.start, "wall calendar"))
    if not 0 <= minutes_since(run.start, moment) <= end:
        last = moment_at(run.start, end - 1).date()
        found = f"this firm applies outside the arrival period, {run.start} to {last}"
        check.add(place, found, "change it, or run.start, or run.arrivals_for")


def mismatch(attribute: Attribute, value: object, *, of_ratio: bool = False) -> str | None:
    """Why a value cannot be one of this property, or None; `of_ratio` where a ratio may be given all the same."""
    kind = attribute.kind
    if kind == "yes/no":
        return None if isinstance(value, bool) else "is true or false"
    if kind == "words":
        allowed = attribute.words
        return None if value in allowed else f"is one of {listed(allowed)}, not '{value}'"
    if kind == "ratio" and not of_ratio:
        return "is worked out from other properties"
    wanted = {"money": "fen", "count": "number", "share": "share", "ratio": "share"}[kind]
    if isinstance(value, Quantity) and value.dimension == wanted:
        return None
    return f"is {KINDS[kind]}"


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
                    check.add((*place, test), f"{name} is {KINDS[attribute.kind]}, so '{test}' cannot test it")
                else:
                    found = f"{name} compares with {told[wanted]}, not with {quantity_in_words(quantity)}"
                    check.add((*place, test), found)
        if condition.equals is not None and not isinstance(condition.equals, bool):
            if attribute.kind != "words":
                check.add(place, f"{name} is {KINDS[attribute.kind]}, so it cannot be '{condition.equals}'")
            else:
                check.known(place, condition.equals, attribute.words, f"value of {name}")
        if isinstance(condition.equals, bool) and attribute.kind != "yes/no":
            check.add(place, f"{name} is {KINDS[attribute.kind]}, so it cannot be true or false")
        if condition.one_of is not None and attribute.kind != "words":
            check.add((*place, "one_of"), f"{name} is {KINDS[attribute.kind]}, so 'one_of' cannot test it")
            continue
        for number, word in enumerate(condition.one_of or []):
            check.known((*place, "one_of", number), word, attribute.words, f"value of {name}")
