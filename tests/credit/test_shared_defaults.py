"""Given defaults, settled and shared on arrays: by hand, and to the fen as one after another."""

from __future__ import annotations

import datetime
from dataclasses import replace
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from one_by_one import one_by_one
from small_books import (
    ALONE,
    DAY,
    MILLION,
    WITH_FUND,
    agreement,
    bullets,
    credit_of,
    given_defaults,
    random_book,
    random_defaults,
    row,
)

from simulator.credit.book import Book, Dated, book_of_table
from simulator.credit.path_bases import bases_of
from simulator.credit.path_claims import claims_of, sales_of
from simulator.credit.path_defaults import Defaults
from simulator.experiment.portfolio import SharedLosses, share_defaults
from simulator.scenario.agreement_parts import BASES
from simulator.scenario.credit import CompleteRecovery

PERS = ("loss", "borrower", "year of claim", "year of loss", "year of underwriting", "ever")
RECOVERY = credit_of(recovery={"decay": "10%"}).recovery
REFILLED = {
    "funds": {"reserve": {"balance": "9_000 CNY", "owner": "city", "refill": True}},
    "split": {"city": {"share": "1/3", "up to": "reserve", "otherwise": "insurer"}, "insurer": "rest"},
}


def measured(per: str, base: str, same_day: str = "in order") -> dict[str, Any]:
    """An insurer pays up to 30 % of a base and the city while the insurer's rate is low, then the bank."""
    rate_per = per if per in ("year of claim", "ever") else "ever"
    return {
        "limits": {"stop loss": {"at_most": f"30% of {base}", "per": per}},
        "rates": {"compensation rate": {"paid_by": "insurer", "over": base, "per": rate_per}},
        "split": {
            "insurer": {"share": "3/7", "up to": "stop loss", "otherwise": "bank"},
            "city": {"share": "1/7", "when": {"compensation rate": {"at_most": "20%"}}, "otherwise": "bank"},
            "bank": "rest",
        },
        "same_day": same_day,
    }


def check_one_by_one(book: Book, clauses: Any, defaults: Defaults, recovery: CompleteRecovery = RECOVERY) -> None:
    """Assert that the arrays give each claim what it gets when all is settled one after another."""
    agreed = agreement(clauses)
    shared = share_defaults(book, agreed, recovery, defaults)
    slow = [(path, each) for path, settled in one_by_one(book, agreed, recovery, defaults).items() for each in settled]
    assert shared.claims.path.tolist() == [path for path, _ in slow]
    assert shared.claims.loan.tolist() == [each.loan for _, each in slow]
    assert shared.claims.settled_at.tolist() == [each.settled_at for _, each in slow]
    assert shared.claims.amount.tolist() == [each.amount for _, each in slow]
    for number, party in enumerate(agreed.parties):
        assert shared.shares.paid[number].tolist() == [each.paid[party] for _, each in slow]
        assert shared.borne[number].tolist() == [each.paid[party] - each.returned.get(party, 0) for _, each in slow]
    for number, fund in enumerate(agreed.model.funds):
        assert shared.shares.fund_left[number].tolist() == [each.fund_left[fund] for _, each in slow]


seeds = st.integers(0, 2**32 - 1)
same_days = st.sampled_from(["in order", "pro rata"])


@settings(max_examples=2 * settings.default.max_examples)
@given(seeds, st.sampled_from(PERS), st.sampled_from(BASES), same_days)
def test_every_base_is_what_it_is_when_claims_come_one_after_another(
    seed: int, per: str, base: str, same_day: str
) -> None:
    book = random_book(seed)
    check_one_by_one(book, measured(per, base, same_day), random_defaults(book, seed))


@pytest.mark.slow
@settings(max_examples=4000)
@given(seeds, st.sampled_from(PERS), st.sampled_from(BASES), same_days)
def test_every_base_of_very_many_books_is_what_it_is_when_claims_come_one_after_another(
    seed: int, per: str, base: str, same_day: str
) -> None:
    book = random_book(seed)
    check_one_by_one(book, measured(per, base, same_day), random_defaults(book, seed))


@given(seeds, same_days)
def test_recoveries_that_refill_a_fund_come_between_the_claims_as_one_after_another(seed: int, same_day: str) -> None:
    book = random_book(seed)
    check_one_by_one(book, {**REFILLED, "same_day": same_day}, random_defaults(book, seed))


@given(seeds, st.integers(0, 10**6), st.sampled_from([997, 10_000, 10**9 + 7]), st.sampled_from([1, 10**6]))
def test_interest_is_covered_to_the_fen_as_one_after_another(seed: int, rate: int, over: int, scale: int) -> None:
    book = random_book(seed)
    book = replace(book, outstanding=book.outstanding * scale)
    with_interest = replace(
        book,
        accrued=np.arange(book.outstanding.size).reshape(book.outstanding.shape) * 7_919,
        rate=tuple(Fraction(rate + number, over) for number in range(len(book))),
        lgd=tuple(Fraction(45, 100) if number % 2 else None for number in range(len(book))),
    )
    clauses = {"covers": "principal and interest", **REFILLED}
    check_one_by_one(with_interest, clauses, random_defaults(book, seed))


def loans_of(*rows: Any) -> Book:
    return book_of_table(row(f"L{number}", **each) for number, each in enumerate(rows))


def test_seven_losses_of_a_fund_are_shared_as_the_agreement_says() -> None:
    book = bullets(8, lgd=None, appraised_value=0)
    defaults = given_defaults(*((3, loan, (10 + loan) * DAY) for loan in (4, 1, 7, 0, 2, 3, 6, 5)))
    shared = share_defaults(book, agreement(WITH_FUND), RECOVERY, defaults)
    assert shared.claims.loan.tolist() == list(range(8))
    assert shared.shares.fund_left[0, 5:].tolist() == [40_000_000, 0, 0]
    assert shared.shares.paid[:, 6:].T.tolist() == [[40_000_000, 140_000_000, 20_000_000], [0, 180_000_000, 20_000_000]]


def test_claims_are_settled_in_the_order_of_settlement_then_of_the_loans() -> None:
    book = bullets(4)
    delays = np.array([30.0, 5.0, 20.0, 10.0]) * DAY
    defaults = given_defaults((1, 0, 1 * DAY), (0, 1, 8 * DAY), (1, 3, 11 * DAY), (1, 1, 2 * DAY), claim_minutes=delays)
    claims = claims_of(book, defaults)
    assert (claims.path.tolist(), claims.loan.tolist()) == ([0, 1, 1, 1], [1, 1, 0, 3])
    assert (claims.settled_at / DAY).tolist() == [13, 12, 31, 31]
    assert claims.default.tolist() == [1, 3, 0, 2]
    first = book.origin.toordinal()
    assert (claims.day - first).tolist() == [13, 12, 31, 31]
    assert (claims.lost_on - first).tolist() == [8, 2, 1, 11]
    assert (claims.drawn_on - first).tolist() == [0, 0, 0, 0]


def test_claims_of_a_day_that_share_pro_rata_are_settled_at_the_midnight_that_ends_it() -> None:
    defaults = given_defaults((0, 1, 0.25 * DAY), (0, 0, 0.75 * DAY), (0, 2, 1 * DAY))
    claims = claims_of(bullets(3), defaults, same_day="pro rata")
    assert claims.loan.tolist() == [0, 1, 2]
    assert (claims.settled_at / DAY).tolist() == [11, 11, 12]
    assert (claims.day - bullets(3).origin.toordinal()).tolist() == [10, 10, 11]


def test_a_loss_is_what_is_outstanding_before_the_payment_of_the_very_moment() -> None:
    book = bullets(1)
    changes = np.array([[0.0, 30 * DAY, 60 * DAY, 365 * DAY, np.inf]])
    outstanding = np.array([[100, 70, 40, 0, 0]])
    falling = replace(book, changes_at=changes, outstanding=outstanding)
    moments = [0.0, 29.9 * DAY, 30 * DAY, 30.1 * DAY, 364 * DAY]
    claims = claims_of(falling, given_defaults(*((path, 0, moment) for path, moment in enumerate(moments))))
    assert claims.amount.tolist() == [100, 100, 100, 70, 40]


def test_interest_owed_counts_months_that_are_over_and_days_since() -> None:
    book = replace(
        bullets(1),
        changes_at=np.array([[0.0, 31 * DAY, 365 * DAY]]),
        outstanding=np.array([[120_000_000, 60_000_000, 0]]),
        accrued=np.array([[0, 120_000_000, 0]]),
        rate=(Fraction(6, 100),),
    )
    claims = claims_of(book, given_defaults((0, 0, 10.9 * DAY), (1, 0, 104 * DAY)), "principal and interest")
    # 120m fen for 10 days; 120m for a month and 60m for 73 days, a fifth of a year.
    assert claims.amount.tolist() == [120_000_000 + 197_260, 60_000_000 + 600_000 + 720_000]
    assert claims.outstanding.tolist() == [120_000_000, 60_000_000]


def test_a_given_lgd_takes_its_share_of_the_loss_and_nothing_comes_back() -> None:
    book = loans_of({"lgd": Fraction("0.455")}, {"lgd": None, "appraised_value": 4 * MILLION})
    defaults = given_defaults((0, 0, DAY), (0, 1, 2 * DAY))
    shared = share_defaults(book, agreement(ALONE), credit_of().recovery, defaults)
    assert shared.claims.amount.tolist() == [91_000_000, 200_000_000]
    assert (shared.sales.claim.tolist(), shared.sales.proceeds.tolist()) == ([1], [2 * MILLION])
    assert shared.borne.tolist() == [[91_000_000, 20_000_000]]


def test_the_ip_is_sold_at_what_it_is_worth_then_less_haircut_and_cost() -> None:
    book = bullets(2, lgd=None, appraised_value=MILLION)
    recovery = credit_of(recovery={"decay": "20%", "volatility": "30%"}).recovery
    defaults = given_defaults(
        (0, 0, DAY), (0, 1, DAY), claim_minutes=364 * DAY, sale_minutes=365 * DAY, haircut=0.6, cost=0.1, luck=1.5
    )
    claims = claims_of(book, defaults)
    sales = sales_of(book, defaults, claims, recovery)
    worth = MILLION * 0.64 * np.exp(0.3 * np.sqrt(2) * 1.5 - 0.09)
    assert sales.proceeds.tolist() == [round(worth * 0.4)] * 2
    assert sales.cost.tolist() == [round(round(worth * 0.4) * 0.1)] * 2
    assert (sales.moment / DAY).tolist() == [730, 730]


@pytest.mark.parametrize(("haircut", "cost", "net"), [(1.0, 0.5, 0), (1.7, 0.5, 0), (0.0, 1.0, 0), (0.0, 3.0, 0)])
def test_a_sale_never_brings_less_than_nothing(haircut: float, cost: float, net: int) -> None:
    book = bullets(1, lgd=None, appraised_value=MILLION)
    defaults = given_defaults((0, 0, DAY), haircut=haircut, cost=cost)
    shared = share_defaults(book, agreement(ALONE), RECOVERY, defaults)
    assert (shared.sales.proceeds - shared.sales.cost).tolist() == [net]
    assert shared.borne.tolist() == [[200_000_000]]


def base_of(per: str, base: str, *rows: Any, defaults: Defaults, same_day: Any = "in order") -> list[int]:
    """A base at each claim, in millions of yuan."""
    book = loans_of(*rows)
    claims = claims_of(book, defaults, same_day=same_day)
    need: Any = (per, base)
    return (bases_of(book, claims, [need], same_day)[need] / MILLION).tolist()


def test_a_defaulted_loan_stays_in_the_guaranteed_balance_until_its_claim_is_settled() -> None:
    rows = [{"principal": MILLION * 2**number, "tenor_months": 1 + number} for number in range(3)]
    # Loan 0 would be repaid after 31 days, but defaults on day 30; its claim is settled on day 40, that of 2 on 35.
    defaults = given_defaults((0, 0, 30 * DAY), (0, 2, 25 * DAY), (1, 1, 30 * DAY))
    assert base_of("ever", "guaranteed balance", *rows, defaults=defaults) == [1 + 2 + 4, 1 + 2, 2 + 4]


def test_claims_that_share_pro_rata_find_the_balance_of_the_morning() -> None:
    defaults = given_defaults((0, 0, 5.2 * DAY), (0, 1, 5.6 * DAY))
    rows: list[dict[str, Any]] = [{}, {}, {}]
    assert base_of("ever", "guaranteed balance", *rows, defaults=defaults) == [6, 4]
    assert base_of("ever", "guaranteed balance", *rows, defaults=defaults, same_day="pro rata") == [6, 6]


def test_what_is_drawn_at_the_very_moment_of_a_settlement_counts_but_not_what_is_drawn_the_day_after() -> None:
    # The claim is settled as the twelfth begins, or pro rata with all of the eleventh.
    rows = [{}, {"start": datetime.date(2021, 1, 12)}, {"start": datetime.date(2021, 1, 13)}]
    for base in ("principal", "guaranteed balance"):
        assert base_of("ever", base, *rows, defaults=given_defaults((0, 0, DAY))) == [4]
        on_the_day_before = given_defaults((0, 0, 0.5 * DAY))
        assert base_of("ever", base, *rows, defaults=on_the_day_before, same_day="pro rata") == [2]


@pytest.mark.parametrize(
    ("per", "principal", "premium", "balance"),
    [("year of claim", 0, 4, 6), ("year of loss", 2, 2, 6), ("year of underwriting", 4, 5, 4), ("ever", 6, 7, 6)],
)
def test_a_year_has_what_was_lent_and_paid_in_it_but_the_balance_of_all_loans(
    per: Any, principal: int, premium: int, balance: int
) -> None:
    summer = [datetime.date(year, 7, 1) for year in (2020, 2020, 2021)]
    book = loans_of(*({"start": start, "tenor_months": 36} for start in summer))
    # Loan 0 pays 1m in 2020 and 4m early in 2022, loan 2 pays 2m in 2021 and 8m when the claim is settled already.
    moments, fen = np.array([0, 560, 365, 600]) * DAY, np.array([1, 4, 2, 8]) * MILLION
    book = replace(book, premiums=Dated(np.array([0, 0, 2, 2]), moments, fen))
    # Loan 1 defaults in December 2021; its claim is settled in January 2022.
    claims = claims_of(book, given_defaults((0, 1, 540 * DAY), claim_minutes=30 * DAY))
    found = bases_of(book, claims, [(per, base) for base in BASES])
    expected = {"principal": principal, "premium": premium, "guaranteed balance": balance}
    assert {base: int(found[per, base][0] / MILLION) for base in BASES} == expected


def test_premiums_are_no_longer_paid_after_a_default() -> None:
    book = bullets(2, premium=MILLION, tenor_months=36)
    later = np.array([0, 365, 730]) * DAY
    premiums = replace(book.premiums, loan=np.repeat([0, 1], 3), moment=np.tile(later, 2), fen=np.full(6, MILLION))
    claims = claims_of(replace(book, premiums=premiums), given_defaults((0, 0, 100 * DAY), (0, 1, 740 * DAY)))
    found = bases_of(replace(book, premiums=premiums), claims, [("ever", "premium"), ("loss", "premium")])
    assert (found["ever", "premium"] / MILLION).tolist() == [2, 4]
    assert (found["loss", "premium"] / MILLION).tolist() == [1, 3]


@pytest.mark.parametrize(
    ("moment", "message"),
    [(-1.0, "between its drawdown and its end"), (365 * DAY, r"moment\(=525600.0\) of loan 'L0' must lie between")],
)
def test_a_default_outside_of_the_life_of_its_loan_is_refused(moment: float, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        claims_of(bullets(1), given_defaults((0, 0, moment)))


def test_defaults_that_do_not_fit_together_are_refused() -> None:
    with pytest.raises(ValueError, match="moment must have an entry for each of 2 defaults"):
        replace(given_defaults((0, 0, 1.0), (0, 1, 1.0)), moment=np.zeros(3))
    with pytest.raises(ValueError, match="claim_minutes must be at least 0"):
        given_defaults((0, 0, 1.0), claim_minutes=-1.0)


def test_interest_without_rates_and_ip_worth_too_much_are_refused() -> None:
    with pytest.raises(ValueError, match="rate and accrued must be given"):
        claims_of(bullets(1), given_defaults((0, 0, 1.0)), "principal and interest")
    book, defaults = bullets(1, lgd=None, appraised_value=2**60), given_defaults((0, 0, 1.0), luck=300.0)
    wild = credit_of(recovery={"volatility": "100%"}).recovery
    with pytest.raises(ValueError, match="worth less than 46,116,860,184,273,879 CNY"):
        sales_of(book, defaults, claims_of(book, defaults), wild)


def test_no_defaults_are_no_losses() -> None:
    nobody = Defaults(*(np.zeros(0, dtype=np.int64) for _ in range(2)), *(np.zeros(0) for _ in range(6)))
    for clauses in (WITH_FUND, measured("ever", "premium")):
        shared: SharedLosses = share_defaults(bullets(3), agreement(clauses), RECOVERY, nobody)
        assert shared.borne.shape == (3, 0)
