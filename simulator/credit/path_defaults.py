"""Which loans of a book default on many paths, when, and what luck the sale of their IP has.

A path is one course of the years for the whole book: one common factor, one fortune a loan. Every loan of every path
has numbers of its own, by the loan's name and in blocks of PATHS_A_BLOCK paths: nothing depends on how many paths are
run, how many at once, or the order of the loans, and another loan, rate or sale changes no number of the others.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, fields
from hashlib import blake2b

import numpy as np
from numpy.typing import NDArray

from simulator.credit.book import Book, Floats, Ints
from simulator.credit.default_times import conditional_probability, dependent_uniforms
from simulator.credit.loans import Rated, drawn_values, haircut_uniforms, normal, years_to_default
from simulator.scenario.credit import CompleteRecovery, Credit
from simulator.scenario.quantities import Distribution
from simulator.streams import Streams

PATHS_A_BLOCK = 1_000
_AT_ONCE = 64  # loans whose numbers stay in the processor's cache
_STRIDE = np.uint64(0x9E3779B97F4A7C15)
_BITS = 53
"""Of a uniform number."""


@dataclass(frozen=True)
class Defaults:
    """Loans that default, one entry each, in any order, with all that luck decides about them: drawn or given.

    `path` and `loan` are numbers, `moment` is when it defaults, in minutes as in the book. Minutes pass from the
    default to the settlement of its claim and from there to the proceeds of its IP; `haircut` and `cost` are shares, of
    the IP's value then and of the proceeds; `luck` is the standard normal number of that value.
    """

    path: Ints
    loan: Ints
    moment: Floats
    claim_minutes: Floats
    sale_minutes: Floats
    haircut: Floats
    cost: Floats
    luck: Floats

    def __post_init__(self) -> None:
        for each in fields(self):
            if np.shape(getattr(self, each.name)) != np.shape(self.path) or np.ndim(self.path) != 1:
                raise ValueError(f"{each.name} must have an entry for each of {np.size(self.path)} defaults")
        for name in ("claim_minutes", "sale_minutes", "haircut", "cost"):
            if not (getattr(self, name) >= 0).all():
                raise ValueError(f"{name} must be at least 0")

    def __len__(self) -> int:
        return len(self.path)

    def on_paths(self, first: int, last: int) -> Defaults:
        """Those on paths from `first` to `last`."""
        chosen = (self.path >= first) & (self.path <= last)
        return Defaults(*(getattr(self, each.name)[chosen] for each in fields(self)))

    @classmethod
    def joined(cls, parts: list[Defaults]) -> Defaults:
        """Those of several blocks together."""
        return cls(*(np.concatenate([getattr(part, each.name) for part in parts]) for each in fields(cls)))


class DefaultDraws:
    """Draws the defaults of a book, block by block of paths.

    One uniform number a loan and path is compared with the probability that the loan defaults before its end, given the
    path's factor; everything else is worked out for the few that do. The time of a default follows from the same
    number, so that it is what it would be if all times were worked out. Books of different names share the factor and
    nothing else; loans of one name in two runs have the same luck.
    """

    def __init__(self, book: Book, credit: Credit, recovery: CompleteRecovery, name: str = "") -> None:
        self.book, self.credit, self.recovery, self.name = book, credit, recovery, name
        self._correlation = float(credit.correlation)
        # What is not known of a firm is luck of its own, not a quality of 0.
        self._weight = 0.0 if book.quality is None else float(credit.quality_weight)
        known = book.quality is not None and self._weight > 0
        self._quality = book.quality if known and book.quality is not None else np.zeros(len(book))
        self._ever = np.empty(len(book))
        for number, structure in enumerate(book.structures):
            mine = book.structure == number
            self._ever[mine] = structure.probability(book.horizon_years[mine])
        self._keys = keys_of(book.names)

    @property
    def expected(self) -> float:
        """Defaults of one path to be expected."""
        # The factor left out of account, what quality decides is this part of all a firm's fortune.
        decided = (1 - self._correlation) * self._weight
        return float(conditional_probability(self._ever, 0.0, self._quality, 0.0, decided).sum())

    def block(self, seed: int, number: int, paths: int = PATHS_A_BLOCK) -> Defaults:
        """The defaults on the first `paths` paths of a block; the paths of block 2 begin with 2 x PATHS_A_BLOCK."""
        streams = Streams(seed, number)
        factor = normal(streams.uniforms("losses: factor", paths))
        start = _start(streams, f"losses {self.name}: default")
        drawn = [self._below(start, first, factor) for first in range(0, len(self.book), _AT_ONCE)]
        loan, path, own = (np.concatenate([each[column] for each in drawn]) for column in range(3))
        fortune = dependent_uniforms(factor[path], self._quality[loan], own, self._correlation, self._weight)
        rates = Rated(self.book.structures, self.book.structure[loan])
        moment = self.book.moments(loan, years_to_default(rates, fortune))
        before_end = np.isfinite(moment)
        loan, path, moment = loan[before_end], path[before_end], moment[before_end]
        return self._with_luck(streams, number, loan, path, moment, factor[path])

    def _below(self, start: np.uint64, first: int, factor: Floats) -> tuple[Ints, Ints, Floats]:
        """Loan, path and number of those of some loans whose number lies below their chance on the path."""
        here = slice(first, first + _AT_ONCE)
        paths = np.arange(len(factor), dtype=np.uint64)
        drawn = _bits(start, np.add.outer(self._keys[here], paths))
        # Loans of like rates, time and quality have the same chance on every path.
        alike = np.stack([self._ever[here], self._quality[here]])
        (ever, quality), kind = np.unique(alike, axis=1, return_inverse=True)
        chances = conditional_probability(ever[:, None], factor, quality[:, None], self._correlation, self._weight)
        bounds = np.ceil(np.ldexp(chances, _BITS)).astype(np.uint64)
        loan, path = np.nonzero(drawn < (bounds[kind] if len(bounds) > 1 else bounds))
        return loan + first, path, np.ldexp(drawn[loan, path].astype(np.float64), -_BITS)

    def _with_luck(
        self, streams: Streams, block: int, loan: Ints, path: Ints, moment: Floats, factor: Floats
    ) -> Defaults:
        places, recovery = self._keys[loan] + path.astype(np.uint64), self.recovery

        def uniforms(purpose: str) -> Floats:
            return uniforms_at(streams, f"losses {self.name}: {purpose}", places)

        def values(distribution: Distribution, purpose: str) -> Floats:
            if distribution.fixed:
                return drawn_values(distribution, np.zeros(len(places)))
            own = uniforms(purpose)
            return drawn_values(distribution, haircut_uniforms(recovery, factor, own) if purpose == "haircut" else own)

        return Defaults(
            path=path + block * PATHS_A_BLOCK,
            loan=loan,
            moment=moment,
            claim_minutes=values(self.credit.claim_after, "claim"),
            sale_minutes=values(recovery.time, "sale"),
            haircut=values(recovery.haircut, "haircut"),
            cost=values(recovery.cost, "cost"),
            luck=normal(uniforms("value")) if recovery.volatility else np.zeros(len(places)),
        )


def keys_of(names: Sequence[str]) -> NDArray[np.uint64]:
    """A number far from all others for each loan; loans of the same name are told apart by their order."""
    met: Counter[str] = Counter()
    keys = np.empty(len(names), dtype=np.uint64)
    for place, name in enumerate(names):
        said = f"{name} ({met[name]})" if met[name] else name
        met[name] += 1
        keys[place] = int.from_bytes(blake2b(said.encode(errors="surrogatepass"), digest_size=8).digest(), "little")
    return keys


def _start(streams: Streams, purpose: str) -> np.uint64:
    """Where the endless row of a purpose's numbers begins."""
    return np.uint64(int(streams.uniforms(purpose, 1)[0] * 2.0**_BITS))


def uniforms_at(streams: Streams, purpose: str, places: NDArray[np.uint64]) -> Floats:
    """Uniform numbers in [0, 1) at some places of a purpose's endless row, same shape; the others are not drawn."""
    return np.ldexp(_bits(_start(streams, purpose), places).astype(np.float64), -_BITS)


def _bits(start: np.uint64, places: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Random numbers of `_BITS` bits at some places of an endless row, same shape.

    SplitMix64 at any place: G. L. Steele, D. Lea, C. H. Flood, Fast splittable pseudorandom number generators, OOPSLA
    2014, section 5.
    """
    state = start + (places + np.uint64(1)) * _STRIDE
    state ^= state >> np.uint64(30)
    state *= np.uint64(0xBF58476D1CE4E5B9)
    state ^= state >> np.uint64(27)
    state *= np.uint64(0x94D049BB133111EB)
    state ^= state >> np.uint64(31)
    state >>= np.uint64(64 - _BITS)
    return state
