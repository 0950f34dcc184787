"""Rules of a source about money: what a loan costs, what a firm does not pay, what a subsidy gives; kept and broken."""

from __future__ import annotations

from typing import Any

import pytest
from money_worlds import DRAWDOWN, INSTANT, firm, world

from simulator.analysis.rules import RuleCheck
from simulator.experiment.replication import replicate

DISTRICT = {"of": "interest", "share": "50%", "at_most": "500k CNY", "paid_by": "city"}
TEN = {"amount_requested": "10m CNY"}


def findings(rule: dict[str, Any], *firms: Any, policy: Any = None, interest: str = "4%", **settings: Any) -> Any:
    """How much a rule looked at, and what broke it."""
    told = world(
        *firms,
        product={"price": {"interest": interest, **settings.pop("price", {})}, **settings},
        policy={"district": {**DISTRICT, **(policy or {})}},
        population={"small": {"yes": "0%"}},
        published_rules={"K": {"source": "page 1", **rule}},
    )
    return RuleCheck(told, "K", told.published_rules["K"], replicate(told, 1)).run()


def test_no_loan_costs_less_than_the_rule_says() -> None:
    # 4%, of which half is given back
    assert findings({"firm_cost_at_least": "2%"}, firm(), firm()) == (2, [])
    assert findings({"firm_cost_at_least": "2.01%"}, firm(), firm()) == (2, [
        "case 0: the loan costs the firm 2% a year", "case 1: the loan costs the firm 2% a year",
    ])  # fmt: skip


def test_a_loan_of_odd_fen_keeps_a_bound_that_it_meets_but_for_rounding() -> None:
    odd = firm(amount_requested="99999.99 CNY")
    assert findings({"firm_cost_at_least": "2%"}, odd, interest="4%") == (1, [])
    _, broken = findings({"firm_cost_at_least": "2%"}, odd, interest="3.98%")
    assert broken == ["case 0: the loan costs the firm 1.99% a year"]


def test_a_default_does_not_make_a_loan_cheaper_by_its_contract() -> None:
    assert findings({"firm_cost_at_least": "2%"}, firm(default_at="2021-07-15 10:00")) == (1, [])


APPRAISAL = {"amount": "20k CNY", "paid_to": "outside", "kind": "appraisal fee"}


def test_a_charge_that_no_firm_pays_may_be_paid_by_the_bank() -> None:
    rule = {"firm_pays_no": ["appraisal fee", "other"]}
    for paid_by, broken in (("bank", []), ("firm", ["case 0: the firm paid 20,000 CNY, appraisal fee"])):
        step = {"valuation": {"elapsed": "1 day", "fee": {**APPRAISAL, "paid_by": paid_by}}}
        assert findings(rule, flow=[step, DRAWDOWN]) == (1, broken)
        charge = {"charges": {"appraisal": {**APPRAISAL, "paid_by": paid_by, "each": "loan"}}}
        assert findings(rule, price=charge) == (1, broken)


def test_a_charge_that_is_not_named_may_be_paid_by_the_firm() -> None:
    charge = {"charges": {"cover": {"rate": "2%", "kind": "premium", "paid_to": "insurer"}}}
    assert findings({"firm_pays_no": ["appraisal fee"]}, price=charge) == (1, [])
    assert findings({"firm_pays_no": ["premium"]}, price=charge) == (1, ["case 0: the firm paid 20,000 CNY, premium"])


KEPT = {"every_subsidy": {"district": {"share": "50%", "at_most": "500k CNY"}}}


def test_every_applicant_gets_the_share_of_what_it_paid_up_to_the_ceiling_in_every_year() -> None:
    firms = [firm(**TEN), firm("2021-06-01", name="Apex", amount_requested="20m CNY"),
             firm("2021-07-01", name="Apex", amount_requested="20m CNY")]  # fmt: skip
    # Two applicants; the first and the other's two loans pay in 2022
    assert findings(KEPT, *firms) == (2, [])
    # Quarterly in 2021 and 2022
    assert findings(KEPT, *firms, repayment={"interest_every": "3 months"}) == (4, [])


def test_a_share_that_is_not_what_the_rule_says_breaks_it() -> None:
    assert findings(KEPT, firm(**TEN), policy={"share": "40%"}) == (
        1, ["applicant 0 paid 400,000 CNY in 2022 and got 160,000 CNY, not 200,000 CNY"],
    )  # fmt: skip


def test_a_ceiling_that_is_higher_or_counts_over_each_loan_breaks_the_rule() -> None:
    above = ["applicant 0 paid 1.6m CNY in 2022 and got 800,000 CNY, not 500,000 CNY"]
    assert findings(KEPT, firm(amount_requested="40m CNY"), policy={"at_most": "900k CNY"}) == (1, above)
    twins = [firm("2021-03-01", name="Apex", amount_requested="20m CNY"),
             firm("2021-04-01", name="Apex", amount_requested="20m CNY")]  # fmt: skip
    assert findings(KEPT, *twins, policy={"per": "loan"}) == (1, above)
    assert findings(KEPT, *twins) == (1, [])


def test_where_no_share_is_stated_every_applicant_gets_something() -> None:
    some: dict[str, Any] = {"every_subsidy": {"district": {}}}
    assert findings(some, firm(**TEN), policy={"share": "1%"}) == (1, [])
    assert findings(some, firm(**TEN), policy={"share": "0%"}) == (
        1, ["applicant 0 paid 400,000 CNY in 2022 and got 0 CNY"],
    )  # fmt: skip


def test_firms_that_may_not_have_the_subsidy_are_not_looked_at() -> None:
    firms = [firm(small=True, **TEN), firm(small=False, **TEN)]
    assert findings(KEPT, *firms, policy={"eligibility": {"small": True}}) == (1, [])


def test_a_subsidy_that_is_claimed_in_a_step_need_not_be_claimed() -> None:
    claim = {"subsidy claim": {"elapsed": "1 day", "odds": {"declined": "100%", "claimed": "rest"}}}
    settings: dict[str, Any] = {"flow": [INSTANT, DRAWDOWN, claim], "policy": {"step": "subsidy claim"}}
    assert findings(KEPT, firm(**TEN), **settings) == (1, [])


WORKED = [
    {"subsidy": "district", "paid": ["400k CNY"], "given": "200k CNY"},
    {"subsidy": "district", "paid": ["1m CNY"], "given": "500k CNY"},
    {"subsidy": "district", "paid": ["2m CNY"], "given": "500k CNY"},
    {"subsidy": "district", "paid": ["400k CNY", "1m CNY"], "given": "500k CNY"},
]


def test_worked_examples_of_a_subsidy_are_what_its_terms_give() -> None:
    assert findings({"subsidies": WORKED}) == (4, [])
    assert findings({"subsidies": WORKED}, policy={"per": "loan"}) == (
        4, ["of 400,000 CNY, 1.0m CNY the district gives back 700,000 CNY"],
    )  # fmt: skip
    assert findings({"subsidies": WORKED}, policy={"at_most": None}) == (4, [
        "of 2.0m CNY the district gives back 1.0m CNY", "of 400,000 CNY, 1.0m CNY the district gives back 700,000 CNY",
    ])  # fmt: skip


@pytest.mark.parametrize(
    "settings", [{"products": ["loan"]}, {"step": "subsidy claim"}, {"eligibility": {"small": True}}]
)
def test_a_worked_example_supposes_that_the_firm_may_have_the_subsidy_and_claims_it(settings: Any) -> None:
    claim = {"subsidy claim": {"elapsed": "1 day"}}
    assert findings({"subsidies": WORKED}, policy=settings, flow=[INSTANT, DRAWDOWN, claim]) == (4, [])
