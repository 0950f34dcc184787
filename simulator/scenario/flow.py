"""The flow of a product as data: steps, steps together, choices, deadlines and clocks."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, Discriminator, Field, Tag, model_validator

from simulator.scenario.applicants import Conditions
from simulator.scenario.attributes import Odds
from simulator.scenario.credit import Cover, Valuer
from simulator.scenario.names import Name, Text
from simulator.scenario.periods import Months
from simulator.scenario.pricing import ChargeKind
from simulator.scenario.quantities import ElapsedTime, Model, Money, RealTime, Share, TimeSpan, WorkTime
from simulator.scenario.stage_kinds import STAGE_KINDS, StageKind
from simulator.units import Span

WhenPassed = Literal["count", "escalate", "give up"]


def _whole_days(span: Span) -> Span:
    """A deadline is a whole number of days or working days, because it ends with a day."""
    if span.unit not in ("days", "weeks", "working days") or span.amount != int(span.amount) or span.amount < 1:
        raise ValueError(f"a deadline is a whole number of days or working days, at least 1, not '{span}'")
    return span


Deadline = Annotated[TimeSpan, AfterValidator(_whole_days)]


class Fee(Model):
    """A charge that falls due when a step is done."""

    amount: Money = Field(description="Amount")
    paid_by: Name = Field(description="'firm' or a party")
    paid_to: Name = Field(description="A party, or 'outside'")
    kind: ChargeKind = Field("other", description="What it is, for tables, charts and subsidies")

    @model_validator(mode="after")
    def _somebody_else_gets_it(self) -> Self:
        if self.paid_by == self.paid_to:
            raise ValueError(f"'{self.paid_by}' would pay this to itself")
        return self


class Stage(Model):
    """What a step is and how long it takes; given once under `stages`, and changed by a step where it differs."""

    stage: Name | None = Field(None, description="Kind of stage, where the step's name is not itself one")
    name: Text | None = Field(None, description="Name shown")
    by: Name | None = Field(None, description="Desk ('party desk') or, for a step without work, party that does it")
    work: WorkTime | None = Field(None, description="Time one person (or a committee) works on it")
    elapsed: ElapsedTime | None = Field(None, description="Time that passes; with work, time in which it must be found")
    odds: Odds | None = Field(None, description="Share of files for each outcome")
    priority: int | None = Field(None, ge=1, le=9, description="1 is served first, 9 last; 5 is ordinary")
    patience: RealTime | None = Field(None, description="How long the applicant waits for this desk before leaving")
    of: Literal["patent", "trademark", "patent and trademark", "copyright", "receivable"] | None = Field(
        None, description="Kind of IP that is valued or registered"
    )
    pledgee: Name | None = Field(None, description="Registration: the party to whom the IP is pledged")
    route: Literal["online", "over the counter"] | None = Field(None, description="Registration: how it is filed")
    fee: Fee | None = Field(None, description="Charge due when the step is done")
    informative: Share | None = Field(
        None, description="Correlation of what this step sees with the firm's latent quality; none by default"
    )
    valuer: Valuer | None = Field(None, description="Valuation: how far its appraisals lie from what the IP is worth")
    cover: Cover | None = Field(None, description="Monitoring: the IP's value that a look asks for")


class Step(Stage):
    """One step of a flow."""

    title: Name = Field(description="The step's name, unique in its flow")
    on: dict[Name, Name] = Field(
        default_factory=dict,
        max_length=20,
        description="Outcome: name of the step to go to, 'next', or 'end declined' and the like",
    )
    deadline: Deadline | None = Field(None, description="Working days or days from its entry to its end")
    when_passed: WhenPassed = Field("count", description="What happens when the deadline passes")
    every: Months | None = Field(None, description="Servicing: again and again, this long apart, while the loan runs")
    reserves: Name | None = Field(None, description="Quota that is reserved for the credit line after this step")

    @model_validator(mode="after")
    def _something_to_pass(self) -> Self:
        if self.deadline is None and self.when_passed != "count":
            raise ValueError("when_passed needs a deadline")
        return self

    @property
    def kind(self) -> StageKind:
        """Its kind of stage, with the outcomes declared."""
        return STAGE_KINDS[self.stage or self.title]

    @property
    def first_outcome(self) -> str:
        """The outcome on which the file goes on."""
        return self.kind.outcomes[0]


class Together(Model):
    """Branches that run at the same time and are joined when all are done."""

    together: list[Branch] = Field(min_length=2, max_length=20, description="Branches: a step, or a list of steps")
    title: Name | None = Field(None, description="Name, where a step routes here")

    @property
    def branches(self) -> list[Branch]:
        """What runs at the same time."""
        return self.together


class Way(Model):
    """One way of a choice."""

    when: Conditions | None = Field(None, description="Properties of the firm for which this way is taken")
    odds: Share | None = Field(None, description="Or: share of files that take this way")
    steps: Branch = Field(default_factory=list, description="Steps of this way; none goes straight on")


class Choice(Model):
    """Ways of which a file takes the first whose conditions hold, or one by stated odds."""

    choice: list[Way] = Field(min_length=1, max_length=20, description="Ways, in the order in which they are tried")
    otherwise: Branch = Field(default_factory=list, description="Steps when no way is taken")
    title: Name | None = Field(None, description="Name; also the address of its random draw")

    @property
    def branches(self) -> list[Branch]:
        """The steps of each way, and last those of a file that takes none."""
        return [*(way.steps for way in self.choice), self.otherwise]

    @model_validator(mode="after")
    def _one_sort_of_way(self) -> Self:
        sorts = {"when" if way.when is not None else "odds" for way in self.choice}
        if any((way.when is None) == (way.odds is None) for way in self.choice) or len(sorts) > 1:
            raise ValueError("every way of a choice has 'when', or every way has 'odds'")
        if sum((way.odds for way in self.choice if way.odds is not None), start=0) > 1:
            raise ValueError("the odds of a choice sum to more than 100%")
        return self


def _flow_tag(raw: Any) -> str:
    if isinstance(raw, (Together, Choice)):
        return "together" if isinstance(raw, Together) else "choice"
    if isinstance(raw, dict):
        for tag in ("together", "choice"):
            if tag in raw:
                return tag
    return "step"


FlowItem = Annotated[
    Annotated[Step, Tag("step")] | Annotated[Together, Tag("together")] | Annotated[Choice, Tag("choice")],
    Discriminator(_flow_tag),
]
Branch = Annotated[list[FlowItem], Field(max_length=200)]


class Clock(Model):
    """A span between two moments of a case: `application`, `entry of X`, `start of X`, `end of X`."""

    begins: str = Field(description="'application', or 'entry of', 'start of' or 'end of' a step")
    ends: str = Field(description="'entry of', 'start of' or 'end of' a step")
    unit: Literal["days", "working days"] = Field("days", description="Unit in which it is reported")
    within: Deadline | None = Field(None, description="Deadline for this stretch, in days or working days")
    when_passed: WhenPassed = Field("count", description="What happens when the deadline passes")
    name: Text | None = Field(None, description="Name shown")

    @model_validator(mode="after")
    def _deadline_in_days(self) -> Self:
        if self.within is None and self.when_passed != "count":
            raise ValueError("when_passed needs a deadline: 'within'")
        return self


MOMENTS = ("entry of", "start of", "end of")


def split_moment(text: str) -> tuple[str, str]:
    """`end of valuation` as its two parts; `application` has no step; ValueError otherwise."""
    if text == "application":
        return "application", ""
    for moment in MOMENTS:
        if text.startswith(moment + " "):
            return moment, text[len(moment) + 1 :]
    raise ValueError(f"'{text}' is not a moment; write 'application', 'entry of X', 'start of X' or 'end of X'")


def clocks_of(flow: list[Step | Together | Choice], clocks: dict[str, Clock]) -> dict[str, Clock]:
    """A product's clocks, and one more for every step that has a deadline of its own."""
    own = {
        f"deadline of {step.title}": Clock(
            begins=f"entry of {step.title}",
            ends=f"end of {step.title}",
            within=step.deadline,
            when_passed=step.when_passed,
            unit="working days" if step.deadline.unit == "working days" else "days",
            name=None,
        )
        for step in steps_of(flow)
        if step.deadline is not None
    }
    return {**clocks, **own}


def steps_of(items: list[Step | Together | Choice]) -> Iterator[Step]:
    """All steps of a flow at any depth, in the order they are written."""
    for item in items:
        if isinstance(item, Step):
            yield item
        else:
            for branch in item.branches:
                yield from steps_of(branch)


def has_together(items: list[Step | Together | Choice]) -> bool:
    """Whether a flow has branches that run at the same time, at any depth."""
    return any(
        isinstance(item, Together) or (isinstance(item, Choice) and any(map(has_together, item.branches)))
        for item in items
    )


Together.model_rebuild()
Way.model_rebuild()
Choice.model_rebuild()
