"""A scenario: everything a file can say, checked and typed."""

from __future__ import annotations

import datetime
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from simulator.scenario.agreement import RiskSharing
from simulator.scenario.applicants import Applicants, Conditions
from simulator.scenario.credit import Credit, Drawing, Recovery, Renewal, Repayment, Scoring
from simulator.scenario.evidence import Evidence
from simulator.scenario.examples import Example
from simulator.scenario.flow import Branch, Clock, Stage, Step, steps_of
from simulator.scenario.names import Date, Name, Text
from simulator.scenario.outcomes import PublishedOutcome, PublishedRule
from simulator.scenario.parties import OfficeHours, Party
from simulator.scenario.periods import Period, days_of, whole_months
from simulator.scenario.pricing import Price, Subsidy
from simulator.scenario.quantities import Model, Money, Share, TimeSpan

FIRST_START, LAST_START = 1950, 2099


def _in_this_age(day: datetime.date) -> datetime.date:
    if not FIRST_START <= day.year <= LAST_START:
        raise ValueError(f"{day} is out of range; a run starts in {FIRST_START} to {LAST_START}")
    return day


Tenor = Annotated[TimeSpan, AfterValidator(whole_months("a tenor"))]


class AmountLimits(Model):
    """How much a firm gets: what it asks for, up to every limit."""

    of: dict[Name, Share] = Field(
        default_factory=dict, description="At most this share of a property, such as appraised_value: 40%"
    )
    at_most: Money | None = Field(None, description="At most this per customer, what it has already included")
    at_least: Money | None = Field(None, description="Below this the product is not for the firm")
    drawn_share: Share | None = Field(None, description="Share of the credit line that is drawn; all of it by default")


class Product(Model):
    """A financing product: who may have it, how much, by which process, and who bears the loss."""

    name: Text | None = Field(None, description="Name shown")
    eligibility: Conditions = Field(default_factory=dict, description="Tests that a firm must pass to apply")
    amount: AmountLimits = Field(default_factory=lambda: AmountLimits(), description="Limits on the amount")
    pledged: Name = Field("appraised_value", description="Property: appraised value of what is pledged")
    registers: dict[Name, Share] = Field(
        default_factory=dict,
        description="Amount entered in the register: shares of properties, summed, never below the credit line",
    )
    tenor: Tenor = Field(description="Time to repayment of the whole principal, in months or years")
    lender: Name | None = Field(
        None, description="Party that lends; by default the one that does the drawdown, or else the credit approval"
    )
    drawings: list[Drawing] = Field(
        default_factory=list, max_length=50, description="Parts of the drawn amount that are paid out later"
    )
    repayment: Repayment = Field(
        default_factory=lambda: Repayment(), description="How it is repaid; in one sum at maturity by default"
    )
    renewal: Renewal | None = Field(None, description="Loans renewed at maturity; none by default")
    price: Price = Field(default_factory=lambda: Price(), description="What the loan costs: interest and charges")
    scoring: Scoring | None = Field(None, description="A scoring model that sets each firm's default rate")
    priority: int = Field(5, ge=1, le=9, description="Priority of its files at every desk: 1 first, 9 last")
    flow: Branch = Field(min_length=1, description="Steps in order")
    servicing: list[Step] = Field(
        default_factory=list,
        max_length=20,
        description="What is done while the loan runs and once it is repaid, up to the end of the cases' follow-up",
    )
    rework_limit: int = Field(3, ge=0, le=100, description="Times a file may be sent back; after that it is declined")
    order: list[Annotated[list[Name], Field(min_length=2, max_length=100)]] = Field(
        default_factory=list, max_length=50, description="Chains of steps, each of which must be done before the next"
    )
    clocks: dict[Name, Clock] = Field(default_factory=dict, description="Spans that are measured")
    risk_sharing: RiskSharing = Field(description="Who bears a loss")
    recovery: Recovery | None = Field(None, description="Where recovery differs from the general assumptions")

    @property
    def longest_months(self) -> int:
        """How long a loan can run, with all its renewals."""
        return self.tenor.months * (1 + (self.renewal.at_most if self.renewal is not None else 0))

    @property
    def all_steps(self) -> list[Step]:
        """The steps of its flow at any depth, then those of its servicing, as steps are numbered in a run."""
        return [*steps_of(self.flow), *self.servicing]


class Quota(Model):
    """A ceiling on approved credit outstanding."""

    name: Text | None = Field(None, description="Name shown")
    limit: Money = Field(description="Ceiling")
    inside: Name | None = Field(None, description="A wider quota of which this one is a part")
    when_full: Literal["wait", "refuse"] = Field("wait", description="What happens to a file for which no room is left")


class FollowUp(Model):
    """How long cases and loans are followed after the last arrival."""

    cases: Period = Field(description="After it, a case that has not ended counts as open")
    loans: Period = Field(description="After it, nothing more is recovered and no default is seen")


class Run(Model):
    """The experiment."""

    start: Annotated[Date, AfterValidator(_in_this_age)] = Field(description="First day of the arrival period")
    arrivals_for: Period = Field(description="Length of the arrival period")
    warm_up: Period | None = Field(None, description="Cases that arrive in it are simulated but not counted")
    follow_up: FollowUp = Field(description="Time after the arrival period")
    replications: int = Field(ge=1, le=100_000, description="Independent repetitions")
    seed: int = Field(ge=0, le=2**63, description="Number from which all random draws follow")
    drawn_within: Period = Field(description="The share of eligible applicants drawn within this time is reported")

    @model_validator(mode="after")
    def _something_is_counted(self) -> Self:
        if days_of(self.arrivals_for) <= 0:
            raise ValueError("arrivals_for must be longer than nothing")
        if self.warm_up is not None and days_of(self.warm_up) >= days_of(self.arrivals_for):
            raise ValueError("warm_up is as long as arrivals_for or longer, so that no case would be counted")
        return self


Chart = Literal[
    "landscape", "turnaround", "stages", "timeline", "desks", "funnel", "eligibility", "cost", "losses", "reviews",
    "waterfall", "fund", "parties", "quota",
]


class World(Model):
    """One side of a comparison: a scenario, or one of its variants."""

    scenario: str = Field(max_length=300, description="A bundled scenario's id, or a file beside or below this one")
    variant: Name | None = Field(None, description="One of its variants")
    label: Name | None = Field(None, description="Name shown in tables and charts, and its key in results")
    name: Text | None = Field(None, description="The label in other languages")
    against: Name | None = Field(None, description="Label of the world it is compared with; the first by default")


class Scenario(Model):
    """One programme with its parties, applicants, products and assumptions."""

    id: Name = Field(description="Short identifier, such as C8-F1")
    kind: Literal["product", "contrast", "comparison", "base"] = Field("product", description="What the file is for")
    case: int | None = Field(None, ge=1, le=10, description="Number of the case in the source notice")
    name: Text = Field(description="Name shown")
    question: Text | None = Field(None, description="The question this file answers")
    about: Text | None = Field(None, description="What it is, in a few sentences")
    calendars: dict[Name, OfficeHours] = Field(
        default_factory=dict, max_length=50, description="Working calendars by name"
    )
    parties: dict[Name, Party] = Field(
        default_factory=dict, max_length=200, description="Institutions and their desks"
    )
    stages: dict[Name, Stage] = Field(
        default_factory=dict, max_length=500, description="Settings of steps, given once for all flows"
    )
    applicants: Applicants | None = Field(None, description="The firms that apply")
    products: dict[Name, Product] = Field(default_factory=dict, max_length=100, description="Financing products")
    quotas: dict[Name, Quota] = Field(default_factory=dict, max_length=100, description="Ceilings on approved credit")
    examples: dict[Name, Example] = Field(
        default_factory=dict, max_length=200, description="Firms told of in the source, to be run by name"
    )
    credit: Credit | None = Field(None, description="Default and recovery assumptions")
    policy: dict[Name, Subsidy] = Field(
        default_factory=dict, max_length=50, description="Subsidies that the firms or others get"
    )
    run: Run | None = Field(None, description="The experiment")
    compare: list[World] = Field(default_factory=list, max_length=50, description="Comparison: its worlds")
    charts: list[Chart] = Field(default_factory=list, max_length=20, description="Charts that answer the question")
    evidence: dict[str, Evidence] = Field(
        default_factory=dict, description="Path: where the numbers below it come from"
    )
    published_outcomes: dict[Name, PublishedOutcome] = Field(
        default_factory=dict, description="What a source says should come out"
    )
    published_rules: dict[Name, PublishedRule] = Field(
        default_factory=dict, description="What a source says holds for every case"
    )
