"""What a product takes as a pledge, in words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from simulator.analysis.eligibility import spoken
from simulator.scenario.attributes import Attribute
from simulator.scenario.model import Product
from simulator.texts import phrase, say

_REGISTERED = {
    "patent": (phrase("patents"),),
    "trademark": (phrase("marks"),),
    "patent and trademark": (phrase("patents"), phrase("marks")),
    "copyright": (phrase("copyrights"),),
    "receivable": (phrase("fees of a licence"),),
}
"""What is said for each `of` of a registration."""
_VALUED = {
    "patent_value": "patents",
    "trademark_value": "marks",
    "licence_fees": "fees of a licence",
    "property_value": phrase("real estate"),
}
"""What is said for the properties of the bundled base that are the value of a pledge."""


def pledges_in_words(product: Product, population: Mapping[str, Attribute]) -> str:
    """`patents`, `marks`, `patents and marks`, `patents or marks`, `fees of a licence`, `real estate` or `nothing`.

    Rights that are registered each by a step of its own are all needed; of those that one step registers for a value
    summed over several, a firm pledges what it has. Without a registration nothing is pledged.
    """
    kinds = [step.of for step in product.all_steps if step.kind.name == "pledge registration"]
    if not kinds:
        return say("nothing", context="at all")
    words = [word for kind in kinds if kind is not None for word in _REGISTERED[kind]]
    if None in kinds:
        valued = dict.fromkeys(_valued(product.pledged, population))
        if not words:
            return say(" or ").join(map(say, valued))
        words += valued
    return say(" and ").join(map(say, dict.fromkeys(words)))


def _valued(name: str, population: Mapping[str, Attribute]) -> Iterable[str]:
    attribute = population.get(name)
    if attribute is not None and attribute.sum is not None:
        for part in attribute.sum:
            yield from _valued(part, population)
    elif attribute is not None and attribute.is_for_each and name not in _VALUED:
        yield spoken(attribute.of or name)
    else:
        yield _VALUED.get(name, spoken(name))
