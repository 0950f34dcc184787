"""Charts in Chinese: nothing is left in English, no letter is a box, and the same figures stand in both languages."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from pathlib import Path

import matplotlib
import numpy as np
import pytest
from chart_worlds import afresh, collisions, texts_of, two
from chart_worlds import drawn as shown_in_english
from matplotlib.axis import Tick
from matplotlib.figure import Figure
from matplotlib.text import Text as Written

from simulator.analysis.comparison import Comparison, comparison_of
from simulator.analysis.distribution import loss_distribution
from simulator.analysis.intervals import Estimate
from simulator.analysis.portfolio_loans import loans_asked_about
from simulator.analysis.portfolio_losses import PortfolioLosses, run_losses
from simulator.analysis.portfolio_losses import distribution as distribution_of
from simulator.analysis.rounds import run_worlds
from simulator.analysis.sweep import Point
from simulator.analysis.warm_up import find_warm_up
from simulator.charts import distribution, fonts, portfolio, sweep
from simulator.charts.gallery import CHARTS, save_charts
from simulator.charts.labels import CLOSING, days_text, money_text, signed, wrapped
from simulator.charts.losses import name_of_party
from simulator.charts.portfolio import save_portfolio_charts
from simulator.charts.series import series_of
from simulator.scenario.names import Text
from simulator.texts import say, speaking, told

# A letter that no font has is a warning.
pytestmark = [pytest.mark.whole, pytest.mark.filterwarnings("error::UserWarning", "error::RuntimeWarning")]

WORLDS = {
    "C8-F1": ("Fast-easy loan", "快易贷"),
    "C8-F0": ("Ordinary project", "一般担保项目"),
    "C9-F2": ("Reserve fund", "风险准备金模式"),
    "C6-F3": ("Park platform", "园区平台"),
}
UNITS = {"VaR", "ES", "P10", "P90", "IP", "Bonferroni", "n"}
"""What stands in Latin letters in Chinese texts too."""
AMOUNT = re.compile(
    r"[+-]?\d[\d.,]*(?:k|m|bn)\b|[+-]?\d[\d.,]*[万亿]元|(?<![\d.])[+-]?\d[\d,]*元(?!放款)|\[-?[\d.,]+, -?[\d.,]+\]"
)
"""An amount in the units of either language, or an interval."""


@cache
def bundled() -> Comparison:
    """Four bundled products, each with a Chinese name: two for the same firms, one with a fund, one with quotas."""
    asked = comparison_of(list(WORLDS), ["run.arrivals_for=4 months", "credit.annual_default_rate=25%"])
    run_worlds(asked.worlds, replications=2)
    asked.warm_up = find_warm_up(asked.worlds, replications=2)
    named = [(world, *WORLDS[world.label]) for world in asked.worlds]
    asked.worlds = [replace(world, label=label, name=Text(zh=name)) for world, label, name in named]
    return asked


@cache
def drawn(name: str, language: str) -> Figure:
    with speaking("zh" if language == "zh" else "en"):
        figure = CHARTS[name][1](bundled())
    assert figure is not None
    return figure


@cache
def known_in_english_only() -> set[str]:
    """Names of the scenarios that have no Chinese: they are drawn as they are."""
    names = set()
    with speaking("zh"):
        for one in series_of(bundled()):
            names |= {*one.scenario.quotas, *one.product.risk_sharing.funds}
            names |= {key for key in one.scenario.parties if name_of_party([one], key) == key}
    return {word for name in names for word in re.findall("[A-Za-z]+", name)}


def in_english(texts: Iterator[str] | list[str]) -> list[str]:
    """Texts with words in Latin letters that are neither units nor names."""
    allowed = UNITS | known_in_english_only()
    return [text for text in texts if set(re.findall("[A-Za-z]+[0-9]*", text)) - allowed]


def numbers_said(figure: Figure) -> Counter[str]:
    """Every number that is written, those along the axes left out, which depend on the room that there is.

    Amounts of money, which each language has in its own units, are only counted.
    """
    along = {id(label) for tick in figure.findobj(Tick) for label in (tick.label1, tick.label2)}  # type: ignore[attr-defined]
    said = [text.get_text() for text in figure.findobj(Written) if id(text) not in along]  # type: ignore[attr-defined]
    counted = (re.findall(r"\d+(?:[.,]\d+)*|amount", AMOUNT.sub("amount", text)) for text in said)
    return Counter(number for found in counted for number in found)


@pytest.mark.parametrize("name", CHARTS)
def test_a_chart_is_drawn_in_chinese_as_well_as_in_english(name: str) -> None:
    figure = drawn(name, "zh")
    texts = list(texts_of(figure))
    with speaking("zh"):
        assert say(CHARTS[name][0]) in texts
    assert in_english(texts) == []
    assert list(collisions(figure)) == []
    lines = [line for text in texts for line in text.split("\n")]
    assert [line for line in lines if line[:1] in CLOSING] == []
    assert numbers_said(figure) == numbers_said(drawn(name, "en"))


def test_a_text_of_chinese_stays_in_its_panel_or_clear_of_the_next() -> None:
    figure = drawn("waterfall", "zh")
    left, right = (figure.axes[place] for place in (0, 1))
    ends = max(text.get_window_extent().x1 for text in left.texts)
    begins = min(label.get_window_extent().x0 for label in right.get_yticklabels())
    assert begins - ends >= 0.12 * figure.dpi
    interval = re.compile(r"[+-]?[\d.,]+(?:万|亿)?元 \[-?[\d.,]+, -?[\d.,]+\]")
    with speaking("zh"):
        two_designs = CHARTS["parties"][1](replace(bundled(), worlds=bundled().worlds[:2]))
    assert two_designs is not None
    for axes in two_designs.axes:
        said = [text for text in axes.texts if "[" in text.get_text()]
        assert said and all(interval.match(text.get_text()) for text in said)
        assert all(text.get_window_extent().x1 <= axes.bbox.x1 for text in said)


def test_shares_side_by_side_stand_with_a_chinese_comma() -> None:
    firms = [text.get_text() for text in drawn("landscape", "zh").axes[2].texts]
    assert firms and all(re.fullmatch(r"[<>]?\d+%，[<>]?\d+%", text) for text in firms)


def test_the_language_of_a_drawing_is_that_in_which_it_was_asked_for(tmp_path: Path) -> None:
    figure = drawn("turnaround", "zh")
    with speaking("en"):
        figure.savefig(tmp_path / "later.png")  # what is worked out only now, such as ticks, has no words
    assert "申请企业多久拿到贷款" in texts_of(figure)
    assert "How long applicants wait for the money" in texts_of(drawn("turnaround", "en"))
    with speaking("zh"):
        one, again = save_charts(bundled(), tmp_path, ["turnaround"])
    assert (one.name, again.name) == ("turnaround.png", "turnaround.svg")
    assert one.read_bytes() != save_charts(bundled(), tmp_path / "en", ["turnaround"])[0].read_bytes()


def test_bold_letters_are_made_where_the_chinese_font_has_none() -> None:
    title = next(text for text in drawn("losses", "zh").texts if text.get_text() == "损失由谁承担")
    with speaking("zh"):
        assert bool(title.get_path_effects()) == fonts.lacks_bold()
    assert not fonts.lacks_bold()
    assert not any(text.get_path_effects() for text in drawn("losses", "en").texts)


@cache
def book() -> PortfolioLosses:
    loans = loans_asked_about("C9-F2", None, None, ["run.arrivals_for=6 months"], None, 1, 1.0, None)
    return run_losses(loans, 300, 1, lambda done, total: None)


def portfolio_charts() -> list[Figure]:
    charts = [portfolio.draw_distribution(book(), distribution_of(book())), portfolio.draw_one_loss(book())]
    charts.append(portfolio.draw_funds(book(), distribution_of(book())))
    found = [figure for figure in charts if figure is not None]
    assert len(found) == len(charts)
    return found


def test_the_charts_of_a_book_of_loans_are_drawn_in_chinese() -> None:
    with speaking("zh"):
        found = portfolio_charts()
    for figure, english in zip(found, portfolio_charts(), strict=True):
        assert in_english([text.replace("C9-F2", "") for text in texts_of(figure)]) == []
        assert list(collisions(figure)) == []
        assert numbers_said(figure) == numbers_said(english)


def test_why_there_is_no_figure_is_said_in_chinese() -> None:
    certain = np.array([10**8])
    with speaking("zh"):
        figure = distribution.draw(certain, loss_distribution(certain), {"甲": certain}, "1条路径")
    assert figure is not None
    assert any("标准差未知（路径太少：只有1条，无法给出标准差）" in text for text in texts_of(figure))


def sweep_chart() -> Figure:
    share = Estimate(0.5, 0.4, 0.6)
    days, fen = Estimate(20.0, 18.0, 22.0), Estimate(2e6, 1e6, 3e6)
    measures = {"turnaround_days.mean": days, "loss_cny.by_party.insurer": fen, "default_rate": share}
    values = [(f"{limit} working days", within) for limit in (2, 3) for within in ("30 days", "2m CNY")]
    points = [Point(each, "loan", 5, measures) for each in values]
    figure = sweep.draw(points, ["审批时限", "其他"], "town.yaml", {"insurer": "保险公司"})
    assert figure is not None
    return figure


def test_the_chart_of_a_sweep_is_drawn_in_chinese() -> None:
    with speaking("zh"):
        figure = sweep_chart()
    texts = texts_of(figure)
    assert {"申请到放款用时均值（天）", "保险公司的损失（万元）", "违约率（%）", "审批时限（工作日）"} <= set(texts)
    assert {"其他 30天", "其他 200万元"} <= set(texts)
    assert in_english([text for text in texts if text != "town.yaml"]) == []
    assert list(collisions(figure)) == []
    assert {"审批时限 (working days)", "其他 30 days", "其他 2m CNY"} <= set(texts_of(sweep_chart()))


def test_without_a_chinese_font_charts_are_drawn_in_english_and_one_line_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    english = {name: texts_of(shown_in_english(name, two())) for name in ("landscape", "waterfall", "fund", "quota")}
    monkeypatch.setattr(fonts, "chinese_font", lambda: None)
    lines: list[str] = []
    with speaking("zh"):
        for name, texts in english.items():
            assert list(texts_of(afresh(name, two()))) == list(texts)
        save_charts(two(), tmp_path, ["losses"], warn=lines.append)
        save_portfolio_charts(book(), distribution_of(book()), tmp_path, warn=lines.append)
        assert lines == [say(fonts.NOT_IN_CHINESE)] * 2
    assert "pip install 'pledgesim[zh]'" in lines[0]
    assert "\n" not in lines[0]


def test_with_a_chinese_font_nothing_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = Path(matplotlib.get_data_path()) / "fonts" / "ttf" / "DejaVuSans.ttf"
    monkeypatch.setattr(fonts, "chinese_font", lambda: ("DejaVu Sans", path))
    with speaking("zh"):
        assert fonts.message_for(["奉贤区"]) is None


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("担保公司评审会议的决定，由银行执行", "担保公司评审会议的决\n定，由银行执行"),
        ("浦东新区知识产权融资促进会", "浦东新区知识产权融资\n促进会"),
        ("浦东知识产权融资促进会", "浦东知识产权融资促\n进会"),
        ("等待“知识产权专项额度”", "等待“知识产权专项\n额度”"),
        ("风险补偿资金池余额不足（当年）", "风险补偿资金池余额不\n足（当年）"),
    ],
)
def test_no_line_of_chinese_begins_with_what_closes_or_holds_one_letter(text: str, shown: str) -> None:
    assert wrapped(text, 20) == shown


def test_amounts_are_told_in_wan_and_yi_and_days_with_the_same_digits() -> None:
    with speaking("zh"):
        assert [money_text(fen) for fen in (0, 123_456, 12_345_678, 123_456_789_000)] == [
            "0万元", "1,235元", "12万元", "12.3亿元"
        ]  # fmt: skip
        assert [signed(fen) for fen in (0, 12_345_678, -123_456)] == ["0万元", "+12万元", "-1,235元"]
        assert [days_text(days) for days in (0.44, 12, 123.4)] == ["0.4天", "12.0天", "123天"]
        assert told("一。", "", "二。") == "一。二。"
    assert told("One.", "", "Two.") == "One. Two."
