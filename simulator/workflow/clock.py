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
        """SimPy's loop; to the end of all events it is the same one, written out."""
        if until is not None:
            return super().run(until)
        queue = self._queue
        while queue:
            self._now, _, _, event = heappop(queue)
            callbacks, event.callbacks = event.callbacks, None  # type: ignore[assignment]
            for callback in callbacks:
                callback(event)
            if not event._ok and not event.defused:
                raise event._value
        return None

    def schedule(self, event: Event, priority: EventPriority = NORMAL, delay: float = 0) -> None:
        """SimPy's, but for the end of a process that nobody waits for: nothing comes of it."""
        if isinstance(event, Process) and not event.callbacks and event._ok:
            event.callbacks = None  # type: ignore[assignment]
            return
        super().schedule(event, priority, delay)

    def fire_at(self, moment: float, event: Event, value: Any = None, priority: EventPriority = NORMAL) -> Event:
        """Let a fresh event succeed at a moment.

        SimPy schedules by delay; now + (moment - now) can differ from the moment in its last bit, which would put the
        end of a day's work a hair before or after closing time.
        """
        event._ok = True
        event._value = value
        heappush(self._queue, (moment, priority, next(self._eid), event))
        return event

    def start(self, begins: Event, generator: Generator[Event, Any, Any]) -> None:
        """A process that begins when an event fires; SimPy's `process` takes an event of its own to begin at once."""
        _Started(self, begins, generator)

    def until(self, moment: float, priority: EventPriority = NORMAL) -> Event:
        """An event that fires at a moment, at once if it has passed."""
        now: float = self._now
        return self.fire_at(moment if moment > now else now, Event(self), priority=priority)


class _Started(Process):
    """A process that an event begins."""

    def __init__(self, env: Clock, begins: Event, generator: Generator[Event, Any, Any]) -> None:
        self.env, self.callbacks, self._generator, self._target = env, [], generator, begins
        assert begins.callbacks is not None
        begins.callbacks.append(self._resume)
