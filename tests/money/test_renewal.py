"""Renewal: at maturity the principal stays, charges are due anew, and a default may come in any of the tenors."""

from __future__ import annotations

from typing import Any

import pytest
from money_worlds import firm, ledger, moment, world, written

from simulator.analysis.loan_story import loan_in_words
from simulator.experiment.replication import replicate
from simulator.scenario.model import Scenario

ONCE = {"share": "100%"}
PRICE = {
    "interest": "6%",
    "charges": {
        "cover": {"kind": "premium", "rate": "2%", "paid_to": "insurer"},
        "papers": {"amount": "1k CNY", "each": "loan", "paid_to": "bank"},
    },
}


def renewed(*firms: Any, renewal: Any = None, credit: Any = None, **settings: Any) -> Scenario:
    """A loan of 1m CNY for a year, renewed once."""
    product = {"price": PRICE, "renewal": renewal or ONCE, **settings}
    return world(*firms, product=product, credit=credit)


def test_a_renewed_loan_is_charged_again_and_its_principal_stays_out_for_another_tenor() -> None:
    assert ledger(renewed()) == written("""
        2021-03-01             bank -> firm     loan paid out     1,000,000.00
        2021-03-01 2022-03-01  firm -> insurer  premium              20,000.00
        2021-03-01 2022-03-01  firm -> bank     other charge          1,000.00
        2022-03-01 2023-03-01  firm -> bank     interest             60,000.00
        2023-03-01             firm -> bank     principal repaid  1,000,000.00
    """)


def test_a_renewal_of_eighteen_months_begins_its_years_anew() -> None:
    assert ledger(renewed(tenor="18 months"), only=["premium", "principal repaid"]) == written("""
        2021-03-01 2022-09-01  firm -> insurer  premium              20,000.00
        2022-03-01 2023-09-01  firm -> insurer  premium              10,000.00
        2024-03-01             firm -> bank     principal repaid  1,000,000.00
    """)


def test_interest_that_is_paid_on_dates_of_its_own_goes_on_through_the_renewal() -> None:
    quarterly = {"interest_every": "5 months"}
    assert ledger(renewed(repayment=quarterly), only=["interest"]) == written("""
        2021-08-01 2022-01-01 2022-08-01 2023-01-01  firm -> bank  interest  25,000.00
        2022-03-01 2023-03-01                        firm -> bank  interest  10,000.00
    """)


def test_a_loan_may_be_renewed_several_times() -> None:
    told = replicate(renewed(renewal={"share": "100%", "at_most": 3}), 1)
    assert [each.day for each in ledger(told, only=["principal repaid"])] == ["2025-03-01"]
    (loan,) = told.loans
    assert [each.day for each in ledger(told, only=["premium"])] == [f"{year}-03-01" for year in range(2021, 2025)]
    assert (loan.renewals, loan_in_words(loan)) == (3, "the loan is repaid, renewed 3 times")


def test_a_renewed_loan_has_drawn_all_its_parts_and_is_charged_on_their_sum() -> None:
    told = renewed(drawings=[{"share": "40%", "after": "6 months"}])
    assert ledger(told, only=["loan paid out", "premium", "other charge"]) == written("""
        2021-03-01             bank -> firm     loan paid out  600,000.00
        2021-09-01             bank -> firm     loan paid out  400,000.00
        2021-03-01             firm -> insurer  premium         12,000.00
        2021-09-01             firm -> insurer  premium          4,000.00
        2022-03-01             firm -> insurer  premium         20,000.00
        2021-03-01 2022-03-01  firm -> bank     other charge     1,000.00
    """)


def test_licence_payments_go_on_lowering_a_renewed_loan() -> None:
    # 100k of the 400k a year each quarter, none at the end of a tenor
    sweep = {"of": "licence_fees", "share": "100%", "every": "3 months"}
    settings = {"price": {"interest": "6%"}, "renewal": ONCE, "repayment": {"sweep": sweep, "interest_every": "1 year"}}
    told = world(product=settings, population={"licence_fees": "400k CNY"})
    assert ledger(told, only=["principal repaid", "interest"]) == written("""
        2021-06-01 2021-09-01 2021-12-01  firm -> bank  principal repaid  100,000.00
        2022-06-01 2022-09-01 2022-12-01  firm -> bank  principal repaid  100,000.00
        2023-03-01                        firm -> bank  principal repaid  400,000.00
        2022-03-01                        firm -> bank  interest           51,000.00
        2023-03-01                        firm -> bank  interest           33,000.00
    """)


def test_a_default_may_come_in_a_later_tenor_and_the_whole_principal_is_lost() -> None:
    told = replicate(renewed(firm(default_at="2022-07-15 10:00")), 1)
    assert ledger(told, only=["principal repaid"]) == []
    (loss,) = told.losses
    assert (loss.defaulted_at, loss.principal) == (moment("2022-07-15"), 100_000_000)
    (loan,) = told.loans
    assert (loan.status, loan_in_words(loan)) == ("defaulted", "the loan defaults, renewed once")


def test_a_default_before_the_renewal_prevents_it() -> None:
    told = replicate(renewed(firm(default_at="2022-02-28 10:00")), 1)
    assert len(ledger(told, only=["premium"])) == 1
    assert (told.loans[0].status, told.loans[0].renewals) == ("defaulted", 0)


def test_a_year_of_a_renewed_loan_has_the_default_rate_of_that_year_and_other_loans_never_meet_it() -> None:
    happened = replicate(
        world(
            product={"renewal": {"share": "40%"}},
            applicants={"arrivals": {"per_working_day": 40}},
            credit={"annual_default_rate": ["0%", "30%"]},
            run={"arrivals_for": "4 weeks"},
        ),
        1,
    )
    renewals = [loan for loan in happened.loans if loan.renewals]
    count, share = len(happened.loans), len(renewals) / len(happened.loans)
    assert count > 700
    assert abs(share - 0.4) < 4 * (0.24 / count) ** 0.5
    lost = sum(loan.status == "defaulted" for loan in renewals)
    assert abs(lost / len(renewals) - 0.3) < 4 * (0.21 / len(renewals)) ** 0.5
    assert all(loan.status == "repaid" for loan in happened.loans if not loan.renewals)


def test_defaults_of_a_renewed_loan_are_as_likely_at_all_times_of_the_later_tenor() -> None:
    happened = replicate(
        world(
            product={"renewal": ONCE, "tenor": "6 months"},
            applicants={"arrivals": {"per_working_day": 60}},
            credit={"annual_default_rate": "50%"},
            run={"arrivals_for": "4 weeks"},
        ),
        1,
    )
    years = [
        (loss.defaulted_at - loan.drawn_at) / (loan.matures_at - loan.drawn_at)
        for loss in happened.losses
        for loan in happened.loans
        if loan.case == loss.case and loan.renewals
    ]
    # From half a year to a year, of which 1 - 0.5^(1/4) default in the first quarter that is left of it
    first = sum(1 / 2 <= each < 3 / 4 for each in years)
    share = (1 - 0.5**0.25) / (1 - 0.5**0.5)
    assert len(years) > 150
    assert min(years) >= 1 / 2
    assert abs(first / len(years) - share) < 4 * (share * (1 - share) / len(years)) ** 0.5


@pytest.mark.parametrize(("renewal", "drawn"), [(None, "2022-03-01"), (ONCE, "2023-03-01")])
def test_the_quota_stays_reserved_until_the_renewed_loan_is_repaid(renewal: Any, drawn: str) -> None:
    approval = {"credit approval": {"elapsed": "0 min", "by": "bank", "reserves": "programme"}}
    settings = {"flow": [approval, {"drawdown": {"elapsed": "0 min", "by": "bank"}}]}
    told = world(
        firm(), firm("2021-03-02"), product=settings | ({"renewal": renewal} if renewal else {}),
        quotas={"programme": {"limit": "1m CNY"}},
    )  # fmt: skip
    assert ledger(told, case=1)[0].day == drawn


def test_a_renewed_loan_is_looked_at_through_its_later_tenors() -> None:
    look = {"status monitoring": {"elapsed": "0 min", "every": "5 months"}}
    told = replicate(renewed(servicing=[look]), 1)
    ended = told.steps["end"][told.steps["step"] == 2]
    looks = [round((end - moment("2021-03-01")) / 1440 / 30.4375) for end in ended.tolist()]
    assert looks == [5, 10, 15, 20]


def test_a_renewed_loan_that_is_called_pays_interest_since_the_renewal() -> None:
    call = {"elapsed": "90 days", "every": "4 months", "odds": {"exit": "100%", "sound": "rest"}}
    told = renewed(tenor="6 months", servicing=[{"status monitoring": call}])
    # 28 days from 1 to 29 September: 60,000 x 28 / 365 = 4,602.739...
    assert ledger(told, only=["interest", "principal repaid"]) == written("""
        2021-09-01  firm -> bank  interest             30,000.00
        2021-09-29  firm -> bank  interest              4,602.74
        2021-09-29  firm -> bank  principal repaid  1,000,000.00
    """)
