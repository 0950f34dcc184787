"""A firm that a source tells of is run among all others, with what was published about it beside what came out."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from simulator.analysis.checks import check
from simulator.analysis.firm_runs import run_firm
from simulator.cli import group
from simulator.errors import PledgesimError, ScenarioError
from simulator.experiment.replication import replicate
from simulator.scenario.applicants import Condition
from simulator.scenario.example_world import all_examples, find_example, world_of_example
from simulator.scenario.load import catalogue, load

pytestmark = pytest.mark.whole

FIRM = """\
id: mine
extends: pledgesim:C8-F1
run: {arrivals_for: 4 months}
examples:
  robot maker:
    name: {en: Robot maker, zh: 机器人公司}
    source: L1
    applies: 2021-03-01 10:00
    firm:
      {annual_sales: 30m CNY, patent_value: 20m CNY, amount_requested: 4m CNY, bank_debt: 0 CNY, net_assets: 1m CNY}
    published:
      loan: {amount: drawn, statistic: mean, between: [4m CNY, 4m CNY], kind: observation, source: L1}
      days: {clock: turnaround, statistic: mean, between: [14 days, 28 days], kind: observation, source: L1}
      too quick: {clock: turnaround, statistic: mean, between: [1 days, 2 days], kind: observation, source: L1}
"""


@pytest.fixture
def file(tmp_path: Path) -> str:
    path = tmp_path / "mine.yaml"
    path.write_text(FIRM, encoding="utf-8")
    return str(path)


def said(*words: str) -> Result:
    return CliRunner().invoke(group, list(words))


def test_the_firm_applies_besides_all_others_and_changes_no_draw_of_theirs(file: str) -> None:
    stated = replicate(load(file).scenario, 1)
    world, key = world_of_example(load(file), "robot maker")
    happened = replicate(world.scenario, 1)
    count = len(stated.firms)
    assert key == "robot maker"
    assert len(happened.firms) == count + 1
    assert happened.firms.arrival[:count].tolist() == stated.firms.arrival.tolist()
    for name, column in stated.firms.columns.items():
        assert happened.firms.columns[name][:count].tolist() == column.tolist(), name
    assert happened.firms.columns["annual_sales"][count] == 3_000_000_000


def test_rules_on_what_is_not_told_of_the_firm_count_as_passed(file: str) -> None:
    world, _ = world_of_example(load(file), "robot maker")
    runs = run_firm(world.scenario, 6, 1)
    assert {run.end for run in runs} <= {"drawn", "declined", "withdrawn"}
    assert "drawn" in {run.end for run in runs}
    assert {run.drawn for run in runs if run.end == "drawn"} == {400_000_000}


def test_a_rule_on_what_is_told_still_counts(file: str) -> None:
    world, _ = world_of_example(load(file), "robot maker")
    name, product = next(iter(world.scenario.products.items()))
    richer = {"annual_sales": Condition.model_validate({"above": "31m CNY"})}
    product = product.model_copy(update={"eligibility": {**product.eligibility, **richer}})
    scenario = world.scenario.model_copy(update={"products": {**world.scenario.products, name: product}})
    assert {run.end for run in run_firm(scenario, 3, 1)} == {"not eligible"}


def test_an_example_whose_product_refuses_it_for_what_is_told_is_an_error(file: str) -> None:
    path = Path(file)
    text = path.read_text(encoding="utf-8").replace("annual_sales: 30m", "annual_sales: 1.9m")
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ScenarioError, match=r"known to have been served, but its annual_sales is 1\.9m CNY"):
        load(file)


def test_the_firm_defaults_on_the_day_that_is_asked_for(file: str) -> None:
    world, _ = world_of_example(load(file), "机器人公司", default_at="2021-09-30")
    runs = run_firm(world.scenario, 6, 1)
    drawn = [run for run in runs if run.end == "drawn"]
    assert drawn
    assert {run.loss for run in drawn} == {400_000_000}
    assert all(sum(run.paid.values()) == run.loss for run in drawn)
    happened = replicate(world.scenario, 1)
    case = len(happened.firms) - 1
    loss = next((each for each in happened.losses if each.case == case), None)
    if happened.end[case] == 2:
        assert loss is not None
        assert loss.defaulted_at == pytest.approx((31 + 28 + 31 + 30 + 31 + 30 + 31 + 31 + 30 - 4) * 1440)


def test_a_firm_that_applies_in_the_file_anyway_does_so_once_and_defaults_as_said_there(file: str) -> None:
    path = Path(file)
    also = "{at: 2021-03-01 10:00, name: {en: Robot maker, zh: 机器人公司}, default_at: 2021-08-31}"
    also += ", {at: 2021-03-02 10:00, name: Another firm}"
    text = path.read_text(encoding="utf-8") + f"applicants: {{also: [{also}]}}\n"
    path.write_text(text, encoding="utf-8")
    stated = load(file).scenario
    world, _ = world_of_example(load(file), "robot maker")
    assert stated.applicants is not None and world.scenario.applicants is not None
    assert [firm.name.en for firm in world.scenario.applicants.also if firm.name] == ["Another firm", "Robot maker"]
    as_said = world.scenario.applicants.also[-1]
    assert as_said.default_at == stated.applicants.also[0].default_at and as_said.known_eligible
    other_day, _ = world_of_example(load(file), "robot maker", default_at="2021-09-30")
    assert other_day.scenario.applicants is not None
    assert other_day.scenario.applicants.also[-1].default_at != as_said.default_at


def test_without_a_day_named_its_loan_is_as_any_other(file: str) -> None:
    world, _ = world_of_example(load(file), "robot maker")
    losses = [run.loss for run in run_firm(world.scenario, 12, 1)]
    assert losses.count(0) > 6


def test_published_figures_of_the_firm_are_held_against_its_runs(file: str) -> None:
    found = {verdict.name: verdict for verdict in check(load(file), 12)}
    assert found["loan, robot maker"].status == "held"
    assert "4.0m CNY" in found["loan, robot maker"].text
    assert found["days, robot maker"].status == "held"
    assert found["too quick, robot maker"].status == "failed"


def test_the_command_shows_published_beside_simulated(file: str) -> None:
    result = said("run", file, "--applicant", "robot maker", "-n", "4", "--workers", "1")
    assert result.exit_code == 0, result.output
    for words in ("Robot maker 机器人公司", "Published and simulated", "4.0m CNY", "step by step", "guarantee review"):
        assert words in result.output, words


def test_the_command_tells_of_a_default_that_was_asked_for(file: str) -> None:
    words = ["run", file, "--applicant", "robot maker", "--default-at", "2021-09-30", "-n", "4", "--workers", "1"]
    result = said(*words)
    assert result.exit_code == 0, result.output
    assert "Its loan defaulted on 2021-09-30" in result.output
    data = json.loads(said(*words, "--json").output)
    assert data["applicant"] == "robot maker"
    assert all(each["loss_cny"] in (0, 4_000_000) for each in data["each"])


def test_an_unknown_firm_gets_the_nearest_name(file: str) -> None:
    with pytest.raises(PledgesimError, match=r"did you mean '[Rr]obot maker'"):
        find_example(load(file), "robot makr")
    result = said("run", file, "--applicant", "robot makr")
    assert result.exit_code == 2
    assert "example firms of mine: robot maker" in result.output


def test_a_scenario_without_firms_says_where_there_are_some() -> None:
    result = said("run", "C8-F0", "--applicant", "company C")
    assert result.exit_code == 2
    assert "company C (C10-F5)" in result.output


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["--default-at", "2021-09-30"], "--default-at needs --applicant"),
        (["--applicant", "robot maker", "--out", "x"], "leave it out with --applicant"),
        (["--applicant", "robot maker", "--default-at", "soon"], "soon"),
    ],
)
def test_what_cannot_be_asked_is_told(file: str, words: list[str], told: str) -> None:
    result = said("run", file, *words)
    assert result.exit_code == 2
    assert told in result.output
    assert "Traceback" not in result.output


def test_fifteen_firms_of_the_source_are_told_of_and_some_are_run() -> None:
    found = all_examples()
    assert len(found) == 15, [key for _, key, _ in found]
    they_can_be_run(found[::4])


@pytest.mark.slow
def test_all_fifteen_firms_of_the_source_can_be_run() -> None:
    they_can_be_run(all_examples())


def they_can_be_run(found: Any) -> None:
    for scenario, key, _ in found:
        world, _ = world_of_example(load(scenario), key)
        ends = [run.end for run in run_firm(world.scenario, 3, 1)]
        assert "not eligible" not in ends, (scenario, key)
        assert "drawn" in ends, (scenario, key, ends)


def test_every_firm_has_its_published_figures_or_none_is_printed() -> None:
    for entry in catalogue():
        if entry["kind"] == "product":
            for key, example in load(entry["id"]).scenario.examples.items():
                assert example.source.english.startswith("L"), key


def test_changes_of_the_command_line_reach_the_firm_and_its_checks(file: str) -> None:
    cap = ["products.guaranteed loan.amount.at_most=1m CNY"]
    world, _ = world_of_example(load(file, sets=cap), "robot maker")
    assert {run.drawn for run in run_firm(world.scenario, 8, 1) if run.end == "drawn"} == {100_000_000}
    found = {verdict.name: verdict for verdict in check(load(file, sets=cap), 12)}
    assert found["loan, robot maker"].status == "failed"


def test_the_firm_is_the_last_whatever_else_applies_besides(file: str) -> None:
    also = "applicants.also=[{at: 2021-03-01, known_eligible: true, attributes: {amount_requested: 1m CNY}}]"
    world, _ = world_of_example(load(file, sets=[also]), "robot maker")
    happened = replicate(world.scenario, 1)
    assert happened.firms.besides == 2
    assert happened.firms.names[len(happened.firms) - 1] == "Robot maker"


def test_a_firm_that_applies_in_the_warm_up_is_told_of_all_the_same(file: str) -> None:
    world, _ = world_of_example(load(file, sets=["run.warm_up=3 months"]), "robot maker")
    assert "turnaround" in run_firm(world.scenario, 1, 1)[0].times


def test_a_firm_of_another_time_does_not_stand_in_the_way_of_a_run(file: str) -> None:
    later = load(file, sets=["run.start=2022-01-04"])
    with pytest.raises(PledgesimError, match="cannot be run in mine"):
        world_of_example(later, "robot maker")
    assert [each.status for each in check(later, 1) if each.name == "robot maker"] == ["nothing to check"]
