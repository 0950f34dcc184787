"""What a long queue costs: 20,000 files that wait at one desk against 200.

In both worlds 20,000 files come in bursts, of all at once or of 200 a day, to a desk that is never closed. Runs
alternate in one process; the ratio of the medians is what counts (bar: at most 1.2).

    python benchmarks/backlog.py
"""

from __future__ import annotations

import sys
from pathlib import Path
from statistics import median

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import numpy as np
from six_stages import seconds

from simulator.analysis.measure import longest_queue
from simulator.experiment.replication import replicate
from simulator.scenario.load import from_data
from simulator.scenario.model import Scenario

FILES = 20_000


def bursts(size: int) -> Scenario:
    """A desk to which `size` files come within ten minutes of a day, until there were 20,000."""
    return from_data(
        {
            "id": "backlog",
            "calendars": {
                "office": {"days": "every day", "hours": "9:00-9:10"},
                "always": {"days": "every day", "hours": "always"},
            },
            "parties": {"bank": {"calendar": "always", "desks": {"reviewer": {"staff": 1}}}},
            "applicants": {
                "arrivals": {"per_working_day": size},
                "population": {"amount_requested": "1m CNY", "appraised_value": "5m CNY"},
            },
            "products": {
                "loan": {
                    "tenor": "12 months",
                    "flow": [
                        {"credit approval": {"by": "bank reviewer", "work": "3 min"}},
                        {"drawdown": {"elapsed": "0 min"}},
                    ],
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
                "arrivals_for": f"{FILES // size} days",
                "follow_up": {"cases": "60 days", "loans": "60 days"},
                "replications": 1,
                "seed": 1,
                "drawn_within": "1 days",
            },
        }
    ).scenario


def main() -> None:
    """Print microseconds a case for both lengths of the queue, and their ratio."""
    worlds = {size: bursts(size) for size in (200, FILES)}
    cases, queues = {}, {}
    for size, world in worlds.items():
        happened = replicate(world, 1)
        steps = happened.steps[happened.steps["step"] == 0]
        cases[size], queues[size] = len(happened.firms), longest_queue(steps["entry"], steps["start"])
    spent: dict[int, list[float]] = {size: [] for size in worlds}
    for _ in range(9):
        for size, world in worlds.items():
            spent[size].append(seconds(lambda world=world: replicate(world, 1)))  # type: ignore[misc]
    each = {size: median(spent[size]) / cases[size] for size in worlds}
    for size in worlds:
        print(f"longest queue {queues[size]:>6,}: {each[size] * 1e6:5.1f} us a case, of {cases[size]:,}")
    pairs = np.array(spent[FILES]) / cases[FILES] / (np.array(spent[200]) / cases[200])
    print(f"ratio: {each[FILES] / each[200]:.2f} (single pairs {pairs.min():.2f} to {pairs.max():.2f}); bar 1.2")


if __name__ == "__main__":
    main()
