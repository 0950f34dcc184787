"""Losses and recoveries are shared to the fen as the agreement says."""

from __future__ import annotations

import pickle
from collections.abc import Sequence
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.scenario.agreement import RiskSharing
from simulator.sharing import Agreement, Allocation, Balances
from simulator.sharing.rounding import largest_remainder

STRADDLES = ("in proportion", "shortfall shared", "remainder shared", "all or nothing")
RESERVE = "fengxian reserve"


def yuan(amount: float) -> int:
    return round(amount * 100)


def agreement(split: dict[str, Any], **clauses: Any) -> Agreement:
    return Agreement(RiskSharing.model_validate({"split": split, **clauses}))


def fengxian(refill: bool = False, **clauses: Any) -> Agreement:
    """C9-F2: fund 30, insurer 60, bank 10 until the fund of 4m is used up, then insurer 90, bank 10."""
    return agreement(
        {
            "district": {"share": "30%", "up to": RESERVE, "otherwise": "insurer"},
            "insurer": "60%",
            "bank": "rest",
        },
        funds={RESERVE: {"balance": "4m CNY", "owner": "district", "refill": refill}},
        **clauses,
    )


def paid_by(allocation: Allocation) -> tuple[int, ...]:
    """What district, insurer and bank pay."""
    return tuple(allocation.paid[party] for party in ("district", "insurer", "bank"))


# Rounding


amounts = st.integers(0, 10**17)


@st.composite
def exact_shares(draw: st.DrawFn) -> list[Fraction]:
    weights = draw(st.lists(st.integers(0, 10**6), min_size=1, max_size=6).filter(any))
    return [Fraction(weight, sum(weights)) for weight in weights]


@given(amounts, exact_shares())
def test_rounded_parts_sum_to_the_amount_and_lie_within_a_fen_of_their_shares(
    amount: int, shares: list[Fraction]
) -> None:
    parts = largest_remainder(amount, shares)
    assert sum(parts) == amount
    assert all(abs(part - amount * share) < 1 for part, share in zip(parts, shares, strict=True))


@given(amounts, exact_shares())
def test_a_fen_left_over_goes_to_the_largest_remainder_and_in_a_tie_to_the_first(
    amount: int, shares: list[Fraction]
) -> None:
    parts = largest_remainder(amount, shares)
    remainders = [amount * share % 1 for share in shares]
    favoured = [part > amount * share for part, share in zip(parts, shares, strict=True)]
    for earlier in range(len(shares)):
        for later in range(earlier + 1, len(shares)):
            if remainders[earlier] >= remainders[later]:
                assert favoured[earlier] or not favoured[later]
            else:
                assert favoured[later] or not favoured[earlier]


def test_three_equal_shares_of_a_yuan_leave_the_odd_fen_to_the_first() -> None:
    assert largest_remainder(100, [Fraction(1, 3)] * 3) == [34, 33, 33]


def test_amounts_beyond_floating_point_are_divided_exactly() -> None:
    assert largest_remainder(10**30 + 1, [Fraction(1, 2), Fraction(1, 2)]) == [5 * 10**29 + 1, 5 * 10**29]


@pytest.mark.parametrize(
    ("amount", "shares", "message"),
    [
        (-1, [Fraction(1)], r"amount=-1 must be at least 0"),
        (1, [Fraction(1, 2)], r"shares=\['1/2'\] must sum to 1"),
        (1, [], r"shares=\[\] must sum to 1"),
        (1, [Fraction(3, 2), Fraction(-1, 2)], r"must not be negative"),
    ],
)
def test_what_cannot_be_divided_is_refused(amount: int, shares: Sequence[Fraction], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        largest_remainder(amount, shares)


# Losses


def test_ninety_ten_leaves_the_insurer_1_8m_of_a_2m_loss() -> None:
    """E-01."""
    quota = agreement({"insurer": "90%", "bank": "10%"})
    assert quota.share(yuan(2_000_000), quota.open()).paid == {"insurer": yuan(1_800_000), "bank": yuan(200_000)}


def test_a_bank_alone_bears_everything() -> None:
    alone = agreement({"bank": "100%"})
    shared = alone.share(12345, alone.open())
    assert shared.paid == {"bank": 12345}
    assert (shared.funds_before, shared.funds_after) == ({}, {})


@pytest.mark.parametrize("straddle", STRADDLES)
def test_six_losses_of_2m_leave_the_fund_0_4m(straddle: str) -> None:
    """E-02, which holds in every reading as long as no loss straddles."""
    sharing = fengxian(straddle=straddle)
    balances = sharing.open()
    for number in range(1, 7):
        shared = sharing.share(yuan(2_000_000), balances)
        assert paid_by(shared) == (yuan(600_000), yuan(1_200_000), yuan(200_000))
        assert balances.left == {RESERVE: yuan(4_000_000 - 600_000 * number)} == shared.funds_after


@pytest.mark.parametrize(
    ("straddle", "seventh", "left"),
    [
        ("in proportion", (400_000, 1_400_000, 200_000), 0),
        ("shortfall shared", (400_000, 1_380_000, 220_000), 0),
        ("remainder shared", (400_000, 1_440_000, 160_000), 0),
        ("all or nothing", (0, 1_800_000, 200_000), 400_000),
    ],
)
def test_the_seventh_loss_straddles_and_the_eighth_is_shared_nine_to_one(
    straddle: str, seventh: tuple[int, ...], left: int
) -> None:
    """D-01, E-02."""
    sharing = fengxian(straddle=straddle)
    balances = sharing.open()
    for _ in range(6):
        sharing.share(yuan(2_000_000), balances)
    shared = sharing.share(yuan(2_000_000), balances)
    assert paid_by(shared) == tuple(yuan(part) for part in seventh)
    assert (shared.funds_before, shared.funds_after) == ({RESERVE: yuan(400_000)}, {RESERVE: yuan(left)})
    assert paid_by(sharing.share(yuan(2_000_000), balances)) == (0, yuan(1_800_000), yuan(200_000))


def test_under_all_or_nothing_the_fund_keeps_its_money_for_a_smaller_loss() -> None:
    sharing = fengxian(straddle="all or nothing")
    balances = Balances({RESERVE: yuan(400_000)})
    sharing.share(yuan(2_000_000), balances)
    assert paid_by(sharing.share(yuan(1_000_000), balances)) == (yuan(300_000), yuan(600_000), yuan(100_000))
    assert balances.left == {RESERVE: yuan(100_000)}


def test_a_loss_that_takes_exactly_what_is_left_does_not_straddle() -> None:
    for straddle in STRADDLES:
        sharing, balances = fengxian(straddle=straddle), Balances({RESERVE: yuan(600_000)})
        shared = sharing.share(yuan(2_000_000), balances)
        assert paid_by(shared) == (yuan(600_000), yuan(1_200_000), yuan(200_000))
        assert balances.left == {RESERVE: 0}
        assert shared.steps[0].sentence.endswith("the fengxian reserve has 600,000 CNY left and pays that")


@given(st.integers(1, 10**9), st.integers(0, 4 * 10**5))
def test_every_reading_of_a_straddling_loss_follows_its_formula(ten_yuan: int, thousand_fen: int) -> None:
    """D-01 a to d, on amounts that need no rounding."""
    loss, fund = ten_yuan * 1000, thousand_fen * 1000
    short = loss * 3 // 10 - fund
    tenth = loss // 10
    if short <= 0:
        expected = dict.fromkeys(STRADDLES, (3 * tenth, tenth))
    elif fund == 0:
        expected = dict.fromkeys(STRADDLES, (0, tenth))
    else:
        banks = (tenth, tenth + short // 10, (loss - fund) // 10, tenth)
        expected = {
            straddle: (0 if straddle == "all or nothing" else fund, bank)
            for straddle, bank in zip(STRADDLES, banks, strict=True)
        }
    for straddle, (district, bank) in expected.items():
        shared = fengxian(straddle=straddle).share(loss, Balances({RESERVE: fund}))
        assert paid_by(shared) == (district, loss - district - bank, bank)


@given(st.lists(st.integers(0, yuan(5_000_000)), max_size=40))
def test_the_fund_pays_4m_at_most_and_is_used_up_by_13_33m_of_losses_of_any_sizes(losses: list[int]) -> None:
    """E-03; each loss may be rounded by less than a fen."""
    sharing = fengxian()
    balances = sharing.open()
    paid = [sharing.share(loss, balances).paid for loss in losses]
    from_fund = sum(each["district"] for each in paid)
    owed = Fraction(3, 10) * sum(losses)
    assert from_fund == yuan(4_000_000) - balances.left[RESERVE] <= yuan(4_000_000)
    assert abs(from_fund - min(owed, yuan(4_000_000))) <= len(losses)
    for loss, each in zip(losses, paid, strict=True):
        assert abs(each["bank"] - Fraction(loss, 10)) < 1  # in both regimes and between them the bank bears a tenth


@given(st.integers(0, 10**12))
def test_once_the_fund_is_used_up_losses_are_shared_as_by_ninety_ten_to_the_fen(loss: int) -> None:
    quota = agreement({"insurer": "90%", "bank": "10%"})
    expected = {"district": 0, **quota.share(loss, quota.open()).paid}
    for straddle in STRADDLES:
        assert fengxian(straddle=straddle).share(loss, Balances({RESERVE: 0})).paid == expected


def test_what_a_fund_cannot_pay_may_be_split_and_reach_a_second_fund() -> None:
    sharing = agreement(
        {
            "city": {
                "share": "50%",
                "up to": "city fund",
                "otherwise": {"insurer": {"share": "60%", "up to": "pool", "otherwise": "bank"}, "firm": "rest"},
            },
            "bank": "rest",
        },
        funds={
            "city fund": {"balance": "100 CNY", "owner": "city"},
            "pool": {"balance": "30 CNY", "owner": "insurer"},
        },
    )
    balances = sharing.open()
    shared = sharing.share(yuan(400), balances)
    # Half is 200: the city fund pays 100; 60 of the other 100 is the insurer's, whose pool has 30; 40 is the firm's.
    assert shared.paid == {"city": yuan(100), "insurer": yuan(30), "bank": yuan(230), "firm": yuan(40)}
    assert balances.left == {"city fund": 0, "pool": 0}
    after = sharing.share(yuan(100), balances)
    assert after.paid == {"city": 0, "insurer": 0, "bank": yuan(80), "firm": yuan(20)}
    assert [step.sentence for step in after.steps[:2]] == [
        "the city fund is used up; its 50% falls to insurer: 60% up to pool, otherwise the bank, firm: 40%",
        "the pool is used up; its 30% falls to the bank",
    ]


def test_under_all_or_nothing_a_share_handed_on_to_a_second_fund_can_make_that_stand_aside_too() -> None:
    sharing = agreement(
        {
            "city": {
                "share": "50%",
                "up to": "city fund",
                "otherwise": {"insurer": {"share": "100%", "up to": "pool", "otherwise": "bank"}},
            },
            "bank": "rest",
        },
        funds={
            "city fund": {"balance": "100 CNY", "owner": "city"},
            "pool": {"balance": "30 CNY", "owner": "insurer"},
        },
        straddle="all or nothing",
    )
    balances = sharing.open()
    assert sharing.share(yuan(400), balances).paid == {"city": 0, "insurer": 0, "bank": yuan(400)}
    assert balances.left == sharing.funds


def test_two_funds_pay_side_by_side_each_until_it_is_used_up() -> None:
    sharing = agreement(
        {
            "city": {"share": "40%", "up to": "city fund", "otherwise": "bank"},
            "district": {"share": "40%", "up to": "district fund", "otherwise": "bank"},
            "bank": "rest",
        },
        funds={
            "city fund": {"balance": "10 CNY", "owner": "city"},
            "district fund": {"balance": "50 CNY", "owner": "district"},
        },
    )
    assert sharing.share(yuan(100), sharing.open()).paid == {"city": 1000, "district": 4000, "bank": 5000}


def test_a_negative_loss_is_refused_and_changes_nothing() -> None:
    sharing = fengxian()
    balances = sharing.open()
    with pytest.raises(ValueError, match="loss=-1 must be at least 0"):
        sharing.share(-1, balances)
    assert balances == sharing.open()


# What explains them


def test_the_steps_say_what_happened_in_order() -> None:
    sharing = fengxian()
    shared = sharing.share(yuan(2_000_000), Balances({RESERVE: yuan(400_000)}))
    assert [step.sentence for step in shared.steps] == [
        "30% of 2.0m CNY is 600,000 CNY; the fengxian reserve has 400,000 CNY left and pays that; "
        "the other 200,000 CNY falls to the insurer",
        "60% of 2.0m CNY is 1.2m CNY, borne by the insurer",
        "10% of 2.0m CNY is 200,000 CNY, borne by the bank",
    ]
    first = shared.steps[0]
    assert first.clause == "district: 30% up to fengxian reserve, otherwise the insurer"
    assert (first.amount, first.fund, first.room) == (yuan(600_000), RESERVE, yuan(400_000))
    assert first.paid == {"district": yuan(400_000), "insurer": yuan(200_000)}


def test_the_steps_say_that_a_fund_is_used_up_or_stands_aside() -> None:
    used_up = fengxian().share(yuan(2_000_000), Balances({RESERVE: 0}))
    assert [step.sentence for step in used_up.steps] == [
        "the fengxian reserve is used up; its 30% falls to the insurer",
        "90% of 2.0m CNY is 1.8m CNY, borne by the insurer",
        "10% of 2.0m CNY is 200,000 CNY, borne by the bank",
    ]
    aside = fengxian(straddle="all or nothing").share(yuan(2_000_000), Balances({RESERVE: yuan(400_000)}))
    assert aside.steps[0].sentence == (
        "the fengxian reserve has only 400,000 CNY left and keeps it for a smaller loss; its 30% falls to the insurer"
    )


def test_the_steps_of_the_other_readings_say_what_is_shared_anew() -> None:
    told = {
        straddle: [
            step.sentence
            for step in fengxian(straddle=straddle).share(yuan(2_000_000), Balances({RESERVE: yuan(400_000)})).steps
        ]
        for straddle in ("shortfall shared", "remainder shared")
    }
    paying = "30% of 2.0m CNY is 600,000 CNY; the fengxian reserve has 400,000 CNY left and pays that; "
    assert told["shortfall shared"][0] == paying + "the other 200,000 CNY is shared as if it were used up"
    assert told["shortfall shared"][-2:] == [
        "90% of 200,000 CNY is 180,000 CNY, borne by the insurer",
        "10% of 200,000 CNY is 20,000 CNY, borne by the bank",
    ]
    assert told["remainder shared"] == [
        paying + "the other 200,000 CNY is shared, with all that no fund pays, as if it were used up",
        "90% of 1.6m CNY is 1.44m CNY, borne by the insurer",
        "10% of 1.6m CNY is 160,000 CNY, borne by the bank",
    ]


def test_amounts_in_the_explanation_are_told_to_the_fen() -> None:
    thirds = agreement({"bank": "1/3", "PICC": "rest"})
    shared = thirds.share(200_000_011, thirds.open())
    assert [step.sentence for step in shared.steps] == [
        "1/3 of 2,000,000.11 CNY is 666,666.70 CNY in whole fen, borne by the bank",
        "2/3 of 2,000,000.11 CNY is 1,333,333.41 CNY in whole fen, borne by PICC",
    ]


# Any agreement at all


NAMES = ("bank", "insurer", "guarantor", "city", "district")


@st.composite
def splits(draw: st.DrawFn, funds: dict[str, dict[str, Any]], depth: int = 0) -> dict[str, Any]:
    """A split in the form of a file; adds the funds it draws on."""
    parties = draw(st.lists(st.sampled_from(NAMES), min_size=1, max_size=4, unique=True))
    weights = draw(st.lists(st.integers(1, 30), min_size=len(parties), max_size=len(parties)))
    split: dict[str, Any] = {}
    for party, weight in zip(parties, weights, strict=True):
        share = f"{weight}/{sum(weights)}"
        if depth < 2 and draw(st.booleans()):
            name = f"fund {len(funds)}"
            fen = draw(st.integers(1, 10**6))
            funds[name] = {"balance": f"{fen / 100:.2f} CNY", "owner": party, "refill": draw(st.booleans())}
            otherwise = draw(st.sampled_from(NAMES) | splits(funds, depth + 1))
            split[party] = {"share": share, "up to": name, "otherwise": otherwise}
        else:
            split[party] = share
    return split


@st.composite
def agreements(draw: st.DrawFn) -> Agreement:
    funds: dict[str, dict[str, Any]] = {}
    split = draw(splits(funds))
    first = draw(st.sampled_from([None, *split]))
    return agreement(
        split,
        funds=funds,
        straddle=draw(st.sampled_from(STRADDLES)),
        recoveries="pro rata" if first is None else {"first": first},
    )


losses_of_any_size = st.lists(st.integers(0, 3 * 10**6), min_size=1, max_size=6)


@given(agreements(), losses_of_any_size)
def test_no_fen_of_a_loss_appears_or_vanishes(sharing: Agreement, losses: list[int]) -> None:
    balances = sharing.open()
    for loss in losses:
        before = dict(balances.left)
        shared = sharing.share(loss, balances)
        assert sum(shared.paid.values()) == loss
        assert tuple(shared.paid) == sharing.parties
        assert min(shared.paid.values()) >= 0
        assert (shared.funds_before, shared.funds_after) == (before, balances.left)


@given(agreements(), losses_of_any_size)
def test_a_fund_is_never_overdrawn_and_its_money_is_paid_by_its_owner(sharing: Agreement, losses: list[int]) -> None:
    balances = sharing.open()
    for loss in losses:
        shared = sharing.share(loss, balances)
        for party in sharing.parties:
            owned = [name for name, fund in sharing.model.funds.items() if fund.owner == party]
            from_funds = sum(shared.funds_before[name] - shared.funds_after[name] for name in owned)
            assert from_funds <= shared.paid[party]
        for name, left in balances.left.items():
            assert 0 <= left <= shared.funds_before[name]


@given(agreements(), losses_of_any_size)
def test_the_steps_account_for_every_fen(sharing: Agreement, losses: list[int]) -> None:
    balances = sharing.open()
    for loss in losses:
        shared = sharing.share(loss, balances)
        told = dict.fromkeys(sharing.parties, 0)
        for step in shared.steps:
            for party, part in step.paid.items():
                told[party] += part
        assert told == shared.paid


@given(agreements(), losses_of_any_size)
def test_with_all_funds_used_up_everybody_pays_its_share_of_the_exhausted_split(
    sharing: Agreement, losses: list[int]
) -> None:
    exhausted = sharing.model.exhausted_split()
    for loss in losses:
        shared = sharing.share(loss, Balances(dict.fromkeys(sharing.funds, 0)))
        expected = dict(zip(exhausted, largest_remainder(loss, list(exhausted.values())), strict=True))
        assert shared.paid == dict.fromkeys(sharing.parties, 0) | expected


@given(agreements(), st.integers(0, 3 * 10**6))
def test_the_same_loss_on_the_same_balances_is_shared_the_same_after_a_trip_to_another_process(
    sharing: Agreement, loss: int
) -> None:
    here = sharing.share(loss, sharing.open())
    there = pickle.loads(pickle.dumps(sharing))
    assert pickle.loads(pickle.dumps(there.share(loss, there.open()))) == here


# Recoveries


def test_recoveries_go_back_pro_rata_to_what_each_paid() -> None:
    """D-04."""
    sharing = fengxian()
    balances = sharing.open()
    paid = sharing.share(yuan(2_000_000), balances).paid
    back = sharing.give_back(yuan(1_000_000), paid, {}, balances)
    assert back.received == {"district": yuan(300_000), "insurer": yuan(600_000), "bank": yuan(100_000)}
    assert back.surplus == 0
    assert balances.left == {RESERVE: yuan(3_400_000)}
    assert back.sentence == (
        "of 1.0m CNY recovered: 300,000 CNY to the district, 600,000 CNY to the insurer, 100,000 CNY to the bank"
    )


def test_recoveries_can_make_the_insurer_whole_first() -> None:
    """D-04, the alternative."""
    sharing = fengxian(recoveries={"first": "insurer"})
    balances = sharing.open()
    paid = sharing.share(yuan(2_000_000), balances).paid
    first = sharing.give_back(yuan(1_000_000), paid, {}, balances)
    assert first.received == {"district": 0, "insurer": yuan(1_000_000), "bank": 0}
    second = sharing.give_back(yuan(600_000), paid, first.received, balances)
    assert second.received == {"district": yuan(300_000), "insurer": yuan(200_000), "bank": yuan(100_000)}


def test_what_is_recovered_above_the_loss_is_the_borrowers() -> None:
    sharing = fengxian()
    balances = sharing.open()
    paid = sharing.share(yuan(2_000_000), balances).paid
    back = sharing.give_back(yuan(2_500_000), paid, {}, balances)
    assert back.received == paid
    assert back.surplus == yuan(500_000)
    assert back.sentence.endswith("500,000 CNY to the borrower, as everybody is made whole")


def test_what_would_be_above_a_partys_payment_goes_on_to_the_others() -> None:
    sharing = agreement({"a": "50%", "b": "25%", "c": "25%"})
    back = sharing.give_back(60, {"a": 100, "b": 50, "c": 50}, {"a": 90, "b": 0, "c": 0}, sharing.open())
    assert back.received == {"a": 10, "b": 25, "c": 25}


def test_a_fund_that_refills_takes_back_what_its_owner_receives() -> None:
    sharing = fengxian(refill=True)
    balances = sharing.open()
    paid = sharing.share(yuan(2_000_000), balances).paid
    back = sharing.give_back(yuan(1_000_000), paid, {}, balances)
    assert (back.funds_before, back.funds_after) == ({RESERVE: yuan(3_400_000)}, {RESERVE: yuan(3_700_000)})
    assert balances.left == {RESERVE: yuan(3_700_000)}
    assert back.sentence.endswith("; 300,000 CNY of it goes back into the fengxian reserve")


def test_a_fund_never_refills_above_its_opening_balance_and_a_fuller_one_loses_nothing() -> None:
    sharing = fengxian(refill=True)
    paid = sharing.share(yuan(2_000_000), sharing.open()).paid
    for before, after in ((3_900_000, 4_000_000), (5_000_000, 5_000_000)):
        balances = Balances({RESERVE: yuan(before)})
        back = sharing.give_back(yuan(1_000_000), paid, {}, balances)
        assert balances.left == {RESERVE: yuan(after)}
        assert back.received["district"] == yuan(300_000)


def test_two_refilling_funds_of_one_owner_do_not_take_the_same_fen_twice() -> None:
    sharing = agreement(
        {
            "city": {
                "share": "100%",
                "up to": "old fund",
                "otherwise": {"city": {"share": "100%", "up to": "new fund", "otherwise": "bank"}},
            }
        },
        funds={
            "old fund": {"balance": "10 CNY", "owner": "city", "refill": True},
            "new fund": {"balance": "10 CNY", "owner": "city", "refill": True},
        },
    )
    balances = sharing.open()
    paid = sharing.share(1500, balances).paid
    assert paid == {"city": 1500, "bank": 0}
    sharing.give_back(1200, paid, {}, balances)
    assert balances.left == {"old fund": 1000, "new fund": 700}


@pytest.mark.parametrize(
    ("recovery", "paid", "already", "message"),
    [
        (-1, {}, {}, "recovery=-1 must be at least 0"),
        (1, {"broker": 1}, {}, "party='broker' must be one of district, insurer, bank"),
        (1, {"bank": 1}, {"bank": 2}, r"already\['bank'\]=2 must lie between 0 and the amount it paid"),
        (1, {"bank": 1}, {"bank": -1}, r"already\['bank'\]=-1 must lie between 0 and the amount it paid"),
    ],
)
def test_a_recovery_that_cannot_be_is_refused(
    recovery: int, paid: dict[str, int], already: dict[str, int], message: str
) -> None:
    sharing = fengxian()
    with pytest.raises(ValueError, match=message):
        sharing.give_back(recovery, paid, already, sharing.open())


@given(agreements(), st.integers(0, 3 * 10**6), st.lists(st.integers(0, 2 * 10**6), min_size=1, max_size=4))
def test_nobody_gets_back_more_than_it_paid_and_no_fen_of_a_recovery_vanishes(
    sharing: Agreement, loss: int, recoveries: list[int]
) -> None:
    balances = sharing.open()
    paid = sharing.share(loss, balances).paid
    already = dict.fromkeys(sharing.parties, 0)
    for recovery in recoveries:
        back = sharing.give_back(recovery, paid, already, balances)
        assert sum(back.received.values()) + back.surplus == recovery
        assert tuple(sorted(back.received)) == tuple(sorted(sharing.parties))
        for party in sharing.parties:
            assert back.received[party] >= 0
            already[party] += back.received[party]
            assert already[party] <= paid[party]
        if back.surplus:
            assert already == paid
        for name, left in balances.left.items():
            refills, owner = sharing.model.funds[name].refill, sharing.model.funds[name].owner
            assert back.funds_before[name] <= left <= sharing.funds[name]
            assert left - back.funds_before[name] <= (back.received[owner] if refills else 0)


@given(st.lists(st.tuples(st.integers(0, 10**6), st.floats(0, 1)), min_size=3, max_size=3), st.integers(0, 3 * 10**6))
def test_all_who_are_not_yet_whole_get_the_same_part_of_what_they_paid(
    entries: list[tuple[int, float]], recovery: int
) -> None:
    sharing = agreement({"a": "1/3", "b": "1/3", "c": "1/3"})
    paid = {party: entry[0] for party, entry in zip("abc", entries, strict=True)}
    already = {party: int(entry[0] * entry[1]) for party, entry in zip("abc", entries, strict=True)}
    received = sharing.give_back(recovery, paid, already, sharing.open()).received
    unpaid = [party for party in "abc" if already[party] + received[party] < paid[party]]
    for party in unpaid:
        for other in "abc":
            if paid[other]:
                # Equal for those still owed; one who was capped has no more than they have. Rounding: under 2 fen.
                assert received[party] + 2 >= Fraction(received[other] - 2, paid[other]) * paid[party]
