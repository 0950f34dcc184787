"""Files, commands and outputs of the pages are the program's own; the page of assumptions names every one."""

from __future__ import annotations

import ast
import re
import shlex
from collections.abc import Callable, Iterator
from contextvars import copy_context
from pathlib import Path

import click
import pytest
from bundled import bundled
from scripts import script_at

from simulator.analysis.evidence import coverage
from simulator.cli import COMMANDS, group
from simulator.experiment.replication import replicate
from simulator.scenario.agreement_file import has_own_agreement, open_agreement
from simulator.scenario.load import AS_STATED, catalogue, load_runnable, open_scenario

pytestmark = pytest.mark.whole

ROOT = Path(__file__).resolve().parent.parent
DOCS = ROOT / "docs"
EXAMPLES = sorted((DOCS / "examples").glob("*.yaml"))
MISTAKEN, FIRM = "03-with-a-mistake.yaml", "firm.yaml"
AGREEMENTS = [path for path in EXAMPLES if has_own_agreement(path)]
SCENARIOS = [path for path in EXAMPLES if path.name not in (MISTAKEN, FIRM) and path not in AGREEMENTS]
READMES = [ROOT / "README.md", ROOT / "README.zh.md"]
PAGES = [*READMES, *sorted(DOCS.rglob("*.md"))]
YAML = re.compile(r"```yaml\n# (?P<file>\S+)\n(?P<shown>.*?)```", re.DOTALL)
LEFT_OUT = "# ...\n"
ENDS_WITH = {"validate 03-with-a-mistake.yaml": 2, "check 07-promises.yaml --set": 1}
"""Commands of the pages that do not end well, by how they begin."""

MAKE_PAGES = script_at(DOCS / "make_pages.py")
WRITTEN = {name: (DOCS / name).read_text(encoding="utf-8") for name in MAKE_PAGES.WITH_OUTPUTS}
TOGETHER = "\n".join(WRITTEN.values())
COMMAND_LINE = re.compile(r"(?m)^(?: {4}|\$ )((?:pledgesim|python3 run\.py) .*)$")
COMMAND_NAME = re.compile(r"(?m)(?:`|^\$ |^ {4})pledgesim ([a-z]+)")
REMARK = re.compile(r"\s+#(?= ).*")


@pytest.fixture(scope="module")
def say() -> Callable[[str], tuple[int, str]]:
    """Runs a command of a page, each only once."""
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


@pytest.mark.parametrize("path", SCENARIOS, ids=lambda path: path.stem)
def test_every_example_is_sound_with_all_its_variants(path: Path) -> None:
    worlds = open_scenario(path).all_variants()
    assert worlds[0].variant == AS_STATED


@pytest.mark.parametrize("path", AGREEMENTS, ids=lambda path: path.stem)
def test_every_agreement_among_the_examples_is_sound(path: Path) -> None:
    assert open_agreement(path).sharing.split


def test_every_example_is_used_in_a_page() -> None:
    tables = sorted((DOCS / "examples").glob("*.csv"))
    assert [path.name for path in [*EXAMPLES, *tables] if f"(examples/{path.name})" not in TOGETHER] == []
    run = " ".join(match["words"] for match in MAKE_PAGES.COMMAND.finditer(TOGETHER))
    assert [path.name for path in EXAMPLES if path.name not in run] == []


@pytest.mark.parametrize("block", list(YAML.finditer(TOGETHER)), ids=lambda block: block["file"])
def test_what_a_page_shows_of_a_file_stands_in_it(block: re.Match[str]) -> None:
    assert parts_missing(block) == []


def test_every_yaml_block_names_its_file_and_one_that_differs_is_found() -> None:
    assert len(YAML.findall(TOGETHER)) == TOGETHER.count("```yaml")
    different = YAML.match("```yaml\n# 01-one-desk.yaml\nid: yunhai\n# ...\n    tenor: 24 months\n```")
    assert different and parts_missing(different) == ["    tenor: 24 months\n"]


@pytest.mark.slow
@pytest.mark.parametrize("page", WRITTEN)
def test_every_command_of_a_page_prints_what_the_page_shows(page: str, say: Callable[[str], tuple[int, str]]) -> None:
    text = WRITTEN[page]
    assert len(MAKE_PAGES.COMMAND.findall(text)) == text.count("```console") == text.count("$ pledgesim")
    assert MAKE_PAGES.tutorial(text, say) == text, "if this is meant: python docs/make_pages.py"


@pytest.mark.slow
def test_commands_of_the_pages_end_as_they_should(say: Callable[[str], tuple[int, str]]) -> None:
    for match in MAKE_PAGES.COMMAND.finditer(TOGETHER):
        words = match["words"]
        expected = next((code for start, code in ENDS_WITH.items() if words.startswith(start)), 0)
        assert say(words)[0] == expected, words


@pytest.mark.parametrize("name", ["09-evidence.yaml", "10-whole-programme.yaml", "own-programme.yaml"])
def test_examples_that_show_evidence_have_it_for_every_number(name: str) -> None:
    assert coverage(load_runnable(DOCS / "examples" / name)).without == []


def test_the_file_of_ones_own_programme_stands_whole_in_its_page_and_pays_out_loans_in_every_world() -> None:
    path = DOCS / "examples" / "own-programme.yaml"
    assert f"```yaml\n# {path.name}\n{path.read_text(encoding='utf-8')}```" in WRITTEN["own-programme.md"]
    for world in open_scenario(path).all_variants():
        assert replicate(world.scenario, 1).drawn.sum() > 0, world.variant


def test_the_word_that_takes_the_rest_of_the_odds_is_told_with_the_assumed_shares() -> None:
    industries = MAKE_PAGES.assumed("shanghai")["applicants.population.industry.odds"][0]
    assert "software and AI rest" in industries.split("; ")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_pages_name_only_commands_and_links_that_exist(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    assert set(COMMAND_NAME.findall(text)) - set(COMMANDS) == set()
    for target in re.findall(r"\]\(([^)]+)\)", text):
        name, _, anchor = target.partition("#")
        if name.startswith("https://"):
            continue  # other people's pages, which nothing here needs
        linked = page.parent / name if name else page
        assert linked.exists(), target
        if anchor:
            headings = re.findall(r"(?m)^#+ (.*)$", linked.read_text(encoding="utf-8"))
            anchors = {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}
            assert anchor in anchors, target


def command_lines(text: str) -> Iterator[str]:
    """The commands of a page, without remarks, each on one line."""
    for line in COMMAND_LINE.findall(re.sub(r"\\\n *", "", text)):
        yield REMARK.sub("", line).split(" > ")[0]


def not_understood(line: str) -> str:
    """What is wrong with a command and its options; nothing if the program takes them."""
    words = shlex.split(line)
    if words[0] == "python3":
        if words[2] != "pledgesim":
            return "" if words[2] in known_to_run() else f"run.py knows no '{words[2]}'"
        del words[:2]
    rest, command = words[1:], group
    context = click.Context(group, info_name="pledgesim")
    try:
        while isinstance(command, click.Group):
            name = rest.pop(0)
            command = command.get_command(context, name)
            if command is None:
                return f"no command '{name}'"
            context = click.Context(command, info_name=name, parent=context)
        copy_context().run(taken, command, rest, context.parent)
    except click.ClickException as error:
        return error.format_message()
    return ""


def taken(command: click.Command, words: list[str], parent: click.Context | None) -> None:
    """Read a command's words as the program does, without doing what they say; ClickException if it cannot."""
    with command.make_context(command.name, list(words), parent=parent):
        pass


def known_to_run() -> set[str]:
    """What can stand behind `python3 run.py`."""
    for node in ast.parse((ROOT / "run.py").read_text(encoding="utf-8")).body:
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "NEEDS":
            return set(ast.literal_eval(node.value))
    raise LookupError("run.py says nowhere what it NEEDS")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_every_command_of_a_page_is_one_that_the_program_takes(page: Path) -> None:
    lines = list(command_lines(page.read_text(encoding="utf-8")))
    wrong = {line: told for line in lines if (told := not_understood(line))}
    assert wrong == {}


def test_a_command_that_the_program_does_not_take_is_found() -> None:
    text = (
        "    pledgesim compare A B  # both\n\n$ pledgesim store ls x\n    pledgesim run A --sets b \\\n        --json\n"
    )
    lines = ["pledgesim compare A B", "pledgesim store ls x", "pledgesim run A --sets b --json"]
    assert list(command_lines(text)) == lines
    assert [bool(not_understood(line)) for line in lines] == [False, False, True]
    assert not_understood("python3 run.py nothing") == "run.py knows no 'nothing'"
    assert not_understood("pledgesim runs") == "no command 'runs'"


def test_both_readmes_name_the_same_scenarios_and_comparisons() -> None:
    known = {entry["id"] for entry in catalogue()}
    english, chinese = (set(re.findall(r"[\w-]+", page.read_text(encoding="utf-8"))) & known for page in READMES)
    assert {name for name in known if "-F" not in name} <= chinese
    assert english - chinese == set()


def test_the_page_of_commands_is_that_of_the_commands() -> None:
    text = (DOCS / "commands.md").read_text(encoding="utf-8")
    assert MAKE_PAGES.commands("") == text, "if this is meant: python docs/make_pages.py commands.md"
    assert [name for name in COMMANDS if f"## pledgesim {name}\n" not in text] == []


def test_the_tables_of_assumed_numbers_are_those_of_the_scenarios(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("simulator.scenario.load.load", bundled)
    text = (DOCS / "assumptions.md").read_text(encoding="utf-8")
    assert MAKE_PAGES.assumptions(text) == text, "if this is meant: python docs/make_pages.py"
    for entry in catalogue():
        if entry["kind"] != "comparison":
            for path, why, extent in coverage(bundled(entry["id"])).assumptions:
                assert f"`{path}`" in text and extent in text and why.strip() in text, (entry["id"], path)


def test_every_other_reading_that_can_be_run_is_named_and_every_one_named_can_be_run() -> None:
    text = (DOCS / "readings.md").read_text(encoding="utf-8")
    variants = {name for entry in catalogue() for name in open_scenario(entry["id"]).variant_names}
    readings = {name for name in variants if name.startswith("D-")}
    assert set(re.findall(r"`(D-[0-9]{2}[^`]*)`", text)) == readings
