"""Whatever the terms: no fen appears or vanishes, and nobody pays but those whom the terms name."""

from __future__ import annotations

from collections import defaultdict
from datetime import date
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given, settings
from money_worlds import START, totals
from random_money import Programme, programmes, world_of

from simulator.analysis.measure import measure
from simulator.experiment.replication import replicate
from simulator.scenario.model import Product, Scenario
from simulator.workflow.ledger import Payment, balances
from simulator.workflow.loan import Loan, Loss
from simulator.workflow.world import Happened

FEES = {kind: kind for kind in ("guarantee fee", "premium", "appraisal fee")} | {"other charge": "other"}
Flows = dict[str, list[Payment]]


def product_of(told: Scenario, number: int) -> Product:
    return list(told.products.values())[number]


def by_case(happened: Happened) -> dict[int, Flows]:
    """The payments of each case by what they are for."""
    found: dict[int, Flows] = defaultdict(lambda: defaultdict(list))
    for each in happened.payments:
        found[each.case][each.what].append(each)
    return found


def amount(flows: Flows, *whats: str) -> int:
    return sum(each.fen for what in whats for each in flows.get(what, []))


def seller_of(product: Product) -> str:
    return product.recovery.by if product.recovery is not None and product.recovery.by else "bank"


@settings(max_examples=settings.default.max_examples // 2)
@given(programmes())
def test_no_fen_appears_or_vanishes_and_nobody_pays_but_those_named(programme: Programme) -> None:
    told = world_of(programme)
    happened = replicate(told, 1)
    flows, losses = by_case(happened), {loss.case: loss for loss in happened.losses}
    for loan in happened.loans:
        mine, product = flows[loan.case], product_of(told, loan.product)
        check_principal(loan, mine, losses.get(loan.case))
        check_interest(loan, mine, product)
        check_cost_of_funds(loan, mine, losses.get(loan.case), happened)
    for loss in happened.losses:
        check_claim(loss, flows[loss.case])
        check_sale(loss, flows[loss.case], product_of(told, loss.product))
    check_subsidies(told, happened)
    check_who_pays(told, happened)
    check_quotas(told, happened)
    check_totals(told, happened)


def check_principal(loan: Loan, flows: Flows, loss: Loss | None) -> None:
    """What was paid out is repaid, still owed, or lost; never more comes back than is out."""
    paid_out, repaid = amount(flows, "loan paid out"), amount(flows, "principal repaid")
    assert paid_out == sum(fen for _, fen in loan.drawings) <= loan.principal
    assert paid_out == repaid + loan.outstanding
    assert (loan.outstanding == 0) == (loan.status in ("repaid", "exited"))
    if loss is not None:
        assert (loss.principal, loan.status) == (loan.outstanding, "defaulted")
    moves = sorted(
        [(each.moment, -each.fen) for each in flows["principal repaid"]]
        + [(each.moment, each.fen) for each in flows["loan paid out"]]
    )
    left = 0
    for _, fen in moves:
        left += fen
        assert left >= 0
    # What licence payments bring passes through the firm to the lender at once
    swept = {each.moment: each.fen for each in flows["licence payment"]}
    assert sum(swept.values()) == loan.swept
    assert all(loan.drawn_at < each.moment <= loan.ended_at for each in flows["principal repaid"])


def months_after(loan: Loan, moment: float) -> int:
    """Whole months from drawdown to a moment on which something is due."""
    drawn, due = (date.fromordinal(START.toordinal() + int(each // 1440)) for each in (loan.drawn_at, moment))
    return (due.year - drawn.year) * 12 + due.month - drawn.month


def check_interest(loan: Loan, flows: Flows, product: Product) -> None:
    """Interest paid is that on what was outstanding, month by month, but for rounding each payment."""
    paid = flows["interest"]
    if loan.status == "exited":
        paid = [each for each in paid if each.moment < loan.ended_at]
    last = max((each.moment for each in paid), default=loan.drawn_at)
    owed, left, before = Fraction(0), 0, 0
    moves = [(each.moment, -each.fen) for each in flows["principal repaid"]]
    moves += [(each.moment, each.fen) for each in flows["loan paid out"]]
    for moment, fen in [*sorted(moves), (last, 0)]:
        if moment > last:
            break
        month = months_after(loan, moment)
        owed += left * (month - before) * product.price.interest / 12
        left, before = left + fen, month
    owed += left * (months_after(loan, last) - before) * product.price.interest / 12
    assert abs(sum(each.fen for each in paid) - owed) <= Fraction(len(paid), 2) + 1
    assert len({each.moment for each in paid}) == len(paid)


def check_cost_of_funds(loan: Loan, flows: Flows, loss: Loss | None, happened: Happened) -> None:
    """The rate for every minute that the lender's money was out: to repayment, settlement or the end of follow-up."""
    end = loan.ended_at if loan.status in ("repaid", "exited") else happened.last_loan_moment
    if loss is not None:
        end = loss.settled_at
    minutes = sum(each.fen * (end - each.moment) for each in flows["loan paid out"])
    minutes -= sum(each.fen * (end - each.moment) for each in flows["principal repaid"])
    expected = minutes * 0.0235 / (365 * 1440)
    assert amount(flows, "cost of funds") == pytest.approx(expected, abs=1 + 1e-9 * expected + loan.principal * 5e-8)


def check_claim(loss: Loss, flows: Flows) -> None:
    """The lender gets the loss but for its own part; cessions change only who bears it."""
    assert loss.amount == loss.principal + loss.interest == sum(loss.allocation.paid.values())
    net = totals([*flows["claim paid"], *flows["re-guarantee paid"]])
    for party, borne in loss.allocation.paid.items():
        expected = loss.amount - borne if party == "bank" else -borne
        assert net.get(party, 0) == expected
    assert all(each.moment == loss.settled_at for what in ("claim paid", "re-guarantee paid") for each in flows[what])


def check_sale(loss: Loss, flows: Flows, product: Product) -> None:
    """Costs come out of the proceeds first; nobody gets back more than it bore; what is over goes where it is named."""
    seller = seller_of(product)
    net = totals([each for what in ("IP sold", "cost of sale", "recovery returned", "surplus of the sale")
                  for each in flows[what]])  # fmt: skip
    assert net.pop("outside", 0) == loss.sale_cost - loss.proceeds
    assert 0 <= loss.sale_cost <= loss.proceeds
    expected = dict(loss.returned)
    to = product.risk_sharing.recoveries.surplus
    expected[to] = expected.get(to, 0) + loss.surplus
    assert {party: fen for party, fen in net.items() if fen} == {party: fen for party, fen in expected.items() if fen}
    assert sum(expected.values()) == loss.proceeds - loss.sale_cost
    for party, fen in loss.returned.items():
        assert 0 <= fen <= loss.allocation.paid[party]
    assert not loss.surplus or loss.returned == dict(loss.allocation.paid)
    assert all(each.payer == seller for each in flows["recovery returned"])


def check_subsidies(told: Scenario, happened: Happened) -> None:
    """Each subsidy gives its share of what was paid up to its ceiling, over what the ceiling counts."""
    expected: dict[tuple[str, str], int] = defaultdict(int)
    for subsidy in told.policy.values():
        base: dict[Any, int] = defaultdict(int)
        for each in happened.payments:
            small = bool(happened.firms.columns["small"][each.case])
            if each.what == subsidy.of and (small or not subsidy.eligibility):
                year = date.fromordinal(START.toordinal() + int(each.moment // 1440)).year
                applicant = happened.firms.applicant_of.get(each.case, each.case)
                base[{"loan": each.case, "applicant": applicant}.get(subsidy.per, (applicant, year))] += each.fen
        due = [int(fen * subsidy.share) for fen in base.values()]
        if subsidy.at_most is not None:
            due = [min(fen, subsidy.at_most) for fen in due]
        expected[subsidy.paid_by, f"{subsidy.of} subsidy"] += sum(due)
    found: dict[tuple[str, str], int] = defaultdict(int)
    for each in happened.payments:
        if each.what.endswith("subsidy"):
            found[each.payer, each.what] += each.fen
    assert {key: fen for key, fen in found.items() if fen} == {key: fen for key, fen in expected.items() if fen}


def check_who_pays(told: Scenario, happened: Happened) -> None:
    """Nobody pays or gets anything but what the terms of the product name him for."""
    for each in happened.payments:
        product = product_of(told, each.product)
        charged = {
            (charge.kind, charge.paid_by, charge.paid_to) for charge in product.price.charges.values()
        }  # fmt: skip
        bearers, seller = product.risk_sharing.bearers(), seller_of(product)
        ways: dict[str, bool] = {
            "loan paid out": (each.payer, each.payee) == ("bank", "firm"),
            "principal repaid": (each.payer, each.payee) == ("firm", "bank"),
            "interest": (each.payer, each.payee) == ("firm", "bank"),
            "licence payment": (each.payer, each.payee) == ("outside", "firm"),
            "claim paid": each.payer in bearers and each.payee == "bank",
            "re-guarantee paid": (each.payer, each.payee) == ("nation", "guarantor"),
            "IP sold": (each.payer, each.payee) == ("outside", seller),
            "cost of sale": (each.payer, each.payee) == (seller, "outside"),
            "recovery returned": each.payer == seller and each.payee in bearers,
            "surplus of the sale": (each.payer, each.payee) == (seller, product.risk_sharing.recoveries.surplus),
            "cost of funds": (each.payer, each.payee) == ("bank", "outside"),
            "expenses": each.payer in ("insurer", "guarantor") and each.payee == "outside",
            **{what: (kind, each.payer, each.payee) in charged for what, kind in FEES.items()},
            **{
                f"{what} subsidy": any(
                    subsidy.of == what and subsidy.paid_by == each.payer
                    and (each.payee == "firm" or subsidy.paid_to == "payer") for subsidy in told.policy.values()
                )
                for what in ("interest", "guarantee fee", "premium")
            },
        }  # fmt: skip
        assert ways[each.what], each
        assert each.fen > 0
        assert 0 <= each.moment <= happened.last_loan_moment


def check_quotas(told: Scenario, happened: Happened) -> None:
    """A line is reserved until it is repaid, fen by fen, and what is left of it until the loan ends."""
    settled = {loss.case: loss.settled_at for loss in happened.losses}
    ends = {
        loan.case: loan.ended_at if loan.status in ("repaid", "exited") else settled.get(loan.case, float("inf"))
        for loan in happened.loans
    }
    lines = {loan.case: int(happened.credit_line[loan.case]) for loan in happened.loans}
    used_at = {moment: used for moment, _, used in happened.quota_use}
    for moment, used in used_at.items():
        expected = 0
        for loan in happened.loans:
            if loan.drawn_at <= moment < ends[loan.case]:
                repaid = sum(each.fen for each in loan.payments if each.moment <= moment)
                expected += max(0, lines[loan.case] - repaid)
        assert used == expected
        assert 0 <= used <= told.quotas["programme"].limit


def check_totals(told: Scenario, happened: Happened) -> None:
    """What everybody has in the end, product by product, is what the ledger says, and comes to zero."""
    summed: dict[str, int] = defaultdict(int)
    measured = measure(told, happened, 1).products
    for each in measured:
        assert sum(each.results.total(actor) for actor in each.results.cash) == 0
        for actor in each.results.cash:
            summed[actor] += each.results.total(actor)
    ledger = totals(happened.payments)
    assert {actor: fen for actor, fen in summed.items() if fen} == {actor: fen for actor, fen in ledger.items() if fen}
    assert sum(balances(happened.payments).values()) == 0
    owed = sum(loan.outstanding for loan in happened.loans if loan.status in ("outstanding", "claim open"))
    assert sum(each.results.outstanding["bank"] for each in measured) == owed
