"""Running scenarios, one or several side by side."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import closing, nullcontext
from os import PathLike

from simulator.analysis.comparison import Comparison, comparison_of, distinct_worlds, world_result
from simulator.analysis.precision import FEWEST, MOST, run_until_precise
from simulator.analysis.rounds import Keeping, WorldResult, run_worlds
from simulator.analysis.targets import read_target
from simulator.api.given import refuse_unless_hours, refuse_unless_runnable, refuse_unless_whole, texts_of
from simulator.api.results import Result
from simulator.api.scenarios import Source, scenario_of
from simulator.errors import PledgesimError
from simulator.experiment.store import Store
from simulator.scenario.load import open_scenario
from simulator.scenario.names import Text

Progress = Callable[[int, int], None]


def run(
    scenario: Source,
    *,
    replications: int | None = None,
    workers: int = 1,
    precision: str | Sequence[str] = (),
    max_replications: int | None = None,
    progress: Progress | None = None,
    store: str | PathLike[str] | None = None,
    cluster: str | None = None,
    limit_hours: float = 1.0,
) -> Result:
    """Run one scenario. Everything is as with `compare`.

    >>> result = simulator.run("C7-F2-online", replications=1)
    >>> result.cases()[["world", "arrived", "drawn"]]
              world  arrived  drawn
    0  C7-F2-online      328     63
    """
    one = scenario_of(scenario).loaded
    comparison = Comparison([world_result(one)], one.scenario.question, one.scenario.charts)
    return _finished(
        comparison, "run", replications, workers, precision, max_replications, progress, store, cluster, limit_hours
    )


def compare(
    *scenarios: Source,
    replications: int | None = None,
    workers: int = 1,
    precision: str | Sequence[str] = (),
    max_replications: int | None = None,
    progress: Progress | None = None,
    store: str | PathLike[str] | None = None,
    cluster: str | None = None,
    limit_hours: float = 1.0,
) -> Result:
    """Run scenarios side by side: worlds that meet the same firms with the same luck, each set against the first.

    One scenario alone is compared as stated with each variant of its file; a comparison such as
    "three-reviews-against-one" stands for the worlds that it lists.

    replications      of each world; by default the scenario's own number
    workers           processes of this machine; more than one in a script needs `if __name__ == "__main__":`
    precision         such as "turnaround.mean 2%": replications are added until half the interval is so narrow, up to
                      `max_replications`
    progress          called with (done, total) after every replication
    store             a file in which finished replications are kept, and from which they are taken the next time
    cluster           address of a Dask scheduler, whose workers are used instead
    limit_hours       work that would take longer on one core is refused with PledgesimError

    An interrupt (Ctrl-C, or the stop button of a notebook) gives the result of the replications finished until then,
    with `complete` False; KeyboardInterrupt where there is none. ScenarioError and PledgesimError say what is wrong.

    >>> scenario = simulator.load("C8-F1")
    >>> result = simulator.compare(scenario, scenario.variant("three reviews"), replications=2)
    >>> result
    <Result of 2 worlds, 2 replications each: C8-F1, C8-F1: three reviews>
    """
    if not scenarios:
        raise PledgesimError("compare needs at least one scenario")
    return _finished(
        _side_by_side(scenarios), "compare",
        replications, workers, precision, max_replications, progress, store, cluster, limit_hours,
    )  # fmt: skip


def _side_by_side(sources: Sequence[Source]) -> Comparison:
    """The worlds of a comparison, as the command line puts them together, not run yet."""
    if all(isinstance(each, str | PathLike) for each in sources):
        return comparison_of([str(each) for each in sources])
    worlds: list[WorldResult] = []
    asked: Text | None = None
    charts, told = list[str](), list[Text]()
    for source in sources:
        if isinstance(source, str | PathLike) and open_scenario(str(source)).is_comparison:
            listed = comparison_of([str(source)])
            worlds += listed.worlds
            asked, charts = asked or listed.asked, [*charts, *listed.charts]
            told += listed.told
            continue
        one = scenario_of(source)
        many = [one, *map(one.variant, one.variants)] if len(sources) == 1 else [one]
        worlds += [world_result(each.loaded) for each in many]
        stated = one.loaded.scenario
        asked = asked or stated.question
        charts += stated.charts
    return Comparison(distinct_worlds(worlds), asked, list(dict.fromkeys(charts)), told)


def _finished(
    comparison: Comparison, called: str, replications: int | None, workers: int, precision: str | Sequence[str],
    most: int | None, progress: Progress | None, store: str | PathLike[str] | None, cluster: str | None,
    limit_hours: float,
) -> Result:  # fmt: skip
    """Run the worlds of a comparison."""
    for name, number in (("replications", replications), ("workers", workers), ("max_replications", most)):
        if number is not None:
            refuse_unless_whole(name, number, 1)
    refuse_unless_hours(limit_hours)
    refuse_unless_runnable(progress, store, cluster)
    targets = [read_target(text) for text in texts_of("precision", precision)]
    if most is not None and not targets:
        raise PledgesimError(f"max_replications={most} must go with precision; without it, give replications")
    tell = progress or (lambda done, total: None)
    kept = closing(Store(str(store))) if store is not None else nullcontext()
    with kept as opened:
        keeping = Keeping(opened)
        if targets:
            comparison.complete = run_until_precise(
                comparison, targets, least=replications or FEWEST, most=most or max(MOST, replications or 0),
                workers=workers, limit_hours=limit_hours, progress=tell, keeping=keeping, cluster=cluster,
            )  # fmt: skip
        else:
            comparison.complete = run_worlds(
                comparison.worlds, replications=replications, workers=workers, limit_hours=limit_hours, progress=tell,
                keeping=keeping, cluster=cluster,
            )  # fmt: skip
    return Result(comparison, called)

