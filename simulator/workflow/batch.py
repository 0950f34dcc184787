"""A desk that gathers files and deals with all that are there in one go."""

from __future__ import annotations

from collections import deque
from math import inf
from typing import Any

from simpy.events import Event

from simulator.calendars import WorkingCalendar
from simulator.workflow.clock import LAST, Clock
from simulator.workflow.desk import Queue, Service


class BatchDesk(Queue):
    """Files wait until `size` of them are there, or until the first has waited `wait` working days.

    Then the desk takes up to `size` of those that wait, by priority, then arrival, in its open hours; the batch takes
    `lasts` open minutes, however many there are, and all results come at its end. One batch at a time.
    """

    def __init__(self, env: Clock, name: str, calendar: WorkingCalendar, size: int, wait: float, lasts: float) -> None:
        super().__init__(env, name)
        self._calendar, self._size, self._wait, self._lasts = calendar, size, wait, lasts
        self._by_arrival: deque[tuple[float, Service]] = deque()
        self._gathered = 0
        self._busy = False
        self._look_at = inf

    def serve(self, work: float, priority: float = 5, leave_at: float = inf) -> Service:
        """An event that fires at the end of the batch that a file handed in now is part of; `work` plays no part."""
        service = self.handed_in(work, priority)
        service.callbacks.append(self._left)
        self.enqueue(service)
        self._by_arrival.append((self.env._now, service))
        self._gathered += 1
        if leave_at < inf:
            self._leave_at(leave_at, service)
        self._plan()
        return service

    def _left(self, service: Any) -> None:
        """A file called off while it waited counts no more; one whose batch is done was counted out at its start."""
        if service.start < 0:
            self._gathered -= 1

    def _due(self) -> float:
        """When the next batch begins, as things stand: at once if it is full, else when the first has waited enough."""
        waiting = self._by_arrival
        while waiting and not waiting[0][1].waits:
            waiting.popleft()
        if not waiting:
            return inf
        now: float = self.env._now
        if self._gathered >= self._size:
            return self._calendar.next_open(now)
        return self._calendar.next_open(max(now, self._calendar.add_working_days(waiting[0][0], self._wait)))

    def _plan(self) -> None:
        """Look again when the next batch is due, after all that is handed in at that moment."""
        if self._busy:
            return
        due = self._due()
        if due < self._look_at:
            self._look_at = due
            self.env.fire_at(due, Event(self.env), priority=LAST).callbacks.append(self._look)

    def _look(self, _: Event) -> None:
        now: float = self.env._now
        if now >= self._look_at:
            self._look_at = inf
        if self._busy:
            return
        if self._due() > now:
            self._plan()
            return
        self._begin()

    def _begin(self) -> None:
        now: float = self.env._now
        ends = self._calendar.add_work(now, self._lasts)
        self._gathered -= self._take(self._size, now, ends)
        self._busy = True
        self.env.fire_at(ends, Event(self.env), priority=LAST).callbacks.append(self._done)

    def _done(self, _: Event) -> None:
        self._busy = False
        self._plan()
