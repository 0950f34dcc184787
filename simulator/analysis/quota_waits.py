"""How files wait for room in quotas: time between two steps, which no step has."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from simulator.scenario.flow import steps_of
from simulator.scenario.model import Product, Scenario
from simulator.workflow.world import Happened


@dataclass(frozen=True)
class QuotaWaits:
    """Files that found no room in one quota in one replication, at the steps that reserve it."""

    waited: int
    days: float
    """All their days together; for those that still wait, to the end of the cases' follow-up."""
    still_waiting: int
    left: int
    """Those that gave up, or whose deadline passed, while they waited."""
    refused: int


def room_in(quota: str) -> str:
    """What the waiting for a quota is called among the steps."""
    return f"room in quota '{quota}'"


def quotas_reserved(product: Product) -> dict[str, list[str]]:
    """The quotas that steps of a product reserve, each with the titles of these steps, in the order of the flow."""
    found: dict[str, list[str]] = {}
    for step in steps_of(product.flow):
        if step.reserves is not None:
            found.setdefault(step.reserves, []).append(step.title)
    return found


def quota_waits(scenario: Scenario, happened: Happened, counted: NDArray[np.bool_]) -> dict[str, QuotaWaits]:
    """For every quota that a step reserves, what became of the files without room; of the applicants counted.

    A file counts at the quota that its step reserves, also where a wider one around it is what was full.
    """
    reserved = {quota for product in scenario.products.values() for quota in quotas_reserved(product)}
    found = {}
    for name in scenario.quotas:
        if name not in reserved:
            continue
        mine = [each for each in happened.no_room if each.quota == name and counted[each.case]]
        lengths = [min(each.ended, happened.last_case_moment) - each.asked for each in mine]
        found[name] = QuotaWaits(
            waited=sum(length > 0 for length in lengths),
            days=sum(lengths) / 1440,
            still_waiting=sum(each.outcome == "still waiting" for each in mine),
            left=sum(each.outcome == "left" for each in mine),
            refused=sum(each.outcome == "refused" for each in mine),
        )
    return found


def minutes_for_room(product: Product, number: int, happened: Happened, cases: NDArray[np.int64]) -> dict[str, float]:
    """Minutes that the given cases of a product waited for room in each quota that its steps reserve."""
    followed = set(cases.tolist()) if happened.no_room else set()
    minutes = dict.fromkeys(quotas_reserved(product), 0.0)
    for each in happened.no_room:
        if each.product == number and each.case in followed:
            minutes[each.quota] += min(each.ended, happened.last_case_moment) - each.asked
    return minutes
