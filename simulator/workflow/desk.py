"""Desks: people who share one queue of files.

A desk serves with one SimPy event a service: the event that `serve` returns fires when the work is done. Files wait
in a heap by priority, then arrival; a file that leaves the queue is only marked, and dropped when its turn comes.
People work in the open hours of their shift; a service is not pre-empted, but pauses while the shift is closed.
"""

from __future__ import annotations

from collections.abc import Sequence
from heapq import heappop, heappush
from math import inf
from typing import Any

from simpy.events import NORMAL, PENDING, Event

from simulator.calendars import ROUNDING, WorkingCalendar
from simulator.workflow.clock import Clock
from simulator.workflow.waiting import Waiting


class Service(Waiting):
    """One file at one desk; fires at the end of the work.

    Its value is the time the work began, None if the file left the queue, infinite if it waits for ever.
    """

    __slots__ = ("person", "priority", "queue", "shift", "start", "work")
    queue: Queue
    work: float
    priority: float
    start: float
    """Below zero until the work begins."""
    person: int
    """Number of the one who works on it, and below its shift; neither is known before the work begins."""
    shift: Shift

    # Made by `handed_in`, without a call into Python: this is the hottest line of a run.
    __init__: Any = object.__init__

    @property
    def waits(self) -> bool:
        """Whether the file is still in the queue."""
        return self.start < 0 and self._value is PENDING

    def call_off(self) -> None:
        """Take the file out of the queue; nothing happens to one that is being worked on, or done."""
        if self.waits:
            self.succeed(None)

    def move_up(self) -> None:
        """Move the file to the front of the queue."""
        if self.waits and self.priority > 0:
            self.priority = 0
            self.queue.enqueue(self)


class Queue:
    """Files that wait, by priority, then arrival; the common part of desks, committees and batches."""

    def __init__(self, env: Clock, name: str) -> None:
        self.env = env
        self.name = name
        self._heap: list[tuple[float, int, Service]] = []
        self._arrivals = 0

    def handed_in(self, work: float, priority: float) -> Service:
        """A file that comes to the desk now."""
        service: Service = Service()
        service.env = self.env
        service.callbacks = []
        service.queue = self
        service.work = work
        service.priority = priority
        service.start = -1.0
        return service

    def enqueue(self, service: Service) -> None:
        """Put a file into the queue, behind those of its priority."""
        self._arrivals += 1
        heappush(self._heap, (service.priority, self._arrivals, service))

    def _first(self) -> Service | None:
        """The next waiting file, without taking it; marked files on the way are dropped."""
        heap = self._heap
        while heap:
            priority, _, service = heap[0]
            if service.start < 0 and service._value is PENDING and service.priority == priority:
                return service
            heappop(heap)
        return None

    def _take(self, most: int, begins: float, ends: float) -> int:
        """Take up to so many files at once, whose results all come at `ends`; how many there were."""
        taken = 0
        while taken < most and (service := self._first()) is not None:
            heappop(self._heap)
            service.start, service.person = begins, 0
            self.env.fire_at(ends, service, begins)
            taken += 1
        return taken

    def _leave_at(self, moment: float, service: Service) -> None:
        """The applicant waits for this desk no longer than that."""
        self.env.until(moment).callbacks.append(lambda _: service.call_off())

    def close(self) -> None:
        """Serve nobody any more: the files that wait are told with an infinite value, and stay open."""
        while (service := self._first()) is not None:
            heappop(self._heap)
            service.succeed(inf)


class Shift:
    """People with the same hours. The clock never runs back, so it is enough to look up each opening once."""

    __slots__ = ("calendar", "closes", "idle")

    def __init__(self, calendar: WorkingCalendar, people: Sequence[int]) -> None:
        self.calendar = calendar
        self.idle = list(reversed(people))
        self.closes = -inf
        """When the opening ends in which the shift was last seen at work; it is open at every moment until then."""

    def opens(self, now: float) -> float:
        """`now` if somebody can begin then, else the next opening."""
        if now < self.closes:
            return now
        self.closes = self.calendar.closing(now)
        return now if now < self.closes else self.calendar.next_open(now)


class Desk(Queue):
    """A number of people, each on a shift, who take one file after another."""

    def __init__(self, env: Clock, name: str, shifts: Sequence[tuple[int, WorkingCalendar]]) -> None:
        super().__init__(env, name)
        self._shifts: list[Shift] = []
        people = 0
        for staff, calendar in shifts:
            self._shifts.append(Shift(calendar, range(people, people + staff)))
            people += staff
        self._wake_at = inf
        self._after = self._done

    def serve(self, work: float, priority: float = 5, leave_at: float = inf) -> Service:
        """An event that fires when `work` open minutes have been spent on a file that is handed in now.

        Lower priorities are served first. A file still queued at `leave_at` leaves: the event's value is then None.
        """
        service = self.handed_in(work, priority)
        # Who becomes free, or comes to work while files wait, looks through the queue: nobody idles beside one.
        if not self._heap:
            now: float = self.env._now
            opening = inf
            for shift in self._shifts:
                if shift.idle:
                    opens = now if now < shift.closes else shift.opens(now)
                    if opens <= now:
                        self._begin(service, shift, now)
                        return service
                    opening = min(opening, opens)
            self._wake(opening)
        # As `enqueue` does, without a call: most files of a run wait.
        self._arrivals += 1
        heappush(self._heap, (priority, self._arrivals, service))
        if leave_at < inf:
            self._leave_at(leave_at, service)
        return service

    def _begin(self, service: Service, shift: Shift, now: float) -> None:
        """Somebody idle takes a file while the shift is open."""
        env = self.env
        service.shift = shift
        service.person = shift.idle.pop()
        service.start = service._value = now
        service._ok = True
        service.callbacks.append(self._after)
        work = service.work
        ends = now + work if shift.closes - now - work > ROUNDING else shift.calendar.add_work(now, work)
        heappush(env._queue, (ends, NORMAL, next(env._eid), service))

    def _done(self, service: Any) -> None:
        """The end of a service: its person takes the next file, if the shift is open."""
        shift = service.shift
        shift.idle.append(service.person)
        heap = self._heap
        if heap:
            now: float = self.env._now
            opens = now if now < shift.closes else shift.opens(now)
            if opens > now:
                self._wake(opens)
                return
            while heap:
                priority, _, waiting = heappop(heap)
                if waiting.start < 0 and waiting._value is PENDING and waiting.priority == priority:
                    self._begin(waiting, shift, now)
                    return

    def _wake(self, moment: float) -> None:
        """Look at the queue again when a shift opens."""
        if moment < self._wake_at:
            self._wake_at = moment
            self.env.until(moment).callbacks.append(self._opened)

    def _opened(self, event: Event) -> None:
        now: float = self.env._now
        if now >= self._wake_at:
            self._wake_at = inf
        opening = inf
        waiting = self._first()
        for shift in self._shifts:
            if not shift.idle or waiting is None:
                continue
            opens = shift.opens(now)
            if opens > now:
                opening = min(opening, opens)
                continue
            while shift.idle and waiting is not None:
                heappop(self._heap)
                self._begin(waiting, shift, now)
                waiting = self._first()
        if waiting is not None:
            self._wake(opening)
