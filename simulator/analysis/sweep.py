"""Many worlds that differ in a few values: a grid of them, or a Latin hypercube sample."""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from simulator.analysis.intervals import Estimate
from simulator.analysis.precision import estimates_of, full_name
from simulator.analysis.rounds import WorldResult
from simulator.errors import PledgesimError, ScenarioError
from simulator.scenario.load import AS_STATED, open_scenario
from simulator.scenario.merge import OPTION
from simulator.texts import phrase, say
from simulator.texts.money import cny_of_column, decimals_of_column

MOST_POINTS = 2_000
"""Worlds of one sweep."""
MEASURES = ("turnaround.mean", "drawn_within.share", "default_rate", "loss.total")
"""What is told of each world, where nothing else is asked for; where shares are swept, before it what each bears."""
FORM = "write it like 'parties.bank.desks.reviewer.staff=1,2,3' or 'credit.correlation=0%..30%/4'"
_RANGE = re.compile(r"\s*([-+]?[\d.]+)\s*(\S.*?)?\s*\.\.\s*([-+]?[\d.]+)\s*([^\d\s/][^/]*?)?\s*(?:/\s*(\d+))?\s*")

_NAMED = {
    re.compile(r"loss_cny\.by_party\.(.*)"): phrase("loss of {name}"),
    re.compile(r"result_cny\.(.*)"): phrase("result {name}"),
    re.compile(r"outstanding_cny\.(.*)"): phrase("outstanding {name}"),
    re.compile(r"clocks\.(.*)\.mean"): phrase("clocks {name} mean"),
    re.compile(r"clocks\.(.*)\.p50"): phrase("clocks {name} p50"),
    re.compile(r"clocks\.(.*)\.p90"): phrase("clocks {name} p90"),
    re.compile(r"clocks\.(.*)\.kept"): phrase("clocks {name} kept"),
}
"""Measures that are about something with a name of its own."""


@dataclass(frozen=True)
class Over:
    """What a sweep changes: the values of a path, or a range from which a sample is drawn."""

    path: str
    values: tuple[str, ...] = ()
    ends: tuple[float, float] | None = None
    unit: str = ""
    whole: bool = False
    """Only whole numbers lie in the range."""

    def at(self, place: float) -> str:
        """The value at a place of [0, 1) of the range or of the list."""
        if self.ends is None:
            return self.values[int(place * len(self.values))]
        first, last = self.ends
        if self.whole:
            return _written(first + int(place * (last - first + 1)), self.unit)
        return _written(float(f"{first + place * (last - first):.4g}"), self.unit)


def read_over(text: str, sampled: bool) -> Over:
    """What `--over` asks for; PledgesimError with the form and what was found. A range is given a count, or sampled."""
    path, equals, told = text.partition("=")
    path, told = path.strip(), told.strip()
    if not equals or not path or not told:
        raise PledgesimError(f"--over '{text}' is not of the form; {FORM}")
    match = _RANGE.fullmatch(told)
    if match is None:
        values = tuple(value.strip() for value in _parted(told))
        if not all(values) or len(set(values)) < len(values):
            raise PledgesimError(f"--over '{text}' has an empty value, or one that stands there twice; {FORM}")
        return Over(path, values)
    first, unit, last, other, count = match.groups()
    try:
        ends = float(first), float(last)
    except ValueError:
        raise PledgesimError(f"--over '{text}': the ends of the range are no numbers; {FORM}") from None
    if unit and other and unit != other:
        raise PledgesimError(f"--over '{text}': the range begins in '{unit}' and ends in '{other}'")
    if not ends[0] < ends[1]:
        raise PledgesimError(f"--over '{text}': the range does not rise")
    unit = unit or other or ""
    whole = not unit and "." not in first + last
    if count is None:
        if not sampled:
            raise PledgesimError(f"--over '{text}': a range needs a number of values, or --sample; {FORM}")
        return Over(path, (), ends, unit, whole)
    if int(count) < 2:
        raise PledgesimError(f"--over '{text}': a range has at least 2 values")
    values = tuple(dict.fromkeys(_written(float(each), unit) for each in np.linspace(*ends, int(count))))
    return Over(path, values)


def _parted(text: str) -> list[str]:
    """The parts of a list between commas that stand in no brackets."""
    parts, depth = [""], 0
    for character in text:
        depth += (character in "{[") - (character in "}]")
        if character == "," and not depth:
            parts.append("")
        else:
            parts[-1] += character
    return parts


def _written(number: float, unit: str) -> str:
    text = f"{number:.10g}"
    return f"{text}{'' if unit in ('', '%') else ' '}{unit}"


def points_of(overs: Sequence[Over], sample: int | None, seed: int) -> list[tuple[str, ...]]:
    """The values of each world: all combinations, or so many of a Latin hypercube; PledgesimError for too many.

    Of a sample of n every value has its n equal parts met once each. Source: M. D. McKay, R. J. Beckman, W. J. Conover,
    A comparison of three methods for selecting values of input variables, Technometrics 21(2), 1979.
    """
    paths = [over.path for over in overs]
    if len(set(paths)) < len(paths):
        raise PledgesimError("--over names a path twice; give all its values at once")
    count = sample if sample is not None else int(np.prod([len(over.values) for over in overs]))
    if count > MOST_POINTS:
        raise PledgesimError(f"the sweep has {count:,} worlds, at most {MOST_POINTS:,} are run; try --sample")
    if sample is None:
        return list(itertools.product(*(over.values for over in overs)))
    from scipy.stats import qmc

    drawn = qmc.LatinHypercube(len(overs), seed=np.random.default_rng(seed)).random(sample)
    return [tuple(over.at(float(place)) for over, place in zip(overs, row, strict=True)) for row in drawn]


def names_of(paths: Sequence[str]) -> list[str]:
    """What swept paths are called: by their last parts, as many as it takes to tell them apart."""
    parts = [path.split(".") for path in paths]
    for length in range(1, max(map(len, parts)) + 1):
        names = [".".join(each[-length:]) for each in parts]
        if len(set(names)) == len(names):
            return names
    return list(paths)


def worlds_of(
    file: str,
    variant: str | None,
    sets: Sequence[str],
    overs: Sequence[Over],
    points: Sequence[tuple[str, ...]],
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> list[WorldResult]:
    """A world for each point; PledgesimError with what is wrong with the first that cannot be, and how many cannot."""
    names, faults = names_of([over.path for over in overs]), list[str]()
    worlds = []
    for number, point in enumerate(points):
        progress(number, len(points))
        changes = [f"{over.path}={value}" for over, value in zip(overs, point, strict=True)]
        label = ", ".join(f"{name}={value}" for name, value in zip(names, point, strict=True))
        try:
            loaded = open_scenario(file, [*sets, *changes]).variant(variant or AS_STATED)
        except ScenarioError as error:
            faults.append(f"{error}\n    in the world {label}".replace(f"{OPTION}:", "--over or --set:"))
            continue
        if loaded.scenario.kind not in ("product", "contrast"):
            raise PledgesimError(f"{file} is a {loaded.scenario.kind}; a sweep runs a product or a contrast")
        worlds.append(WorldResult(loaded, label))
    if faults:
        raise PledgesimError(f"{faults[0]}\n{len(faults)} of {len(points)} worlds cannot be run")
    return worlds


@dataclass(frozen=True)
class Point:
    """One product of one world of a sweep: its values, and what was measured."""

    values: tuple[str, ...]
    product: str
    replications: int
    measures: Mapping[str, Estimate]


class Unit(NamedTuple):
    """What a measure is shown in: its name, how much of the measure it is, and decimals."""

    name: str
    scale: float
    digits: int


def unit_of(measure: str) -> Unit:
    """The unit of a measure, by its name in summary.json."""
    if "_cny" in measure:
        return Unit("m CNY", cny_of_column(), decimals_of_column(2))
    if measure.endswith((".share", "_rate", ".kept")):
        return Unit("%", 0.01, 1)
    return Unit("days", 1.0, 1) if "_days" in measure or measure.startswith("clocks.") else Unit("", 1.0, 3)


def title_of(measure: str, called: Mapping[str, str] = {}) -> str:
    """What a measure is called in a table or chart: 'turnaround mean', 'loss of bank'.

    `called` has the names of parties and clocks that are not to be shown by their keys.
    """
    for pattern, text in _NAMED.items():
        found = pattern.fullmatch(measure)
        if found:
            return say(text, name=called.get(found[1], found[1]))
    component = measure.removeprefix("firm_cost.by_component.")
    if component != measure:
        return say("firm cost by component {payment}", payment=say(component))
    return say(re.sub(r"_(?:days|cny)(?=\.|$)", "", measure).replace("_", " ").replace(".", " "))


def swept(
    worlds: Sequence[WorldResult], points: Sequence[tuple[str, ...]], measures: Sequence[str], overs: Sequence[Over]
) -> list[Point]:
    """The measures asked for, or else MEASURES, of every product of every world; PledgesimError for one none has.

    Of one measure the intervals of all worlds hold together.
    """
    family = sum(len(world.product_names) for world in worlds)
    every = [
        (values, name, len(world.replications), estimates_of(world, number, family))
        for world, values in zip(worlds, points, strict=True)
        for number, name in enumerate(world.product_names)
    ]
    known = dict.fromkeys(name for *_, found in every for name in found)
    if not measures:
        shares = any("risk_sharing" in over.path.split(".") for over in overs)
        borne = [name for name in known if name.startswith("loss_cny.by_party.")] if shares else []
        measures = [*borne, *MEASURES]
    names = [full_name(each, known, "--measure") for each in measures]
    missing = Estimate(None, note="this world has no such measure")
    return [
        Point(values, product, count, {name: found.get(name, missing) for name in names})
        for values, product, count, found in every
    ]
