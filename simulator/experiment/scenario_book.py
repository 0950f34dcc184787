"""The loans of a scenario as a book: as they run in one replication in which none defaults."""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction
from math import ceil

import numpy as np

from simulator.credit.book import Book, Dated, Ints
from simulator.credit.loans import complete, rated
from simulator.experiment.portfolio import Portfolio
from simulator.experiment.replication import replicate
from simulator.scenario.model import FollowUp, Scenario
from simulator.scenario.periods import days_of
from simulator.sharing import Agreement
from simulator.texts import Filled, phrase
from simulator.units import Span
from simulator.workflow.loan import Loan
from simulator.workflow.world import Happened

NEVER = [Fraction(0)]
CASE = phrase("case {number}")
"""What the loan of a firm without a name goes by."""


def portfolios_of(scenario: Scenario, products: Iterable[str], replication: int = 1) -> dict[str, Portfolio]:
    """The loans of products that are drawn in a replication, with their agreements and credit assumptions.

    Instalments, licence payments, calls after a look and renewals are those of the replication. Products of which no
    loan is drawn are left out.
    """
    assert scenario.credit is not None
    happened = replicate(without_defaults(scenario), replication)
    found = {}
    for name in products:
        model, book = scenario.products[name], book_of_loans(scenario, name, happened)
        if book is not None:
            recovery = complete(scenario.credit.recovery, model.recovery)
            found[name] = Portfolio(book, Agreement(model.risk_sharing), scenario.credit, recovery, name)
    return found


def without_defaults(scenario: Scenario) -> Scenario:
    """The scenario in a world in which no loan defaults and every one is followed to its end, with the same luck."""
    assert scenario.credit is not None and scenario.applicants is not None and scenario.run is not None
    applicants, arrivals = scenario.applicants, scenario.applicants.arrivals
    firms = arrivals.firms and [firm.model_copy(update={"default_at": None}) for firm in arrivals.firms]
    also = [firm.model_copy(update={"default_at": None}) for firm in applicants.also]
    products = {name: each.model_copy(update={"scoring": None}) for name, each in scenario.products.items()}
    return scenario.model_copy(
        update={
            "credit": scenario.credit.model_copy(update={"annual_default_rate": NEVER}),
            "applicants": applicants.model_copy(
                update={"arrivals": arrivals.model_copy(update={"firms": firms}), "also": also}
            ),
            "products": products,
            "run": scenario.run.model_copy(update={"follow_up": _to_the_last_end(scenario)}),
        }
    )


def _to_the_last_end(scenario: Scenario) -> FollowUp:
    """A follow-up in which the last loan that can be drawn runs all its tenors."""
    assert scenario.run is not None
    followed = scenario.run.follow_up
    renewals = [each.renewal.at_most if each.renewal else 0 for each in scenario.products.values()]
    tenors = [each.tenor.months for each in scenario.products.values()]
    longest = max((tenor * (1 + times) for tenor, times in zip(tenors, renewals, strict=True)), default=0)
    # A month more than the longest month has days, as cases are followed in days or working days.
    months = longest + ceil(days_of(followed.cases) / 28) + 1
    longer = months * 31 > days_of(followed.loans)
    return followed.model_copy(update={"loans": Span(months, "months")}) if longer else followed


def book_of_loans(scenario: Scenario, product: str, happened: Happened) -> Book | None:
    """The loans of a product in a replication without defaults, in the order of their cases; None without any."""
    assert scenario.run is not None and scenario.credit is not None
    number, model = list(scenario.products).index(product), scenario.products[product]
    loans = sorted((loan for loan in happened.loans if loan.product == number), key=lambda loan: loan.case)
    if not loans:
        return None
    firms = happened.firms
    rates = rated(scenario.credit, model.scoring, firms.columns, len(firms))
    cases = np.array([loan.case for loan in loans], dtype=np.int64)
    steps = max(len(loan.history) for loan in loans)
    history = np.array([_padded(loan, steps) for loan in loans], dtype=object)
    periods = max(len(loan.periods) for loan in loans)
    worth = np.maximum(np.rint(firms.columns[model.pledged]), 0).astype(np.int64)
    place = np.full(len(firms), -1, dtype=np.int64)
    place[cases] = np.arange(len(cases))
    return Book(
        origin=scenario.run.start,
        names=tuple(firms.names.get(loan.case, Filled(CASE, number=loan.case)) for loan in loans),
        borrower=np.array([firms.applicant_of.get(loan.case, loan.case) for loan in loans], dtype=np.int64),
        period_ends=np.array([loan.periods + [loan.periods[-1]] * (periods - len(loan.periods)) for loan in loans]),
        tenor_years=np.full(len(loans), model.tenor.months / 12),
        changes_at=history[:, :, 0].astype(np.float64),
        outstanding=history[:, :, 1].astype(np.int64),
        structure=rates.of_firm[cases],
        structures=rates.structures,
        worth=worth[cases],
        accrued=history[:, :, 2].astype(np.int64),
        rate=(model.price.interest,) * len(loans),
        quality=firms.quality[cases],
        drawings=_dated((place[loan.case], moment, fen) for loan in loans for moment, fen in loan.drawings),
        premiums=_premiums(happened, number, place),
        pledged_later=_dated((place[loan.case], moment, fen) for loan in loans for moment, fen in loan.pledged_later),
    )


def _padded(loan: Loan, steps: int) -> list[tuple[float, int, int]]:
    last = loan.history[-1]
    return loan.history + [(np.inf, last[1], last[2])] * (steps - len(loan.history))


def _dated(rows: Iterable[tuple[int, float, int]]) -> Dated:
    found = list(rows)
    return Dated(
        np.array([row[0] for row in found], dtype=np.int64),
        np.array([row[1] for row in found], dtype=np.float64),
        np.array([row[2] for row in found], dtype=np.int64),
    )


def _premiums(happened: Happened, number: int, place: Ints) -> Dated:
    """Premiums on the loans; what is paid for one step of an application is no part of them."""
    payments = happened.payments
    drawn_at = happened.drawn_at
    chosen = (payments.product == number) & (payments.what == payments.code("premium"))
    mine = payments.only(chosen)
    of_loans = (place[mine.case] >= 0) & (mine.moment >= drawn_at[mine.case])
    return Dated(place[mine.case[of_loans]], mine.moment[of_loans], mine.fen[of_loans])
