"""How much work a scenario asks for, before any of it is done."""

from __future__ import annotations

from collections.abc import Iterable

from simulator.calendars import add_span
from simulator.errors import PledgesimError
from simulator.scenario.flow import steps_of
from simulator.scenario.load import LoadedScenario
from simulator.scenario.model import Product
from simulator.scenario.order import targets
from simulator.workflow.world import calendar_of

SECONDS_PER_STEP = 12e-6
"""Measured on one core of an ordinary machine, with everything around a step counted in; for estimates only."""
SECONDS_PER_REPLICATION = 0.02
MOST_CASES = 2_000_000
"""Cases of one replication that are held in memory at once, at about 2 kB each."""


def expected_cases(loaded: LoadedScenario) -> float:
    """Mean number of applicants of one replication."""
    scenario = loaded.scenario
    assert scenario.applicants is not None and scenario.run is not None
    arrivals = scenario.applicants.arrivals
    if arrivals.per_working_day is None:
        return len(arrivals.firms or []) + len(scenario.applicants.also)
    calendar = calendar_of(scenario.calendars[arrivals.calendar], arrivals.calendar, scenario.run.start)
    end = add_span(scenario.run.start, 0.0, scenario.run.arrivals_for, calendar)
    drawn = arrivals.per_working_day * float(calendar.working_days_between(0.0, end))
    return drawn + len(scenario.applicants.also)


def expected_seconds(loaded: LoadedScenario, replications: int) -> float:
    """Roughly how long the replications of one world take on one core."""
    visits = max((expected_visits(product) for product in loaded.scenario.products.values()), default=1.0)
    return replications * (SECONDS_PER_REPLICATION + expected_cases(loaded) * (visits + 2) * SECONDS_PER_STEP)


def expected_visits(product: Product) -> float:
    """Steps that a case passes at most on average: all of them, again for every time it is likely to be sent back."""
    steps = list(steps_of(product.flow))
    titles = {step.title for step in steps}
    back = 0.0
    for step in steps:
        rest = 1 - float(sum((share for share in (step.odds or {}).values() if share != "rest"), start=0))
        for outcome, target in targets(step).items():
            if target in titles:
                share = (step.odds or {}).get(outcome, 1)
                back = max(back, rest if share == "rest" else float(share))
    looks = sum(product.tenor.months // step.every.months if step.every else 1 for step in product.servicing)
    return looks + len(steps) * sum(back**number for number in range(product.rework_limit + 1))


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
    refuse_hours(total, limit_hours, "Lower run.replications, the arrivals or their period")


def refuse_hours(seconds: float, limit_hours: float, lower: str) -> None:
    """PledgesimError, with the estimate, for work above a limit; `lower` says what would make it less."""
    if seconds > limit_hours * 3600:
        raise PledgesimError(
            f"this would take about {seconds / 3600:,.1f} hours on one core; the limit is {limit_hours:g}. "
            f"{lower}, or raise the limit with --limit-hours."
        )
