"""What the charts show, that they show it truly, and that no text on them collides."""

from __future__ import annotations

import re
import subprocess
import sys
from dataclasses import replace
from functools import cache
from pathlib import Path

import matplotlib
import numpy as np
import pytest
from chart_worlds import (
    AWKWARD,
    WITH_FUND,
    WITH_QUOTA,
    afresh,
    all_open,
    chart_of,
    collisions,
    compared,
    drawn,
    eight,
    no_arrivals,
    no_loss,
    nobody_eligible,
    one,
    texts_of,
    two,
)
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from simulator.analysis.comparison import Comparison
from simulator.analysis.intervals import quantile
from simulator.analysis.measure import keeping_of
from simulator.analysis.summary import world_summary
from simulator.analysis.time_use import USES, step_uses
from simulator.charts import desk_load, fonts, gallery, palette, timeline, turnaround
from simulator.charts.gallery import CHARTS, save_charts
from simulator.charts.labels import cut, money_text, percent, plain, wrapped
from simulator.charts.series import series_of
from simulator.charts.step_rows import merged
from simulator.errors import PledgesimError
from simulator.experiment.replication import replicate
from simulator.workflow.record import VISIT
from simulator.workflow.world import calendar_of

# A chart that warns (of missing letters, of a layout that does not fit, of empty means) is not finished.
pytestmark = [pytest.mark.whole, pytest.mark.filterwarnings("error::UserWarning", "error::RuntimeWarning")]

WITHOUT = {
    one: {"reviews", "fund", "quota"},
    two: set(),
    eight: set(),
    all_open: {"timeline", "cost", "losses", "reviews", "waterfall", "fund", "parties", "quota", "warm-up"},
    nobody_eligible: {*CHARTS} - {"landscape", "funnel", "eligibility"},
    no_arrivals: {*CHARTS},
    no_loss: {"losses", "reviews", "waterfall", "quota"},
}
"""Worlds, and the charts that have nothing to show of them."""
SOONER = [pytest.param(each, marks=pytest.mark.slow) if each is one else each for each in WITHOUT]
"""What one world shows, two show as well."""


@pytest.mark.parametrize("name", CHARTS)
@pytest.mark.parametrize("worlds", SOONER, ids=lambda each: each.__name__)
def test_a_chart_is_drawn_wherever_it_has_something_to_show_without_a_warning_or_a_collision(worlds, name) -> None:
    figure = chart_of(name, worlds())
    assert (figure is None) == (name in WITHOUT[worlds])
    if figure is not None:
        assert texts_of(figure)
        assert list(collisions(figure)) == []


def test_two_texts_on_one_another_are_found() -> None:
    figure = Figure()
    FigureCanvasAgg(figure)
    figure.text(0.5, 0.5, "first")
    figure.text(0.51, 0.5, "second")
    figure.text(0.99, 0.1, "beyond")
    assert sorted(collisions(figure)) == ["'first' on 'second'", "off the page: 'beyond'"]


@pytest.mark.parametrize("name", CHARTS)
def test_every_chart_says_what_it_shows_of_which_worlds_and_in_which_units(name) -> None:
    figure = drawn(name, two())
    texts = list(texts_of(figure))
    assert CHARTS[name][0] in texts
    subtitle = texts[texts.index(CHARTS[name][0]) + 1]
    assert "With the fund" in subtitle or name == "timeline"
    assert "replication" in subtitle
    units = {"days", "firms", "m CNY", "date", "(%)", "files", "(% a year", "CNY per 100 CNY"}
    for axes in figure.axes:
        for axis, kind in ((axes.xaxis, "x"), (axes.yaxis, "y")):
            numbers = not any(label.get_text().strip("-0123456789.: ") for label in axis.get_ticklabels())
            if numbers and any(label.get_visible() for label in axis.get_ticklabels()) and name != "desks":
                assert any(unit in axis.get_label_text() for unit in units), (name, kind)
    if name == "desks":
        assert {"files waiting", "in use (%)", "date"} <= set(texts)


@pytest.mark.slow
def test_the_same_run_gives_the_same_files_byte_for_byte(tmp_path) -> None:
    first = save_charts(two(), tmp_path / "a")
    again = save_charts(two(), tmp_path / "b")
    names = [f"{name}{ending}" for name in CHARTS for ending in (".png", ".svg")]
    assert [path.name for path in first] == names
    assert [path.read_bytes() for path in first] == [path.read_bytes() for path in again]


def test_settings_of_the_program_around_change_no_chart() -> None:
    ordinary = texts_of(drawn("stages", two()))
    with matplotlib.rc_context({"font.size": 30, "axes.titlesize": 40, "text.usetex": False, "axes.grid": True}):
        assert texts_of(afresh("stages", two())) == ordinary


def test_signs_of_formulas_and_pages_in_names_are_drawn_as_they_stand(tmp_path) -> None:
    texts = texts_of(drawn("turnaround", compared((), (), labels=(AWKWARD[0], "a_b^c & $\\frac{}$"))))
    assert any(text.replace("\n", " ").startswith("$x_1^2$ costs") for text in texts)
    assert "a_b^c & $\\frac{}$" in texts
    (svg,) = (path for path in save_charts(eight(), tmp_path, ["losses"]) if path.suffix == ".svg")
    assert b"<script" not in svg.read_bytes()


@pytest.mark.slow
def test_without_a_chinese_font_one_line_says_so_and_no_chinese_letter_is_drawn(tmp_path, monkeypatch) -> None:
    monkeypatch.setattr(fonts, "chinese_font", lambda: None)
    told: list[str] = []
    save_charts(eight(), tmp_path, ["turnaround", "losses"], warn=told.append)
    assert told == [fonts.NO_FONT]
    assert "\n" not in told[0]
    for name in CHARTS:
        texts = "".join(texts_of(afresh(name, eight())))
        assert not any("一" <= character <= "鿿" for character in texts), name
    # The step has no English name of its own; its kind of stage has.
    assert "valuation (2)" in texts_of(afresh("stages", eight()))


def test_nothing_is_told_where_no_name_is_chinese_or_a_font_is_there(tmp_path, monkeypatch) -> None:
    told: list[str] = []
    monkeypatch.setattr(fonts, "chinese_font", lambda: None)
    save_charts(two(), tmp_path, ["losses"], warn=told.append)
    path = Path(matplotlib.get_data_path()) / "fonts" / "ttf" / "DejaVuSans.ttf"
    monkeypatch.setattr(fonts, "chinese_font", lambda: ("DejaVu Sans", path))
    assert gallery.missing_font_message(eight()) is None
    assert told == []


def test_letters_that_no_font_has_become_question_marks() -> None:
    assert fonts.with_known_letters("a\U0001f3e6b") == "a?b"
    assert plain("up\u202eside\u200f\tdown\x07") == "upside down"


def test_an_unknown_chart_is_refused_with_the_nearest_name(tmp_path) -> None:
    with pytest.raises(PledgesimError, match="unknown chart 'loses'; did you mean 'losses'"):
        save_charts(one(), tmp_path, ["loses"])


def test_a_world_keeps_its_colour_in_every_chart() -> None:
    _, second = series_of(two())
    for name in ("turnaround", "fund"):
        (axes,) = drawn(name, two()).axes
        assert second.colour in {line.get_color() for line in axes.lines}
    assert series_of(two())[0].colour not in {line.get_color() for line in drawn("fund", two()).axes[0].lines}


def test_worlds_beyond_the_eighth_are_named_below_the_chart() -> None:
    comparison = Comparison([replace(one().worlds[0], label=f"world {number}") for number in range(10)])
    assert "Not shown: world 8, world 9." in texts_of(drawn("turnaround", comparison))


def test_losses_are_shown_of_more_worlds_than_there_are_colours() -> None:
    comparison = Comparison([replace(one().worlds[0], label=f"world {number}") for number in range(24)])
    figure = drawn("losses", comparison)
    labels = figure.axes[0].get_yticklabels()
    assert [label.get_text() for label in labels] == [f"world {number}" for number in range(24)]
    assert {label.get_color() for label in labels} == {palette.INK}
    assert not any("Not shown" in text for text in texts_of(figure))
    assert list(collisions(figure)) == []


@pytest.mark.parametrize(("name", "last"), [("fund", WITH_FUND), ("quota", WITH_QUOTA)])
def test_a_world_without_a_fund_or_quota_is_not_missed_in_its_chart(name, last) -> None:
    having = compared((), last, labels=("Plain", "Having")).worlds
    eight_of_them = [replace(having[1], label=f"with {number}") for number in range(8)]
    comparison = Comparison([*eight_of_them, having[0]])
    assert not any("Not shown" in text for text in texts_of(drawn(name, comparison)))
    comparison = Comparison([*eight_of_them, having[0], replace(having[1], label="one more")])
    assert "Not shown: one more." in texts_of(drawn(name, comparison))


def test_the_curve_of_turnaround_ends_at_the_share_of_all_eligible_applicants_that_were_drawn() -> None:
    (series,) = series_of(one())
    times = np.concatenate([each.turnaround for each in series.measures])
    (curve, *_) = drawn("turnaround", one()).axes[0].lines
    for day in (20.0, 30.0, 45.0):
        height = float(np.asarray(curve.get_ydata())[np.searchsorted(curve.get_xdata(), day, side="right") - 1])
        assert height == pytest.approx((times <= day).mean() * 100, abs=0.5)
    assert curve.get_ydata()[-1] == pytest.approx(np.isfinite(times).mean() * 100)


def test_open_cases_are_shown_as_open_and_never_lift_the_curve() -> None:
    figure = drawn("turnaround", all_open())
    (curve, *_) = figure.axes[0].lines
    assert set(curve.get_ydata()) == {0.0}
    told = "0% drawn, 100% open, 0% refused or left\nmedian and P90 not reached"
    assert any(text.startswith(told) for text in texts_of(figure))


def test_with_open_cases_the_axis_ends_where_every_case_was_still_followed() -> None:
    assert drawn("turnaround", all_open()).axes[0].get_xlim() == (0, 60)


def test_the_bars_of_a_step_add_up_to_its_mean_days() -> None:
    (series,) = series_of(one())
    cases = sum(each.ends["drawn"] + each.ends["open"] for each in series.measures)
    minutes = sum(each.step_use for each in series.measures)
    (axes,) = drawn("stages", one()).axes
    widths = np.array([bar.get_width() for bar in axes.patches]).reshape(len(USES), -1).T
    assert widths == pytest.approx(minutes / 1440 / cases)


def test_the_timeline_shows_the_drawn_case_nearest_the_median() -> None:
    (series,) = series_of(one())
    measures = series.measures[0]
    times = np.where(np.isfinite(measures.turnaround), measures.turnaround, np.nan)
    number = timeline.typical_case(series)
    days = times[measures.applicants.tolist().index(number)]
    assert abs(days - quantile(times, 0.5)) == np.nanmin(np.abs(times - quantile(times, 0.5)))
    assert any(f"case {number} of replication 1" in text for text in texts_of(drawn("timeline", one())))


def test_the_number_after_a_bar_of_the_timeline_is_clear_of_the_line_of_the_drawdown() -> None:
    (axes,) = drawn("timeline", one()).axes
    numbers = [text for text in axes.texts if re.match(r"[\d.]+ d", text.get_text())]
    assert len(numbers) > 2
    assert all(text.get_path_effects() for text in numbers)


def test_any_case_can_be_asked_for_and_one_that_never_applied_gives_no_timeline() -> None:
    figure = timeline.draw(all_open(), case=int(series_of(all_open())[0].measures[0].applicants[0]))
    assert figure is not None
    assert any("still open" in text for text in texts_of(figure))
    assert timeline.draw(one(), case=10**6) is None


def test_the_spans_of_a_visit_are_the_minutes_counted_for_it() -> None:
    (series,) = series_of(one())
    calendars = {name: calendar_of(hours, name, series.run.start) for name, hours in series.scenario.calendars.items()}
    keeping = keeping_of(series.scenario, series.product, calendars)
    last = series.happened.last_case_moment
    rows = series.happened.steps[:200]
    counted = step_uses(rows, keeping, last)
    for row, uses in zip(rows, counted, strict=True):
        spans = timeline.spans_of(row, keeping[int(row["step"])], last)
        assert [sum(b - a for a, b in spans.get(use, [])) for use in USES] == pytest.approx(uses, abs=1e-6)


def test_a_file_that_leaves_the_queue_unserved_is_counted_only_until_it_leaves() -> None:
    rows = np.zeros(3, VISIT)
    rows["entry"] = (0, 10, 20)
    rows["start"] = (5, np.inf, np.inf)
    rows["end"] = (9, 30, np.inf)
    assert desk_load.left_queue(rows).tolist() == [5, 30, np.inf]


def test_the_weekly_queue_is_the_mean_over_the_week() -> None:
    week = desk_load.WEEK
    moments, length = np.array([week / 2, 1.5 * week]), np.array([4, 1])
    middle, mean = desk_load.weekly_queue(moments, length, 3 * week)
    assert middle.tolist() == [0.5 * week, 1.5 * week, 2.5 * week]
    assert mean.tolist() == [2.0, 2.5, 1.0]


def test_the_months_of_a_desk_add_up_to_its_utilisation_over_the_arrival_period() -> None:
    (series,) = series_of(one())
    desk = "bank reviewer"
    months = desk_load.utilisation_by_month(series, desk)
    calendar = calendar_of(series.scenario.calendars["office"], "office", series.run.start)
    busy = sum(share * 2 * calendar.open_between(a, b) for a, b, share in months)
    assert busy == pytest.approx(series.world.detail.desks[desk].busy_minutes)
    assert all(0 <= share <= 1 for *_, share in desk_load.utilisation_by_month(series, "bank committee"))


def test_an_overloaded_desk_is_shown_as_used_all_the_time() -> None:
    (series,) = series_of(all_open())
    assert desk_load.utilisation_by_month(series, "bank reviewer")[-1][2] == pytest.approx(1.0)


def test_the_funnel_names_the_end_of_every_eligible_firm() -> None:
    (series,) = series_of(one())
    (axes,) = drawn("funnel", one()).axes
    names = [label.get_text() for label in axes.get_yticklabels()]
    counts = dict(zip(names, (bar.get_width() for bar in axes.patches), strict=True))
    assert counts["applied"] == series.world.detail.arrived
    assert counts["eligible"] == len(series.measures[0].applicants)
    assert counts["eligible"] == sum(counts.get(end, 0) for end in ("drawn", "declined", "withdrawn", "still open"))
    assert counts["eligible"] >= counts["due diligence"] >= counts["credit approval"] >= counts["drawn"] > 0


def test_the_bars_of_losses_add_up_to_the_mean_loss() -> None:
    (axes,) = drawn("losses", two()).axes
    for row, series in enumerate(series_of(two())):
        bars = [bar for bar in axes.patches if abs(bar.get_y() + bar.get_height() / 2 - row) < 0.01]
        mean = np.mean([sum(each.borne.values()) for each in series.measures]) / 1e8
        assert sum(bar.get_width() for bar in bars) == pytest.approx(mean)
    assert any("net of recoveries received by the end of follow-up" in text for text in texts_of(axes.figure))


def test_beside_a_loss_stands_its_share_of_the_money_drawn() -> None:
    texts = list(texts_of(drawn("losses", two())))
    for series in series_of(two()):
        lost = sum(sum(each.borne.values()) for each in series.measures)
        share = lost / sum(each.drawn for each in series.measures)
        mean = money_text(lost / len(series.measures))
        assert any(text.startswith(f"{mean} · {share:.1%} of drawn\n") for text in texts)


def days_drawn(figure: Figure, row: int) -> tuple[list[float], list[float]]:
    """Ends of the line of days in a row of the landscape, and its dots."""
    lines = [line for line in figure.axes[0].lines if set(np.asarray(line.get_ydata())) == {row}]
    (span,) = (np.asarray(line.get_xdata()).tolist() for line in lines if len(line.get_xdata()) == 2)
    return span, [float(np.asarray(line.get_xdata())[0]) for line in lines if line.get_marker() == "o"]


def test_the_landscape_shows_the_days_as_the_tables_print_them() -> None:
    comparison = compared((), (("staff", "1"),), labels=("Two reviewers", "One"))
    figure = drawn("landscape", comparison)
    said = [text.get_text() for text in figure.axes[0].texts]
    for row, series in enumerate(series_of(comparison)):
        printed = world_summary(series.world)[series.number]["turnaround_days"]
        span, dots = days_drawn(figure, row)
        assert dots == [printed["p50"]["value"]]
        lowest = np.mean([quantile(each.turnaround, 0.1) for each in series.measures])
        assert span == pytest.approx([lowest, printed["p90"]["value"]])
        assert f"{printed['p50']['value']:.1f}" in said


def test_where_too_many_cases_are_open_the_landscape_draws_no_day_that_is_not_reached() -> None:
    series = series_of(two())[1]
    printed = world_summary(series.world)[series.number]["turnaround_days"]
    assert printed["p50"]["value"] is printed["p90"]["value"] is None
    figure = drawn("landscape", two())
    span, dots = days_drawn(figure, 1)
    assert dots == []
    assert span[1] == figure.axes[0].get_xlim()[1]
    texts = texts_of(figure)
    assert any(text.startswith("median not reached, n=") for text in texts)
    assert any("Not reached: too many are still open." in text.replace("\n", " ") for text in texts)
    assert not drawn("landscape", all_open()).axes[0].lines
    assert "nobody drawn" in texts_of(drawn("landscape", all_open()))


def test_the_landscape_tells_how_many_firms_were_drawn_where_they_are_few() -> None:
    few, many = series_of(compared((("fit", "5%"),), (), labels=("Few", "Many")))
    drawn_firms = sum(each.ends["drawn"] for each in few.measures)
    assert drawn_firms < 100 <= sum(each.ends["drawn"] for each in many.measures)
    texts = texts_of(drawn("landscape", Comparison([few.world, many.world])))
    assert [text for text in texts if text.startswith("n=")] == [f"n={drawn_firms}"]
    assert any("n: firms drawn in all replications, where fewer than 100." in text.replace("\n", " ") for text in texts)


def test_a_role_has_one_colour_whatever_parties_are_shown_with_it() -> None:
    alone = palette.party_styles(["insurer"])
    others = palette.party_styles(["platform", "re-guarantor", "town", "insurer", "bank"])
    assert others["insurer"] == alone["insurer"]
    assert palette.party_styles(["town", "bank"])["bank"] == others["bank"]
    assert len({colour for colour, _ in others.values()}) == 5
    many = palette.party_styles([*palette.ROLES, *(f"party {number}" for number in range(35))])
    assert len(set(many.values())) == 40


def test_the_landscape_shares_the_loss_of_all_replications_among_the_parties() -> None:
    loss = drawn("landscape", two()).axes[1]
    for row, series in enumerate(series_of(two())):
        borne = {
            party: sum(each.borne[party] for each in series.measures) for party in series.product.risk_sharing.bearers()
        }
        total = sum(borne.values())
        wanted = sorted(fen / total * 100 for fen in borne.values() if fen)
        bars = [bar for bar in loss.patches if abs(bar.get_y() + bar.get_height() / 2 - row) < 0.01]
        assert sorted(bar.get_width() for bar in bars) == pytest.approx(wanted)
        assert all(not bar.get_hatch() for bar in bars)


def test_where_nothing_was_lost_the_landscape_shows_the_agreement_and_says_so() -> None:
    figure = drawn("landscape", no_loss())
    bars = figure.axes[1].patches
    assert sorted(bar.get_width() for bar in bars) == pytest.approx([10, 30, 60])
    assert all(bar.get_hatch() for bar in bars)
    assert any("by the agreement" in text for text in texts_of(figure))


def test_a_party_has_one_colour_in_all_rows_of_the_landscape() -> None:
    loss = drawn("landscape", two()).axes[1]
    insurers, others = set(), set()
    for bar in loss.patches:
        middle = (bar.get_x() + bar.get_width() / 2, bar.get_y() + bar.get_height() / 2)
        (label,) = (text.get_text() for text in loss.texts if text.get_position() == pytest.approx(middle))
        (insurers if label.startswith("insurer") else others).add(bar.get_facecolor())
    assert len(insurers) == 1
    assert others
    assert not insurers & others


def test_the_landscape_counts_eligible_and_drawn_firms_among_all_that_applied() -> None:
    firms = drawn("landscape", two()).axes[2]
    for row, series in enumerate(series_of(two())):
        arrived = sum(each.arrived for each in series.world.replications)
        bars = [bar.get_width() for bar in firms.patches if abs(bar.get_y() + bar.get_height() / 2 - row) < 0.01]
        eligible = sum(len(each.applicants) for each in series.measures)
        got = sum(each.ends["drawn"] for each in series.measures)
        assert bars == pytest.approx([eligible / arrived * 100, got / arrived * 100])


@cache
def twelve() -> Comparison:
    worlds = [
        replace(world, label=f"{number} {world.label[:60]}") for number, world in enumerate([*eight().worlds[:6]] * 2)
    ]
    return Comparison(worlds)


@pytest.mark.parametrize("name", ["landscape", "eligibility"])
def test_twelve_worlds_stand_side_by_side_without_a_collision(name) -> None:
    figure = drawn(name, twelve())
    assert list(collisions(figure)) == []
    assert len(figure.axes[0].get_yticklabels()) == 12
    assert figure.get_size_inches()[0] * 160 == 1600
    assert not any("Not shown" in text for text in texts_of(figure))


def test_every_applicant_is_drawn_or_eligible_only_or_not_eligible() -> None:
    figure = drawn("eligibility", one())
    (series,) = series_of(one())
    arrived = sum(each.arrived for each in series.world.replications)
    drawn_share, others, out = (bar.get_width() / 100 for bar in figure.axes[0].patches)
    assert drawn_share == pytest.approx(sum(each.ends["drawn"] for each in series.measures) / arrived)
    assert drawn_share + others == pytest.approx(sum(len(each.applicants) for each in series.measures) / arrived)
    assert drawn_share + others + out == pytest.approx(1)


def test_a_rule_that_is_an_assumption_is_marked_and_the_note_says_so() -> None:
    assumed = (("evidence", "products.loan.eligibility: {assumed: nobody says, range: [0%, 100%]}"),)
    published = (("evidence", "products.loan.eligibility: {published: page 1}"),)
    texts = texts_of(drawn("eligibility", compared(assumed, published, labels=("Assumed", "Published"))))
    reasons = [text for text in texts if text.startswith("fit")]
    assert [text.split(" (")[0] for text in reasons] == ["fit*", "fit"]
    assert any("* an assumption." in text for text in texts)
    assert not any("an assumption" in text for text in texts_of(drawn("eligibility", one())))


def test_a_subsidy_claimed_after_the_money_is_no_step_on_the_way_to_it() -> None:
    claimed = (("later", "- subsidy claim: {by: bank, elapsed: 90 days}"),)
    comparison = compared(claimed, labels=("Claimed",))
    for name in ("stages", "funnel"):
        texts = texts_of(drawn(name, comparison))
        assert "subsidy claim" not in texts
        assert any("Left out, as it comes after the money: subsidy claim." in text for text in texts)
    (axes,) = drawn("stages", comparison).axes
    steps = [label.get_text() for label in axes.get_yticklabels()]
    assert steps == [label.get_text() for label in drawn("stages", one()).axes[0].get_yticklabels()]
    assert len(axes.patches) == len(steps) * len(USES)
    assert max(bar.get_x() + bar.get_width() for bar in axes.patches) < 80


def test_beside_who_is_not_eligible_stand_the_rules_that_most_firms_fail_first() -> None:
    (series,) = series_of(one())
    failed, arrived = 0, [measured.arrived for measured in series.world.replications]
    for number, count in enumerate(arrived, start=1):
        happened = replicate(series.scenario, number)
        counted = happened.firms.arrival >= sorted(happened.firms.arrival)[-count]
        failed += int((happened.rule[counted] == 0).sum())
    assert len(arrived) > 1
    assert f"fit ({percent(failed / sum(arrived))})" in texts_of(drawn("eligibility", one()))
    assert "fit (100%)" in texts_of(drawn("eligibility", nobody_eligible()))


def lines_of(figure: Figure, panel: str) -> list[tuple[Line2D, list[float]]]:
    """The lines of the panel with this name, and their heights."""
    (axes,) = (each for each in figure.axes if each.get_title(loc="left") == panel)
    return [(line, np.asarray(line.get_ydata()).tolist()) for line in axes.lines]


def test_the_line_of_a_quota_is_the_credit_approved_in_it_and_its_limit_stands_above() -> None:
    series = series_of(two())[1]
    (used, heights), (limit, at), *_ = lines_of(drawn("quota", two()), "pledge")
    assert (set(at), limit.get_linestyle()) == ({40.0}, ":")
    assert max(heights) == series.world.detail.quota_peaks["pledge"] / 1e8 <= 40.0
    approved, change = 0, {}
    for number, (_, quota, fen) in enumerate(each for each in series.happened.quota_use if each[1] == "pledge"):
        assert quota == "pledge"
        change[number], approved = fen - approved, fen
    # Every loan of this world is of 3m, and so is every step of the line.
    assert {abs(fen) for fen in change.values()} == {300_000_000}
    assert heights[:-1] == pytest.approx(np.cumsum([0, *change.values()]) / 1e8)
    peak = np.mean([each.quota_peaks["pledge"] for each in series.world.replications]) / 1e8
    assert any(f"pledge: {peak:.1f}m of 40.0m" in text for text in texts_of(used.figure))


def test_worlds_with_other_limits_have_their_limit_in_their_own_colour() -> None:
    _, _, narrow, *_ = having = series_of(eight())
    lines = lines_of(drawn("quota", eight()), "pledge")
    limits = [(line.get_color(), at[0]) for line, at in lines if len(set(at)) == 1]
    assert (narrow.colour, 40.0) in limits
    # Two worlds share the other one.
    assert 60.0 in {at for _, at in limits}
    assert not {(each.colour, 60.0) for each in having if each.colour != palette.INK} & set(limits)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("guarantee review", "guarantee review"),
        ("a review of the guarantor's committee", "a review of the guarantor's\ncommittee"),
        ("D" * 200, "D" * 28 + "\n" + "D" * 27 + "…"),
        ("知识产权质押融资三方合作贷款方案", "知识产权质押融资三方合作贷款\n方案"),
    ],
)
def test_long_names_are_wrapped_and_cut(text, shown) -> None:
    assert wrapped(text) == shown


def test_a_cut_name_takes_no_more_than_its_width() -> None:
    assert cut("知识产权", 6) == "知识…"
    assert cut("exactly", 7) == "exactly"


def test_what_is_not_nothing_is_not_rounded_to_nothing() -> None:
    assert [percent(share) for share in (0, 0.001, 0.5, 0.999, 1)] == ["0%", "<1%", "50%", ">99%", "100%"]


def test_steps_of_several_flows_come_in_an_order_that_suits_each() -> None:
    assert merged([["a", "c"], ["a", "b", "c", "d"], ["z", "a"]]) == ["z", "a", "b", "c", "d"]


def test_the_last_curve_point_is_kept_however_many_cases_there_are() -> None:
    times = np.concatenate([np.linspace(1, 50, 5000), [np.inf] * 5000])
    days, shares = turnaround._curve(times, 60.0)
    assert len(days) <= turnaround.MOST_POINTS + 2
    assert shares[-1] == 0.5


def test_the_package_of_charts_loads_no_matplotlib_before_a_chart_is_asked_for() -> None:
    program = "import simulator.charts, sys; print('matplotlib' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
