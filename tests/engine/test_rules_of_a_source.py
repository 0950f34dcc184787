"""What a source says of quotas and of what no case meets is held against every case of a run."""

from __future__ import annotations

from typing import Any

import pytest
from small_worlds import desk, scenario, tell

from simulator.analysis.rules import RuleCheck

QUOTAS = {"pledge": {"limit": "10m CNY", "inside": "city"}, "city": {"limit": "30m CNY"}}
FLOW = [
    {"review by phone": {"stage": "due diligence", "elapsed": "1 h"}},
    desk("reviewer", "0 min", reserves="pledge"),
    {"contract": {"elapsed": "1 day"}},
]
FIRMS: list[Any] = [
    ("03-01 10:00", {"amount_requested": "4m CNY", "appraised_value": "50m CNY"}),
    ("03-02 10:00", {"amount_requested": "3m CNY", "appraised_value": "50m CNY"}),
    ("03-03 10:00", {"amount_requested": "9m CNY", "appraised_value": "50m CNY"}),
]


def held(rule: dict[str, Any], **changes: Any) -> tuple[int, list[str]]:
    """How much the rule was held against in the small world, and what broke it."""
    world = scenario(
        FLOW,
        **{"firms": FIRMS, "quotas": QUOTAS, **changes},
        stages={"second review": {"stage": "guarantee review"}},
        published_rules={"rule": {"source": "page 1", **rule}},
    )
    return RuleCheck(world, "rule", world.published_rules["rule"], tell(world).happened).run()


def test_a_quota_is_held_to_the_most_that_was_approved_in_it_at_once() -> None:
    assert held({"quota_at_most": {"pledge": "7m CNY", "city": "7m CNY"}}) == (2, [])
    _, broken = held({"quota_at_most": {"pledge": "6.9m CNY", "city": "7m CNY"}})
    assert broken == ["up to 7.0m CNY was approved in 'pledge', above 6.9m CNY"]


def test_a_quota_is_filled_by_exactly_so_many_equal_credit_lines() -> None:
    assert held({"quota_filled": {"pledge": {"line": "2m CNY", "granted": 5}}}) == (1, [])
    assert held({"quota_filled": {"pledge": {"line": "3m CNY", "granted": 3}}}) == (1, [])


@pytest.mark.parametrize(("granted", "found"), [(4, "more than 4"), (6, "5")])
def test_one_credit_line_more_or_less_than_a_source_says_breaks_the_rule(granted: int, found: str) -> None:
    _, broken = held({"quota_filled": {"pledge": {"line": "2m CNY", "granted": granted}}})
    assert broken == [f"'pledge' has room for {found} lines of 2.0m CNY, not {granted}"]


def test_a_quota_that_refuses_is_filled_by_as_many_lines_as_one_that_lets_wait() -> None:
    refusing = {"pledge": {"limit": "10m CNY", "when_full": "refuse"}}
    assert held({"quota_filled": {"pledge": {"line": "2m CNY", "granted": 5}}}, quotas=refusing) == (1, [])


def test_fifty_lines_of_two_millions_fill_the_hundred_millions_kept_for_ip_and_the_next_one_waits() -> None:
    platform = {"pledge": {"limit": "100m CNY", "inside": "platform"}, "platform": {"limit": "300m CNY"}}
    assert held({"quota_filled": {"pledge": {"line": "2m CNY", "granted": 50}}}, quotas=platform) == (1, [])


def test_the_lines_that_fill_a_quota_are_asked_for_beside_the_run_not_in_it() -> None:
    # All three firms together ask for more than the quota; the rule is about the quota alone.
    nobody = held({"quota_filled": {"pledge": {"line": "10m CNY", "granted": 1}}}, firms=[])
    assert held({"quota_filled": {"pledge": {"line": "10m CNY", "granted": 1}}}) == nobody == (1, [])


@pytest.mark.parametrize("name", ["review by phone", "due diligence", "bank"])
def test_no_case_meets_a_step_a_kind_or_a_party_that_is_never_met(name: str) -> None:
    looked_at, broken = held({"never": [name]})
    assert looked_at == 3
    assert broken == [f"case {case}: met '{name}'" for case in (0, 1, 2)]


def test_a_step_under_stages_that_no_case_meets_keeps_the_rule() -> None:
    assert held({"never": ["second review", "guarantee review", "fund"]}) == (3, [])
