"""Names and sentences as they stand on a page: what comes from files is escaped, and cannot turn the writing around."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence

from markupsafe import Markup, escape

from simulator.texts import language, say

FIRST_STRONG, END = "\u2068", "\u2069"
"""Marks that keep the direction of what stands between them to itself (Unicode Standard Annex 9)."""


def clean(text: str) -> str:
    """A text without control characters and marks that turn the direction, on one line."""
    spaced = "".join(" " if character.isspace() else character for character in text)
    kept = (character for character in spaced if unicodedata.category(character)[0] != "C")
    return " ".join("".join(kept).split())


def name(text: str) -> Markup:
    """A name or a text from a file, which keeps its direction to itself."""
    return Markup("<bdi>{}</bdi>").format(clean(text))


def isolated(text: str) -> str:
    """The same where there are no tags: in attributes and in the letters of a chart."""
    cleaned = clean(text)
    return cleaned if cleaned.isascii() else f"{FIRST_STRONG}{cleaned}{END}"


def filled(text: str, **values: object) -> Markup:
    """A sentence with what belongs in its braces; whatever is not markup is escaped."""
    return escape(text).format(**values)


def listed(parts: Sequence[Markup]) -> Markup:
    """`a, b and c`."""
    if len(parts) < 2:
        return parts[0] if parts else Markup("")
    return Markup(escape(say(", "))).join(parts[:-1]) + escape(say(" and ")) + parts[-1]


def joined(parts: Sequence[Markup]) -> Markup:
    """Sentences one after another; in Chinese without a space."""
    return Markup("" if language() == "zh" else " ").join(part for part in parts if part)
