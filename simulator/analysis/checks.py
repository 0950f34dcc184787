"""Published outcomes and rules against a run, and how much of a scenario rests on what evidence."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np

from simulator.analysis.figures import spread
from simulator.analysis.intervals import Estimate, estimate
from simulator.analysis.measure import Measured, ProductMeasures, measure
from simulator.analysis.rules import MOST_FINDINGS, RuleCheck
from simulator.experiment.run import run_tasks
from simulator.scenario.evidence import ORIGINS, evidence_for, numbers_in
from simulator.scenario.flow import split_moment, steps_of
from simulator.scenario.load import LoadedScenario
from simulator.scenario.model import Scenario
from simulator.scenario.outcomes import PublishedOutcome
from simulator.scenario.references import desk_names
from simulator.units import Span, format_share
from simulator.workflow.world import Happened

Status = Literal["held", "failed", "target", "no figure", "nothing to check"]


@dataclass(frozen=True)
class Verdict:
    """One published outcome or rule and how the run stands to it."""

    name: str
    status: Status
    text: str
    source: str
    rests_on: list[str] = field(default_factory=list)
    findings: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Coverage:
    """How many numbers of a scenario have evidence, by origin, and which have none."""

    by_origin: dict[str, int]
    without: list[str]
    assumptions: list[tuple[str, str, str]]
    """Path, why, range of each assumption."""

    @property
    def share(self) -> float:
        """Share of numbers with evidence."""
        covered = sum(self.by_origin.values())
        return covered / max(1, covered + len(self.without))


@dataclass(frozen=True)
class Checked:
    """What is kept of one replication for the checks."""

    measured: Measured
    rules: dict[str, tuple[int, list[str]]]


def check_replication(scenario: Scenario, happened: Happened, replication: int) -> Checked:
    """Measure a replication and hold every case against the published rules."""
    rules = {name: RuleCheck(scenario, name, rule, happened).run() for name, rule in scenario.published_rules.items()}
    return Checked(measure(scenario, happened, replication), rules)


def check(loaded: LoadedScenario, replications: int, workers: int = 1) -> list[Verdict]:
    """Verdicts on every published outcome and rule of a scenario."""
    scenario = loaded.scenario
    tasks = [(0, replication) for replication in range(1, replications + 1)]
    found = dict(run_tasks([scenario], tasks, check_replication, workers))
    checked = [found[task] for task in tasks]
    verdicts = [
        _outcome_verdict(loaded, name, outcome, [each.measured for each in checked])
        for name, outcome in scenario.published_outcomes.items()
    ]
    for name, rule in scenario.published_rules.items():
        looked_at = sum(each.rules[name][0] for each in checked)
        findings = [
            f"replication {number}: {finding}"
            for number, each in enumerate(checked, start=1)
            for finding in each.rules[name][1]
        ]
        status: Status = "failed" if findings else "held" if looked_at else "nothing to check"
        text = f"{looked_at:,} looked at, {len(findings):,} broke it" if findings else f"{looked_at:,} looked at"
        verdicts.append(Verdict(name, status, text, rule.source, findings=findings[:MOST_FINDINGS]))
    return verdicts


def _outcome_verdict(loaded: LoadedScenario, name: str, outcome: PublishedOutcome, measured: list[Measured]) -> Verdict:
    names = list(loaded.scenario.products)
    number = names.index(outcome.product) if outcome.product else 0
    replications = [each.products[number] for each in measured]
    product = loaded.scenario.products[names[number]]
    unit = product.clocks[outcome.clock].unit if outcome.clock in product.clocks else "days"
    if outcome.between and outcome.between[0].unit == "working days" and outcome.clock == "turnaround":
        unit = "working days"
    values = [_times(each, outcome.clock, unit) for each in replications]
    what = f"{outcome.statistic} of {outcome.clock}"
    within = f"share of {outcome.clock} within"
    rests_on = resting_on(loaded, number, outcome.clock)
    if outcome.statistic == "share within":
        return _share_verdict(name, outcome, replications, values, within, rests_on)
    statistic = {"mean": "mean", "median": "p50", "p90": "p90"}[outcome.statistic]
    found = estimate(spread(values)[statistic])
    shown = f"{what}: {in_words(found, unit)}"
    if outcome.kind == "no figure":
        return Verdict(name, "no figure", f"{shown}; no figure published", outcome.source, rests_on)
    if outcome.kind == "target" or outcome.between is None:
        return Verdict(name, "target", shown, outcome.source, rests_on)
    low, high = (_in_unit(span) for span in outcome.between)
    held = found.value is not None and low <= found.value <= high
    published = f"published {outcome.between[0]} to {outcome.between[1]} ({outcome.kind})"
    return Verdict(name, "held" if held else "failed", f"{shown}; {published}", outcome.source, rests_on)


def _share_verdict(
    name: str,
    outcome: PublishedOutcome,
    replications: list[ProductMeasures],
    values: list[np.ndarray],
    what: str,
    rests_on: list[str],
) -> Verdict:
    if outcome.within is None:
        return Verdict(name, "no figure", "no figure published", outcome.source, rests_on)
    shares = []
    for each, times in zip(replications, values, strict=True):
        kept = each.kept.get(outcome.clock)
        passed = times <= _in_unit(outcome.within) if kept is None else kept
        known = ~np.isnan(times)
        shares.append(float(passed[known].mean()) if known.any() else float("nan"))
    found = estimate(shares)
    share = "none" if found.value is None else format_share(found.value)
    interval = (
        f" ({format_share(found.low)} to {format_share(found.high)})"
        if found.low is not None and found.high is not None
        else ""
    )
    return Verdict(name, "target", f"{what} {outcome.within}: {share}{interval}", outcome.source, rests_on)


def _times(measures: ProductMeasures, clock: str, unit: str) -> np.ndarray:
    if clock != "turnaround":
        return measures.clocks[clock]
    return measures.turnaround_working if unit == "working days" else measures.turnaround


def _in_unit(span: Span) -> float:
    """A published time in days, or in working days where it is given so."""
    return span.amount if span.unit == "working days" else span.minutes / 1440


def in_words(found: Estimate, unit: str) -> str:
    """`17.2 days (16.8 to 17.6)`, or why there is no such figure."""
    if found.value is None:
        return found.note
    interval = f" ({found.low:.1f} to {found.high:.1f})" if found.low is not None and found.high is not None else ""
    return f"{found.value:.1f} {unit}{interval}"


def resting_on(loaded: LoadedScenario, number: int, clock: str) -> list[str]:
    """Assumptions that a time rests on: the durations, odds and staff met between the ends of a clock."""
    scenario = loaded.scenario
    product_name = list(scenario.products)[number]
    product = scenario.products[product_name]
    steps = list(steps_of(product.flow))
    titles = [step.title for step in steps]
    first, last = 0, len(steps) - 1
    if clock in product.clocks:
        begins, ends = split_moment(product.clocks[clock].begins)[1], split_moment(product.clocks[clock].ends)[1]
        first, last = titles.index(begins) if begins else 0, titles.index(ends)
    met = steps[first : last + 1]
    desks = desk_names(scenario)
    below: list[tuple[str, ...]] = [("applicants", "arrivals"), ("applicants", "patience")]
    for step in met:
        below += [("stages", step.title), ("products", product_name, "flow", step.title)]
        if step.by in desks:
            party, desk = desks[step.by]
            below.append(("parties", party, "desks", desk))
    found = []
    for path in numbers_in(loaded.plain):
        inside = any(path[: len(place)] == place for place in below) or (
            path[:3] == ("products", product_name, "flow") and any(step.title in path for step in met)
        )
        known = evidence_for(path, scenario.evidence) if inside else None
        if known and known[1].assumed:
            found.append(known[0])
    return list(dict.fromkeys(found))


def coverage(loaded: LoadedScenario) -> Coverage:
    """Evidence of every number of a scenario."""
    by_origin = dict.fromkeys(ORIGINS, 0)
    without = []
    assumptions: dict[str, tuple[str, str, str]] = {}
    for path in numbers_in(loaded.plain):
        known = evidence_for(path, loaded.scenario.evidence)
        if known is None:
            without.append(".".join(path))
            continue
        pattern, entry = known
        by_origin[entry.origin] += 1
        if entry.assumed:
            node: Any = loaded.plain["evidence"][pattern]["range"]
            assumptions[pattern] = (pattern, entry.assumed, f"{node[0]} to {node[1]}")
    return Coverage(by_origin, without, list(assumptions.values()))
