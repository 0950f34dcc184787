"""What the report claims: no more than the firms, the defaults and the replications behind a figure bear."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from simulator.report.page import report_page
from simulator.report.results import read_results
from simulator.texts import Language, speaking
from tests.report_pages import (
    alone,
    figures_of,
    folder_of,
    hostile_designs,
    of_the_source,
    page_of,
    parsed,
    two_designs,
)

pytestmark = pytest.mark.whole

Change = Callable[[dict[str, Any]], object]
DESIGN_ALONE = "what differs comes from the designs."


@pytest.fixture
def changed(tmp_path: Path) -> Callable[..., Any]:
    """The page of two designs whose results were other ones."""

    def page(change: Change, language: Language = "en") -> Any:
        folder = shutil.copytree(folder_of(two_designs), tmp_path / "run", dirs_exist_ok=True)
        told = figures_of(folder)
        change(told)
        (folder / "summary.json").write_text(json.dumps(told), encoding="utf-8")
        with speaking(language):
            return parsed(report_page(read_results(folder)))

    return page


def text_of(page: Any, path: str) -> str:
    return " ".join(" ".join(each.text_content().split()) for each in page.xpath(path))


def admitting(told: dict[str, Any], eligible_in_all: int, smallest: int) -> None:
    told["common"].update(eligible_in_all=eligible_in_all, same_everywhere=False)
    told["common"]["worlds"][0]["eligible"] = smallest


def test_designs_that_admit_the_same_firms_differ_by_design_alone():
    page = parsed(page_of(two_designs))
    assert DESIGN_ALONE in text_of(page, "//section[@id='compared']")
    assert "eligible under every design" not in text_of(page, "//section[@id='answer']")


@pytest.mark.parametrize(("in_all", "said"), [(0, "None of"), (24, "Only 24 of")])
def test_designs_that_admit_other_firms_are_not_said_to_differ_by_design_alone(changed: Any, in_all: int, said: str):
    page = changed(lambda told: admitting(told, in_all, 50))
    assert DESIGN_ALONE not in text_of(page, "//section[@id='compared']")
    assert "and from whom they admit" in text_of(page, "//section[@id='compared']")
    warning = page.xpath("//section[@id='answer']/p[@class='warning']")[0]
    assert said in warning.text_content()
    assert "The designs admit different firms" in text_of(page, "//header//li")
    assert warning.getprevious() is page.xpath("//section[@id='answer']/p")[0]


def test_firms_common_to_all_are_no_warning_where_they_are_half_of_the_smallest_pool(changed: Any):
    page = changed(lambda told: admitting(told, 25, 50))
    assert "eligible under every design, so that" not in text_of(page, "//section[@id='answer']")
    assert DESIGN_ALONE not in text_of(page, "//section[@id='compared']")


def drawn_in_both(told: dict[str, Any], count: int) -> None:
    for each in told["differences"]:
        if "drawn_in_both" in each:
            each.update(value=3.0, low=2.0, high=4.0, drawn_in_both=count)


def test_a_difference_over_fewer_than_thirty_firms_gets_no_verdict_and_no_sentence(changed: Any):
    few = changed(lambda told: drawn_in_both(told, 29))
    assert "Too few firms drawn in both (29)." in text_of(few, "//span[contains(@class, 'few')]")
    assert "too few firms are drawn under both" in text_of(few, "//section[@id='answer']//li")
    assert "gets its money" not in text_of(few, "//section[@id='answer']//li")
    enough = changed(lambda told: drawn_in_both(told, 30))
    assert "A firm gets its money 3.0 days (2.0 to 4.0) later" in text_of(enough, "//section[@id='answer']//li")


def test_a_table_tells_how_many_firms_were_drawn_in_both_designs_and_in_one_only():
    told = next(each for each in figures_of(folder_of(two_designs))["differences"] if "drawn_in_both" in each)
    row = parsed(page_of(two_designs)).xpath("//table[./caption[contains(., 'Differences')]]/tbody/tr")[0]
    cell = row.xpath("./td")[1].text_content()
    assert list(map(int, re.findall(r"\d+", cell))) == [
        told["drawn_in_both"], told["drawn_only_in_b"], told["drawn_only_in_a"]
    ]  # fmt: skip


def of_design(told: dict[str, Any], number: int, key: str, value: float, half: float) -> None:
    told["results"][number][key] = {"value": value, "low": value - half, "high": value + half}


def losing(told: dict[str, Any], rates: tuple[float, float], half: float, defaults: tuple[int, int]) -> None:
    """Losses of two designs, with defaults of all replications together, and no difference taken between them."""
    for number, rate in enumerate(rates):
        of_design(told, number, "loss_rate", rate, half)
        of_design(told, number, "defaults", defaults[number] / 2, 0)
    told["differences"] = [each for each in told["differences"] if each["measure"] != "loss_rate"]


def test_designs_that_replications_do_not_tell_apart_are_not_ranked(changed: Any):
    unsure = text_of(changed(lambda told: losing(told, (0.02, 0.05), 0.02, (40, 40))), "//header//li")
    assert (
        "Of the money drawn, 2.00% to 5.00% is lost after recoveries under A Ninety-ten and B With the fund, which "
        "these replications do not tell apart." in unsure
    )
    assert "least is lost" not in unsure and "Most is lost" not in unsure
    apart = text_of(changed(lambda told: losing(told, (0.02, 0.05), 0.01, (40, 40))), "//header//li")
    assert "least is lost under A Ninety-ten: 2.00%" in apart and "Most is lost under B With the fund: 5.00%" in apart


def test_no_rate_of_loss_stands_on_fewer_than_ten_defaults(changed: Any):
    for place in ("//header//li", "//p[@class='lead']"):
        told = text_of(changed(lambda told: losing(told, (0.02, 0.05), 0.001, (40, 9))), place)
        assert "5.00%" not in told and "Fewer than 10 loans defaulted under B With the fund" in told
    told = text_of(changed(lambda told: losing(told, (0.02, 0.05), 0.001, (40, 10))), "//header//li")
    assert "5.00%" in told and "Fewer than" not in told


def test_no_default_is_told_with_the_loans_it_is_none_of(changed: Any):
    page = changed(lambda told: losing(told, (0.0, 0.05), 0.0, (0, 40)))
    loans = figures_of(folder_of(two_designs))["results"][0]["cases"]["drawn"]
    assert f"Under A Ninety-ten, none of {loans} loans defaulted." in text_of(page, "//header//li")
    losses = page.xpath("//table[./caption[contains(., 'Money drawn and lost')]]/tbody/tr")
    assert f"none of {loans} loans" in losses[0].text_content() and "none of" not in losses[1].text_content()


def test_a_share_of_no_firm_is_told_with_the_firms_it_is_none_of(changed: Any):
    page = changed(lambda told: told["results"][0]["drawn_within"]["share"].update(value=0.0, low=0.0, high=0.0))
    firms = figures_of(folder_of(two_designs))["results"][0]["cases"]["eligible"]
    rows = page.xpath("//table[./caption[contains(., 'From application to drawdown')]]/tbody/tr")
    assert f"none of {firms} firms" in rows[0].text_content() and "none of" not in rows[1].text_content()


def test_losses_are_not_compared_where_a_design_has_fewer_than_ten_defaults(changed: Any):
    def few(told: dict[str, Any]) -> None:
        of_design(told, 1, "defaults", 4.5, 0)
        for each in told["differences"]:
            if each["measure"] == "loss_rate":
                each.update(value=-0.05, low=-0.06, high=-0.04)

    said = text_of(changed(few), "//section[@id='answer']//li")
    assert "too few loans defaulted" in said and "less are lost" not in said


def test_the_answers_stand_before_the_contents_and_lead_to_their_section():
    borne = {
        alone: "The net loss is borne by",
        two_designs: "The net loss is borne so",
        hostile_designs: "By agreement",
    }
    for made, said in borne.items():
        page = parsed(page_of(made))
        short = page.xpath("//header//div[@class='short']")[0]
        assert [each.text_content() for each in short.xpath("./h2")] == ["In short"]
        assert short.xpath(".//a/@href") == ["#answer"]
        assert said in text_of(short, ".//li")


def alike(told: dict[str, Any], *measures: str) -> None:
    """Measures that are the same under both designs."""
    for each in told["differences"]:
        if each["measure"] in measures:
            each.update(value=0.0, low=0.0, high=0.0)
            each.update({"drawn_in_both": 40} if "drawn_in_both" in each else {})


def relieved(told: dict[str, Any]) -> None:
    """A fund that takes over a part of the loss, and changes nothing else."""
    alike(told, *THE_SAME, "loss_cny.by_party.bank")
    for number in (0, 1):
        of_design(told, number, "defaults", 40, 0)
    for each in told["differences"]:
        if each["measure"] == "loss_cny.by_party.insurer":
            each.update(value=-2e6, low=-3e6, high=-1e6)
        if each["measure"] == "drawn_within.share":
            each.update(value=0.01, low=-0.01, high=0.03)


THE_SAME = ("turnaround_days.mean", "firm_cost.contractual_after_subsidy.mean", "loss_cny.total", "loss_rate")


def test_in_short_leads_with_who_is_relieved_and_says_in_one_line_what_is_alike(changed: Any):
    points = changed(relieved).xpath("//header//div[@class='short']//li")
    said = [" ".join(each.text_content().split()) for each in points]
    assert said[0].startswith(
        "B With the fund against A Ninety-ten, a replication: insurer bears 2.00m CNY (1.00 to 3.00) less of the losses"
    )
    assert "The net loss is borne so: A Ninety-ten: insurer 90% and bank 10%; B With the fund:" in said[0]
    assert "reserve is used up in 1 of 2 replications; of 2.00m CNY" in said[1]
    assert said[2].startswith("The same under both: ") and said[2].count("days") == 1 and len(said) == 3


def test_what_is_alike_is_one_sentence_and_no_column_and_what_differs_stands_first(changed: Any):
    page = changed(relieved)
    points = [" ".join(each.text_content().split()) for each in page.xpath("//section[@id='answer']/ul[1]/li")]
    assert points[-1].startswith("Without any difference: Days from application to drawdown; ")
    heads = [each.text_content() for each in page.xpath("//table[./caption[contains(., 'Differences')]]/thead//th")]
    assert not any("Net loss" in each for each in heads)
    assert heads.index("loss of insurer m CNY") < heads.index("Share drawn within 30 days percentage points")
    assert "and so in no column: Days from application to drawdown;" in text_of(page, "//section[@id='answer']/p")


def test_a_fund_is_given_a_date_only_where_ten_replications_use_it_up(changed: Any):
    def used_up(told: dict[str, Any], share: float) -> None:
        for entry in told["results"]:
            entry["replications"] = 20
        fund = told["results"][1]["funds"]["reserve"]
        fund["share_used_up"] = {"value": share, "low": share / 2, "high": share * 1.5}
        fund["path"]["used_up_on"] = "2021-04-16"

    few = text_of(changed(lambda told: used_up(told, 0.45)), "//section[@id='losses']/p")
    assert "used up in 9 of 20 replications (45%, " in few and "2021-04-16" not in few
    enough = text_of(changed(lambda told: used_up(told, 0.5)), "//section[@id='losses']/p")
    assert "used up in 10 of 20 replications" in enough and "In half of these it is used up by 2021-04-16." in enough


def test_what_reads_the_same_of_two_designs_is_said_once(changed: Any):
    assert len(parsed(page_of(two_designs)).xpath("//section[@id='days']/ul/li")) == 2
    page = changed(lambda told: told["results"][1].update(days=told["results"][0]["days"]))
    points = [" ".join(each.text_content().split()) for each in page.xpath("//section[@id='days']/ul/li")]
    assert len(points) == 1 and points[0].startswith("A Ninety-ten and B With the fund: of ")


def test_an_agreement_of_two_banks_stands_once_in_either_language():
    for language, said in (("en", "The bank bears each loss in full."), ("zh", "每笔损失全部由银行承担。")):
        clauses = parsed(page_of(of_the_source, language)).xpath("//section[@id='losses']//ol/li")
        assert [each.text_content() for each in clauses].count(said) == 1 and len(clauses) == 3


def test_a_rate_on_fewer_than_ten_defaults_is_marked_in_the_table(changed: Any):
    page = changed(lambda told: losing(told, (0.02, 0.05), 0.001, (40, 9)))
    rows = page.xpath("//table[./caption[contains(., 'Money drawn and lost')]]/tbody/tr")
    assert ["few defaults" in row.text_content() for row in rows] == [False, True]


def test_a_cost_that_turned_out_otherwise_than_by_contract_is_named(changed: Any):
    def cost(told: dict[str, Any]) -> None:
        for number, realised in enumerate((0.05, 0.06)):
            told["results"][number]["firm_cost"]["contractual_after_subsidy"]["mean"]["value"] = 0.05
            told["results"][number]["firm_cost"]["realised_after_subsidy"]["mean"]["value"] = realised

    note = text_of(changed(cost), "//section[@id='answer']/p[@class='note']")
    assert "After subsidies it turned out otherwise: B With the fund 6.00% instead of 5.00%." in note


def test_many_designs_begin_with_one_table_of_all_and_few_with_sentences():
    many, few = (parsed(page_of(made)).xpath("//section[@id='answer']")[0] for made in (hostile_designs, two_designs))
    assert "at a glance" in text_of(many, ".//table[1]/caption")
    assert many.xpath(".//table")[0].sourceline < many.xpath(".//p[@class='lead']")[0].sourceline
    assert "at a glance" not in text_of(few, ".//caption")


def test_intervals_are_said_to_hold_chance_only_beside_the_share_that_is_assumed():
    first = parsed(page_of(two_designs)).xpath("//section[@id='answer']/p")[0]
    assert first.text_content().startswith("Intervals hold the chance of the simulation only;")
    assert first.xpath(".//a/@href") == ["#assumptions"]
    shares = {each["evidence"]["assumed_share"] for each in figures_of(folder_of(two_designs))["worlds"]}
    assert {float(each) for each in first.xpath(".//@data-value")} <= shares


def test_a_number_without_evidence_counts_as_assumed():
    for world in figures_of(folder_of(two_designs))["worlds"]:
        told = world["evidence"]
        assert told["without"] > 0
        assert told["assumed_share"] == (told["by_origin"]["assumed"] + told["without"]) / told["numbers"]


def test_it_is_told_what_designs_are_compared_with_and_why():
    assert "Compared with A Ninety-ten, because it was named first." in text_of(
        parsed(page_of(two_designs)), "//section[@id='answer']/p"
    )


def test_who_left_is_told_of_the_designs_it_is_true_of_only(changed: Any):
    def leaving(told: dict[str, Any]) -> None:
        for entry, share in zip(told["results"], (0.04, 0.06), strict=True):
            entry["turnaround_days"]["left_of_eligible"] = share

    warnings = changed(leaving).xpath("//section[@id='answer']/p[@class='warning']")
    told = [" ".join(each.text_content().split()) for each in warnings if "left before" in each.text_content()]
    assert len(told) == 1 and told[0].startswith("Under B With the fund many firms left")


def test_a_chinese_page_says_significant_and_never_certain():
    text = parsed(page_of(two_designs, "zh")).text_content()
    assert "哪些差异显著（超出模拟误差）" in text
    assert "真实" not in text_of(parsed(page_of(two_designs, "zh")), "//section[@id='answer']")


def test_a_design_does_not_come_first_for_its_own_firms_where_firms_of_both_have_it_the_other_way(changed: Any):
    def other_way_round(told: dict[str, Any]) -> None:
        for entry, days in zip(told["results"], (20.0, 10.0), strict=True):
            entry["turnaround_days"]["mean"].update(value=days, low=days - 1, high=days + 1)
            entry["cases"]["drawn"] = 100
        (found,) = (each for each in told["differences"] if each["measure"] == "turnaround_days.mean")
        found.update(value=3.0, low=2.0, high=4.0, drawn_in_both=60)
        found.pop("together", None)

    page = changed(other_way_round)
    assert "waits least" not in text_of(page, "//header") + text_of(page, "//section[@id='answer']")
    assert "A firm waits 10.0 days to 20.0 days" in text_of(page, "//header")
    assert "3.0 days (2.0 to 4.0) later under B" in text_of(page, "//section[@id='answer']")
