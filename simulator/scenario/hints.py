"""Near spellings of unknown words, for as many of them as can be looked for in no time."""

from __future__ import annotations

from collections.abc import Sequence

from simulator.errors import did_you_mean

_MOST_HINTS, _MOST_NAMES, LONGEST_HINTED = 50, 500, 100


class Hints:
    """Near spellings for the first few unknown words; looking for them costs time by the number of names."""

    def __init__(self) -> None:
        self._left = _MOST_HINTS

    def near(self, word: str, allowed: Sequence[str]) -> str:
        """`; did you mean 'x'?` or nothing."""
        if self._left <= 0 or len(allowed) > _MOST_NAMES or len(word) > LONGEST_HINTED:
            return ""
        self._left -= 1
        return did_you_mean(word, [name for name in allowed if len(name) <= LONGEST_HINTED])
