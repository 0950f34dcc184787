"""What a case can wait for: a desk, a time to pass, room in a quota."""

from __future__ import annotations

from heapq import heappush
from typing import Any

from simpy.events import NORMAL, Event

from simulator.workflow.clock import Clock


class Waiting(Event):
    """Something a case waits for, until it comes or is called off."""

    __slots__ = ()

    def call_off(self) -> None:
        """The case waits no longer: its applicant gave up, a deadline passed, or another branch ended it."""
        if not self.triggered:
            self.succeed(None)

    def move_up(self) -> None:
        """The case goes before all others; only a desk's queue knows such an order."""


class Pause(Waiting):
    """Time that passes without anybody's work."""

    __slots__ = ()

    def __init__(self, env: Clock, ends: float) -> None:
        self.env, self.callbacks = env, []
        # As `fire_at` does, without a call: nearly every step of a flow makes one.
        self._ok, self._value = True, None
        heappush(env._queue, (ends, NORMAL, next(env._eid), self))

    def call_off(self) -> None:
        # An event that has its moment cannot be moved, so another one takes over those that wait for it.
        if self.callbacks is None:
            return
        sooner: Any = Event(self.env)
        sooner.callbacks, self.callbacks = self.callbacks, []
        sooner.succeed()
