"""Bundled products, whole: population, eligibility, flow, loans followed to maturity or loss, sharing.

Cases drawn a second and processor time by part, on one core, for products with ten times the firms and people of the
bundled file, which is the size of a city; beside it the speed of bare SimPy in the same run, since machines differ
(bar: 10,000 drawn cases a second). Measuring is told apart. At the end, where the time goes, by module.

    python benchmarks/products.py [ID ...]
"""

from __future__ import annotations

import cProfile
import pstats
import sys
from collections import Counter
from pathlib import Path
from statistics import median

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from six_stages import bare_simpy, seconds

from simulator.analysis.measure import measure
from simulator.experiment.replication import replicate
from simulator.scenario.load import open_scenario
from simulator.scenario.model import Scenario
from simulator.workflow.case import DRAWN

PRODUCTS = ("C2-F1", "C3-F1", "C5-F1", "C8-F1", "C9-F2")
BAR = 10_000
BARE_CASES = 5_000


def crowded(product: str, times: int) -> Scenario:
    """A bundled product with so many times the firms, and as many more people at every desk."""
    plain = open_scenario(product).variant().scenario
    assert plain.applicants is not None and plain.applicants.arrivals.per_working_day is not None
    settings = [f"applicants.arrivals.per_working_day={plain.applicants.arrivals.per_working_day * times}"]
    for party, each in plain.parties.items():
        for name, desk in each.desks.items():
            if desk.staff:
                settings.append(f"parties.{party}.desks.{name}.staff={desk.staff * times}")
            elif desk.committee is not None:
                settings.append(f"parties.{party}.desks.{name}.committee.takes={desk.committee.takes * times}")
    return open_scenario(product, settings).variant().scenario


def profiled(world: Scenario) -> Counter[str]:
    """Share of the time spent in each module, of functions of this package and of what they call in others."""
    profile = cProfile.Profile()
    profile.enable()
    replicate(world, 2)
    profile.disable()
    spent: Counter[str] = Counter()
    for (file, _, _), (_, _, own, _, _) in pstats.Stats(profile).stats.items():  # type: ignore[attr-defined]
        path = Path(file)
        ours = "simulator" in path.parts
        spent["/".join(path.parts[-2:]) if ours else "simpy" if "simpy" in path.parts else "built in and NumPy"] += own
    return spent


def main() -> None:
    """Print a line for each product, and where the time goes in the first."""
    names = sys.argv[1:] or PRODUCTS
    for name in names:
        world = crowded(name, 10)
        happened = replicate(world, 1)
        drawn, firms, visits = int((happened.end == DRAWN).sum()), len(happened.firms), len(happened.steps)
        simulated, bare = [], []
        for _ in range(5):
            simulated.append(seconds(lambda world=world: replicate(world, 1)))  # type: ignore[misc]
            bare.append(seconds(lambda: bare_simpy(BARE_CASES)) / BARE_CASES)
        measuring = seconds(lambda world=world, happened=happened: measure(world, happened, 1))  # type: ignore[misc]
        each = median(simulated)
        print(
            f"{name:>6}: {firms:,} firms, {drawn:,} drawn, {visits:,} visits, {len(happened.payments):,} payments; "
            f"{drawn / each:,.0f} drawn cases/s, {firms / (each + measuring):,.0f} firms/s with measuring; "
            f"{drawn / each * median(bare):.2f} of bare SimPy's {1 / median(bare):,.0f} six-stage cases/s"
        )
    print(f"bar: {BAR:,} drawn cases/s")
    spent = profiled(crowded(names[0], 10))
    whole = sum(spent.values())
    print(f"where the time of {names[0]} goes (profiled, which favours what calls little):")
    for module, own in spent.most_common(14):
        print(f"  {own / whole * 100:4.0f} %  {module}")


if __name__ == "__main__":
    main()
