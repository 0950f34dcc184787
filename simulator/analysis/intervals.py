"""Estimates over replications with their 95 % confidence intervals."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import inf, sqrt
from typing import Any

import numpy as np

LEVEL = 0.95
NORMAL = 1.959963984540054
"""The 97.5 % point of the standard normal distribution."""

Range = tuple[float, float]
"""The least and the most that a figure can be."""
ANY: Range = (-inf, inf)
NOT_NEGATIVE: Range = (0.0, inf)
SHARE: Range = (0.0, 1.0)
SHARE_DIFFERENCE: Range = (-1.0, 1.0)


@dataclass(frozen=True)
class Estimate:
    """A figure and its interval; None where there is none, and why. Whoever makes it says what interval that is."""

    value: float | None
    low: float | None = None
    high: float | None = None
    note: str = ""
    together: tuple[float, float] | None = None
    """The wider interval that holds together with those of all others compared; None for a single one."""

    def inside(self, possible: Range) -> Estimate:
        """The same, its intervals without what cannot be; they hold the true value as often as before.

        Nothing is cut where the value itself lies outside: more can be than was thought.
        """
        if self.value is None or self.low is None or self.high is None:
            return self
        if not possible[0] <= self.value <= possible[1]:
            return self
        low, high = _cut((self.low, self.high), possible)
        together = None if self.together is None else _cut(self.together, possible)
        return replace(self, low=low, high=high, together=together)

    def as_json(self) -> dict[str, Any]:
        """Value, low and high, with a note where one of them is missing."""
        known: dict[str, Any] = {"value": self.value, "low": self.low, "high": self.high}
        if self.together is not None:
            known["together"] = {"low": self.together[0], "high": self.together[1]}
        return known | ({"note": self.note} if self.note else {})


def _cut(interval: tuple[float, float], possible: Range) -> tuple[float, float]:
    return max(interval[0], possible[0]), min(interval[1], possible[1])


NOT_FINITE = "not finite: some cases are still open"
NO_CASES = "no such cases"
TOO_FEW = "too few replications for an interval"


def estimate(values: Sequence[float] | np.ndarray, family: int = 1, possible: Range = ANY) -> Estimate:
    """Mean of one number a replication; NaN means that a replication has none, infinity that it has no finite one.

    The interval is Student's t over independent replications (A. M. Law, Simulation Modeling and Analysis, 5th
    ed. 2015, section 9.4.1): mean +- t(n - 1, 0.975) s / sqrt(n). As one of a `family` of k figures that are looked at
    together it has a second one, at the level 1 - 0.05 / k, so that all k hold at once in 95 of 100 studies, however
    they depend on one another (C. E. Bonferroni, 1936; Law, section 9.7). What is not `possible` is cut off both.
    """
    numbers = np.asarray(values, dtype=np.float64)
    numbers = numbers[~np.isnan(numbers)]
    if not len(numbers):
        return Estimate(None, note=NO_CASES)
    if not np.isfinite(numbers).all():
        return Estimate(None, note=NOT_FINITE)
    mean = float(numbers.mean())
    if len(numbers) < 2:
        return Estimate(mean, note=TOO_FEW)
    error = float(numbers.std(ddof=1) / np.sqrt(len(numbers)))
    return around(mean, error, len(numbers) - 1, family).inside(possible)


def around(value: float, error: float, freedom: float, family: int = 1) -> Estimate:
    """A figure with its intervals, from its standard error and degrees of freedom."""
    from scipy.special import stdtrit

    half, wide = (float(stdtrit(freedom, 1 - (1 - LEVEL) / (2 * count)) * error) for count in (1, family))
    return Estimate(
        value, value - half, value + half, together=(value - wide, value + wide) if family > 1 else None
    )


def ratio(
    numerators: Sequence[float] | np.ndarray, denominators: Sequence[float] | np.ndarray, possible: Range = NOT_NEGATIVE
) -> Estimate:
    """A ratio of two sums over replications, such as loss to money lent; both have one number a replication.

    The means of both are divided, not ratio by ratio averaged, so that a replication counts by its size. The interval
    is the jackknife's: each replication is left out in turn (R. G. Miller, The jackknife: a review, Biometrika 61,
    1974). What is not `possible` is cut off it.
    """
    above, below = np.asarray(numerators, dtype=np.float64), np.asarray(denominators, dtype=np.float64)
    if not below.sum():
        return Estimate(None, note=NO_CASES)
    if not (np.isfinite(above).all() and np.isfinite(below).all()):
        return Estimate(None, note=NOT_FINITE)
    whole, count = float(above.sum() / below.sum()), len(below)
    if count < 2:
        return Estimate(whole, note=TOO_FEW)
    parts = parts_of_ratio(above, below)
    if np.isnan(parts).any():
        return Estimate(whole, note="too few replications with such cases for an interval")
    return around(whole, float(parts.std(ddof=1) / sqrt(count)), count - 1).inside(possible)


def parts_of_ratio(above: np.ndarray, below: np.ndarray) -> np.ndarray:
    """One number a replication: their mean is the ratio of the two sums, their spread gives the jackknife's interval.

    Of two worlds they can be subtracted replication by replication, and what both have in common cancels. NaN for all
    where a sum without one of the replications is zero.
    """
    count, rest = len(below), below.sum() - below
    if count == 1 and below.all():
        return np.asarray(above / below)
    if not rest.all():
        return np.full(count, np.nan)
    whole = above.sum() / below.sum()
    left_out = count * whole - (count - 1) * (above.sum() - above) / rest
    return np.asarray(left_out - left_out.mean() + whole)


def share_of(count: int, of: int) -> Estimate:
    """A proportion of replications or paths with its score interval, which also holds where none or all of them count.

    Source: E. B. Wilson, Probable inference, the law of succession, and statistical inference, JASA 22, 1927; L. D.
    Brown, T. T. Cai, A. DasGupta, Interval estimation for a binomial proportion, Statistical Science 16(2), 2001.
    """
    if not of:
        return Estimate(None, note=NO_CASES)
    share, z2 = count / of, NORMAL**2
    middle = (share + z2 / (2 * of)) / (1 + z2 / of)
    half = NORMAL * sqrt(share * (1 - share) / of + z2 / (4 * of * of)) / (1 + z2 / of)
    return Estimate(share, max(0.0, middle - half) if count else 0.0, min(1.0, middle + half) if count < of else 1.0)


FEWEST_BEYOND = 5
"""Replications that lie beyond a quantile at least, on either side: the 95 % quantile of ten would be the worst one."""
TOO_FEW_BEYOND = "too few replications beyond it"


def tells_quantile(count: int, probability: float) -> bool:
    """Whether so many replications have this quantile."""
    return count * min(probability, 1 - probability) >= FEWEST_BEYOND - 1e-9


def quantile(values: np.ndarray, probability: float) -> float:
    """Quantile of cases, infinite ones included; NaN (not drawn) left out; NaN when there are none.

    The smallest value that at least the share `probability` of the cases does not exceed.
    """
    known = np.sort(values[~np.isnan(values)])
    if not len(known):
        return float("nan")
    return (
        float(known[min(len(known) - 1, int(np.ceil(probability * len(known) - 1e-9)) - 1)])
        if probability
        else known[0]
    )


def mean(values: np.ndarray) -> float:
    """Mean of cases; infinite when one is still open, NaN when there are none."""
    known = values[~np.isnan(values)]
    return float(known.mean()) if len(known) else float("nan")
