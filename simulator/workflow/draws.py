"""What is drawn for the steps of a flow: durations and outcomes, addressed by case and visit."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Sequence
from functools import partial
from math import sqrt
from typing import Generic, TypeVar

import numpy as np
from numpy.typing import NDArray

from simulator.credit.loans import LARGEST, normal
from simulator.scenario.flow import Step
from simulator.scenario.order import possible_outcomes
from simulator.scenario.quantities import Distribution
from simulator.streams import Streams
from simulator.workflow.population import choose

BLOCK = 4096
"""Cases of a later visit that are drawn at once: few cases come to one."""
Value = TypeVar("Value", float, int)


class Blocks(Generic[Value]):
    """Values of one visit, case by case, drawn in blocks of cases as they are asked for."""

    def __init__(self, draw: Callable[[int, int], Sequence[Value]], count: int) -> None:
        """`draw(first, number)` gives the values of so many cases from the first on."""
        self._draw: Callable[[int, int], Sequence[Value]] = draw
        self._count = count
        self._blocks: dict[int, Sequence[Value]] = {}

    def __getitem__(self, number: int) -> Value:
        block = number // BLOCK
        values = self._blocks.get(block)
        if values is None:
            first = block * BLOCK
            values = self._blocks[block] = self._draw(first, min(BLOCK, self._count - first))
        return values[number % BLOCK]


class Drawn:
    """Values drawn from a distribution, addressed by case and visit; none is 0 throughout."""

    def __init__(self, distribution: Distribution | None, purpose: str, streams: Streams, count: int) -> None:
        self._distribution, self._purpose, self._streams, self._count = distribution, purpose, streams, count
        self.by_visit: list[Sequence[float] | Blocks[float]] = []
        """Those drawn so far: for each visit one value a case."""

    def at(self, number: int, visit: int) -> float:
        """The value for one case and visit."""
        while visit >= len(self.by_visit):
            draw = partial(self._values, len(self.by_visit))
            self.by_visit.append(Blocks(draw, self._count) if self.by_visit else draw(0, self._count))
        return self.by_visit[visit][number]

    def of(self, numbers: NDArray[np.int64], visits: NDArray[np.int64]) -> NDArray[np.float64]:
        """The values for many cases and visits, same shape."""
        found = np.zeros(len(numbers))
        for visit in np.unique(visits).tolist() if self._distribution is not None else ():
            mine = np.flatnonzero(visits == visit)
            if visit:
                found[mine] = [self.at(number, visit) for number in numbers[mine].tolist()]
            elif len(mine):
                self.at(0, 0)
                found[mine] = np.frombuffer(self.by_visit[0], dtype=np.float64)[numbers[mine]]  # type: ignore[call-overload]
        return found

    def _values(self, visit: int, first: int, count: int) -> array[float]:
        if self._distribution is None:
            return array("d", bytes(8 * count))
        uniforms = self._streams.uniforms(self._purpose, count, visit, first)
        return array("d", self._distribution.at(uniforms).tobytes())


class DrawnOutcome:
    """Outcomes drawn from a step's odds, addressed by case and visit.

    Outcomes are ordered as their kind of stage declares them, the good ones first. An informative step sees the firm's
    latent quality Q with noise: c Q + sqrt(1 - c^2) E; the firms that look worst get the last outcome, in such a share
    of all firms as the odds say.
    """

    def __init__(self, step: Step, streams: Streams, count: int, quality: NDArray[np.float64]) -> None:
        outcomes = sorted(possible_outcomes(step), key=step.kind.outcomes.index)
        self._odds = {outcome: step.odds[outcome] for outcome in outcomes} if step.odds else {}
        self._codes = [step.kind.outcomes.index(outcome) for outcome in outcomes]
        self._purpose, self._streams, self._count = f"outcome: {step.title}", streams, count
        self._informative, self._quality = float(step.informative or 0), quality
        self._by_visit: list[Sequence[int] | Blocks[int]] = []
        self.certain = self._codes[0] if len(self._codes) == 1 else -1
        """Number of the only outcome there can be, -1 where there are several."""

    def at(self, number: int, visit: int) -> int:
        """The number of the outcome for one case and visit."""
        if self.certain >= 0:
            return self.certain
        while visit >= len(self._by_visit):
            draw = partial(self._outcomes, len(self._by_visit))
            self._by_visit.append(Blocks(draw, self._count) if self._by_visit else draw(0, self._count))
        return self._by_visit[visit][number]

    def _outcomes(self, visit: int, first: int, count: int) -> bytes:
        uniforms = self._streams.uniforms(self._purpose, count, visit, first)
        if self._informative:
            uniforms = seen(self._quality[first : first + count], uniforms, self._informative)
        return np.array(self._codes, dtype=np.uint8)[choose(self._odds, uniforms)].tobytes()


def seen(quality: NDArray[np.float64], uniforms: NDArray[np.float64], informative: float) -> NDArray[np.float64]:
    """Uniform numbers that are high for firms which look weak to somebody whose view correlates with their quality."""
    from scipy.special import ndtr

    noise = sqrt(1 - informative * informative) * normal(uniforms) if informative < 1 else 0.0
    return np.asarray(np.minimum(ndtr(noise - informative * quality), LARGEST))
