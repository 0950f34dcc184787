"""Checks across the parts of a scenario: every name that is used exists, and stands for what is needed there."""

from __future__ import annotations

from simulator.errors import listed
from simulator.scenario.applicant_references import check_applicants, check_conditions
from simulator.scenario.checker import Checker
from simulator.scenario.credit_references import check_loan_terms, check_policy, check_sharing
from simulator.scenario.flow import steps_of
from simulator.scenario.flow_references import check_flow
from simulator.scenario.flow_references import desk_names as desk_names
from simulator.scenario.locations import Location
from simulator.scenario.model import Product, Scenario
from simulator.scenario.published_references import check_published
from simulator.scenario.stage_kinds import STAGE_KINDS
from simulator.scenario.stage_references import check_what_is_seen
from simulator.units import format_money

MOST_PEOPLE = 200_000


def check_references(scenario: Scenario, check: Checker) -> None:
    """Every problem between the parts of a scenario whose parts are each well formed."""
    _parties(scenario, check)
    _stages(scenario, check)
    check_applicants(scenario, check)
    _quotas(scenario, check)
    for name, product in scenario.products.items():
        _product(scenario, product, ("products", name), check)
    check_policy(scenario, check)
    check_published(scenario, check)


def _parties(scenario: Scenario, check: Checker) -> None:
    seen: dict[str, str] = {}
    people = sum(desk.people for party in scenario.parties.values() for desk in party.desks.values())
    if people > MOST_PEOPLE:
        check.add(("parties",), f"all desks together have {people:,} people; at most {MOST_PEOPLE:,}")
    for name, party in scenario.parties.items():
        where: Location = ("parties", name)
        check.known((*where, "calendar"), party.calendar, scenario.calendars, "calendar")
        for desk_name, desk in party.desks.items():
            full = f"{name} {desk_name}"
            if full in seen:
                check.add((*where, "desks", desk_name), f"'{full}' is also a desk of {seen[full]}", at_key=True)
            seen[full] = name
            if desk.calendar is not None:
                check.known((*where, "desks", desk_name, "calendar"), desk.calendar, scenario.calendars, "calendar")
            for number, shift in enumerate(desk.shifts or []):
                place = (*where, "desks", desk_name, "shifts", number, "calendar")
                check.known(place, shift.calendar, scenario.calendars, "calendar")
        if name == "firm":
            check.add(where, "'firm' is the applicant itself and cannot be a party", at_key=True)
    for name in set(scenario.parties) & set(seen):
        check.add(("parties", name), f"'{name}' is both a party and a desk of {seen[name]}", at_key=True)


def _stages(scenario: Scenario, check: Checker) -> None:
    for title, stage in scenario.stages.items():
        kind = stage.stage or title
        check_what_is_seen(scenario, stage, kind, ("stages", title), check)
        if kind in STAGE_KINDS:
            for outcome in stage.odds or {}:
                declared = STAGE_KINDS[kind].outcomes
                place = ("stages", title, "odds", outcome)
                check.known(place, outcome, declared, f"outcome of {kind}", at_key=True)
        elif stage.stage is not None:
            found = f"unknown stage '{kind}'{check.near(kind, STAGE_KINDS)}"
            check.add(("stages", title, "stage"), found, f"kinds of stage: {listed(STAGE_KINDS, 40)}")
        elif not check.lost(("stages", title), "stage"):
            found = f"'{title}' is not a kind of stage{check.near(title, STAGE_KINDS)}"
            allowed = f"say what it is, such as 'stage: valuation'; kinds of stage: {listed(STAGE_KINDS, 40)}"
            check.add(("stages", title), found, allowed, at_key=True)


def _quotas(scenario: Scenario, check: Checker) -> None:
    for name, quota in scenario.quotas.items():
        if quota.inside is None or not check.known(("quotas", name, "inside"), quota.inside, scenario.quotas, "quota"):
            continue
        seen, at = {name}, quota.inside
        while at is not None and at in scenario.quotas and at not in seen:
            seen.add(at)
            at = scenario.quotas[at].inside  # type: ignore[assignment]
        if at in seen:
            check.add(("quotas", name, "inside"), f"quota '{name}' lies inside itself")
        elif quota.limit > scenario.quotas[quota.inside].limit:
            outer = scenario.quotas[quota.inside].limit
            found = f"quota '{name}' is {format_money(quota.limit)}, more than '{quota.inside}' around it"
            allowed = f"'{quota.inside}' is {format_money(outer)}; a part is at most as large"
            check.add(("quotas", name, "limit"), found, allowed)
    _unused_quotas(scenario, check)


def _unused_quotas(scenario: Scenario, check: Checker) -> None:
    """Each quota is reserved by some step, or has one inside it that is; any other bounds nothing."""
    if not scenario.products or scenario.kind == "base" or check.wounded(("products",)) or check.lost((), "products"):
        return
    reserved = {step.reserves for product in scenario.products.values() for step in steps_of(product.flow)} - {None}
    if reserved - scenario.quotas.keys() or check.wounded(("quotas",)):
        return
    used: set[str] = set()
    for name in reserved:
        at = name
        while at is not None and at in scenario.quotas and at not in used:
            used.add(at)
            at = scenario.quotas[at].inside
    unused = [name for name in scenario.quotas if name not in used]
    around = {scenario.quotas[name].inside for name in unused}
    for name in unused:
        if name not in around:
            found = f"quota '{name}' bounds nothing: no step reserves it, nor a quota inside it"
            allowed = f"write 'reserves: {name}' at the step after which it is needed, such as the credit approval"
            check.add(("quotas", name), found, f"{allowed}; or take it out: '{name}: null'", at_key=True)


def _product(scenario: Scenario, product: Product, where: Location, check: Checker) -> None:
    check_conditions(scenario, product.eligibility, (*where, "eligibility"), check)
    population = scenario.applicants.population if scenario.applicants else {}
    for keys, names in ((("amount", "of"), product.amount.of), (("registers",), product.registers)):
        for name in names:
            place = (*where, *keys, name)
            known = check.known(place, name, population, "property", at_key=True)
            if known and population[name].kind != "money":
                check.add(place, f"{name} is not an amount of money", at_key=True)
    if population and (product.pledged != "appraised_value" or "appraised_value" in population):
        place = (*where, "pledged")
        if check.known(place, product.pledged, population, "property") and population[product.pledged].kind != "money":
            check.add(place, f"{product.pledged} is not an amount of money")
    if product.repayment.sweep is not None:
        name, place = product.repayment.sweep.of, (*where, "repayment", "sweep", "of")
        if check.known(place, name, population, "property") and population[name].kind != "money":
            check.add(place, f"{name} is not an amount of money")
        every = product.repayment.sweep.every
        if every.months >= product.longest_months and not check.lost(where, "tenor"):
            found = f"nothing is ever swept: licence payments come every {every}, the loan is due after {product.tenor}"
            check.add((*place[:-1], "every"), found)
    check_flow(scenario, product, where, check)
    check_loan_terms(scenario, product, where, check)
    if not check.lost(where, "risk_sharing"):
        check_sharing(product.risk_sharing.parties(), (*where, "risk_sharing"), scenario.parties, check)
    if product.recovery is not None and product.recovery.by is not None:
        check.known((*where, "recovery", "by"), product.recovery.by, scenario.parties, "party")
