"""Agreements on who bears a loss, applied to losses by themselves: to the fen, and with every fen explained."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from html import escape
from os import PathLike
from typing import TYPE_CHECKING, Any

from simulator.analysis.allocating import Settlement, SharedLoss
from simulator.analysis.loss_lists import read_lists
from simulator.api.frames import frame_of, html_of
from simulator.api.given import refuse_unless_mapping, refuse_unless_text
from simulator.api.languages import in_language
from simulator.errors import PledgesimError, did_you_mean, listed
from simulator.scenario.agreement_file import OpenedAgreement
from simulator.sharing import Agreement as Clauses
from simulator.sharing import Allocation, Claim, Meters
from simulator.sharing.meters import fund_left
from simulator.sharing.telling import Telling
from simulator.sharing.wording import sentences
from simulator.texts import Language, language
from simulator.units import format_money, parse_money

if TYPE_CHECKING:
    from pandas import DataFrame

Money = str | int | float | Decimal
"""An amount: a text such as "2m CNY", or a number of CNY, with fen as decimals."""
ROUNDED_FEN = Decimal("0.0001")
"""How far from whole fen a float may be: 0.05 * 3 * 1e6 is 150000 CNY and a little more."""


@dataclass(frozen=True)
class Shared:
    """One loss shared; money in CNY, exact to the fen."""

    allocation: Allocation
    """All of it in fen."""
    opened: OpenedAgreement
    """The agreement by which it was shared."""

    @property
    def paid(self) -> dict[str, float]:
        """What each party bears; the parts sum to the loss."""
        return {party: fen / 100 for party, fen in self.allocation.paid.items()}

    @property
    def left(self) -> dict[str, float]:
        """What every fund and limit has left after it."""
        return {name: fen / 100 for name, fen in self.allocation.room_after.items()}

    @property
    def told(self) -> list[str]:
        """Clause by clause who pays what, and why, in the language spoken."""
        chosen = language()
        return Telling(self.opened.names(chosen) if chosen != "en" else {}).allocation(self.allocation)

    def __repr__(self) -> str:
        told = ", ".join(f"{party} {format_money(fen)}" for party, fen in self.allocation.paid.items())
        return f"<Shared {format_money(self.allocation.loss)}: {told}>"

    def _repr_html_(self) -> str:
        return html_of(frame_of({"party": party, "paid_cny": paid} for party, paid in self.paid.items()))


class Agreement:
    """A risk-sharing agreement.

    >>> agreement = simulator.load("C9-F2").agreement()
    >>> agreement.share("2m CNY", left={"Fengxian reserve": "0.4m CNY"})
    <Shared 2.0m CNY: insurer 1.4m CNY, bank 200,000 CNY, district 400,000 CNY>
    """

    def __init__(self, opened: OpenedAgreement) -> None:
        """Made by `agreement` and by a scenario's `agreement`."""
        self._opened, self._clauses = opened, Clauses(opened.sharing)

    @property
    def opened(self) -> OpenedAgreement:
        """The agreement with what stands around it, which the rest of the simulator works with."""
        return self._opened

    @property
    def parties(self) -> tuple[str, ...]:
        """Everybody who may have to pay."""
        return self._clauses.parties

    @property
    def funds(self) -> dict[str, float]:
        """What each fund begins with, in CNY."""
        return {name: fund.balance / 100 for name, fund in self._opened.sharing.funds.items()}

    def sentences(self, lang: Language | None = None) -> list[str]:
        """The agreement as the clauses of a contract, in the language spoken or in `lang`."""
        with in_language(lang):
            chosen = language()
            return sentences(self._opened.sharing, chosen, self._opened.names(chosen))

    def share(
        self,
        loss: Money,
        *,
        left: Mapping[str, Money] = {},
        on: date | str = "2021-01-01",
        lost_on: date | str | None = None,
        drawn_on: date | str | None = None,
        bases: Mapping[str, Money] = {},
    ) -> Shared:
        """Share one loss, the first of all where `left` says nothing else of funds.

        left              what funds have left before it, by name
        on                day on which the claim is settled; a fund's top-ups until then are in it
        lost_on, drawn_on day of the default and of the drawdown, where the agreement goes by one of them
        bases             "premium", "principal" or "guaranteed balance" that it measures against

        PledgesimError for an amount that is none, an unknown fund, and for what the agreement needs and is not told.
        """
        for name, given in (("left", left), ("bases", bases)):
            refuse_unless_mapping(name, given)
        day = _day(on)
        meters = Meters()
        for fund, money in left.items():
            refuse_unless_text("fund", fund)
            if fund not in self._opened.sharing.funds:
                known = self._opened.sharing.funds
                raise PledgesimError(f"no fund '{fund}'{did_you_mean(fund, known)}; funds: {listed(known) or 'none'}")
            there = fund_left(self._opened.sharing, meters, fund, day)
            still = _fen(money, f"left['{fund}']")
            if still < 0:
                raise PledgesimError(f"left['{fund}']={money!r} must be at least 0")
            meters.count(fund, None, there - still)
        claim = Claim(
            amount=_fen(loss, "loss"),
            day=day,
            loan="loan",
            borrower="firm",
            lost_on=_day(lost_on or on),
            drawn_on=None if drawn_on is None else _day(drawn_on),
            bases={
                (per, base): _fen(bases[base], f"bases['{base}']") for per, base in self._clauses.needs if base in bases
            },
        )
        try:
            return Shared(self._clauses.share(claim, meters), self._opened)
        except ValueError as error:
            raise PledgesimError(str(error)) from None

    def allocate(
        self, losses: str | PathLike[str], *, recoveries: str | PathLike[str] | None = None,
        book: str | PathLike[str] | None = None,
    ) -> DataFrame:  # fmt: skip
        """Share the losses of a CSV file (date, borrower, loan, amount) in the order of their dates.

        A row for each loss, and for each recovery where a list of them is given: what every party pays or gets back,
        and what every fund has left, in CNY. A book of loans is needed where the agreement measures against premium,
        principal or the guaranteed balance. ScenarioError lists everything that is wrong with the files.
        """
        others = (None if each is None else str(each) for each in (recoveries, book))
        lists = read_lists(self._opened, str(losses), *others)
        return frame_of(map(self._event, Settlement(self._clauses, lists)), ("date", "what", "loan", "amount_cny"))

    def _event(self, event: Any) -> dict[str, Any]:
        if isinstance(event, SharedLoss):
            what, amounts, verb = "loss", event.allocation.paid, "paid_by"
        else:
            what, amounts, verb = "recovery", event.recovered.received, "returned_to"
        return {
            "date": date.fromordinal(event.row.day),
            "what": what,
            "loan": event.row.loan,
            "amount_cny": event.row.amount / 100,
            **{f"{verb}_{party}_cny": fen / 100 for party, fen in amounts.items()},
            **{f"left_in_{name}_cny": fen / 100 for name, fen in event.left.items()},
        }

    def __repr__(self) -> str:
        return f"<Agreement {self._opened.reference}: {', '.join(self.parties)}>"

    def _repr_html_(self) -> str:
        return "<ol>" + "".join(f"<li>{escape(sentence)}</li>" for sentence in self.sentences()) + "</ol>"


def only_agreement(opened: Sequence[OpenedAgreement]) -> Agreement:
    """The agreement of the only product; PledgesimError, with their names, where there are several."""
    if len(opened) > 1:
        names = ", ".join(each.product_name for each in opened)
        raise PledgesimError(f"{opened[0].file} has several products; name one with product=: {names}")
    return Agreement(opened[0])


def _fen(money: Money, name: str) -> int:
    """An amount in fen; PledgesimError for one that is none."""
    try:
        if isinstance(money, str):
            return parse_money(money)
        fen = Decimal(str(money)) * 100
        nearest = fen.to_integral_value()
        if fen == nearest or (isinstance(money, float) and abs(fen - nearest) <= ROUNDED_FEN):
            return int(nearest)
        found = "is not a whole number of fen"
    except (InvalidOperation, ValueError, OverflowError):
        found = "must be an amount such as '2m CNY', or a number of CNY"
    raise PledgesimError(f"{name}={money!r} {found}")


def _day(day: date | str) -> int:
    try:
        return (date.fromisoformat(day) if isinstance(day, str) else day).toordinal()
    except (ValueError, AttributeError):
        raise PledgesimError(f"'{day}' is not a date; write it like 2021-09-17") from None
