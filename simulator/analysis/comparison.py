"""Worlds side by side, which meet the same applicants with the same luck: what differs between them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from math import isfinite

import numpy as np

from simulator.analysis.figures import (
    default_rates,
    loss_rates,
    possible_difference,
    product_measures,
    times_of,
    within_days,
)
from simulator.analysis.intervals import NO_CASES, TOO_FEW, Estimate, around, estimate, mean
from simulator.analysis.measure import ProductMeasures
from simulator.analysis.rounds import WorldResult
from simulator.analysis.targets import Reached
from simulator.analysis.warm_up import WarmUp
from simulator.scenario.load import AS_STATED, LoadedScenario, ScenarioFile, compared_worlds, open_scenario
from simulator.scenario.model import World
from simulator.scenario.names import Text
from simulator.texts import told


@dataclass(frozen=True)
class Difference:
    """How much more of a measure world b has than world a, replication by replication."""

    a: str
    b: str
    measure: str
    estimate: Estimate
    paired: bool
    drawn_in_both: int = 0
    drawn_only_in_a: int = 0
    drawn_only_in_b: int = 0
    pairing_gain: float | None = None
    """How many times as many replications it would take with other luck in each world, for the same interval."""


@dataclass
class Comparison:
    """The worlds compared and the differences of each from the first."""

    worlds: list[WorldResult]
    asked: Text | None = None
    """What is to be found out."""
    charts: Sequence[str] = ()
    """Charts that answer the question, by name."""
    told: Sequence[Text] = ()
    """What a reader of the results has to know of the worlds and of what is not in them."""
    complete: bool = True
    """False when it was interrupted: every world then has the same, smaller number of replications."""
    precision: Sequence[Reached] = ()
    """What was reached of the precision asked for."""
    name: Text | None = None
    """What the comparison is called, where its file says so."""
    warm_up: WarmUp | None = None
    """The warm-up, where it was found by a pilot; the scenarios of the worlds have it."""

    @property
    def question(self) -> str:
        """What is to be found out, in the language spoken; nothing where nobody asks."""
        return self.asked.said() if self.asked is not None else ""

    @property
    def about(self) -> str:
        """What has to be known of the worlds, in the language spoken."""
        return told(*(" ".join(text.said().split()) for text in self.told))

    @property
    def replications(self) -> int:
        """Replications of each world."""
        return min(len(world.replications) for world in self.worlds)

    def differences(self) -> list[Difference]:
        """Differences of every world from that against which it is set, the first by default.

        Of one measure the intervals of all worlds hold together.
        """
        by_label = {world.label: world for world in self.worlds}
        pairs = [(by_label[world.against or self.worlds[0].label], world) for world in self.worlds]
        pairs = [(first, other) for first, other in pairs if first is not other]
        family = sum(len(_product_pairs(first, other)) for first, other in pairs)
        return [each for first, other in pairs for each in _differences(first, other, family)]


def comparison_of(references: Sequence[str], sets: Sequence[str] = (), variants: Sequence[str] = ()) -> Comparison:
    """The worlds that files name, not run yet: each as stated and in all its variants, or those of a comparison file.

    With them the question of the first file that asks one, the charts that answer it, and what comparison files say of
    themselves.
    """
    worlds: list[WorldResult] = []
    asked: Text | None = None
    charts, abouts = list[str](), list[Text]()
    name: Text | None = None
    for reference in references:
        file = open_scenario(reference)
        if file.is_comparison:
            stated = file.variant()
            listed = zip(stated.scenario.compare, compared_worlds(stated, sets), strict=True)
            worlds += [
                WorldResult(each, label or label_of(each), against=world.against, name=_name_of(world, each))
                for world, (label, each) in listed
            ]
            if stated.scenario.about:
                abouts.append(stated.scenario.about)
        else:
            chosen = _chosen(open_scenario(reference, sets), variants, alone=len(references) == 1)
            worlds += [world_result(each) for each in chosen]
            stated = chosen[0]
        asked = asked or stated.scenario.question
        name = stated.scenario.name if len(references) == 1 else None
        charts += [chart for chart in stated.scenario.charts if chart not in charts]
    return Comparison(distinct_worlds(worlds), asked, charts, abouts, name=name)


def _chosen(file: ScenarioFile, variants: Sequence[str], *, alone: bool) -> list[LoadedScenario]:
    """The scenario as stated; with it the variants named, or all of them where the file stands alone."""
    if not variants:
        return file.all_variants() if alone else [file.variant()]
    named = [name for name in dict.fromkeys(variants) if alone or name in file.variant_names]
    return [file.variant(name) for name in dict.fromkeys([AS_STATED, *named])]


def world_result(loaded: LoadedScenario) -> WorldResult:
    """A world that nobody gave a label, not run yet."""
    return WorldResult(loaded, label_of(loaded), name=_name_of_variant(loaded))


def label_of(loaded: LoadedScenario) -> str:
    """Name of a world in tables and charts: the scenario's id, with its variant."""
    return loaded.id if loaded.variant == AS_STATED else f"{loaded.id}: {loaded.variant}"


def _name_of(world: World, loaded: LoadedScenario) -> Text | None:
    """What a comparison file calls a world, or, where it gives neither label nor name, what its variant is called."""
    return world.name if world.name or world.label else _name_of_variant(loaded)


def _name_of_variant(loaded: LoadedScenario) -> Text | None:
    """What a variant's world is called: the scenario's id, with the variant's name, or its key where it has none."""
    if loaded.variant == AS_STATED:
        return None
    name = loaded.variant_name or Text(en=loaded.variant, zh=loaded.variant)
    return Text(en=f"{loaded.id}: {name.english}", zh=f"{loaded.id}：{name.said('zh')}")


def distinct_worlds(worlds: Iterable[WorldResult]) -> list[WorldResult]:
    """Worlds with labels of their own: a second one of the same name is numbered."""
    seen: dict[str, int] = {}
    distinct = []
    for world in worlds:
        seen[world.label] = seen.get(world.label, 0) + 1
        number = seen[world.label]
        distinct.append(world if number == 1 else _numbered(world, number))
    return distinct


def _numbered(world: WorldResult, number: int) -> WorldResult:
    name = world.name
    if name is not None:
        name = Text(en=f"{name.english} ({number})", zh=f"{name.said('zh')}（{number}）")
    return replace(world, label=f"{world.label} ({number})", name=name)


def same_applicants(a: WorldResult, b: WorldResult) -> bool:
    """Whether two worlds meet the same firms at the same times, so that they can be compared firm by firm."""

    def deciding(world: WorldResult) -> list[object]:
        scenario = world.loaded.scenario
        run, applicants = scenario.run, scenario.applicants
        assert run is not None and applicants is not None
        firms = [applicants.arrivals, applicants.population, applicants.correlations, applicants.also]
        return [firms, scenario.calendars, run.seed, run.start, run.arrivals_for, run.warm_up]

    return deciding(a) == deciding(b)


def _product_pairs(a: WorldResult, b: WorldResult) -> list[tuple[int, int]]:
    if len(a.product_names) == len(b.product_names) == 1:
        return [(0, 0)]
    common = [name for name in a.product_names if name in b.product_names]
    return [(a.product_names.index(name), b.product_names.index(name)) for name in common]


FEN_OF_A_LOSS = 2
"""How far the rounding of one loss, and of what comes back of it, can move what a party bears, in fen."""
RATIOS = {"defaults_of_loans": default_rates, "loss_rate": loss_rates}
"""Measures that are ratios of sums over replications."""
ROUNDING = 1e-12
"""Two ratios that are less apart in a replication are equal: the computer rounds each."""
AMOUNTS = ("loss_cny.", "result_cny.", "outstanding_cny.", "firm_cost.by_component.")


def _differences(a: WorldResult, b: WorldResult, family: int) -> list[Difference]:
    paired = same_applicants(a, b)
    found = []
    for first, second in _product_pairs(a, b):
        name_a, name_b = _name(a, first), _name(b, second)
        days = within_days(a.loaded.scenario)
        # Pairs are of the replications that both worlds have; a ratio of sums is one of these alone.
        common = min(len(a.replications), len(b.replications)) if paired else None
        values_a, values_b = (_measures(each[:common], days) for each in (a.product(first), b.product(second)))
        for name in dict.fromkeys([*values_a, *values_b]):
            if name.startswith(AMOUNTS):
                # A party or payer that a world does not have bears nothing there.
                none = (np.zeros(len(each["drawn_cny"])) for each in (values_a, values_b))
                values = [each.get(name, zeros) for each, zeros in zip((values_a, values_b), none, strict=True)]
            elif name in values_a and name in values_b:
                values = [values_a[name], values_b[name]]
            else:
                continue
            if paired and name.endswith(".mean"):
                found.append(_firm_by_firm(a.product(first), b.product(second), name, (name_a, name_b), values, family))
            else:
                less = _less(*values) if paired else None
                if less is not None and name in RATIOS:
                    less = np.where(np.abs(less) < ROUNDING, 0.0, less)
                elif less is not None and "_cny" in name:
                    less = _in_fen(less, a.product(first), b.product(second))
                difference = estimate(less, family) if less is not None else _independent(values[0], values[1], family)
                gain = _gain(values, less) if less is not None else None
                difference = difference.inside(possible_difference(name))
                found.append(Difference(name_a, name_b, name, difference, paired, pairing_gain=gain))
    return found


def _measures(replications: Sequence[ProductMeasures], days: float) -> dict[str, np.ndarray]:
    """Every measure of a product, one entry a replication.

    What is told as a ratio of sums is compared as one, so that the difference is that of the two figures told; a mean
    of the replications' own rates is not compared.
    """
    found = product_measures(replications, days)
    del found["default_rate"]
    return found | {name: parts(replications) for name, parts in RATIOS.items()}


def _name(world: WorldResult, number: int) -> str:
    return world.label if len(world.product_names) == 1 else f"{world.label} / {world.product_names[number]}"


def _less(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """b - a, replication by replication."""
    common = min(len(a), len(b))
    with np.errstate(invalid="ignore"):
        return np.asarray(b[:common] - a[:common])


def _in_fen(less: np.ndarray, a: Sequence[ProductMeasures], b: Sequence[ProductMeasures]) -> np.ndarray:
    """Differences of amounts in CNY, exact to the fen; all zero where they come of rounding alone.

    Each party's part of a loss, and of what comes back of it, is rounded to the fen: two agreements by which it bears
    the same may give it a fen more of one loss and a fen less of the next.
    """
    fen = np.rint(less * 100)
    rounding = [FEN_OF_A_LOSS * max(one.defaults, other.defaults) for one, other in zip(a, b, strict=False)]
    return fen / 100 if (np.abs(fen) > rounding).any() else np.zeros_like(fen)


def _gain(values: Sequence[np.ndarray], differences: Sequence[float] | np.ndarray) -> float | None:
    """How much pairing gains: the variance of a difference of independent worlds over that of the paired one."""
    known = [each[~np.isnan(each)] for each in (*values, np.asarray(differences))]
    if any(len(each) < 2 or not np.isfinite(each).all() for each in known):
        return None
    a, b, paired = (float(each.var(ddof=1)) for each in known)
    return (a + b) / paired if paired else None


def _independent(a: np.ndarray, b: np.ndarray, family: int) -> Estimate:
    """Mean of b - a of independent runs (Welch's interval)."""
    known = [values[~np.isnan(values)] for values in (a, b)]
    if not all(len(values) and np.isfinite(values).all() for values in known):
        return Estimate(None, note=NO_CASES)
    value = float(known[1].mean() - known[0].mean())
    if min(len(values) for values in known) < 2:
        return Estimate(value, note=TOO_FEW)
    parts = [values.var(ddof=1) / len(values) for values in known]
    if sum(parts) == 0:
        return Estimate(value, value, value)
    freedom = sum(parts) ** 2 / sum(part**2 / (len(values) - 1) for part, values in zip(parts, known, strict=True))
    return around(value, float(np.sqrt(sum(parts))), freedom, family)


def _firm_by_firm(
    a: list[ProductMeasures],
    b: list[ProductMeasures],
    name: str,
    worlds: tuple[str, str],
    means: Sequence[np.ndarray],
    family: int,
) -> Difference:
    """Difference of a mean time over the applicants that have it in both worlds, with the counts of the others.

    `means` are those of each world, one entry a replication.
    """
    values, both, only_a, only_b = [], 0, 0, 0
    for first, second in zip(a, b, strict=False):
        times_a, times_b = _finite_times(first, name), _finite_times(second, name)
        common = times_a.keys() & times_b.keys()
        values.append(mean(np.array([times_b[case] - times_a[case] for case in sorted(common)])))
        both += len(common)
        only_a += len(times_a) - len(common)
        only_b += len(times_b) - len(common)
    gain = _gain(means, values)
    return Difference(*worlds, name, estimate(values, family), True, both, only_a, only_b, gain)


def _finite_times(measures: ProductMeasures, name: str) -> dict[int, float]:
    """Finite times by applicant, of a measure such as `turnaround_days.mean` or `clocks.T2.mean`."""
    times = times_of(measures)[name.removesuffix(".mean")]
    return {
        case: days for case, days in zip(measures.applicants.tolist(), times.tolist(), strict=True) if isfinite(days)
    }
