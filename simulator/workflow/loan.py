"""What becomes of a loan after drawdown: repayment, or default, claim, disposal of the IP and sharing of the loss."""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping
from dataclasses import dataclass, field
from math import inf
from typing import Any

from simpy.events import Event

from simulator.credit.loans import CreditDraws, sale
from simulator.credit.repayment import SweepPlan
from simulator.sharing import Agreement, Allocation, Claim, Meters
from simulator.workflow.clock import LAST, Clock


@dataclass(slots=True)
class Loan:
    """One loan; times in minutes, money in fen."""

    case: int
    product: int
    principal: int
    drawn_at: float
    matures_at: float
    tenor_months: int
    status: str = "outstanding"
    ended_at: float = inf
    outstanding: int = 0
    """Principal not repaid."""
    payments: list[tuple[float, int]] = field(default_factory=list)
    """Principal repaid: when, how much."""
    called: Event | None = None
    """Fires when the loan is to be repaid early; None where nobody watches it."""

    @property
    def repaid(self) -> int:
        """Principal that came back from the firm or out of licence payments; not what a sale brings after a default."""
        return sum(fen for _, fen in self.payments)

    def is_early(self, moment: float) -> bool:
        """Whether a payment of that moment was swept from a licence payment, not due at maturity or at a call."""
        return moment < self.matures_at and not (self.status == "exited" and moment == self.ended_at)

    @property
    def swept(self) -> list[tuple[float, int]]:
        """The payments that came out of the licence, before the loan was due or called."""
        before = self.payments[:-1] if self.status == "exited" else self.payments
        return [(moment, fen) for moment, fen in before if moment < self.matures_at]

    def repay(self, moment: float, fen: int) -> None:
        """So much of the principal comes back; the loan is repaid when nothing is left."""
        self.outstanding -= fen
        self.payments.append((moment, fen))
        if not self.outstanding:
            self.status, self.ended_at = "repaid", moment


@dataclass(slots=True)
class Loss:
    """One default and what became of it; money in fen, `principal` what was outstanding."""

    case: int
    product: int
    principal: int
    defaulted_at: float
    settled_at: float
    allocation: Allocation
    proceeds: int = 0
    sale_cost: int = 0
    recovered_at: float = float("inf")
    returned: dict[str, int] = field(default_factory=dict)
    surplus: int = 0

    @property
    def borne(self) -> dict[str, int]:
        """What each party has borne: paid, less what came back to it."""
        return {party: paid - self.returned.get(party, 0) for party, paid in self.allocation.paid.items()}


class LoanBook:
    """The loans of one product and the agreement under which its losses are shared.

    Claims that are settled at the same moment are taken in the order of their case numbers.
    """

    def __init__(
        self,
        env: Clock,
        agreement: Agreement,
        draws: CreditDraws,
        appraised: list[int],
        last_moment: float,
        *,
        sweep: SweepPlan | None = None,
        forced: Mapping[int, float] | None = None,
        after: Callable[[float, int], float] | None = None,
    ) -> None:
        """`forced` gives the moment at which a case defaults, or never; `after` is needed for a `sweep`."""
        self._env, self._agreement, self._draws, self._appraised = env, agreement, draws, appraised
        self._last_moment, self._sweep, self._forced, self._after = last_moment, sweep, forced or {}, after
        self.meters: Meters = agreement.open()
        self.loans: list[Loan] = []
        self.losses: list[Loss] = []
        self.funds: list[tuple[float, str, int]] = []
        self._due: list[tuple[Loan, Event]] = []
        self._note_funds()

    def life(self, loan: Loan, on_end: Callable[[], None]) -> Generator[Any, Any, None]:
        """The process of one loan, from drawdown to its end or to the end of the follow-up."""
        self.loans.append(loan)
        loan.outstanding = loan.principal
        env, case = self._env, loan.case
        defaulted_at = self._defaults_at(loan)
        if self._sweep is not None or loan.called is not None:
            yield from self._while_it_runs(loan, min(defaulted_at, loan.matures_at))
            if loan.status != "outstanding":
                on_end()
                return
        if defaulted_at == inf:
            if loan.matures_at > self._last_moment:
                return
            yield env.until(loan.matures_at)
            loan.repay(env.now, loan.outstanding)
            on_end()
            return
        settled_at = defaulted_at + float(self._draws.claim_minutes[case])
        if defaulted_at > self._last_moment:
            return
        loan.status, loan.ended_at = "defaulted", defaulted_at
        if settled_at > self._last_moment:
            loan.status = "claim open"
            return
        yield env.until(settled_at)
        on_end()
        settled = Event(env)
        if not self._due:
            env.fire_at(env.now, Event(env), priority=LAST).callbacks.append(self._settle)
        self._due.append((loan, settled))
        loss: Loss = yield settled
        loss.defaulted_at = defaulted_at
        sold_at = settled_at + float(self._draws.sale_minutes[case])
        if sold_at > self._last_moment:
            return
        yield env.until(sold_at)
        self._recover(loss)

    def _defaults_at(self, loan: Loan) -> float:
        """When it defaults; infinite where it is repaid before."""
        if loan.case in self._forced:
            moment = self._forced[loan.case]
            return moment if loan.drawn_at <= moment < loan.matures_at else inf
        years, tenor_years = self._draws.default_years[loan.case], loan.tenor_months / 12
        if years >= tenor_years:
            return inf
        return loan.drawn_at + (loan.matures_at - loan.drawn_at) * float(years / tenor_years)

    def _while_it_runs(self, loan: Loan, until: float) -> Generator[Any, Any, None]:
        """Licence payments come in, and the loan may be called; to its maturity, its default or its early end."""
        env, number = self._env, 0
        while True:
            number += 1
            moment = inf
            if self._sweep is not None and self._after is not None:
                moment = self._after(loan.drawn_at, self._sweep.months * number)
            stop = min(until, self._last_moment)
            yield from self._wait(loan, min(moment, stop))
            if loan.called is not None and loan.called.triggered:
                loan.repay(env.now, loan.outstanding)
                loan.status = "exited"
                return
            if moment >= stop or self._sweep is None:
                return
            part = min(loan.outstanding, self._sweep.part_of_payment(loan.case, number))
            if part:
                loan.repay(env.now, part)
            if loan.status != "outstanding":
                return

    def _wait(self, loan: Loan, moment: float) -> Generator[Any, Any, None]:
        if loan.called is None:
            yield self._env.until(moment)
        else:
            yield self._env.any_of([self._env.until(moment), loan.called])

    def _settle(self, _: Event) -> None:
        due, self._due = sorted(self._due, key=lambda each: each[0].case), []
        for loan, settled in due:
            allocation = self._agreement.share(Claim(loan.outstanding), self.meters)
            now = self._env.now
            loss = Loss(loan.case, loan.product, loan.outstanding, now, now, allocation)
            self.losses.append(loss)
            self._note_funds()
            settled.succeed(loss)

    def _recover(self, loss: Loss) -> None:
        """The IP is sold; what it brings goes back to those who paid."""
        case = loss.case
        loss.proceeds, loss.sale_cost = sale(
            self._appraised[case], float(self._draws.haircut[case]), float(self._draws.cost[case])
        )
        recovered = self._agreement.give_back(
            loss.proceeds - loss.sale_cost, loss.allocation.paid, dict.fromkeys(loss.allocation.paid, 0), self.meters
        )
        loss.recovered_at = self._env.now
        loss.returned, loss.surplus = dict(recovered.received), recovered.surplus
        self._note_funds()

    def _note_funds(self) -> None:
        left = self._agreement.funds_left(self.meters, 1)
        self.funds.extend((self._env.now, fund, fen) for fund, fen in left.items())
