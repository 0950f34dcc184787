"""A scenario run again and again with other values."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from contextlib import closing
from itertools import product
from math import prod
from os import PathLike
from typing import TYPE_CHECKING, Any

from simulator.analysis.rounds import Keeping, Rounds, WorldResult
from simulator.analysis.sweep import MOST_POINTS, Over, Point, names_of, swept
from simulator.api.frames import frame_of, html_of, with_interval
from simulator.api.given import (
    refuse_unless_hours,
    refuse_unless_mapping,
    refuse_unless_runnable,
    refuse_unless_text,
    refuse_unless_whole,
    texts_of,
)
from simulator.api.languages import in_language
from simulator.api.pictures import axes_of
from simulator.api.runs import Progress
from simulator.api.scenarios import Scenario, Source, scenario_of
from simulator.errors import PledgesimError
from simulator.experiment.estimate import refuse_endless
from simulator.experiment.store import Store
from simulator.scenario.spoken_paths import paths_said
from simulator.texts import Language, say

if TYPE_CHECKING:
    from pandas import DataFrame


class Sweep:
    """What came out of worlds that differ in a few values."""

    def __init__(
        self, scenario: Scenario, paths: Sequence[str], values: Sequence[Mapping[str, Any]], points: Sequence[Point],
        complete: bool,
    ) -> None:  # fmt: skip
        """Made by `sweep`; `values` are those of each point, by what the paths are called."""
        self._scenario, self._paths, self._values, self._points = scenario, paths, values, points
        self.complete = complete
        """False after an interrupt."""

    @property
    def frame(self) -> DataFrame:
        """A row for each product of each world: the values, then each measure with its 95 % interval.

        Columns are named as in summary.json, such as `turnaround_days.mean`, `turnaround_days.mean_low`. NAME_low and
        NAME_high are of each world by itself.
        """
        return frame_of(
            {
                **values,
                "product": point.product,
                "replications": point.replications,
                **_figures(point),
            }
            for values, point in zip(self._values, self._points, strict=True)
        )

    def chart(self, lang: Language | None = None) -> Any:
        """Each measure over the values, in the language spoken or in `lang`: an array of Axes, shown in a notebook."""
        from simulator.charts.sweep import draw

        with in_language(lang):
            setting = say(
                "{label} · {worlds} worlds · {count} replications each",
                label=self._scenario.label, worlds=len(self._points), count=self._points[0].replications,
            )  # fmt: skip
            names = paths_said(self._scenario.loaded.scenario, self._paths, list(self._values[0]))
            return axes_of("sweep", {"sweep": lambda: draw(self._points, names, setting)})

    def __repr__(self) -> str:
        return f"<Sweep of {self._scenario.label} over {', '.join(self._values[0])}: {len(self._points)} worlds>"

    def _repr_html_(self) -> str:
        return html_of(self.frame)


def _figures(point: Point) -> dict[str, float | None]:
    return {key: each for name, told in point.measures.items() for key, each in with_interval(name, told).items()}


def sweep(
    scenario: Source,
    over: Mapping[str, Sequence[Any]],
    *,
    measures: str | Sequence[str] = (),
    replications: int | None = None,
    workers: int = 1,
    progress: Progress | None = None,
    store: str | PathLike[str] | None = None,
    cluster: str | None = None,
    limit_hours: float = 1.0,
) -> Sweep:
    """Run a scenario with every combination of values of some paths; all worlds meet the same firms and luck.

    `measures` are called as in summary.json, with or without their unit: "turnaround.mean", "loss.by_party.city"; by
    default turnaround, the share drawn in time, the default rate and the loss. PledgesimError for a measure that no
    world has, and for more than 2,000 worlds; ScenarioError for a value that cannot be.

    >>> found = simulator.sweep("C8-F1", {"parties.guarantor.desks.account manager.staff": [2, 3]}, replications=1)
    >>> found.frame[["staff", "turnaround_days.mean"]].round(0).values.tolist()
    [[2.0, 17.0], [3.0, 17.0]]
    """
    one = scenario_of(scenario)
    refuse_unless_mapping("over", over)
    refuse_unless_hours(limit_hours)
    refuse_unless_runnable(progress, store, cluster)
    for name, number in (("replications", replications), ("workers", workers)):
        if number is not None:
            refuse_unless_whole(name, number, 1)
    asked = texts_of("measures", measures)
    for path, values in over.items():
        refuse_unless_text("path", path)
        if isinstance(values, str) or not isinstance(values, Collection) or not len(values):
            raise PledgesimError(f"over['{path}']={values!r} must be a list of at least one value")
    if not over:
        raise PledgesimError("over={} must name at least one path")
    if (count := prod(len(values) for values in over.values())) > MOST_POINTS:
        raise PledgesimError(f"the sweep has {count:,} worlds; at most {MOST_POINTS:,} are run")
    names = names_of(list(over))
    combinations = list(product(*over.values()))
    worlds = []
    for values in combinations:
        label = ", ".join(f"{name}={value}" for name, value in zip(names, values, strict=True))
        worlds.append(WorldResult(one.change(dict(zip(over, values, strict=True)), label).loaded, label))
    run = worlds[0].loaded.scenario.run
    assert run is not None
    wanted = replications or run.replications
    refuse_endless([(world.loaded, wanted) for world in worlds], limit_hours)
    opened = Store(str(store)) if store is not None else None
    tell = progress or (lambda done, total: None)
    try:
        with closing(Rounds(worlds, workers, tell, Keeping(opened), cluster, whole=False)) as rounds:
            complete = rounds.upto(*[wanted] * len(worlds))
    finally:
        if opened is not None:
            opened.close()
    overs = [Over(path, tuple(map(str, values))) for path, values in over.items()]
    points = swept(worlds, [tuple(map(str, values)) for values in combinations], asked, overs)
    of_worlds = [dict(zip(names, values, strict=True)) for values in combinations for _ in one.products]
    return Sweep(one, list(over), of_worlds, points, complete)
