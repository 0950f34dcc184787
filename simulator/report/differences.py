"""The differences of summary.json, and which of them are beyond the chance of the simulation."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from markupsafe import Markup

from simulator.analysis.judgement import Judgement, defaults_of, judged
from simulator.report.designs import Design
from simulator.report.figures import Figures, Form, pointer
from simulator.report.results import Results
from simulator.texts import say


@dataclass(frozen=True)
class Difference:
    """How much more of a measure design b has than design a."""

    a: Design
    b: Design
    path: str
    held: str
    """The place of the interval that holds together with those of all other designs."""
    told: dict[str, Any]
    defaults: tuple[int, int]
    """Loans that defaulted under each of the two."""

    @property
    def pairs(self) -> int | None:
        """Firms drawn in both designs, over which a mean is compared; None of a measure that is not of single firms."""
        found: int | None = self.told.get("drawn_in_both")
        return found

    @property
    def verdict(self) -> Judgement:
        """Whether it is more than chance, and which way."""
        return judged(self.told, self.defaults)

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
                first, second = (defaults_of(results.summary["results"][each.place]) for each in (a, b))
                found = Difference(a, b, path, held, told, (first, second))
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


def _name(design: Design) -> str:
    """What differences call a design."""
    scenario = design.scenario
    label = design.world.label
    return label if len(scenario.products) == 1 else f"{label} / {design.product_key}"
