"""What each party has of a product: cash by what it was for, and what is still owed to it, by hand."""

from __future__ import annotations

from typing import Any

import pytest
from money_worlds import DRAWDOWN, NINETY_TEN, firm, lent, totals, world

from simulator.analysis.figures import product_measures
from simulator.analysis.measure import measure
from simulator.analysis.party_results import PartyResults
from simulator.experiment.replication import replicate
from simulator.scenario.model import Scenario
from simulator.workflow.ledger import Ledger, balances
from simulator.workflow.world import Happened

PRICE = {
    "interest": "6%",
    "charges": {"cover": {"kind": "premium", "rate": "2%", "paid_to": "insurer"}},
}
COSTS = {"bank": {"cost_of_funds": "2%"}, "insurer": {"expense_ratio": "30%"}}


def results(told: Scenario, product: int = 0) -> tuple[PartyResults, Happened]:
    happened = replicate(told, 1)
    return measure(told, happened, 1).products[product].results, happened


def insured(*firms: Any, run: Any = None, **settings: Any) -> Scenario:
    """Loans of 1m CNY at 6%, insured for nine tenths at 2%; half of the premium is given back."""
    return world(
        *firms,
        product={"price": PRICE, "risk_sharing": NINETY_TEN, **settings},
        parties=COSTS,
        policy={"city": {"of": "premium", "share": "50%", "paid_by": "city"}},
        run=run,
    )


def test_a_repaid_loan_leaves_the_bank_its_margin_the_insurer_its_premium_and_the_firm_its_cost() -> None:
    found, _ = results(insured())
    assert {actor: found.total(actor) for actor in found.cash} == {
        "bank": 6_000_000 - 2_000_000,
        "insurer": 2_000_000 - 600_000,
        "city": -1_000_000,
        "firm": -6_000_000 - 2_000_000 + 1_000_000,
        "outside": 2_000_000 + 600_000,
    }
    assert found.cash["bank"] == {
        "loan paid out": -100_000_000, "principal repaid": 100_000_000, "interest": 6_000_000,
        "cost of funds": -2_000_000,
    }  # fmt: skip
    assert found.outstanding == {"bank": 0}


def test_a_lost_loan_is_borne_as_the_agreement_says_after_the_sale() -> None:
    found, _ = results(insured(firm(default_at="2021-07-15 10:00")))
    # 196 days of funds cost 10,739.73; of 570k of net proceeds the insurer gets nine tenths
    assert found.cash["bank"] == {
        "loan paid out": -100_000_000, "claim paid": 90_000_000, "IP sold": 60_000_000, "cost of sale": -3_000_000,
        "recovery returned": -51_300_000, "cost of funds": -1_073_973,
    }  # fmt: skip
    assert found.cash["insurer"] == {
        "premium": 2_000_000, "expenses": -600_000, "claim paid": -90_000_000, "recovery returned": 51_300_000,
    }  # fmt: skip
    assert found.total("firm") == 100_000_000 - 2_000_000 + 1_000_000
    assert found.outstanding == {"bank": 0}


@pytest.mark.parametrize("default_at", [None, "2021-07-15 10:00"])
def test_what_firms_still_owe_at_the_end_of_the_follow_up_is_told_beside_the_cash(default_at: str | None) -> None:
    run = {"arrivals_for": "1 week", "follow_up": {"cases": "1 day", "loans": "172 days"}}
    one = firm(**({"default_at": default_at} if default_at else {}))
    quarterly = {"schedule": "equal principal", "every": "3 months"}
    found, happened = results(insured(one, run=run, repayment=quarterly))
    assert happened.loans[0].status == ("claim open" if default_at else "outstanding")
    assert found.outstanding == {"bank": 75_000_000}


def test_the_figures_of_a_run_are_these_results_in_cny() -> None:
    told = insured()
    figures = product_measures(measure(told, replicate(told, 1), 1).products, 30)
    expected = {
        "result_cny.bank": 40_000, "result_cny.insurer": 14_000, "result_cny.firm": -70_000,
        "outstanding_cny.bank": 0, "firm_cost.by_component.interest": 0.06, "firm_cost.by_component.premium": 0.02,
        "firm_cost.by_component.premium subsidy": -0.01, "firm_cost.contractual.mean": 1060 / 980 - 1,
        "firm_cost.realised_after_subsidy.p50": 1060 / 990 - 1, "firm_cost.lowest": 1060 / 990 - 1,
    }  # fmt: skip
    assert {name: figures[name].tolist() for name in expected} == {
        name: pytest.approx([value], abs=1e-9) for name, value in expected.items()
    }


def test_parties_that_nothing_happened_to_are_told_with_nothing() -> None:
    found, _ = results(world(product={"risk_sharing": NINETY_TEN}))
    assert (found.cash["insurer"], found.total("insurer")) == ({}, 0)


def test_only_applicants_after_the_warm_up_count() -> None:
    firms = [firm("2021-03-01"), firm("2021-06-01", amount_requested="500k CNY")]
    found, _ = results(insured(*firms, run={"warm_up": "60 days"}))
    assert found.cash["bank"]["loan paid out"] == -50_000_000
    assert sum(found.total(actor) for actor in found.cash) == 0


def test_each_product_has_its_own_results_and_lender() -> None:
    products = {"a": lent(price={"interest": "2%"}), "b": lent(price={"interest": "6%"}, lender="city")}
    told = world(firm(product="a"), firm(product="b"), products=products)
    first, happened = results(told)
    second, _ = results(told, 1)
    assert (first.total("bank"), first.total("city")) == (2_000_000, 0)
    assert (second.total("bank"), second.total("city")) == (0, 6_000_000)
    assert {actor: first.total(actor) + second.total(actor) for actor in totals(happened.payments)} == totals(
        happened.payments
    )


def test_a_firm_that_is_declined_costs_those_who_worked_on_it() -> None:
    review = {"by": "bank reviewer", "work": "1 h", "odds": {"declined": "100%", "approved": "rest"}}
    told = world(
        product={"flow": [{"credit approval": review}, DRAWDOWN]},
        parties={"bank": {"cost_per_hour": "100 CNY", "desks": {"reviewer": {"staff": 1}}}},
    )
    found, _ = results(told)
    assert {actor: found.total(actor) for actor in ("bank", "firm", "outside")} == {
        "bank": -10_000, "firm": 0, "outside": 10_000,
    }  # fmt: skip


def test_sums_of_whole_fen_are_exact_beyond_what_a_float_holds() -> None:
    ledger = Ledger()
    for fen in (2**53, 1, 1, 1):
        ledger.pay(0.0, 0, 0, "interest", "firm", "bank", fen)
    assert balances(ledger.payments()) == {"firm": -(2**53) - 3, "outside": 0, "bank": 2**53 + 3}


def test_a_ledger_refuses_an_amount_below_zero_and_keeps_no_empty_entry() -> None:
    ledger = Ledger()
    ledger.pay(0.0, 0, 0, "interest", "firm", "bank", 0)
    ledger.pay(0.0, 0, 0, "interest", "bank", "bank", 5)
    assert len(ledger.payments()) == 0
    with pytest.raises(ValueError, match=r"^fen\(=-1\) must be at least 0 for interest from firm to bank$"):
        ledger.pay(0.0, 0, 0, "interest", "firm", "bank", -1)
