"""What a loan costs a firm all in: the effective annual internal rate of return of its dated payments.

A rate r solves sum of flow x (1 + r)^-t = 0 over the payments, t in years; money received is positive, money paid is
negative. Rates are looked for from -99.99 % to 100,000 % a year. Where several solve it (payments change sign more than
once: a fee before drawdown, a subsidy after repayment), the rate is the one nearest to 0, measured by ln(1 + r): the
others are huge or close to -100 %. The search goes outwards from 0 in steps of 0.05 of ln(1 + r), so two rates within
one step pass unseen, and of two in the steps at equal distance above and below 0 the dearer is taken.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import copysign, exp, expm1, inf, log, nan

import numpy as np
from numpy.typing import NDArray

LOWEST, HIGHEST = -0.9999, 1000.0
_STEP = 0.05
_UP = (*(_STEP * number for number in range(int(log(1 + HIGHEST) / _STEP) + 1)), log(1 + HIGHEST))
_DOWN = (*(-_STEP * number for number in range(int(-log(1 + LOWEST) / _STEP) + 1)), log(1 + LOWEST))
_MOST_STEPS = 200
_ROUNDING = 1e-12


def internal_rate(times_years: Sequence[float], flows: Sequence[float]) -> float:
    """The annual rate of one firm's payments; nan where there is none in range, or no money received or none paid."""
    from scipy.optimize import brentq

    by_time: dict[float, float] = {}
    for time, flow in zip(times_years, flows, strict=True):
        if not (-inf < time < inf and -inf < flow < inf):
            raise ValueError(f"times_years(={time}) and flows(={flow}) must be finite")
        by_time[time] = by_time.get(time, 0.0) + flow
    dated = [(time, flow) for time, flow in by_time.items() if flow]
    if not dated or min(flow for _, flow in dated) > 0 or max(flow for _, flow in dated) < 0:
        return nan
    first, last = min(dated)[0], max(dated)[0]

    def value(growth: float) -> float:
        # Seen from the first or the last payment, so that nothing overflows; zeros are the same from everywhere.
        seen_from = first if growth > 0 else last
        return sum(flow * exp((seen_from - time) * growth) for time, flow in dated)

    at_zero = value(0.0)
    if at_zero == 0:
        return 0.0
    for step in range(1, len(_DOWN)):
        for grid in (_UP, _DOWN):
            if step < len(grid) and value(grid[step]) * copysign(1.0, at_zero) <= 0:
                return expm1(brentq(value, *sorted((grid[step - 1], grid[step])), xtol=1e-15, rtol=1e-14))
    return nan


def internal_rates(times_years: NDArray[np.float64], flows: NDArray[np.float64]) -> NDArray[np.float64]:
    """The annual rates of many firms at once, (firms,), as `internal_rate` finds them one by one.

    Both arrays are (firms, payments); rows are filled up with flows of 0, at any finite time.
    """
    times, flows = np.asarray(times_years, dtype=np.float64), np.asarray(flows, dtype=np.float64)
    if times.ndim != 2 or times.shape != flows.shape:
        raise ValueError(f"times_years(shape={times.shape}) must be (firms, payments), as flows(shape={flows.shape})")
    if not (np.isfinite(times).all() and np.isfinite(flows).all()):
        raise ValueError("times_years and flows must be finite")
    growth = np.full(len(flows), nan)
    searched = np.flatnonzero((flows > 0).any(axis=1) & (flows < 0).any(axis=1))
    firms = _Firms(times[searched], flows[searched])
    low, high = firms.bracket()
    found = ~np.isnan(low)
    growth[searched[found]] = firms.only(found).refine(low[found], high[found])
    return np.asarray(np.expm1(growth))


class _Firms:
    """Payments of firms that both receive and pay something."""

    def __init__(self, times: NDArray[np.float64], flows: NDArray[np.float64]) -> None:
        self.times, self.flows = times, flows
        self.first = np.where(flows == 0, inf, times).min(axis=1, initial=inf)
        self.last = np.where(flows == 0, -inf, times).max(axis=1, initial=-inf)

    def only(self, chosen: NDArray[np.bool_]) -> _Firms:
        return _Firms(self.times[chosen], self.flows[chosen])

    def terms(self, growth: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Discounted flows, seen from the first or the last payment, and how long after it each is made."""
        after = self.times - np.where(growth > 0, self.first, self.last)[:, None]
        after[self.flows == 0] = 0
        return self.flows * np.exp(-after * growth[:, None]), after

    def bracket(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Ends of the first step away from 0 in which each firm's value changes sign; nan where there is none."""
        count = len(self.flows)
        low, high = np.full(count, nan), np.full(count, nan)
        at_zero = self.flows.sum(axis=1)
        low[at_zero == 0] = high[at_zero == 0] = 0.0
        left = np.flatnonzero((at_zero != 0) & (self.first < self.last))
        cancels = self._cancels()
        low[cancels] = high[cancels] = nan
        left = left[~cancels[left]]
        firms = _Firms(self.times[left], self.flows[left])
        for step in range(1, len(_DOWN)):
            if not len(left):
                break
            done = np.zeros(len(left), dtype=bool)
            for grid in (_UP, _DOWN):
                if step < len(grid):
                    value = firms.terms(np.full(len(left), grid[step]))[0].sum(axis=1)
                    changed = ~done & (value * np.sign(at_zero[left]) <= 0)
                    low[left[changed]], high[left[changed]] = sorted((grid[step - 1], grid[step]))
                    done |= changed
            left, firms = left[~done], firms.only(~done)
        return low, high

    def _cancels(self) -> NDArray[np.bool_]:
        """Whether the payments of each date cancel out, so that every rate would do: none but rounding at 0 and 1."""
        nothing = np.ones(len(self.flows), dtype=bool)
        for growth in (0.0, 1.0):
            terms = self.terms(np.full(len(self.flows), growth))[0]
            nothing &= np.abs(terms.sum(axis=1)) <= _ROUNDING * np.abs(terms).sum(axis=1)
        return nothing

    def refine(self, low: NDArray[np.float64], high: NDArray[np.float64]) -> NDArray[np.float64]:
        """Where the value of each firm is 0 between two ends of unlike sign: Newton, or halving where that leaves."""
        low, high = low.copy(), high.copy()
        below = self.terms(low)[0].sum(axis=1) > 0
        growth = (low + high) / 2
        for _ in range(_MOST_STEPS):
            terms, after = self.terms(growth)
            value = terms.sum(axis=1)
            slope = -(after * terms).sum(axis=1)
            same_as_low = (value > 0) == below
            low, high = np.where(same_as_low, growth, low), np.where(same_as_low, high, growth)
            with np.errstate(divide="ignore", invalid="ignore"):
                newton = growth - value / slope
            inside = (newton > low) & (newton < high)
            after_step = np.where(value == 0, growth, np.where(inside, newton, (low + high) / 2))
            if (np.abs(after_step - growth) <= 1e-15 * np.maximum(1.0, np.abs(growth))).all():
                return after_step
            growth = after_step
        return growth
