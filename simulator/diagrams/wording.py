"""Times, odds and conditions as a diagram says them, in the language spoken."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import cast

from simulator.analysis.eligibility import rule_in_words
from simulator.diagrams.routes import Besides, Way
from simulator.scenario.applicants import Conditions
from simulator.scenario.flow import Clock, split_moment
from simulator.scenario.parties import Batch, Committee
from simulator.scenario.quantities import Distribution, Quantity
from simulator.scenario.spoken_quantities import span_said
from simulator.texts import phrase, say, say_count
from simulator.units import Span, Unit, format_share

OUTCOMES = {"exit": phrase("called early")}
"""What a step can decide, where it is said otherwise than by its own word."""
ENDS = {
    "drawn": phrase("drawn"),
    "declined": phrase("declined"),
    "withdrawn": phrase("withdrawn"),
    "expired": phrase("expired"),
    "completed": phrase("ended without drawdown"),
    "drawn or completed": phrase("drawn, or ended without drawdown"),
}
WEEKDAYS = {
    "Monday": phrase("Monday"),
    "Tuesday": phrase("Tuesday"),
    "Wednesday": phrase("Wednesday"),
    "Thursday": phrase("Thursday"),
    "Friday": phrase("Friday"),
    "Saturday": phrase("Saturday"),
    "Sunday": phrase("Sunday"),
}
WHEN_PASSED = {
    "count": phrase("late ones are counted"),
    "escalate": phrase("then it goes first everywhere"),
    "give up": phrase("then the case expires"),
}
"""What happens when a deadline passes."""


def joined(parts: Iterable[str]) -> str:
    """Several things in one row."""
    return say(", ").join(parts)


def time_said(time: Distribution) -> str:
    """A time, fixed or random: `2 to 8 h, mostly 4 h`."""
    values = [each.value for each in _parameters(time)]
    unit = cast(Unit, time.dimension)
    if unit == "min" and max(values) >= 60 and (max(values) >= 180 or all(value % 30 == 0 for value in values)):
        values, unit = [value / 60 for value in values], "h"

    def full(value: float) -> str:
        return span_said(Span(round(value, 2), unit))

    if time.fixed is not None:
        return full(values[0])
    if time.uniform is not None:
        return say("{low} to {high}", low=_number(values[0]), high=full(values[1]))
    if time.triangular is not None:
        low, mode, high = values
        return say("{low} to {high}, mostly {mode}", low=_number(low), high=full(high), mode=_number(mode))
    if time.exponential is not None:
        return say("{mean} on average, exponential", mean=full(values[0]))
    if time.lognormal is not None:
        return say("half within {median}, nine in ten within {p90}", median=full(values[0]), p90=full(values[1]))
    assert time.gamma is not None
    return say("{mean} on average, spread {cv}", mean=full(values[0]), cv=format_share(time.gamma.cv))


def _parameters(time: Distribution) -> list[Quantity]:
    if time.lognormal is not None:
        return [time.lognormal.median, time.lognormal.p90]
    if time.gamma is not None:
        return [time.gamma.mean]
    given = time.fixed or time.exponential or time.uniform or time.triangular
    assert given is not None
    return given if isinstance(given, list) else [given]


def _number(value: float) -> str:
    return f"{round(value, 2):g}"


BESIDES: dict[Besides, str] = {
    "appraisal": phrase("appraised too low"),
    "quota": phrase("above the quota"),
    "quota refuses": phrase("no room in the quota"),
    "cover": phrase("IP worth too little"),
}


def way_said(way: Way, at_its_end: bool = False) -> str:
    """An outcome with its odds, `approved 88%`; without its name where that stands at the end it leads to."""
    named = "" if at_its_end and f"end {way.outcome}" == way.target else say(OUTCOMES.get(way.outcome, way.outcome))
    share = "" if way.share is None else format_share(way.share)
    odds = f"{named} {share}".strip()
    return joined(filter(None, [odds, *(say(BESIDES[each]) for each in way.besides)]))


def outcomes_said(ways: Sequence[Way]) -> str:
    """The outcomes of a step in one row; nothing where there is only one."""
    return joined(map(way_said, ways)) if len(ways) > 1 else ""


def end_said(end: str) -> str:
    """How a case ends."""
    return say(ENDS[end])


def committee_said(committee: Committee) -> str:
    """When a committee meets, and how much it takes."""
    return say(
        "meets {days} at {hour}, up to {files}, {length}",
        days=joined(say(WEEKDAYS[day]) for day in committee.meets),
        hour=committee.at,
        files=say_count("{n} file", "{n} files", committee.takes),
        length=time_said(committee.lasts),
    ) + (say("; every {n} weeks", n=committee.every_weeks) if committee.every_weeks > 1 else "")


def batch_said(batch: Batch) -> str:
    """When a desk deals with what it has gathered."""
    return say(
        "{files} together, or after {wait}; {length}",
        files=say_count("{n} file", "{n} files", batch.size),
        wait=span_said(batch.wait),
        length=time_said(batch.lasts),
    )


def conditions_said(conditions: Conditions) -> str:
    """What a firm must be for a way of a choice."""
    return joined(rule_in_words(name, condition) for name, condition in conditions.items())


def deadline_said(within: Span, when_passed: str) -> str:
    """A deadline and what happens when it passes."""
    return say("within {time}; {then}", time=span_said(within), then=say(WHEN_PASSED[when_passed]))


def moment_said(moment: str, steps: dict[str, str]) -> str:
    """A moment of a case, with the step as it is called."""
    kind, title = split_moment(moment)
    if kind == "application":
        return say("application")
    return say(_MOMENTS[kind], step=steps.get(title, title))


_MOMENTS = {
    "entry of": phrase("entry of {step}"),
    "start of": phrase("start of {step}"),
    "end of": phrase("end of {step}"),
}


def clock_sentence(name: str, clock: Clock) -> str:
    """What a clock measures, and its deadline: `T8: within 29 days; late ones are counted`."""
    if clock.within is None:
        return name
    return say("{key}: {what}", key=name, what=deadline_said(clock.within, clock.when_passed))


def duration(span: Span) -> str:
    """A length of time as ISO 8601 has it; empty where it needs a calendar of working days."""
    forms = {"min": "PT{n}M", "h": "PT{n}H", "days": "P{n}D", "weeks": "P{n}W", "months": "P{n}M", "years": "P{n}Y"}
    if span.unit not in forms or span.amount != int(span.amount):
        return ""
    return forms[span.unit].format(n=int(span.amount))
