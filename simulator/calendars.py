"""Working time on a real clock: when a desk is open, and when its work ends.

The clock counts minutes since midnight of a date, the origin, by Beijing time, without summer time (there was none
after 1991). Opening hours are intervals in order, with the open minutes before each added up, so that every question
is one bisection.
"""

from __future__ import annotations

import calendar as gregorian
import math
from bisect import bisect_left, bisect_right
from collections.abc import Collection, Iterable, Mapping
from datetime import date, datetime, time, timedelta, timezone
from functools import lru_cache
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from simulator.errors import CalendarRangeError
from simulator.units import Span
from simulator.working_days import (
    LAST_YEAR,
    MONDAY_TO_FRIDAY,
    MONDAY_TO_SUNDAY,
    Basis,
    DayTable,
    Floats,
    Hours,
    OpenHours,
    YearTable,
    check_hours,
    day_table,
    never_closed,
    open_hours,
)
from simulator.working_days import parse_hours as parse_hours

DAY = 1440.0
_BEIJING = timezone(timedelta(hours=8))
# Sums of fractional minutes miss a closing time by rounding; work that misses it by less ends at closing.
ROUNDING = 1e-6


def minutes_since(origin: date, moment: date) -> float:
    """Minutes from midnight of `origin` to a date (its midnight) or a datetime; a zone other than none is converted."""
    if not isinstance(moment, datetime):
        return (moment - origin).days * DAY
    if moment.tzinfo is not None:
        moment = moment.astimezone(_BEIJING).replace(tzinfo=None)
    return (moment - datetime.combine(origin, time())) / timedelta(minutes=1)


def moment_at(origin: date, minutes: float) -> datetime:
    """Date and time `minutes` after midnight of `origin`, to the nearest microsecond; CalendarRangeError after 9999."""
    if not math.isfinite(minutes):
        raise ValueError(f"minutes(={minutes}) must be finite")
    days, rest = divmod(minutes, DAY)
    try:
        return datetime.combine(origin, time()) + timedelta(days=days, microseconds=round(rest * 60e6))
    except OverflowError as error:
        raise CalendarRangeError(f"{minutes:g} minutes after {origin} is outside the years 1 to 9999") from error


@lru_cache(maxsize=1 << 16)
def months_later(ordinal: int, months: int) -> int:
    """The ordinal of the day so many months after a day: 31 January + 1 month is 28 February. CalendarRangeError after
    the year 9999."""
    day = date.fromordinal(ordinal)
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    if year > 9999:
        raise CalendarRangeError(f"{months} months after {day} is outside the years 1 to 9999")
    return date(year, month + 1, min(day.day, gregorian.monthrange(year, month + 1)[1])).toordinal()


def add_span(origin: date, t: float, span: Span, calendar: WorkingCalendar) -> float:
    """The time `span` after `t`: working days by the calendar, months by date (31 January + 1 month is 28 February)."""
    if not math.isfinite(t):
        return t
    if span.unit == "working days":
        return calendar.add_working_days(t, span.amount)
    if span.unit not in ("months", "years"):
        return t + span.minutes
    days, rest = divmod(t, DAY)
    first = origin.toordinal()
    day = moment_at(origin, days * DAY).date()
    return (months_later(day.toordinal(), span.months) - first) * DAY + rest


class WorkingCalendar:
    """The hours in which a desk works, as instants of the clock.

    Times are minutes since midnight of `origin`. What lies before the origin or depends on a year without working days
    raises CalendarRangeError; infinite times and NaN pass through. `projected_years` are those that rest on statutory
    days only.
    """

    def __init__(self, origin: date, name: str, days: DayTable, hours: OpenHours) -> None:
        self.origin, self.name = origin, name
        self.projected_years = days.projected_years
        self.known_from = minutes_since(origin, days.first)
        self.known_until = self.known_from + DAY * len(days.worked)
        self._announced = days.announced
        self._hours = hours
        self._done_array = hours.before + (hours.closes - hours.opens)
        # bisect and indexing are several times faster on lists than on arrays
        self._opens: list[float] = hours.opens.tolist()
        self._closes: list[float] = hours.closes.tolist()
        self._before: list[float] = hours.before.tolist()
        self._done: list[float] = self._done_array.tolist()
        self._midnights: list[float] = hours.midnight.tolist()
        self._days: list[tuple[int, float, float]] = list(
            zip(hours.number.astype(int).tolist(), hours.earlier.tolist(), hours.full.tolist(), strict=True)
        )
        self._open_days: list[tuple[float, float]] = list(
            zip(hours.day_before.tolist(), hours.day_full.tolist(), strict=True)
        )

    def at(self, moment: date) -> float:
        """Minutes of a date (its midnight) or a datetime."""
        return minutes_since(self.origin, moment)

    def when(self, t: float) -> datetime:
        """Date and time of `t`, to the nearest microsecond."""
        return moment_at(self.origin, t)

    def next_open(self, t: float) -> float:
        """`t` if the desk is open then, else the next opening; at the very closing time it is the next opening."""
        i = bisect_right(self._opens, t) - 1
        if i >= 0:
            if t < self._closes[i]:
                return t
            if i + 1 < len(self._opens):
                return self._opens[i + 1]
        return self._outside(t)

    def closing(self, t: float) -> float:
        """The end of the opening in which `t` lies; minus infinity if the desk is closed then."""
        i = bisect_right(self._opens, t) - 1
        return self._closes[i] if i >= 0 and t < self._closes[i] else -math.inf

    def is_open(self, t: float) -> bool:
        """Whether the desk works at `t`; not at the very closing time."""
        i = self._interval(t)
        return i is not None and t < self._closes[i]

    def add_work(self, start: float, minutes: float) -> float:
        """When `minutes` of work end that start at `start`, or at the next opening; what is left at closing goes on."""
        if minutes < 0:
            raise ValueError(f"minutes(={minutes}) must not be negative")
        i = bisect_right(self._opens, start) - 1
        if i < 0:
            return self._outside(start)
        closing = self._closes[i]
        if start >= closing:
            i += 1
            if i == len(self._opens):
                return self._outside(start)
            start, closing = self._opens[i], self._closes[i]
        spare = closing - start - minutes
        if spare > ROUNDING:
            return start + minutes
        if spare >= -ROUNDING:
            return closing
        if not math.isfinite(start + minutes):
            return start + minutes
        return self._at_open_minute(self._done[i] - spare, i + 1)

    def open_minutes(self, t: float) -> float:
        """Open minutes from the start of the calendar to `t`."""
        i = self._interval(t)
        return t if i is None else self._before[i] + min(t, self._closes[i]) - self._opens[i]

    def open_between(self, a: float, b: float) -> float:
        """Open minutes from `a` to `b`; negative if `b` is the earlier."""
        return self.open_minutes(b) - self.open_minutes(a)

    def edges_between(self, a: float, b: float) -> list[float]:
        """Openings and closings after `a` and before `b`, in order."""
        first, last = bisect_left(self._closes, a), bisect_right(self._opens, b)
        edges = [edge for i in range(first, last) for edge in (self._opens[i], self._closes[i])]
        return [edge for edge in edges if a < edge < b]

    def at_open_minute(self, x: float) -> float:
        """The earliest time by which `x` minutes were open; the first opening for none."""
        return self._at_open_minute(x, 1) if math.isfinite(x) else x

    def working_days(self, t: float) -> float:
        """Working days from the start of the calendar to `t`: each counts one, in proportion to its open minutes."""
        i = self._interval(t)
        if i is None:
            return t
        number, share = self._day_and_share(i, t)
        return number + share

    def working_days_between(self, a: float, b: float) -> float:
        """Working days from `a` to `b`; negative if `b` is the earlier."""
        return self.working_days(b) - self.working_days(a)

    def add_working_days(self, t: float, days: float) -> float:
        """The earliest time by which `days` working days have passed since `t`: Tuesday 11:00 + 3 is Friday 11:00."""
        if days < 0:
            raise ValueError(f"days(={days}) must not be negative")
        if not self.known_from <= t <= self.known_until:
            return self._outside(t) + days
        if days == 0 or not math.isfinite(days):
            return t + days
        # `_day_and_share` and `_at_open_minute`, written out: most steps end here, and it makes a run 7 % quicker.
        opens, closes = self._opens, self._closes
        i = bisect_right(opens, t) - 1
        number, earlier, full = self._days[i]
        closing = closes[i]
        whole = math.floor(days)
        share = (earlier + (t if t < closing else closing) - opens[i]) / full + (days - whole)
        number += whole
        if share > 1 + ROUNDING / DAY:
            number, share = number + 1, share - 1
        elif share < ROUNDING / DAY:
            number, share = number - 1, 1.0
        if number >= len(self._midnights):
            return self._outside(self.known_until)
        if number < 0:
            return t
        before, full = self._open_days[number]
        x = before + (share if share < 1.0 else 1.0) * full
        done = self._done
        i = bisect_left(done, x - ROUNDING, 1)
        reached = closes[i] if x >= done[i] - ROUNDING else opens[i] + (x - self._before[i])
        # a share that rounds to the start of the day of `t` would be the closing before it
        return reached if reached > t else t

    def deadline(self, t: float, n_days: float, unit: Literal["working days", "days"]) -> float:
        """Close of the last of `n_days` days after the date of `t`: closing time for working days, 24:00 for days."""
        if not n_days >= 1 or n_days % 1:
            raise ValueError(f"n_days(={n_days}) must be a whole number of days, at least 1")
        if not math.isfinite(t):
            return t
        if unit == "days":
            return (t // DAY + 1 + n_days) * DAY
        return self._nth_close(t, int(n_days))

    def open_minutes_array(self, ts: ArrayLike) -> Floats:
        """`open_minutes` of each time, in the shape given."""
        times, finite, i = self._intervals(ts)
        passed = self._hours.before[i] + np.minimum(times, self._hours.closes[i]) - self._hours.opens[i]
        return np.where(finite, passed, times)

    def working_days_array(self, ts: ArrayLike) -> Floats:
        """`working_days` of each time, in the shape given."""
        times, finite, i = self._intervals(ts)
        done = self._hours.earlier[i] + np.minimum(times, self._hours.closes[i]) - self._hours.opens[i]
        return np.where(finite, self._hours.number[i] + done / self._hours.full[i], times)

    def at_open_minute_array(self, xs: ArrayLike) -> Floats:
        """`at_open_minute` of each number of open minutes, in the shape given."""
        minutes = np.asarray(xs, dtype=np.float64)
        finite = np.isfinite(minutes)
        outside = finite & ((minutes < 0) | (minutes > self._done[-1] + ROUNDING) | (len(self._done) == 1))
        if outside.any():
            self.at_open_minute(float(minutes[outside].flat[0]))
        i = np.searchsorted(self._done_array[1:], np.where(finite, minutes, 0.0) - ROUNDING) + 1
        i = np.minimum(i, len(self._done) - 1)
        reached = self._hours.opens[i] + (minutes - self._hours.before[i])
        reached = np.where(minutes >= self._done_array[i] - ROUNDING, self._hours.closes[i], reached)
        return np.where(finite, reached, minutes)

    def _at_open_minute(self, x: float, lo: int) -> float:
        i = bisect_left(self._done, x - ROUNDING, lo)
        if x < 0:
            raise ValueError(f"open minutes(={x}) must not be negative")
        if i == len(self._done):
            return self._outside(self.known_until)
        return self._closes[i] if x >= self._done[i] - ROUNDING else self._opens[i] + (x - self._before[i])

    def _nth_close(self, t: float, n: int) -> float:
        self._interval(t)
        place = bisect_right(self._midnights, t) + n - 1
        if place >= len(self._midnights):
            return self._outside(self.known_until)
        return float(self._hours.day_close[place])

    def _day_and_share(self, i: int, t: float) -> tuple[int, float]:
        """Number of the day of interval `i` and the share of it that is over at `t`."""
        number, earlier, full = self._days[i]
        return number, (earlier + min(t, self._closes[i]) - self._opens[i]) / full

    def _interval(self, t: float) -> int | None:
        """The last interval that opened by `t`, None for a time that is not finite."""
        if self.known_from <= t <= self.known_until:
            return bisect_right(self._opens, t) - 1
        self._outside(t)
        return None

    def _intervals(self, ts: ArrayLike) -> tuple[Floats, NDArray[np.bool_], NDArray[np.intp]]:
        times = np.asarray(ts, dtype=np.float64)
        finite = np.isfinite(times)
        outside = finite & ((times < self.known_from) | (times > self.known_until))
        if outside.any():
            self._outside(float(times[outside].flat[0]))
        i = np.searchsorted(self._hours.opens, np.where(finite, times, self.known_from), side="right") - 1
        return times, finite, i

    def _outside(self, t: float) -> float:
        """`t` if it is not finite, else the error of a time without working days."""
        if not math.isfinite(t):
            return t
        if t < 0:
            raise CalendarRangeError(f"{self.name}: {self.when(t)} is before the clock starts, on {self.origin}")
        first, until = moment_at(self.origin, self.known_from).year, moment_at(self.origin, self.known_until).year
        # within the table, what is asked for is an opening after its end
        year = moment_at(self.origin, t).year if t < self.known_from else max(moment_at(self.origin, t).year, until)
        if not self._announced or year > LAST_YEAR:
            raise CalendarRangeError(f"{self.name}: work in {year}, but working time ends with {LAST_YEAR}")
        years = f"those of {first} to {until - 1} are" if first < until - 1 else f"those of {first} alone are"
        known = f"{years} known" if self.known_from < self.known_until else ""
        missing = f"{until} to {year}" if known and year > until else str(year)
        raise CalendarRangeError(
            f"{self.name}: work in {year}, but no table says which days of {missing} are working days"
            f"{' (' + known + ')' if known else ''}; set 'calendar: projected' in calendars.{self.name} (statutory "
            f"days only, marked in every output) or give the working days of {missing} in the scenario"
        )


class RoundTheClock(WorkingCalendar):
    """A desk that never closes, such as an online registry: a working day is any 24 hours, and no table is needed."""

    def __init__(self, origin: date, name: str) -> None:
        super().__init__(origin, name, DayTable(origin, np.zeros(0, dtype=np.bool_), False, ()), never_closed())
        self.known_until = math.inf

    def add_working_days(self, t: float, days: float) -> float:
        if days < 0:
            raise ValueError(f"days(={days}) must not be negative")
        return t + days * DAY

    def _nth_close(self, t: float, n: int) -> float:
        return (t // DAY + 1 + n) * DAY


def build_calendar(
    origin: date,
    *,
    hours: Hours | Mapping[int, Hours] | Literal["always"],
    basis: Basis = "mainland China",
    weekdays: Collection[int] | None = None,
    closures: Iterable[tuple[date, date]] = (),
    working_days: Iterable[date] = (),
    projected: bool = False,
    tables: Mapping[int, YearTable] | None = None,
    name: str = "office",
) -> WorkingCalendar:
    """The calendar of a desk, from `origin` on.

    `hours` are minutes of the day, the same every day or by weekday (0 is Monday); `always` is stopped by no holiday,
    only by a closure. The ordinary week is `weekdays`, else the weekdays that `hours` names, else Monday to Friday (all
    seven for `every day`). The rest as in `day_table`. ValueError for hours or days that make no sense.
    """
    closures = tuple(closures)
    if hours == "always":
        if not closures:
            return RoundTheClock(origin, name)
        basis, weekdays, hours = "every day", None, ((0.0, DAY),)
    if isinstance(hours, Mapping):
        by_weekday = {day: checked for day, each in hours.items() if (checked := check_hours(each))}
    else:
        by_weekday = dict.fromkeys(MONDAY_TO_SUNDAY, check_hours(hours))
    if weekdays is not None:
        week = frozenset(weekdays)
    elif isinstance(hours, Mapping):
        week = frozenset(by_weekday)
    else:
        week = MONDAY_TO_SUNDAY if basis == "every day" else MONDAY_TO_FRIDAY
    if not week <= MONDAY_TO_SUNDAY or not by_weekday.keys() <= MONDAY_TO_SUNDAY:
        raise ValueError(f"{name}: weekdays must be from 0 (Monday) to 6 (Sunday)")
    if not week or not all(by_weekday.get(day) for day in week):
        raise ValueError(f"{name}: every weekday that is worked must have hours")
    days = day_table(
        origin, basis=basis, week=week, closures=closures, working_days=working_days, projected=projected, tables=tables
    )
    return WorkingCalendar(origin, name, days, open_hours(days, minutes_since(origin, days.first), by_weekday))
