"""Agreements at random, over the whole language, and claims that they can be applied to."""

from __future__ import annotations

import datetime
from typing import Any

from hypothesis import assume
from hypothesis import strategies as st

from simulator.scenario.agreement import RiskSharing
from simulator.scenario.agreement_parts import BASES
from simulator.sharing import Agreement, Claim

PARTIES = ("bank", "insurer", "guarantor", "city", "district")
STRADDLES = ("in proportion", "shortfall shared", "remainder shared", "all or nothing")
PERS = ("loss", "borrower", "year of claim", "year of loss", "year of underwriting", "ever")
FIRST_DAY = datetime.date(2021, 11, 1).toordinal()
LAST_DAY = FIRST_DAY + 150
MOST_LOSS = 3 * 10**6


def amount(fen: int) -> str:
    """Fen as a file writes them."""
    return f"{fen // 100}.{fen % 100:02d} CNY"


def date_of(day: int) -> str:
    return datetime.date.fromordinal(day).isoformat()


days = st.integers(FIRST_DAY, LAST_DAY)
room = st.integers(1, 10**6)


class Parts:
    """The funds, limits and rates that the splits of one agreement come to need."""

    def __init__(self, draw: st.DrawFn, stateless: bool) -> None:
        self.draw, self.stateless = draw, stateless
        self.funds: dict[str, dict[str, Any]] = {}
        self.limits: dict[str, dict[str, Any]] = {}
        self.rates: dict[str, dict[str, Any]] = {}

    def bounds(self, party: str) -> str | list[str]:
        """One bound of a share, or two: at most one of them is a fund."""
        first = self.bound(party, self.draw(st.booleans()) and not self.stateless)
        if self.draw(st.booleans()):
            return first
        second = self.bound(party, first not in self.funds and self.draw(st.booleans()) and not self.stateless)
        return first if second == first else [first, second]

    def bound(self, party: str, fund: bool) -> str:
        """A new fund of the party, or a limit: a new one, or one that is there already."""
        draw = self.draw
        kind = "fund" if fund else "limit" if self.stateless else draw(st.sampled_from(["limit", "limit again"]))
        if kind == "fund":
            name = f"fund {len(self.funds)}"
            paid_in = draw(st.lists(st.tuples(days, room), max_size=2))
            top_ups = [{"on": date_of(day), "amount": amount(fen)} for day, fen in paid_in]
            balance = amount(draw(room))
            self.funds[name] = {"balance": balance, "owner": party, "top_ups": top_ups, "refill": draw(st.booleans())}
            return name
        if kind == "limit again" and self.limits:
            return draw(st.sampled_from(list(self.limits)))
        name = f"limit {len(self.limits)}"
        of_base = st.builds(lambda rate, base: f"{rate}% of {base}", st.integers(1, 300), bases)
        at_most = draw(room.map(amount) | of_base)
        if self.stateless:
            at_most = amount(draw(room))
        self.limits[name] = {"at_most": at_most, "per": "loss" if self.stateless else draw(st.sampled_from(PERS))}
        return name

    def test(self, party: str) -> dict[str, Any]:
        """A test of a new rate of what a party pays."""
        draw = self.draw
        name = f"rate {len(self.rates)}"
        per = draw(st.sampled_from(["ever", "year of claim"]))
        self.rates[name] = {"paid_by": party, "over": draw(bases), "per": per}
        bound = draw(st.sampled_from(["at_most", "below", "at_least", "above"]))
        return {name: {bound: f"{draw(st.integers(0, 60))}%"}}

    def has_fund(self, part: dict[str, Any]) -> bool:
        """Whether a part is paid out of a fund."""
        bounds = part.get("up to", [])
        return any(name in self.funds for name in ([bounds] if isinstance(bounds, str) else bounds))

    def split(self, parties: tuple[str, ...], depth: int = 0, needed: str | None = None) -> dict[str, Any]:
        """A split in the form of a file."""
        draw = self.draw
        names = draw(st.lists(st.sampled_from(parties), min_size=1, max_size=4, unique=True))
        if needed is not None and needed not in names:
            names.append(needed)
        weights = draw(st.lists(st.integers(0, 30), min_size=len(names), max_size=len(names)).filter(any))
        split: dict[str, Any] = {}
        for party, weight in zip(names, weights, strict=True):
            share = f"{weight}/{sum(weights)}"
            ways = ["plain", "plain", "up to"] if self.stateless else ["plain", "plain", "up to", "when", "both"]
            how = draw(st.sampled_from(ways)) if depth < 2 else "plain"
            if how == "plain":
                split[party] = share
                continue
            split[party] = {"share": share}
            if how in ("up to", "both"):
                split[party]["up to"] = self.bounds(party)
            if how in ("when", "both"):
                split[party]["when"] = self.test(party)
            one = draw(st.booleans())
            otherwise = draw(st.sampled_from(parties)) if one else self.split(parties, depth + 1)
            alone = otherwise == party or (list(otherwise) == [party] and isinstance(otherwise[party], str))
            if alone and self.has_fund(split[party]):
                # The fund would mean nothing.
                otherwise = draw(st.sampled_from([each for each in parties if each != party]))
            split[party]["otherwise"] = otherwise
        return split


bases = st.sampled_from(BASES)


@st.composite
def agreements(draw: st.DrawFn, stateless: bool = False, **fixed: Any) -> Agreement:
    """Any agreement; a `stateless` one depends neither on time nor on other losses; `fixed` are clauses of a file."""
    parts = Parts(draw, stateless)
    split = parts.split(PARTIES)
    clauses: dict[str, Any] = {
        "split": split,
        "straddle": draw(st.sampled_from(STRADDLES)),
        "same_day": draw(st.sampled_from(["in order", "pro rata"])),
    }
    if draw(st.booleans()):
        giver = draw(st.sampled_from(_parties_of(split)))
        # Nobody cedes to a party that has ceded: takers are others than the giver.
        others = tuple(party for party in PARTIES if party != giver)
        clauses["cede"] = {giver: parts.split((*others, giver), depth=1, needed=giver)}
        assume(set(_parties_of(clauses["cede"][giver])) != {giver})
        if draw(st.booleans()):
            second = draw(st.sampled_from(others))
            last = tuple(party for party in others if party != second)
            takers = set(_parties_of(clauses["cede"][giver]))
            if second in takers | set(_parties_of(split)):
                clauses["cede"][second] = parts.split((*last, second), depth=1, needed=second)
                assume(set(_parties_of(clauses["cede"][second])) != {second})
    if not stateless and draw(st.booleans()):
        starts = sorted(draw(st.lists(days, min_size=1, max_size=2, unique=True)))
        by = draw(st.sampled_from(["claim", "loss", "underwriting"]))
        clauses["changes"] = [
            {"starts": date_of(day), "by": by, "split": parts.split(PARTIES), "cede": {}} for day in starts
        ]
    clauses |= {"funds": parts.funds, "limits": parts.limits, "rates": parts.rates}
    everybody = list(dict.fromkeys(_parties_of(split)))
    ranked = draw(st.lists(st.sampled_from(everybody), max_size=2, unique=True))
    surplus = draw(st.sampled_from(["firm", "city"]))
    clauses["recoveries"] = {"by_rank": ranked, "surplus": surplus}
    return Agreement(RiskSharing.model_validate(clauses | fixed))


def _parties_of(split: dict[str, Any]) -> list[str]:
    found = list(split)
    for part in split.values():
        otherwise = part.get("otherwise") if isinstance(part, dict) else None
        found += [otherwise] if isinstance(otherwise, str) else _parties_of(otherwise or {})
    return found


@st.composite
def claims_of(draw: st.DrawFn, agreement: Agreement, most: int = 8) -> list[Claim]:
    """Losses in order of settlement, several of a borrower and on a day among them, with the bases that are needed."""
    count = draw(st.integers(1, most))
    settled = sorted(draw(st.lists(days, min_size=count, max_size=count)))
    claims = []
    for number, day in enumerate(settled):
        lost_on = day - draw(st.integers(0, 120))
        claims.append(
            Claim(
                amount=draw(st.integers(0, MOST_LOSS)),
                day=day,
                loan=number,
                borrower=draw(st.integers(0, 2)),
                lost_on=lost_on,
                drawn_on=lost_on - draw(st.integers(0, 400)),
                bases={need: draw(st.integers(0, 2 * 10**6)) for need in agreement.needs},
            )
        )
    return claims
