"""How precise figures are to be, and how precise they are."""

from __future__ import annotations

import re
from dataclasses import dataclass
from math import ceil

from simulator.analysis.intervals import NOT_FINITE, Estimate
from simulator.errors import PledgesimError
from simulator.units import parse_money, parse_share, parse_span

GROWTH, RESERVE = 4, 1.05
"""The number grows at most by this factor at a time, and is a little above what the last interval asks for."""
DIFFERENCE = "difference of "
FORM = "write it as: MEASURE HALF-WIDTH, such as 'turnaround.mean 2%', 'loss.total 100k CNY' or 'turnaround.p90 1 days'"


@dataclass(frozen=True)
class Target:
    """How narrow the 95 % interval of a measure is to be: half its width, a share of the value or an amount.

    An amount is in the unit of the measure: days, CNY, a share. `of_differences` asks it of what worlds differ by.
    """

    text: str
    measure: str
    half_width: float
    relative: bool
    of_differences: bool = False

    def goal(self, found: Estimate) -> float:
        """Half the width that is wanted of an interval."""
        return self.half_width * abs(found.value or 0.0) if self.relative else self.half_width


@dataclass(frozen=True)
class Reached:
    """How precise a measure is of one product of one world, or of a difference."""

    target: Target
    where: str
    found: Estimate

    @property
    def half_width(self) -> float | None:
        """Half the width of its interval, as it is before it is cut at what is possible; None where there is none."""
        found = self.found
        if found.value is None or found.high is None or found.low is None:
            return None
        return max(found.high - found.value, found.value - found.low)

    @property
    def met(self) -> bool:
        """Whether it is as precise as asked for."""
        return self.half_width is not None and self.half_width <= self.target.goal(self.found)

    @property
    def hopeless(self) -> bool:
        """Whether more replications would not help."""
        return self.found.note == NOT_FINITE

    def needed(self, replications: int) -> int:
        """About how many replications it would take, judging by so many."""
        goal = self.target.goal(self.found)
        if self.half_width is None or goal == 0:
            return replications * GROWTH
        return ceil(replications * (self.half_width / goal) ** 2 * RESERVE)

    def as_json(self) -> dict[str, object]:
        """For programs; money in CNY."""
        return {
            "asked": self.target.text,
            "of": self.where,
            **self.found.as_json(),
            "half_width": self.half_width,
            "wanted": self.target.goal(self.found),
            "reached": self.met,
        }


def read_target(text: str) -> Target:
    """What `--precision` asks for; PledgesimError with the form and what was found."""
    match = re.fullmatch(r"\s*(?P<measure>.*\S)\s+(?P<width>[-+]?[\d.]\S*(?:\s+[^\W\d]+)?)\s*", text)
    if match is None:
        raise PledgesimError(f"--precision '{text}' names no measure with a half width; {FORM}")
    measure, width = match["measure"], match["width"].strip()
    try:
        half, relative = _width(width)
    except ValueError:
        raise PledgesimError(f"--precision '{text}': '{width}' is not a half width; {FORM}") from None
    if not half > 0:
        raise PledgesimError(f"--precision '{text}': a half width is above zero")
    of_differences = measure.startswith(DIFFERENCE)
    return Target(" ".join(text.split()), measure.removeprefix(DIFFERENCE), half, relative, of_differences)


def _width(text: str) -> tuple[float, bool]:
    if text.endswith("%"):
        return float(parse_share(text)), True
    if text.endswith(("CNY", "元")):
        return parse_money(text.replace(",", "")) / 100, False
    if text.endswith(("days", "day")):
        return parse_span(text).amount, False
    return float(text.replace(",", "")), False
