"""A loan and a loss as they stand in the books."""

from __future__ import annotations

from dataclasses import dataclass, field
from math import inf
from typing import Literal, NamedTuple

from simpy.events import Event

from simulator.sharing import Allocation

Why = Literal["instalment", "licence payment", "maturity", "called"]


class Repaid(NamedTuple):
    """Principal that came back: when, how much (fen), and why then."""

    moment: float
    fen: int
    why: Why


@dataclass(slots=True)
class Loan:
    """One loan; times in minutes, money in fen."""

    case: int
    product: int
    principal: int
    """All that is lent, in all drawings."""
    drawn_at: float
    matures_at: float
    tenor_months: int
    status: str = "outstanding"
    ended_at: float = inf
    outstanding: int = 0
    """Principal paid out and not repaid."""
    drawings: list[tuple[float, int]] = field(default_factory=list)
    """Principal paid out: when, how much."""
    payments: list[Repaid] = field(default_factory=list)
    foreseen: bool = False
    """Whether nothing can interfere with it but its own default: all that falls due until then is known at drawdown."""
    called: Event | None = None
    """Fires when the loan is to be repaid early; None where nobody watches it."""
    accrued: int = 0
    """Interest that has run up and is not paid, in fen x months; it is this many times the rate a month."""
    history: list[tuple[float, int, int]] = field(default_factory=list)
    """Every change: moment, principal outstanding and interest accrued (fen x months) from then on."""
    periods: list[float] = field(default_factory=list)
    """Drawdown and the end of each tenor: several where the loan is renewed."""
    pledged_later: list[tuple[float, int]] = field(default_factory=list)
    """IP pledged besides, when what was pledged had become worth too little: when, and its worth."""

    @property
    def repaid(self) -> int:
        """Principal that came back from the firm or out of licence payments; not what a sale brings after a default."""
        return sum(payment.fen for payment in self.payments)

    @property
    def swept(self) -> int:
        """Principal that came out of licence payments."""
        return sum(payment.fen for payment in self.payments if payment.why == "licence payment")

    @property
    def more_pledged(self) -> int:
        """Worth of all IP that was pledged besides."""
        return sum(fen for _, fen in self.pledged_later)

    @property
    def renewals(self) -> int:
        """Times it was renewed."""
        return len(self.periods) - 2

    def note(self, moment: float) -> None:
        """Keep how it stands from a moment on."""
        self.history.append((moment, self.outstanding, self.accrued))

    def draw(self, moment: float, fen: int) -> None:
        """So much is paid out."""
        self.outstanding += fen
        self.drawings.append((moment, fen))

    def repay(self, moment: float, fen: int, why: Why) -> None:
        """So much of the principal comes back."""
        self.outstanding -= fen
        self.payments.append(Repaid(moment, fen, why))


@dataclass(slots=True)
class Loss:
    """One default and what became of it; money in fen."""

    case: int
    product: int
    principal: int
    """Principal that was outstanding."""
    interest: int
    """Interest that is part of the loss, where the agreement covers it."""
    defaulted_at: float
    settled_at: float
    allocation: Allocation
    proceeds: int = 0
    sale_cost: int = 0
    recovered_at: float = inf
    returned: dict[str, int] = field(default_factory=dict)
    surplus: int = 0

    @property
    def amount(self) -> int:
        """What is shared."""
        return self.principal + self.interest

    @property
    def borne(self) -> dict[str, int]:
        """What each party has borne: paid, less what came back to it."""
        return {party: paid - self.returned.get(party, 0) for party, paid in self.allocation.paid.items()}
