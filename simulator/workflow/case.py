"""A case: one application on its way."""

from __future__ import annotations

from math import inf

from simulator.workflow.waiting import Waiting

NOT_APPLIED, OPEN, DRAWN, DECLINED, WITHDRAWN, EXPIRED, COMPLETED = range(7)
END_NAMES = ("not eligible", "open", "drawn", "declined", "withdrawn", "expired", "completed")
"""How a case stands at the end of the follow-up, by its code."""


class Case:
    """One firm's application for one product."""

    __slots__ = (
        "deadlines", "end", "front_at", "leave_as", "leave_at", "lines", "number", "over", "product", "returns",
        "visits", "waits",
    )  # fmt: skip

    def __init__(self, number: int, product: int, steps: int) -> None:
        self.number = number
        self.product = product
        self.visits = [0] * steps
        self.returns = 0
        self.end = OPEN
        """How it ended; OPEN while it is under way."""
        self.leave_at = inf
        """When it leaves wherever it waits, and as what."""
        self.leave_as = WITHDRAWN
        self.front_at = inf
        """From when on it goes before all others."""
        self.deadlines: dict[str, tuple[float, str]] = {}
        """Deadlines that run: name to (moment, what happens when it passes)."""
        self.over = False
        """Whether its process has ended, or is ending: branches that still work on it go no further."""
        self.waits: list[Waiting] = []
        """What it waits for just now; several things, while steps run together."""
        self.lines: dict[str, int] = {}
        """Credit line reserved, by quota."""
