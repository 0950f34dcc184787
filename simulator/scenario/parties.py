"""Who takes part: parties, their desks and the hours they keep."""

from __future__ import annotations

import datetime
import re
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from simulator.calendars import parse_hours
from simulator.scenario.names import Date, Name, Text
from simulator.scenario.quantities import Model, Money, Share, TimeSpan, WorkTime
from simulator.units import Span

Weekday = Literal["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"]
WEEKDAYS: tuple[Weekday, ...] = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


def _readable_hours(text: str) -> str:
    parse_hours(text)
    return text


def _readable_clock_time(text: str) -> str:
    match = re.fullmatch(r"([0-9]{1,2}):([0-9]{2})", text)
    if not match:
        raise ValueError(f"'{text}' is not a time of day; write it like 14:00")
    if int(match[1]) > 23 or int(match[2]) > 59:
        raise ValueError(f"'{text}' is not a time of day; the last is 23:59")
    return text


Hours = Annotated[str, AfterValidator(_readable_hours)]
ClockTime = Annotated[str, AfterValidator(_readable_clock_time)]


class Closure(Model):
    """Days, first and last included, on which an office is shut whatever the calendar says."""

    first: Date = Field(description="First closed day")
    last: Date = Field(description="Last closed day")
    why: Text | None = Field(None, description="Reason, shown in reports")

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.last < self.first:
            raise ValueError(f"closure ends on {self.last} before it begins on {self.first}")
        if (self.last - self.first).days > 3660:
            raise ValueError("a closure lasts at most ten years")
        return self


class YearTable(Model):
    """The days off and the make-up working days of a year that has no published table yet."""

    off: list[Date] = Field(max_length=366, description="Working weekdays that are public holidays")
    working: list[Date] = Field(
        default_factory=list, max_length=366, description="Saturdays and Sundays worked in exchange"
    )


class OfficeHours(Model):
    """A working calendar: which days are worked and from when to when."""

    days: Literal["mainland China", "weekdays", "every day"] = Field(
        "mainland China",
        description="Mainland China's working days with public holidays and make-up days; or Monday to Friday; or all",
    )
    hours: Hours = Field("9:00-17:00", description="Hours of a working day, '9:00-12:00, 13:00-17:00', or 'always'")
    weekday_hours: dict[Weekday, Hours] = Field(
        default_factory=dict, description="Hours of single weekdays that differ, such as Saturday: 9:00-12:00"
    )
    closures: list[Closure] = Field(default_factory=list, max_length=200, description="Days shut besides")
    working_days: list[Date] = Field(default_factory=list, max_length=2000, description="Days worked besides")
    calendar: Literal["published", "projected"] = Field(
        "published",
        description="'projected' continues past the last published year with statutory holidays only, and says so",
    )
    tables: dict[str, YearTable] = Field(default_factory=dict, description="Year: days off and make-up days, by hand")

    @model_validator(mode="after")
    def _known_years(self) -> Self:
        for year in self.tables:
            if not re.fullmatch(r"(19|20|21)[0-9]{2}", year):
                raise ValueError(f"'{year}' is not a year; write it like 2027")
            _check_table(int(year), self.tables[year])
        if self.hours == "always" and self.weekday_hours:
            raise ValueError("'always' leaves no room for weekday_hours")
        return self


def _check_table(year: int, table: YearTable) -> None:
    for day in (*table.off, *table.working):
        if day.year != year:
            raise ValueError(f"{day} stands in the table of {year}")
    both = set(table.off) & set(table.working)
    if both:
        raise ValueError(f"{min(both)} is both off and working in the table of {year}")


class Shift(Model):
    """Some people of a desk who keep hours of their own."""

    staff: int = Field(ge=1, le=1000, description="People on this shift")
    calendar: Name = Field(description="Calendar of this shift")


class Committee(Model):
    """A body that meets at fixed times and takes the files that wait at its cut-off."""

    meets: list[Weekday] = Field(min_length=1, description="Weekdays of its meetings")
    at: ClockTime = Field("14:00", description="Hour at which a meeting begins")
    every_weeks: int = Field(1, ge=1, le=52, description="1 meets every week, 2 every other week")
    takes: int = Field(ge=1, le=100_000, description="Files a meeting can take, by priority, then arrival")
    lasts: WorkTime = Field(description="Length of a meeting; all results come at its end")
    cut_off: Literal["at the meeting", "the working day before"] = Field(
        "at the meeting", description="Until when a file must have come in"
    )

    @model_validator(mode="after")
    def _fixed_length(self) -> Self:
        if not self.lasts.fixed:
            raise ValueError("a meeting has a fixed length")
        return self


def _whole_working_days(span: Span) -> Span:
    if span.unit != "working days" or span.amount != int(span.amount) or span.amount < 1:
        raise ValueError(f"a whole number of working days, at least 1, not '{span}'")
    return span


class Batch(Model):
    """A desk that gathers files and deals with all that are there in one go."""

    size: int = Field(ge=1, le=100_000, description="Begins as soon as so many files are there ...")
    wait: Annotated[TimeSpan, AfterValidator(_whole_working_days)] = Field(
        description="... or when the first has waited so many working days, at the next opening"
    )
    lasts: WorkTime = Field(description="Open time a batch takes; all results come at its end")

    @model_validator(mode="after")
    def _fixed_length(self) -> Self:
        if not self.lasts.fixed:
            raise ValueError("a batch has a fixed length")
        return self


class Desk(Model):
    """People (or a committee) who share one queue of files."""

    staff: int | None = Field(None, ge=1, le=100_000, description="People who work on one file each")
    shifts: list[Shift] | None = Field(None, min_length=1, max_length=50, description="Instead of staff: shifts")
    committee: Committee | None = Field(None, description="Instead of staff: a committee")
    batch: Batch | None = Field(None, description="Instead of staff: files are gathered and dealt with together")
    calendar: Name | None = Field(None, description="Calendar, where it differs from the party's")
    name: Text | None = Field(None, description="Name shown")
    cost_per_hour: Money | None = Field(
        None, description="An hour of one person, where it differs from the party's; of a committee, of all its members"
    )

    @model_validator(mode="after")
    def _one_way_of_working(self) -> Self:
        given = [key for key in ("staff", "shifts", "committee", "batch") if getattr(self, key) is not None]
        if len(given) != 1:
            found = " and ".join(given) if given else "none of them"
            raise ValueError(f"a desk has either staff, shifts, a committee or a batch; found {found}")
        return self


    @property
    def brings_its_own_work(self) -> bool:
        """Whether the length of its meetings or batches is the work, so that steps give none."""
        return self.committee is not None or self.batch is not None

    @property
    def people(self) -> int:
        """How many work at it; a committee or a batch counts as one."""
        return self.staff or sum(shift.staff for shift in self.shifts or []) or 1


class Party(Model):
    """An institution that takes part, with its desks."""

    name: Text | None = Field(None, description="Name shown, such as the institution's own")
    calendar: Name = Field("office", description="Calendar of its desks")
    desks: dict[Name, Desk] = Field(
        default_factory=dict, max_length=100, description="Its desks; steps call them 'party desk'"
    )
    cost_per_hour: Money | None = Field(None, description="What an hour of one person's work costs it")
    cost_of_funds: Share | None = Field(
        None, description="A lender: what the money it has lent costs it in a year, on principal not yet come back"
    )
    expense_ratio: Share | None = Field(
        None, description="Insurer or guarantor: share of the premiums and fees it gets that its business costs"
    )


def minutes_of(clock_time: str) -> int:
    """Minutes after midnight of `14:00`."""
    hour, _, minute = clock_time.partition(":")
    return int(hour) * 60 + int(minute)


def year_tables(hours: OfficeHours) -> dict[int, tuple[list[datetime.date], list[datetime.date]]]:
    """The hand-given years of a calendar: year to (days off, days worked)."""
    return {int(year): (table.off, table.working) for year, table in hours.tables.items()}
