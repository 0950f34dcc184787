"""Deadlines that are counted, escalate or end a case, and the patience of applicants."""

from __future__ import annotations

from typing import Any

import pytest
from small_worlds import always, desk, scenario, tell

from simulator.analysis.measure import measure

ELAPSED = {"elapsed": "1 day"}


def test_a_deadline_that_is_only_counted_changes_nothing() -> None:
    flow = [{"contract": {"elapsed": "5 days", "deadline": "2 days"}}]
    world = scenario(flow, firms=["03-01 10:00"])
    told = tell(world)
    assert told.drawn == ["03-06 10:00"]
    kept = measure(world, told.happened, 1).products[0].kept["deadline of contract"]
    assert kept.tolist() == [False]


@pytest.mark.parametrize(
    ("deadline", "ended"), [("3 days", "03-05 00:00"), ("3 working days", "03-04 17:00"), ("1 weeks", "03-09 00:00")]
)
def test_a_deadline_excludes_its_first_day_and_ends_at_the_close_of_its_last(deadline: str, ended: str) -> None:
    flow = [{"contract": {"elapsed": "20 days", "deadline": deadline, "when_passed": "give up"}}]
    told = tell(scenario(flow, firms=["03-01 10:00"]))
    assert (told.ends, told.ended) == (["expired"], [ended])


def test_a_deadline_that_passes_while_somebody_works_ends_the_case_when_the_work_ends() -> None:
    flow = [desk("reviewer", "20 h", deadline="1 working days", when_passed="give up")]
    told = tell(scenario(flow, firms=["03-01 10:00"]))
    assert told.ends == ["expired"]
    assert told.ended == ["03-03 14:00"]


def test_a_step_done_exactly_at_its_deadline_has_kept_it() -> None:
    flow = [desk("reviewer", "15 h", deadline="1 working days", when_passed="give up")]
    world = scenario(flow, firms=["03-01 10:00"])
    told = tell(world)
    assert told.drawn == ["03-02 17:00"]
    assert measure(world, told.happened, 1).products[0].kept["deadline of credit approval"].tolist() == [True]


def test_a_file_whose_deadline_has_passed_goes_before_all_others() -> None:
    busy = desk("reviewer", "20 h", title="valuation", priority=1)
    urgent = desk("reviewer", "1 h", title="rating", deadline="1 days", when_passed="escalate")
    ordinary = desk("reviewer", "1 h", title="due diligence", priority=1)
    flow = [
        {
            "choice": [
                {"when": {"amount_requested": {"above": "3m CNY"}}, "steps": [busy]},
                {"when": {"urgent": True}, "steps": [urgent]},
            ],
            "otherwise": [ordinary],
        }
    ]
    firms: list[Any] = [
        ("03-01 09:00", {"amount_requested": "4m CNY"}),
        "03-01 09:30",
        ("03-01 10:00", {"urgent": True}),
    ]
    told = tell(scenario(flow, firms=firms))
    assert told.at("rating")[0].start == "03-03 13:00"
    assert told.at("due diligence")[0].start == "03-03 14:00"


def test_a_deadline_kept_in_one_branch_does_not_end_the_other() -> None:
    quick = desk("second", "1 h", title="rating", deadline="1 days", when_passed="give up")
    slow = desk("reviewer", "30 h", title="valuation")
    flow = [{"together": [slow, quick, {"due diligence": {"elapsed": "20 days"}}]}]
    told = tell(
        scenario(flow, firms=["03-01 09:00", "03-01 09:10"], desks={"reviewer": {"staff": 1}, "second": {"staff": 1}})
    )
    assert told.ends == ["drawn", "drawn"]
    assert told.at("valuation", 1)[0].end == "03-10 13:00"


def test_a_deadline_that_begins_in_one_branch_ends_what_another_waits_for() -> None:
    clocks = {
        "answer": {"begins": "end of rating", "ends": "end of contract", "within": "2 days", "when_passed": "give up"}
    }
    flow = [{"together": [{"rating": ELAPSED}, {"valuation": {"elapsed": "30 days"}}]}, {"contract": ELAPSED}]
    told = tell(scenario(flow, firms=["03-01 10:00"], product={"clocks": clocks}))
    assert (told.ends, told.ended) == (["expired"], ["03-05 00:00"])
    assert told.done("valuation") == {0: "03-05 00:00"}


def test_a_deadline_over_a_stretch_ends_with_the_entry_of_its_last_step() -> None:
    clocks = {
        "to contract": {
            "begins": "application",
            "ends": "entry of contract",
            "within": "3 days",
            "when_passed": "give up",
        }
    }
    flow = [{"rating": ELAPSED}, {"contract": {"elapsed": "20 days"}}]
    told = tell(scenario(flow, firms=["03-01 10:00"], product={"clocks": clocks}))
    assert told.ends == ["drawn"]


def test_a_deadline_over_a_stretch_goes_on_while_a_file_is_sent_back_within_it() -> None:
    stretch = {"begins": "entry of rating", "ends": "end of contract", "within": "5 days", "when_passed": "give up"}
    again = {"valuation": {"elapsed": "2 days", **always("returned", "valued"), "on": {"returned": "rating"}}}
    flow = [{"rating": ELAPSED}, again, {"contract": ELAPSED}]
    product = {"clocks": {"answer": stretch}, "rework_limit": 9}
    told = tell(scenario(flow, firms=["03-01 10:00"], product=product))
    assert (told.ends, told.ended) == (["expired"], ["03-07 00:00"])


def test_an_applicant_withdraws_when_its_patience_ends_wherever_it_waits() -> None:
    flow = [desk("reviewer", "100 h", title="valuation")]
    told = tell(scenario(flow, firms=["03-01 09:00", "03-01 09:30"], applicants={"patience": "5 days"}))
    assert told.ends == ["withdrawn", "withdrawn"]
    # The first is being worked on, which is finished; the second waits at the desk.
    assert told.ended == ["03-17 13:00", "03-06 09:30"]


def test_leaving_one_desk_is_a_withdrawal_although_a_deadline_runs() -> None:
    flow = [desk("reviewer", "30 h", patience="2 h", deadline="9 days", when_passed="give up")]
    told = tell(scenario(flow, firms=["03-01 09:00", "03-01 09:30"]))
    assert told.ends == ["drawn", "withdrawn"]
