"""What goes wrong, told to the person who can mend it.

Everything a user can cause is a `PledgesimError`; the command line prints it without a traceback and ends with 2.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import dataclass


class PledgesimError(Exception):
    """A mistake of the input, in words its author can act on."""

    def _render_traceback_(self) -> list[str]:
        """What a notebook shows below a cell: the message, since where in the simulator it was found helps nobody."""
        return [f"{type(self).__name__}: {self}"]


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """One mistake at one place of one file (line and column count from 1)."""

    file: str
    line: int
    column: int
    found: str
    allowed: str = ""

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}:{self.column}: " if self.line else f"{self.file}: "
        return place + self.found + (f"\n    {self.allowed}" if self.allowed else "")


class ScenarioError(PledgesimError):
    """All the problems of a scenario at once, in the order of their places."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems: tuple[Problem, ...] = tuple(dict.fromkeys(sorted(problems)))
        super().__init__("\n".join(str(problem) for problem in self.problems))


class TooLargeError(ValueError):
    """Money beyond what can be added up exactly."""


class InterruptedWritingError(PledgesimError):
    """The user stopped the program while results were being written."""


class CalendarRangeError(PledgesimError):
    """Desk work on a date for which no table of working days exists."""


LONGEST_COMPARED = 100
"""Comparing spellings takes time that grows with the square of their length."""


def nearest(word: str, allowed: Iterable[str]) -> str | None:
    """The allowed word closest in spelling to `word`, or None when none is close."""
    if len(word) > LONGEST_COMPARED:
        return None
    by_folded = {each.casefold().replace("_", " "): each for each in allowed}
    folded = word.casefold().replace("_", " ")
    turned_round = [each for each in by_folded if sorted(each) == sorted(folded)]
    matches = turned_round or difflib.get_close_matches(folded, by_folded, n=1, cutoff=0.6)
    return by_folded[matches[0]] if matches else None


def did_you_mean(word: str, allowed: Iterable[str]) -> str:
    """`; did you mean 'x'?` or nothing."""
    match = nearest(word, allowed)
    return f"; did you mean '{match}'?" if match is not None else ""


def listed(words: Iterable[str], most: int = 20) -> str:
    """Words joined by commas in alphabetical order, cut after `most` of them."""
    ordered = sorted(words)
    more = f" and {len(ordered) - most} more" if len(ordered) > most else ""
    return ", ".join(ordered[:most]) + more
