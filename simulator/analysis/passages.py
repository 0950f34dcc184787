"""How many firms passed each step of a product."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from simulator.workflow.record import Visits


def firms_past_steps(rows: Visits, cases: NDArray[np.int64], steps: int) -> NDArray[np.int64]:
    """Firms among `cases` whose file left a step with its first outcome at least once, (steps,).

    `rows` are the visits of one product.
    """
    passed = rows[(rows["outcome"] == 0) & (rows["step"] < steps)]
    firms = int(max(cases.max(initial=-1), passed["case"].max(initial=-1))) + 1
    seen = np.zeros((steps, firms), dtype=bool)
    seen[passed["step"].astype(np.int64), passed["case"].astype(np.int64)] = True
    return np.asarray(seen[:, cases].sum(axis=1))
