"""What the charts of money show: cost, results of parties, days against losses, one loss, a fund, distributions."""

from __future__ import annotations

import datetime
from dataclasses import replace
from fractions import Fraction
from functools import cache
from itertools import pairwise

import numpy as np
import pytest
from chart_worlds import (
    CHAIN,
    FUND,
    VARIED,
    WITH_FUND,
    collisions,
    compared,
    drawn,
    eight,
    one,
    texts_of,
    two,
)
from matplotlib.axes import Axes
from matplotlib.collections import PolyCollection
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from simulator.analysis.comparison import Comparison
from simulator.analysis.distribution import loss_distribution
from simulator.analysis.firm_cost import COMPONENTS
from simulator.analysis.summary import world_summary
from simulator.charts import cost, distribution, fund, parties, reviews, waterfall
from simulator.charts.dates import day_number
from simulator.charts.fan import QUANTILES, Fan, draw_fans
from simulator.charts.labels import money_interval, money_text, signed
from simulator.charts.loss_rows import Bar, Sold, Stretch, ToldLoss, rows_of
from simulator.charts.series import series_of
from simulator.scenario.agreement import FIRM, RiskSharing
from simulator.sharing import Agreement, Allocation, Claim

pytestmark = [pytest.mark.whole, pytest.mark.filterwarnings("error::UserWarning", "error::RuntimeWarning")]


def bars_of(axes: Axes, row: int) -> list[Rectangle]:
    """The bars of one row."""
    return [bar for bar in axes.patches if abs(bar.get_y() + bar.get_height() / 2 - row) < 0.01]


def told(figure: Figure) -> str:
    """All that is written, line breaks taken as spaces."""
    return " ".join(texts_of(figure)).replace("\n", " ")


# What a loan costs the firm


@cache
def priced() -> Comparison:
    """Two prices, one with a subsidy and one without."""
    dear = "{interest: 8%, charges: {fee: {kind: guarantee fee, rate: 1%, paid_to: city}, entry: {amount: 3k CNY, "
    dear += "each: loan, paid_to: bank}}}"
    return compared(VARIED, (*VARIED, ("price", dear), ("policy", "{}")), labels=("Subsidised", "Dear"))


def test_the_bars_of_cost_are_the_components_of_the_tables_with_subsidies_left_of_zero() -> None:
    (axes,) = once_priced().axes
    for row, series in enumerate(series_of(priced())):
        printed = world_summary(series.world)[0]["firm_cost"]["by_component"]
        widths = [bar.get_width() for bar in bars_of(axes, row)]
        assert widths == pytest.approx([printed[what]["value"] * 100 for what in COMPONENTS if what in printed])
        for bar, what in zip(bars_of(axes, row), (each for each in COMPONENTS if each in printed), strict=True):
            assert (bar.get_x() + bar.get_width() < 0 or bar.get_width() < 0) == what.endswith("subsidy")
            assert (bar.get_facecolor()[:3] == (1, 1, 1)) == what.endswith("subsidy")
    assert len(bars_of(axes, 0)) == len(bars_of(axes, 1)) == 3


@cache
def once_priced() -> Figure:
    return drawn("cost", priced())


def test_the_marks_of_cost_are_the_all_in_rates_of_the_tables_with_their_intervals() -> None:
    (axes,) = once_priced().axes
    diamonds = [line for line in axes.lines if line.get_marker() == "D"]
    marks = [(round(float(line.get_ydata()[0])), float(line.get_xdata()[0])) for line in diamonds]
    wanted = []
    for row, series in enumerate(series_of(priced())):
        printed = world_summary(series.world)[0]["firm_cost"]
        bases = ("contractual", "contractual_after_subsidy") if row == 0 else ("contractual",)
        wanted += [(row, printed[basis]["mean"]["value"] * 100) for basis in bases]
        assert f"{printed['contractual']['mean']['value'] * 100:.2f}% by contract" in told(axes.figure)
    assert marks == [(row, pytest.approx(rate)) for row, rate in wanted]
    assert "after subsidies" in told(axes.figure)


def test_the_chart_of_cost_tells_the_unit_and_how_the_bars_and_the_rate_differ() -> None:
    text = told(once_priced())
    assert "% a year of the principal outstanding" in text
    assert "internal rate of return" in text


def test_a_loan_for_which_nothing_is_charged_has_no_chart_of_cost() -> None:
    free = compared((("price", "{}"), ("policy", "{}")), labels=("Free",))
    assert cost.draw(free) is None
    beside = drawn("cost", Comparison([*free.worlds, *one().worlds]))
    assert "0.00% by contract" in told(beside)
    assert bars_of(beside.axes[0], 0) == []


# What each party gains or loses


def test_the_bars_of_a_party_add_up_to_its_net_result_as_the_tables_print_it() -> None:
    figure = drawn("parties", two())
    names = [label.get_text() for label in figure.axes[0].get_yticklabels()]
    assert names[-2:] == ["the firms", "all others"]
    for axes, series in zip(figure.axes, series_of(two()), strict=True):
        printed = world_summary(series.world)[0]["result_cny"]
        nets = {
            round(float(line.get_ydata()[0]) - parties.NET): float(line.get_xdata()[0])
            for line in axes.lines
            if line.get_marker() == "D"
        }
        for row, name in enumerate(names):
            actor = next((key for key, text in parties.NAMES.items() if text == name), name)
            net = printed[actor]["value"] / 1e6
            assert sum(bar.get_width() for bar in bars_of(axes, row)) == pytest.approx(net, abs=1e-9)
            assert nets[row] == pytest.approx(net)
        assert sum(nets.values()) == pytest.approx(0, abs=1e-9)


def test_what_is_gained_stands_right_of_zero_and_what_is_lost_left_of_it() -> None:
    figure = drawn("parties", eight())
    for axes in figure.axes:
        for row in range(len(figure.axes[0].get_yticklabels())):
            spans = [sorted((bar.get_x(), bar.get_x() + bar.get_width())) for bar in bars_of(axes, row)]
            ends = sorted(spans)
            assert all(high <= 1e-9 or low >= -1e-9 for low, high in spans)
            assert all(a[1] <= b[0] + 1e-9 for a, b in pairwise(ends))


def test_principal_that_is_still_owed_is_told_apart_from_what_was_lost() -> None:
    short = compared((("loans", "90 days"), ("default", "0%")), labels=("Cut short",))
    (series,) = series_of(short)
    owed = np.mean([sum(each.results.outstanding.values()) for each in series.measures])
    assert owed > 0
    assert parties.parts_of(series, "bank")["principal still owed"] == pytest.approx(-owed / 1e8)
    assert parties.parts_of(series, FIRM)["principal still owed"] == pytest.approx(owed / 1e8)
    assert "defaulted principal" not in parties.parts_of(series, "bank")
    assert f"{money_text(owed)} owed" in told(drawn("parties", short))
    assert "still owed" not in told(drawn("parties", two()))


def test_a_party_that_a_design_does_not_have_is_marked_and_not_shown_as_nothing() -> None:
    text = told(drawn("parties", eight()))
    assert "–: not in this design." in text
    assert "city" in text


def test_a_gain_has_a_plus_and_nothing_has_no_sign() -> None:
    amounts = (2_345_678_900, -2_345_678_900, 0, -123_456, 12_345_678, 123_456_789_000)
    assert [signed(fen) for fen in amounts] == ["+23.5m", "-23.5m", "0.00m", "-1.23k", "+0.12m", "+1.23bn"]


@pytest.mark.parametrize(
    ("fen", "said"),
    [
        (644e6, "6.44m [0.05, 12.0]"), (5e6, "50.0k [50.0, 12,000.0]"), (0, "0.00m [0.05, 12.0]"),
        (2e11, "2.00bn [0.00, 0.01]"),
    ],
)  # fmt: skip
def test_an_interval_is_told_in_the_unit_of_its_amount(fen: float, said: str) -> None:
    assert f"{money_text(fen)} {money_interval(fen, 5e6, 12e8)}" == said


# Days saved against losses added


def test_a_point_stands_where_the_differences_of_the_tables_put_it() -> None:
    comparison = compared((), (("staff", "1"), ("default", "60%")), labels=("Two reviewers", "One"))
    base, other = (each.measures for each in series_of(comparison))
    (days,) = (each for each in comparison.differences() if each.measure == "turnaround_days.mean")
    (lost,) = (each for each in comparison.differences() if each.measure == "loss_rate")
    rates = [
        sum(sum(each.borne.values()) for each in world) / sum(each.drawn for each in world) for world in (base, other)
    ]
    assert lost.estimate.value == pytest.approx(rates[1] - rates[0])
    (axes,) = drawn("reviews", comparison).axes
    marks = {line.get_marker(): line for line in axes.lines if line.get_markersize() == 9}
    assert list(marks) == ["s", "o"]
    point = (float(marks["s"].get_xdata()[0]), float(marks["s"].get_ydata()[0]))
    assert point == pytest.approx((-days.estimate.value, 100 * lost.estimate.value))
    spans = [sorted(line.get_xdata()) for line in axes.lines if line.get_marker() == "|"]
    assert spans == [pytest.approx(sorted((-days.estimate.low, -days.estimate.high)))]
    spans = [sorted(line.get_ydata()) for line in axes.lines if line.get_marker() == "_"]
    assert spans == [pytest.approx([100 * lost.estimate.low, 100 * lost.estimate.high])]
    assert (marks["o"].get_xdata()[0], marks["o"].get_ydata()[0]) == (0, 0)


def test_the_intervals_of_several_points_hold_together_as_those_of_the_tables_do() -> None:
    other = (("staff", "1"), ("default", "60%"))
    comparison = compared((), other, (("staff", "4"),), labels=("A", "B", "C"))
    days = [each.estimate for each in comparison.differences() if each.measure == "turnaround_days.mean"]
    figure = drawn("reviews", comparison)
    spans = sorted(sorted(line.get_xdata()) for line in figure.axes[0].lines if line.get_marker() == "|")
    wide = sorted(sorted(-end for end in each.together or ()) for each in days)
    assert len(spans) == 2 and spans == [pytest.approx(each) for each in wide]
    text = told(figure)
    assert "which hold together for all worlds (Bonferroni)" in text
    assert "loss change" in text and "defaults change" in text
    for each in figure.texts:
        assert each.get_window_extent().x1 <= figure.bbox.x1


def test_every_corner_says_in_words_what_it_means() -> None:
    assert set(reviews.CORNERS.values()) <= set(texts_of(drawn("reviews", two())))
    assert all(("faster" in text) == (right > 0) for (right, _), text in reviews.CORNERS.items())
    assert all(("no more" in text) == (above < 0) for (_, above), text in reviews.CORNERS.items())


def test_where_luck_alone_may_explain_a_difference_the_chart_says_so() -> None:
    # Two replications leave wide intervals.
    assert "Days and loss may differ by chance alone." in told(drawn("reviews", two()))
    worlds = [replace(world, replications=world.replications[:1]) for world in two().worlds]
    text = told(drawn("reviews", Comparison(worlds)))
    assert "by chance" not in text
    assert "One replication has no interval." in text


def test_worlds_that_change_no_day_have_nothing_to_weigh() -> None:
    assert reviews.draw(one()) is None
    assert reviews.draw(compared((), WITH_FUND, labels=("A", "B"))) is None


def test_a_world_with_other_firms_is_left_out_and_named() -> None:
    comparison = compared((), (("staff", "1"),), (("rate", "1.5"),), labels=("A", "B", "Other firms"))
    text = told(drawn("reviews", comparison))
    assert "Left out, as no firm was drawn both there and in the world compared with: Other firms." in text
    assert reviews.draw(Comparison([comparison.worlds[0], comparison.worlds[2]])) is None


def test_a_world_is_set_against_the_one_that_it_names() -> None:
    first, second, third = compared((), (("staff", "1"),), (("staff", "4"),), labels=("A", "B", "C")).worlds
    text = told(drawn("reviews", Comparison([first, second, replace(third, against="B")])))
    assert "against A" in text
    assert "against B" in text


# One loss, step by step


def agreement(**model: object) -> Agreement:
    return Agreement(RiskSharing.model_validate({"split": {"insurer": "90%", "bank": "rest"}} | model))


RESERVE = {"reserve": {"balance": "1m CNY", "owner": "district"}}
THREE = {"district": {"share": "30%", "up to": "reserve", "otherwise": "insurer"}, "insurer": "60%", "bank": "10%"}
TERMS = {
    "shares": {},
    "a fund": {"funds": RESERVE, "split": THREE},
    "shortfall shared": {"funds": RESERVE, "split": THREE, "straddle": "shortfall shared"},
    "remainder shared": {"funds": RESERVE, "split": THREE, "straddle": "remainder shared"},
    "all or nothing": {"funds": RESERVE, "split": THREE, "straddle": "all or nothing"},
    "a deductible": {
        "limits": {"own part": {"at_most": "200k CNY", "per": "loss"}},
        "split": {"bank": {"share": "100%", "up to": "own part", "otherwise": {"insurer": "90%", "bank": "rest"}}},
    },
    "a chain with a fund": {
        "funds": RESERVE,
        "split": THREE,
        "cede": {"insurer": {"city": "40%", "insurer": "rest"}, "city": {"nation": "50%", "city": "rest"}},
    },
    "a chain": {
        "limits": {"ceiling": {"at_most": "300k CNY", "per": "ever"}},
        "split": {"guarantor": "80%", "bank": "rest"},
        "cede": {
            "guarantor": {"city": "1/3", "guarantor": "rest"},
            "city": {"nation": {"share": "50%", "up to": "ceiling", "otherwise": "city"}, "city": "rest"},
        },
    },
}  # fmt: skip


def shared(name: str, *fen: int) -> Allocation:
    """The last of some losses, shared by the terms of a name."""
    terms = agreement(**TERMS[name])
    meters = terms.open()
    return [terms.share(Claim(each), meters) for each in fen][-1]


def bars_told(loss: ToldLoss) -> list[Bar]:
    """The rows of a loss that have a bar."""
    return [row for row in rows_of(loss) if isinstance(row, Bar)]


@pytest.mark.parametrize("name", TERMS)
@pytest.mark.parametrize("losses", [(200_000_001,), (200_000_000, 333_333_333), (444_444_444, 77_777_777)])
def test_the_payments_of_a_loss_fill_it_without_gap_or_overlap_and_end_as_it_was_borne(name, losses) -> None:
    allocation = shared(name, *losses)
    net = losses[-1] // 3
    returned = {party: paid * net // losses[-1] for party, paid in allocation.paid.items()}
    cost_of_sale, surplus = 1_000_000, net - sum(returned.values())
    sold = Sold(net + cost_of_sale, cost_of_sale, returned, surplus)
    bars = bars_told(ToldLoss("", losses[-1], 0, allocation, sold))
    pieces = [(bar.who, piece) for bar in bars for piece in bar.pieces]
    paid = sorted((piece.begin, piece.end) for _, piece in pieces if piece.kind == "paid")
    assert paid[0][0] == 0
    assert paid[-1][1] == losses[-1]
    assert all(a[1] == b[0] for a, b in pairwise(paid))
    ceded = [(who, piece.end - piece.begin) for who, piece in pieces if piece.kind == "ceded"]
    assert sum(fen for _, fen in ceded) == sum(each.amount for each in allocation.cessions)
    for party, fen in allocation.paid.items():
        borne = [piece for who, piece in pieces if who == party and piece.kind == "borne"]
        assert sum(piece.end - piece.begin for piece in borne) == fen - returned[party]
        back = [piece for who, piece in pieces if who == party and piece.kind == "back"]
        assert sum(piece.end - piece.begin for piece in back) == returned[party]
    assert max(piece.end for _, piece in pieces if piece.kind in ("borne", "back")) == losses[-1]
    sale = {piece.kind: (piece.begin, piece.end) for _, piece in pieces}
    assert (sale["sold"], sale["cost"]) == ((0, net), (net, net + cost_of_sale))


def test_what_is_ceded_stands_where_the_giver_has_paid_it() -> None:
    allocation = shared("a chain", 300_000_000)
    bars = bars_told(ToldLoss("", 300_000_000, 0, allocation))
    places = {(bar.who, piece.kind): (piece.begin, piece.end) for bar in bars for piece in bar.pieces}
    assert places["guarantor", "paid"] == (60_000_000, 300_000_000)
    assert places["city", "ceded"] == (60_000_000, 140_000_000)
    assert places["nation", "ceded"] == (60_000_000, 90_000_000)
    reasons = {(bar.who, bar.why) for bar in bars}
    assert ("city", "1/3 of what guarantor paid") in reasons
    assert ("guarantor", "80%") in reasons


def test_each_row_says_by_which_clause_it_is_paid() -> None:
    losses = {
        "a fund": (300_000_000, 200_000_000),
        "all or nothing": (400_000_000,),
        "remainder shared": (400_000_000,),
        "a deductible": (100_000_000,),
    }
    reasons = {
        name: [(bar.who, bar.why) for bar in bars_told(ToldLoss("", fen[-1], 0, shared(name, *fen)))]
        for name, fen in losses.items()
    }
    assert reasons["a fund"][1:5] == [
        ("district", "the rest of reserve"), ("insurer", "beyond reserve"), ("insurer", "60%"), ("bank", "10%")
    ]  # fmt: skip
    assert reasons["all or nothing"][1] == ("district", "reserve has too little")
    assert reasons["remainder shared"][2:4] == [("insurer", "90% of 3.00m"), ("bank", "10% of 3.00m")]
    assert reasons["a deductible"][1:4] == [
        ("bank", "100%, up to own part"), ("insurer", "90% of 0.80m"), ("bank", "10% of 0.80m")
    ]  # fmt: skip
    used_up = bars_told(ToldLoss("", 100_000_000, 0, shared("a fund", 400_000_000, 100_000_000)))
    assert ("district", "reserve is used up", "nothing") in [(bar.who, bar.why, bar.said) for bar in used_up]


def test_of_a_loss_of_a_given_share_the_share_is_said_and_nothing_is_to_come() -> None:
    allocation = shared("a fund", 100_000_000)
    rows = rows_of(ToldLoss("", 100_000_000, 0, allocation, lgd=Fraction(45, 100)))
    assert next((row.who, row.why) for row in rows if isinstance(row, Bar)) == ("loss", "45% of what is owed")
    assert [row.text for row in rows if isinstance(row, Stretch)][-1] == "borne in the end"


def test_what_is_borne_stands_where_it_was_paid() -> None:
    allocation = shared("a fund", 100_000_000)
    bars = bars_told(ToldLoss("", 100_000_000, 0, allocation, Sold(20_000_000, 0, {"insurer": 20_000_000})))
    places = {(bar.who, piece.kind): (piece.begin, piece.end) for bar in bars for piece in bar.pieces if piece.end}
    first = next(bar for bar in bars if any(piece.kind == "paid" for piece in bar.pieces))
    assert places[first.who, "borne"][1] == places[first.who, "paid"][1] == 100_000_000
    assert places["insurer", "back"][1] == places["insurer", "borne"][0]
    assert places["insurer", "back"][1] - places["insurer", "back"][0] == 20_000_000


def test_the_funds_balance_before_and_after_and_the_days_stand_between_the_rows() -> None:
    allocation = shared("a fund", 300_000_000, 200_000_000)
    days = [datetime.date(2021, month, 5) for month in (1, 3, 12)]
    sold = Sold(50_000_000, 0, {"insurer": 50_000_000}, on=days[2])
    loss = ToldLoss("", 199_000_000, 1_000_000, allocation, sold, days[0], days[1], ("reserve",))
    lines = [row.text for row in rows_of(loss) if isinstance(row, Stretch)]
    assert lines == [
        "2021-01-05: the firm defaults",
        "2021-03-05: claim settled\nreserve 0.10m → 0.00m",
        "2021-12-05: the IP is sold",
        "borne in the end",
    ]
    figure = waterfall.draw_losses("One loss", "a path", [loss], names={"insurer": "太平洋保险", "bank": "Our bank"})
    assert figure is not None
    assert "Our bank\n10%" in texts_of(figure)
    assert list(collisions(figure)) == []
    unsold = [row.text for row in rows_of(replace(loss, sold=None)) if isinstance(row, Stretch)]
    assert unsold[-1] == "borne so far; the IP is not sold"


def test_a_fund_gives_its_last_where_it_has_something_left_but_less_than_its_part() -> None:
    lasts = {
        (200_000_000,): False,
        (300_000_000, 200_000_000): True,
        (400_000_000,): True,
        (400_000_000, 200_000_000): False,
    }
    for losses, last in lasts.items():
        for name in ("a fund", "shortfall shared", "remainder shared"):
            assert waterfall.takes_the_last(shared(name, *losses)) is last
    assert waterfall.takes_the_last(shared("all or nothing", 400_000_000))
    assert not waterfall.takes_the_last(shared("a deductible", 400_000_000))


def test_the_loss_shown_is_the_first_that_takes_what_is_left_of_a_fund_and_the_same_case_beside_it() -> None:
    comparison = compared(VARIED, (*VARIED, *WITH_FUND), labels=("Plain", "Fund"))
    plain, with_fund = series_of(comparison)
    losses = with_fund.happened.losses
    (first, *_) = (loss for loss in losses if loss.allocation.room_before["reserve"] * 10 < loss.amount * 3)
    assert first.allocation.room_before["reserve"] > 0
    assert waterfall.chosen_loss(with_fund, with_fund) is first
    assert waterfall.chosen_loss(plain, with_fund).case == first.case
    text = told(drawn("waterfall", comparison))
    assert f"Case {first.case} · Plain" in text
    assert f"Case {first.case} · Fund" in text
    amounts = [loss.amount for loss in plain.happened.losses]
    assert waterfall.chosen_loss(plain, plain).amount == max(amounts) > amounts[0]


def test_a_loss_of_a_run_is_told_as_it_stands_in_the_books() -> None:
    (series,) = series_of(compared((("sharing", CHAIN),), labels=("Chain",)))
    loss = next(each for each in series.happened.losses if each.interest and each.recovered_at < np.inf)
    shown = waterfall.told_loss(series, loss)
    assert (shown.principal, shown.interest) == (loss.principal, loss.interest)
    borne = {
        bar.who: piece.end - piece.begin for bar in bars_told(shown) for piece in bar.pieces if piece.kind == "borne"
    }
    assert borne == {party: fen for party, fen in loss.borne.items() if loss.allocation.paid[party]}


def test_no_more_losses_are_shown_than_can_be_read_and_the_others_are_named() -> None:
    places = [place for text, place in texts_of(drawn("waterfall", eight())).items() if "the firm defaults" in text]
    assert sum(map(len, places)) == 4
    text = told(drawn("waterfall", eight()))
    assert "Not shown: Three-party loan with the district's re…" in text


# What is left in the fund


@cache
def often() -> Comparison:
    """A hundred replications: two, fifty times over."""
    top_up = FUND.replace("owner: district", "owner: district, top_ups: [{on: 2021-09-01, amount: 1m CNY}]")
    worlds = compared(WITH_FUND, (("sharing", top_up),), labels=("Fund", "Topped up")).worlds
    return Comparison([replace(world, replications=world.replications * 50) for world in worlds])


def test_the_line_of_a_fund_ends_at_what_is_left_in_it() -> None:
    series = series_of(two())[1]
    (line, *_) = drawn("fund", two()).axes[0].lines
    balances = np.asarray(line.get_ydata())
    assert balances[0] == 2.0
    assert balances[-1] == pytest.approx(series.measures[0].fund_left["reserve"] / 1e8)
    emptied = sum(np.isfinite(each.fund_used_up_at["reserve"]) for each in series.measures)
    assert f"used up in {emptied} of 2 replications" in told(drawn("fund", two()))


def test_the_date_by_which_a_fund_is_used_up_is_told_from_ten_such_replications_on() -> None:
    series = series_of(two())[1]
    measured = series.world.replications[0]
    for empty, told_with_date in ((9, False), (10, True)):
        moments = [1440.0] * empty + [np.inf] * 2
        replications = [
            replace(measured, products=[replace(measured.products[0], fund_used_up_at={"reserve": each})])
            for each in moments
        ]
        one = replace(series, world=replace(series.world, replications=replications))
        said = " ".join(fund._said(one, "reserve", []))
        assert f"used up in {empty} of {empty + 2} replications" in said
        assert ("(median)" in said) == told_with_date


def test_a_balance_holds_from_the_moment_of_its_change_on() -> None:
    series = series_of(two())[1]
    for number, each in enumerate(series.measures):
        moments = np.array([moment for moment, _ in each.fund_history["reserve"]])
        last = dict(each.fund_history["reserve"])
        found = fund.balances(series.measures, "reserve", moments)[number].tolist()
        assert found == [last[moment] for moment in moments]
        later = moments[:-1][np.diff(moments) > 1] + 1
        assert fund.balances(series.measures, "reserve", later)[number].tolist() == [last[each - 1] for each in later]


def test_bands_and_median_are_quantiles_over_the_replications() -> None:
    figure = drawn("fund", often())
    for axes, series in zip(figure.axes, series_of(often()), strict=True):
        median = axes.lines[0]
        days = np.asarray(median.get_xdata())
        moments = (days - day_number(series.run.start, 0.0)) * 1440
        wanted = np.quantile(fund.balances(series.measures, "reserve", moments.round(3)), QUANTILES, axis=0) / 1e8
        assert np.asarray(median.get_ydata()) == pytest.approx(wanted[2])
        outer, inner = (each for each in axes.collections if isinstance(each, PolyCollection))
        for band, low, high in ((outer, 0, 4), (inner, 1, 3)):
            heights = band.get_paths()[0].vertices[:, 1]
            assert (heights.min(), heights.max()) == pytest.approx((wanted[low].min(), wanted[high].max()))
    assert "middle 90% of replications" in told(figure)
    assert "there are no bands" not in told(figure)


def test_with_few_replications_every_one_has_its_line_and_the_chart_says_so() -> None:
    figure = drawn("fund", two())
    (axes,) = figure.axes
    assert len(axes.lines) == 2
    assert not axes.collections
    assert "With fewer than 20 replications there are no bands, but a line for each." in told(figure)


def test_a_top_up_is_marked_on_its_day_and_told() -> None:
    figure = drawn("fund", often())
    without, with_top_up = figure.axes
    day = day_number(datetime.date(2021, 9, 1), 0.0)
    marked = [float(line.get_xdata()[0]) for line in with_top_up.lines if line.get_linestyle() == ":"]
    assert marked == [day]
    assert not [line for line in without.lines if line.get_linestyle() == ":"]
    assert "topped up by 1.00m" in told(figure)


def test_balances_over_paths_are_drawn_by_the_same_code_up_to_eight_panels() -> None:
    days = np.linspace(18_600, 19_700, 50)
    falling = {share: np.linspace(4e8, 4e8 * share, 50) for share in QUANTILES}
    said = ["used up on 12.3% of the paths"]
    fans = [Fan(f"Fund {number} 知识产权风险准备金", said, days, falling) for number in range(9)]
    figure = draw_fans("The fund on many paths", "100,000 paths", fans, of="paths")
    assert figure is not None
    assert len([axes for axes in figure.axes if axes.lines]) == 8
    assert "middle 50% of paths" in told(figure)
    assert list(collisions(figure)) == []
    assert draw_fans("No fund", "", []) is None
    empty = [replace(fans[0], quantiles={share: np.zeros(50) for share in QUANTILES})]
    assert draw_fans("Empty from the first day", "", empty, of="paths") is not None


# The distribution of a portfolio's loss


@cache
def losses_on_paths() -> dict[str, np.ndarray]:
    """Parts of three parties on 20,000 paths; one never bears anything, and on a quarter nothing is lost."""
    draws = np.random.Generator(np.random.Philox(5)).random(20_000)
    total = np.where(draws < 0.25, 0, (1e8 * draws**-0.7)).astype(np.int64)
    return {"insurer": total - total // 10, "bank": total // 10, "nobody": np.zeros(20_000, dtype=np.int64)}


@cache
def distributed() -> Figure:
    parts = losses_on_paths()
    net = sum(parts.values())
    figure = distribution.draw(net, loss_distribution(net), parts, "500 loans · 20,000 paths", {"bank": "签约银行"})
    assert figure is not None
    return figure


def test_the_marks_of_a_distribution_are_its_mean_value_at_risk_and_expected_shortfall() -> None:
    net = sum(losses_on_paths().values())
    figures = loss_distribution(net)
    marks = distributed().axes[0]
    dots = [float(line.get_xdata()[0]) for line in marks.lines if line.get_marker() == "o"]
    tails = [float(line.get_xdata()[0]) for line in marks.lines if line.get_marker() == "D"]
    assert dots == pytest.approx([each.value / 1e8 for each in (figures.mean, *figures.value_at_risk.values())])
    assert tails == pytest.approx([each.value / 1e8 for each in figures.expected_shortfall.values()])
    assert [label.get_text() for label in marks.get_yticklabels()] == ["mean", "95%", "99%", "99.9%"]
    text, worst = told(distributed()), figures.value_at_risk[0.99]
    interval = f"[{money_text(worst.low)}, {money_text(worst.high)}]"
    assert f"at most 1 path in 100 loses more than {money_text(worst.value)} {interval}" in text


def test_the_bars_of_a_distribution_hold_all_paths() -> None:
    bars = distributed().axes[2]
    assert sum(bar.get_height() for bar in bars.patches) == pytest.approx(100)
    net = sum(losses_on_paths().values())
    assert f"none on {(net == 0).mean() * 100:.0f}% of the paths" in told(distributed())


def test_a_curve_stands_at_the_share_of_paths_on_which_more_is_borne() -> None:
    net = sum(losses_on_paths().values())
    for amounts in (net, np.array([5, 5, 7, 0]), np.array([3])):
        at, above = distribution.exceedance(amounts)
        assert at[0] == 0
        assert len(at) <= distribution.MOST_POINTS + 3
        assert above.tolist() == pytest.approx([(amounts > each).mean() for each in at])
        assert above[-1] == 0


def test_a_party_that_never_bears_anything_has_no_curve() -> None:
    curves = distributed().axes[3]
    assert len(curves.lines) == 3
    assert "nobody" not in told(distributed())
    assert "all together" in told(distributed())


def test_where_few_paths_lie_in_the_tail_the_chart_says_so_and_draws_no_interval() -> None:
    net = np.arange(0, 300 * 10**8, 10**8)
    figure = distribution.draw(net, loss_distribution(net), {"bank": net}, "300 paths")
    assert figure is not None
    assert told(figure).count("(too few paths)") == 4
    assert list(collisions(figure)) == []
    certain = np.array([10**8])
    assert distribution.draw(certain, loss_distribution(certain), {"bank": certain}, "1 path") is not None


def test_where_nothing_is_lost_on_any_path_there_is_no_distribution() -> None:
    nothing = np.zeros(100, dtype=np.int64)
    assert distribution.draw(nothing, loss_distribution(nothing), {"bank": nothing}, "100 paths") is None


def test_no_text_of_a_distribution_lies_on_another() -> None:
    assert list(collisions(distributed())) == []
    many = {f"party {number} with a rather long name of its own": np.arange(9) * 10**11 for number in range(9)}
    net = sum(many.values())
    figure = distribution.draw(net, loss_distribution(net), many, "9 paths")
    assert figure is not None
    assert list(collisions(figure)) == []
