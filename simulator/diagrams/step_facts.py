"""What a diagram tells of one step: who does it, how long it takes, what it costs and what it sees."""

from __future__ import annotations

from typing import TypeVar

from pydantic import BaseModel

from simulator.diagrams.model import FIRM
from simulator.diagrams.wording import batch_said, committee_said, deadline_said, time_said
from simulator.scenario.flow import Fee, Step
from simulator.scenario.flow_references import desk_names
from simulator.scenario.lender import lender_of
from simulator.scenario.model import Product, Scenario
from simulator.scenario.parties import Desk
from simulator.scenario.spoken_names import desk_said, party_said, quota_said
from simulator.scenario.spoken_quantities import money_said, span_said
from simulator.texts import phrase, say
from simulator.units import format_share

Named = TypeVar("Named", bound=BaseModel)
OF = {
    "patent": phrase("patent"),
    "trademark": phrase("trademark"),
    "patent and trademark": phrase("patent and trademark"),
    "copyright": phrase("copyright"),
    "receivable": phrase("receivable"),
}
CHARGES = {
    "guarantee fee": phrase("guarantee fee"),
    "premium": phrase("premium"),
    "appraisal fee": phrase("appraisal fee"),
    "other": phrase("fee"),
}
FILED = {"online": phrase("online"), "over the counter": phrase("over the counter")}


def lane_of(scenario: Scenario, product: Product, step: Step) -> str:
    """The party in whose lane a step stands: whoever does it; for a payment that names nobody, the lender."""
    if step.by is not None:
        desks = desk_names(scenario)
        return desks[step.by][0] if step.by in desks else step.by
    lender = lender_of(scenario, product) if step.kind.family in ("drawdown", "servicing") else None
    return lender or FIRM


def lane_said(scenario: Scenario, key: str) -> str:
    """What a lane is called."""
    return say("The firm") if key == FIRM and key not in scenario.parties else party_said(scenario, key)


def lines_of(scenario: Scenario, step: Step) -> tuple[str, ...]:
    """What stands in a step's box below its name and desk: times, quota."""
    lines = []
    desk = _desk(scenario, step)
    if desk is not None and desk.committee is not None:
        lines.append(committee_said(desk.committee))
    if desk is not None and desk.batch is not None:
        lines.append(batch_said(desk.batch))
    if step.work is not None:
        lines.append(say("work {time}", time=time_said(step.work)))
    if step.elapsed is not None:
        lines.append(say("elapsed {time}", time=time_said(step.elapsed)))
    if step.reserves is not None and step.reserves in scenario.quotas:
        lines.append(_quota_said(scenario, step.reserves))
    return tuple(lines)


def without_names(scenario: Scenario) -> Scenario:
    """The same scenario with its parties, desks and quotas called by their keys."""
    parties = {
        key: party.model_copy(
            update={"name": None, "desks": {own: _nameless(desk) for own, desk in party.desks.items()}}
        )
        for key, party in scenario.parties.items()
    }
    quotas = {key: _nameless(quota) for key, quota in scenario.quotas.items()}
    return scenario.model_copy(update={"parties": parties, "quotas": quotas})


def _nameless(part: Named) -> Named:
    return part.model_copy(update={"name": None})


def facts_of(scenario: Scenario, product: Product, step: Step, outcomes: str) -> tuple[tuple[str, str], ...]:
    """Everything that decides what happens at a step, as pairs of a word and what it says."""
    desk = _desk(scenario, step)
    lane = lane_said(scenario, lane_of(scenario, product, step))
    own = own_desk_of(scenario, step)
    facts = [(say("Done by"), say("{party}, {desk}", party=lane, desk=own) if own else lane)]
    if desk is not None and desk.committee is not None:
        facts.append((say("Committee"), committee_said(desk.committee)))
    if desk is not None and desk.batch is not None:
        facts.append((say("Batch"), batch_said(desk.batch)))
    for word, time in ((say("Work"), step.work), (say("Elapsed"), step.elapsed), (say("Patience"), step.patience)):
        if time is not None:
            facts.append((word, time_said(time)))
    if outcomes:
        facts.append((say("Outcomes"), outcomes))
    if step.informative:
        seen = say("correlation {share} with the firm's quality", share=format_share(step.informative))
        facts.append((say("Sees"), seen))
    if step.deadline is not None:
        facts.append((say("Deadline"), deadline_said(step.deadline, step.when_passed)))
    if step.reserves is not None and step.reserves in scenario.quotas:
        facts.append((say("Quota"), _quota_said(scenario, step.reserves)))
    if step.fee is not None:
        facts.append((say("Fee"), _fee_said(scenario, step.fee)))
    return (*facts, *_rights(scenario, step))


def _rights(scenario: Scenario, step: Step) -> list[tuple[str, str]]:
    """What is told of the IP: its kind, how it is valued, registered or watched."""
    facts = []
    if step.of is not None:
        facts.append((say("IP"), say(OF[step.of])))
    if step.valuer is not None:
        bias, spread = format_share(step.valuer.bias), format_share(step.valuer.spread)
        facts.append((say("Appraisal"), say("bias {bias}, spread {spread}", bias=bias, spread=spread)))
    if step.pledgee is not None:
        facts.append((say("Pledgee"), party_said(scenario, step.pledgee)))
    if step.route is not None:
        facts.append((say("Filed"), say(FILED[step.route])))
    if step.every is not None:
        facts.append((say("Every"), span_said(step.every)))
    if step.cover is not None:
        asked, topped = format_share(step.cover.at_least), format_share(step.cover.topped_up)
        cover = say("at least {asked} of what is outstanding; {share} pledge more", asked=asked, share=topped)
        facts.append((say("Cover"), cover))
    if step.priority is not None:
        facts.append((say("Priority"), str(step.priority)))
    return facts


def _desk(scenario: Scenario, step: Step) -> Desk | None:
    found = desk_names(scenario).get(step.by or "")
    return scenario.parties[found[0]].desks[found[1]] if found else None


def own_desk_of(scenario: Scenario, step: Step) -> str:
    """Its desk as the desk's own party calls it, `risk manager`; empty for a step at no desk."""
    if step.by is None or _desk(scenario, step) is None:
        return ""
    said = desk_said(scenario, step.by)
    return desk_names(scenario)[step.by][1] if said == step.by else said


def _quota_said(scenario: Scenario, key: str) -> str:
    quota = scenario.quotas[key]
    limit = money_said(quota.limit)
    if quota.when_full == "refuse":
        return say("reserves {quota} ({limit}); refused when full", quota=quota_said(scenario, key), limit=limit)
    return say("reserves {quota} ({limit}); waits when full", quota=quota_said(scenario, key), limit=limit)


def _fee_said(scenario: Scenario, fee: Fee) -> str:
    return say(
        "{kind} {amount}, {payer} pays {payee}",
        kind=say(CHARGES[fee.kind]),
        amount=money_said(fee.amount),
        payer=lane_said(scenario, fee.paid_by),
        payee=say("others") if fee.paid_to == "outside" else lane_said(scenario, fee.paid_to),
    )
