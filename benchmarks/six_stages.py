"""Six stages in a row against the same model written by hand in bare SimPy.

Six desks of one person at a load of 0.8, Poisson arrivals, exponential work, round the clock; every case and stage is
recorded. The hand-written model uses `simpy.Resource` the way an expert would: no `with`, draws in blocks, rows as
tuples. Ours also runs drawdowns and loans. Runs alternate in one process; the ratio of their medians is what counts.

    python benchmarks/six_stages.py [cases]
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
import simpy

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from simulator.experiment.replication import replicate
from simulator.scenario.load import from_data
from simulator.scenario.model import Scenario

STAGES = ("application", "due diligence", "valuation", "rating", "credit approval", "contract")
PER_DAY, WORK_MINUTES = 144, 8


def six_stages(cases: int) -> Scenario:
    """The model as a scenario with about that many cases."""
    steps: list[Any] = [
        {name: {"by": f"bank {name}", "work": {"exponential": f"{WORK_MINUTES} min"}}} for name in STAGES
    ]
    return from_data(
        {
            "id": "six-stages",
            "calendars": {"office": {"days": "every day", "hours": "always"}},
            "parties": {"bank": {"desks": {name: {"staff": 1} for name in STAGES}}},
            "applicants": {
                "arrivals": {"per_working_day": PER_DAY},
                "population": {"amount_requested": "1m CNY", "appraised_value": "5m CNY"},
            },
            "products": {
                "loan": {
                    "tenor": "12 months",
                    "flow": [*steps, {"drawdown": {"elapsed": "0 min"}}],
                    "risk_sharing": {"split": {"bank": "100%"}},
                }
            },
            "credit": {
                "annual_default_rate": "3%",
                "claim_after": "60 days",
                "recovery": {"haircut": "70%", "cost": "5%", "time": "300 days"},
            },
            "run": {
                "start": "2021-01-01",
                "arrivals_for": f"{cases / PER_DAY:.2f} days",
                "follow_up": {"cases": "60 days", "loans": "60 days"},
                "replications": 1,
                "seed": 1,
                "drawn_within": "1 days",
            },
        }
    ).scenario


def bare_simpy(cases: int) -> list[tuple[int, int, float, float, float]]:
    """The same model by hand; one row a stage of a case: arrival, start and end."""
    random = np.random.default_rng(1)
    gaps = random.exponential(1440 / PER_DAY, cases).tolist()
    work = random.exponential(WORK_MINUTES, (cases, len(STAGES))).tolist()
    env = simpy.Environment()
    desks = [simpy.Resource(env, 1) for _ in STAGES]
    rows: list[tuple[int, int, float, float, float]] = []

    def case(number: int) -> Any:
        for stage, desk in enumerate(desks):
            entry = env.now
            request = desk.request()
            yield request
            start = env.now
            yield env.timeout(work[number][stage])
            desk.release(request)
            rows.append((number, stage, entry, start, env.now))

    def arrive() -> Any:
        for number in range(cases):
            yield env.timeout(gaps[number])
            env.process(case(number))

    env.process(arrive())
    env.run()
    return rows


def seconds(run: Callable[[], object]) -> float:
    """How much processor time a run takes."""
    began = time.process_time()
    run()
    return time.process_time() - began


def main() -> None:
    """Print cases per second of both and their ratio."""
    cases = int(sys.argv[1]) if len(sys.argv) > 1 else 20_000
    scenario = six_stages(cases)
    replicate(scenario, 1)
    ours, bare = [], []
    for _ in range(5):
        bare.append(seconds(lambda: bare_simpy(cases)))
        ours.append(seconds(lambda: replicate(scenario, 1)))
    print(f"bare SimPy Resource: {cases / median(bare):>9,.0f} cases/s")
    print(f"pledgesim:           {cases / median(ours):>9,.0f} cases/s, with drawdowns and loans")
    print(f"ratio of speeds:     {median(bare) / median(ours):>9.2f}")


if __name__ == "__main__":
    main()
