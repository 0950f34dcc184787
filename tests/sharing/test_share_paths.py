"""Losses of many paths at once are shared to the same fen as one after another."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from random_agreements import agreements, claims_of

from simulator.scenario.agreement import RiskSharing
from simulator.sharing import (
    Agreement,
    Allocation,
    Claim,
    PathLosses,
    PathRecoveries,
    PathShares,
    Recovered,
    share_arrays,
    share_paths,
)
from simulator.sharing.path_losses import MOST_OF_A_PATH
from simulator.sharing.path_recovery import given_back
from simulator.sharing.path_rounding import Shares, times_over, whole_parts
from simulator.sharing.rounding import largest_remainder
from simulator.sharing.rounding import whole_parts as parts_of_one

RESERVE = "fengxian reserve"
DAY = date(2022, 3, 1).toordinal()


def yuan(amount: float) -> int:
    return round(amount * 100)


def agreement(split: dict[str, Any], **clauses: Any) -> Agreement:
    return Agreement(RiskSharing.model_validate({"split": split, **clauses}))


def fengxian(refill: bool = False, **clauses: Any) -> Agreement:
    """C9-F2: fund 30, insurer 60, bank 10 until the fund of 4m is used up, then insurer 90, bank 10."""
    return agreement(
        {"district": {"share": "30%", "up to": RESERVE, "otherwise": "insurer"}, "insurer": "60%", "bank": "rest"},
        funds={RESERVE: {"balance": "4m CNY", "owner": "district", "refill": refill}},
        **clauses,
    )


def losses_of(*paths: list[int], day: int = DAY) -> PathLosses:
    """Losses in fen, a list for each path, all of one day."""
    number = [number for number, path in enumerate(paths) for _ in path]
    amount = [loss for path in paths for loss in path]
    return PathLosses(*map(np.array, (number, amount, [day] * len(amount))))


# One path after another, loss by loss


@dataclass(frozen=True)
class Return:
    """A recovery: which loss of its path it belongs to, fen, when."""

    loss: int
    amount: int
    day: int
    moment: float


@dataclass(frozen=True)
class Path:
    """What happens on one path: losses in order, with a finer time than the day, and recoveries."""

    claims: list[Claim]
    moments: list[float]
    returns: list[Return]


@dataclass(frozen=True)
class Shared:
    """What came of a path, a loss and a recovery at a time."""

    losses: list[tuple[Allocation, Mapping[str, int]]]
    returns: list[Recovered]


def one_after_another(sharing: Agreement, path: Path) -> Shared:
    """The losses and recoveries of a path, each taken when it comes by the agreement that explains."""
    claims, meters = path.claims, sharing.open()
    days: dict[object, list[int]] = {}
    for number, claim in enumerate(claims):
        days.setdefault(claim.day if sharing.model.same_day == "pro rata" else number, []).append(number)
    events: list[tuple[float, int, int, list[int]]] = [(path.moments[of[0]], 0, of[0], of) for of in days.values()]
    events += [(each.moment, 1, number, []) for number, each in enumerate(path.returns)]
    losses: dict[int, tuple[Allocation, Mapping[str, int]]] = {}
    returns: dict[int, Recovered] = {}
    already = [dict.fromkeys(sharing.parties, 0) for _ in claims]
    for _, _, number, together in sorted(events):
        if together:
            allocations = sharing.share_day([claims[each] for each in together], meters)
            left = sharing.funds_left(meters, claims[number].day)
            losses |= {each: (shared, left) for each, shared in zip(together, allocations, strict=True)}
        else:
            back = path.returns[number]
            got = sharing.give_back(back.amount, losses[back.loss][0].paid, already[back.loss], meters)
            for party, fen in got.received.items():
                already[back.loss][party] += fen
            returns[number] = got
    return Shared([losses[number] for number in range(len(claims))], [returns[n] for n in range(len(path.returns))])


def in_arrays(sharing: Agreement, paths: list[Path], fine: bool) -> tuple[PathLosses, PathRecoveries]:
    """Paths one behind the other, as arrays; numbers of paths are left out."""
    claims = [claim for path in paths for claim in path.claims]
    first = np.cumsum([0, *(len(path.claims) for path in paths)])
    returns = [
        (begin + back.loss, back.amount, back.day, back.moment)
        for begin, path in zip(first, paths, strict=False)
        for back in path.returns
    ]
    loss, amount, day, moment = zip(*returns, strict=True) if returns else ((), (), (), ())
    losses = PathLosses(
        path=np.array([3 * number + 1 for number, path in enumerate(paths) for _ in path.claims]),
        amount=np.array([claim.amount for claim in claims]),
        day=np.array([claim.day for claim in claims]),
        borrower=np.array([claim.borrower for claim in claims]),
        lost_on=np.array([claim.lost_on for claim in claims]),
        drawn_on=np.array([claim.drawn_on for claim in claims]),
        bases={need: np.array([claim.bases[need] for claim in claims]) for need in sharing.needs},
        moment=np.array([moment for path in paths for moment in path.moments]) if fine else None,
    )
    return losses, PathRecoveries(*map(np.array, (loss, amount, day)), np.array(moment) if fine else None)


def enlarged(sharing: Agreement, by: int) -> Agreement:
    """The agreement with every amount of money in it so much larger."""
    model = sharing.model
    funds = {
        name: fund.model_copy(
            update={
                "balance": fund.balance * by,
                "top_ups": [each.model_copy(update={"amount": each.amount * by}) for each in fund.top_ups],
            }
        )
        for name, fund in model.funds.items()
    }
    limits = {
        name: limit.model_copy(update={"at_most": replace(limit.at_most, amount=limit.at_most.amount * by)})
        for name, limit in model.limits.items()
    }
    return Agreement(model.model_copy(update={"funds": funds, "limits": limits}))


@st.composite
def recovered(draw: st.DrawFn, claims: list[Claim], moments: list[float], fine: bool) -> list[Return]:
    """Recoveries, several of a loss and at one moment among them, in any order."""
    found = []
    for _ in range(draw(st.integers(0, 5))):
        loss = draw(st.integers(0, len(claims) - 1))
        later = draw(st.sampled_from([0, 1, 20]) | st.integers(0, 150))
        moment = moments[loss] + (later / 16 if fine else later)
        amount = draw(st.integers(0, claims[loss].amount + 2))
        found.append(Return(loss, amount, claims[loss].day + later, moment))
    return found


@st.composite
def cases(draw: st.DrawFn) -> tuple[Agreement, list[Path], bool]:
    """An agreement, a few paths, and whether their losses and recoveries have a finer time than the day.

    Amounts reach from single fen to about 10^17.
    """
    fixed = {"same_day": draw(st.sampled_from(["in order", "pro rata"]))}
    sharing, fine, by = draw(agreements(**fixed)), draw(st.booleans()), draw(st.sampled_from([1, 1, 3 * 10**10 + 1]))
    paths = []
    for _ in range(draw(st.integers(1, 3))):
        claims = [
            replace(
                claim,
                amount=claim.amount * by,
                bases={need: base * by for need, base in claim.bases.items()},
            )
            for claim in draw(claims_of(sharing))
        ]
        moments = [claim.day + (number / 16 if fine else 0) for number, claim in enumerate(claims)]
        paths.append(Path(claims, sorted(moments), draw(recovered(claims, sorted(moments), fine))))
    return enlarged(sharing, by), paths, fine


def assert_equal(sharing: Agreement, found: PathShares, expected: list[Shared]) -> None:
    """Every figure of every loss and recovery, to the fen."""
    losses = [loss for path in expected for loss in path.losses]
    returns = [back for path in expected for back in path.returns]
    assert (found.parties, found.funds) == (sharing.parties, tuple(sharing.model.funds))
    for row, party in enumerate(found.parties):
        assert found.paid[row].tolist() == [shared.paid[party] for shared, _ in losses]
        assert found.advanced[row].tolist() == [shared.advanced[party] for shared, _ in losses]
        assert found.returned[row].tolist() == [back.received[party] for back in returns]
    for row, fund in enumerate(found.funds):
        assert found.fund_left[row].tolist() == [left[fund] for _, left in losses]
        assert found.refilled[row].tolist() == [back.refilled.get(fund, 0) for back in returns]
    assert found.surplus.tolist() == [back.surplus for back in returns]


@given(cases())
def test_many_paths_at_once_are_shared_as_one_after_another(case: tuple[Agreement, list[Path], bool]) -> None:
    sharing, paths, fine = case
    losses, recoveries = in_arrays(sharing, paths, fine)
    assert_equal(
        sharing, share_paths(sharing, losses, recoveries), [one_after_another(sharing, path) for path in paths]
    )


@given(cases(), st.integers(1, 3))
def test_a_table_is_shared_as_its_losses_are_whatever_the_order_of_its_columns(
    case: tuple[Agreement, list[Path], bool], turn: int
) -> None:
    sharing, paths, _ = case
    if sharing.model.same_day == "in order":
        # Losses of one day are taken in the order of their columns, so only days of a single loss can be turned.
        paths = [
            replace(path, claims=list({claim.day: claim for claim in path.claims}.values()), returns=[])
            for path in paths
        ]
    most = max(len(path.claims) for path in paths) + 1

    def table(number: Any) -> NDArray[np.int64]:
        rows = [[number(claim) for claim in path.claims] + [1] * (most - len(path.claims)) for path in paths]
        return np.array(rows)

    amounts = table(lambda claim: claim.amount)
    for row, path in enumerate(paths):
        amounts[row, len(path.claims) :] = 0
    order = np.roll(np.arange(most), turn if sharing.model.same_day == "in order" else 0)
    columns: dict[str, Any] = {
        "days": table(lambda claim: claim.day),
        "borrower": table(lambda claim: claim.borrower),
        "lost_on": table(lambda claim: claim.lost_on),
        "drawn_on": table(lambda claim: claim.drawn_on),
    }
    columns = {name: numbers[:, order] for name, numbers in columns.items()}
    bases = {need: table(lambda claim, need=need: claim.bases[need])[:, order] for need in sharing.needs}
    found = share_arrays(sharing, amounts[:, order], **columns, bases=bases)
    assert tuple(found) == sharing.parties
    for row, path in enumerate(paths):
        shared = one_after_another(sharing, Path(path.claims, [float(claim.day) for claim in path.claims], [])).losses
        for party in sharing.parties:
            paid = found[party][row, np.argsort(order)].tolist()
            assert paid[: len(shared)] == [each.paid[party] for each, _ in shared]
            assert not any(paid[len(shared) :])


@given(
    st.lists(st.integers(0, 10**20) | st.integers(0, 30), min_size=1, max_size=6).filter(any),
    st.lists(st.integers(0, 10**17) | st.integers(0, 1000), min_size=1, max_size=20),
)
def test_many_amounts_are_rounded_as_one_whatever_the_size_of_shares(weights: list[int], amounts: list[int]) -> None:
    """Shares with denominators of up to 70 bits, weights that differ from amount to amount."""
    by_shares = Shares(weights, sum(weights)).parts(np.array(amounts))
    assert by_shares.dtype == np.int64
    assert by_shares.T.tolist() == [parts_of_one(amount, weights, sum(weights)) for amount in amounts]

    turning = [[weight // 8 + place % 3 + 1 for place in range(len(amounts))] for weight in weights]
    each = np.minimum(np.array(turning, dtype=object), 10**17).astype(np.int64)
    by_weights = whole_parts(np.array(amounts), each, each.sum(axis=0))
    for place, amount in enumerate(amounts):
        of_this = each[:, place].tolist()
        assert by_weights[:, place].tolist() == parts_of_one(amount, of_this, sum(of_this))


@given(
    st.lists(
        st.tuples(
            st.integers(0, 10**12),
            st.lists(st.tuples(st.integers(0, 20) | st.integers(0, 10**12), st.floats(0, 1)), min_size=4, max_size=4),
        ),
        min_size=1,
        max_size=5,
    ),
    st.lists(st.sampled_from("abcd"), max_size=2, unique=True),
)
def test_recoveries_from_any_state_are_given_back_as_one_by_one(
    states: list[tuple[int, list[tuple[int, float]]]], by_rank: list[str]
) -> None:
    """Of what each has paid some part came back before, evenly or not, so that some are made whole before others."""
    sharing = agreement(dict.fromkeys("abcd", "1/4"), recoveries={"by_rank": by_rank})
    paid = [[entry[0] for entry in entries] for _, entries in states]
    already = [[int(entry[0] * entry[1]) for entry in entries] for _, entries in states]
    amounts = np.array([amount for amount, _ in states])
    received, surplus = given_back(sharing.model, sharing.parties, amounts, np.array(paid).T, np.array(already).T)
    for number, amount in enumerate(amounts.tolist()):
        before, got = (dict(zip("abcd", of[number], strict=True)) for of in (paid, already))
        expected = sharing.give_back(amount, before, got, sharing.open())
        assert dict(zip("abcd", received[:, number].tolist(), strict=True)) == expected.received
        assert surplus[number] == expected.surplus


def test_products_and_factors_beyond_64_bits_are_exact() -> None:
    quotient, remainder = times_over(np.array([0, 3, 10**17]), 10**20, 10**20 + 7)
    assert quotient.tolist() == [0, 2, 10**37 // (10**20 + 7)]
    assert remainder.tolist() == [0, 3 * 10**20 - 2 * (10**20 + 7), 10**37 % (10**20 + 7)]
    assert times_over(np.array([0]), 10**20, 3)[0].tolist() == [0]


def test_fractions_of_eighteen_digits_are_shared_exactly() -> None:
    shares = {"a": "123456789012345678/999999999999999989", "b": "1/999999999999999967", "c": "rest"}
    sharing = agreement(shares)
    amounts = [10**17, 10**17 - 1, 7, 0]
    found = share_paths(sharing, losses_of(amounts)).paid
    fractions = [clause.share for clause in sharing.terms[0].split]
    assert found.T.tolist() == [largest_remainder(amount, fractions) for amount in amounts]


# Examples


def test_the_seventh_loss_of_fengxian_meets_the_end_of_its_fund_and_the_eighth_finds_it_empty() -> None:
    """E-02, with a path beside it that has but one loss."""
    found = share_paths(fengxian(), losses_of([yuan(2_000_000)] * 8, [yuan(2_000_000)]))
    assert found.parties == ("district", "insurer", "bank")
    assert found.paid[:, 5:9].T.tolist() == [
        [yuan(600_000), yuan(1_200_000), yuan(200_000)],
        [yuan(400_000), yuan(1_400_000), yuan(200_000)],
        [0, yuan(1_800_000), yuan(200_000)],
        [yuan(600_000), yuan(1_200_000), yuan(200_000)],
    ]
    assert found.fund_left[0, 5:].tolist() == [yuan(400_000), 0, 0, yuan(3_400_000)]


@given(st.lists(st.lists(st.integers(0, yuan(3_000_000)), max_size=40), max_size=8))
def test_the_fund_of_fengxian_pays_four_million_and_no_fen_more(paths: list[list[int]]) -> None:
    """E-03: it is used up once bad debts reach 13.33m, whatever the size of each."""
    found = share_paths(fengxian(), losses_of(*paths))
    begin = 0
    for path in paths:
        paid = found.paid[0, begin : begin + len(path)]
        begin += len(path)
        assert paid.sum() <= yuan(4_000_000)
        if sum(path) * 3 >= yuan(40_000_000) + 5 * len(path):
            assert paid.sum() == yuan(4_000_000)
        if sum(path) * 3 <= yuan(40_000_000) - 5 * len(path):
            assert paid.sum() < yuan(4_000_000)


def test_a_table_of_losses_becomes_a_table_of_each_party() -> None:
    two = yuan(2_000_000)
    found = share_arrays(fengxian(), [[0, two, two], [0, 0, 0], [two, 0, 0]])
    assert found["district"].tolist() == [[0, yuan(600_000), yuan(600_000)], [0, 0, 0], [yuan(600_000), 0, 0]]
    assert {party: paid.sum() for party, paid in found.items()} == {
        "district": yuan(1_800_000),
        "insurer": yuan(3_600_000),
        "bank": yuan(600_000),
    }


def test_losses_of_a_table_are_taken_by_day_and_those_of_one_day_by_column() -> None:
    sharing = agreement(
        {"city": {"share": "100%", "up to": "pool", "otherwise": "bank"}},
        funds={"pool": {"balance": "1 CNY", "owner": "city"}},
    )
    days = np.array([[DAY + 1, DAY, DAY]])
    assert share_arrays(sharing, [[80, 70, 60]], days)["city"].tolist() == [[0, 70, 30]]


def test_a_recovery_refills_a_fund_for_the_losses_after_its_moment_and_for_no_loss_at_it() -> None:
    sharing = agreement(
        {"city": {"share": "100%", "up to": "pool", "otherwise": "bank"}},
        funds={"pool": {"balance": "1 CNY", "owner": "city", "refill": True}},
    )
    losses = replace(losses_of([100, 50, 50]), moment=np.array([1.0, 2.0, 3.0]))
    found = share_paths(sharing, losses, PathRecoveries(*map(np.array, ([0], [30], [DAY])), np.array([2.0])))
    assert found.paid[0].tolist() == [100, 0, 30]
    assert found.fund_left[0].tolist() == [0, 0, 0]
    assert (found.refilled.tolist(), found.returned[0].tolist()) == ([[30]], [30])


def test_recoveries_of_a_day_that_is_shared_pro_rata_refill_a_fund_for_the_days_after_it() -> None:
    sharing = agreement(
        {"city": {"share": "100%", "up to": "pool", "otherwise": "bank"}},
        funds={"pool": {"balance": "1 CNY", "owner": "city", "refill": True}},
        same_day="pro rata",
    )
    days, moments = np.array([DAY, DAY, DAY + 1]), np.array([0.1, 0.5, 1.0])
    losses = replace(losses_of([150, 50, 50]), day=days, moment=moments)
    found = share_paths(sharing, losses, PathRecoveries(*map(np.array, ([0], [30], [DAY])), np.array([0.3])))
    # The recovery of 30 is divided 15 to 15 between city and bank, who paid half each.
    assert found.paid[0].tolist() == [75, 25, 15]
    assert found.fund_left[0].tolist() == [0, 0, 0]
    assert found.refilled.tolist() == [[15]]


@pytest.mark.parametrize(
    ("bound", "insured"),
    [
        ({"at_most": "10%"}, [True, True, False]),
        ({"below": "10%"}, [True, False, False]),
        ({"at_least": "10%"}, [False, True, True]),
        ({"above": "10%"}, [False, False, True]),
    ],
)
def test_a_rate_exactly_at_its_bound_keeps_at_most_and_at_least_alone(
    bound: dict[str, str], insured: list[bool]
) -> None:
    sharing = agreement(
        {"insurer": {"share": "50%", "when": {"claims": bound}, "otherwise": "city"}, "bank": "50%"},
        rates={"claims": {"paid_by": "bank", "over": "premium"}},
    )
    # The bank pays 100 of the first loss of each path, which is 9.99 %, 10 % and 10.01 % of what the second states.
    losses = losses_of([200, 200], [200, 200], [200, 200])
    losses = replace(losses, bases={("ever", "premium"): np.array([0, 1001, 0, 1000, 0, 999])})
    found = share_paths(sharing, losses)
    assert (found.paid[found.parties.index("insurer"), 1::2] == 100).tolist() == insured


@pytest.mark.parametrize("straddle", ["shortfall shared", "remainder shared"])
def test_a_shortfall_shared_anew_takes_every_fund_as_used_up(straddle: str) -> None:
    sharing = agreement(
        {
            "city": {"share": "50%", "up to": "old fund", "otherwise": "bank"},
            "district": {"share": "30%", "up to": "new fund", "otherwise": "insurer"},
            "bank": "20%",
        },
        funds={
            "old fund": {"balance": "1 CNY", "owner": "city"},
            "new fund": {"balance": "100 CNY", "owner": "district"},
        },
        straddle=straddle,
    )
    # Of 500 the old fund cannot pay 400, or it and the others 900: bank 70 %, insurer 30 %, the new fund nothing.
    expected = {
        "shortfall shared": {"city": 100, "bank": 200 + 280, "district": 300, "insurer": 120},
        "remainder shared": {"city": 100, "bank": 630, "district": 0, "insurer": 270},
    }
    found = share_paths(sharing, losses_of([1000]))
    assert dict(zip(found.parties, found.paid[:, 0].tolist(), strict=True)) == expected[straddle]


@pytest.mark.parametrize("bounds", [["pool", "most"], ["most", "pool"]])
def test_of_a_fund_and_a_limit_with_the_same_room_the_limit_decides(bounds: list[str]) -> None:
    """What a fund cannot pay is shared by all, what is above a limit goes to the insurer alone."""
    sharing = agreement(
        {"city": {"share": "50%", "up to": bounds, "otherwise": "insurer"}, "bank": "50%"},
        funds={"pool": {"balance": "1 CNY", "owner": "city"}},
        limits={"most": {"at_most": "1 CNY", "per": "ever"}},
        straddle="shortfall shared",
    )
    found = share_paths(sharing, losses_of([1000]))
    assert (found.parties, found.paid[:, 0].tolist()) == (("city", "insurer", "bank"), [100, 400, 500])


def test_no_losses_at_all_are_shared_into_nothing() -> None:
    for clauses in ({}, {"same_day": "pro rata"}):
        found = share_paths(fengxian(refill=True, **clauses), losses_of())
        assert (found.paid.shape, found.fund_left.shape, found.returned.shape) == ((3, 0), (1, 0), (3, 0))
    assert share_arrays(fengxian(), np.zeros((2, 3), dtype=np.int64))["bank"].tolist() == [[0, 0, 0], [0, 0, 0]]


def test_a_ceiling_so_high_that_no_path_reaches_it_lets_everything_through() -> None:
    sharing = agreement(
        {"insurer": {"share": "100%", "up to": "most", "otherwise": "bank"}},
        limits={"most": {"at_most": "100000% of premium", "per": "ever"}},
    )
    losses = losses_of([10**17, 10**17])
    bases = {("ever", "premium"): np.array([2**63 - 1, 10**14])}
    assert share_paths(sharing, replace(losses, bases=bases)).paid[0].tolist() == [10**17, 0]


# What cannot be


def claims(**columns: Any) -> PathLosses:
    return PathLosses(**{"path": [0, 0, 1], "amount": [1, 2, 3], "day": [5, 6, 5]} | columns)


@pytest.mark.parametrize(
    ("columns", "message"),
    [
        ({"amount": [1, -2, 3]}, r"amount\[1\]=-2 must be at least 0"),
        ({"amount": [1, 2]}, r"amount has shape \(2,\) and must have \(3,\)"),
        ({"amount": [1.0, 2.0, 3.0]}, "amount holds float64 and must hold whole numbers of 64 bits"),
        ({"amount": np.full(3, 2**63, np.uint64)}, "amount holds uint64 and must hold whole numbers of 64 bits"),
        ({"amount": [MOST_OF_A_PATH, 1000, 3]}, "losses of a path must not come to more than 23,058,430,092,136,939"),
        ({"path": [0, 2, 1]}, r"path\[2\]=1 must be no less than the one before it"),
        ({"path": [[0, 0, 1]]}, r"path has shape \(1, 3\) and must have \(3,\)"),
        ({"day": [6, 5, 5]}, r"day\[1\]=5 must be no less than the one before it on its path"),
        ({"day": [0, 6, 5]}, r"day\[0\]=0 must be an ordinal from 1 to 3652059"),
        ({"lost_on": [1, 1, 4_000_000]}, r"lost_on\[2\]=4000000 must be an ordinal"),
        ({"bases": {("ever", "premium"): [1, 1, -1]}}, r"bases\[\('ever', 'premium'\)\]\[2\]=-1 must be at least 0"),
        ({"moment": [2.0, 1.0, 0.0]}, r"moment\[1\]=1.0 must be no less than the one before it on its path"),
        ({"moment": [1.0, float("nan"), 0.0]}, r"moment\[1\]=nan must be a finite number"),
        ({"moment": [1.0]}, r"moment has shape \(1,\) and must have \(3,\)"),
    ],
)
def test_losses_that_cannot_be_are_refused(columns: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        claims(**columns)


@pytest.mark.parametrize(
    ("recoveries", "message"),
    [
        (([3], [1], [9]), r"loss\[0\]=3 must be below the number of losses, 3"),
        (([-1], [1], [9]), r"loss\[0\]=-1 must be at least 0"),
        (([0], [-1], [9]), r"amount\[0\]=-1 must be at least 0"),
        (([0], [2**62 + 1], [9]), f"must be at most {2**62}"),
        (([0, 1], [1, 1], [9, 5]), r"moment\[1\]=5.0 must be no earlier than that of the loss it belongs to"),
        (([0], [1], [9], [9.0]), "moment must be given of both losses and recoveries, or of neither"),
        (([0], [1, 1], [9]), r"amount has shape \(2,\) and must have \(1,\)"),
    ],
)
def test_recoveries_that_cannot_be_are_refused(recoveries: tuple[list[Any], ...], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        share_paths(fengxian(), claims(), PathRecoveries(*map(np.array, recoveries)))


@pytest.mark.parametrize(
    ("per", "at_most", "message"),
    [
        ("borrower", "1 CNY", "borrower=None must be given: the agreement has a limit per borrower"),
        ("year of loss", "1 CNY", "lost_on=None must be given: the agreement goes by the day of loss"),
        ("year of underwriting", "1 CNY", "drawn_on=None must be given: the agreement goes by the day of underwriting"),
        ("ever", "150% of premium", r"bases\[\('ever', 'premium'\)\] must be given: 'most' needs the premium per ever"),
    ],
)
def test_losses_without_what_the_agreement_needs_are_refused(per: str, at_most: str, message: str) -> None:
    sharing = agreement(
        {"insurer": {"share": "100%", "up to": "most", "otherwise": "bank"}},
        limits={"most": {"at_most": at_most, "per": per}},
    )
    with pytest.raises(ValueError, match=message):
        share_paths(sharing, claims())


def test_a_table_without_days_is_refused_where_the_agreement_goes_by_days() -> None:
    by_year = agreement(
        {"insurer": {"share": "100%", "up to": "most", "otherwise": "bank"}},
        limits={"most": {"at_most": "1 CNY", "per": "year of claim"}},
    )
    with pytest.raises(ValueError, match="days=None must be given: the agreement goes by the day of a claim"):
        share_arrays(by_year, [[1]])
    with pytest.raises(ValueError, match=r"amounts has shape \(1,\) and must have \(paths, losses\)"):
        share_arrays(fengxian(), [1])


def test_a_fund_of_more_money_than_can_be_counted_is_refused() -> None:
    top_ups = [{"on": "2022-01-01", "amount": "1000000bn CNY"}] * 50
    sharing = agreement(
        {"city": {"share": "100%", "up to": "pool", "otherwise": "bank"}},
        funds={"pool": {"balance": "1 CNY", "owner": "city", "top_ups": top_ups}},
    )
    with pytest.raises(
        ValueError, match=r"fund 'pool' takes in 50000000000000001\.00 CNY in all and must take in no more"
    ):
        share_paths(sharing, losses_of([1]))
