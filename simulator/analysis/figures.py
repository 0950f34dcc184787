"""The numbers of one product, one entry a replication, under the names that summary.json uses."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from simulator.analysis.firm_cost import FirmCost
from simulator.analysis.intervals import (
    ANY,
    NOT_NEGATIVE,
    SHARE,
    SHARE_DIFFERENCE,
    Range,
    mean,
    parts_of_ratio,
    quantile,
)
from simulator.analysis.measure import ProductMeasures
from simulator.analysis.time_use import USES
from simulator.calendars import add_span, build_calendar
from simulator.scenario.model import Scenario

DEFAULT_SHARES = ("default_rate", "defaults_of_loans")
"""Share of loans that default: the mean of the replications' rates, and the ratio of sums."""


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


def times_of(measures: ProductMeasures) -> dict[str, np.ndarray]:
    """Every time of a product, and every cost a year, by its name in summary.json, one entry an applicant."""
    return {
        "turnaround_days": measures.turnaround,
        "turnaround_working_days": measures.turnaround_working,
        **{f"clocks.{name}": times for name, times in measures.clocks.items()},
        **{f"firm_cost.{basis}": rates for basis, rates in measures.cost.rates.items()},
    }


def lowest(cost: FirmCost) -> float:
    """The lowest cost of any loan by its contract and after subsidies; NaN where nothing was lent."""
    known = cost.rates["contractual_after_subsidy"]
    known = known[~np.isnan(known)]
    return float(known.min()) if len(known) else float("nan")


def product_measures(replications: Sequence[ProductMeasures], days: float) -> dict[str, np.ndarray]:
    """Every measure of a product by its path in summary.json, one entry a replication; money in CNY."""
    found: dict[str, np.ndarray] = {}
    for name in times_of(replications[0]):
        values = [times_of(each)[name] for each in replications]
        found |= {f"{name}.{statistic}": numbers for statistic, numbers in spread(values).items()}
    found["drawn_within.share"] = np.array([share_within(each, days) for each in replications])
    for name in replications[0].kept:
        found[f"clocks.{name}.kept"] = np.array([share_kept(each, name) for each in replications])
    with np.errstate(invalid="ignore", divide="ignore"):
        shares = np.array([each.time_use / each.time_use.sum() for each in replications])
    found |= {f"time_share.{use}": shares[:, place] for place, use in enumerate(USES)}
    found["drawn_cny"] = np.array([each.drawn / 100 for each in replications])
    if replications[0].swept is not None:
        found["swept_cny"] = np.array([(each.swept or 0) / 100 for each in replications])
    found["registered_cny"] = np.array([each.registered / 100 for each in replications])
    parties = dict.fromkeys(party for each in replications for party in each.borne)
    found["loss_cny.total"] = np.array([sum(each.borne.values()) / 100 for each in replications])
    for party in parties:
        found[f"loss_cny.by_party.{party}"] = np.array([each.borne.get(party, 0) / 100 for each in replications])
    for what in dict.fromkeys(what for each in replications for what in each.cost.components):
        found[f"firm_cost.by_component.{what}"] = np.array([each.cost.a_year(what) for each in replications])
    found["firm_cost.lowest"] = np.array([lowest(each.cost) for each in replications])
    for actor in dict.fromkeys(actor for each in replications for actor in each.results.cash):
        found[f"result_cny.{actor}"] = np.array([each.results.total(actor) / 100 for each in replications])
    for lender in dict.fromkeys(lender for each in replications for lender in each.results.outstanding):
        found[f"outstanding_cny.{lender}"] = np.array(
            [each.results.outstanding.get(lender, 0) / 100 for each in replications]
        )
    found["loss_gross_cny"] = np.array([each.loss_gross / 100 for each in replications])
    found["defaults"] = np.array([float(each.defaults) for each in replications])
    found["default_rate"] = np.array([default_rate(each) for each in replications])
    return found


def possible(name: str) -> Range:
    """What a measure can be, by its path in summary.json.

    Costs and results may be below zero, and so may a clock between two steps that stand beside one another.
    """
    if name.startswith("time_share.") or name in DEFAULT_SHARES or name.endswith((".share", ".kept")):
        return SHARE
    return ANY if name.startswith(("firm_cost.", "result_cny.", "clocks.")) else NOT_NEGATIVE


def possible_difference(name: str) -> Range:
    """What the difference of a measure between two worlds can be."""
    return SHARE_DIFFERENCE if possible(name) == SHARE else ANY


def default_rates(replications: Sequence[ProductMeasures]) -> np.ndarray:
    """Defaults of loans drawn, one number a replication; their mean is `defaults_of_loans` of summary.json."""
    return parts_of_ratio(
        np.array([float(each.defaults) for each in replications]),
        np.array([float(each.ends["drawn"]) for each in replications]),
    )


def loss_rates(replications: Sequence[ProductMeasures]) -> np.ndarray:
    """Net loss of what was lent, one number a replication; their mean is the ratio of sums that summary.json has."""
    losses = np.array([float(sum(each.borne.values())) for each in replications])
    return parts_of_ratio(losses, np.array([float(each.drawn) for each in replications]))


def default_rate(measures: ProductMeasures) -> float:
    """Share of the loans drawn that default; NaN without a loan."""
    loans = measures.ends["drawn"]
    return measures.defaults / loans if loans else float("nan")


def share_within(measures: ProductMeasures, days: float) -> float:
    """Share of eligible applicants drawn within a number of days; declined, withdrawn and open ones count as not."""
    count = len(measures.applicants)
    return float((measures.turnaround <= days).sum() / count) if count else float("nan")


def share_kept(measures: ProductMeasures, clock: str) -> float:
    """Share of the cases that began a clock with a deadline and kept it; who left on the way did not."""
    kept = measures.kept[clock]
    known = kept[~np.isnan(kept)]
    return float(known.mean()) if len(known) else float("nan")
