"""Whatever a file says, it either loads and runs, or is refused in words with places that exist in the file."""

from __future__ import annotations

import copy
import json
import re
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from simulator.analysis.checks import check
from simulator.analysis.comparison import Comparison
from simulator.analysis.explanation import as_json, explain
from simulator.analysis.rounds import WorldResult, run_worlds
from simulator.analysis.summary import summary
from simulator.errors import PledgesimError, ScenarioError
from simulator.scenario.file_text import LINE_BREAK
from simulator.scenario.load import LoadedScenario, ScenarioFile
from simulator.scenario.source import parse

pytestmark = pytest.mark.whole

SOUND = Path(__file__).parent / "broken" / "base" / "sound.yaml"
TEXT = SOUND.read_text(encoding="utf-8")
PLAIN: dict[str, Any] = parse(TEXT, "sound.yaml").plain()
JARGON = re.compile(r"Input should|Value error|NoneType|\bdict\b|\bNone\b|function-|Traceback")
FEW = settings(max_examples=15, suppress_health_check=list(HealthCheck), phases=[Phase.generate])
MANY = settings(max_examples=1500, suppress_health_check=list(HealthCheck), phases=[Phase.generate])

Path_ = tuple[str | int, ...]
STRANGE: list[Any] = [
    None, "", 0, -1, 1, 3, 2**63, 1e308, -0.5, 0.5, True, False, [], {}, "rest", "next", "end declined",
    "100%", "0%", "50%", "1e30%", "99999%", "0 CNY", "1 CNY", "1e15 CNY", "-5m CNY", "0 min", "10 min", "5000 h",
    "1e9 h", "0 working days", "0.5 working days", "200 working days", "100 years", "1.5 months", "1 month", "3 days",
    "0 days", "1e-20 days", "24:00", "23:59", "always", "0:00-24:00", "0:00-0:01", "9999-12-31", "2021-02-29",
    "2026-12-31", "2025-06-01", "2003-01-01", "0001-01-01", "2099-01-01", "2021-01-05 10:00", "\u202e", "[/b]", "$x$",
    "a.b", "firm", "outside", "application", "end of drawdown", "entry of valuation", "office", "registry", "evening",
    "bank", "bank reviewer", "guarantor committee", "drawdown", "valuation", "annual_sales", "amount_requested",
    "patents", "sector", "chips", "reserve", "pilot", "programme", "loan", "wait", "refuse", "escalate", "give up",
    "Monday", "every day", "weekdays", "projected", {"uniform": ["-50%", "50%"]}, {"exponential": "20 days"},
    {"lognormal": {"median": "1 day", "p90": "900 days"}}, {"gamma": {"mean": "5%", "cv": 10}}, {"exponential": "5 h"},
    ["valuation", "drawdown"], "二月", "1/3", "1/0",
]  # fmt: skip
FIGURES = ["0", "1", "2", "7", "100", "1000000", "1000000000000"]


def paths(tree: Any, path: Path_ = ()) -> Iterator[Path_]:
    """Paths of all parts of a tree but its root."""
    inner: Any = tree.items() if isinstance(tree, dict) else enumerate(tree) if isinstance(tree, list) else ()
    for key, part in inner:
        yield (*path, key)
        yield from paths(part, (*path, key))


def part_at(tree: Any, path: Path_) -> Any:
    for key in path:
        tree = tree[key]
    return tree


def mutate(tree: Any, draw: Any) -> None:
    """One mistake: a part deleted, renamed, doubled, wrapped, or replaced by something strange or from elsewhere."""
    everywhere = list(paths(tree))
    if not everywhere:
        return
    path = draw(st.sampled_from(everywhere))
    parent, key = part_at(tree, path[:-1]), path[-1]
    old = parent[key]
    way = draw(st.sampled_from(["delete", "strange", "splice", "akin", "rename", "double", "wrap", "figure", "figure"]))
    if way == "delete":
        del parent[key]
    elif way == "strange":
        parent[key] = copy.deepcopy(draw(st.sampled_from(STRANGE)))
    elif way == "splice":
        parent[key] = copy.deepcopy(part_at(tree, draw(st.sampled_from(everywhere))))
    elif way == "akin":
        akin = [each for each in everywhere if each[-1] == key]
        parent[key] = copy.deepcopy(part_at(tree, draw(st.sampled_from(akin))))
    elif way == "rename" and isinstance(parent, dict):
        names = [str(each[-1]) for each in everywhere] + [each for each in STRANGE if isinstance(each, str)]
        parent[draw(st.sampled_from([*names, f"{key}s"]))] = parent.pop(key)
    elif way == "double" and isinstance(parent, list):
        parent.insert(int(key), copy.deepcopy(old))
    elif way == "wrap":
        parent[key] = draw(st.sampled_from([[old], {"fixed": old}, {str(key): old}]))
    elif way == "figure" and isinstance(old, str):
        parent[key] = re.sub(r"\d+", draw(st.sampled_from(FIGURES)), old, count=1)
    elif way == "figure" and isinstance(old, (int, float)) and not isinstance(old, bool):
        parent[key] = int(draw(st.sampled_from(FIGURES)))


def read(text: str) -> list[LoadedScenario]:
    """The scenario as stated and its variants; none where they are refused as they should be."""
    try:
        return ScenarioFile(parse(text, "fuzz.yaml"), Path("fuzz.yaml")).all_variants()
    except ScenarioError as error:
        lines = LINE_BREAK.split(text)
        assert 0 < len(error.problems) <= 101
        for problem in error.problems:
            assert problem.file == "fuzz.yaml" and not JARGON.search(str(problem)), str(problem)
            if problem.line:
                assert problem.line <= len(lines) + 1, str(problem)
                line = lines[problem.line - 1] if problem.line <= len(lines) else ""
                assert 1 <= problem.column <= len(line) + 2, str(problem)
        return []


def run(worlds: list[LoadedScenario]) -> None:
    """Two replications of each world with all that is said of them, or words why not."""
    if not worlds or worlds[0].scenario.kind in ("base", "comparison"):
        return
    try:
        results = [WorldResult(world, world.variant) for world in worlds]
        run_worlds(results, replications=2, limit_hours=0.001)
        json.dumps(summary(Comparison(results)), allow_nan=False)
        check(worlds[0], 1, 1)
        as_json(worlds[0], explain(worlds[0], None, 1))
    except PledgesimError as error:
        assert not JARGON.search(str(error))


def trial(draw: Any) -> None:
    tree = copy.deepcopy(PLAIN)
    for _ in range(draw(st.sampled_from([1, 1, 1, 2, 3, 6]))):
        mutate(tree, draw)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        run(read(yaml.safe_dump(tree, sort_keys=False, allow_unicode=True, width=1000)))


@given(st.data())
@FEW
def test_a_changed_file_runs_or_is_refused_in_words(data: st.DataObject) -> None:
    trial(data.draw)


@pytest.mark.slow
@given(st.data())
@MANY
def test_very_many_changed_files_run_or_are_refused_in_words(data: st.DataObject) -> None:
    trial(data.draw)


SIGNS = [
    "", "\t", ":", ": ", "- ", "\n", "  ", "{", "]", "'", '"', "：", "&a ", "*a", "!!x ", "#", "|", ">", "%", "@", "?",
    "\u2028", "\x00", "\ud800", "<<: ", "---\n", "...\n", "1e400", "0x1F", ".nan",
]  # fmt: skip


def scrambled(draw: Any) -> str:
    """The sound file with some stretches of its text cut out, put elsewhere, or replaced by others."""
    text = TEXT
    for _ in range(draw(st.integers(1, 4))):
        start = draw(st.integers(0, len(text)))
        length = draw(st.sampled_from([0, 1, 2, 5, 30, 300]))
        new = draw(st.sampled_from([*SIGNS, text[start - 40 : start]]))
        text = text[:start] + new + text[start + length :]
    return text


@given(st.data())
@settings(FEW, max_examples=120)
def test_a_scrambled_text_is_read_or_refused_in_words(data: st.DataObject) -> None:
    read(scrambled(data.draw))


@pytest.mark.slow
@given(st.data())
@settings(MANY, max_examples=5000)
def test_very_many_scrambled_texts_are_read_or_refused_in_words(data: st.DataObject) -> None:
    read(scrambled(data.draw))


@given(st.sampled_from(sorted({".".join(map(str, path)) for path in paths(PLAIN)})), st.sampled_from(STRANGE))
@settings(FEW, max_examples=60)
def test_a_change_of_the_command_line_is_worked_in_or_refused_in_words(path: str, value: Any) -> None:
    text = value if isinstance(value, str) else json.dumps(value)
    try:
        ScenarioFile(parse(TEXT, "fuzz.yaml"), Path("fuzz.yaml"), [f"{path}={text}"]).variant()
    except ScenarioError as error:
        for problem in error.problems:
            assert problem.file in ("--set", "fuzz.yaml") and not JARGON.search(str(problem)), str(problem)


def test_the_file_that_is_changed_runs_itself() -> None:
    worlds = read(TEXT)
    assert [world.variant for world in worlds] == ["as stated", "no committee", "two analysts"]
    run(worlds)
