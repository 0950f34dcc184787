"""What is set side by side in a report: the products of the worlds, each with a letter, a colour and its names."""

from __future__ import annotations

from dataclasses import dataclass
from string import ascii_uppercase

from markupsafe import Markup

from simulator.charts.palette import WORLD_COLOURS, WORLD_LINES
from simulator.report.figures import pointer
from simulator.report.results import Results, World
from simulator.report.words import clean, isolated, name
from simulator.scenario.model import Product, Scenario
from simulator.scenario.spoken_names import product_said


@dataclass(frozen=True)
class Design:
    """One entry of `results` in summary.json."""

    place: int
    world: World
    product_key: str
    said: str
    alone: bool
    """Nothing stands beside it, so that it needs no letter."""

    @property
    def letter(self) -> str:
        """What stands for it in charts: A, B ... Z, AA."""
        more, last = divmod(self.place, len(ascii_uppercase))
        return (ascii_uppercase[more - 1] if more else "") + ascii_uppercase[last]

    @property
    def colour(self) -> int:
        """The place of its colour, which another design may have after the last."""
        return self.place % len(WORLD_COLOURS)

    @property
    def dashes(self) -> str:
        """How its line is broken, for readers in grey."""
        line = WORLD_LINES[self.colour]
        return "" if isinstance(line, str) else " ".join(f"{each * 1.6:g}" for each in line[1])

    @property
    def html(self) -> Markup:
        """Its letter and its name."""
        return self.tag + name(self.said)

    @property
    def tag(self) -> Markup:
        """Its letter on its colour."""
        if self.alone:
            return Markup("")
        return Markup('<span class="tag c{}">{}</span> ').format(self.colour, self.letter)

    @property
    def text(self) -> str:
        """Its letter and its name where there are no tags."""
        return isolated(self.said) if self.alone else f"{self.letter} {isolated(self.said)}"

    @property
    def plain(self) -> str:
        """Its name for a spreadsheet."""
        return clean(self.said)

    @property
    def scenario(self) -> Scenario:
        """The scenario of its world."""
        return self.world.loaded.scenario

    @property
    def product(self) -> Product:
        """Its product."""
        return self.scenario.products[self.product_key]

    def at(self, *keys: str | int) -> str:
        """The place of one of its figures in summary.json."""
        return pointer("results", self.place, *keys)


def designs_of(results: Results) -> list[Design]:
    """Every product of every world, in the order of summary.json."""
    by_label = {world.label: world for world in results.worlds}
    entries = results.summary["results"]
    count = {label: sum(entry["label"] == label for entry in entries) for label in by_label}
    found = []
    for place, entry in enumerate(entries):
        world = by_label[entry["label"]]
        product = product_said(world.loaded.scenario, entry["product"])
        said = world.said
        if count[world.label] > 1:
            said = product if len(results.worlds) == 1 else f"{world.said} / {product}"
        found.append(Design(place, world, entry["product"], said, len(entries) == 1))
    return found
