"""Load of a desk over time, from the record of replication 1."""

from __future__ import annotations

import datetime
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from simulator.analysis.measure import desk_rows
from simulator.calendars import WorkingCalendar, add_span, minutes_since, moment_at
from simulator.charts.series import Series
from simulator.scenario.parties import Desk
from simulator.scenario.references import desk_names
from simulator.workflow.committee import meetings_of
from simulator.workflow.record import Visits
from simulator.workflow.world import calendar_of

WEEK = 7 * 1440.0
SHORTEST = 10 * 1440.0
"""A shorter rest of the arrival period belongs to the month before."""
Floats = NDArray[np.float64]


def _calendars(one: Series) -> dict[str, WorkingCalendar]:
    return {name: calendar_of(hours, name, one.run.start) for name, hours in one.scenario.calendars.items()}


def arrivals_end(one: Series) -> float:
    """End of the arrival period, in minutes."""
    assert one.scenario.applicants is not None
    hours = one.scenario.calendars[one.scenario.applicants.arrivals.calendar]
    return add_span(one.run.start, 0.0, one.run.arrivals_for, calendar_of(hours, "office", one.run.start))


def left_queue(rows: Visits) -> Floats:
    """When each file left the queue: at the start of the work, or without it; infinite for one that never left."""
    return np.asarray(np.minimum(rows["start"], rows["end"]))


def weekly_queue(moments: Floats, length: NDArray[np.int64], until: float) -> tuple[Floats, Floats]:
    """Middle of each week, and the mean number of files that waited in it."""
    area = np.concatenate([[0.0], np.cumsum(length[:-1] * np.diff(moments))])
    edges = np.append(np.arange(0.0, until - WEEK / 2, WEEK), until)  # a short rest belongs to the last whole week
    place = np.searchsorted(moments, edges, side="right") - 1
    known = np.maximum(place, 0)
    total = np.where(place >= 0, area[known] + length[known] * (edges - moments[known]), 0.0)
    return (edges[1:] + edges[:-1]) / 2, np.diff(total) / np.maximum(np.diff(edges), 1e-9)


def utilisation_by_month(one: Series, desk: str) -> list[tuple[float, float, float]]:
    """For each month of the arrival period its beginning and end (minutes) and the share of the desk in use."""
    known = desk_names(one.scenario)
    if desk not in known:
        return []
    party_name, own = known[desk]
    party = one.scenario.parties[party_name]
    settings = party.desks[own]
    calendars = _calendars(one)
    calendar = calendars[settings.calendar or party.calendar]
    edges = _months(one.run.start, arrivals_end(one))
    rows = desk_rows(one.scenario, one.happened, desk)
    rows = rows[np.isfinite(rows["start"])]
    if settings.committee is not None:
        shares = _places_taken(one, settings, calendar, rows["start"], edges)
    else:
        shifts = [(shift.staff, calendars[shift.calendar]) for shift in settings.shifts or []]
        if settings.batch is not None:
            # All files of a batch are worked on at the same time.
            rows = rows[np.unique(rows["start"], return_index=True)[1]]
        shares = _time_used(rows, shifts or [(settings.people, calendar)], edges)
    return [(a, b, share) for (a, b), share in zip(pairwise(edges), shares, strict=True) if not np.isnan(share)]


def _months(start: datetime.date, until: float) -> list[float]:
    """Beginnings of months from the first day on, and the end."""
    edges, day = [0.0], start
    while True:
        day = (day.replace(day=1) + datetime.timedelta(days=32)).replace(day=1)
        if minutes_since(start, day) >= until - SHORTEST:
            return [*edges, until]
        edges.append(minutes_since(start, day))


def _time_used(rows: Visits, shifts: list[tuple[int, WorkingCalendar]], edges: list[float]) -> list[float]:
    """Open minutes spent on files over those there were; people are numbered shift by shift."""
    busy, capacity, first = np.zeros(len(edges) - 1), np.zeros(len(edges) - 1), 0
    for staff, calendar in shifts:
        mine = rows[(rows["person"] >= first) & (rows["person"] < first + staff)]
        first += staff
        opened = calendar.open_minutes_array(np.array(edges))
        capacity += staff * np.diff(opened)
        begun, done = (calendar.open_minutes_array(mine[column]) for column in ("start", "worked"))
        for month, (a, b) in enumerate(pairwise(opened)):
            busy[month] += np.clip(done, a, b).sum() - np.clip(begun, a, b).sum()
    return [float(used / room) if room else float("nan") for used, room in zip(busy, capacity, strict=True)]


def _places_taken(
    one: Series, desk: Desk, calendar: WorkingCalendar, starts: Floats, edges: list[float]
) -> list[float]:
    """Files taken over the places of all meetings of the month."""
    assert desk.committee is not None
    last = moment_at(one.run.start, edges[-1]).date() + datetime.timedelta(days=60)
    meetings = meetings_of(desk.committee, calendar, one.run.start, last)
    held, moment = [], 0.0
    while True:
        cut_off, begins, _ = meetings(moment)
        if begins >= edges[-1]:
            break
        held.append(begins)
        moment = cut_off + 1e-3
    places = np.histogram(held, edges)[0] * desk.committee.takes
    taken = np.histogram(starts, edges)[0]
    return [float(used / room) if room else float("nan") for used, room in zip(taken, places, strict=True)]
