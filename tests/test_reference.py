"""The reference page says everything, shows examples that hold, and is the one that is written in docs/."""

from __future__ import annotations

import re
import typing
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from pydantic import BaseModel

from simulator.scenario.book_table import COLUMNS as BOOK
from simulator.scenario.csv_headings import Column
from simulator.scenario.load import ScenarioFile
from simulator.scenario.loss_table import COLUMNS as LOSSES
from simulator.scenario.loss_table import LOST_ON
from simulator.scenario.merge import merge
from simulator.scenario.model import Scenario
from simulator.scenario.recovery_table import COLUMNS as RECOVERIES
from simulator.scenario.reference import documented, reference_page
from simulator.scenario.reference_text import SECTIONS
from simulator.scenario.schema import json_schema
from simulator.scenario.source import Node, parse
from simulator.scenario.stage_kinds import ENDS, STAGE_KINDS

ROOT = Path(__file__).resolve().parent.parent
EXAMPLES = {section.title: section.example for section in SECTIONS if section.example}


def parts_of_the_model(part: Any, found: dict[str, type[BaseModel]]) -> dict[str, type[BaseModel]]:
    """Every model class that can be reached from an annotation, by its name."""
    if isinstance(part, type) and issubclass(part, BaseModel) and part.__name__ not in found:
        found[part.__name__] = part
        for field in part.model_fields.values():
            parts_of_the_model(field.annotation, found)
    for inner in typing.get_args(part):
        parts_of_the_model(inner, found)
    return found


PARTS = parts_of_the_model(Scenario, {})


def programme() -> Node:
    """All examples of the page laid over one another."""
    tree = parse("kind: product", "reference")
    for title, example in EXAMPLES.items():
        tree, problems = merge(tree, parse(example, title))
        assert problems == []
    return tree


def test_the_page_in_docs_is_the_one_that_the_model_gives() -> None:
    written = (ROOT / "docs" / "reference.md").read_text(encoding="utf-8")
    assert written == reference_page(), "run: python -m simulator.scenario.reference > docs/reference.md"


@pytest.mark.parametrize("column", [*LOSSES, LOST_ON, *RECOVERIES, *BOOK], ids=lambda column: column.name)
def test_every_column_of_a_table_is_on_the_page_with_words_that_mean_it(column: Column) -> None:
    section = next(section.text for section in SECTIONS if section.title.startswith("Agreements, losses"))
    rows = [line for line in section.splitlines() if f"`{column.name}`" in line and line.startswith("|")]
    assert rows
    for row in rows:
        for word in row.split("|")[3].split(","):
            named = [each for each in [*LOSSES, LOST_ON, *RECOVERIES, *BOOK] if f"`{each.name}`" in row]
            assert any(word.strip() in each.spellings for each in named), word


@cache
def documented_keys() -> set[tuple[str, str]]:
    return {(row.part, row.key) for row in documented()}


@pytest.mark.parametrize("name", PARTS)
def test_every_key_of_the_model_is_on_the_page(name: str) -> None:
    rows = documented_keys()
    inherited = [each.__name__ for each in PARTS[name].__mro__ if each.__name__ in PARTS]
    keys = [field.alias or key for key, field in PARTS[name].model_fields.items() if (name, key) != ("Step", "title")]
    assert [key for key in keys if not any((part, key) in rows for part in inherited)] == []


@pytest.mark.parametrize("name", PARTS)
def test_every_key_of_the_model_says_what_it_is(name: str) -> None:
    assert [key for key, field in PARTS[name].model_fields.items() if not field.description] == []


def test_the_keys_that_only_files_have_are_on_the_page() -> None:
    paths = {row.path for row in documented()}
    assert {"extends", "variants"} <= paths
    edits = ("remove", "replace", "insert", "insert.after", "insert.before", "insert.steps")
    assert {f"products.PRODUCT.flow.{edit}" for edit in edits} <= paths


def test_no_row_of_the_page_is_without_meaning_or_form() -> None:
    assert [row.path for row in documented() if not row.meaning or not row.form] == []


def test_a_key_that_must_be_given_is_marked_and_any_other_shows_its_default() -> None:
    defaults = {row.path: row.default for row in documented()}
    assert defaults["products.PRODUCT.tenor"] == defaults["run.seed"] == "*needed*"
    assert defaults["products.PRODUCT.priority"] == "`5`"
    assert defaults["calendars.CALENDAR.hours"] == "`9:00-17:00`"
    assert defaults["applicants.fallback"] == "`false`"
    assert defaults["products.PRODUCT.recovery"] == "—"


def test_forms_are_told_in_plain_words_with_examples() -> None:
    forms = {row.path: row.form for row in documented()}
    assert forms["products.PRODUCT.tenor"] == "months or years (`12 months` or `3 years`)"
    assert forms["quotas.QUOTA.when_full"] == "`wait` or `refuse`"
    assert forms["stages.STEP.priority"] == "whole number, 1 to 9"
    assert "working days" not in forms["stages.STEP.work"]
    assert "`3 working days`" in forms["stages.STEP.elapsed"]


@pytest.mark.parametrize("title", EXAMPLES)
def test_every_example_is_valid_by_the_schema(title: str) -> None:
    found = Draft202012Validator(json_schema()).iter_errors(parse(EXAMPLES[title], title).plain())
    assert [f"{error.json_path}: {error.message}" for error in found] == []


def test_every_section_about_keys_has_an_example() -> None:
    assert [section.title for section in SECTIONS if (section.keys or section.parts) and not section.example] == []


def test_the_examples_together_are_one_scenario_that_loads_with_its_variants() -> None:
    loaded = ScenarioFile(programme(), None).all_variants()
    assert [world.variant for world in loaded[1:]] == list(programme().at(["variants"]).plain())  # type: ignore[union-attr]
    assert all(len(world.scenario.products) == 1 for world in loaded)


def test_every_link_leads_to_a_heading_of_the_page() -> None:
    page = reference_page()
    titles = re.findall("^## (.+)$", page, re.MULTILINE)
    anchors = {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}
    links = set(re.findall(r"\]\(#([^)]+)\)", page))
    assert links <= anchors
    assert len(links) == len(anchors)


def test_every_kind_of_stage_stands_on_the_page_with_its_outcomes() -> None:
    page = reference_page()
    for kind in STAGE_KINDS.values():
        outcomes = ", ".join(f"`{outcome}`" for outcome in kind.outcomes)
        assert f"| `{kind.name}` | {kind.zh} | {kind.meaning} | {outcomes} |" in page


def test_every_way_in_which_a_case_ends_is_told() -> None:
    page = reference_page()
    assert [end for end in ("drawn", "open", *ENDS) if f"| {end} |" not in page] == []


def test_every_table_row_has_the_four_cells_of_its_heading() -> None:
    rows = [line for line in reference_page().splitlines() if re.match(r"\| `[^`]+` \|", line)]
    assert len(rows) > 200
    assert [row for row in rows if len(re.split(r"(?<!\\)\|", row)) != 6] == []
