"""A run of loans one by one and many paths at once, given the same defaults and recoveries, agree to the fen."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from money_worlds import lent, world

from simulator.credit.book import Book
from simulator.credit.loans import CreditDraws, CreditRisk, complete, rated
from simulator.credit.path_defaults import Defaults
from simulator.experiment.portfolio import SharedLosses, share_defaults
from simulator.experiment.replication import replicate
from simulator.experiment.scenario_book import book_of_loans, without_defaults
from simulator.scenario.load import load_runnable
from simulator.scenario.model import Scenario
from simulator.sharing import Agreement
from simulator.streams import Streams
from simulator.workflow.loan import Loan, Loss
from simulator.workflow.world import Happened

BASES = ("premium", "principal", "guaranteed balance")
PERS = ("loss", "borrower", "year of claim", "year of loss", "year of underwriting", "ever")
REFILLED: dict[str, Any] = {
    "funds": {
        "reserve": {
            "balance": "3m CNY", "owner": "city", "refill": True,
            "top_ups": [{"on": "2021-11-05", "amount": "1m CNY"}, {"on": "2022-06-01", "amount": "2m CNY"}],
        }
    },
    "split": {"city": {"share": "1/3", "up to": "reserve", "otherwise": "insurer"}, "insurer": "rest"},
}  # fmt: skip


def measured(base: str, per: str) -> dict[str, Any]:
    """An insurer pays up to some of a base, and reinsures a part; the city pays while the insurer's rate is low."""
    return {
        "limits": {"stop loss": {"at_most": f"40% of {base}", "per": per}},
        "rates": {"compensation": {"paid_by": "insurer", "over": base, "per": "year of claim"}},
        "split": {
            "insurer": {"share": "3/7", "up to": "stop loss", "otherwise": "bank"},
            "city": {"share": "1/7", "when": {"compensation": {"at_most": "20%"}}, "otherwise": "bank"},
            "bank": "rest",
        },
        "cede": {"insurer": {"nation": "1/3", "insurer": "rest"}},
        "changes": [{"starts": "2021-12-01", "by": "loss", "cede": {"insurer": {"nation": "2/3", "insurer": "rest"}}}],
    }


KINDS: dict[str, dict[str, Any]] = {
    "bullet": {},
    "equal principal": {"tenor": "24 months", "repayment": {"schedule": "equal principal", "every": "3 months"}},
    "annuity": {"tenor": "18 months", "repayment": {"schedule": "annuity", "every": "1 months"}},
    "renewed": {"renewal": {"share": "50%", "at_most": 2}},
    "in two drawings": {"tenor": "24 months", "drawings": [{"share": "40%", "after": "6 months"}]},
    "swept": {
        "tenor": "24 months",
        "repayment": {
            "interest_every": "1 months",
            "sweep": {"of": "licence_fees", "share": "60%", "every": "3 months", "licensee_default_rate": "40%"},
        },
    },
    "watched": {
        "tenor": "36 months",
        "servicing": [
            {
                "status monitoring": {
                    "elapsed": "0 min", "every": "4 months",
                    "cover": {"at_least": "250%", "topped_up": "60%"},
                }
            }
        ],
    },
}  # fmt: skip


def programme(kind: str, clauses: Any, seed: int) -> Scenario:
    """About a hundred loans in a few weeks, of which many default."""
    product = {
        "risk_sharing": clauses,
        "price": {
            "interest": "6%",
            "charges": {"cover": {"kind": "premium", "rate": "2%", "paid_to": "insurer"}},
        },
        **KINDS[kind],
    }
    return world(
        products={"loan": lent(**product)},
        applicants={"arrivals": {"per_working_day": 5}},
        population={
            "amount_requested": {"uniform": ["0.3m CNY", "3m CNY"]},
            "appraised_value": {"uniform": ["3m CNY", "6m CNY"]},
            "licence_fees": {"uniform": ["0.1m CNY", "2m CNY"]},
        },
        credit={
            "annual_default_rate": ["30%", "15%"],
            "claim_after": {"exponential": "60 days"},
            "correlation": "20%",
        },
        recovery={
            "haircut": {"uniform": ["20%", "110%"]}, "cost": {"uniform": ["0%", "20%"]},
            "time": {"exponential": "200 days"}, "decay": "25%", "volatility": "25%",
        },
        run={"seed": seed, "arrivals_for": "4 weeks", "follow_up": {"cases": "100 days", "loans": "40 years"}},
    )  # fmt: skip


@dataclass
class Both:
    """One product in a run, and the same from arrays."""

    happened: Happened
    loans: list[Loan]
    losses: list[Loss]
    book: Book
    shared: SharedLosses
    draws: CreditDraws

    @property
    def cases(self) -> list[int]:
        """Cases in the order of the book."""
        return [loan.case for loan in self.loans]


def both(scenario: Scenario, product: str = "loan", replication: int = 1) -> Both:
    """Run a scenario as it is; then take its loans from a run without defaults, and its defaults as given."""
    assert scenario.credit is not None and scenario.run is not None
    model, number = scenario.products[product], list(scenario.products).index(product)
    happened, calm = replicate(scenario, replication), replicate(without_defaults(scenario), replication)
    firms, streams = happened.firms, Streams(scenario.run.seed, replication)
    rates = rated(scenario.credit, model.scoring, firms.columns, len(firms))
    draws = CreditRisk.of(scenario.credit, streams, firms.quality).draws(rates, model.recovery)
    loans = sorted((loan for loan in happened.loans if loan.product == number), key=lambda loan: loan.case)
    losses = [loss for loss in happened.losses if loss.product == number]
    book = book_of_loans(scenario, product, calm)
    assert book is not None
    # A default may free what another firm waits for; then the two are not the same loans.
    assert book.drawn_at.tolist() == [loan.drawn_at for loan in loans]
    place = {loan.case: number for number, loan in enumerate(loans)}
    cases = [loss.case for loss in losses]
    defaults = Defaults(
        path=np.zeros(len(losses), dtype=np.int64),
        loan=np.array([place[case] for case in cases], dtype=np.int64),
        moment=np.array([loss.defaulted_at for loss in losses]),
        claim_minutes=draws.claim_minutes[cases],
        sale_minutes=draws.sale_minutes[cases],
        haircut=draws.haircut[cases],
        cost=draws.cost[cases],
        luck=draws.value_luck[cases],
    )
    recovery = complete(scenario.credit.recovery, model.recovery)
    shared = share_defaults(book, Agreement(model.risk_sharing), recovery, defaults)
    return Both(happened, loans, losses, book, shared, draws)


def check(told: Both, least: int) -> None:
    """Assert that both give every loss the same: amount, moments, payers, proceeds, recoveries, what funds hold."""
    claims, sales, shares = told.shared.claims, told.shared.sales, told.shared.shares
    assert len(told.losses) == len(claims) >= least
    assert len(sales.claim) == len(claims)
    sold = {int(sale): place for place, sale in enumerate(told.shared.sold)}
    by_case = {loss.case: loss for loss in told.losses}
    together = [loss.case for loss in told.losses]
    assert together == [told.cases[loan] for loan in claims.loan]
    for place, loan in enumerate(claims.loan.tolist()):
        loss = by_case[told.cases[loan]]
        assert (claims.amount[place], claims.settled_at[place]) == (loss.amount, loss.settled_at)
        assert dict(zip(shares.parties, shares.paid[:, place].tolist(), strict=True)) == loss.allocation.paid
        given = dict(zip(shares.parties, shares.advanced[:, place].tolist(), strict=True))
        assert given == loss.allocation.advanced
        assert sales.moment[place] == loss.recovered_at
        assert (sales.proceeds[place], sales.cost[place]) == (loss.proceeds, loss.sale_cost)
        back = shares.returned[:, sold[place]].tolist() if place in sold else [0] * len(shares.parties)
        assert {party: fen for party, fen in zip(shares.parties, back, strict=True) if fen} == {
            party: fen for party, fen in loss.returned.items() if fen
        }
        assert (shares.surplus[sold[place]] if place in sold else 0) == loss.surplus
    _check_funds(told)


def _check_funds(told: Both) -> None:
    """What a fund holds after the last claim of each moment at which nothing is sold."""
    claims, shares = told.shared.claims, told.shared.shares
    sold_at = set(told.shared.sales.moment.tolist())
    number = told.loans[0].product
    history = {(moment, fund): fen for moment, product, fund, fen in told.happened.funds if product == number}
    for row, name in enumerate(dict.fromkeys(fund for _, fund in history)):
        for place, (settled_at, next_at) in enumerate(pairwise([*claims.settled_at.tolist(), np.inf])):
            if settled_at != next_at and settled_at not in sold_at:
                assert shares.fund_left[row, place] == history[settled_at, name]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("same_day", ["in order", "pro rata"])
@pytest.mark.parametrize("covers", ["principal", "principal and interest"])
def test_loans_of_every_kind_lose_the_same_to_the_fen(kind: str, same_day: str, covers: str) -> None:
    told = both(programme(kind, {**REFILLED, "same_day": same_day, "covers": covers}, seed=1))
    check(told, least=8)
    assert any(loss.surplus for loss in told.losses) and any(loss.interest for loss in told.losses) == (
        covers != "principal"
    )


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("base", BASES)
def test_bases_are_the_same_to_the_fen(kind: str, base: str) -> None:
    """Every second meter, so that each meets every kind of loan and every base."""
    bases_agree(kind, base, ("in order", "pro rata"), turns=(0,))


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("base", BASES)
def test_bases_are_the_same_to_the_fen_with_every_meter_and_order_of_the_day(kind: str, base: str) -> None:
    bases_agree(kind, base, ("in order", "pro rata"), turns=(1,))
    bases_agree(kind, base, ("pro rata", "in order"), turns=(0, 1))


def bases_agree(kind: str, base: str, orders: tuple[str, str], turns: tuple[int, ...]) -> None:
    """Try meters in a world of their own each, with one order of the day or the other."""
    first, second = list(KINDS).index(kind), BASES.index(base)
    for number, per in enumerate(PERS):
        if (number + first + second) % 2 in turns:
            seed = number + 2
            same_day = orders[(number // 2 + first + second) % 2]
            check(both(programme(kind, {**measured(base, per), "same_day": same_day}, seed)), least=5)


@pytest.mark.parametrize("kind", KINDS)
def test_a_loan_defaults_at_the_same_moment_to_the_last_bit(kind: str) -> None:
    told = both(programme(kind, REFILLED, seed=3))
    moments = told.book.moments(np.arange(len(told.loans)), told.draws.default_years[told.cases])
    found = {case: moment for case, moment in zip(told.cases, moments.tolist(), strict=True) if np.isfinite(moment)}
    assert found == {loss.case: loss.defaulted_at for loss in told.losses}


def test_the_worlds_hold_what_they_are_to_try() -> None:
    """Renewals, calls, top-ups of IP, loans repaid by licensees: without them the tests above would try nothing."""
    told = {kind: both(programme(kind, REFILLED, seed=1)).loans for kind in ("renewed", "swept", "watched")}
    assert {loan.renewals for loan in told["renewed"]} == {0, 1, 2}
    assert any(loan.swept for loan in told["swept"] if loan.status == "defaulted")
    assert any(loan.pledged_later for loan in told["watched"] if loan.status == "defaulted")
    assert any(loan.status == "exited" for loan in told["watched"])


@pytest.mark.parametrize("product", ["C9-F2", "C8-F1", "C1-F2", "C2-F2", "C5-F3"])
def test_bundled_products_lose_the_same_to_the_fen(product: str) -> None:
    changes = ["credit.annual_default_rate=30%", "run.follow_up.loans=40 years"]
    scenario = load_runnable(product, sets=changes).scenario
    check(both(scenario, next(iter(scenario.products)), replication=2), least=1)
