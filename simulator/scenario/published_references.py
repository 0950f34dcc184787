"""Checks of what a source says: published outcomes and rules, and worked-example firms, name what exists."""

from __future__ import annotations

from simulator.errors import listed
from simulator.scenario.applicant_references import check_conditions, check_told, mismatch
from simulator.scenario.applicants import Condition, quantity_in_words
from simulator.scenario.checker import Checker
from simulator.scenario.examples import Example
from simulator.scenario.flow import steps_of
from simulator.scenario.locations import Location
from simulator.scenario.model import Product, Scenario
from simulator.scenario.outcomes import PublishedOutcome
from simulator.scenario.quantities import Quantity
from simulator.scenario.stage_kinds import STAGE_KINDS


def check_published(scenario: Scenario, check: Checker) -> None:
    """Problems of published outcomes and rules, and of the firms that a source tells of."""
    _outcomes_and_rules(scenario, check)
    for key, example in scenario.examples.items():
        _example(scenario, example, ("examples", key), check)


def _example(scenario: Scenario, example: Example, where: Location, check: Checker) -> None:
    check_told(scenario, example.firm, (*where, "firm"), check)
    if len(scenario.products) > 1 and example.product is None:
        found = f"examples.{where[1]} must say which product it is about"
        check.add(where, found, f"products: {listed(scenario.products)}", at_key=True)
        return
    product = _product_meant(scenario, example.product, where, check)
    if product is None:
        return
    _served(scenario, product, example, where, check)
    for name, outcome in example.published.items():
        _outcome(scenario, product, outcome, (*where, "published", name), check)


def _served(scenario: Scenario, product: Product, example: Example, where: Location, check: Checker) -> None:
    """A firm that the source says was served passes every rule on what is told of it, exceptions aside."""
    population = scenario.applicants.population if scenario.applicants else {}
    for name, condition in product.eligibility.items():
        told = example.firm.get(name)
        if told is None or name not in population or condition.exceptions or mismatch(population[name], told):
            continue
        if not condition.is_met_by(told):
            is_said = quantity_in_words(told) if isinstance(told, Quantity) else _YES_NO.get(told, told)
            found = f"this firm is known to have been served, but its {name} is {is_said}"
            title = example.product or next(iter(scenario.products))
            needed = f"'{title}' needs {name} {condition.in_words()}"
            check.add((*where, "firm", name), found, f"{needed}; change one of them, or give the rule 'exceptions'")


_YES_NO: dict[object, object] = {True: "yes", False: "no"}


def _outcome(
    scenario: Scenario, product: Product, outcome: PublishedOutcome, where: Location, check: Checker
) -> None:
    if outcome.clock is not None:
        check.known((*where, "clock"), outcome.clock, ["turnaround", *product.clocks], "clock")
    if outcome.paid_by is not None:
        check.known((*where, "paid_by"), outcome.paid_by, product.risk_sharing.bearers(), "party bearing a share")


def _outcomes_and_rules(scenario: Scenario, check: Checker) -> None:
    for section in ("published_outcomes", "published_rules"):
        for name, entry in getattr(scenario, section).items():
            where: Location = (section, name)
            product = _product_meant(scenario, entry.product, where, check)
            if product is None:
                continue
            if section == "published_outcomes":
                _outcome(scenario, product, entry, where, check)
                continue
            steps = [step.title for step in steps_of(product.flow)]
            if entry.every_drawn is not None:
                derived = ("amount_drawn", "amount_to_value", "tenor_months")
                for name in derived:
                    if name in entry.every_drawn:
                        _derived_condition(name, entry.every_drawn[name], (*where, "every_drawn", name), check)
                conditions = {k: v for k, v in entry.every_drawn.items() if k not in derived}
                check_conditions(scenario, conditions, (*where, "every_drawn"), check)
            for key in ("steps_in_order", "steps_together"):
                for number, title in enumerate(getattr(entry, key) or []):
                    check.known((*where, key, number), title, steps, "step")
            for key in ("quota_at_most", "quota_filled"):
                for quota in getattr(entry, key) or {}:
                    check.known((*where, key, quota), quota, scenario.quotas, "quota", at_key=True)
            every_step = [step.title for step in product.all_steps]
            never = list(dict.fromkeys([*every_step, *scenario.stages, *STAGE_KINDS, *scenario.parties]))
            for number, name_meant in enumerate(entry.never or []):
                check.known((*where, "never", number), name_meant, never, "step or party")
            for kind in entry.times or {}:
                check.known((*where, "times", kind), kind, STAGE_KINDS, "stage", at_key=True)
            _rule_parties(scenario, product, entry, where, check)
            for subsidy in entry.every_subsidy or {}:
                check.known((*where, "every_subsidy", subsidy), subsidy, scenario.policy, "subsidy", at_key=True)
            for number, worked in enumerate(entry.subsidies or []):
                place = (*where, "subsidies", number, "subsidy")
                check.known(place, worked.subsidy, scenario.policy, "subsidy")
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
    wanted, told = {
        "amount_drawn": ("fen", "an amount of money"),
        "amount_to_value": ("share", "a share such as 40%"),
        "tenor_months": ("number", "a plain number of months"),
    }[name]
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
