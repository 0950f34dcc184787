"""One replication of one world: its firms apply, desks work, loans run, losses are shared."""

from __future__ import annotations

import datetime
from array import array
from collections.abc import Generator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache, partial
from math import inf
from typing import Any

import numpy as np
from numpy.typing import NDArray

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
from simulator.workflow.committee import meetings_of
from simulator.workflow.desk import CommitteeDesk
from simulator.workflow.desk import Desk as ServingDesk
from simulator.workflow.expenses import enter_staff_costs
from simulator.workflow.firms import Firms, all_hold, draw_firms, failed_rule
from simulator.workflow.flow import FlowAtWork
from simulator.workflow.ledger import Ledger, Payments
from simulator.workflow.lending import Lending, Setting, subsidies_of
from simulator.workflow.loan import Loan, Loss
from simulator.workflow.population import choose
from simulator.workflow.quota import NoRoom, Quotas
from simulator.workflow.step import STEP_COLUMNS, StepAtWork


@dataclass
class Happened:
    """Everything one replication did. Times in minutes since the first day, money in fen.

    `steps` has one row a visit, columns STEP_COLUMNS; the other columns have one entry an applicant. `product` is the
    product applied for (-1 for none), `rule` the number of the first rule failed (-1 for none), for the first product
    or for the only one that the firm wants.
    """

    firms: Firms
    steps: NDArray[np.float64]
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
        self._rows: array[float] = array("d")
        count = len(self.firms)
        self._ended_at = np.full(count, inf)
        self._drawn_at = np.full(count, inf)
        self._end = np.full(count, NOT_APPLIED)
        self._product = np.full(count, -1)
        self._drawn = np.zeros(count, dtype=np.int64)
        self._line = np.zeros(count, dtype=np.int64)
        self._registered = np.zeros(count, dtype=np.int64)
        self._appraised = np.zeros(count, dtype=np.int64)
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
                env=self.env,
                streams=self.streams,
                count=count,
                desk=self.desks.get(step.by or ""),
                calendar=self._calendar_of_step(step),
                priority=product.priority,
                quotas=self.quotas,
                quality=self.firms.quality,
                lines=lending.appraisals.lines,
                rows=self._rows,
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
            product, number, steps[:in_flow], self._ways, self._office(), self.env, lending.step_done
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

    def _release(self, lines: Mapping[str, int]) -> None:
        for quota, fen in lines.items():
            self.quotas.release(quota, fen)

    def _applicant(self, number: int, tried: list[int]) -> Generator[Any, Any, None]:
        """One firm: it applies for a product and, where the scenario says so, after a refusal for the next."""
        applicants = self.scenario.applicants
        assert applicants is not None
        for product in tried:
            flow, lending = self._flows[product], self._lending[product]
            if not lending.applies(number):
                continue
            case = Case(number, product, flow.step_count)
            self._product[number], self._end[number] = product, OPEN
            self._line[number] = lending.appraisals.lines[number]
            if self._patience is not None:
                flow.set_patience(case, self.firms.arrival[number] + self._patience[number])
            yield from flow.application(case)
            self._release(case.lines)
            self._end[number], self._ended_at[number] = case.end, self.env.now
            if case.end != DRAWN:
                lending.application_ended(number)
            if case.end != DECLINED or not applicants.fallback:
                break

    def _arrive(self, numbers: Sequence[int]) -> Generator[Any, Any, None]:
        """Let firms apply, given in the order of their arrival, each for what it may have."""
        for number in numbers:
            tried = [product for product in self._wanted(number) if self._may_have[product][number]]
            if not tried:
                continue
            arrival = self.firms.arrival[number]
            if arrival > self.env.now:
                yield self.env.until(arrival)
            self.env.process(self._applicant(number, tried))

    def _wanted(self, number: int) -> list[int]:
        """The products that a firm tries, in its order, if it may have them."""
        only = self.firms.product_of.get(number)
        return self._preferred if only is None else [self._names.index(only)]

    def _first_rule_failed(self) -> NDArray[np.int64]:
        if not self._rules:
            return self._product
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
        self._patience = None
        if applicants.patience is not None:
            minutes = applicants.patience.at(self.streams.uniforms("patience", len(self.firms)))
            self._patience = minutes * (1440 if applicants.patience.dimension == "days" else 1)
        self.env.process(self._close_cases())
        self._preferred = [self._names.index(name) for name in applicants.prefer or self._names]
        self._may_have: list[list[bool]] = [
            ((rule < 0) & (np.array(lending.appraisals.lines, dtype=np.int64) > 0)).tolist()
            for rule, lending in zip(self._rules, self._lending, strict=True)
        ]
        drawn = len(self.firms) - self.firms.besides
        self.env.process(self._arrive(range(drawn)))
        if self.firms.besides:
            besides = sorted(range(drawn, len(self.firms)), key=lambda number: float(self.firms.arrival[number]))
            self.env.process(self._arrive(besides))
        self.env.run()
        late = self._drawn_at > self.last_case_moment
        assert not np.any(late & np.isfinite(self._drawn_at))
        steps = np.frombuffer(self._rows, dtype=np.float64).reshape(-1, len(STEP_COLUMNS))
        for lending in self._lending:
            lending.finish()
        enter_staff_costs(self.scenario, steps, self._steps, self._setting.ledger)
        books = [lending.book for lending in self._lending]
        funds = [(moment, number, fund, left) for number, book in enumerate(books) for moment, fund, left in book.funds]
        return Happened(
            firms=self.firms,
            steps=steps,
            product=self._product,
            rule=self._first_rule_failed(),
            end=self._end,
            ended_at=self._ended_at,
            drawn_at=self._drawn_at,
            credit_line=self._line,
            drawn=self._drawn,
            registered=self._registered,
            appraised=self._appraised,
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
