"""What parties and funds are called where worlds stand side by side, or an agreement's doings are told.

In English by their keys. In Chinese by the scenario's own names; where several worlds give one party different ones,
by the usual word for such a party.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from simulator.scenario.spoken_names import meter_said, party_said
from simulator.texts import language, say

if TYPE_CHECKING:
    from simulator.scenario.model import Product, Scenario


def party_of_all_said(scenarios: Iterable[Scenario], key: str) -> str:
    """A party in several worlds, of which some may not have it."""
    names = {party_said(scenario, key) for scenario in scenarios if key in scenario.parties}
    return names.pop() if len(names) == 1 else say(key, context="party")


def names_said(scenario: Scenario, product: Product) -> dict[str, str]:
    """Parties, funds, limits and rates of a product by their keys; nothing in English, where the keys stand."""
    if language() == "en":
        return {}
    agreement = product.risk_sharing
    meters = (*agreement.funds, *agreement.limits, *agreement.rates)
    parties = (*scenario.parties, *agreement.bearers(), "firm", "outside")
    return {key: meter_said(product, key) for key in meters} | {key: party_said(scenario, key) for key in parties}
