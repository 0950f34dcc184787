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
from simulator.scenario.spoken_names import product_said
from simulator.scenario.spoken_quantities import span_said
from simulator.texts import say, say_count

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
    scenario = world.loaded.scenario
    names = list(scenario.products.items())
    product = shown(product_said(scenario, names[number][0]), names[number][1].name)
    label = shown(world.said, scenario.name)
    if len(names) == 1:
        return label
    return product if len(comparison.worlds) == 1 else f"{label} / {product}"


def worlds_in(series: Sequence[Series]) -> list[Series]:
    """One entry a world, named after it: for what its products share, such as desks."""
    first = {id(each.world): each for each in reversed(series)}
    several = len(first) > 1
    return [
        Series(each.world, each.number, shown(each.world.said) if several else "", each.place)
        if len(each.world.product_names) > 1
        else each
        for each in sorted(first.values(), key=lambda each: each.place)
    ]


def setting_of(comparison: Comparison, series: Sequence[Series], *, replications: bool = True, pilot: int = 0) -> str:
    """The subtitle's common part: names of the worlds, replications or those of a pilot, period of arrivals."""
    names = [cut(each.label, 45) for each in series]
    parts = [say(" against ").join(names) if len(names) <= 3 else say("{count} designs", count=len(names))]
    if pilot:
        parts.append(say_count("pilot of {n} replication", "pilot of {n} replications", pilot))
    elif replications:
        parts.append(say_count("{n} replication", "{n} replications", comparison.replications))
    else:
        parts.append(say("replication 1 of {count}", count=comparison.replications))
    periods = {(each.run.start, each.run.arrivals_for) for each in series}
    if len(periods) == 1:
        start, length = periods.pop()
        parts.append(say("applications of {length} from {start}", length=span_said(length), start=start))
    if not comparison.complete:
        parts.append(say("interrupted run"))
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
        names = say(", ").join(cut(name, 40) for name in rest[:5])
        notes.append(
            say("Not shown: {names} and {count} more.", names=names, count=len(rest) - 5)
            if len(rest) > 5
            else say("Not shown: {names}.", names=names)
        )
    if any(hours.calendar == "projected" for each in series for hours in each.scenario.calendars.values()):
        notes.append(say("Projected calendar: years without a published table have statutory holidays only."))
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
