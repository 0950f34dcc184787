"""The agreements that bundled files and their variants write share losses as they say, by hand-worked examples."""

from __future__ import annotations

import datetime

import pytest
from bundled import bundled

from simulator.experiment.replication import replicate
from simulator.scenario.load import AS_STATED
from simulator.sharing import Agreement, Claim

pytestmark = pytest.mark.whole

YUAN = 100
Paid = dict[str, int]


def agreement_of(name: str, variant: str = AS_STATED) -> Agreement:
    """The agreement of a file's only product."""
    [product] = bundled(name, variant).scenario.products.values()
    return Agreement(product.risk_sharing)


def paid_in(agreement: Agreement, losses: list[int], days: list[str] | None = None, base: int = 0) -> list[Paid]:
    """What each party pays, in CNY, of losses (CNY) one after another; who pays nothing is left out.

    Each is of another borrower and settled on its day; `base` (CNY) is what every base of a rate or ceiling comes to.
    """
    meters = agreement.open()
    bases = dict.fromkeys(agreement.needs, base * YUAN)
    found = []
    for number, loss in enumerate(losses):
        day = datetime.date.fromisoformat(days[number] if days else "2021-06-01").toordinal()
        paid = agreement.share(Claim(loss * YUAN, day, number, number, day, day, bases), meters).paid
        found.append({party: fen // YUAN for party, fen in paid.items() if fen})
    return found


def test_with_a_deductible_the_bank_bears_the_first_200k_of_every_loss() -> None:
    assert paid_in(agreement_of("C9-F1", "a deductible of 200k"), [150_000, 2_200_000]) == [
        {"bank": 150_000},
        {"bank": 400_000, "insurer": 1_800_000},
    ]


def test_with_a_ceiling_for_a_borrower_the_bank_bears_what_is_above_it() -> None:
    agreement = agreement_of("C9-F1", "at most 3m for a borrower")
    assert paid_in(agreement, [3_000_000, 5_000_000]) == [
        {"insurer": 2_700_000, "bank": 300_000},
        {"insurer": 3_000_000, "bank": 2_000_000},
    ]
    meters = agreement.open()
    twice = [agreement.share(Claim(3_000_000 * YUAN, borrower=7), meters).paid["insurer"] for _ in range(2)]
    assert twice == [2_700_000 * YUAN, 300_000 * YUAN]


def test_a_fund_that_is_topped_up_pays_again_after_it_was_used_up() -> None:
    days = ["2017-06-01", "2017-12-31", "2018-01-02"]
    used_up, dry, again = paid_in(
        agreement_of("C9-F2", "topped up by 1m every year"), [14_000_000, 1_000_000, 1_000_000], days
    )
    assert used_up["district"] == 4_000_000
    assert dry == {"insurer": 900_000, "bank": 100_000}
    assert again == {"district": 300_000, "insurer": 600_000, "bank": 100_000}


def test_an_insurer_whose_year_ends_at_its_premium_pays_no_more_claims_in_it() -> None:
    agreement = agreement_of("C9-F2", "insurer's year ends at its premium")
    assert agreement.needs == (("year of claim", "premium"),)
    days = ["2021-02-01", "2021-06-01", "2021-09-01", "2022-02-01"]
    assert paid_in(agreement, [1_000_000] * 4, days, base=1_000_000) == [
        {"district": 300_000, "insurer": 600_000, "bank": 100_000},
        {"district": 300_000, "insurer": 400_000, "bank": 300_000},
        {"district": 300_000, "bank": 700_000},
        {"district": 300_000, "insurer": 600_000, "bank": 100_000},
    ]


def test_an_appraiser_that_shares_the_loss_bears_a_twentieth_and_200k_at_most() -> None:
    assert paid_in(agreement_of("C4-F1", "the appraiser bears 5% of a loss"), [1_000_000, 9_000_000]) == [
        {"appraiser": 50_000, "bank": 950_000},
        {"appraiser": 200_000, "bank": 8_800_000},
    ]


def test_above_three_percent_compensation_in_a_year_the_bank_bears_half() -> None:
    agreement = agreement_of("C8-F1", "a breaker at 3% compensation")
    days = ["2021-03-01", "2021-06-01", "2022-01-04"]
    assert paid_in(agreement, [4_000_000] * 3, days, base=100_000_000) == [
        {"guarantor": 4_000_000},
        {"guarantor": 2_000_000, "bank": 2_000_000},
        {"guarantor": 4_000_000},
    ]


@pytest.mark.parametrize(("name", "variant"), [("C1-F1", AS_STATED), ("C8-F1", "with re-guarantee")])
def test_a_re_guarantor_takes_over_four_tenths_and_is_paid_for_it(name: str, variant: str) -> None:
    assert paid_in(agreement_of(name, variant), [1_000_000]) == [{"guarantor": 600_000, "re-guarantor": 400_000}]
    [product] = bundled(name, variant).scenario.products.values()
    charges = {(each.paid_by, each.paid_to) for each in product.price.charges.values()}
    assert charges == {("firm", "guarantor"), ("guarantor", "re-guarantor")}


def test_loans_that_are_renewed_run_longer_and_more_of_them_fail() -> None:
    once, renewed = (
        replicate(bundled("C8-F1", variant).scenario, 1).loans for variant in (AS_STATED, "three in ten renewed once")
    )
    assert not any(loan.renewals for loan in once)
    assert 0.15 <= sum(loan.renewals for loan in renewed) / len(renewed) <= 0.4
    failed = [sum(loan.status in ("defaulted", "claim open") for loan in loans) for loans in (once, renewed)]
    assert failed[1] >= failed[0]
