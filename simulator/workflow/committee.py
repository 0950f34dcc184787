"""Committees: when they meet, and how they take the files that wait."""

from __future__ import annotations

import datetime
from bisect import bisect_left
from collections.abc import Callable
from math import inf

from simpy.events import Event

from simulator.calendars import WorkingCalendar, minutes_since
from simulator.scenario.parties import WEEKDAYS, Committee, minutes_of
from simulator.workflow.clock import LAST, Clock
from simulator.workflow.desk import Queue, Service

Meeting = tuple[float, float, float]
"""Cut-off, beginning and end, in minutes."""


def meetings_of(
    committee: Committee, calendar: WorkingCalendar, origin: datetime.date, last: datetime.date
) -> Callable[[float], Meeting]:
    """The function from a moment to the first meeting whose cut-off is not before it.

    A meeting that falls on a day off moves to the next working day; two that then fall on one moment are one meeting.
    """
    lasts = committee.lasts.mean
    begins_at = minutes_of(committee.at)
    meetings: dict[float, Meeting] = {}
    monday = origin - datetime.timedelta(days=origin.weekday())
    while monday <= last:
        for weekday in committee.meets:
            day = monday + datetime.timedelta(days=WEEKDAYS.index(weekday))
            if not origin <= day <= last:
                continue
            midnight = float(minutes_since(origin, day))
            held = calendar.next_open(midnight) // 1440 * 1440
            cut_off = begins = held + begins_at
            if committee.cut_off == "the working day before":
                cut_off = calendar.at_open_minute(calendar.open_minutes(held))
            meetings[begins] = (cut_off, begins, begins + lasts)
        monday += datetime.timedelta(weeks=committee.every_weeks)
    ordered = sorted(meetings.values())
    cut_offs = [meeting[0] for meeting in ordered]

    def first_from(moment: float) -> Meeting:
        place = bisect_left(cut_offs, moment)
        if place == len(ordered):
            never = float("inf")
            return never, never, never
        return ordered[place]

    return first_from


class CommitteeDesk(Queue):
    """A body that meets at fixed times and takes up to a number of the files that wait at its cut-off.

    `meetings(t)` gives the first meeting whose cut-off is at or after t, as (cut-off, beginning, end) in minutes.
    """

    def __init__(self, env: Clock, name: str, meetings: Callable[[float], Meeting], takes: int) -> None:
        super().__init__(env, name)
        self._meetings = meetings
        self._takes = takes
        self._next_cut_off = -inf

    def serve(self, work: float, priority: float = 5, leave_at: float = inf) -> Service:
        """An event that fires at the end of the meeting that decides a file handed in now; `work` plays no part."""
        service = self.handed_in(work, priority)
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
        self._take(self._takes, begins, ends)
        self._next_cut_off = -inf
        if self._first() is not None:
            # Strictly later than this one.
            self._call(cut_off + 1e-6)
