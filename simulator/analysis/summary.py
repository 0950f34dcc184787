"""The figures of a comparison, as they stand in summary.json, tables and charts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from simulator.analysis.intervals import Estimate, estimate, mean, quantile
from simulator.analysis.measure import ProductMeasures
from simulator.analysis.time_use import USES
from simulator.calendars import add_span, build_calendar
from simulator.scenario.model import Scenario
from simulator.workflow.case import END_NAMES

if TYPE_CHECKING:
    from simulator.analysis.comparison import Comparison, WorldResult

LOSS_NOTE = "net of recoveries received by the end of follow-up"


def within_days(scenario: Scenario) -> float:
    """The scenario's `drawn_within` in days, counted from its first day."""
    assert scenario.run is not None
    calendar = build_calendar(scenario.run.start, hours="always")
    return add_span(scenario.run.start, 0.0, scenario.run.drawn_within, calendar) / 1440


def spread(replications: Sequence[np.ndarray]) -> dict[str, np.ndarray]:
    """Mean, median and 90 % quantile of a time, one entry a replication."""
    return {
        "mean": np.array([mean(values) for values in replications]),
        "p50": np.array([quantile(values, 0.5) for values in replications]),
        "p90": np.array([quantile(values, 0.9) for values in replications]),
    }


def product_measures(replications: Sequence[ProductMeasures], days: float) -> dict[str, np.ndarray]:
    """Every measure of a product by its path in summary.json, one entry a replication; money in CNY."""
    found: dict[str, np.ndarray] = {}
    times = {
        "turnaround_days": [each.turnaround for each in replications],
        "turnaround_working_days": [each.turnaround_working for each in replications],
    }
    for name in replications[0].clocks:
        times[f"clocks.{name}"] = [each.clocks[name] for each in replications]
    for name, values in times.items():
        found |= {f"{name}.{statistic}": numbers for statistic, numbers in spread(values).items()}
    found["drawn_within.share"] = np.array([share_within(each, days) for each in replications])
    with np.errstate(invalid="ignore", divide="ignore"):
        shares = np.array([each.time_use / each.time_use.sum() for each in replications])
    found |= {f"time_share.{use}": shares[:, place] for place, use in enumerate(USES)}
    found["drawn_cny"] = np.array([each.drawn / 100 for each in replications])
    parties = dict.fromkeys(party for each in replications for party in each.borne)
    found["loss_cny.total"] = np.array([sum(each.borne.values()) / 100 for each in replications])
    for party in parties:
        found[f"loss_cny.by_party.{party}"] = np.array([each.borne.get(party, 0) / 100 for each in replications])
    found["loss_gross_cny"] = np.array([each.loss_gross / 100 for each in replications])
    found["defaults"] = np.array([float(each.defaults) for each in replications])
    return found


def share_within(measures: ProductMeasures, days: float) -> float:
    """Share of eligible applicants drawn within a number of days; declined, withdrawn and open ones count as not."""
    count = len(measures.applicants)
    return float((measures.turnaround <= days).sum() / count) if count else float("nan")


def case_counts(world: WorldResult, number: int) -> dict[str, int]:
    """Cases of all replications together."""
    measures = world.product(number)
    counts = {"arrived": sum(each.arrived for each in world.replications)}
    counts["eligible"] = sum(len(each.applicants) for each in measures)
    for name in END_NAMES[1:]:
        counts[name] = sum(each.ends[name] for each in measures)
    return counts


def world_summary(world: WorldResult) -> list[dict[str, Any]]:
    """One entry of `results` for each product of a world."""
    days = within_days(world.loaded.scenario)
    entries = []
    for number, name in enumerate(world.product_names):
        measures = product_measures(world.product(number), days)
        entry: dict[str, Any] = {
            "scenario": world.loaded.id,
            "variant": world.loaded.variant,
            "product": name,
            "label": world.label,
            "replications": len(world.replications),
            "cases": case_counts(world, number),
            "clocks": {},
        }
        for path, values in measures.items():
            _put(entry, path, estimate(values).as_json())
        entry["drawn_within"]["days"] = days
        entry["loss_cny"]["note"] = LOSS_NOTE
        entry["funds"] = fund_summary(world, number)
        entry["desks"] = desk_summary(world)
        entry["projected_calendar"] = any(
            hours.calendar == "projected" for hours in world.loaded.scenario.calendars.values()
        )
        entries.append(entry)
    return entries


def _put(entry: dict[str, Any], path: str, value: object) -> None:
    """Set a value at a dotted path whose last parts are fixed and whose middle may be a name."""
    head, *rest = path.split(".")
    while len(rest) > 0:
        entry = entry.setdefault(head, {})
        head, *rest = rest
    entry[head] = value


def fund_summary(world: WorldResult, number: int) -> dict[str, Any]:
    """Balance at the end and share of replications in which each fund of a product was used up."""
    funds = {}
    for name in world.product(number)[0].fund_left:
        left = [each.fund_left[name] / 100 for each in world.product(number)]
        used_up = [float(np.isfinite(each.fund_used_up_at[name])) for each in world.product(number)]
        funds[name] = {"left_cny": estimate(left).as_json(), "share_used_up": estimate(used_up).as_json()}
    return funds


def desk_summary(world: WorldResult) -> dict[str, Any]:
    """Utilisation and queue of each desk over the arrival period."""
    found = {}
    for name in world.replications[0].desks:
        desks = [measured.desks[name] for measured in world.replications]
        used = [desk.busy_minutes / desk.capacity_minutes if desk.capacity_minutes else float("nan") for desk in desks]
        found[name] = {
            "utilisation": estimate(used).as_json(),
            "mean_queue": estimate([desk.mean_queue for desk in desks]).as_json(),
            "longest_queue": max(desk.longest_queue for desk in desks),
        }
    return found


def summary(comparison: Comparison) -> dict[str, Any]:
    """The whole of summary.json."""
    return {
        "results": [entry for world in comparison.worlds for entry in world_summary(world)],
        "differences": [
            {
                "a": each.a,
                "b": each.b,
                "measure": each.measure,
                "low": None,
                "high": None,
                **each.estimate.as_json(),
                "paired": each.paired,
                **(
                    {
                        "drawn_in_both": each.drawn_in_both,
                        "drawn_only_in_a": each.drawn_only_in_a,
                        "drawn_only_in_b": each.drawn_only_in_b,
                    }
                    if each.paired and each.measure == "turnaround_days.mean"
                    else {}
                ),
            }
            for each in comparison.differences()
        ],
        "level": 0.95,
        "complete": comparison.complete,
    }


def estimate_of(entry: dict[str, Any]) -> Estimate:
    """An estimate read back from its JSON form."""
    return Estimate(entry["value"], entry.get("low"), entry.get("high"), entry.get("note", ""))
