"""The page of readings says how every open question of the source was read, and is as the scenarios are now."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from simulator.analysis.open_questions import OPEN_QUESTIONS
from simulator.analysis.readings import Readings, all_readings, page
from simulator.scenario.load import catalogue, open_scenario

PAGE = Path(__file__).parent.parent / "docs" / "readings.md"


@pytest.fixture(scope="module")
def every() -> list[Readings]:
    return all_readings()


def test_the_page_is_what_the_evidence_says_now(every: list[Readings]) -> None:
    assert PAGE.read_text(encoding="utf-8") == page(every), "python -m simulator.analysis.readings > docs/readings.md"


def test_every_open_question_is_answered_by_an_evidence_entry(every: list[Readings]) -> None:
    answered = {number for each in every for reading in each.readings for number in reading.questions}
    assert sorted(OPEN_QUESTIONS) == [f"D-{number:02}" for number in range(1, 42)]
    assert set(OPEN_QUESTIONS) <= answered, sorted(set(OPEN_QUESTIONS) - answered)


def test_every_other_reading_that_can_be_switched_on_stands_on_the_page(every: list[Readings]) -> None:
    text = page(every)
    switchable = [
        variant
        for entry in catalogue()
        if entry["kind"] != "comparison"
        for variant in open_scenario(entry["id"]).variant_names
        if re.match(r"D-\d\d", variant)
    ]
    assert len(switchable) >= 10
    assert [variant for variant in switchable if f"`{variant}`" not in text] == []


def test_a_scenario_is_shown_with_its_own_entries_only(every: list[Readings]) -> None:
    ordinary = next(each for each in every if each.id == "C8-F0")
    assert all("D-12" not in reading.reading for reading in ordinary.readings)
