"""One replication of one world: its firms apply, desks work, loans run, losses are shared."""

from __future__ import annotations

import datetime
from array import array
from collections.abc import Callable, Generator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache, partial
from math import inf
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simulator.calendars import WorkingCalendar, add_span, build_calendar, moment_at, parse_hours
from simulator.credit.loans import draw_credit
from simulator.credit.repayment import sweep_plan
from simulator.scenario.flow import Choice, Step, steps_of
from simulator.scenario.model import Scenario
from simulator.scenario.parties import WEEKDAYS, Desk, OfficeHours, year_tables
from simulator.scenario.references import desk_names
from simulator.sharing import Agreement
from simulator.streams import Streams
from simulator.units import Span
from simulator.workflow.batch import BatchDesk
from simulator.workflow.case import DECLINED, DRAWN, NOT_APPLIED, OPEN, Case
from simulator.workflow.clock import Clock
from simulator.workflow.committee import meetings_of
from simulator.workflow.desk import CommitteeDesk
from simulator.workflow.desk import Desk as ServingDesk
from simulator.workflow.firms import Firms, all_hold, credit_lines, draw_firms, failed_rule, registered_amounts
from simulator.workflow.flow import FlowAtWork
from simulator.workflow.loan import Loan, LoanBook, Loss
from simulator.workflow.population import choose
from simulator.workflow.quota import NoRoom, Quotas
from simulator.workflow.servicing import Servicing
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
    loans: list[Loan]
    losses: list[Loss]
    funds: list[tuple[float, int, str, int]]
    fees: list[tuple[float, int, int, str, str, str, int]]
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
        self._fees: list[tuple[float, int, int, str, str, str, int]] = []
        count = len(self.firms)
        self._ended_at = np.full(count, inf)
        self._drawn_at = np.full(count, inf)
        self._end = np.full(count, NOT_APPLIED)
        self._product = np.full(count, -1)
        self._drawn = np.zeros(count, dtype=np.int64)
        self._line = np.zeros(count, dtype=np.int64)
        self._lines: list[list[int]] = []
        self._registers: list[NDArray[np.int64]] = []
        self._registered = np.zeros(count, dtype=np.int64)
        self._rules: list[NDArray[np.int64]] = []
        self._books: list[LoanBook] = []
        self._servicing: list[Servicing] = []
        self._names = list(scenario.products)
        self._maturities: dict[tuple[int, float], float] = {}
        self._flows = [self._product_at_work(number) for number in range(len(scenario.products))]

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

    def _product_at_work(self, number: int) -> FlowAtWork:
        product = list(self.scenario.products.values())[number]
        count = len(self.firms)
        self._rules.append(failed_rule(product.eligibility, self.firms, self.streams))
        possible = credit_lines(product.amount, self.firms)
        lines: list[int] = possible.tolist()
        self._lines.append(lines)
        self._registers.append(registered_amounts(product.registers, self.firms, possible))
        assert self.scenario.credit is not None
        draws = draw_credit(self.scenario.credit, product.recovery, count, self.streams)
        # A share of a negative property can be negative; nobody gets money for taking a pledge.
        appraised = np.maximum(np.rint(self.firms.columns[product.pledged]), 0).astype(np.int64).tolist()
        agreement = Agreement(product.risk_sharing)
        sweep = product.repayment.sweep
        plan = sweep_plan(sweep, self.firms.columns[sweep.of], self.streams) if sweep else None
        book = LoanBook(
            self.env,
            agreement,
            draws,
            appraised,
            self.last_loan_moment,
            sweep=plan,
            forced=self.firms.default_at,
            after=self._months_after,
        )
        self._books.append(book)
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
                lines=lines,
                rows=self._rows,
                pay_out=partial(self._pay_out, number),
            )
            for index, step in enumerate(product.all_steps)
        ]
        in_flow = len(steps) - len(product.servicing)
        self._servicing.append(Servicing(self.env, steps[in_flow:], len(steps), self._months_after, self._charge))
        office = self._office()
        return FlowAtWork(product, number, steps[:in_flow], self._ways, office, self.env, self._charge)

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

    def _charge(self, case: Case, step: Step) -> None:
        assert step.fee is not None
        fee = step.fee
        self._fees.append((self.env.now, case.number, case.product, step.title, fee.paid_by, fee.paid_to, fee.amount))

    def _pay_out(self, number: int, case: Case) -> None:
        """The case is drawn; its loan begins."""
        product = self._flows[number].product
        now = self.env.now
        line = self._lines[number][case.number]
        share = product.amount.drawn_share
        principal = line if share is None else line * share.numerator // share.denominator
        case.end = DRAWN
        case.deadlines.clear()
        case.leave_at = case.front_at = inf
        self._drawn_at[case.number], self._drawn[case.number] = now, principal
        self._registered[case.number] = self._registers[number][case.number]
        matures_at = now + self._days_to_maturity(number, now // 1440) * 1440
        loan = Loan(case.number, number, principal, now, matures_at, product.tenor.months)
        lines, case.lines = case.lines, {}
        on_end = partial(self._release, lines) if lines else _nothing
        if product.servicing:
            self._servicing[number].begin(loan)
            on_end = partial(self._ended, loan, on_end)
        self.env.process(self._books[number].life(loan, on_end))

    def _ended(self, loan: Loan, on_end: Callable[[], None]) -> None:
        on_end()
        if loan.status in ("repaid", "exited"):
            self._servicing[loan.product].end(loan)

    def _months_after(self, moment: float, months: int) -> float:
        return add_span(self.run.start, moment, Span(months, "months"), self._office())

    def _days_to_maturity(self, number: int, day: float) -> float:
        """Days from drawdown to maturity of a loan of a product that is drawn on a day; many are drawn on one day."""
        days = self._maturities.get((number, day))
        if days is None:
            matures_at = add_span(self.run.start, day * 1440, self._flows[number].product.tenor, self._office())
            days = self._maturities[number, day] = matures_at / 1440 - day
        return days

    def _release(self, lines: Mapping[str, int]) -> None:
        for quota, fen in lines.items():
            self.quotas.release(quota, fen)

    def _applicant(self, number: int, tried: list[int]) -> Generator[Any, Any, None]:
        """One firm: it applies for a product and, where the scenario says so, after a refusal for the next."""
        applicants = self.scenario.applicants
        assert applicants is not None
        for product in tried:
            flow = self._flows[product]
            case = Case(number, product, flow.step_count)
            self._product[number], self._end[number] = product, OPEN
            self._line[number] = self._lines[product][number]
            if self._patience is not None:
                flow.set_patience(case, self.firms.arrival[number] + self._patience[number])
            yield from flow.application(case)
            self._release(case.lines)
            self._end[number], self._ended_at[number] = case.end, self.env.now
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
            ((rule < 0) & (np.array(lines, dtype=np.int64) > 0)).tolist()
            for rule, lines in zip(self._rules, self._lines, strict=True)
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
        funds = [
            (moment, number, fund, left) for number, book in enumerate(self._books) for moment, fund, left in book.funds
        ]
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
            loans=[loan for book in self._books for loan in book.loans],
            losses=[loss for book in self._books for loss in book.losses],
            funds=funds,
            fees=self._fees,
            last_case_moment=self.last_case_moment,
            last_loan_moment=self.last_loan_moment,
            quota_peaks=self.quotas.peak,
            quota_use=self.quotas.history,
            no_room=self.quotas.no_room,
        )


def _nothing() -> None:
    """A loan outside every quota gives nothing back."""
