"""All that is wrong with one scenario, found at once: its parts, then what they say of one another."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from pydantic import ValidationError

from simulator.errors import Problem
from simulator.scenario.checker import Checker
from simulator.scenario.messages import problems_of
from simulator.scenario.model import Scenario
from simulator.scenario.names import visible
from simulator.scenario.references import check_references
from simulator.scenario.resolve import with_stage_defaults
from simulator.scenario.sound_part import Doubt, sound_part
from simulator.scenario.source import Node

OF_WORLDS = ("calendars", "parties", "stages", "applicants", "products", "quotas", "credit", "run")
"""Sections that a comparison file lays over all its worlds."""
_NEEDED = ("parties", "products", "calendars", "applicants", "credit", "run")
MOST_TOLD = 100


def check_scenario(tree: Node, *, complete: bool = True) -> tuple[Scenario | None, Node, list[Problem]]:
    """The typed scenario of a tree, the tree with every step in full, and every problem.

    With `complete` false the tree lacks what its base would have brought, so that nothing it misses is a mistake.
    """
    doubt = Doubt()
    full, problems = with_stage_defaults(tree, doubt)
    scenario, sound = None, full
    try:
        scenario = Scenario.model_validate(_own_part(full).plain())
    except ValidationError as error:
        problems += problems_of(error, full, Scenario, complete=complete)
        if complete:
            scenario, sound = sound_part(_own_part(full), error, doubt)
    if scenario is not None and complete:
        check = Checker(sound, doubt)
        _parts_missing(scenario, check)
        check_references(scenario, check)
        problems += check.problems
    return scenario, full, problems


def distinct(problems: Sequence[Problem]) -> list[Problem]:
    """One problem for each thing found at a place; a long list is cut, and says so."""
    seen: dict[tuple[str, int, int, str], Problem] = {}
    for problem in problems:
        if not (problem.found + problem.allowed).isascii():
            problem = replace(problem, found=visible(problem.found), allowed=visible(problem.allowed))
        seen.setdefault((problem.file, problem.line, problem.column, problem.found), problem)
    told = sorted(seen.values())
    if len(told) <= MOST_TOLD:
        return told
    more = f"and {len(told) - MOST_TOLD:,} more mistakes after these"
    last = told[MOST_TOLD - 1]
    return [*told[:MOST_TOLD], Problem(last.file, last.line, last.column + 1, more)]


def of_variant(name: str, change: Node, problems: Sequence[Problem], stated: Sequence[Problem]) -> list[Problem]:
    """The problems that a variant adds to those of the scenario as stated; what it causes elsewhere names it."""
    known = {(problem.file, problem.line, problem.column, problem.found) for problem in stated}
    places = _places(change)
    first, last = (pick(line for _, line, _ in places) for pick in (min, max))
    return [
        problem
        if not problem.line or (problem.file == change.file and first <= problem.line <= last)
        else replace(problem, found=f"in variant '{name}': {problem.found}")
        for problem in problems
        if (problem.file, problem.line, problem.column, problem.found) not in known
    ]


def _places(node: Node) -> set[tuple[str, int, int]]:
    places = {node.place, *node.keys.values()}
    if isinstance(node.value, dict):
        places.update(*(_places(child) for child in node.value.values()))
    elif isinstance(node.value, list):
        places.update(*(_places(child) for child in node.value))
    return places


def _own_part(tree: Node) -> Node:
    """What a file says of itself: a comparison's sections for its worlds are checked with each of them."""
    assert isinstance(tree.value, dict)
    kind = tree.at(["kind"])
    if kind is None or kind.value != "comparison":
        return tree
    kept = {key: node for key, node in tree.value.items() if key not in OF_WORLDS}
    return replace(tree, value=kept, keys={key: tree.keys[key] for key in kept})


def _parts_missing(scenario: Scenario, check: Checker) -> None:
    if scenario.kind == "base" or check.lost((), "kind"):
        return
    if scenario.kind == "comparison":
        needed = [("compare", scenario.compare)]
    else:
        needed = [(key, getattr(scenario, key)) for key in _NEEDED]
    missing = [key for key, value in needed if not value and not check.lost((), key) and not check.wounded((key,))]
    if missing:
        named = [f"'{key}'" for key in missing]
        listing = ", ".join(named[:-1]) + (" and " if len(named) > 1 else "") + named[-1]
        article = "a scenario" if scenario.kind == "product" else f"a {scenario.kind}"
        allowed = "a base such as 'extends: pledgesim:shanghai' brings calendars, stages, applicants, credit and run"
        if not set(missing) & {"calendars", "applicants", "credit", "run"}:
            allowed = ""
        if scenario.kind == "comparison":
            allowed = "list its worlds: 'compare: [{scenario: C8-F1}, {scenario: mycity.yaml, variant: NAME}]'"
        check.add((), f"{article} needs {listing}", allowed)
