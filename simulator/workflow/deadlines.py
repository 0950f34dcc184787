"""Deadlines of a case and its applicant's patience: when it goes to the front of every queue, and when it leaves."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from math import inf
from typing import Literal

from simpy.events import Event

from simulator.calendars import WorkingCalendar
from simulator.scenario.flow import Clock, Step, split_moment
from simulator.workflow.case import EXPIRED, WITHDRAWN, Case
from simulator.workflow.clock import Clock as SimulationClock
from simulator.workflow.stages import LEFT, Stage, StageProcess

PATIENCE = "the applicant's patience"


@dataclass(frozen=True)
class KeptClocks:
    """The clocks with deadlines that begin or end at a step, by name where they end."""

    begin_at_entry: list[tuple[str, Clock]]
    begin_after: list[tuple[str, Clock]]
    end_at_entry: list[str]
    end_after: list[str]

    @classmethod
    def of(cls, title: str, clocks: Mapping[str, Clock]) -> KeptClocks:
        """Those of one step."""

        def begins(moment: str) -> list[tuple[str, Clock]]:
            return [each for each in clocks.items() if split_moment(each[1].begins) == (moment, title)]

        def ends(moment: str) -> list[str]:
            return [name for name, clock in clocks.items() if split_moment(clock.ends) == (moment, title)]

        return cls(begins("entry of"), begins("end of"), ends("entry of"), ends("end of"))

    def __bool__(self) -> bool:
        return bool(self.begin_at_entry or self.begin_after or self.end_at_entry or self.end_after)


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

    def kept_by(
        self,
        stage: Stage,
        kept: KeptClocks,
        step: Step,
        leads: Sequence[int],
        on_done: Callable[[Case, Step, int], None],
    ) -> Stage:
        """A stage at which deadlines begin or end, or that brings about a payment; `leads` is where outcomes lead."""

        def process(case: Case) -> StageProcess:
            if kept.end_at_entry:
                self.end(case, kept.end_at_entry)
            if kept.begin_at_entry:
                self.begin(case, kept.begin_at_entry)
            outcome = yield from stage(case)
            if outcome != LEFT:
                on_done(case, step, outcome)
                if kept.end_after:
                    self.end(case, kept.end_after)
                if kept.begin_after:
                    self.begin(case, kept.begin_after)
            return leads[outcome]

        return process

    def _settle(self, case: Case) -> None:
        """What the running deadlines and the applicant's patience together mean for the case."""
        before = case.leave_at, case.front_at
        patience = given_up = escalated = inf
        for moment, when in case.deadlines.values():
            if when == "patience":
                patience = moment
            elif when == "escalate":
                escalated = min(escalated, moment)
            else:
                given_up = min(given_up, moment)
        case.alert(min(patience, given_up), escalated)
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
