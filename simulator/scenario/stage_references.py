"""Checks of what a stage says of a firm's quality, of appraisals and of cover: it goes with that kind of stage."""

from __future__ import annotations

from simulator.scenario.checker import Checker
from simulator.scenario.flow import Stage, Step
from simulator.scenario.locations import Location
from simulator.scenario.model import Scenario
from simulator.scenario.order import possible_outcomes


def check_what_is_seen(scenario: Scenario, stage: Stage, kind: str, where: Location, check: Checker) -> None:
    """Problems of `informative`, `valuer` and `cover` at a stage of a kind."""
    if stage.valuer is not None:
        if kind != "valuation":
            found = f"a valuer goes with a stage of the kind 'valuation'; this is '{kind}'"
            check.add((*where, "valuer"), found, at_key=True)
        population = scenario.applicants.population if scenario.applicants else {}
        name, place = stage.valuer.of, (*where, "valuer", "of")
        if (
            name is not None
            and population
            and check.known(place, name, population, "property")
            and population[name].kind != "money"
        ):
            check.add(place, f"{name} is not an amount of money")
    if stage.cover is not None and kind != "status monitoring":
        found = f"cover goes with a stage of the kind 'status monitoring'; this is '{kind}'"
        check.add((*where, "cover"), found, at_key=True)
    if isinstance(stage, Step) and stage.informative and len(possible_outcomes(stage)) < 2:
        found = f"'{stage.title}' sees something of the firm's quality but decides nothing: it has one outcome"
        first, *_, last = stage.kind.outcomes
        check.add((*where, "informative"), found, f"give it odds, such as 'odds: {{{first}: rest, {last}: 8%}}'")
