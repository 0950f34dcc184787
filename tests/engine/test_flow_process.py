"""The interpreter of flows: rework, choices, steps together, and where they end."""

from __future__ import annotations

import pytest
from small_worlds import DRAWDOWN, always, desk, scenario, tell

ELAPSED = {"elapsed": "1 day"}


def test_a_returned_file_goes_back_to_the_named_step_and_passes_what_lies_between_again() -> None:
    flow = [
        desk("reviewer", title="due diligence"),
        desk("reviewer", title="valuation"),
        {"contract": {**ELAPSED, **always("returned", "signed"), "on": {"returned": "due diligence"}}},
    ]
    told = tell(scenario(flow, firms=["03-01 10:00"], product={"rework_limit": 1}))
    assert [(each.step, each.visit) for each in told.visits] == [
        ("due diligence", 0), ("valuation", 0), ("contract", 0),
        ("due diligence", 1), ("valuation", 1), ("contract", 1),
    ]  # fmt: skip
    assert told.ends == ["declined"]


@pytest.mark.parametrize("limit", [0, 1, 4])
def test_a_file_sent_back_more_often_than_the_limit_is_declined(limit: int) -> None:
    again = {"contract": {**ELAPSED, **always("returned", "signed"), "on": {"returned": "contract"}}}
    told = tell(scenario([again], firms=["03-01 10:00"], product={"rework_limit": limit}))
    assert len(told.at("contract")) == limit + 1
    assert told.ends == ["declined"]


def test_an_outcome_may_lead_forward_without_counting_as_rework() -> None:
    flow = [
        {"choice": [{"when": {"urgent": True}, "steps": [desk("reviewer", on={"approved": "valued by need"})]}]},
        {"rating": {**ELAPSED, "on": {"rated": "contract"}}},
        {"choice": [{"odds": "100%", "steps": [{"valuation": ELAPSED}]}], "title": "valued by need"},
        {"contract": ELAPSED},
    ]
    told = tell(scenario(flow, firms=["03-01 10:00", ("03-02 10:00", {"urgent": True})], product={"rework_limit": 0}))
    assert [each.step for each in told.visits if each.case == 0] == ["rating", "contract", "drawdown"]
    met = [each.step for each in told.visits if each.case == 1]
    assert met == ["credit approval", "valuation", "contract", "drawdown"]


@pytest.mark.parametrize(
    ("target", "end"), [("end declined", "declined"), ("end withdrawn", "withdrawn"), ("end expired", "expired")]
)
def test_an_outcome_may_lead_to_a_named_end(target: str, end: str) -> None:
    told = tell(
        scenario(
            [{"contract": {**ELAPSED, **always("declined", "signed"), "on": {"declined": target}}}],
            firms=["03-01 10:00"],
        )
    )
    assert told.ends == [end]


def test_a_file_that_never_meets_a_drawdown_is_completed() -> None:
    flow = [
        {
            "choice": [{"when": {"urgent": True}, "steps": [{"rating": ELAPSED}, DRAWDOWN]}],
            "otherwise": [{"contract": ELAPSED}],
        }
    ]
    told = tell(scenario([], firms=["03-01 10:00"], product={"flow": flow}))
    assert told.ends == ["completed"]
    assert told.drawn == [""]


def test_a_file_takes_the_first_way_whose_conditions_hold() -> None:
    ways = [
        {"when": {"amount_requested": {"above": "3m CNY"}}, "steps": [{"valuation": ELAPSED}]},
        {"when": {"amount_requested": {"above": "1m CNY"}}, "steps": [{"rating": ELAPSED}]},
    ]
    flow = [{"choice": ways, "otherwise": [{"due diligence": ELAPSED}]}]
    firms = [("03-01 10:00", {"amount_requested": asked}) for asked in ("5m CNY", "2m CNY", "1m CNY")]
    told = tell(scenario(flow, firms=firms))
    assert [each.step for each in sorted(told.visits, key=lambda each: each.case) if each.step != "drawdown"] == [
        "valuation", "rating", "due diligence",
    ]  # fmt: skip


def test_a_choice_without_otherwise_goes_straight_on() -> None:
    flow = [{"choice": [{"when": {"urgent": True}, "steps": [{"valuation": ELAPSED}]}]}, {"contract": ELAPSED}]
    told = tell(scenario(flow, firms=["03-01 10:00"]))
    assert [each.step for each in told.visits] == ["contract", "drawdown"]


def test_ways_are_taken_by_their_odds() -> None:
    flow = [
        {
            "choice": [
                {"odds": "20%", "steps": [{"valuation": ELAPSED}]},
                {"odds": "50%", "steps": [{"rating": ELAPSED}]},
            ],
            "otherwise": [{"contract": ELAPSED}],
        }
    ]
    told = tell(scenario(flow, firms=["03-01 10:00"] * 4000))
    steps = [each.step for each in told.visits]
    # four standard deviations of a binomial share of 4000
    for step, share in (("valuation", 0.2), ("rating", 0.5), ("contract", 0.3)):
        assert abs(steps.count(step) / 4000 - share) < 4 * (share * (1 - share) / 4000) ** 0.5


def test_the_shares_of_outcomes_are_the_stated_odds() -> None:
    flow = [{"credit approval": {**ELAPSED, "odds": {"approved": "70%", "declined": "rest"}}}]
    told = tell(scenario(flow, firms=["03-01 10:00"] * 4000))
    assert abs(told.ends.count("drawn") / 4000 - 0.7) < 4 * (0.21 / 4000) ** 0.5


def test_branches_begin_at_once_and_are_joined_when_the_last_is_done() -> None:
    flow = [
        {"together": [{"valuation": {"elapsed": "3 days"}}, [{"rating": ELAPSED}, {"due diligence": ELAPSED}]]},
        {"contract": ELAPSED},
    ]
    told = tell(scenario(flow, firms=["03-01 10:00"]))
    assert {each.step: (each.entry, each.end) for each in told.visits} == {
        "valuation": ("03-01 10:00", "03-04 10:00"),
        "rating": ("03-01 10:00", "03-02 10:00"),
        "due diligence": ("03-02 10:00", "03-03 10:00"),
        "contract": ("03-04 10:00", "03-05 10:00"),
        "drawdown": ("03-05 10:00", "03-05 10:00"),
    }


def test_a_branch_that_declines_calls_off_what_the_others_wait_for() -> None:
    refusal = {"rating": {"elapsed": "2 h", **always("declined", "rated")}}
    flow = [{"together": [desk("reviewer", "3 h", title="valuation"), refusal]}]
    told = tell(scenario(flow, firms=["03-01 09:00", "03-01 09:30"]))
    assert told.ends == ["declined", "declined"]
    assert told.ended == ["03-01 11:00", "03-01 11:30"]
    # What is being worked on is finished; what waits leaves the queue.
    served, waited = sorted(told.at("valuation"), key=lambda each: each.case)
    assert (served.start, served.end, served.outcome) == ("03-01 09:00", "03-01 12:00", "left")
    assert (waited.start, waited.end, waited.outcome) == ("", "03-01 11:30", "left")


def test_a_branch_that_declines_ends_time_that_only_passes_and_what_would_follow() -> None:
    refusal = {"rating": {"elapsed": "2 h", **always("declined", "rated")}}
    flow = [{"together": [[{"valuation": {"elapsed": "9 days"}}, {"contract": ELAPSED}], refusal]}]
    told = tell(scenario(flow, firms=["03-01 09:00"]))
    assert told.done("valuation") == {0: "03-01 11:00"}
    assert told.at("contract") == []


def test_an_inner_branch_that_declines_ends_the_case_from_within() -> None:
    refusal = {"rating": {"elapsed": "2 h", **always("declined", "rated")}}
    inner = {"together": [refusal, {"due diligence": {"elapsed": "5 days"}}]}
    flow = [{"together": [[inner], {"valuation": {"elapsed": "9 days"}}]}]
    told = tell(scenario(flow, firms=["03-01 09:00"]))
    assert (told.ends, told.ended) == (["declined"], ["03-01 11:00"])
    assert told.done("due diligence") == told.done("valuation") == {0: "03-01 11:00"}


def test_an_outer_branch_that_declines_ends_the_inner_ones() -> None:
    refusal = {"rating": {"elapsed": "2 h", **always("declined", "rated")}}
    inner = {"together": [{"contract": {"elapsed": "3 days"}}, {"due diligence": {"elapsed": "5 days"}}]}
    told = tell(scenario([{"together": [[inner], refusal]}], firms=["03-01 09:00"]))
    assert (told.ends, told.ended) == (["declined"], ["03-01 11:00"])
    assert told.done("due diligence") == told.done("contract") == {0: "03-01 11:00"}


def test_a_returned_file_inside_a_branch_goes_back_inside_it() -> None:
    again = {"contract": {**ELAPSED, **always("returned", "signed"), "on": {"returned": "rating"}}}
    flow = [{"together": [[{"rating": ELAPSED}, again], {"valuation": ELAPSED}]}]
    told = tell(scenario(flow, firms=["03-01 10:00"], product={"rework_limit": 2}))
    assert len(told.at("rating")) == 3
    assert len(told.at("valuation")) == 1
    assert told.ends == ["declined"]


def test_steps_after_the_drawdown_are_done_and_change_nothing_about_it() -> None:
    flow = [
        {"contract": ELAPSED}, DRAWDOWN, desk("reviewer", title="subsidy claim", **always("declined", "claimed")),
    ]  # fmt: skip
    told = tell(scenario([], firms=["03-01 10:00"], product={"flow": flow}))
    assert told.ends == ["drawn"]
    assert told.drawn == ["03-02 10:00"]
    assert [(each.end, each.outcome) for each in told.at("subsidy claim")] == [("03-02 11:00", "declined")]


def test_a_drawdown_in_one_branch_leaves_the_others_to_go_on() -> None:
    flow = [
        {"together": [[{"contract": ELAPSED}, DRAWDOWN], {"licence filing": {"elapsed": "3 days"}}]},
        {"subsidy claim": ELAPSED},
    ]
    told = tell(scenario([], firms=["03-01 10:00"], product={"flow": flow}))
    assert (told.ends, told.drawn, told.ended) == (["drawn"], ["03-02 10:00"], ["03-05 10:00"])
    assert told.at("licence filing")[0].outcome == "filed"
