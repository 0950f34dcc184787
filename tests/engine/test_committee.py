"""Committees meet at fixed times and take up to a number of the files that wait at their cut-off."""

from __future__ import annotations

from typing import Any

from small_worlds import scenario, tell

REVIEW = {"guarantee review": {"by": "bank committee"}}
BY_NEED = {
    "choice": [{"when": {"urgent": True}, "steps": [{"guarantee review": {"by": "bank committee", "priority": 1}}]}],
    "otherwise": [{"ordinary review": {"by": "bank committee", "stage": "guarantee review"}}],
}


def committee(**settings: Any) -> dict[str, Any]:
    return {"committee": {"committee": {"meets": ["Thursday"], "at": "14:00", "takes": 2, "lasts": "2 h", **settings}}}


def test_a_meeting_takes_no_more_files_than_it_can_and_all_results_come_at_its_end() -> None:
    told = tell(scenario([REVIEW], firms=["03-01 10:00", "03-02 10:00", "03-03 10:00"], desks=committee()))
    assert [(each.start, each.end) for each in told.at("guarantee review")] == [
        ("03-04 14:00", "03-04 16:00"),
        ("03-04 14:00", "03-04 16:00"),
        ("03-11 14:00", "03-11 16:00"),
    ]


def test_a_file_that_comes_in_at_the_cut_off_is_taken_and_one_that_comes_later_is_not() -> None:
    told = tell(scenario([REVIEW], firms=["03-04 14:00", "03-04 14:01"], desks=committee()))
    assert told.done("guarantee review") == {0: "03-04 16:00", 1: "03-11 16:00"}


def test_a_file_whose_step_before_ends_exactly_at_the_cut_off_is_taken_by_its_priority() -> None:
    flow = [{"rating": {"elapsed": "1 h"}}, BY_NEED]
    firms: list[Any] = ["03-01 10:00", ("03-04 13:00", {"urgent": True})]
    told = tell(scenario(flow, firms=firms, desks=committee(takes=1)))
    assert told.done("guarantee review") == {1: "03-04 16:00"}
    assert told.done("ordinary review") == {0: "03-11 16:00"}


def test_a_file_can_come_in_only_until_the_close_of_the_working_day_before() -> None:
    desks = committee(cut_off="the working day before")
    told = tell(scenario([REVIEW], firms=["03-03 16:59", "03-04 09:00"], desks=desks))
    assert told.done("guarantee review") == {0: "03-04 16:00", 1: "03-11 16:00"}


def test_a_meeting_on_a_holiday_moves_to_the_next_working_day() -> None:
    autumn = {"start": "2021-09-27", "arrivals_for": "4 weeks"}
    told = tell(scenario([REVIEW], firms=["10-01 10:00"], desks=committee(meets=["Monday"]), run=autumn))
    # Monday 4 October lies in the National Day holiday, which ends with Thursday the 7th.
    assert told.done("guarantee review") == {0: "10-08 16:00"}


def test_two_meetings_that_move_to_one_day_are_one_meeting() -> None:
    autumn = {"start": "2021-09-27", "arrivals_for": "4 weeks"}
    desks = committee(meets=["Monday", "Wednesday"])
    told = tell(scenario([REVIEW], firms=["10-01 10:00"] * 3, desks=desks, run=autumn))
    assert list(told.done("guarantee review").values()) == ["10-08 16:00", "10-08 16:00", "10-11 16:00"]


def test_a_fortnightly_committee_meets_every_other_week_from_the_first() -> None:
    told = tell(scenario([REVIEW], firms=["03-05 10:00"], desks=committee(every_weeks=2)))
    assert told.done("guarantee review") == {0: "03-18 16:00"}


def test_a_committee_takes_files_by_priority_then_arrival() -> None:
    firms: list[Any] = ["03-01 10:00", "03-02 10:00", ("03-03 10:00", {"urgent": True})]
    told = tell(scenario([BY_NEED], firms=firms, desks=committee()))
    assert told.done("guarantee review") == {2: "03-04 16:00"}
    assert told.done("ordinary review") == {0: "03-04 16:00", 1: "03-11 16:00"}


def test_a_file_leaves_a_committees_queue_when_its_patience_ends_but_not_a_meeting() -> None:
    waits = {"guarantee review": {"by": "bank committee", "patience": "3 days"}}
    told = tell(scenario([waits], firms=["03-01 10:00", "03-01 15:00"], desks=committee(lasts="4 h")))
    assert told.ends == ["withdrawn", "drawn"]
    assert told.done("guarantee review") == {0: "03-04 10:00", 1: "03-04 18:00"}


def test_a_committee_needs_no_working_days_after_the_follow_up_of_cases() -> None:
    end_of_the_table = {
        "start": "2026-11-02",
        "arrivals_for": "1 week",
        "follow_up": {"cases": "30 days", "loans": "3 years"},
    }
    world = scenario([REVIEW], desks=committee(), run=end_of_the_table)
    assert tell(world).ends == []
