"""The firm that is matched: out of a file, or an example of a scenario by name."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from simulator.analysis.eligibility import Value
from simulator.errors import PledgesimError, did_you_mean, listed
from simulator.scenario.attributes import Attribute
from simulator.scenario.example_world import all_examples, named_in_part, named_like
from simulator.scenario.examples import Example
from simulator.scenario.firm_file import firm_of_tree, is_firm_file, read_firm
from simulator.scenario.load import LoadedScenario, load
from simulator.scenario.names import Text
from simulator.scenario.source import Node

BASE = "shanghai"
"""The bundled base, whose applicants' properties a firm's file may tell."""


@dataclass(frozen=True)
class KnownFirm:
    """A firm with what is told of it; `served_in` is the scenario whose product it is known to have had."""

    name: Text
    told: Mapping[str, Value]
    where: str
    served_in: str = ""
    served_by: str | None = None


def find_firm(reference: str, worlds: Sequence[LoadedScenario]) -> KnownFirm:
    """The firm of a file, or an example firm of the worlds or of any bundled scenario, by key or name, or a part of
    one that no other firm has.

    PledgesimError for an unknown name, ScenarioError for mistakes in the file.
    """
    if is_firm_file(reference):
        read = read_firm(reference, _populations(worlds))
        return KnownFirm(read.name or Text(en=Path(reference).stem), read.firm, reference)
    examples: list[tuple[str, str, Example]] = []
    # The other bundled scenarios are read only where the worlds that are asked for have no such firm.
    for source in (partial(_examples_of, worlds), all_examples):
        examples += source()
        for scenario, key, example in examples:
            if named_like({key: example}, reference) is not None:
                return _known(scenario, example)
    first = {key: (scenario, example) for scenario, key, example in reversed(examples)}
    part = named_in_part({key: example for key, (_, example) in first.items()}, reference)
    if part is not None:
        return _known(*first[part])
    names = [name for _, key, each in examples for name in (each.name.en, each.name.zh, key) if name]
    known = dict.fromkeys(f"{key} ({scenario})" for scenario, key, _ in examples)
    found = f"no example firm '{reference}'{did_you_mean(reference, names)}"
    there = f"example firms: {listed(known, 40)}" if known else "there are no example firms"
    raise PledgesimError(f"{found}\n    {there}; or name a file such as firm.yaml")


def firm_told(tree: Node, worlds: Sequence[LoadedScenario]) -> KnownFirm:
    """The firm of a tree of the form of a firm's file; ScenarioError for mistakes in it."""
    read = firm_of_tree(tree, _populations(worlds))
    return KnownFirm(read.name or Text(en="firm"), read.firm, "as told")


def _populations(worlds: Sequence[LoadedScenario]) -> list[Mapping[str, Attribute]]:
    """Properties that a firm can have: those of the base, then those of the worlds."""
    scenarios = (load(BASE).scenario, *(world.scenario for world in worlds))
    return [scenario.applicants.population for scenario in scenarios if scenario.applicants is not None]


def _known(scenario: str, example: Example) -> KnownFirm:
    return KnownFirm(example.name, example.firm, f"{scenario}, {example.source.said()}", scenario, example.product)


def _examples_of(worlds: Sequence[LoadedScenario]) -> list[tuple[str, str, Example]]:
    return [(world.id, key, each) for world in worlds for key, each in world.scenario.examples.items()]
