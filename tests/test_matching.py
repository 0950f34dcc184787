"""For one firm: which products it may have, how much it gets, how long they take and who bears a loss."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner, Result

from simulator.analysis.eligibility import judged, least_values, rule_in_words, told_values
from simulator.analysis.figures import spread
from simulator.analysis.intervals import estimate
from simulator.analysis.known_firms import find_firm
from simulator.analysis.matching import Days, amount_for, bearers_in_words, in_order, match, waits, with_days
from simulator.analysis.pledges import pledges_in_words
from simulator.cli import group
from simulator.errors import PledgesimError
from simulator.experiment.replication import replicate
from simulator.scenario.agreement import RiskSharing
from simulator.scenario.applicants import Condition
from simulator.scenario.attributes import Attribute
from simulator.scenario.load import load
from simulator.scenario.model import AmountLimits
from simulator.scenario.quantities import Quantity
from simulator.workflow.firms import Firms, credit_lines

pytestmark = pytest.mark.whole

SCENARIO = """\
id: {id}
extends: pledgesim:C8-F1
applicants: {{arrivals: {{per_working_day: 0.3}}}}
run: {{arrivals_for: 3 months}}
products:
  guaranteed loan:
    name: {id}
    amount: {{of: {{appraised_value: 50%}}, at_most: 3m CNY, at_least: {least}}}
    eligibility: {{net_assets_last_year: null, net_assets: null, loan_to_sales: {{at_most: 40%}}}}
published_rules: null
published_outcomes: null
examples:
  robot maker:
    name: {{en: Robot maker, zh: 机器人公司}}
    source: L1
    applies: 2021-03-01 10:00
    firm: {{annual_sales: 30m CNY, appraised_value: 20m CNY, amount_requested: 4m CNY, bank_debt: 0 CNY}}
"""
FIRM = """\
name: {en: Little chips, zh: 小芯片}
firm:
  annual_sales: 1.5m CNY
  bank_debt: 200k CNY
  amount_requested: 900k CNY
  appraised_value: 6m CNY
  fits_priority_industries: true
  controls_its_ip: true
  good_credit_record: true
  gives_counter_guarantee: true
  major_negative_information: false
"""


def fen(amount: float) -> Quantity:
    return Quantity(amount * 100, "fen")


@pytest.fixture
def near(tmp_path: Path) -> str:
    path = tmp_path / "near.yaml"
    path.write_text(SCENARIO.format(id="near", least="1m CNY"), encoding="utf-8")
    return str(path)


@pytest.fixture
def far(tmp_path: Path) -> str:
    path = tmp_path / "far.yaml"
    path.write_text(SCENARIO.format(id="far", least="100k CNY"), encoding="utf-8")
    return str(path)


def written(folder: Path, text: str) -> str:
    path = folder / "firm.yaml"
    path.write_text(text, encoding="utf-8")
    return str(path)


def said(*words: str) -> Result:
    return CliRunner().invoke(group, ["match", *words])


def answers(*words: str) -> list[dict[str, object]]:
    result = said(*words, "--json")
    assert result.exit_code == 0, result.stderr
    found: list[dict[str, object]] = json.loads(result.stdout)["products"]
    return found


@pytest.mark.parametrize(
    ("rule", "value", "words"),
    [
        (
            {"above": "2m CNY"},
            fen(1_500_000),
            "annual sales 1.5m CNY, above 2.0m CNY is needed: 500,000 CNY too little",
        ),
        (
            {"above": "2m CNY"},
            fen(2_000_000),
            "annual sales 2.0m CNY, above 2.0m CNY is needed: exactly that is too little",
        ),
        ({"below": "2m CNY"}, fen(2_500_000), "annual sales 2.5m CNY, below 2.0m CNY is needed: 500,000 CNY too much"),
        ({"at_least": 3}, Quantity(1, "number"), "annual sales 1, at least 3 is needed: 2 too few"),
        ({"at_most": 3}, Quantity(7, "number"), "annual sales 7, at most 3 is needed: 4 too many"),
        (
            {"at_most": "40%"},
            Quantity(0.515, "share"),
            "annual sales 51.5%, at most 40% is needed: 11.5 percentage points too much",
        ),
        (
            {"at_most": "40%"},
            Quantity(0.4000001, "share"),
            "annual sales 40%, at most 40% is needed: less than 0.01 percentage points too much",
        ),
        ({"at_most": "40%"}, Quantity(float("inf"), "share"), "annual sales without limit, at most 40% is needed"),
        (True, False, "annual sales: no, yes is needed"),
        ("Fengxian", "Pudong", "annual sales: Pudong, Fengxian is needed"),
        ({"one_of": ["a", "b"]}, "c", "annual sales: c, one of these is needed: a, b"),
        (
            {"above": "2m CNY", "exceptions": "5%"},
            fen(1_000_000),
            "annual sales 1.0m CNY, above 2.0m CNY is needed: 1.0m CNY too little (waived for 5% of firms)",
        ),
    ],
)
def test_a_failed_rule_says_what_was_found_what_is_needed_and_by_how_much(rule, value, words) -> None:
    (found,) = judged({"annual_sales": Condition.model_validate(rule)}, {"annual_sales": value})
    assert (found.status, found.words) == ("failed", words)


def test_both_ends_of_a_range_are_judged_as_in_a_run() -> None:
    rule = {"size": Condition.model_validate({"above": 2, "at_most": 5})}
    found = [judged(rule, {"size": Quantity(size, "number")})[0].status for size in (2, 3, 5, 6)]
    assert found == ["failed", "passed", "passed", "failed"]


def test_a_rule_on_what_is_not_told_is_neither_passed_nor_failed() -> None:
    rules = {"controls_its_ip": Condition.model_validate(True), "bad_news": Condition.model_validate(False)}
    found = judged(rules, {})
    assert [(each.status, each.words) for each in found] == [
        ("not told", "controls its IP"),
        ("not told", "no bad news"),
    ]
    assert rule_in_words("size", Condition.model_validate({"above": "2m CNY"})) == "size above 2.0m CNY"


def test_sums_and_ratios_are_worked_out_where_all_their_parts_are_told() -> None:
    scenario = load("C8-F1").scenario
    assert scenario.applicants is not None
    population = scenario.applicants.population
    told = {"bank_debt": fen(1_000_000), "amount_requested": fen(2_000_000), "annual_sales": fen(10_000_000)}
    known = told_values(population, told, {})
    assert known["loan_to_sales"] == Quantity(0.3, "share")
    assert "appraised_value" not in known
    assert "loan_to_sales" not in told_values(population, {**told, "bank_debt": False}, {})
    ratio = Quantity(0.3, "share")
    assert told_values(population, {"loan_to_sales": ratio}, {})["loan_to_sales"] == ratio


def test_what_a_scenario_knows_nothing_of_or_in_another_kind_counts_as_not_told() -> None:
    population = {"size": Attribute.model_validate("3m CNY")}
    assert told_values(population, {"size": Quantity(3, "number"), "colour": "red"}, {}) == {}


@pytest.mark.parametrize(
    ("asked", "value", "words"),
    [
        (900_000, 6_000_000, "900,000 CNY (all it asks for)"),
        (5_000_000, 6_000_000, "2.4m CNY (40% of appraised value)"),
        (9_000_000, 60_000_000, "3.0m CNY (the most a firm gets)"),
    ],
)
def test_the_amount_is_that_of_a_run_and_names_the_limit_that_binds(asked, value, words) -> None:
    limits = AmountLimits.model_validate({"of": {"appraised_value": "40%"}, "at_most": "3m CNY"})
    amount = amount_for(limits, {"amount_requested": fen(asked), "appraised_value": fen(value)})
    columns = {"amount_requested": np.array([asked * 100.0]), "appraised_value": np.array([value * 100.0])}
    assert amount.fen == credit_lines(limits, Firms(np.zeros(1), columns))[0]
    assert amount.words == words


def test_an_amount_is_open_where_a_limit_is_not_told_and_cannot_be_told_without_what_is_asked_for() -> None:
    limits = AmountLimits.model_validate({"of": {"appraised_value": "50%"}, "at_most": "3m CNY", "drawn_share": "80%"})
    half = amount_for(limits, {"amount_requested": fen(900_000)})
    assert half.words == "up to 900,000 CNY; appraised value not told; 80% of it is drawn"
    nothing = amount_for(limits, {"appraised_value": fen(2_000_000)})
    assert nothing.words == "cannot be told: what it asks for is not told; at most 1.0m CNY, 50% of appraised value"
    assert nothing.not_told == ("amount_requested",)


@pytest.mark.parametrize(
    ("agreement", "words"),
    [
        ({"split": {"guarantor": "100%", "bank": "0%"}}, "guarantor 100%"),
        (
            {
                "funds": {"Fengxian reserve": {"balance": "4m CNY", "owner": "district"}},
                "split": {
                    "district": {"share": "30%", "up to": "Fengxian reserve", "otherwise": "insurer"},
                    "insurer": "60%",
                    "bank": "rest",
                },
            },
            "insurer 60%, bank 10%, district 30% up to Fengxian reserve, then insurer",
        ),
        (
            {
                "funds": {"pool": {"balance": "4m CNY", "owner": "city"}},
                "split": {"city": {"share": "100%", "up to": "pool", "otherwise": {"bank": "1/3", "insurer": "rest"}}},
            },
            "city 100% up to pool, then (bank 1/3, insurer 2/3)",
        ),
    ],
)
def test_who_bears_a_loss_is_said_with_funds_and_what_comes_after_them(agreement, words) -> None:
    assert bearers_in_words(RiskSharing.model_validate(agreement)) == words


def test_products_a_firm_may_have_come_first_then_those_of_which_not_all_is_told(tmp_path, near, far) -> None:
    firm = written(tmp_path, FIRM.replace("1.5m CNY", "15m CNY"))
    assert [
        (each["scenario"], each["status"]) for each in answers("--firm", firm, "--no-days", "C8-F1", near, far)
    ] == [
        ("far", "eligible"),
        ("C8-F1", "not all told"),
        ("near", "not eligible"),
    ]


def test_of_products_it_may_have_the_quicker_one_comes_first() -> None:
    worlds = [load("C10-F4"), load("C8-F1")]
    firm = find_firm("XFML", worlds)
    days = {each.scenario: each for each in with_days(match(firm, worlds), worlds, 2)}
    quick, slow = sorted(days.values(), key=lambda each: each.days.mean.value)  # type: ignore[union-attr]
    assert in_order([slow, quick]) == [quick, slow]


def test_contrasts_come_after_the_products_of_which_as_much_can_be_said_however_quick_they_are() -> None:
    worlds = [load("C8-F0"), load("C8-F1"), load("C5-F0")]
    matches = {each.scenario: each for each in match(find_firm("XFML", worlds), worlds)}
    days = Days(estimate([1.0, 2.0]), estimate([1.0, 2.0]))
    quick_contrast = replace(matches["C8-F0"], days=days)
    slow_product = replace(matches["C8-F1"], days=Days(estimate([90.0, 91.0]), days.p90))
    assert in_order([matches["C5-F0"], quick_contrast, slow_product]) == [
        slow_product, quick_contrast, matches["C5-F0"],
    ]  # fmt: skip
    printed = said("--firm", "XFML", "--no-days", "C8-F0", "C8-F1").stdout
    assert "C8-F0 (contrast)" in printed
    assert "C8-F1 (contrast)" not in printed


@pytest.mark.parametrize(
    ("scenario", "words"),
    [
        ("C4-F1", "patents"),
        ("C10-F5", "marks"),
        ("C10-F6", "patents and marks"),
        ("C8-F1", "patents or marks"),
        ("C1-F2", "fees of a licence"),
        ("C7-F0", "real estate"),
    ],
)
def test_what_is_pledged_is_said_of_every_product(scenario, words) -> None:
    assert {each["pledges"] for each in answers("--firm", "XFML", "--no-days", scenario)} == {words}


def test_a_product_that_registers_nothing_takes_no_pledge() -> None:
    pledges = {each["product"]: each["pledges"] for each in answers("--firm", "XFML", "--no-days", "C6-F3")}
    assert pledges == {"direct loan": "patents and marks", "guaranteed loan": "nothing"}


def test_a_value_of_ones_own_is_called_by_what_is_counted() -> None:
    world = load("C4-F1")
    (product,) = world.scenario.products.values()
    population = {
        "seeds": Attribute.model_validate({"uniform": [1, 5]}),
        "seed_value": Attribute.model_validate({"of": "seeds", "uniform": ["1m CNY", "2m CNY"]}),
        "barn": Attribute.model_validate("1m CNY"),
        "both": Attribute.model_validate({"sum": ["seed_value", "barn"]}),
    }
    own = product.model_copy(update={"pledged": "both"})
    assert pledges_in_words(own, population) == "seeds or barn"


def test_the_days_are_those_of_all_firms_that_the_product_drew(near) -> None:
    world = load(near)
    (found,) = with_days(match(find_firm("robot maker", [world]), [world]), [world], 2)
    times = [waits(world.scenario, replicate(world.scenario, each), each)[0] for each in (1, 2)]
    assert found.days is not None
    assert found.days.mean == estimate(spread(times)["mean"])
    assert found.days.p90 == estimate(spread(times)["p90"])


@pytest.mark.slow
def test_two_workers_give_the_days_of_one(near) -> None:
    world = load(near)
    matches = match(find_firm("robot maker", [world]), [world])
    assert with_days(matches, [world], 2, workers=2) == with_days(matches, [world], 2)


def test_every_rule_that_is_failed_is_told(tmp_path, far) -> None:
    firm = written(tmp_path, FIRM.replace("controls_its_ip: true", "controls_its_ip: false"))
    (found,) = answers("--firm", firm, "--no-days", far)
    assert found["failed"] == [
        "annual sales 1.5m CNY, above 2.0m CNY is needed: 500,000 CNY too little",
        "controls its IP: no, yes is needed",
        "loan to sales 73.33%, at most 40% is needed: 33.33 percentage points too much",
    ]


def test_an_amount_below_the_least_that_is_lent_keeps_a_firm_out(tmp_path, near) -> None:
    (found,) = answers("--firm", written(tmp_path, FIRM.replace("1.5m", "15m")), "--no-days", near)
    assert found["failed"] == ["900,000 CNY (all it asks for), at least 1.0m CNY is lent: 100,000 CNY too little"]


@pytest.mark.parametrize("name", ["robot maker", "ROBOT MAKER", "机器人公司"])
def test_an_example_is_found_by_key_or_name_and_is_known_to_have_had_its_product(near, name) -> None:
    by_scenario = {each["scenario"]: each for each in answers("--firm", name, "--no-days", near, "C8-F1")}
    assert by_scenario["near"]["known_to_have_had_it"]
    assert by_scenario["near"]["status"] == "eligible"
    assert by_scenario["C8-F1"]["status"] == "not all told"
    assert "good credit record" in by_scenario["C8-F1"]["not_told"]


def test_an_unknown_name_is_refused_with_the_nearest_one(near) -> None:
    with pytest.raises(PledgesimError, match="no example firm 'robot marker'; did you mean 'robot maker'"):
        find_firm("robot marker", [load(near)])


def test_all_mistakes_of_a_firms_file_are_told_at_their_places(tmp_path) -> None:
    path = written(
        tmp_path,
        "nam: x\nfirm:\n  anual_sales: 15m CNY\n  amount_requested: 1.5m\n  industry: biotech\n"
        '  district: [Pudong]\n  controls_its_ip: perhaps\n',
    )
    result = said("--firm", path, "C8-F1", "--no-days")
    assert result.exit_code == 2
    places = [line.removeprefix(f"{path}:") for line in result.stderr.splitlines() if line.startswith(path)]
    assert [place.split(":")[0] for place in places] == ["1", "3", "4", "5", "6", "7"]
    assert "unknown key 'nam' in a firm's file; did you mean 'name'?" in places[0]
    assert "unknown property 'anual_sales'; did you mean 'annual_sales'?" in places[1]
    assert "amount_requested is an amount of money, not '1.5m'" in places[2]
    assert "industry is one of agriculture" in places[3]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("# nothing\n", "the file is empty"),
        ("- a\n", "a firm's file is a mapping, not a list"),
        ("name: A\n", "a firm's file needs 'firm'"),
        ("frim: {annual_sales: 1m CNY}\n", "unknown key 'frim' in a firm's file; did you mean 'firm'?"),
        ("firm: 3\n", "firm is 3 where a mapping is needed"),
        (
            "firm: {appraised_value: 5m CNY, patent_value: 2m CNY, trademark_value: 1m CNY}\n",
            "appraised_value does not agree with patent_value and trademark_value, from which it is worked out",
        ),
        ("firm: {trademarks: 5.5}\n", "firm.yaml:1:20: trademarks is a whole number, not 5.5"),
        ("firm: {invention_patents: -2}\n", "1:27: invention_patents is -2; it is at least 0 for every firm"),
        ("firm: {ip_score: 500}\n", "1:18: ip_score is 500; it is at most 95 for every firm"),
        ("firm: {ip_score: 19}\n", "1:18: ip_score is 19; it is at least 20 for every firm"),
        ("firm: {loan_to_sales: -5%}\n", "1:23: loan_to_sales is -5%; it is at least 0% for every firm"),
        ("firm: {patent_value: -1m CNY}\n", "1:22: patent_value is -1.0m CNY; it is at least 0 CNY for every firm"),
        (
            "firm: {invention_patents: 0, patent_value: 5m CNY}\n",
            "1:44: patent_value is 5.0m CNY, but of invention_patents, which are valued, it has 0",
        ),
    ],
)
def test_a_file_that_is_no_firm_is_refused(tmp_path, text, found) -> None:
    result = said("--firm", written(tmp_path, text), "C8-F1", "--no-days")
    assert result.exit_code == 2
    assert found in result.stderr.splitlines()[0]
    assert "Traceback" not in result.output


def test_properties_of_the_scenarios_that_are_asked_may_be_told_too(tmp_path, near) -> None:
    text = Path(near).read_text(encoding="utf-8")
    own = text.replace("arrivals: {per", "population: {has_robots: {yes: 50%}}, arrivals: {per")
    Path(near).write_text(own.replace("eligibility: {", "eligibility: {has_robots: true, "), encoding="utf-8")
    firm = written(tmp_path, FIRM + "  has_robots: false\n")
    (found,) = answers("--firm", firm, "--no-days", near)
    assert "has robots: no, yes is needed" in found["failed"]
    assert said("--firm", firm, "--no-days", "C8-F1").exit_code == 2


def test_what_is_printed_ends_with_what_the_days_are(tmp_path, far) -> None:
    printed = said("--firm", written(tmp_path, FIRM.replace("1.5m", "15m")), "-n", "2", far)
    assert printed.exit_code == 0
    assert "Little chips 小芯片" in printed.stdout
    assert "guarantor 100%" in printed.stdout
    assert " ".join(printed.stdout.split()).endswith("rather than promise this firm a date.")
    assert "Days" not in said("--firm", written(tmp_path, FIRM), "--no-days", far).stdout


def test_by_default_all_bundled_products_and_contrasts_are_looked_at() -> None:
    found = {each["scenario"] for each in answers("--firm", "XFML", "--no-days")}
    assert {"C8-F1", "C8-F0", "C9-F2", "C2-F4"} <= found
    assert "ten-cases" not in found


def test_what_holds_for_every_firm_of_an_industry_counts_as_told() -> None:
    base = load("shanghai").scenario.applicants.population  # type: ignore[union-attr]
    software = told_values(base, {"industry": "software and AI"}, base)
    assert software["uses_geographical_indication"] is False
    assert software["legal_form"] == "company"
    assert "holds_gi_qualification" not in software
    assert "uses_geographical_indication" not in told_values(base, {"industry": "agriculture"}, base)
    assert "uses_geographical_indication" not in told_values(base, {}, base)
    without_word = {**base, "legal_form": Attribute.model_validate({"odds": {"partnership": "rest"}})}
    assert "legal_form" not in told_values(without_word, {"industry": "software and AI"}, base)


def test_nothing_follows_from_a_word_that_the_base_does_not_know() -> None:
    base = load("shanghai").scenario.applicants.population  # type: ignore[union-attr]
    own = {**base, "industry": Attribute.model_validate({"odds": {"robotics": "rest"}})}
    assert "legal_form" not in told_values(own, {"industry": "robotics"}, base)


def test_a_rule_that_every_firm_of_the_scenarios_own_population_passes_is_not_taken_as_told(tmp_path) -> None:
    firm = written(tmp_path, FIRM)
    (found,) = answers("--firm", firm, "--no-days", "C9-F2")
    assert "district one of Fengxian" in found["not_told"]
    (elsewhere,) = answers("--firm", written(tmp_path, FIRM + "  district: Pudong\n"), "--no-days", "C9-F2")
    assert "district: Pudong, Fengxian is needed" in elsewhere["failed"]


def test_what_is_none_has_no_value() -> None:
    base = load("shanghai").scenario.applicants.population  # type: ignore[union-attr]
    nothing = told_values(base, {"invention_patents": Quantity(0, "number"), "trademark_value": fen(3)}, base)
    assert nothing["patent_value"] == fen(0)
    assert nothing["appraised_value"] == fen(3)


@pytest.mark.parametrize(
    ("rule", "status"),
    [
        ({"at_least": 14}, "passed"),
        ({"above": 14}, "not told"),
        ({"at_least": 15}, "not told"),
        ({"at_most": 14}, "not told"),
        ({"at_least": 1, "at_most": 40}, "not told"),
    ],
)
def test_a_sum_passes_once_the_parts_that_are_told_are_enough(rule, status) -> None:
    base = load("shanghai").scenario.applicants.population  # type: ignore[union-attr]
    told = {"invention_patents": Quantity(2, "number"), "trademarks": Quantity(12, "number")}
    least = least_values(base, told)
    assert least["ip_rights"] == Quantity(14, "number")
    (found,) = judged({"ip_rights": Condition.model_validate(rule)}, told, least)
    assert found.status == status


def test_a_sum_with_a_part_that_may_be_negative_has_no_least_value() -> None:
    population = {
        "assets": Attribute.model_validate("3m CNY"),
        "result": Attribute.model_validate({"uniform": ["-1m CNY", "1m CNY"]}),
        "both": Attribute.model_validate({"sum": ["assets", "result"]}),
    }
    assert least_values(population, {"assets": fen(5)}) == {}
    assert least_values({**population, "result": population["assets"]}, {"assets": fen(5)}) == {"both": fen(5)}


@pytest.mark.parametrize(("word", "value"), [("yes", True), ("No", False), ("true", True), ('"yes"', True)])
def test_yes_and_no_may_be_told_as_they_are_printed(tmp_path, word, value) -> None:
    firm = find_firm(written(tmp_path, f"firm: {{in_park: {word}}}\n"), [])
    assert firm.told["in_park"] is value


def test_an_amount_that_can_be_negative_may_be_told_so(tmp_path) -> None:
    assert find_firm(written(tmp_path, "firm: {net_assets: -3m CNY}\n"), []).told["net_assets"] == fen(-3_000_000)


def test_a_fixed_value_of_a_scenario_does_not_bound_what_a_firm_tells_of_itself(tmp_path, near) -> None:
    text = Path(near).read_text(encoding="utf-8").replace("arrivals: {per", "population: {robots: 3}, arrivals: {per")
    Path(near).write_text(text, encoding="utf-8")
    for count in (2, 4):
        firm = find_firm(written(tmp_path, f"firm: {{robots: {count}}}\n"), [load(near)])
        assert firm.told["robots"] == Quantity(count, "number")


@pytest.mark.parametrize("name", ["robot", "the Robot maker of Shanghai", "上海机器人公司", "机器人"])
def test_a_part_of_a_name_or_more_than_it_finds_the_one_firm_that_has_it(near, name) -> None:
    assert find_firm(name, [load(near)]).name.en == "Robot maker"


@pytest.mark.parametrize("name", ["rob", "公司", "company"])
def test_a_part_of_a_word_or_of_several_names_finds_no_firm(near, name) -> None:
    with pytest.raises(PledgesimError, match=f"no example firm '{name}'"):
        find_firm(name, [load(near)])


def test_the_same_letters_in_another_order_are_the_nearest_name() -> None:
    with pytest.raises(PledgesimError, match="did you mean '公司C'"):
        find_firm("C公司", [load("C10-F5")])
