"""Axes of real dates."""

from __future__ import annotations

from typing import TYPE_CHECKING

from matplotlib.axes import Axes
from matplotlib.dates import (
    MO,
    AutoDateLocator,
    DateFormatter,
    DateLocator,
    DayLocator,
    WeekdayLocator,
    date2num,
    num2date,
)

from simulator.calendars import DAY, moment_at
from simulator.charts.palette import SHADE

if TYPE_CHECKING:
    import datetime

    from simulator.calendars import WorkingCalendar


def day_number(origin: datetime.date, minutes: float) -> float:
    """The place of a moment on a date axis."""
    return float(date2num(moment_at(origin, minutes)))


def date_axis(axes: Axes, label: str = "date") -> None:
    """Dates along the x axis, as numbers that read the same in every language; call it when the limits stand.

    Below four months Mondays (or days) are marked and the year goes into the label.
    """
    first, last = axes.get_xlim()
    days = last - first
    locator: DateLocator = AutoDateLocator(minticks=3, maxticks=6)
    if 6 < days <= 120:
        locator = WeekdayLocator(MO, interval=1 + int(days > 60)) if days > 12 else DayLocator(interval=1 + int(days > 8))
    axes.xaxis.set_major_locator(locator)
    form = "%m-%d %H:%M" if days <= 3 else "%m-%d" if days <= 120 else "%Y-%m"
    axes.xaxis.set_major_formatter(DateFormatter(form))
    years = sorted({num2date(first).year, num2date(last).year})
    axes.set_xlabel(f"{label}, {'-'.join(map(str, years))}" if days <= 120 else label)


def shade_closed_days(axes: Axes, calendar: WorkingCalendar, begins: float, ends: float) -> bool:
    """Shade the days between two moments on which an office does not open at all; whether there were any."""
    found = False
    last = min(ends, calendar.known_until - DAY)
    midnight = begins // DAY * DAY
    while midnight <= last:
        run = midnight
        while run <= last and calendar.open_between(run, run + DAY) == 0:
            run += DAY
        if run > midnight:
            found = True
            left, right = (day_number(calendar.origin, each) for each in (midnight, run))
            axes.axvspan(left, right, color=SHADE, linewidth=0, zorder=0)
        midnight = run + DAY
    return found
