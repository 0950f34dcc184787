"""The report of a run: every figure is that of summary.json, whatever names hold, in both languages."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import polib
import pytest

from simulator.analysis.checks import names_of_product
from simulator.analysis.comparison import comparison_of
from simulator.analysis.verdicts import named
from simulator.diagrams.comparing import Compared, compare
from simulator.diagrams.draw import diagram_of
from simulator.export.folder import manifest_of
from simulator.report.contrasts import contrast
from simulator.report.designs import Design
from simulator.report.page import report_page
from simulator.report.results import World, read_results
from simulator.report.sections.published import _titled
from simulator.scenario.load import load
from simulator.scenario.names import Text
from simulator.scenario.outcomes import PublishedOutcome
from simulator.scenario.spoken_paths import pattern_said
from simulator.scenario.spoken_quantities import range_said
from simulator.texts import LANGUAGES, Language, letters, speaking
from tests.report_pages import (
    HOSTILE,
    alone,
    at,
    figures_of,
    folder_of,
    hostile_designs,
    page_of,
    parsed,
    two_designs,
)

pytestmark = pytest.mark.whole

ORDER = ["compared", "answer", "days", "funnel", "desks", "losses", "published", "assumptions", "reproduce"]
RUNS = [alone, two_designs, hostile_designs]
PO = Path(__file__).resolve().parent.parent / "simulator" / "texts" / "zh.po"


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("made", RUNS)
def test_every_figure_and_every_mark_of_a_picture_is_that_of_summary_json(made: Any, language: Language):
    figures = figures_of(folder_of(made))
    marked = parsed(page_of(made, language)).xpath("//*[@data-path]")
    assert len(marked) > 200
    told = [(each.get("data-path"), json.loads(each.get("data-value"))) for each in marked]
    assert [path for path, value in told if value != at(figures, path)] == []


def _number(text: str) -> float:
    found = re.search(r"[−+]?[\d,]+(?:\.\d+)?", text)
    assert found is not None, text
    return float(found[0].replace(",", "").replace("−", "-").replace("+", ""))


@pytest.mark.parametrize("made", RUNS)
def test_what_is_read_is_the_value_in_its_unit(made: Any):
    for each in parsed(page_of(made)).xpath("//span[@data-path]"):
        value, text = float(each.get("data-value")), each.text_content()
        decimals = len(text.partition(".")[2].rstrip("% daysmCNYpercntgoi")) if "." in text else 0
        rounding = 0.5 * 10**-decimals * 1.0001
        shown = abs(_number(text))
        near = [abs(shown - abs(value) / scale) <= rounding for scale in (1.0, 0.01, 1e6)]
        assert any(near), (each.get("data-path"), text)


@pytest.mark.parametrize("made", [alone, two_designs])
def test_no_figure_stands_unmarked(made: Any):
    page = parsed(page_of(made))
    sections = page.xpath("//section[not(@id='compared') and not(@id='reproduce')]")
    for cell in [each for section in sections for each in section.xpath(".//*[self::td or self::th][@data-sort]")]:
        if "n" in (cell.get("class") or "").split() and cell.text_content() not in ("–", "none", "not finite", "meets"):
            assert cell.xpath(".//*[@data-path]"), cell.text_content()
    for each in page.xpath("//*[@data-path] | //bdi | //code | //*[contains(@class, 'tag')]"):
        each.drop_tree()
    said = " ".join(page.xpath("//section//p//text() | //section//li//text()"))
    assert re.findall(r"\d+\.\d+", said) == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_sections_and_headings_are_in_order(language: Language):
    page = parsed(page_of(two_designs, language))
    assert page.xpath("//main/section/@id") == ORDER
    assert page.xpath("//nav//a/@href") == [f"#{each}" for each in ORDER]
    levels = [int(each.tag[1]) for each in page.xpath("//*[self::h1 or self::h2 or self::h3 or self::h4]")]
    assert levels[0] == 1 and levels.count(1) == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))
    assert page.get("lang") == {"en": "en", "zh": "zh-Hans"}[language]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("made", RUNS)
def test_a_page_needs_no_other_file_and_runs_nothing_but_its_own_script(made: Any, language: Language):
    text, page = page_of(made, language), parsed(page_of(made, language))
    assert page.xpath("//@src | //@data | //@action | //@srcset | //@poster") == []
    assert [place for place in page.xpath("//@href") if not place.startswith("#")] == []
    assert re.findall(r"url\((?!data:font|#)", text) == []
    assert page.xpath("//@style | //@*[starts-with(name(), 'on')]") == []
    assert len(page.xpath("//script")) == len(page.xpath("//style")) == 1
    policy = page.xpath("//meta[@http-equiv='Content-Security-Policy']/@content")[0]
    assert policy.startswith("default-src 'none'") and "unsafe" not in policy


def test_names_that_would_do_harm_are_only_read():
    text, page = page_of(hostile_designs), parsed(page_of(hostile_designs))
    assert text.count("<script") == 1 and "<img" not in text
    assert "\u202e" not in text and "\u202d" not in text
    names = {each.text_content() for each in page.xpath("//section[@id='answer']//bdi")}
    assert {HOSTILE[0], HOSTILE[1], HOSTILE[2], HOSTILE[4], HOSTILE[5]} <= names
    assert "right to left {0.__class__} {{7*7}}" in names


def test_a_copied_name_is_no_formula():
    copied = parsed(page_of(hostile_designs)).xpath("//th[@scope='row']/@data-copy")
    assert "'=1+1" in copied and "=1+1" not in copied
    assert all("\n" not in each for each in copied)


def test_a_copied_estimate_is_three_cells_in_the_unit_of_its_heading():
    table = parsed(page_of(two_designs)).xpath("//section[@id='answer']//table")[0]
    heads = [head.get("data-copy").split("\t") for head in table.xpath(".//thead//th")]
    row = [cell.get("data-copy").split("\t") for cell in table.xpath(".//tbody/tr[1]/*")]
    assert list(map(len, heads)) == list(map(len, row)) and len(heads[1]) == 3
    days = figures_of(folder_of(two_designs))["results"][0]["turnaround_days"]["mean"]
    assert [float(each) for each in row[1]] == pytest.approx([days["value"], days["low"], days["high"]])


def _english_texts() -> Iterator[str]:
    return (entry.msgid for entry in polib.pofile(str(PO)) if "{" not in entry.msgid and len(entry.msgid) > 14)


@pytest.mark.parametrize("made", [alone, two_designs])
def test_a_chinese_page_says_nothing_of_its_own_in_english(made: Any):
    with_names_only = page_of(made, "zh")
    assert [text for text in _english_texts() if f">{text}<" in with_names_only] == []


def test_a_chinese_page_brings_its_letters_along():
    letters = r'@font-face\{font-family:"Embedded Chinese";src:url\(data:font/woff2?;base64,'
    assert re.search(letters, page_of(alone, "zh"))
    assert "@font-face" not in page_of(alone, "en")


def test_without_an_open_font_one_line_says_what_to_install(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(letters, "open_font", lambda: None)
    told: list[str] = []
    with speaking("zh"):
        page = report_page(read_results(folder_of(alone)), told.append)
    assert len(told) == 1 and "pledgesim[zh]" in told[0] and "@font-face" not in page


def test_a_page_is_small():
    assert max(len(page_of(made, language)) for made in RUNS for language in LANGUAGES) < 3_000_000


def test_a_difference_is_called_beyond_chance_only_where_its_interval_leaves_zero_out():
    figures = figures_of(folder_of(two_designs))
    page = parsed(page_of(two_designs))
    cells = page.xpath("//section[@id='answer']//table[.//th[contains(., 'against')]]//td[.//*[@class='verdict']]")
    cells = [cell for cell in cells if not cell.xpath(".//@data-path[contains(., 'drawn_')]")]
    assert cells
    for cell in cells:
        path = cell.xpath(".//span[@data-path]/@data-path")[0].removesuffix("/value")
        told = at(figures, path)
        held = told.get("together", told)
        real = held["low"] > 0 or held["high"] < 0
        assert bool(cell.xpath(".//*[@class='real']")) is real


def test_few_replications_are_called_few_and_intervals_no_measure_of_assumptions():
    text = parsed(page_of(two_designs)).text_content()
    assert "little of a bad one" in text and "not how wrong an assumption may be" in text


def test_the_flow_of_each_design_is_drawn_with_what_differs_marked():
    flows = parsed(page_of(two_designs)).xpath("//div[contains(@class, 'flow')]")
    assert [flow.get("tabindex") for flow in flows] == ["0", "0"]
    named = [flow.xpath(".//*[name()='svg' and @role='img']/@aria-labelledby") for flow in flows]
    assert named == [["flow0-title flow0-desc"], ["flow1-title flow1-desc"]]
    marked = [flow.xpath(".//*[name()='text' and (text()='changed')]") for flow in flows]
    assert marked[0] == [] and marked[1] != []


def test_the_steps_listed_as_added_removed_and_moved_are_those_marked_in_the_diagram():
    comparison = comparison_of(["C4-F1", "C9-F1", "C2-F6a"])
    designs = [
        Design(number, World(number, world.label, world.said, world.loaded, {}), world.product_names[0], "", False)
        for number, world in enumerate(comparison.worlds)
        if world.loaded.variant == "as stated"
    ]
    for design in designs[1:]:
        found = contrast(designs[0], design)
        diagrams = [diagram_of(each.scenario, each.product_key) for each in (designs[0], design)]
        compare(Compared(design.product, diagrams[1]), Compared(designs[0].product, diagrams[0]))
        marks = [mark for node in diagrams[1].nodes.values() for mark in node.marks]
        listed = {"added": found.added, "removed": found.removed, "moved": found.moved}
        assert {mark: marks.count(mark) for mark in listed} == {mark: len(steps) for mark, steps in listed.items()}
        assert found.added


def test_every_picture_says_what_it_is_and_can_be_walked_through():
    charts = parsed(page_of(two_designs)).xpath("//*[name()='svg' and contains(@class, 'chart')]")
    assert len(charts) > 8
    assert all(chart.get("aria-label") and chart.get("tabindex") == "0" for chart in charts)
    assert all(chart.xpath(".//*[@class='mark'][@data-tip]") for chart in charts)


def test_every_table_has_a_caption_and_headings_that_tell_their_scope():
    tables = parsed(page_of(two_designs)).xpath("//table")
    assert len(tables) > 10
    for table in tables:
        assert table.xpath("./caption/text()")
        heads = table.xpath("./thead//th")
        assert len(table.xpath("./thead//th[@scope='col'][@aria-sort='none']/button")) == len(heads)
        assert len(table.xpath("./tbody/tr/th[@scope='row']")) == len(table.xpath("./tbody/tr"))


def test_a_share_is_called_by_what_it_is_one_of_and_a_key_is_said_in_words():
    comparison = comparison_of(["C4-F1", "C1-F2"])
    worlds = [world for world in comparison.worlds if world.loaded.variant == "as stated"]
    a, b = (
        Design(number, World(number, world.label, world.said, world.loaded, {}), world.product_names[0], "", False)
        for number, world in enumerate(worlds)
    )
    with speaking("zh"):
        said = {each.path for each in contrast(a, b).changes}
    assert {"分次提款 › 提款比例", "还款方式 › 许可费归集 › 归集比例", "登记金额 › 占专利价值"} <= said
    changes = {each.path: (each.before, each.after) for each in contrast(a, b).changes}
    assert changes["pledged"] == ("patent value", "licence fees")


def test_a_chinese_page_says_paths_ranges_and_values_in_words():
    comparison = comparison_of(["C9-F1", "C9-F2"], ["run.arrivals_for=5 days"], ["Fengxian firms only"])
    designs = [
        Design(number, World(number, world.label, world.said, world.loaded, {}), "insured loan", world.said, False)
        for number, world in enumerate(comparison.worlds)
    ]
    b = next(design for design in designs if design.world.loaded.id == "C9-F2")
    with speaking("zh"):
        changes = {each.path: (each.before, each.after) for each in contrast(designs[0], b).changes}
        before, after = changes["补贴政策 › 贷款贴息"]
        assert "计算基数 利息" in before and "贴息比例 50%" in before and "支付方 徐汇" in before and after == ""
        assert not [path for path in changes if path.startswith("补贴政策 › 贷款贴息 ›")]
        before, after = changes["风险分担 › 风险补偿资金 › 奉贤准备金"]
        assert before == "" and "余额 400万元" in after
        assert changes["风险分担 › 分担 › 奉贤区 › 上限内"] == ("", "奉贤准备金")
        assert not [each for each in changes.items() if re.search("[a-z]{2}", str(each).replace("None", ""))]
        scenario = b.scenario
        assert pattern_said(scenario, "stages.due diligence.elapsed") == "尽职调查 › 其他等待"
        assert pattern_said(scenario, "parties.*.desks.*.staff") == "各参与方 › 各岗位 › 人数"
        assert range_said("1 working day", "5 working days") == "1个工作日至5个工作日"
        assert range_said("500k CNY", "6.3m CNY") == "50万元至630万元"
    assert pattern_said(scenario, "stages.due diligence.elapsed") == "stages.due diligence.elapsed"
    assert range_said("500k CNY", "6.3m CNY") == "500k CNY to 6.3m CNY"


def test_a_chinese_page_names_what_was_published_once_and_variants_by_their_names():
    worlds = comparison_of(["C9-F1"], ["run.arrivals_for=60 days", "run.replications=1"], ["Fengxian firms only"])
    world = worlds.worlds[0].loaded
    outcome = PublishedOutcome.model_validate(
        {"clock": "turnaround", "statistic": "median", "kind": "target", "source": "L1"}
    )
    with speaking("zh"):
        assert named(outcome, names_of_product(world.scenario, None)) == "申请到放款用时的中位数"
        entry = outcome.model_copy(update={"name": Text(en="T3, all", zh="T3，全程")})
        assert _titled("T3", entry).copied == ("T3，全程",)
        assert _titled("park, all", entry).copied == ("T3，全程",)
        told = manifest_of(worlds, [])["worlds"][1]
        assert told["variant_name"] == {"zh": "仅限奉贤企业"}


def test_a_published_figure_with_a_chinese_name_only_goes_by_its_key_in_english():
    outcome = load("C8-F1").scenario.published_outcomes["T3"]
    assert outcome.name is not None and outcome.name.zh and not outcome.name.en
    assert _titled("T3", outcome).copied == ("T3",)
    with speaking("zh"):
        assert outcome.name.zh in _titled("T3", outcome).copied[0]
