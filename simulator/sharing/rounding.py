"""Divides an amount of fen by exact shares, so that the parts are whole and sum to the amount."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from math import lcm


def largest_remainder(amount: int, shares: Sequence[Fraction]) -> list[int]:
    """Whole parts of an amount: each share rounded down, the fen left over to the largest remainders.

    Ties go to the shares listed first. Every part is less than one fen away from its exact share. ValueError for a
    negative amount or share, and for shares that do not sum to exactly one. Hamilton's method (Balinski and Young,
    Fair Representation, chapter 3, 1982).
    """
    if amount < 0:
        raise ValueError(f"amount={amount} must be at least 0")
    if any(share < 0 for share in shares):
        raise ValueError(f"shares={[str(share) for share in shares]} must not be negative")
    if sum(shares) != 1:
        raise ValueError(f"shares={[str(share) for share in shares]} must sum to 1")
    return whole_parts(amount, *over_one_denominator(shares))


def over_one_denominator(shares: Sequence[Fraction]) -> tuple[tuple[int, ...], int]:
    """Numerators of shares over their least common denominator, and that."""
    denominator = lcm(*(share.denominator for share in shares))
    return tuple(share.numerator * (denominator // share.denominator) for share in shares), denominator


def whole_parts(amount: int, numerators: Sequence[int], denominator: int) -> list[int]:
    """As `largest_remainder`, for shares over one denominator that are known to be complete."""
    exact = [divmod(amount * numerator, denominator) for numerator in numerators]
    parts = [part for part, _ in exact]
    left = amount - sum(parts)
    if left:
        by_remainder = sorted(range(len(parts)), key=lambda index: -exact[index][1])
        for index in by_remainder[:left]:
            parts[index] += 1
    return parts
