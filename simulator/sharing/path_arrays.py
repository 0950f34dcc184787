"""Applies an agreement to losses in a table, a row a path."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import ArrayLike, NDArray

from simulator.sharing.allocation import Agreement
from simulator.sharing.meters import Need
from simulator.sharing.path_losses import PathLosses, whole_numbers
from simulator.sharing.paths import share_paths


def share_arrays(
    agreement: Agreement,
    amounts: ArrayLike,
    days: ArrayLike | None = None,
    *,
    borrower: ArrayLike | None = None,
    lost_on: ArrayLike | None = None,
    drawn_on: ArrayLike | None = None,
    bases: Mapping[Need, ArrayLike] | None = None,
) -> dict[str, NDArray[np.int64]]:
    """What each party bears of losses (paths, losses) in fen, where 0 is no loss; party: (paths, losses).

    Losses of a path are taken by day, those of one day in their order; without days they all are of one, which is
    refused where the agreement goes by days. The rest as of `PathLosses`, in shapes that broadcast to (paths, losses).
    """
    dense = np.asarray(amounts)
    if dense.ndim != 2:
        raise ValueError(f"amounts has shape {dense.shape} and must have (paths, losses)")
    if days is None and _goes_by_days(agreement):
        raise ValueError("days=None must be given: the agreement goes by the day of a claim")
    path, place = np.nonzero(dense)

    def of_losses(name: str, numbers: ArrayLike) -> NDArray[np.int64]:
        found = np.broadcast_to(np.asarray(numbers), dense.shape)[path, place]
        return whole_numbers(name, found, path.shape)

    day = of_losses("days", 1 if days is None else days)
    order = np.lexsort((place, day, path))
    path, place, day = path[order], place[order], day[order]

    def optional(name: str, numbers: ArrayLike | None) -> NDArray[np.int64] | None:
        return None if numbers is None else of_losses(name, numbers)

    shared = share_paths(
        agreement,
        PathLosses(
            path,
            of_losses("amounts", dense),
            day,
            optional("borrower", borrower),
            optional("lost_on", lost_on),
            optional("drawn_on", drawn_on),
            {need: of_losses(f"bases[{need}]", base) for need, base in (bases or {}).items()},
        ),
    )
    found = {}
    for party, paid in zip(shared.parties, shared.paid, strict=True):
        found[party] = np.zeros(dense.shape, dtype=np.int64)
        found[party][path, place] = paid
    return found


def _goes_by_days(agreement: Agreement) -> bool:
    model = agreement.model
    counted = [limit.per for limit in model.limits.values()] + [rate.per for rate in model.rates.values()]
    topped_up = any(fund.top_ups for fund in model.funds.values())
    return topped_up or "year of claim" in counted or any(change.by == "claim" for change in model.changes)
