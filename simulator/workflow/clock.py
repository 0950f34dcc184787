"""The simulation's clock: SimPy's environment, with events that fire at exact moments."""

from __future__ import annotations

from heapq import heappush
from typing import Any

import simpy
from simpy.events import NORMAL, Event, EventPriority

LAST, AFTER_LAST = EventPriority(3), EventPriority(4)
"""Of events at one moment, those that wait until everything else has happened, and those that wait for these too."""


class Clock(simpy.Environment):
    """Real time in minutes since midnight of the first day (Shanghai)."""

    closed = False
    """After the follow-up of cases no file moves on; loans still do."""

    def fire_at(self, moment: float, event: Event, value: Any = None, priority: EventPriority = NORMAL) -> Event:
        """Let a fresh event succeed at a moment.

        SimPy schedules by delay; now + (moment - now) can differ from the moment in its last bit, which would put the
        end of a day's work a hair before or after closing time.
        """
        event._ok = True
        event._value = value
        heappush(self._queue, (moment, priority, next(self._eid), event))
        return event

    def until(self, moment: float, priority: EventPriority = NORMAL) -> Event:
        """An event that fires at a moment, at once if it has passed."""
        now: float = self._now
        return self.fire_at(moment if moment > now else now, Event(self), priority=priority)
