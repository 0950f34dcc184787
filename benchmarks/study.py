"""What a city's study takes: 5,000 firms a year, ten years, 1,000 replications of 100 variants, calculated.

One replication of two years of C8-F1 with as many firms and people is run and measured here. From its processor time a
firm, and the share of their time that two workers lose to one another, follows what the whole takes on a cluster.

    python benchmarks/study.py
"""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from products import crowded
from six_stages import bare_simpy, seconds

from simulator.analysis.measure import measure
from simulator.experiment.replication import replicate

FIRMS_A_YEAR, YEARS, REPLICATIONS, VARIANTS = 5_000, 10, 1_000, 100
CORES = (2, 32, 256)
EFFICIENCY = 0.85
"""What a core among many does of what one does alone, which is assumed; `workers.py` measures it for two."""
TIMES = 27
"""0.75 firms a working day become 5,000 a year."""


def main() -> None:
    """Print the calculation."""
    world = crowded("C8-F1", TIMES)
    happened = replicate(world, 1)
    firms = len(happened.firms)
    simulated = min(seconds(lambda: replicate(world, 1)) for _ in range(3)) / firms
    measured = min(seconds(lambda: measure(world, happened, 1)) for _ in range(2)) / firms
    bare = seconds(lambda: bare_simpy(5_000)) / 5_000
    each, measuring = simulated * 1e6, measured * 1e6
    print(f"{firms:,} firms in two years: {each:.0f} us each to simulate, {measuring:.0f} us to measure")
    whole = FIRMS_A_YEAR * YEARS * REPLICATIONS * VARIANTS
    hours = whole * (simulated + measured) / 3600
    print(f"{FIRMS_A_YEAR:,} firms x {YEARS} years x {REPLICATIONS:,} replications x {VARIANTS} variants:")
    print(f"{whole:,} firms, {hours:,.0f} core hours here")
    print(f"where each of many cores does {EFFICIENCY:.0%} of what one does alone:")
    for cores in CORES:
        print(f"  on {cores:>3} cores of this kind: {hours / cores / EFFICIENCY:,.1f} hours")
    scaled = hours * 36.5e-6 / bare
    print(
        f"This machine runs bare SimPy at {1 / bare:,.0f} cases/s; on one that reaches 27,400 it would be "
        f"{scaled:,.0f} core hours."
    )


if __name__ == "__main__":
    main()
