"""The flow of a product as a picture in a notebook, and as a file for a browser or a modelling tool."""

from __future__ import annotations

import warnings
from functools import partial
from os import PathLike
from pathlib import Path

from simulator.api.given import path_of
from simulator.diagrams.model import Diagram as Drawn
from simulator.export.whole_file import refuse_place, written_whole
from simulator.texts import language, speaking

FORMATS = (".svg", ".bpmn")


class Diagram:
    """The steps of a product with a lane for each party, in one language; a notebook shows it below the cell.

    >>> scenario = simulator.load("C8-F1")
    >>> scenario.variant("three reviews").diagram(against=scenario)
    <Diagram IP Fast-Easy Loan (C8-F1): three reviews · Compared with as stated: added 2>
    """

    def __init__(self, drawn: Drawn, prefix: str) -> None:
        """Made by `Scenario.diagram`, in the language spoken; ids of the picture in a notebook begin with `prefix`."""
        self._drawn, self._prefix, self._language = drawn, prefix, language()

    def save(self, path: str | PathLike[str]) -> Path:
        """Write it as a picture (.svg) or as a BPMN 2.0 model (.bpmn), by how the name ends; the path.

        PledgesimError for another ending, and for a file that cannot be written.
        """
        file = path_of("path", path)
        refuse_place(file, FORMATS, str(file))
        text = self._svg_file() if file.suffix.casefold() == ".svg" else self._bpmn()
        with written_whole(file, encoding="utf-8", told=str(file)) as written:
            written.write(text)
        return file

    def _svg(self, prefix: str = "flow") -> str:
        from simulator.diagrams.svg import svg_text

        with speaking(self._language):
            return svg_text(self._drawn, prefix)

    def _svg_file(self) -> str:
        from simulator.diagrams.svg import svg_file_text

        with speaking(self._language):
            return svg_file_text(self._drawn, partial(warnings.warn, stacklevel=4))

    def _bpmn(self) -> str:
        from simulator.diagrams.bpmn import bpmn_text

        with speaking(self._language):
            return bpmn_text(self._drawn)

    def __repr__(self) -> str:
        subtitle = f": {self._drawn.subtitle}" if self._drawn.subtitle else ""
        return f"<Diagram {self._drawn.title}{subtitle}>"

    def _repr_svg_(self) -> str:
        return self._svg(self._prefix)
