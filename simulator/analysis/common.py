"""Worlds compared over the same firms only: those that may have a product in every one of them.

A product that admits few looks quick or slow by whom it admits. All applicants, each world's own eligible ones and the
common eligible ones together tell what of a difference is admission and what is the process.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import reduce
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simulator.analysis.comparison import Comparison, same_applicants
from simulator.analysis.figures import spread
from simulator.analysis.intervals import NOT_NEGATIVE, SHARE, Estimate, estimate
from simulator.analysis.measure import Measured
from simulator.analysis.rounds import WorldResult

COMMON_NOTE = "counts are sums over all replications; a world with several products counts a firm for the one it took"


@dataclass(frozen=True)
class InOneWorld:
    """One world over the common firms; times in calendar days, shares of one, by replication and then averaged."""

    label: str
    eligible: int
    eligible_share: Estimate
    turnaround: dict[str, Estimate]
    """Mean, median and P90 of the common firms that were drawn or are still open."""
    drawn_share: Estimate
    """Share of the common firms that was drawn."""


@dataclass(frozen=True)
class CommonSubset:
    """The applicants that are eligible in every world, over all replications."""

    applicants: int
    eligible_in_all: int
    same_everywhere: bool
    """Every world admits the same firms, so that there is nothing to tell apart."""
    worlds: list[InOneWorld]


def common_subset(comparison: Comparison) -> CommonSubset | None:
    """The common firms of two or more worlds that meet the same applicants; None for others."""
    worlds = comparison.worlds
    if len(worlds) < 2 or not all(same_applicants(worlds[0], other) for other in worlds[1:]):
        return None
    count = comparison.replications
    admitted = [[_admitted(measured) for measured in world.replications[:count]] for world in worlds]
    common = [reduce(np.intersect1d, each) for each in zip(*admitted, strict=True)]
    return CommonSubset(
        applicants=sum(measured.arrived for measured in worlds[0].replications[:count]),
        eligible_in_all=sum(len(cases) for cases in common),
        same_everywhere=all(
            len(cases) == len(own) for world in admitted for cases, own in zip(common, world, strict=True)
        ),
        worlds=[_in_one_world(world, own, common) for world, own in zip(worlds, admitted, strict=True)],
    )


def _admitted(measured: Measured) -> NDArray[np.int64]:
    """Numbers of the firms that could apply for any product of a world, in order."""
    return np.unique(np.concatenate([product.applicants for product in measured.products]))


def _in_one_world(world: WorldResult, admitted: list[NDArray[np.int64]], common: list[NDArray[np.int64]]) -> InOneWorld:
    times, shares = [], []
    for measured, cases in zip(world.replications, common, strict=False):
        found = np.concatenate(
            [product.turnaround[np.isin(product.applicants, cases)] for product in measured.products]
        )
        times.append(found)
        shares.append(float(np.isfinite(found).mean()) if len(found) else float("nan"))
    eligible = [
        len(own) / measured.arrived if measured.arrived else float("nan")
        for measured, own in zip(world.replications, admitted, strict=False)
    ]
    return InOneWorld(
        label=world.label,
        eligible=sum(len(own) for own in admitted),
        eligible_share=estimate(eligible, possible=SHARE),
        turnaround={name: estimate(values, possible=NOT_NEGATIVE) for name, values in spread(times).items()},
        drawn_share=estimate(shares, possible=SHARE),
    )


def common_summary(comparison: Comparison) -> dict[str, Any] | None:
    """The entry `common` of summary.json; None where worlds do not meet the same applicants."""
    found = common_subset(comparison)
    if found is None:
        return None
    return {
        "applicants": found.applicants,
        "eligible_in_all": found.eligible_in_all,
        "same_everywhere": found.same_everywhere,
        "worlds": [
            {
                "label": each.label,
                "eligible": each.eligible,
                "eligible_share": each.eligible_share.as_json(),
                "turnaround_days": {name: value.as_json() for name, value in each.turnaround.items()},
                "drawn_share": each.drawn_share.as_json(),
            }
            for each in found.worlds
        ],
        "note": COMMON_NOTE,
    }
