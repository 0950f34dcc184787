"""How wide a text is and where its lines break, without a font at hand.

Widths are those of common sans-serif fonts with a little to spare, as multiples of the font size; Chinese characters
are square and may be parted anywhere.
"""

from __future__ import annotations

import unicodedata

from simulator.texts.widths import ELLIPSIS, is_chinese

_NARROW, _WIDE = frozenset("iljtfrI.,:;'|!()[]- "), frozenset("mwMW@%")


def width_of(text: str, size: float) -> float:
    """The width of a line in pixels."""
    return sum(map(_advance, text)) * size


def _advance(character: str) -> float:
    if character in _NARROW:
        return 0.33
    if is_chinese(character):
        return 1.02
    if unicodedata.combining(character):
        return 0.0
    if character in _WIDE:
        return 0.9
    return 0.7 if character.isupper() or not character.isascii() else 0.55


def wrapped(text: str, width: float, size: float, most: int) -> list[str]:
    """A text in at most so many lines, the last of them cut short where there is not room enough."""
    lines: list[str] = []
    line = ""
    for piece in _pieces(text):
        if line and width_of((line + piece).rstrip(), size) > width:
            lines.append(line.rstrip())
            line = piece.lstrip()
        else:
            line += piece if line else piece.lstrip()
        while width_of(line.rstrip(), size) > width and len(line) > 1:
            fits = _fitting(line, width, size)
            lines.append(line[:fits])
            line = line[fits:]
    if line.strip():
        lines.append(line.rstrip())
    if len(lines) <= most:
        return lines
    last = lines[most - 1]
    while last and width_of(last + ELLIPSIS, size) > width:
        last = last[:-1]
    return [*lines[: most - 1], last.rstrip() + ELLIPSIS]


_NOT_FIRST = frozenset("，。；：、）》”’％%,.;:)")
_NOT_LAST = frozenset("（《“‘")


def _pieces(text: str) -> list[str]:
    """What may not be parted: words with the space after them, and single Chinese characters with their marks."""
    pieces: list[str] = []
    open_word = False
    for character in text:
        single = is_chinese(character)
        if pieces and (character in _NOT_FIRST or pieces[-1][-1] in _NOT_LAST):
            pieces[-1] += character
        elif single or not open_word:
            pieces.append(character)
        else:
            pieces[-1] += character
        open_word = not single and not character.isspace()
    return pieces


def _fitting(line: str, width: float, size: float) -> int:
    """How many characters of a line fit, at least one."""
    used = 0.0
    for count, character in enumerate(line):
        used += _advance(character) * size
        if used > width:
            return max(count, 1)
    return len(line)
