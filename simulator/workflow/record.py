"""The record of a replication: every visit of a step, one row each, in the order of their ends."""

from __future__ import annotations

from struct import Struct

import numpy as np
from numpy.typing import NDArray

VISIT = np.dtype(
    [
        ("product", "<u2"), ("step", "<u2"), ("case", "<i4"), ("visit", "<u2"), ("outcome", "<i2"), ("person", "<i4"),
        ("entry", "<f8"), ("start", "<f8"), ("worked", "<f8"), ("end", "<f8"),
    ]
)  # fmt: skip
"""Columns of a row: entry into the queue, start and end of the work, end of the step, in minutes since the first day.

`outcome` is the number of the outcome among those of the stage, -1 for a file that left or stays open; `person` is -1
where nobody worked.
"""
Visits = NDArray[np.void]
"""Rows of type VISIT, shape (visits,)."""
Visit = np.void
"""One of them."""
pack = Struct("<HHiHhidddd").pack
"""A row as the bytes of its columns, in their order; a row costs a fifth of what one written into arrays does."""


class Record:
    """The rows of one replication, as they come: 48 bytes each."""

    def __init__(self) -> None:
        self._rows = bytearray()
        self.add = self._rows.extend
        """Takes a row from `pack`."""

    def visits(self) -> Visits:
        """All rows so far; none can be added afterwards."""
        return np.frombuffer(self._rows, dtype=VISIT)
