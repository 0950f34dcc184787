"""Words of closed lists and amounts, as they are said in both languages."""

from __future__ import annotations

import pytest

from simulator.analysis.eligibility import rule_in_words, spoken
from simulator.analysis.firm_cost import COMPONENTS
from simulator.analysis.party_results import GROUPS
from simulator.analysis.time_use import USES
from simulator.bundled import bundled_folder
from simulator.scenario.agreement import FIRM
from simulator.scenario.applicants import Condition
from simulator.scenario.load import AS_STATED, open_scenario
from simulator.scenario.quantities import Quantity
from simulator.scenario.spoken_quantities import money_said, quantity_said, span_said
from simulator.scenario.stage_kinds import STAGE_KINDS
from simulator.texts import say, speaking, vocabulary
from simulator.units import Span
from simulator.workflow.case import END_NAMES
from simulator.workflow.ledger import OUTSIDE, WHATS


def test_the_words_marked_are_those_of_the_lists_they_are_about():
    assert vocabulary.PAYMENTS == WHATS
    assert tuple(GROUPS) == vocabulary.PAYMENT_GROUPS
    assert vocabulary.ENDS == END_NAMES
    assert vocabulary.USES == USES
    assert set(vocabulary.OUTCOMES) == {outcome for kind in STAGE_KINDS.values() for outcome in kind.outcomes}
    assert vocabulary.ACTORS == (FIRM, OUTSIDE)
    assert set(COMPONENTS) <= set(vocabulary.PAYMENTS)


def test_every_property_of_the_bundled_firms_has_its_word():
    names, words = dict[str, None](), set[str]()
    for file in sorted(bundled_folder().rglob("*.yaml")):
        applicants = open_scenario(str(file), []).variant(AS_STATED).scenario.applicants
        for name, attribute in (applicants.population if applicants is not None else {}).items():
            names[spoken(name)] = None
            words |= set(attribute.words)
    assert tuple(names) == vocabulary.PROPERTIES
    assert set(vocabulary.PROPERTY_WORDS) == words


@pytest.mark.parametrize(
    ("fen", "english", "chinese"),
    [
        (400_000_000, "4.0m CNY", "400万元"),
        (40_000_000, "400,000 CNY", "40万元"),
        (123_456_700, "1,234,567 CNY", "123.4567万元"),
        (9_999_000_000, "99.99m CNY", "9,999万元"),
        (-125_000_000_000, "-1.25bn CNY", "-12.5亿元"),
        (820_050, "8,200.50 CNY", "8,200.50元"),
        (1_000_900, "10,009 CNY", "1.0009万元"),
        (100_000_050, "1,000,000.50 CNY", "1,000,000.50元"),
    ],
)
def test_an_amount_is_said_in_the_units_of_its_language_to_the_fen(fen, english, chinese):
    assert money_said(fen) == english
    with speaking("zh"):
        assert money_said(fen) == chinese


def test_times_and_limits_are_said_with_their_units():
    spans = [Span(1, "days"), Span(3, "working days"), Span(6, "months"), Span(2.5, "h")]
    assert [span_said(each) for each in spans] == ["1 day", "3 working days", "6 months", "2.5 h"]
    with speaking("zh"):
        assert [span_said(each) for each in spans] == ["1天", "3个工作日", "6个月", "2.5小时"]
        assert quantity_said(Quantity(0.4, "share")) == "40%"


@pytest.mark.parametrize(
    ("name", "rule", "english", "chinese"),
    [
        ("annual_sales", {"above": "2m CNY"}, "annual sales above 2.0m CNY", "年销售额高于200万元"),
        ("ip_rights", {"at_least": 1, "at_most": 9}, "IP rights at least 1 and at most 9",
         "知识产权件数不低于1且不超过9"),
        ("major_negative_information", False, "no major negative information", "无重大负面信息"),
        ("controls_its_ip", True, "controls its IP", "知识产权自主可控"),
        ("industry", "agriculture", "industry agriculture", "行业：农业"),
        ("legal_form", {"one_of": ["company", "cooperative"]}, "legal form one of company, cooperative",
         "组织形式属于公司、合作社"),
        ("shoe_size", {"below": 40}, "shoe size below 40", "shoe size低于40"),
    ],
)  # fmt: skip
def test_a_rule_of_eligibility_is_said_in_both_languages(name, rule, english, chinese):
    condition = Condition.model_validate(rule)
    assert rule_in_words(name, condition) == english
    with speaking("zh"):
        assert rule_in_words(name, condition) == chinese


def test_a_word_that_no_list_has_is_said_as_it_stands():
    with speaking("zh"):
        assert say("ocean freight") == "ocean freight"
