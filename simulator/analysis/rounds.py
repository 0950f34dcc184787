"""Worlds run replication by replication: in rounds, kept in a store, so that whatever is finished can be compared."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace

from simulator.analysis.measure import Measured, ProductMeasures, measure
from simulator.errors import PledgesimError
from simulator.experiment.estimate import refuse_endless
from simulator.experiment.pools import Pool, Task
from simulator.experiment.run import TasksLostError, needs_pool, open_pool, run_here, run_in
from simulator.experiment.store import Store, StoreError, World, decisive_of
from simulator.scenario.load import LoadedScenario
from simulator.scenario.model import Run
from simulator.scenario.names import Text
from simulator.scenario.spoken_names import called


@dataclass
class WorldResult:
    """One world with what was measured in each of its replications, in order."""

    loaded: LoadedScenario
    label: str
    replications: list[Measured] = field(default_factory=list)
    against: str | None = None
    """Label of the world with which it is compared; the first by default."""
    name: Text | None = None
    """What it is called, in several languages; its label where nothing is given."""

    @property
    def said(self) -> str:
        """What it is called in the language spoken; its label in English."""
        return called(self.label, self.name)

    @property
    def detail(self) -> Measured:
        """Replication 1, with its full record."""
        return self.replications[0]

    def product(self, number: int) -> list[ProductMeasures]:
        """Measures of one product, one entry a replication."""
        return [measured.products[number] for measured in self.replications]

    @property
    def product_names(self) -> list[str]:
        """Its products, in the order of the file."""
        return list(self.loaded.scenario.products)


def _told_to_nobody(done: int, total: int) -> None:
    """Progress that nobody asked for."""


def run_worlds(
    worlds: list[WorldResult],
    *,
    replications: int | None = None,
    workers: int = 1,
    limit_hours: float = 1.0,
    progress: Callable[[int, int], None] = _told_to_nobody,
    keeping: Keeping | None = None,
    cluster: str | None = None,
) -> bool:
    """Run all replications of all worlds; False when interrupted, with every finished round kept."""
    counts = [replications or _run_of(world).replications for world in worlds]
    refuse_endless([(world.loaded, count) for world, count in zip(worlds, counts, strict=True)], limit_hours)
    with closing(Rounds(worlds, workers, progress, keeping, cluster)) as rounds:
        return rounds.upto(*counts)


@dataclass
class Keeping:
    """Where finished replications are kept, if anywhere, and what came of it."""

    store: Store | None = None
    taken: int = 0
    """Replications that were there."""
    lost: str = ""
    """Replications that could not be run, since they end their workers."""
    fault: str = ""
    """Why what has been finished since is not kept, where it is not; the run goes on."""
    _worlds: dict[str, World] = field(default_factory=dict)

    def take(
        self, worlds: Sequence[WorldResult], counts: Sequence[int], known: Container[Task]
    ) -> dict[Task, Measured]:
        """The replications that are kept of those asked for and not known yet."""
        found: dict[Task, Measured] = {}
        for number, world in enumerate(worlds) if self.store is not None else ():
            assert self.store is not None
            kept = self._known(world)
            for replication in sorted(self.store.numbers(kept)):
                if replication <= counts[number] and (number, replication) not in known:
                    measured = self.store.get(kept, replication)
                    if measured is not None:
                        found[number, replication] = measured
        self.taken += len(found)
        return found

    def keep(self, world: WorldResult, replication: int, measured: Measured) -> None:
        """Keep a replication, as long as that can be done."""
        if self.store is None or self.fault:
            return
        try:
            self.store.put(self._known(world), replication, measured)
        except StoreError as error:
            self.fault = str(error)

    def _known(self, world: WorldResult) -> World:
        """A world as the store knows it, worked out once."""
        if world.label not in self._worlds:
            self._worlds[world.label] = world_of(world)
        return self._worlds[world.label]


def world_of(world: WorldResult) -> World:
    """A world as a store knows it."""
    loaded = world.loaded
    return World(loaded.id, loaded.variant, _run_of(world).seed, decisive_of(loaded.plain))


class Rounds:
    """Replications of worlds, round by round over the worlds, so that whatever is finished can be compared.

    What has been run is kept when more is asked for.
    """

    def __init__(
        self,
        worlds: Sequence[WorldResult],
        workers: int = 1,
        progress: Callable[[int, int], None] = _told_to_nobody,
        keeping: Keeping | None = None,
        cluster: str | None = None,
        whole: bool = True,
    ) -> None:
        """`cluster` is the address of a Dask scheduler, whose workers are used instead.

        The full record of replication 1 is held if `whole`; tables and charts of single cases need it.
        """
        self._whole = whole
        self._worlds, self._workers, self._progress, self._cluster = worlds, workers, progress, cluster
        self._keeping = keeping or Keeping()
        self._found: dict[Task, Measured] = {}
        self._pool: Pool | None = None

    def close(self) -> None:
        """End the worker processes, or let go of the cluster."""
        if self._pool is not None:
            self._pool.close()

    def upto(self, *counts: int) -> bool:
        """Run so many replications of each world, or as many of all; False when interrupted, finished rounds kept.

        KeyboardInterrupt where no round has been finished.
        """
        asked = counts if len(counts) > 1 else counts * len(self._worlds)
        taken = self._keeping.take(self._worlds, asked, self._found)
        self._found |= taken if self._whole else {task: replace(each, detail=None) for task, each in taken.items()}
        tasks: list[Task] = [
            (number, replication)
            for replication in range(1, max(asked) + 1)
            for number, count in enumerate(asked)
            if replication <= count and (number, replication) not in self._found
        ]
        before, complete = len(self._found), True
        self._progress(before, before + len(tasks))
        try:
            for task, measured in self._run(tasks):
                self._keeping.keep(self._worlds[task[0]], task[1], measured)
                self._found[task] = measured if self._whole else replace(measured, detail=None)
                self._progress(len(self._found), before + len(tasks))
        except KeyboardInterrupt:
            complete = False
        except TasksLostError as error:
            named = ", ".join(f"replication {number} of {self._worlds[world].label}" for world, number in error.tasks)
            self._keeping.lost, complete = f"{named}: its workers died again and again; it is given up", False
        finished = self._finished(asked)
        if not finished and self._keeping.lost:
            raise PledgesimError(self._keeping.lost)
        if not finished:
            raise KeyboardInterrupt
        for number, world in enumerate(self._worlds):
            world.replications = [
                self._found[number, r] for r in range(1, finished + 1) if (number, r) in self._found
            ]
        return complete

    def _run(self, tasks: Sequence[Task]) -> Iterator[tuple[Task, Measured]]:
        """Run tasks, in workers that are kept for the next round."""
        scenarios = [world.loaded.scenario for world in self._worlds]
        if not needs_pool(tasks, self._workers, self._cluster):
            return run_here(scenarios, tasks, measure)
        if self._pool is None:
            self._pool = open_pool(scenarios, self._workers, self._cluster)
        return run_in(self._pool, tasks, measure)

    def _finished(self, counts: Sequence[int]) -> int:
        """Number of replications that are finished in every world that has so many."""
        for replication in range(1, max(counts) + 1):
            for number, count in enumerate(counts):
                if replication <= count and (number, replication) not in self._found:
                    return replication - 1
        return max(counts)


def _run_of(world: WorldResult) -> Run:
    assert world.loaded.scenario.run is not None
    return world.loaded.scenario.run
