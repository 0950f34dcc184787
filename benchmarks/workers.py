"""How much faster a comparison is with 2 and 4 worker processes than with 1, by the clock on the wall.

Replications of C8-F1 with its firms ten times as many, as `compare` runs them; bar: two workers at least 1.7 times one,
on runs of 10 s or more. More workers than cores gain nothing.

    python benchmarks/workers.py [replications]
"""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from products import crowded

from simulator.analysis.measure import measure
from simulator.experiment.run import run_tasks

WORKERS = (1, 2, 4)


def elapsed(replications: int, workers: int) -> float:
    """Seconds on the wall of so many replications, starting and ending the processes included."""
    world = crowded("C8-F1", 10)
    began = time.perf_counter()
    for _ in run_tasks([world], [(0, number) for number in range(1, replications + 1)], measure, workers=workers):
        pass
    return time.perf_counter() - began


def main() -> None:
    """Print seconds and the gain for each number of workers."""
    replications = int(sys.argv[1]) if len(sys.argv) > 1 else 40
    first = elapsed(replications, 1)
    print(f"{os.cpu_count()} cores; {replications} replications with 1 worker: {first:.1f} s")
    for workers in WORKERS[1:]:
        took = elapsed(replications, workers)
        bar = "; bar 1.7" if workers == 2 else ""
        print(f"with {workers} workers: {took:.1f} s, {first / took:.2f} times as fast{bar}")


if __name__ == "__main__":
    main()
