"""Which days are worked, and in which hours.

Mainland China swaps weekends for bridge days: a Saturday can be a working day and a Monday in May a day off, as the
State Council announces for one year at a time. No rule gives these days, so a year without an announcement has no
working days until somebody says which.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray

Basis = Literal["mainland China", "weekdays", "every day"]
Hours = tuple[tuple[float, float], ...]
Floats = NDArray[np.float64]
YearTable = tuple[Iterable[date], Iterable[date]]

MONDAY_TO_FRIDAY = frozenset(range(5))
MONDAY_TO_SUNDAY = frozenset(range(7))
LAST_YEAR = 2100  # the last one for which the statutory days, some of them lunar, can be projected
_FIRST_STATUTORY_YEAR = 1950
_ORDINARY, _OFF, _MADE_UP = 0, 1, 2
# Worked for 2006-01-02 by the announcement of 2006 (国办发明电〔2005〕20号); the library keeps it under no year.
_MISSING_FROM_LIBRARY = (date(2005, 12, 31),)

_INTERVAL = re.compile(r"([0-9]{1,2}):([0-9]{2})\s*[-–—]\s*([0-9]{1,2}):([0-9]{2})")


@dataclass(frozen=True, slots=True)
class DayTable:
    """Working days of consecutive known days: `worked` has one truth a day, from `first` on; empty if none is known.

    `announced` says that the days rest on announcements, so that the next year may get to be known.
    """

    first: date
    worked: NDArray[np.bool_]
    announced: bool
    projected_years: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class OpenHours:
    """Opening hours of all worked days, in order, as minutes of the clock.

    An interval: `opens`, `closes`, open minutes `before` it, the `number` of its day, open minutes `earlier` in that
    day and in the `full` day. A day: its `midnight`, `day_close`, open minutes `day_before` it and `day_full` in it.
    The first interval is empty and closes a day numbered -1: every known time has one that opened at or before it.
    """

    opens: Floats
    closes: Floats
    before: Floats
    number: Floats
    earlier: Floats
    full: Floats
    midnight: Floats
    day_close: Floats
    day_before: Floats
    day_full: Floats


def open_hours(days: DayTable, start: float, hours: Mapping[int, Hours]) -> OpenHours:
    """Opening hours of the days of a table that begins at minute `start`; `hours` are by weekday, 0 is Monday.

    A make-up day on a weekday that has no hours of its own is worked like the first weekday that has.
    """
    pattern = np.full((7, max(map(len, hours.values())), 2), np.nan)
    for weekday in range(7):
        intervals = hours.get(weekday) or hours[min(hours)]
        pattern[weekday, : len(intervals)] = intervals
    worked = np.flatnonzero(days.worked)
    midnight = start + 1440.0 * worked.astype(np.float64)
    bounds = pattern[(worked + days.first.weekday()) % 7] + midnight[:, None, None]
    opens, closes = bounds[:, :, 0], bounds[:, :, 1]
    real = ~np.isnan(opens)
    lengths = np.nan_to_num(closes - opens)
    full = lengths.sum(axis=1)
    number = np.broadcast_to(np.arange(len(worked))[:, None], real.shape)[real]

    def after(first: float, values: NDArray[np.generic]) -> Floats:
        return np.concatenate([[first], values.astype(np.float64)])

    return OpenHours(
        opens=after(start, opens[real]),
        closes=after(start, closes[real]),
        before=after(0.0, (np.cumsum(lengths).reshape(lengths.shape) - lengths)[real]),
        number=after(-1.0, number),
        earlier=after(1.0, (np.cumsum(lengths, axis=1) - lengths)[real]),
        full=after(1.0, full[number]),
        midnight=midnight,
        day_close=np.nanmax(closes, axis=1),
        day_before=np.cumsum(full) - full,
        day_full=full,
    )


def never_closed() -> OpenHours:
    """A single opening without an end, of which any 24 hours make a day."""
    opening, none = np.zeros(2), np.zeros(0)
    closes, number = np.array([0.0, np.inf]), np.array([-1.0, 0.0])
    earlier, full = np.array([1.0, 0.0]), np.array([1.0, 1440.0])
    return OpenHours(opening, closes, opening, number, earlier, full, none, none, none, none)


@cache
def _published() -> tuple[range, frozenset[date], frozenset[date]]:
    """Announced years, their days off (weekends inside a holiday included) and their make-up working days."""
    import chinese_calendar

    off, made_up = frozenset(chinese_calendar.holidays), frozenset(chinese_calendar.workdays)
    return range(min(off).year, max(off).year + 1), off, made_up.union(_MISSING_FROM_LIBRARY)


@cache
def _statutory(years: tuple[int, ...]) -> tuple[frozenset[date], frozenset[date]]:
    """Statutory days off with their substitutes for weekends; make-up days only where they are announced after all."""
    import holidays

    china = holidays.country_holidays("CN", years=years)
    return frozenset(china), frozenset(china.weekend_workdays)


def published_years() -> range:
    """Years for which the working days of mainland China are announced."""
    return _published()[0]


def day_table(
    start: date,
    *,
    basis: Basis = "mainland China",
    week: Collection[int] = MONDAY_TO_FRIDAY,
    closures: Iterable[tuple[date, date]] = (),
    working_days: Iterable[date] = (),
    projected: bool = False,
    tables: Mapping[int, YearTable] | None = None,
) -> DayTable:
    """The days worked from `start` to the end of the last year known without a gap.

    `week` holds the weekdays of an ordinary week (0 is Monday). Public holidays are off whatever the weekday; make-up
    days are worked by whoever works Monday to Friday. `closures` are inclusive; a date in `working_days` is worked,
    even within a closure. `tables` gives a year's days off and make-up days, in place of those announced. `projected`
    stands statutory days in for years not announced. ValueError for a basis, closure or table that makes no sense.
    """
    if basis not in get_args(Basis):
        raise ValueError(f"basis '{basis}' must be one of: {', '.join(get_args(Basis))}")
    given = {year: _checked(year, table) for year, table in (tables or {}).items()}
    announced = basis == "mainland China"
    known = _known_years(start.year, given, projected) if announced else range(start.year, LAST_YEAR + 1)
    if not known:
        return DayTable(start, np.zeros(0, dtype=np.bool_), announced, ())
    first = max(start, date(known[0], 1, 1))
    days = date(known[-1], 12, 31).toordinal() - first.toordinal() + 1
    weekday = (np.arange(days) + first.weekday()) % 7
    ordinary = np.isin(weekday, list(week))
    projected_years: tuple[int, ...] = ()
    if announced:
        published, off, made_up = _published()
        projected_years = tuple(year for year in known if year not in published and year not in given)
        sources = [({year for year in published if year not in given}, off, made_up)]
        if projected_years:
            sources.append((set(projected_years), *_statutory(projected_years)))
        sources += [({year}, *table) for year, table in given.items()]
        kind = np.full(days, _ORDINARY, dtype=np.int8)
        for years, off, made_up in sources:
            kind[_places(first, days, (day for day in off if day.year in years))] = _OFF
            kind[_places(first, days, (day for day in made_up if day.year in years))] = _MADE_UP
        worked = ordinary & (kind != _OFF)
        if MONDAY_TO_FRIDAY.issubset(week):
            worked |= kind == _MADE_UP
    else:
        worked = ordinary
    for opening, closing in closures:
        if closing < opening:
            raise ValueError(f"closure {opening} to {closing} ends before it starts")
        begin, end = (day.toordinal() - first.toordinal() for day in (opening, closing))
        worked[max(begin, 0) : max(end + 1, 0)] = False
    worked[_places(first, days, working_days)] = True
    return DayTable(first, worked, announced, projected_years)


def _checked(year: int, table: YearTable) -> tuple[frozenset[date], frozenset[date]]:
    off, made_up = frozenset(table[0]), frozenset(table[1])
    for day in sorted(off | made_up):
        if day.year != year:
            raise ValueError(f"{day} stands in the table of {year}")
    if both := off & made_up:
        raise ValueError(f"{min(both)} is both off and working in the table of {year}")
    return off, made_up


def _known_years(start: int, given: Collection[int], projected: bool) -> range:
    """Consecutive years with working days, the first of them as soon after `start` as there is one."""

    def known(year: int) -> bool:
        statutory = projected and year >= _FIRST_STATUTORY_YEAR
        return statutory or year in given or year in published_years()

    first = next((year for year in range(start, LAST_YEAR + 1) if known(year)), LAST_YEAR + 1)
    after = next((year for year in range(first, LAST_YEAR + 1) if not known(year)), LAST_YEAR + 1)
    return range(first, after)


def _places(first: date, days: int, dates: Iterable[date]) -> list[int]:
    places = (day.toordinal() - first.toordinal() for day in dates)
    return [place for place in places if 0 <= place < days]


def parse_hours(text: str) -> Hours | Literal["always"]:
    """`9:00-12:00, 13:00-17:00` as minutes of the day, `always` as itself; ValueError names what is wrong."""
    if text.strip().lower() == "always":
        return "always"
    intervals: list[tuple[float, float]] = []
    for part in re.split("[,，]", text):
        match = _INTERVAL.fullmatch(part.strip())
        if not match:
            raise ValueError(f"'{part.strip()}' is not a time from opening to closing")
        hours = [int(each) for each in match.groups()]
        if hours[1] > 59 or hours[3] > 59:
            raise ValueError(f"'{part.strip()}' has more than 59 minutes in an hour")
        intervals.append((float(hours[0] * 60 + hours[1]), float(hours[2] * 60 + hours[3])))
    return check_hours(intervals)


def check_hours(intervals: Iterable[tuple[float, float]]) -> Hours:
    """Opening hours of a day, in order and apart; ValueError names the first that are not."""
    checked: list[tuple[float, float]] = []
    for opening, closing in intervals:
        shown = f"{_clock(opening)}-{_clock(closing)}"
        if not 0 <= opening < closing:
            raise ValueError(f"'{shown}' closes before it opens; a night shift is two: until 24:00 and from 0:00")
        if not closing <= 1440:
            raise ValueError(f"'{shown}' goes beyond 24:00")
        if checked and opening < checked[-1][1]:
            before = f"{_clock(checked[-1][0])}-{_clock(checked[-1][1])}"
            order = "overlaps" if closing > checked[-1][0] else "stands after"
            raise ValueError(f"'{shown}' {order} '{before}'; give hours in order")
        checked.append((float(opening), float(closing)))
    return tuple(checked)


def _clock(minute: float) -> str:
    return f"{int(minute // 60)}:{int(minute % 60):02d}"
