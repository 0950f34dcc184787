"""A scenario in which one of its worked-example firms applies besides all others."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from typing import Any

from simulator.errors import PledgesimError, ScenarioError, did_you_mean, listed
from simulator.scenario.examples import Example
from simulator.scenario.load import LoadedScenario, catalogue, check_tree, load, node_of


def world_of_example(loaded: LoadedScenario, name: str, default_at: str | None = None) -> tuple[LoadedScenario, str]:
    """The scenario with the example firm as its last applicant and without a warm-up, and the firm's key.

    `default_at` makes its loan default on a day, if it runs then. Where the firm applies in the scenario anyway, it
    does not do so twice, and defaults as said there unless told otherwise. PledgesimError for an unknown firm, or one
    that cannot apply in this run.
    """
    key = find_example(loaded, name)
    plain: dict[str, Any] = loaded.plain["examples"][key]
    besides: list[dict[str, Any]] = loaded.plain["applicants"].get("also") or []
    itself = [each for each in besides if each.get("name") == plain["name"]]
    default = default_at if default_at is not None else next((each.get("default_at") for each in itself), None)
    firm = {
        "at": plain["applies"],
        "name": plain["name"],
        "known_eligible": True,
        "attributes": plain["firm"],
        **({"product": plain["product"]} if plain.get("product") else {}),
        **({"default_at": default} if default is not None else {}),
    }
    also = [*(each for each in besides if each not in itself), firm]
    whole = {
        **loaded.plain,
        "applicants": {**loaded.plain["applicants"], "also": also},
        "run": {**loaded.plain["run"], "warm_up": None},
    }
    try:
        return check_tree(node_of(whole, f"example {key}"), loaded.path, loaded.variant), key
    except ScenarioError as error:
        told = "; ".join(dict.fromkeys(problem.found for problem in error.problems))
        option = f" with --default-at {default_at}" if default_at is not None else ""
        raise PledgesimError(f"the example firm '{key}' cannot be run in {loaded.id}{option}: {told}") from None


def find_example(loaded: LoadedScenario, name: str) -> str:
    """The key of an example firm, by its key or by its name in either language, or a part of one that no other has."""
    examples = loaded.scenario.examples
    key = named_like(examples, name) or named_in_part(examples, name)
    if key is not None:
        return key
    known = [*examples, *(text for each in examples.values() for text in (each.name.en, each.name.zh) if text)]
    found = f"{loaded.id} has no example firm '{name}'{did_you_mean(name, known)}"
    if examples:
        raise PledgesimError(f"{found}\n    example firms of {loaded.id}: {listed(examples)}")
    elsewhere = [f"{firm} ({scenario})" for scenario, firm, _ in all_examples()]
    raise PledgesimError(f"{found}\n    {loaded.id} has none; there are: {listed(elsewhere, 30)}")


LEAST_PART = 2
"""Characters of a name by which it is found."""


def named_in_part(examples: Mapping[str, Example], name: str) -> str | None:
    """The key of the one example with a name that contains `name`, or is contained in it, whatever the capitals.

    Latin letters and digits count as whole words only. None where several examples have such a name.
    """
    wanted = name.strip().casefold()
    found = [
        key
        for key, example in examples.items()
        if any(_holds_part(wanted, each.casefold()) for each in (key, example.name.en, example.name.zh) if each)
    ]
    return found[0] if len(found) == 1 else None


def _holds_part(one: str, other: str) -> bool:
    part, whole = sorted((one, other), key=len)
    edges = r"(?<![a-z0-9]){}(?![a-z0-9])"
    return len(part) >= LEAST_PART and re.search(edges.format(re.escape(part)), whole) is not None


def named_like(examples: dict[str, Example], name: str) -> str | None:
    """The key of the example that has a name, whatever its capitals."""
    wanted = name.casefold()
    for key, example in examples.items():
        if wanted in {each.casefold() for each in (key, example.name.en, example.name.zh) if each}:
            return key
    return None


@cache
def all_examples() -> list[tuple[str, str, Example]]:
    """Every example firm of the bundled scenarios: scenario, key, firm; each where it is told first."""
    found: dict[str, tuple[str, str, Example]] = {}
    for entry in catalogue():
        if entry["kind"] in ("product", "contrast"):
            for key, example in load(entry["id"]).scenario.examples.items():
                found.setdefault(key, (entry["id"], key, example))
    return list(found.values())
