"""How a book's losses run over many paths, and what comes out."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np

from simulator.analysis.distribution import (
    LossDistribution,
    PortfolioDistribution,
    cny,
    loss_distribution,
    mean_of,
    portfolio_distribution,
)
from simulator.analysis.intervals import Estimate
from simulator.analysis.portfolio_loans import Lent, Loans, book_figures, under
from simulator.errors import PledgesimError, TooLargeError
from simulator.experiment.estimate import refuse_hours
from simulator.experiment.path_runs import PathRun, PathTotals, added_up, run_portfolios
from simulator.experiment.portfolio import expected_seconds, refuse_too_many
from simulator.scenario.agreement_file import OpenedAgreement


@dataclass(frozen=True)
class Against:
    """Another agreement by which the same losses are shared."""

    reference: str
    """What the user calls it."""
    totals: PathTotals
    """What each path comes to, all loans together."""


@dataclass(frozen=True)
class PortfolioLosses:
    """All paths of the loans that a question is about."""

    loans: Loans
    seed: int
    asked: int
    """Paths that were asked for."""
    runs: Sequence[PathRun]
    against: Against | None = None

    @cached_property
    def totals(self) -> PathTotals:
        """What each path comes to, all loans together."""
        return _together(self.loans, self.runs)

    @property
    def paths(self) -> int:
        """Paths that were finished."""
        return len(self.runs[0].totals)

    @property
    def complete(self) -> bool:
        """Whether all were."""
        return self.paths == self.asked


def refuse_long(loans: Loans, paths: int, limit_hours: float) -> None:
    """PledgesimError, with the estimate, for paths that take too long or do not fit into memory."""
    portfolios = [each.portfolio for each in loans.lent]
    refuse_too_many(portfolios, paths)
    refuse_hours(sum(expected_seconds(each, paths) for each in portfolios), limit_hours, "Lower --paths")


def run_losses(
    loans: Loans,
    paths: int,
    seed: int,
    progress: Callable[[int, int], None],
    against: OpenedAgreement | None = None,
) -> PortfolioLosses:
    """Run the paths, and again with another agreement; after an interruption, those finished until then of both."""
    if against is None:
        return PortfolioLosses(loans, seed, paths, _runs(loans, paths, seed, progress))
    runs = _runs(loans, paths, seed, lambda done, total: progress(done, 2 * total))
    finished = len(runs[0].totals)
    if finished < paths:
        return PortfolioLosses(loans, seed, paths, runs)
    again = _runs(under(loans, against), paths, seed, lambda done, total: progress(total + done, 2 * total))
    finished = len(again[0].totals)
    first = [replace(run, totals=run.totals.first(finished)) for run in runs]
    return PortfolioLosses(loans, seed, paths, first, Against(against.reference, _together(loans, again)))


def _runs(loans: Loans, paths: int, seed: int, progress: Callable[[int, int], None]) -> list[PathRun]:
    try:
        return run_portfolios([each.portfolio for each in loans.lent], paths, seed, progress)
    except TooLargeError as error:
        raise PledgesimError(f"{loans.source}: {error}") from None


def _together(loans: Loans, runs: Sequence[PathRun]) -> PathTotals:
    if len(runs) == 1:
        return runs[0].totals
    return added_up([(lent.name, run.totals) for lent, run in zip(loans.lent, runs, strict=True)])


@dataclass(frozen=True)
class Compared:
    """What a party bears under two agreements, in fen, and how much more there than here, path by path."""

    here: LossDistribution
    there: LossDistribution
    difference: Estimate


def against_figures(losses: PortfolioLosses, against: Against) -> dict[str, Compared]:
    """Every party of one of the two agreements; 0 under one that does not know it."""
    nothing = np.zeros(losses.paths, dtype=np.int64)
    here, there = (dict(zip(each.parties, each.borne, strict=True)) for each in (losses.totals, against.totals))
    found = {}
    for party in dict.fromkeys([*here, *there]):
        one, other = here.get(party, nothing), there.get(party, nothing)
        found[party] = Compared(
            loss_distribution(one), loss_distribution(other), mean_of((other - one).astype(np.float64))
        )
    return found


def distribution(losses: PortfolioLosses) -> PortfolioDistribution:
    """All figures of all loans together."""
    return portfolio_distribution(losses.totals, losses.loans.origin, losses.loans.begins_at)


def losses_json(losses: PortfolioLosses, figures: PortfolioDistribution) -> dict[str, Any]:
    """What was run and what came out, for programs; money in CNY."""
    return {
        "file": losses.loans.reference,
        "loans_from": losses.loans.source,
        "paths_asked": losses.asked,
        "complete": losses.complete,
        "seed": losses.seed,
        "correlation": float(losses.loans.correlation),
        "products": [_product_json(each) for each in losses.loans.lent],
        "products_without_loans": list(losses.loans.without_loans),
        **figures.as_json(),
        **({"against": _against_json(losses, losses.against)} if losses.against is not None else {}),
    }


def _against_json(losses: PortfolioLosses, against: Against) -> dict[str, Any]:
    return {
        "file": against.reference,
        "parties_cny": {
            party: {
                "here": each.here.as_json(),
                "there": each.there.as_json(),
                "difference_of_means": cny(each.difference),
            }
            for party, each in against_figures(losses, against).items()
        },
    }


def _product_json(lent: Lent) -> dict[str, Any]:
    found = book_figures(lent.portfolio)
    return {
        "product": lent.opened.product_name,
        "loans": found.loans,
        "loans_without_annual_pd": lent.without_pd,
        "borrowers": found.borrowers,
        "principal_cny": found.principal / 100,
        "first_drawn": found.first_drawn.isoformat(),
        "last_drawn": found.last_drawn.isoformat(),
        "last_ends": found.ends.isoformat(),
        "expected_defaults": found.expected_defaults,
    }
