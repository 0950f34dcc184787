"""Figures of loss distributions by hand, their intervals by repeated experiment, and the words where there is none."""

from __future__ import annotations

from collections.abc import Callable
from math import exp, inf, sqrt

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats
from small_books import START, WITH_FUND, bullets, portfolio

from simulator.analysis.distribution import (
    MINUTES_A_YEAR,
    deviation_of,
    exhaustion,
    loss_distribution,
    mean_of,
    portfolio_distribution,
    quantile_of,
    share_of,
    shortfall_of,
)
from simulator.analysis.intervals import Estimate
from simulator.experiment.path_runs import run_paths

HUNDRED = np.arange(1.0, 101)


def test_figures_by_hand() -> None:
    assert mean_of(HUNDRED).value == 50.5
    assert deviation_of(HUNDRED).value == pytest.approx(sqrt(100 * 101 / 12))
    assert quantile_of(HUNDRED, 0.95).value == 95
    assert shortfall_of(HUNDRED, 0.95).value == pytest.approx(98)
    assert quantile_of(HUNDRED, 0.99).value == 99
    assert shortfall_of(HUNDRED, 0.99).value == pytest.approx(100)


def test_the_interval_of_a_spread_goes_by_the_fourth_moment() -> None:
    # Values even over an interval have a fourth moment of 1.8 s^4, values of two kinds one of s^4: nothing is left.
    even = deviation_of(np.linspace(-1, 1, 100_001))
    assert even.high == pytest.approx(even.value * (1 + 1.96 * sqrt(0.8 / 400_004)), rel=1e-6)  # type: ignore[operator]
    two = deviation_of(np.repeat([0.0, 1.0], 5_000))
    assert (two.low, two.high) == pytest.approx((two.value, two.value), rel=1e-3)


def test_a_share_of_a_path_counts_the_quantile_as_far_as_is_needed() -> None:
    # Of 50 paths the worst twentieth are two and a half: 50, 49 and half of 48.
    assert shortfall_of(np.arange(1.0, 51), 0.95).value == pytest.approx((50 + 49 + 24) / 2.5)
    # Where the tail begins amid equal values, some of them belong to it.
    values = np.array([0.0] * 90 + [10.0] * 8 + [30.0] * 2)
    assert shortfall_of(values, 0.95).value == pytest.approx((3 * 10 + 2 * 30) / 5)


@pytest.mark.parametrize("level", [0.95, 0.99, 0.999])
def test_a_round_level_falls_on_a_path_of_a_round_number(level: float) -> None:
    values = np.arange(1.0, 100_001)
    assert quantile_of(values, level).value == round(100_000 * level)
    in_tail = round(100_000 * (1 - level))
    assert shortfall_of(values, level).value == pytest.approx(100_000 - (in_tail - 1) / 2)


Figure = Callable[[np.ndarray], Estimate]
# A lognormal loss: skewed, and everything about it is known.
SIGMA = 0.6
SPREAD = sqrt(exp(SIGMA**2) - 1) * exp(SIGMA**2 / 2)


def tail_mean(level: float) -> float:
    point = stats.norm.ppf(level)
    return exp(SIGMA**2 / 2) * stats.norm.cdf(SIGMA - point) / (1 - level)


@pytest.mark.parametrize(
    ("figure", "exact", "slack"),
    [
        (mean_of, exp(SIGMA**2 / 2), 0.01),
        # The normal interval of a skewed distribution's spread needs more paths than these for its 95 %.
        (deviation_of, SPREAD, 0.05),
        (lambda values: quantile_of(values, 0.95), exp(SIGMA * stats.norm.ppf(0.95)), 0.01),
        (lambda values: quantile_of(values, 0.5), 1.0, 0.01),
        (lambda values: shortfall_of(values, 0.95), tail_mean(0.95), 0.02),
    ],
)
def test_intervals_cover_the_truth_in_95_of_100_experiments(figure: Figure, exact: float, slack: float) -> None:
    repeats = 1_500
    losses = np.sort(np.exp(SIGMA * np.random.default_rng(1).standard_normal((repeats, 3_000))), axis=1)
    found = [figure(each) for each in losses]
    covered = np.mean([each.low <= exact <= each.high for each in found])  # type: ignore[operator]
    noise = 2.576 * sqrt(0.95 * 0.05 / repeats)
    assert 0.95 - slack - noise < covered < 0.97 + noise


@pytest.mark.parametrize("level", [0.25, 0.5, 0.95])
def test_the_interval_of_a_quantile_has_its_exact_coverage(level: float) -> None:
    # On the values 1 to n the interval is a pair of ranks, whose coverage is binomial.
    count = 400
    found = quantile_of(np.arange(1.0, count + 1), level)
    assert found.low is not None and found.high is not None
    low, high = int(found.low), int(found.high)
    below, above = stats.binom.cdf(low - 1, count, level), stats.binom.sf(high - 1, count, level)
    assert max(below, above) <= 0.025
    assert stats.binom.cdf(low, count, level) > 0.025
    assert stats.binom.sf(high - 2, count, level) > 0.025


@given(st.integers(0, 60), st.integers(0, 60))
def test_the_interval_of_a_probability_is_wilsons(count: int, more: int) -> None:
    if count + more == 0:
        return
    found, expected = share_of(count, count + more), stats.binomtest(count, count + more).proportion_ci(method="wilson")
    assert (found.low, found.high) == pytest.approx((expected.low, expected.high), abs=1e-12)
    assert found.value == count / (count + more)


def test_where_too_few_paths_lie_in_the_tail_that_is_said_and_no_interval_given() -> None:
    losses = loss_distribution(np.arange(5_000))
    assert losses.value_at_risk[0.999] == Estimate(4994.0, note="too few paths: 5 beyond it")
    assert losses.expected_shortfall[0.999] == Estimate(4997.0, note="too few paths: 5 in the tail")
    assert losses.value_at_risk[0.99].high is not None
    assert losses.expected_shortfall[0.99].high is not None
    enough = loss_distribution(np.arange(10_000))
    assert enough.value_at_risk[0.999].high is not None
    assert enough.expected_shortfall[0.999].note == ""


def test_a_single_path_has_a_mean_and_nothing_else() -> None:
    single = loss_distribution(np.array([7]))
    assert single.mean == Estimate(7.0, note="too few paths: 1 for an interval")
    assert single.standard_deviation == Estimate(None, note="too few paths: 1 for a standard deviation")
    assert single.value_at_risk[0.95] == Estimate(7.0, note="too few paths: 0 beyond it")


def test_losses_that_are_all_the_same_have_no_spread() -> None:
    flat = loss_distribution(np.full(20_000, 5))
    assert flat.standard_deviation == Estimate(0.0, 0.0, 0.0)
    for figure in (flat.mean, *flat.value_at_risk.values(), *flat.expected_shortfall.values()):
        assert (figure.value, figure.low, figure.high) == (5, 5, 5)


amounts = st.lists(st.integers(0, 10**12), min_size=1, max_size=60).map(np.array)


@given(amounts)
def test_figures_keep_their_order(losses: np.ndarray) -> None:
    found = loss_distribution(losses)
    at_risk = [each.value for each in found.value_at_risk.values()]
    beyond = [each.value for each in found.expected_shortfall.values()]
    assert at_risk == sorted(at_risk)  # type: ignore[type-var]
    assert all(one <= other * (1 + 1e-12) for one, other in zip(at_risk, beyond, strict=True))  # type: ignore[operator]
    assert found.mean.value <= beyond[0] * (1 + 1e-12)  # type: ignore[operator]
    assert beyond[-1] <= losses.max() * (1 + 1e-12)  # type: ignore[operator]


def test_a_fund_is_used_up_with_a_probability_and_at_a_time() -> None:
    years = np.concatenate([np.linspace(0, 4, 401), np.full(599, inf)])
    found = exhaustion(years)
    assert found.probability.value == 0.401
    assert [each.value for each in found.years.values()] == pytest.approx([1, 2, 3], abs=0.01)
    assert all(each.low < each.value < each.high for each in found.years.values())  # type: ignore[operator]


def test_a_fund_that_is_never_used_up_has_no_time_but_a_probability() -> None:
    found = exhaustion(np.full(1_000, inf))
    assert (found.probability.value, found.probability.low) == (0, 0)
    # The rule of three, by another formula.
    assert found.probability.high == pytest.approx(3.84 / 1_000, rel=0.01)
    assert all(each == Estimate(None, note="too few paths: 0 on which it is used up") for each in found.years.values())


def test_years_of_a_few_paths_are_not_told() -> None:
    few = exhaustion(np.array([1.0] * 9 + [inf] * 91))
    assert all(each.value is None for each in few.years.values()) and few.probability.value == 0.09
    assert exhaustion(np.array([1.0] * 10 + [inf] * 90)).years[0.5].value == 1.0


def test_a_fund_is_used_up_by_the_end_of_a_year_or_later() -> None:
    found = exhaustion(np.array([0.5, 1.5, 1.7, inf]), {2021: 1.0, 2022: 2.0, 2023: 3.0}).by_end_of
    assert [each.value for each in found.values()] == [0.25, 0.75, 0.75]


def test_all_figures_of_a_portfolio_stand_under_their_names() -> None:
    run = portfolio(bullets(60), WITH_FUND, correlation="20%")
    totals = run_paths(run, 4_000, 1)
    found = portfolio_distribution(totals, START)
    assert list(found.parties) == ["district", "insurer", "bank"]
    total = sum(party.mean.value for party in found.parties.values())  # type: ignore[misc]
    assert total == pytest.approx(found.net.mean.value)
    shown = found.as_json()
    keys = ["paths", "loss_cny", "net_cny", "parties_cny", "funds"]
    keys += ["worst_year_cny", "worst_year_paid_cny", "years_cny"]
    assert list(shown) == keys
    assert shown["loss_cny"]["mean"]["value"] == found.loss.mean.value / 100  # type: ignore[index, operator]
    assert shown["loss_cny"]["value_at_risk"]["99.9%"]["note"] == "too few paths: 4 beyond it"  # type: ignore[index]
    reserve, moments = found.funds["reserve"], totals.used_up[np.isfinite(totals.used_up)]
    assert reserve.years[0.5].value == pytest.approx(np.median(moments) / MINUTES_A_YEAR, abs=0.01)
    later = portfolio_distribution(totals, START, begins_at=MINUTES_A_YEAR / 4).funds["reserve"]
    assert later.years[0.5].value == pytest.approx(reserve.years[0.5].value - 0.25)  # type: ignore[operator]


def test_a_hair_of_rounding_moves_no_quantile() -> None:
    # 0.95 x 20 is 19 but for its last bit.
    for count in (20, 100, 1_000, 12_340):
        assert quantile_of(np.arange(1.0, count + 1), 0.95).value == round(0.95 * count)
