"""What a value of a scenario is called by its path in Chinese: whose it is, and the word for what it is."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from simulator.scenario.spoken_names import charge_said, desk_said, meter_said, party_said, product_said, quota_said
from simulator.texts import language, phrase, say

if TYPE_CHECKING:
    from simulator.scenario.model import Scenario

LAST_WORDS = (
    phrase("staff", context="path"), phrase("work", context="path"), phrase("elapsed", context="path"),
    phrase("share", context="path"), phrase("balance", context="path"), phrase("limit", context="path"),
    phrase("interest", context="path"), phrase("rate", context="path"), phrase("tenor", context="path"),
    phrase("correlation", context="path"), phrase("annual default rate", context="path"),
    phrase("claim after", context="path"), phrase("haircut", context="path"), phrase("cost", context="path"),
    phrase("time", context="path"), phrase("seed", context="path"), phrase("per working day", context="path"),
    phrase("arrivals for", context="path"), phrase("amount requested", context="path"),
)  # fmt: skip
"""Last parts of paths that are often swept, in words."""


def paths_said(scenario: Scenario, paths: Sequence[str], names: Sequence[str]) -> list[str]:
    """What paths are called in the language spoken: their `names` in English, and where two would be called alike."""
    said = [_said(scenario, path.split(".")) or name for path, name in zip(paths, names, strict=True)]
    if language() == "en" or len(set(said)) < len(said):
        return list(names)
    return said


def _said(scenario: Scenario, parts: Sequence[str]) -> str:
    """Whose the value is, and what it is; nothing where neither has a word of its own."""
    whose, rest = _whose(scenario, parts)
    what = (rest or ["share"])[-1].replace("_", " ")
    said = say(what, context="path")
    if whose:
        return say("{whose}: {value}", whose=whose, value=said)
    return said if said != what else ""


def _whose(scenario: Scenario, parts: Sequence[str]) -> tuple[str, Sequence[str]]:
    """The desk, party, quota, meter or charge whose value it is, as it is called, and the parts after it."""
    match parts:
        case ["parties", party, "desks", desk, *rest]:
            key = f"{party} {desk}"
            said = desk_said(scenario, key)
            return (said if said != key else f"{party_said(scenario, party)} {desk}"), rest
        case ["parties", party, *rest]:
            return party_said(scenario, party), rest
        case ["quotas", quota, *rest]:
            return quota_said(scenario, quota), rest
        case ["products", product, *rest]:
            return _of_product(scenario, product, rest)
    return _of_product(scenario, "*", parts)


def _of_product(scenario: Scenario, key: str, parts: Sequence[str]) -> tuple[str, Sequence[str]]:
    product = scenario.products.get(key) or next(iter(scenario.products.values()))
    match parts:
        case ["risk_sharing", "split", party, *rest]:
            return party_said(scenario, party), rest
        case ["risk_sharing", "funds" | "limits" | "rates", meter, *rest]:
            return meter_said(product, meter), rest
        case ["price", "charges", charge, *rest]:
            return charge_said(product, charge), rest
    return (product_said(scenario, key) if key in scenario.products else ""), parts
