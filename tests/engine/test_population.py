"""What firms are like: properties that depend on others, and firms given by name beside those that are drawn."""

from __future__ import annotations

import csv
from math import isnan
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from small_worlds import clock, desk, minutes, scenario, tell

from simulator.analysis.explanation import explain
from simulator.analysis.rounds import WorldResult, run_worlds
from simulator.errors import ScenarioError
from simulator.experiment.replication import replicate
from simulator.export.tables import write_tables
from simulator.scenario.attributes import Attribute
from simulator.scenario.load import LoadedScenario, load
from simulator.scenario.model import Scenario
from simulator.streams import Streams
from simulator.workflow.population import Column, draw_columns

MANY = 2_000
SECTOR = {"odds": {"chips": "40%", "farms": "30%", "shops": "rest"}}


def drawn(population: dict[str, Any], **told: Any) -> dict[str, Column]:
    """Properties of many firms; `told` of the first of them."""
    applicants = scenario([desk("reviewer")], population=population).applicants
    assert applicants is not None
    return draw_columns(applicants, {name: {0: value} for name, value in told.items()}, MANY, Streams(1, 1))[0]


def kind(population: dict[str, Any], name: str) -> str:
    applicants = scenario([desk("reviewer")], population=population).applicants
    assert applicants is not None
    return applicants.population[name].kind


def number_drawn(name: str) -> Column:
    return Streams(1, 1).uniforms(f"firm: {name}", MANY)


COUNTED = {
    "patents": {"uniform": [0, 4]},
    "patent_value": {"of": "patents", "uniform": ["100k CNY", "300k CNY"]},
}


def test_money_of_a_count_is_so_much_for_each_and_nothing_for_none() -> None:
    columns = drawn(COUNTED)
    each = 10_000_000 + 20_000_000 * number_drawn("patent_value")
    assert np.array_equal(columns["patent_value"], np.rint(each * columns["patents"]))
    none = columns["patents"] == 0
    assert none.any() and not columns["patent_value"][none].any()
    assert columns["patent_value"][~none].min() >= 10_000_000
    assert kind(COUNTED, "patent_value") == "money"


def test_money_of_a_count_is_rounded_as_a_whole() -> None:
    rounded = {**COUNTED, "patent_value": {**COUNTED["patent_value"], "rounded_to": "10k CNY"}}
    whole, exact = drawn(rounded)["patent_value"], drawn(COUNTED)["patent_value"]
    assert not (whole % 1_000_000).any()
    assert np.abs(whole - exact).max() <= 500_000


def test_shares_of_an_amount_stay_shares_of_it() -> None:
    columns = drawn({"sales": {"uniform": ["1m CNY", "2m CNY"]}, "debts": {"of": "sales", "fixed": "25%"}})
    assert np.array_equal(columns["debts"], np.rint(columns["sales"] / 4))


def test_a_sum_adds_amounts_or_counts_and_sums_of_them() -> None:
    population = {
        **COUNTED,
        "marks": {"uniform": [0, 9]},
        "rights": {"sum": ["patents", "marks"]},
        "mark_value": {"of": "rights", "fixed": "10k CNY"},
        "worth": {"sum": ["patent_value", "mark_value"]},
        "assets": {"sum": ["worth", "appraised_value"]},
        "worth_to_assets": {"sum": ["worth"], "over": "assets"},
    }
    columns = drawn(population)
    assert np.array_equal(columns["rights"], columns["patents"] + columns["marks"])
    assert np.array_equal(columns["assets"], columns["patent_value"] + columns["mark_value"] + 200_000_000)
    assert np.allclose(columns["worth_to_assets"], columns["worth"] / columns["assets"])
    kinds = [kind(population, name) for name in ("rights", "worth", "assets", "worth_to_assets")]
    assert kinds == ["count", "money", "money", "ratio"]


def test_what_is_told_of_a_firm_holds_for_all_that_depends_on_it() -> None:
    population = {
        "sector": SECTOR,
        "patents": {"fixed": 3, "by": "sector", "where": {"farms": 1}},
        "patent_value": {"of": "patents", "fixed": "100k CNY"},
        "mark_value": {"of": "patent_value", "fixed": "50%"},
        "worth": {"sum": ["patent_value", "mark_value"]},
        "mark_to_worth": {"sum": ["mark_value"], "over": "worth"},
    }
    names = ("patents", "patent_value", "mark_value", "worth")
    by_sector = [[drawn(population, sector=each)[name][0] for name in names] for each in ("farms", "chips")]
    assert by_sector == [[1, 1e7, 5e6, 1.5e7], [3, 3e7, 1.5e7, 4.5e7]]
    assert [drawn(population, patents=7)[name][0] for name in names] == [7, 7e7, 3.5e7, 10.5e7]
    told = drawn(population, mark_value=9e7, sector="farms")
    assert (told["worth"][0], told["mark_to_worth"][0]) == (10e7, 0.9)


def test_a_sum_that_is_told_itself_stands() -> None:
    population = {"worth": {"sum": ["amount_requested", "appraised_value"]}, "half": {"of": "worth", "fixed": "50%"}}
    told, stated = drawn(population, worth=8e8), drawn(population)
    assert (told["worth"][0], told["half"][0]) == (8e8, 4e8)
    assert (stated["worth"][0], told["worth"][1]) == (3e8, 3e8)


PLAIN = {"sector": SECTOR, "sales": {"lognormal": {"median": "10m CNY", "p90": "30m CNY"}, "rounded_to": "10k CNY"}}


def test_where_a_value_holds_the_other_distribution_does_and_nothing_changes_for_other_firms() -> None:
    other = {"lognormal": {"median": "20m CNY", "p90": "60m CNY"}}
    stated = drawn(PLAIN)
    by_sector = {**PLAIN["sales"], "by": "sector", "where": {"farms": other, "shops": "1m CNY"}}
    columns = drawn({**PLAIN, "sales": by_sector})
    farms, shops = columns["sector"] == "farms", columns["sector"] == "shops"
    assert np.array_equal(columns["sales"][~farms & ~shops], stated["sales"][~farms & ~shops])
    assert (columns["sales"][shops] == 100_000_000).all()
    # The same uniform number: twice the median and p90 is twice the amount, and rounded as the property is.
    assert np.abs(columns["sales"][farms] - 2 * stated["sales"][farms]).max() <= 1_500_000
    assert not (columns["sales"] % 1_000_000).any()


def test_of_and_rounding_hold_for_the_alternatives_unless_they_have_their_own() -> None:
    population = {
        "sector": SECTOR,
        "sales": {"fixed": "1_234_567 CNY"},
        "assets": {"fixed": "9m CNY"},
        "debts": {
            "of": "sales", "fixed": "10%", "rounded_to": "10k CNY", "by": "sector",
            "where": {"farms": "50%", "shops": {"of": "assets", "fixed": "33.3335%", "rounded_to": "1k CNY"}},
        },
    }  # fmt: skip
    columns = drawn(population)
    found = {str(each): set(columns["debts"][columns["sector"] == each]) for each in ("chips", "farms", "shops")}
    assert found == {"chips": {12_000_000}, "farms": {62_000_000}, "shops": {300_000_000}}


def test_yes_and_words_may_depend_on_words_too() -> None:
    population = {
        "sector": SECTOR,
        "form": {
            "odds": {"company": "100%"}, "by": "sector",
            "where": {"farms": {"odds": {"cooperative": "60%", "company": "rest"}}},
        },
        "member": {"yes": "0%", "by": "form", "where": {"cooperative": {"yes": "100%"}}},
    }  # fmt: skip
    columns = drawn(population)
    farms = columns["sector"] == "farms"
    assert set(columns["form"][~farms]) == {"company"}
    assert np.mean(columns["form"][farms] == "cooperative") == pytest.approx(0.6, abs=0.05)
    assert np.array_equal(columns["member"], columns["form"] == "cooperative")
    world = scenario([desk("reviewer")], population=population, product={"eligibility": {"form": "cooperative"}})
    assert list(world.products) == ["loan"]


def test_whatever_is_drawn_may_correlate() -> None:
    population = {
        "sector": SECTOR,
        "sales": {"fixed": "1m CNY", "by": "sector", "where": {"farms": {"exponential": "1m CNY"}}},
        "patents": {"exponential": 4},
        "good": {"yes": "50%"},
    }
    pairs = [{"between": ["sales", "patents"], "rho": 0.7}, {"between": ["patents", "good"], "rho": -0.6}]
    world = scenario([desk("reviewer")], population=population, applicants={"correlations": pairs})
    assert world.applicants is not None
    columns = draw_columns(world.applicants, {}, MANY, Streams(1, 1))[0]
    farms = columns["sector"] == "farms"
    assert np.corrcoef(columns["sales"][farms], columns["patents"][farms])[0, 1] > 0.5
    assert columns["patents"][columns["good"]].mean() > 1.5 * columns["patents"][~columns["good"]].mean()


@pytest.mark.parametrize(
    ("told", "mean"),
    [
        ({"yes": "30%"}, 0.3),
        ({"odds": {"a": "100%"}}, None),
        ({"sum": ["a", "b"]}, None),
        ({"sum": ["a"], "over": "b"}, None),
        ({"of": "a", "uniform": ["1m CNY", "3m CNY"]}, 2e8),
        ({"fixed": 2, "by": "a", "where": {"x": {"fixed": 7}}}, 2),
    ],
)
def test_every_property_has_a_mean_and_a_lowest_value_or_says_that_it_has_none(told: Any, mean: float | None) -> None:
    attribute = Attribute.model_validate(told)
    assert isnan(attribute.mean) if mean is None else attribute.mean == mean
    assert attribute.lowest >= 0


LOSS = {"uniform": ["-1m CNY", "2m CNY"]}


@pytest.mark.parametrize(
    "requested",
    [
        LOSS,
        {"fixed": "1m CNY", "by": "sector", "where": {"farms": LOSS}},
        {"of": "appraised_value", "uniform": ["-5%", "5%"]},
        {"of": "profit", "fixed": "10%"},
        {"of": "patents", **LOSS},
        {"sum": ["profit", "sales"]},
    ],
)
def test_an_amount_asked_for_may_not_be_negative_in_whatever_way_it_comes_about(requested: Any) -> None:
    before = {"sector": SECTOR, "patents": {"fixed": 2}, "profit": LOSS, "sales": {"exponential": "1m CNY"}}
    population = {**before, "appraised_value": "2m CNY", "amount_requested": requested}
    arrivals = {"arrivals": {"firms": []}}
    with pytest.raises(ScenarioError, match="amount_requested may not be negative"):
        scenario([desk("reviewer")], applicants={**arrivals, "population": population})
    fine = {**population, "amount_requested": {"sum": ["appraised_value", "sales"]}}
    assert scenario([desk("reviewer")], applicants={**arrivals, "population": fine}).applicants


def world_of(also: list[Any], per_day: float = 2, **settings: Any) -> Scenario:
    """Firms drawn at random, and some besides."""
    applicants = {**settings.pop("applicants", {}), "also": also, "arrivals": {"per_working_day": per_day}}
    return scenario([desk("reviewer")], applicants=applicants, **settings)


LATE, EARLY = {"at": "2021-03-20 10:00", "name": "Late"}, {"at": "2021-03-03 10:00", "name": "Early"}


def test_firms_besides_are_numbered_last_and_shift_no_draw_of_the_others() -> None:
    stated, happened = replicate(world_of([]), 1), replicate(world_of([LATE, EARLY]), 1)
    count = len(stated.firms)
    assert count > 20
    assert np.array_equal(happened.firms.arrival[:count], stated.firms.arrival)
    for name, column in stated.firms.columns.items():
        assert np.array_equal(happened.firms.columns[name][:count], column), name
    assert happened.firms.names == {count: "Late", count + 1: "Early"}
    assert [clock(moment) for moment in happened.firms.arrival[count:]] == ["03-20 10:00", "03-03 10:00"]


@pytest.mark.parametrize("drawn_by_name", [1, 2, 3])
def test_one_firm_more_changes_no_correlated_draw_even_in_its_last_digit(drawn_by_name: int) -> None:
    names = [f"score {letter}" for letter in "abcdefghijkl"]
    population = {name: {"uniform": [0, "100%"]} for name in names}
    pairs = [{"between": [one, two], "rho": 0.3} for one in names for two in names if one < two]
    listed = ["03-01 10:00"] * drawn_by_name

    def columns(also: list[Any]) -> dict[str, Column]:
        world = scenario(
            [desk("reviewer")], firms=listed, population=population, applicants={"correlations": pairs, "also": also}
        )
        return replicate(world, 1).firms.columns

    stated, found = columns([]), columns([EARLY])
    assert all(np.array_equal(found[name][:drawn_by_name], stated[name]) for name in names)


def test_firms_besides_apply_at_their_own_moments_among_the_others() -> None:
    told = tell(world_of([LATE, EARLY]))
    count = len(told.happened.firms) - 2
    entries = {each.case: each.entry for each in told.at("credit approval")}
    assert (entries[count], entries[count + 1]) == ("03-20 10:00", "03-03 10:00")
    assert [entries[case] for case in range(count)] == [clock(moment) for moment in told.happened.firms.arrival[:count]]
    assert told.ends == ["drawn"] * (count + 2)


def test_firms_besides_apply_even_where_no_other_does() -> None:
    world = scenario([desk("reviewer")], applicants={"also": [LATE, EARLY]})
    assert [(each.case, each.entry) for each in tell(world).at("credit approval")] == [
        (1, "03-03 10:00"),
        (0, "03-20 10:00"),
    ]


def two_products(**second: Any) -> dict[str, Any]:
    shared = {"tenor": "12 months", "flow": [desk("reviewer"), {"drawdown": {"elapsed": "0 min"}}]}
    sharing = {"risk_sharing": {"split": {"bank": "100%"}}}
    return {"plain": {**shared, **sharing}, "green": {**shared, **sharing, **second}}


def test_a_firm_that_wants_one_product_applies_for_no_other() -> None:
    firms = [EARLY, {**EARLY, "product": "green"}, {**EARLY, "product": "plain"}]
    eager = {"also": firms, "fallback": True}
    assert tell(scenario([], products=two_products(), applicants=eager)).happened.product.tolist() == [0, 1, 0]
    urgent = two_products(eligibility={"urgent": True})
    told = tell(scenario([], products=urgent, applicants=eager))
    assert told.happened.product.tolist() == [0, -1, 0]
    assert told.ends == ["drawn", "not eligible", "drawn"]


def test_a_firm_may_want_a_product_that_others_do_not_try() -> None:
    applicants = {"also": [EARLY, {**EARLY, "product": "green"}], "prefer": ["plain"]}
    assert tell(scenario([], products=two_products(), applicants=applicants)).happened.product.tolist() == [0, 1]


SOUND = Path(__file__).parent.parent / "broken" / "base" / "sound.yaml"
GREEN = """\
id: mine
extends: sound.yaml
published_rules: null
published_outcomes: null
applicants:
  arrivals: {per_working_day: null, csv: firms.csv}
  population: {green: {yes: 0%}}
products:
  loan: {eligibility: {annual_sales: null, loan_to_sales: null, sector: null, good_record: null}}
  green:
    eligibility: {patents: {at_least: 0}, green: true}
    tenor: 12 months
    flow: [valuation: {by: guarantor analyst}, drawdown: {by: bank operations, work: 1 h}]
    risk_sharing: {split: {bank: 100%}}
"""
FIRMS = """\
at,name,product,default_at,known_eligible,patents
2021-02-03 10:00,Firm 1,green,2021-09-30,true,7
2021-02-04 10:00,Firm 2,green,,false,
2021-02-05 10:00,Firm 3,,,,2
"""


@pytest.fixture
def green(tmp_path: Path) -> LoadedScenario:
    """Three firms from a CSV file, and two products of which the second is for green firms alone."""
    (tmp_path / "sound.yaml").write_text(SOUND.read_text(encoding="utf-8"), encoding="utf-8")
    (tmp_path / "mine.yaml").write_text(GREEN, encoding="utf-8")
    (tmp_path / "firms.csv").write_text(FIRMS, encoding="utf-8")
    return load(str(tmp_path / "mine.yaml"))


def test_a_csv_file_may_say_of_each_firm_what_a_list_may(green: LoadedScenario) -> None:
    firms = replicate(green.scenario, 1).firms
    assert firms.names == {0: "Firm 1", 1: "Firm 2", 2: "Firm 3"}
    assert firms.product_of == {0: "green", 1: "green"}
    assert firms.known_eligible == {0: {"patents"}}
    assert {number: clock(moment - 56 * 1440) for number, moment in firms.default_at.items()} == {0: "09-30 00:00"}
    assert (firms.columns["patents"][0], firms.columns["patents"][2]) == (7, 2)


def test_a_refusal_names_the_rule_of_the_product_that_the_firm_wants(green: LoadedScenario, tmp_path: Path) -> None:
    world = WorldResult(green, "mine")
    run_worlds([world], replications=1)
    write_tables(world, tmp_path)
    with open(tmp_path / "cases.csv", encoding="utf-8-sig", newline="") as file:
        told = [(case["product"], case["refused_by"]) for case in csv.DictReader(file)]
    assert told == [("green", ""), ("", "green"), ("loan", "")]
    story = explain(green, 1)
    assert (story.product, story.refused_by) == ("green", "green must be yes")


RULES = {"urgent": True, "member": True, "debt_ratio": {"at_most": "40%"}}
RULED = {
    "member": {"yes": "0%"},
    "sales": {"fixed": "1m CNY"},
    "debts": {"fixed": "1m CNY"},
    "debt_ratio": {"sum": ["debts", "amount_requested"], "over": "sales"},
}
FEW_DEBTS = {"debts": "1m CNY", "amount_requested": "1m CNY", "sales": "5m CNY"}


@pytest.mark.parametrize(
    ("told", "end"),
    [
        ({}, "not eligible"),
        ({"known_eligible": True}, "drawn"),
        ({"known_eligible": True, "attributes": {"urgent": False}}, "not eligible"),
        ({"known_eligible": True, "attributes": {"urgent": True}}, "drawn"),
        ({"known_eligible": True, "attributes": FEW_DEBTS}, "drawn"),
        ({"known_eligible": True, "attributes": {**FEW_DEBTS, "sales": "4m CNY"}}, "not eligible"),
        ({"known_eligible": True, "attributes": {"debts": "9m CNY", "sales": "1m CNY"}}, "drawn"),
        ({"attributes": {"urgent": True, "member": True, **FEW_DEBTS}}, "drawn"),
    ],
)
@pytest.mark.parametrize("how", ["listed", "besides"])
def test_a_firm_known_to_be_eligible_is_judged_on_what_is_told_of_it_alone(how: str, told: Any, end: str) -> None:
    firm = {**EARLY, **told}
    applicants = {"also": [firm]} if how == "besides" else {"arrivals": {"firms": [firm]}}
    world = scenario([desk("reviewer")], population=RULED, applicants=applicants, product={"eligibility": RULES})
    assert tell(world).ends == [end]


def test_who_is_known_to_be_eligible_changes_nothing_for_others() -> None:
    firms = [EARLY, {**EARLY, "known_eligible": True}, EARLY]
    world = scenario(
        [desk("reviewer")], population=RULED, applicants={"also": firms}, product={"eligibility": {"urgent": True}}
    )
    assert tell(world).ends == ["not eligible", "drawn", "not eligible"]


def test_the_moment_of_a_default_is_kept_in_minutes_for_listed_firms_and_for_those_besides() -> None:
    firm = {**EARLY, "default_at": "2021-03-05 12:30"}
    world = scenario([desk("reviewer")], applicants={"arrivals": {"firms": [LATE, firm]}, "also": [LATE, firm]})
    # Listed firms are numbered as they arrive, those besides as they are listed.
    assert replicate(world, 1).firms.default_at == {0: minutes("03-05 12:30"), 3: minutes("03-05 12:30")}
