"""Published outcomes and rules against a run, and how much of a scenario rests on what evidence."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np

from simulator.analysis.figures import share_kept, spread
from simulator.analysis.intervals import Estimate, estimate
from simulator.analysis.measure import Measured, ProductMeasures, measure
from simulator.analysis.rules import MOST_FINDINGS, RuleCheck
from simulator.experiment.run import run_tasks
from simulator.scenario.evidence import ORIGINS, Evidence, evidence_for, numbers_in
from simulator.scenario.flow import split_moment, steps_of
from simulator.scenario.load import LoadedScenario
from simulator.scenario.model import Scenario
from simulator.scenario.outcomes import PublishedOutcome
from simulator.scenario.references import desk_names
from simulator.scenario.source import Node
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
    reading = [f"reading: {outcome.reading}"] if outcome.reading else []
    return Verdict(name, "held" if held else "failed", f"{shown}; {published}", outcome.source, rests_on, reading)


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
        if outcome.clock in each.kept:
            shares.append(share_kept(each, outcome.clock))
        else:
            shares.append(float((times <= _in_unit(outcome.within)).mean()) if len(times) else float("nan"))
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
    evidence = EvidenceOf(loaded)
    found = []
    for path in numbers_in(loaded.plain):
        inside = any(path[: len(place)] == place for place in below) or (
            path[:3] == ("products", product_name, "flow") and any(step.title in path for step in met)
        )
        known = evidence.of(path) if inside else None
        if known and known[1].assumed:
            found.append(known[0])
    return list(dict.fromkeys(found))


class EvidenceOf:
    """The evidence of a scenario's numbers.

    What a base says of a number does not vouch for a value that a file (or --set) puts in its place, unless it speaks
    of all such numbers with `*`; a file's own entry goes before one that it inherits.
    """

    def __init__(self, loaded: LoadedScenario) -> None:
        self._loaded = loaded
        self._order = {file: place for place, file in enumerate(loaded.files)}
        entries = loaded.tree.at(["evidence"])
        by_rank: dict[int, dict[str, Evidence]] = {}
        for pattern, entry in loaded.scenario.evidence.items():
            node = entries.at([pattern]) if entries is not None else None
            by_rank.setdefault(self._rank(node.file if node else ""), {})[pattern] = entry
        self._by_rank = dict(sorted(by_rank.items(), reverse=True))

    def _rank(self, file: str) -> int:
        return self._order.get(file, 0)

    def of(self, path: tuple[str, ...]) -> tuple[str, Evidence] | None:
        """The entry that covers a number, with its path."""
        value_rank = self._rank(_file_of(self._loaded.tree, path))
        for rank, entries in self._by_rank.items():
            vouching = entries if rank >= value_rank else {p: entry for p, entry in entries.items() if "*" in p}
            known = evidence_for(path, vouching)
            if known is not None:
                return known
        return None


def _file_of(tree: Node, path: tuple[str, ...]) -> str:
    """The file that gave a number its value, as far as its path can be followed."""
    node = tree
    for part in path:
        inner = node.value
        child: Node | None = None
        if isinstance(inner, dict):
            child = inner.get(part)
        elif isinstance(inner, list):
            titles = ((item.at(["title"]), item) for item in inner)
            child = next((item for title, item in titles if title is not None and title.value == part), None)
            if child is None and part.isdigit() and int(part) < len(inner):
                child = inner[int(part)]
        if child is None:
            break
        node = child
    return node.file


def coverage(loaded: LoadedScenario) -> Coverage:
    """Evidence of every number of a scenario."""
    by_origin = dict.fromkeys(ORIGINS, 0)
    without = []
    assumptions: dict[str, tuple[str, str, str]] = {}
    evidence = EvidenceOf(loaded)
    for path in numbers_in(loaded.plain):
        known = evidence.of(path)
        if known is None:
            without.append(".".join(path))
            continue
        pattern, entry = known
        by_origin[entry.origin] += 1
        if entry.assumed:
            node: Any = loaded.plain["evidence"][pattern]["range"]
            assumptions[pattern] = (pattern, entry.assumed, f"{node[0]} to {node[1]}")
    return Coverage(by_origin, without, list(assumptions.values()))
