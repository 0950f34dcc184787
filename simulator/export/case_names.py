"""What activities and those who do them are called in a log, in the language spoken."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from simulator.scenario.flow import Step
from simulator.scenario.model import Scenario
from simulator.scenario.references import desk_names
from simulator.scenario.spoken_names import desk_said, party_said, product_said, step_said
from simulator.scenario.stage_kinds import Family
from simulator.texts import phrase, say
from simulator.workflow.ledger import FIRM, OUTSIDE, What

APPLICATION = phrase("application received")
ENDS = {
    "not eligible": phrase("not eligible"),
    "declined": phrase("declined"),
    "withdrawn": phrase("withdrawn"),
    "expired": phrase("expired"),
    "completed": phrase("completed"),
}
"""Ways in which an application ends without money, as activities."""
PAYMENTS: Mapping[What, str] = {
    "loan paid out": phrase("loan paid out"),
    "principal repaid": phrase("principal repaid"),
    "interest": phrase("interest"),
    "guarantee fee": phrase("guarantee fee"),
    "premium": phrase("premium"),
    "appraisal fee": phrase("appraisal fee"),
    "other charge": phrase("other charge"),
    "licence payment": phrase("licence payment"),
    "claim paid": phrase("claim paid"),
    "re-guarantee paid": phrase("re-guarantee paid"),
    "recovery returned": phrase("recovery returned"),
    "interest subsidy": phrase("interest subsidy"),
    "guarantee fee subsidy": phrase("guarantee fee subsidy"),
    "premium subsidy": phrase("premium subsidy"),
    "appraisal fee subsidy": phrase("appraisal fee subsidy"),
}
"""Payments that are activities of their own."""
RENEWED, REPAID, CALLED_IN = phrase("loan renewed"), phrase("loan repaid"), phrase("loan called in")
DEFAULT, SETTLED, SOLD = phrase("default"), phrase("claim settled"), phrase("IP sold")
_ACTORS = {FIRM: phrase("firm"), OUTSIDE: phrase("outside")}


@dataclass(frozen=True, slots=True)
class StepNames:
    """A step as events tell of it."""

    name: str
    kind: str
    """The stage."""
    family: Family
    role: str
    """The desk; empty where a party does it without one."""
    group: str
    """The party; empty where nobody is named."""
    numbered: bool
    """Whether those at the desk are told apart, who are not in a meeting or a batch."""

    def done_by(self, person: str | int) -> str:
        """Who does it."""
        return f"{self.role} {person}" if self.numbered and person else self.role or self.group


class CaseNames:
    """The names of one scenario, each looked up once."""

    def __init__(self, scenario: Scenario) -> None:
        self.products = {name: product_said(scenario, name) for name in scenario.products}
        self._desks = desk_names(scenario)
        self.parties = {name: party_said(scenario, name) for name in scenario.parties}
        self._actors = self.parties | {key: say(name) for key, name in _ACTORS.items()}
        self._said: dict[str, str] = {}
        self._steps = {
            (name, step.title): self._step(scenario, step)
            for name, product in scenario.products.items()
            for step in product.all_steps
        }

    def _step(self, scenario: Scenario, step: Step) -> StepNames:
        name, kind, by = step_said(step), step.kind, step.by or ""
        if by not in self._desks:
            return StepNames(name, kind.name, kind.family, "", self.actor(by), numbered=False)
        party, own = self._desks[by]
        desk = scenario.parties[party].desks[own]
        numbered = desk.committee is None and desk.batch is None
        return StepNames(name, kind.name, kind.family, desk_said(scenario, by), self.actor(party), numbered)

    def step(self, product: str, title: str) -> StepNames:
        """A step of a product."""
        return self._steps[product, title]

    def actor(self, key: str) -> str:
        """A party, the firm, or whoever is outside; the key of anybody else."""
        return self._actors.get(key, key)

    def said(self, name: str) -> str:
        """An activity that is no step."""
        found = self._said.get(name)
        if found is None:
            found = self._said[name] = say(name)
        return found
