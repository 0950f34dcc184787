"""Sections 4 to 8 of a report: what they say of firms, parties, quantiles and published figures."""

from __future__ import annotations

from itertools import combinations
from typing import Any

import numpy as np
import pytest

from simulator.analysis.comparison import comparison_of
from simulator.analysis.intervals import TOO_FEW_BEYOND, tells_quantile
from simulator.analysis.refusals import refused_by
from simulator.charts.palette import (
    COST_STYLES,
    PARTY_COLOURS,
    WORLD_COLOURS,
    WORLD_LINES,
    WORLD_MARKERS,
    ink_on,
)
from simulator.report.blocks import Column, Table
from simulator.report.figures import MONEY, Figures
from simulator.report.sections.published import _counted, _titled
from simulator.report.sections.source_marks import marks_note
from simulator.scenario.spoken_paths import pattern_said
from simulator.texts import LANGUAGES, Language, speaking
from simulator.texts.letters import has_chinese
from simulator.texts.widths import cut_inside, width_of
from tests.report_pages import figures_of, folder_of, of_the_source, page_of, parsed, two_designs

pytestmark = pytest.mark.whole


@pytest.fixture(scope="module")
def figures() -> dict[str, Any]:
    return figures_of(folder_of(two_designs))


def test_rules_and_numbers_that_were_set_are_counted_apart_from_numbers_that_can_fail():
    figures = figures_of(folder_of(of_the_source))
    told = [each for world in figures["worlds"] for each in world["published"]]
    rules = [each for each in told if "rule" in each]
    set_so = [each for each in told if each["status"] == "set to hold"]
    page = parsed(page_of(of_the_source)).get_element_by_id("published")
    said = [each.text_content() for each in page.xpath("./ul[1]/li")]
    assert said[0].startswith("Numbers that could have come out otherwise: ")
    assert f"Rules that the model was written by: {len(rules)}, all kept." in " ".join(said)
    assert set_so and "no evidence" in " ".join(said)
    assert " hold" not in " ".join(said)


def test_where_no_number_can_be_tested_that_is_said_without_a_count_of_none():
    (said,) = _counted([], [])
    assert said == "No published number of this run can be tested independently."


def test_only_a_number_that_could_have_failed_has_the_colour_of_confirmation():
    figures = figures_of(folder_of(of_the_source))
    held = [each for world in figures["worlds"] for each in world["published"] if each["status"] == "held"]
    numbers = [each for each in held if "outcome" in each]
    page = parsed(page_of(of_the_source)).get_element_by_id("published")
    assert len(page.xpath(".//*[@class='real']")) == len(numbers) < len(held)
    assert page.xpath(".//details//*[@class='real']") == []


def test_a_target_is_printed_with_the_time_that_is_striven_for():
    page = parsed(page_of(of_the_source, "zh")).get_element_by_id("published")
    assert "力争1个工作日内" in page.text_content()


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_marks_of_the_source_are_explained_where_a_text_has_them(language: Language):
    notice = {"en": "L87 is line 87 of the Shanghai notice", "zh": "沪知局〔2022〕3号"}
    page = parsed(page_of(of_the_source, language))
    for section in ("published", "assumptions"):
        assert notice[language] in page.get_element_by_id(section).text_content()
    assert marks_note(["A tax of 40% (my own figure), LLM90, K"]) == []


def test_firms_are_told_as_means_of_a_replication_of_the_same_counts(figures: dict[str, Any]):
    for entry in figures["results"]:
        for name, found in entry["firms_a_replication"].items():
            assert found["value"] * entry["replications"] == pytest.approx(entry["cases"][name])
        for row in entry["days"]["steps"]:
            if "passed" in row:
                assert row["passed_a_replication"] * entry["replications"] == pytest.approx(row["passed"])


def test_refusals_are_all_firms_of_all_replications_that_are_not_eligible():
    comparison = two_designs()
    for world in comparison.worlds:
        assert len(world.replications) > 1
        arrived = sum(measured.arrived for measured in world.replications)
        eligible = sum(len(measured.products[0].applicants) for measured in world.replications) / arrived
        assert sum(share for _, share in refused_by(world)) == pytest.approx(1 - eligible)


def test_a_step_beside_others_is_marked_in_the_funnel_and_the_mark_is_explained():
    page = parsed(page_of(of_the_source)).get_element_by_id("funnel")
    names = page.xpath(".//*[name()='text' and contains(@class, 'name')]/text()")
    assert [each for each in names if each.endswith("∥")]
    assert "runs beside another step" in page.text_content()


def test_the_result_of_a_party_is_also_a_share_of_what_is_lent_and_the_firms_are_no_party(figures: dict[str, Any]):
    for entry in figures["results"]:
        assert entry["result_of_drawn"].keys() == entry["result_cny"].keys() - {"firm", "outside"}
        for party, found in entry["result_of_drawn"].items():
            whole = entry["result_cny"][party]["value"] / entry["drawn_cny"]["value"]
            assert found["value"] == pytest.approx(whole)
    page = parsed(page_of(two_designs)).get_element_by_id("losses")
    caption = "Received less paid, by party"
    (table,) = (each for each in page.xpath(".//table") if each.findtext("caption") == caption)
    assert not table.xpath("ancestor::details")
    assert {each.text_content() for each in table.xpath(".//td[1]")} <= {"bank", "guarantor", "insurer", "district"}


@pytest.mark.parametrize(
    ("count", "level", "told"),
    [(10, 0.5, True), (9, 0.5, False), (10, 0.95, False), (99, 0.95, False), (100, 0.95, True), (100, 0.05, True),
     (499, 0.99, False), (500, 0.99, True), (20, 0.75, True), (20, 0.25, True)],
)  # fmt: skip
def test_a_quantile_has_five_replications_on_either_side(count: int, level: float, told: bool):
    assert tells_quantile(count, level) is told


def test_of_few_replications_there_is_no_quantile_and_the_page_says_why(figures: dict[str, Any]):
    for entry in figures["results"]:
        for found in entry["loss_spread_cny"]["quantiles"].values():
            assert found["value"] is None and found["note"] == TOO_FEW_BEYOND
    assert "fewer than 5 lie beyond" in parsed(page_of(two_designs)).get_element_by_id("losses").text_content()


def test_ten_designs_have_ten_colours_lines_and_marks():
    assert len(WORLD_COLOURS) == len(set(WORLD_COLOURS)) == 10
    assert len(set(map(str, WORLD_LINES))) == len(set(WORLD_MARKERS)) == 10


def _light(colour: str) -> float:
    parts = np.array([int(colour[place : place + 2], 16) for place in (1, 3, 5)]) / 255
    linear = np.where(parts <= 0.04045, parts / 12.92, ((parts + 0.055) / 1.055) ** 2.4)
    return float(linear @ [0.2126, 0.7152, 0.0722]) + 0.05


def test_letters_on_every_colour_have_the_contrast_that_readers_need():
    """WCAG 2.2, success criterion 1.4.3: 4.5 for text of ordinary size."""
    for colour in (*WORLD_COLOURS, *PARTY_COLOURS, *(colour for colour, _ in COST_STYLES.values())):
        lighter, darker = sorted([_light(colour), _light(ink_on(colour))], reverse=True)
        assert lighter / darker >= 4.5, colour


def test_no_two_designs_of_ten_have_nearly_the_same_colour():
    rgb = {colour: np.array([int(colour[place : place + 2], 16) for place in (1, 3, 5)]) for colour in WORLD_COLOURS}
    assert min(np.linalg.norm(rgb[a] - rgb[b]) for a, b in combinations(WORLD_COLOURS, 2)) > 50


def test_a_letter_on_a_line_has_the_ink_that_stands_out_on_it():
    page = parsed(page_of(two_designs))
    letters = page.xpath("//*[name()='text' and @class='letter']")
    assert letters
    for letter in letters:
        disc = letter.getprevious()
        assert letter.get("color") == ink_on(disc.get("fill"))


def test_a_long_name_keeps_its_end():
    assert cut_inside("Two more that see nothing against A", 20) == "Two more that…inst A"
    assert cut_inside("增加两级形式评审（不识别风险）与A相比", 24).endswith("与A相比")
    assert all(width_of(cut_inside("评审abc" * 9, width)) <= width for width in range(6, 40))
    assert cut_inside("short", 20) == "short"


def test_sentences_in_columns_stand_as_cards_with_the_names_of_the_columns():
    page = parsed(page_of(of_the_source))
    cards = page.xpath("//table[@class='cards']")
    assert cards
    for table in cards:
        heads = [head.text_content().strip() for head in table.xpath("./thead//button")]
        for row in table.xpath("./tbody/tr"):
            assert [cell.get("data-label") for cell in row.xpath("./td")] == heads[1:]
    assert not Table("", [Column("what", "text"), Column("figure")], []).as_cards


def test_a_chinese_path_calls_interest_the_rate_that_it_is_and_leaves_no_key_in_english():
    worlds = comparison_of(["C4-F1", "C5-F1"], []).worlds
    with speaking("zh"):
        scenario = worlds[0].loaded.scenario
        assert pattern_said(scenario, "products.direct loan.price.interest") == "年利率"
        assert "after" not in pattern_said(scenario, "products.direct loan.drawings.after")
        other = worlds[1].loaded.scenario
        for path in ("scoring.bands.below", "parties.bank.desks.signing.batch.size", "parties.*.desks.*.committee.at"):
            assert not [part for part in pattern_said(other, path).split(" › ") if part in ("bands", "batch", "at")]


def test_a_rule_with_a_name_goes_by_it():
    rule = comparison_of(["C10-F5"], []).worlds[0].loaded.scenario.published_rules["park"]
    with speaking("zh"):
        assert _titled("park", rule).copied == ("园区服务",)


def test_a_chinese_sentence_has_yi_from_a_hundred_million_on_and_a_column_wan_throughout():
    large = {"value": 528_748_916.4, "low": 5e8, "high": 5.5e8}
    figures = Figures({"small": {"value": 4_560_000.0}, "large": large, "less": {"low": -2e8, "high": -5e7}})
    with speaking("zh"):
        assert figures.shown("/small/value", MONEY).striptags() == "456万元"
        assert figures.shown("/large/value", MONEY, bare=True).striptags() == "52,875"
        assert figures.estimate("/large", MONEY).striptags() == "5.29亿元（5.00至5.50）"
        assert MONEY.copied(528_748_916.4) == "52874.89164"
        assert figures.interval("/less", MONEY.without_sign).striptags() == "0.50至2.00亿元"
    assert figures.estimate("/large", MONEY).striptags() == "528.75m CNY (500.00 to 550.00)"
    assert MONEY.copied(528_748_916.4) == "528.7489164"


def test_an_english_page_of_the_source_needs_no_chinese_letters():
    """Else it would ask for a font on a fresh machine."""
    assert not has_chinese(page_of(of_the_source))
    assert "沪知局" in page_of(of_the_source, "zh")
