"""Six stages in a row against the same model written by hand in bare SimPy.

Ours is the scenario file beside this script: six desks of one person at a load of 0.8, Poisson arrivals in open hours,
exponential work, Monday to Friday 9 to 17 with the holidays of mainland China, priorities on, every visit recorded.
The hand-written model is what an expert writes, and easier: round the clock, `simpy.Resource`, no `with`, draws in
blocks, rows as tuples, the garbage collector off as in ours. Runs alternate in one process; the ratio of their medians
is what counts (bar: at least 2.0). A second line has ours with a loan for every case, which the other does not have.

    python benchmarks/six_stages.py [cases]
"""

from __future__ import annotations

import gc
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
from simulator.scenario.load import open_scenario
from simulator.scenario.model import Scenario

MODEL = Path(__file__).with_name("six-stages.yaml")
STAGES = ("application", "due diligence", "valuation", "rating", "contract", "credit approval")
PER_DAY, WORK_MINUTES, OPEN_MINUTES = 48, 8.0, 480
DAYS_A_WORKING_DAY = 365.25 / 249
BAR = 2.0


def six_stages(cases: int, *, quicker: int = 1, lend: bool = False) -> Scenario:
    """The model with about so many cases, `quicker` times as many a day; with `lend` each of them gets a loan."""
    days = max(1, round(cases / (PER_DAY * quicker) * DAYS_A_WORKING_DAY))
    settings = [f"run.arrivals_for={days} days", f"applicants.arrivals.per_working_day={PER_DAY * quicker}"]
    work = f"{{exponential: {WORK_MINUTES / quicker:g} min}}"
    settings += [f"products.loan.flow.{stage}.work={work}" for stage in STAGES]
    if lend:
        settings.append("products.loan.flow.credit approval.odds={approved: 100%, declined: rest}")
    return open_scenario(str(MODEL), settings).variant().scenario


def bare_simpy(cases: int) -> list[tuple[int, int, float, float, float]]:
    """The same model by hand; one row a stage of a case: arrival, start and end."""
    random = np.random.default_rng(1)
    gaps = random.exponential(OPEN_MINUTES / PER_DAY, cases).tolist()
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
    gc.disable()
    env.run()
    gc.enable()
    return rows


def seconds(run: Callable[[], object]) -> float:
    """How much processor time a run takes."""
    began = time.process_time()
    run()
    return time.process_time() - began


def main() -> None:
    """Print cases per second of both and their ratio."""
    cases = int(sys.argv[1]) if len(sys.argv) > 1 else 20_000
    plain, lending = six_stages(cases), six_stages(cases, lend=True)
    counts = [len(replicate(world, 1).firms) for world in (plain, lending)]
    bare, ours, with_loans = [], [], []
    for _ in range(5):
        bare.append(cases / seconds(lambda: bare_simpy(cases)))
        ours.append(counts[0] / seconds(lambda: replicate(plain, 1)))
        with_loans.append(counts[1] / seconds(lambda: replicate(lending, 1)))
    pairs = np.array(ours) / np.array(bare)
    print(f"bare SimPy, round the clock:     {median(bare):>9,.0f} cases/s")
    print(f"ours, in office hours:           {median(ours):>9,.0f} cases/s")
    print(f"ours, and a loan for every case: {median(with_loans):>9,.0f} cases/s")
    spread = f"(single pairs {pairs.min():.2f} to {pairs.max():.2f}); bar {BAR}"
    loans = median(with_loans) / median(bare)
    print(f"ratio of speeds: {median(ours) / median(bare):.2f} {spread}; with loans {loans:.2f}")


if __name__ == "__main__":
    main()
