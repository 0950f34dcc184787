"""Diagrams of bundled flows: every step is there, every route as the interpreter takes it, nothing on anything else."""

from __future__ import annotations

import pytest
from bundled import PRODUCTS, worlds_in
from drawn_flows import faults_in
from interpreted_flows import FINISHED, assert_routes_are_those_of_the_interpreter, drawn_after

from simulator.diagrams.draw import diagram_of
from simulator.diagrams.model import FIRM
from simulator.diagrams.step_facts import lane_of
from simulator.scenario.load import load
from simulator.texts import speaking


@pytest.mark.parametrize("name", PRODUCTS)
def test_every_bundled_flow_is_drawn_with_all_its_steps_in_the_lanes_of_those_who_do_them(name: str) -> None:
    for world in worlds_in(name):
        for key, product in world.scenario.products.items():
            diagram = diagram_of(world.scenario, key, world.variant)
            assert sorted(diagram.steps) == sorted(step.title for step in product.all_steps)
            parties = {lane_of(world.scenario, product, step) for step in product.all_steps}
            assert set(diagram.lanes) == parties | {FIRM}
            drawn = {node.step: node.lane for node in diagram.nodes.values() if node.kind == "task"}
            assert drawn == {step.title: lane_of(world.scenario, product, step) for step in product.all_steps}


@pytest.mark.parametrize("name", PRODUCTS)
def test_nothing_in_a_bundled_flow_lies_on_anything_else_in_either_language(name: str) -> None:
    for world in worlds_in(name):
        for language in ("en", "zh"):
            with speaking(language):  # type: ignore[arg-type]
                assert faults_in(world.scenario) == [], (world.variant, language)


@pytest.mark.parametrize("name", PRODUCTS)
def test_the_routes_of_a_bundled_flow_are_those_that_the_interpreter_takes(name: str) -> None:
    for world in worlds_in(name):
        assert_routes_are_those_of_the_interpreter(world.scenario)


def test_times_odds_fees_quotas_and_what_is_seen_stand_with_the_step() -> None:
    scenario = load("C6-F2").scenario
    diagram = diagram_of(scenario, "direct loan")
    approval = diagram.nodes["step green credit approval"]
    assert (approval.lane, approval.desk) == ("bank", "approver")
    assert approval.lines == (
        "work 4 to 10 h, mostly 6",
        "elapsed 1 to 5 working days, mostly 3",
        "reserves IP pledge (100.0m CNY); waits when full",
    )
    assert dict(approval.facts)["Outcomes"] == "approved 92%, declined 8%, above the quota"
    assert dict(approval.facts)["Sees"] == "correlation 35% with the firm's quality"
    appraisal = dict(diagram.nodes["step patent appraisal"].facts)
    assert appraisal["Fee"] == "appraisal fee 15,000 CNY, The firm pays appraiser"
    with speaking("zh"):
        said = diagram_of(scenario, "direct loan").nodes["step green credit approval"]
        assert (said.label, said.desk) == ("绿色审批", "审批人员")
        assert said.lines[0] == "办理4至10小时，多为6"


def test_a_file_sent_back_too_often_is_declined_and_the_picture_says_after_how_many_times() -> None:
    diagram = diagram_of(load("C8-F0").scenario, "guaranteed loan")
    back = next(route for route in diagram.routes if route.sent_back)
    assert (back.target, back.label) == ("step application", "returned 35%")
    refused = next(route for route in diagram.leaving(back.source) if diagram.nodes[route.target].ends == "declined")
    assert refused.label == "2%, sent back more than 3 times"


def test_a_loan_is_watched_again_and_again_until_it_is_repaid() -> None:
    diagram = diagram_of(load("C1-F2").scenario, "royalty loan")
    timer = next(node for node in diagram.nodes.values() if node.kind == "every")
    assert (timer.label, timer.within, timer.part) == ("every 3 months", "P3M", "loan")
    assert drawn_after(diagram, timer.key) == {"status monitoring"}
    assert drawn_after(diagram, "step status monitoring") == {"status monitoring", "pledge release"}
    assert drawn_after(diagram, "step pledge release") == {FINISHED}


def test_a_subsidy_refused_after_the_money_ends_a_drawn_case_and_says_what_was_refused() -> None:
    diagram = diagram_of(load("C7-F2-online").scenario, "direct loan")
    routes = [route for route in diagram.routes if diagram.nodes[route.target].ends == "drawn"]
    assert [route.label for route in routes] == ["declined 5%", "claimed 95%"]


def test_a_loan_is_called_where_its_ip_has_come_to_be_worth_too_little() -> None:
    labels = [route.label for route in diagram_of(load("C1-F2").scenario, "royalty loan").routes]
    assert "called early 1%, IP worth too little" in labels
