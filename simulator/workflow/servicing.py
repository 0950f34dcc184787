"""What is done for a loan after drawdown: watching IP and firm while it runs, releasing the pledge at its end."""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from typing import Any

from simpy.events import Event

from simulator.scenario.flow import Step
from simulator.workflow.case import Case
from simulator.workflow.clock import LAST, Clock
from simulator.workflow.loan import Loan
from simulator.workflow.stages import decided, outcomes_of
from simulator.workflow.step import StepAtWork


class Servicing:
    """The servicing steps of one product.

    They are served at desks like steps of a flow. Desks close at the end of the cases' follow-up, so that nothing is
    watched or released after it.
    """

    def __init__(
        self,
        env: Clock,
        steps: Sequence[StepAtWork],
        step_count: int,
        after: Callable[[float, int], float],
        on_done: Callable[[Case, Step, int], None],
        last_moment: float,
    ) -> None:
        """`after(moment, months)` is the moment so many months later."""
        self._env, self._step_count, self._after, self._on_done = env, step_count, after, on_done
        self._last_moment = last_moment
        self._watching = [step for step in steps if step.step.every is not None]
        self._at_the_end = [step for step in steps if step.step.every is None]
        self._files: dict[int, Case] = {}
        self._stages = {step.index: decided(step, outcomes_of(step)) for step in steps}

    def begin(self, loan: Loan) -> None:
        """The money is paid out: what is done again and again begins."""
        self._files[loan.case] = Case(loan.case, loan.product, self._step_count)
        if self._watching:
            loan.called = Event(self._env)
        for step in self._watching:
            self._env.start(self._watch(loan, step))

    def end(self, loan: Loan) -> None:
        """The loan is repaid: what is done once begins."""
        for step in self._at_the_end:
            self._env.start(self._do(loan, step))

    def _do(self, loan: Loan, step: StepAtWork) -> Generator[Any, Any, int]:
        """One visit of a step; the number of its outcome."""
        case = self._files[loan.case]
        if self._env.closed:
            yield Event(self._env)
        outcome = yield from self._stages[step.index](case)
        if outcome >= 0:
            self._on_done(case, step.step, outcome)
        return outcome

    def _watch(self, loan: Loan, step: StepAtWork) -> Generator[Any, Any, None]:
        """Look at a loan at equal intervals; it ends early where a look ends with another outcome than the first."""
        env, every = self._env, step.step.every
        assert every is not None and loan.called is not None
        looks = 0
        while True:
            looks += 1
            moment = self._after(loan.drawn_at, every.months * looks)
            if moment >= loan.matures_at:
                if loan.matures_at > self._last_moment:
                    return
                # It may be renewed then, and is looked at again.
                yield env.fire_at(max(loan.matures_at, env.now), Event(env), priority=LAST)
                if moment >= loan.matures_at:
                    return
            if moment > self._last_moment:
                return
            # What is due at that moment comes first.
            yield env.fire_at(max(moment, env.now), Event(env), priority=LAST)
            if loan.status != "outstanding":
                return
            outcome = yield from self._do(loan, step)
            if loan.status != "outstanding":
                return
            if outcome > 0:
                # Another look may have called it at this very moment.
                if not loan.called.triggered:
                    loan.called.succeed()
                return
