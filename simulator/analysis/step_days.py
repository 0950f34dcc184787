"""Where the days of a product's cases go, and how many firms get past each step: the figures of all replications."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simulator.analysis.flow_rows import titles_of, titles_with_quotas
from simulator.analysis.intervals import ratio
from simulator.analysis.measure import ProductMeasures
from simulator.analysis.quota_waits import quotas_reserved, room_in
from simulator.analysis.rounds import WorldResult
from simulator.analysis.time_use import USES
from simulator.scenario.model import Product

DAYS_NOTE = (
    "mean days a case, over the cases drawn or still open of all replications; every visit counts, also beside others"
)


def days_summary(world: WorldResult, number: int) -> dict[str, Any]:
    """Mean days a case by use, in all and in each row of the flow, with the firms that passed it."""
    measures, product = world.product(number), list(world.loaded.scenario.products.values())[number]
    cases = [each.ends["drawn"] + each.ends["open"] for each in measures]
    used = np.array([minutes_by_row(each, product, _rows(product)) for each in measures]) / 1440
    passed = dict(zip(titles_of(product), np.sum([each.passed for each in measures], axis=0).tolist(), strict=True))
    quotas = {room_in(quota): quota for quota in quotas_reserved(product)}
    entries = []
    for place, title in enumerate(_rows(product)):
        days = used[:, place]
        entry: dict[str, Any] = {"step": title} if title in passed else {"quota": quotas[title]}
        entry["days"] = {use: ratio(days[:, column].tolist(), cases).value for column, use in enumerate(USES)}
        entry["total_days"] = ratio(days.sum(axis=1).tolist(), cases).as_json()
        if title in passed:
            entry["passed"] = passed[title]
            entry["passed_a_replication"] = passed[title] / len(measures)
        entries.append(entry)
    whole = np.array([each.time_use for each in measures]) / 1440
    return {
        "cases": sum(cases),
        "by_use": {use: ratio(whole[:, column].tolist(), cases).as_json() for column, use in enumerate(USES)},
        "total": ratio(whole.sum(axis=1).tolist(), cases).as_json(),
        "steps": entries,
        "note": DAYS_NOTE,
    }


def _rows(product: Product) -> list[str]:
    """Rows on the way to the money, then the steps after it."""
    on_the_way = titles_with_quotas(product)
    return [*on_the_way, *(title for title in titles_of(product) if title not in on_the_way)]


def minutes_by_row(measures: ProductMeasures, product: Product, rows: Sequence[str]) -> NDArray[np.float64]:
    """Minutes of each use in each row, shape (rows, 4); who waits for room in a quota waits, and nothing else."""
    used = dict(zip(titles_of(product), measures.step_use, strict=True))
    for quota, minutes in measures.quota_use.items():
        used[room_in(quota)] = np.array([minutes if use == "waiting" else 0.0 for use in USES])
    return np.array([used[title] for title in rows])
