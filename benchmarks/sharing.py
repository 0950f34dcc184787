"""The agreement language on many paths, against a program written for one agreement alone.

100,000 years of 500 loans of 2m: one common factor (PD 3 % a year, correlation 0.12), losses given default Beta(2, 2),
default times even over the year. The agreement is 30/60/10 until a fund of 4m is used up, then 90/10. The plain program
knows nothing else: it keeps the defaulters, sorts them by time and takes cumulative sums path by path, in whole fen.
Both draw the same numbers in the same way, block by block, and sum up what each party bears on each path. Runs
alternate in one process; the ratio of the medians is what counts (bar: at least 0.5).

    python benchmarks/sharing.py [paths]
"""

from __future__ import annotations

import datetime
import resource
import sys
import time
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from math import sqrt
from pathlib import Path
from statistics import median

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr, ndtri

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from simulator.scenario.agreement import RiskSharing
from simulator.sharing import Agreement, PathLosses, share_paths

LOANS, PRINCIPAL_FEN = 500, 200_000_000
DEFAULT_RATE, CORRELATION = 0.03, 0.12
FUND_FEN = 400_000_000
BLOCK, DRAWN_AT_ONCE = 20_000, 500
FIRST_DAY = datetime.date(2022, 1, 1).toordinal()
AGREEMENT = {
    "funds": {"reserve": {"balance": "4m CNY", "owner": "district"}},
    "split": {
        "district": {"share": "30%", "up to": "reserve", "otherwise": "insurer"},
        "insurer": "60%",
        "bank": "rest",
    },
}
Fen = NDArray[np.int64]


@dataclass(frozen=True)
class Block:
    """Defaults of a block of paths, sorted by path and time; time is in years."""

    paths: int
    path: NDArray[np.int64]
    time: NDArray[np.float64]
    loss: Fen


def blocks(paths: int) -> Iterator[Block]:
    """Draw the defaults of all paths, a block at a time."""
    random = np.random.default_rng(1)
    uniforms = np.empty((DRAWN_AT_ONCE, LOANS))
    for begin in range(0, paths, BLOCK):
        size = min(BLOCK, paths - begin)
        factor = random.standard_normal(size)
        rates = ndtr((ndtri(DEFAULT_RATE) - sqrt(CORRELATION) * factor) / sqrt(1 - CORRELATION))
        found = []
        for first in range(0, size, DRAWN_AT_ONCE):
            of = rates[first : first + DRAWN_AT_ONCE, np.newaxis]
            random.random(out=uniforms)
            found.append(np.flatnonzero(uniforms[: len(of)] < of) // LOANS + first)
        path = np.concatenate(found)
        years = random.random(len(path))
        loss = np.rint(random.beta(2, 2, len(path)) * PRINCIPAL_FEN).astype(np.int64)
        order = np.argsort(path + years)
        yield Block(size, path[order], years[order], loss[order])


def tenths_of(*shares: int) -> Fen:
    """What each share, in tenths, gets of 0 to 9 fen: largest remainder, ties in order."""
    parts = np.outer(shares, np.arange(10)) // 10
    remainders = np.outer(shares, np.arange(10)) % 10
    for odd in range(10):
        for row in np.argsort(-remainders[:, odd], kind="stable")[: odd - parts[:, odd].sum()]:
            parts[row, odd] += 1
    return parts


WITH_FUND, WITHOUT_FUND = tenths_of(3, 6, 1), tenths_of(9, 1)


def plain(block: Block) -> Fen:
    """What district, insurer and bank bear of each loss, for this one agreement."""
    tenths = block.loss // 10
    odd = block.loss - 10 * tenths
    share = 3 * tenths + WITH_FUND[0][odd]
    claimed = np.cumsum(share)
    first = np.flatnonzero(np.diff(block.path, prepend=-1))
    of_path = np.repeat(claimed[first] - share[first], np.diff(first, append=len(share)))
    left = FUND_FEN - (claimed - share - of_path)
    district = np.clip(left, 0, share)
    bank = tenths + np.where(left > 0, WITH_FUND[2][odd], WITHOUT_FUND[1][odd])
    return np.array([district, block.loss - district - bank, bank])


def general(agreement: Agreement, block: Block) -> Fen:
    """The same by the agreement language."""
    days = FIRST_DAY + (block.time * 365).astype(np.int64)
    return share_paths(agreement, PathLosses(block.path, block.loss, days)).paid


def by_path(block: Block, paid: Fen) -> Fen:
    """What each party bears on each path."""
    totals = np.zeros((len(paid), block.paths), dtype=np.int64)
    first = np.flatnonzero(np.diff(block.path, prepend=-1))
    totals[:, block.path[first]] = np.add.reduceat(paid, first, axis=1)
    return totals


@dataclass
class Spent:
    """Seconds of a run, in all and for sharing alone; what each party bears, and a sum that checks it path by path."""

    total: float
    sharing: float
    borne: tuple[int, ...]
    checksum: int


def run(paths: int, share: Callable[[Block], Fen]) -> Spent:
    """Draw all paths and share their losses."""
    began, sharing = time.perf_counter(), 0.0
    borne, checksum = np.zeros(3, dtype=np.int64), 0
    for block in blocks(paths):
        at = time.perf_counter()
        paid = share(block)
        sharing += time.perf_counter() - at
        totals = by_path(block, paid)
        borne += totals.sum(axis=1)
        checksum = zlib.crc32(totals.tobytes(), checksum)
    return Spent(time.perf_counter() - began, sharing, tuple(borne.tolist()), checksum)


def main() -> None:
    """Print paths per second of both, their ratio, and the peak of memory."""
    paths = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    agreement = Agreement(RiskSharing.model_validate(AGREEMENT))
    for block in blocks(BLOCK):
        assert np.array_equal(plain(block), general(agreement, block))
    bare: list[Spent] = []
    ours: list[Spent] = []
    for _ in range(7):
        bare.append(run(paths, plain))
        ours.append(run(paths, lambda block: general(agreement, block)))
        assert (bare[-1].borne, bare[-1].checksum) == (ours[-1].borne, ours[-1].checksum)
    for name, runs in (("plain program", bare), ("agreement language", ours)):
        total, sharing = median(each.total for each in runs), median(each.sharing for each in runs)
        print(f"{name + ':':<20}{paths / total:>9,.0f} paths/s; of {total:.2f} s sharing took {sharing:.3f} s")
    pairs = [one.total / other.total for one, other in zip(bare, ours, strict=True)]
    ratio = median(each.total for each in bare) / median(each.total for each in ours)
    each = [f"{fen / 100 / paths / 1e6:.3f}m" for fen in ours[0].borne]
    print(f"both agree to the fen on every path; district, insurer and bank bear {', '.join(each)} CNY a year")
    print(f"ratio of speeds:    {ratio:>9.2f} (single pairs {min(pairs):.2f} to {max(pairs):.2f}); bar 0.5")
    print(f"peak memory:        {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:>9,.0f} MB")


if __name__ == "__main__":
    main()
