"""How cost grows with the number of cases: the six stages with 2,000 to 1,000,000 of them, in a process each.

The million takes eight years of working days. Processor time of simulating and of measuring, a case, and the most
memory that the process held; bars: 1,000,000 cases cost at most 1.2 times as much each as 20,000, and fit into 800 MB.

    python benchmarks/growth.py [cases ...]
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

SIZES = (2_000, 20_000, 200_000, 1_000_000)
QUICKER = 10
BAR, BAR_MEGABYTES = 1.2, 800


def peak_megabytes() -> float:
    """Most memory this process has held."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def run_alone(cases: int) -> None:
    """Simulate and measure in this process, and print what it took, as JSON."""
    from six_stages import seconds, six_stages

    from simulator.analysis.measure import measure
    from simulator.experiment.replication import replicate

    small = six_stages(2_000, quicker=QUICKER)
    # Imports and what is looked up once are no part of a case.
    measure(small, replicate(small, 1), 1)
    world = six_stages(cases, quicker=QUICKER)
    happened = None

    def simulate() -> None:
        nonlocal happened
        happened = replicate(world, 1)

    simulated = seconds(simulate)
    assert happened is not None
    memory = peak_megabytes()
    measured = seconds(lambda: measure(world, happened, 1))
    told = {"cases": len(happened.firms), "simulated": simulated, "measured": measured}
    print(json.dumps({**told, "peak": memory, "peak_measured": peak_megabytes()}))


def grown(cases: int) -> dict[str, float]:
    """What so many cases take, in a process of their own: seconds and megabytes."""
    done = subprocess.run([sys.executable, __file__, "alone", str(cases)], check=True, capture_output=True, text=True)
    told: dict[str, float] = json.loads(done.stdout)
    return told


def main() -> None:
    """Print a line for each number of cases, and the ratios that have bars."""
    sizes = [int(word) for word in sys.argv[1:]] or SIZES
    each: dict[int, float] = {}
    for size in sizes:
        # The best of a few: a short run is easily disturbed.
        runs = [grown(size) for _ in range(3 if size < 500_000 else 1)]
        best = min(runs, key=lambda run: run["simulated"])
        each[size] = best["simulated"] / best["cases"] * 1e6
        measured = best["measured"] / best["cases"] * 1e6
        print(
            f"{best['cases']:>9,.0f} cases: {each[size]:5.1f} us each, measuring {measured:4.1f} us; "
            f"peak {best['peak']:,.0f} MB, with measuring {best['peak_measured']:,.0f} MB"
        )
    if {20_000, 1_000_000} <= each.keys():
        print(f"1,000,000 against 20,000: {each[1_000_000] / each[20_000]:.2f} times a case; bar {BAR}")
        print(f"peak memory of the million: {best['peak_measured']:,.0f} MB; bar {BAR_MEGABYTES}")


if __name__ == "__main__":
    if sys.argv[1:2] == ["alone"]:
        run_alone(int(sys.argv[2]))
    else:
        main()
