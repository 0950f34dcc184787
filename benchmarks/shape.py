"""How cost grows with the length of a flow and with the number of products side by side.

Flows of 3 to 24 desks in a row, and 1 to 8 products of six desks each with desks of their own, 5,000 cases altogether
at a load of 0.8. Processor time a visit of a step, without measuring.

    python benchmarks/shape.py
"""

from __future__ import annotations

import sys
from pathlib import Path
from statistics import median
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import yaml
from six_stages import DAYS_A_WORKING_DAY, MODEL, PER_DAY, STAGES, seconds

from simulator.experiment.replication import replicate
from simulator.scenario.load import from_data
from simulator.scenario.model import Scenario

CASES = 5_000


def world(steps: int, products: int) -> Scenario:
    """A world of so many products with so many desks in a row each; every firm wants one product, by a drawn word."""
    data: dict[str, Any] = yaml.safe_load(MODEL.read_text(encoding="utf-8"))
    last = data["products"]["loan"]["flow"][-2:]
    desks, flows = {}, {}
    for product in range(products):
        names = [f"desk {product} {step}" for step in range(steps)]
        desks.update({name: {"staff": 1} for name in names})
        flow: list[Any] = []
        for step, name in enumerate(names[:-1]):
            work = {"by": f"bank {name}", "work": {"exponential": "8 min"}, "priority": 3}
            flow.append({f"review {step}": {**work, "stage": STAGES[step % 4]}})
        approval = {**last[0]["credit approval"], "by": f"bank {names[-1]}"}
        flows[f"loan {product}"] = [*flow, {"credit approval": approval}, last[1]]
    data["parties"]["bank"]["desks"] = desks
    words = {f"loan {product}": "rest" if product == 0 else f"{100 / products}%" for product in range(products)}
    if products > 1:
        data["applicants"]["population"]["wants"] = {"odds": words}
    data["applicants"]["arrivals"]["per_working_day"] = PER_DAY * products
    data["run"]["arrivals_for"] = f"{round(CASES / PER_DAY / products * DAYS_A_WORKING_DAY)} days"
    plain = data["products"]["loan"]
    data["products"] = {
        name: {**plain, "flow": flow, **({"eligibility": {"wants": name}} if products > 1 else {})}
        for name, flow in flows.items()
    }
    return from_data(data).scenario


def microseconds(scenario: Scenario) -> float:
    """Processor time of a visit, the median of five runs."""
    visits = len(replicate(scenario, 1).steps)
    return median(seconds(lambda: replicate(scenario, 1)) for _ in range(5)) / visits * 1e6


def main() -> None:
    """Print a line for each shape."""
    for what, shapes in (
        ("desks in a row", [(steps, 1) for steps in (3, 6, 12, 24)]),
        ("products of six desks", [(6, products) for products in (1, 2, 4, 8)]),
    ):
        first = None
        for steps, products in shapes:
            each = microseconds(world(steps, products))
            first = first or each
            count = steps if what == "desks in a row" else products
            print(f"{count:>3} {what:<22} {each:5.1f} us a visit, {each / first:.2f} times the first")


if __name__ == "__main__":
    main()
