"""What a source prints about a world, against its replications: as data, to be put into words by whoever shows it."""

from __future__ import annotations

from typing import Any

from simulator.analysis.checks import clock_units, product_meant
from simulator.analysis.rounds import WorldResult
from simulator.analysis.rules import MOST_FINDINGS, RuleCheck
from simulator.analysis.verdicts import in_unit, observe, unit_of, verdict
from simulator.scenario.outcomes import PublishedOutcome


def published_summary(world: WorldResult) -> list[dict[str, Any]]:
    """Every published outcome and rule of a world and how the run stands to it, in the order of the file.

    Outcomes are held against all replications, rules against every case of replication 1, which has its full record.
    """
    scenario = world.loaded.scenario
    outcomes = [_outcome(world, name, outcome) for name, outcome in scenario.published_outcomes.items()]
    return [*outcomes, *(_rule(world, name) for name in scenario.published_rules)]


def _outcome(world: WorldResult, name: str, outcome: PublishedOutcome) -> dict[str, Any]:
    number, product = product_meant(world.loaded.scenario, outcome.product)
    unit = unit_of(outcome, clock_units(product))
    observed = observe(outcome, world.product(number), unit)
    told = {
        "outcome": name,
        "status": verdict(name, outcome, observed, []).status,
        "unit": observed.unit,
        **observed.estimate.as_json(),
    }
    if outcome.between is not None:
        told["between"] = [in_unit(each) for each in outcome.between]
    return told


def _rule(world: WorldResult, name: str) -> dict[str, Any]:
    scenario, detail = world.loaded.scenario, world.detail.detail
    assert detail is not None
    looked_at, findings = RuleCheck(scenario, name, scenario.published_rules[name], detail).run()
    return {
        "rule": name,
        "status": "failed" if findings else "held" if looked_at else "nothing to check",
        "looked_at": looked_at,
        "broken": len(findings),
        "findings": findings[:MOST_FINDINGS],
    }
