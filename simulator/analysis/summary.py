"""The figures of a comparison, as they stand in summary.json, tables and charts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from simulator.analysis.common import common_summary
from simulator.analysis.comparison import Comparison
from simulator.analysis.drawn_by_day import drawn_by_day
from simulator.analysis.evidence import evidence_summary, resting_on
from simulator.analysis.figures import possible, product_measures, within_days
from simulator.analysis.fund_path import fund_path
from simulator.analysis.intervals import ANY, NOT_NEGATIVE, SHARE, estimate, ratio, share_of
from simulator.analysis.loss_spread import loss_by_party, loss_spread
from simulator.analysis.measure import ProductMeasures
from simulator.analysis.published import published_summary
from simulator.analysis.refusals import refusals_summary
from simulator.analysis.rounds import WorldResult
from simulator.analysis.step_days import days_summary
from simulator.analysis.warm_up import warm_up_summary
from simulator.scenario.agreement import FIRM
from simulator.texts import phrase, speaking
from simulator.workflow.case import END_NAMES
from simulator.workflow.ledger import OUTSIDE

CASES_NOTE = "sums over all replications; money and times are means over replications"
NEARLY_FULL = 0.95
"""Share of its limit from which a quota counts as nearly full."""
LOSS_NOTE = phrase("net of recoveries received by the end of follow-up")
TOGETHER_NOTE = (
    "of one measure, the intervals 'together' of all differences hold at once (Bonferroni); where there is one "
    "difference, its own"
)
COST_NOTE = (
    "effective annual internal rates of return; realised: of loans repaid by the end of follow-up; components: a "
    "year, of the principal outstanding by the contracts"
)


def case_counts(world: WorldResult, number: int) -> dict[str, int]:
    """Cases of all replications together."""
    measures = world.product(number)
    counts = {"arrived": sum(each.arrived for each in world.replications)}
    counts["eligible"] = sum(len(each.applicants) for each in measures)
    for name in END_NAMES[1:]:
        counts[name] = sum(each.ends[name] for each in measures)
    return counts


def firms_a_replication(world: WorldResult, number: int) -> dict[str, Any]:
    """The same counts as means of a replication."""
    measures = world.product(number)
    counts = {
        "arrived": [each.arrived for each in world.replications],
        "eligible": [len(each.applicants) for each in measures],
        **{name: [each.ends[name] for each in measures] for name in END_NAMES[1:]},
    }
    return {name: estimate(each, possible=NOT_NEGATIVE).as_json() for name, each in counts.items()}


def world_summary(world: WorldResult) -> list[dict[str, Any]]:
    """One entry of `results` for each product of a world."""
    days = within_days(world.loaded.scenario)
    entries = []
    for number, name in enumerate(world.product_names):
        measures_of = world.product(number)
        measures = product_measures(measures_of, days)
        entry: dict[str, Any] = {
            "scenario": world.loaded.id,
            "variant": world.loaded.variant,
            "product": name,
            "label": world.label,
            "replications": len(world.replications),
            "cases": case_counts(world, number),
            "firms_a_replication": firms_a_replication(world, number),
            "clocks": {},
            "firm_cost": {},
            "result_cny": {},
            "outstanding_cny": {},
        }
        for path, values in measures.items():
            _put(entry, path, estimate(values, possible=possible(path)).as_json())
        entry["drawn_within"]["days"] = days
        entry["cases"]["note"] = CASES_NOTE
        _say_who_left(entry)
        entry["drawn_share"] = ratio(
            [each.ends["drawn"] for each in measures_of], [len(each.applicants) for each in measures_of], possible=SHARE
        ).as_json()
        entry["days"] = days_summary(world, number)
        entry["loss_cny"]["note"] = LOSS_NOTE
        entry["firm_cost"]["note"] = COST_NOTE
        entry["loss_rate"] = ratio(
            [sum(each.borne.values()) / 100 for each in measures_of], [each.drawn / 100 for each in measures_of]
        ).as_json()
        entry["result_of_drawn"] = results_of_drawn(measures_of)
        entry["defaults_of_loans"] = ratio(
            [each.defaults for each in measures_of], [each.ends["drawn"] for each in measures_of], possible=SHARE
        ).as_json()
        entry["loss_by_party_cny"] = loss_by_party(measures_of)
        entry["loss_spread_cny"] = loss_spread(measures_of)
        entry["payments_cny"] = payments_summary(measures_of)
        entry["funds"] = fund_summary(world, number)
        entry["quotas"] = quota_summary(world)
        entry["desks"] = desk_summary(world)
        entry["projected_calendar"] = any(
            hours.calendar == "projected" for hours in world.loaded.scenario.calendars.values()
        )
        entries.append(entry)
    return entries


def _say_who_left(entry: dict[str, Any]) -> None:
    """Beside a turnaround: how many eligible firms it is about, and how many gave up on the way."""
    counts = entry["cases"]
    for name in ("turnaround_days", "turnaround_working_days"):
        entry[name]["drawn_of_eligible"] = counts["drawn"] / counts["eligible"] if counts["eligible"] else None
        left = counts["withdrawn"] + counts["expired"]
        entry[name]["left_of_eligible"] = left / counts["eligible"] if counts["eligible"] else None


def _put(entry: dict[str, Any], path: str, value: object) -> None:
    """Set a value at a dotted path whose last parts are fixed and whose middle may be a name."""
    head, *rest = path.split(".")
    while len(rest) > 0:
        entry = entry.setdefault(head, {})
        head, *rest = rest
    entry[head] = value


def payments_summary(replications: Sequence[ProductMeasures]) -> dict[str, dict[str, Any]]:
    """What everybody received, less what it paid, by what it was for; all of it sums to zero."""
    found: dict[str, dict[str, Any]] = {}
    for actor in dict.fromkeys(actor for each in replications for actor in each.results.cash):
        whats = dict.fromkeys(what for each in replications for what in each.results.cash.get(actor, {}))
        found[actor] = {
            what: estimate([each.results.cash.get(actor, {}).get(what, 0) / 100 for each in replications]).as_json()
            for what in whats
        }
    return found


def results_of_drawn(replications: Sequence[ProductMeasures]) -> dict[str, Any]:
    """What each party received less what it paid, as a share of what was lent; firms and all others are no parties."""
    lent = [each.drawn / 100 for each in replications]
    actors = dict.fromkeys(actor for each in replications for actor in each.results.cash)
    return {
        actor: ratio([each.results.total(actor) / 100 for each in replications], lent, ANY).as_json()
        for actor in actors
        if actor not in (FIRM, OUTSIDE)
    }


def fund_summary(world: WorldResult, number: int) -> dict[str, Any]:
    """Balance over time and at the end, and share of replications in which each fund of a product was used up."""
    funds = {}
    for name in world.product(number)[0].fund_left:
        left = [each.fund_left[name] / 100 for each in world.product(number)]
        used_up = sum(bool(np.isfinite(each.fund_used_up_at[name])) for each in world.product(number))
        funds[name] = {
            "at_first_cny": world.product(number)[0].fund_history[name][0][1] / 100,
            "left_cny": estimate(left, possible=NOT_NEGATIVE).as_json(),
            "share_used_up": share_of(used_up, len(left)).as_json(),
            "path": fund_path(world, number, name),
        }
    return funds


def quota_summary(world: WorldResult) -> dict[str, Any]:
    """Limit and highest use of each quota, and the files without room in it where a step reserves it.

    `mean_days_waited` is over all files of all replications that waited.
    """
    found: dict[str, dict[str, Any]] = {}
    for name, quota in world.loaded.scenario.quotas.items():
        peaks = [measured.quota_peaks[name] / 100 for measured in world.replications]
        full = sum(peak * 100 >= quota.limit * NEARLY_FULL for peak in peaks)
        found[name] = {
            "limit_cny": quota.limit / 100,
            "highest_use_cny": estimate(peaks, possible=(0.0, quota.limit / 100)).as_json(),
            "share_nearly_full": share_of(full, len(peaks)).as_json(),
        }
        if name in world.replications[0].quota_waits:
            waits = [measured.quota_waits[name] for measured in world.replications]
            found[name]["waited"] = estimate([each.waited for each in waits], possible=NOT_NEGATIVE).as_json()
            found[name]["mean_days_waited"] = ratio(
                [each.days for each in waits], [each.waited for each in waits]
            ).as_json()
            for what in ("still_waiting", "left", "refused"):
                counts = [getattr(each, what) for each in waits]
                found[name][what] = estimate(counts, possible=NOT_NEGATIVE).as_json()
    return found


def desk_summary(world: WorldResult) -> dict[str, Any]:
    """Utilisation and queue of each desk over the arrival period."""
    found = {}
    for name in world.replications[0].desks:
        desks = [measured.desks[name] for measured in world.replications]
        used = [desk.busy_minutes / desk.capacity_minutes if desk.capacity_minutes else float("nan") for desk in desks]
        found[name] = {
            "utilisation": estimate(used, possible=NOT_NEGATIVE).as_json(),
            "mean_queue": estimate([desk.mean_queue for desk in desks], possible=NOT_NEGATIVE).as_json(),
            "longest_queue": max(desk.longest_queue for desk in desks),
            "days_in_queue": estimate([desk.days_in_queue for desk in desks], possible=NOT_NEGATIVE).as_json(),
        }
    return found


def worlds_summary(comparison: Comparison) -> list[dict[str, Any]]:
    """One entry of `worlds` for each world: what is said of the whole of it, whatever its products."""
    return [
        {
            "label": world.label,
            "evidence": evidence_summary(world.loaded),
            "turnaround_rests_on": {
                name: resting_on(world.loaded, number, "turnaround") for number, name in enumerate(world.product_names)
            },
            "published": published_summary(world),
            "refused_by": refusals_summary(world),
        }
        for world in comparison.worlds
    ]


@speaking("en")
def summary(comparison: Comparison) -> dict[str, Any]:
    """The whole of summary.json, which is in English whatever language is spoken."""
    common = common_summary(comparison)
    warm_up = warm_up_summary(comparison.worlds, comparison.warm_up)
    results = [entry for world in comparison.worlds for entry in world_summary(world)]
    for entry, told in zip(results, drawn_by_day(comparison), strict=True):
        entry["drawn_by_day"] = told
    return {
        "question": comparison.question,
        "about": comparison.about,
        "worlds": worlds_summary(comparison),
        "results": results,
        "differences": [
            {
                "a": each.a,
                "b": each.b,
                "measure": each.measure,
                "low": None,
                "high": None,
                **each.estimate.as_json(),
                "paired": each.paired,
                **({"pairing_gain": each.pairing_gain} if each.paired else {}),
                **(
                    {
                        "drawn_in_both": each.drawn_in_both,
                        "drawn_only_in_a": each.drawn_only_in_a,
                        "drawn_only_in_b": each.drawn_only_in_b,
                    }
                    if each.paired and each.measure.endswith(".mean")
                    else {}
                ),
            }
            for each in comparison.differences()
        ],
        **({"common": common} if common is not None else {}),
        **({"precision": [each.as_json() for each in comparison.precision]} if comparison.precision else {}),
        **({"warm_up": warm_up} if warm_up is not None else {}),
        "level": 0.95,
        "together": TOGETHER_NOTE,
        "complete": comparison.complete,
    }
