"""What has been paid so far under funds, limits and rates, and how much room that leaves for the next loss."""

from __future__ import annotations

import datetime
from collections.abc import Hashable, Mapping
from dataclasses import dataclass, field

from simulator.scenario.agreement import RiskSharing
from simulator.scenario.agreement_parts import Base, Limit, Per

Need = tuple[Per, Base]
"""A base that an agreement asks for, over what."""


@dataclass(frozen=True, slots=True)
class Claim:
    """One loss as it is settled. Days are ordinals (`datetime.date.toordinal`), money is in fen.

    `lost_on` and `drawn_on` are the days of the default and of the drawdown, `bases` what each base that the agreement
    needs amounts to on the day of the claim.
    """

    amount: int
    day: int = 1
    loan: Hashable = ""
    borrower: Hashable = ""
    lost_on: int | None = None
    drawn_on: int | None = None
    bases: Mapping[Need, int] = field(default_factory=dict)

    def counted_over(self, per: Per) -> Hashable:
        """What a meter that counts over `per` counts this claim to: nothing, a borrower or a year."""
        if per == "borrower":
            return self.borrower
        if per.startswith("year"):
            return datetime.date.fromordinal(self.dated(per.rpartition(" ")[2])).year
        return None

    def dated(self, by: str) -> int:
        """The day of its settlement ('claim'), its default ('loss') or its drawdown ('underwriting')."""
        day = self.day if by == "claim" else self.lost_on if by == "loss" else self.drawn_on
        if day is None:
            raise ValueError(f"the claim of loan {self.loan!r} has no day of {by}, which the agreement goes by")
        return day


@dataclass
class Meters:
    """What has been paid under each fund and limit and towards each rate, by name and what it is counted over."""

    used: dict[tuple[str, Hashable], int] = field(default_factory=dict)

    def count(self, name: str, over: Hashable, fen: int) -> None:
        """Add to a meter; negative where money flows back."""
        self.used[name, over] = self.used.get((name, over), 0) + fen


def needed_bases(model: RiskSharing) -> tuple[Need, ...]:
    """The bases that an agreement's limits and rates ask for, in its order."""
    limits: list[Need] = [(limit.per, limit.at_most.base) for limit in model.limits.values() if limit.at_most.base]
    rates: list[Need] = [(rate.per, rate.over) for rate in model.rates.values()]
    return tuple(dict.fromkeys([*limits, *rates]))


def paid_in(model: RiskSharing, fund: str, day: int) -> int:
    """All that was ever paid into a fund by the end of a day, in fen."""
    top_ups = model.funds[fund].top_ups
    return model.funds[fund].balance + sum(each.amount for each in top_ups if each.on.toordinal() <= day)


def fund_left(model: RiskSharing, meters: Meters, fund: str, day: int) -> int:
    """What a fund holds on a day, in fen."""
    return paid_in(model, fund, day) - meters.used.get((fund, None), 0)


def room_of(model: RiskSharing, meters: Meters, name: str, claim: Claim) -> int:
    """How much more a fund or a limit lets through before a claim, in fen."""
    if name in model.funds:
        return fund_left(model, meters, name, claim.day)
    limit = model.limits[name]
    used = 0 if limit.per == "loss" else meters.used.get((name, claim.counted_over(limit.per)), 0)
    return max(0, _cap(limit, name, claim) - used)


def _cap(limit: Limit, name: str, claim: Claim) -> int:
    if limit.at_most.base is None:
        return limit.at_most.amount
    base = base_of(claim, limit.per, limit.at_most.base, name)
    return base * limit.at_most.rate.numerator // limit.at_most.rate.denominator


def base_of(claim: Claim, per: Per, base: Base, name: str) -> int:
    """What a base amounts to on the day of a claim; ValueError where the claim does not say."""
    if (per, base) not in claim.bases:
        raise ValueError(f"the claim of loan {claim.loan!r} does not say the {base} per {per} that '{name}' needs")
    return claim.bases[per, base]
