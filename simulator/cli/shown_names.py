"""What worlds, products and parties are called in tables, by their keys in results."""

from __future__ import annotations

from typing import Any

from simulator.analysis.comparison import Comparison
from simulator.analysis.rounds import WorldResult
from simulator.scenario.model import Product, Scenario
from simulator.scenario.spoken_names import product_said, quota_said
from simulator.scenario.spoken_parties import party_of_all_said
from simulator.texts import say


class ShownNames:
    """The names of a comparison in the language spoken; in English they are the keys."""

    def __init__(self, comparison: Comparison) -> None:
        self._worlds = {world.label: world for world in comparison.worlds}
        self._said = {world.label: world.said for world in comparison.worlds}
        for world in comparison.worlds:
            for key in world.product_names:
                self._said[f"{world.label} / {key}"] = _with_product(world, key)

    def rows(self, entries: list[dict[str, Any]], world: str = "label") -> list[str]:
        """A name for each entry, in which `world` names its world: with the product where one world has several."""
        labels = [entry[world] for entry in entries]
        several = len(set(labels)) < len(labels)
        return [self.of(f"{entry[world]} / {entry['product']}" if several else entry[world]) for entry in entries]

    def of(self, key: str) -> str:
        """A world, a product of one (`label / product`), or a difference between two (`b less a`)."""
        if key in self._said:
            return self._said[key]
        b, less, a = key.partition(" less ")
        while less and not (b in self._said and a in self._said):
            more, less, a = a.partition(" less ")
            b = f"{b} less {more}"
        return say("{b} less {a}", b=self._said[b], a=self._said[a]) if less else key

    def scenario(self, entry: dict[str, Any]) -> Scenario:
        """The scenario of an entry's world."""
        return self._worlds[entry["label"]].loaded.scenario

    def product(self, entry: dict[str, Any]) -> Product:
        """The product of an entry."""
        return self.scenario(entry).products[entry["product"]]

    def quotas(self, entries: list[dict[str, Any]]) -> list[dict[str, str]]:
        """What the quotas of each entry are called, by their keys."""
        return [{key: quota_said(self.scenario(entry), key) for key in entry["quotas"]} for entry in entries]

    def party(self, key: str) -> str:
        """A party that stands for those of all worlds."""
        return party_of_all_said((world.loaded.scenario for world in self._worlds.values()), key)


def _with_product(world: WorldResult, key: str) -> str:
    return say("{world} / {product}", world=world.said, product=product_said(world.loaded.scenario, key))
