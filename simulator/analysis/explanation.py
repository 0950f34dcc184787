"""One case told from beginning to end: its timeline, and how its loss was shared."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from simulator.analysis.loan_story import LoanEvent, loan_events
from simulator.analysis.measure import across_products
from simulator.analysis.quota_waits import room_in
from simulator.analysis.time_use import USES, case_uses, step_uses
from simulator.calendars import moment_at
from simulator.errors import PledgesimError
from simulator.experiment.estimate import refuse_endless
from simulator.experiment.replication import replicate
from simulator.scenario.flow import Step
from simulator.scenario.load import LoadedScenario
from simulator.scenario.model import Scenario
from simulator.sharing.clauses import the
from simulator.units import format_money
from simulator.workflow.case import DRAWN, END_NAMES, NOT_APPLIED
from simulator.workflow.ledger import Payments
from simulator.workflow.loan import Loan, Loss
from simulator.workflow.world import Happened, calendar_of


@dataclass(frozen=True)
class TimelineEntry:
    """One visit to a step; moments in minutes, uses in minutes (work, waiting, closed, elapsed)."""

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
    told = [_entry(row, steps, uses) for row, uses in zip(rows, each_use, strict=True)]
    loan = next((loan for loan in happened.loans if loan.case == case), None)
    servicing = [_done_for_the_loan(entry) for entry, after in zip(told, serviced, strict=True) if after]
    refused = ""
    if end_code == NOT_APPLIED:
        rule = int(happened.rule[case])
        if rule >= 0:
            name, condition = list(product.eligibility.items())[rule]
            refused = f"{name} must be {condition.in_words()}"
        else:
            refused = "the amount it can get is below the product's lowest"
    return Explanation(
        case=case,
        replication=replication,
        chosen=chosen,
        product=wanted,
        firm=happened.firms.names.get(case, ""),
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
        after_drawdown=loan_events(loan, servicing, _payments_of(happened, case)) if loan is not None else [],
        loss=next((loss for loss in happened.losses if loss.case == case), None),
    )


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
        return drawn[0], f"No loan defaulted in replication {replication}; this is the first that was drawn."
    return 0, f"No loan was drawn in replication {replication}; this is the first firm that applied."


def _with_quota_waits(
    entries: list[TimelineEntry], scenario: Scenario, happened: Happened, case: int
) -> list[TimelineEntry]:
    """The timeline with a line for every time that the file found no room in a quota, after the step that asked."""
    products = list(scenario.products.values())
    told = list(entries)
    for each in happened.no_room:
        if each.case != case:
            continue
        asked_by = products[each.product].all_steps[each.step].title
        after = [at for at, entry in enumerate(told) if entry.step == asked_by and entry.end == each.asked]
        wait = (0.0, min(each.ended, happened.last_case_moment) - each.asked, 0.0, 0.0)
        outcome = "waited for" if each.outcome == "granted" else each.outcome
        line = TimelineEntry(room_in(each.quota), "", 1, each.asked, np.inf, np.inf, each.ended, outcome, wait)
        told.insert(after[-1] + 1, line)
    return told


def _entry(row: np.ndarray, steps: list[Step], uses: list[float]) -> TimelineEntry:
    step = steps[int(row["step"])]
    outcome = int(row["outcome"])
    left = "still waiting" if np.isinf(row["end"]) else "left"
    return TimelineEntry(
        step=step.title,
        by=step.by or "",
        visit=int(row["visit"]) + 1,
        entry=float(row["entry"]),
        start=float(row["start"]),
        worked=float(row["worked"]),
        end=float(row["end"]),
        outcome=step.kind.outcomes[outcome] if outcome >= 0 else left,
        uses=(uses[0], uses[1], uses[2], uses[3]),
    )


def _done_for_the_loan(entry: TimelineEntry) -> LoanEvent:
    """A visit of a servicing step; one that was not finished stands at its entry."""
    title = entry.step if entry.visit == 1 else f"{entry.step} ({entry.visit})"
    return LoanEvent(entry.end if np.isfinite(entry.end) else entry.entry, title, entry.by, entry.outcome)


def _whose(loaded: LoadedScenario, loss: Loss) -> str:
    """Who gets what a sale brings above all that was paid."""
    product = list(loaded.scenario.products.values())[loss.product]
    return the(product.risk_sharing.recoveries.surplus)


def loss_in_words(loaded: LoadedScenario, loss: Loss) -> list[str]:
    """How a loss was shared, sentence by sentence."""
    assert loaded.scenario.run is not None
    start = loaded.scenario.run.start

    def day(moment: float) -> str:
        return f"{moment_at(start, moment):%Y-%m-%d}"

    said = [
        f"{day(loss.defaulted_at)}: the firm defaults; outstanding principal {format_money(loss.principal)}"
        + (f", with {format_money(loss.interest)} of interest owed on it." if loss.interest else "."),
        f"{day(loss.settled_at)}: the claim is settled.",
        *(f"    {told}." for told in loss.allocation.told),
    ]
    paid = ", ".join(f"{party} {format_money(fen)}" for party, fen in loss.allocation.paid.items())
    said.append(f"    Paid: {paid}.")
    for name, left in loss.allocation.room_after.items():
        before = format_money(loss.allocation.room_before[name])
        said.append(f"    The {name} had {before} left before, {format_money(left)} after.")
    if np.isfinite(loss.recovered_at):
        net = loss.proceeds - loss.sale_cost
        said.append(
            f"{day(loss.recovered_at)}: the IP is sold for {format_money(loss.proceeds)}; the sale costs "
            f"{format_money(loss.sale_cost)}, which leaves {format_money(net)}."
        )
        back = ", ".join(f"{party} {format_money(fen)}" for party, fen in loss.returned.items())
        said.append(
            f"    Returned: {back}."
            + (f" The rest, {format_money(loss.surplus)}, goes to {_whose(loaded, loss)}." if loss.surplus else "")
        )
    else:
        said.append("The IP was not sold by the end of the follow-up.")
    borne = ", ".join(f"{party} {format_money(fen)}" for party, fen in loss.borne.items())
    said.append(f"Borne in the end: {borne}.")
    return said


def as_json(loaded: LoadedScenario, story: Explanation) -> dict[str, Any]:
    """The story as data: moments as ISO times, minutes as they are, money in CNY."""
    assert loaded.scenario.run is not None
    start = loaded.scenario.run.start

    def moment(minutes: float) -> str | None:
        return f"{moment_at(start, minutes):%Y-%m-%dT%H:%M:%S}" if np.isfinite(minutes) else None

    loss = story.loss
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
            "steps": [step.sentence for step in loss.allocation.steps],
            "recovered_at": moment(loss.recovered_at),
            "net_proceeds_cny": (loss.proceeds - loss.sale_cost) / 100,
            "returned_cny": {party: fen / 100 for party, fen in loss.returned.items()},
            "borne_cny": {party: fen / 100 for party, fen in loss.borne.items()},
        },
    }
