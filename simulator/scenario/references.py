"""Checks across the parts of a scenario: every name that is used exists, and stands for what is needed there."""

from __future__ import annotations

from simulator.errors import listed
from simulator.scenario.applicant_references import check_applicants, check_conditions, mismatch
from simulator.scenario.applicants import Condition
from simulator.scenario.checker import Checker
from simulator.scenario.flow import steps_of
from simulator.scenario.flow_references import check_flow
from simulator.scenario.flow_references import desk_names as desk_names
from simulator.scenario.locations import Location
from simulator.scenario.model import Product, Scenario
from simulator.scenario.stage_kinds import STAGE_KINDS

MOST_PEOPLE = 200_000


def check_references(scenario: Scenario, check: Checker) -> None:
    """Every problem between the parts of a scenario whose parts are each well formed."""
    _parties(scenario, check)
    _stages(scenario, check)
    check_applicants(scenario, check)
    _quotas(scenario, check)
    for name, product in scenario.products.items():
        _product(scenario, product, ("products", name), check)
    _published(scenario, check)


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


def _product(scenario: Scenario, product: Product, where: Location, check: Checker) -> None:
    check_conditions(scenario, product.eligibility, (*where, "eligibility"), check)
    population = scenario.applicants.population if scenario.applicants else {}
    for name in product.amount.of:
        known = check.known((*where, "amount", "of", name), name, population, "property", at_key=True)
        if known and population[name].kind != "money":
            check.add((*where, "amount", "of", name), f"{name} is not an amount of money", at_key=True)
    check_flow(scenario, product, where, check)
    for location, party in [] if check.lost(where, "risk_sharing") else product.risk_sharing.parties():
        check.known((*where, "risk_sharing", *location), party, scenario.parties, "party")
    if product.recovery is not None and product.recovery.by is not None:
        check.known((*where, "recovery", "by"), product.recovery.by, scenario.parties, "party")


def _published(scenario: Scenario, check: Checker) -> None:
    for section in ("published_outcomes", "published_rules"):
        for name, entry in getattr(scenario, section).items():
            where: Location = (section, name)
            product = _product_meant(scenario, entry.product, where, check)
            if product is None:
                continue
            if section == "published_outcomes":
                check.known((*where, "clock"), entry.clock, ["turnaround", *product.clocks], "clock")
                continue
            steps = [step.title for step in steps_of(product.flow)]
            if entry.every_drawn is not None:
                derived = ("amount_drawn", "amount_to_value")
                for name in derived:
                    if name in entry.every_drawn:
                        _derived_condition(name, entry.every_drawn[name], (*where, "every_drawn", name), check)
                conditions = {k: v for k, v in entry.every_drawn.items() if k not in derived}
                check_conditions(scenario, conditions, (*where, "every_drawn"), check)
            for key in ("steps_in_order", "steps_together"):
                for number, title in enumerate(getattr(entry, key) or []):
                    check.known((*where, key, number), title, steps, "step")
            for number, name_meant in enumerate(entry.never or []):
                check.known((*where, "never", number), name_meant, [*STAGE_KINDS, *scenario.parties], "stage or party")
            for kind in entry.times or {}:
                check.known((*where, "times", kind), kind, STAGE_KINDS, "stage", at_key=True)
            _rule_parties(scenario, product, entry, where, check)
            population = scenario.applicants.population if scenario.applicants else {}
            for number, gate in enumerate(entry.gates or []):
                for attribute, value in gate.firm.items():
                    place = (*where, "gates", number, "firm", attribute)
                    if check.known(place, attribute, population, "property", at_key=True):
                        problem = mismatch(population[attribute], value, of_ratio=True)
                        if problem:
                            check.add(place, f"{attribute} {problem}")


def _derived_condition(name: str, condition: Condition, place: Location, check: Checker) -> None:
    """A condition on what was drawn compares with an amount of money, or with a share of the value."""
    wanted, told = {"amount_drawn": ("fen", "an amount of money")}.get(name, ("share", "a share such as 40%"))
    tests = [getattr(condition, test) for test in ("above", "at_least", "below", "at_most")]
    if condition.equals is not None or condition.one_of is not None:
        check.add(place, f"{name} compares with {told}, by above, at_least, below or at_most")
    elif any(quantity is not None and quantity.dimension != wanted for quantity in tests):
        check.add(place, f"{name} compares with {told}")


def _product_meant(scenario: Scenario, name: str | None, where: Location, check: Checker) -> Product | None:
    if name is not None:
        known = check.known((*where, "product"), name, scenario.products, "product")
        return scenario.products[name] if known else None
    if len(scenario.products) == 1:
        return next(iter(scenario.products.values()))
    if scenario.products:
        check.add(
            where,
            f"{where[0]}.{where[1]} must say which product it is about",
            f"products: {listed(scenario.products)}",
            at_key=True,
        )
    return None


def _rule_parties(scenario: Scenario, product: Product, entry: object, where: Location, check: Checker) -> None:
    sharing = product.risk_sharing
    every_loss, losses = getattr(entry, "every_loss", None), getattr(entry, "losses", None)

    def known(place: Location, name: str) -> None:
        check.known(place, name, scenario.parties, "party", at_key=True)

    if every_loss is not None:
        for party in every_loss.shares:
            known((*where, "every_loss", "shares", party), party)
        for party in every_loss.then or {}:
            known((*where, "every_loss", "then", party), party)
        until = every_loss.until
        if until is not None and check.known((*where, "every_loss", "until"), until, sharing.funds, "fund"):
            left_out = [party for party in every_loss.shares if party not in every_loss.then]
            if left_out != [sharing.funds[until].owner]:
                found = f"'then' leaves out the owner of '{until}', '{sharing.funds[until].owner}', and nobody else"
                check.add((*where, "every_loss", "then"), found)
    for number, worked in enumerate(losses or []):
        for party in worked.paid:
            known((*where, "losses", number, "paid", party), party)
    for fund in getattr(entry, "fund_pays_at_most", None) or {}:
        check.known((*where, "fund_pays_at_most", fund), fund, sharing.funds, "fund", at_key=True)
