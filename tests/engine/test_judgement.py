"""A difference is told as more than chance only where enough firms and defaults lie behind it."""

from __future__ import annotations

from typing import Any

import pytest

from simulator.analysis.judgement import FEWEST_DEFAULTS, FEWEST_PAIRS, Judgement, judged

MANY = (600, 600)


def difference(measure: str, low: float | None = 1.0, high: float | None = 3.0, **more: Any) -> dict[str, Any]:
    return {"measure": measure, "value": 2.0, "low": low, "high": high, **more}


@pytest.mark.parametrize(
    ("low", "high", "expected"),
    [(1.0, 3.0, "more"), (-3.0, -1.0, "less"), (-1.0, 3.0, "unsure"), (0.0, 3.0, "unsure"), (0.0, 0.0, "equal"),
     (None, None, "unknown")],
)  # fmt: skip
def test_the_interval_decides_where_enough_lies_behind_it(low: float | None, high: float | None, expected: Judgement):
    assert judged(difference("turnaround_days.mean", low, high), (0, 0)) == expected


def test_of_several_worlds_the_interval_that_holds_together_decides():
    assert judged(difference("drawn_cny", together={"low": -1.0, "high": 5.0}), MANY) == "unsure"


def test_days_rest_on_the_firms_drawn_in_both():
    for firms, expected in ((FEWEST_PAIRS - 1, "few firms"), (FEWEST_PAIRS, "more")):
        assert judged(difference("turnaround_days.mean", drawn_in_both=firms), (0, 0)) == expected


@pytest.mark.parametrize(
    ("measure", "defaults", "expected"),
    [
        ("loss_cny.total", (0, FEWEST_DEFAULTS), "more"),
        ("loss_cny.by_party.bank", (3, FEWEST_DEFAULTS - 1), "few defaults"),
        ("loss_rate", (FEWEST_DEFAULTS - 1, 600), "few defaults"),
        ("defaults_of_loans", (FEWEST_DEFAULTS, 600), "more"),
        ("drawn_cny", (0, 0), "more"),
    ],
)
def test_an_amount_rests_on_the_world_with_more_defaults_and_a_rate_on_both(
    measure: str, defaults: tuple[int, int], expected: Judgement
):
    assert judged(difference(measure), defaults) == expected


def test_no_difference_at_all_is_none_however_few_defaults_there_are():
    assert judged(difference("loss_rate", 0.0, 0.0), (0, 0)) == "equal"
