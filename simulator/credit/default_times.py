"""When loans default: term structures of default rates, and what firms have in common.

Uniform numbers become times by inverse transform. A small number is an early default, so whatever makes numbers of
firms small together makes the firms default together.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt

import numpy as np
from numpy.typing import ArrayLike, NDArray


@dataclass(frozen=True)
class TermStructure:
    """Annual default rates of a loan's first, second ... year; the last one holds for ever.

    P(T <= t) = 1 - product over the years k of (1 - rates[k])^(time spent in year k): within a year the hazard is the
    same at all times, and of the loans alive at its beginning exactly the stated share defaults by its end.
    """

    rates: tuple[float, ...]

    def __post_init__(self) -> None:
        if not self.rates:
            raise ValueError(f"rates(={self.rates!r}) must hold at least one annual default rate")
        for year, rate in enumerate(self.rates, 1):
            if not 0 <= rate <= 1:
                raise ValueError(f"rates(={self.rates!r}) must be from 0 to 1; year {year} is {rate}")

    def years_at(self, uniforms: NDArray[np.float64]) -> NDArray[np.float64]:
        """Years from drawdown to default, where P(T <= t) reaches each number of [0, 1]; same shape.

        Infinite where the loan never defaults, 0 where all default at once.
        """
        hazard, begun = self._hazards()
        with np.errstate(divide="ignore"):
            reached = -np.log1p(-uniforms)
        year = np.searchsorted(begun[1:], reached, side="right")
        rate = hazard[year]
        endless, at_once = rate == 0, np.isinf(rate)
        with np.errstate(over="ignore"):  # at a rate near nothing
            within = (reached - begun[year]) / np.where(endless | at_once, 1.0, rate)
        return np.asarray(year + np.where(endless, np.inf, np.where(at_once, 0.0, within)))

    def probability(self, years: ArrayLike) -> NDArray[np.float64]:
        """P(T <= t) for times of at least 0 in years; same shape."""
        times = np.asarray(years, dtype=np.float64)
        if not (times >= 0).all():
            raise ValueError(f"years(={years!r}) must be at least 0")
        hazard, begun = self._hazards()
        year = np.minimum(times, len(hazard) - 1).astype(np.int64)
        rate, within = hazard[year], times - year
        # No time in a year that all default at its beginning, or endless time in one without defaults: not a number.
        special = (rate == 0) | np.isinf(rate)
        reached = begun[year] + np.where(special, rate, np.where(special, 0.0, rate) * np.where(special, 0.0, within))
        return np.asarray(-np.expm1(-reached))

    def _hazards(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Hazard of each year up to the last one that matters, and what has accumulated when it begins."""
        last = self.rates.index(1.0) if 1.0 in self.rates else len(self.rates) - 1
        while last > 0 and self.rates[last - 1] == self.rates[last]:
            last -= 1
        with np.errstate(divide="ignore"):
            hazard = np.array([-np.log1p(-rate) for rate in self.rates[: last + 1]])
        return hazard, np.concatenate(([0.0], np.cumsum(hazard[:-1])))


def dependent_uniforms(
    factor: ArrayLike, quality: ArrayLike, own: NDArray[np.float64], correlation: float, weight: float
) -> NDArray[np.float64]:
    """Uniform numbers of firms that share a factor and differ in quality: Phi(x), with the latent variable

    x = sqrt(correlation) factor + sqrt(1 - correlation) (sqrt(weight) quality + sqrt(1 - weight) Phi^-1(own)).

    `factor` is standard normal and common to the firms, a scalar or of shape (paths, 1): low in bad times. `quality`
    is standard normal and a firm's own, low for a weak firm; `own` are uniforms, (firms,) or (paths, firms). The result
    is uniform again; the latent variables of two firms correlate by `correlation`. Without either influence `own` comes
    back as it is. Source: O. Vasicek, The distribution of loan portfolio value, Risk, December 2002 (one
    factor); D. X. Li, On default
    correlation: a copula function approach, Journal of Fixed Income 9(4), 2000 (of default times).
    """
    for name, share in (("correlation", correlation), ("weight", weight)):
        if not 0 <= share <= 1:
            raise ValueError(f"{name}(={share}) must be from 0 to 1")
    shape = np.broadcast_shapes(np.shape(factor), np.shape(quality), own.shape)
    if correlation == 0 and weight == 0:
        return own if own.shape == shape else np.broadcast_to(own, shape)
    from scipy.special import ndtr, ndtri

    # A variable that does not count may be infinite, and 0 x infinity is not a number: leave it out.
    latent = np.zeros(shape)
    if correlation:
        latent += sqrt(correlation) * np.asarray(factor)
    if correlation < 1 and weight:
        latent += sqrt((1 - correlation) * weight) * np.asarray(quality)
    if correlation < 1 and weight < 1:
        latent += sqrt((1 - correlation) * (1 - weight)) * ndtri(own)
    return np.asarray(ndtr(latent))


def conditional_probability(
    probability: ArrayLike, factor: ArrayLike, quality: ArrayLike, correlation: float, weight: float
) -> NDArray[np.float64]:
    """P(a dependent uniform < probability | factor, quality), the arguments broadcast: what `own` has to lie below.

    Phi((Phi^-1(p) - sqrt(correlation) factor - sqrt((1 - correlation) weight) quality)
        / sqrt((1 - correlation) (1 - weight))).

    Of many like loans that share the factor this share defaults. Source: O. Vasicek, The distribution of loan portfolio
    value, Risk, December 2002.
    """
    for name, share in (("correlation", correlation), ("weight", weight)):
        if not 0 <= share <= 1:
            raise ValueError(f"{name}(={share}) must be from 0 to 1")
    shape = np.broadcast_shapes(np.shape(probability), np.shape(factor), np.shape(quality))
    level = np.asarray(probability, dtype=np.float64)
    if not ((level >= 0) & (level <= 1)).all():
        raise ValueError(f"probability(={probability!r}) must be from 0 to 1")
    if correlation == 0 and weight == 0:
        return np.broadcast_to(level, shape)
    from scipy.special import ndtr, ndtri

    shared = np.zeros(shape)
    if correlation:
        shared += sqrt(correlation) * np.asarray(factor)
    if correlation < 1 and weight:
        shared += sqrt((1 - correlation) * weight) * np.asarray(quality)
    own = sqrt((1 - correlation) * (1 - weight))
    if own == 0:
        return np.asarray(ndtr(shared) < level, dtype=np.float64)
    return np.asarray(ndtr((ndtri(level) - shared) / own))
