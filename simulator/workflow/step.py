"""A step at work: its desk, its draws, its record."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from simulator.calendars import WorkingCalendar
from simulator.scenario.flow import Step
from simulator.scenario.quantities import Distribution
from simulator.scenario.stage_kinds import STAGE_KINDS
from simulator.streams import Streams
from simulator.workflow.case import Case
from simulator.workflow.clock import Clock
from simulator.workflow.desk import Service
from simulator.workflow.draws import Drawn, DrawnOutcome
from simulator.workflow.quota import Quotas

EXIT = STAGE_KINDS["status monitoring"].outcomes.index("exit")


class Serves(Protocol):
    """A desk, a committee or a desk that works in batches."""

    name: str

    def serve(self, work: float, priority: float, leave_at: float) -> Service:
        """An event that fires when the file has been dealt with."""


class StepAtWork:
    """One step of one product in one replication."""

    def __init__(
        self,
        step: Step,
        index: int,
        *,
        product: int,
        env: Clock,
        streams: Streams,
        count: int,
        desk: Serves | None,
        calendar: WorkingCalendar,
        priority: int,
        quotas: Quotas,
        quality: NDArray[np.float64],
        lines: Sequence[int],
        add: Callable[[bytes], object],
        pay_out: Callable[[Case], None],
        appraise: Callable[[Step, int, int], int],
        covered: Callable[[Step, int, int], bool],
    ) -> None:
        self.step, self.index, self.env, self.desk, self.quotas = step, index, env, desk, quotas
        self.kind = step.kind
        self.priority = step.priority if step.priority is not None else priority
        self.elapsed, self.patience, self.quota = step.elapsed, step.patience, step.reserves
        self.declined = step.kind.outcomes.index("declined") if "declined" in step.kind.outcomes else 0
        self.pay_out = pay_out
        self.product, self.add = product, add
        self._calendar, self._lines = calendar, lines
        self._appraise, self._covered = appraise, covered

        def drawn(name: str, distribution: Distribution | None) -> Drawn:
            return Drawn(distribution, f"{name}: {step.title}", streams, count)

        self.works = drawn("work", step.work)
        """Open minutes of work; files of a committee or a batch take none of their own."""
        self._patience, self._elapsed = drawn("patience", step.patience), drawn("elapsed", step.elapsed)
        self._drawn_outcome = DrawnOutcome(step, streams, count, quality)
        self.certain = self._drawn_outcome.certain
        """Number of the only outcome there can be, -1 where there are several."""
        self.outcome_of = self._drawn_outcome.at
        """Number of the outcome, by case and visit."""
        if step.valuer is not None or step.cover is not None:
            self.certain = -1
            self.outcome_of = self._outcome_of_look if step.valuer is None else self._outcome_of_valuation

    def _outcome_of_look(self, number: int, visit: int) -> int:
        """A sound loan is called all the same where its IP has become worth too little and no more is pledged."""
        outcome = self._drawn_outcome.at(number, visit)
        return EXIT if outcome == 0 and not self._covered(self.step, number, visit) else outcome

    def minutes_of_work(self, numbers: NDArray[np.int64], visits: NDArray[np.int64]) -> NDArray[np.float64]:
        """Open minutes of work for many cases and visits, same shape."""
        return self.works.of(numbers, visits)

    def patience_of(self, number: int, visit: int) -> float:
        """Minutes the applicant waits for this desk."""
        assert self.patience is not None
        minutes = self._patience.at(number, visit)
        return minutes * 1440 if self.patience.dimension == "days" else minutes

    def elapsed_end(self) -> Callable[[int, int, float], float]:
        """When the elapsed time is over, by case, visit and the moment at which it begins."""
        assert self.elapsed is not None
        unit, add_working_days = self.elapsed.dimension, self._calendar.add_working_days
        amounts, amount_of, minutes = self._elapsed.by_visit, self._elapsed.at, 1440 if unit == "days" else 1

        def ends(number: int, visit: int, entry: float) -> float:
            try:
                amount = amounts[visit][number]
            except IndexError:
                amount = amount_of(number, visit)
            return add_working_days(entry, amount) if unit == "working days" else entry + amount * minutes

        return ends

    def _outcome_of_valuation(self, number: int, visit: int) -> int:
        """The IP is appraised, the credit line follows; a firm for which it is then too small is declined."""
        outcome = self._drawn_outcome.at(number, visit)
        return self.declined if outcome == 0 and not self._appraise(self.step, number, visit) else outcome

    def credit_line(self, case: Case) -> int:
        """Credit line of the case, in fen."""
        return self._lines[case.number]
