"""What is kept of one replication: a few columns by applicant, and sums."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from simulator.analysis.clocks import clock_moments, kept_deadline, passed
from simulator.analysis.firm_cost import FirmCost, firm_cost, promised_subsidies
from simulator.analysis.first_failures import first_failures
from simulator.analysis.intervals import mean
from simulator.analysis.party_results import PartyResults, party_results
from simulator.analysis.passages import firms_past_steps
from simulator.analysis.quota_waits import QuotaWaits, minutes_for_room, quota_waits
from simulator.analysis.time_use import OpenToAny, StepKeeping, totals_by_case, uses_of_step, worked_minutes
from simulator.calendars import WorkingCalendar, add_span
from simulator.scenario.flow import clocks_of, steps_of
from simulator.scenario.lender import lender_of
from simulator.scenario.model import Product, Scenario
from simulator.scenario.references import desk_names
from simulator.workflow.case import DRAWN, END_NAMES, OPEN
from simulator.workflow.record import Visits
from simulator.workflow.subsidies import Subsidies
from simulator.workflow.world import Happened, calendar_of

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class ProductMeasures:
    """One product in one replication; arrays have one entry an eligible applicant that is counted.

    Times in days or working days; a case still open is infinitely long, one that was not drawn is NaN. Money in fen.
    """

    applicants: NDArray[np.int64]
    ends: dict[str, int]
    turnaround: Floats
    turnaround_working: Floats
    clocks: dict[str, Floats]
    kept: dict[str, Floats]
    """For a clock with a deadline: 1 for a case that kept it, 0 for one that began it and did not, NaN for the rest."""
    credit_line: int
    drawn: int
    registered: int
    swept: int | None
    """Repaid out of licence payments; None where the product has none."""
    time_use: Floats
    """Minutes of work, waiting, closed, elapsed over drawn and open cases, shape (4,)."""
    step_use: Floats
    """Minutes of the same in each step, shape (steps, 4)."""
    passed: NDArray[np.int64]
    """Applicants that got past each step, shape (steps,)."""
    quota_use: dict[str, float]
    """Minutes of waiting for room in each quota that its steps reserve, over the same cases."""
    defaults: int
    defaults_settled: int
    loss_gross: int
    borne: dict[str, int]
    paid: dict[str, int]
    returned: dict[str, int]
    fund_history: dict[str, list[tuple[float, int]]]
    """Every change of each fund: moment, fen from then on."""
    fund_used_up_at: dict[str, float]
    cost: FirmCost
    results: PartyResults

    @property
    def fund_left(self) -> dict[str, int]:
        """What each fund holds at the end of the follow-up, in fen."""
        return {fund: history[-1][1] for fund, history in self.fund_history.items()}


@dataclass(frozen=True)
class DeskMeasures:
    """One desk in one replication, over the arrival period."""

    capacity_minutes: float
    busy_minutes: float
    mean_queue: float
    longest_queue: int
    days_in_queue: float
    """Mean calendar days from handing in to the beginning of work, with nights; infinite where a file still waits."""


@dataclass(frozen=True)
class Measured:
    """What is kept of one replication of one world."""

    replication: int
    arrived: int
    products: list[ProductMeasures]
    desks: dict[str, DeskMeasures]
    quota_peaks: dict[str, int]
    """Highest use of each quota, in fen."""
    quota_waits: dict[str, QuotaWaits]
    """Files without room in each quota that a step reserves."""
    refused: dict[str, int]
    """Firms by the rule that they fail first."""
    detail: Happened | None = field(repr=False, default=None)


def measure(scenario: Scenario, happened: Happened, replication: int) -> Measured:
    """Reduce one replication; the first keeps its full record."""
    assert scenario.run is not None
    run = scenario.run
    calendars = {name: calendar_of(hours, name, run.start) for name, hours in scenario.calendars.items()}
    assert scenario.applicants is not None
    office = calendars[scenario.applicants.arrivals.calendar]
    warm = add_span(run.start, 0.0, run.warm_up, office) if run.warm_up else 0.0
    counted = happened.firms.arrival >= warm
    rows, keeping = across_products(scenario, happened.steps, calendars)
    subsidies = promised_subsidies(scenario, happened)
    products = [
        _product(scenario, number, product, happened, counted, office, rows, keeping, subsidies)
        for number, product in enumerate(scenario.products.values())
    ]
    desks = _desks(scenario, happened, calendars, office)
    return Measured(
        replication, int(counted.sum()), products, desks, happened.quota_peaks,
        quota_waits(scenario, happened, counted), first_failures(scenario, happened, counted),
        happened if replication == 1 else None,
    )  # fmt: skip


def drawn_moments(happened: Happened, cases: NDArray[np.int64]) -> Floats:
    """When cases were drawn, in minutes; infinite for those still open, NaN for those that ended without the money."""
    ends = happened.end[cases]
    return np.where(ends == DRAWN, happened.drawn_at[cases], np.where(ends == OPEN, np.inf, np.nan))


def across_products(
    scenario: Scenario, steps: Visits, calendars: dict[str, WorkingCalendar]
) -> tuple[Visits, list[StepKeeping]]:
    """Rows with the steps of all products numbered on, and how the time of each is told apart.

    An applicant who turns to another product after a refusal has spent time in both.
    """
    keeping = [keeping_of(scenario, product, calendars) for product in scenario.products.values()]
    if len(keeping) > 1:
        first = np.cumsum([0, *(len(each) for each in keeping)])
        steps = steps.copy()
        steps["step"] = steps["step"] + first[steps["product"]]
    return steps, [each for product in keeping for each in product]


def cases_followed_until(scenario: Scenario, calendars: dict[str, WorkingCalendar]) -> float:
    """The moment after which no case moves on."""
    assert scenario.run is not None and scenario.applicants is not None
    run, office = scenario.run, calendars[scenario.applicants.arrivals.calendar]
    return add_span(run.start, add_span(run.start, 0.0, run.arrivals_for, office), run.follow_up.cases, office)


def keeping_of(scenario: Scenario, product: Product, calendars: dict[str, WorkingCalendar]) -> list[StepKeeping]:
    """For every step of a product, whose hours tell its work, waiting and closed time apart."""
    desks = desk_names(scenario)
    kept = []
    for step in product.all_steps:
        if step.by not in desks:
            kept.append(StepKeeping(None))
            continue
        party, desk_name = desks[step.by]
        desk = scenario.parties[party].desks[desk_name]
        if desk.shifts:
            shifts = tuple((shift.staff, calendars[shift.calendar]) for shift in desk.shifts)
            open_to_any = OpenToAny([calendar for _, calendar in shifts], cases_followed_until(scenario, calendars))
            kept.append(StepKeeping(open_to_any, shifts=shifts))
        else:
            calendar = calendars[desk.calendar or scenario.parties[party].calendar]
            kept.append(StepKeeping(calendar, committee=desk.committee is not None))
    return kept


def _product(
    scenario: Scenario,
    number: int,
    product: Product,
    happened: Happened,
    counted: NDArray[np.bool_],
    office: WorkingCalendar,
    all_rows: Visits,
    all_keeping: list[StepKeeping],
    subsidies: Subsidies,
) -> ProductMeasures:
    mine = np.flatnonzero(counted & (happened.product == number))
    ends = happened.end[mine]
    arrival = happened.firms.arrival[mine]
    drawn_at = drawn_moments(happened, mine)
    rows = happened.steps
    if len(scenario.products) > 1:
        rows = rows[rows["product"] == number]
    followed = (ends == DRAWN) | (ends == OPEN)
    uses = totals_by_case(
        all_rows,
        all_keeping,
        mine[followed],
        arrival[followed],
        np.where(ends == DRAWN, happened.drawn_at[mine], happened.last_case_moment)[followed],
        happened.last_case_moment,
    )
    before = sum(len(each.all_steps) for each in list(scenario.products.values())[:number])
    in_flow = len(list(steps_of(product.flow)))
    own_keeping = all_keeping[before : before + in_flow]
    step_use = _steps(rows, own_keeping, mine[followed], happened)
    losses = [loss for loss in happened.losses if loss.product == number and counted[loss.case]]
    parties = list(dict.fromkeys(party for loss in losses for party in loss.allocation.paid))
    parties = parties or [party for _, party in product.risk_sharing.parties()]
    paid = {party: sum(loss.allocation.paid.get(party, 0) for loss in losses) for party in dict.fromkeys(parties)}
    returned = {party: sum(loss.returned.get(party, 0) for loss in losses) for party in paid}
    balances = [(moment, fund, left) for moment, product_of, fund, left in happened.funds if product_of == number]
    lender = lender_of(scenario, product)
    assert lender is not None
    clocks = {
        name: (*clock_moments(clock, product, rows, mine, arrival, ends, happened.last_case_moment), clock)
        for name, clock in clocks_of(product.flow, product.clocks).items()
    }
    return ProductMeasures(
        applicants=mine,
        ends={name: int((ends == code).sum()) for code, name in enumerate(END_NAMES)},
        turnaround=(drawn_at - arrival) / 1440,
        turnaround_working=office.working_days_array(drawn_at) - office.working_days_array(arrival),
        clocks={name: passed(begins, stops, clock.unit, office) for name, (begins, stops, clock) in clocks.items()},
        kept={
            name: kept_deadline(begins, stops, clock, ends, office)
            for name, (begins, stops, clock) in clocks.items()
            if clock.within is not None
        },
        credit_line=int(happened.credit_line[mine][ends == DRAWN].sum()),
        drawn=sum(
            fen
            for loan in happened.loans
            if loan.product == number and counted[loan.case]
            for _, fen in loan.drawings
        ),
        registered=int(happened.registered[mine].sum()),
        swept=None if product.repayment.sweep is None else sum(
            loan.swept for loan in happened.loans if loan.product == number and counted[loan.case]
        ),
        time_use=uses.sum(axis=0),
        step_use=step_use,
        passed=firms_past_steps(rows, mine, in_flow),
        quota_use=minutes_for_room(product, number, happened, mine[followed]),
        defaults=sum(
            loan.product == number and counted[loan.case] and loan.status in ("defaulted", "claim open")
            for loan in happened.loans
        ),
        defaults_settled=len(losses),
        loss_gross=sum(loss.amount for loss in losses),
        borne={party: paid[party] - returned[party] for party in paid},
        paid=paid,
        returned=returned,
        fund_history={
            fund: [(moment, left) for moment, name, left in balances if name == fund]
            for fund in product.risk_sharing.funds
        },
        fund_used_up_at={
            fund: min((moment for moment, name, left in balances if name == fund and left == 0), default=float("inf"))
            for fund in product.risk_sharing.funds
        },
        cost=firm_cost(scenario, number, product, happened, mine, subsidies),
        results=party_results(happened.payments, number, counted, happened.loans, lender, list(paid)),
    )  # fmt: skip


def _steps(
    rows: Visits, keeping: list[StepKeeping], cases: NDArray[np.int64], happened: Happened
) -> Floats:
    """Minutes of each use by step, over the given cases."""
    followed = np.zeros(len(happened.firms), dtype=bool)
    followed[cases] = True
    wanted = (rows["entry"] < happened.last_case_moment) & followed[rows["case"].astype(np.int32)]
    total = np.zeros((len(keeping), 4))
    for step, keeps in enumerate(keeping):
        mine = rows[wanted & (rows["step"] == step)]
        total[step] = uses_of_step(mine, keeps, happened.last_case_moment).sum(axis=0)
    return total


def _desks(
    scenario: Scenario, happened: Happened, calendars: dict[str, WorkingCalendar], office: WorkingCalendar
) -> dict[str, DeskMeasures]:
    assert scenario.run is not None
    until = add_span(scenario.run.start, 0.0, scenario.run.arrivals_for, office)
    found = {}
    for name, (party, desk_name) in desk_names(scenario).items():
        desk = scenario.parties[party].desks[desk_name]
        rows = desk_rows(scenario, happened, name)
        entry, taken = rows["entry"], np.minimum(rows["start"], rows["end"])
        queued = np.minimum(taken, until) - np.minimum(entry, until)
        longest = longest_queue(entry, taken)
        # Looks fall due for as long as loans run, also as the desks close for good; they do not make a queue endless.
        of_queue = (entry < until) | ~_serviced(scenario, rows)
        in_queue = mean((taken - entry)[of_queue]) / 1440
        if desk.committee is not None:
            found[name] = DeskMeasures(0.0, 0.0, float(queued.sum() / until), longest, in_queue)
            continue
        calendar = calendars[desk.calendar or scenario.parties[party].calendar]
        shifts = tuple((shift.staff, calendars[shift.calendar]) for shift in desk.shifts or [])
        if desk.batch is not None:
            # All files of a batch are worked on at the same time.
            rows = rows[np.unique(rows["start"], return_index=True)[1]]
        keeps = StepKeeping(calendar, shifts=shifts or ((desk.people, calendar),))
        capacity = sum(staff * hours.open_between(0.0, until) for staff, hours in keeps.shifts)
        served = np.isfinite(rows["start"])
        begun, done = np.minimum(rows["start"][served], until), np.minimum(rows["worked"][served], until)
        busy = float(worked_minutes(rows["person"][served], begun, done, keeps).sum())
        found[name] = DeskMeasures(float(capacity), busy, float(queued.sum() / until), longest, in_queue)
    return found


def _serviced(scenario: Scenario, rows: Visits) -> NDArray[np.bool_]:
    """Which rows are of servicing, and not of a flow."""
    in_flow = np.array([len(list(steps_of(product.flow))) for product in scenario.products.values()])
    after: NDArray[np.bool_] = rows["step"] >= in_flow[rows["product"].astype(np.int64)]
    return after


def desk_rows(scenario: Scenario, happened: Happened, desk: str) -> Visits:
    """Rows of the steps that were done at a desk, of every product."""
    wanted = np.zeros(len(happened.steps), dtype=bool)
    for number, product in enumerate(scenario.products.values()):
        indices = [index for index, step in enumerate(product.all_steps) if step.by == desk]
        wanted |= (happened.steps["product"] == number) & np.isin(happened.steps["step"], indices)
    return happened.steps[wanted]


def queue_over_time(entry: Floats, start: Floats) -> tuple[Floats, NDArray[np.int64]]:
    """Moments at which a queue changes, and its length from then on."""
    finite = start[np.isfinite(start)]
    moments = np.concatenate([entry, finite])
    changes = np.concatenate([np.ones(len(entry), dtype=np.int64), np.full(len(finite), -1)])
    # A file served at once never waits: its leaving counts before the next one's coming.
    order = np.lexsort((changes, moments))
    moments, length = moments[order], np.cumsum(changes[order])
    last = np.append(moments[1:] != moments[:-1], True) if len(moments) else np.empty(0, dtype=bool)
    return moments[last], length[last]


def longest_queue(entry: Floats, start: Floats) -> int:
    """Greatest number of files that waited at once."""
    _, length = queue_over_time(entry, start)
    return int(length.max(initial=0))
