"""The bundled scenarios say what the source says, state their assumptions once, and give plausible figures."""

from __future__ import annotations

import datetime
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from bundled import COMPARISONS, FILES, PRODUCTS, bundled, happened, measured, worlds_in

from simulator.analysis.checks import check
from simulator.analysis.comparison import comparison_of, same_applicants
from simulator.analysis.evidence import coverage
from simulator.analysis.rounds import WorldResult, run_worlds
from simulator.analysis.rules import RuleCheck
from simulator.analysis.summary import desk_summary
from simulator.experiment.replication import replicate
from simulator.scenario.attributes import Attribute
from simulator.scenario.evidence import Covering
from simulator.scenario.flow import steps_of
from simulator.scenario.load import AS_STATED
from simulator.scenario.quantities import Distribution
from simulator.sharing import Agreement, Claim
from simulator.units import parse_money

pytestmark = pytest.mark.whole

DURATIONS = ("work", "elapsed", "odds", "patience")


@pytest.fixture(scope="module")
def name(request: pytest.FixtureRequest) -> str:
    """A bundled file; the tests of one file follow one another, so that what it gives is there when it is needed."""
    asked: str = request.param
    return asked


def plain_steps(items: list[Any]) -> dict[str, dict[str, Any]]:
    """What a flow itself says of its steps, before the settings of `stages` are laid under."""
    found: dict[str, dict[str, Any]] = {}
    for item in items:
        if isinstance(item, str):
            found[item] = {}
        elif isinstance(item, list):
            found |= plain_steps(item)
        elif "together" in item:
            found |= plain_steps(item["together"])
        else:
            found |= {title: settings or {} for title, settings in item.items()}
    return found


FLOWS_OF_THE_SOURCE = {
    1: ["F0", "F1", "F2"],
    2: ["F0", "F1", "F2", "F4", "F5", "F6a", "F6b"],
    3: ["F1", "F2", "F3", "F4"],
    4: ["F0", "F1"],
    5: ["F0", "F1", "F2", "F3"],
    6: ["F0", "F2", "F3"],
    7: ["F0", "F2-online", "F2-offline"],
    8: ["F0", "F1"],
    9: ["F1", "F2", "F3"],
    10: ["F3", "F4", "F5", "F6"],
}


def test_every_flow_of_the_ten_cases_and_eleven_comparisons_are_there() -> None:
    expected = [f"C{case}-{flow}" for case, flows in FLOWS_OF_THE_SOURCE.items() for flow in flows]
    assert sorted(PRODUCTS) == sorted(expected)
    assert sorted(COMPARISONS) == [
        "direct-against-guaranteed", "first-appraisal-against-replication", "fund-against-none",
        "online-offline-ordinary", "patent-trademark-mixed", "platform-against-none", "royalty-direct-guaranteed",
        "ten-cases", "three-products-and-the-traditional-model", "three-reviews-against-one", "who-values",
    ]  # fmt: skip


@pytest.mark.parametrize("name", COMPARISONS, indirect=True)
def test_a_comparison_asks_a_question_and_ends_in_a_chart_that_answers_it(name: str) -> None:
    scenario = bundled(name).scenario
    assert scenario.question is not None and scenario.question.english.endswith("?")
    assert scenario.charts and len(scenario.compare) >= 2


@pytest.mark.parametrize("name", FILES, indirect=True)
def test_every_file_loads_with_all_its_variants_under_the_name_of_its_file(name: str) -> None:
    for world in worlds_in(name):
        assert world.id == name == Path(FILES[name]).stem


@pytest.mark.parametrize("name", [*PRODUCTS, *COMPARISONS], indirect=True)
def test_every_file_says_in_both_languages_what_it_is_and_asks(name: str) -> None:
    scenario = bundled(name).scenario
    assert scenario.name.en and scenario.name.zh and (scenario.case or name == "ten-cases")
    assert scenario.question is not None and scenario.question.en and scenario.question.zh
    assert scenario.about is not None and scenario.about.en


@pytest.mark.parametrize("name", PRODUCTS, indirect=True)
def test_a_file_has_so_few_variants_that_comparing_it_stays_readable(name: str) -> None:
    assert len(worlds_in(name)) <= len(bundled("ten-cases").scenario.compare)


@pytest.mark.parametrize("name", FILES, indirect=True)
def test_every_number_has_evidence(name: str) -> None:
    assert coverage(bundled(name)).without == []


@pytest.mark.slow
@pytest.mark.parametrize("name", FILES, indirect=True)
def test_every_number_of_every_variant_has_evidence(name: str) -> None:
    without = {world.variant: coverage(world).without for world in worlds_in(name)}
    assert not any(without.values()), without


@pytest.mark.parametrize("name", PRODUCTS, indirect=True)
def test_a_step_takes_its_durations_and_odds_from_the_base_alone(name: str) -> None:
    shared = bundled("shanghai").plain["stages"]
    for world in worlds_in(name):
        evidence = world.plain["evidence"]
        for stage, settings in world.plain["stages"].items():
            if settings != shared.get(stage):
                assert f"stages.{stage}" in evidence and f"stages.{stage}" not in bundled("shanghai").plain["evidence"]
        for product, body in world.plain["products"].items():
            for title, settings in plain_steps(body["flow"]).items():
                own = [key for key in DURATIONS if key in settings]
                unexplained = [key for key in own if f"products.{product}.flow.{title}.{key}" not in evidence]
                assert not unexplained, (world.variant, title)


@pytest.mark.parametrize("name", PRODUCTS, indirect=True)
def test_an_assumed_distribution_has_its_mean_inside_its_range(name: str) -> None:
    for world in worlds_in(name):
        scenario = world.scenario
        assert scenario.applicants is not None and scenario.credit is not None
        means: dict[tuple[str, ...], Distribution] = {
            ("credit", "claim_after"): scenario.credit.claim_after,
            **{
                ("credit", "recovery", key): getattr(scenario.credit.recovery, key)
                for key in ("haircut", "cost", "time")
            },
        }
        for title, stage in scenario.stages.items():
            means |= {("stages", title, key): getattr(stage, key) for key in ("work", "elapsed") if getattr(stage, key)}
        for property_name, attribute in scenario.applicants.population.items():
            if isinstance(attribute, Attribute) and attribute.sum is None and attribute.kind in ("money", "count"):
                means[("applicants", "population", property_name)] = attribute
        covering = Covering(scenario.evidence)
        for path, distribution in means.items():
            _, entry = covering.of(path) or pytest.fail(f"no evidence of {path}")
            if not entry.assumed:
                continue
            assert entry.range is not None and entry.range[0].dimension == distribution.dimension, path
            assert entry.range[0].value <= distribution.mean <= entry.range[1].value, path


@pytest.mark.parametrize("name", PRODUCTS, indirect=True)
def test_the_rules_of_the_source_hold_in_every_case_of_a_run(name: str) -> None:
    scenario = bundled(name).scenario
    for rule_name, rule in scenario.published_rules.items():
        assert RuleCheck(scenario, rule_name, rule, happened(name, 1)).run()[1] == [], rule_name


@pytest.mark.slow
@pytest.mark.parametrize("name", PRODUCTS, indirect=True)
def test_other_readings_and_other_variants_keep_the_rules_that_they_leave_in_force(name: str) -> None:
    for world in worlds_in(name)[1:]:
        ran = replicate(world.scenario, 1)
        for rule_name, rule in world.scenario.published_rules.items():
            broken = RuleCheck(world.scenario, rule_name, rule, ran).run()[1]
            assert broken == [], (world.variant, rule_name)


@pytest.mark.slow
@pytest.mark.parametrize("name", PRODUCTS, indirect=True)
def test_what_the_source_prints_holds_over_twenty_replications(name: str) -> None:
    wanting = ("failed", "nothing to check", "too few runs")
    failed = [verdict for verdict in check(bundled(name), 20, 2) if verdict.status in wanting]
    assert not failed


def test_every_rule_and_time_of_the_source_is_checked_somewhere() -> None:
    scenarios = [bundled(name).scenario for name in PRODUCTS]
    rules = {rule.split(",")[0] for scenario in scenarios for rule in scenario.published_rules}
    times = {time.split(",")[0] for scenario in scenarios for time in scenario.published_outcomes}
    times |= {time for scenario in scenarios for firm in scenario.examples.values() for time in firm.published}
    wanted = {f"K{number}" for number in range(1, 15)} | {f"E-{number:02}" for number in range(1, 14)}
    assert wanted <= rules, sorted(wanted - rules)
    assert {f"T{number}" for number in range(1, 9)} <= times, sorted(times)


@pytest.mark.parametrize("name", COMPARISONS, indirect=True)
def test_the_worlds_of_a_comparison_meet_the_same_applicants(name: str) -> None:
    first, *others = comparison_of([name]).worlds
    assert others and all(same_applicants(first, other) for other in others)


def test_the_variant_with_three_reviews_has_two_more_and_changes_nothing_else() -> None:
    stated, more = bundled("C8-F1"), bundled("C8-F1", "three reviews")
    titles = [each.title for each in steps_of(more.scenario.products["guaranteed loan"].flow)]
    assert [each for each in titles if each not in ("first review", "second review")] == [
        each.title for each in steps_of(stated.scenario.products["guaranteed loan"].flow)
    ]
    assert titles.index("guarantee review") == titles.index("second review") + 1 == titles.index("first review") + 2
    changed = {"products": None, "published_rules": None}
    assert {**more.plain, **changed} == {**stated.plain, **changed}


@pytest.mark.parametrize(
    ("variant", "district", "insurer", "bank"),
    [
        (AS_STATED, 400_000, 1_400_000, 200_000),
        ("D-01b, shortfall shared", 400_000, 1_380_000, 220_000),
        ("D-01c, remainder shared", 400_000, 1_440_000, 160_000),
        ("D-01d, all or nothing", 0, 1_800_000, 200_000),
    ],
)
def test_each_reading_divides_the_loss_that_uses_the_fund_up_in_its_own_way(
    variant: str, district: int, insurer: int, bank: int
) -> None:
    agreement = Agreement(bundled("C9-F2", variant).scenario.products["insured loan"].risk_sharing)
    meters, loss = agreement.open(), Claim(parse_money("2m CNY"))
    for _ in range(6):
        agreement.share(loss, meters)
    paid = agreement.share(loss, meters).paid
    assert {party: fen // 100 for party, fen in paid.items() if fen} == {
        party: yuan for party, yuan in (("insurer", insurer), ("bank", bank), ("district", district)) if yuan
    }


@cache
def fund_comparison() -> list[WorldResult]:
    worlds = comparison_of(["fund-against-none"]).worlds
    run_worlds(worlds, replications=8)
    return worlds


def test_the_fund_relieves_the_insurer_of_what_it_pays_and_nobody_else() -> None:
    without, fund = fund_comparison()
    for a, b in zip(without.product(0), fund.product(0), strict=True):
        assert a.loss_gross == b.loss_gross and a.paid["bank"] == pytest.approx(b.paid["bank"], abs=a.defaults + 1)
        assert a.paid["insurer"] == pytest.approx(b.paid["insurer"] + b.paid["district"], abs=a.defaults + 1)


def test_the_fund_is_used_up_in_some_replications_and_lasts_in_others() -> None:
    used_up = [np.isfinite(each.fund_used_up_at["Fengxian reserve"]) for each in fund_comparison()[1].product(0)]
    assert 0.15 <= np.mean(used_up) <= 0.85


def test_as_many_firms_are_insured_for_as_much_as_the_source_counts() -> None:
    products = [each.products[0] for each in measured("C9-F1", 7)]
    assert 180 <= np.mean([each.ends["drawn"] for each in products]) <= 210
    assert 360e6 <= np.mean([each.drawn / 100 for each in products]) <= 440e6


def test_the_mean_guaranteed_loan_is_near_what_the_source_counts() -> None:
    products = [each.products[0] for each in measured("C8-F1", 7)]
    mean = sum(each.drawn for each in products) / 100 / sum(each.ends["drawn"] for each in products)
    assert mean == pytest.approx(3.64e6, rel=0.1)


@pytest.mark.parametrize("name", PRODUCTS, indirect=True)
def test_no_desk_is_overloaded(name: str) -> None:
    used = [
        desk["utilisation"]["value"]
        for desk in desk_summary(WorldResult(bundled(name), name, measured(name, 2))).values()
        if desk["utilisation"]["value"] is not None
    ]
    assert max(used) <= 0.8


@pytest.mark.parametrize("name", PRODUCTS, indirect=True)
def test_nearly_every_case_comes_to_its_end_within_the_follow_up(name: str) -> None:
    products = [each.products[0] for each in measured(name, 2)]
    assert sum(each.ends["open"] for each in products) == 0
    if name != "C2-F0":
        assert sum(each.ends["drawn"] for each in products) > 0


def test_nobody_is_served_while_shanghai_is_closed() -> None:
    scenario = bundled("C8-F1", "Shanghai closed in spring 2022").scenario
    assert scenario.run is not None
    started = replicate(scenario, 1).steps["start"]
    dates = [scenario.run.start + datetime.timedelta(minutes=each) for each in started[np.isfinite(started)].tolist()]
    assert dates and not any(datetime.date(2022, 3, 28) <= each <= datetime.date(2022, 5, 31) for each in dates)
