"""Who applies: when applications arrive, and what kind of firms they come from."""

from __future__ import annotations

from typing import Annotated, Any, Self

import numpy as np
from numpy.typing import NDArray
from pydantic import AfterValidator, Field, model_validator

from simulator.scenario.attributes import Attribute, settle_sums
from simulator.scenario.names import Moment, Name, Text
from simulator.scenario.quantities import Model, Quantity, QuantityField, RealTime, Share
from simulator.units import format_money, format_share

REQUIRED_ATTRIBUTES = ("amount_requested", "appraised_value")
LATENT_QUALITY = "latent quality"
"""What nobody sees of a firm and what its default depends on; properties may correlate with it."""


class Condition(Model):
    """A test on one property of a firm."""

    above: QuantityField | None = Field(None, description="Strictly above")
    at_least: QuantityField | None = Field(None, description="This or above")
    below: QuantityField | None = Field(None, description="Strictly below")
    at_most: QuantityField | None = Field(None, description="This or below")
    equals: bool | str | None = Field(None, description="Exactly this: yes (true), no (false) or a word")
    one_of: list[str] | None = Field(None, min_length=1, max_length=200, description="One of these words")
    exceptions: Share | None = Field(None, description="Share of firms for which the rule is waived")
    why: Text | None = Field(None, description="The rule in words")

    @model_validator(mode="before")
    @classmethod
    def _bare_value(cls, raw: Any) -> Any:
        if not isinstance(raw, (bool, str, dict, Condition)):
            raise ValueError("this is no condition; write a test such as 'above: 2m CNY', a word, true or false")
        return {"equals": raw} if isinstance(raw, (bool, str)) else raw

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if not any(getattr(self, test) is not None for test in CONDITION_TESTS):
            raise ValueError(f"a condition needs one of: {', '.join(CONDITION_TESTS)}")
        return self

    def is_met_by(self, value: bool | Quantity | str) -> bool:
        """Whether a firm of which this is told passes (exceptions aside)."""
        if not isinstance(value, Quantity):
            return self.equals in (None, value) and (self.one_of is None or value in self.one_of)
        number = value.value
        return (
            (self.above is None or number > self.above.value)
            and (self.at_least is None or number >= self.at_least.value)
            and (self.below is None or number < self.below.value)
            and (self.at_most is None or number <= self.at_most.value)
        )

    def in_words(self) -> str:
        """The condition as a person would say it: `above 2.0m CNY`."""
        said = []
        for test in CONDITION_TESTS:
            value = getattr(self, test)
            if value is None:
                continue
            if isinstance(value, Quantity):
                said.append(f"{test.replace('_', ' ')} {quantity_in_words(value)}")
            elif isinstance(value, list):
                said.append("one of " + ", ".join(value))
            else:
                said.append({True: "yes", False: "no"}.get(value, str(value)) if isinstance(value, bool) else value)
        return " and ".join(said)


CONDITION_TESTS = ("above", "at_least", "below", "at_most", "equals", "one_of")
Conditions = dict[Name, Condition]


def quantity_in_words(quantity: Quantity) -> str:
    """`2.0m CNY`, `40%` or `3`."""
    if quantity.dimension == "fen":
        return format_money(round(quantity.value))
    if quantity.dimension == "share":
        return format_share(quantity.value)
    return f"{quantity.value:g}"


class Applicant(Model):
    """One firm given by name, instead of drawn; what is not given is drawn."""

    at: Moment = Field(description="When it applies")
    name: Text | None = Field(None, description="Name of the firm")
    product: Name | None = Field(None, description="The one product it applies for; by default as other firms")
    default_at: Moment | None = Field(None, description="When its loan defaults, if it runs then; drawn by default")
    known_eligible: bool = Field(
        False, description="Rules on properties that are not given count as passed: it is known to have been served"
    )
    attributes: dict[Name, bool | QuantityField | str] = Field(default_factory=dict, description="Its properties")


def _month(text: str) -> str:
    if text not in {str(number) for number in range(1, 13)}:
        raise ValueError("this is not a month; allowed: 1 to 12")
    return text


Month = Annotated[str, AfterValidator(_month)]


class Arrivals(Model):
    """When firms apply: at random in open hours, from a list, or from a CSV file beside the scenario."""

    per_working_day: float | None = Field(None, gt=0, le=100_000, description="Mean number of applications")
    by_month: dict[Month, Share] = Field(default_factory=dict, description="Share of that rate in months 1 to 12")
    calendar: Name = Field("office", description="Calendar in whose open hours applications arrive")
    firms: list[Applicant] | None = Field(None, max_length=100_000, description="Instead: these firms")
    csv: Annotated[str, Field(max_length=300)] | None = Field(
        None, description="Instead: a CSV file in the scenario's folder with such columns and one for each property"
    )

    @model_validator(mode="after")
    def _one_source(self) -> Self:
        given = [key for key in ("per_working_day", "firms", "csv") if getattr(self, key) is not None]
        if len(given) != 1:
            found = " and ".join(given) if given else "none of them"
            raise ValueError(f"arrivals come from per_working_day, firms or csv; found {found}")
        return self


class Correlation(Model):
    """Two properties that tend to be high together (Gaussian copula)."""

    between: list[Name] = Field(
        min_length=2, max_length=2, description="The two properties; 'latent quality' may be one of them"
    )
    rho: float = Field(ge=-0.99, le=0.99, description="Correlation of the underlying normal variables")


class Applicants(Model):
    """The firms that apply."""

    arrivals: Arrivals = Field(description="When they apply")
    population: dict[Name, Attribute] = Field(max_length=100, description="Their properties")
    correlations: list[Correlation] = Field(
        default_factory=list, max_length=200, description="Properties that go together"
    )
    also: list[Applicant] = Field(
        default_factory=list, max_length=1000, description="Firms given by name that apply besides"
    )
    prefer: list[Name] = Field(default_factory=list, description="Order in which they try the products of this file")
    fallback: bool = Field(False, description="After a refusal, try the next product for which they are eligible")
    patience: RealTime | None = Field(None, description="How long after applying they withdraw, if not drawn by then")

    @model_validator(mode="after")
    def _sums_of_one_kind(self) -> Self:
        settle_sums(self.population)
        return self


def correlation_matrix(applicants: Applicants) -> tuple[list[str], NDArray[np.float64]]:
    """Names of the correlated properties, in the population's order, and their correlation matrix.

    Latent quality comes last, so that what properties go together with it shifts none of them.
    """
    involved = {name for pair in applicants.correlations for name in pair.between}
    names = [name for name in [*applicants.population, LATENT_QUALITY] if name in involved]
    matrix = np.eye(len(names))
    for pair in applicants.correlations:
        first, second = (names.index(name) for name in pair.between)
        matrix[first, second] = matrix[second, first] = pair.rho
    return names, matrix
