"""The catalogue of texts: nothing that people read is missing in either language."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from string import Formatter

import polib

from simulator.texts import language, say, say_count, speaking

ROOT = Path(__file__).resolve().parent.parent
CATALOGUE = ROOT / "simulator" / "texts" / "zh.po"
CHINESE = re.compile(r"[\u3400-\u9fff]")


def texts_of(path: Path) -> Iterator[tuple[str, str, int]]:
    """(context, English, line) of every text that a module says or marks."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if not isinstance(node, ast.Call):
            continue
        name = node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")
        if name not in ("say", "phrase", "say_count"):
            continue
        context = next((word.value.value for word in node.keywords if word.arg == "context"), "")  # type: ignore[attr-defined]
        said = node.args[1 if name == "say_count" else 0]
        for part in [said.body, said.orelse] if isinstance(said, ast.IfExp) else [said]:
            if isinstance(part, ast.Constant) and isinstance(part.value, str):
                yield context, part.value, node.lineno


def said_in_code() -> dict[tuple[str, str], str]:
    """(context, English) to the place that says it."""
    found = {}
    for path in sorted((ROOT / "simulator").rglob("*.py")):
        for context, text, line in texts_of(path):
            found[context, text] = f"{path.relative_to(ROOT)}:{line}"
    return found


def entries() -> list[polib.POEntry]:
    return list(polib.pofile(str(CATALOGUE)))


def test_every_text_of_the_code_has_its_chinese():
    known = {(entry.msgctxt or "", entry.msgid) for entry in entries() if entry.msgstr}
    missing = {text: place for text, place in said_in_code().items() if text not in known and text[1].strip()}
    assert missing == {}


def test_every_chinese_text_belongs_to_one_of_the_code():
    said = said_in_code()
    assert [entry.msgid for entry in entries() if (entry.msgctxt or "", entry.msgid) not in said] == []


def test_no_text_stands_twice_in_the_catalogue():
    seen = [(entry.msgctxt or "", entry.msgid) for entry in entries()]
    assert sorted({each for each in seen if seen.count(each) > 1}) == []


def _fields(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name is not None}


def test_both_languages_say_the_same_values():
    assert [each.msgid for each in entries() if _fields(each.msgid) != _fields(each.msgstr)] == []


def test_what_stands_as_chinese_is_chinese():
    left = [each.msgid for each in entries() if not CHINESE.search(re.sub(r"\{.*?\}", "", each.msgstr))]
    assert left == [each for each in left if not re.search(r"[A-Za-z]{3,}", re.sub(r"\{.*?\}", "", each))]


def test_a_language_is_spoken_inside_its_block_only():
    with speaking("zh"):
        assert language() == "zh"
    assert language() == "en"


def test_numbers_of_things_have_one_form_in_chinese_and_two_in_english():
    assert say_count("{n} run", "{n} runs", 1) == "1 run"
    assert say_count("{n} run", "{n} runs", 2000) == "2,000 runs"


def test_a_text_that_the_catalogue_lacks_is_said_in_english():
    with speaking("zh"):
        assert say("{count} of nothing known", count=3) == "3 of nothing known"


def test_what_stands_in_millions_stands_in_wan_in_chinese():
    in_millions = [each for each in entries() if re.search(r"(?<!\d)m CNY", each.msgid)]
    assert len(in_millions) > 10
    assert [each.msgid for each in in_millions if not re.search("(?<![百千十])万元", each.msgstr)] == []
