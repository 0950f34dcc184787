"""The statements that make up an agreement, each a sentence or two of a contract, in no language yet."""

from __future__ import annotations

import datetime
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Literal

from simulator.scenario.agreement import Dated, Straddle
from simulator.scenario.agreement_parts import Base, Fund, Limit, Per, Rate
from simulator.sharing.clauses import Bound, Clause

DAY = datetime.timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Period:
    """Days, the first and the last included, between which a loss is settled, falls into default or is drawn down."""

    by: Dated
    first: datetime.date | None
    last: datetime.date | None


@dataclass(frozen=True, slots=True)
class Whole:
    """What is divided: a loss, what `giver` has paid on one, or the numbered `rest` that another clause leaves.

    A rest that is the only one has the number 0. `only` tells that nothing but losses of all times is divided, `takes`
    that the giver has reimbursed others before.
    """

    period: Period | None = None
    giver: str | None = None
    takes: bool = False
    rest: int | None = None
    only: bool = False


@dataclass(frozen=True, slots=True)
class LossMeant:
    """What counts as a loss."""

    covers: Literal["principal", "principal and interest"]


@dataclass(frozen=True, slots=True)
class FundProvided:
    """Who puts how much into a fund, and when."""

    name: str
    fund: Fund


@dataclass(frozen=True, slots=True)
class LimitShared:
    """A limit that several shares use up together."""

    name: str
    limit: Limit


@dataclass(frozen=True, slots=True)
class RateMeant:
    """What a rate divides by what; `ceded` where the payer may get part of its payments reimbursed."""

    name: str
    rate: Rate
    ceded: bool


@dataclass(frozen=True, slots=True)
class BasesMeant:
    """When the bases of limits and rates are read, and what a rate is over a base of nil."""

    bases: tuple[Base, ...]
    in_rates: bool


@dataclass(frozen=True, slots=True)
class Divided:
    """Who bears which share."""

    whole: Whole
    clauses: tuple[Clause, ...]


@dataclass(frozen=True, slots=True)
class Bounded:
    """How far a party bears its share, or the `whole` where it stands `alone`, and who bears the rest.

    `limits` are used by no other share, `shared` are the names of those that are. The rest has a number where
    sentences of its own divide it. `lasting` tells that what a fund cannot pay of a loss is part of the rest; where it
    is not, Straddled says what becomes of it.
    """

    whole: Whole
    clause: Clause
    alone: bool
    funds: tuple[str, ...]
    limits: tuple[Limit, ...]
    shared: tuple[str, ...]
    lasting: bool
    rest: int | None


@dataclass(frozen=True, slots=True)
class Straddled:
    """What happens when one of `funds` has something left, but too little.

    `several` tells that the agreement has other funds too, `limited` that limits bound one of these shares besides;
    `instead` are who then bears what, where it can be listed.
    """

    whole: Whole
    straddle: Straddle
    funds: tuple[str, ...]
    several: bool
    limited: bool
    instead: tuple[Clause, ...] | None


@dataclass(frozen=True, slots=True)
class Reimbursed:
    """What others bear of a payment they pay to the one that has made it."""


@dataclass(frozen=True, slots=True)
class Ordered:
    """In which order losses find what funds, limits and rates have come to: how many there are of each.

    `over` is what the limits are counted over; those on each loss alone do not count.
    """

    pro_rata: bool
    funds: int
    limits: int
    rates: int
    over: tuple[Per, ...]


@dataclass(frozen=True, slots=True)
class PaidBeforeSale:
    """Everybody pays at the settlement of the claim, not after the sale of the pledge."""


@dataclass(frozen=True, slots=True)
class Rounded:
    """How shares come to whole fen; `added` where whole shares can be handed on, `capped` where limits are rates."""

    added: bool
    capped: bool


@dataclass(frozen=True, slots=True)
class GivenBack:
    """Who gets what is recovered: by rank, then the `others` together.

    `ceded` tells that what is borne in the end is not what was paid first; `order` settles ties where the order of the
    text would not.
    """

    ranked: tuple[str, ...]
    others: tuple[str, ...]
    surplus: str
    ceded: bool
    order: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Refilled:
    """Funds that take what their owner gets back, the first one first."""

    owner: str
    funds: tuple[str, ...]


Statement = (
    LossMeant
    | FundProvided
    | LimitShared
    | RateMeant
    | BasesMeant
    | Divided
    | Bounded
    | Straddled
    | Reimbursed
    | Ordered
    | PaidBeforeSale
    | Rounded
    | GivenBack
    | Refilled
)


def exact_percent(share: Fraction) -> str | None:
    """`33.3333%`, or None where six decimals do not say it exactly."""
    millionths = share * 100 * 10**6
    if millionths.denominator != 1:
        return None
    whole, _, decimals = f"{Decimal(millionths.numerator).scaleb(-6):,.6f}".partition(".")
    return f"{whole}.{decimals}".rstrip("0").rstrip(".") + "%"


def by_rate(tests: Iterable[Bound]) -> list[tuple[str, list[Bound]]]:
    """The bounds that each rate must keep, lower ones first."""
    found: dict[str, list[Bound]] = {}
    for test in sorted(tests, key=lambda each: each.kind in ("at_most", "below")):
        found.setdefault(test.rate, []).append(test)
    return list(found.items())
