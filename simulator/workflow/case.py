"""A case: one application on its way."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import inf
from types import MappingProxyType

from simulator.workflow.waiting import Waiting

NOT_APPLIED, OPEN, DRAWN, DECLINED, WITHDRAWN, EXPIRED, COMPLETED = range(7)
END_NAMES = ("not eligible", "open", "drawn", "declined", "withdrawn", "expired", "completed")
"""How a case stands at the end of the follow-up, by its code."""


class Case:
    """One firm's application for one product."""

    # What a case begins with stands in the class: most cases never have a line, a deadline or a file sent back.
    end = OPEN
    """How it ended; OPEN while it is under way."""
    returns = 0
    """Times its file was sent back."""
    leave_at = inf
    """When it leaves wherever it waits, and as what."""
    leave_as = WITHDRAWN
    front_at = inf
    """From when on it goes before all others."""
    over = False
    """Whether its process has ended, or is ending: branches that still work on it go no further."""
    deadlines: Mapping[str, tuple[float, str]] = MappingProxyType({})
    """Deadlines that run: name to (moment, what happens when it passes)."""
    lines: Mapping[str, int] = MappingProxyType({})
    """Credit line reserved, by quota."""

    def __init__(self, number: int, product: int, steps: int, lanes: int = 1, others: Sequence[int] = ()) -> None:
        self.number = number
        self.product = product
        self.others = others
        """Products that the firm turns to after this one."""
        self.visits = [0] * steps
        self.alert_at = inf
        """From when on something is out of the ordinary: it leaves, goes first or is over. Steps look at this alone."""
        self.waits: list[Waiting | None] = [None] * lanes
        """What it waits for, or has last waited for, in each lane: one of its own and one for each branch beside it."""

    def alert(self, leave_at: float, front_at: float) -> None:
        """From when on it leaves wherever it waits, and goes before all others."""
        self.leave_at, self.front_at = leave_at, front_at
        self.alert_at = min(leave_at, front_at)

    def call_off(self) -> None:
        """Whatever the case waits for comes no more."""
        for waiting in self.waits:
            if waiting is not None:
                waiting.call_off()

    def move_up(self) -> None:
        """Wherever the case waits, it goes to the front."""
        for waiting in self.waits:
            if waiting is not None:
                waiting.move_up()
