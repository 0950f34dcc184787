"""Diagrams of random and of small flows."""

from __future__ import annotations

import pytest
from drawn_flows import faults_in, faults_of
from hypothesis import given, settings
from interpreted_flows import assert_routes_are_those_of_the_interpreter
from random_flows import worlds
from small_worlds import desk, scenario

from simulator.diagrams.draw import diagram_of
from simulator.diagrams.layout import lay_out
from simulator.experiment.replication import replicate
from simulator.scenario.model import Scenario
from simulator.workflow.case import END_NAMES


@given(worlds())
@settings(max_examples=40)
def test_nothing_in_a_random_flow_lies_on_anything_else(world: tuple[Scenario, bool]) -> None:
    assert faults_in(world[0]) == []


@given(worlds())
def test_the_routes_of_a_random_flow_are_those_that_the_interpreter_takes(world: tuple[Scenario, bool]) -> None:
    assert_routes_are_those_of_the_interpreter(world[0])


@given(worlds())
@settings(max_examples=20)
def test_every_way_in_which_a_case_of_a_random_flow_ends_is_drawn(world: tuple[Scenario, bool]) -> None:
    diagram = diagram_of(world[0], "loan")
    drawn = {end for node in diagram.nodes.values() for end in node.ends.split(" or ") if end}
    drawn |= {each.ends for each in diagram.interruptions}
    happened = {END_NAMES[code] for code in replicate(world[0], 1).end}
    assert happened <= drawn | {"open", "not eligible"}


@pytest.mark.parametrize(
    ("when_passed", "end", "stops"),
    [("count", "counted as late", False), ("escalate", "goes first from here", False), ("give up", "expired", True)],
)
def test_a_deadline_is_a_timer_on_the_border_of_its_step(when_passed: str, end: str, stops: bool) -> None:
    flow = [desk("reviewer", deadline="5 working days", when_passed=when_passed, patience={"exponential": "9 days"})]
    diagram = diagram_of(scenario(flow), "loan")
    late, leaves = (node for node in diagram.nodes.values() if node.kind == "deadline")
    assert (late.host, late.stops, leaves.stops) == ("step credit approval", stops, True)
    assert [diagram.nodes[route.target].label for route in diagram.leaving(late.key)] == [end]
    assert [diagram.nodes[route.target].ends for route in diagram.leaving(leaves.key)] == ["withdrawn"]
    assert faults_of(lay_out(diagram)) == []
