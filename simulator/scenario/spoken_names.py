"""What the named things of a scenario are called in the language spoken.

In English by their keys, which are what files and tables say; in Chinese by the Chinese name that the scenario gives,
or that of the stage library or the usual word for such a party, or else by the key.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from simulator.scenario.stage_kinds import STAGE_KINDS
from simulator.texts import language, phrase, say

if TYPE_CHECKING:
    from simulator.scenario.flow import Step
    from simulator.scenario.load import LoadedScenario
    from simulator.scenario.model import Product, Scenario
    from simulator.scenario.names import Text

USUAL_PARTIES = (
    phrase("bank", context="party"), phrase("guarantor", context="party"), phrase("re-guarantor", context="party"),
    phrase("insurer", context="party"), phrase("reinsurer", context="party"), phrase("appraiser", context="party"),
    phrase("district", context="party"), phrase("districts", context="party"), phrase("city", context="party"),
    phrase("province", context="party"),
    phrase("fund", context="party"), phrase("government", context="party"), phrase("licensee", context="party"),
    phrase("operator", context="party"), phrase("platform", context="party"), phrase("exchange", context="party"),
    phrase("association", context="party"), phrase("park", context="party"),
    phrase("managing company", context="party"), phrase("firm", context="party"), phrase("outside", context="party"),
)  # fmt: skip
"""Usual keys of parties and other payers."""


def called(key: str, name: Text | None) -> str:
    """What a thing is called that has this key and, perhaps, names."""
    return (name.zh if name is not None and language() == "zh" else "") or key


def step_said(step: Step) -> str:
    """A step of a flow or of its servicing."""
    if language() == "zh" and step.name is None and step.title in STAGE_KINDS:
        return STAGE_KINDS[step.title].zh
    return called(step.title, step.name)


def party_called(key: str, name: Text | None) -> str:
    """A party or another payer that has this key and, perhaps, names; in Chinese the usual word where it has none."""
    said = called(key, name)
    return say(key, context="party") if said == key else said


def party_said(scenario: Scenario, key: str) -> str:
    """A party or another payer, such as `firm` and `outside`, in one world."""
    party = scenario.parties.get(key)
    return party_called(key, party.name if party is not None else None)


def desk_said(scenario: Scenario, key: str) -> str:
    """A desk, by what a step calls it: `bank loan officer`; or the party, where a step names only that."""
    for party_key, party in scenario.parties.items():
        for own, desk in party.desks.items():
            if f"{party_key} {own}" == key:
                return called(key, desk.name)
    return party_said(scenario, key)


def product_said(scenario: Scenario, key: str) -> str:
    """A product."""
    return called(key, scenario.products[key].name if key in scenario.products else None)


def clock_said(product: Product, key: str) -> str:
    """A clock of a product."""
    return called(key, product.clocks[key].name if key in product.clocks else None)


def meter_said(product: Product, key: str) -> str:
    """A fund, a limit or a rate of a product's agreement."""
    agreement = product.risk_sharing
    for named in (agreement.funds, agreement.limits, agreement.rates):
        if key in named:
            return called(key, named[key].name)
    return key


def quota_said(scenario: Scenario, key: str) -> str:
    """A quota."""
    return called(key, scenario.quotas[key].name if key in scenario.quotas else None)


def subsidy_said(scenario: Scenario, key: str) -> str:
    """A subsidy."""
    return called(key, scenario.policy[key].name if key in scenario.policy else None)


def charge_said(product: Product, key: str) -> str:
    """A charge of a product's price."""
    charges = product.price.charges
    return called(key, charges[key].name if key in charges else None)


def variant_said(loaded: LoadedScenario) -> str:
    """The variant of a world."""
    return called(loaded.variant, loaded.variant_name)


def property_said(scenario: Scenario, key: str) -> str:
    """A property of firms."""
    known = scenario.applicants.population if scenario.applicants is not None else {}
    return called(key, known[key].name if key in known else None)


def word_said(scenario: Scenario, key: str, word: str) -> str:
    """A word that a property of firms can be, such as an industry."""
    known = scenario.applicants.population if scenario.applicants is not None else {}
    return called(word, known[key].names.get(word) if key in known else None)
