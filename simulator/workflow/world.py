"""One replication of one world: its firms apply, desks work, loans run, losses are shared."""

from __future__ import annotations

import datetime
from array import array
from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache, partial
from math import inf
from typing import Any

import numpy as np
from numpy.typing import NDArray
from simpy.events import URGENT, Event

from simulator.calendars import WorkingCalendar, add_span, build_calendar, moment_at, parse_hours
from simulator.credit.loans import CreditRisk
from simulator.scenario.flow import Choice, Step, steps_of
from simulator.scenario.model import Scenario
from simulator.scenario.parties import WEEKDAYS, Desk, OfficeHours, year_tables
from simulator.scenario.references import desk_names
from simulator.streams import Streams
from simulator.workflow.batch import BatchDesk
from simulator.workflow.case import DECLINED, DRAWN, NOT_APPLIED, OPEN, Case
from simulator.workflow.clock import Clock
from simulator.workflow.committee import CommitteeDesk, meetings_of
from simulator.workflow.desk import Desk as ServingDesk
from simulator.workflow.expenses import enter_staff_costs
from simulator.workflow.firms import Firms, all_hold, draw_firms, failed_rule
from simulator.workflow.flow import FlowAtWork
from simulator.workflow.ledger import Ledger, Payments
from simulator.workflow.lending import Lending, Setting, subsidies_of
from simulator.workflow.loan import Loan, Loss
from simulator.workflow.population import choose
from simulator.workflow.quota import NoRoom, Quotas
from simulator.workflow.record import Record, Visits
from simulator.workflow.step import StepAtWork


@dataclass
class Happened:
    """Everything one replication did. Times in minutes since the first day, money in fen.

    `steps` has one row a visit; the other columns have one entry an applicant. `product` is the product applied for (-1
    for none), `rule` the number of the first rule failed (-1 for none), for the first product or for the only one that
    the firm wants.
    """

    firms: Firms
    steps: Visits
    product: NDArray[np.int64]
    rule: NDArray[np.int64]
    end: NDArray[np.int64]
    ended_at: NDArray[np.float64]
    drawn_at: NDArray[np.float64]
    credit_line: NDArray[np.int64]
    drawn: NDArray[np.int64]
    registered: NDArray[np.int64]
    """Amount entered in the pledge register, 0 where nothing was drawn."""
    appraised: NDArray[np.int64]
    """What the pledged IP was appraised at, 0 where nothing was drawn."""
    loans: list[Loan]
    losses: list[Loss]
    funds: list[tuple[float, int, str, int]]
    payments: Payments
    last_case_moment: float
    last_loan_moment: float
    quota_peaks: dict[str, int] = field(default_factory=dict)
    quota_use: list[tuple[float, str, int]] = field(default_factory=list)
    """Every change of a quota's use: moment, quota, fen from then on."""
    no_room: list[NoRoom] = field(default_factory=list)
    """Files that found no room in a quota at once."""


def calendar_of(hours: OfficeHours, name: str, origin: datetime.date) -> WorkingCalendar:
    """The working calendar that a scenario's office hours describe; the same object for the same description."""
    return _calendar(hours.model_dump_json(), name, origin)


@lru_cache(maxsize=64)
def _calendar(described: str, name: str, origin: datetime.date) -> WorkingCalendar:
    hours = OfficeHours.model_validate_json(described)
    ordinary = parse_hours(hours.hours)
    by_weekday = None
    if hours.weekday_hours:
        week = range(7) if hours.days == "every day" else range(5)
        own = {WEEKDAYS.index(day): parse_hours(text) for day, text in hours.weekday_hours.items()}
        described_days = {**dict.fromkeys(week, ordinary), **own}
        by_weekday = {day: ((0.0, 1440.0),) if each == "always" else each for day, each in described_days.items()}
    return build_calendar(
        origin,
        hours=by_weekday or ordinary,
        basis=hours.days,
        closures=tuple((closure.first, closure.last) for closure in hours.closures),
        working_days=tuple(hours.working_days),
        projected=hours.calendar == "projected",
        tables=year_tables(hours),
        name=name,
    )


class World:
    """Builds one replication and runs it."""

    def __init__(self, scenario: Scenario, streams: Streams) -> None:
        assert scenario.run is not None and scenario.applicants is not None and scenario.credit is not None
        self.scenario, self.run, self.streams = scenario, scenario.run, streams
        self.env = Clock()
        origin = self.run.start
        self.calendars = {name: calendar_of(hours, name, origin) for name, hours in scenario.calendars.items()}
        office = self.calendars[scenario.applicants.arrivals.calendar]
        self.last_arrival = add_span(origin, 0.0, self.run.arrivals_for, office)
        self.last_case_moment = add_span(origin, self.last_arrival, self.run.follow_up.cases, office)
        self.last_loan_moment = add_span(origin, self.last_arrival, self.run.follow_up.loans, office)
        self.firms = draw_firms(scenario, self.calendars, streams)
        self.quotas = Quotas(self.env, scenario.quotas)
        self.desk_calendars: dict[str, WorkingCalendar] = {}
        self.desks = {
            full: self._desk(full, scenario.parties[party].desks[desk], scenario.parties[party].calendar)
            for full, (party, desk) in desk_names(scenario).items()
        }
        self._record = Record()
        count = len(self.firms)
        # Written case by case, for which arrays of Python's own are several times faster than those of NumPy.
        self._ended_at, self._drawn_at = (array("d", [inf]) * count for _ in range(2))
        self._end, self._product = array("q", [NOT_APPLIED]) * count, array("q", [-1]) * count
        self._drawn, self._line, self._registered, self._appraised = (array("q", [0]) * count for _ in range(4))
        self._patience: list[float] | None = None
        if (patience := scenario.applicants.patience) is not None:
            minutes = patience.at(streams.uniforms("patience", count))
            self._patience = (minutes * (1440 if patience.dimension == "days" else 1)).tolist()
        self._rules: list[NDArray[np.int64]] = []
        self._lending: list[Lending] = []
        self._steps: list[list[StepAtWork]] = []
        self._names = list(scenario.products)
        self._setting = Setting(
            scenario,
            self.env,
            streams,
            self.firms,
            self._office(),
            Ledger(),
            subsidies_of(scenario, self.firms),
            CreditRisk.of(scenario.credit, streams, self.firms.quality),
            self.quotas,
            self.last_loan_moment,
        )
        self._flows = [self._product_at_work(number, name) for number, name in enumerate(self._names)]

    def _desk(self, name: str, desk: Desk, party_calendar: str) -> ServingDesk | CommitteeDesk | BatchDesk:
        calendar = self.calendars[desk.calendar or party_calendar]
        self.desk_calendars[name] = calendar
        if desk.committee is not None:
            last = moment_at(self.run.start, self.last_case_moment).date()
            meetings = meetings_of(desk.committee, calendar, self.run.start, last)
            return CommitteeDesk(self.env, name, meetings, desk.committee.takes)
        if desk.batch is not None:
            batch = desk.batch
            return BatchDesk(self.env, name, calendar, batch.size, batch.wait.amount, batch.lasts.mean)
        if desk.shifts is not None:
            shifts = [(shift.staff, self.calendars[shift.calendar]) for shift in desk.shifts]
            return ServingDesk(self.env, name, shifts)
        assert desk.staff is not None
        return ServingDesk(self.env, name, [(desk.staff, calendar)])

    def _product_at_work(self, number: int, name: str) -> FlowAtWork:
        product, count = self.scenario.products[name], len(self.firms)
        self._rules.append(failed_rule(product.eligibility, self.firms, self.streams))
        lending = Lending(self._setting, number, name, product)
        self._lending.append(lending)
        steps = [
            StepAtWork(
                step,
                index,
                product=number,
                env=self.env,
                streams=self.streams,
                count=count,
                desk=self.desks.get(step.by or ""),
                calendar=self._calendar_of_step(step),
                priority=product.priority,
                quotas=self.quotas,
                quality=self.firms.quality,
                lines=lending.appraisals.lines,
                add=self._record.add,
                pay_out=partial(self._pay_out, lending),
                appraise=lending.appraisals.value,
                covered=lending.covered,
            )
            for index, step in enumerate(product.all_steps)
        ]
        self._steps.append(steps)
        in_flow = len(steps) - len(product.servicing)
        lending.serviced_by(steps[in_flow:], len(steps))
        return FlowAtWork(
            product, steps[:in_flow], self._ways, self._office(), self.env, lending.step_done,
            self._application_ended, patience=self._patience is not None,
        )

    def _office(self) -> WorkingCalendar:
        assert self.scenario.applicants is not None
        return self.calendars[self.scenario.applicants.arrivals.calendar]

    def _calendar_of_step(self, step: Step) -> WorkingCalendar:
        if step.by in self.desk_calendars:
            return self.desk_calendars[step.by]
        party = self.scenario.parties.get(step.by or "")
        return self.calendars[party.calendar] if party else self._office()

    def _ways(self, choice: Choice) -> list[int]:
        """For every applicant the number of its way; the number of ways stands for 'otherwise'."""
        none = len(choice.choice)
        if choice.choice[0].odds is not None:
            odds: dict[str, Any] = {str(number): way.odds for number, way in enumerate(choice.choice)}
            given = sum((way.odds for way in choice.choice if way.odds is not None), start=0)
            if given < 1:
                odds["otherwise"] = "rest"
            purpose = f"choice: {choice.title or next((s.title for s in steps_of([choice])), '')}"
            drawn: list[int] = choose(odds, self.streams.uniforms(purpose, len(self.firms))).tolist()
            return drawn
        taken = np.full(len(self.firms), none)
        for number, way in enumerate(choice.choice):
            assert way.when is not None
            taken[(taken == none) & all_hold(way.when, self.firms)] = number
        ways: list[int] = taken.tolist()
        return ways

    def _pay_out(self, lending: Lending, case: Case) -> None:
        """The case is drawn; its loan begins."""
        number = case.number
        self._drawn_at[number] = self.env.now
        self._drawn[number] = lending.pay_out(case)
        self._line[number] = lending.appraisals.lines[number]
        self._registered[number] = lending.appraisals.registered(number)
        self._appraised[number] = lending.appraisals.appraised(number)

    def _apply(self, number: int, tried: Sequence[int]) -> None:
        """A firm applies for the first of the products that it tries."""
        for place, product in enumerate(tried):
            flow, lending = self._flows[product], self._lending[product]
            if lending.shares_ceilings:
                if not lending.applies(number):
                    continue
                self._line[number] = lending.appraisals.lines[number]
            case = Case(number, product, flow.step_count, flow.lanes, tried[place + 1 :] if self._falls_back else ())
            self._product[number] = product
            if self._patience is not None:
                flow.deadlines.set_patience(case, self._arrival[number] + self._patience[number])
            flow.apply(case)
            return

    def _application_ended(self, case: Case) -> None:
        """An application is over; after a refusal its firm may apply for another product."""
        number = case.number
        self._end[number], self._ended_at[number] = case.end, self.env._now
        for quota, fen in case.lines.items():
            self.quotas.release(quota, fen)
        lending = self._lending[case.product]
        if lending.shares_ceilings and case.end != DRAWN:
            lending.application_ended(number)
        if case.others and case.end == DECLINED:
            self._apply(number, case.others)

    def _arrivals(self, numbers: Sequence[int], may_have: Sequence[NDArray[np.bool_]]) -> Generator[Event, None, None]:
        """Firms apply, given in the order of their arrival, each for what it tries of what it may have.

        `may_have` is by product and firm.

        Who comes at the very moment at which something else happens comes first.
        """
        for number, tried in self._applications(numbers, may_have):
            yield self.env.until(self._arrival[number], URGENT)
            self._apply(number, tried)

    def _applications(
        self, numbers: Sequence[int], may_have: Sequence[NDArray[np.bool_]]
    ) -> Iterator[tuple[int, Sequence[int]]]:
        """Firms with the products that each tries, in its order, of those that it may have."""
        applicants = self.scenario.applicants
        assert applicants is not None
        preferred = [self._names.index(name) for name in applicants.prefer or self._names]
        for number in np.array(numbers)[np.any([each[numbers] for each in may_have], axis=0)].tolist():
            only = self.firms.product_of.get(number)
            wanted = preferred if only is None else [self._names.index(only)]
            tried = wanted if len(may_have) == 1 else [product for product in wanted if may_have[product][number]]
            if tried:
                yield number, tried

    def _first_rule_failed(self) -> NDArray[np.int64]:
        if not self._rules:
            return np.frombuffer(self._product, dtype=np.int64)
        rule = self._rules[0].copy()
        for number, name in self.firms.product_of.items():
            rule[number] = self._rules[self._names.index(name)][number]
        return rule

    def _close_cases(self) -> Generator[Any, Any, None]:
        """At the end of the follow-up of cases no file moves on; those that wait stay open."""
        yield self.env.until(self.last_case_moment)
        self.env.closed = True
        for desk in self.desks.values():
            desk.close()
        self.quotas.close()

    def happen(self) -> Happened:
        """Run the replication to the end of its follow-up."""
        applicants = self.scenario.applicants
        assert applicants is not None
        self._falls_back = applicants.fallback
        self._arrival = array("d", self.firms.arrival.tobytes())
        self.env.start(self._close_cases())
        initial_lines = [np.array(lending.appraisals.lines, dtype=np.int64) for lending in self._lending]
        may_have = [(rule < 0) & (line > 0) for rule, line in zip(self._rules, initial_lines, strict=True)]
        drawn = len(self.firms) - self.firms.besides
        self.env.start(self._arrivals(range(drawn), may_have))
        if self.firms.besides:
            besides = sorted(range(drawn, len(self.firms)), key=lambda number: float(self.firms.arrival[number]))
            self.env.start(self._arrivals(besides, may_have))
        self.env.run()
        drawn_at = np.frombuffer(self._drawn_at)
        assert not np.any((drawn_at > self.last_case_moment) & np.isfinite(drawn_at))
        product, end = (np.frombuffer(each, dtype=np.int64) for each in (self._product, self._end))
        line = np.frombuffer(self._line, dtype=np.int64).copy()
        for number, (lending, initial) in enumerate(zip(self._lending, initial_lines, strict=True)):
            if not lending.shares_ceilings:
                asked = (product == number) & (end != DRAWN)
                line[asked] = initial[asked]
        steps = self._record.visits()
        for lending in self._lending:
            lending.finish()
        enter_staff_costs(self.scenario, steps, self._steps, self._setting.ledger)
        books = [lending.book for lending in self._lending]
        funds = [(moment, number, fund, left) for number, book in enumerate(books) for moment, fund, left in book.funds]
        return Happened(
            firms=self.firms,
            steps=steps,
            product=product,
            rule=self._first_rule_failed(),
            end=np.where((product >= 0) & (end == NOT_APPLIED), OPEN, end),
            ended_at=np.frombuffer(self._ended_at),
            drawn_at=drawn_at,
            credit_line=line,
            drawn=np.frombuffer(self._drawn, dtype=np.int64),
            registered=np.frombuffer(self._registered, dtype=np.int64),
            appraised=np.frombuffer(self._appraised, dtype=np.int64),
            loans=[loan for book in books for loan in book.loans],
            losses=[loss for book in books for loss in book.losses],
            funds=funds,
            payments=self._setting.ledger.payments(),
            last_case_moment=self.last_case_moment,
            last_loan_moment=self.last_loan_moment,
            quota_peaks=self.quotas.peak,
            quota_use=self.quotas.history,
            no_room=self.quotas.no_room,
        )
