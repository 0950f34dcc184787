"""One product's lending: the lines firms may have, the loans drawn, what is done for them, and the money that moves."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import partial
from math import ceil, inf

import numpy as np
from numpy.typing import NDArray

from simulator.calendars import WorkingCalendar, months_later
from simulator.credit.contract import Terms
from simulator.credit.loans import CreditRisk, rated
from simulator.credit.repayment import sweep_plan
from simulator.scenario.credit import Renewal
from simulator.scenario.flow import Step
from simulator.scenario.lender import lender_of
from simulator.scenario.model import Product, Scenario
from simulator.sharing import Agreement
from simulator.streams import Streams
from simulator.workflow.accounts import LoanAccounts, Parties
from simulator.workflow.appraisals import Appraisals
from simulator.workflow.case import DRAWN, Case
from simulator.workflow.clock import Clock
from simulator.workflow.firms import Firms, all_hold
from simulator.workflow.ledger import Ledger
from simulator.workflow.loan import Loan
from simulator.workflow.loan_book import LoanBook, LoanTerms
from simulator.workflow.quota import Quotas
from simulator.workflow.servicing import Servicing
from simulator.workflow.step import StepAtWork
from simulator.workflow.subsidies import Scheme, Subsidies


@dataclass(frozen=True)
class Setting:
    """What the products of one replication share."""

    scenario: Scenario
    env: Clock
    streams: Streams
    firms: Firms
    office: WorkingCalendar
    ledger: Ledger
    subsidies: Subsidies
    risk: CreditRisk
    quotas: Quotas
    last_loan_moment: float


def subsidies_of(scenario: Scenario, firms: Firms) -> Subsidies:
    """The subsidies of a scenario, with the firms that may have them."""
    schemes = [Scheme(name, model, all_hold(model.eligibility, firms)) for name, model in scenario.policy.items()]
    return Subsidies(schemes, firms.applicant_of)


class Lending:
    """Everything about one product's money in one replication."""

    def __init__(self, setting: Setting, number: int, name: str, product: Product) -> None:
        scenario, firms, streams = setting.scenario, setting.firms, setting.streams
        assert scenario.run is not None and scenario.credit is not None and scenario.applicants is not None
        self._setting, self._number, self.product = setting, number, product
        self.appraisals = Appraisals(product, firms, scenario.applicants.population, streams)
        agreement, months = Agreement(product.risk_sharing), product.tenor.months
        self._first_day, self._tenor_months = scenario.run.start.toordinal(), months
        self._lines: dict[int, dict[str, int]] = {}
        lender = lender_of(scenario, product)
        assert lender is not None
        seller = product.recovery.by if product.recovery is not None and product.recovery.by is not None else lender
        ratios = {party: each.expense_ratio for party, each in scenario.parties.items() if each.expense_ratio}
        lenders = scenario.parties.get(lender)
        parties = Parties(lender, seller, (lenders and lenders.cost_of_funds) or Fraction(0), ratios)
        terms = Terms(product.repayment, tuple(product.drawings), product.price.interest, months)
        self.accounts = LoanAccounts(
            setting.ledger,
            setting.subsidies,
            parties,
            number=number,
            name=name,
            interest=product.price.interest,
            charges=tuple(product.price.charges.values()),
            tenor_months=months,
            first_day=self._first_day,
            applicant_of=firms.applicant_of,
            needs=agreement.needs,
            on_repaid=self._free,
        )
        sweep = product.repayment.sweep
        rates = rated(scenario.credit, product.scoring, firms.columns, len(firms))
        self.book = LoanBook(
            setting.env,
            agreement,
            setting.risk.draws(rates, product.recovery),
            self.appraisals.worth(),
            LoanTerms(
                dues=terms.dues,
                tenor_months=months,
                months_after=self.months_after,
                last_moment=setting.last_loan_moment,
                renewed=_renewals(product.renewal, streams, len(firms)),
                sweep=sweep_plan(sweep, firms.columns[sweep.of], streams) if sweep else None,
                forced=firms.default_at,
            ),
            self.accounts,
            self._first_day,
        )
        # Bases count what all loans owe at a moment, a subsidy that is claimed waits for it, who watches calls a loan,
        # and a later fee may share a subsidy's ceiling with what is charged on the loan.
        self._foreseen = not (
            agreement.needs
            or any(step.every is not None or step.fee is not None for step in product.servicing)
            or any(subsidy.step is not None for subsidy in scenario.policy.values())
        )
        self.servicing: Servicing | None = None
        self._loans: dict[int, Loan] = {}
        self._same_customers = {*firms.applicant_of, *firms.applicant_of.values()}
        self.shares_ceilings = bool(self._same_customers)
        """Whether some applicants come more than once, and so meet what they have already."""
        self._customers: dict[int, dict[int, Loan | None]] = {}
        self._topped_up: dict[tuple[str, int], NDArray[np.bool_]] = {}

    def applies(self, number: int) -> bool:
        """A firm applies; False where what it has and has applied for already leaves too little below the ceiling."""
        most, firms = self.product.amount.at_most, self._setting.firms
        if most is None or number not in self._same_customers:
            return True
        own = self._customers.setdefault(firms.applicant_of.get(number, number), {})
        lines = self.appraisals.lines
        taken = sum(lines[case] if loan is None else loan.outstanding for case, loan in own.items())
        if taken and not self.appraisals.cap(number, max(0, most - taken)):
            return False
        own[number] = None
        return True

    def application_ended(self, number: int) -> None:
        """An application is over without a loan."""
        if number in self._same_customers:
            self._customers.get(self.accounts.borrower(number), {}).pop(number, None)

    def months_after(self, moment: float, months: int) -> float:
        """The moment so many months after another, at the same time of the day."""
        day, rest = divmod(moment, 1440)
        return (months_later(self._first_day + int(day), months) - self._first_day) * 1440.0 + rest

    def pay_out(self, case: Case) -> int:
        """The case is drawn; its loan begins. The amount lent, in fen."""
        setting, now, share = self._setting, self._setting.env.now, self.product.amount.drawn_share
        line = self._within_reserved(case)
        principal = line if share is None else line * share.numerator // share.denominator
        case.end = DRAWN
        case.deadlines = {}
        case.alert(inf, inf)
        matures_at = self.months_after(now, self._tenor_months)
        loan = Loan(case.number, self._number, principal, now, matures_at, self._tenor_months)
        held = any(case.lines.values())
        if case.lines:
            self._lines[case.number], case.lines = dict(case.lines), {}
        if case.number in self._same_customers:
            self._customers.setdefault(self.accounts.borrower(case.number), {})[case.number] = loan
        if self.product.servicing and self.servicing is not None:
            self._loans[case.number] = loan
            self.servicing.begin(loan)
        loan.foreseen = self._foreseen and not held and case.number not in self._same_customers
        seen_off = held or bool(self.product.servicing)
        setting.env.start(self.book.life(loan, partial(self._ended, loan) if seen_off else None))
        return principal

    def _within_reserved(self, case: Case) -> int:
        """The credit line, no more than was reserved for it; what was reserved above it is given back."""
        if not case.lines:
            return self.appraisals.lines[case.number]
        line = min([self.appraisals.lines[case.number], *case.lines.values()])
        self.appraisals.lines[case.number] = line
        for quota, fen in case.lines.items():
            if fen > line:
                self._setting.quotas.release(quota, fen - line)
        case.lines = dict.fromkeys(case.lines, line)
        return line

    def step_done(self, case: Case, step: Step, outcome: int) -> None:
        """A step of a case is done: its fee falls due, and a subsidy that it claims is paid."""
        now = self._setting.env.now
        if step.fee is not None:
            self.accounts.fee(now, case.number, step.fee)
        if step.kind.name == "subsidy claim" and outcome == 0:
            self.accounts.claimed(now, case.number, step.title)

    def serviced_by(self, steps: Sequence[StepAtWork], count: int) -> None:
        """What is done for its loans after drawdown; `count` steps in all, those of the flow among them."""
        last_moment = self._setting.last_loan_moment
        self.servicing = Servicing(
            self._setting.env, steps, count, self.months_after, self.step_done, last_moment
        )

    def covered(self, step: Step, case: int, visit: int) -> bool:
        """Whether a look finds enough IP behind a case's loan, or the firm pledges more of it."""
        loan, cover = self._loans[case], step.cover
        assert cover is not None
        if loan.status != "outstanding":
            return True
        value, needed = self.book.worth(loan, self._setting.env.now), ceil(cover.at_least * loan.outstanding)
        if value >= needed:
            return True
        key = (step.title, visit)
        if key not in self._topped_up:
            drawn = self._setting.streams.uniforms(f"top-up: {step.title}", len(self._setting.firms), visit)
            self._topped_up[key] = drawn < float(cover.topped_up)
        if not self._topped_up[key][loan.case]:
            return False
        loan.pledged_later.append((self._setting.env.now, ceil(needed - value)))
        return True

    def finish(self) -> None:
        """The follow-up is over: what the money for loans still open has cost."""
        for loan in self.book.loans:
            if loan.status in ("outstanding", "claim open"):
                self.accounts.fund_until(loan, self._setting.last_loan_moment)

    def _ended(self, loan: Loan) -> None:
        for quota, left in self._lines.pop(loan.case, {}).items():
            if left:
                self._setting.quotas.release(quota, left)
        if self.product.servicing and self.servicing is not None and loan.status in ("repaid", "exited"):
            self.servicing.end(loan)

    def _free(self, case: int, fen: int) -> None:
        """What is repaid frees the quotas by as much; what is left of the line is given back as the loan ends."""
        for quota, left in self._lines.get(case, {}).items():
            if freed := min(fen, left):
                self._lines[case][quota] = left - freed
                self._setting.quotas.release(quota, freed)


def _renewals(renewal: Renewal | None, streams: Streams, count: int) -> Callable[[int, int], bool]:
    if renewal is None:
        return lambda case, time: False
    drawn: list[NDArray[np.bool_]] = [
        streams.uniforms("credit: renewal", count, time) < float(renewal.share) for time in range(renewal.at_most)
    ]
    return lambda case, time: time < len(drawn) and bool(drawn[time][case])


