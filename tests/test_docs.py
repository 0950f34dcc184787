"""The tutorial's files, commands and outputs are the program's own, and the page of assumptions names every one."""

from __future__ import annotations

import importlib.util
import re
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest

from simulator.analysis.evidence import coverage
from simulator.cli import COMMANDS
from simulator.scenario.load import AS_STATED, catalogue, load, load_runnable, open_scenario

DOCS = Path(__file__).resolve().parent.parent / "docs"
EXAMPLES = sorted((DOCS / "examples").glob("*.yaml"))
MISTAKEN = "03-with-a-mistake.yaml"
PAGES = [DOCS / "tutorial.md", DOCS / "assumptions.md"]
YAML = re.compile(r"```yaml\n# (?P<file>\S+)\n(?P<shown>.*?)```", re.DOTALL)
LEFT_OUT = "# ...\n"
ENDS_WITH = {"validate 03-with-a-mistake.yaml": 2, "check 07-promises.yaml --set": 1}
"""Commands of the tutorial that do not end well, by how they begin."""


def _pages_written_anew() -> ModuleType:
    spec = importlib.util.spec_from_file_location("make_pages", DOCS / "make_pages.py")
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


MAKE_PAGES = _pages_written_anew()
TUTORIAL = (DOCS / "tutorial.md").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def say() -> Callable[[str], tuple[int, str]]:
    """Runs a command of the tutorial, each only once."""
    there, said = MAKE_PAGES.spoken_in_examples(), {}

    def once(words: str) -> tuple[int, str]:
        if words not in said:
            said[words] = there(words)
        return said[words]

    return once


def parts_missing(block: re.Match[str]) -> list[str]:
    """Parts of a yaml block, apart where lines are left out, that its file does not have in this order."""
    rest = "\n" + (DOCS / "examples" / block["file"]).read_text(encoding="utf-8")
    missing = []
    for part in block["shown"].split(LEFT_OUT):
        before, found, after = rest.partition("\n" + part)
        rest = "\n" + after if found else before
        missing += [] if found else [part]
    return missing


@pytest.mark.parametrize("path", [path for path in EXAMPLES if path.name != MISTAKEN], ids=lambda path: path.stem)
def test_every_file_of_the_tutorial_is_sound_with_all_its_variants(path: Path) -> None:
    worlds = open_scenario(path).all_variants()
    assert worlds[0].variant == AS_STATED


def test_every_file_of_the_tutorial_is_used_in_it() -> None:
    assert [path.name for path in EXAMPLES if f"(examples/{path.name})" not in TUTORIAL] == []
    run = " ".join(match["words"] for match in MAKE_PAGES.COMMAND.finditer(TUTORIAL))
    assert [path.name for path in EXAMPLES if path.name not in run] == []


@pytest.mark.parametrize("block", list(YAML.finditer(TUTORIAL)), ids=lambda block: block["file"])
def test_what_the_tutorial_shows_of_a_file_stands_in_it(block: re.Match[str]) -> None:
    assert parts_missing(block) == []


def test_every_yaml_block_names_its_file_and_one_that_differs_is_found() -> None:
    assert len(YAML.findall(TUTORIAL)) == TUTORIAL.count("```yaml")
    different = YAML.match("```yaml\n# 01-one-desk.yaml\nid: yunhai\n# ...\n    tenor: 24 months\n```")
    assert different and parts_missing(different) == ["    tenor: 24 months\n"]


@pytest.mark.slow
def test_every_command_of_the_tutorial_prints_what_the_page_shows(say: Callable[[str], tuple[int, str]]) -> None:
    assert len(MAKE_PAGES.COMMAND.findall(TUTORIAL)) == TUTORIAL.count("```console") == TUTORIAL.count("$ pledgesim")
    assert MAKE_PAGES.tutorial(TUTORIAL, say) == TUTORIAL, "if this is meant: python docs/make_pages.py"


@pytest.mark.slow
def test_commands_of_the_tutorial_end_as_they_should(say: Callable[[str], tuple[int, str]]) -> None:
    for match in MAKE_PAGES.COMMAND.finditer(TUTORIAL):
        words = match["words"]
        expected = next((code for start, code in ENDS_WITH.items() if words.startswith(start)), 0)
        assert say(words)[0] == expected, words


def test_the_last_file_of_the_tutorial_has_evidence_for_every_number() -> None:
    assert coverage(load_runnable(EXAMPLES[-1])).without == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_pages_name_only_commands_and_links_that_exist(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    assert {command for command in re.findall(r"pledgesim ([a-z]+)", text) if command not in COMMANDS} == set()
    for target in re.findall(r"\]\(([^)]+)\)", text):
        name, _, anchor = target.partition("#")
        linked = DOCS / name if name else page
        assert linked.exists(), target
        if anchor:
            headings = re.findall(r"(?m)^#+ (.*)$", linked.read_text(encoding="utf-8"))
            anchors = {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}
            assert anchor in anchors, target


def test_the_tables_of_assumed_numbers_are_those_of_the_scenarios() -> None:
    text = (DOCS / "assumptions.md").read_text(encoding="utf-8")
    assert MAKE_PAGES.assumptions(text) == text, "if this is meant: python docs/make_pages.py"
    for entry in catalogue():
        if entry["kind"] != "comparison":
            for path, why, extent in coverage(load(entry["id"])).assumptions:
                assert f"`{path}`" in text and extent in text and why.strip() in text, (entry["id"], path)


def test_every_other_reading_that_can_be_run_is_named_and_every_one_named_can_be_run() -> None:
    text = (DOCS / "readings.md").read_text(encoding="utf-8")
    variants = {name for entry in catalogue() for name in open_scenario(entry["id"]).variant_names}
    readings = {name for name in variants if name.startswith("D-")}
    assert set(re.findall(r"`(D-[0-9]{2}[^`]*)`", text)) == readings
