"""Small worlds with a few named firms, run once and told in clock times, so that a test can be followed by hand."""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from simulator.calendars import minutes_since, moment_at
from simulator.experiment.replication import replicate
from simulator.scenario.load import from_data
from simulator.scenario.model import Scenario
from simulator.workflow.case import END_NAMES
from simulator.workflow.world import Happened

START = datetime.date(2021, 3, 1)
"""A Monday; the next public holiday is on 5 April."""


def desk(name: str, work: str = "1 h", title: str = "credit approval", **settings: Any) -> dict[str, Any]:
    """A step at one of the bank's desks."""
    return {title: {"by": f"bank {name}", "work": work, **settings}}


def always(outcome: str, first: str) -> dict[str, Any]:
    """Odds of an outcome that always comes; `first` is the one on which a file goes on."""
    return {"odds": {outcome: "100%", first: "rest"}}


DRAWDOWN = {"drawdown": {"elapsed": "0 min", "by": "bank"}}


def scenario(
    flow: Sequence[Any],
    *,
    firms: Sequence[Any] = (),
    desks: Mapping[str, Any] | None = None,
    calendars: Mapping[str, Any] | None = None,
    product: Mapping[str, Any] | None = None,
    products: Mapping[str, Any] | None = None,
    applicants: Mapping[str, Any] | None = None,
    population: Mapping[str, Any] | None = None,
    run: Mapping[str, Any] | None = None,
    **rest: Any,
) -> Scenario:
    """A checked world; `firms` are moments ('03-01 10:00') or pairs of a moment and properties."""
    listed = [(firm, {}) if isinstance(firm, str) else firm for firm in firms]
    arrivals = [{"at": f"2021-{moment}", "attributes": dict(given)} for moment, given in listed]
    loan = {
        "tenor": "12 months",
        "flow": [*flow, DRAWDOWN],
        "risk_sharing": {"split": {"bank": "100%"}},
        **(product or {}),
    }
    data = {
        "id": "small",
        "calendars": {"office": {"hours": "9:00-17:00"}, "always": {"hours": "always", "days": "every day"}}
        | dict(calendars or {}),
        "parties": {"bank": {"desks": dict(desks or {"reviewer": {"staff": 1}})}, "fund": {}},
        "applicants": {
            "arrivals": {"firms": arrivals},
            "population": {
                "amount_requested": "1m CNY",
                "appraised_value": "2m CNY",
                "urgent": {"yes": "0%"},
                **(population or {}),
            },
            **(applicants or {}),
        },
        "products": products or {"loan": loan},
        "credit": {
            "annual_default_rate": "0%",
            "claim_after": "60 days",
            "recovery": {"haircut": "70%", "cost": "5%", "time": "300 days"},
        },
        "run": {
            "start": START.isoformat(),
            "arrivals_for": "4 weeks",
            "follow_up": {"cases": "300 days", "loans": "3 years"},
            "replications": 2,
            "seed": 1,
            "drawn_within": "30 days",
            **(run or {}),
        },
        **rest,
    }
    return from_data(data).scenario


@dataclass(frozen=True)
class Visit:
    """One visit of a case to a step, in clock times; empty where it never came to that."""

    case: int
    step: str
    visit: int
    entry: str
    start: str
    worked: str
    end: str
    outcome: str


def clock(minutes: float, start: datetime.date = START) -> str:
    """`03-01 10:00`; empty for never."""
    return f"{moment_at(start, minutes):%m-%d %H:%M}" if np.isfinite(minutes) else ""


def minutes(moment: str) -> float:
    """Minutes of `03-01 10:00`."""
    return minutes_since(START, datetime.datetime.fromisoformat(f"2021-{moment}"))


@dataclass(frozen=True)
class Story:
    """One replication of a small world."""

    scenario: Scenario
    happened: Happened

    @property
    def start(self) -> datetime.date:
        """First day of its clock."""
        assert self.scenario.run is not None
        return self.scenario.run.start

    @property
    def visits(self) -> list[Visit]:
        """All visits, in the order of their ends."""
        products = list(self.scenario.products.values())
        told = []
        for row in self.happened.steps.tolist():
            product, index, case, visit, outcome, _, entry, start, worked, end = row
            step = products[int(product)].all_steps[int(index)]
            said = step.kind.outcomes[int(outcome)] if outcome >= 0 else "left"
            moments = [clock(moment, self.start) for moment in (entry, start, worked, end)]
            told.append(Visit(int(case), step.title, int(visit), *moments, said))
        return told

    def at(self, step: str, case: int | None = None) -> list[Visit]:
        """Visits to one step."""
        return [each for each in self.visits if each.step == step and case in (None, each.case)]

    def order(self, step: str) -> list[int]:
        """Cases in the order in which a step was begun for them."""
        began = [each for each in self.at(step) if each.start]
        return [each.case for each in sorted(began, key=lambda each: each.start)]

    def done(self, step: str) -> dict[int, str]:
        """When a step was last done for each case."""
        return {each.case: each.end for each in self.at(step)}

    @property
    def ends(self) -> list[str]:
        """How each case ended."""
        return [END_NAMES[code] for code in self.happened.end]

    @property
    def drawn(self) -> list[str]:
        """When each case was drawn."""
        return [clock(moment, self.start) for moment in self.happened.drawn_at]

    @property
    def ended(self) -> list[str]:
        """When the process of each case ended."""
        return [clock(moment, self.start) for moment in self.happened.ended_at]


def tell(world: Scenario, replication: int = 1) -> Story:
    """Run one replication."""
    return Story(world, replicate(world, replication))
