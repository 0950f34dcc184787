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

from simpy.events import PENDING, Event

from simulator.calendars import WorkingCalendar
from simulator.workflow.clock import LAST, Clock
from simulator.workflow.waiting import Waiting


class Service(Waiting):
    """One file at one desk; fires at the end of the work with the time it began, or None if the file left the queue."""

    __slots__ = ("person", "priority", "queue", "start", "work")

    def __init__(self, env: Clock, queue: Queue, work: float, priority: float) -> None:
        # Event.__init__ without the call: this is the hottest line of a run.
        self.env = env
        self.callbacks = []
        self._value = PENDING
        self._defused = False
        self.queue = queue
        self.work = work
        self.priority = priority
        self.start = -1.0
        self.person = -1

    @property
    def waits(self) -> bool:
        """Whether the file is still in the queue."""
        return self.start < 0 and self._value is PENDING

    def call_off(self) -> None:
        """Take the file out of the queue; nothing happens to one that is being worked on."""
        if self.waits:
            self.succeed(None)

    def move_up(self) -> None:
        """Move the file to the front of the queue."""
        if self.waits and self.priority > 0:
            self.priority = 0
            self.queue.enqueue(self)


class Queue:
    """Files that wait, by priority, then arrival; the common part of desks and committees."""

    def __init__(self, env: Clock, name: str) -> None:
        self.env = env
        self.name = name
        self._heap: list[tuple[float, int, Service]] = []
        self._arrivals = 0

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

    def _leave_at(self, moment: float, service: Service) -> None:
        """The applicant waits for this desk no longer than that."""
        self.env.until(moment).callbacks.append(lambda _: service.call_off())

    def close(self) -> None:
        """Serve nobody any more: the files that wait are told with an infinite value, and stay open."""
        while (service := self._first()) is not None:
            heappop(self._heap)
            service.succeed(inf)

    def waiting(self) -> int:
        """Number of files in the queue."""
        return sum(1 for priority, _, service in self._heap if service.waits and service.priority == priority)


class Desk(Queue):
    """A number of people, each on a shift, who take one file after another."""

    def __init__(self, env: Clock, name: str, shifts: Sequence[tuple[int, WorkingCalendar]]) -> None:
        super().__init__(env, name)
        self._calendars: list[WorkingCalendar] = []
        self._idle: list[list[int]] = []
        self._shift_of: list[int] = []
        for number, (staff, calendar) in enumerate(shifts):
            people = range(len(self._shift_of), len(self._shift_of) + staff)
            self._calendars.append(calendar)
            self._idle.append(list(reversed(people)))
            self._shift_of.extend(number for _ in people)
        self._wake_at = inf

    def serve(self, work: float, priority: float = 5, leave_at: float = inf) -> Service:
        """An event that fires when `work` open minutes have been spent on a file that is handed in now.

        Lower priorities are served first. A file still queued at `leave_at` leaves: the event's value is then None.
        """
        env = self.env
        now: float = env._now
        service = Service(env, self, work, priority)
        # Who becomes free, or comes to work while files wait, looks through the queue: nobody idles beside one.
        if not self._heap:
            opening = inf
            for shift, idle in enumerate(self._idle):
                if idle:
                    open_at = self._calendars[shift].next_open(now)
                    if open_at <= now:
                        self._begin(service, shift)
                        return service
                    opening = min(opening, open_at)
            self.enqueue(service)
            self._wake(opening)
        else:
            self.enqueue(service)
        if leave_at < inf:
            self._leave_at(leave_at, service)
        return service

    def _begin(self, service: Service, shift: int) -> None:
        env = self.env
        now: float = env._now
        service.person = self._idle[shift].pop()
        service.start = now
        service.callbacks.append(self._done)
        env.fire_at(self._calendars[shift].add_work(now, service.work), service, now)

    def _done(self, service: Any) -> None:
        """The end of a service: its person takes the next file, if the shift is open."""
        person = service.person
        shift = self._shift_of[person]
        self._idle[shift].append(person)
        if self._heap:
            waiting = self._first()
            if waiting is not None:
                open_at = self._calendars[shift].next_open(self.env._now)
                if open_at <= self.env._now:
                    heappop(self._heap)
                    self._begin(waiting, shift)
                else:
                    self._wake(open_at)

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
        for shift, idle in enumerate(self._idle):
            if not idle or waiting is None:
                continue
            open_at = self._calendars[shift].next_open(now)
            if open_at > now:
                opening = min(opening, open_at)
                continue
            while idle and waiting is not None:
                heappop(self._heap)
                self._begin(waiting, shift)
                waiting = self._first()
        if waiting is not None:
            self._wake(opening)


class CommitteeDesk(Queue):
    """A body that meets at fixed times and takes up to a number of the files that wait at its cut-off.

    `meetings(t)` gives the first meeting whose cut-off is at or after t, as (cut-off, beginning, end) in minutes.
    """

    def __init__(self, env: Clock, name: str, meetings: Any, takes: int) -> None:
        super().__init__(env, name)
        self._meetings = meetings
        self._takes = takes
        self._next_cut_off = -inf

    def serve(self, work: float, priority: float = 5, leave_at: float = inf) -> Service:
        """An event that fires at the end of the meeting that decides a file handed in now; `work` plays no part."""
        service = Service(self.env, self, work, priority)
        self.enqueue(service)
        if leave_at < inf:
            self._leave_at(leave_at, service)
        if self._next_cut_off < self.env._now:
            self._call(self.env._now)
        return service

    def _call(self, moment: float) -> None:
        cut_off, begins, ends = self._meetings(moment)
        self._next_cut_off = cut_off
        if cut_off == inf:
            return
        # After every file handed in at the same moment: the cut-off includes it.
        event = self.env.fire_at(cut_off, Event(self.env), priority=LAST)
        event.callbacks.append(lambda _: self._meet(cut_off, begins, ends))

    def _meet(self, cut_off: float, begins: float, ends: float) -> None:
        if self.env.closed:
            return
        for _ in range(self._takes):
            service = self._first()
            if service is None:
                break
            heappop(self._heap)
            service.start = begins
            service.person = 0
            self.env.fire_at(ends, service, begins)
        self._next_cut_off = -inf
        if self._first() is not None:
            # Strictly later than this one.
            self._call(cut_off + 1e-6)
