"""Diagrams of flows: every step is there, every route as the interpreter takes it, nothing lies on anything else."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from bundled import PRODUCTS, worlds_in
from drawn_flows import faults_of
from hypothesis import given, settings

from simulator.diagrams.draw import diagram_of
from simulator.diagrams.layout import lay_out
from simulator.diagrams.model import FIRM
from simulator.diagrams.step_facts import lane_of
from simulator.scenario.load import LoadedScenario, load
from simulator.scenario.model import Scenario
from simulator.texts import speaking

sys.path.insert(0, str(Path(__file__).parent / "engine"))
from random_flows import worlds


def faults_in(scenario: Scenario) -> list[str]:
    return [fault for key in scenario.products for fault in faults_of(lay_out(diagram_of(scenario, key), top=52))]


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


@given(worlds())
@settings(max_examples=60)
def test_nothing_in_a_random_flow_lies_on_anything_else(world: tuple[Scenario, bool]) -> None:
    assert faults_in(world[0]) == []
