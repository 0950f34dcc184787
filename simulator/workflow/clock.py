"""The simulation's clock: SimPy's environment, with events that fire at exact moments."""

from __future__ import annotations

from collections.abc import Generator
from heapq import heappop, heappush
from typing import Any

import simpy
from simpy.events import NORMAL, Event, EventPriority, Process

LAST, AFTER_LAST = EventPriority(3), EventPriority(4)
"""Of events at one moment, those that wait until everything else has happened, and those that wait for these too."""


class Clock(simpy.Environment):
    """Real time in minutes since midnight of the first day (Shanghai)."""

    def __init__(self) -> None:
        super().__init__()
        self.closed = False
        """After the follow-up of cases no file moves on; loans still do."""

    def run(self, until: Any = None) -> Any:
        """SimPy's loop; to the end of all events it is the same one, written out.

        No event fails here: what goes wrong in a process that was begun by `start` is raised at once.
        """
        if until is not None:
            return super().run(until)
        queue = self._queue
        while queue:
            self._now, _, _, event = heappop(queue)
            callbacks, event.callbacks = event.callbacks, None  # type: ignore[assignment]
            for callback in callbacks:
                callback(event)
        return None

    def fire_at(self, moment: float, event: Event, value: Any = None, priority: EventPriority = NORMAL) -> Event:
        """Let a fresh event succeed at a moment.

        SimPy schedules by delay; now + (moment - now) can differ from the moment in its last bit, which would put the
        end of a day's work a hair before or after closing time.
        """
        event._ok = True
        event._value = value
        heappush(self._queue, (moment, priority, next(self._eid), event))
        return event

    def start(self, generator: Generator[Event, Any, Any]) -> None:
        """A process that begins here and now, and for whose end nobody waits."""
        _Lean(self, generator)

    def until(self, moment: float, priority: EventPriority = NORMAL) -> Event:
        """An event that fires at a moment, at once if it has passed."""
        now: float = self._now
        return self.fire_at(moment if moment > now else now, Event(self), priority=priority)


class _Lean(Process):
    """A process that cannot be interrupted, waits for no event that can fail, and whose end is no event.

    It does for cases and loans what SimPy's own does, without the two events and most of the steps around each wait.
    """

    def __init__(self, env: Clock, generator: Generator[Event, Any, Any]) -> None:
        self.env, self.callbacks = env, None  # type: ignore[assignment]
        self._send, self._go_on = generator.send, self._resume
        self._resume(_NOW)

    def _resume(self, event: Event) -> None:
        try:
            while True:
                event = self._send(event._value)
                callbacks = event.callbacks
                if callbacks is not None:
                    callbacks.append(self._go_on)
                    return
        except StopIteration:
            # It holds itself by what it goes on with; many would fill the memory before they are swept up.
            del self._send, self._go_on


_NOW = Event(simpy.Environment())
_NOW._value = None
"""Begins a process."""
