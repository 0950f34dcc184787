"""Worlds compared over all applicants, over each one's own eligible firms, and over those eligible in all."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pytest

from simulator.analysis.common import common_subset, common_summary
from simulator.analysis.comparison import Comparison, comparison_of
from simulator.analysis.figures import spread
from simulator.analysis.intervals import estimate
from simulator.analysis.rounds import run_worlds
from simulator.analysis.summary import summary
from simulator.cli.comparison_tables import comparison_tables

SCENARIO = """\
id: {id}
parties: {{bank: {{desks: {{reviewer: {{staff: 2}}}}}}}}
calendars: {{office: {{hours: "9:00-17:00"}}}}
applicants:
  arrivals: {{per_working_day: {rate}}}
  population: {{amount_requested: 3m CNY, appraised_value: 6m CNY, size: {{uniform: [0, 100]}}}}
products:
{products}
credit:
  annual_default_rate: 5%
  claim_after: 60 days
  recovery: {{haircut: 80%, cost: 5%, time: 300 days}}
run:
  start: 2021-01-04
  arrivals_for: 4 months
  warm_up: 10 days
  follow_up: {{cases: 60 days, loans: 2 years}}
  replications: 3
  seed: 7
  drawn_within: 30 days
"""
PRODUCT = """\
  {name}:
    eligibility: {{size: {rule}}}
    tenor: 12 months
    flow:
      - credit approval: {{by: bank reviewer, work: {work}, odds: {{approved: 80%, declined: rest}}}}
      - drawdown: {{elapsed: 1 day}}
    risk_sharing: {{split: {{bank: 100%}}}}
"""
LARGE, SMALL, ANY = "{above: 40}", "{below: 70}", "{at_least: 0}"


def product(name: str, rule: str, work: str = "4 h") -> str:
    return PRODUCT.format(name=name, rule=rule, work=work)


@cache
def compared(*worlds: tuple[str, ...], rates: tuple[str, ...] = ()) -> Comparison:
    """One world for each tuple of products."""
    with TemporaryDirectory() as folder:
        files = [Path(folder) / f"w{number}.yaml" for number in range(len(worlds))]
        for number, (file, products) in enumerate(zip(files, worlds, strict=True)):
            rate = rates[number] if rates else "2"
            text = SCENARIO.format(id=file.stem, products="".join(products), rate=rate)
            file.write_text(text, encoding="utf-8")
        asked = comparison_of([str(file) for file in files])
    run_worlds(asked.worlds)
    return asked


def differing() -> Comparison:
    return compared((product("loan", LARGE),), (product("loan", SMALL, "20 h"),))


def test_the_common_firms_are_those_eligible_in_every_world() -> None:
    found = common_subset(differing())
    assert found is not None
    first, second = differing().worlds
    pairs = list(zip(first.replications, second.replications, strict=True))
    common = [set(a.products[0].applicants.tolist()) & set(b.products[0].applicants.tolist()) for a, b in pairs]
    assert found.eligible_in_all == sum(map(len, common)) > 0
    assert found.applicants == sum(a.arrived for a, _ in pairs)
    for measured, cases in zip(first.replications, common, strict=True):
        assert (
            measured.detail is None
            or {
                case
                for case in range(len(measured.detail.firms))
                if 40 < measured.detail.firms.columns["size"][case] < 70
            }
            >= cases
        )
    assert not found.same_everywhere


def test_times_and_shares_drawn_are_those_of_the_common_firms_alone() -> None:
    found = common_subset(differing())
    assert found is not None
    first, second = differing().worlds
    times, shares, eligible = [], [], []
    for a, b in zip(first.replications, second.replications, strict=True):
        own = b.products[0]
        kept = own.turnaround[np.isin(own.applicants, a.products[0].applicants)]
        times.append(kept)
        shares.append(np.isfinite(kept).mean())
        eligible.append(len(own.applicants) / b.arrived)
    assert found.worlds[1].turnaround["mean"] == estimate(spread(times)["mean"])
    assert found.worlds[1].drawn_share == estimate(shares)
    assert found.worlds[1].eligible_share == estimate(eligible)
    assert found.worlds[1].eligible == sum(len(b.products[0].applicants) for b in second.replications)
    assert found.worlds[1].turnaround["mean"].value != found.worlds[0].turnaround["mean"].value


def test_a_world_of_several_products_admits_whom_any_of_them_admits() -> None:
    both = compared((product("large", LARGE), product("small", "{at_most: 40}")), (product("loan", SMALL),))
    found = common_subset(both)
    assert found is not None
    one = both.worlds[1]
    assert found.eligible_in_all == sum(len(each.products[0].applicants) for each in one.replications)
    assert found.worlds[0].eligible == found.applicants
    assert [each.label for each in found.worlds] == ["w0", "w1"]


def test_worlds_that_admit_the_same_firms_get_no_table_of_their_own() -> None:
    same = compared((product("loan", LARGE),), (product("loan", LARGE, "20 h"),))
    figures = summary(same)
    assert figures["common"]["same_everywhere"] is True
    assert not any("same firms" in _title(part) for part in comparison_tables(same, figures))


def test_worlds_that_admit_other_firms_are_set_side_by_side_over_the_same_ones() -> None:
    figures = summary(differing())
    parts = comparison_tables(differing(), figures)
    (place,) = (number for number, part in enumerate(parts) if "same firms only" in _title(part))
    common = figures["common"]
    assert f"{common['eligible_in_all']:,} of {common['applicants']:,}" in str(parts[place + 1])


def test_that_no_firm_is_eligible_everywhere_is_said() -> None:
    apart = compared((product("loan", "{above: 70}"),), (product("loan", "{below: 30}"),))
    figures = summary(apart)
    assert figures["common"]["eligible_in_all"] == 0
    assert figures["common"]["worlds"][0]["turnaround_days"]["mean"]["value"] is None
    assert any("No firm is eligible in every world" in str(part) for part in comparison_tables(apart, figures))


@pytest.mark.parametrize(
    "comparison",
    [
        lambda: compared((product("loan", ANY),)),
        lambda: compared((product("loan", ANY),), (product("loan", ANY),), rates=("2", "3")),
    ],
)
def test_one_world_or_worlds_with_other_applicants_have_no_common_firms(comparison) -> None:
    assert common_summary(comparison()) is None
    assert "common" not in summary(comparison())


def _title(part: object) -> str:
    return str(getattr(part, "title", None) or "")
