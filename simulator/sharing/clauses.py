"""The clauses of an agreement, and which of them apply to a loss."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction

from simulator.scenario.agreement import Part, exact_share, exact_shares
from simulator.scenario.agreement_parts import RateTest
from simulator.sharing.rounding import over_one_denominator
from simulator.texts import phrase, say
from simulator.units import format_money, parse_money

KINDS = ("at_most", "below", "at_least", "above")
_SAID = {
    "at_most": phrase("{rate} is at most {share}"),
    "below": phrase("{rate} is below {share}"),
    "at_least": phrase("{rate} is at least {share}"),
    "above": phrase("{rate} is above {share}"),
}


@dataclass(frozen=True, slots=True)
class Bound:
    """What a rate must keep for a share to apply: `kind` is one of KINDS."""

    rate: str
    kind: str
    share: Fraction

    def holds(self, paid: int, base: int) -> bool:
        """Whether paid / base keeps the bound; nothing paid is a rate of zero, whatever the base."""
        left, right = paid * self.share.denominator, base * self.share.numerator
        if paid == 0:
            left, right = 0, self.share.numerator
        if self.kind == "at_most":
            return left <= right
        if self.kind == "below":
            return left < right
        return left >= right if self.kind == "at_least" else left > right

    def __str__(self) -> str:
        return say(_SAID[self.kind], rate=self.rate, share=exact_share(self.share))


@dataclass(frozen=True, slots=True)
class Clause:
    """A party's share of what is divided, as far as funds, limits and tests let it; `otherwise` bears the rest."""

    party: str
    share: Fraction
    limits: tuple[str, ...] = ()
    tests: tuple[Bound, ...] = ()
    otherwise: tuple[Clause, ...] = ()

    @property
    def is_plain(self) -> bool:
        """Whether nothing bounds it."""
        return not self.limits and not self.tests


@dataclass(frozen=True)
class Closed:
    """What keeps clauses from taking part in a loss: funds that are used up, tests that fail.

    A limit that is reached does not: the clause takes its part, and hands on all of it.
    """

    funds: frozenset[str]
    tests: frozenset[Bound]

    def closes(self, clause: Clause) -> bool:
        """Whether a clause's fund is used up, or one of its tests fails."""
        return not self.funds.isdisjoint(clause.limits) or not self.tests.isdisjoint(clause.tests)


@dataclass(frozen=True, slots=True)
class InForce:
    """The clauses that apply, with their shares as numerators over one denominator, and those that stand aside."""

    clauses: tuple[Clause, ...]
    numerators: tuple[int, ...]
    denominator: int
    aside: tuple[Clause, ...]


def compiled(split: Mapping[str, Part]) -> tuple[Clause, ...]:
    """The clauses of a split in its order, 'rest' worked out."""
    return tuple(
        Clause(
            party,
            share,
            tuple(split[party].limits),
            tuple(each for name, test in (split[party].when or {}).items() for each in _bounds(name, test)),
            compiled(split[party].otherwise or {}),
        )
        for party, share in exact_shares(split).items()
    )


def _bounds(name: str, test: RateTest) -> Iterator[Bound]:
    for kind in KINDS:
        share = getattr(test, kind)
        if share is not None:
            yield Bound(name, kind, share)


def in_force(clauses: Iterable[Clause], closed: Closed) -> InForce:
    """The share of every closed clause handed on to its `otherwise`; like shares of a party added up."""
    clauses = tuple(clauses)
    merged: dict[tuple[object, ...], Clause] = {}
    for clause in _handed_on(clauses, closed, Fraction(1)):
        key = (clause.party, clause.limits, clause.tests, clause.otherwise)
        share = clause.share + (merged[key].share if key in merged else 0)
        merged[key] = replace(clause, share=share)
    found = tuple(merged.values())
    shares = over_one_denominator([clause.share for clause in found])
    return InForce(found, *shares, tuple(_aside(clauses, closed, Fraction(1))))


def _handed_on(clauses: Iterable[Clause], closed: Closed, of: Fraction) -> Iterator[Clause]:
    for clause in clauses:
        if closed.closes(clause):
            yield from _handed_on(clause.otherwise, closed, of * clause.share)
        else:
            yield replace(clause, share=of * clause.share)


def _aside(clauses: Iterable[Clause], closed: Closed, of: Fraction) -> Iterator[Clause]:
    """The closed clauses, each with its share of the whole."""
    for clause in clauses:
        if closed.closes(clause):
            yield replace(clause, share=of * clause.share)
            yield from _aside(clause.otherwise, closed, of * clause.share)


def clauses_within(clauses: Iterable[Clause]) -> Iterator[Clause]:
    """Clauses at any depth, each before its `otherwise`."""
    for clause in clauses:
        yield clause
        yield from clauses_within(clause.otherwise)


def sole_bearer(clauses: tuple[Clause, ...]) -> str | None:
    """The party that bears everything without a bound, where there is just one."""
    return clauses[0].party if len(clauses) == 1 and clauses[0].is_plain else None


def the(name: str) -> str:
    """A name with its article, unless it looks like a proper name or is Chinese."""
    return f"the {name}" if name[:1].islower() else name


def exact_money(fen: int) -> str:
    """An amount in its short form where that says every fen, otherwise in full."""
    short = format_money(fen)
    return short if parse_money(short.replace(",", "")) == fen else f"{fen // 100:,}.{fen % 100:02d} CNY"
