"""How much a book of loans may lose over its years, who bears it, and how long funds last."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from functools import cached_property
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from simulator.analysis.distribution import LossDistribution, PortfolioDistribution, cny
from simulator.analysis.portfolio_loans import Loans, loans_of_book, loans_of_scenario, with_correlation
from simulator.analysis.portfolio_losses import (
    PortfolioLosses,
    against_figures,
    distribution,
    losses_json,
    refuse_long,
    run_losses,
)
from simulator.api.agreement_sources import agreement, opened_agreements
from simulator.api.agreements import Agreement, only_agreement
from simulator.api.folders import as_in_python
from simulator.api.frames import columns_frame, frame_of, html_of, with_interval
from simulator.api.given import (
    path_of,
    refuse_unless_callable,
    refuse_unless_hours,
    refuse_unless_text,
    refuse_unless_whole,
)
from simulator.api.languages import in_language
from simulator.api.pictures import axes_of
from simulator.api.runs import Progress
from simulator.api.scenarios import Source
from simulator.errors import PledgesimError
from simulator.texts import Language
from simulator.units import parse_share

if TYPE_CHECKING:
    from pandas import DataFrame


class Losses:
    """The losses of a book on many paths: courses that the years may take. Money in CNY.

    A figure stands in three columns, NAME, NAME_low and NAME_high: it and the ends of its 95 % interval for the limited
    number of paths. What is not known of default rates, correlation and values is not in the interval.

    >>> losses = simulator.losses("C9-F2", paths=500)
    >>> losses.figures["amount"].tolist()
    ['loss', 'net', 'borne by insurer', 'borne by bank', 'borne by district']
    """

    def __init__(self, losses: PortfolioLosses) -> None:
        """Made by `losses`."""
        self._losses = losses

    @property
    def paths(self) -> int:
        """Finished paths."""
        return self._losses.paths

    @property
    def complete(self) -> bool:
        """False after an interrupt."""
        return self._losses.complete

    @cached_property
    def summary(self) -> dict[str, Any]:
        """All figures with their intervals, as `pledgesim losses --json` prints them."""
        return losses_json(self._losses, self._distribution)

    @property
    def figures(self) -> DataFrame:
        """Mean, standard deviation, value at risk and expected shortfall at 95, 99 and 99.9 %.

        Of the losses as they are shared, net of recoveries, and of what each party bears in the end.
        """
        found = self._distribution
        rows = [("loss", found.loss), ("net", found.net)]
        rows += [(f"borne by {party}", each) for party, each in found.parties.items()]
        return frame_of({"amount": name, **_columns(each)} for name, each in rows)

    @property
    def years(self) -> DataFrame:
        """What all bear of the claims of each calendar year, by year."""
        return frame_of({"year": year, **_columns(each)} for year, each in self._distribution.years.items())

    @property
    def funds(self) -> DataFrame:
        """How likely each fund is to be used up, and the years from the first drawdown until it is, where it is."""
        return frame_of(
            (
                {
                    "fund": name,
                    **with_interval("used_up_share", each.probability),
                    **{
                        key: value
                        for share, years in each.years.items()
                        for key, value in with_interval(f"p{share * 100:g}_years", years).items()
                    },
                }
                for name, each in self._distribution.funds.items()
            ),
            ("fund",),
        )

    @property
    def against(self) -> DataFrame:
        """What each party bears under the other agreement, on the same paths, and how much more than here."""
        other = self._losses.against
        if other is None:
            raise PledgesimError("nothing was set against it; run simulator.losses(..., against=...)")
        return frame_of(
            {
                "party": party,
                **with_interval("here_mean_cny", cny(each.here.mean)),
                **with_interval("there_mean_cny", cny(each.there.mean)),
                **with_interval("difference_mean_cny", cny(each.difference)),
                **with_interval("here_VaR_99_cny", cny(each.here.value_at_risk[0.99])),
                **with_interval("there_VaR_99_cny", cny(each.there.value_at_risk[0.99])),
            }
            for party, each in against_figures(self._losses, other).items()
        )

    def by_path(self) -> DataFrame:
        """What every path comes to: defaults, losses, what is borne in the end and by whom."""
        totals = self._losses.totals
        columns: dict[str, Any] = {
            "path": np.arange(1, self.paths + 1),
            "defaults": totals.defaults,
            "loss_cny": totals.loss / 100,
            "net_cny": totals.net / 100,
        }
        columns |= {f"borne_by_{party}_cny": fen / 100 for party, fen in zip(totals.parties, totals.borne, strict=True)}
        return columns_frame(columns)

    @property
    def charts(self) -> list[str]:
        """Names of the charts that have something to show here, for `chart`; all are drawn once to see it."""
        return [name for name, draw in self._drawings().items() if draw() is not None]

    def chart(self, name: str, lang: Language | None = None) -> Any:
        """A chart, in the language spoken or in `lang`: distribution, fund or waterfall; its Axes, or an array of them.

        A notebook shows it at once. PledgesimError for an unknown name and for a chart with nothing to show.
        """
        with in_language(lang):
            return axes_of(name, self._drawings())

    def save(self, folder: str | PathLike[str]) -> Path:
        """Write summary.json, manifest.json, every path and the charts, as `--out` does; the folder."""
        from simulator.charts.portfolio import save_portfolio_charts
        from simulator.export.folder import results_in
        from simulator.export.loss_folder import manifest_of, write_losses

        path = path_of("folder", folder)
        with as_in_python(), results_in(path, manifest_of(self._losses, ["simulator.losses(...)"])):
            write_losses(self._losses, self.summary, path)
            save_portfolio_charts(self._losses, self._distribution, path / "charts")
        return path

    @cached_property
    def _distribution(self) -> PortfolioDistribution:
        return distribution(self._losses)

    def _drawings(self) -> dict[str, Any]:
        from simulator.charts import portfolio

        return {
            "distribution": lambda: portfolio.draw_distribution(self._losses, self._distribution),
            "fund": lambda: portfolio.draw_funds(self._losses, self._distribution),
            "waterfall": lambda: portfolio.draw_one_loss(self._losses),
        }

    def __repr__(self) -> str:
        return f"<Losses of {self._losses.loans.reference} on {self.paths:,} paths>"

    def _repr_html_(self) -> str:
        return html_of(self.figures)


def _columns(found: LossDistribution) -> dict[str, float | None]:
    columns = dict(_named(found))
    return {key: value for name, each in columns.items() for key, value in with_interval(name, cny(each)).items()}


def _named(found: LossDistribution) -> Iterator[tuple[str, Any]]:
    yield "mean_cny", found.mean
    yield "standard_deviation_cny", found.standard_deviation
    for level, each in found.value_at_risk.items():
        yield f"VaR_{level * 100:g}_cny", each
    for level, each in found.expected_shortfall.items():
        yield f"ES_{level * 100:g}_cny", each


def losses(
    source: Source | Agreement,
    *,
    against: Source | Agreement | None = None,
    paths: int = 10_000,
    product: str | None = None,
    book: str | PathLike[str] | None = None,
    correlation: str | float | None = None,
    seed: int | None = None,
    replication: int = 1,
    progress: Progress | None = None,
    limit_hours: float = 1.0,
) -> Losses:
    """Run a book of loans over many paths, and share its losses by the agreement of a scenario or of a file.

    against      another agreement, or a scenario that has one, by which the same losses are shared too
    product      of a scenario with several; by default all of them
    book         a CSV file of loans; without it they are those that a replication of the scenario draws
    correlation  of firms' fortunes, "20%" or 0.2, instead of the scenario's
    seed         of the paths, instead of the scenario's
    replication  whose loans are taken, without a book

    An interrupt gives the paths finished until then. PledgesimError and ScenarioError say what is wrong.

    >>> simulator.losses("C9-F2", against="C9-F1", paths=500).against["party"].tolist()
    ['insurer', 'bank', 'district']
    """
    for name, number in (("paths", paths), ("replication", replication)):
        refuse_unless_whole(name, number, 1)
    if seed is not None:
        refuse_unless_whole("seed", seed, 0)
    if product is not None:
        refuse_unless_text("product", product)
    if progress is not None:
        refuse_unless_callable("progress", progress)
    refuse_unless_hours(limit_hours)
    other = agreement(against).opened if against is not None else None
    opened = opened_agreements(source, product)
    if book is not None:
        own = only_agreement(opened).opened
        loans = Loans([loans_of_book(own, str(book), other)], str(book))
    else:
        found, without = loans_of_scenario(opened, replication, limit_hours)
        loans = Loans(found, f"replication {replication}", without)
    if correlation is not None:
        loans = with_correlation(loans, _share(correlation))
    refuse_long(loans, paths * (2 if other is not None else 1), limit_hours)
    tell = progress or (lambda done, total: None)
    return Losses(run_losses(loans, paths, loans.seed if seed is None else seed, tell, other))


def _share(given: str | float) -> Fraction:
    try:
        share = parse_share(given) if isinstance(given, str) else Fraction(str(given))
    except ValueError:
        share = Fraction(-1)
    if not 0 <= share <= 1:
        raise PledgesimError(f"correlation={given!r} must be a share from 0 to 1, such as '20%' or 0.2")
    return share

