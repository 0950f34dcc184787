"""Books of loans, credit assumptions and agreements for tests, each in a line or two."""

from __future__ import annotations

import datetime
from fractions import Fraction
from typing import Any

import numpy as np

from simulator.credit.book import Book, Dated, book_of_table
from simulator.credit.default_times import TermStructure
from simulator.credit.path_defaults import Defaults
from simulator.experiment.portfolio import Portfolio
from simulator.scenario.agreement import RiskSharing
from simulator.scenario.book_table import BookRow
from simulator.scenario.credit import Credit
from simulator.sharing import Agreement

MILLION = 10**8
"""A million yuan in fen."""
DAY = 1440.0
START = datetime.date(2021, 1, 1)
WITH_FUND = {
    "funds": {"reserve": {"balance": "4m CNY", "owner": "district"}},
    "split": {
        "district": {"share": "30%", "up to": "reserve", "otherwise": "insurer"},
        "insurer": "60%",
        "bank": "rest",
    },
}
ALONE = {"split": {"bank": "100%"}}


def row(loan: str = "L1", start: datetime.date = START, **rest: Any) -> BookRow:
    """A row of a table of bullet loans: 2m for a year, at 3 %, of which a default costs all."""
    usual = {"borrower": f"firm of {loan}", "principal": 2 * MILLION, "tenor_months": 12, "annual_pd": Fraction(3, 100)}
    known = usual | {"lgd": Fraction(1), "appraised_value": None, "premium": None} | rest
    return BookRow(line=2, loan=loan, start=start.toordinal(), **known)


def bullets(count: int, **rest: Any) -> Book:
    """So many like bullet loans of as many firms."""
    return book_of_table(row(f"L{number}", **rest) for number in range(count))


def agreement(clauses: Any) -> Agreement:
    return Agreement(RiskSharing.model_validate(clauses))


def credit_of(correlation: str = "0%", recovery: Any = None, **rest: Any) -> Credit:
    certain = {"haircut": "100%", "cost": "0%", "time": "300 days"}
    assumed = {"annual_default_rate": "3%", "correlation": correlation, "claim_after": "60 days", **rest}
    return Credit.model_validate({**assumed, "recovery": certain | (recovery or {})})


def portfolio(book: Book, clauses: Any = ALONE, name: str = "", **credit: Any) -> Portfolio:
    assumed = credit_of(**credit)
    return Portfolio(book, agreement(clauses), assumed, assumed.recovery, name)


def given_defaults(*rows: tuple[int, int, float], **rest: Any) -> Defaults:
    """Defaults (path, loan, moment) with fixed luck: 10 days to the claim, 20 to the sale, half of the value lost."""
    path, loan, moment = (np.array(column) for column in zip(*rows, strict=True))
    luck = {"claim_minutes": 10 * DAY, "sale_minutes": 20 * DAY, "haircut": 0.5, "cost": 0.1, "luck": 0.0} | rest
    columns = {name: np.broadcast_to(value, len(rows)).astype(float) for name, value in luck.items()}
    return Defaults(path, loan, moment.astype(float), **columns)


def random_book(seed: int) -> Book:
    """A few loans of fewer firms, some renewed or never repaid, repaid in steps, with drawings and premiums.

    Moments are round, so that many fall together.
    """
    random = np.random.default_rng(seed)
    loans, steps, periods = random.integers(1, [7, 5, 4])
    drawn = random.integers(0, 900, loans) * DAY / 4
    lengths = random.integers(1, 400, (loans, periods)) * DAY
    period_ends = np.column_stack([drawn, drawn[:, None] + np.cumsum(lengths, axis=1)])
    life = period_ends[:, -1] - drawn
    shares = np.sort(random.integers(0, 9, (loans, steps)), axis=1) / 8
    changes_at = drawn[:, None] + np.column_stack([0 * drawn, shares, 0 * drawn + 1]) * life[:, None]
    outstanding = random.integers(0, 10**6, (loans, steps + 2))
    outstanding[:, -1] *= random.integers(0, 2, loans)
    payments = random.integers(0, 9)
    loan, fen = random.integers(0, loans, payments), random.integers(0, 10**5, payments)
    moment = drawn[loan] + random.integers(0, 9, payments) / 8 * life[loan]
    return Book(
        origin=START,
        names=tuple(f"L{number}" for number in range(loans)),
        borrower=random.integers(0, 3, loans),
        period_ends=period_ends,
        tenor_years=np.ones(loans),
        changes_at=np.column_stack([changes_at, np.full(loans, np.inf)]),
        outstanding=np.column_stack([outstanding, np.zeros(loans, dtype=np.int64)]),
        structure=np.zeros(loans, dtype=np.int64),
        structures=(TermStructure((0.1,)),),
        worth=random.integers(0, 10**6, loans),
        drawings=Dated(loan, moment, fen * 3) if random.integers(2) else None,
        premiums=Dated(loan, moment, fen),
    )


def random_defaults(book: Book, seed: int, paths: int = 3) -> Defaults:
    """About half of the loans default on each of a few paths, at round moments, in any order."""
    random = np.random.default_rng(seed)
    chosen = random.permutation(paths * len(book))[: random.integers(0, paths * len(book) + 1)]
    path, loan = chosen // len(book), chosen % len(book)
    moment = book.drawn_at[loan] + random.integers(0, 33, len(loan)) / 32 * (book.ends_at - book.drawn_at)[loan]
    alive = moment < book.ends_at[loan]
    path, loan, moment = path[alive], loan[alive], moment[alive]
    minutes = random.integers(0, 1_200, (2, len(loan))) * DAY / 4
    shares = random.integers(0, 13, (2, len(loan))) / 10
    return Defaults(path, loan, moment, *minutes, *shares, random.standard_normal(len(loan)))
