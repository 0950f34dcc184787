"""Ceilings and rates by a base: premium, principal and guaranteed balance as they stand when each claim is settled.

Firms are named by letters; claims are settled ten days after the default.
"""

from __future__ import annotations

from typing import Any

import pytest
from money_worlds import firm, world

from simulator.experiment.replication import replicate
from simulator.scenario.model import Scenario

PREMIUM = {"charges": {"cover": {"kind": "premium", "rate": "2%", "paid_to": "insurer"}}}


def insured(*firms: Any, at_most: str, per: str, run: Any = None, **settings: Any) -> Scenario:
    """The insurer pays losses whole up to a ceiling, the bank what is above; the premium is 2% a year."""
    sharing = {
        "limits": {"ceiling": {"at_most": at_most, "per": per}},
        "split": {"insurer": {"share": "100%", "up to": "ceiling", "otherwise": "bank"}},
        **settings.pop("sharing", {}),
    }
    product = {"risk_sharing": sharing, "price": PREMIUM, **settings}
    return world(*firms, product=product, credit={"claim_after": "10 days"}, run=run)


def paid_by(party: str, told: Scenario) -> list[int]:
    """What a party paid of each loss, in thousands of CNY, in the order of settlement."""
    found = [loss.allocation.paid[party] / 100_000 for loss in replicate(told, 1).losses]
    assert found == [round(fen) for fen in found]
    return [round(each) for each in found]


def lost(drawn: str, at: str, amount: str = "1m CNY", **told: Any) -> dict[str, Any]:
    return firm(drawn, default_at=f"{at} 10:00", amount_requested=amount, **told)


def lent(drawn: str, amount: str = "1m CNY") -> dict[str, Any]:
    return firm(drawn, amount_requested=amount)


def test_premiums_of_the_year_of_the_claim_are_those_paid_in_it_before_the_claim() -> None:
    told = insured(
        lost("2021-03-01", "2021-03-10"), lost("2021-04-01", "2021-05-10"), lent("2021-05-01", "2m CNY"),
        lost("2021-06-01", "2022-01-10"), lost("2021-06-01", "2022-03-10"), lent("2022-02-01", "3m CNY"),
        at_most="150% of premium", per="year of claim", tenor="2 years",
    )  # fmt: skip
    # 20k so far, then 80k; in 2022 nothing, then 60k for the new loan; nothing for those that were lost
    assert paid_by("insurer", told) == [30, 120 - 30, 0, 90]


def test_premiums_at_an_anniversary_count_to_the_year_they_are_paid_in() -> None:
    told = insured(
        lent("2021-03-01", "4m CNY"), lost("2021-06-01", "2022-02-10"), lost("2021-06-01", "2022-03-10"),
        at_most="100% of premium", per="year of claim", tenor="2 years",
    )  # fmt: skip
    assert paid_by("insurer", told) == [0, 80]


def test_premiums_ever_are_all_that_were_paid_so_far() -> None:
    told = insured(
        lent("2021-03-01", "4m CNY"), lost("2021-06-01", "2022-02-10"), lost("2021-06-01", "2022-03-10"),
        at_most="100% of premium", per="ever", tenor="2 years",
    )  # fmt: skip
    # 80k and twice 20k; 80k more on 1 March
    assert paid_by("insurer", told) == [120, 80]


def test_the_year_of_the_loss_is_that_of_the_default_whenever_the_claim_is_settled() -> None:
    firms = [lost("2021-06-01", "2021-12-28"), lost("2021-06-01", "2022-01-02"), lent("2021-06-01", "3m CNY")]
    by_loss = insured(*firms, at_most="100% of premium", per="year of loss")
    by_claim = insured(*firms, at_most="100% of premium", per="year of claim")
    # 100k were paid in 2021, nothing in 2022, when both claims are settled
    assert paid_by("insurer", by_loss) == [100, 0]
    assert paid_by("insurer", by_claim) == [0, 0]


def test_the_year_of_underwriting_is_that_of_the_drawdown_with_all_premiums_on_its_loans() -> None:
    told = insured(
        lent("2021-03-01", "4m CNY"), lost("2021-06-01", "2022-04-10"), lost("2022-02-01", "2022-05-10"),
        at_most="100% of premium", per="year of underwriting", tenor="2 years",
    )  # fmt: skip
    # On loans of 2021: 80k and 20k, 80k at the anniversary; on the one of 2022 20k
    assert paid_by("insurer", told) == [180, 20]


def test_premiums_of_a_loss_are_those_of_the_loan_and_those_of_a_borrower_of_all_its_loans() -> None:
    firms = [lost("2021-03-01", "2021-05-10", name="A"), lost("2021-04-01", "2021-07-10", "2m CNY", name="A"),
             lost("2021-04-01", "2021-08-10", name="B")]  # fmt: skip
    assert paid_by("insurer", insured(*firms, at_most="1000% of premium", per="loss")) == [200, 400, 200]
    # 60k by then of A, of which ten times may be paid in all
    assert paid_by("insurer", insured(*firms, at_most="1000% of premium", per="borrower")) == [600, 0, 200]


def test_principal_is_what_was_paid_out_so_far_and_not_what_is_still_to_be_drawn() -> None:
    firms = [lost("2021-03-01", "2021-05-10", name="A"), lost("2021-03-01", "2021-10-10", name="B")]
    later = {"drawings": [{"share": "40%", "after": "6 months"}]}
    assert paid_by("insurer", insured(*firms, at_most="50% of principal", per="loss", **later)) == [300, 500]
    # 1.2m by May, 1.6m by October, of which 60% may be paid
    assert paid_by("insurer", insured(*firms, at_most="60% of principal", per="ever", **later)) == [600, 960 - 600]


def test_principal_of_a_borrower_is_that_of_all_its_loans_drawn_by_then_repaid_or_not() -> None:
    firms = [
        firm("2021-03-01", name="A", amount_requested="1m CNY"),
        lost("2022-04-01", "2022-05-10", name="A"),
        lost("2022-06-01", "2022-07-10", name="A"),
        lost("2022-06-01", "2022-07-10", name="B"),
    ]
    assert paid_by("insurer", insured(*firms, at_most="40% of principal", per="borrower")) == [800, 1200 - 800, 400]


def test_principal_of_a_year_is_what_was_paid_out_in_it() -> None:
    firms = [lent("2021-03-01", "6m CNY"), lost("2021-06-01", "2021-07-10"), lost("2021-12-01", "2022-01-10"),
             lent("2022-01-02", "2m CNY")]  # fmt: skip
    by_claim = insured(*firms, at_most="10% of principal", per="year of claim")
    assert paid_by("insurer", by_claim) == [700, 200]
    by_drawdown = insured(*firms, at_most="10% of principal", per="year of underwriting")
    assert paid_by("insurer", by_drawdown) == [700, 800 - 700]


QUARTERLY = {"schedule": "equal principal", "every": "3 months"}


def test_the_guaranteed_balance_is_what_is_outstanding_with_the_loan_whose_claim_it_is() -> None:
    # After two instalments 500k of each of four loans are out; on 20 October the first claim leaves
    firms = [lost("2021-03-01", "2021-10-10"), lost("2021-03-01", "2021-10-10"), lent("2021-03-01"), lent("2021-03-01")]
    told = insured(*firms, at_most="20% of guaranteed balance", per="loss", repayment=QUARTERLY)
    assert paid_by("insurer", told) == [100, 100]
    told = insured(*firms, at_most="20% of guaranteed balance", per="ever", repayment=QUARTERLY)
    # 20% of 2,000k, all of it used by the first; of 1,500k nothing is left
    assert paid_by("insurer", told) == [400, 0]


def test_a_loan_in_default_counts_to_the_balance_until_its_claim_is_settled() -> None:
    early, late = lost("2021-03-01", "2021-06-10"), lost("2021-03-01", "2021-06-19")
    told = insured(early, late, lent("2021-03-01", "3m CNY"), at_most="10% of guaranteed balance", per="year of claim")
    # The second defaulted a day before the first claim: 5m, then 4m
    assert paid_by("insurer", told) == [500, 0]
    told = insured(early, late, lent("2021-03-01", "3m CNY"), at_most="20% of guaranteed balance", per="year of loss")
    assert paid_by("insurer", told) == [1000, 0]


def test_what_was_repaid_called_or_has_matured_is_no_longer_guaranteed() -> None:
    call = {"elapsed": "0 min", "every": "3 months", "odds": {"exit": "50%", "sound": "rest"}}
    crowd = [lent(f"2021-03-{day:02}") for day in range(1, 21)]
    told = insured(*crowd, lost("2021-03-01", "2021-10-10"), at_most="1% of guaranteed balance", per="ever",
                   servicing=[{"status monitoring": call}], amount={"at_most": "1m CNY"})  # fmt: skip
    happened = replicate(told, 1)
    (loss,) = happened.losses
    ends = [loan.ended_at for loan in happened.loans if loan.status in ("repaid", "exited")]
    running = 1 + sum(end > loss.settled_at for end in ends)
    assert 1 < running < 15
    assert loss.allocation.paid["insurer"] == running * 1_000_000


def test_two_claims_settled_at_one_moment_are_each_met_by_what_the_other_leaves_in_order() -> None:
    firms = [lost("2021-03-01", "2021-06-10"), lost("2021-03-02", "2021-06-10"), lent("2021-03-01", "2m CNY")]
    in_order = insured(*firms, at_most="20% of guaranteed balance", per="loss")
    assert paid_by("insurer", in_order) == [200, 200]
    ever = insured(*firms, at_most="20% of guaranteed balance", per="ever")
    # 20% of 4m; when the first has left 20% of 3m, 600k, which is less than was paid already
    assert paid_by("insurer", ever) == [800, 0]
    together = insured(*firms, at_most="20% of guaranteed balance", per="ever", sharing={"same_day": "pro rata"})
    assert paid_by("insurer", together) == [400, 400]


def breaker(
    *firms: Any, over: str = "guaranteed balance", per: str = "ever", below: str = "50%", **settings: Any
) -> Scenario:
    """A guarantor that bears 80% while what it has paid so far is below a share of a base."""
    sharing = {
        "rates": {"compensation": {"paid_by": "guarantor", "over": over, "per": per}},
        "split": {
            "guarantor": {"share": "80%", "when": {"compensation": {"below": below}}, "otherwise": "bank"},
            "bank": "rest",
        },
        **settings.pop("sharing", {}),
    }
    product = {"risk_sharing": sharing, "price": PREMIUM, **settings}
    return world(*firms, product=product, credit={"claim_after": "10 days"})


def test_a_breaker_looks_at_what_was_paid_before_over_the_balance_before_the_claim() -> None:
    firms = [lost("2021-03-01", day) for day in ("2021-05-10", "2021-06-10", "2021-07-10")]
    # 0 of 3m, 0.8m of 2m, 1.6m of 1m
    assert paid_by("guarantor", breaker(*firms)) == [800, 800, 0]
    assert paid_by("guarantor", breaker(*firms, below="40%")) == [800, 0, 0]


def test_a_breaker_of_the_year_counts_what_was_paid_in_the_year_over_the_balance_of_the_day() -> None:
    firms = [lost("2021-06-01", day) for day in ("2021-11-10", "2021-11-12", "2022-01-10", "2022-01-12")]
    assert paid_by("guarantor", breaker(*firms, per="year of claim", below="26%")) == [800, 0, 800, 0]
    assert paid_by("guarantor", breaker(*firms, below="26%")) == [800, 0, 0, 0]


@pytest.mark.parametrize(("third", "paid"), [("2022-02-05", 0), ("2022-03-05", 800)])
def test_a_breaker_by_premiums_counts_those_paid_so_far(third: str, paid: int) -> None:
    firms = [lost("2021-03-01", "2021-05-10"), lost("2021-03-01", "2021-06-10"), lent("2021-03-01", "50m CNY"),
             lost("2021-03-01", third)]  # fmt: skip
    # 0.8m of 1.06m; 1.6m of 1.06m, or of 2.08m once the anniversary has brought 1.02m more
    assert paid_by("guarantor", breaker(*firms, over="premium", below="80%", tenor="2 years")) == [800, 800, paid]


@pytest.mark.parametrize("per", ["loss", "borrower", "year of claim", "year of loss", "year of underwriting", "ever"])
def test_a_base_that_only_one_loan_adds_to_is_the_same_over_whatever_it_counts(per: str) -> None:
    told = insured(lost("2021-03-01", "2021-07-10"), at_most="10% of principal", per=per)
    assert paid_by("insurer", told) == [100]
