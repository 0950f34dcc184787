"""One loss row by row: what is owed, who pays what by which clause, what is ceded, what comes back, who bears it."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Literal, NamedTuple

from simulator.charts.labels import money_text
from simulator.scenario.agreement import FIRM, exact_share
from simulator.sharing import Allocation, Step
from simulator.texts import phrase, say

Kind = Literal["owed", "paid", "ceded", "sold", "cost", "surplus", "borne", "back"]


@dataclass(frozen=True)
class Sold:
    """What the sale of the pledged IP brought, in fen, and who got it: costs first, the parties, then a surplus."""

    proceeds: int
    cost: int
    returned: Mapping[str, int]
    surplus: int = 0
    surplus_to: str = FIRM
    on: datetime.date | None = None


@dataclass(frozen=True)
class ToldLoss:
    """One loss and what became of it, as it is drawn; money in fen, days where they are known.

    `principal` and `interest` sum to the loss that the allocation shares; `sold` is None where the IP is not sold, and
    `lgd` the share of what is owed that the loss is, where nothing ever comes back.
    """

    heading: str
    principal: int
    interest: int
    allocation: Allocation
    sold: Sold | None = None
    defaulted_on: datetime.date | None = None
    settled_on: datetime.date | None = None
    funds: tuple[str, ...] = ()
    colour: str = ""
    lgd: Fraction | None = None


class Piece(NamedTuple):
    """A piece of a bar: where it begins and ends, in fen, and what it is."""

    begin: int
    end: int
    kind: Kind


@dataclass(frozen=True)
class Bar:
    """One row: whose money, why, what is said of it, and the bar; no pieces where somebody stands aside."""

    who: str
    why: str
    said: str
    pieces: tuple[Piece, ...] = ()


@dataclass(frozen=True)
class Stretch:
    """A line or two between rows that say what happens now, and when."""

    text: str


Row = Bar | Stretch
Named = Callable[[str], str]
"""Gives the name that is shown for a party, fund or limit."""
TESTS = {
    "at_most": phrase("not so: {rate} is at most {share}"),
    "below": phrase("not so: {rate} is below {share}"),
    "at_least": phrase("not so: {rate} is at least {share}"),
    "above": phrase("not so: {rate} is above {share}"),
}
"""Why a party stands aside, by the kind of the test that a rate did not pass."""


@dataclass
class _Holdings:
    """Which parts of the loss each party has paid, as stretches of it."""

    held: dict[str, list[tuple[int, int]]] = field(default_factory=dict)

    def add(self, party: str, begin: int, end: int) -> None:
        self.held.setdefault(party, []).append((begin, end))

    def move(self, giver: str, taker: str, fen: int) -> tuple[Piece, ...]:
        """Hand on so much of what the giver has paid; the stretches that change hands."""
        moved, kept = [], []
        for begin, end in self.held.get(giver, []):
            part = min(fen, end - begin)
            fen -= part
            if part:
                moved.append((begin, begin + part))
            if begin + part < end:
                kept.append((begin + part, end))
        self.held[giver] = kept
        for begin, end in moved:
            self.add(taker, begin, end)
        return tuple(Piece(begin, end, "ceded") for begin, end in moved)


def rows_of(loss: ToldLoss, named: Named = str) -> list[Row]:
    """All rows of a loss, in the order in which things happen."""
    rows: list[Row] = [Stretch(_dated(loss.defaulted_on, say("the firm defaults")))]
    if loss.lgd is None:
        rows.append(_bar(say("principal owed"), "", Piece(0, loss.principal, "owed")))
    else:
        share = say("{share} of what is owed", share=exact_share(loss.lgd))
        rows.append(_bar(say("loss"), share, Piece(0, loss.principal, "owed")))
    if loss.interest:
        rows.append(_bar(say("interest owed"), "", Piece(loss.principal, loss.principal + loss.interest, "owed")))
    rows.append(Stretch(_dated(loss.settled_on, say("claim settled")) + _funds(loss, named)))
    holdings = _Holdings()
    rows += [*_payments(loss.allocation, holdings, named), *_cessions(loss.allocation, holdings, named)]
    if loss.sold is not None:
        rows += [Stretch(_dated(loss.sold.on, say("the IP is sold"))), *_sale(loss.sold, named)]
    final = loss.sold is not None or loss.lgd is not None
    rows.append(Stretch(say("borne in the end") if final else say("borne so far; the IP is not sold")))
    rows += _borne(loss, named)
    return rows


def _bar(who: str, why: str, *pieces: Piece) -> Bar:
    return Bar(who, why, money_text(sum(piece.end - piece.begin for piece in pieces)), pieces)


def _dated(day: datetime.date | None, event: str) -> str:
    return say("{day}: {event}", day=day, event=event) if day is not None else event


def _funds(loss: ToldLoss, named: Named) -> str:
    """How much each fund had before the loss and after it."""
    before, after = loss.allocation.room_before, loss.allocation.room_after
    told = [f"{named(name)} {money_text(before[name])} → {money_text(after[name])}" for name in loss.funds]
    return "\n" + say("; ").join(told) if told else ""


def _payments(allocation: Allocation, holdings: _Holdings, named: Named) -> Iterator[Row]:
    """Clause by clause what each pays to the lender, from the whole loss down to nothing."""
    left = allocation.loss
    for step in allocation.steps:
        if step.ceded_by is not None:
            continue
        if step.how == "stands aside":
            yield Bar(named(step.clause.party), _why_aside(step, named), say("nothing", context="loss"))
        for party, fen in step.paid.items():
            if fen:
                holdings.add(party, left - fen, left)
                yield _bar(named(party), _why(step, party, allocation.loss, named), Piece(left - fen, left, "paid"))
                left -= fen


def _why(step: Step, party: str, loss: int, named: Named) -> str:
    share = exact_share(step.clause.share)
    if step.of != loss:
        share = say("{share} of {amount}", share=share, amount=money_text(step.of))
    if step.limit is None:
        return share
    limit = named(step.limit)
    if party != step.clause.party:
        return say("beyond {limit}", limit=limit)
    if step.how == "within":
        return say("{share}, within {limit}", share=share, limit=limit)
    if step.is_fund:
        return say("the rest of {limit}", limit=limit)
    return say("{share}, up to {limit}", share=share, limit=limit)


def _why_aside(step: Step, named: Named) -> str:
    if step.test is not None:
        return say(TESTS[step.test.kind], rate=named(step.test.rate), share=exact_share(step.test.share))
    assert step.limit is not None
    limit = named(step.limit)
    return say("{limit} has too little", limit=limit) if step.room else say("{limit} is used up", limit=limit)


def _cessions(allocation: Allocation, holdings: _Holdings, named: Named) -> Iterator[Row]:
    """What each party takes over of what another has paid, drawn where that stands."""
    for each in allocation.cessions:
        steps = [step for step in allocation.steps if step.ceded_by == each.giver and step.paid.get(each.taker)]
        plain = len(steps) == 1 and steps[0].how == "borne"
        giver = named(each.giver)
        why = say("part of what {party} paid", party=giver)
        if plain:
            why = say("{share} of what {party} paid", share=exact_share(steps[0].clause.share), party=giver)
        yield _bar(named(each.taker), why, *holdings.move(each.giver, each.taker, each.amount))


def _sale(sold: Sold, named: Named) -> Iterator[Row]:
    net = sold.proceeds - sold.cost
    said = money_text(sold.proceeds)
    if sold.cost:
        said = say("{amount}, less {cost} cost", amount=said, cost=money_text(sold.cost))
    pieces = (Piece(0, net, "sold"), Piece(net, sold.proceeds, "cost"))
    yield Bar(say("proceeds"), "", said, pieces)
    if sold.surplus:
        who = say("the firm") if sold.surplus_to == FIRM else named(sold.surplus_to)
        yield _bar(who, say("what is left over"), Piece(net - sold.surplus, net, "surplus"))


def _borne(loss: ToldLoss, named: Named) -> Iterator[Row]:
    """What each party has paid of the whole loss: what it bears, then what came back to it."""
    # From the whole loss down, as it was paid.
    left, returned = loss.allocation.loss, loss.sold.returned if loss.sold is not None else {}
    for party, paid in loss.allocation.paid.items():
        if not paid:
            continue
        back = returned.get(party, 0)
        borne = left - (paid - back)
        said = money_text(paid - back)
        if back:
            said = say("{amount}, after {back} back", amount=said, back=money_text(back))
        yield Bar(named(party), "", said, (Piece(borne, left, "borne"), Piece(left - paid, borne, "back")))
        left -= paid
