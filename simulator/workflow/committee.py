"""When a committee meets."""

from __future__ import annotations

import datetime
from bisect import bisect_left
from collections.abc import Callable

from simulator.calendars import WorkingCalendar, minutes_since
from simulator.scenario.parties import WEEKDAYS, Committee, minutes_of

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
