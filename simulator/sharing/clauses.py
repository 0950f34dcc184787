"""The clauses of an agreement as they apply to a loss, given which funds are used up, and their wording."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction

from simulator.scenario.agreement import Part, exact_share, exact_shares
from simulator.units import format_money, parse_money


@dataclass(frozen=True, slots=True)
class Clause:
    """A party's share of what is being divided; out of a fund as far as that lasts, where it names one."""

    party: str
    share: Fraction
    fund: str | None = None
    otherwise: tuple[Clause, ...] = ()

    def __str__(self) -> str:
        limit = f" up to {self.fund}, otherwise {bearers(self.otherwise)}" if self.fund is not None else ""
        return f"{self.party}: {exact_share(self.share)}{limit}"


def compiled(split: Mapping[str, Part]) -> tuple[Clause, ...]:
    """The clauses of a split in its order, 'rest' worked out."""
    return tuple(
        Clause(party, share, split[party].up_to, compiled(split[party].otherwise or {}))
        for party, share in exact_shares(split).items()
    )


def in_force(clauses: Iterable[Clause], idle: Collection[str]) -> tuple[Clause, ...]:
    """The clauses with the share of every idle fund handed on to its `otherwise`, a party's plain shares added up."""
    merged: dict[tuple[str, str | None], Clause] = {}
    for clause in _handed_on(clauses, idle, Fraction(1)):
        key = (clause.party, clause.fund)
        share = clause.share + (merged[key].share if key in merged else 0)
        merged[key] = Clause(clause.party, share, clause.fund, clause.otherwise)
    return tuple(merged.values())


def of_idle_funds(clauses: Iterable[Clause], idle: Collection[str], of: Fraction = Fraction(1)) -> Iterator[Clause]:
    """The clauses that `in_force` hands on, each with its share of the whole."""
    for clause in clauses:
        if clause.fund in idle:
            yield Clause(clause.party, of * clause.share, clause.fund, clause.otherwise)
            yield from of_idle_funds(clause.otherwise, idle, of * clause.share)


def _handed_on(clauses: Iterable[Clause], idle: Collection[str], of: Fraction) -> Iterator[Clause]:
    for clause in clauses:
        if clause.fund in idle:
            yield from _handed_on(clause.otherwise, idle, of * clause.share)
        else:
            yield Clause(clause.party, of * clause.share, clause.fund, clause.otherwise)


def sole_bearer(clauses: tuple[Clause, ...]) -> str | None:
    """The party that bears everything without a limit, where there is just one."""
    return clauses[0].party if len(clauses) == 1 and clauses[0].fund is None else None


def bearers(clauses: tuple[Clause, ...]) -> str:
    """`the insurer`, or `insurer: 90%, bank: 10%`."""
    sole = sole_bearer(clauses)
    return the(sole) if sole is not None else ", ".join(str(clause) for clause in clauses)


def the(name: str) -> str:
    """A name with its article, unless it looks like a proper name or is Chinese."""
    return f"the {name}" if name[:1].islower() else name


def exact_money(fen: int) -> str:
    """An amount in its short form where that says every fen, otherwise in full."""
    short = format_money(fen)
    return short if parse_money(short.replace(",", "")) == fen else f"{fen // 100:,}.{fen % 100:02d} CNY"


def share_of(share: Fraction, amount: int, part: int) -> str:
    """`30% of 2.0m CNY is 600,000 CNY`, saying so where the part is rounded to whole fen."""
    rounded = "" if share * amount == part else " in whole fen"
    return f"{exact_share(share)} of {exact_money(amount)} is {exact_money(part)}{rounded}"
