"""The firms of one replication: when they apply, what they are like, which product each may have."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from dataclasses import dataclass
from math import ceil
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simulator.calendars import WorkingCalendar, add_span, minutes_since
from simulator.scenario.applicants import Attribute, Condition, Conditions, correlation_matrix
from simulator.scenario.model import AmountLimits, Scenario
from simulator.scenario.quantities import Quantity
from simulator.streams import Streams
from simulator.units import MAX_FEN

Column = NDArray[Any]


@dataclass(frozen=True)
class Firms:
    """One entry an applicant, in order of arrival.

    `arrival` in minutes; `columns` by property: float64 (fen, counts, shares), bool or text.
    """

    arrival: NDArray[np.float64]
    columns: dict[str, Column]
    names: dict[int, str]

    def __len__(self) -> int:
        return len(self.arrival)


def draw_firms(scenario: Scenario, calendars: Mapping[str, WorkingCalendar], streams: Streams) -> Firms:
    """The applicants of one replication; the same for every variant that does not change them."""
    applicants, run = scenario.applicants, scenario.run
    assert applicants is not None and run is not None
    arrivals = applicants.arrivals
    if arrivals.per_working_day is not None:
        calendar = calendars[arrivals.calendar]
        end = add_span(run.start, 0.0, run.arrivals_for, calendar)
        arrival = _poisson(arrivals.per_working_day, arrivals.by_month, calendar, run.start, end, streams)
        return Firms(arrival, draw_columns(applicants.population, scenario, len(arrival), streams), {})
    given = sorted(arrivals.firms or [], key=lambda firm: firm.at)
    arrival = np.array([float(minutes_since(run.start, firm.at)) for firm in given])
    columns = draw_columns(applicants.population, scenario, len(given), streams)
    for number, firm in enumerate(given):
        for name, value in firm.attributes.items():
            columns[name][number] = value.value if isinstance(value, Quantity) else value
    columns |= _ratios(applicants.population, columns)
    names = {number: firm.name.english for number, firm in enumerate(given) if firm.name}
    return Firms(arrival, columns, names)


def _poisson(
    per_day: float,
    by_month: Mapping[str, Any],
    calendar: WorkingCalendar,
    start: datetime.date,
    end: float,
    streams: Streams,
) -> NDArray[np.float64]:
    """Arrivals of a Poisson process in open time, at a rate per working day that may differ by month."""
    days_open = float(calendar.working_days_between(0.0, end))
    peak = max([float(by_month.get(str(month), 1)) for month in range(1, 13)])
    expected = per_day * peak * days_open
    count = ceil(expected + 6 * expected**0.5 + 10)
    if expected <= 0:
        return np.empty(0)
    gaps = -np.log1p(-streams.uniforms("arrival", count))
    open_before, open_until = calendar.open_minutes(0.0), calendar.open_minutes(end)
    position = open_before + np.cumsum(gaps) * ((open_until - open_before) / expected)
    moments = calendar.at_open_minute_array(position[position < open_until])
    if by_month:
        shares = np.array([float(by_month.get(str(month), 1)) for month in range(1, 13)]) / peak
        dates = np.datetime64(start, "m") + moments.astype("timedelta64[m]")
        month = dates.astype("datetime64[M]").astype(int) % 12
        moments = moments[streams.uniforms("arrival kept", count)[: len(moments)] < shares[month]]
    return moments


def draw_columns(
    population: Mapping[str, Attribute], scenario: Scenario, count: int, streams: Streams
) -> dict[str, Column]:
    """Every property of `count` firms, in the order the population states them."""
    uniforms = {name: streams.uniforms(f"firm: {name}", count) for name in population}
    assert scenario.applicants is not None
    if scenario.applicants.correlations:
        _correlate(uniforms, scenario)
    columns: dict[str, Column] = {}
    for name, attribute in population.items():
        u = uniforms[name]
        if attribute.yes is not None:
            columns[name] = u < float(attribute.yes)
        elif attribute.odds is not None:
            columns[name] = _words(attribute.odds, u)
        elif attribute.sum is None:
            values = attribute.at(u)
            if attribute.of is not None:
                values = values * columns[attribute.of]
            if attribute.rounded_to:
                values = np.rint(values / attribute.rounded_to) * attribute.rounded_to
            if attribute.kind in ("money", "count"):
                values = np.clip(np.rint(values), -MAX_FEN, MAX_FEN)
            columns[name] = values
        else:
            columns |= _ratios({name: attribute}, columns)
    return columns


def _ratios(population: Mapping[str, Attribute], columns: Mapping[str, Column]) -> dict[str, Column]:
    """Properties worked out from others; a ratio to nothing is infinite."""
    found: dict[str, Column] = {}
    for name, attribute in population.items():
        if attribute.sum is not None and attribute.over is not None:
            total = np.sum([columns[each] for each in attribute.sum], axis=0)
            base = columns[attribute.over]
            with np.errstate(divide="ignore", invalid="ignore"):
                found[name] = np.where(base > 0, total / base, np.inf)
    return found


def _words(odds: Mapping[str, Any], uniforms: NDArray[np.float64]) -> Column:
    return np.array(list(odds), dtype=object)[choose(odds, uniforms)]


def choose(odds: Mapping[str, Any], uniforms: NDArray[np.float64]) -> NDArray[np.int64]:
    """Index of the alternative each uniform number falls on; 'rest' takes what is left."""
    given = sum((share for share in odds.values() if share != "rest"), start=0)
    shares = [float(1 - given if share == "rest" else share) for share in odds.values()]
    bounds = np.cumsum(shares)[:-1]
    return np.searchsorted(bounds, uniforms, side="right")


def _correlate(uniforms: dict[str, NDArray[np.float64]], scenario: Scenario) -> None:
    """Gaussian copula: the named properties' uniforms become dependent, each staying uniform."""
    from scipy.special import ndtr, ndtri

    assert scenario.applicants is not None
    names, matrix = correlation_matrix(scenario.applicants)
    root = np.linalg.cholesky(matrix)
    normal = ndtri(np.clip(np.vstack([uniforms[name] for name in names]), 1e-300, 1 - 1e-16))
    for name, row in zip(names, root @ normal, strict=True):
        uniforms[name] = np.minimum(ndtr(row), 1 - 1e-16)


def holds(condition: Condition, column: Column) -> NDArray[np.bool_]:
    """For which firms a condition holds (exceptions aside)."""
    held = np.ones(len(column), dtype=bool)
    if condition.above is not None:
        held &= column > condition.above.value
    if condition.at_least is not None:
        held &= column >= condition.at_least.value
    if condition.below is not None:
        held &= column < condition.below.value
    if condition.at_most is not None:
        held &= column <= condition.at_most.value
    if condition.equals is not None:
        held &= column == condition.equals
    if condition.one_of is not None:
        held &= np.isin(column.astype(str), condition.one_of)
    return held


def all_hold(conditions: Conditions, firms: Firms) -> NDArray[np.bool_]:
    """For which firms all conditions hold."""
    held = np.ones(len(firms), dtype=bool)
    for name, condition in conditions.items():
        held &= holds(condition, firms.columns[name])
    return held


def failed_rule(conditions: Conditions, firms: Firms, streams: Streams) -> NDArray[np.int64]:
    """Number of the first eligibility rule each firm fails, -1 where it passes all."""
    failed = np.full(len(firms), -1, dtype=np.int64)
    for number, (name, condition) in enumerate(conditions.items()):
        held = holds(condition, firms.columns[name])
        if condition.exceptions:
            held |= streams.uniforms(f"exception: {name}", len(firms)) < float(condition.exceptions)
        failed[(failed < 0) & ~held] = number
    return failed


def credit_lines(limits: AmountLimits, firms: Firms) -> NDArray[np.int64]:
    """Credit line of each firm in fen: what it asks for, up to every limit; 0 where that is too little."""
    line = np.rint(firms.columns["amount_requested"]).astype(np.int64)
    for name, share in limits.of.items():
        # Whole numbers throughout: a share of 10^15 fen does not fit a float to the fen.
        base = np.rint(firms.columns[name]).astype(np.int64)
        cap = [int(value) * share.numerator // share.denominator for value in base.tolist()]
        line = np.minimum(line, np.array(cap, dtype=np.int64))
    if limits.at_most is not None:
        line = np.minimum(line, limits.at_most)
    return np.where(line >= max(limits.at_least or 0, 1), line, 0)
