"""Where a series of observations has left its start behind."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
BATCH = 5
"""Observations that are averaged before anything is judged."""
FEWEST_BATCHES = 12
"""With fewer, the rest beyond the first half is too short to tell chance from change."""
FEWEST_KEPT = 5
"""Batches that remain at least, and a quarter of all: of the last few the error is small by chance."""


def batch_means(series: Floats) -> Floats:
    """Means of five observations each, in their order; what is left over at the end is not used."""
    whole = len(series) - len(series) % BATCH
    means: Floats = series[:whole].reshape(-1, BATCH).mean(axis=1)
    return means


def mser_5(series: Floats) -> int | None:
    """Observations to leave out at the start, a multiple of five; None where no steady state is seen.

    With the batch means y(1) ... y(n), the d that makes the marginal standard error least:

        sum over i > d of (y(i) - mean of y(d + 1) ... y(n))^2 / (n - d)^2

    A d in the second half says that the series is too short. Source: K. P. White, M. J. Cobb, S. C. Spratt, A
    comparison of five steady-state truncation heuristics for simulation, Winter Simulation Conference 2000.
    """
    means = batch_means(series)
    count = len(means)
    if count < FEWEST_BATCHES:
        return None
    last = count - max(FEWEST_KEPT, -(-count // 4))
    errors = np.array([means[left_out:].var() / (count - left_out) for left_out in range(last + 1)])
    # What differs by rounding alone is equal, and then less is left out.
    equal = errors.min() + 1e-12 * float(np.abs(means).max()) ** 2
    left_out = int(np.flatnonzero(errors <= equal)[0])
    return left_out * BATCH if 2 * left_out <= count else None
