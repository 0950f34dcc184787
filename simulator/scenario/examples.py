"""Firms that a source tells of by name, with what it says came out for them."""

from __future__ import annotations

from pydantic import Field

from simulator.scenario.names import Moment, Name, Text
from simulator.scenario.outcomes import PublishedOutcome
from simulator.scenario.quantities import Model, QuantityField


class Example(Model):
    """A worked example: a firm that can be run by name, `pledgesim run FILE --applicant NAME`.

    It is known to have been served: eligibility rules on properties that are not given here count as passed.
    """

    name: Text = Field(description="Name shown, as the source prints it")
    about: Text | None = Field(None, description="Who it is, in a sentence")
    source: Text = Field(description="Where it is told")
    product: Name | None = Field(None, description="Product, where the file has several")
    applies: Moment = Field(description="When it applies")
    firm: dict[Name, bool | QuantityField | str] = Field(
        description="Its properties; what is not given is drawn from the population"
    )
    published: dict[Name, PublishedOutcome] = Field(
        default_factory=dict, description="What the source says came out for it"
    )
