"""Near spellings of unknown words, for as many of them as can be looked for in no time."""

from __future__ import annotations

from collections.abc import Sequence

from simulator.errors import nearest

_MOST_HINTS, _MOST_NAMES, _LONGEST = 50, 500, 100


class Hints:
    """Near spellings for the first few unknown words; looking for them costs time by the number of names."""

    def __init__(self) -> None:
        self._left = _MOST_HINTS

    def nearest(self, word: str, allowed: Sequence[str]) -> str | None:
        """The allowed word closest in spelling, or None."""
        if self._left <= 0 or len(allowed) > _MOST_NAMES or len(word) > _LONGEST:
            return None
        self._left -= 1
        return nearest(word, [name for name in allowed if len(name) <= _LONGEST])

    def near(self, word: str, allowed: Sequence[str]) -> str:
        """`; did you mean 'x'?` or nothing."""
        match = self.nearest(word, allowed)
        return f"; did you mean '{match}'?" if match is not None else ""
