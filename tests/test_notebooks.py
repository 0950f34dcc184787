"""The notebooks run from top to bottom, stand in both forms, and use what everybody may use."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import nbformat
import pytest
from nbformat import NotebookNode
from scripts import script_at

pytestmark = pytest.mark.whole

FOLDER = Path(__file__).resolve().parent.parent / "notebooks"
MAY_IMPORT = {"functools", "ipywidgets", "matplotlib", "numpy", "pandas", "scipy", "simpy", "simulator"}
WITH_SLIDERS = ("2", "3", "5", "6")
LARGEST = 600_000
"""Bytes of one that is committed with its outputs."""

MAKE = script_at(FOLDER / "make.py")
TEXTS: list[Path] = MAKE.texts()
each_notebook = pytest.mark.parametrize("text", TEXTS, ids=lambda path: path.stem)


def sources(notebook: NotebookNode) -> list[tuple[str, str, str]]:
    return [(cell.cell_type, cell.id, cell.source) for cell in notebook.cells]


def test_there_are_six_each_in_both_forms() -> None:
    assert [path.name[0] for path in TEXTS] == list("123456")
    assert sorted(path.stem for path in FOLDER.glob("*.ipynb")) == [path.stem for path in TEXTS]


@each_notebook
def test_the_notebook_says_what_its_text_says(text: Path) -> None:
    kept = nbformat.read(text.with_suffix(".ipynb"), as_version=4)
    nbformat.validate(kept)
    assert sources(kept) == sources(MAKE.notebook_of(text)), "if the text is right: python notebooks/make.py"


@each_notebook
def test_the_notebook_is_kept_small_with_every_cell_run_and_no_widget_that_a_page_cannot_show(text: Path) -> None:
    path = text.with_suffix(".ipynb")
    kept = nbformat.read(path, as_version=4)
    code = [cell for cell in kept.cells if cell.cell_type == "code"]
    assert [cell.execution_count for cell in code] == list(range(1, len(code) + 1))
    assert path.stat().st_size < LARGEST
    assert MAKE.WIDGET not in path.read_text(encoding="utf-8")
    assert any("image/png" in output.get("data", {}) for cell in code for output in cell.outputs)


@each_notebook
def test_the_notebook_runs_without_an_error_or_a_warning(text: Path) -> None:
    for cell in MAKE.executed(MAKE.notebook_of(text)).cells:
        for output in cell.get("outputs", []):
            assert output.output_type != "error" and output.get("name") != "stderr", output


@each_notebook
def test_the_notebook_asks_one_question_and_ends_with_something_to_change(text: Path) -> None:
    cells = MAKE.notebook_of(text).cells
    assert 15 <= len(cells) <= 25
    assert re.match(rf"# {text.name[0]}\. .+\n\n\*\*Question: ", cells[0].source)
    assert cells[-1].source.startswith("## Change this and run again\n")
    assert "**Question.**" in "\n".join(cell.source for cell in cells[1:])
    assert 'simulator.speak("en")' in "\n".join(cell.source for cell in cells)


@each_notebook
def test_the_notebook_takes_only_what_everybody_may_take(text: Path) -> None:
    tree = ast.parse(text.read_text(encoding="utf-8"))
    imported = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            imported |= {alias.name.split(".")[0] for alias in node.names}
            assert not any(alias.name.startswith("simulator.") for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            imported.add((node.module or "").split(".")[0])
            assert not (node.module or "").startswith("simulator")
    assert imported <= MAY_IMPORT
    inner = {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
    assert inner.isdisjoint({"loaded", "comparison", "opened", "opened_agreements", "allocation"})
    assert not any(name.startswith("_") for name in inner)


@each_notebook
def test_what_is_turned_by_a_slider_is_shown_without_one_too(text: Path) -> None:
    tree = ast.parse(text.read_text(encoding="utf-8"))
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call)]
    turned = {ast.unparse(call.args[0]) for call in calls if ast.unparse(call.func) == "widgets.interact"}
    assert turned or not text.name.startswith(WITH_SLIDERS)
    assert turned <= {ast.unparse(call.func) for call in calls}


@each_notebook
def test_no_result_is_typed_into_the_prose(text: Path) -> None:
    """A figure that a run gives stands in an output; prose may name terms such as 90/10, 30 % or 2m CNY.

    Only what is to be run by the reader, at the end, may say roughly what to expect.
    """
    for cell in MAKE.notebook_of(text).cells:
        if cell.cell_type == "markdown":
            assert re.findall(r"\d+[.,]\d+ (?:days|m CNY|%)", cell.source) == []
