"""Random numbers with addresses: replication, purpose, case and visit.

Every purpose (the work of one step, the outcome of it, one property of the firms ...) has a generator of its own, and
case i always reads its i-th number. So two variants of a scenario meet the same luck case by case, and an added step, a
changed distribution or a file sent back shifts no other draw.
"""

from __future__ import annotations

import hashlib
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray


class Streams:
    """All random numbers of one replication."""

    def __init__(self, seed: int, replication: int) -> None:
        self.seed = seed
        self.replication = replication

    def uniforms(self, purpose: str, count: int, visit: int = 0, first: int = 0) -> NDArray[np.float64]:
        """Uniform numbers in [0, 1) for `count` cases from case `first` on; that of a case is the same in any block."""
        seed = np.random.SeedSequence(entropy=[self.seed, self.replication, *_address(purpose, visit)])
        bits = np.random.PCG64(seed)
        return np.random.Generator(bits.advance(first) if first else bits).random(count)


@lru_cache(maxsize=4096)
def _address(purpose: str, visit: int) -> tuple[int, ...]:
    digest = hashlib.sha256(f"{purpose}\n{visit}".encode()).digest()
    return tuple(int.from_bytes(digest[place : place + 4], "little") for place in range(0, 16, 4))
