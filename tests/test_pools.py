"""Replications in other processes and on a cluster: the same to the last bit, whoever is killed meanwhile."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import Future
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path
from typing import Any

import pytest
from spoken import Command

import simulator
from simulator.errors import PledgesimError
from simulator.experiment import pools, run
from simulator.experiment.pools import DaskPool, Task
from simulator.experiment.run import MOST_KILLS, TasksLostError, run_tasks
from simulator.scenario.load import load

pytestmark = pytest.mark.whole

SOURCES = str(Path(simulator.__file__).parent.parent)
SMALL = ["--set", "run.arrivals_for=4 months"]


class Watched:
    """A pool whose workers die of some tasks, so many times; `started` is what was given to them."""

    size = 2

    def __init__(self, deadly: dict[Task, int], fault: type[Exception] = BrokenProcessPool) -> None:
        self.deadly, self.fault = dict(deadly), fault
        self.started: list[Task] = []
        self.at_work: dict[Task, Future[Any]] = {}
        self.restarts = 0

    def submit(self, task: Task, measure: Any) -> Future[Any]:
        self.started.append(task)
        future: Future[Any] = Future()
        self.at_work[task] = future
        if self.deadly.get(task, 0):
            self.deadly[task] -= 1
            # All that are at work die with it.
            for each in self.at_work.values():
                if not each.done():
                    each.set_exception(self.fault("died"))
        elif task[1] != 99:
            future.set_result(task)
        return future

    def restart(self) -> None:
        self.restarts += 1
        self.at_work.clear()

    def close(self) -> None:
        self.at_work.clear()


def spread(pool: Watched, tasks: list[Task]) -> list[Task]:
    return [task for task, _ in run.run_in(pool, tasks, lambda *asked: None)]


def test_what_a_killed_worker_was_doing_is_done_again() -> None:
    tasks = [(0, number) for number in range(1, 9)]
    pool = Watched({(0, 3): 1})
    assert sorted(spread(pool, tasks)) == tasks and pool.restarts == 1


def test_a_task_that_ends_its_workers_again_and_again_is_named_and_all_others_are_done() -> None:
    tasks = [(0, number) for number in range(1, 9)]
    pool, found = Watched({(0, 3): 100, (0, 6): 100}), []
    with pytest.raises(TasksLostError) as error:
        for task, _ in run.run_in(pool, tasks, lambda *asked: None):
            found.append(task)
    assert error.value.tasks == ((0, 3), (0, 6))
    assert sorted(found) == [task for task in tasks if task not in error.value.tasks]
    # By itself it is tried so many times, and once or twice together with others.
    assert MOST_KILLS <= pool.started.count((0, 3)) <= MOST_KILLS + 2


def test_a_task_that_a_cluster_has_given_up_is_named() -> None:
    class KilledWorker(Exception):
        """As Dask calls it."""

    pool = Watched({(0, 2): 1}, KilledWorker)
    found = []
    with pytest.raises(TasksLostError) as error:
        for task, _ in run.run_in(pool, [(0, 1), (0, 2), (0, 3)], lambda *asked: None):
            found.append(task)
    assert error.value.tasks == ((0, 2),) and sorted(found) == [(0, 1), (0, 3)]
    assert pool.restarts == 0


def test_another_fault_of_a_task_is_not_taken_for_a_death() -> None:
    with pytest.raises(ZeroDivisionError):
        spread(Watched({(0, 2): 1}, ZeroDivisionError), [(0, 1), (0, 2)])


def dies_once(scenario: Any, happened: Any, replication: int) -> tuple[int, int]:
    """Kill the process at the first try of replication 2."""
    if replication == 2 and not os.path.exists("tried"):
        Path("tried").touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return replication, len(happened.firms)


def dies_always(scenario: Any, happened: Any, replication: int) -> int:
    """Kill the process at every try of replication 2."""
    if replication == 2:
        os.kill(os.getpid(), signal.SIGKILL)
    return replication


@pytest.mark.skipif(sys.platform == "win32", reason="signals of this kind are POSIX's")
def test_processes_that_are_killed_lose_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([SOURCES, str(Path(__file__).parent)]))
    scenario = load("C8-F1", sets=["run.arrivals_for=4 months"]).scenario
    tasks = [(0, number) for number in range(1, 5)]
    found = dict(run_tasks([scenario], tasks, dies_once, workers=2))
    assert Path("tried").exists()
    assert found == dict(run_tasks([scenario], tasks, dies_once))


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="signals of this kind are POSIX's")
def test_a_replication_that_kills_its_processes_ends_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([SOURCES, str(Path(__file__).parent)]))
    scenario = load("C8-F1", sets=["run.arrivals_for=4 months"]).scenario
    tasks = [(0, number) for number in range(1, 7)]
    found = []
    with pytest.raises(TasksLostError) as error:
        found += [number for _, number in run_tasks([scenario], tasks, dies_always, workers=2)]
    assert error.value.tasks == ((0, 2),)


said = Command().said


def test_a_replication_that_cannot_be_run_is_named_and_the_others_are_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    def losing(worlds: Any, tasks: Any, measure: Any) -> Iterator[Any]:
        yield from run_tasks(worlds, [task for task in tasks if task != (0, 3)], measure)
        raise TasksLostError([(0, 3)])

    monkeypatch.setattr("simulator.analysis.rounds.run_here", losing)
    done = said("run", "C8-F1", "-n", "5", "--json", "--workers", "1", *SMALL)
    assert done.exit_code == 130
    assert done.stderr == "replication 3 of C8-F1: its workers died again and again; it is given up\n"
    assert json.loads(done.stdout)["results"][0]["replications"] == 2
    monkeypatch.setattr("simulator.analysis.rounds.run_here", lambda *asked: _lost_at_once())
    done = said("run", "C8-F1", "-n", "5", "--json", "--workers", "1", *SMALL)
    assert (done.exit_code, done.stdout) == (2, "") and "replication 1 of C8-F1: its workers died" in done.stderr


def _lost_at_once() -> Iterator[Any]:
    raise TasksLostError([(0, 1)])
    yield


# A cluster


def test_where_no_scheduler_answers_it_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pools, "ANSWERS_WITHIN", "300ms")
    done = said("run", "C8-F1", "--dask", f"tcp://127.0.0.1:{free_port()}")
    assert done.exit_code == 2 and "no scheduler answers" in done.stderr
    assert said("run", "C8-F1", "--dask", "a b").exit_code == 2
    assert "give one of the two" in said("run", "C8-F1", "--dask", "tcp://x:1", "--workers", "2").stderr
    assert "leave it out with --applicant" in said("run", "C8-F1", "--applicant", "x", "--dask", "tcp://x:1").stderr


def test_without_the_package_it_is_told_how_to_have_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(PledgesimError, match="pip install 'pledgesim\\[dask\\]'"):
        DaskPool([], "tcp://x:1")


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port: int = found.getsockname()[1]
        return port


@pytest.fixture
def cluster() -> Iterator[tuple[str, list[subprocess.Popen[str]]]]:
    """The address of a scheduler on loopback with two workers, and the workers."""
    port = free_port()
    address = f"tcp://127.0.0.1:{port}"
    environment = {**os.environ, "PYTHONPATH": SOURCES}

    def program(*words: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, "-m", *words], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, text=True,
            start_new_session=True, env=environment,
        )  # fmt: skip

    scheduler = program("distributed.cli.dask_scheduler", "--host", "127.0.0.1", "--port", str(port), "--no-dashboard")
    worker = ("distributed.cli.dask_worker", address, "--nworkers", "1", "--nthreads", "1", "--no-dashboard")
    workers = [program(*worker) for _ in range(2)]
    wait_for(address, 2)
    yield address, workers
    for process in (*workers, scheduler):
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def wait_for(address: str, workers: int) -> None:
    from distributed import Client

    with Client(address, timeout="60s", set_as_default=False) as client:
        client.wait_for_workers(workers, timeout=60)


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="signals of this kind are POSIX's")
def test_a_cluster_gives_the_same_although_a_worker_is_killed(cluster: Any, tmp_path: Path) -> None:
    address, workers = cluster
    words = ["compare", "C8-F1", "--variant", "three reviews", "-n", "60", *SMALL]
    said(*words, "--workers", "1", "--out", str(tmp_path / "one"))
    said(*words, "--workers", "2", "--out", str(tmp_path / "two"))
    told: list[int] = []

    class Killing:
        """Kills a worker of the cluster half-way."""

        def __enter__(self) -> Any:
            return self.tell

        def __exit__(self, *fault: object) -> None:
            return None

        def tell(self, done: int, total: int) -> None:
            if done == total // 2 and not told:
                told.append(done)
                os.killpg(workers[0].pid, signal.SIGKILL)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("simulator.cli.progress.progress", lambda what: Killing())
        done = said(*words, "--dask", address, "--out", str(tmp_path / "cluster"))
    assert done.exit_code == 0 and told == [60]
    workers[0].wait(timeout=30)
    summaries = {(tmp_path / name / "summary.json").read_bytes() for name in ("one", "two", "cluster")}
    assert len(summaries) == 1


@pytest.mark.slow
def test_workers_of_another_version_are_refused(cluster: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    address, _ = cluster
    monkeypatch.setattr(pools, "_computes_with", lambda: {"numpy": "0.9", "code": "abc"})
    done = said("run", "C8-F1", "-n", "4", "--dask", address)
    assert done.exit_code == 2 and "a worker of the cluster has another version: numpy" in done.stderr


@pytest.mark.skipif(not hasattr(signal, "pthread_sigmask"), reason="signals cannot be held back on Windows")
def test_ctrl_c_while_processes_start_is_heard_when_they_have_started() -> None:
    heard = []

    def start_and_interrupt() -> None:
        with pools._interrupts_left_to_the_parent():
            os.kill(os.getpid(), signal.SIGINT)
            heard.append("not yet")

    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        with pytest.raises(KeyboardInterrupt):
            start_and_interrupt()
    finally:
        signal.signal(signal.SIGINT, before)
    assert heard == ["not yet"] and signal.SIGINT not in signal.pthread_sigmask(signal.SIG_BLOCK, [])
