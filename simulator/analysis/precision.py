"""As many replications as a wanted precision takes: what is asked for, what is reached, how many more are needed."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing

from simulator.analysis.comparison import Comparison
from simulator.analysis.figures import possible, product_measures, within_days
from simulator.analysis.intervals import Estimate, estimate
from simulator.analysis.rounds import Keeping, Rounds, WorldResult
from simulator.analysis.targets import GROWTH, Reached, Target
from simulator.errors import PledgesimError, did_you_mean, listed
from simulator.experiment.estimate import expected_seconds

FEWEST = 10
"""Replications that are run at least; fewer say too little of how far apart they lie."""
MOST = 1_000
"""Replications that are run at most, where nothing else is asked for."""


def run_until_precise(
    comparison: Comparison,
    targets: Sequence[Target],
    *,
    least: int = FEWEST,
    most: int = MOST,
    workers: int = 1,
    limit_hours: float = 1.0,
    progress: Callable[[int, int], None] = lambda done, total: None,
    keeping: Keeping | None = None,
    cluster: str | None = None,
) -> bool:
    """Add replications to all worlds until every measure is as precise as asked for; False when interrupted.

    All worlds have the same number, so that they stay paired. It ends as well with `most` replications, where the next
    ones would take longer than the limit, and where more cannot help since cases stay open. What was reached stands in
    `comparison.precision`. PledgesimError for a measure that no world has. A sequential procedure: A. M. Law,
    Simulation Modeling and Analysis, 5th ed. 2015, section 9.4.1.
    """
    with closing(Rounds(comparison.worlds, workers, progress, keeping, cluster)) as rounds:
        an_hour = 3600 / sum(expected_seconds(world.loaded, 1) for world in comparison.worlds)
        affordable = max(1, int(limit_hours * an_hour))
        # A measure that does not exist is told after one replication, not after all.
        count, complete = 1, rounds.upto(1)
        reached = _reached(comparison, targets)
        upcoming = min(max(least, 2), most, affordable)
        while complete and upcoming > count:
            count, complete = upcoming, rounds.upto(upcoming)
            reached = _reached(comparison, targets)
            open_ = [each for each in reached if not each.met and not each.hopeless]
            wanted = max((each.needed(count) for each in open_), default=count)
            upcoming = min(max(wanted, count + 1) if open_ else count, count * GROWTH, most, affordable)
    comparison.precision = reached
    return complete


def _reached(comparison: Comparison, targets: Sequence[Target]) -> list[Reached]:
    """How precise each target's measure is, in every product of every world or for every difference."""
    figures = [
        (label, estimates_of(world, number))
        for world in comparison.worlds
        for number, label in enumerate(labels_of(world))
    ]
    differences: dict[str, dict[str, Estimate]] = {}
    for each in comparison.differences():
        differences.setdefault(f"{each.b} less {each.a}", {})[each.measure] = each.estimate
    found = []
    for target in targets:
        asked = list(differences.items()) if target.of_differences else figures
        known = dict.fromkeys(name for _, measures in asked for name in measures)
        if target.of_differences and not known:
            raise PledgesimError(f"--precision '{target.text}': there is one world, and so no difference")
        name = full_name(target.measure, known, f"--precision '{target.text}'")
        found += [Reached(target, where, measures[name]) for where, measures in asked if name in measures]
    return found


def labels_of(world: WorldResult) -> list[str]:
    """What each product of a world is called."""
    names = world.product_names
    return [world.label] if len(names) == 1 else [f"{world.label} / {name}" for name in names]


def estimates_of(world: WorldResult, number: int, family: int = 1) -> dict[str, Estimate]:
    """Every measure of a product over the replications, by its name in summary.json; as one of a `family` of worlds."""
    measures = product_measures(world.product(number), within_days(world.loaded.scenario))
    return {name: estimate(values, family, possible(name)) for name, values in measures.items()}


def full_name(measure: str, known: Mapping[str, object], asked: str) -> str:
    """The name of a measure in summary.json, which may be given without its unit: `turnaround.mean`, `loss.total`.

    PledgesimError, which begins with what was `asked`, for one that is not known.
    """
    short = {re.sub(r"_(?:days|cny)(?=\.|$)", "", name): name for name in known}
    name = measure if measure in known else short.get(measure)
    if name is None:
        told = f"{asked}: no measure '{measure}'{did_you_mean(measure, short)}"
        raise PledgesimError(f"{told}\n    allowed here: {listed(short)}")
    return name
