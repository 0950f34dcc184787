"""Term structures of default rates and the dependence of firms, by hand, as rules and as distributions."""

from __future__ import annotations

from math import sqrt

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from simulator.credit.default_times import TermStructure, conditional_probability, dependent_uniforms

RISING = TermStructure((0.02, 0.05, 0.1))


def test_of_the_loans_alive_the_stated_share_defaults_in_each_year() -> None:
    expected = [0, 0.02, 1 - 0.98 * 0.95, 1 - 0.98 * 0.95 * 0.9, 1 - 0.98 * 0.95 * 0.9**2]
    assert RISING.probability([0, 1, 2, 3, 4]) == pytest.approx(expected)


def test_within_a_year_the_hazard_is_the_same_at_all_times() -> None:
    assert RISING.probability([0.5, 1.25]) == pytest.approx([1 - 0.98**0.5, 1 - 0.98 * 0.95**0.25])


def test_default_times_by_hand() -> None:
    reached = np.array([0.0, 1 - 0.98**0.5, 0.02, 1 - 0.98 * 0.95**0.25, 1 - 0.98 * 0.95 * 0.9**7])
    assert RISING.years_at(reached) == pytest.approx([0, 0.5, 1, 1.25, 9])


def test_nobody_defaults_where_the_rate_is_nothing_and_all_at_once_where_it_is_one() -> None:
    late = TermStructure((0.0, 0.5, 0.0))
    assert late.years_at(np.array([0.0, 0.25])) == pytest.approx([1, 1 + np.log2(4 / 3)])
    assert np.isinf(late.years_at(np.array([0.5, 0.51, 1.0]))).all()
    assert late.probability([0.5, 1, 2, 1e9]) == pytest.approx([0, 0, 0.5, 0.5])
    at_once = TermStructure((0.1, 1.0))
    assert at_once.years_at(np.array([0.1, 0.5, 0.999])) == pytest.approx([1, 1, 1])
    assert TermStructure((1.0,)).probability([0.0, 1.0]) == pytest.approx([1, 1])
    assert TermStructure((0.0,)).probability([1e300, np.inf]) == pytest.approx([0, 0])
    assert RISING.probability([np.inf]) == pytest.approx([1])


rates = st.lists(st.one_of(st.floats(0, 1), st.sampled_from([0.0, 0.03, 1.0])), min_size=1, max_size=5)
levels = st.lists(st.floats(0, 1), min_size=1, max_size=8).map(np.array)


@given(rates, levels)
def test_a_time_is_where_the_distribution_reaches_its_number(rates: list[float], uniforms: np.ndarray) -> None:
    structure = TermStructure(tuple(rates))
    years = structure.years_at(uniforms)
    finite = np.isfinite(years)
    # Where all default at once the distribution jumps over the numbers between.
    assert (structure.probability(years[finite]) >= uniforms[finite] - 1e-9).all()
    later = finite & (years > 0)
    before = np.maximum(0, years[later] * (1 - 1e-9) - 1e-9)
    assert (structure.probability(before) <= uniforms[later] + 1e-9).all()
    never = structure.probability([1e9])[0]
    assert (uniforms[~finite] >= never - 1e-9).all()


@given(rates, st.lists(st.floats(0, 20), min_size=2, max_size=8).map(sorted))
def test_the_probability_of_default_never_falls_with_time(rates: list[float], years: list[float]) -> None:
    found = TermStructure(tuple(rates)).probability(years)
    assert ((found >= 0) & (found <= 1)).all()
    assert (np.diff(found) >= -1e-12).all()


@pytest.mark.parametrize(
    ("rates", "message"), [((), "at least one"), ((0.1, 1.5), "year 2 is 1.5"), ((-0.1,), "year 1 is -0.1")]
)
def test_rates_that_cannot_be_are_refused(rates: tuple[float, ...], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        TermStructure(rates)


def test_times_before_drawdown_are_refused() -> None:
    with pytest.raises(ValueError, match="at least 0"):
        RISING.probability([-1.0])


def drawn(paths: int, firms: int, correlation: float, weight: float, seed: int = 7) -> np.ndarray:
    """Dependent uniforms, (paths, firms), with a factor a path and a quality a firm and path."""
    random = np.random.default_rng(seed)
    factor, quality = random.standard_normal((paths, 1)), random.standard_normal((paths, firms))
    return dependent_uniforms(factor, quality, random.random((paths, firms)), correlation, weight)


shares = st.sampled_from([0.0, 0.12, 0.5, 0.9, 1.0])


@given(shares, shares)
def test_dependent_uniforms_stay_uniform(correlation: float, weight: float) -> None:
    # One firm a path, so that all numbers are independent.
    assert stats.kstest(drawn(4000, 1, correlation, weight)[:, 0], "uniform").pvalue > 0.001


@pytest.mark.parametrize("correlation", [0.0, 0.12, 0.5])
@pytest.mark.parametrize("weight", [0.0, 0.4, 1.0])
def test_the_latent_variables_of_two_firms_correlate_as_stated(correlation: float, weight: float) -> None:
    latent = stats.norm.ppf(drawn(40_000, 2, correlation, weight))
    found = np.corrcoef(latent.T)[0, 1]
    assert abs(np.arctanh(found) - np.arctanh(correlation)) < 2.576 / sqrt(40_000 - 3)


def test_quality_decides_its_share_of_a_firms_own_fortune() -> None:
    random = np.random.default_rng(3)
    quality = random.standard_normal(40_000)
    latent = stats.norm.ppf(dependent_uniforms(0.0, quality, random.random(40_000), 0.0, 0.3))
    assert abs(np.arctanh(np.corrcoef(quality, latent)[0, 1]) - np.arctanh(sqrt(0.3))) < 2.576 / sqrt(40_000)


def test_without_any_influence_a_firms_own_number_comes_back() -> None:
    own = np.array([0.0, 0.3, 1.0])
    assert dependent_uniforms(1.0, np.zeros(3), own, 0.0, 0.0) is own
    assert dependent_uniforms(np.zeros((2, 1)), 0.0, own, 0.0, 0.0).shape == (2, 3)


def test_extreme_numbers_stay_numbers() -> None:
    own, quality = np.array([0.0, 1.0]), np.array([np.inf, -np.inf])
    for correlation, weight in ((0.5, 0.0), (1.0, 0.5), (0.0, 0.5), (0.3, 1.0)):
        influence = quality if weight == 0 or correlation == 1 else np.zeros(2)
        found = dependent_uniforms(0.3, influence, own, correlation, weight)
        assert np.isfinite(found).all()
        assert ((found >= 0) & (found <= 1)).all()


def test_a_share_outside_of_one_is_refused() -> None:
    for function in (dependent_uniforms, conditional_probability):
        with pytest.raises(ValueError, match=r"correlation\(=1.1\)"):
            function(np.zeros(1), 0.0, np.zeros(1), 1.1, 0.0)
        with pytest.raises(ValueError, match=r"weight\(=-0.1\)"):
            function(np.zeros(1), 0.0, np.zeros(1), 0.1, -0.1)
    with pytest.raises(ValueError, match="probability"):
        conditional_probability(np.array([1.2]), 0.0, 0.0, 0.1, 0.0)


@given(st.floats(0, 1), st.floats(-4, 4), st.floats(-4, 4), st.floats(0, 1), shares, shares)
def test_a_number_lies_below_its_chance_exactly_if_the_dependent_one_lies_below_the_probability(
    probability: float, factor: float, quality: float, own: float, correlation: float, weight: float
) -> None:
    chance = float(conditional_probability(probability, factor, quality, correlation, weight))
    fortune = float(dependent_uniforms(factor, quality, np.array([own]), correlation, weight)[0])
    # Both sides of the comparison are rounded; at the point itself either answer is right.
    if abs(own - chance) > 1e-9 and abs(fortune - probability) > 1e-9:
        assert (own < chance) == (fortune < probability)


@pytest.mark.parametrize(("correlation", "weight"), [(0.12, 0.0), (0.3, 0.5), (0.0, 0.7), (0.9, 0.1)])
def test_chances_average_to_the_probability(correlation: float, weight: float) -> None:
    nodes, weights = np.polynomial.hermite_e.hermegauss(120)
    chances = conditional_probability(0.03, nodes[:, None], nodes[None, :], correlation, weight)
    average = weights @ chances @ weights / weights.sum() ** 2
    assert average == pytest.approx(0.03, rel=1e-6)
