"""The stages of a flow as SimPy processes: what happens to a file in one step.

Every stage yields the events it waits for and decides on one of the outcomes that `stage_kinds` declares. Most stages
are alike in time (somebody works on the file, time passes, somebody decides) and differ in what they leave behind. A
step is made into a generator function once; every case that comes to the step then runs it.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from math import inf
from typing import TYPE_CHECKING, Any

from simpy.events import Event

from simulator.workflow.case import Case
from simulator.workflow.quota import NoRoom, Outcome
from simulator.workflow.record import pack
from simulator.workflow.waiting import Pause

if TYPE_CHECKING:
    from simulator.workflow.step import StepAtWork

StageProcess = Generator[Event, Any, int]
"""A stage on its way; returns the place its outcome leads to."""
Stage = Callable[[Case], StageProcess]
LEFT = -1
"""The case left: patience, a deadline, or a branch beside it that ended the case. Its place is the last of a list."""


def outcomes_of(step: StepAtWork) -> list[int]:
    """Every outcome as the place it leads to, for those who want to know the outcome itself."""
    return [*range(len(step.kind.outcomes)), LEFT]


def stage_of(step: StepAtWork, onward: Sequence[int], lane: int | None = None) -> Stage:
    """The process of a step; `onward` has the place each outcome leads to, and last that of a case which leaves.

    `lane` is where a case keeps what it waits for, one for each branch; None where nothing ever calls a case off.
    """
    if step.kind.name == "drawdown":
        return paid_out(step, onward, lane)
    return decided_within_quota(step, onward, lane) if step.quota is not None else decided(step, onward, lane)


def decided(step: StepAtWork, onward: Sequence[int], lane: int | None = None) -> Stage:
    """Somebody works on the file, time passes, somebody decides: nearly every stage, from a review to a contract."""
    if lane is None and step.desk is not None and step.elapsed is None and step.patience is None:
        return served(step, onward)
    return disturbable(step, onward, lane or 0)


def served(step: StepAtWork, onward: Sequence[int]) -> Stage:
    """A stage at a desk in a flow that no case leaves: no patience, no deadline, no branch beside it."""
    env, index, product, priority, add = step.env, step.index, step.product, step.priority, step.add
    works, work_of, certain, outcome_of = step.works.by_visit, step.works.at, step.certain, step.outcome_of
    assert step.desk is not None
    serve = step.desk.serve

    def process(case: Case) -> StageProcess:
        entry = env._now
        number = case.number
        visit = case.visits[index]
        case.visits[index] = visit + 1
        try:
            work = works[visit][number]
        except IndexError:
            work = work_of(number, visit)
        service = serve(work, priority, inf)
        yield service
        now = env._now
        start = service.start
        if start < 0:
            add(pack(product, index, number, visit, LEFT, -1, entry, inf, inf, inf))
            yield Event(env)
        outcome = certain if certain >= 0 else outcome_of(number, visit)
        add(pack(product, index, number, visit, outcome, service.person, entry, start, now, now))
        if env.closed:
            yield Event(env)
        return onward[outcome]

    return process


def disturbable(step: StepAtWork, onward: Sequence[int], lane: int) -> Stage:
    """Any stage: a case may be called off wherever it waits, and goes first once a deadline has passed."""
    env, index, product, priority, add = step.env, step.index, step.product, step.priority, step.add
    desk, patience = step.desk, step.patience is not None
    elapsed_end = step.elapsed_end() if step.elapsed is not None else None
    works, work_of, certain, outcome_of = step.works.by_visit, step.works.at, step.certain, step.outcome_of

    def process(case: Case) -> StageProcess:
        entry = start = worked = now = env._now
        urgency = priority
        if case.alert_at <= entry:
            if case.leave_at <= entry:
                return onward[LEFT]
            if case.front_at <= entry:
                urgency = 0
        number = case.number
        visit = case.visits[index]
        case.visits[index] = visit + 1
        person = -1
        if desk is not None:
            try:
                work = works[visit][number]
            except IndexError:
                work = work_of(number, visit)
            service = desk.serve(work, urgency, entry + step.patience_of(number, visit) if patience else inf)
            case.waits[lane] = service
            began = yield service
            worked = now = env._now
            start = service.start
            if start < 0:
                add(pack(product, index, number, visit, LEFT, -1, entry, inf, inf, inf if began == inf else now))
                if began == inf:
                    yield Event(env)
                return onward[LEFT]
            person = service.person
        left = False
        if elapsed_end is not None:
            ends = elapsed_end(number, visit, entry)
            if ends > now:
                pause = case.waits[lane] = Pause(env, ends)
                yield pause
                now = env._now
                left = now < ends
        if left or (case.alert_at < now and (case.over or case.leave_at < now)):
            outcome = LEFT
        else:
            outcome = certain if certain >= 0 else outcome_of(number, visit)
        add(pack(product, index, number, visit, outcome, person, entry, start, worked, now))
        if env.closed:
            yield Event(env)
        return onward[outcome]

    return process


def decided_within_quota(step: StepAtWork, onward: Sequence[int], lane: int | None = None) -> Stage:
    """A decision after which the credit line is reserved in a quota; without room the file waits or is refused.

    A file that comes back to it keeps the line it has.
    """
    quota, decide = step.quota, decided(step, outcomes_of(step), lane)
    assert quota is not None

    def process(case: Case) -> StageProcess:
        outcome = yield from decide(case)
        if outcome != 0 or quota in case.lines:
            return onward[outcome]
        fen = step.credit_line(case)
        asked: float = step.env._now
        reservation = step.quotas.reserve(quota, fen)
        at_once = reservation.triggered and reservation.value is True
        case.waits[lane or 0] = reservation
        granted = yield reservation
        if not at_once:
            _record_no_room(case, step, quota, asked, granted)
        if granted == inf:
            yield Event(step.env)
        if granted is None:
            return onward[LEFT]
        if not granted:
            return onward[step.declined]
        if case.over:
            step.quotas.release(quota, fen)
            return onward[LEFT]
        case.lines = {**case.lines, quota: fen}
        return onward[outcome]

    return process


def _record_no_room(case: Case, step: StepAtWork, quota: str, asked: float, granted: object) -> None:
    """Keep how long a file waited for room, and what came of it."""
    now: float = step.env._now
    outcome: Outcome
    if granted == inf:
        now, outcome = inf, "still waiting"
    elif granted is None:
        outcome = "left" if case.leave_at <= now else "called off"
    elif not granted:
        outcome = "refused"
    else:
        outcome = "called off" if case.over else "granted"
    step.quotas.no_room.append(NoRoom(case.product, case.number, step.index, quota, asked, now, outcome))


def paid_out(step: StepAtWork, onward: Sequence[int], lane: int | None = None) -> Stage:
    """Drawdown: the money is paid out, the application is over, the loan begins."""
    decide = decided(step, outcomes_of(step), lane)

    def process(case: Case) -> StageProcess:
        outcome = yield from decide(case)
        if outcome == 0:
            step.pay_out(case)
        return onward[outcome]

    return process
