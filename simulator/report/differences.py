"""The differences of summary.json, and which of them are beyond the chance of the simulation."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from markupsafe import Markup

from simulator.analysis.comparison import FEWEST_PAIRS
from simulator.report.designs import Design
from simulator.report.figures import Figures, Form, pointer
from simulator.report.results import Results
from simulator.texts import say

FEWEST_DEFAULTS = 10
"""Defaults of a design, all replications together, below which no loss of it is judged, nor its rate told in words."""
Verdict = Literal["more", "less", "equal", "unsure", "few firms", "few defaults", "unknown"]

OF_LOSSES = ("loss_", "default")
"""How the names of measures begin that only a default makes differ."""


@dataclass(frozen=True)
class Difference:
    """How much more of a measure design b has than design a."""

    a: Design
    b: Design
    path: str
    held: str
    """The place of the interval that holds together with those of all other designs."""
    told: dict[str, Any]
    defaults: int | None = None
    """Loans that defaulted under that of the two where fewer did; None of a measure that is not of losses."""

    @property
    def pairs(self) -> int | None:
        """Firms drawn in both designs, over which a mean is compared; None of a measure that is not of single firms."""
        found: int | None = self.told.get("drawn_in_both")
        return found

    @property
    def verdict(self) -> Verdict:
        """More or less where its interval leaves zero out; equal where there is no difference at all.

        Few where it rests on too few firms or defaults to say anything, however narrow its interval.
        """
        if self.pairs is not None and self.pairs < FEWEST_PAIRS:
            return "few firms"
        interval = self.told.get("together") or self.told
        low, high = interval.get("low"), interval.get("high")
        if self.told["value"] is None or low is None or high is None:
            return "equal" if self.told["value"] == 0 else "unknown"
        if low == high == 0:
            return "equal"
        if self.defaults is not None and self.defaults < FEWEST_DEFAULTS:
            return "few defaults"
        return "more" if low > 0 else "less" if high < 0 else "unsure"

    @property
    def beyond_chance(self) -> bool:
        """Whether the two differ by more than the chance of the simulation."""
        return self.verdict in ("more", "less")

    def shown(self, figures: Figures, form: Form) -> Markup:
        """The difference with its interval: `12.3 days (10.9 to 13.7)`."""
        form = form.near(self.told["value"])
        value, interval = figures.shown(f"{self.path}/value", form), figures.interval(self.held, form, bare=True)
        return Markup(say("{value} ({interval})")).format(value=value, interval=interval) if interval else value


class Differences:
    """All differences by the design that differs and by measure."""

    def __init__(self, results: Results, designs: list[Design]) -> None:
        named = {_name(design): design for design in designs}
        self._found: dict[tuple[int, str], Difference] = {}
        for number, told in enumerate(results.summary["differences"]):
            if told["a"] in named and told["b"] in named:
                path = pointer("differences", number)
                held = f"{path}/together" if "together" in told else path
                a, b = named[told["a"]], named[told["b"]]
                counts = [defaults_of(results.summary["results"][each.place]) for each in (a, b)]
                of_losses = told["measure"].startswith(OF_LOSSES)
                found = Difference(a, b, path, held, told, min(counts) if of_losses else None)
                self._found.setdefault((found.b.place, told["measure"]), found)

    def of(self, measure: str) -> list[Difference]:
        """Those of one measure, in the order of the designs."""
        return [each for (_, name), each in self._found.items() if name == measure]

    def alike(self, measure: str) -> bool:
        """Whether no design differs at all from the one that it is compared with."""
        found = self.of(measure)
        return bool(found) and all(each.verdict == "equal" for each in found)

    def get(self, design: Design, measure: str) -> Difference | None:
        """That of one design, from the one that it is compared with."""
        return self._found.get((design.place, measure))

    def between(self, a: Design, b: Design, measure: str) -> Difference | None:
        """That of two designs, whichever of them is compared with the other; None where neither is."""
        for one, other in ((a, b), (b, a)):
            found = self.get(one, measure)
            if found is not None and found.a is other:
                return found
        return None

    @property
    def measures(self) -> list[str]:
        """All measures, in the order of the file."""
        return list(dict.fromkeys(name for _, name in self._found))


def defaults_of(entry: dict[str, Any]) -> int:
    """Loans that defaulted in all replications together, of an entry of `results`."""
    return round(float(entry["defaults"]["value"] or 0) * int(entry["replications"]))


def _name(design: Design) -> str:
    """What differences call a design."""
    scenario = design.scenario
    label = design.world.label
    return label if len(scenario.products) == 1 else f"{label} / {design.product_key}"
