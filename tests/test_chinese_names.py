"""Everything that people read of a bundled scenario is there in English and in Chinese, and the two agree."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

import pytest
from bundled import COMPARISONS, FILES, PRODUCTS, bundled, worlds_in
from pydantic import BaseModel
from small_town import TOWN

from simulator.analysis.comparison import comparison_of
from simulator.experiment.store import decisive_of
from simulator.export.folder import manifest_of
from simulator.scenario.applicants import Applicant
from simulator.scenario.attributes import Attribute
from simulator.scenario.flow import Stage, Step
from simulator.scenario.load import AS_STATED, from_data
from simulator.scenario.names import Text
from simulator.scenario.source import parse
from simulator.scenario.spoken_names import (
    charge_said,
    property_said,
    quota_said,
    subsidy_said,
    variant_said,
    word_said,
)
from simulator.scenario.stage_kinds import STAGE_KINDS
from simulator.texts import speaking

CHINESE = re.compile(r"[\u3400-\u9fff]")
WORD = re.compile(r"[a-z]{2,}")
REFERENCE = re.compile(r"(?<![A-Za-z0-9])(?:C\d+-F\d[a-z]?|[DE]-\d\d[a-d]?|[CKLRTV]\d+)(?![A-Za-z0-9])")
HALF_WIDTH = re.compile(r"[\u3400-\u9fff][,;:?!()]|[,;:?!()][\u3400-\u9fff]")


@pytest.fixture(scope="module")
def name(request: pytest.FixtureRequest) -> str:
    """A bundled file; the tests of one file follow one another, so that its texts are looked through once."""
    asked: str = request.param
    return asked


def texts_in(part: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[str, Text]]:
    """Every text of a scenario with its path."""
    if isinstance(part, Text):
        yield ".".join(path), part
    elif isinstance(part, BaseModel):
        for key in type(part).model_fields:
            yield from texts_in(getattr(part, key), (*path, key))
    elif isinstance(part, dict):
        for key, value in part.items():
            yield from texts_in(value, (*path, str(key)))
    elif isinstance(part, list):
        for number, value in enumerate(part):
            yield from texts_in(value, (*path, getattr(value, "title", None) or str(number)))


def nameless_in(part: Any, path: tuple[str, ...] = ()) -> Iterator[str]:
    """Paths of the things that people see by their keys, and that have no name."""
    if isinstance(part, BaseModel):
        if "name" in type(part).model_fields and part.name is None and not _said_otherwise(part, path):  # type: ignore[attr-defined]
            yield ".".join(path)
        if isinstance(part, Attribute):
            missing = [word for word in part.words if word not in part.names and path[-2] != "where"]
            yield from (".".join((*path, word)) for word in missing)
        for key in type(part).model_fields:
            yield from nameless_in(getattr(part, key), (*path, key))
    elif isinstance(part, dict):
        for key, value in part.items():
            yield from nameless_in(value, (*path, str(key)))
    elif isinstance(part, list):
        for number, value in enumerate(part):
            yield from nameless_in(value, (*path, getattr(value, "title", None) or str(number)))


def _said_otherwise(part: BaseModel, path: tuple[str, ...]) -> bool:
    """Whether something without a name of its own is called by that of its kind, or by nothing at all."""
    if isinstance(part, Step):
        return part.title in STAGE_KINDS
    if isinstance(part, Stage):
        return path[-1] in STAGE_KINDS
    if isinstance(part, Attribute):
        return path[-2] == "where"
    return isinstance(part, Applicant)


@lru_cache(maxsize=2)
def of_every_world(name: str) -> dict[str, Text]:
    """All texts of a file and its variants, by their paths."""
    found: dict[str, Text] = {}
    for world in worlds_in(name):
        found |= {f"{world.variant}: {path}": text for path, text in texts_in(world.scenario)}
        if world.variant_name is not None:
            found[world.variant] = world.variant_name
    return found


@pytest.mark.parametrize("name", FILES, indirect=True)
def test_every_named_thing_has_a_name(name: str) -> None:
    assert [f"{world.variant}: {path}" for world in worlds_in(name) for path in nameless_in(world.scenario)] == []


@pytest.mark.parametrize("name", FILES, indirect=True)
def test_every_variant_has_a_name(name: str) -> None:
    assert [each.variant for each in worlds_in(name)[1:] if each.variant_name is None] == []


@pytest.mark.parametrize("name", FILES, indirect=True)
def test_every_text_is_there_in_chinese_unless_it_says_no_word(name: str) -> None:
    english = {path: text.en for path, text in of_every_world(name).items() if not CHINESE.search(text.zh)}
    assert {path: text for path, text in english.items() if WORD.search(text)} == {}


@pytest.mark.parametrize("name", FILES, indirect=True)
def test_every_text_that_is_no_name_is_there_in_english(name: str) -> None:
    found = of_every_world(name).items()
    named = re.compile(r"(^|\.)(name|names\.[^.]+)$")
    assert [path for path, text in found if not text.en and ": " in path and not named.search(path)] == []


@pytest.mark.parametrize("name", FILES, indirect=True)
def test_both_languages_refer_to_the_same_facts(name: str) -> None:
    both = {path: (text.en, text.zh) for path, text in of_every_world(name).items() if text.en and text.zh}
    assert {path: each for path, each in both.items() if _references(each[0]) != _references(each[1])} == {}


def _references(text: str) -> list[str]:
    return sorted(set(REFERENCE.findall(text)))


@pytest.mark.parametrize("name", FILES, indirect=True)
def test_chinese_is_set_as_chinese(name: str) -> None:
    """With full-width punctuation and without the spaces of folded lines."""
    chinese = {path: text.zh for path, text in of_every_world(name).items()}
    assert {path: text for path, text in chinese.items() if HALF_WIDTH.search(text)} == {}
    assert {path: text for path, text in chinese.items() if re.search(r"[\u3400-\u9fff] [\u3400-\u9fff]", text)} == {}


@pytest.mark.parametrize("name", COMPARISONS, indirect=True)
def test_every_world_of_a_comparison_is_called_in_chinese_and_keyed_in_english(name: str) -> None:
    worlds = comparison_of([name]).worlds
    assert [each.label for each in worlds] == [each.said for each in worlds]
    with speaking("zh"):
        assert [each.label for each in worlds if not CHINESE.search(each.said)] == []
        assert len({each.said for each in worlds}) == len(worlds)


def test_a_variant_has_its_own_name_and_the_scenario_keeps_its_own() -> None:
    stated, three = bundled("C8-F1"), bundled("C8-F1", "three reviews")
    assert three.scenario.name == stated.scenario.name and stated.variant_name is None
    world = comparison_of(["C8-F1"], variants=["three reviews"]).worlds[1]
    assert world.label == world.said == "C8-F1: three reviews"
    with speaking("zh"):
        assert (world.said, variant_said(three)) == ("C8-F1：三级评审", "三级评审")
        assert variant_said(stated) == AS_STATED


def test_a_second_world_of_one_name_is_numbered_in_both_languages() -> None:
    worlds = comparison_of(["three-reviews-against-one", "three-reviews-against-one"]).worlds
    with speaking("zh"):
        assert (worlds[4].label, worlds[4].said) == ("One review (2)", "一个终审（2）")


def test_the_manifest_has_the_names_of_worlds_beside_their_labels() -> None:
    told = json.loads(json.dumps(manifest_of(comparison_of(["who-values"]), []), ensure_ascii=False))["worlds"]
    assert [(each["label"], each["name"]) for each in told] == [
        ("Bank values", {"zh": "银行评估"}),
        ("Appraiser values", {"zh": "评估公司评估"}),
        ("Guarantor stands in", {"zh": "担保公司介入"}),
    ]
    assert "name" not in manifest_of(comparison_of(["C8-F1"]), [])["worlds"][0]


def test_what_has_a_key_is_called_by_it_in_english_and_by_its_name_in_chinese() -> None:
    platform, town = bundled("C6-F2").scenario, bundled("C8-F1").scenario

    def said() -> list[str]:
        return [
            quota_said(platform, "IP pledge"),
            subsidy_said(platform, "interest subsidy"),
            charge_said(town.products["guaranteed loan"], "guarantee fee"),
            property_said(town, "annual_sales"),
            word_said(town, "industry", "agriculture"),
            property_said(town, "nothing_known"),
        ]

    assert said() == [
        "IP pledge", "interest subsidy", "guarantee fee", "annual_sales", "agriculture", "nothing_known",
    ]  # fmt: skip
    with speaking("zh"):
        assert said() == [
            "知识产权专项额度", "贷款贴息", "担保费", "年销售额", "农业",
            "nothing_known",
        ]  # fmt: skip


def test_lines_of_chinese_are_joined_without_spaces_and_english_keeps_its_own() -> None:
    assert Text(zh="每笔业务\n只评审一次， D-30：登记 在后").zh == "每笔业务只评审一次，D-30：登记在后"
    assert Text(zh="案例 C8-F1 与 D-12").zh == "案例 C8-F1 与 D-12"
    assert Text(en="one review, then the bank").en == "one review, then the bank"


def renamed(part: Any) -> Any:
    """The same data with every text in it another one."""
    if isinstance(part, dict):
        if part and part.keys() <= {"en", "zh"}:
            return {"en": "Another text", "zh": "另一段文字"}
        # Firms that apply by name keep theirs: two applications under one name are those of one firm.
        return {inner: value if inner == "also" else renamed(value) for inner, value in part.items()}
    return [renamed(value) for value in part] if isinstance(part, list) else part


@pytest.mark.parametrize("name", PRODUCTS, indirect=True)
def test_names_and_reasons_decide_nothing(name: str) -> None:
    """What is kept of earlier replications is used again after a change of texts."""
    stated = bundled(name)
    other = from_data(renamed(stated.plain))
    assert other.plain != stated.plain and other.digest == stated.digest
    assert decisive_of(other.plain) == decisive_of(stated.plain)


def test_the_name_under_which_a_firm_applies_decides() -> None:
    stated = bundled("C9-F3").plain
    other = json.loads(json.dumps(stated))
    other["applicants"]["also"][0]["name"] = "Another firm"
    assert decisive_of(other) != decisive_of(stated)


def test_what_is_called_like_a_key_of_texts_still_decides() -> None:
    plain: dict[str, Any] = parse(TOWN, "town").plain()
    plain["parties"]["name"] = {"desks": {"why": {"staff": 1}}}
    more = json.loads(json.dumps(plain))
    more["parties"]["name"]["desks"]["why"]["staff"] = 2
    assert decisive_of(plain)["parties"]["name"] == {"desks": {"why": {"staff": 1}}}
    assert decisive_of(plain) != decisive_of(more)
