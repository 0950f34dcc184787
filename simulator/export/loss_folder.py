"""The folder of a portfolio's losses: what was run, the figures, and what every path comes to."""

from __future__ import annotations

import csv
import hashlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from simulator import __version__
from simulator.analysis.portfolio_losses import PortfolioLosses
from simulator.calendars import moment_at
from simulator.errors import PledgesimError
from simulator.export.folder import MANIFEST, versions, write_json
from simulator.units import in_cny

AT_ONCE = 10_000
"""Paths that are written at once."""


def write_loss_folder(
    losses: PortfolioLosses, figures: dict[str, Any], folder: Path, command: Sequence[str]
) -> None:
    """Write manifest, summary and paths.csv; PledgesimError where that cannot be done."""
    try:
        write_json(folder / "summary.json", figures)
        with open(folder / "paths.csv", "w", encoding="utf-8-sig", newline="") as file:
            csv.writer(file).writerows(_rows(losses))
        write_json(folder / MANIFEST, _manifest(losses, command))
    except OSError as error:
        raise PledgesimError(f"--out {folder}: {error.strerror or error}") from None


def _rows(losses: PortfolioLosses) -> Iterator[list[str]]:
    """A row a path: defaults, the losses as they are shared, what of them is borne in the end, and by whom."""
    totals, origin = losses.totals, losses.lent[0].portfolio.book.origin
    yield [
        "path", "defaults", "loss_cny", "net_cny", *(f"borne_by_{party}_cny" for party in totals.parties),
        *(f"{fund}_used_up_on" for fund in totals.funds),
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
        yield from map(list, zip(*columns, strict=True))


def _manifest(losses: PortfolioLosses, command: Sequence[str]) -> dict[str, Any]:
    opened = losses.lent[0].opened
    resolved = opened.scenario.plain if opened.scenario is not None else opened.tree.plain()
    book = Path(losses.source)
    return {
        "made_by": f"pledgesim {__version__}",
        "command": list(command),
        "complete": losses.complete,
        "versions": versions(),
        "paths": losses.paths,
        "seed": losses.seed,
        "correlation": float(losses.correlation),
        "loans_from": losses.source,
        "book_sha256": hashlib.sha256(book.read_bytes()).hexdigest() if book.is_file() else None,
        "file": losses.reference,
        "resolved": resolved,
    }
