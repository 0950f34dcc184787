"""One path once more, by the implementation that explains: which loss stands for the others, and how it is shared."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby

import numpy as np

from simulator.credit.path_bases import bases_of
from simulator.credit.path_claims import Claims
from simulator.credit.path_defaults import PATHS_A_BLOCK, DefaultDraws
from simulator.experiment.path_runs import PathRun
from simulator.experiment.portfolio import Portfolio, SharedLosses, share_defaults
from simulator.sharing import Allocation, Claim


@dataclass(frozen=True)
class ToldPath:
    """The losses of one path and how each is shared, in the order of settlement."""

    path: int
    shared: SharedLosses
    allocations: list[Allocation]


def telling_path(run: PathRun, seed: int) -> ToldPath | None:
    """The first path on which a fund is used up, or else the first with a default; None where no loan defaults."""
    used_up = np.isfinite(run.totals.used_up).any(axis=0)
    paths = np.flatnonzero(used_up if used_up.any() else run.totals.defaults)
    return told_path(run.portfolio, seed, int(paths[0])) if len(paths) else None


def told_path(portfolio: Portfolio, seed: int, path: int) -> ToldPath:
    """A path (from 0) of a run with a seed."""
    draws = DefaultDraws(portfolio.book, portfolio.credit, portfolio.recovery, portfolio.name)
    defaults = draws.block(seed, path // PATHS_A_BLOCK, path % PATHS_A_BLOCK + 1).on_paths(path, path)
    shared = share_defaults(portfolio.book, portfolio.agreement, portfolio.recovery, defaults)
    return ToldPath(path, shared, allocations_of(portfolio, shared))


def allocations_of(portfolio: Portfolio, shared: SharedLosses) -> list[Allocation]:
    """The claims of one path shared one after another, with what recoveries refill between them."""
    agreement, claims, sales = portfolio.agreement, shared.claims, shared.sales
    together = agreement.model.same_day == "pro rata"
    told = _claims(portfolio, claims)
    meters = agreement.open()
    found: list[Allocation] = []
    sold = [(float(sales.moment[sale]), int(sales.claim[sale]), int(sale)) for sale in shared.sold]
    waiting = sorted(sold)

    def sell_before(moment: float) -> None:
        while waiting and waiting[0][0] < moment:
            _, claim, sale = waiting.pop(0)
            net = int(sales.proceeds[sale] - sales.cost[sale])
            agreement.give_back(net, found[claim].paid, {}, meters)

    for moment, group in groupby(range(len(claims)), key=lambda place: float(claims.settled_at[place])):
        sell_before(moment)
        places = list(group)
        if together:
            found += agreement.share_day([told[place] for place in places], meters)
        else:
            found += [agreement.share(told[place], meters) for place in places]
    return found


def _claims(portfolio: Portfolio, claims: Claims) -> list[Claim]:
    book, agreement = portfolio.book, portfolio.agreement
    bases = bases_of(book, claims, agreement.needs, agreement.model.same_day)
    return [
        Claim(
            amount=int(claims.amount[place]),
            day=int(claims.day[place]),
            loan=book.names[loan],
            borrower=int(book.borrower[loan]),
            lost_on=int(claims.lost_on[place]),
            drawn_on=int(claims.drawn_on[place]),
            bases={need: int(fen[place]) for need, fen in bases.items()},
        )
        for place, loan in enumerate(claims.loan.tolist())
    ]
