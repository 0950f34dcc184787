"""Docstrings as the page of the Python interface shows them: examples as code, lists of parameters as tables.

In the code a docstring is plain text, such as

    replications      of each world; by default the scenario's own number
    store             a file in which finished replications are kept,
                      and from which they are taken the next time

    >>> simulator.load("C8-F1").label
    'C8-F1'
"""

from __future__ import annotations

import re
from typing import Any

import griffe

FIRST = re.compile(r"[a-z_]\w*(?:, [a-z_]\w*)* {2,}(?=\S)")
"""The first parameter of a list, up to the column where meanings begin."""


class PlainDocstrings(griffe.Extension):
    """Rewrites every docstring before a page is made of it."""

    def on_instance(self, *, obj: griffe.Object, **kwargs: Any) -> None:
        """Rewrite the docstring of a module, class, function or attribute."""
        if obj.docstring is not None:
            obj.docstring.value = as_markdown(obj.docstring.value)


def as_markdown(docstring: str) -> str:
    """A docstring in Markdown, paragraph by paragraph."""
    return "\n\n".join(_paragraph(each) for each in re.split(r"\n[ ]*\n", docstring.strip("\n")))


def _paragraph(text: str) -> str:
    lines = text.split("\n")
    if lines[0].startswith(">>>"):
        return f"```pycon\n{text}\n```"
    first = FIRST.match(text)
    if first is None:
        return text
    column, rows = first.end(), []
    for line in lines:
        names, meaning = line[:column].strip(), line[column:].strip()
        if names:
            rows.append([", ".join(f"`{name}`" for name in names.split(", ")), meaning])
        else:
            rows[-1][1] += f" {meaning}"
    cells = (" | ".join(cell.replace("|", "\\|") for cell in row) for row in rows)
    return "\n".join(["| name | meaning |", "|---|---|", *(f"| {row} |" for row in cells)])
