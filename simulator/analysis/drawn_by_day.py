"""The share of eligible applicants that have their money, day by day after they applied."""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simulator.analysis.comparison import Comparison
from simulator.calendars import add_span, build_calendar
from simulator.scenario.model import Scenario

Floats = NDArray[np.float64]
MOST_DAYS = 60
"""Moments told; of longer waits every second, third ... day."""


def last_day_told(pooled: Sequence[Floats], followed: Sequence[float]) -> float:
    """Where a curve over days ends: at nearly all drawn cases, but not beyond what every open case was followed.

    `pooled` are the times of each product, all replications together; `followed` how many days cases are followed.
    """
    drawn = [times[np.isfinite(times)] for times in pooled]
    reach = max((float(np.quantile(times, 0.99)) * 1.08 for times in drawn if len(times)), default=0.0)
    if any(np.isinf(times).any() for times in pooled):
        reach = min(reach, *followed) if reach else min(followed)
    return max(reach, 1.0)


def followed_days(scenario: Scenario) -> float:
    """How many days every case is followed at least."""
    assert scenario.run is not None
    start = scenario.run.start
    return add_span(start, 0.0, scenario.run.follow_up.cases, build_calendar(start, hours="always")) / 1440


def drawn_by_day(comparison: Comparison) -> list[dict[str, Any]]:
    """For each product of each world the share of eligible applicants drawn by a day, on the same days for all.

    Replications are pooled: the refused, those who left and open cases count as not drawn.
    """
    found = [(world, number) for world in comparison.worlds for number in range(len(world.product_names))]
    pooled = [np.concatenate([each.turnaround for each in world.product(number)]) for world, number in found]
    followed = [followed_days(world.loaded.scenario) for world, _ in found]
    last = ceil(last_day_told(pooled, followed))
    step = max(1, ceil(last / MOST_DAYS))
    days = np.arange(0, last + step, step)
    return [
        {
            "days": days.tolist(),
            "share": [round(float((times <= day).mean()), 6) for day in days] if len(times) else [],
        }
        for times in pooled
    ]
