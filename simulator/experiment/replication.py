"""One replication: the same inputs give the same results to the last bit, wherever and in whatever order it runs."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager

from simulator.scenario.model import Scenario
from simulator.streams import Streams
from simulator.workflow.world import Happened, World


def replicate(scenario: Scenario, replication: int) -> Happened:
    """Replication `replication` (from 1) of a scenario."""
    assert scenario.run is not None
    with _no_garbage_collection():
        world = World(scenario, Streams(scenario.run.seed, replication))
        happened = world.happen()
        # Its parts know the world and it knows them: it would stay, with all draws, until Python sweeps up.
        vars(world).clear()
        return happened


@contextmanager
def _no_garbage_collection() -> Iterator[None]:
    """Python's search for cyclic garbage put off: a replication leaves none until its end.

    Every file that waits is a few objects that the search would visit again and again, so that a long queue would cost
    half as much again per case as a short one.
    """
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()
