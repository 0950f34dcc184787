"""The folder of a portfolio's losses: what was run, the figures, and what every path comes to."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from simulator import __version__
from simulator.analysis.portfolio_losses import PortfolioLosses
from simulator.calendars import moment_at
from simulator.export.csv_text import CsvText
from simulator.export.folder import PATHS, SUMMARY, write_json
from simulator.units import in_cny
from simulator.versions import versions

AT_ONCE = 10_000
"""Paths that are written at once."""


def write_losses(losses: PortfolioLosses, figures: dict[str, Any], folder: Path) -> None:
    """Write the figures and what every path comes to."""
    write_json(folder / SUMMARY, figures)
    with open(folder / PATHS, "w", encoding="utf-8-sig", newline="") as file:
        CsvText(file).rows(_rows(losses))


def _rows(losses: PortfolioLosses) -> Iterator[list[str]]:
    """A row a path: defaults, the losses as they are shared, what of them is borne in the end, and by whom."""
    totals, origin = losses.totals, losses.loans.origin
    other = losses.against.totals if losses.against is not None else None
    yield [
        "path", "defaults", "loss_cny", "net_cny", *(f"borne_by_{party}_cny" for party in totals.parties),
        *(f"{fund}_used_up_on" for fund in totals.funds),
        *(f"there_borne_by_{party}_cny" for party in (other.parties if other is not None else ())),
    ]  # fmt: skip
    for first in range(0, len(totals), AT_ONCE):
        here = slice(first, first + AT_ONCE)
        counted = np.arange(first + 1, first + 1 + len(totals.loss[here])).astype(str).tolist()
        columns = [counted, totals.defaults[here].astype(str).tolist()]
        for amounts in (totals.loss, totals.net, *totals.borne):
            columns.append([in_cny(fen) for fen in amounts[here].tolist()])
        for moments in totals.used_up:
            columns.append(
                [moment_at(origin, each).date().isoformat() if np.isfinite(each) else "" for each in moments[here]]
            )
        for amounts in other.borne if other is not None else ():
            columns.append([in_cny(fen) for fen in amounts[here].tolist()])
        yield from map(list, zip(*columns, strict=True))


def manifest_of(losses: PortfolioLosses, command: Sequence[str]) -> dict[str, Any]:
    """What was run, with which versions."""
    loans = losses.loans
    first = loans.lent[0]
    scenario = first.opened.scenario
    return {
        "made_by": f"pledgesim {__version__}",
        "command": list(command),
        "complete": losses.complete,
        "versions": versions(),
        "paths": losses.paths,
        "seed": losses.seed,
        "correlation": float(loans.correlation),
        "loans_from": loans.source,
        "book_sha256": first.sha256,
        "file": loans.reference,
        "variant": scenario.variant if scenario is not None else None,
        "sha256": scenario.digest if scenario is not None else None,
        "resolved": scenario.plain if scenario is not None else first.opened.tree.plain(),
    }
