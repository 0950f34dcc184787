"""When loans default, and what the pledged IP brings then."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from simulator.scenario.credit import Credit, Recovery
from simulator.scenario.quantities import Distribution
from simulator.streams import Streams


def default_after(uniforms: NDArray[np.float64], annual_default_rate: float) -> NDArray[np.float64]:
    """Years from drawdown to default, for a hazard that is the same at all times; infinite where the rate is 0.

    P(T <= t) = 1 - (1 - annual_default_rate)^t, so that exactly the stated share defaults within a year.
    """
    if annual_default_rate <= 0:
        return np.full(uniforms.shape, np.inf)
    if annual_default_rate >= 1:
        return np.zeros(uniforms.shape)
    return np.asarray(np.log1p(-uniforms) / np.log1p(-annual_default_rate))


@dataclass(frozen=True)
class CreditDraws:
    """What happens to each case's loan, one entry a case, the same in every variant.

    Years to default; minutes from default to claim and from claim to proceeds; haircut and cost as shares.
    """

    default_years: NDArray[np.float64]
    claim_minutes: NDArray[np.float64]
    sale_minutes: NDArray[np.float64]
    haircut: NDArray[np.float64]
    cost: NDArray[np.float64]


def draw_credit(credit: Credit, special: Recovery | None, count: int, streams: Streams) -> CreditDraws:
    """Draws for `count` cases; a product's own recovery assumptions replace the general ones."""

    def values(purpose: str, distribution: Distribution) -> NDArray[np.float64]:
        drawn = distribution.at(streams.uniforms(f"credit: {purpose}", count))
        return drawn * 1440 if distribution.dimension == "days" else drawn

    general = credit.recovery
    return CreditDraws(
        default_after(streams.uniforms("credit: default", count), float(credit.annual_default_rate[0])),
        values("claim", credit.claim_after),
        values("sale", special.time if special and special.time else general.time),
        values("haircut", special.haircut if special and special.haircut else general.haircut),
        values("cost", special.cost if special and special.cost else general.cost),
    )


def sale(appraised_fen: int, haircut: float, cost: float) -> tuple[int, int]:
    """Proceeds of the pledged IP and the cost of its sale, in fen."""
    proceeds = round(appraised_fen * max(0.0, 1 - haircut))
    return proceeds, min(proceeds, round(proceeds * cost))
