"""Estimates over replications and the words that stand where there is none."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from simulator.analysis.figures import possible, possible_difference
from simulator.analysis.intervals import (
    ANY,
    NO_CASES,
    NOT_FINITE,
    NOT_NEGATIVE,
    SHARE,
    TOO_FEW,
    Estimate,
    estimate,
    mean,
    parts_of_ratio,
    quantile,
    ratio,
)

NAN, INF = float("nan"), float("inf")


def test_the_interval_is_students_over_replications() -> None:
    values = [3.0, 5.0, 4.0, 8.0, 7.5]
    low, high = stats.t.interval(0.95, 4, loc=np.mean(values), scale=stats.sem(values))
    found = estimate(values)
    assert found.value == pytest.approx(5.5)
    assert (found.low, found.high) == pytest.approx((low, high))


def test_the_interval_covers_the_mean_in_95_of_100_experiments() -> None:
    drawn = np.random.default_rng(5).exponential(1.0, (4000, 30)) + np.random.default_rng(6).normal(0, 3, (4000, 30))
    found = [estimate(row) for row in drawn]
    covered = np.mean([each.low < 1 < each.high for each in found])  # type: ignore[operator]
    assert abs(covered - 0.95) < 4 * (0.95 * 0.05 / 4000) ** 0.5


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([], Estimate(None, note=NO_CASES)),
        ([NAN, NAN], Estimate(None, note=NO_CASES)),
        ([2.0], Estimate(2.0, note=TOO_FEW)),
        ([2.0, NAN], Estimate(2.0, note=TOO_FEW)),
        ([2.0, INF], Estimate(None, note=NOT_FINITE)),
        ([INF, INF, NAN], Estimate(None, note=NOT_FINITE)),
        ([4.0, 4.0, NAN], Estimate(4.0, 4.0, 4.0)),
    ],
)
def test_where_there_is_no_figure_or_no_interval_the_reason_stands(values: list[float], expected: Estimate) -> None:
    assert estimate(values) == expected


def test_an_estimate_in_json_has_no_number_that_json_does_not_know() -> None:
    assert estimate([1.0, INF]).as_json() == {"value": None, "low": None, "high": None, "note": NOT_FINITE}


def test_one_open_case_voids_the_mean_but_not_the_median() -> None:
    times = np.array([1.0, 2.0, 3.0, INF, NAN])
    assert mean(times) == INF
    assert quantile(times, 0.5) == 2.0
    assert quantile(times, 0.9) == INF


def test_the_mean_and_the_quantiles_leave_out_cases_that_were_not_drawn() -> None:
    times = np.array([NAN, 5.0, NAN, 7.0])
    assert mean(times) == 6.0
    assert quantile(times, 0.5) == 5.0
    assert np.isnan(mean(np.array([NAN])))
    assert np.isnan(quantile(np.array([NAN]), 0.5))


@pytest.mark.parametrize(("share", "expected"), [(0.1, 1.0), (0.5, 5.0), (0.51, 6.0), (0.9, 9.0), (1.0, 10.0)])
def test_a_quantile_is_the_smallest_value_not_exceeded_by_that_share(share: float, expected: float) -> None:
    assert quantile(np.arange(10, 0, -1).astype(float), share) == expected


def test_intervals_of_a_family_hold_together_in_95_of_100_studies() -> None:
    # Twelve worlds, six of which share their luck: whatever depends on what, all twelve intervals hold at once.
    draw = np.random.default_rng(11)
    own, common = draw.normal(0, 1, (2_000, 12, 10)), draw.normal(0, 1, (2_000, 1, 10))
    own[:, :6] = 0.3 * own[:, :6] + common
    alone, together = 0, 0
    for study in own:
        found = [estimate(world, family=12) for world in study]
        alone += all(each.low < 0 < each.high for each in found)  # type: ignore[operator]
        together += all(each.together[0] < 0 < each.together[1] for each in found)  # type: ignore[index]
    assert alone / 2_000 < 0.8, "by themselves they do not"
    assert together / 2_000 >= 0.95 - 3 * (0.95 * 0.05 / 2_000) ** 0.5


def test_the_wider_interval_is_students_at_the_level_of_bonferroni() -> None:
    values = [3.0, 5.0, 4.0, 8.0, 7.5]
    expected = stats.t.interval(1 - 0.05 / 8, 4, loc=np.mean(values), scale=stats.sem(values))
    assert estimate(values, family=8).together == pytest.approx(expected)
    assert estimate(values).together is None
    assert "together" not in estimate(values).as_json()


def test_a_ratio_of_sums_counts_a_replication_by_its_size() -> None:
    found = ratio([1.0, 30.0, 2.0], [10.0, 100.0, 10.0])
    assert found.value == pytest.approx(33 / 120)
    left_out = [3 * 33 / 120 - 2 * each for each in (32 / 110, 3 / 20, 31 / 110)]
    half = float(stats.t.ppf(0.975, 2)) * float(stats.sem(left_out))
    middle = 33 / 120
    assert (found.low, found.high) == pytest.approx((max(0.0, middle - half), middle + half))


def test_a_difference_of_ratios_leaves_the_same_replication_out_of_both() -> None:
    above, below = np.array([[1.0, 30.0, 2.0], [2.0, 25.0, 4.0]]), np.array([[10.0, 100.0, 10.0], [9.0, 80.0, 12.0]])
    found = estimate(parts_of_ratio(above[1], below[1]) - parts_of_ratio(above[0], below[0]))
    rest = [(a.sum() - a) / (b.sum() - b) for a, b in zip(above, below, strict=True)]
    assert found.value == pytest.approx(31 / 101 - 33 / 120) and found.high is not None and found.low is not None
    half = float(stats.t.ppf(0.975, 2)) * 2 * float(stats.sem(rest[1] - rest[0]))
    assert (found.high - found.low) / 2 == pytest.approx(half)


def test_the_interval_of_a_ratio_covers_it_in_95_of_100_experiments() -> None:
    draw = np.random.default_rng(3)
    below = draw.gamma(4, 1, (4_000, 30))
    above = 0.2 * below + draw.normal(0, 0.3, (4_000, 30))
    found = [ratio(a, b) for a, b in zip(above, below, strict=True)]
    covered = np.mean([each.low < 0.2 < each.high for each in found])  # type: ignore[operator]
    assert 0.93 < covered < 0.97


@pytest.mark.parametrize(
    ("above", "below", "expected"),
    [
        ([], [], Estimate(None, note=NO_CASES)),
        ([1.0, 1.0], [0.0, 0.0], Estimate(None, note=NO_CASES)),
        ([1.0], [4.0], Estimate(0.25, note=TOO_FEW)),
        ([1.0, INF], [4.0, 4.0], Estimate(None, note=NOT_FINITE)),
        ([1.0, 0.0], [4.0, 0.0], Estimate(0.25, note="too few replications with such cases for an interval")),
    ],
)
def test_where_a_ratio_has_no_value_or_no_interval_the_reason_stands(
    above: list[float], below: list[float], expected: Estimate
) -> None:
    assert ratio(above, below) == expected


def test_what_cannot_be_is_cut_off_an_interval() -> None:
    values = [0.0, 0.02, 0.0, 0.06]
    free, share = estimate(values, family=3), estimate(values, 3, SHARE)
    assert free.low is not None and free.low < 0 and free.together is not None and free.together[0] < free.low
    assert share.together == (0.0, free.together[1])
    assert (share.value, share.low, share.high) == (free.value, 0.0, free.high)
    assert estimate([1.0, 0.9, 1.0], possible=SHARE).high == 1.0
    assert estimate([-2.0, -3.0, -2.5], possible=NOT_NEGATIVE) == estimate([-2.0, -3.0, -2.5])
    assert ratio([0.0, 2.0, 0.0], [10.0, 10.0, 10.0]).low == 0.0
    assert ratio([9.0, 10.0, 10.0], [10.0, 10.0, 10.0], possible=SHARE).high == 1.0


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("drawn_within.share", SHARE),
        ("clocks.T1.kept", SHARE),
        ("time_share.waiting", SHARE),
        ("default_rate", SHARE),
        ("defaults_of_loans", SHARE),
        ("turnaround_days.mean", NOT_NEGATIVE),
        ("loss_cny.by_party.bank", NOT_NEGATIVE),
        ("result_cny.bank", ANY),
        ("clocks.T4.mean", ANY),
        ("firm_cost.contractual.mean", ANY),
    ],
)
def test_a_measure_knows_what_it_can_be(name: str, expected: tuple[float, float]) -> None:
    assert possible(name) == expected
    assert possible_difference(name) == ((-1, 1) if expected == SHARE else ANY)
