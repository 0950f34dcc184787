"""How losses of many paths are distributed: mean, spread, value at risk, expected shortfall, when a fund is used up.

Every figure has a 95 % interval for the error of simulating a limited number of paths, or says why it has none. What
the model does not know (default rates, correlation, haircuts) is not in it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from math import ceil, floor, sqrt

import numpy as np
from numpy.typing import NDArray

from simulator.analysis.intervals import LEVEL, NORMAL, Estimate, share_of
from simulator.calendars import minutes_since
from simulator.credit.loans import MINUTES_A_YEAR
from simulator.experiment.path_runs import PathTotals
from simulator.texts import Filled, phrase

LEVELS = (0.95, 0.99, 0.999)
"""Confidence levels of value at risk and expected shortfall."""
FEWEST_IN_TAIL = 10
"""Fewer paths beyond a quantile say too little about it, or about what lies beyond."""

_ROUNDING = 1e-9  # 100,000 x 0.999 may be a hair above 99,900


@dataclass(frozen=True)
class LossDistribution:
    """The distribution of one amount over the paths, in fen; `value_at_risk` and `expected_shortfall` by level."""

    mean: Estimate
    standard_deviation: Estimate
    value_at_risk: Mapping[float, Estimate]
    expected_shortfall: Mapping[float, Estimate]

    def as_json(self) -> dict[str, object]:
        """All figures by name, in CNY."""
        return {
            "mean": cny(self.mean),
            "standard_deviation": cny(self.standard_deviation),
            "value_at_risk": {f"{level * 100:g}%": cny(each) for level, each in self.value_at_risk.items()},
            "expected_shortfall": {f"{level * 100:g}%": cny(each) for level, each in self.expected_shortfall.items()},
        }


def cny(fen: Estimate) -> dict[str, float | str | None]:
    """An amount and its interval by name, in CNY."""
    return {
        name: value / 100 if isinstance(value, float | int) else value for name, value in fen.as_json().items()
    }


@dataclass(frozen=True)
class Exhaustion:
    """Whether and when a fund is used up for the first time.

    `years` are those from the first drawdown of the book to that moment, on paths on which it comes: by quartile.
    `by_end_of` is the share of paths on which it has come by the end of each calendar year.
    """

    probability: Estimate
    years: Mapping[float, Estimate]
    by_end_of: Mapping[int, Estimate]

    def as_json(self) -> dict[str, object]:
        """All figures by name."""
        return {
            "probability": self.probability.as_json(),
            "years": {f"{share * 100:g}%": each.as_json() for share, each in self.years.items()},
            "by_end_of": {str(year): each.as_json() for year, each in self.by_end_of.items()},
        }


@dataclass(frozen=True)
class YearsFigures:
    """An amount of one year of each path: of all parties together, and of each."""

    all: LossDistribution
    parties: Mapping[str, LossDistribution]

    def as_json(self) -> dict[str, object]:
        """All figures by name."""
        return {"all": self.all.as_json(), "parties": {name: each.as_json() for name, each in self.parties.items()}}


@dataclass(frozen=True)
class PortfolioDistribution:
    """The losses of a portfolio: as they are shared, after recoveries, and each party's part after recoveries."""

    paths: int
    loss: LossDistribution
    net: LossDistribution
    parties: Mapping[str, LossDistribution]
    funds: Mapping[str, Exhaustion]
    worst_year: YearsFigures
    """What is borne of the claims of the calendar year in which that is most, path by path and for each by itself."""
    worst_year_paid: YearsFigures
    """What is paid for the claims of a calendar year, before anything comes back, in the year in which that is most."""
    years: Mapping[int, LossDistribution]
    """What all bear of the claims of each year."""

    def as_json(self) -> dict[str, object]:
        """All figures by name."""
        return {
            "paths": self.paths,
            "loss_cny": self.loss.as_json(),
            "net_cny": self.net.as_json(),
            "parties_cny": {name: each.as_json() for name, each in self.parties.items()},
            "funds": {name: each.as_json() for name, each in self.funds.items()},
            "worst_year_cny": self.worst_year.as_json(),
            "worst_year_paid_cny": self.worst_year_paid.as_json(),
            "years_cny": {str(year): each.as_json() for year, each in self.years.items()},
        }


def portfolio_distribution(totals: PathTotals, origin: date, begins_at: float = 0.0) -> PortfolioDistribution:
    """All figures of a portfolio's paths; minutes are counted from `origin`, years to exhaustion from `begins_at`."""
    ends = {year: minutes_since(origin, date(year + 1, 1, 1)) for year in totals.years}
    return PortfolioDistribution(
        paths=len(totals.loss),
        loss=loss_distribution(totals.loss),
        net=loss_distribution(totals.net),
        parties={party: loss_distribution(part) for party, part in zip(totals.parties, totals.borne, strict=True)},
        funds={
            fund: exhaustion(
                (moments - begins_at) / MINUTES_A_YEAR,
                {year: (end - begins_at) / MINUTES_A_YEAR for year, end in ends.items()},
            )
            for fund, moments in zip(totals.funds, totals.used_up, strict=True)
        },
        worst_year=_worst(totals.parties, totals.borne_in),
        worst_year_paid=_worst(totals.parties, totals.paid_in),
        years={
            year: loss_distribution(totals.borne_in[:, number].sum(axis=0)) for number, year in enumerate(totals.years)
        },
    )


def _worst(parties: Sequence[str], by_year: NDArray[np.int64]) -> YearsFigures:
    """Of amounts (parties, years, paths)."""
    return YearsFigures(
        all=loss_distribution(by_year.sum(axis=0).max(axis=0)),
        parties={party: loss_distribution(each.max(axis=0)) for party, each in zip(parties, by_year, strict=True)},
    )


def loss_distribution(amounts: NDArray[np.int64]) -> LossDistribution:
    """The distribution of an amount in fen, given on each path, (paths,)."""
    values = np.sort(amounts).astype(np.float64)
    return LossDistribution(
        mean=mean_of(values),
        standard_deviation=deviation_of(values),
        value_at_risk={level: quantile_of(values, level) for level in LEVELS},
        expected_shortfall={level: shortfall_of(values, level) for level in LEVELS},
    )


def exhaustion(years: NDArray[np.float64], ends: Mapping[int, float] = {}) -> Exhaustion:
    """How often and when a fund is used up: years to that moment on each path, (paths,), infinite where it never is.

    `ends` are the years to the end of calendar years.
    """
    used_up = np.sort(years[np.isfinite(years)])
    few = Estimate(None, note=_too_few(len(used_up), phrase("too few paths: {count} on which it is used up")))
    return Exhaustion(
        probability=share_of(len(used_up), len(years)),
        years={
            share: quantile_of(used_up, share) if len(used_up) >= FEWEST_IN_TAIL else few for share in (0.25, 0.5, 0.75)
        },
        by_end_of={year: share_of(int(np.searchsorted(used_up, end)), len(years)) for year, end in ends.items()},
    )


def mean_of(values: NDArray[np.float64]) -> Estimate:
    """The mean, with the normal interval: mean +- z s / sqrt(n)."""
    mean = float(values.mean())
    if len(values) < 2:
        return Estimate(mean, note=_too_few(len(values), phrase("too few paths: {count} for an interval")))
    half = NORMAL * float(values.std(ddof=1)) / sqrt(len(values))
    return Estimate(mean, mean - half, mean + half)


def deviation_of(values: NDArray[np.float64]) -> Estimate:
    """The standard deviation s, with the normal interval s +- z sqrt((m4 - s^4) / (4 s^2 n)), m4 the fourth moment.

    Source: A. W. van der Vaart, Asymptotic Statistics, 1998, chapter 3 (the delta method, applied to the variance).
    """
    if len(values) < 2:
        return Estimate(None, note=_too_few(len(values), phrase("too few paths: {count} for a standard deviation")))
    deviation = float(values.std(ddof=1))
    if deviation == 0:
        return Estimate(0.0, 0.0, 0.0)
    fourth = float((((values - values.mean()) / deviation) ** 4).mean())
    half = NORMAL * deviation * sqrt(max(0.0, fourth - 1) / (4 * len(values)))
    return Estimate(deviation, max(0.0, deviation - half), deviation + half)


def quantile_of(values: NDArray[np.float64], level: float) -> Estimate:
    """The smallest value that the share `level` of sorted values does not exceed, with an interval between two values.

    The interval runs from the l-th to the u-th smallest value, such that the number of values below the true quantile,
    binomial with n and the level, lies outside l to u - 1 with at most 2.5 % on each side: its coverage is at least
    95 %, whatever the distribution. Source: G. J. Hahn, W. Q. Meeker, Statistical Intervals, 1991, chapter 5.
    """
    count = len(values)
    if not count:
        return Estimate(None, note="no such paths")
    value = float(values[_rank(count, level) - 1])
    from scipy.special import bdtr

    beyond = min(count * level, count * (1 - level))
    if beyond < FEWEST_IN_TAIL - _ROUNDING:
        where = phrase("too few paths: {count} beyond it")
        if level <= 0.5:
            where = phrase("too few paths: {count} on one side of it")
        return Estimate(value, note=_too_few(beyond, where))
    # Nearly all of the binomial distribution; with FEWEST_IN_TAIL values on either side both ranks lie within it.
    near = 8 * sqrt(count * level * (1 - level))
    ranks = np.arange(max(0, floor(count * level - near)), min(count, ceil(count * level + near)) + 1)
    below, tail = bdtr(ranks, count, level), (1 - LEVEL) / 2
    low = int(ranks[0] + np.searchsorted(below, tail, side="right"))
    high = int(ranks[0] + np.searchsorted(below, 1 - tail)) + 1
    return Estimate(value, float(values[low - 1]), float(values[high - 1]))


def shortfall_of(values: NDArray[np.float64], level: float) -> Estimate:
    """Expected shortfall: the mean of the worst 1 - `level` of sorted values, with the normal interval.

    Where this share is no whole number of paths, or many have the same value, the quantile counts as far as is needed
    to fill it. The variance is (s^2 + p (ES - VaR)^2) / (n (1 - p)), s^2 that of the values in the tail. Sources: C.
    Acerbi, D. Tasche, On the coherence of expected shortfall, Journal of Banking & Finance 26(7), 2002; B. J. Manistre,
    G. H. Hancock, Variance of the CTE estimator, North American Actuarial Journal 9(2), 2005.
    """
    count = len(values)
    in_tail = count * (1 - level)
    rank = _rank(count, level)
    quantile, tail = float(values[rank - 1]), values[rank:]
    filled_up = max(0.0, in_tail - len(tail))
    shortfall = (float(tail.sum()) + filled_up * quantile) / in_tail
    if in_tail < FEWEST_IN_TAIL - _ROUNDING:
        return Estimate(shortfall, note=_too_few(in_tail, phrase("too few paths: {count} in the tail")))
    spread = float(((tail - shortfall) ** 2).sum()) + filled_up * (quantile - shortfall) ** 2
    half = NORMAL * sqrt((spread / in_tail + level * (shortfall - quantile) ** 2) / in_tail)
    return Estimate(shortfall, shortfall - half, shortfall + half)


def _rank(count: int, level: float) -> int:
    return min(count, max(1, ceil(count * level - _ROUNDING)))


def _too_few(count: float, where: str) -> str:
    return Filled(where, count=f"{floor(count + _ROUNDING):,}")
