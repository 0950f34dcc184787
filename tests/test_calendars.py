"""Working time: days by hand, and the arithmetic of opening hours."""

from __future__ import annotations

import math
import subprocess
import sys
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import holidays
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.calendars import WorkingCalendar, add_span, build_calendar, minutes_since, moment_at, parse_hours
from simulator.errors import CalendarRangeError
from simulator.units import parse_span
from simulator.working_days import Hours, YearTable, day_table, published_years

NINE_TO_FIVE: Hours = ((540, 1020),)
WITH_LUNCH: Hours = ((540, 720), (780, 1020))
ORIGIN = date(2021, 1, 1)
OFFICE = build_calendar(ORIGIN, hours=NINE_TO_FIVE)
LUNCHING = build_calendar(ORIGIN, hours=WITH_LUNCH)
SIX_DAYS = build_calendar(ORIGIN, hours={**dict.fromkeys(range(5), WITH_LUNCH), 5: ((540, 720),)})
SHIFTS = build_calendar(ORIGIN, hours=((0, 360), (1080, 1440)), basis="every day")
WEEKDAYS = build_calendar(ORIGIN, hours=WITH_LUNCH, basis="weekdays")
ALWAYS = build_calendar(ORIGIN, hours="always")
CALENDARS = st.sampled_from([OFFICE, LUNCHING, SIX_DAYS, SHIFTS, ALWAYS])
TIMES = st.floats(0, 3 * 365 * 1440) | st.integers(0, 3 * 365 * 48).map(lambda halves: halves * 30.0)
WORK = st.floats(0, 30_000) | st.integers(0, 200).map(lambda halves: halves * 30.0)


def moment(text: str, calendar: WorkingCalendar = OFFICE) -> float:
    return calendar.at(datetime.fromisoformat(text))


def shown(t: float, calendar: WorkingCalendar = OFFICE) -> str:
    return calendar.when(t).isoformat(" ", "minutes")


def worked(first: str, last: str, calendar: WorkingCalendar = OFFICE) -> list[str]:
    """Days with opening hours from first to last, as month-day."""
    days = [date.fromisoformat(first)]
    while days[-1] < date.fromisoformat(last):
        days.append(days[-1] + timedelta(days=1))
    return [f"{day:%m-%d}" for day in days if calendar.open_between(calendar.at(day), calendar.at(day) + 1440) > 0]


def test_work_goes_on_at_a_make_up_saturday() -> None:
    assert shown(OFFICE.add_work(moment("2021-09-17 15:00"), 480)) == "2021-09-18 15:00"


def test_what_is_handed_in_before_national_day_is_first_touched_after_it() -> None:
    assert shown(OFFICE.next_open(moment("2021-09-30 18:00"))) == "2021-10-08 09:00"


@pytest.mark.parametrize(
    ("first", "last", "days"),
    [
        ("2021-02-06", "2021-02-21", ["02-07", "02-08", "02-09", "02-10", "02-18", "02-19", "02-20"]),
        ("2022-01-28", "2022-02-08", ["01-28", "01-29", "01-30", "02-07", "02-08"]),
        ("2021-09-17", "2021-09-22", ["09-17", "09-18", "09-22"]),
        ("2021-09-25", "2021-10-11", ["09-26", "09-27", "09-28", "09-29", "09-30", "10-08", "10-09", "10-11"]),
        ("2026-10-01", "2026-10-11", ["10-08", "10-09", "10-10"]),
    ],
)
def test_spring_festival_and_national_day_are_worked_as_announced(first: str, last: str, days: list[str]) -> None:
    assert worked(first, last) == days


def test_new_years_eve_of_2005_was_a_make_up_saturday() -> None:
    assert worked("2005-12-31", "2006-01-04", build_calendar(date(2005, 1, 1), hours=NINE_TO_FIVE)) == [
        "12-31",
        "01-04",
    ]


def test_every_announced_day_agrees_with_a_second_source() -> None:
    first, last = published_years()[0], published_years()[-1]
    assert (first, last) >= (2004, 2026)
    other = holidays.country_holidays("CN", years=range(first, last + 1))
    table = day_table(date(first, 1, 1))
    days = [date(first, 1, 1) + timedelta(days=place) for place in range(len(table.worked))]
    assert days[-1] == date(last, 12, 31)
    assert [str(day) for day, here in zip(days, table.worked, strict=True) if here != other.is_working_day(day)] == []


def test_a_closure_shuts_its_first_and_last_day_and_a_day_named_as_worked_is_worked_within_it() -> None:
    spring = [(date(2022, 3, 28), date(2022, 5, 31))]
    shut = build_calendar(ORIGIN, hours=NINE_TO_FIVE, closures=spring)
    assert shown(shut.next_open(moment("2022-03-25 17:00"))) == "2022-06-01 09:00"
    assert shown(shut.add_work(moment("2022-03-25 16:00"), 90)) == "2022-06-01 09:30"
    days = [date(2022, 5, 1), date(2022, 5, 9)]
    opened = build_calendar(ORIGIN, hours=NINE_TO_FIVE, closures=spring, working_days=days)
    assert worked("2022-03-26", "2022-06-01", opened) == ["05-01", "05-09", "06-01"]


def test_a_closure_that_began_before_the_clock_still_shuts() -> None:
    shut = build_calendar(ORIGIN, hours=NINE_TO_FIVE, closures=[(date(2020, 1, 1), date(2021, 1, 5))])
    assert worked("2021-01-01", "2021-01-07", shut) == ["01-06", "01-07"]


def test_plain_weekdays_know_no_holidays_and_every_day_no_weekend() -> None:
    weekdays = build_calendar(ORIGIN, hours=NINE_TO_FIVE, basis="weekdays")
    assert worked("2021-09-30", "2021-10-05", weekdays) == ["09-30", "10-01", "10-04", "10-05"]
    assert len(worked("2021-02-01", "2021-02-28", build_calendar(ORIGIN, hours=NINE_TO_FIVE, basis="every day"))) == 28


def test_work_that_does_not_fit_before_lunch_goes_on_after_it() -> None:
    assert shown(LUNCHING.add_work(moment("2021-03-01 11:30"), 60)) == "2021-03-01 13:30"
    assert shown(LUNCHING.add_work(moment("2021-03-01 12:10"), 60)) == "2021-03-01 14:00"
    assert shown(LUNCHING.add_work(moment("2021-03-01 11:30"), 7 * 60 + 10)) == "2021-03-02 11:40"


def test_work_that_just_fits_ends_at_closing_and_nothing_starts_there() -> None:
    assert shown(LUNCHING.add_work(moment("2021-03-01 11:00"), 60)) == "2021-03-01 12:00"
    assert shown(LUNCHING.add_work(moment("2021-03-01 09:00"), 420)) == "2021-03-01 17:00"
    assert shown(LUNCHING.add_work(moment("2021-03-01 09:00"), 840)) == "2021-03-02 17:00"
    assert shown(LUNCHING.next_open(moment("2021-03-01 12:00"))) == "2021-03-01 13:00"
    assert shown(LUNCHING.add_work(moment("2021-03-01 17:00"), 0)) == "2021-03-02 09:00"
    assert not LUNCHING.is_open(moment("2021-03-01 17:00"))
    assert LUNCHING.is_open(moment("2021-03-01 09:00"))


def test_rounding_of_fractions_moves_no_end_of_work_away_from_closing() -> None:
    for tenths in range(1, 90):
        start = moment("2024-03-06 09:00") + tenths * 0.1
        midday = OFFICE.add_work(start, (240 - tenths / 10) * (1 / 3))
        end = OFFICE.add_work(OFFICE.add_work(midday, (240 - tenths / 10) * (2 / 3)), 240)
        assert end == moment("2024-03-06 17:00")
        assert OFFICE.add_work(start, 960 - tenths / 10) == moment("2024-03-07 17:00")


def test_rounding_of_fractions_moves_no_end_of_elapsed_days_away_from_closing() -> None:
    for minutes in range(1, 180):
        start = moment("2021-03-02 09:00") + minutes
        assert LUNCHING.add_working_days(start, 1 + (420 - minutes) / 420) == moment("2021-03-03 17:00")
        back_to_opening = 2 - LUNCHING.working_days_between(moment("2021-03-02 09:00"), start)
        assert LUNCHING.add_working_days(start, back_to_opening) == moment("2021-03-03 17:00")


def test_elapsed_days_may_end_at_the_last_closing_of_the_table() -> None:
    for minutes in range(180):
        start = moment("2100-12-30 09:00") + minutes
        assert shown(WEEKDAYS.add_working_days(start, 1 + (420 - minutes) / 420)) == "2100-12-31 17:00"


def test_time_that_rounds_to_nothing_does_not_lead_back_to_the_closing_before() -> None:
    start = moment("2021-03-02 09:00") + 1e-8
    assert LUNCHING.add_working_days(start, 1e-12) == start


def test_hours_given_for_saturday_make_a_half_day_of_it_except_on_holidays() -> None:
    assert shown(SIX_DAYS.add_work(moment("2021-03-05 16:00"), 60 + 180 + 30)) == "2021-03-08 09:30"
    assert worked("2021-10-01", "2021-10-11", SIX_DAYS) == ["10-08", "10-09", "10-11"]
    assert worked("2021-10-15", "2021-10-18", SIX_DAYS) == ["10-15", "10-16", "10-18"]


def test_a_make_up_day_without_hours_of_its_own_is_worked_in_full() -> None:
    usual = build_calendar(ORIGIN, hours=dict.fromkeys(range(5), WITH_LUNCH))
    assert usual.open_between(moment("2021-09-18"), moment("2021-09-19")) == 420
    halved = build_calendar(ORIGIN, hours={**dict.fromkeys(range(5), WITH_LUNCH), 5: ((540, 720),)}, weekdays=range(5))
    assert halved.open_between(moment("2021-09-18"), moment("2021-09-19")) == 180
    assert halved.open_between(moment("2021-09-25"), moment("2021-09-26")) == 0


def test_a_desk_of_single_weekdays_works_no_make_up_days() -> None:
    part_time = build_calendar(ORIGIN, hours=NINE_TO_FIVE, weekdays=(1, 3))
    assert worked("2021-09-16", "2021-10-12", part_time) == ["09-16", "09-23", "09-28", "09-30", "10-12"]


def test_hours_up_to_midnight_run_into_those_of_the_next_day() -> None:
    assert shown(SHIFTS.add_work(moment("2021-03-01 23:00"), 120)) == "2021-03-02 01:00"
    assert shown(SHIFTS.next_open(moment("2021-03-02 00:00"))) == "2021-03-02 00:00"
    assert SHIFTS.is_open(moment("2021-03-02 00:00"))


@pytest.mark.parametrize(
    ("start", "days", "end"),
    [
        ("2021-03-02 11:00", 3, "2021-03-05 11:00"),
        ("2021-03-02 20:00", 1, "2021-03-03 17:00"),
        ("2021-03-02 07:00", 1, "2021-03-02 17:00"),
        ("2021-03-02 09:00", 2, "2021-03-03 17:00"),
        ("2021-03-06 12:00", 0.5, "2021-03-08 13:30"),
        ("2021-03-05 15:00", 0.5, "2021-03-08 10:30"),
        ("2021-09-30 11:00", 2, "2021-10-09 11:00"),
        ("2021-03-02 12:30", 1, "2021-03-03 12:00"),
        ("2021-03-06 12:00", 0, "2021-03-06 12:00"),
        ("2021-01-01 00:00", 1, "2021-01-04 17:00"),
    ],
)
def test_elapsed_working_days_are_full_days_of_office_hours(start: str, days: float, end: str) -> None:
    assert shown(LUNCHING.add_working_days(moment(start), days)) == end


def test_a_half_day_counts_one_working_day() -> None:
    assert SIX_DAYS.working_days_between(moment("2021-03-01"), moment("2021-03-08")) == 6
    assert SIX_DAYS.working_days_between(moment("2021-03-06 09:00"), moment("2021-03-06 10:30")) == 0.5
    assert shown(SIX_DAYS.add_working_days(moment("2021-03-05 12:30"), 1)) == "2021-03-06 10:17"


@pytest.mark.parametrize(
    ("start", "days", "unit", "end"),
    [
        ("2021-03-02 08:00", 1, "working days", "2021-03-03 17:00"),
        ("2021-03-02 23:00", 5, "working days", "2021-03-09 17:00"),
        ("2021-09-17 10:00", 2, "working days", "2021-09-22 17:00"),
        ("2021-09-19 10:00", 1, "working days", "2021-09-22 17:00"),
        ("2021-03-02 08:00", 1, "days", "2021-03-04 00:00"),
        ("2021-03-02 00:00", 30, "days", "2021-04-02 00:00"),
    ],
)
def test_a_deadline_excludes_the_day_it_starts_and_ends_with_its_last_day(
    start: str, days: int, unit: str, end: str
) -> None:
    assert shown(LUNCHING.deadline(moment(start), days, unit)) == end  # type: ignore[arg-type]


@pytest.mark.parametrize("days", [0, -1, 1.5, math.nan])
def test_a_deadline_is_a_whole_number_of_days(days: float) -> None:
    with pytest.raises(ValueError, match="must be a whole number of days"):
        OFFICE.deadline(0.0, days, "days")


def test_round_the_clock_is_plain_time_without_end() -> None:
    t = moment("2950-10-01 03:00")
    assert ALWAYS.next_open(t) == t
    assert ALWAYS.is_open(t)
    assert ALWAYS.add_work(t, 600) == t + 600
    assert ALWAYS.open_between(10, 70) == 60
    assert ALWAYS.at_open_minute(t) == t
    assert ALWAYS.add_working_days(t, 1.5) == t + 2160
    assert ALWAYS.working_days_between(t, t + 720) == 0.5
    assert shown(ALWAYS.deadline(t, 2, "working days")) == "2950-10-04 00:00"
    assert ALWAYS.working_days_array([720.0, t]).tolist() == [0.5, t / 1440]


def test_a_closure_stops_even_what_is_open_round_the_clock() -> None:
    shut = build_calendar(ORIGIN, hours="always", closures=[(date(2021, 3, 2), date(2021, 3, 3))])
    assert shown(shut.add_work(moment("2021-03-01 23:00"), 120)) == "2021-03-04 01:00"
    assert shown(shut.next_open(moment("2021-10-02 03:00"))) == "2021-10-02 03:00"


def test_work_in_a_year_without_a_table_is_refused_with_the_year_and_the_way_out() -> None:
    last = published_years()[-1]
    evening = minutes_since(ORIGIN, datetime(last, 12, 31, 17))
    assert OFFICE.open_minutes(evening) == OFFICE.open_minutes(evening + 420)
    for ask in (
        lambda: OFFICE.next_open(evening),
        lambda: OFFICE.add_work(evening - 60, 61),
        lambda: OFFICE.add_working_days(evening, 0.1),
        lambda: OFFICE.deadline(evening, 1, "working days"),
        lambda: OFFICE.at_open_minute(OFFICE.open_minutes(evening) + 1),
        lambda: OFFICE.open_minutes(evening + 421),
        lambda: OFFICE.open_minutes_array([0.0, evening + 421, math.inf]),
        lambda: OFFICE.working_days_array([evening + 421]),
        lambda: OFFICE.at_open_minute_array([0.0, OFFICE.open_minutes(evening) + 1]),
    ):
        with pytest.raises(CalendarRangeError) as refused:
            ask()
        assert str(refused.value) == (
            f"office: work in {last + 1}, but no table says which days of {last + 1} are working days (those of 2021 "
            f"to {last} are known); set 'calendar: projected' in calendars.office (statutory days only, marked in "
            f"every output) or give the working days of {last + 1} in the scenario"
        )
    assert shown(OFFICE.add_work(evening - 60, 60)) == f"{last}-12-31 17:00"


def test_all_missing_years_up_to_the_work_are_named() -> None:
    with pytest.raises(CalendarRangeError, match=r"desk: work in 2031, .* of 2027 to 2031 in the scenario"):
        tables: dict[int, YearTable] = {year: ([], []) for year in range(published_years()[-1], 2027)}
        build_calendar(ORIGIN, hours=NINE_TO_FIVE, tables=tables, name="desk").next_open(moment("2031-02-03"))


@pytest.mark.parametrize("year", [1990, 2003, 2099])
def test_a_clock_may_start_in_a_year_without_a_table_as_long_as_nobody_works(year: int) -> None:
    office = build_calendar(date(year, 12, 1), hours=NINE_TO_FIVE)
    assert office.when(office.deadline(0.0, 2, "days")) == datetime(year, 12, 4)
    with pytest.raises(CalendarRangeError, match=f"office: work in {year}, but no table .* of {year} in the scenario"):
        office.next_open(0.0)


def test_work_begins_with_the_first_table_when_the_clock_starts_before_it() -> None:
    office = build_calendar(date(2003, 12, 1), hours=NINE_TO_FIVE)
    assert office.when(office.next_open(office.at(date(2004, 1, 1)))) == datetime(2004, 1, 2, 9)


def test_time_before_the_clock_is_refused() -> None:
    with pytest.raises(
        CalendarRangeError, match="office: 2020-12-31 23:00:00 is before the clock starts, on 2021-01-01"
    ):
        OFFICE.add_work(-60.0, 10)
    with pytest.raises(CalendarRangeError, match="before the clock starts"):
        OFFICE.open_minutes_array([-60.0])


def test_projected_years_have_statutory_days_and_are_marked() -> None:
    office = build_calendar(date(2026, 1, 1), hours=NINE_TO_FIVE, projected=True)
    assert worked("2035-09-28", "2035-10-08", office) == ["09-28", "10-04", "10-05", "10-08"]
    assert office.projected_years[0] == published_years()[-1] + 1
    assert OFFICE.projected_years == ()


def test_projecting_changes_no_day_of_an_announced_year() -> None:
    last = f"{published_years()[-1]}-12-31"
    projected = build_calendar(ORIGIN, hours=NINE_TO_FIVE, projected=True)
    assert worked("2021-01-01", last, projected) == worked("2021-01-01", last)


def test_a_table_in_the_scenario_makes_its_year_known_and_comes_before_what_is_projected() -> None:
    tables = {2027: ([date(2027, 1, 1), date(2027, 2, 5)], [date(2027, 2, 6)])}
    known: dict[int, YearTable] = {year: ([], []) for year in range(published_years()[-1] + 1, 2027)}
    for projected in (False, True):
        office = build_calendar(date(2026, 12, 1), hours=NINE_TO_FIVE, tables={**known, **tables}, projected=projected)
        assert worked("2027-01-01", "2027-01-05", office) == ["01-04", "01-05"]
        assert worked("2027-02-04", "2027-02-09", office) == ["02-04", "02-06", "02-08", "02-09"]
        assert 2027 not in office.projected_years


def test_a_table_in_the_scenario_replaces_the_announced_one() -> None:
    office = build_calendar(ORIGIN, hours=NINE_TO_FIVE, tables={2021: ([date(2021, 9, 20)], [])})
    assert worked("2021-09-17", "2021-09-21", office) == ["09-17", "09-21"]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"tables": {2027: ([date(2028, 1, 1)], [])}}, "2028-01-01 stands in the table of 2027"),
        ({"tables": {2027: ([date(2027, 1, 1)], [date(2027, 1, 1)])}}, "2027-01-01 is both off and working"),
        (
            {"closures": [(date(2022, 2, 1), date(2022, 1, 1))]},
            "closure 2022-02-01 to 2022-01-01 ends before it starts",
        ),
        ({"basis": "Hong Kong"}, "basis 'Hong Kong' must be one of: mainland China, weekdays, every day"),
        ({"weekdays": []}, "every weekday that is worked must have hours"),
        ({"weekdays": [7]}, "weekdays must be from 0"),
        ({"hours": {0: NINE_TO_FIVE}, "weekdays": [0, 1]}, "every weekday that is worked must have hours"),
        ({"hours": ()}, "every weekday that is worked must have hours"),
    ],
)
def test_days_that_make_no_sense_are_named(options: dict[str, object], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        build_calendar(ORIGIN, **{"hours": NINE_TO_FIVE, **options})  # type: ignore[arg-type]


def test_hours_are_read_as_people_write_them() -> None:
    assert parse_hours("9:00-12:00, 13:00-17:00") == WITH_LUNCH
    assert parse_hours("09:00–17:00") == NINE_TO_FIVE
    assert parse_hours("0:00-24:00") == ((0, 1440),)
    assert parse_hours("9:00-12:00,12:00-17:00") == ((540, 720), (720, 1020))
    assert parse_hours(" Always ") == "always"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "'' is not a time from opening to closing"),
        ("9-17", "'9-17' is not a time from opening to closing"),
        ("9:00-17:60", "'9:00-17:60' has more than 59 minutes in an hour"),
        ("17:00-9:00", "'17:00-9:00' closes before it opens; a night shift is two: until 24:00 and from 0:00"),
        ("9:00-9:00", "'9:00-9:00' closes before it opens"),
        ("9:00-24:01", "'9:00-24:01' goes beyond 24:00"),
        ("9:00-13:00, 12:00-17:00", "'12:00-17:00' overlaps '9:00-13:00'; give hours in order"),
        ("13:00-17:00, 9:00-12:00", "'9:00-12:00' stands after '13:00-17:00'; give hours in order"),
    ],
)
def test_hours_that_make_no_sense_are_named(text: str, message: str) -> None:
    with pytest.raises(ValueError) as refused:
        parse_hours(text)
    assert str(refused.value).startswith(message)


@pytest.mark.parametrize(
    ("start", "span", "end"),
    [
        ("2021-01-31 10:30", "1 month", "2021-02-28 10:30"),
        ("2024-02-29 10:30", "1 year", "2025-02-28 10:30"),
        ("2021-11-30 00:00", "3 months", "2022-02-28 00:00"),
        ("2021-12-31 23:00", "12 months", "2022-12-31 23:00"),
        ("2021-03-05 15:00", "2 working days", "2021-03-09 15:00"),
        ("2021-03-05 15:00", "2 days", "2021-03-07 15:00"),
        ("2021-03-05 15:00", "2 weeks", "2021-03-19 15:00"),
        ("2021-03-05 15:00", "90 min", "2021-03-05 16:30"),
        ("2021-03-05 15:00", "10 h", "2021-03-06 01:00"),
        ("2021-03-05 15:00", "30 years", "2051-03-05 15:00"),
    ],
)
def test_months_go_by_date_and_working_days_by_the_calendar(start: str, span: str, end: str) -> None:
    assert shown(add_span(ORIGIN, moment(start), parse_span(span), OFFICE)) == end


def test_dates_outside_the_calendar_of_years_are_refused() -> None:
    with pytest.raises(CalendarRangeError, match="outside the years 1 to 9999"):
        add_span(ORIGIN, 0.0, parse_span("9000 years"), OFFICE)
    with pytest.raises(CalendarRangeError, match="outside the years 1 to 9999"):
        moment_at(ORIGIN, 1e15)
    with pytest.raises(CalendarRangeError, match="outside the years 1 to 9999"):
        OFFICE.next_open(1e15)


def test_moments_are_beijing_time() -> None:
    assert minutes_since(ORIGIN, datetime(2021, 1, 1, 1, tzinfo=UTC)) == 540
    assert minutes_since(ORIGIN, date(2020, 12, 31)) == -1440


@given(st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1)))
def test_a_moment_survives_the_clock_to_the_microsecond(at: datetime) -> None:
    assert moment_at(ORIGIN, minutes_since(ORIGIN, at)) == at


@given(CALENDARS, TIMES, WORK)
def test_the_open_time_between_start_and_end_of_work_is_the_work(
    calendar: WorkingCalendar, start: float, minutes: float
) -> None:
    opening = calendar.next_open(start)
    end = calendar.add_work(start, minutes)
    assert end >= opening >= start
    assert calendar.add_work(opening, minutes) == end
    assert calendar.open_between(start, opening) == 0
    assert calendar.open_between(start, end) == pytest.approx(minutes, abs=2e-6)
    assert calendar.is_open(opening)


@given(CALENDARS, TIMES, WORK, TIMES, WORK)
def test_who_starts_later_or_works_longer_never_ends_earlier(
    calendar: WorkingCalendar, start: float, minutes: float, other_start: float, other_minutes: float
) -> None:
    first, second = sorted([start, other_start])
    short, long = sorted([minutes, other_minutes])
    assert calendar.add_work(first, short) <= calendar.add_work(second, short) + 2e-6
    assert calendar.add_work(first, short) <= calendar.add_work(first, long)
    assert calendar.open_minutes(first) <= calendar.open_minutes(second)
    assert calendar.working_days(first) <= calendar.working_days(second)


@given(CALENDARS, TIMES)
def test_open_minutes_lead_back_to_the_same_time_or_the_closing_before_it(calendar: WorkingCalendar, t: float) -> None:
    passed = calendar.open_minutes(t)
    back = calendar.at_open_minute(passed)
    assert calendar.open_minutes(back) == pytest.approx(passed, abs=2e-6)
    if passed > 0:
        assert back <= t + 2e-6
        assert back == pytest.approx(t, abs=2e-6) or calendar.open_between(back, t) == pytest.approx(0, abs=2e-6)
    else:
        assert back == calendar.next_open(0.0)


@given(CALENDARS, TIMES, st.floats(0, 60) | st.integers(0, 60).map(float))
def test_elapsed_working_days_are_counted_back_alike(calendar: WorkingCalendar, t: float, days: float) -> None:
    end = calendar.add_working_days(t, days)
    assert end >= t
    assert calendar.working_days_between(t, end) == pytest.approx(days, abs=1e-7)


@given(CALENDARS, TIMES, st.integers(1, 40))
def test_a_deadline_leaves_exactly_its_days_after_the_day_it_starts(
    calendar: WorkingCalendar, t: float, n: int
) -> None:
    midnight = (t // 1440 + 1) * 1440
    ends = calendar.deadline(t, n, "working days")
    assert calendar.working_days_between(midnight, ends) == n
    assert calendar.working_days_between(midnight, ends - 1) < n


@given(CALENDARS, st.lists(TIMES | st.sampled_from([math.inf, math.nan]), max_size=20))
def test_arrays_give_what_single_times_give(calendar: WorkingCalendar, times: list[float]) -> None:
    for of_array, of_one in (
        (calendar.open_minutes_array, calendar.open_minutes),
        (calendar.working_days_array, calendar.working_days),
    ):
        np.testing.assert_array_equal(of_array(times), np.array([of_one(t) for t in times]))
    minutes = calendar.open_minutes_array(times)
    one_by_one = [calendar.at_open_minute(float(x)) for x in minutes]
    np.testing.assert_array_equal(calendar.at_open_minute_array(minutes), np.array(one_by_one))


@pytest.mark.parametrize("calendar", [LUNCHING, ALWAYS])
def test_what_never_happens_has_no_date_and_what_is_unknown_stays_unknown(calendar: WorkingCalendar) -> None:
    for answer in (
        calendar.next_open,
        calendar.open_minutes,
        calendar.working_days,
        calendar.at_open_minute,
        lambda t: calendar.add_work(t, 10.0),
        lambda t: calendar.add_work(10.0, t),
        lambda t: calendar.add_working_days(t, 1.0),
        lambda t: calendar.add_working_days(10.0, t),
        lambda t: calendar.deadline(t, 3, "working days"),
        lambda t: calendar.deadline(t, 3, "days"),
        lambda t: add_span(ORIGIN, t, parse_span("2 months"), calendar),
    ):
        assert answer(math.inf) == math.inf
        assert math.isnan(answer(math.nan))
    assert not calendar.is_open(math.inf)


@pytest.mark.parametrize("calendar", [LUNCHING, ALWAYS])
def test_time_and_work_are_not_negative(calendar: WorkingCalendar) -> None:
    for answer in (
        lambda: calendar.add_work(10.0, -1.0),
        lambda: calendar.add_working_days(10.0, -1.0),
        lambda: calendar.at_open_minute(-1.0),
        lambda: calendar.at_open_minute_array([-1.0]),
    ):
        with pytest.raises(ValueError, match="must not be negative"):
            answer()


def test_tables_of_holidays_are_loaded_only_for_a_calendar_that_needs_them() -> None:
    program = (
        "import sys, datetime; from simulator.calendars import build_calendar\n"
        "build_calendar(datetime.date(2021, 1, 1), hours='always')\n"
        "build_calendar(datetime.date(2021, 1, 1), hours=((540, 1020),), basis='weekdays')\n"
        "print('chinese_calendar' in sys.modules)\n"
        "build_calendar(datetime.date(2021, 1, 1), hours=((540, 1020),))\n"
        "print('holidays' in sys.modules)\n"
    )
    root = Path(__file__).resolve().parent.parent
    done = subprocess.run([sys.executable, "-c", program], cwd=root, capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False", "False"]
