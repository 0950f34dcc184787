"""What is drawn for the steps of a flow: durations and outcomes, addressed by case and visit."""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from math import sqrt

import numpy as np
from numpy.typing import NDArray

from simulator.credit.loans import LARGEST, normal
from simulator.scenario.flow import Step
from simulator.scenario.order import possible_outcomes
from simulator.scenario.quantities import Distribution
from simulator.streams import Streams
from simulator.workflow.population import choose


class Drawn:
    """Values drawn from a distribution, addressed by case and visit; none is 0 throughout."""

    def __init__(self, distribution: Distribution | None, purpose: str, streams: Streams, count: int) -> None:
        self._distribution, self._purpose, self._streams, self._count = distribution, purpose, streams, count
        self.by_visit: list[Sequence[float]] = []
        """Those drawn so far: for each visit one value a case."""

    def at(self, number: int, visit: int) -> float:
        """The value for one case and visit."""
        while visit >= len(self.by_visit):
            self.by_visit.append(self._values(len(self.by_visit)))
        return self.by_visit[visit][number]

    def of(self, numbers: NDArray[np.int64], visits: NDArray[np.int64]) -> NDArray[np.float64]:
        """The values for many cases and visits, same shape."""
        found = np.zeros(len(numbers))
        for visit in np.unique(visits).tolist() if self._distribution is not None else ():
            mine = visits == visit
            self.at(0, visit)
            found[mine] = np.frombuffer(self.by_visit[visit], dtype=np.float64)[numbers[mine]]
        return found

    def _values(self, visit: int) -> array[float]:
        if self._distribution is None:
            return array("d", bytes(8 * self._count))
        uniforms = self._streams.uniforms(self._purpose, self._count, visit)
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
        self._by_visit: list[bytes] = []
        self.certain = self._codes[0] if len(self._codes) == 1 else -1
        """Number of the only outcome there can be, -1 where there are several."""

    def at(self, number: int, visit: int) -> int:
        """The number of the outcome for one case and visit."""
        if self.certain >= 0:
            return self.certain
        while visit >= len(self._by_visit):
            uniforms = self._streams.uniforms(self._purpose, self._count, len(self._by_visit))
            if self._informative:
                uniforms = seen(self._quality, uniforms, self._informative)
            self._by_visit.append(bytes(self._codes[chosen] for chosen in choose(self._odds, uniforms).tolist()))
        return self._by_visit[visit][number]


def seen(quality: NDArray[np.float64], uniforms: NDArray[np.float64], informative: float) -> NDArray[np.float64]:
    """Uniform numbers that are high for firms which look weak to somebody whose view correlates with their quality."""
    from scipy.special import ndtr

    noise = sqrt(1 - informative * informative) * normal(uniforms) if informative < 1 else 0.0
    return np.asarray(np.minimum(ndtr(noise - informative * quality), LARGEST))
