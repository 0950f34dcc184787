"""A scenario in which one of its worked-example firms applies besides all others."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from simulator.errors import PledgesimError, did_you_mean, listed
from simulator.scenario.examples import Example
from simulator.scenario.load import AS_STATED, LoadedScenario, catalogue, load, load_runnable, node_of, open_scenario


def world_of_example(
    reference: str,
    name: str,
    variant: str = AS_STATED,
    sets: Sequence[str] = (),
    default_at: str | None = None,
) -> tuple[LoadedScenario, str]:
    """The scenario with the example firm as its last applicant, and the firm's key.

    `default_at` makes its loan default on a day, if it runs then. Where the firm applies in the scenario anyway, it
    does not do so twice, and defaults as said there unless told otherwise. PledgesimError for an unknown firm.
    """
    loaded = load_runnable(reference, variant, sets)
    key = find_example(loaded, name)
    plain: dict[str, Any] = loaded.plain["examples"][key]
    besides: list[dict[str, Any]] = loaded.plain["applicants"].get("also") or []
    itself = [each for each in besides if each.get("name") == plain["name"]]
    default_at = default_at or next((each["default_at"] for each in itself if each.get("default_at")), None)
    firm = {
        "at": plain["applies"],
        "name": plain["name"],
        "known_eligible": True,
        "attributes": plain["firm"],
        **({"product": plain["product"]} if plain.get("product") else {}),
        **({"default_at": default_at} if default_at is not None else {}),
    }
    also = [*(each for each in besides if each not in itself), firm]
    overlay = node_of({"applicants": {"also": also}}, f"example {key}")
    return open_scenario(reference, sets, overlay).variant(variant), key


def find_example(loaded: LoadedScenario, name: str) -> str:
    """The key of an example firm, by its key or by its name in either language."""
    examples = loaded.scenario.examples
    key = named_like(examples, name)
    if key is not None:
        return key
    known = [*examples, *(text for each in examples.values() for text in (each.name.en, each.name.zh) if text)]
    found = f"{loaded.id} has no example firm '{name}'{did_you_mean(name, known)}"
    if examples:
        raise PledgesimError(f"{found}\n    example firms of {loaded.id}: {listed(examples)}")
    elsewhere = [f"{firm} ({scenario})" for scenario, firm, _ in all_examples()]
    raise PledgesimError(f"{found}\n    {loaded.id} has none; there are: {listed(elsewhere, 30)}")


def named_like(examples: dict[str, Example], name: str) -> str | None:
    """The key of the example that has a name, whatever its capitals."""
    wanted = name.casefold()
    for key, example in examples.items():
        if wanted in {each.casefold() for each in (key, example.name.en, example.name.zh) if each}:
            return key
    return None


def all_examples() -> list[tuple[str, str, Example]]:
    """Every example firm of the bundled scenarios: scenario, key, firm; each where it is told first."""
    found: dict[str, tuple[str, str, Example]] = {}
    for entry in catalogue():
        if entry["kind"] in ("product", "contrast"):
            for key, example in load(entry["id"]).scenario.examples.items():
                found.setdefault(key, (entry["id"], key, example))
    return list(found.values())
