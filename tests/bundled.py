"""The bundled scenarios, each read once for all tests of a process."""

from __future__ import annotations

from functools import cache, lru_cache

from simulator.analysis.measure import Measured, measure
from simulator.experiment.replication import replicate
from simulator.scenario.load import AS_STATED, LoadedScenario, ScenarioFile, open_scenario
from simulator.scenario.resolve import bundled_files
from simulator.workflow.world import Happened

FILES = bundled_files()
COMPARISONS = [name for name, path in FILES.items() if path.parent.name == "comparisons"]
PRODUCTS = [name for name, path in FILES.items() if path.parent.name.startswith("case")]


@cache
def opened(name: str) -> ScenarioFile:
    """A bundled file."""
    return open_scenario(name)


@cache
def bundled(name: str, variant: str = AS_STATED) -> LoadedScenario:
    """A bundled file as stated, or in one of its variants."""
    return opened(name).variant(variant)


def worlds_in(name: str) -> tuple[LoadedScenario, ...]:
    """A bundled file as stated and in all its variants."""
    return tuple(bundled(name, variant) for variant in (AS_STATED, *opened(name).variant_names))


@lru_cache(maxsize=12)
def happened(name: str, replication: int) -> Happened:
    """What happens in one replication of a bundled file as stated."""
    return replicate(bundled(name).scenario, replication)


@cache
def measured(name: str, replications: int) -> list[Measured]:
    """The first replications of a bundled file as stated."""
    scenario = bundled(name).scenario
    return [measure(scenario, happened(name, number), number) for number in range(1, replications + 1)]
