"""Six stages in a row in Ciw, round the clock: processor time, rows of the record and mean turnaround as JSON.

`peers.py` runs it in an environment of its own and passes the model as JSON.
"""

from __future__ import annotations

import json
import platform
import sys
import time
from typing import Any

import ciw


def simulate(model: dict[str, Any], cases: int) -> list[Any]:
    """The records of a run that ends when so many cases are through."""
    stages = len(model["stages"])
    following = [[float(after == stage + 1) for after in range(stages)] for stage in range(stages)]
    ciw.seed(1)
    simulation = ciw.Simulation(
        ciw.create_network(
            arrival_distributions=[ciw.dists.Exponential(1 / model["gap"]), *[None] * (stages - 1)],
            service_distributions=[ciw.dists.Exponential(1 / model["work"]) for _ in range(stages)],
            routing=following,
            number_of_servers=[1] * stages,
        )
    )
    simulation.simulate_until_max_customers(cases, method="Finish")
    records: list[Any] = simulation.get_all_records()
    return records


def main() -> None:
    """Run the model once, after a short run that is not timed."""
    model = json.loads(sys.argv[1])
    simulate(model, 100)
    began = time.process_time()
    records = simulate(model, model["cases"])
    spent = time.process_time() - began
    arrival = {each.id_number: each.arrival_date for each in records if each.node == 1}
    passed = [each.exit_date - arrival[each.id_number] for each in records if each.node == len(model["stages"])]
    # Who is still on the way at the end has a few rows too.
    print(
        json.dumps(
            {
                "seconds": spent,
                "cases": len(passed),
                "rows": len(records),
                "turnaround": sum(passed) / len(passed),
                "python": platform.python_version(),
            }
        )
    )


if __name__ == "__main__":
    main()
