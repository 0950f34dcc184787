"""How much room a text takes, in columns: a Chinese character takes two."""

from __future__ import annotations

import unicodedata

ELLIPSIS = "…"


def is_chinese(character: str) -> bool:
    """Whether a character is a Chinese one (or of the punctuation and forms that go with it)."""
    return unicodedata.east_asian_width(character) in "WF"


def width_of(text: str) -> int:
    """Columns a text takes."""
    return sum(2 if is_chinese(character) else 1 for character in text)


def cut(text: str, width: int) -> str:
    """The text, or its beginning with an ellipsis where it takes more than `width` columns."""
    if width_of(text) <= width:
        return text
    while text and width_of(text) >= width:
        text = text[:-1]
    return text.rstrip() + ELLIPSIS


def cut_inside(text: str, width: int) -> str:
    """The text, or its beginning and its end with an ellipsis between: names often differ at their end only."""
    if width_of(text) <= width:
        return text
    end = ""
    while text and width_of(text[-1] + end) <= width // 3:
        text, end = text[:-1], text[-1] + end
    return cut(text + end, width - width_of(end)) + end.lstrip()
