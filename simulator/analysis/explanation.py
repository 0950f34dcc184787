"""One case told from beginning to end: its timeline, and how its loss was shared."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from simulator.analysis.eligibility import condition_in_words, key_said
from simulator.analysis.loan_story import LoanEvent, loan_events
from simulator.analysis.measure import across_products
from simulator.analysis.time_use import USES, case_uses, step_uses
from simulator.calendars import moment_at
from simulator.errors import PledgesimError
from simulator.experiment.estimate import refuse_endless
from simulator.experiment.replication import replicate
from simulator.scenario.flow import Step
from simulator.scenario.load import LoadedScenario
from simulator.scenario.model import Scenario
from simulator.scenario.spoken_names import desk_said, step_said
from simulator.scenario.spoken_parties import names_said
from simulator.scenario.spoken_quantities import money_said
from simulator.sharing.telling import Telling
from simulator.texts import phrase, say
from simulator.workflow.case import DRAWN, END_NAMES, NOT_APPLIED
from simulator.workflow.ledger import Payments
from simulator.workflow.loan import Loan, Loss
from simulator.workflow.world import Happened, calendar_of


@dataclass(frozen=True)
class TimelineEntry:
    """One visit to a step; moments in minutes, uses in minutes (work, waiting, closed, elapsed).

    Step, desk and outcome are said in the language spoken when it was told.
    """

    step: str
    by: str
    visit: int
    entry: float
    start: float
    worked: float
    end: float
    outcome: str
    uses: tuple[float, float, float, float]


@dataclass(frozen=True)
class Explanation:
    """One applicant's story."""

    case: int
    replication: int
    chosen: str
    """Why it is this one, where none was asked for and no loan defaulted."""
    product: str
    firm: str
    properties: dict[str, object]
    arrival: float
    end: str
    refused_by: str
    drawn_at: float
    credit_line: int
    drawn: int
    registered: int
    timeline: list[TimelineEntry]
    uses: tuple[float, float, float, float]
    """Every instant from application to drawdown (or the end) counted once."""
    loan: Loan | None
    after_drawdown: list[LoanEvent]
    """What was paid back and done for the loan."""
    loss: Loss | None


def explain(loaded: LoadedScenario, case: int | None, replication: int = 1) -> Explanation:
    """The story of one applicant; by default the first that defaulted, or else the first that was drawn.

    PledgesimError where one replication would take longer than an hour.
    """
    refuse_endless([(loaded, 1)], limit_hours=1)
    return explain_in(loaded, replicate(loaded.scenario, replication), case, replication)


def explain_in(loaded: LoadedScenario, happened: Happened, case: int | None, replication: int) -> Explanation:
    """The same, of a replication that has been run."""
    count = len(happened.firms)
    if not count:
        raise PledgesimError("no firm applied in this replication")
    chosen = ""
    if case is None:
        case, chosen = _chosen(happened, replication)
    if not 0 <= case < count:
        raise PledgesimError(f"there is no case {case}; replication {replication} has cases 0 to {count - 1}")
    scenario = loaded.scenario
    assert scenario.run is not None
    number = int(happened.product[case])
    names = list(scenario.products)
    wanted = names[number] if number >= 0 else happened.firms.product_of.get(case, names[0])
    product = scenario.products[wanted]
    calendars = {name: calendar_of(hours, name, scenario.run.start) for name, hours in scenario.calendars.items()}
    rows, keeping = across_products(scenario, happened.steps[happened.steps["case"] == case], calendars)
    rows = rows[np.argsort(rows["entry"], kind="stable")]
    steps = [step for each in scenario.products.values() for step in each.all_steps]
    serviced = np.isin(rows["step"], [index for index, step in enumerate(steps) if step.kind.family == "servicing"])
    end_code = int(happened.end[case])
    arrival = float(happened.firms.arrival[case])
    drawn_at = float(happened.drawn_at[case])
    ended = drawn_at if end_code == DRAWN else float(happened.ended_at[case])
    ended = min(ended, happened.last_case_moment) if end_code != NOT_APPLIED else arrival
    each_use = step_uses(rows, keeping, happened.last_case_moment).tolist()
    told = [_entry(row, steps, uses, scenario) for row, uses in zip(rows, each_use, strict=True)]
    loan = next((loan for loan in happened.loans if loan.case == case), None)
    servicing = [_done_for_the_loan(entry) for entry, after in zip(told, serviced, strict=True) if after]
    refused = ""
    if end_code == NOT_APPLIED:
        rule = int(happened.rule[case])
        if rule >= 0:
            name, condition = list(product.eligibility.items())[rule]
            asked = condition_in_words(condition)
            refused = say("{property} must be {condition}", property=key_said(name), condition=asked)
        else:
            refused = say("the amount it can get is below the product's lowest")
    return Explanation(
        case=case,
        replication=replication,
        chosen=chosen,
        product=wanted,
        firm=_firm_said(scenario, happened.firms.names.get(case, "")),
        properties={name: column[case] for name, column in happened.firms.columns.items()},
        arrival=arrival,
        end=END_NAMES[end_code],
        refused_by=refused,
        drawn_at=drawn_at,
        credit_line=int(happened.credit_line[case]),
        drawn=int(happened.drawn[case]),
        registered=int(happened.registered[case]),
        timeline=_with_quota_waits(
            [entry for entry, after in zip(told, serviced, strict=True) if not after], scenario, happened, case
        ),
        uses=tuple(case_uses(rows[~serviced], keeping, arrival, ended).tolist()),
        loan=loan,
        after_drawdown=loan_events(loan, servicing, _payments_of(happened, case), names_said(scenario, product))
        if loan is not None
        else [],
        loss=next((loss for loss in happened.losses if loss.case == case), None),
    )


def _firm_said(scenario: Scenario, name: str) -> str:
    """A firm that the scenario names, by its English name in the record."""
    assert scenario.applicants is not None
    firms = [*(scenario.applicants.arrivals.firms or []), *scenario.applicants.also]
    return next((each.name.said() for each in firms if each.name is not None and each.name.english == name), name)


def _payments_of(happened: Happened, case: int) -> Payments:
    return happened.payments.only(happened.payments.case == case)


def _chosen(happened: Happened, replication: int) -> tuple[int, str]:
    """The first case that defaulted, the first that was drawn or else the first of all, and why where none defaulted.

    A loss that has been shared tells more than a claim that is still open.
    """
    defaulted = [loss.case for loss in happened.losses]
    defaulted += [loan.case for loan in happened.loans if loan.status == "claim open"]
    if defaulted:
        return defaulted[0], ""
    drawn = np.flatnonzero(happened.end == DRAWN).tolist()
    if drawn:
        return drawn[0], say(
            "No loan defaulted in replication {replication}; this is the first that was drawn.", replication=replication
        )
    return 0, say(
        "No loan was drawn in replication {replication}; this is the first firm that applied.", replication=replication
    )


def _with_quota_waits(
    entries: list[TimelineEntry], scenario: Scenario, happened: Happened, case: int
) -> list[TimelineEntry]:
    """The timeline with a line for every time that the file found no room in a quota, after the step that asked."""
    products = list(scenario.products.values())
    told = list(entries)
    for each in happened.no_room:
        if each.case != case:
            continue
        asked_by = step_said(products[each.product].all_steps[each.step])
        after = [at for at, entry in enumerate(told) if entry.step == asked_by and entry.end == each.asked]
        wait = (0.0, min(each.ended, happened.last_case_moment) - each.asked, 0.0, 0.0)
        outcome = say(_NO_ROOM[each.outcome])
        room = say("room in quota '{quota}'", quota=each.quota)
        line = TimelineEntry(room, "", 1, each.asked, np.inf, np.inf, each.ended, outcome, wait)
        told.insert(after[-1] + 1, line)
    return told


_NO_ROOM = {
    "granted": phrase("waited for"),
    "refused": phrase("refused"),
    "left": phrase("left"),
    "called off": phrase("called off"),
    "still waiting": phrase("still waiting"),
}
"""What became of a file without room in a quota."""


def _entry(row: np.ndarray, steps: list[Step], uses: list[float], scenario: Scenario) -> TimelineEntry:
    step = steps[int(row["step"])]
    outcome = int(row["outcome"])
    left = "still waiting" if np.isinf(row["end"]) else "left"
    return TimelineEntry(
        step=step_said(step),
        by=desk_said(scenario, step.by) if step.by else "",
        visit=int(row["visit"]) + 1,
        entry=float(row["entry"]),
        start=float(row["start"]),
        worked=float(row["worked"]),
        end=float(row["end"]),
        outcome=say(step.kind.outcomes[outcome] if outcome >= 0 else left),
        uses=(uses[0], uses[1], uses[2], uses[3]),
    )


def _done_for_the_loan(entry: TimelineEntry) -> LoanEvent:
    """A visit of a servicing step; one that was not finished stands at its entry."""
    title = entry.step if entry.visit == 1 else say("{step} ({visit})", step=entry.step, visit=entry.visit)
    return LoanEvent(entry.end if np.isfinite(entry.end) else entry.entry, title, entry.by, entry.outcome)


def loss_in_words(loaded: LoadedScenario, loss: Loss) -> list[str]:
    """How a loss was shared, sentence by sentence, in the language spoken."""
    scenario = loaded.scenario
    assert scenario.run is not None
    start = scenario.run.start
    product = list(scenario.products.values())[loss.product]
    telling = Telling(names_said(scenario, product))

    def day(moment: float) -> str:
        return f"{moment_at(start, moment):%Y-%m-%d}"

    def amounts(of: Mapping[str, int]) -> str:
        return say(", ").join(
            say("{party} {amount}", party=telling.shown(party), amount=money_said(fen)) for party, fen in of.items()
        )

    said = [
        say(
            "{day}: the firm defaults; outstanding principal {principal}, with {interest} of interest owed on it."
            if loss.interest
            else "{day}: the firm defaults; outstanding principal {principal}.",
            day=day(loss.defaulted_at),
            principal=money_said(loss.principal),
            interest=money_said(loss.interest),
        ),
        say("{day}: the claim is settled.", day=day(loss.settled_at)),
        *("    " + say("{sentence}.", sentence=told) for told in telling.allocation(loss.allocation)),
        "    " + say("Paid: {amounts}.", amounts=amounts(loss.allocation.paid)),
    ]
    for name, left in loss.allocation.room_after.items():
        before = money_said(loss.allocation.room_before[name])
        room = say(
            "The {fund} had {before} left before, {after} after.",
            fund=telling.shown(name), before=before, after=money_said(left),
        )  # fmt: skip
        said.append("    " + room)
    if np.isfinite(loss.recovered_at):
        said.append(
            say(
                "{day}: the IP is sold for {proceeds}; the sale costs {cost}, which leaves {net}.",
                day=day(loss.recovered_at),
                proceeds=money_said(loss.proceeds),
                cost=money_said(loss.sale_cost),
                net=money_said(loss.proceeds - loss.sale_cost),
            )
        )
        back = say(
            "Returned: {amounts}. The rest, {surplus}, goes to {party}." if loss.surplus else "Returned: {amounts}.",
            amounts=amounts(loss.returned),
            surplus=money_said(loss.surplus),
            party=telling.name(product.risk_sharing.recoveries.surplus),
        )
        said.append("    " + back)
    else:
        said.append(say("The IP was not sold by the end of the follow-up."))
    said.append(say("Borne in the end: {amounts}.", amounts=amounts(loss.borne)))
    return said


def as_json(loaded: LoadedScenario, story: Explanation) -> dict[str, Any]:
    """The story as data: moments as ISO times, minutes as they are, money in CNY; words in the language spoken."""
    assert loaded.scenario.run is not None
    start = loaded.scenario.run.start

    def moment(minutes: float) -> str | None:
        return f"{moment_at(start, minutes):%Y-%m-%dT%H:%M:%S}" if np.isfinite(minutes) else None

    loss, telling = story.loss, Telling()
    return {
        "case": story.case,
        "replication": story.replication,
        **({"chosen": story.chosen} if story.chosen else {}),
        "product": story.product,
        "firm": story.firm,
        "end": story.end,
        "refused_by": story.refused_by,
        "applied_at": moment(story.arrival),
        "drawn_at": moment(story.drawn_at),
        "credit_line_cny": story.credit_line / 100,
        "drawn_cny": story.drawn / 100,
        "registered_cny": story.registered / 100,
        "minutes": dict(zip(USES, story.uses, strict=True)),
        "timeline": [
            {
                "step": each.step,
                "by": each.by,
                "visit": each.visit,
                "entry": moment(each.entry),
                "start": moment(each.start),
                "work_end": moment(each.worked),
                "end": moment(each.end),
                "outcome": each.outcome,
                "minutes": dict(zip(USES, each.uses, strict=True)),
            }
            for each in story.timeline
        ],
        "loan": story.loan.status if story.loan is not None else "",
        "after_drawdown": [
            {
                "at": moment(each.moment),
                "what": each.what,
                "by": each.by,
                "outcome": each.outcome,
                "paid_cny": each.paid / 100,
                "outstanding_cny": each.left / 100 if each.left is not None else None,
            }
            for each in story.after_drawdown
        ],
        "loss": None
        if loss is None
        else {
            "principal_cny": loss.principal / 100,
            "defaulted_at": moment(loss.defaulted_at),
            "settled_at": moment(loss.settled_at),
            "paid_cny": {party: fen / 100 for party, fen in loss.allocation.paid.items()},
            "steps": [telling.step(step) for step in loss.allocation.steps],
            "recovered_at": moment(loss.recovered_at),
            "net_proceeds_cny": (loss.proceeds - loss.sale_cost) / 100,
            "returned_cny": {party: fen / 100 for party, fen in loss.returned.items()},
            "borne_cny": {party: fen / 100 for party, fen in loss.borne.items()},
        },
    }
