"""Losses of a book of loans on many paths, shared by an agreement, as many at once as fit into a bounded memory."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from simulator.credit.book import Book, Ints
from simulator.credit.loans import drawn_values
from simulator.credit.path_bases import bases_of, moved_of
from simulator.credit.path_claims import Claims, Sales, claims_of, day_of, sales_of, years_of
from simulator.credit.path_defaults import PATHS_A_BLOCK, DefaultDraws, Defaults
from simulator.errors import PledgesimError
from simulator.scenario.credit import CompleteRecovery, Credit
from simulator.sharing import Agreement, PathLosses, PathRecoveries, PathShares, share_paths

DEFAULTS_AT_ONCE = 100_000
"""About so many defaults are shared at once, or those of one path where they are more; a default takes about 1 kB."""
MOST_DEFAULTS_A_BLOCK = 5_000_000
"""More defaults are not drawn at once, at about 300 bytes each."""
MOST_KEPT = 60_000_000
"""Numbers kept of all paths together, at 8 bytes each."""
MOVEMENTS_AT_ONCE = 1_500_000
"""Of bases of agreements about so many movements of loans that default are looked at together, at about 150 bytes."""
SECONDS_PER_DRAW, SECONDS_PER_DEFAULT, SECONDS_PER_MOVEMENT = 1e-8, 2e-6, 1.2e-7
"""Measured on one core of an ordinary machine; for estimates only."""


@dataclass(frozen=True)
class Portfolio:
    """A book of loans, the agreement by which its losses are shared, and what is assumed of defaults and recoveries.

    Portfolios of different names that run with the same seed meet the same good and bad times, but not the same
    defaults; `recovery` holds the assumptions of the product where it has its own.
    """

    book: Book
    agreement: Agreement
    credit: Credit
    recovery: CompleteRecovery
    name: str = ""

    @cached_property
    def expected_defaults(self) -> float:
        """Defaults of one path to be expected."""
        return DefaultDraws(self.book, self.credit, self.recovery).expected

    @property
    def years(self) -> range:
        """Calendar years from the first drawdown until nearly all claims are settled."""
        late = float(drawn_values(self.credit.claim_after, np.array([0.99]))[0])
        moments = np.array([self.book.drawn_at.min(), self.book.ends_at.max() + late])
        first, last = years_of(day_of(self.book, moments)).tolist()
        return range(first, last + 1)

    @property
    def movements(self) -> float:
        """Drawings, repayments and premiums of a loan, in the mean, that bases of its agreement ask for, each base."""
        return sum(len(moved_of(self.book, base).loan) for _, base in self.agreement.needs) / len(self.book)


@dataclass(frozen=True)
class SharedLosses:
    """What became of the defaults of some paths: claims in the order of settlement, sales, and who bears what.

    The columns of `shares` are the claims; its recoveries are the sales that brought more than they cost, in `sold` by
    their places among `sales`.
    """

    claims: Claims
    sales: Sales
    sold: Ints
    shares: PathShares

    @property
    def borne(self) -> Ints:
        """What each party bears of each claim in the end: paid, less what came back to it. (parties, claims), fen."""
        borne = self.shares.paid.copy()
        # A claim has one sale at most, so that each place is met once.
        borne[:, self.sales.claim[self.sold]] -= self.shares.returned
        return borne


def share_defaults(book: Book, agreement: Agreement, recovery: CompleteRecovery, defaults: Defaults) -> SharedLosses:
    """Settle the claims of defaults on many paths, share the losses, sell the IP and give back what it brings.

    Nothing is drawn here: given the defaults of a run, the result is that run's to the fen. ValueError for defaults
    that cannot be and for losses that the agreement cannot be applied to.
    """
    model = agreement.model
    claims = claims_of(book, defaults, model.covers, model.same_day)
    sales = sales_of(book, defaults, claims, recovery)
    losses = PathLosses(
        path=claims.path,
        amount=claims.amount,
        day=claims.day,
        borrower=book.borrower[claims.loan],
        lost_on=claims.lost_on,
        drawn_on=claims.drawn_on,
        bases=bases_of(book, claims, agreement.needs, model.same_day),
        moment=claims.settled_at,
    )
    net = sales.proceeds - sales.cost
    sold = np.flatnonzero(net)
    recoveries = PathRecoveries(sales.claim[sold], net[sold], sales.day[sold], sales.moment[sold])
    return SharedLosses(claims, sales, sold, share_paths(agreement, losses, recoveries))


def shared_paths(
    portfolio: Portfolio, paths: int, seed: int, at_once: int | None = None
) -> Iterator[tuple[int, SharedLosses]]:
    """The losses of `paths` paths, those of some whole paths after those of others, each with how many are done then.

    `at_once` is about how many defaults are shared at once; nothing depends on it but memory and time.
    """
    book, agreement, recovery = portfolio.book, portfolio.agreement, portfolio.recovery
    draws = DefaultDraws(book, portfolio.credit, recovery, portfolio.name)
    most = min(DEFAULTS_AT_ONCE, int(MOVEMENTS_AT_ONCE / max(1.0, portfolio.movements)))
    most = most if at_once is None else at_once
    together = max(1, int(most / max(1.0, draws.expected * PATHS_A_BLOCK)))
    blocks = -(-paths // PATHS_A_BLOCK)
    for first in range(0, blocks, together):
        numbers = range(first, min(first + together, blocks))
        drawn = [draws.block(seed, each, min(PATHS_A_BLOCK, paths - each * PATHS_A_BLOCK)) for each in numbers]
        defaults = Defaults.joined(drawn)
        pieces = min(PATHS_A_BLOCK, max(1, len(defaults) // (2 * most))) if together == 1 else 1
        for piece in np.array_split(np.arange(numbers.start * PATHS_A_BLOCK, numbers.stop * PATHS_A_BLOCK), pieces):
            part = defaults if pieces == 1 else defaults.on_paths(int(piece[0]), int(piece[-1]))
            yield min(int(piece[-1]) + 1, paths), share_defaults(book, agreement, recovery, part)


def expected_seconds(portfolio: Portfolio, paths: int) -> float:
    """Roughly how long so many paths take on one core; a block of paths is drawn whole."""
    drawn = -(-paths // PATHS_A_BLOCK) * PATHS_A_BLOCK * len(portfolio.book)
    a_default = SECONDS_PER_DEFAULT + portfolio.movements * SECONDS_PER_MOVEMENT
    return drawn * SECONDS_PER_DRAW + paths * portfolio.expected_defaults * a_default


def refuse_too_many(portfolios: Sequence[Portfolio], paths: int) -> None:
    """PledgesimError for a number of paths below 1 or of more than fit into memory, with the estimate."""
    if paths < 1:
        raise PledgesimError(f"{paths} paths; at least 1 is needed")
    a_path = sum(
        3 + len(each.agreement.parties) * (1 + 2 * len(each.years)) + len(each.agreement.model.funds)
        for each in portfolios
    )
    if paths * a_path > MOST_KEPT:
        raise PledgesimError(
            f"{paths:,} paths with {a_path} numbers each would take about {paths * a_path * 8 / 1e6:,.0f} MB; "
            f"at most {MOST_KEPT * 8 / 1e6:,.0f} MB are taken: run at most {MOST_KEPT // a_path:,} paths"
        )
    expected = sum(each.expected_defaults for each in portfolios)
    if expected * min(paths, PATHS_A_BLOCK) > MOST_DEFAULTS_A_BLOCK:
        raise PledgesimError(
            f"about {expected:,.0f} defaults on each path; {MOST_DEFAULTS_A_BLOCK // PATHS_A_BLOCK:,} at most fit into "
            "memory: take a smaller book, or lower default rates"
        )
