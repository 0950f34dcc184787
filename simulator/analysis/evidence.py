"""How much of a scenario rests on what evidence, and which assumptions a figure rests on."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from simulator.scenario.evidence import ORIGINS, Covering, Evidence, numbers_in
from simulator.scenario.flow import split_moment, steps_of
from simulator.scenario.load import LoadedScenario
from simulator.scenario.references import desk_names
from simulator.scenario.source import Node
from simulator.scenario.spoken_quantities import range_said
from simulator.texts import phrase


@dataclass(frozen=True)
class Coverage:
    """How many numbers of a scenario have evidence, by origin, and which have none."""

    by_origin: dict[str, int]
    without: list[str]
    assumptions: list[tuple[str, str, str]]
    """Path, why, range of each assumption."""

    @property
    def share(self) -> float:
        """Share of numbers with evidence."""
        covered = sum(self.by_origin.values())
        return covered / max(1, covered + len(self.without))


ORIGINS_SAID = (phrase("published"), phrase("derived"), phrase("assumed"), phrase("setting"))
"""Origins of numbers, as `say` says them."""
WITHOUT_TIME = {"fee", "valuer", "informative", "cover", "cost_per_hour"}
"""What is said of a step or a desk and takes no time."""


def resting_on(loaded: LoadedScenario, number: int, clock: str) -> list[str]:
    """Assumptions that a time rests on: the durations, odds and staff met between the ends of a clock."""
    scenario = loaded.scenario
    product_name = list(scenario.products)[number]
    product = scenario.products[product_name]
    steps = list(steps_of(product.flow))
    titles = [step.title for step in steps]
    first, last = 0, len(steps) - 1
    if clock in product.clocks:
        begins, ends = split_moment(product.clocks[clock].begins)[1], split_moment(product.clocks[clock].ends)[1]
        first, last = titles.index(begins) if begins else 0, titles.index(ends)
    met = steps[first : last + 1]
    desks = desk_names(scenario)
    below: list[tuple[str, ...]] = [("applicants", "arrivals"), ("applicants", "patience")]
    for step in met:
        below += [("stages", step.title), ("products", product_name, "flow", step.title)]
        if step.by in desks:
            party, desk = desks[step.by]
            below.append(("parties", party, "desks", desk))
    evidence = EvidenceOf(loaded)
    found = []
    for path in numbers_in(loaded.plain):
        if WITHOUT_TIME & {*path}:
            continue
        inside = any(path[: len(place)] == place for place in below) or (
            path[:3] == ("products", product_name, "flow") and any(step.title in path for step in met)
        )
        known = evidence.of(path) if inside else None
        if known and known[1].assumed:
            found.append(known[0])
    return list(dict.fromkeys(found))


class EvidenceOf:
    """The evidence of a scenario's numbers.

    What a base says of a number does not vouch for a value that a file (or --set) puts in its place, unless it speaks
    of all such numbers with `*`; a file's own entry goes before one that it inherits.
    """

    def __init__(self, loaded: LoadedScenario) -> None:
        self._loaded = loaded
        self._order = {file: place for place, file in enumerate(loaded.files)}
        entries = loaded.tree.at(["evidence"])
        by_rank: dict[int, dict[str, Evidence]] = {}
        for pattern, entry in loaded.scenario.evidence.items():
            node = entries.at([pattern]) if entries is not None else None
            by_rank.setdefault(self._rank(node.file if node else ""), {})[pattern] = entry
        self._by_rank = {
            rank: (Covering(entries), Covering({p: entry for p, entry in entries.items() if "*" in p}))
            for rank, entries in sorted(by_rank.items(), reverse=True)
        }

    def _rank(self, file: str) -> int:
        return self._order.get(file, 0)

    def of(self, path: tuple[str, ...]) -> tuple[str, Evidence] | None:
        """The entry that covers a number, with its path."""
        value_rank = self._rank(_file_of(self._loaded.tree, path))
        for rank, (entries, of_all) in self._by_rank.items():
            known = (entries if rank >= value_rank else of_all).of(path)
            if known is not None:
                return known
        return None


def _file_of(tree: Node, path: tuple[str, ...]) -> str:
    """The file that gave a number its value, as far as its path can be followed."""
    node = tree
    for part in path:
        inner = node.value
        child: Node | None = None
        if isinstance(inner, dict):
            child = inner.get(part)
        elif isinstance(inner, list):
            titles = ((item.at(["title"]), item) for item in inner)
            child = next((item for title, item in titles if title is not None and title.value == part), None)
            if child is None and part.isdigit() and int(part) < len(inner):
                child = inner[int(part)]
        if child is None:
            break
        node = child
    return node.file


def coverage(loaded: LoadedScenario) -> Coverage:
    """Evidence of every number of a scenario."""
    by_origin = dict.fromkeys(ORIGINS, 0)
    without = []
    assumptions: dict[str, tuple[str, str, str]] = {}
    evidence = EvidenceOf(loaded)
    for path in numbers_in(loaded.plain):
        known = evidence.of(path)
        if known is None:
            without.append(".".join(path))
            continue
        pattern, entry = known
        by_origin[entry.origin] += 1
        if entry.assumed:
            node: Any = loaded.plain["evidence"][pattern]["range"]
            assumptions[pattern] = (pattern, entry.words, range_said(*node))
    return Coverage(by_origin, without, list(assumptions.values()))


def standing_at(plain: Any, pattern: str) -> Any:
    """What a resolved scenario has at the path of an evidence entry; with `*`, all that it stands for, by path."""
    found: dict[tuple[str, ...], Any] = {(): plain}
    for part in pattern.split("."):
        found = {
            (*path, name): inner
            for path, outer in found.items()
            for name, inner in _inside(outer)
            if part in (name, "*")
        }
    if "*" in pattern:
        return {".".join(path): value for path, value in found.items()}
    return next(iter(found.values()), None)


def _inside(value: Any) -> Iterator[tuple[str, Any]]:
    """What is one part of a path further in, as `numbers_in` goes: steps of a flow by their titles."""
    if isinstance(value, dict):
        yield from value.items()
    elif isinstance(value, list):
        for number, item in enumerate(value):
            if isinstance(item, dict | list):
                yield from _inside(item)
            else:
                yield str(number), item


def evidence_summary(loaded: LoadedScenario) -> dict[str, Any]:
    """How many numbers of a world have evidence of which origin, and how many rest on each assumption.

    Numbers of steps that are in no flow decide nothing: they are only counted, and so are assumptions about them alone.
    """
    by_origin, without, unused = dict.fromkeys(ORIGINS, 0), 0, 0
    assumptions: dict[str, int] = {}
    assumed_of_unused = set[str]()
    evidence, steps = EvidenceOf(loaded), _steps_met(loaded)
    for path in numbers_in(loaded.plain):
        known = evidence.of(path)
        if path[0] == "stages" and path[1] not in steps:
            unused += 1
            if known is not None and known[1].assumed:
                assumed_of_unused.add(known[0])
            continue
        if known is None:
            without += 1
            continue
        pattern, entry = known
        by_origin[entry.origin] += 1
        if entry.assumed:
            assumptions[pattern] = assumptions.get(pattern, 0) + 1
    numbers = sum(by_origin.values()) + without
    return {
        "numbers": numbers, "by_origin": by_origin, "without": without,
        "assumed_share": (by_origin["assumed"] + without) / max(1, numbers), "assumptions": assumptions,
        "of_no_flow": {"numbers": unused, "assumptions": len(assumed_of_unused - set(assumptions))},
    }  # fmt: skip


def _steps_met(loaded: LoadedScenario) -> set[str]:
    """Titles of all steps that a world's products have."""
    return {step.title for product in loaded.scenario.products.values() for step in product.all_steps}
