"""Checks of what a loan costs, how it is repaid and what is subsidised, against the rest of a scenario."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from fractions import Fraction

from simulator.scenario.agreement import FIRM, SURPLUS
from simulator.scenario.agreement_parts import exact_share
from simulator.scenario.applicant_references import check_conditions
from simulator.scenario.applicants import quantity_in_words
from simulator.scenario.attributes import KINDS
from simulator.scenario.checker import Checker
from simulator.scenario.lender import lender_of
from simulator.scenario.locations import Location
from simulator.scenario.model import Product, Scenario

OUTSIDE = "outside"
_LENDS = "write 'lender: PARTY', or let one of its desks do the drawdown or the credit approval"


def check_sharing(
    named: Iterable[tuple[Location, str]], where: Location, parties: Mapping[str, object], check: Checker
) -> None:
    """Unknown parties among those that an agreement at `where` names, each with its place in it."""
    for location, party in named:
        if location == SURPLUS:
            note = f"; the borrower is written '{FIRM}'"
            check.known((*where, *location), party, [FIRM, *parties], "party", note=note)
        else:
            check.known((*where, *location), party, dict.fromkeys(parties), "party")


def check_loan_terms(scenario: Scenario, product: Product, where: Location, check: Checker) -> None:
    """Problems of a product's lender, price, drawings, repayment, renewal and scoring."""
    if product.lender is not None:
        check.known((*where, "lender"), product.lender, scenario.parties, "party")
    elif lender_of(scenario, product) is None and scenario.parties and not check.wounded(where):
        paid_out = [step for step in product.all_steps if (step.stage or step.title) == "drawdown"]
        if paid_out and all(step.by is None for step in paid_out):
            check.add(where, f"it is not said who lends in {check.path(where)}", _LENDS, at_key=True)
    for name, charge in product.price.charges.items():
        place = (*where, "price", "charges", name)
        check.known((*place, "paid_by"), charge.paid_by, [FIRM, *scenario.parties], "party")
        check.known((*place, "paid_to"), charge.paid_to, [OUTSIDE, *scenario.parties], "party")
    _check_drawings(product, where, check)
    _check_renewal(product, where, check)
    if product.scoring is not None:
        population = scenario.applicants.population if scenario.applicants else {}
        name, place = product.scoring.of, (*where, "scoring", "of")
        if check.known(place, name, population, "property"):
            kind = population[name].kind
            dimension = {"count": "number", "share": "share", "ratio": "share"}.get(kind)
            if dimension is None:
                check.add(place, f"{name} is no score: a score is a plain number or a share")
            for number, band in enumerate(product.scoring.bands):
                if dimension is not None and band.below is not None and band.below.dimension != dimension:
                    below = (*where, "scoring", "bands", number, "below")
                    check.add(below, f"{name} is {KINDS[kind]}, but this is {quantity_in_words(band.below)}")
    _check_bases(product, where, check)


def _check_drawings(product: Product, where: Location, check: Checker) -> None:
    repayment = product.repayment
    later = sum((drawing.share for drawing in product.drawings), start=Fraction(0))
    if later >= 1:
        found = f"the later drawings take {exact_share(later)} and leave nothing for the first"
        check.add((*where, "drawings"), found, "together they are below 100%", at_key=True)
    for number, drawing in enumerate(product.drawings):
        place = (*where, "drawings", number, "after")
        if drawing.after.months >= product.tenor.months and not check.lost(where, "tenor"):
            found = f"drawn after {drawing.after}, when the loan is due already: its tenor is {product.tenor}"
            check.add(place, found, "a drawing comes before maturity")
            continue
        for key, every in (("every", repayment.every), ("interest_every", repayment.interest_every)):
            if every is not None and drawing.after.months % every.months:
                found = f"{drawing.after} is no multiple of {every}, the time between two payments (repayment.{key})"
                check.add(place, found, "money is drawn on a day on which something is due")
    for key in ("every", "interest_every"):
        every = getattr(repayment, key)
        if every is not None and every.months > product.tenor.months and not check.lost(where, "tenor"):
            found = f"{every} is longer than the tenor, {product.tenor}"
            check.add((*where, "repayment", key), found)


def _check_renewal(product: Product, where: Location, check: Checker) -> None:
    if product.renewal is None:
        return
    if product.repayment.schedule != "bullet":
        found = f"a loan repaid by {product.repayment.schedule} has nothing left that could be renewed"
        check.add((*where, "renewal"), found, "renewal goes with a bullet", at_key=True)


def _check_bases(product: Product, where: Location, check: Checker) -> None:
    """A ceiling or a rate over premiums needs a product that charges some."""
    if check.lost(where, "risk_sharing", "price", "flow"):
        return
    kinds = {charge.kind for charge in product.price.charges.values()}
    if "premium" in kinds:
        return
    sharing = product.risk_sharing
    allowed = "charge one under price.charges, with 'kind: premium'"
    for name, limit in sharing.limits.items():
        if limit.at_most.base == "premium":
            place = (*where, "risk_sharing", "limits", name, "at_most")
            check.add(place, "a ceiling by the premium, but the product charges none", allowed)
    for name, rate in sharing.rates.items():
        if rate.over == "premium":
            place = (*where, "risk_sharing", "rates", name, "over")
            check.add(place, "a rate over the premium, but the product charges none", allowed)


def check_policy(scenario: Scenario, check: Checker) -> None:
    """Problems of the subsidies: parties, products, steps and properties exist."""
    for name, subsidy in scenario.policy.items():
        where: Location = ("policy", name)
        check.known((*where, "paid_by"), subsidy.paid_by, scenario.parties, "party")
        check_conditions(scenario, subsidy.eligibility, (*where, "eligibility"), check)
        for number, product in enumerate(subsidy.products or []):
            check.known((*where, "products", number), product, scenario.products, "product")
        if subsidy.step is not None:
            meant = subsidy.products or list(scenario.products)
            steps = [step for each in meant if each in scenario.products for step in scenario.products[each].all_steps]
            claims = {step.title: step for step in steps}
            place = (*where, "step")
            if (
                scenario.products
                and check.known(place, subsidy.step, claims, "step")
                and (kind := claims[subsidy.step].stage or subsidy.step) != "subsidy claim"
            ):
                check.add(place, f"'{subsidy.step}' is a {kind}, no subsidy claim")
