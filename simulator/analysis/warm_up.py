"""A warm-up that is found: how long the turnaround takes to settle in worlds that begin without a case."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from simulator.analysis.intervals import NOT_NEGATIVE, Estimate, estimate, mean
from simulator.analysis.measure import drawn_moments
from simulator.analysis.mser import BATCH, Floats, batch_means, mser_5
from simulator.analysis.rounds import WorldResult
from simulator.calendars import add_span, build_calendar
from simulator.errors import PledgesimError
from simulator.experiment.pools import Task
from simulator.experiment.run import TasksLostError, run_tasks
from simulator.scenario.model import Run, Scenario
from simulator.texts import Filled, phrase
from simulator.units import Span
from simulator.workflow.world import Happened

PILOT = 10
"""Replications of a pilot."""
FIRST = 100_001
"""The pilot's replications are numbered from here, beyond all of a run: what is left out is not chosen by the luck of
the cases that it is left out of."""
TOO_SHORT = "the run is too short for a steady state to be seen"
OPEN_CASES = phrase("{open} of {count} cases are still open at the end, so that there is no steady state")
NO_CASES = "no case is drawn"
NOT_SEEN = "no steady state is seen"


@dataclass(frozen=True)
class Arrivals:
    """The cases of one product in one replication that were drawn or are still open at the end; days.

    arrival     since the first day, (cases,)
    turnaround  from application to drawdown, infinite for an open case, (cases,)
    """

    arrival: Floats
    turnaround: Floats


@dataclass(frozen=True)
class Course:
    """How the turnaround of one product of one world goes with the day of arrival, over the pilot's replications; days.

    day         first day of arrival of each batch, since the first day of the run, (batches,)
    turnaround  mean of each batch, infinite where a case is still open, (batches,)
    needed      the warm-up that it needs by itself; None where none could be chosen, and `why`
    start_up    mean turnaround of the cases left out
    steady      mean turnaround of the others, where a steady state is seen
    """

    product: str
    day: Floats
    turnaround: Floats
    needed: int | None
    why: str
    start_up: Estimate
    steady: Estimate


@dataclass(frozen=True)
class WarmUp:
    """The warm-up that a pilot found: the longest that any world needs, since paired worlds count the same applicants.

    `days` is None where none could be chosen for any world; `courses` has one entry a world and product.
    """

    days: int | None
    replications: int
    courses: Sequence[Sequence[Course]]
    replaces: Sequence[Span] = ()
    """What the files say instead."""


def find_warm_up(
    worlds: Sequence[WorldResult],
    replications: int = PILOT,
    *,
    workers: int = 1,
    cluster: str | None = None,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> WarmUp:
    """Run a pilot of every world, and choose by MSER-5 how long its start-up is.

    An observation is the mean turnaround of all cases that arrive on one day in any replication; days on which nobody
    comes who is drawn are none. Days and not single cases, since the k-th case that is drawn comes at another time in
    each replication, refusals leave gaps between cases but hardly between days, and a warm-up is a time. Five such days
    are mostly a week of an office, so that a file handed in before a weekend is no trend. PledgesimError where a
    replication ends its workers.
    """
    scenarios = [world.loaded.scenario for world in worlds]
    tasks = [(number, FIRST + each) for each in range(replications) for number in range(len(worlds))]
    found: dict[Task, list[Arrivals]] = {}
    try:
        for task, arrivals in run_tasks(scenarios, tasks, arrivals_of, workers, cluster):
            found[task] = arrivals
            progress(len(found), len(tasks))
    except TasksLostError as error:
        named = ", ".join(worlds[number].label for number in dict.fromkeys(world for world, _ in error.tasks))
        raise PledgesimError(f"the pilot of {named} cannot be run: its workers died again and again") from None
    pilots = [
        [[found[number, FIRST + each][product] for each in range(replications)] for product in range(len(products))]
        for number, products in enumerate(world.product_names for world in worlds)
    ]
    chosen = [[_needed(pilot) for pilot in of_world] for of_world in pilots]
    known = [needed for of_world in chosen for needed, _ in of_world if needed is not None]
    days = max(known, default=None)
    courses = [
        [
            _course(name, pilot, *need, days)
            for name, pilot, need in zip(world.product_names, of_world, needs, strict=True)
        ]
        for world, of_world, needs in zip(worlds, pilots, chosen, strict=True)
    ]
    given = [run.warm_up for run in map(_run_of, worlds) if run.warm_up is not None]
    return WarmUp(days, replications, courses, list(dict.fromkeys(given)))


def arrivals_of(scenario: Scenario, happened: Happened, replication: int) -> list[Arrivals]:
    """What a pilot keeps of a replication, one entry a product; those of a warm-up are among them."""
    found = []
    for number in range(len(scenario.products)):
        mine = np.flatnonzero(happened.product == number)
        arrival = happened.firms.arrival[mine]
        turnaround = drawn_moments(happened, mine) - arrival
        known = ~np.isnan(turnaround)
        found.append(Arrivals(arrival[known] / 1440, turnaround[known] / 1440))
    return found


def _by_day(pilot: Sequence[Arrivals]) -> tuple[Floats, Floats]:
    """Days of arrival in order, and the mean turnaround of the cases of each over all replications."""
    arrival = np.concatenate([each.arrival for each in pilot])
    days, place = np.unique(np.floor(arrival), return_inverse=True)
    sums = np.bincount(place, np.concatenate([each.turnaround for each in pilot]), len(days))
    return days, sums / np.bincount(place, minlength=len(days))


def _needed(pilot: Sequence[Arrivals]) -> tuple[int | None, str]:
    """Whole days of warm-up that a product needs; None, and why, where none can be chosen."""
    days, means = _by_day(pilot)
    if not len(days):
        return None, NO_CASES
    if not np.isfinite(means).all():
        still_open = sum(int(np.isinf(each.turnaround).sum()) for each in pilot)
        of = sum(len(each.turnaround) for each in pilot)
        return None, Filled(OPEN_CASES, open=f"{still_open:,}", count=f"{of:,}")
    left_out = mser_5(means)
    if left_out is None:
        return None, TOO_SHORT
    return int(days[left_out]) if left_out else 0, ""


def _course(product: str, pilot: Sequence[Arrivals], needed: int | None, why: str, days: int | None) -> Course:
    by_day, means = _by_day(pilot)
    batched = batch_means(means)
    cut = days or 0
    start_up, steady = (
        estimate([mean(each.turnaround[(each.arrival >= cut) == late]) for each in pilot], possible=NOT_NEGATIVE)
        for late in (False, True)
    )
    first = by_day[::BATCH][: len(batched)]
    return Course(
        product, first, batched, needed, why, start_up, steady if needed is not None else Estimate(None, note=NOT_SEEN)
    )


def warm_up_summary(worlds: Sequence[WorldResult], found: WarmUp | None) -> dict[str, Any] | None:
    """The entry `warm_up` of summary.json: how long it is and how that was decided; None without one. Times in days."""
    if found is None:
        given = [_days(_run_of(world)) for world in worlds]
        if not any(given):
            return None
        by_world = [{"world": world.label, "days": days} for world, days in zip(worlds, given, strict=True)]
        return {"how": "given", "days": given[0] if len(set(given)) == 1 else None, "by_world": by_world}
    return {
        "how": "found",
        "days": found.days,
        "method": "MSER-5",
        "pilot_replications": found.replications,
        "instead_of": [str(span) for span in found.replaces],
        "by_world": [
            {
                "world": world.label,
                "product": course.product,
                "found_days": course.needed,
                **({"note": course.why} if course.why else {}),
                "start_up_turnaround_days": course.start_up.as_json(),
                "steady_turnaround_days": course.steady.as_json(),
            }
            for world, courses in zip(worlds, found.courses, strict=True)
            for course in courses
        ],
    }


def _days(run: Run) -> float:
    """Length of a warm-up that a scenario gives, in days."""
    if run.warm_up is None:
        return 0.0
    return add_span(run.start, 0.0, run.warm_up, build_calendar(run.start, hours="always")) / 1440


def _run_of(world: WorldResult) -> Run:
    assert world.loaded.scenario.run is not None
    return world.loaded.scenario.run
