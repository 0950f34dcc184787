"""How a book's losses run over many paths, and what comes out."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from simulator.analysis.distribution import PortfolioDistribution, portfolio_distribution
from simulator.analysis.portfolio_loans import Lent, Loans, book_figures
from simulator.errors import PledgesimError, TooLargeError
from simulator.experiment.estimate import refuse_hours
from simulator.experiment.path_runs import PathRun, PathTotals, added_up, run_portfolios
from simulator.experiment.portfolio import expected_seconds, refuse_too_many


@dataclass(frozen=True)
class PortfolioLosses:
    """All paths of the loans that a question is about."""

    loans: Loans
    seed: int
    asked: int
    """Paths that were asked for."""
    runs: Sequence[PathRun]

    @cached_property
    def totals(self) -> PathTotals:
        """What each path comes to, all loans together."""
        if len(self.runs) == 1:
            return self.runs[0].totals
        return added_up([(lent.name, run.totals) for lent, run in zip(self.loans.lent, self.runs, strict=True)])

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


def run_losses(loans: Loans, paths: int, seed: int, progress: Callable[[int, int], None]) -> PortfolioLosses:
    """Run the paths; after an interruption, those finished until then."""
    try:
        runs = run_portfolios([each.portfolio for each in loans.lent], paths, seed, progress)
    except TooLargeError as error:
        raise PledgesimError(f"{loans.source}: {error}") from None
    return PortfolioLosses(loans, seed, paths, runs)


def distribution(losses: PortfolioLosses) -> PortfolioDistribution:
    """All figures of all loans together."""
    return portfolio_distribution(losses.totals, losses.loans.begins_at)


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
