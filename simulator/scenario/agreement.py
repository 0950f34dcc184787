"""Who bears a loss: shares and their bounds, cessions, recoveries, and terms that change from a day on."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from fractions import Fraction
from graphlib import CycleError, TopologicalSorter
from typing import Annotated, Literal, Self

from pydantic import BeforeValidator, Field, model_validator

from simulator.errors import did_you_mean, listed
from simulator.scenario.agreement_parts import (
    MOST_PARTS,
    Cap,
    Fund,
    Limit,
    Location,
    OrText,
    Part,
    Rate,
    Split,
    exact_share,
    located,
    unknown,
)
from simulator.scenario.names import Date, Name
from simulator.scenario.quantities import Model

__all__ = ["Cap", "Change", "Part", "Recoveries", "RiskSharing", "Straddle", "exact_share", "exact_shares", "parts_of"]

Straddle = Literal["in proportion", "shortfall shared", "remainder shared", "all or nothing"]
Dated = Literal["claim", "loss", "underwriting"]
FIRM = "firm"
SURPLUS: Location = ("recoveries", "surplus")
"""Where an agreement says who gets a surplus, which may be the firm."""


def _pro_rata(raw: object) -> object:
    if isinstance(raw, (Mapping, Recoveries)):
        return raw
    if raw != "pro rata":
        found = f"'{raw}' is no rule for recoveries; " if isinstance(raw, str) else ""
        raise ValueError(f"{found}write 'pro rata' or a mapping such as 'by_rank: [insurer, bank]'")
    return {}


class Recoveries(Model):
    """Who gets back what the sale of a pledge brings in, after the costs of the sale."""

    by_rank: list[Name] = Field(
        default_factory=list,
        max_length=MOST_PARTS,
        description="Parties made whole one after another; all others then share pro rata to what each paid",
    )
    surplus: Name = Field(FIRM, description="Who gets what is left when all are whole: 'firm' or a party")


class Change(Model):
    """Terms that take the place of the first ones from a day on."""

    starts: Date = Field(description="First day on which they apply")
    by: Dated = Field(description="Whether the day of the claim's settlement, of the default or of the drawdown counts")
    split: Split | None = Field(None, description="Shares from then on")
    cede: dict[Name, Split] | None = Field(None, max_length=MOST_PARTS, description="Cessions from then on")

    @model_validator(mode="after")
    def _changes_something(self) -> Self:
        if self.split is None and self.cede is None:
            raise ValueError("a change says what changes; allowed: split, cede")
        return self


class RiskSharing(Model):
    """A risk-sharing agreement: who bears which part of a loss, and who gets recoveries back."""

    covers: Literal["principal", "principal and interest"] = Field(
        "principal", description="What counts as the loss: outstanding principal, or with the interest owed on it"
    )
    funds: dict[Name, Fund] = Field(
        default_factory=dict, max_length=MOST_PARTS, description="Funds that pay a party's share until they are used up"
    )
    limits: dict[Name, Limit] = Field(
        default_factory=dict, max_length=MOST_PARTS, description="Ceilings on what is paid, by loss, borrower or time"
    )
    rates: dict[Name, Rate] = Field(
        default_factory=dict, max_length=MOST_PARTS, description="Rates on which shares may depend"
    )
    split: Split = Field(description="Share of every loss that each party bears; the shares make up one")
    cede: dict[Name, Split] = Field(
        default_factory=dict,
        max_length=MOST_PARTS,
        description="Party: how what it has paid is shared again, as in a re-guarantee; its own part is 'rest'",
    )
    straddle: Straddle = Field(
        "in proportion",
        description=(
            "A loss for which a fund has too little left. 'in proportion': the fund pays what it has, its 'otherwise' "
            "the shortfall. 'shortfall shared': the shortfall is shared as if the fund were used up. 'remainder "
            "shared': all that the fund does not pay is. 'all or nothing': the fund keeps its money for a smaller loss"
        ),
    )
    same_day: Literal["in order", "pro rata"] = Field(
        "in order",
        description=(
            "Claims settled on one day: one after another, or each with its part of what funds and limits have left, "
            "in proportion to the losses"
        ),
    )
    recoveries: Annotated[Recoveries, BeforeValidator(_pro_rata), OrText(const="pro rata")] = Field(
        Recoveries(), description="'pro rata' to what each party paid, or who is made whole first"
    )
    changes: list[Change] = Field(
        default_factory=list, max_length=100, description="Terms that change from a day on, the earliest first"
    )

    @model_validator(mode="after")
    def _its_parts_agree(self) -> Self:
        problems = [*self._wrong_names(), *self._unused(), *self._wrong_cessions(), *self._wrong_changes()]
        bearers = self.bearers()
        for rank, party in enumerate(self.recoveries.by_rank):
            if party not in bearers:
                found = f"'{party}' bears no share; who does: {listed(bearers)}{did_you_mean(party, bearers)}"
                problems.append((("recoveries", "by_rank", rank), found, party))
            elif party in self.recoveries.by_rank[:rank]:
                problems.append((("recoveries", "by_rank", rank), f"'{party}' has a rank already", party))
        if problems:
            raise located(*problems)
        return self

    def _splits(self) -> Iterator[tuple[Location, Split]]:
        """Every split with its place: those of the first terms, of cessions and of changes."""
        yield ("split",), self.split
        for party, split in self.cede.items():
            yield ("cede", party), split
        for number, change in enumerate(self.changes):
            if change.split is not None:
                yield ("changes", number, "split"), change.split
            for party, split in (change.cede or {}).items():
                yield ("changes", number, "cede", party), split

    def _wrong_names(self) -> Iterator[tuple[Location, str, object]]:
        for name in self.funds.keys() & self.limits.keys():
            yield ("limits", name), f"'{name}' is both a fund and a limit", name
        bearers = self.bearers()
        paying = {name: party for party, part in self._parts() for name in part.limits if name in self.funds}
        for name, party in paying.items():
            if (owner := self.funds[name].owner) not in bearers:
                who = f"who does: {listed(bearers)}{did_you_mean(owner, bearers)}"
                found = f"'{owner}' bears no share, but that of '{party}' is paid out of '{name}'; {who}"
                yield ("funds", name, "owner"), found, owner
        for name, rate in self.rates.items():
            if rate.paid_by not in bearers:
                who = f"who does: {listed(bearers)}{did_you_mean(rate.paid_by, bearers)}"
                yield ("rates", name, "paid_by"), f"'{rate.paid_by}' bears no share; {who}", rate.paid_by
        for place, split in self._splits():
            in_use: dict[str, str] = {}
            for location, party, part in parts_of(split, place):
                yield from self._wrong_bounds(location, party, part, in_use)

    def _wrong_bounds(
        self, location: Location, party: str, part: Part, in_use: dict[str, str]
    ) -> Iterator[tuple[Location, str, object]]:
        place = (*location, "up to")
        known = {**self.funds, **self.limits}
        for number, name in enumerate(part.limits):
            funds = [each for each in part.limits[: number + 1] if each in self.funds]
            if name in part.limits[:number]:
                yield place, f"'{name}' stands here twice", name
            elif name in self.funds and len(funds) > 1:
                found = f"'{funds[0]}' and '{name}' are both funds; a share is paid out of one"
                yield place, f"{found}, and 'otherwise' may name a share that the other pays", name
            elif name not in known:
                what = "fund" if not self.limits else "limit" if not self.funds else "fund or limit"
                none = "this agreement has no funds and no limits"
                yield place, unknown(what, name, known, none), name
            elif name in self.funds:
                owner = self.funds[name].owner
                if owner != party and owner in self.bearers():
                    yield place, f"the owner of '{name}' is '{owner}', so it cannot pay for '{party}'", name
                elif owner == party and _bears_alone(part.otherwise or {}, party):
                    found = f"'{party}' bears its share out of '{name}' and, when that is used up, all the same"
                    yield place, f"{found}; write who else bears it as 'otherwise', or leave '{name}' out", name
                if name in in_use:
                    yield place, f"fund '{name}' already limits the share at {in_use[name]}", name
                in_use.setdefault(name, ".".join(map(str, location)))
        for name in part.when or {}:
            if name not in self.rates:
                found = unknown("rate", name, self.rates, "this agreement has no rates")
                yield (*location, "when", name), found, name

    def _unused(self) -> Iterator[tuple[Location, str, object]]:
        """Funds, limits and rates that no share names, unless a share names one that is not there."""
        parts = [part for _, part in self._parts()]
        bounds = {name for part in parts for name in part.limits}
        tested = {name for part in parts for name in part.when or {}}
        if bounds <= {*self.funds, *self.limits}:
            for key, what, does in (("funds", "fund", "it pays"), ("limits", "limit", "it bounds")):
                for name in (each for each in getattr(self, key) if each not in bounds):
                    hint = f"write 'up to: {name}' at the share that {does}, or leave it out"
                    yield (key, name), f"no share names the {what} '{name}'; {hint}", name
        if tested <= self.rates.keys():
            for name in (each for each in self.rates if each not in tested):
                hint = f"write 'when: {{{name}: ...}}' at the share that does, or leave it out"
                yield ("rates", name), f"no share depends on the rate '{name}'; {hint}", name

    def _parts(self) -> Iterator[tuple[str, Part]]:
        """Every party's part, at any depth of any split."""
        for _, split in self._splits():
            yield from ((party, part) for _, party, part in parts_of(split, ()))

    def _wrong_cessions(self) -> Iterator[tuple[Location, str, object]]:
        terms: list[tuple[Location, Split, dict[str, Split]]] = [(("cede",), self.split, self.cede)]
        split, cede = self.split, self.cede
        for number, change in enumerate(self.changes):
            split, cede = change.split or split, cede if change.cede is None else change.cede
            if change.cede is not None:
                terms.append((("changes", number, "cede"), split, cede))
        for place, split, cede in terms:
            for party in cede:
                if all(taker == party for _, taker, _ in parts_of(cede[party], ())):
                    found = f"'{party}' cedes nothing: all stays with '{party}'"
                    yield (*place, party), f"{found}; write who takes a part of it, or leave the cession out", party
                sharing = [split, *(each for giver, each in cede.items() if giver != party)]
                paying = dict.fromkeys(payer for each in sharing for _, payer, _ in parts_of(each, ()))
                if party not in paying:
                    found = f"'{party}' pays nothing that it could cede; who pays: {listed(paying)}"
                    yield (*place, party), found + did_you_mean(party, paying), party
            try:
                cession_order(cede)
            except CycleError as error:
                chain = " to ".join(reversed(error.args[1]))
                yield (*place, error.args[1][0]), f"the cessions lead in a circle: {chain}", None

    def _wrong_changes(self) -> Iterator[tuple[Location, str, object]]:
        for number, (earlier, later) in enumerate(zip(self.changes, self.changes[1:], strict=False), start=1):
            if later.starts <= earlier.starts:
                found = f"{later.starts} does not come after {earlier.starts}; write the earliest change first"
                yield ("changes", number, "starts"), found, later.starts
            if later.by != earlier.by:
                found = f"by '{later.by}', but the change before goes by '{earlier.by}'; one agreement has one rule"
                yield ("changes", number, "by"), found, later.by

    def bearers(self) -> tuple[str, ...]:
        """Everybody who may have to pay, in the order of the agreement."""
        return tuple(dict.fromkeys(party for _, split in self._splits() for _, party, _ in parts_of(split, ())))

    def parties(self) -> list[tuple[Location, str]]:
        """Every party the agreement names, with the location of the name."""
        owners: list[tuple[Location, str]] = [
            (("funds", name, "owner"), fund.owner) for name, fund in self.funds.items()
        ]
        paying: list[tuple[Location, str]] = [
            (("rates", name, "paid_by"), rate.paid_by) for name, rate in self.rates.items()
        ]
        bearers = [
            (location, party) for place, split in self._splits() for location, party, _ in parts_of(split, place)
        ]
        ranks: list[tuple[Location, str]] = [
            (("recoveries", "by_rank", rank), party) for rank, party in enumerate(self.recoveries.by_rank)
        ]
        surplus = self.recoveries.surplus
        named: list[tuple[Location, str]] = [] if surplus == FIRM else [(SURPLUS, surplus)]
        return [*owners, *paying, *bearers, *ranks, *named]


def _bears_alone(split: Mapping[str, Part], party: str) -> bool:
    """Whether a party bears all that a split divides, without a bound."""
    return list(split) == [party] and split[party].otherwise is None


def cession_order(cede: Mapping[str, Split]) -> list[str]:
    """Ceding parties, each after all that cede to it; graphlib.CycleError for a circle."""
    ceded_by: dict[str, set[str]] = {party: set() for party in cede}
    for giver, split in cede.items():
        for _, taker, _ in parts_of(split, ()):
            if taker != giver:
                ceded_by.setdefault(taker, set()).add(giver)
    return [party for party in TopologicalSorter(ceded_by).static_order() if party in cede]


def exact_shares(split: Mapping[str, Part]) -> dict[str, Fraction]:
    """The share of each party, 'rest' worked out."""
    given = {party: part.share for party, part in split.items() if part.share != "rest"}
    rest = 1 - sum(given.values(), start=Fraction(0))
    return {party: given.get(party, rest) for party in split}


def parts_of(split: Mapping[str, Part], location: Location) -> Iterator[tuple[Location, str, Part]]:
    """Every part of a split at any depth, with its place and its party."""
    for party, part in split.items():
        yield (*location, party), party, part
        if part.otherwise is not None:
            inner = (*location, party, "otherwise")
            alone = len(part.otherwise) == 1 and all(each.otherwise is None for each in part.otherwise.values())
            for place, name, each in parts_of(part.otherwise, inner):
                # A party written bare (`otherwise: insurer`) has no place of its own below `otherwise`.
                yield (inner if alone else place), name, each
