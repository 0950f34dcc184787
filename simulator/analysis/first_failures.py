"""How many firms of a replication fail which rule of a world's first product first."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from simulator.scenario.model import Scenario
from simulator.workflow.world import Happened

TOO_SMALL = "amount"
"""What stands for a rule where a firm passes all of them, but could have too small a loan only."""


def first_failures(scenario: Scenario, happened: Happened, counted: NDArray[np.bool_]) -> dict[str, int]:
    """Firms by the rule that they fail first; a rule goes by the property that it asks about.

    Only firms that are `counted`, which those of the warm-up are not.
    """
    product = next(iter(scenario.products.values()))
    failed, nothing = happened.rule[counted], happened.product[counted] < 0
    found = {name: int((failed == number).sum()) for number, name in enumerate(product.eligibility)}
    return found | {TOO_SMALL: int(((failed < 0) & nothing).sum())}
