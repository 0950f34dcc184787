"""Which rules keep firms out of a world: of each the share of all applicants that fail it first."""

from __future__ import annotations

from typing import Any

from simulator.analysis.eligibility import rule_in_words, spoken
from simulator.analysis.evidence import EvidenceOf
from simulator.analysis.first_failures import TOO_SMALL
from simulator.analysis.rounds import WorldResult
from simulator.scenario.applicants import CONDITION_TESTS, Condition
from simulator.scenario.model import Product
from simulator.texts import say

LEAST_SHARE = 0.005
"""Rules that fewer fail are not worth a word."""
MOST_WORDS = 3



def refused_by(world: WorldResult) -> list[tuple[str, float]]:
    """Rules of a world's first product with the share of applicants of all replications that fail each first.

    The most frequent come first; what nobody fails is left out.
    """
    arrived = sum(measured.arrived for measured in world.replications)
    counts = {rule: sum(measured.refused[rule] for measured in world.replications) for rule in world.detail.refused}
    return sorted(((rule, count / arrived) for rule, count in counts.items() if count), key=lambda each: -each[1])


def refusal_said(product: Product, rule: str) -> str:
    """What a firm does not fulfil that `refused_by` names."""
    return say("amount large enough") if rule == TOO_SMALL else _shortened(rule, product.eligibility[rule])


def refusals(world: WorldResult, mark: str = "") -> list[tuple[float, str]]:
    """The same in words; `mark` is set after the words of a rule that is an assumption."""
    product, key = _first_product(world), world.product_names[0]
    evidence = EvidenceOf(world.loaded)

    def marked(rule: str) -> str:
        places = [("amount", "at_least")] if rule == TOO_SMALL else _tests(rule, product.eligibility[rule])
        known = [evidence.of(("products", key, *place)) for place in places]
        return mark if any(each is not None and each[1].assumed for each in known) else ""

    return [(share, refusal_said(product, rule) + marked(rule)) for rule, share in refused_by(world)]


def refusals_summary(world: WorldResult) -> list[dict[str, Any]]:
    """For summary.json: every rule, in words, and its share."""
    product = _first_product(world)
    return [{"rule": rule, "words": refusal_said(product, rule), "share": share} for rule, share in refused_by(world)]


def _first_product(world: WorldResult) -> Product:
    return next(iter(world.loaded.scenario.products.values()))


def _shortened(name: str, condition: Condition) -> str:
    """A rule in words; of a long list of words only how many there are."""
    count = len(condition.one_of or [])
    if count > MOST_WORDS:
        return say("{property} one of {count} named", property=spoken(name), count=count)
    return rule_in_words(name, condition)


def _tests(name: str, condition: Condition) -> list[tuple[str, ...]]:
    """Where each test of a rule stands in a product."""
    return [("eligibility", name, test) for test in CONDITION_TESTS if getattr(condition, test) is not None]
