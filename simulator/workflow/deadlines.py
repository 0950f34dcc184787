"""Deadlines of a case and its applicant's patience: when it goes to the front of every queue, and when it leaves."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from math import inf
from typing import Literal

from simpy.events import Event

from simulator.calendars import WorkingCalendar
from simulator.scenario.flow import Clock
from simulator.workflow.case import EXPIRED, WITHDRAWN, Case
from simulator.workflow.clock import Clock as SimulationClock

PATIENCE = "the applicant's patience"


class Deadlines:
    """Begins and ends the deadlines of cases, and tells a case that one has passed."""

    def __init__(self, env: SimulationClock, calendar: WorkingCalendar) -> None:
        self._env, self._calendar = env, calendar

    def set_patience(self, case: Case, moment: float) -> None:
        """From `moment` on the applicant of a case that has no deadline yet waits no longer."""
        case.deadlines = {PATIENCE: (moment, "patience")}
        case.alert(moment, inf)
        self._watch(case, moment)

    def begin(self, case: Case, clocks: Sequence[tuple[str, Clock]]) -> None:
        """Deadlines begin now; one that runs already goes on."""
        now = self._env.now
        begun = {
            name: (self._calendar.deadline(now, *deadline_days(clock)), clock.when_passed)
            for name, clock in clocks
            if name not in case.deadlines
        }
        case.deadlines = {**case.deadlines, **begun}
        self._settle(case)

    def end(self, case: Case, names: Sequence[str]) -> None:
        """Deadlines are kept."""
        case.deadlines = {name: each for name, each in case.deadlines.items() if name not in names}
        self._settle(case)

    def _settle(self, case: Case) -> None:
        """What the running deadlines and the applicant's patience together mean for the case."""
        before = case.leave_at, case.front_at
        given_up = [moment for moment, when in case.deadlines.values() if when == "give up"]
        patience = case.deadlines.get(PATIENCE, (inf, ""))[0]
        escalated = [moment for moment, when in case.deadlines.values() if when == "escalate"]
        case.alert(min([patience, *given_up]), min(escalated, default=inf))
        case.leave_as = EXPIRED if case.leave_at < patience else WITHDRAWN
        if before == (case.leave_at, case.front_at):
            return
        for moment in {case.leave_at, case.front_at} - {inf}:
            self._watch(case, moment)

    def _watch(self, case: Case, moment: float) -> None:
        self._env.until(moment).callbacks.append(partial(self._time_up, case))

    def _time_up(self, case: Case, _: Event) -> None:
        """A deadline has passed, unless it ended in the meantime."""
        now = self._env.now
        if case.leave_at <= now:
            case.call_off()
        elif case.front_at <= now:
            case.move_up()


def deadline_days(clock: Clock) -> tuple[int, Literal["working days", "days"]]:
    """A deadline as a number of days and their unit."""
    assert clock.within is not None
    span = clock.within
    if span.unit == "weeks":
        return int(span.amount * 7), "days"
    return int(span.amount), "working days" if span.unit == "working days" else "days"
