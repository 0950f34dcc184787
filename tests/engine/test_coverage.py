"""How often intervals hold the truth: two hundred studies of a queue of which all is known."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from math import exp
from pathlib import Path

import pytest
from queueing import erlang_c
from scipy.optimize import brentq

from simulator.analysis.comparison import Comparison
from simulator.analysis.measure import Measured, measure
from simulator.analysis.precision import estimates_of
from simulator.analysis.rounds import WorldResult
from simulator.experiment.run import run_tasks
from simulator.scenario.load import LoadedScenario, open_scenario
from simulator.scenario.model import Scenario
from simulator.workflow.world import Happened

STUDIES, REPLICATIONS = 200, 20
PER_DAY, WORK_HOURS = 24.0, 0.9
OFFERED = PER_DAY * WORK_HOURS / 24
MODEL = Path(__file__).parent.parent / "theory" / "mm1.yaml"
STAFF = (2, 3)
"""In one world two people share the work, in the other three."""


def mean_of_m_m_c(servers: int) -> float:
    """Mean days in M/M/c (L. Kleinrock, Queueing Systems I, 1975, section 3.5)."""
    work = WORK_HOURS / 24
    return work + erlang_c(servers, OFFERED) * work / (servers - OFFERED)


def p90_of_m_m_c(servers: int) -> float:
    """The 90 % quantile of the days in M/M/c, first come first served: of a wait that is 0 or exponential, and work."""
    work_rate = 24 / WORK_HOURS
    wait_rate, share = servers * work_rate - PER_DAY, erlang_c(servers, OFFERED)

    def above(days: float) -> float:
        both = (wait_rate * exp(-work_rate * days) - work_rate * exp(-wait_rate * days)) / (wait_rate - work_rate)
        return (1 - share) * exp(-work_rate * days) + share * both - 0.1

    return float(brentq(above, 0, 10))


def world(staff: int) -> LoadedScenario:
    """Work round the clock at one desk; firms that come on the first two days are not counted."""
    return open_scenario(
        MODEL,
        [
            f"parties.bank.desks.reviewer.staff={staff}",
            f"applicants.arrivals.per_working_day={PER_DAY}",
            f"products.loan.flow.credit approval.work={{exponential: {WORK_HOURS} h}}",
            "run.arrivals_for=30 days",
            "run.follow_up={cases: 30 days, loans: 30 days}",
        ],
    ).variant()


def with_seed(loaded: LoadedScenario, seed: int) -> LoadedScenario:
    run = loaded.scenario.run
    assert run is not None
    return replace(loaded, scenario=loaded.scenario.model_copy(update={"run": run.model_copy(update={"seed": seed})}))


def without_detail(scenario: Scenario, happened: Happened, replication: int) -> Measured:
    return replace(measure(scenario, happened, replication), detail=None)


@pytest.mark.slow
def test_intervals_of_mean_p90_and_paired_difference_hold_the_truth_in_91_to_99_of_100_studies() -> None:
    worlds = [with_seed(world(staff), seed) for seed in range(STUDIES) for staff in STAFF]
    tasks = [(number, replication) for number in range(len(worlds)) for replication in range(1, REPLICATIONS + 1)]
    measured: dict[int, dict[int, Measured]] = {number: {} for number in range(len(worlds))}
    for (number, replication), found in run_tasks([each.scenario for each in worlds], tasks, without_detail, workers=2):
        measured[number][replication] = found
    mean_2, mean_3 = (mean_of_m_m_c(staff) for staff in STAFF)
    truth = {"mean": mean_2, "p90": p90_of_m_m_c(STAFF[0]), "difference": mean_3 - mean_2}
    held, gains = Counter[str](), []
    for seed in range(STUDIES):
        results = [
            WorldResult(worlds[number], f"{staff} people", [each for _, each in sorted(measured[number].items())])
            for number, staff in zip((2 * seed, 2 * seed + 1), STAFF, strict=True)
        ]
        told = estimates_of(results[0], 0)
        (differs,) = (
            each for each in Comparison(results).differences() if each.measure == "turnaround_days.mean"
        )
        assert differs.paired and differs.pairing_gain is not None
        gains.append(differs.pairing_gain)
        mean, p90 = (told[f"turnaround_days.{name}"] for name in ("mean", "p90"))
        found = {"mean": mean, "p90": p90, "difference": differs.estimate}
        for name, each in found.items():
            assert each.low is not None and each.high is not None
            held[name] += each.low <= truth[name] <= each.high
    shares = {name: held[name] / STUDIES for name in truth}
    assert all(0.91 <= share <= 0.99 for share in shares.values()), shares
    assert sorted(gains)[STUDIES // 2] > 1.2, "the same firms and luck narrow a difference"
