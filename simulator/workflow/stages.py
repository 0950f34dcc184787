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

if TYPE_CHECKING:
    from simulator.workflow.step import StepAtWork

StageProcess = Generator[Event, object, int]
"""A stage on its way; returns the number of its outcome, or LEFT."""
LEFT = -1
"""The case left: patience, a deadline, or a branch beside it that ended the case."""


def decided(case: Case, step: StepAtWork) -> StageProcess:
    """Somebody works on the file and decides: reviews, checks, valuations, approvals, registrations, contracts."""
    env, index = step.env, step.index
    visit = case.visits[index]
    case.visits[index] = visit + 1
    if env.closed:
        yield Event(env)
    entry: float = env._now
    person, start, worked = -1, entry, entry
    if step.desk is not None:
        leave_at = case.leave_at
        if step.patience is not None:
            leave_at = min(leave_at, entry + step.patience_of(case, visit))
        work = step.work_of(case, visit) if step.work is not None else 0.0
        priority = step.priority if case.front_at > entry else 0
        service = step.desk.serve(work, priority, leave_at, case.front_at if priority else inf)
        if case.services is not None:
            case.services.append(service)
        began = yield service
        if case.services is not None:
            case.services.remove(service)
        if began is None or began == inf:
            step.record(case, visit, -1, entry, inf, inf, inf if began == inf else env._now, LEFT)
            if began == inf:
                yield Event(env)
            return LEFT
        person, start, worked = service.person, service.start, env._now
    if step.elapsed is not None:
        ends = step.elapsed_end(case, visit, entry)
        if ends > env._now:
            yield env.until(min(ends, case.leave_at))
            if env._now < ends:
                step.record(case, visit, person, entry, start, worked, env._now, LEFT)
                return LEFT
    outcome = step.outcome_of(case, visit)
    left = case.end > 1 or env._now > case.leave_at
    step.record(case, visit, person, entry, start, worked, env._now, LEFT if left else outcome)
    if env.closed:
        yield Event(env)
    return LEFT if left else outcome


def decided_within_quota(case: Case, step: StepAtWork) -> StageProcess:
    """A decision after which the credit line is reserved in a quota; without room the file waits or is refused."""
    outcome = yield from decided(case, step)
    if outcome != 0 or step.quota is None:
        return outcome
    fen = step.credit_line(case)
    reserved = step.quotas.reserve(step.quota, fen, case.leave_at)
    if case.services is not None:
        case.services.append(reserved)
    granted = yield reserved
    if case.services is not None:
        case.services.remove(reserved)
    if granted is None:
        yield Event(step.env)
    if not granted:
        return LEFT if step.env._now >= case.leave_at else step.declined
    case.quota = (step.quota, fen)
    return outcome


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
