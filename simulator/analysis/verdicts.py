"""How a run stands to a published time or amount."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Literal

import numpy as np

from simulator.analysis.figures import lowest, share_kept, spread
from simulator.analysis.intervals import NOT_NEGATIVE, SHARE, Estimate, estimate, mean
from simulator.analysis.measure import ProductMeasures
from simulator.scenario.outcomes import PublishedOutcome
from simulator.scenario.spoken_quantities import money_said, span_said
from simulator.texts import phrase, say
from simulator.units import Span, format_share

Status = Literal[
    "held", "set to hold", "failed", "target", "no figure", "nothing to check", "too few runs"
]
STATUSES = (
    phrase("held"), phrase("set to hold"), phrase("failed"), phrase("target"), phrase("no figure"),
    phrase("nothing to check"), phrase("too few runs"),
)  # fmt: skip
"""How a run can stand to what was published, as `say` says it."""
STATISTICS = {"mean": "mean", "median": "p50", "p90": "p90"}


@dataclass(frozen=True)
class Verdict:
    """One published outcome or rule and how the run stands to it, in the language spoken when it was judged."""

    name: str
    status: Status
    text: str
    source: str
    rests_on: list[str] = field(default_factory=list)
    findings: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Observed:
    """What a run says of a published figure: an estimate in `unit` (days, working days, a share, or fen)."""

    estimate: Estimate
    unit: str
    what: str
    count: int = 0
    """Of one firm: in how many runs there was such a figure."""

    @property
    def words(self) -> str:
        """`17.2 days (16.8 to 17.6)`, `3.6m CNY`, or why there is no such figure."""
        return in_words(self.estimate, self.unit)


def observe(
    outcome: PublishedOutcome, replications: Sequence[ProductMeasures], unit: str, names: Mapping[str, str] = {}
) -> Observed:
    """The statistic that was published, over all cases of each replication; `unit` is that of the clock.

    `names` are shown in place of the keys of clocks and parties.
    """
    what = named(outcome, names)
    if outcome.firm_cost is not None:
        costs = [_firm_cost(each, outcome.firm_cost) for each in replications]
        return Observed(estimate(costs), "share", what)
    if outcome.clock is None:
        amounts = [_mean_amount(each, outcome) / 100 for each in replications]
        return Observed(estimate(amounts, possible=NOT_NEGATIVE), "CNY", what)
    if outcome.statistic == "share within":
        return Observed(estimate(_shares_within(outcome, replications, unit), possible=SHARE), "share", what)
    values = [times(each, outcome.clock, unit) for each in replications]
    return Observed(estimate(spread(values)[STATISTICS[outcome.statistic]]), unit, what)


_STATISTICS_SAID = {"mean": phrase("mean"), "median": phrase("median"), "p90": phrase("p90")}


def named(outcome: PublishedOutcome, names: Mapping[str, str] = {}) -> str:
    """What was published, in words: `median of turnaround`."""
    if outcome.statistic == "share within":
        clock = names.get(outcome.clock or "", outcome.clock)
        if outcome.within is None:
            return say("share of {clock}", clock=clock)
        return say("share of {clock} within {time}", clock=clock, time=span_said(outcome.within))
    if outcome.firm_cost is not None:
        lowest_one = outcome.firm_cost == "lowest"
        return say("lowest cost to the firm a year" if lowest_one else "mean cost to the firm a year")
    statistic = say(_STATISTICS_SAID[outcome.statistic])
    if outcome.paid_by is not None:
        payer = names.get(outcome.paid_by, outcome.paid_by)
        return say("{statistic} paid by {party} of a loss", statistic=statistic, party=payer)
    if outcome.clock is not None:
        return say("{statistic} of {what}", statistic=statistic, what=names.get(outcome.clock, outcome.clock))
    return say("{statistic} of {what}", statistic=statistic, what=say(AMOUNT_WORDS[outcome.amount or "drawn"]))


def _firm_cost(measures: ProductMeasures, which: str) -> float:
    if which == "lowest":
        return lowest(measures.cost)
    return mean(measures.cost.rates["contractual_after_subsidy"])


AMOUNT_WORDS = {
    "credit_line": phrase("credit line"),
    "drawn": phrase("amount drawn"),
    "registered": phrase("registered amount"),
}
KINDS = (phrase("typical"), phrase("observation"))
"""What a published figure that can fail is, as `say` says it."""


def _mean_amount(measures: ProductMeasures, outcome: PublishedOutcome) -> float:
    """Mean over the drawn cases, or over the losses, of one replication, in fen; NaN where there are none."""
    if outcome.paid_by is not None:
        count, total = measures.defaults_settled, measures.paid.get(outcome.paid_by, 0)
    else:
        count, total = measures.ends["drawn"], getattr(measures, outcome.amount or "drawn")
    return total / count if count else float("nan")


def _shares_within(outcome: PublishedOutcome, replications: Sequence[ProductMeasures], unit: str) -> list[float]:
    assert outcome.clock is not None
    shares = []
    for each in replications:
        if outcome.clock in each.kept:
            shares.append(share_kept(each, outcome.clock))
        elif outcome.within is not None:
            values = times(each, outcome.clock, unit)
            known = values[~np.isnan(values)]
            shares.append(float((known <= in_unit(outcome.within)).mean()) if len(known) else float("nan"))
    return shares


def verdict(
    name: str, outcome: PublishedOutcome, observed: Observed, rests_on: list[str], note: str = ""
) -> Verdict:
    """What was observed, held against what was published; `note` stands behind what was found."""
    shown = say("{what}: {found}{note}", what=observed.what, found=observed.words, note=note)
    if outcome.kind == "no figure":
        told = (
            say("{told}; no figure published", told=shown)
            if outcome.between is None
            else say("{told}; published of more than this product: {figure}", told=shown, figure=between_words(outcome))
        )
        return Verdict(name, "no figure", told, outcome.source.said(), rests_on)
    if outcome.kind == "target" or outcome.between is None:
        return Verdict(name, "target", shown, outcome.source.said(), rests_on)
    low, high = (in_unit(each) for each in outcome.between)
    value = observed.estimate.value
    held = value is not None and low <= value <= high
    told = say(
        "{told}; published {figure} ({kind})", told=shown, figure=between_words(outcome), kind=say(outcome.kind)
    )
    reading = [say("reading: {reading}", reading=outcome.reading.said())] if outcome.reading else []
    kept: Status = "set to hold" if outcome.fitted else "held"
    return Verdict(name, kept if held else "failed", told, outcome.source.said(), rests_on, reading)


def between_words(outcome: PublishedOutcome) -> str:
    """`14 days to 21 days`, or one figure where both ends are the same."""
    assert outcome.between is not None
    low, high = (_figure(each) for each in outcome.between)
    return low if low == high else say("{low} to {high}", low=low, high=high)


def _figure(figure: Span | int | Fraction) -> str:
    if isinstance(figure, Fraction):
        return format_share(figure)
    return span_said(figure) if isinstance(figure, Span) else money_said(figure)


def unit_of(outcome: PublishedOutcome, clocks: dict[str, str]) -> str:
    """The unit in which a published time is held: its clock's, or that in which the turnaround was published."""
    first = outcome.between[0] if outcome.between else None
    if outcome.clock == "turnaround":
        return "working days" if isinstance(first, Span) and first.unit == "working days" else "days"
    return clocks.get(outcome.clock or "", "days")


def times(measures: ProductMeasures, clock: str, unit: str) -> np.ndarray:
    """A clock's times, one entry an applicant."""
    if clock != "turnaround":
        return measures.clocks[clock]
    return measures.turnaround_working if unit == "working days" else measures.turnaround


def in_unit(figure: Span | int | Fraction) -> float:
    """A published time in days, or in working days where it is given so; an amount in CNY; a share."""
    if isinstance(figure, Fraction):
        return float(figure)
    if isinstance(figure, int):
        return figure / 100
    return figure.amount if figure.unit == "working days" else figure.minutes / 1440


def rounded_money(cny: float) -> str:
    """An estimated amount without digits that mean nothing: `85.02m CNY`, `912k CNY`."""
    step = 10_000 if abs(cny) >= 1_000_000 else 1_000 if abs(cny) >= 10_000 else 0.01
    return money_said(round(round(cny / step) * step * 100))


def in_words(found: Estimate, unit: str) -> str:
    """`17.2 days (16.8 to 17.6)`, or why there is no such figure."""
    if found.value is None:
        return say(found.note)
    value = _figure_said(found.value, unit)
    if unit in _TIMES:
        value = say(_TIMES[unit], number=value)
    if found.low is None or found.high is None or not found.low < found.high:
        return value
    low, high = (_figure_said(each, unit) for each in (found.low, found.high))
    return say("{value} ({low} to {high})", value=value, low=low, high=high)


_TIMES = {"days": phrase("{number} days"), "working days": phrase("{number} working days")}


def _figure_said(value: float, unit: str) -> str:
    if unit == "CNY":
        return rounded_money(value)
    return format_share(value) if unit == "share" else f"{value:.1f}"
