"""What a loan costs and who pays for what: interest, charges, subsidies."""

from __future__ import annotations

from fractions import Fraction
from typing import Literal, Self

from pydantic import Field, model_validator

from simulator.scenario.applicants import Conditions
from simulator.scenario.names import Name, Text
from simulator.scenario.quantities import Model, Money, Share

ChargeKind = Literal["guarantee fee", "premium", "appraisal fee", "other"]
"""Sorts of charges, for tables, charts and subsidies; a premium is also a base of limits."""


class Charge(Model):
    """A charge on a loan: a guarantee fee, a premium."""

    name: Text | None = Field(None, description="Name shown")
    kind: ChargeKind = Field("other", description="What it is, for tables, charts, limits and subsidies")
    rate: Share | None = Field(None, description="Share of the principal that is charged ...")
    amount: Money | None = Field(None, description="... or an amount")
    each: Literal["year", "loan"] = Field(
        "year",
        description="'year': in advance at drawdown and at each anniversary, on principal outstanding; 'loan': once",
    )
    paid_by: Name = Field("firm", description="'firm' or a party")
    paid_to: Name = Field(description="A party, or 'outside'")

    @model_validator(mode="after")
    def _one_measure(self) -> Self:
        if (self.rate is None) == (self.amount is None):
            raise ValueError("a charge has either a rate or an amount; allowed: rate, amount")
        if self.paid_by == self.paid_to:
            raise ValueError(f"'{self.paid_by}' would pay this to itself")
        return self


class Price(Model):
    """What the loan costs beside the fees of single steps."""

    interest: Share = Field(Fraction(0), description="Annual rate on the outstanding principal, paid to the lender")
    charges: dict[Name, Charge] = Field(default_factory=dict, max_length=50, description="Charges on the loan")


class Subsidy(Model):
    """Public money that gives back part of what has been paid for a loan, after it was paid."""

    name: Text | None = Field(None, description="Name shown")
    of: Literal["interest", "guarantee fee", "premium", "appraisal fee"] = Field(description="What it is a part of")
    share: Share = Field(description="Share of what was paid that is given back")
    at_most: Money | None = Field(None, description="Ceiling; none by default")
    per: Literal["loan", "applicant", "applicant and year"] = Field(
        "applicant and year",
        description="What the ceiling counts over; the year is the calendar year in which it is applied for",
    )
    paid_by: Name = Field(description="Party that pays it")
    paid_to: Literal["firm", "payer"] = Field(
        "payer", description="'payer': whoever paid what it is a part of; 'firm': the firm in any case"
    )
    eligibility: Conditions = Field(default_factory=dict, description="Tests that a firm must pass to get it")
    products: list[Name] | None = Field(None, max_length=100, description="Products it is for; all by default")
    step: Name | None = Field(
        None, description="Step of kind 'subsidy claim' that must have been done; none by default"
    )
