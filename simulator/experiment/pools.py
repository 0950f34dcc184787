"""Where replications run besides this process: worker processes of this machine, or the workers of a Dask cluster."""

from __future__ import annotations

import importlib
import multiprocessing
import signal
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor, Future, ProcessPoolExecutor
from contextlib import contextmanager
from multiprocessing import resource_tracker
from typing import Any, Protocol

from simulator.errors import PledgesimError
from simulator.experiment.replication import replicate
from simulator.scenario.model import Scenario
from simulator.versions import engine_digest, versions

Task = tuple[int, int]
"""World and replication, the latter from 1."""
KILLED = "KilledWorker"
"""What Dask calls a task whose workers have died again and again."""
ANSWERS_WITHIN = "10s"

_worlds: Sequence[Scenario] = ()


class Pool(Protocol):
    """Workers that take tasks."""

    size: int
    """About how many tasks they do at once."""

    def submit(self, task: Task, measure: Callable[..., Any]) -> Future[Any]:
        """Give a task to a worker."""

    def restart(self) -> None:
        """Go on with fresh workers, after one has died and the executor with it."""

    def close(self) -> None:
        """Let the workers go; what they have not begun is dropped."""


class LocalPool:
    """Worker processes of this machine."""

    def __init__(self, worlds: Sequence[Scenario], workers: int) -> None:
        self.size, self._worlds = workers, worlds
        self._executor: Executor = self._fresh()

    def _fresh(self) -> Executor:
        # What it starts here with the first process would let Ctrl-C through in the middle of starting it.
        resource_tracker.ensure_running()
        context = multiprocessing.get_context("spawn")
        return ProcessPoolExecutor(
            self.size, mp_context=context, initializer=_set_worlds, initargs=(self._worlds,)
        )

    def submit(self, task: Task, measure: Callable[..., Any]) -> Future[Any]:
        """Give a task to a worker, which knows the worlds already."""
        with _interrupts_left_to_the_parent():
            return self._executor.submit(_one_here, task, measure)

    def restart(self) -> None:
        """Start the processes anew."""
        self._executor.shutdown(wait=False, cancel_futures=True)
        self._executor = self._fresh()

    def close(self) -> None:
        """End the processes."""
        self._executor.shutdown(wait=True, cancel_futures=True)


class DaskPool:
    """The workers of an existing Dask cluster, which have this program installed; PledgesimError where none answers.

    Each world is a task of the cluster itself, so that it is there again when the worker that held it is gone.
    """

    def __init__(self, worlds: Sequence[Scenario], address: str) -> None:
        try:
            distributed: Any = importlib.import_module("distributed")
        except ImportError:
            raise PledgesimError("--dask needs the package 'distributed': pip install 'pledgesim[dask]'") from None
        try:
            self._client: Any = distributed.Client(address, timeout=ANSWERS_WITHIN, set_as_default=False)
        except (OSError, ValueError) as error:
            why = "no scheduler answers" if isinstance(error, OSError) else str(error)
            raise PledgesimError(f"--dask {address}: {why}") from None
        self.size = max(1, sum(self._client.nthreads().values()))
        self._executor: Executor = self._client.get_executor()
        self._worlds: list[Any] = [self._client.submit(_itself, world, pure=False) for world in worlds]
        self._expected = _computes_with()

    def submit(self, task: Task, measure: Callable[..., Any]) -> Future[Any]:
        """Give a task to a worker of the cluster."""
        world, replication = task
        return self._executor.submit(_one_there, self._worlds[world], replication, measure, self._expected)

    def restart(self) -> None:
        """A cluster goes on by itself."""

    def close(self) -> None:
        """Take back what has not been done, and leave the cluster as it was."""
        self._executor.shutdown(wait=False)
        self._client.close()


@contextmanager
def _interrupts_left_to_the_parent() -> Iterator[None]:
    """Processes started meanwhile do not hear Ctrl-C, which a terminal sends to all: the parent winds up alone.

    One that comes meanwhile is heard by the parent afterwards, whichever of its threads it was sent to. Windows has no
    mask that a process hands on, and its processes hear it.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    heard: list[int] = []
    before = signal.signal(signal.SIGINT, lambda number, frame: heard.append(number))
    masked = hasattr(signal, "pthread_sigmask")
    mask = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT}) if masked else set()
    try:
        yield
    finally:
        if masked:
            signal.pthread_sigmask(signal.SIG_SETMASK, mask)
        signal.signal(signal.SIGINT, before)
    if heard and callable(before):
        before(signal.SIGINT, None)


def _set_worlds(worlds: Sequence[Scenario]) -> None:
    global _worlds
    _worlds = worlds


def _one_here(task: Task, measure: Callable[..., Any]) -> Any:
    world, replication = task
    return measure(_worlds[world], replicate(_worlds[world], replication), replication)


def _one_there(scenario: Scenario, replication: int, measure: Callable[..., Any], expected: dict[str, str]) -> Any:
    found = _computes_with()
    other = [f"{name} {found.get(name)}, not {here}" for name, here in expected.items() if found.get(name) != here]
    if other:
        raise PledgesimError(f"a worker of the cluster has another version: {'; '.join(other)}")
    return measure(scenario, replicate(scenario, replication), replication)


def _itself(world: Scenario) -> Scenario:
    return world


def _computes_with() -> dict[str, str]:
    return versions() | {"code": engine_digest()[:12]}
