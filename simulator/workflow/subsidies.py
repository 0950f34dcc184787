"""Public money that gives back part of what was paid for loans: interest, fees, premiums."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from simulator.scenario.pricing import Subsidy


class Granted(NamedTuple):
    """A part of a subsidy that is paid out: what it gives back a part of, by which party, to whom, fen."""

    of: str
    paid_by: str
    paid_to: str
    fen: int


@dataclass(frozen=True)
class Scheme:
    """One subsidy with the firms that may have it, one entry a firm."""

    name: str
    model: Subsidy
    eligible: NDArray[np.bool_]


class Subsidies:
    """What has been paid so far that subsidies are a part of, and what of it was given back.

    A subsidy gives its share of all that was paid so far, rounded down to whole fen, up to its ceiling, less what it
    has given already; so many small payments get what one large payment would.
    """

    def __init__(self, schemes: Sequence[Scheme], applicant_of: Mapping[int, int] | None = None) -> None:
        """`applicant_of` names the applicant behind a case where it is not the case itself."""
        self._schemes, self._applicant_of = schemes, applicant_of or {}
        self._paid: dict[tuple[str, Hashable], int] = {}
        self._given: dict[tuple[str, Hashable], int] = {}
        self._waiting: dict[tuple[str, int], list[tuple[int, str]]] = {}
        self._claimed: set[tuple[str, int]] = set()

    def kinds_of(self, product: str) -> frozenset[str]:
        """What subsidies give back a part of for the loans of a product."""
        models = [scheme.model for scheme in self._schemes]
        return frozenset(model.of for model in models if model.products is None or product in model.products)

    def paid(self, what: str, product: str, case: int, year: int, payer: str, fen: int) -> list[Granted]:
        """So much was paid in a calendar year; what is given back of it at once."""
        granted: list[Granted] = []
        for scheme in self._schemes:
            model = scheme.model
            if model.of != what or not fen or not scheme.eligible[case]:
                continue
            if model.products is not None and product not in model.products:
                continue
            if model.step is not None and (scheme.name, case) not in self._claimed:
                self._waiting.setdefault((scheme.name, case), []).append((fen, payer))
                continue
            granted += self._give(scheme, case, year, fen, payer)
        return granted

    def claimed(self, step: str, case: int, year: int) -> list[Granted]:
        """The claim of a case is made in a step: what waited for it is given back, in the year of the claim."""
        granted: list[Granted] = []
        for scheme in self._schemes:
            if scheme.model.step == step and (scheme.name, case) not in self._claimed:
                self._claimed.add((scheme.name, case))
                for fen, payer in self._waiting.pop((scheme.name, case), []):
                    granted += self._give(scheme, case, year, fen, payer)
        return granted

    def _give(self, scheme: Scheme, case: int, year: int, fen: int, payer: str) -> list[Granted]:
        model = scheme.model
        key = (scheme.name, counted_over(model, case, self._applicant_of.get(case, case), year))
        self._paid[key] = self._paid.get(key, 0) + fen
        due = self._paid[key] * model.share.numerator // model.share.denominator
        if model.at_most is not None:
            due = min(due, model.at_most)
        given = self._given.get(key, 0)
        if due <= given:
            return []
        self._given[key] = due
        return [Granted(model.of, model.paid_by, payer if model.paid_to == "payer" else "firm", due - given)]


def counted_over(model: Subsidy, case: int, applicant: int, year: int) -> Hashable:
    """What the ceiling of a subsidy counts over for a payment."""
    if model.per == "loan":
        return case
    return applicant if model.per == "applicant" else (applicant, year)
