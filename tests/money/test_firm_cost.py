"""What a loan costs its firm all in, by hand: by contract and as it turned out, before and after subsidies."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
import pytest
from money_worlds import DRAWDOWN, INSTANT, days_between, firm, lent, world

from simulator.analysis.figures import lowest
from simulator.analysis.firm_cost import BASES, FirmCost, firm_cost, promised_subsidies
from simulator.analysis.measure import measure
from simulator.analysis.verdicts import observe
from simulator.experiment.replication import replicate
from simulator.scenario.model import Scenario
from simulator.scenario.outcomes import PublishedOutcome

CITY = {"of": "interest", "share": "50%", "at_most": "500k CNY", "paid_by": "city"}


def cost_of(told: Scenario, product: str = "loan") -> FirmCost:
    """The cost of a product to all firms of a world."""
    happened = replicate(told, 1)
    cases, promised = np.arange(len(happened.firms)), promised_subsidies(told, happened)
    products = enumerate(told.products.items())
    costs = {name: firm_cost(told, number, each, happened, cases, promised) for number, (name, each) in products}
    return costs[product]


def rates(told: Scenario, case: int = 0) -> dict[str, float]:
    """The four rates of one firm."""
    return {basis: float(values[case]) for basis, values in cost_of(told).rates.items()}


def charged(*firms: Any, interest: str = "0%", policy: Any = None, charges: Any = None, **settings: Any) -> Scenario:
    price = {"interest": interest, "charges": charges or {}}
    return world(*firms, product={"price": price, **settings}, policy=policy or {})


def worth(rate: float, flows: Iterable[tuple[float, float]]) -> float:
    """What payments (years, thousands of CNY) are worth at drawdown."""
    return sum(amount * (1 + rate) ** -years for years, amount in flows)


def test_interest_once_a_year_costs_its_rate() -> None:
    assert rates(charged(interest="4%")) == pytest.approx(dict.fromkeys(BASES, 0.04), abs=1e-9)


def test_interest_paid_quarterly_compounds() -> None:
    found = rates(charged(interest="4%", repayment={"interest_every": "3 months"}))
    assert found["contractual"] == pytest.approx(1.01**4 - 1, abs=1e-9)
    days = [days_between("2021-03-01", day) / 365 for day in ("2021-06-01", "2021-09-01", "2021-12-01", "2022-03-01")]
    paid = [(0.0, 1000.0), *((each, -10.0) for each in days), (1.0, -1000.0)]
    assert worth(found["realised"], paid) == pytest.approx(0, abs=1e-6)


def test_instalments_do_not_change_the_rate_and_nor_do_later_drawings_or_licence_payments() -> None:
    quarterly = 1.01**4 - 1
    sweep = {"of": "appraised_value", "share": "20%", "every": "3 months"}
    for settings in (
        {"repayment": {"schedule": "equal principal", "every": "3 months"}},
        {"repayment": {"schedule": "annuity", "every": "3 months"}},
        {"repayment": {"interest_every": "3 months"}, "drawings": [{"share": "40%", "after": "6 months"}]},
        {"repayment": {"interest_every": "3 months", "sweep": sweep}},
    ):
        found = rates(charged(interest="4%", **settings))
        assert found["contractual"] == pytest.approx(quarterly, abs=1e-7)
        assert found["realised"] == pytest.approx(quarterly, abs=2e-4)


UP_FRONT = {"cover": {"kind": "premium", "rate": "2%", "paid_to": "insurer"}}


def test_a_charge_in_advance_costs_more_than_its_rate() -> None:
    # 980k for a year, 1m back
    assert rates(charged(charges=UP_FRONT)) == pytest.approx(dict.fromkeys(BASES, 1 / 0.98 - 1), abs=1e-9)


def test_charges_at_anniversaries_count_when_they_are_due() -> None:
    found = rates(charged(charges=UP_FRONT, tenor="2 years"))["contractual"]
    assert worth(found, [(0, 980), (1, -20), (2, -1000)]) == pytest.approx(0, abs=1e-7)


def test_what_somebody_else_pays_costs_the_firm_nothing() -> None:
    by_bank = {"cover": {**UP_FRONT["cover"], "paid_by": "bank"}}
    assert rates(charged(charges=by_bank, interest="4%"))["contractual"] == pytest.approx(0.04, abs=1e-9)


def before(paid_by: str = "firm") -> list[Any]:
    """A valuation for 20k CNY that is done 73 days before drawdown."""
    fee = {"amount": "20k CNY", "paid_by": paid_by, "paid_to": "outside", "kind": "appraisal fee"}
    return [{"valuation": {"elapsed": "0 min", "fee": fee}}, {"contract": {"elapsed": "73 days"}}, DRAWDOWN]


def test_a_fee_before_the_drawdown_counts_from_the_day_it_is_paid() -> None:
    found = rates(charged(flow=before()))
    for basis in BASES:
        assert worth(found[basis], [(-0.2, -20), (0, 1000), (1, -1000)]) == pytest.approx(0, abs=1e-6), basis
    assert rates(charged(flow=before("bank")))["contractual"] == 0


def test_a_subsidy_of_half_the_interest_halves_the_cost() -> None:
    found = rates(charged(interest="4%", policy={"district": CITY}))
    assert [found[basis] for basis in BASES] == pytest.approx([0.04, 0.02, 0.04, 0.02], abs=1e-9)


def test_the_ceiling_of_a_subsidy_is_shared_by_the_loans_of_an_applicant_also_by_contract() -> None:
    firms = [firm(name="Apex", amount_requested="20m CNY"), firm("2021-03-02", name="Apex", amount_requested="20m CNY"),
             firm("2021-03-03", name="Beacon", amount_requested="20m CNY")]  # fmt: skip
    told = charged(*firms, interest="4%", policy={"district": CITY})
    # 400k of 800k, then 100k; another firm gets its own 400k
    for basis in ("contractual_after_subsidy", "realised_after_subsidy"):
        assert cost_of(told).rates[basis].tolist() == pytest.approx([0.02, 0.035, 0.02], abs=1e-9)


def test_a_subsidy_that_goes_to_another_payer_is_no_relief_of_the_firm() -> None:
    by_bank = {"cover": {**UP_FRONT["cover"], "paid_by": "bank"}}
    policy = {"of": "premium", "share": "50%", "paid_by": "city"}
    told = charged(charges=by_bank, interest="4%", policy={"district": policy})
    assert rates(told)["contractual_after_subsidy"] == pytest.approx(0.04, abs=1e-9)
    # To the firm, though the bank has paid: 10k at drawdown
    told = charged(charges=by_bank, interest="4%", policy={"district": {**policy, "paid_to": "firm"}})
    assert rates(told)["contractual_after_subsidy"] == pytest.approx(1040 / 1010 - 1, abs=1e-9)


def test_by_contract_a_subsidy_is_taken_as_claimed_and_in_what_happened_it_is_when_it_is() -> None:
    claim = {"subsidy claim": {"elapsed": "1 day", "odds": {"declined": "100%", "claimed": "rest"}}}
    policy = {"district": {**CITY, "step": "subsidy claim"}}
    found = rates(charged(interest="4%", policy=policy, flow=[INSTANT, DRAWDOWN, claim]))
    assert [found[basis] for basis in BASES] == pytest.approx([0.04, 0.02, 0.04, 0.04], abs=1e-9)


def test_a_firm_that_defaults_has_a_contract_but_no_realised_cost_and_one_that_never_drew_has_neither() -> None:
    declined = {"guarantee review": {"elapsed": "1 min", "odds": {"declined": "100%", "approved": "rest"}}}
    lost = charged(firm(default_at="2021-07-15 10:00"), interest="4%")
    assert rates(lost)["contractual"] == pytest.approx(0.04, abs=1e-9)
    assert np.isnan([rates(lost)["realised"], rates(lost)["realised_after_subsidy"]]).all()
    never = charged(interest="4%", flow=[declined, DRAWDOWN])
    assert np.isnan(list(rates(never).values())).all()


def test_a_loan_still_open_has_no_realised_cost() -> None:
    run = {"arrivals_for": "1 week", "follow_up": {"cases": "1 day", "loans": "200 days"}}
    told = world(product={"price": {"interest": "4%"}}, run=run)
    assert np.isnan(rates(told)["realised"])
    assert rates(told)["contractual"] == pytest.approx(0.04, abs=1e-9)


def test_a_loan_that_is_called_has_cost_what_was_paid_in_the_time_it_ran() -> None:
    call = {"elapsed": "0 min", "every": "5 months", "odds": {"exit": "100%", "sound": "rest"}}
    found = rates(charged(charges=UP_FRONT, servicing=[{"status monitoring": call}]))
    assert found["contractual"] == pytest.approx(1 / 0.98 - 1, abs=1e-9)
    # The premium of a year for 153 days
    assert found["realised"] == pytest.approx((1 / 0.98) ** (365 / 153) - 1, abs=1e-9)


def test_the_contract_of_a_renewed_loan_is_that_of_its_first_tenor() -> None:
    charges = {"cover": {**UP_FRONT["cover"], "each": "loan"}}
    found = rates(charged(charges=charges, renewal={"share": "100%"}))
    assert found["contractual"] == pytest.approx(1 / 0.98 - 1, abs=1e-9)
    assert worth(found["realised"], [(0, 980), (1, -20), (2, -1000)]) == pytest.approx(0, abs=1e-7)


def test_components_are_what_the_contract_charges_over_the_principal_outstanding_in_a_year() -> None:
    quarterly = {"schedule": "equal principal", "every": "3 months"}
    policy = {"district": CITY, "cover": {"of": "premium", "share": "20%", "paid_by": "city"}}
    told = charged(interest="4%", charges=UP_FRONT, policy=policy, repayment=quarterly)
    cost = cost_of(told)
    # 1m, 750k, 500k and 250k for a quarter each
    assert cost.lent == pytest.approx(62_500_000)
    assert cost.components == {
        "interest": 2_500_000, "interest subsidy": -1_250_000, "premium": 2_000_000, "premium subsidy": -400_000,
    }  # fmt: skip
    assert cost.a_year("interest") == pytest.approx(0.04)
    assert cost.a_year("premium") == pytest.approx(0.032)
    assert cost.a_year("guarantee fee") == 0


def test_components_sum_to_all_that_the_firms_pay_beyond_what_they_borrow() -> None:
    policy = {"district": CITY}
    told = charged(firm(), firm("2021-05-07", amount_requested="1234567.89 CNY"), interest="4.35%", charges=UP_FRONT,
                   policy=policy, flow=before(), repayment={"interest_every": "1 month"})  # fmt: skip
    happened = replicate(told, 1)
    net = sum(
        each.fen * ((each.payee == "firm") - (each.payer == "firm")) for each in happened.payments
    )  # fmt: skip
    assert sum(cost_of(told).components.values()) == -net


def test_the_lowest_cost_is_that_of_the_cheapest_loan_and_the_mean_that_of_all() -> None:
    firms = [firm(amount_requested="10m CNY"), firm(amount_requested="50m CNY"), firm(amount_requested="100m CNY")]
    told = charged(*firms, interest="4%", policy={"district": CITY})
    # 500k at most of 400k, 2,000k and 4,000k of interest: 2%, 3% and 3.5%
    cost = cost_of(told)
    assert cost.rates["contractual_after_subsidy"].tolist() == pytest.approx([0.02, 0.03, 0.035], abs=1e-9)
    assert lowest(cost) == pytest.approx(0.02, abs=1e-9)
    measured = measure(told, replicate(told, 1), 1).products
    for which, value in (("lowest", 0.02), ("mean", 0.085 / 3)):
        outcome = PublishedOutcome.model_validate(
            {"firm_cost": which, "statistic": "mean", "kind": "no figure", "source": "page 1"}
        )
        assert observe(outcome, measured, "days").estimate.value == pytest.approx(value, abs=1e-9)


def test_nothing_lent_costs_nothing_that_could_be_told() -> None:
    declined = {"guarantee review": {"elapsed": "1 min", "odds": {"declined": "100%", "approved": "rest"}}}
    never = charged(interest="4%", flow=[declined, DRAWDOWN])
    cost = cost_of(never)
    assert np.isnan([lowest(cost), cost.a_year("interest")]).all()


def test_each_product_has_its_own_cost() -> None:
    products = {"cheap": lent(price={"interest": "2%"}), "dear": lent(price={"interest": "6%"})}
    told = world(firm(product="dear"), firm(product="cheap"), products=products)
    assert cost_of(told, "cheap").rates["contractual"].tolist() == pytest.approx([np.nan, 0.02], abs=1e-9, nan_ok=True)
    assert cost_of(told, "dear").rates["contractual"].tolist() == pytest.approx([0.06, np.nan], abs=1e-9, nan_ok=True)


def test_by_contract_too_the_ceiling_is_shared_by_the_loans_of_an_applicant_in_several_products() -> None:
    products = {"first": lent(price={"interest": "4%"}), "second": lent(price={"interest": "4%"})}
    firms = [firm(f"2021-03-0{day}", name="Apex", amount_requested="20m CNY", product=product)
             for day, product in enumerate(products, start=1)]  # fmt: skip
    told = world(*firms, products=products, policy={"district": CITY})
    for basis in ("realised_after_subsidy", "contractual_after_subsidy"):
        found = [cost_of(told, product).rates[basis][case] for case, product in enumerate(products)]
        assert found == pytest.approx([0.02, 0.035], abs=1e-9), basis
