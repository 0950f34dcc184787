"""Whether one firm passes a product's rules of eligibility: which it fails, by how much, and which cannot be judged."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import isinf
from typing import Literal

import numpy as np

from simulator.scenario.applicant_references import mismatch
from simulator.scenario.applicants import CONDITION_TESTS, Condition, Conditions
from simulator.scenario.attributes import Attribute, lowest_values
from simulator.scenario.quantities import Quantity
from simulator.scenario.spoken_quantities import money_said, quantity_said
from simulator.texts import language, phrase, say
from simulator.units import format_share
from simulator.workflow.firms import holds
from simulator.workflow.population import Column, worked_out

Value = bool | Quantity | str
INITIALS = {"ip": "IP", "gi": "GI"}
TESTS = {
    "above": phrase("above {value}"),
    "at_least": phrase("at least {value}"),
    "below": phrase("below {value}"),
    "at_most": phrase("at most {value}"),
}
"""What a test on an amount or a number asks for."""


@dataclass(frozen=True)
class RuleJudged:
    """One rule for one firm, with what was found in words."""

    name: str
    condition: Condition
    status: Literal["passed", "failed", "not told"]
    words: str


def told_values(
    population: Mapping[str, Attribute], told: Mapping[str, Value], general: Mapping[str, Attribute]
) -> dict[str, Value]:
    """What is known of a firm in the terms of a population: what is told, and what follows from that.

    A property that the population does not have, or has in another kind, is left out. What follows from another
    property is judged by the `general` population: a scenario's own may be narrowed to the firms that its product
    serves, and would settle the very rule that is asked.
    """
    known = {
        name: value
        for name, value in told.items()
        if name in population and mismatch(population[name], value, of_ratio=True) is None
    }
    columns = {name: _column(value) for name, value in known.items()}
    for name, attribute in population.items():
        certain = _certain(name, attribute, known, general)
        if name not in known and certain is not None and mismatch(attribute, certain) is None:
            known[name] = certain
            columns[name] = _column(certain)
        if attribute.sum is not None and known.keys() >= set(attribute.parts):
            columns[name] = worked_out(attribute, columns)
            dimension = {"ratio": "share", "count": "number"}.get(attribute.kind, "fen")
            known[name] = Quantity(float(columns[name][0]), dimension)  # type: ignore[arg-type]
    return known


def least_values(population: Mapping[str, Attribute], known: Mapping[str, Value]) -> dict[str, Quantity]:
    """The least that sums can be of which only some parts are known, where no part can be negative."""
    lowest = lowest_values(dict(population))
    found: dict[str, Quantity] = {}
    for name, attribute in population.items():
        if name in known or attribute.sum is None or attribute.over is not None:
            continue
        told = [each for part in attribute.sum if isinstance(each := known.get(part, found.get(part)), Quantity)]
        if told and all(lowest[part] >= 0 for part in attribute.sum):
            found[name] = Quantity(sum(each.value for each in told), told[0].dimension)
    return found


def _certain(
    name: str, attribute: Attribute, known: Mapping[str, Value], general: Mapping[str, Attribute]
) -> Value | None:
    """What another known property settles: a software firm uses no geographical indication. None if it is open."""
    if attribute.is_for_each and known.get(attribute.of or "") == Quantity(0.0, "number"):
        return Quantity(0.0, "fen")
    usual = general.get(name)
    if usual is None or usual.by is None or known.get(usual.by) not in general[usual.by].words:
        return None
    alike = usual.where.get(str(known[usual.by]), usual)
    if alike.yes is not None:
        return bool(alike.yes) if alike.yes in (0, 1) else None
    return next((word for word, share in (alike.odds or {}).items() if share == 1), None)


def judged(
    rules: Conditions, known: Mapping[str, Value], least: Mapping[str, Quantity] | None = None
) -> list[RuleJudged]:
    """Every rule, in the order of the product; `least` is the least that what is not known can be."""
    return [_judged(name, condition, known, least or {}) for name, condition in rules.items()]


def _judged(name: str, condition: Condition, known: Mapping[str, Value], least: Mapping[str, Quantity]) -> RuleJudged:
    if name not in known:
        if name in least and _asks_for_more_only(condition) and bool(holds(condition, _column(least[name]))[0]):
            least_said = say(TESTS["at_least"], value=value_in_words(least[name]))
            words = say("{property} {tests}", property=spoken(name), tests=least_said)
            return RuleJudged(name, condition, "passed", words)
        return RuleJudged(name, condition, "not told", rule_in_words(name, condition))
    value = known[name]
    missed = [test for test in CONDITION_TESTS if not _passes(condition, test, value)]
    if not missed:
        passed = say("{property} {value}", property=spoken(name), value=value_in_words(value))
        return RuleJudged(name, condition, "passed", passed)
    words = say(
        "{property} {value}, {needed}" if isinstance(value, Quantity) else "{property}: {value}, {needed}",
        property=spoken(name),
        value=value_in_words(value),
        needed=say(" and ", context="rules").join(_needed(condition, test, value) for test in missed),
    )
    if condition.exceptions:
        share = format_share(condition.exceptions)
        words = say("{reason} (waived for {share} of firms)", reason=words, share=share)
    return RuleJudged(name, condition, "failed", words)


def _asks_for_more_only(condition: Condition) -> bool:
    """Whether whoever passes it with some value passes it with every higher one."""
    return all(getattr(condition, test) is None for test in CONDITION_TESTS if test not in ("above", "at_least"))


def _passes(condition: Condition, test: str, value: Value) -> bool:
    alone = condition.model_copy(update={other: None for other in CONDITION_TESTS if other != test})
    return bool(holds(alone, _column(value))[0])


def _needed(condition: Condition, test: str, value: Value) -> str:
    """What one test asks for, and by how much it is missed."""
    limit = getattr(condition, test)
    if isinstance(limit, list) and len(limit) > 1:
        return say("one of these is needed: {words}", words=say(", ").join(map(say, limit)))
    if isinstance(limit, list):
        return say("{value} is needed", context="a word", value=say(limit[0]))
    if not isinstance(limit, Quantity) or not isinstance(value, Quantity):
        return say("{value} is needed", context="a word", value=value_in_words(limit))
    needed = say("{value} is needed", value=say(TESTS[test], value=quantity_said(limit)))
    gap, too_little = abs(value.value - limit.value), test in ("above", "at_least")
    if gap == 0:
        return say(
            "{needed}: exactly that is too little" if too_little else "{needed}: exactly that is too much",
            needed=needed,
        )
    if isinf(gap):
        return needed
    if limit.dimension == "number":
        number = f"{gap:g}"
        return say("{needed}: {gap} too few" if too_little else "{needed}: {gap} too many", needed=needed, gap=number)
    return say(
        "{needed}: {gap} too little" if too_little else "{needed}: {gap} too much",
        needed=needed,
        gap=_gap_in_words(gap, limit.dimension),
    )


def _gap_in_words(gap: float, dimension: str) -> str:
    if dimension != "share":
        return money_said(round(gap))
    points = format_share(gap).removesuffix("%")
    return say("{points} percentage points", points=points if points != "0" else say("less than 0.01"))


def rule_in_words(name: str, condition: Condition) -> str:
    """A rule as short as it can be said: `annual sales above 2.0m CNY`, `controls its IP`, `industry agriculture`."""
    if isinstance(condition.equals, bool):
        return spoken(name) if condition.equals else say("no {property}", property=spoken(name))
    return say("{property} {tests}", property=spoken(name), tests=condition_in_words(condition))


def condition_in_words(condition: Condition) -> str:
    """What a rule asks of a property: `above 2.0m CNY`, `yes`."""
    asked = [_test_in_words(test, value) for test in CONDITION_TESTS if (value := getattr(condition, test)) is not None]
    return say(" and ", context="rules").join(asked)


def _test_in_words(test: str, value: Quantity | list[str] | str | bool) -> str:
    """One test of a rule: `above 2.0m CNY`, `one of company, cooperative`, `agriculture`, `yes`."""
    if isinstance(value, bool):
        return say("{word}", context="rules", word=value_in_words(value))
    if isinstance(value, Quantity):
        return say(TESTS[test], value=quantity_said(value))
    if isinstance(value, list):
        return say("one of {words}", words=say(", ").join(map(say, value)))
    return say("{word}", context="rules", word=say(value))


def spoken(name: str) -> str:
    """The name of a property as it is said: `annual_sales` is annual sales."""
    return say(" ".join(INITIALS.get(word, word) for word in name.split("_")))


def key_said(name: str) -> str:
    """A property where its key stands in English, and its name in other languages."""
    return name if language() == "en" else spoken(name)


def value_in_words(value: Value) -> str:
    """`2.0m CNY`, `40%`, `yes` or a word."""
    if isinstance(value, bool):
        return say("yes" if value else "no")
    if isinstance(value, Quantity):
        return say("without limit") if isinf(value.value) else quantity_said(value)
    return say(value)


def _column(value: Value) -> Column:
    if isinstance(value, Quantity):
        return np.array([value.value])
    return np.array([value], dtype=bool if isinstance(value, bool) else object)
