"""Axes of real dates."""

from __future__ import annotations

from typing import TYPE_CHECKING

from matplotlib.axes import Axes
from matplotlib.dates import AutoDateLocator, ConciseDateFormatter, date2num

from simulator.calendars import DAY, moment_at
from simulator.charts.palette import SHADE

if TYPE_CHECKING:
    import datetime

    from simulator.calendars import WorkingCalendar


def day_number(origin: datetime.date, minutes: float) -> float:
    """The place of a moment on a date axis."""
    return float(date2num(moment_at(origin, minutes)))


def date_axis(axes: Axes, label: str, most: int = 8) -> None:
    """Dates along the x axis; the year is written once where it can be."""
    locator = AutoDateLocator(minticks=3, maxticks=most)
    # Month first and no language of its own: 03-14 reads the same to everybody.
    formats = ["%Y", "%Y-%m", "%m-%d", "%H:%M", "%H:%M", "%S.%f"]
    formatter = ConciseDateFormatter(
        locator, formats=formats, zero_formats=["", "%Y", "%Y-%m", "%m-%d", "%H:%M", "%H:%M"],
        offset_formats=["", "", "", "", "%Y-%m-%d", "%Y-%m-%d"], show_offset=False,
    )  # fmt: skip
    axes.xaxis.set_major_locator(locator)
    axes.xaxis.set_major_formatter(formatter)
    axes.set_xlabel(label)


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
