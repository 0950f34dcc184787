"""Credit assumptions: when loans default, what the pledged IP brings then, how principal comes back."""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from simulator.scenario.agreement_parts import OrText
from simulator.scenario.applicants import quantity_in_words
from simulator.scenario.names import Name
from simulator.scenario.periods import Months, whole_months
from simulator.scenario.quantities import (
    Model,
    Proportion,
    QuantityField,
    Ratio,
    RealTime,
    Share,
    SignedShare,
    TimeSpan,
)

MOST_YEARS_OF_RATES = 50


def _bare_share(raw: object) -> object:
    return raw if isinstance(raw, list) else [raw]


DefaultRates = Annotated[
    list[Share],
    BeforeValidator(_bare_share),
    Field(min_length=1, max_length=MOST_YEARS_OF_RATES),
    OrText(description="The same share every year", examples=["40%"]),
]
"""Share of loans that default in their first year, second year ...; the last holds for all further years."""


class Recovery(Model):
    """What the pledged IP brings after a default."""

    by: Name | None = Field(None, description="Party that disposes of the IP")
    haircut: Proportion | None = Field(None, description="Share of the value lost in the sale")
    cost: Proportion | None = Field(None, description="Share of the proceeds spent on the sale")
    time: RealTime | None = Field(None, description="From the claim to the proceeds")
    decay: Share | None = Field(None, description="Share of its value that the IP loses in a year, from drawdown on")
    volatility: Share | None = Field(None, description="Standard deviation of a year's change of the IP's value")
    on_factor: Share | None = Field(
        None, description="Correlation of the haircut with the common factor: in bad times IP sells for less"
    )


class CompleteRecovery(Recovery):
    """Recovery assumptions that hold where a product says nothing else."""

    haircut: Proportion = Field(description="Share of the value lost in the sale")
    cost: Proportion = Field(description="Share of the proceeds spent on the sale")
    time: RealTime = Field(description="From the claim to the proceeds")
    decay: Share = Field(Fraction(0), description="Share of its value that the IP loses in a year, from drawdown on")
    volatility: Share = Field(Fraction(0), description="Standard deviation of a year's change of the IP's value")
    on_factor: Share = Field(
        Fraction(0), description="Correlation of the haircut with the common factor: in bad times IP sells for less"
    )


class BookCredit(Model):
    """Default and recovery assumptions for the loans of a book."""

    annual_default_rate: DefaultRates | None = Field(
        None, description="Default rate of loans for which the book has no annual_pd, as one share or by year"
    )
    correlation: Share = Field(
        Fraction(0), description="Correlation of firms' fortunes through one common factor (Gaussian copula)"
    )
    claim_after: RealTime = Field(description="From the default to the settlement of the claim")
    recovery: CompleteRecovery | None = Field(
        None, description="What the IP brings, of loans with an appraised value; one with an lgd has none"
    )


class Credit(BookCredit):
    """Default and recovery assumptions."""

    annual_default_rate: DefaultRates = Field(
        description="Share of loans that default within a year: the same every year, or a list by year of the loan"
    )
    recovery: CompleteRecovery = Field(description="What the IP brings")
    quality_weight: Share = Field(
        Fraction(0),
        description="Share of what is a firm's own fortune that its latent quality decides, which reviews may see",
    )


class Band(Model):
    """A band of a score and the default rate of the firms in it."""

    below: QuantityField | None = Field(
        None, description="Scores below this and in no band before, as 60 or 40%; the last band has none"
    )
    annual_default_rate: DefaultRates = Field(description="Their default rate in place of the general one")


class Scoring(Model):
    """A scoring model: a firm's score decides its default rate."""

    of: Name = Field(description="Property: the score, a plain number")
    bands: list[Band] = Field(min_length=1, max_length=50, description="Bands from the lowest score to the highest")

    @model_validator(mode="after")
    def _rising(self) -> Self:
        *bounded, last = [band.below for band in self.bands]
        if last is not None or None in bounded:
            raise ValueError("every band but the last needs 'below'; the last is for all higher scores and has none")
        bounds = [each for each in bounded if each is not None]
        for low, high in pairwise(bounds):
            if high.dimension != low.dimension:
                found = f"{quantity_in_words(low)} and {quantity_in_words(high)}"
                raise ValueError(f"'below' mixes plain numbers and shares: {found}")
            if high.value <= low.value:
                found = f"{quantity_in_words(high)} comes after {quantity_in_words(low)}"
                raise ValueError(f"bands need rising bounds, but {found}")
        return self


class Sweep(Model):
    """Repayment out of licence payments that arrive at the bank: part of each goes to the loan."""

    of: Name = Field(description="Property: what the licensee pays in a year")
    share: Share = Field(description="Share of each payment that goes to the loan")
    every: Months = Field(description="Time between two payments, in months or years")
    licensee_default_rate: Share = Field(
        Fraction(0), description="Share of licensees that stop paying for good within a year"
    )


class Repayment(Model):
    """How the principal comes back and when interest is paid; in one sum at maturity by default."""

    schedule: Literal["bullet", "equal principal", "annuity"] = Field(
        "bullet", description="One sum at maturity, equal parts of principal, or equal payments with their interest"
    )
    every: Months | None = Field(None, description="Time between two instalments; not for a bullet")
    interest_every: Months | None = Field(
        None, description="Time between two payments of interest; with each instalment, or at maturity, by default"
    )
    sweep: Sweep | None = Field(None, description="Part of each licence payment goes to the loan")

    @model_validator(mode="after")
    def _instalments(self) -> Self:
        if self.schedule == "bullet" and self.every is not None:
            raise ValueError("a bullet has no instalments; take out 'every' or write another schedule")
        if self.schedule != "bullet" and self.every is None:
            raise ValueError(f"'{self.schedule}' needs 'every': the time between two instalments")
        if self.schedule != "bullet" and self.sweep is not None:
            raise ValueError("a sweep goes with a bullet: what it has not repaid at maturity is due then")
        if self.schedule == "annuity" and self.interest_every is not None:
            raise ValueError("an annuity pays interest with every instalment; take out 'interest_every'")
        return self


class Drawing(Model):
    """A part of the drawn amount that is paid out later."""

    share: Share = Field(description="Share of the drawn amount")
    after: Annotated[TimeSpan, AfterValidator(whole_months("this time"))] = Field(
        description="Months or years after the first"
    )


class Renewal(Model):
    """Loans that are renewed at maturity instead of being repaid."""

    share: Share = Field(description="Share of loans renewed when they fall due")
    at_most: int = Field(1, ge=1, le=20, description="Times a loan may be renewed, each time for its tenor")


class Cover(Model):
    """What happens when a look finds the IP worth too little for what is outstanding."""

    at_least: Ratio = Field(description="The IP's value as a share of the outstanding principal, such as 130%")
    topped_up: Share = Field(
        Fraction(0), description="Share of firms that then pledge more, up to this cover; the others repay at once"
    )


class Valuer(Model):
    """How far a valuer's appraisals lie from what the IP is worth."""

    of: Name | None = Field(None, description="Property that it values; by default what the product takes in pledge")
    bias: SignedShare = Field(
        Fraction(0), description="How much more or, with a minus, less than what it is worth the IP is appraised at"
    )
    spread: Share = Field(Fraction(0), description="Standard deviation of an appraisal around that, on the log scale")
