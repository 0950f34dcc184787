"""Which loans a question about losses is about: those of a scenario, or those of a book under an agreement."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from fractions import Fraction

from simulator.analysis.loss_lists import columns_needed
from simulator.calendars import moment_at
from simulator.credit.book import Book, book_of_table
from simulator.credit.loans import complete, term_structure
from simulator.errors import PledgesimError, Problem, TooLargeError
from simulator.experiment.estimate import refuse_endless
from simulator.experiment.portfolio import Portfolio
from simulator.experiment.scenario_book import portfolios_of
from simulator.scenario.agreement_file import OpenedAgreement, open_agreement, open_agreements
from simulator.scenario.book_table import read_book
from simulator.scenario.credit import BookCredit, CompleteRecovery, Credit
from simulator.scenario.csv_table import Problems
from simulator.scenario.locations import place_of_value
from simulator.sharing import Agreement
from simulator.texts import phrase, say

SEED = 1
"""Where neither the user nor a scenario names one."""
_CREDIT = "credit: {claim_after: 60 days, correlation: 12%, recovery: {haircut: 70%, cost: 5%, time: 300 days}}"
_RECOVERY = "recovery: {haircut: 70%, cost: 5%, time: 300 days}"
_NOTHING_SOLD = CompleteRecovery.model_validate({"haircut": "100%", "cost": "0%", "time": "0 days"})


@dataclass(frozen=True)
class Lent:
    """The loans of one product, or of a book, with the agreement by which their losses are shared."""

    opened: OpenedAgreement
    portfolio: Portfolio
    given: bool = False
    """They come from a book."""
    sha256: str | None = None
    """The digest of the book."""
    without_pd: int = 0
    """Loans of a book that have no default rate of their own."""

    @property
    def with_lgd(self) -> int:
        """Loans of which the share that is lost is given."""
        return int((~self.portfolio.book.is_sold).sum())

    @property
    def name(self) -> str:
        """The product, or nothing where there is no choice of products."""
        return self.portfolio.name


@dataclass(frozen=True)
class Loans:
    """Loans of which somebody asks how much may be lost."""

    lent: Sequence[Lent]
    source: str
    """Where they come from: a file, or a replication."""
    without_loans: Sequence[str] = ()
    """Products of which no loan is drawn."""
    replication: int | None = None
    """The one whose loans they are, where they are a scenario's."""

    @property
    def source_said(self) -> str:
        """Where they come from, in the language spoken."""
        return say(self.source) if self.replication is None else say("replication {number}", number=self.replication)

    @property
    def reference(self) -> str:
        """What the user calls the file, with the variant, and with the product where only one of several is meant."""
        opened = self.lent[0].opened
        several = len(self.lent) + len(self.without_loans) > 1
        return opened.file if several else opened.reference

    @property
    def seed(self) -> int:
        """The seed of the scenario, or SEED where there is none."""
        scenario = self.lent[0].opened.scenario
        run = scenario.scenario.run if scenario is not None else None
        return run.seed if run is not None else SEED

    @property
    def correlation(self) -> Fraction:
        """Correlation of firms' fortunes."""
        return self.lent[0].portfolio.credit.correlation

    @property
    def origin(self) -> date:
        """The day at whose midnight the books' minutes begin."""
        return self.lent[0].portfolio.book.origin

    @property
    def begins_at(self) -> float:
        """First drawdown, in minutes as in the books."""
        return min(float(each.portfolio.book.drawn_at.min()) for each in self.lent)


def loans_asked_about(
    file: str, product: str | None, variant: str | None, sets: Sequence[str], book: str | None, replication: int,
    limit_hours: float, also: OpenedAgreement | None = None,
) -> Loans:  # fmt: skip
    """The loans of a book under the agreement of a file, or those of a scenario; the errors of both.

    What another agreement, `also`, needs to know of a book is asked for too.
    """
    if book is not None:
        lent = loans_of_book(open_agreement(file, product, variant, sets), book, also)
        return Loans([lent], phrase("standard input") if book == "-" else book)
    found, without = loans_of_scenario(open_agreements(file, product, variant, sets), replication, limit_hours)
    return Loans(found, f"replication {replication}", without, replication)


def loans_of_scenario(
    opened: Sequence[OpenedAgreement], replication: int, limit_hours: float
) -> tuple[list[Lent], list[str]]:
    """The loans of some products of a scenario as a replication draws them, and the products of which it draws none.

    PledgesimError for a file that has no loans, and where no loan at all is drawn.
    """
    first = opened[0]
    if first.scenario is None:
        found = f"{first.reference} is an agreement's own file, which has no loans"
        raise PledgesimError(f"{found}; add them with --book FILE")
    scenario = first.scenario.scenario
    if scenario.kind == "base":
        raise PledgesimError(f"{first.reference} is a base that others extend; it has no loans of its own")
    refuse_endless([(first.scenario, 1)], limit_hours)
    products = {each.product_name: each for each in opened}
    portfolios = portfolios_of(scenario, products, replication)
    if not portfolios:
        told = f"no loan is drawn in replication {replication} of {first.reference}"
        raise PledgesimError(f"{told}, so that there is nothing to lose")
    several = len(scenario.products) > 1
    lent = [Lent(products[name], each if several else replace(each, name="")) for name, each in portfolios.items()]
    return lent, [name for name in products if name not in portfolios]


def loans_of_book(opened: OpenedAgreement, book: str, also: OpenedAgreement | None = None) -> Lent:
    """The loans of a table (- for standard input) under an agreement; ScenarioError with all that is wrong or missing.

    Default rates stand in the table or with the agreement; all else that is assumed stands with the agreement.
    """
    problems, assumed = Problems(), opened.credit
    if assumed is None:
        found = f"{opened.reference} says nothing of when claims are settled and what firms have in common"
        problems.add(Problem(*opened.tree.place, found, f"add: {_CREDIT}"))
    needed: dict[str, str] = {}
    for sharing in [opened.sharing, *([also.sharing] if also is not None else [])]:
        needed |= columns_needed(sharing)
        if sharing.covers != "principal":
            needed["interest_rate"] = "which losses include"
    rates = assumed.annual_default_rate if assumed is not None else None
    table = read_book(book, problems, needed, with_risk=True, rates_known=rates is not None)
    rows = list(table.loans.values())
    if assumed is not None and assumed.recovery is None and any(row.appraised_value is not None for row in rows):
        found = "loans with an appraised value need to know what the sale of IP brings"
        problems.add(Problem(*place_of_value(opened.tree, ("credit",)), found, f"add: {_RECOVERY}"))
    problems.raise_any()
    assert assumed is not None
    special = opened.product.recovery if opened.product is not None else None
    try:
        loans = book_of_table(rows, None if rates is None else term_structure(rates))
    except TooLargeError as error:
        raise PledgesimError(f"{book}: {error}") from None
    credit = _of_books(assumed)
    return Lent(
        opened,
        Portfolio(loans, Agreement(opened.sharing), credit, complete(credit.recovery, special)),
        given=True,
        sha256=table.table.sha256(),
        without_pd=sum(row.annual_pd is None for row in rows),
    )


def _of_books(assumed: BookCredit) -> Credit:
    """The same for all that a portfolio is asked."""
    if isinstance(assumed, Credit):
        return assumed
    return Credit.model_construct(
        annual_default_rate=assumed.annual_default_rate or [Fraction(0)],
        correlation=assumed.correlation,
        claim_after=assumed.claim_after,
        recovery=assumed.recovery or _NOTHING_SOLD,
        quality_weight=Fraction(0),
    )


def under(loans: Loans, agreement: OpenedAgreement) -> Loans:
    """The same loans under another agreement."""
    sharing = Agreement(agreement.sharing)
    return replace(
        loans,
        lent=[replace(each, portfolio=replace(each.portfolio, agreement=sharing)) for each in loans.lent],
    )


def with_correlation(loans: Loans, correlation: Fraction) -> Loans:
    """The same loans where firms' fortunes are correlated so much."""
    found = []
    for each in loans.lent:
        credit = each.portfolio.credit.model_copy(update={"correlation": correlation})
        found.append(replace(each, portfolio=replace(each.portfolio, credit=credit)))
    return replace(loans, lent=found)


@dataclass(frozen=True)
class BookFigures:
    """What a book is, in a few numbers; money in fen."""

    loans: int
    borrowers: int
    principal: int
    first_drawn: date
    last_drawn: date
    ends: date
    expected_defaults: float
    """On one path."""


def book_figures(portfolio: Portfolio) -> BookFigures:
    """Those of a portfolio's book."""
    book = portfolio.book
    return BookFigures(
        loans=len(book),
        borrowers=len(set(book.borrower.tolist())),
        principal=int(book.lent.fen.sum()),
        first_drawn=_day(book, float(book.drawn_at.min())),
        last_drawn=_day(book, float(book.drawn_at.max())),
        ends=_day(book, float(book.ends_at.max())),
        expected_defaults=portfolio.expected_defaults,
    )


def _day(book: Book, moment: float) -> date:
    return moment_at(book.origin, moment).date()
