"""Runs books of loans over many paths and keeps what every path comes to."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from simulator.calendars import minutes_since
from simulator.credit.book import Floats, Ints
from simulator.credit.loans import drawn_values
from simulator.credit.path_claims import day_of, years_of
from simulator.experiment.portfolio import Portfolio, SharedLosses, refuse_too_many, shared_paths
from simulator.sharing.path_meters import paid_in_by

PATHS_WITH_COURSES = 10_000
"""Of at most so many paths, the first, the balances of funds over time are kept."""
_HAIR = 1e-6  # of a minute: less than anything takes
MOST_BALANCES = 20_000_000
"""Balances kept of all funds of a portfolio, at 8 bytes each."""
MOMENTS = 120
"""Moments at which they are, besides those of top-ups."""


@dataclass(frozen=True)
class PathTotals:
    """What each path comes to, one column a path; money in fen.

    loss     the losses that are shared, as claims are settled
    net      what of them is borne in the end, after recoveries; the parts of the parties sum to it
    borne    (parties, paths) what each party bears in the end
    borne_in (parties, years, paths) the same by the calendar year in which claims are settled; the last of `years`
             takes what comes later
    paid_in  (parties, years, paths) what each party pays for the claims of a year, before anything comes back
    used_up  (funds, paths) moment from which a fund was empty for the first time, in minutes as in the book; infinite
             where it never was
    """

    parties: tuple[str, ...]
    funds: tuple[str, ...]
    years: tuple[int, ...]
    loss: Ints
    net: Ints
    borne: Ints
    borne_in: Ints
    paid_in: Ints
    used_up: Floats
    defaults: Ints
    """Number of defaults."""

    @classmethod
    def none(cls, parties: Sequence[str], funds: Sequence[str], years: Sequence[int], paths: int) -> PathTotals:
        """Paths on which nothing has happened."""
        by_year = len(parties), len(years), paths
        return cls(
            tuple(parties),
            tuple(funds),
            tuple(years),
            loss=np.zeros(paths, dtype=np.int64),
            net=np.zeros(paths, dtype=np.int64),
            borne=np.zeros((len(parties), paths), dtype=np.int64),
            borne_in=np.zeros(by_year, dtype=np.int64),
            paid_in=np.zeros(by_year, dtype=np.int64),
            used_up=np.full((len(funds), paths), np.inf),
            defaults=np.zeros(paths, dtype=np.int64),
        )

    def __len__(self) -> int:
        return len(self.loss)

    def first(self, paths: int) -> PathTotals:
        """Those of the first paths."""
        return PathTotals(
            self.parties,
            self.funds,
            self.years,
            self.loss[:paths],
            self.net[:paths],
            self.borne[:, :paths],
            self.borne_in[..., :paths],
            self.paid_in[..., :paths],
            self.used_up[:, :paths],
            self.defaults[:paths],
        )

    def put(self, shared: SharedLosses, portfolio: Portfolio) -> None:
        """Put down what the losses of some paths come to."""
        claims, shares = shared.claims, shared.shares
        if not len(claims):
            return
        begins = np.flatnonzero(np.concatenate(([True], claims.path[1:] != claims.path[:-1])))
        path = claims.path[begins]
        borne = shared.borne
        self.loss[path] = np.add.reduceat(claims.amount, begins)
        self.borne[:, path] = np.add.reduceat(borne, begins, axis=1)
        self.net[path] = self.borne[:, path].sum(axis=0)
        self.defaults[path] = np.diff(np.append(begins, len(claims)))
        year = np.minimum(years_of(claims.day) - self.years[0], len(self.years) - 1)
        key = claims.path * len(self.years) + year
        begins = np.flatnonzero(np.concatenate(([True], key[1:] != key[:-1])))
        self.borne_in[:, year[begins], claims.path[begins]] = np.add.reduceat(borne, begins, axis=1)
        self.paid_in[:, year[begins], claims.path[begins]] = np.add.reduceat(shares.paid, begins, axis=1)
        book, funds = portfolio.book, portfolio.agreement.model.funds
        for fund, left in enumerate(shares.fund_left):
            name = self.funds[fund]
            # One that begins with nothing is not used up before anything was paid in.
            empty = np.flatnonzero((left == 0) & (paid_in_by(funds[name], name, claims.day) > 0))
            found, first = np.unique(claims.path[empty], return_index=True)
            moment, day = claims.settled_at[empty[first]], claims.day[empty[first]]
            # Pro rata, claims are settled at the midnight that ends their day.
            self.used_up[fund, found] = np.where(day_of(book, moment) == day, moment, moment - _HAIR)


def added_up(parts: Sequence[tuple[str, PathTotals]]) -> PathTotals:
    """Several portfolios together, path by path: parties of one name are one, funds are told apart by a name each."""
    parties = dict.fromkeys(party for _, part in parts for party in part.parties)
    funds = [f"{name}: {fund}" for name, part in parts for fund in part.funds]
    years = sorted({year for _, part in parts for year in part.years})
    whole = PathTotals.none(list(parties), funds, years, len(parts[0][1]))
    funds_before = 0
    for _, part in parts:
        for name in ("loss", "net", "defaults"):
            getattr(whole, name)[:] += getattr(part, name)
        first = years.index(part.years[0])
        for number, party in enumerate(part.parties):
            place = whole.parties.index(party)
            whole.borne[place] += part.borne[number]
            whole.borne_in[place, first : first + len(part.years)] += part.borne_in[number]
            whole.paid_in[place, first : first + len(part.years)] += part.paid_in[number]
        whole.used_up[funds_before : funds_before + len(part.funds)] = part.used_up
        funds_before += len(part.funds)
    return whole


class FundCourses:
    """What each fund of a portfolio holds over time on the first paths.

    `moments` (moments,) are in minutes as in the book, rising. A balance stands from its moment on as long as no claim
    or recovery changes it. `paths` is of how many paths, the first, they are kept.
    """

    def __init__(self, portfolio: Portfolio, paths: int) -> None:
        self._agreement, self._book = portfolio.agreement, portfolio.book
        self.moments = _moments(portfolio)
        funds = len(portfolio.agreement.model.funds)
        fit = MOST_BALANCES // max(1, funds * len(self.moments))
        self.paths = min(paths, PATHS_WITH_COURSES, fit) if funds else 0
        self._out = np.zeros((funds, self.paths, len(self.moments)), dtype=np.int64)

    def add(self, shared: SharedLosses) -> None:
        """Take what comes out of and goes back into the funds on some paths."""
        claims, sales, sold = shared.claims, shared.sales, shared.sold
        self._take(claims.path, claims.settled_at, shared.shares.from_fund)
        self._take(claims.path[sales.claim[sold]], sales.moment[sold], -shared.shares.refilled)

    def _take(self, path: Ints, moment: Floats, fen: Ints) -> None:
        place = np.searchsorted(self.moments, moment)
        kept = np.flatnonzero((path < self.paths) & (place < len(self.moments)))
        for out, each in zip(self._out, fen, strict=True):
            np.add.at(out, (path[kept], place[kept]), each[kept])

    @property
    def at_first(self) -> dict[str, int]:
        """What each fund holds when the first loan is drawn, in fen."""
        return self._agreement.funds_left(self._agreement.open(), int(day_of(self._book, self.moments[:1])[0]))

    def balances(self, paths: int) -> dict[str, Ints]:
        """What each fund holds on the first paths, at most `paths`, (paths, moments) in fen."""
        days = day_of(self._book, self.moments)
        return {
            name: paid_in_by(fund, name, days) - np.cumsum(out[:paths], axis=1)
            for (name, fund), out in zip(self._agreement.model.funds.items(), self._out, strict=True)
        }


def _moments(portfolio: Portfolio) -> Floats:
    """From the first drawdown until nearly all claims are settled and, where it goes back into funds, IP is sold."""
    book, funds = portfolio.book, portfolio.agreement.model.funds.values()
    first, last = float(book.drawn_at.min()), float(book.ends_at.max())
    nearly_all = np.array([0.99])
    last += float(drawn_values(portfolio.credit.claim_after, nearly_all)[0])
    if any(fund.refill for fund in funds):
        last += float(drawn_values(portfolio.recovery.time, nearly_all)[0])
    paid_in = [minutes_since(book.origin, top_up.on) for fund in funds for top_up in fund.top_ups]
    within = [moment for moment in paid_in if first < moment < last]
    return np.unique([*np.linspace(first, last, MOMENTS), *within])


@dataclass(frozen=True)
class PathRun:
    """What came of one portfolio."""

    portfolio: Portfolio
    totals: PathTotals
    courses: FundCourses


def run_paths(portfolio: Portfolio, paths: int, seed: int, at_once: int | None = None) -> PathTotals:
    """The totals of `paths` paths; the same for the same seed, whatever is run at once.

    Memory grows by what is kept, a few numbers a path, besides balances of funds on the first paths. PledgesimError,
    with the estimate, where that would be too much.
    """
    return run_portfolios([portfolio], paths, seed, at_once=at_once)[0].totals


def run_portfolios(
    portfolios: Sequence[Portfolio],
    paths: int,
    seed: int,
    progress: Callable[[int, int], None] = lambda done, total: None,
    at_once: int | None = None,
) -> list[PathRun]:
    """Several portfolios, of different names, on the same paths; after an interruption, those finished of all.

    `progress` is told the paths done and all paths. KeyboardInterrupt only before any was finished.
    """
    refuse_too_many(portfolios, paths)
    runs = [
        PathRun(
            each,
            PathTotals.none(each.agreement.parties, tuple(each.agreement.model.funds), each.years, paths),
            FundCourses(each, paths),
        )
        for each in portfolios
    ]
    shared = [shared_paths(each, paths, seed, at_once) for each in portfolios]
    done = [0] * len(runs)
    try:
        while min(done) < paths:
            behind = done.index(min(done))
            upto, part = next(shared[behind])
            runs[behind].totals.put(part, runs[behind].portfolio)
            runs[behind].courses.add(part)
            done[behind] = upto
            progress(min(done), paths)
    except KeyboardInterrupt:
        if not min(done):
            raise
    return [PathRun(run.portfolio, run.totals.first(min(done)), run.courses) for run in runs]
