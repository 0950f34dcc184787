"""What all sections of a report are made from."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from simulator.charts.palette import WORLD_COLOURS
from simulator.report.admitted import Admitted, admitted_of
from simulator.report.blocks import Cell, Column, Table, text_cell
from simulator.report.designs import Design
from simulator.report.differences import Differences
from simulator.report.figures import Figures
from simulator.report.results import Results
from simulator.report.svg import Fills
from simulator.report.words import listed
from simulator.scenario.model import Scenario
from simulator.texts import say

FEW = 4
"""Of so many designs each is told by itself; of more only what stands out, and the rest in tables."""


@dataclass(frozen=True)
class Story:
    """The results with the designs in them, and the fills that pictures have asked for."""

    results: Results
    figures: Figures
    designs: Sequence[Design]
    fills: Fills
    differences: Differences

    @property
    def few(self) -> bool:
        """Whether each design can be told by itself."""
        return len(self.designs) <= FEW

    @property
    def admitted(self) -> Admitted | None:
        """Whom the designs admit, where they meet the same applicants."""
        return admitted_of(self.results.summary)

    @property
    def scenarios(self) -> list[Scenario]:
        """That of each design."""
        return [design.scenario for design in self.designs]

    def alike(self, designs: Sequence[Design], sentence: Callable[[Design, Markup], Markup]) -> list[Markup]:
        """What `sentence` says of a design by its name, once of all of which it reads the same."""
        found: dict[str, list[Design]] = {}
        for design in designs:
            found.setdefault(sentence(design, Markup("")).striptags(), []).append(design)
        return [sentence(group[0], listed([each.html for each in group])) for group in found.values()]

    def colour(self, design: Design) -> str:
        """The colour of a design."""
        return WORLD_COLOURS[design.colour]

    def table(
        self, caption: str, columns: Sequence[Column], cells: Callable[[Design], Sequence[Cell]], head: str = ""
    ) -> Table:
        """A table with one row a design."""
        rows = [[text_cell(design.html, design.plain), *cells(design)] for design in self.designs]
        return Table(caption, [Column(head or say("design"), "text"), *columns], rows)
