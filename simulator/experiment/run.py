"""Runs the replications of several worlds, here or in worker processes, and hands each result on as it comes."""

from __future__ import annotations

import multiprocessing
import signal
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from contextlib import contextmanager
from typing import TypeVar

from simulator.experiment.replication import replicate
from simulator.scenario.model import Scenario
from simulator.workflow.world import Happened

Result = TypeVar("Result")
Task = tuple[int, int]
"""World and replication, the latter from 1."""
Measure = Callable[[Scenario, Happened, int], Result]
"""What is kept of a replication; a function at the top of a module, so that worker processes can have it."""

_worlds: Sequence[Scenario] = ()


def run_tasks(
    worlds: Sequence[Scenario], tasks: Sequence[Task], measure: Measure[Result], workers: int = 1
) -> Iterator[tuple[Task, Result]]:
    """Yield the measured result of each task; with one worker in order, otherwise as they finish."""
    if workers <= 1 or len(tasks) <= 1:
        for world, replication in tasks:
            yield (world, replication), measure(worlds[world], replicate(worlds[world], replication), replication)
        return
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(workers, mp_context=context, initializer=_set_worlds, initargs=(worlds,)) as pool:
        pending: dict[Future[Result], Task] = {}
        todo = iter(tasks)
        try:
            while True:
                while len(pending) < 2 * workers and (task := next(todo, None)) is not None:
                    with _interrupts_left_to_the_parent():
                        future = pool.submit(_one, task, measure)
                    pending[future] = task
                if not pending:
                    return
                done, _ = wait(pending, return_when=FIRST_COMPLETED)
                for future in done:
                    yield pending.pop(future), future.result()
        finally:
            for future in pending:
                future.cancel()


@contextmanager
def _interrupts_left_to_the_parent() -> Iterator[None]:
    """Processes started meanwhile do not hear Ctrl-C, which a terminal sends to all: the parent winds up alone."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def _set_worlds(worlds: Sequence[Scenario]) -> None:
    global _worlds
    _worlds = worlds


def _one(task: Task, measure: Measure[Result]) -> Result:
    world, replication = task
    return measure(_worlds[world], replicate(_worlds[world], replication), replication)
