"""A step at work: its desk, its draws, its record."""

from __future__ import annotations

from array import array
from collections.abc import Callable
from math import sqrt
from typing import TYPE_CHECKING, Protocol

import numpy as np
from numpy.typing import NDArray

from simulator.calendars import WorkingCalendar
from simulator.credit.loans import LARGEST, normal
from simulator.scenario.flow import Step
from simulator.scenario.order import possible_outcomes
from simulator.scenario.quantities import Distribution
from simulator.scenario.stage_kinds import STAGE_KINDS
from simulator.streams import Streams
from simulator.workflow.case import Case
from simulator.workflow.clock import Clock
from simulator.workflow.desk import Service
from simulator.workflow.population import choose
from simulator.workflow.quota import Quotas

if TYPE_CHECKING:
    from collections.abc import Sequence

EXIT = STAGE_KINDS["status monitoring"].outcomes.index("exit")
STEP_COLUMNS = ("product", "case", "step", "visit", "person", "entry", "start", "worked", "end", "outcome")
"""Columns of a step's record: entry into the queue, start and end of the work, end of the step, in minutes."""


class Serves(Protocol):
    """A desk, a committee or a desk that works in batches."""

    name: str

    def serve(self, work: float, priority: float, leave_at: float) -> Service:
        """An event that fires when the file has been dealt with."""


class Drawn:
    """Values drawn from a distribution, addressed by case and visit."""

    def __init__(self, distribution: Distribution, purpose: str, streams: Streams, count: int) -> None:
        self._distribution, self._purpose, self._streams, self._count = distribution, purpose, streams, count
        self._by_visit: list[array[float]] = []

    def at(self, number: int, visit: int) -> float:
        """The value for one case and visit."""
        while visit >= len(self._by_visit):
            uniforms = self._streams.uniforms(self._purpose, self._count, len(self._by_visit))
            self._by_visit.append(array("d", self._distribution.at(uniforms).tobytes()))
        return self._by_visit[visit][number]


    def of(self, numbers: NDArray[np.int64], visits: NDArray[np.int64]) -> NDArray[np.float64]:
        """The values for many cases and visits, same shape."""
        found = np.zeros(len(numbers))
        for visit in np.unique(visits).tolist():
            mine = visits == visit
            self.at(0, visit)
            found[mine] = np.frombuffer(self._by_visit[visit], dtype=np.float64)[numbers[mine]]
        return found


class DrawnOutcome:
    """Outcomes drawn from a step's odds, addressed by case and visit.

    Outcomes are ordered as their kind of stage declares them, the good ones first. An informative step sees the firm's
    latent quality Q with noise: c Q + sqrt(1 - c^2) E; the firms that look worst get the last outcome, in such a share
    of all firms as the odds say.
    """

    def __init__(self, step: Step, streams: Streams, count: int, quality: NDArray[np.float64]) -> None:
        outcomes = sorted(possible_outcomes(step), key=step.kind.outcomes.index)
        self._odds = {outcome: step.odds[outcome] for outcome in outcomes} if step.odds else {}
        self._codes = [step.kind.outcomes.index(outcome) for outcome in outcomes]
        self._purpose, self._streams, self._count = f"outcome: {step.title}", streams, count
        self._informative, self._quality = float(step.informative or 0), quality
        self._by_visit: list[bytes] = []

    def at(self, number: int, visit: int) -> int:
        """The number of the outcome for one case and visit."""
        if len(self._codes) == 1:
            return self._codes[0]
        while visit >= len(self._by_visit):
            uniforms = self._streams.uniforms(self._purpose, self._count, len(self._by_visit))
            if self._informative:
                uniforms = seen(self._quality, uniforms, self._informative)
            self._by_visit.append(bytes(self._codes[chosen] for chosen in choose(self._odds, uniforms).tolist()))
        return self._by_visit[visit][number]


def seen(quality: NDArray[np.float64], uniforms: NDArray[np.float64], informative: float) -> NDArray[np.float64]:
    """Uniform numbers that are high for firms which look weak to somebody whose view correlates with their quality."""
    from scipy.special import ndtr

    noise = sqrt(1 - informative * informative) * normal(uniforms) if informative < 1 else 0.0
    return np.asarray(np.minimum(ndtr(noise - informative * quality), LARGEST))


def _nothing(number: int, visit: int) -> float:
    """Files of a committee or a batch take no work of their own."""
    return 0.0


class StepAtWork:
    """One step of one product in one replication."""

    def __init__(
        self,
        step: Step,
        index: int,
        *,
        env: Clock,
        streams: Streams,
        count: int,
        desk: Serves | None,
        calendar: WorkingCalendar,
        priority: int,
        quotas: Quotas,
        quality: NDArray[np.float64],
        lines: Sequence[int],
        rows: array[float],
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
        self._calendar, self._lines, self._extend = calendar, lines, rows.extend
        self._appraise, self._covered = appraise, covered

        def drawn(name: str, distribution: Distribution | None) -> Callable[[int, int], float]:
            return Drawn(distribution, f"{name}: {step.title}", streams, count).at if distribution else _nothing

        self._work = Drawn(step.work, f"work: {step.title}", streams, count) if step.work else None

        self._drawn_outcome = DrawnOutcome(step, streams, count, quality).at
        self.outcome_of = self._drawn_outcome
        if step.valuer is not None:
            self.outcome_of = self._outcome_of_valuation
        elif step.cover is not None:
            self.outcome_of = self._outcome_of_look
        """Number of the outcome, by case and visit."""
        self.work_of: Callable[[int, int], float] = self._work.at if self._work is not None else _nothing
        """Open minutes of work, by case and visit."""
        self._patience_of, self._elapsed_of = drawn("patience", step.patience), drawn("elapsed", step.elapsed)

    def _outcome_of_look(self, number: int, visit: int) -> int:
        """A sound loan is called all the same where its IP has become worth too little and no more is pledged."""
        outcome = self._drawn_outcome(number, visit)
        return EXIT if outcome == 0 and not self._covered(self.step, number, visit) else outcome

    def minutes_of_work(self, numbers: NDArray[np.int64], visits: NDArray[np.int64]) -> NDArray[np.float64]:
        """Open minutes of work for many cases and visits, same shape."""
        return self._work.of(numbers, visits) if self._work is not None else np.zeros(len(numbers))

    def patience_of(self, case: Case, visit: int) -> float:
        """Minutes the applicant waits for this desk."""
        assert self.patience is not None
        minutes = self._patience_of(case.number, visit)
        return minutes * 1440 if self.patience.dimension == "days" else minutes

    def elapsed_end(self, case: Case, visit: int, entry: float) -> float:
        """When the elapsed time that begins at `entry` is over."""
        assert self.elapsed is not None
        amount = self._elapsed_of(case.number, visit)
        if self.elapsed.dimension == "working days":
            return self._calendar.add_working_days(entry, amount)
        return entry + (amount * 1440 if self.elapsed.dimension == "days" else amount)

    def _outcome_of_valuation(self, number: int, visit: int) -> int:
        """The IP is appraised, the credit line follows; a firm for which it is then too small is declined."""
        outcome = self._drawn_outcome(number, visit)
        return self.declined if outcome == 0 and not self._appraise(self.step, number, visit) else outcome

    def credit_line(self, case: Case) -> int:
        """Credit line of the case, in fen."""
        return self._lines[case.number]

    def record(
        self, case: Case, visit: int, person: int, entry: float, start: float, worked: float, end: float, outcome: int
    ) -> None:
        """Keep what happened, one row a visit."""
        self._extend((case.product, case.number, self.index, visit, person, entry, start, worked, end, outcome))
