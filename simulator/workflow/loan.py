"""What becomes of a loan after drawdown: repayment, or default, claim, disposal of the IP and sharing of the loss."""

from __future__ import annotations

from collections.abc import Callable, Generator
from dataclasses import dataclass, field
from typing import Any

from simpy.events import Event

from simulator.credit.loans import CreditDraws, sale
from simulator.sharing import Agreement, Allocation, Balances
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
    ended_at: float = float("inf")


@dataclass(slots=True)
class Loss:
    """One default and what became of it; money in fen."""

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
        self, env: Clock, agreement: Agreement, draws: CreditDraws, appraised: list[int], last_moment: float
    ) -> None:
        self._env, self._agreement, self._draws, self._appraised = env, agreement, draws, appraised
        self._last_moment = last_moment
        self.balances: Balances = agreement.open()
        self.loans: list[Loan] = []
        self.losses: list[Loss] = []
        self.funds: list[tuple[float, str, int]] = [(0.0, fund, left) for fund, left in self.balances.left.items()]
        self._due: list[tuple[Loan, Event]] = []

    def life(self, loan: Loan, on_end: Callable[[], None]) -> Generator[Any, Any, None]:
        """The process of one loan, from drawdown to its end or to the end of the follow-up."""
        self.loans.append(loan)
        env, case = self._env, loan.case
        years = self._draws.default_years[case]
        tenor_years = loan.tenor_months / 12
        if years >= tenor_years:
            if loan.matures_at > self._last_moment:
                return
            yield env.until(loan.matures_at)
            loan.status, loan.ended_at = "repaid", env.now
            on_end()
            return
        defaulted_at = loan.drawn_at + (loan.matures_at - loan.drawn_at) * float(years / tenor_years)
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

    def _settle(self, _: Event) -> None:
        due, self._due = sorted(self._due, key=lambda each: each[0].case), []
        for loan, settled in due:
            allocation = self._agreement.share(loan.principal, self.balances)
            now = self._env.now
            loss = Loss(loan.case, loan.product, loan.principal, now, now, allocation)
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
            loss.proceeds - loss.sale_cost, loss.allocation.paid, dict.fromkeys(loss.allocation.paid, 0), self.balances
        )
        loss.recovered_at = self._env.now
        loss.returned, loss.surplus = dict(recovered.received), recovered.surplus
        self._note_funds()

    def _note_funds(self) -> None:
        self.funds.extend((self._env.now, fund, left) for fund, left in self.balances.left.items())
