"""Bundled products say what everything costs, reviews and valuers see with noise, and the results can be believed."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest
from bundled import PRODUCTS, bundled, worlds_in

from simulator.analysis.measure import ProductMeasures, measure
from simulator.experiment.replication import replicate
from simulator.scenario.lender import lender_of
from simulator.scenario.references import desk_names

pytestmark = pytest.mark.whole

JUDGING = (
    "demand screening", "need confirmation", "recommendation", "pre-credit", "due diligence",
    "transaction verification", "rating", "guarantee review", "re-guarantee consent", "underwriting", "credit approval",
)  # fmt: skip


@cache
def runs(name: str, product: int, replications: int) -> list[ProductMeasures]:
    """Measures of one product in the first replications."""
    scenario = bundled(name).scenario
    return [measure(scenario, replicate(scenario, each), each).products[product] for each in range(1, replications + 1)]


@pytest.mark.parametrize("name", PRODUCTS)
def test_every_product_says_what_its_loans_cost_and_what_its_parties_work_and_money_cost(name: str) -> None:
    scenario = bundled(name).scenario
    desks = desk_names(scenario)
    for product in scenario.products.values():
        lender = lender_of(scenario, product)
        assert lender is not None
        assert product.price.interest > (scenario.parties[lender].cost_of_funds or 1)
        assert product.repayment.interest_every is not None
        for step in product.all_steps:
            if step.by in desks:
                party, desk_name = desks[step.by]
                desk = scenario.parties[party].desks[desk_name]
                # A committee costs what all its members cost together.
                assert desk.cost_per_hour if desk.committee else scenario.parties[party].cost_per_hour, step.by
        for charge in product.price.charges.values():
            assert charge.kind in ("premium", "guarantee fee")
            assert charge.paid_by != "firm" or scenario.parties[charge.paid_to].expense_ratio


@pytest.mark.parametrize("name", PRODUCTS)
def test_whoever_bears_a_loss_is_paid_for_it_or_owns_a_fund(name: str) -> None:
    scenario = bundled(name).scenario
    for product in scenario.products.values():
        sharing = product.risk_sharing
        splits = [sharing.split, *sharing.cede.values()]
        bearers = {party for split in splits for party, part in split.items() if part.share != 0}
        paid = {charge.paid_to for charge in product.price.charges.values()} | {lender_of(scenario, product)}
        assert bearers - paid <= {fund.owner for fund in sharing.funds.values()}


@pytest.mark.parametrize("name", PRODUCTS)
def test_every_step_that_judges_a_firm_says_how_much_it_sees_and_every_appraisal_has_its_error(name: str) -> None:
    for world in worlds_in(name):
        for product in world.scenario.products.values():
            for step in product.all_steps:
                where = (world.variant, step.title)
                if step.kind.name in JUDGING and step.odds and "declined" in step.odds:
                    assert step.informative is not None, where
                if step.kind.name == "valuation":
                    assert step.valuer is not None and step.valuer.spread > 0, where
                    assert step.fee is None or step.fee.kind == "appraisal fee", where


def test_more_reviews_leave_better_firms_and_reviews_that_see_nothing_do_not() -> None:
    mean_quality = {}
    for variant in ("as stated", "three reviews", "two more that see nothing"):
        scenario = bundled("C8-F1", variant).scenario
        worlds = [replicate(scenario, number) for number in range(1, 9)]
        quality = [happened.firms.quality[np.isfinite(happened.drawn_at)] for happened in worlds]
        mean_quality[variant] = float(np.concatenate(quality).mean())
    assert mean_quality["as stated"] > 0.05
    assert mean_quality["three reviews"] > mean_quality["as stated"] + 0.01
    assert abs(mean_quality["two more that see nothing"] - mean_quality["as stated"]) < 0.01


@pytest.mark.slow
@pytest.mark.parametrize("name", [name for name in PRODUCTS if name not in ("C2-F0", "C9-F3")])
def test_what_firms_pay_and_parties_gain_is_what_a_practitioner_would_believe(name: str) -> None:
    scenario = bundled(name).scenario
    for number, product in enumerate(scenario.products.values()):
        found = runs(name, number, 20)
        lent = sum(each.cost.lent for each in found)
        costs = np.concatenate([each.cost.rates["contractual_after_subsidy"] for each in found])
        assert 0.02 <= np.nanmean(costs) <= 0.09 and np.nanmax(costs) <= 0.15

        def a_year(party: str, found: list[ProductMeasures] = found, lent: float = lent) -> float:
            """What a party has won by the principal lent and by the year, what is owed to it included."""
            return sum(each.results.total(party) + each.results.outstanding.get(party, 0) for each in found) / lent

        lender = lender_of(scenario, product)
        assert lender is not None
        # Loans to farms are so small and so few that the appraiser's fee and one default weigh heavily.
        assert (-0.04 if name.startswith(("C2-F4", "C2-F5", "C2-F6")) else -0.01) <= a_year(lender) <= 0.03
        for party in {charge.paid_to for charge in product.price.charges.values()}:
            assert -0.01 <= a_year(party) <= 0.01, party
        lost, returned = sum(each.loss_gross for each in found), sum(sum(each.returned.values()) for each in found)
        assert returned <= (1 if product.pledged == "property_value" else 0.8) * lost
