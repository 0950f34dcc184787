"""What the work at desks has cost: hours of people at their cost an hour, entered for each case and party."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from simulator.scenario.model import Scenario
from simulator.scenario.parties import Desk
from simulator.scenario.references import desk_names
from simulator.workflow.ledger import OUTSIDE, Ledger
from simulator.workflow.record import Visits
from simulator.workflow.step import StepAtWork

Floats = NDArray[np.float64]


def enter_staff_costs(
    scenario: Scenario, rows: Visits, steps: Sequence[Sequence[StepAtWork]], ledger: Ledger
) -> None:
    """Enter what the work on each case has cost each party, as its last work for it ends.

    `rows` are the visits of all steps, `steps` those of each product. A meeting or a batch costs as much as its time,
    whoever sits there, in equal parts for the files it deals with.
    """
    desks = desk_names(scenario)
    parties = list(scenario.parties)
    costs, owners, cases, products, moments = [], [], [], [], []
    # The rows are the largest table of a run: taken by number, step by step, never copied as a whole.
    done = np.isfinite(rows["worked"])
    for product, at_work in enumerate(steps):
        for step in at_work:
            if step.step.by not in desks:
                continue
            party, name = desks[step.step.by]
            desk = scenario.parties[party].desks[name]
            own = desk.cost_per_hour
            cost_per_hour = own if own is not None else scenario.parties[party].cost_per_hour
            if not cost_per_hour:
                continue
            mine = rows[done & (rows["product"] == product) & (rows["step"] == step.index)]
            costs.append(_minutes(desk, step, mine, rows, done, steps) * (cost_per_hour / 60))
            owners.append(np.full(len(mine), parties.index(party)))
            cases.append(mine["case"].astype(np.int64))
            products.append(np.full(len(mine), product))
            moments.append(mine["worked"])
    if not costs:
        return
    # One number for each product, case and party; they stay far below 2^63.
    case_count = 1 + max(int(each.max(initial=0)) for each in cases)
    keys = (np.concatenate(products) * case_count + np.concatenate(cases)) * len(parties) + np.concatenate(owners)
    groups, group = np.unique(keys, return_inverse=True)
    total = np.rint(np.bincount(group, np.concatenate(costs), len(groups))).astype(np.int64)
    last = np.full(len(groups), -np.inf)
    np.maximum.at(last, group, np.concatenate(moments))
    product_case, owner = np.divmod(groups, len(parties))
    of_product, case = np.divmod(product_case, case_count)
    for number, party in enumerate(parties):
        mine = owner == number
        ledger.pay_many(last[mine], case[mine], of_product[mine], "staff", party, OUTSIDE, total[mine])


def _minutes(
    desk: Desk,
    step: StepAtWork,
    mine: Visits,
    rows: Visits,
    done: NDArray[np.bool_],
    steps: Sequence[Sequence[StepAtWork]],
) -> Floats:
    """Minutes of work in each visit of a step."""
    lasts = desk.committee.lasts if desk.committee is not None else desk.batch.lasts if desk.batch is not None else None
    if lasts is None:
        return step.minutes_of_work(mine["case"].astype(np.int64), mine["visit"].astype(np.int64))
    # All files of a meeting begin at one moment, whatever step of whatever product they are at.
    together = np.zeros(len(rows), dtype=bool)
    for product, at_work in enumerate(steps):
        of_desk = [each.index for each in at_work if each.step.by == step.step.by]
        together |= done & (rows["product"] == product) & np.isin(rows["step"], of_desk)
    begun, files = np.unique(rows["start"][together], return_counts=True)
    return np.asarray(lasts.mean / files[np.searchsorted(begun, mine["start"])])
