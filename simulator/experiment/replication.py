"""One replication: the same inputs give the same results to the last bit, wherever and in whatever order it runs."""

from __future__ import annotations

from simulator.scenario.model import Scenario
from simulator.streams import Streams
from simulator.workflow.world import Happened, World


def replicate(scenario: Scenario, replication: int) -> Happened:
    """Replication `replication` (from 1) of a scenario."""
    assert scenario.run is not None
    return World(scenario, Streams(scenario.run.seed, replication)).happen()
