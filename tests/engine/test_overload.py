"""A desk with more work than it can do: what is still open voids every mean, and is shown."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from simulator.analysis.comparison import Comparison
from simulator.analysis.intervals import NOT_FINITE
from simulator.analysis.rounds import WorldResult, run_worlds
from simulator.analysis.summary import summary
from simulator.cli.comparison_tables import comparison_tables
from simulator.cli.tables import show
from simulator.scenario.load import load

FILE = Path(__file__).parent.parent / "theory" / "overloaded.yaml"


@pytest.fixture(scope="module")
def compared() -> Comparison:
    worlds = [WorldResult(load(FILE, name), name) for name in ("as stated", "hopeless", "enough staff")]
    run_worlds(worlds)
    return Comparison(worlds)


@pytest.fixture(scope="module")
def figures(compared: Comparison) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(json.dumps(summary(compared), allow_nan=False))
    return found


def times(entry: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Every mean of a time from the application on."""
    yield entry["turnaround_days"]["mean"]
    yield entry["turnaround_working_days"]["mean"]
    yield entry["clocks"]["answer"]["mean"]


def test_no_mean_over_survivors_stands_in_the_summary(figures: dict[str, Any]) -> None:
    overloaded, hopeless, relieved = figures["results"]
    for entry in (overloaded, hopeless):
        assert entry["cases"]["open"] > 100
        for mean in times(entry):
            assert mean == {"value": None, "low": None, "high": None, "note": NOT_FINITE}
    assert relieved["cases"]["open"] == 0
    assert all(mean["value"] > 0 for mean in times(relieved))


def test_open_cases_count_in_quantiles_as_infinitely_long(compared: Comparison, figures: dict[str, Any]) -> None:
    overloaded, hopeless, _ = figures["results"]
    # Of what comes in, 1 / 1.4 is done, and 1 / 3 at a load of three.
    assert overloaded["turnaround_days"]["p50"]["value"] > 20
    assert overloaded["turnaround_days"]["p90"]["value"] is None
    assert hopeless["turnaround_days"]["p50"]["value"] is None
    for measured in compared.worlds[0].replications:
        known = np.sort(measured.products[0].turnaround)
        assert np.isinf(known).mean() > 0.15
        assert np.isfinite(known[len(known) // 2])


def test_a_clock_leaves_out_cases_that_are_open_before_it_begins(figures: dict[str, Any]) -> None:
    # From the answer to the money nothing takes time; a case without an answer is not on its way between the two.
    assert figures["results"][0]["clocks"]["pay-out"]["mean"]["value"] == 0


def test_the_share_drawn_within_a_time_counts_open_cases_as_not_drawn(compared: Comparison) -> None:
    for measured in compared.worlds[0].replications:
        product = measured.products[0]
        assert len(product.applicants) == product.ends["drawn"] + product.ends["open"]
        share = (product.turnaround <= 30).sum() / len(product.applicants)
        assert share < 0.6


def test_the_printed_tables_show_the_open_share_and_no_mean_over_survivors(
    compared: Comparison, figures: dict[str, Any], capsys: pytest.CaptureFixture[str]
) -> None:
    show(*comparison_tables(compared, figures))
    text = capsys.readouterr().out
    waits = text[: text.index("What becomes of applicants")]
    overloaded = figures["results"][0]["cases"]
    assert f"({100 * overloaded['open'] / overloaded['eligible']:g}"[:4] in text
    assert "of eligible)" in text
    assert waits.count("not finite") >= 2 * 2 + 1
    for world in compared.worlds[:2]:
        drawn = [each.products[0].turnaround for each in world.replications]
        survivors = np.mean([values[np.isfinite(values)].mean() for values in drawn])
        assert f"{survivors:,.1f}" not in waits


def test_differences_are_over_applicants_drawn_in_both_worlds_with_the_counts_of_the_others(
    compared: Comparison, figures: dict[str, Any]
) -> None:
    of_turnaround = [each for each in figures["differences"] if each["measure"] == "turnaround_days.mean"]
    relieved = of_turnaround[1]
    assert relieved["paired"]
    assert relieved["value"] < -20
    ends = [world.product(0) for world in compared.worlds]
    drawn = [sum(each.ends["drawn"] for each in products) for products in ends]
    assert relieved["drawn_in_both"] + relieved["drawn_only_in_a"] == drawn[0]
    assert relieved["drawn_in_both"] + relieved["drawn_only_in_b"] == drawn[2]
