"""Estimates over replications with their 95 % confidence intervals."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

LEVEL = 0.95


@dataclass(frozen=True)
class Estimate:
    """A figure and its interval; None where there is none, and why. Whoever makes it says what interval that is."""

    value: float | None
    low: float | None = None
    high: float | None = None
    note: str = ""

    def as_json(self) -> dict[str, float | str | None]:
        """Value, low and high, with a note where one of them is missing."""
        known: dict[str, float | str | None] = {"value": self.value, "low": self.low, "high": self.high}
        return known | ({"note": self.note} if self.note else {})


NOT_FINITE = "not finite: some cases are still open"
NO_CASES = "no such cases"
TOO_FEW = "too few replications for an interval"


def estimate(values: Sequence[float] | np.ndarray) -> Estimate:
    """Mean of one number a replication; NaN means that a replication has none, infinity that it has no finite one.

    The interval is Student's t over independent replications (A. M. Law, Simulation Modeling and Analysis, 5th
    ed. 2015, section 9.4.1): mean +- t(n - 1, 0.975) s / sqrt(n).
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
    from scipy.special import stdtrit

    half = float(stdtrit(len(numbers) - 1, 0.5 + LEVEL / 2) * numbers.std(ddof=1) / np.sqrt(len(numbers)))
    return Estimate(mean, mean - half, mean + half)


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
