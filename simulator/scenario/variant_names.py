"""What variants are called beside their keys; a scenario keeps its own name in all of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from pydantic import Field, ValidationError

from simulator.errors import Problem, ScenarioError
from simulator.scenario.merge import expand_dotted
from simulator.scenario.messages import problems_of
from simulator.scenario.names import Text
from simulator.scenario.quantities import Model
from simulator.scenario.source import Node


class NamedVariant(Model):
    """What a variant says of itself, beside its changes."""

    name: Text | None = Field(None, description="Name shown of the variant; the scenario keeps its own")


class _Named(Model):
    variants: dict[str, NamedVariant]


def is_of_name(key: str) -> bool:
    """Whether a key of a variant names it, or one of its languages: `name`, `name.zh`."""
    return key.split(".")[0] == "name"


def without_name(change: Node) -> Node:
    """A variant's changes alone."""
    return _with(change, {key: node for key, node in _inside(change).items() if not is_of_name(key)})


def variant_names(variants: Mapping[str, Node]) -> tuple[dict[str, Text], list[Problem]]:
    """The names of those variants that have one, and what is wrong with any."""
    named: dict[str, Node] = {}
    problems: list[Problem] = []
    for key, change in variants.items():
        own = {each: node for each, node in _inside(change).items() if is_of_name(each)}
        try:
            named[key] = expand_dotted(_with(change, own))
        except ScenarioError as error:
            problems += error.problems
    keys = {key: change.place for key, change in named.items()}
    tree = Node("", 0, 0, {"variants": Node("", 0, 0, named, keys)}, {"variants": ("", 0, 0)})
    try:
        found = _Named.model_validate(tree.plain()).variants
    except ValidationError as error:
        return {}, [*problems, *problems_of(error, tree, _Named)]
    return {key: variant.name for key, variant in found.items() if variant.name is not None}, problems


def _inside(change: Node) -> dict[str, Node]:
    assert isinstance(change.value, dict)
    return change.value


def _with(change: Node, kept: dict[str, Node]) -> Node:
    return replace(change, value=kept, keys={key: change.keys[key] for key in kept})
