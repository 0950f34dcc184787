"""Published outcomes and rules against runs: of all cases, and of the firms that the source tells of."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial

from simulator.analysis.evidence import resting_on
from simulator.analysis.firm_runs import firm_verdict, run_firm
from simulator.analysis.measure import Measured, measure
from simulator.analysis.rules import MOST_FINDINGS, RuleCheck
from simulator.analysis.verdicts import Status, Verdict, observe, unit_of, verdict
from simulator.errors import PledgesimError
from simulator.experiment.run import run_tasks
from simulator.scenario.example_world import world_of_example
from simulator.scenario.flow import Clock, clocks_of
from simulator.scenario.load import LoadedScenario
from simulator.scenario.model import Product, Scenario
from simulator.scenario.outcomes import PublishedOutcome
from simulator.scenario.spoken_names import called, clock_said
from simulator.scenario.spoken_parties import names_said
from simulator.texts import Language, language, say, speaking
from simulator.workflow.world import Happened


@dataclass(frozen=True)
class Checked:
    """What is kept of one replication for the checks."""

    measured: Measured
    rules: dict[str, tuple[int, list[str]]]


def check_replication(
    scenario: Scenario, happened: Happened, replication: int, spoken: Language = "en"
) -> Checked:
    """Measure a replication and hold every case against the published rules; findings in the language `spoken`."""
    rules = {}
    # A worker process does not know what language its caller speaks.
    with speaking(spoken):
        for name, rule in scenario.published_rules.items():
            rules[name] = RuleCheck(scenario, name, rule, happened).run()
    return Checked(measure(scenario, happened, replication), rules)


def check(loaded: LoadedScenario, replications: int, workers: int = 1) -> list[Verdict]:
    """Verdicts on every published outcome and rule of a scenario."""
    scenario = loaded.scenario
    tasks = [(0, replication) for replication in range(1, replications + 1)]
    found = dict(run_tasks([scenario], tasks, partial(check_replication, spoken=language()), workers))
    checked = [found[task] for task in tasks]
    verdicts = [
        _outcome_verdict(loaded, name, outcome, [each.measured for each in checked])
        for name, outcome in scenario.published_outcomes.items()
    ]
    for name, rule in scenario.published_rules.items():
        looked_at = sum(each.rules[name][0] for each in checked)
        findings = [
            say("replication {number}: {finding}", number=number, finding=finding)
            for number, each in enumerate(checked, start=1)
            for finding in each.rules[name][1]
        ]
        status: Status = "failed" if findings else "held" if looked_at else "nothing to check"
        text = say("{count} looked at", count=f"{looked_at:,}")
        if findings:
            text = say("{told}, {count} broke it", told=text, count=f"{len(findings):,}")
        said, source = called(name, rule.name), rule.source.said()
        verdicts.append(Verdict(said, status, text, source, findings=findings[:MOST_FINDINGS]))
    return [*verdicts, *check_examples(loaded, replications, workers)]


def _outcome_verdict(loaded: LoadedScenario, name: str, outcome: PublishedOutcome, measured: list[Measured]) -> Verdict:
    number, product = product_meant(loaded.scenario, outcome.product)
    replications = [each.products[number] for each in measured]
    names = measure_names(loaded.scenario, product)
    observed = observe(outcome, replications, unit_of(outcome, clock_units(product)), names)
    rests_on = resting_on(loaded, number, outcome.clock) if outcome.clock else []
    return verdict(called(name, outcome.name), outcome, observed, rests_on)


def product_meant(scenario: Scenario, name: str | None) -> tuple[int, Product]:
    """Number and product that a published figure is about; the first where none is named."""
    names = list(scenario.products)
    number = names.index(name) if name else 0
    return number, scenario.products[names[number]]


def clocks_of_product(scenario: Scenario, name: str | None) -> dict[str, str]:
    """The clocks of a product (the first by default) with their units."""
    return clock_units(product_meant(scenario, name)[1])


def names_of_product(scenario: Scenario, name: str | None) -> dict[str, str]:
    """What the clocks and parties of a product (the first by default) are called where they are measured."""
    return measure_names(scenario, product_meant(scenario, name)[1])


def measure_names(scenario: Scenario, product: Product) -> dict[str, str]:
    """What clocks and parties are called by their keys, where they are not called by these."""
    if language() == "en":
        return {}
    clocks = {name: clock_said(product, name) for name in clock_units(product)}
    return names_said(scenario, product) | clocks | {"turnaround": say("turnaround")}


def clock_units(product: Product) -> dict[str, str]:
    """The unit of each clock of a product."""
    clocks: dict[str, Clock] = clocks_of(product.flow, product.clocks)
    return {name: clock.unit for name, clock in clocks.items()}


def check_examples(loaded: LoadedScenario, replications: int, workers: int = 1) -> Iterator[Verdict]:
    """Verdicts on what the source says came out for each firm that it tells of."""
    for key, example in loaded.scenario.examples.items():
        if not example.published:
            continue
        try:
            world, _ = world_of_example(loaded, key)
        except PledgesimError as error:
            yield Verdict(key, "nothing to check", str(error), example.source.said())
            continue
        runs = run_firm(world.scenario, replications, workers)
        product = product_meant(world.scenario, example.product)[1]
        names = measure_names(world.scenario, product)
        for name, outcome in example.published.items():
            label = say("{outcome}, {firm}", outcome=called(name, outcome.name), firm=called(key, example.name))
            yield firm_verdict(label, outcome, runs, clock_units(product), names)
