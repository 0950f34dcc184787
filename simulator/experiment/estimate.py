"""How much work a scenario asks for, before any of it is done."""

from __future__ import annotations

from collections.abc import Iterable

from simulator.calendars import add_span
from simulator.errors import PledgesimError
from simulator.scenario.flow import steps_of
from simulator.scenario.load import LoadedScenario
from simulator.workflow.world import calendar_of

SECONDS_PER_STEP = 12e-6
"""Measured on one core of an ordinary machine, with everything around a step counted in; for estimates only."""
SECONDS_PER_REPLICATION = 0.02
MOST_CASES = 20_000_000
"""Cases of one replication that are held in memory at once."""


def expected_cases(loaded: LoadedScenario) -> float:
    """Mean number of applicants of one replication."""
    scenario = loaded.scenario
    assert scenario.applicants is not None and scenario.run is not None
    arrivals = scenario.applicants.arrivals
    if arrivals.per_working_day is None:
        return len(arrivals.firms or [])
    calendar = calendar_of(scenario.calendars[arrivals.calendar], arrivals.calendar, scenario.run.start)
    end = add_span(scenario.run.start, 0.0, scenario.run.arrivals_for, calendar)
    return arrivals.per_working_day * float(calendar.working_days_between(0.0, end))


def expected_seconds(loaded: LoadedScenario, replications: int) -> float:
    """Roughly how long the replications of one world take on one core."""
    steps = max((len(list(steps_of(product.flow))) for product in loaded.scenario.products.values()), default=1)
    return replications * (SECONDS_PER_REPLICATION + expected_cases(loaded) * (steps + 2) * SECONDS_PER_STEP)


def refuse_endless(worlds: Iterable[tuple[LoadedScenario, int]], limit_hours: float) -> None:
    """PledgesimError when the work would take longer than the limit, or not fit into memory, with the estimate."""
    total = 0.0
    for loaded, replications in worlds:
        cases = expected_cases(loaded)
        if cases > MOST_CASES:
            raise PledgesimError(
                f"{loaded.id}: about {cases:,.0f} applicants in one replication; at most {MOST_CASES:,} fit. "
                "Lower applicants.arrivals.per_working_day or run.arrivals_for."
            )
        total += expected_seconds(loaded, replications)
    if total > limit_hours * 3600:
        raise PledgesimError(
            f"this would take about {total / 3600:,.1f} hours on one core; the limit is {limit_hours:g}. "
            "Lower run.replications, the arrivals or their period, or raise the limit with --limit-hours."
        )
