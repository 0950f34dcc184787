"""Simulated queues against what queueing theory says about them.

The 99 % interval over replications has to hold the theoretical value, and has to be narrow.
"""

from __future__ import annotations

from math import exp
from pathlib import Path

import numpy as np
import pytest
from queueing import erlang_c
from scipy import stats

from simulator.calendars import add_span, build_calendar
from simulator.experiment.run import run_tasks
from simulator.scenario.flow import steps_of
from simulator.scenario.load import load
from simulator.scenario.model import Scenario
from simulator.workflow.case import WITHDRAWN
from simulator.workflow.world import Happened

pytestmark = pytest.mark.slow
MODELS = Path(__file__).parent.parent / "theory"


def means(scenario: Scenario, happened: Happened, replication: int) -> dict[str, float]:
    """Mean wait at each step, mean turnaround and share of withdrawals of one replication, after the warm-up."""
    assert scenario.run is not None and scenario.run.warm_up is not None
    start = scenario.run.start
    warm = add_span(start, 0.0, scenario.run.warm_up, build_calendar(start, hours="always"))
    counted = happened.firms.arrival >= warm
    rows = happened.steps[counted[happened.steps["case"].astype(int)]]
    wait = np.minimum(rows["start"], rows["end"]) - rows["entry"]
    found = {
        "turnaround": float(
            np.nanmean((happened.drawn_at - happened.firms.arrival)[counted & np.isfinite(happened.drawn_at)])
        )
    }
    for number, step in enumerate(steps_of(scenario.products["loan"].flow)):
        found[step.title] = float(wait[rows["step"] == number].mean())
    found["left"] = float((happened.end[counted] == WITHDRAWN).mean())
    return found


def simulated(name: str) -> dict[str, list[float]]:
    """The means of every replication of a model."""
    scenario = load(MODELS / f"{name}.yaml").scenario
    assert scenario.run is not None
    tasks = [(0, number) for number in range(1, scenario.run.replications + 1)]
    found = [measured for _, measured in sorted(run_tasks([scenario], tasks, means, workers=2))]
    return {what: [each[what] for each in found] for what in found[0]}


def agrees(values: list[float], theory: float, width: float) -> None:
    """Assert that the 99 % interval holds the theoretical value and reaches at most `width` of it to each side."""
    middle = float(np.mean(values))
    half = float(stats.t.ppf(0.995, len(values) - 1) * stats.sem(values))
    assert abs(middle - theory) <= half, f"{middle:.4g} +- {half:.2g}, theory {theory:.4g}"
    assert half <= width * theory, f"half width is {half / theory:.1%} of {theory:.4g}"


@pytest.mark.parametrize(
    ("model", "staff", "per_minute", "work"), [("mm1", 1, 86.4 / 1440, 10), ("mm3", 3, 100.8 / 1440, 30)]
)
def test_exponential_work_waits_as_in_m_m_c(model: str, staff: int, per_minute: float, work: float) -> None:
    offered = per_minute * work
    wait = erlang_c(staff, offered) * work / (staff - offered)
    found = simulated(model)
    agrees(found["credit approval"], wait, 0.04)
    agrees(found["turnaround"], wait + work, 0.03)


def test_fixed_work_waits_as_in_m_d_1() -> None:
    load_of_desk, work = 0.7, 10.0
    wait = load_of_desk * work / 2 / (1 - load_of_desk)  # Pollaczek-Khinchine
    found = simulated("md1")
    agrees(found["credit approval"], wait, 0.04)
    agrees(found["turnaround"], wait + work, 0.03)


def test_urgent_and_ordinary_files_wait_as_in_m_m_1_with_two_classes() -> None:
    # A. Cobham, Priority assignment in waiting line problems, Operations Research 2, 1954.
    per_minute, work = np.array([0.3, 0.7]) * 100.8 / 1440, np.array([6.0, 11.0])
    loads = per_minute * work
    residual = float((per_minute * 2 * work**2).sum() / 2)
    found = simulated("two-classes")
    agrees(found["urgent approval"], residual / (1 - loads[0]), 0.03)
    agrees(found["ordinary approval"], residual / (1 - loads[0]) / (1 - loads.sum()), 0.05)


def test_impatient_applicants_leave_as_in_erlang_a() -> None:
    # C. Palm, Methods of judging the annoyance caused by congestion, Tele 4, 1953: birth and death of files present.
    staff, per_minute, work, patience = 2, 158.4 / 1440, 20.0, 40.0
    present = np.arange(400)
    deaths = np.minimum(present, staff) / work + np.maximum(present - staff, 0) / patience
    weight = np.concatenate([[0.0], np.cumsum(np.log(per_minute / deaths[1:]))])
    chance = np.exp(weight - weight.max())
    queued = float((chance / chance.sum()) @ np.maximum(present - staff, 0))
    found = simulated("impatient")
    agrees(found["left"], queued / patience / per_minute, 0.03)
    agrees(found["credit approval"], queued / per_minute, 0.03)


def test_files_wait_for_a_weekly_committee_as_in_its_markov_chain() -> None:
    takes, per_week, states = 10, 7.7, 400
    # Files before one meeting given those before the last: what it could not take, and a week's arrivals.
    arrivals = np.array([exp(-per_week + n * np.log(per_week) - sum(np.log(np.arange(1, n + 1)))) for n in range(120)])
    step = np.zeros((states, states))
    for before in range(states):
        left = max(before - takes, 0)
        reach = min(len(arrivals), states - left)
        step[before, left : left + reach] = arrivals[:reach]
        step[before, -1] += 1 - step[before].sum()
    before_meeting = np.linalg.matrix_power(step, 1 << 14)[0]
    left_over = float(before_meeting @ np.maximum(np.arange(states) - takes, 0))
    queued = left_over + per_week / 2  # arrivals are spread evenly over the week
    wait = queued / per_week * 7 * 1440  # Little
    found = simulated("committee")
    agrees(found["guarantee review"], wait, 0.03)
    agrees(found["turnaround"], wait + 120, 0.03)
