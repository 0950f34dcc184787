"""What becomes of a loan after drawdown: repayment and renewal, or default, claim, disposal of the IP and the loss."""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from math import inf
from typing import Any, NamedTuple

from simpy.events import Event

from simulator.credit.contract import MINUTES_A_DAY, Due, interest_owed
from simulator.credit.loans import MINUTES_A_YEAR, CreditDraws, sale
from simulator.credit.repayment import SweepPlan
from simulator.sharing import Agreement, Claim, Meters, Recovered
from simulator.workflow.accounts import LoanAccounts
from simulator.workflow.clock import AFTER_LAST, LAST, Clock
from simulator.workflow.loan import Loan, Loss, Why


@dataclass(frozen=True)
class LoanTerms:
    """What the loans of one product have in common while they run."""

    dues: Callable[[int], tuple[Due, ...]]
    """What is due on a loan of an amount in fen."""
    tenor_months: int
    months_after: Callable[[float, int], float]
    """The moment so many months after another."""
    last_moment: float
    renewed: Callable[[int, int], bool] = lambda case, time: False
    """Whether a case's loan is renewed at the end of its tenor, for the first time (0), the second ..."""
    sweep: SweepPlan | None = None
    forced: Mapping[int, float] = field(default_factory=dict)
    """Moments at which the loans of given cases default, or never."""


class _DueClaim(NamedTuple):
    """A claim that is settled at this moment, and what to tell its loan by."""

    loan: Loan
    defaulted_at: float
    settled: Event


class LoanBook:
    """The loans of one product and the agreement under which its losses are shared.

    Claims that are settled at the same moment are taken in the order of their case numbers, before IP sold then.
    """

    def __init__(
        self,
        env: Clock,
        agreement: Agreement,
        draws: CreditDraws,
        worth: Sequence[int],
        terms: LoanTerms,
        accounts: LoanAccounts,
        first_day: int,
    ) -> None:
        """`worth` is of each case's IP at drawdown (fen); `first_day` the ordinal of the day on which time begins."""
        self._env, self._agreement, self._draws, self._worth = env, agreement, draws, worth
        self._terms, self._accounts, self._first_day = terms, accounts, first_day
        self.meters: Meters = agreement.open()
        self.loans: list[Loan] = []
        self.losses: list[Loss] = []
        self.funds: list[tuple[float, str, int]] = []
        self._due: list[_DueClaim] = []
        self._in_order = agreement.model.same_day == "in order"
        self._note_funds(0.0)
        for name, fund in agreement.model.funds.items():
            for top_up in fund.top_ups:
                moment = (top_up.on.toordinal() - first_day) * 1440.0
                if 0 < moment <= terms.last_moment:
                    env.until(moment).callbacks.append(partial(self._topped_up, name))

    def _topped_up(self, fund: str, _: Event) -> None:
        self._note_funds(self._env.now, fund)

    def life(self, loan: Loan, on_end: Callable[[], None] | None) -> Generator[Any, Any, None]:
        """The process of one loan, from drawdown to its end or to the end of the follow-up.

        What falls due on a loan whose course is foreseen is entered at drawdown, each payment under its moment; its
        process waits only for what others see: its end, its claim, the sale of what was pledged.
        """
        self.loans.append(loan)
        loan.periods.append(loan.drawn_at)
        defaulted_at = yield from self._run(loan)
        env, case = self._env, loan.case
        if loan.status != "outstanding":
            if on_end is not None:
                if loan.ended_at > env.now:
                    yield env.until(loan.ended_at)
                on_end()
            return
        if defaulted_at > self._terms.last_moment:
            return
        loan.status, loan.ended_at = "defaulted", defaulted_at
        settled_at = self._settles_at(defaulted_at + float(self._draws.claim_minutes[case]))
        if settled_at > self._terms.last_moment:
            loan.status = "claim open"
            return
        yield env.until(settled_at)
        if on_end is not None:
            on_end()
        settled = Event(env)
        if not self._due:
            env.fire_at(env.now, Event(env), priority=LAST).callbacks.append(self._settle)
        self._due.append(_DueClaim(loan, defaulted_at, settled))
        loss: Loss = yield settled
        sold_at = settled_at + float(self._draws.sale_minutes[case])
        if sold_at > self._terms.last_moment:
            return
        yield env.until(sold_at, AFTER_LAST)
        self._recover(loan, loss)

    def _settles_at(self, moment: float) -> float:
        """Where claims of one day share what is left, they are all settled at the midnight that ends it."""
        return moment if self._in_order else (moment // MINUTES_A_DAY + 1) * MINUTES_A_DAY

    def worth(self, loan: Loan, moment: float) -> float:
        """What a loan's IP is worth at a moment, in fen."""
        years = (moment - loan.drawn_at) / MINUTES_A_YEAR
        return self._draws.worth(loan.case, self._worth[loan.case], years) + loan.more_pledged

    def _run(self, loan: Loan) -> Generator[Any, Any, float]:
        """A loan from drawdown to its end, tenor by tenor, as long as it is renewed; the moment of its default."""
        time, start, terms = 0, loan.drawn_at, self._terms
        while True:
            loan.matures_at = terms.months_after(loan.drawn_at, terms.tenor_months * (time + 1))
            defaulted_at = self._defaults_at(loan, time, start)
            loan.periods.append(loan.matures_at)
            renewed = terms.renewed(loan.case, time)
            matured = yield from self._tenor(loan, start, time, renewed, min(defaulted_at, terms.last_moment))
            if not (renewed and matured and loan.status == "outstanding" and loan.matures_at < defaulted_at):
                return defaulted_at
            time, start = time + 1, loan.matures_at

    def _defaults_at(self, loan: Loan, time: int, start: float) -> float:
        """When it defaults in a tenor that begins at `start`; infinite where it does not."""
        if loan.case in self._terms.forced:
            moment = self._terms.forced[loan.case]
            return moment if start <= moment < loan.matures_at else inf
        tenor_years = loan.tenor_months / 12
        within = float(self._draws.default_years[loan.case]) - time * tenor_years
        return start + (loan.matures_at - start) * (within / tenor_years) if 0 <= within < tenor_years else inf

    def _tenor(self, loan: Loan, start: float, time: int, renewed: bool, stop: float) -> Generator[Any, Any, bool]:
        """One tenor, due date by due date, to maturity, to `stop`, or to the loan's early end; whether it matured."""
        terms, accounts = self._terms, self._accounts
        before = 0
        for due in terms.dues(loan.principal):
            months = time * terms.tenor_months + due.month
            if due.month:
                moment = terms.months_after(loan.drawn_at, months)
                if moment > terms.last_moment and loan.called is None:
                    return False
                if not loan.foreseen and (yield from self._called_before(loan, min(moment, stop))):
                    self._call(loan)
                    return False
                if moment > stop or (moment == stop and stop < terms.last_moment):
                    return False
            else:
                moment = start
            loan.accrued += loan.outstanding * (due.month - before)
            before = due.month
            self._meet(loan, due, moment, time, renewed)
            if due.drawn or due.is_anniversary or (time and not due.month):
                accounts.charge(loan, due, moment, renewal=time > 0)
            if due.drawn and not time:
                accounts.pay_out(loan, moment, due.drawn)
                loan.draw(moment, due.drawn)
            loan.note(moment)
            if due.month and not loan.outstanding:
                loan.status, loan.ended_at = "repaid", moment
                accounts.close(loan)
                return False
        return True

    def _meet(self, loan: Loan, due: Due, moment: float, time: int, renewed: bool) -> None:
        """The firm pays what is due: out of licence payments first, then itself."""
        accounts, matures = self._accounts, due.month == self._terms.tenor_months
        if due.sweep and self._terms.sweep is not None:
            month = time * self._terms.tenor_months + due.month
            part = min(loan.outstanding, self._terms.sweep.part_of_payment(loan.case, month))
            accounts.licence_payment(loan, moment, part)
            self._repay(loan, moment, part, "licence payment")
        principal = loan.outstanding if matures else min(due.principal, loan.outstanding)
        if not (matures and renewed):
            self._repay(loan, moment, principal, "maturity" if matures else "instalment")
        if due.pays_interest or (due.month and not loan.outstanding):
            accounts.pay_accrued(loan, moment)

    def _repay(self, loan: Loan, moment: float, fen: int, why: Why) -> None:
        if fen:
            loan.repay(moment, fen, why)
            self._accounts.repaid(loan, moment, fen)

    def _called_before(self, loan: Loan, moment: float) -> Generator[Any, Any, bool]:
        """Wait for a moment; whether the loan is called before."""
        if loan.called is None:
            yield self._env.until(moment)
            return False
        yield self._env.any_of([self._env.until(moment), loan.called])
        return loan.called.triggered

    def _call(self, loan: Loan) -> None:
        """The loan is to be repaid at once, and is, with the interest owed by then."""
        moment = self._env.now
        self._accounts.pay_interest(loan, moment, self._interest_owed(loan, moment))
        self._repay(loan, moment, loan.outstanding, "called")
        loan.status, loan.ended_at = "exited", moment
        loan.note(moment)
        self._accounts.close(loan)

    def _interest_owed(self, loan: Loan, moment: float) -> int:
        since, outstanding, accrued = loan.history[-1]
        days = int((moment - since) // MINUTES_A_DAY)
        return interest_owed(accrued, outstanding, days, self._accounts.interest)

    def _settle(self, _: Event) -> None:
        due, self._due = sorted(self._due, key=lambda each: each.loan.case), []
        claims = [self._claim(each) for each in due]
        shared = []
        if self._in_order:
            for each, claim in zip(due, claims, strict=True):
                # What was paid for the claims before it stands in the bases of the next.
                shared.append(self._agreement.share(self._with_bases(each.loan, claim), self.meters))
                self._accounts.left(each.loan)
        else:
            based = [self._with_bases(each.loan, claim) for each, claim in zip(due, claims, strict=True)]
            shared = self._agreement.share_day(based, self.meters)
            for each in due:
                self._accounts.left(each.loan)
        now = self._env.now
        for each, allocation in zip(due, shared, strict=True):
            loan, interest = each.loan, allocation.loss - each.loan.outstanding
            loss = Loss(loan.case, loan.product, loan.outstanding, interest, each.defaulted_at, now, allocation)
            self.losses.append(loss)
            self._accounts.claim(loan, loss)
            each.settled.succeed(loss)
        self._note_funds(now)

    def _claim(self, due: _DueClaim) -> Claim:
        loan, defaulted_at = due.loan, due.defaulted_at
        covers_interest = self._agreement.model.covers == "principal and interest"
        return Claim(
            loan.outstanding + (self._interest_owed(loan, defaulted_at) if covers_interest else 0),
            self._day(self._env.now) - (0 if self._in_order else 1),
            loan.case,
            self._accounts.borrower(loan.case),
            self._day(defaulted_at),
            self._day(loan.drawn_at),
        )

    def _with_bases(self, loan: Loan, claim: Claim) -> Claim:
        if not self._agreement.needs:
            return claim
        bases = {need: self._accounts.base(loan, claim, *need) for need in self._agreement.needs}
        return Claim(
            claim.amount, claim.day, claim.loan, claim.borrower, claim.lost_on, claim.drawn_on, bases
        )

    def _recover(self, loan: Loan, loss: Loss) -> None:
        """The IP is sold; what it brings goes back to those who paid."""
        now, case = self._env.now, loss.case
        value = self.worth(loan, now)
        loss.proceeds, loss.sale_cost = sale(value, float(self._draws.haircut[case]), float(self._draws.cost[case]))
        net, paid = loss.proceeds - loss.sale_cost, loss.allocation.paid
        recovered: Recovered = self._agreement.give_back(net, paid, {}, self.meters)
        loss.recovered_at = now
        loss.returned, loss.surplus = dict(recovered.received), recovered.surplus
        self._accounts.sold(loan, loss, recovered)
        self._note_funds(now)

    def _day(self, moment: float) -> int:
        return self._first_day + int(moment // MINUTES_A_DAY)

    def _note_funds(self, moment: float, only: str | None = None) -> None:
        left = self._agreement.funds_left(self.meters, self._day(moment))
        self.funds.extend((moment, fund, fen) for fund, fen in left.items() if only in (None, fund))
