"""The stage library: what happens in a step, as SimPy generator functions.

Each stage yields the events it waits for and returns one of the outcomes that `stage_kinds` declares. Most stages are
alike in time (somebody works on the file, time passes, somebody decides) and differ in what they leave behind.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from math import inf
from typing import TYPE_CHECKING

from simpy.events import Event

from simulator.workflow.case import Case
from simulator.workflow.quota import NoRoom, Outcome
from simulator.workflow.waiting import Pause

if TYPE_CHECKING:
    from simulator.workflow.step import StepAtWork

StageProcess = Generator[Event, object, int]
"""A stage on its way; returns the number of its outcome, or LEFT."""
LEFT = -1
"""The case left: patience, a deadline, or a branch beside it that ended the case."""


def decided(case: Case, step: StepAtWork) -> StageProcess:
    """Somebody works on the file and decides: reviews, checks, valuations, approvals, registrations, contracts."""
    env, index, waits = step.env, step.index, case.waits
    visit = case.visits[index]
    case.visits[index] = visit + 1
    if env.closed:
        yield Event(env)
    entry: float = env._now
    person, start, worked = -1, entry, entry
    if step.desk is not None:
        leave_at = inf if step.patience is None else entry + step.patience_of(case, visit)
        work = step.work_of(case.number, visit)
        service = step.desk.serve(work, step.priority if case.front_at > entry else 0, leave_at)
        waits.append(service)
        began = yield service
        waits.remove(service)
        if began is None or began == inf:
            step.record(case, visit, -1, entry, inf, inf, inf if began == inf else env._now, LEFT)
            if began == inf:
                yield Event(env)
            return LEFT
        person, start, worked = service.person, service.start, env._now
    called_off = False
    if step.elapsed is not None:
        ends = step.elapsed_end(case, visit, entry)
        if ends > env._now:
            pause = Pause(env, ends)
            waits.append(pause)
            yield pause
            waits.remove(pause)
            called_off = env._now < ends
    left = called_off or case.over or env._now > case.leave_at
    outcome = LEFT if left else step.outcome_of(case.number, visit)
    step.record(case, visit, person, entry, start, worked, env._now, outcome)
    if env.closed:
        yield Event(env)
    return outcome


def decided_within_quota(case: Case, step: StepAtWork) -> StageProcess:
    """A decision after which the credit line is reserved in a quota; without room the file waits or is refused.

    A file that comes back to it keeps the line it has.
    """
    outcome = yield from decided(case, step)
    quota = step.quota
    if outcome != 0 or quota is None or quota in case.lines:
        return outcome
    fen = step.credit_line(case)
    asked: float = step.env._now
    reservation = step.quotas.reserve(quota, fen)
    at_once = reservation.triggered and reservation.value is True
    case.waits.append(reservation)
    granted = yield reservation
    case.waits.remove(reservation)
    if not at_once:
        _record_no_room(case, step, quota, asked, granted)
    if granted == inf:
        yield Event(step.env)
    if granted is None:
        return LEFT
    if not granted:
        return step.declined
    if case.over:
        step.quotas.release(quota, fen)
        return LEFT
    case.lines[quota] = fen
    return outcome


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


def paid_out(case: Case, step: StepAtWork) -> StageProcess:
    """Drawdown: the money is paid out, the application is over, the loan begins."""
    outcome = yield from decided(case, step)
    if outcome == 0:
        step.pay_out(case)
    return outcome


def stage_process(step: StepAtWork) -> Callable[[Case, StepAtWork], StageProcess]:
    """The generator function for a step's kind of stage."""
    if step.kind.name == "drawdown":
        return paid_out
    return decided_within_quota if step.quota is not None else decided
