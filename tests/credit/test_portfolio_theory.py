"""Simulated portfolios against what can be worked out about them without simulating: 99 % intervals, fixed seeds.

What is worked out shares no code with the simulator: integrals over the common factor by the trapezoidal rule, which
for functions that fall off as the normal density is exact to rounding.
"""

from __future__ import annotations

from dataclasses import replace
from math import sqrt
from typing import Any

import numpy as np
import pytest
from scipy import stats
from small_books import DAY, MILLION, WITH_FUND, bullets, portfolio

from simulator.analysis.distribution import loss_distribution
from simulator.analysis.intervals import Estimate
from simulator.credit.path_defaults import DefaultDraws
from simulator.experiment.path_runs import PathTotals, run_paths
from simulator.experiment.portfolio import shared_paths
from simulator.streams import Streams

LOAN = 2 * MILLION
FACTOR = np.linspace(-9, 9, 4001)
DENSITY = stats.norm.pdf(FACTOR) * (FACTOR[1] - FACTOR[0])
Z99 = 2.5758293035489004


def chance(pd: float, rho: float) -> np.ndarray:
    """Probability of default at each value of the factor."""
    return stats.norm.cdf((stats.norm.ppf(pd) - sqrt(rho) * FACTOR) / sqrt(1 - rho))


def mixture(loans: int, pd: float, rho: float) -> np.ndarray:
    """Probabilities of 0 to `loans` defaults: binomial, mixed over the factor."""
    return stats.binom.pmf(np.arange(loans + 1)[:, None], loans, chance(pd, rho)) @ DENSITY


def simulated(loans: int, paths: int, rho: float = 0.12, clauses: Any = WITH_FUND, seed: int = 1) -> PathTotals:
    return run_paths(portfolio(bullets(loans), clauses, correlation=f"{rho:.0%}"), paths, seed)


def holds(estimate: Estimate, exact: float) -> None:
    """Assert that the 99 % interval, wider by the ratio of the normal points, holds the exact value, and is narrow."""
    assert estimate.value is not None and estimate.low is not None and estimate.high is not None
    wider = Z99 / 1.959963984540054
    low = estimate.value - wider * (estimate.value - estimate.low)
    high = estimate.value + wider * (estimate.high - estimate.value)
    assert low <= exact <= high
    assert high - low < 0.2 * exact


def quantile_holds(values: np.ndarray, level: float, exact: float) -> None:
    """Assert that the exact quantile lies between two order statistics, 99 %."""
    ranks = stats.binom.ppf([0.005, 0.995], len(values), level).astype(int)
    low, high = np.sort(values)[[ranks[0] - 1, ranks[1]]]
    assert low <= exact <= high


def check_against(exact: np.ndarray, totals: PathTotals) -> None:
    """Compare the number of defaults with its exact probabilities: moments, quantile, tail, and the whole shape."""
    count = np.arange(len(exact))
    mean = exact @ count
    found = loss_distribution(totals.loss)
    holds(found.mean, mean * LOAN)
    holds(found.standard_deviation, sqrt(exact @ (count - mean) ** 2) * LOAN)
    below = np.cumsum(exact)
    for level in (0.95, 0.99):
        quantile = int(np.searchsorted(below, level))
        quantile_holds(totals.loss, level, quantile * LOAN)
        in_tail = exact[quantile + 1 :] @ count[quantile + 1 :] + quantile * (below[quantile] - level)
        holds(found.expected_shortfall[level], in_tail / (1 - level) * LOAN)
    expected = exact * len(totals.loss)
    cells = np.flatnonzero(expected >= 10)
    seen = np.bincount(totals.defaults, minlength=len(exact))
    few = len(totals.loss) - expected[cells].sum(), len(totals.loss) - seen[cells].sum()
    assert stats.chisquare([*seen[cells], few[1]], [*expected[cells], few[0]]).pvalue > 0.01


@pytest.mark.parametrize("loans", [10, 500])
def test_losses_follow_the_exact_one_factor_mixture(loans: int) -> None:
    totals = simulated(loans, 20_000 if loans == 500 else 50_000)
    assert (totals.loss == totals.defaults * LOAN).all()
    check_against(mixture(loans, 0.03, 0.12), totals)


@pytest.mark.slow
@pytest.mark.parametrize(("loans", "paths"), [(10, 2_000_000), (500, 400_000)])
def test_losses_follow_the_exact_mixture_on_very_many_paths(loans: int, paths: int) -> None:
    check_against(mixture(loans, 0.03, 0.12), simulated(loans, paths, seed=2))


def test_losses_are_binomial_where_nothing_is_shared() -> None:
    check_against(stats.binom.pmf(np.arange(101), 100, 0.03), simulated(100, 30_000, rho=0.0))


def test_two_loans_default_together_as_often_as_two_normals_fall_together() -> None:
    totals = simulated(2, 200_000, rho=0.3, seed=3)
    threshold = stats.norm.ppf(0.03)
    both = stats.multivariate_normal([0, 0], [[1, 0.3], [0.3, 1]]).cdf([threshold, threshold])
    seen = (totals.defaults == 2).mean()
    assert abs(seen - both) < Z99 * sqrt(both * (1 - both) / 200_000)


def check_limit(loans: int, paths: int, rho: float = 0.12) -> None:
    """Compare shares of loans that default with Vasicek's limit distribution, at given numbers of loans and paths.

    With n loans the variance is that of the limit and E[p(Z) (1 - p(Z))] / n for the loans' own luck. The test needs
    an n for which this is small against what `paths` paths can tell.
    """
    p = chance(0.03, rho)
    limit_variance, own_variance = p**2 @ DENSITY - 0.03**2, p * (1 - p) @ DENSITY / loans
    # It widens the standard deviation by half this share, which must be well below its 99 % interval.
    assert own_variance / limit_variance / 2 < 0.25 * Z99 / sqrt(2 * paths)
    share = simulated(loans, paths, rho, {"split": {"bank": "100%"}}, seed=5).defaults / loans
    found = loss_distribution(np.rint(share * 1e12).astype(np.int64))
    holds(found.mean, 0.03e12)
    holds(found.standard_deviation, sqrt(limit_variance) * 1e12)
    for level in (0.05, 0.5, 0.9, 0.95, 0.99):
        # P(L <= x) = Phi((sqrt(1 - rho) Phi^-1(x) - Phi^-1(p)) / sqrt(rho)), solved for x.
        exact = stats.norm.cdf((stats.norm.ppf(0.03) + sqrt(rho) * stats.norm.ppf(level)) / sqrt(1 - rho))
        quantile_holds(share, level, exact)


def test_many_loans_come_close_to_vasiceks_limit() -> None:
    check_limit(loans=5_000, paths=3_000)


@pytest.mark.slow
def test_very_many_loans_come_closer_to_vasiceks_limit() -> None:
    check_limit(loans=20_000, paths=40_000)


def test_a_quota_share_bears_its_share_of_the_expected_loss() -> None:
    totals = simulated(50, 40_000, clauses={"split": {"insurer": "90%", "bank": "rest"}})
    insurer = loss_distribution(totals.borne[totals.parties.index("insurer")])
    holds(insurer.mean, 0.9 * 50 * 0.03 * LOAN)
    assert (10 * totals.borne[0] == 9 * totals.loss).all()


@pytest.mark.parametrize("limit", [3, 7])
def test_a_first_loss_tranche_bears_what_its_closed_form_says(limit: int) -> None:
    loans = 100
    clauses = {
        "limits": {"first loss": {"at_most": f"{limit * 2}m CNY", "per": "ever"}},
        "split": {"junior": {"share": "100%", "up to": "first loss", "otherwise": "senior"}},
    }
    totals = simulated(loans, 30_000, clauses=clauses, seed=5)
    exact, count = mixture(loans, 0.03, 0.12), np.arange(loans + 1)
    junior, senior = (loss_distribution(part) for part in totals.borne)
    holds(junior.mean, exact @ np.minimum(count, limit) * LOAN)
    holds(senior.mean, exact @ np.maximum(count - limit, 0) * LOAN)


def test_a_fund_is_used_up_as_often_as_losses_reach_what_uses_it_up() -> None:
    totals = simulated(100, 30_000, seed=6)
    # 4m of a fund that pays 30 % of losses of 2m: the seventh uses it up.
    exact = mixture(100, 0.03, 0.12)[7:].sum()
    seen = np.isfinite(totals.used_up[0]).mean()
    assert abs(seen - exact) < Z99 * sqrt(exact * (1 - exact) / 30_000)
    assert ((totals.defaults >= 7) == np.isfinite(totals.used_up[0])).all()


def test_default_times_follow_the_term_structure_whatever_is_shared() -> None:
    book = bullets(20, tenor_months=36, annual_pd=0.2)
    run = portfolio(book, WITH_FUND, correlation="30%", claim_after="0 days")
    moments = np.concatenate([shared.claims.defaulted_at for _, shared in shared_paths(run, 3_000, 8)])
    life = book.period_ends[0, 1]
    assert len(moments) / 60_000 == pytest.approx(1 - 0.8**3, abs=0.01)
    # Given a default within three years, P(T <= t) = (1 - 0.8^t) / (1 - 0.8^3); paths share a factor, hence the width.
    for years in (0.5, 1, 2):
        seen = (moments <= life * years / 3).mean()
        assert seen == pytest.approx((1 - 0.8**years) / (1 - 0.8**3), abs=0.015)


def test_what_sales_bring_has_the_mean_of_its_parts() -> None:
    book = bullets(200, lgd=None, appraised_value=3 * MILLION)
    recovery: dict[str, Any] = {"haircut": {"uniform": ["40%", "80%"]}, "cost": "5%", "time": "0 days"}
    recovery |= {"decay": "20%", "volatility": "30%"}
    run = portfolio(book, WITH_FUND, claim_after="305 days", recovery=recovery)
    ((_, shared),) = shared_paths(run, 1_000, 9)
    years = (shared.sales.moment - book.drawn_at[shared.claims.loan]) / (365 * DAY)
    # Nothing of luck, haircut and time depends on the others, and the luck of the value has mean one.
    exact = 3 * MILLION * 0.8**years * 0.4
    off = shared.sales.proceeds - exact
    assert abs(off.mean()) < Z99 * off.std() / sqrt(len(off))
    assert (shared.sales.cost == np.rint(shared.sales.proceeds * 0.05)).all()


@pytest.mark.parametrize("share", [0.0, 0.5, 1.0])
def test_haircuts_go_with_the_factor_as_stated(share: float) -> None:
    book = bullets(1, annual_pd=1.0, lgd=None, appraised_value=MILLION)
    # All default at once, so that the factor says nothing about who does.
    recovery = {"haircut": {"uniform": ["0%", "100%"]}, "on_factor": f"{share:.0%}"}
    run = portfolio(book, correlation="20%", recovery=recovery)
    draws = DefaultDraws(book, run.credit, run.recovery)
    blocks = [draws.block(3, number) for number in range(10)]
    factor = [stats.norm.ppf(Streams(3, number).uniforms("losses: factor", 1_000)) for number in range(10)]
    latent = stats.norm.ppf(np.concatenate([block.haircut for block in blocks]))
    found = np.corrcoef(latent, np.concatenate(factor))[0, 1]
    if share == 1:
        assert found == pytest.approx(-1)
    else:
        assert abs(np.arctanh(found) + np.arctanh(share)) < Z99 / sqrt(10_000)
    assert stats.kstest(stats.norm.cdf(latent), "uniform").pvalue > 0.01


def test_latent_quality_moves_defaults_as_conditional_probabilities_say() -> None:
    qualities = (-1.0, 0.0, 2.0)

    def defaults(quality: np.ndarray) -> np.ndarray:
        book = replace(bullets(180), quality=quality)
        return run_paths(portfolio(book, correlation="12%", quality_weight="40%"), 4_000, 11).defaults / 180

    alike = [defaults(np.full(180, quality)) for quality in qualities]
    known = 0.88 * 0.4
    for quality, found in zip(qualities, alike, strict=True):
        # What is neither quality nor known is normal with variance 1 - (1 - rho) weight.
        exact = stats.norm.cdf((stats.norm.ppf(0.03) - sqrt(known) * quality) / sqrt(1 - known))
        assert abs(found.mean() - exact) < Z99 * found.std() / sqrt(4_000)
    # In a mixed book every loan has its own chance: the book lies between.
    mixed = defaults(np.resize(qualities, 180))
    off = mixed - sum(alike) / 3
    assert abs(off.mean()) < Z99 * off.std() / sqrt(4_000)
