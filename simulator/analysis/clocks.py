"""Clocks: spans between two moments of a case, read off the record of its steps."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from simulator.calendars import WorkingCalendar
from simulator.scenario.flow import Clock, split_moment, steps_of
from simulator.scenario.model import Product
from simulator.workflow.case import DECLINED, OPEN
from simulator.workflow.deadlines import deadline_days
from simulator.workflow.record import Visits

Floats = NDArray[np.float64]


def clock_moments(
    clock: Clock,
    product: Product,
    rows: Visits,
    cases: NDArray[np.int64],
    arrival: Floats,
    ends: NDArray[np.int64],
    last_moment: float,
) -> tuple[Floats, Floats]:
    """First moment at which a clock begins and last at which it ends, for each case.

    NaN for a case that ended without reaching it; the end is infinite for one that is open between them.
    """
    titles = [step.title for step in steps_of(product.flow)]
    begins = _moments(clock.begins, titles, rows, cases, arrival, first=True)
    stops = _moments(clock.ends, titles, rows, cases, arrival, first=False)
    # What somebody still worked on when the follow-up ended is recorded with the end it would have had.
    begins = np.where(begins > last_moment, np.nan, begins)
    return begins, np.where((np.isnan(stops) | (stops > last_moment)) & (ends == OPEN), np.inf, stops)


def passed(begins: Floats, stops: Floats, unit: str, office: WorkingCalendar) -> Floats:
    """Time on a clock, in days or working days."""
    if unit == "working days":
        return office.working_days_array(stops) - office.working_days_array(begins)
    return (stops - begins) / 1440


def kept_deadline(
    begins: Floats, stops: Floats, clock: Clock, ends: NDArray[np.int64], office: WorkingCalendar
) -> Floats:
    """1 where the clock stopped by its deadline, 0 where it did not, NaN for a case that is not judged.

    The deadline is the close of the last day, the day of the beginning not counted. Who left on the way did not keep
    it; who never began, or was declined on the way, is not judged.
    """
    days, unit = deadline_days(clock)
    last = np.array([office.deadline(moment, days, unit) if np.isfinite(moment) else np.nan for moment in begins])
    judged = ~np.isnan(begins) & ~(np.isnan(stops) & (ends == DECLINED))
    return np.where(judged, (stops <= last).astype(np.float64), np.nan)


def _moments(
    text: str, titles: list[str], rows: Visits, cases: NDArray[np.int64], arrival: Floats, *, first: bool
) -> Floats:
    moment, title = split_moment(text)
    if moment == "application":
        return arrival
    column = {"entry of": "entry", "start of": "start", "end of": "end"}[moment]
    mine = rows[rows["step"] == titles.index(title)]
    if moment == "end of":
        # Who left during the step has not come to its end.
        mine = mine[mine["outcome"] >= 0]
    found = np.full(int(cases.max(initial=-1)) + 1, np.nan)
    if not first:
        mine = mine[::-1]
    # Rows are in the order of their ends, so the first visit of a case comes first.
    number = mine["case"].astype(np.int64)
    known = number < len(found)
    number, values = number[known], mine[column][known]
    unique, place = np.unique(number, return_index=True)
    found[unique] = values[place]
    return found[cases]
