"""Whose money moves when something happens to a loan: payments, subsidies, and the bases that agreements ask for."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache

from simulator.credit.contract import DAYS_A_YEAR, MINUTES_A_DAY, Due, charge_at_anniversary, charge_at_drawing
from simulator.credit.schedule import rounded
from simulator.scenario.agreement_parts import Base, Per
from simulator.scenario.flow import Fee
from simulator.scenario.pricing import Charge
from simulator.sharing import Claim, Recovered
from simulator.workflow.ledger import CHARGES, FIRM, OUTSIDE, SUBSIDIES, Ledger, Line, What
from simulator.workflow.loan import Loan, Loss
from simulator.workflow.subsidies import Granted, Subsidies

MINUTES_A_YEAR = DAYS_A_YEAR * MINUTES_A_DAY


@dataclass(frozen=True)
class Parties:
    """Who lends and who sells what was pledged, and what their business costs them."""

    lender: str
    seller: str
    cost_of_funds: Fraction
    expense_ratios: Mapping[str, Fraction]


class LoanAccounts:
    """Enters the money of one product's loans into the ledger."""

    def __init__(
        self,
        ledger: Ledger,
        subsidies: Subsidies,
        parties: Parties,
        *,
        number: int,
        name: str,
        interest: Fraction,
        charges: tuple[Charge, ...],
        tenor_months: int,
        first_day: int,
        applicant_of: Mapping[int, int],
        needs: tuple[tuple[Per, Base], ...] = (),
        on_repaid: Callable[[int, int], None] = lambda case, fen: None,
    ) -> None:
        self._ledger, self._subsidies, self._parties = ledger, subsidies, parties
        self._number, self._name, self.interest = number, name, interest
        self._tenor_months, self._first_day = tenor_months, first_day
        self._applicant_of, self._on_repaid = applicant_of, on_repaid
        self._bases = Bases(needs, self)
        self._subsidised = subsidies.kinds_of(name)
        self._lines: dict[tuple[What, str, str], Line] = {}
        self._paid_out = self._line("loan paid out", parties.lender, FIRM)
        self._principal = self._line("principal repaid", FIRM, parties.lender)
        self._interest = self._line("interest", FIRM, parties.lender)
        self._month = interest.numerator, 12 * interest.denominator
        self._on_loans = [
            (charge, self._line(CHARGES[charge.kind], charge.paid_by, charge.paid_to)) for charge in charges
        ]

    def borrower(self, case: int) -> int:
        """The applicant behind a case."""
        return self._applicant_of.get(case, case)

    def year(self, moment: float) -> int:
        """The calendar year of a moment."""
        return _year_of(self._first_day + int(moment // MINUTES_A_DAY))

    # Payments

    def fee(self, moment: float, case: int, fee: Fee) -> None:
        """A fee of a step."""
        self._pay(moment, case, CHARGES[fee.kind], fee.paid_by, fee.paid_to, fee.amount)

    def claimed(self, moment: float, case: int, step: str) -> None:
        """A subsidy is claimed in a step."""
        self._grant(moment, case, self._subsidies.claimed(step, case, self.year(moment)))

    def pay_out(self, loan: Loan, moment: float, fen: int) -> None:
        """Part of the loan is paid out to the firm."""
        self._paid_out(moment, loan.case, fen)
        self._bases.add("principal", loan, moment, fen)
        self._bases.add("guaranteed balance", loan, moment, fen)

    def licence_payment(self, loan: Loan, moment: float, fen: int) -> None:
        """The licensee pays; of what it pays this goes to the loan."""
        self._pay(moment, loan.case, "licence payment", OUTSIDE, FIRM, fen)

    def repaid(self, loan: Loan, moment: float, fen: int) -> None:
        """Principal comes back."""
        self._principal(moment, loan.case, fen)
        self._bases.add("guaranteed balance", loan, moment, -fen)
        self._on_repaid(loan.case, fen)

    def pay_interest(self, loan: Loan, moment: float, fen: int) -> None:
        """Interest that is owed by then is paid."""
        self._interest(moment, loan.case, fen)
        loan.accrued = 0

    def pay_accrued(self, loan: Loan, moment: float) -> None:
        """Interest that has run up over whole months is paid; a month is a twelfth of a year, rounded half up."""
        above, below = self._month
        self.pay_interest(loan, moment, rounded(loan.accrued * above, below))

    def charge(self, loan: Loan, due: Due, moment: float, renewal: bool) -> None:
        """Charges on the loan fall due: when it is drawn or renewed, and at anniversaries."""
        drawn = due.drawn if not renewal else loan.outstanding if due.month == 0 else 0
        for charge, pay in self._on_loans:
            fen = 0
            if due.is_anniversary:
                fen += charge_at_anniversary(charge, loan.outstanding, due.month, self._tenor_months)
            if drawn:
                fen += charge_at_drawing(charge, drawn, due.month, self._tenor_months, due.month == 0)
            pay(moment, loan.case, fen)
            if charge.kind == "premium":
                self._bases.add("premium", loan, moment, fen)

    def claim(self, loan: Loan, loss: Loss) -> None:
        """A claim is settled: everybody pays its part to the lender, and gets back what it has ceded."""
        allocation, now = loss.allocation, loss.settled_at
        for party, fen in allocation.advanced.items():
            self._pay(now, loan.case, "claim paid", party, self._parties.lender, fen)
        for cession in allocation.cessions:
            self._pay(now, loan.case, "re-guarantee paid", cession.taker, cession.giver, cession.amount)
        self._fund(loan, now)

    def sold(self, loan: Loan, loss: Loss, recovered: Recovered) -> None:
        """The IP is sold: costs first, then everybody gets back its part, what is left over goes where it is named."""
        now, case, seller = loss.recovered_at, loan.case, self._parties.seller
        self._pay(now, case, "IP sold", OUTSIDE, seller, loss.proceeds)
        self._pay(now, case, "cost of sale", seller, OUTSIDE, loss.sale_cost)
        for party, fen in recovered.received.items():
            self._pay(now, case, "recovery returned", seller, party, fen)
        self._pay(now, case, "surplus of the sale", seller, recovered.surplus_to, recovered.surplus)

    def close(self, loan: Loan) -> None:
        """The loan is over, or no longer followed: what the money for it has cost the lender."""
        self._fund(loan, loan.ended_at)

    def fund_until(self, loan: Loan, moment: float) -> None:
        """The cost of the money for a loan that is still open when it is no longer followed."""
        self._fund(loan, moment)

    def left(self, loan: Loan) -> None:
        """A loan leaves the guaranteed balance as its claim is settled."""
        self._bases.add("guaranteed balance", loan, 0.0, -loan.outstanding)

    def base(self, loan: Loan, claim: Claim, per: Per, base: Base) -> int:
        """What a base amounts to just before a claim of a loan is settled, in fen."""
        return self._bases.of(loan, claim, per, base)

    def _fund(self, loan: Loan, until: float) -> None:
        if not self._parties.cost_of_funds:
            return
        lent, owed, since = 0, 0, 0.0
        for moment, outstanding, _ in loan.history:
            lent += owed * round(max(0.0, min(moment, until) - since))
            owed, since = outstanding, moment
        lent += owed * round(max(0.0, until - since))
        rate = self._parties.cost_of_funds
        fen = rounded(lent * rate.numerator, rate.denominator * MINUTES_A_YEAR)
        self._pay(until, loan.case, "cost of funds", self._parties.lender, OUTSIDE, fen)

    def _pay(self, moment: float, case: int, what: What, payer: str, payee: str, fen: int) -> None:
        line = self._lines.get((what, payer, payee))
        if line is None:
            line = self._lines[what, payer, payee] = self._line(what, payer, payee)
        line(moment, case, fen)

    def _line(self, what: What, payer: str, payee: str) -> Line:
        """Payments of one kind between the same two, each with the expenses and subsidies that it brings about."""
        pay = self._ledger.line(self._number, what, payer, payee)
        ratio = self._parties.expense_ratios.get(payee) if what in ("premium", "guarantee fee") else None
        if payer == payee or (ratio is None and what not in self._subsidised):
            return pay
        spend = self._ledger.line(self._number, "expenses", payee, OUTSIDE)

        def with_more(moment: float, case: int, fen: int) -> None:
            pay(moment, case, fen)
            if ratio is not None:
                spend(moment, case, rounded(fen * ratio.numerator, ratio.denominator))
            if what in self._subsidised:
                self._grant(moment, case, self._subsidies.paid(what, self._name, case, self.year(moment), payer, fen))

        return with_more

    def _grant(self, moment: float, case: int, granted: list[Granted]) -> None:
        for of, paid_by, paid_to, fen in granted:
            self._ledger.pay(moment, case, self._number, SUBSIDIES[of], paid_by, paid_to, fen)  # type: ignore[index]


class Bases:
    """Running sums of what rates and ceilings of an agreement are based on, by what they count over."""

    def __init__(self, needs: tuple[tuple[Per, Base], ...], accounts: LoanAccounts) -> None:
        self._needs, self._accounts = needs, accounts
        self._sums: dict[tuple[Per, Base, Hashable], int] = {}

    def add(self, base: Base, loan: Loan, moment: float, fen: int) -> None:
        """A loan adds to a base at a moment."""
        for per, needed in self._needs:
            if needed == base:
                key = (per, base, self._key(per, base, loan, self._accounts.year(moment)))
                self._sums[key] = self._sums.get(key, 0) + fen

    def of(self, loan: Loan, claim: Claim, per: Per, base: Base) -> int:
        """What a base amounts to for a claim."""
        year = claim.counted_over(per) if per in ("year of claim", "year of loss") else None
        return self._sums.get((per, base, self._key(per, base, loan, year)), 0)

    def _key(self, per: Per, base: Base, loan: Loan, year: Hashable) -> Hashable:
        if per == "loss":
            return loan.case
        if per == "borrower":
            return self._accounts.borrower(loan.case)
        if per == "year of underwriting":
            return self._accounts.year(loan.drawn_at)
        # A balance is what stands on the day, whatever the year it is compared with.
        return None if per == "ever" or base == "guaranteed balance" else year


@lru_cache(maxsize=4096)
def _year_of(day: int) -> int:
    return datetime.date.fromordinal(day).year
