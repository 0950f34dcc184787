"""Runs the replications of several worlds, here, in worker processes or on a cluster, and hands each on as it comes.

Worker processes and a Dask cluster are both an `Executor` of the standard library, and used alike. A replication is a
pure function of its world and its number: where it runs, in which order and how often is all one.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, BrokenExecutor, Future, wait
from typing import TypeVar

from simulator.errors import PledgesimError
from simulator.experiment.pools import KILLED, DaskPool, LocalPool, Pool, Task
from simulator.experiment.replication import replicate
from simulator.scenario.model import Scenario
from simulator.workflow.world import Happened

Result = TypeVar("Result")
Measure = Callable[[Scenario, Happened, int], Result]
"""What is kept of a replication; a function at the top of a module, so that worker processes can have it."""
MOST_KILLS = 3
"""A task that has ended so many workers is given up."""


class TasksLostError(PledgesimError):
    """Tasks that end every worker they are given to; all others have been run."""

    def __init__(self, tasks: Sequence[Task]) -> None:
        self.tasks = tuple(tasks)
        super().__init__(f"tasks that end their workers: {self.tasks}")


def run_tasks(
    worlds: Sequence[Scenario],
    tasks: Sequence[Task],
    measure: Measure[Result],
    workers: int = 1,
    cluster: str | None = None,
) -> Iterator[tuple[Task, Result]]:
    """Yield the measured result of each task; with one worker in order, otherwise as they finish.

    `cluster` is the address of a Dask scheduler, which has workers of its own. What a worker was doing that was killed
    is done again. TasksLostError, when all others are done, for those that end their workers again and again.
    """
    if not needs_pool(tasks, workers, cluster):
        yield from run_here(worlds, tasks, measure)
        return
    pool = open_pool(worlds, workers, cluster)
    try:
        yield from run_in(pool, tasks, measure)
    finally:
        pool.close()


def needs_pool(tasks: Sequence[Task], workers: int, cluster: str | None) -> bool:
    """Whether tasks are given to other processes at all."""
    return cluster is not None or (workers > 1 and len(tasks) > 1)


def open_pool(worlds: Sequence[Scenario], workers: int, cluster: str | None) -> Pool:
    """The workers that run replications of some worlds, of this machine or of a cluster; to be closed in the end."""
    return LocalPool(worlds, workers) if cluster is None else DaskPool(worlds, cluster)


def run_here(
    worlds: Sequence[Scenario], tasks: Sequence[Task], measure: Measure[Result]
) -> Iterator[tuple[Task, Result]]:
    """The result of each task in turn, in this process."""
    for world, replication in tasks:
        yield (world, replication), measure(worlds[world], replicate(worlds[world], replication), replication)


def run_in(pool: Pool, tasks: Sequence[Task], measure: Measure[Result]) -> Iterator[tuple[Task, Result]]:
    """The results of tasks of an open pool as they finish; tasks that were with a worker that died again, singly."""
    todo, alone, lost = deque(tasks), deque[Task](), list[Task]()
    kills: Counter[Task] = Counter()
    pending: dict[Future[Result], Task] = {}
    while todo or alone or pending:
        if alone and not pending:
            task = alone.popleft()
            pending[pool.submit(task, measure)] = task
        while todo and not alone and not _is_tried_alone(pending, kills) and len(pending) < 2 * pool.size:
            task = todo.popleft()
            pending[pool.submit(task, measure)] = task
        done, _ = wait(pending, return_when=FIRST_COMPLETED)
        broken: list[Task] = []
        for future in done:
            task = pending.pop(future)
            fault = future.exception()
            if isinstance(fault, BrokenExecutor):
                broken.append(task)
            elif fault is not None and type(fault).__name__ == KILLED:
                # A cluster has tried it again by itself.
                lost.append(task)
            else:
                kills.pop(task, None)
                yield task, future.result()
        if broken:
            broken += pending.values()
            pending.clear()
            pool.restart()
            for task in broken:
                # Of several at once nobody knows which it was.
                kills[task] += len(broken) == 1
                (lost if kills[task] >= MOST_KILLS else alone).append(task)
    if lost:
        raise TasksLostError(sorted(lost))


def _is_tried_alone(pending: dict[Future[Result], Task], kills: Counter[Task]) -> bool:
    return any(task in kills for task in pending.values())
