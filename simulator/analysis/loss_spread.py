"""How losses spread over replications: by party before and after recoveries, and how bad a bad run is."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from simulator.analysis.distribution import quantile_of
from simulator.analysis.intervals import NOT_NEGATIVE, TOO_FEW_BEYOND, Estimate, estimate, share_of, tells_quantile
from simulator.analysis.measure import ProductMeasures

QUANTILES = {"p5": 0.05, "p25": 0.25, "p50": 0.5, "p75": 0.75, "p90": 0.9, "p95": 0.95, "p99": 0.99}
MOST_VALUES = 100
"""Of more replications their losses are not told one by one."""
SPREAD_NOTE = (
    "net loss of one replication, CNY; quantiles need at least 5 replications on both sides, and 10 for an interval"
)


def loss_spread(replications: Sequence[ProductMeasures]) -> dict[str, Any]:
    """The net loss of a product, replication by replication: quantiles, the worst, and how often there was none."""
    net = np.sort([sum(each.borne.values()) / 100 for each in replications])
    found: dict[str, Any] = {
        "replications": len(net),
        "without_loss": share_of(int((net == 0).sum()), len(net)).as_json(),
        "quantiles": {name: _quantile(net, level).as_json() for name, level in QUANTILES.items()},
        "worst": float(net[-1]),
        "note": SPREAD_NOTE,
    }
    if len(net) <= MOST_VALUES:
        found["values"] = net.tolist()
    return found


def _quantile(values: np.ndarray, level: float) -> Estimate:
    if not tells_quantile(len(values), level):
        return Estimate(None, note=TOO_FEW_BEYOND)
    found = quantile_of(values, level)
    return Estimate(found.value, found.low, found.high)


def loss_by_party(replications: Sequence[ProductMeasures]) -> dict[str, dict[str, Any]]:
    """What each party paid of losses, and what came back to it out of recoveries, in CNY."""
    parties = dict.fromkeys(party for each in replications for party in each.paid)

    def told(amounts: list[int]) -> dict[str, Any]:
        return estimate([fen / 100 for fen in amounts], possible=NOT_NEGATIVE).as_json()

    return {
        party: {
            "paid": told([each.paid.get(party, 0) for each in replications]),
            "returned": told([each.returned.get(party, 0) for each in replications]),
            "share_of_net": _share(replications, party),
        }
        for party in parties
    }


def _share(replications: Sequence[ProductMeasures], party: str) -> float | None:
    """The party's part of the net loss of all replications together; None without a loss."""
    whole = sum(sum(each.borne.values()) for each in replications)
    return sum(each.borne.get(party, 0) for each in replications) / whole if whole > 0 else None
