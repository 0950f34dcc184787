"""What a source says should come out of a programme, so that a run can be held against it."""

from __future__ import annotations

from fractions import Fraction
from typing import Annotated, Literal, Self

from pydantic import Field, PlainValidator, WithJsonSchema, model_validator

from simulator.scenario.applicants import Conditions
from simulator.scenario.names import Name, Text
from simulator.scenario.pricing import ChargeKind
from simulator.scenario.quantities import Fen, Model, Money, QuantityField, Share, TimeSpan
from simulator.units import MONEY_FORM, SHARE_FORM, SPAN_FORM, Span, parse_money, parse_share, parse_span


def _read_figure(raw: object) -> Span | Fen | Fraction:
    if isinstance(raw, (Span, Fen, Fraction)):
        return raw
    form = f"{SPAN_FORM}, {MONEY_FORM}, or {SHARE_FORM}"
    if not isinstance(raw, str):
        raise ValueError(f"{raw!r} has no unit; write {form}" if isinstance(raw, (int, float)) else f"write {form}")
    try:
        if raw.rstrip().endswith("%"):
            return parse_share(raw)
        figure = Fen(parse_money(raw)) if raw.rstrip().endswith(("CNY", "元")) else parse_span(raw)
    except ValueError as error:
        raise ValueError(f"{error}; write {form}") from None
    if isinstance(figure, Fen) and figure < 0:
        raise ValueError(f"'{raw}' is negative")
    return figure


Figure = Annotated[
    Span | Fen | Fraction,
    PlainValidator(_read_figure),
    WithJsonSchema(
        {"type": "string", "description": "A time, an amount or a rate", "examples": ["14 days", "2m CNY", "2%"]}
    ),
]
"""A published figure: a time, an amount in fen, or a share a year."""
AMOUNTS = ("credit_line", "drawn", "registered")


class PublishedOutcome(Model):
    """A time or an amount that a source prints."""

    name: Text | None = Field(None, description="Name shown")
    clock: Name | None = Field(None, description="Clock that measures it; 'turnaround' is application to drawdown")
    amount: Literal["credit_line", "drawn", "registered"] | None = Field(
        None, description="Or: amount of a drawn case - its credit line, what it draws, what is entered in the register"
    )
    paid_by: Name | None = Field(None, description="Or: what this party pays of a loss, before recoveries")
    firm_cost: Literal["mean", "lowest"] | None = Field(
        None, description="Or: what a loan costs the firm a year, all in, by its contract and after subsidies"
    )
    product: Name | None = Field(None, description="Product, where the file has several")
    statistic: Literal["mean", "median", "p90", "share within"] = Field(description="Statistic held against it")
    between: list[Figure] | None = Field(
        None, min_length=2, max_length=2, description="[lowest, highest]: held if it lies in this range"
    )
    within: TimeSpan | None = Field(None, description="With 'share within': the time meant")
    kind: Literal["typical", "observation", "target", "no figure"] = Field(
        description="typical and observation can fail; a target's share is printed; no figure was published of it alone"
    )
    fitted: bool = Field(False, description="The model was set so that it holds: that it does proves nothing")
    source: Text = Field(description="Where it is printed")
    reading: Text | None = Field(None, description="How it was read")

    @model_validator(mode="after")
    def _complete(self) -> Self:
        given = [key for key in _OUTCOMES_OF if getattr(self, key) is not None]
        if len(given) != 1:
            allowed = f"{', '.join(list(_OUTCOMES_OF)[:-1])} or {list(_OUTCOMES_OF)[-1]}"
            raise ValueError(f"an outcome is of {allowed}; found {' and '.join(given) or 'none'}")
        if self.clock is None and self.statistic == "share within":
            raise ValueError("'share within' is of a clock")
        kind, told = _OUTCOMES_OF[given[0]]
        if self.between is not None and not all(isinstance(each, kind) for each in self.between):
            raise ValueError(f"'between' is two {told} here")
        if self.kind in ("typical", "observation") and self.between is None:
            raise ValueError(f"a {self.kind} outcome needs 'between': [lowest, highest]")
        if self.statistic == "share within" and self.within is None and self.kind != "no figure":
            raise ValueError("'share within' needs 'within'")
        if self.between is not None and len({each.unit for each in self.between if isinstance(each, Span)}) > 1:
            raise ValueError("'between' mixes units")
        if self.between is not None:
            low, high = (each.amount if isinstance(each, Span) else each for each in self.between)
            if low > high:
                raise ValueError("'between' is [lowest, highest], and its first figure is the higher one")
        return self


_OUTCOMES_OF: dict[str, tuple[type, str]] = {
    "clock": (Span, "lengths of time"),
    "amount": (Fen, "amounts of money"),
    "paid_by": (Fen, "amounts of money"),
    "firm_cost": (Fraction, "rates a year, such as 2%"),
}
"""What an outcome can be of, and what its figures are then."""


class LossShares(Model):
    """Fixed shares of every loss; where a fund runs out, other shares afterwards."""

    shares: dict[Name, Share] = Field(description="Share of each party")
    until: Name | None = Field(None, description="Fund whose exhaustion ends these shares")
    then: dict[Name, Share] | None = Field(None, description="Shares when that fund is used up")

    @model_validator(mode="after")
    def _both(self) -> Self:
        if (self.until is None) != (self.then is None):
            raise ValueError("'until' and 'then' go together")
        return self


class WorkedLoss(Model):
    """A loss of a given size and what each party pays of it."""

    loss: Money = Field(description="Loss")
    paid: dict[Name, Money] = Field(description="What each party pays; parties not named pay nothing")


class SubsidyKept(Model):
    """What every applicant gets of a subsidy in a year of all that it paid."""

    share: Share | None = Field(None, description="This share of what was paid; any part of it by default")
    at_most: Money | None = Field(None, description="Ceiling for an applicant and a year")


class WorkedSubsidy(Model):
    """What one applicant paid in a year, loan by loan, and what it gets of it."""

    subsidy: Name = Field(description="The subsidy, as it is called under policy")
    paid: list[Money] = Field(min_length=1, max_length=100, description="What was paid for each of its loans")
    given: Money = Field(description="What is given back in all")


class Gate(Model):
    """A firm that the product must refuse or admit; what is not said of it is favourable."""

    firm: dict[Name, bool | QuantityField | str] = Field(description="Properties of the firm")
    admitted: bool = Field(description="Is it admitted?")


class QuotaFilled(Model):
    """Credit lines of one size asked for one after another, and how many find room."""

    line: Money = Field(description="Credit line of each")
    granted: int = Field(ge=0, le=100_000, description="How many are granted; the next one waits or is refused")


class PublishedRule(Model):
    """A rule that a source prints and that every case of a run must keep."""

    name: Text | None = Field(None, description="Name shown")
    product: Name | None = Field(None, description="Product, where the file has several")
    source: Text = Field(description="Where it is printed")
    every_drawn: Conditions | None = Field(None, description="Properties of every case that was drawn")
    every_loss: LossShares | None = Field(None, description="How every loss was shared")
    losses: list[WorkedLoss] | None = Field(None, description="Losses one after another on a fresh agreement")
    fund_pays_at_most: dict[Name, Money] | None = Field(None, description="Total a fund may ever pay")
    gates: list[Gate] | None = Field(None, description="Firms at the limits of eligibility")
    steps_in_order: list[Name] | None = Field(None, description="Every drawn case passes these steps in this order")
    steps_together: list[Name] | None = Field(None, description="Steps that run at the same time")
    never: list[Name] | None = Field(None, description="Steps, kinds of stage or parties that no case meets")
    times: dict[Name, Annotated[int, Field(ge=0)]] | None = Field(
        None, description="Kind of stage: how many different steps of it a drawn case passes"
    )
    quota_at_most: dict[Name, Money] | None = Field(None, description="Credit approved in a quota never exceeds this")
    quota_filled: dict[Name, QuotaFilled] | None = Field(
        None, description="Quota: how many equal credit lines fill it, nothing else being lent"
    )
    no_fee_paid_by: Name | None = Field(None, description="Nobody in this role ('firm') pays a fee or a premium")
    firm_pays_no: list[ChargeKind] | None = Field(None, min_length=1, description="Charges that no firm pays")
    firm_cost_at_least: Share | None = Field(
        None, description="No loan costs its firm less than this a year, all in, by its contract and after subsidies"
    )
    every_subsidy: dict[Name, SubsidyKept] | None = Field(
        None, description="Subsidy: what every applicant that may have it gets in every year"
    )
    subsidies: list[WorkedSubsidy] | None = Field(None, description="What an applicant gets of what it paid in a year")

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if not any(getattr(self, kind) is not None for kind in RULE_KINDS):
            raise ValueError(f"a rule needs one of: {', '.join(RULE_KINDS)}")
        return self


RULE_KINDS = (
    "every_drawn", "every_loss", "losses", "fund_pays_at_most", "gates", "steps_in_order", "steps_together", "never",
    "times", "quota_at_most", "quota_filled", "no_fee_paid_by", "firm_pays_no", "firm_cost_at_least", "every_subsidy",
    "subsidies",
)  # fmt: skip
