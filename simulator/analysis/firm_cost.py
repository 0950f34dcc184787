"""What a loan costs the firm all in: an annual rate by contract and as it turned out, before and after subsidies."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

import numpy as np
from numpy.typing import NDArray

from simulator.credit.contract import Terms, contractual_flows
from simulator.credit.internal_rate import internal_rates
from simulator.credit.loans import MINUTES_A_YEAR
from simulator.credit.repayment import licence_part
from simulator.scenario.agreement import FIRM
from simulator.scenario.model import Product, Scenario
from simulator.workflow.firms import all_hold
from simulator.workflow.ledger import CHARGES, SUBSIDIES, What
from simulator.workflow.loan import Loan
from simulator.workflow.subsidies import Scheme, Subsidies
from simulator.workflow.world import Happened

Floats = NDArray[np.float64]
BASES = ("contractual", "contractual_after_subsidy", "realised", "realised_after_subsidy")
COMPONENTS: tuple[What, ...] = (
    "interest", "guarantee fee", "premium", "appraisal fee", "other charge",
    "interest subsidy", "guarantee fee subsidy", "premium subsidy", "appraisal fee subsidy",
)  # fmt: skip
"""What a loan's cost is made of; subsidies are taken off."""


@dataclass
class FirmCost:
    """What loans of one product cost their firms in one replication.

    `rates` by BASES, one entry an applicant, NaN where there is no such rate: effective annual internal rates of return
    of all that the firm received and paid. `components` in fen as the contracts have it, `lent` the principal
    outstanding by the contracts, in fen x years.
    """

    rates: dict[str, Floats]
    components: dict[What, int] = field(default_factory=dict)
    lent: float = 0.0

    def a_year(self, what: What) -> float:
        """A component as a share of the principal outstanding, a year; NaN where nothing was lent."""
        return self.components.get(what, 0) / self.lent if self.lent else float("nan")


@dataclass
class _Flows:
    """Payments of one firm: years after drawdown and fen, what it receives positive."""

    times: list[float] = field(default_factory=list)
    amounts: list[int] = field(default_factory=list)

    def add(self, time: float, fen: int) -> None:
        self.times.append(time)
        self.amounts.append(fen)

    def with_others(self, other: _Flows) -> _Flows:
        return _Flows(self.times + other.times, self.amounts + other.amounts)


def promised_subsidies(scenario: Scenario, happened: Happened) -> Subsidies:
    """The subsidies as contracts can count on them: that they are claimed in time is taken as given.

    One for all products of a scenario, because ceilings hold over all loans of an applicant.
    """
    schemes = [
        Scheme(name, model.model_copy(update={"step": None}), all_hold(model.eligibility, happened.firms))
        for name, model in scenario.policy.items()
    ]
    return Subsidies(schemes, happened.firms.applicant_of)


def firm_cost(
    scenario: Scenario,
    number: int,
    product: Product,
    happened: Happened,
    cases: NDArray[np.int64],
    subsidies: Subsidies,
) -> FirmCost:
    """The cost of the loans of a product to the firms in `cases`, numbers of applicants in rising order.

    `subsidies` are those promised; what is used up of them by the loans of other products is not there for these.
    """
    place = {int(case): index for index, case in enumerate(cases.tolist())}
    loans = [loan for loan in happened.loans if loan.product == number and loan.case in place]
    cost = FirmCost({basis: np.full(len(cases), np.nan) for basis in BASES})
    if not loans:
        return cost
    contracts = _Contracts(scenario, number, product, happened, subsidies)
    agreed = [contracts.flows(loan, cost) for loan in loans]
    realised = _realised(number, happened, loans)
    where = np.array([place[loan.case] for loan in loans])
    ended = [loan.status in ("repaid", "exited") for loan in loans]
    for basis, flows in (("contractual", agreed), ("realised", realised)):
        rates = [_rates([own for own, _ in flows]), _rates([own.with_others(public) for own, public in flows])]
        for name, found in zip((basis, f"{basis}_after_subsidy"), rates, strict=True):
            cost.rates[name][where] = found if basis == "contractual" else np.where(ended, found, np.nan)
    return cost


def _rates(flows: Sequence[_Flows]) -> Floats:
    width = max(len(each.times) for each in flows)
    times, amounts = np.zeros((len(flows), width)), np.zeros((len(flows), width))
    for row, each in enumerate(flows):
        times[row, : len(each.times)] = each.times
        amounts[row, : len(each.amounts)] = each.amounts
    return internal_rates(times, amounts)


def _realised(number: int, happened: Happened, loans: list[Loan]) -> list[tuple[_Flows, _Flows]]:
    """What each firm paid and received; what public money it received."""
    payments = happened.payments
    firm, licence = payments.code(FIRM), payments.code("licence payment")
    public = [payments.code(each) for each in SUBSIDIES.values()]
    mine = (payments.product == number) & ((payments.payer == firm) | (payments.payee == firm))
    mine &= payments.what != licence
    chosen = payments.only(mine)
    found: dict[int, tuple[_Flows, _Flows]] = {loan.case: (_Flows(), _Flows()) for loan in loans}
    drawn_at = {loan.case: loan.drawn_at for loan in loans}
    sign = np.where(chosen.payee == firm, chosen.fen, -chosen.fen).tolist()
    subsidised = np.isin(chosen.what, public).tolist()
    for case, moment, fen, is_public in zip(
        chosen.case.tolist(), chosen.moment.tolist(), sign, subsidised, strict=True
    ):
        if case in found:
            found[case][is_public].add((moment - drawn_at[case]) / MINUTES_A_YEAR, fen)
    return [found[loan.case] for loan in loans]


class _Contracts:
    """What the contracts of one product's loans foresee for their firms."""

    def __init__(
        self, scenario: Scenario, number: int, product: Product, happened: Happened, subsidies: Subsidies
    ) -> None:
        assert scenario.run is not None
        self._start: date = scenario.run.start
        self._name = list(scenario.products)[number]
        self._terms = Terms(
            product.repayment, tuple(product.drawings), product.price.interest, product.tenor.months
        )
        self._charges = tuple(product.price.charges.values())
        self._licence_part = _licence_parts(product, happened)
        self._fees = _fees_before_drawdown(number, product, happened)
        self._subsidies = subsidies

    def flows(self, loan: Loan, cost: FirmCost) -> tuple[_Flows, _Flows]:
        """What the firm is to pay and receive, and what public money it is to get; adds up the components."""
        own, public = _Flows(), _Flows()
        drawn_on = date.fromordinal(self._start.toordinal() + int(loan.drawn_at // 1440))

        def pay(time: float, year: int, what: What, payer: str, fen: int) -> None:
            if payer == FIRM and fen:
                own.add(time, -fen)
                cost.components[what] = cost.components.get(what, 0) + fen
            for of, _, paid_to, given in self._subsidies.paid(what, self._name, loan.case, year, payer, fen):
                if paid_to == FIRM:
                    public.add(time, given)
                    subsidy = SUBSIDIES[of]  # type: ignore[index]
                    cost.components[subsidy] = cost.components.get(subsidy, 0) - given

        for time, what, payer, fen in self._fees.get(loan.case, []):
            pay((time - loan.drawn_at) / MINUTES_A_YEAR, self._year(time), what, payer, fen)
        outstanding, before = 0, 0
        for flow in contractual_flows(
            self._terms, self._charges, loan.principal, self._licence_part.get(loan.case, 0)
        ):
            cost.lent += outstanding * (flow.month - before) / 12
            before = flow.month
            time, year = flow.month / 12, drawn_on.year + (drawn_on.month - 1 + flow.month) // 12
            if flow.what == "drawn":
                own.add(time, flow.fen)
                outstanding += flow.fen
            elif flow.what == "principal":
                own.add(time, -flow.fen)
                outstanding -= flow.fen
            elif flow.charge is None:
                pay(time, year, "interest", FIRM, flow.fen)
            else:
                pay(time, year, CHARGES[flow.charge.kind], flow.charge.paid_by, flow.fen)
        return own, public

    def _year(self, moment: float) -> int:
        return date.fromordinal(self._start.toordinal() + int(moment // 1440)).year


def _licence_parts(product: Product, happened: Happened) -> dict[int, int]:
    sweep = product.repayment.sweep
    if sweep is None:
        return {}
    yearly = np.maximum(np.rint(happened.firms.columns[sweep.of]), 0).astype(np.int64).tolist()
    return {loan.case: licence_part(sweep, yearly[loan.case]) for loan in happened.loans}


def _fees_before_drawdown(
    number: int, product: Product, happened: Happened
) -> dict[int, list[tuple[float, What, str, int]]]:
    """Fees of the steps of each case up to its drawdown: moment, what for, who paid, fen."""
    found: dict[int, list[tuple[float, What, str, int]]] = {}
    rows = happened.steps
    for index, step in enumerate(product.all_steps):
        if step.fee is None:
            continue
        mine = rows[(rows["product"] == number) & (rows["step"] == index) & (rows["outcome"] >= 0)]
        for case, moment in zip(mine["case"].astype(np.int64).tolist(), mine["end"].tolist(), strict=True):
            if moment <= happened.drawn_at[case]:
                what = CHARGES[step.fee.kind]
                found.setdefault(case, []).append((moment, what, step.fee.paid_by, step.fee.amount))
    return found


