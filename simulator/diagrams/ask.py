"""What a user asks a diagram of: a file, one of its variants, a product, another flow to compare with."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from simulator.diagrams.comparing import Compared, compare, compared_said
from simulator.diagrams.draw import diagram_of, product_of
from simulator.diagrams.model import Diagram
from simulator.errors import PledgesimError, did_you_mean, listed
from simulator.scenario.load import AS_STATED, LoadedScenario, load_runnable, open_scenario
from simulator.scenario.model import Scenario
from simulator.scenario.spoken_names import variant_said
from simulator.texts import say


def asked_diagram(
    file: str,
    variant: str | None = None,
    product: str | None = None,
    sets: Sequence[str] = (),
    against: str | None = None,
) -> Diagram:
    """The diagram of a product, marked with what differs from another flow where one is named.

    PledgesimError for what is not there, with the nearest spelling.
    """
    world = load_runnable(file, variant or AS_STATED, sets)
    other = None if against is None else _other_world(file, against, world, sets)
    return diagram_of_world(world, product_of(world.scenario, product), other)


def diagram_of_world(world: LoadedScenario, key: str, other: LoadedScenario | None = None) -> Diagram:
    """The diagram of one product of a world, marked with what differs from its flow in another world.

    PledgesimError where the other world does not have the product.
    """
    diagram = diagram_of(world.scenario, key, variant_said(world))
    if other is None:
        return diagram
    other_key = _same_product(other.scenario, key)
    other_diagram = diagram_of(other.scenario, other_key, variant_said(other))
    compare(
        Compared(world.scenario.products[key], diagram), Compared(other.scenario.products[other_key], other_diagram)
    )
    name = other_diagram.title
    if _of_one_scenario(world, other):
        name = say("as stated") if other.variant == AS_STATED else variant_said(other)
    parts = [diagram.subtitle, compared_said(diagram, name)]
    diagram.subtitle = " · ".join(filter(None, parts))
    return diagram


def _of_one_scenario(world: LoadedScenario, other: LoadedScenario) -> bool:
    """Whether both are read from one file, or one is a change, made in Python and without a file, of the other."""
    return world.id == other.id and (world.path == other.path or None in (world.path, other.path))


def _same_product(other: Scenario, key: str) -> str:
    """The product of another scenario that has this name, or its only one."""
    if key in other.products or len(other.products) == 1:
        return key if key in other.products else next(iter(other.products))
    found = f"{other.id} has several products and none is called '{key}'"
    raise PledgesimError(f"{found}; there are: {listed(other.products)}")


def _other_world(file: str, against: str, world: LoadedScenario, sets: Sequence[str]) -> LoadedScenario:
    """A variant of the same file, the file as stated, or another file."""
    opened = open_scenario(file, sets)
    if against in (AS_STATED, *opened.variant_names):
        return opened.variant(against)
    refuse_misspelt_variant(world.id, against, opened.variant_names)
    return load_runnable(against)


def refuse_misspelt_variant(scenario: str, asked: str, variants: Sequence[str]) -> None:
    """PledgesimError for what is no file, and nearly the name of a variant."""
    near = did_you_mean(asked, variants)
    if near and not Path(asked).exists():
        told = f"{scenario} has no variant '{asked}'{near}, and there is no such file"
        raise PledgesimError(f"{told}; variants: {listed(variants)}")
