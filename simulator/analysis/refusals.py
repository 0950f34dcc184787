"""Which rules keep firms out of a world: of each the share of all applicants that fail it first."""

from __future__ import annotations

import numpy as np

from simulator.analysis.eligibility import rule_in_words, spoken
from simulator.analysis.evidence import EvidenceOf
from simulator.analysis.rounds import WorldResult
from simulator.scenario.applicants import CONDITION_TESTS, Condition
from simulator.texts import say

LEAST_SHARE = 0.005
"""Rules that fewer fail are not worth a word."""
MOST_WORDS = 3


def refusals(world: WorldResult, mark: str = "") -> list[tuple[float, str]]:
    """Rules of a world's first product with the share of applicants that fail each first, in replication 1.

    The most frequent come first; rules that nobody fails first are left out. `mark` is set after the words of a rule
    that is an assumption.
    """
    happened = world.detail.detail
    assert happened is not None
    key, product = next(iter(world.loaded.scenario.products.items()))
    arrived = world.detail.arrived
    if not arrived:
        return []
    # Firms of the warm-up are simulated, but not counted.
    counted = np.argsort(happened.firms.arrival, kind="stable")[-arrived:]
    failed = happened.rule[counted]
    evidence = EvidenceOf(world.loaded)

    def marked(*places: tuple[str, ...]) -> str:
        known = [evidence.of(("products", key, *place)) for place in places]
        return mark if any(each is not None and each[1].assumed for each in known) else ""

    found = [
        (int((failed == number).sum()) / arrived, _shortened(name, condition) + marked(*_tests(name, condition)))
        for number, (name, condition) in enumerate(product.eligibility.items())
    ]
    nothing = (failed < 0) & (happened.product[counted] < 0)
    found.append((int(nothing.sum()) / arrived, say("amount large enough") + marked(("amount", "at_least"))))
    return sorted((each for each in found if each[0] > 0), key=lambda each: -each[0])


def _shortened(name: str, condition: Condition) -> str:
    """A rule in words; of a long list of words only how many there are."""
    count = len(condition.one_of or [])
    if count > MOST_WORDS:
        return say("{property} one of {count} named", property=spoken(name), count=count)
    return rule_in_words(name, condition)


def _tests(name: str, condition: Condition) -> list[tuple[str, ...]]:
    """Where each test of a rule stands in a product."""
    return [("eligibility", name, test) for test in CONDITION_TESTS if getattr(condition, test) is not None]
