"""What is set side by side in a chart: the products of the worlds compared, each with its name and colour."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from simulator.charts.labels import cut, distinct, shown
from simulator.charts.palette import MOST_SERIES, WORLD_COLOURS, WORLD_LINES, WORLD_MARKERS, Line
from simulator.scenario.flow import steps_of
from simulator.scenario.model import Product, Run, Scenario
from simulator.scenario.references import desk_names

if TYPE_CHECKING:
    from simulator.analysis.comparison import Comparison
    from simulator.analysis.measure import ProductMeasures
    from simulator.analysis.rounds import WorldResult
    from simulator.workflow.world import Happened

LONGEST_LABEL = 60


@dataclass(frozen=True)
class Series:
    """One product of one world; `place` decides its colour and line in every chart.

    Beyond the last colour they begin again: charts that tell worlds apart by colour show no more than there are.
    """

    world: WorldResult
    number: int
    label: str
    place: int

    @property
    def colour(self) -> str:
        """Its colour."""
        return WORLD_COLOURS[self.place % len(WORLD_COLOURS)]

    @property
    def line(self) -> Line:
        """Its line style, for readers in grey."""
        return WORLD_LINES[self.place % len(WORLD_LINES)]

    @property
    def marker(self) -> str:
        """Its mark, for readers in grey."""
        return WORLD_MARKERS[self.place % len(WORLD_MARKERS)]

    @property
    def scenario(self) -> Scenario:
        """The scenario of its world."""
        return self.world.loaded.scenario

    @property
    def run(self) -> Run:
        """The experiment."""
        assert self.scenario.run is not None
        return self.scenario.run

    @property
    def product(self) -> Product:
        """Its product."""
        return list(self.scenario.products.values())[self.number]

    @property
    def measures(self) -> list[ProductMeasures]:
        """What was measured, one entry a replication."""
        return self.world.product(self.number)

    @property
    def happened(self) -> Happened:
        """The full record of replication 1."""
        assert self.world.detail.detail is not None
        return self.world.detail.detail


def series_of(comparison: Comparison, most: int = MOST_SERIES) -> list[Series]:
    """The products of all worlds in order, up to as many as can be told apart by their colours.

    A chart that needs no colours for them may ask for more.
    """
    return _all_series(comparison)[:most]


def _all_series(comparison: Comparison) -> list[Series]:
    found = [(world, number) for world in comparison.worlds for number in range(len(world.product_names))]
    labels = distinct(cut(_label(comparison, world, number), LONGEST_LABEL) for world, number in found)
    return [Series(world, number, labels[place], place) for place, (world, number) in enumerate(found)]


def _label(comparison: Comparison, world: WorldResult, number: int) -> str:
    names = list(world.loaded.scenario.products.items())
    product = shown(names[number][0], names[number][1].name)
    label = shown(world.label, world.loaded.scenario.name)
    if len(names) == 1:
        return label
    return product if len(comparison.worlds) == 1 else f"{label} / {product}"


def worlds_in(series: Sequence[Series]) -> list[Series]:
    """One entry a world, named after it: for what its products share, such as desks."""
    first = {id(each.world): each for each in reversed(series)}
    several = len(first) > 1
    return [
        Series(each.world, each.number, shown(each.world.label) if several else "", each.place)
        if len(each.world.product_names) > 1
        else each
        for each in sorted(first.values(), key=lambda each: each.place)
    ]


def setting_of(comparison: Comparison, series: Sequence[Series], *, replications: bool = True, pilot: int = 0) -> str:
    """The subtitle's common part: names of the worlds, replications or those of a pilot, period of arrivals."""
    names = [cut(each.label, 45) for each in series]
    parts = [" against ".join(names) if len(names) <= 3 else f"{len(names)} designs"]
    if pilot:
        parts.append("pilot of " + _count(pilot, "replication"))
    elif replications:
        parts.append(_count(comparison.replications, "replication"))
    else:
        parts.append(f"replication 1 of {comparison.replications}")
    periods = {(each.run.start, each.run.arrivals_for) for each in series}
    if len(periods) == 1:
        start, length = periods.pop()
        parts.append(f"applications of {length} from {start}")
    if not comparison.complete:
        parts.append("interrupted run")
    return " · ".join(part for part in parts if part)


def notes_of(
    comparison: Comparison, series: Sequence[Series], concerned: Callable[[Series], bool] = lambda one: True
) -> list[str]:
    """What has to be said below every chart: worlds left out, calendars that are a projection.

    `concerned`: whether a chart has anything to show of a world; the others are not missed.
    """
    notes = []
    shown_here = {(id(each.world), each.number) for each in series}
    missing = [each for each in _all_series(comparison) if (id(each.world), each.number) not in shown_here]
    rest = [each.label for each in missing if concerned(each)]
    if rest:
        more = f" and {len(rest) - 5} more" if len(rest) > 5 else ""
        notes.append("Not shown: " + ", ".join(cut(name, 40) for name in rest[:5]) + more + ".")
    if any(hours.calendar == "projected" for each in series for hours in each.scenario.calendars.values()):
        notes.append("Projected calendar: years without a published table have statutory holidays only.")
    return notes


def names_of(comparison: Comparison) -> set[str]:
    """Every name of the worlds that can appear in a chart."""
    names = set()
    for world in comparison.worlds:
        scenario = world.loaded.scenario
        names |= {world.label, *scenario.parties, *desk_names(scenario), *scenario.products, *scenario.quotas}
        for product in scenario.products.values():
            names |= {step.title for step in steps_of(product.flow)}
            agreement = product.risk_sharing
            names |= {*agreement.funds, *agreement.limits, *agreement.rates, *agreement.bearers()}
    return names


def _count(number: int, thing: str) -> str:
    return f"{number:,} {thing}" + ("" if number == 1 else "s")
