"""What the marks mean by which the bundled scenarios refer to the notice that they were read from."""

from __future__ import annotations

import re
from collections.abc import Iterable

from simulator.report.blocks import Block, Paragraph
from simulator.texts import phrase, say

MARK = re.compile(r"(?<![A-Za-z0-9-])(?:L\d{2,3}|[DE]-\d{2})(?![0-9])")
"""Of a line or a reading; a `T1` may stand in anybody's scenario."""
MARKS = phrase(
    "Marks: L87 is line 87 of the Shanghai notice of ten cases, January 2022; D-15 a point that can be read in more "
    "than one way, and how it was read (docs/readings.md); K a published limit or share; T a published time; V a "
    "figure worked out from printed ones; E a check by arithmetic."
)


def marks_note(texts: Iterable[str]) -> list[Block]:
    """One line about the marks, where a text has any; nothing for scenarios that have none."""
    if not any(MARK.search(text) for text in texts):
        return []
    return [Paragraph(say(MARKS), "note")]
