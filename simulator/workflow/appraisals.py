"""What valuers say the IP of each firm is worth, and the credit line that follows from it."""

from __future__ import annotations

from array import array
from collections.abc import Mapping, MutableSequence, Sequence
from math import exp
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simulator.credit.loans import normal
from simulator.scenario.attributes import Attribute
from simulator.scenario.flow import Step
from simulator.scenario.model import Product
from simulator.streams import Streams
from simulator.workflow.firms import Firms, credit_lines


class Appraisals:
    """Appraised values and credit lines of one product, one entry a firm; money in fen.

    Before its IP is valued, a firm's credit line is the one that an exact valuation would give.
    """

    def __init__(
        self, product: Product, firms: Firms, population: Mapping[str, Attribute], streams: Streams
    ) -> None:
        self._amount, self._registers, self._pledged = product.amount, product.registers, product.pledged
        self._population, self._streams, self._count = population, streams, len(firms)
        names = {*product.amount.of, *product.registers, product.pledged, "amount_requested"}
        names |= {step.valuer.of for step in product.all_steps if step.valuer and step.valuer.of}
        while parts := {part for name in names for part in population[name].parts} - names:
            names |= parts
        self._worth: dict[str, MutableSequence[int]] = {name: _whole(np.rint(firms.columns[name])) for name in names}
        self.lines: MutableSequence[int] = _whole(credit_lines(product.amount, firms))
        self._errors = {
            step.title: (float(step.valuer.spread), float(step.valuer.bias))
            for step in product.all_steps
            if step.valuer
        }
        self._ceilings = [(name, share.numerator, share.denominator) for name, share in product.amount.of.items()]
        self._appraised: dict[str, dict[int, int]] = {}
        self._caps: dict[int, int] = {}
        self._luck: dict[tuple[str, int], array[float]] = {}

    def worth(self) -> Sequence[int]:
        """What the pledged IP of each firm is worth; nobody gets money for taking a pledge of negative value."""
        return _whole(np.maximum(np.frombuffer(self._worth[self._pledged], dtype=np.int64), 0))  # type: ignore[call-overload]

    def value(self, step: Step, case: int, visit: int) -> int:
        """A valuer appraises the IP of a case: the credit line that follows, 0 where it is too small to be lent."""
        assert step.valuer is not None
        name = step.valuer.of or self._pledged
        worth = self._worth[name][case]
        error = self._error(step.title, case, visit)
        self._appraised.setdefault(name, {})[case] = round(worth * error) if error != 1 else worth
        self.lines[case] = self._line(case)
        return self.lines[case]

    def cap(self, case: int, fen: int) -> int:
        """Lower the most that a case can get, for what its firm has already: the credit line that is left, or 0."""
        self._caps[case] = fen
        self.lines[case] = self._line(case)
        return self.lines[case]

    def appraised(self, case: int) -> int:
        """What the pledged IP of a case has been appraised at, in fen; its worth where nobody has valued it."""
        return self._of(self._pledged, case)

    def registered(self, case: int) -> int:
        """What is entered in the register for a case, at least its line."""
        entered = sum(_share_of(self._of(name, case), share) for name, share in self._registers.items())
        return max(entered, self.lines[case])

    def _error(self, title: str, case: int, visit: int) -> float:
        """Appraised value over worth: 1 + bias on average, lognormal around that."""
        spread, bias = self._errors[title]
        if not spread:
            return 1 + bias
        luck = self._luck.get((title, visit))
        if luck is None:
            drawn = normal(self._streams.uniforms(f"appraisal: {title}", self._count, visit))
            luck = self._luck[title, visit] = array("d", drawn.tobytes())
        return (1 + bias) * exp(spread * luck[case] - spread * spread / 2)

    def _of(self, name: str, case: int) -> int:
        """A property as it has been appraised; a sum of which parts have been, with these."""
        appraised = self._appraised.get(name, {}).get(case)
        if appraised is not None:
            return appraised
        attribute = self._population[name]
        worth = self._worth[name][case]
        parts = attribute.sum if attribute.sum is not None and attribute.over is None else []
        return worth + sum(self._of(part, case) - self._worth[part][case] for part in parts)

    def _line(self, case: int) -> int:
        amount = self._amount
        line = self._worth["amount_requested"][case]
        for name, above, below in self._ceilings:
            line = min(line, self._of(name, case) * above // below)
        if amount.at_most is not None:
            line = min(line, self._caps.get(case, amount.at_most))
        return line if line >= max(amount.at_least or 0, 1) else 0


def _whole(fen: NDArray[Any]) -> array[int]:
    """Amounts in fen that are read and written one by one: as fast as in a list, in a fifth of the memory."""
    return array("q", fen.astype(np.int64).tobytes())


def _share_of(fen: int, share: object) -> int:
    return int(fen * share.numerator // share.denominator)  # type: ignore[attr-defined]
