"""Times on the wall calendar: days, weeks, months or years."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated

from pydantic import AfterValidator

from simulator.scenario.quantities import TimeSpan
from simulator.units import Span

_DAYS_IN = {"days": 1.0, "weeks": 7.0, "months": 365 / 12, "years": 365.0}


def days_of(span: Span) -> float:
    """Length in days, roughly where it is given in months or years."""
    return span.amount * _DAYS_IN[span.unit]


def _on_the_calendar(span: Span) -> Span:
    if span.unit not in _DAYS_IN:
        raise ValueError(f"'{span}' cannot stand here; give it in days, weeks, months or years")
    if span.unit in ("months", "years"):
        _ = span.months
    if days_of(span) > 50 * 365:
        raise ValueError(f"'{span}' is too long; at most 50 years")
    return span


Period = Annotated[TimeSpan, AfterValidator(_on_the_calendar)]
"""A time on the wall calendar: days, weeks, months or years."""


def whole_months(what: str) -> Callable[[Span], Span]:
    """A check that a time is 1 to 360 whole months, given in months or years; messages call it `what`."""

    def check(span: Span) -> Span:
        if span.unit not in ("months", "years"):
            raise ValueError(f"{what} is given in months or years, not '{span}'")
        if not 1 <= span.months <= 360:
            raise ValueError(f"{what} is 1 to 360 months, not {span}")
        return span

    return check


Months = Annotated[TimeSpan, AfterValidator(whole_months("this time"))]
"""A time between two of many equal moments: months or years."""
