"""Peak memory of 200,000 cases that pass six stages, simulated and measured (bar: 400 MB).

python benchmarks/memory.py [cases]
"""

from __future__ import annotations

import resource
import subprocess
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))


def peak_megabytes() -> float:
    """Most memory this process has held."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def run(cases: int) -> None:
    """Simulate and measure in this process, and print what it took."""
    from six_stages import six_stages

    from simulator.analysis.measure import measure
    from simulator.experiment.replication import replicate

    scenario = six_stages(cases)
    at_start = peak_megabytes()
    happened = replicate(scenario, 1)
    simulated = peak_megabytes()
    measured = measure(scenario, happened, 1)
    print(f"{measured.arrived:,} cases, {len(happened.steps):,} steps")
    print(f"imports {at_start:.0f} MB, simulated {simulated:.0f} MB, measured {peak_megabytes():.0f} MB; bar 400 MB")


def main() -> None:
    """Run in a process of its own, so that nothing else counts."""
    cases = sys.argv[1] if len(sys.argv) > 1 else "200000"
    subprocess.run([sys.executable, __file__, "alone", cases], check=True)


if __name__ == "__main__":
    if sys.argv[1:2] == ["alone"]:
        run(int(sys.argv[2]))
    else:
        main()
