"""Names as they are drawn: free of control characters, in letters the fonts have, wrapped and cut to their place."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable

from simulator.charts.fonts import can_draw, with_known_letters
from simulator.scenario.names import Text
from simulator.texts import language, phrase, say
from simulator.texts.money import WAN, YI
from simulator.texts.widths import ELLIPSIS as ELLIPSIS
from simulator.texts.widths import cut as cut
from simulator.texts.widths import is_chinese
from simulator.texts.widths import width_of as width_of

NAME_WIDTH = 28
"""Columns after which a name goes on in the next line; a Chinese character takes two."""
CLOSING, OPENING = "，。、；：！？）》」』】〕”’%％*", "（《「『【〔“‘"
"""What no line of Chinese begins with, and what none ends with."""
AMOUNTS = {
    "one": phrase("{amount} CNY"), "wan": phrase("{amount} × 10k"),
    "yi": phrase("{amount} × 100m"), "k": phrase("{amount}k"), "m": phrase("{amount}m"),
    "bn": phrase("{amount}bn"),
}  # fmt: skip
FEN = {"one": 1e2, "wan": WAN * 100, "yi": YI * 100, "k": 1e5, "m": 1e8, "bn": 1e11}
"""Fen of each unit of AMOUNTS."""


def plain(text: str) -> str:
    """A text without line breaks, control characters and marks that turn the direction of writing."""
    spaced = "".join(" " if character.isspace() else character for character in unicodedata.normalize("NFC", text))
    kept = (character for character in spaced if unicodedata.category(character)[0] != "C")
    return " ".join("".join(kept).split())


def shown(key: str, name: Text | None = None, instead: str = "") -> str:
    """What is drawn for a name of a scenario: itself, or its English name where its letters cannot be drawn."""
    for candidate in (key, name.english if name else "", instead):
        if candidate and can_draw(plain(candidate)):
            return plain(candidate)
    return with_known_letters(plain(key)) or "?"


def wrapped(text: str, width: int = NAME_WIDTH, lines: int = 2) -> str:
    """The text in at most so many lines; what does not fit ends in an ellipsis."""
    rows: list[str] = []
    rest = text.strip()
    while rest and len(rows) < lines:
        if len(rows) == lines - 1 or width_of(rest) <= width:
            rows.append(cut(rest, width))
            break
        end = _line_end(rest, width)
        rows.append(rest[:end].rstrip())
        rest = rest[end:].lstrip()
    return "\n".join(rows)


def _line_end(text: str, width: int) -> int:
    """Where a line ends at the latest: after a word or at a Chinese character, else in the middle of a word.

    A Chinese character is not left alone on the last line.
    """
    taken, before, last = 0, 0, 0
    for place, character in enumerate(text):
        if place and _may_end(text[place - 1], character):
            before, last = last, place
        taken += 2 if is_chinese(character) else 1
        if taken > width:
            return (before if before and _is_alone(text[last:]) else last) or max(place, 1)
    return len(text)


def _is_alone(rest: str) -> bool:
    """Whether a line would hold one Chinese character, perhaps with what closes it."""
    letters = [character for character in rest if character not in CLOSING]
    return len(letters) == 1 and is_chinese(letters[0])


def _may_end(before: str, after: str) -> bool:
    """Whether a line may end between two characters."""
    if after == " ":
        return True
    return (is_chinese(before) or is_chinese(after)) and before not in OPENING and after not in CLOSING


def distinct(labels: Iterable[str]) -> list[str]:
    """Labels that became alike by cutting or replacing are numbered."""
    seen: dict[str, int] = {}
    found = []
    for label in labels:
        seen[label] = seen.get(label, 0) + 1
        found.append(label if seen[label] == 1 else f"{label} ({seen[label]})")
    return found


def days_text(days: float) -> str:
    """A time as people say it: `0.4 d`, `12 d`."""
    return say("{days} d", days=f"{days:.0f}" if days >= 99.95 else f"{days:.1f}")


def percent(share: float) -> str:
    """A share of one in whole percent; what is not nothing (or not all) is not rounded to it."""
    if 0 < share < 0.005:
        return "<1%"
    if 0.995 <= share < 1:
        return ">99%"
    return f"{share * 100:.0f}%"


def money_text(fen: float) -> str:
    """An amount in millions of CNY; in thousands or billions where it is much smaller or larger.

    In Chinese in 万元, where it is less in 元, from a hundred million on in 亿元.
    """
    unit = _unit_of(fen)
    return say(AMOUNTS[unit], amount=_in_unit(fen, unit))


def money_interval(fen: float, low: float, high: float) -> str:
    """The ends of an amount's interval, in the unit in which `money_text` has the amount, which stands before it."""
    unit = _unit_of(fen)
    return f"[{_in_unit(low, unit)}, {_in_unit(high, unit)}]"


def _unit_of(fen: float) -> str:
    if language() == "zh":
        return "yi" if abs(fen) >= FEN["yi"] else "one" if 0 < abs(fen) < FEN["wan"] else "wan"
    if 0 < abs(fen) < 1e7:
        return "k"
    return "bn" if abs(fen) >= 1e11 else "m"


def _in_unit(fen: float, unit: str) -> str:
    """The number of an amount: two decimals, or one where there are two digits before it; whole 元, and 万 from ten."""
    amount = fen / FEN[unit]
    if unit == "one" or (unit == "wan" and (abs(amount) >= 10 or not amount)):
        return f"{round(amount) + 0:,}"
    if unit == "wan":
        return f"{round(amount, 1):,.1f}"
    digits = 1 if unit != "bn" and abs(amount) >= 10 else 2
    return f"{round(amount, digits) + 0.0:,.{digits}f}"


def signed(fen: float) -> str:
    """A gain or a loss with its sign; none before zero."""
    text = money_text(abs(fen))
    return text if text == money_text(0) else f"{'-' if fen < 0 else '+'}{text}"
