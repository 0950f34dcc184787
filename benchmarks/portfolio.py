"""The distribution of a portfolio's losses: 100,000 paths of 500 loans of 2m, PD 3 %, correlation 0.12.

Defaults are drawn, claims settled in order, shared 30/60/10 until a fund of 4m is used up, the IP sold at a random
haircut, cost and time, recoveries given back, and every figure worked out with its interval. Three books: like loans of
which a default costs half; the same with IP that is sold; loans that all differ in quality, under an agreement with a
yearly stop-loss by premium and a circuit breaker on the compensation rate. Each runs in a process of its own.

    python benchmarks/portfolio.py [paths]
"""

from __future__ import annotations

import datetime
import resource
import subprocess
import sys
import time
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import numpy as np

from simulator.analysis.distribution import portfolio_distribution
from simulator.credit.book import book_of_table
from simulator.credit.path_defaults import PATHS_A_BLOCK, DefaultDraws
from simulator.experiment.path_runs import run_paths
from simulator.experiment.portfolio import Portfolio
from simulator.scenario.agreement import RiskSharing
from simulator.scenario.book_table import BookRow
from simulator.scenario.credit import Credit
from simulator.sharing import Agreement

LOANS, PRINCIPAL_FEN, PREMIUM_FEN = 500, 200_000_000, 4_000_000
START = datetime.date(2022, 1, 1).toordinal()
WITH_FUND: dict[str, Any] = {
    "funds": {"reserve": {"balance": "4m CNY", "owner": "district"}},
    "split": {
        "district": {"share": "30%", "up to": "reserve", "otherwise": "insurer"},
        "insurer": "60%",
        "bank": "rest",
    },
}
WITH_BASES: dict[str, Any] = {
    "limits": {"stop loss": {"at_most": "150% of premium", "per": "year of claim"}},
    "rates": {"compensation rate": {"paid_by": "insurer", "over": "guaranteed balance", "per": "year of claim"}},
    "split": {
        "insurer": {
            "share": "80%",
            "up to": "stop loss",
            "when": {"compensation rate": {"at_most": "5%"}},
            "otherwise": "bank",
        },
        "bank": "rest",
    },
}
CREDIT: dict[str, Any] = {
    "annual_default_rate": "3%",
    "correlation": "12%",
    "claim_after": {"uniform": ["30 days", "90 days"]},
    "recovery": {
        "haircut": {"triangular": ["40%", "70%", "95%"]}, "cost": {"uniform": ["3%", "8%"]}, "on_factor": "20%",
        "time": {"exponential": "300 days"}, "decay": "10%", "volatility": "20%",
    },
}  # fmt: skip
BOOKS = ("given LGD, 30/60/10 with a fund", "IP that is sold, 30/60/10 with a fund", "own quality, bases and breaker")


def portfolio(kind: str) -> Portfolio:
    """One of the three."""
    sold = kind != BOOKS[0]
    lgd, value = (None, 3 * PRINCIPAL_FEN // 2) if sold else (Fraction(1, 2), None)
    rows = [
        BookRow(2, f"{n}", f"{n}", PRINCIPAL_FEN, START, 12, Fraction(3, 100), lgd, value, PREMIUM_FEN)
        for n in range(LOANS)
    ]
    book, credit, clauses = book_of_table(rows), dict(CREDIT), WITH_FUND
    if kind == BOOKS[2]:
        book, credit["quality_weight"], clauses = replace(book, quality=np.linspace(-2, 2, LOANS)), "30%", WITH_BASES
    assumed = Credit.model_validate(credit)
    return Portfolio(book, Agreement(RiskSharing.model_validate(clauses)), assumed, assumed.recovery)


def run(kind: str, paths: int) -> None:
    """Run one in this process and print what it took."""
    run = portfolio(kind)
    draws = DefaultDraws(run.book, run.credit, run.recovery)
    run_paths(run, PATHS_A_BLOCK, 1)
    loaded = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    began = time.perf_counter()
    for block in range(paths // PATHS_A_BLOCK):
        draws.block(1, block)
    drawn = time.perf_counter()
    totals = run_paths(run, paths, 1)
    shared = time.perf_counter()
    portfolio_distribution(totals, run.book.origin)
    done = time.perf_counter()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(kind)
    print(f"    defaults alone {drawn - began:.2f} s, all paths {shared - drawn:.2f} s, figures {done - shared:.2f} s")
    print(f"    {paths / (shared - drawn):,.0f} paths/s, {int(totals.defaults.sum()):,} defaults")
    print(f"    memory {peak:.0f} MB at most, {loaded:.0f} MB after one block of paths")


def main() -> None:
    """Print seconds, paths a second and memory for each book."""
    paths = sys.argv[1] if len(sys.argv) > 1 else "100000"
    for kind in BOOKS:
        subprocess.run([sys.executable, __file__, "alone", kind, paths], check=True)


if __name__ == "__main__":
    if sys.argv[1:2] == ["alone"]:
        run(sys.argv[2], int(sys.argv[3]))
    else:
        main()
