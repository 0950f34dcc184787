"""Where a file goes after each outcome of a step, exactly as the interpreter of flows sends it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

from simulator.scenario.flow import Choice, Step, Together
from simulator.scenario.model import Quota
from simulator.scenario.order import possible_outcomes, targets

NEXT, DECLINED = "next", "end declined"


Besides = Literal["appraisal", "quota", "quota refuses", "cover"]
"""What can decline a file or call a loan beside the odds: an appraisal too low, a line above the quota, a quota without
room, IP that has come to be worth too little."""


@dataclass(frozen=True)
class Way:
    """One outcome of a step and where it leads: 'next', 'end NAME', or the title of a step."""

    outcome: str
    target: str
    share: Fraction | None
    """Share of files; None where something else than odds decides."""
    besides: tuple[Besides, ...] = ()


def ways_of(step: Step, quotas: Mapping[str, Quota]) -> list[Way]:
    """All ways on which a file can leave a step, the one to the next step first."""
    odds = step.odds or {}
    stated = sum((share for share in odds.values() if share != "rest"), start=Fraction(0))
    besides = _besides(step, quotas)
    refusal = "exit" if step.kind.family == "servicing" else "declined"
    ways = []
    for outcome, target in targets(step).items():
        share = odds.get(outcome, Fraction(1))
        exact = 1 - stated if isinstance(share, str) else Fraction(share)
        certain = exact == 1 and besides and outcome != refusal
        ways.append(Way(outcome, target, None if certain else exact, besides if outcome == refusal else ()))
    if besides and refusal in step.kind.outcomes and refusal not in possible_outcomes(step):
        ways.append(Way(refusal, DECLINED, None, besides))
    return sorted(ways, key=lambda way: (way.target != NEXT, step.kind.outcomes.index(way.outcome)))


def _besides(step: Step, quotas: Mapping[str, Quota]) -> tuple[Besides, ...]:
    found: list[Besides] = []
    if step.valuer is not None:
        found.append("appraisal")
    if step.cover is not None:
        found.append("cover")
    if step.reserves is not None and step.reserves in quotas:
        found.append("quota refuses" if quotas[step.reserves].when_full == "refuse" else "quota")
    return tuple(found)


def places_of(flow: Sequence[Step | Together | Choice]) -> dict[str, int]:
    """A number for every titled item: a route to a number not below one's own counts as a return.

    The interpreter numbers a flow back to front, and the ways of a choice one after the other.
    """
    places: dict[str, int] = {}
    _number(flow, places, 0)
    return places


def _number(items: Sequence[Step | Together | Choice], places: dict[str, int], count: int) -> int:
    for item in reversed(items):
        if not isinstance(item, Step):
            for branch in item.branches:
                count = _number(branch, places, count)
        if item.title is not None:
            places[item.title] = count
        count += 1
    return count
