"""What is left in a fund over time, and in how many replications it has run out by then."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simulator.analysis.intervals import tells_quantile
from simulator.analysis.measure import ProductMeasures
from simulator.analysis.rounds import WorldResult
from simulator.calendars import moment_at

FEWEST = 20
"""Replications below which there are no quartiles: every one is told."""
QUANTILES = (0.05, 0.25, 0.5, 0.75, 0.95)
MOMENTS = 49


def balances(replications: Sequence[ProductMeasures], fund: str, moments: NDArray[np.float64]) -> NDArray[np.int64]:
    """What a fund holds from each moment (minutes) on, in fen, shape (replications, moments)."""
    found = []
    for each in replications:
        changed, left = zip(*each.fund_history[fund], strict=True)
        found.append(np.array(left)[np.searchsorted(np.array(changed), moments, side="right") - 1])
    return np.array(found)


def fund_path(world: WorldResult, number: int, fund: str) -> dict[str, Any]:
    """The course of a fund on evenly spaced days: CNY by quantile, or by replication where there are few."""
    replications, detail, run = world.product(number), world.detail.detail, world.loaded.scenario.run
    assert detail is not None and run is not None
    moments = np.linspace(0.0, detail.last_loan_moment, MOMENTS)
    left = balances(replications, fund, moments) / 100
    used_up = np.array([each.fund_used_up_at[fund] for each in replications])
    emptied = used_up[np.isfinite(used_up)]
    found: dict[str, Any] = {
        "dates": [f"{moment_at(run.start, float(moment)).date()}" for moment in moments],
        "used_up_by": [float((used_up <= moment).mean()) for moment in moments],
    }
    if len(replications) < FEWEST:
        found["replications"] = left.tolist()
    else:
        levels = [level for level in QUANTILES if tells_quantile(len(replications), level)]
        found["quantiles"] = {f"p{level * 100:g}": np.quantile(left, level, axis=0).tolist() for level in levels}
    if len(emptied):
        found["used_up_on"] = f"{moment_at(run.start, float(np.median(emptied))).date()}"
    return found
