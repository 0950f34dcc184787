"""Axes of real dates."""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING, Any

import matplotlib.dates
from matplotlib.axes import Axes

from simulator.calendars import DAY, moment_at
from simulator.charts.palette import SHADE
from simulator.texts import say

if TYPE_CHECKING:
    from simulator.calendars import WorkingCalendar

_dates: Any = matplotlib.dates  # without annotations of its own


def date_of(place: float) -> datetime.date:
    """The date at a place of a date axis."""
    found: datetime.datetime = _dates.num2date(place)
    return found.date()


def day_number(origin: datetime.date, minutes: float) -> float:
    """The place of a moment on a date axis."""
    return float(_dates.date2num(moment_at(origin, minutes)))


def date_axis(axes: Axes, most: int = 6) -> None:
    """Dates along the x axis, as numbers that read the same in every language; call it when the limits stand.

    Of longer times no more than `most` are marked.

    Below four months Mondays (or days) are marked and the year goes into the label.
    """
    first, last = axes.get_xlim()
    days = last - first
    locator = _dates.AutoDateLocator(minticks=min(3, most), maxticks=most)
    locator.intervald[_dates.MONTHLY] = [1, 2, 3, 4, 6, 12]
    if 12 < days <= 120:
        locator = _dates.WeekdayLocator(_dates.MO, interval=2 if days > 60 else 1)
    elif 6 < days <= 12:
        locator = _dates.DayLocator(interval=2 if days > 8 else 1)
    axes.xaxis.set_major_locator(locator)
    form = "%m-%d %H:%M" if days <= 3 else "%m-%d" if days <= 120 else "%Y-%m"
    axes.xaxis.set_major_formatter(_dates.DateFormatter(form))
    years = sorted({date_of(place).year for place in (first, last)})
    axes.set_xlabel(say("date, {years}", years="-".join(map(str, years))) if days <= 120 else say("date"))


def shade_closed_days(axes: Axes, calendar: WorkingCalendar, begins: float, ends: float) -> None:
    """Shade the days between two moments on which an office does not open at all."""
    last = min(ends, calendar.known_until - DAY)
    midnight = begins // DAY * DAY
    while midnight <= last:
        run = midnight
        while run <= last and calendar.open_between(run, run + DAY) == 0:
            run += DAY
        if run > midnight:
            left, right = (day_number(calendar.origin, each) for each in (midnight, run))
            axes.axvspan(left, right, color=SHADE, linewidth=0, zorder=0)
        midnight = run + DAY
