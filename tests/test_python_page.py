"""The page about the Python interface: every block of code runs, and prints what the page shows."""

from __future__ import annotations

import contextlib
import io
import re
from pathlib import Path

import pytest

import simulator

pytestmark = pytest.mark.whole

PAGE = Path(__file__).resolve().parent.parent / "docs" / "python.md"
BLOCK = re.compile(r"```python\n(?P<code>.*?)```\n(?:\n```text\n(?P<shown>.*?)```)?", re.DOTALL)


def test_every_block_of_the_page_prints_what_stands_below_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    text = PAGE.read_text(encoding="utf-8")
    blocks = list(BLOCK.finditer(text))
    assert len(blocks) == text.count("```python") and sum(block["shown"] is not None for block in blocks) > 8
    names: dict[str, object] = {}
    for block in blocks:
        printed = io.StringIO()
        with contextlib.redirect_stdout(printed):
            exec(block["code"], names)  # the blocks follow one another, as a reader types them
        assert printed.getvalue() == (block["shown"] or ""), block["code"]
    assert (tmp_path / "turnaround.png").stat().st_size > 10_000


def test_the_page_names_only_what_there_is() -> None:
    text = PAGE.read_text(encoding="utf-8")
    assert {name for name in re.findall(r"simulator\.(\w+)", text) if name not in simulator.__all__} == set()
    objects = {"result": simulator.Result, "scenario": simulator.Scenario, "agreement": simulator.Agreement,
               "losses": simulator.Losses, "story": simulator.CaseStory}  # fmt: skip
    for variable, name in re.findall(r"`(\w+)\.(\w+)", text):
        if variable in objects:
            assert hasattr(objects[variable], name) or name == "complete", f"{variable}.{name}"
    figures = re.findall(r"^\| `(\w+)\(", text, re.MULTILINE)
    assert figures and all(hasattr(simulator.Result, name) for name in figures)
