"""The firms of one replication: when they apply, what they are like, which product each may have."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from math import ceil
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simulator.calendars import WorkingCalendar, add_span, minutes_since
from simulator.scenario.applicants import Applicant, Condition, Conditions
from simulator.scenario.attributes import Attribute
from simulator.scenario.model import AmountLimits, Scenario
from simulator.scenario.quantities import Quantity
from simulator.streams import Streams
from simulator.workflow.population import Column, draw_columns


@dataclass(frozen=True)
class Firms:
    """One entry an applicant, in order of arrival; after them, as they are listed, those that apply besides.

    `arrival` in minutes; `columns` by property: float64 (fen, counts, shares), bool or text.
    """

    arrival: NDArray[np.float64]
    columns: dict[str, Column]
    names: dict[int, str] = field(default_factory=dict)
    """Those given by name."""
    besides: int = 0
    """How many, at the end, apply besides those that are drawn, each at its own time."""
    product_of: dict[int, str] = field(default_factory=dict)
    """Those that apply for one product only."""
    default_at: dict[int, float] = field(default_factory=dict)
    """Those whose loan defaults at a given moment, in minutes, or never."""
    known_eligible: dict[int, frozenset[str]] = field(default_factory=dict)
    """Those known to have been served: the properties that are given, on which alone they are judged."""
    quality: NDArray[np.float64] = field(default_factory=lambda: np.empty(0))
    """Latent quality of each, standard normal: low for a weak firm. Nobody sees it; reviews see something of it."""
    applicant_of: dict[int, int] = field(default_factory=dict)
    """Firms given by a name that stands before them already: the first of that name. They are one applicant."""

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
        drawn = _poisson(arrivals.per_working_day, arrivals.by_month, calendar, run.start, end, streams)
        given: list[Applicant] = []
    else:
        drawn = np.empty(0)
        given = sorted(arrivals.firms or [], key=lambda firm: firm.at)
    # Firms that apply besides come last, so that no other firm's draws move.
    named = [*given, *applicants.also]
    moments = np.array([float(minutes_since(run.start, firm.at)) for firm in named])
    count = len(drawn) + len(named)
    numbered = dict(enumerate(named, start=len(drawn)))
    columns, quality = draw_columns(applicants, _given(numbered), count, streams)
    return Firms(
        arrival=np.concatenate([drawn, moments]),
        columns=columns,
        names={number: firm.name.english for number, firm in numbered.items() if firm.name is not None},
        besides=len(applicants.also),
        product_of={number: firm.product for number, firm in numbered.items() if firm.product is not None},
        default_at={
            number: float(minutes_since(run.start, firm.default_at))
            for number, firm in numbered.items()
            if firm.default_at is not None
        },
        known_eligible={
            number: told_of(applicants.population, firm.attributes)
            for number, firm in numbered.items()
            if firm.known_eligible
        },
        quality=quality,
        applicant_of=_same_applicants(numbered),
    )


def _same_applicants(numbered: Mapping[int, Applicant]) -> dict[int, int]:
    first: dict[str, int] = {}
    found = {}
    for number, firm in numbered.items():
        if firm.name is not None and first.setdefault(firm.name.english, number) != number:
            found[number] = first[firm.name.english]
    return found


def _given(numbered: Mapping[int, Applicant]) -> dict[str, dict[int, bool | float | str]]:
    given: dict[str, dict[int, bool | float | str]] = {}
    for number, firm in numbered.items():
        for name, value in firm.attributes.items():
            given.setdefault(name, {})[number] = value.value if isinstance(value, Quantity) else value
    return given


def told_of(population: Mapping[str, Attribute], given: Iterable[str]) -> frozenset[str]:
    """Properties that are given, and those that can be worked out from them."""
    told = set(given)
    for name, attribute in population.items():
        if attribute.sum is not None and told.issuperset(attribute.parts):
            told.add(name)
    return frozenset(told)


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
        for firm, told in firms.known_eligible.items():
            held[firm] |= name not in told
        failed[(failed < 0) & ~held] = number
    return failed


def credit_lines(limits: AmountLimits, firms: Firms) -> NDArray[np.int64]:
    """Credit line of each firm in fen: what it asks for, up to every limit; 0 where that is too little."""
    line = np.rint(firms.columns["amount_requested"]).astype(np.int64)
    for name, share in limits.of.items():
        line = np.minimum(line, _share_of(firms.columns[name], share))
    if limits.at_most is not None:
        line = np.minimum(line, limits.at_most)
    return np.where(line >= max(limits.at_least or 0, 1), line, 0)


def _share_of(amounts: Column, share: Fraction) -> NDArray[np.int64]:
    # Whole numbers throughout: a share of 10^15 fen does not fit a float to the fen.
    fen = np.rint(amounts).astype(np.int64).tolist()
    return np.array([value * share.numerator // share.denominator for value in fen], dtype=np.int64)
