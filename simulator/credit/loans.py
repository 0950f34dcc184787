"""When loans default, and what the pledged IP is worth and brings then."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from math import sqrt

import numpy as np
from numpy.typing import ArrayLike, NDArray

from simulator.credit.contract import MINUTES_A_DAY
from simulator.credit.default_times import TermStructure, dependent_uniforms
from simulator.scenario.credit import CompleteRecovery, Credit, Recovery, Scoring
from simulator.scenario.quantities import Distribution
from simulator.streams import Streams

Floats = NDArray[np.float64]
MINUTES_A_YEAR = 365.0 * MINUTES_A_DAY
SMALLEST, LARGEST = 1e-300, 1 - 1e-16
"""Uniform numbers are kept inside these, so that the normal numbers they stand for are finite."""


@dataclass(frozen=True)
class CreditDraws:
    """What happens to each case's loan, one entry a case, the same in every variant.

    Years to default; minutes from default to claim and from claim to proceeds; haircut and cost as shares; standard
    normal luck of the IP's value.
    """

    default_years: Floats
    claim_minutes: Floats
    sale_minutes: Floats
    haircut: Floats
    cost: Floats
    value_luck: Floats
    recovery: CompleteRecovery
    """The assumptions that hold for the product."""
    factor: float = 0.0
    """The common factor of the replication, standard normal: low in bad times."""

    def worth(self, case: int, worth_at_drawdown: float, years: float) -> float:
        """What a case's IP is worth some years after drawdown, in the unit of its worth then."""
        return float(worth_at_drawdown * value_growth(self.recovery, years, self.value_luck[case]))


def value_growth(recovery: CompleteRecovery, years: float | Floats, luck: float | Floats) -> Floats:
    """The IP's value some years after drawdown over its value then; same shape as the arguments.

    (1 - decay)^t exp(v sqrt(t) N - v^2 t / 2), v the volatility: lognormal at every time, decaying in the mean. One N
    holds for all of a loan's life, so that an IP that has done badly goes on doing so.
    """
    times = np.asarray(years, dtype=np.float64)
    decay, volatility = float(recovery.decay), float(recovery.volatility)
    moved = volatility * np.sqrt(times) * np.asarray(luck, dtype=np.float64) - volatility * volatility * times / 2
    return np.asarray((1 - decay) ** times * np.exp(moved))


def sale(value: float, haircut: float, cost: float) -> tuple[int, int]:
    """Proceeds of IP that is worth so much (fen) and the cost of its sale, in fen."""
    proceeds = round(value * max(0.0, 1 - haircut))
    return proceeds, min(proceeds, round(proceeds * cost))


def complete(general: CompleteRecovery, special: Recovery | None) -> CompleteRecovery:
    """The general recovery assumptions with what a product says otherwise in their place."""
    if special is None:
        return general
    own = {key: value for key in Recovery.model_fields if (value := getattr(special, key)) is not None}
    return general.model_copy(update=own)


def normal(uniforms: ArrayLike) -> Floats:
    """Standard normal numbers at given probabilities, same shape."""
    from scipy.special import ndtri

    return np.asarray(ndtri(np.clip(uniforms, SMALLEST, LARGEST)))


def common_factor(streams: Streams) -> float:
    """The common factor of a replication."""
    return float(normal(streams.uniforms("credit: factor", 1))[0])


@dataclass(frozen=True)
class Rated:
    """Which default rates hold for each firm: the place of its term structure in `structures`, one entry a firm."""

    structures: tuple[TermStructure, ...]
    of_firm: NDArray[np.int64]


def rated(credit: Credit, scoring: Scoring | None, columns: Mapping[str, NDArray[np.generic]], count: int) -> Rated:
    """The default rates of each firm: those of its score's band, or the general ones."""
    if scoring is None:
        return Rated((term_structure(credit.annual_default_rate),), np.zeros(count, dtype=np.int64))
    bounds = [band.below.value for band in scoring.bands if band.below is not None]
    scores = np.asarray(columns[scoring.of], dtype=np.float64)
    structures = tuple(term_structure(band.annual_default_rate) for band in scoring.bands)
    return Rated(structures, np.searchsorted(bounds, scores, side="right").astype(np.int64))


def term_structure(rates: Sequence[object]) -> TermStructure:
    """Annual default rates as a file states them."""
    return TermStructure(tuple(float(rate) for rate in rates))  # type: ignore[arg-type]


@dataclass(frozen=True)
class CreditRisk:
    """Credit assumptions of one replication: what all products of a scenario have in common."""

    credit: Credit
    streams: Streams
    quality: Floats
    """Latent quality of each firm, standard normal: low for a weak firm."""
    factor: float = field(default=0.0)

    @classmethod
    def of(cls, credit: Credit, streams: Streams, quality: Floats) -> CreditRisk:
        """The assumptions with the common factor of the replication."""
        return cls(credit, streams, quality, common_factor(streams))

    def draws(self, rates: Rated, special: Recovery | None = None) -> CreditDraws:
        """Draws for every firm; a product's own recovery assumptions replace the general ones."""
        count, streams, credit = len(self.quality), self.streams, self.credit
        recovery = complete(credit.recovery, special)

        def drawn(purpose: str) -> Floats:
            return streams.uniforms(f"credit: {purpose}", count)

        fortunes = dependent_uniforms(
            self.factor, self.quality, drawn("default"), float(credit.correlation), float(credit.quality_weight)
        )
        return CreditDraws(
            default_years=years_to_default(rates, fortunes),
            claim_minutes=drawn_values(credit.claim_after, drawn("claim")),
            sale_minutes=drawn_values(recovery.time, drawn("sale")),
            haircut=drawn_values(recovery.haircut, haircut_uniforms(recovery, self.factor, drawn("haircut"))),
            cost=drawn_values(recovery.cost, drawn("cost")),
            value_luck=normal(drawn("value")) if recovery.volatility else np.zeros(count),
            recovery=recovery,
            factor=self.factor,
        )


def drawn_values(distribution: Distribution, uniforms: Floats) -> Floats:
    """Shares, or times in minutes, at given places of their distribution, same shape."""
    found = distribution.at(uniforms)
    return found * MINUTES_A_DAY if distribution.dimension == "days" else found


def years_to_default(rates: Rated, fortunes: Floats) -> Floats:
    """Years from drawdown to default of each firm, (firms,), at its place of [0, 1] among all firms' fortunes."""
    if len(rates.structures) == 1:
        return rates.structures[0].years_at(fortunes)
    found = np.empty(len(fortunes))
    for place, structure in enumerate(rates.structures):
        mine = rates.of_firm == place
        found[mine] = structure.years_at(fortunes[mine])
    return found


def haircut_uniforms(recovery: CompleteRecovery, factor: ArrayLike, own: Floats) -> Floats:
    """Uniform numbers of the haircut that go with the common factor: high in bad times. Same shape as `own`."""
    share = float(recovery.on_factor)
    if not share:
        return own
    from scipy.special import ndtr

    latent = -share * np.asarray(factor) + (sqrt(1 - share * share) * normal(own) if share < 1 else 0.0)
    return np.asarray(np.minimum(ndtr(latent), LARGEST) + np.zeros(own.shape))


def licensee_years(annual_default_rate: float, uniforms: Floats) -> Floats:
    """Years for which each licensee goes on paying."""
    return TermStructure((annual_default_rate,)).years_at(uniforms)
