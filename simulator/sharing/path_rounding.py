"""Divides many amounts of fen at once by exact shares, to the same fen as one amount is divided."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

Fen = NDArray[np.int64]
MOST_FEN = 2**62
"""Sums up to this are added in 64 bits; larger money is refused."""
_MOST_TABLED = 1000


def times_over(amount: Fen, by: Any, over: Any) -> tuple[NDArray[Any], NDArray[Any]]:
    """Quotient and remainder of amount x by / over, exact whatever their size; none is negative, `over` above zero.

    Arrays that broadcast, or whole numbers. The results are int64 where every product fits, else Python integers.
    """
    if max(1, _largest(amount)) * _largest(by) >= 2**63 or _largest(over) >= 2**63:
        amount = amount.astype(object)
    product = amount * by
    quotient = product // over
    return quotient, product - quotient * over


def _largest(numbers: Any) -> int:
    return int(np.max(numbers, initial=0))


def whole_parts(amounts: Fen, weights: NDArray[Any], whole: Any) -> Fen:
    """Parts (shares, amounts) of amounts (amounts,), by weights that add up to `whole` for each, none negative.

    Each part is rounded down, the fen left over go to the largest remainders, in a tie to the first.
    """
    down, remainders = times_over(amounts, weights, whole)
    parts: Fen = down.astype(np.int64)
    left = amounts - parts.sum(axis=0)
    uneven = np.flatnonzero(left)
    if uneven.size:
        by_remainder = np.argsort(-remainders[:, uneven], axis=0, kind="stable")
        place = np.argsort(by_remainder, axis=0, kind="stable")
        parts[:, uneven] += place < left[uneven]
    return parts


class Shares:
    """Exact shares that sum to one, as numerators over one denominator, by which many amounts are divided."""

    def __init__(self, numerators: Sequence[int], denominator: int) -> None:
        self.denominator = denominator
        fits = denominator < 2**63
        self._numerators = np.array(numerators, dtype=np.int64 if fits else object)[:, np.newaxis]
        self._of_remainder: Fen | None = None
        if denominator <= _MOST_TABLED:
            self._of_remainder = whole_parts(np.arange(denominator), self._numerators, denominator)

    def parts(self, amounts: Fen) -> Fen:
        """Whole parts (shares, amounts)."""
        if len(self._numerators) == 1:
            return amounts[np.newaxis]
        if self.denominator >= 2**63:
            return whole_parts(amounts, self._numerators, self.denominator)
        # A multiple of the denominator is divided without a remainder, so only what is above one needs rounding.
        multiples = amounts // self.denominator
        above = amounts - multiples * self.denominator
        if self._of_remainder is not None:
            rounded = np.take(self._of_remainder, above, axis=1)
        else:
            rounded = whole_parts(above, self._numerators, self.denominator)
        return np.asarray(multiples * self._numerators + rounded)
