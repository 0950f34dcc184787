"""Losses and recoveries are shared to the fen as the agreement says."""

from __future__ import annotations

import pickle
from collections.abc import Sequence
from datetime import date
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from random_agreements import LAST_DAY, STRADDLES, agreements, claims_of

from simulator.scenario.agreement import RiskSharing
from simulator.sharing import Agreement, Allocation, Claim, Meters
from simulator.sharing.rounding import largest_remainder
from simulator.sharing.telling import Telling

RESERVE = "fengxian reserve"
SAID = Telling()


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


def with_fund(fen: int) -> Meters:
    """The meters of Fengxian when its fund of 4m has so much left."""
    return Meters({(RESERVE, None): yuan(4_000_000) - fen})


def left_in(sharing: Agreement, meters: Meters, day: int = 1) -> dict[str, int]:
    return sharing.funds_left(meters, day)


def paid_by(allocation: Allocation) -> tuple[int, ...]:
    """What district, insurer and bank pay."""
    return tuple(allocation.paid[party] for party in ("district", "insurer", "bank"))


DATES = {
    "mid 2020": date(2020, 7, 1),
    "mid 2021": date(2021, 7, 1),
    "end of 2021": date(2021, 12, 31),
    "start of 2022": date(2022, 1, 1),
    "mid 2022": date(2022, 7, 1),
}


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
    assert quota.share(Claim(yuan(2_000_000)), quota.open()).paid == {"insurer": yuan(1_800_000), "bank": yuan(200_000)}


def test_a_bank_alone_bears_everything() -> None:
    alone = agreement({"bank": "100%"})
    shared = alone.share(Claim(12345), alone.open())
    assert shared.paid == {"bank": 12345}
    assert (shared.room_before, shared.room_after) == ({}, {})


@pytest.mark.parametrize("straddle", STRADDLES)
def test_six_losses_of_2m_leave_the_fund_0_4m(straddle: str) -> None:
    """E-02, which holds in every reading as long as no loss straddles."""
    sharing = fengxian(straddle=straddle)
    meters = sharing.open()
    for number in range(1, 7):
        shared = sharing.share(Claim(yuan(2_000_000)), meters)
        assert paid_by(shared) == (yuan(600_000), yuan(1_200_000), yuan(200_000))
        assert left_in(sharing, meters) == {RESERVE: yuan(4_000_000 - 600_000 * number)} == shared.room_after


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
    meters = sharing.open()
    for _ in range(6):
        sharing.share(Claim(yuan(2_000_000)), meters)
    shared = sharing.share(Claim(yuan(2_000_000)), meters)
    assert paid_by(shared) == tuple(yuan(part) for part in seventh)
    assert (shared.room_before, shared.room_after) == ({RESERVE: yuan(400_000)}, {RESERVE: yuan(left)})
    assert paid_by(sharing.share(Claim(yuan(2_000_000)), meters)) == (0, yuan(1_800_000), yuan(200_000))


def test_under_all_or_nothing_the_fund_keeps_its_money_for_a_smaller_loss() -> None:
    sharing = fengxian(straddle="all or nothing")
    meters = with_fund(yuan(400_000))
    sharing.share(Claim(yuan(2_000_000)), meters)
    assert paid_by(sharing.share(Claim(yuan(1_000_000)), meters)) == (yuan(300_000), yuan(600_000), yuan(100_000))
    assert left_in(sharing, meters) == {RESERVE: yuan(100_000)}


def test_a_loss_that_takes_exactly_what_is_left_does_not_straddle() -> None:
    for straddle in STRADDLES:
        sharing, meters = fengxian(straddle=straddle), with_fund(yuan(600_000))
        shared = sharing.share(Claim(yuan(2_000_000)), meters)
        assert paid_by(shared) == (yuan(600_000), yuan(1_200_000), yuan(200_000))
        assert left_in(sharing, meters) == {RESERVE: 0}
        assert SAID.step(shared.steps[0]).endswith("the fengxian reserve has 600,000 CNY left and pays all of it")


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
        shared = fengxian(straddle=straddle).share(Claim(loss), with_fund(fund))
        assert paid_by(shared) == (district, loss - district - bank, bank)


@given(st.lists(st.integers(0, yuan(5_000_000)), max_size=40))
def test_the_fund_pays_4m_at_most_and_is_used_up_by_13_33m_of_losses_of_any_sizes(losses: list[int]) -> None:
    """E-03; each loss may be rounded by less than a fen."""
    sharing = fengxian()
    meters = sharing.open()
    paid = [sharing.share(Claim(loss), meters).paid for loss in losses]
    from_fund = sum(each["district"] for each in paid)
    owed = Fraction(3, 10) * sum(losses)
    assert from_fund == yuan(4_000_000) - left_in(sharing, meters)[RESERVE] <= yuan(4_000_000)
    assert abs(from_fund - min(owed, yuan(4_000_000))) <= len(losses)
    for loss, each in zip(losses, paid, strict=True):
        assert abs(each["bank"] - Fraction(loss, 10)) < 1  # in both regimes and between them the bank bears a tenth


@given(st.integers(0, 10**12))
def test_once_the_fund_is_used_up_losses_are_shared_as_by_ninety_ten_to_the_fen(loss: int) -> None:
    quota = agreement({"insurer": "90%", "bank": "10%"})
    expected = {"district": 0, **quota.share(Claim(loss), quota.open()).paid}
    for straddle in STRADDLES:
        assert fengxian(straddle=straddle).share(Claim(loss), with_fund(0)).paid == expected


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
    meters = sharing.open()
    shared = sharing.share(Claim(yuan(400)), meters)
    # Half is 200: the city fund pays 100; 60 of the other 100 is the insurer's, whose pool has 30; 40 is the firm's.
    assert shared.paid == {"city": yuan(100), "insurer": yuan(30), "bank": yuan(230), "firm": yuan(40)}
    assert left_in(sharing, meters) == {"city fund": 0, "pool": 0}
    after = sharing.share(Claim(yuan(100)), meters)
    assert after.paid == {"city": 0, "insurer": 0, "bank": yuan(80), "firm": yuan(20)}
    assert [SAID.step(step) for step in after.steps[:2]] == [
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
    meters = sharing.open()
    assert sharing.share(Claim(yuan(400)), meters).paid == {"city": 0, "insurer": 0, "bank": yuan(400)}
    assert left_in(sharing, meters) == left_in(sharing, sharing.open())


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
    assert sharing.share(Claim(yuan(100)), sharing.open()).paid == {"city": 1000, "district": 4000, "bank": 5000}


def test_a_negative_loss_is_refused_and_changes_nothing() -> None:
    sharing = fengxian()
    meters = sharing.open()
    with pytest.raises(ValueError, match="loss=-1 must be at least 0"):
        sharing.share(Claim(-1), meters)
    assert meters == sharing.open()


# What explains them


def test_the_steps_say_what_happened_in_order() -> None:
    sharing = fengxian()
    shared = sharing.share(Claim(yuan(2_000_000)), with_fund(yuan(400_000)))
    assert [SAID.step(step) for step in shared.steps] == [
        "30% of 2.0m CNY is 600,000 CNY; the fengxian reserve has 400,000 CNY left and pays that; "
        "the other 200,000 CNY falls to the insurer",
        "60% of 2.0m CNY is 1.2m CNY, borne by the insurer",
        "10% of 2.0m CNY is 200,000 CNY, borne by the bank",
    ]
    first = shared.steps[0]
    assert SAID.clause(first.clause) == "district: 30% up to fengxian reserve, otherwise the insurer"
    assert (first.amount, first.limit, first.room) == (yuan(600_000), RESERVE, yuan(400_000))
    assert first.paid == {"district": yuan(400_000), "insurer": yuan(200_000)}


def test_the_steps_say_that_a_fund_is_used_up_or_stands_aside() -> None:
    used_up = fengxian().share(Claim(yuan(2_000_000)), with_fund(0))
    assert [SAID.step(step) for step in used_up.steps] == [
        "the fengxian reserve is used up; its 30% falls to the insurer",
        "90% of 2.0m CNY is 1.8m CNY, borne by the insurer",
        "10% of 2.0m CNY is 200,000 CNY, borne by the bank",
    ]
    aside = fengxian(straddle="all or nothing").share(Claim(yuan(2_000_000)), with_fund(yuan(400_000)))
    assert SAID.step(aside.steps[0]) == (
        "the fengxian reserve has only 400,000 CNY left and keeps it for a smaller loss; its 30% falls to the insurer"
    )


def test_the_steps_of_the_other_readings_say_what_is_shared_anew() -> None:
    told = {
        straddle: [
            SAID.step(step)
            for step in fengxian(straddle=straddle).share(Claim(yuan(2_000_000)), with_fund(yuan(400_000))).steps
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
    shared = thirds.share(Claim(200_000_011), thirds.open())
    assert [SAID.step(step) for step in shared.steps] == [
        "1/3 of 2,000,000.11 CNY is 666,666.70 CNY in whole fen, borne by the bank",
        "2/3 of 2,000,000.11 CNY is 1,333,333.41 CNY in whole fen, borne by PICC",
    ]


# Limits, tests, cessions, changes


def test_a_deductible_is_borne_first_of_every_loss() -> None:
    sharing = agreement(
        {"bank": {"share": "100%", "up to": "deductible", "otherwise": {"insurer": "90%", "bank": "10%"}}},
        limits={"deductible": {"at_most": "100k CNY", "per": "loss"}},
    )
    meters = sharing.open()
    for _ in range(2):
        assert sharing.share(Claim(yuan(1_100_000)), meters).paid == {
            "bank": yuan(200_000),
            "insurer": yuan(900_000),
        }
    assert sharing.share(Claim(yuan(60_000)), meters).paid == {"bank": yuan(60_000), "insurer": 0}


def test_a_ceiling_of_each_borrower_counts_his_losses_alone() -> None:
    sharing = agreement(
        {"insurer": {"share": "80%", "up to": "per firm", "otherwise": "bank"}, "bank": "rest"},
        limits={"per firm": {"at_most": "1m CNY", "per": "borrower"}},
    )
    meters = sharing.open()
    paid = [
        sharing.share(Claim(yuan(1_000_000), borrower=firm), meters).paid["insurer"] for firm in ("a", "a", "b", "a")
    ]
    assert paid == [yuan(800_000), yuan(200_000), yuan(800_000), 0]


@pytest.mark.parametrize(
    ("per", "paid"),
    [
        ("ever", [1_000_000, 500_000, 0, 0]),
        ("year of claim", [1_000_000, 1_000_000, 500_000, 0]),
        ("year of loss", [1_000_000, 500_000, 1_000_000, 0]),
        ("year of underwriting", [1_000_000, 500_000, 0, 1_000_000]),
    ],
)
def test_the_year_of_a_meter_is_that_of_claim_loss_or_underwriting(per: str, paid: list[int]) -> None:
    sharing = agreement(
        {"insurer": {"share": "100%", "up to": "most", "otherwise": "bank"}},
        limits={"most": {"at_most": "1.5m CNY", "per": per}},
    )
    day = {name: date.toordinal() for name, date in DATES.items()}
    claims = [
        Claim(yuan(1_000_000), day["end of 2021"], lost_on=day["mid 2021"], drawn_on=day["mid 2020"]),
        Claim(yuan(1_000_000), day["mid 2022"], lost_on=day["mid 2021"], drawn_on=day["mid 2020"]),
        Claim(yuan(1_000_000), day["mid 2022"], lost_on=day["start of 2022"], drawn_on=day["mid 2020"]),
        Claim(yuan(1_000_000), day["mid 2022"], lost_on=day["mid 2021"], drawn_on=day["mid 2021"]),
    ]
    if per == "year of loss":
        paid[3] = 0
    meters = sharing.open()
    assert [sharing.share(claim, meters).paid["insurer"] for claim in claims] == [yuan(each) for each in paid]


def test_a_ceiling_can_be_a_multiple_of_the_premium_as_it_stands_on_the_day() -> None:
    sharing = agreement(
        {"insurer": {"share": "90%", "up to": "stop-loss", "otherwise": "bank"}, "bank": "rest"},
        limits={"stop-loss": {"at_most": "150% of premium", "per": "ever"}},
    )
    assert sharing.needs == (("ever", "premium"),)
    meters, paid = sharing.open(), []
    for premium in (600_000, 600_000, 1_000_000):
        claim = Claim(yuan(800_000), bases={("ever", "premium"): yuan(premium)})
        paid.append(sharing.share(claim, meters).paid["insurer"])
    assert paid == [yuan(720_000), yuan(180_000), yuan(600_000)]
    with pytest.raises(ValueError, match="does not say the premium per ever that 'stop-loss' needs"):
        sharing.share(Claim(1), meters)


def test_a_breaker_hands_the_share_on_once_the_compensation_rate_is_reached_before_a_loss() -> None:
    sharing = agreement(
        {"guarantor": {"share": "80%", "when": {"compensation rate": {"below": "5%"}}, "otherwise": "bank"},
         "bank": "rest"},
        rates={"compensation rate": {"paid_by": "guarantor", "over": "guaranteed balance"}},
    )  # fmt: skip
    meters, paid = sharing.open(), []
    told = []
    for _ in range(4):
        claim = Claim(yuan(1_000_000), bases={("ever", "guaranteed balance"): yuan(32_000_000)})
        shared = sharing.share(claim, meters)
        paid.append(shared.paid["guarantor"])
        told.append(SAID.allocation(shared)[0])
    assert paid == [yuan(800_000), yuan(800_000), 0, 0]  # 1.6m / 32m is 5%, which is not below 5%
    assert told[2] == (
        "it is not so that the compensation rate is below 5%; the guarantor stands aside, its 80% falls to the bank"
    )


def test_a_re_guarantor_gives_back_its_part_of_what_the_guarantor_has_paid_as_far_as_its_ceiling_goes() -> None:
    sharing = agreement(
        {"guarantor": "80%", "bank": "20%"},
        cede={"guarantor": {"re-guarantor": {"share": "50%", "up to": "most", "otherwise": "guarantor"},
                            "guarantor": "rest"}},
        limits={"most": {"at_most": "600k CNY", "per": "ever"}},
    )  # fmt: skip
    meters = sharing.open()
    first = sharing.share(Claim(yuan(1_000_000)), meters)
    assert first.advanced == {"guarantor": yuan(800_000), "bank": yuan(200_000), "re-guarantor": 0}
    assert first.paid == {"guarantor": yuan(400_000), "bank": yuan(200_000), "re-guarantor": yuan(400_000)}
    second = sharing.share(Claim(yuan(1_000_000)), meters)
    assert second.paid == {"guarantor": yuan(600_000), "bank": yuan(200_000), "re-guarantor": yuan(200_000)}
    assert SAID.allocation(second)[-3:] == [
        "of what the guarantor has paid, 50% of 800,000 CNY is 400,000 CNY; the most has 200,000 CNY left, borne by "
        "the re-guarantor; the other 200,000 CNY falls to the guarantor",
        "of what the guarantor has paid, 50% of 800,000 CNY is 400,000 CNY, borne by the guarantor",
        "the re-guarantor gives the guarantor back 200,000 CNY",
    ]


def test_a_chain_of_cessions_goes_on_from_what_each_has_paid_in_the_end() -> None:
    sharing = agreement(
        {"guarantor": "100%"},
        cede={"city": {"nation": "50%", "city": "rest"}, "guarantor": {"city": "40%", "guarantor": "rest"}},
    )
    shared = sharing.share(Claim(1000), sharing.open())
    assert shared.paid == {"guarantor": 600, "city": 200, "nation": 200}
    assert [(each.giver, each.taker, each.amount) for each in shared.cessions] == [
        ("guarantor", "city", 400),
        ("city", "nation", 200),
    ]


def test_terms_change_from_a_day_on_by_the_day_that_the_agreement_names() -> None:
    for by, expected in (("claim", [90, 50]), ("underwriting", [90, 90])):
        sharing = agreement(
            {"insurer": "90%", "bank": "10%"},
            changes=[{"starts": "2022-01-01", "by": by, "split": {"insurer": "50%", "bank": "50%"}}],
        )
        meters = sharing.open()
        claims = [
            Claim(100, DATES[day].toordinal(), drawn_on=DATES["mid 2020"].toordinal())
            for day in ("end of 2021", "start of 2022")
        ]
        assert [sharing.share(claim, meters).paid["insurer"] for claim in claims] == expected


def test_a_top_up_counts_before_the_losses_of_its_day_and_not_for_earlier_ones() -> None:
    sharing = agreement(
        {"city": {"share": "100%", "up to": "pool", "otherwise": "bank"}},
        funds={
            "pool": {"balance": "100 CNY", "owner": "city", "top_ups": [{"on": "2022-01-01", "amount": "50 CNY"}]},
        },
    )
    meters, day = sharing.open(), DATES["start of 2022"].toordinal()
    paid = [sharing.share(Claim(8000, each), meters).paid["city"] for each in (day - 2, day - 1, day)]
    assert paid == [8000, 2000, 5000]


@pytest.mark.parametrize("left", [0, 1])
def test_a_limit_that_is_reached_hands_on_its_share_as_one_that_has_next_to_nothing_left(left: int) -> None:
    """What the fund behind it cannot pay is shared by those behind the limit alone."""
    inner = {"a": {"share": "50%", "up to": "pool", "otherwise": "b"}, "c": "50%"}
    sharing = agreement(
        {"x": {"share": "50%", "up to": "most", "otherwise": inner}, "y": "50%"},
        funds={"pool": {"balance": "5 CNY", "owner": "a"}},
        limits={"most": {"at_most": "1 CNY", "per": "ever"}},
        straddle="shortfall shared",
    )
    shared = sharing.share(Claim(10_000), Meters({("most", None): 100 - left}))
    assert (shared.paid["y"], shared.paid["a"], shared.paid["x"]) == (5000, 500, left)
    if not left:
        behind = "a: 50% up to pool, otherwise the b, c: 50%"
        told = f"50% of 100 CNY is 50 CNY; the most is reached, and that is shared by {behind}"
        assert SAID.allocation(shared)[0] == told


def test_as_if_every_fund_were_used_up_no_fund_behind_a_limit_pays_either() -> None:
    sharing = agreement(
        {"p": {"share": "50%", "up to": "P", "otherwise": "q"},
         "x": {"share": "50%", "up to": "most", "otherwise": {"a": {"share": "100%", "up to": "F", "otherwise": "b"}}}},
        funds={"P": {"balance": "5 CNY", "owner": "p"}, "F": {"balance": "100 CNY", "owner": "a"}},
        limits={"most": {"at_most": "10 CNY", "per": "loss"}},
        straddle="remainder shared",
    )  # fmt: skip
    assert sharing.share(Claim(10_000), sharing.open()).paid == {"p": 500, "q": 4750, "x": 1000, "a": 0, "b": 3750}


def test_claims_of_one_day_share_what_is_left_pro_rata_where_the_agreement_says_so() -> None:
    losses = [Claim(yuan(3_000_000)), Claim(yuan(1_000_000))]
    in_order, pro_rata = fengxian(), fengxian(same_day="pro rata")
    assert [each.paid["district"] for each in in_order.share_day(losses, with_fund(yuan(400_000)))] == [
        yuan(400_000), 0,
    ]  # fmt: skip
    meters = with_fund(yuan(400_000))
    assert [each.paid["district"] for each in pro_rata.share_day(losses, meters)] == [yuan(300_000), yuan(100_000)]
    assert left_in(pro_rata, meters) == {RESERVE: 0}


# Any agreement at all


@st.composite
def shared(draw: st.DrawFn) -> tuple[Agreement, list[Claim], list[Allocation], list[dict[str, int]]]:
    """An agreement, claims, how they were shared day by day, and what the funds held on the morning of each."""
    sharing = draw(agreements())
    claims = draw(claims_of(sharing))
    meters, allocations, mornings = sharing.open(), [], []
    for day in dict.fromkeys(claim.day for claim in claims):
        todays = [claim for claim in claims if claim.day == day]
        mornings += [left_in(sharing, meters, day)] * len(todays)
        allocations += sharing.share_day(todays, meters)
    return sharing, claims, allocations, mornings


@given(shared())
def test_no_fen_of_a_loss_appears_or_vanishes(
    found: tuple[Agreement, list[Claim], list[Allocation], list[dict[str, int]]],
) -> None:
    sharing, claims, allocations, _ = found
    for claim, each in zip(claims, allocations, strict=True):
        for paid in (each.paid, each.advanced):
            assert sum(paid.values()) == claim.amount
            assert tuple(paid) == sharing.parties
            assert min(paid.values()) >= 0
        ceded = dict(each.advanced)
        for cession in each.cessions:
            ceded[cession.giver] -= cession.amount
            ceded[cession.taker] += cession.amount
        assert ceded == each.paid


@given(shared())
def test_nobody_pays_above_a_ceiling_and_no_fund_is_overdrawn(
    found: tuple[Agreement, list[Claim], list[Allocation], list[dict[str, int]]],
) -> None:
    sharing, claims, allocations, mornings = found
    spent: dict[tuple[str, object], int] = {}
    for claim, each, morning in zip(claims, allocations, mornings, strict=True):
        for name, left in each.room_after.items():
            used = each.room_before[name] - left
            assert 0 <= used <= each.room_before[name]
            if name in morning:
                assert each.room_before[name] <= morning[name]
                continue
            limit = sharing.model.limits[name]
            over = claim.loan if limit.per == "loss" else claim.counted_over(limit.per)
            spent[name, over] = spent.get((name, over), 0) + used
            if limit.at_most.base is None:
                assert spent[name, over] <= limit.at_most.amount
    for name, fund in sharing.model.funds.items():
        used = sum(each.room_before[name] - each.room_after[name] for each in allocations)
        assert used <= fund.balance + sum(top_up.amount for top_up in fund.top_ups)


@given(shared())
def test_the_steps_account_for_every_fen_and_are_told_in_words(
    found: tuple[Agreement, list[Claim], list[Allocation], list[dict[str, int]]],
) -> None:
    sharing, _, allocations, _ = found
    for each in allocations:
        told = dict.fromkeys(sharing.parties, 0)
        for step in each.steps:
            for party, part in step.paid.items():
                told[party] += part if step.ceded_by is None else 0
        assert told == each.advanced
        assert all(SAID.allocation(each))


@given(agreements(stateless=True), st.data())
def test_the_order_of_losses_changes_no_total_where_nothing_depends_on_time_or_state(
    sharing: Agreement, data: st.DataObject
) -> None:
    claims = data.draw(claims_of(sharing))
    turned = data.draw(st.permutations(claims))

    def totals(order: Sequence[Claim]) -> dict[str, int]:
        meters = sharing.open()
        shared = [sharing.share(claim, meters).paid for claim in order]
        return {party: sum(paid[party] for paid in shared) for party in sharing.parties}

    assert totals(claims) == totals(turned)


@given(agreements(), st.data())
def test_the_same_claims_are_shared_the_same_after_a_trip_to_another_process(
    sharing: Agreement, data: st.DataObject
) -> None:
    claims = data.draw(claims_of(sharing))
    here_meters = sharing.open()
    here = [sharing.share(claim, here_meters) for claim in claims]
    there = pickle.loads(pickle.dumps(sharing))
    there_meters = there.open()
    assert pickle.loads(pickle.dumps([there.share(claim, there_meters) for claim in claims])) == here
    assert there_meters == here_meters


# Recoveries


def test_recoveries_go_back_pro_rata_to_what_each_paid() -> None:
    """D-04."""
    sharing = fengxian()
    meters = sharing.open()
    paid = sharing.share(Claim(yuan(2_000_000)), meters).paid
    back = sharing.give_back(yuan(1_000_000), paid, {}, meters)
    assert back.received == {"district": yuan(300_000), "insurer": yuan(600_000), "bank": yuan(100_000)}
    assert back.surplus == 0
    assert left_in(sharing, meters) == {RESERVE: yuan(3_400_000)}
    assert SAID.recovered(back) == (
        "of 1.0m CNY recovered: 300,000 CNY to the district, 600,000 CNY to the insurer, 100,000 CNY to the bank"
    )


def test_recoveries_can_make_the_insurer_whole_first() -> None:
    """D-04, the alternative."""
    sharing = fengxian(recoveries={"by_rank": ["insurer"]})
    meters = sharing.open()
    paid = sharing.share(Claim(yuan(2_000_000)), meters).paid
    first = sharing.give_back(yuan(1_000_000), paid, {}, meters)
    assert first.received == {"district": 0, "insurer": yuan(1_000_000), "bank": 0}
    second = sharing.give_back(yuan(600_000), paid, first.received, meters)
    assert second.received == {"district": yuan(300_000), "insurer": yuan(200_000), "bank": yuan(100_000)}


def test_what_is_recovered_above_the_loss_is_the_borrowers() -> None:
    sharing = fengxian()
    meters = sharing.open()
    paid = sharing.share(Claim(yuan(2_000_000)), meters).paid
    back = sharing.give_back(yuan(2_500_000), paid, {}, meters)
    assert back.received == paid
    assert back.surplus == yuan(500_000)
    assert SAID.recovered(back).endswith("500,000 CNY to the borrower, as everybody is made whole")


def test_what_would_be_above_a_partys_payment_goes_on_to_the_others() -> None:
    sharing = agreement({"a": "50%", "b": "25%", "c": "25%"})
    back = sharing.give_back(60, {"a": 100, "b": 50, "c": 50}, {"a": 90, "b": 0, "c": 0}, sharing.open())
    assert back.received == {"a": 10, "b": 25, "c": 25}


def test_a_fund_that_refills_takes_back_what_its_owner_receives() -> None:
    sharing = fengxian(refill=True)
    meters = sharing.open()
    paid = sharing.share(Claim(yuan(2_000_000)), meters).paid
    back = sharing.give_back(yuan(1_000_000), paid, {}, meters)
    assert back.refilled == {RESERVE: yuan(300_000)}
    assert left_in(sharing, meters) == {RESERVE: yuan(3_700_000)}
    assert SAID.recovered(back).endswith("; 300,000 CNY of it goes back into the fengxian reserve")


def test_a_fund_never_refills_above_its_opening_balance_and_a_fuller_one_loses_nothing() -> None:
    sharing = fengxian(refill=True)
    paid = sharing.share(Claim(yuan(2_000_000)), sharing.open()).paid
    for before, after in ((3_900_000, 4_000_000), (5_000_000, 5_000_000)):
        meters = with_fund(yuan(before))
        back = sharing.give_back(yuan(1_000_000), paid, {}, meters)
        assert left_in(sharing, meters) == {RESERVE: yuan(after)}
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
    meters = sharing.open()
    paid = sharing.share(Claim(1500), meters).paid
    assert paid == {"city": 1500, "bank": 0}
    sharing.give_back(1200, paid, {}, meters)
    assert left_in(sharing, meters) == {"old fund": 1000, "new fund": 700}


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


@given(agreements(), st.data(), st.lists(st.integers(0, 2 * 10**6), min_size=1, max_size=4))
def test_nobody_gets_back_more_than_it_paid_and_no_fen_of_a_recovery_vanishes(
    sharing: Agreement, data: st.DataObject, recoveries: list[int]
) -> None:
    claim = data.draw(claims_of(sharing, most=1))[0]
    meters = sharing.open()
    opening = left_in(sharing, meters, LAST_DAY)
    paid = sharing.share(claim, meters).paid
    already = dict.fromkeys(sharing.parties, 0)
    for recovery in recoveries:
        before = left_in(sharing, meters, LAST_DAY)
        back = sharing.give_back(recovery, paid, already, meters)
        assert sum(back.received.values()) + back.surplus == recovery
        assert tuple(sorted(back.received)) == tuple(sorted(sharing.parties))
        for party in sharing.parties:
            assert back.received[party] >= 0
            already[party] += back.received[party]
            assert already[party] <= paid[party]
        if back.surplus:
            assert already == paid
        for name, left in left_in(sharing, meters, LAST_DAY).items():
            refills, owner = sharing.model.funds[name].refill, sharing.model.funds[name].owner
            assert left - before[name] == back.refilled.get(name, 0)
            assert before[name] <= left <= opening[name]
            assert left - before[name] <= (back.received[owner] if refills else 0)


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
