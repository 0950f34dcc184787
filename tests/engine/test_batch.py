"""A desk that works in batches gathers files, and deals with all that are there in one go."""

from __future__ import annotations

from typing import Any

import pytest
from small_worlds import Story, always, scenario, tell

from simulator.analysis.measure import keeping_of, measure
from simulator.analysis.time_use import uses_of_step
from simulator.workflow.world import calendar_of

REVIEW = {"guarantee review": {"by": "bank team"}}
BY_NEED = {
    "choice": [{"when": {"urgent": True}, "steps": [{"guarantee review": {"by": "bank team", "priority": 1}}]}],
    "otherwise": [{"ordinary review": {"by": "bank team", "stage": "guarantee review"}}],
}
HOURS = 60.0


def batch(calendar: str | None = None, **settings: Any) -> dict[str, Any]:
    desk: dict[str, Any] = {"batch": {"size": 3, "wait": "2 working days", "lasts": "2 h", **settings}}
    return {"team": desk | ({"calendar": calendar} if calendar else {})}


def reviewed(*firms: Any, flow: Any = (REVIEW,), **settings: Any) -> Story:
    return tell(scenario(flow, firms=list(firms), desks=batch(**settings)))


def times(told: Story) -> list[tuple[str, str]]:
    """Start and end of each review, by case."""
    return [(each.start, each.end) for each in sorted(told.at("guarantee review"), key=lambda each: each.case)]


def test_a_batch_begins_when_it_is_full_and_all_results_come_at_its_end() -> None:
    told = reviewed("03-01 10:00", "03-01 11:00", "03-01 14:00")
    assert times(told) == [("03-01 14:00", "03-01 16:00")] * 3


def test_a_batch_that_is_not_full_begins_when_the_first_has_waited_its_working_days() -> None:
    told = reviewed("03-01 10:00", "03-02 16:00")
    assert times(told) == [("03-03 10:00", "03-03 12:00")] * 2


def test_days_off_do_not_count_towards_the_wait() -> None:
    # From Thursday 10:00 two working days pass by Monday 10:00.
    assert times(reviewed("03-04 10:00")) == [("03-08 10:00", "03-08 12:00")]


def test_a_batch_that_is_full_while_the_desk_is_closed_begins_at_its_next_opening() -> None:
    told = reviewed("03-05 18:00", "03-06 10:00", "03-06 11:00")
    assert times(told) == [("03-08 09:00", "03-08 11:00")] * 3


def test_a_wait_that_ends_with_the_day_begins_the_batch_at_the_next_opening() -> None:
    # What comes in after hours has waited two working days at the close of the second day after.
    assert times(reviewed("03-01 20:00")) == [("03-04 09:00", "03-04 11:00")]


def test_files_that_come_in_before_a_closed_desk_opens_are_in_the_batch() -> None:
    told = reviewed("03-01 20:00", "03-03 22:00")
    assert times(told) == [("03-04 09:00", "03-04 11:00")] * 2


def test_a_batch_pauses_while_its_desk_is_closed() -> None:
    told = reviewed("03-01 16:00", "03-01 16:00", "03-01 16:00")
    assert times(told) == [("03-01 16:00", "03-02 10:00")] * 3


def test_the_hours_and_the_days_are_those_of_the_desks_own_calendar() -> None:
    told = reviewed("03-05 18:00", calendar="always")
    assert times(told) == [("03-07 18:00", "03-07 20:00")]


def test_a_file_that_comes_in_at_the_moment_a_batch_begins_is_in_it() -> None:
    flow = [{"rating": {"elapsed": "1 h"}}, REVIEW]
    told = reviewed("03-01 09:00", "03-03 09:00", flow=flow)
    assert times(told) == [("03-03 10:00", "03-03 12:00")] * 2


def test_a_batch_takes_no_more_files_than_its_size_by_priority_then_arrival() -> None:
    calm = ["03-01 20:00", "03-01 20:30", "03-01 21:00"]
    told = reviewed(*calm, ("03-01 22:00", {"urgent": True}), flow=[BY_NEED])
    assert told.done("guarantee review") == {3: "03-02 11:00"}
    # The last of the four waits two working days of its own.
    assert told.done("ordinary review") == {0: "03-02 11:00", 1: "03-02 11:00", 2: "03-04 11:00"}


def test_files_gather_while_a_batch_is_at_work_and_the_next_one_begins_after_it() -> None:
    told = reviewed(*["03-01 10:00"] * 3, *["03-01 10:30"] * 3, "03-01 11:00")
    assert times(told) == [("03-01 10:00", "03-01 12:00")] * 3 + [("03-01 12:00", "03-01 14:00")] * 3 + [
        ("03-03 11:00", "03-03 13:00")
    ]


def test_a_wait_that_ends_while_a_batch_is_at_work_is_followed_by_the_next_batch_at_once() -> None:
    told = reviewed(*["03-01 09:00"] * 3, "03-01 10:00", lasts="20 h")
    assert times(told) == [("03-01 09:00", "03-03 13:00")] * 3 + [("03-03 13:00", "03-05 17:00")]


def test_batches_of_one_serve_one_file_after_another() -> None:
    told = reviewed("03-01 10:00", "03-01 10:00", "03-01 11:00", size=1)
    assert times(told) == [
        ("03-01 10:00", "03-01 12:00"),
        ("03-01 12:00", "03-01 14:00"),
        ("03-01 14:00", "03-01 16:00"),
    ]


def leaves(moment: str) -> dict[str, Any]:
    """A branch that declines an urgent file after it has stood beside its review for some time."""
    gone = {"rating": {"elapsed": moment, **always("declined", "rated")}}
    ordinary = {"ordinary review": {"by": "bank team", "stage": "guarantee review"}}
    return {
        "choice": [{"when": {"urgent": True}, "steps": [{"together": [REVIEW, gone]}]}],
        "otherwise": [ordinary],
    }


def test_a_file_that_leaves_while_files_gather_does_not_make_the_batch_full() -> None:
    firms: list[Any] = [("03-01 10:00", {"urgent": True}), "03-01 11:00", "03-01 14:00"]
    told = reviewed(*firms, flow=[leaves("1.5 h")])
    assert told.done("ordinary review") == {1: "03-03 13:00", 2: "03-03 13:00"}


def test_a_file_that_leaves_at_the_moment_another_comes_in_does_not_make_the_batch_full() -> None:
    firms: list[Any] = [("03-01 10:00", {"urgent": True}), "03-01 11:00", "03-01 12:00"]
    told = reviewed(*firms, flow=[leaves("2 h")])
    assert told.done("ordinary review") == {1: "03-03 13:00", 2: "03-03 13:00"}


def test_when_the_oldest_file_leaves_the_wait_is_that_of_the_oldest_still_there() -> None:
    firms: list[Any] = [("03-01 10:00", {"urgent": True}), "03-02 15:00"]
    told = reviewed(*firms, flow=[leaves("2 days")], wait="3 working days")
    assert told.ends[0] == "declined"
    assert told.done("ordinary review") == {1: "03-05 17:00"}


def test_a_file_leaves_when_its_patience_ends_but_not_a_batch_at_work() -> None:
    waits = {"guarantee review": {"by": "bank team", "patience": "1 days"}}
    told = reviewed("03-01 10:00", "03-01 15:30", "03-02 15:00", "03-02 15:00", flow=[waits], lasts="4 h")
    assert told.ends == ["withdrawn", "drawn", "drawn", "drawn"]
    assert told.done("guarantee review") == {0: "03-02 10:00", 1: "03-03 11:00", 2: "03-03 11:00", 3: "03-03 11:00"}


def test_a_desk_whose_files_have_all_left_begins_no_batch() -> None:
    waits = {"guarantee review": {"by": "bank team", "patience": "1 days"}}
    told = reviewed("03-01 10:00", "03-08 10:00", flow=[waits])
    assert told.ends == ["withdrawn", "withdrawn"]
    assert [each.start for each in told.visits] == ["", ""]


@pytest.mark.parametrize(("when_passed", "order"), [("escalate", [0, 2, 1]), ("count", [0, 1, 2])])
def test_a_file_whose_deadline_escalates_goes_before_all_others(when_passed: str, order: list[int]) -> None:
    low = {"guarantee review": {"by": "bank team", "priority": 9, "deadline": "1 working day"}}
    low["guarantee review"]["when_passed"] = when_passed
    ordinary = {"ordinary review": {"by": "bank team", "stage": "guarantee review"}}
    flow = [{"choice": [{"when": {"urgent": True}, "steps": [low]}], "otherwise": [ordinary]}]
    firms: list[Any] = ["03-01 10:00", "03-01 10:30", ("03-01 10:30", {"urgent": True})]
    told = reviewed(*firms, flow=flow, size=1, lasts="16 h")
    began = {each.case: each.start for each in told.visits if each.start and "review" in each.step}
    assert sorted(began, key=lambda case: began[case]) == order


def test_files_that_wait_at_the_end_of_the_follow_up_stay_open_and_no_batch_begins_any_more() -> None:
    run = {"arrivals_for": "1 day", "follow_up": {"cases": "3 days", "loans": "3 years"}}
    told = tell(scenario([REVIEW], firms=["03-01 10:00"], desks=batch(wait="10 working days"), run=run))
    assert told.ends == ["open"]
    assert all(each.start == "" for each in told.visits)


def test_waiting_counts_in_the_desks_hours_and_the_batch_as_work_on_every_file_of_it() -> None:
    told = reviewed("03-01 10:00", "03-02 16:00", "03-04 16:00", "03-04 16:00", "03-04 16:00")
    run = told.scenario.run
    assert run is not None
    calendars = {name: calendar_of(hours, name, run.start) for name, hours in told.scenario.calendars.items()}
    (keeps, *_) = keeping_of(told.scenario, told.scenario.products["loan"], calendars)
    rows = told.happened.steps[told.happened.steps["step"] == 0]
    work, waiting, closed, elapsed = (uses_of_step(rows, keeps, told.happened.last_case_moment) / HOURS).T
    assert work.tolist() == [2] * 5
    assert waiting.tolist() == [16, 2, 0, 0, 0]
    assert closed.tolist() == [32, 16, 16, 16, 16]
    assert elapsed.tolist() == [0] * 5


def test_a_desk_is_busy_for_the_time_of_its_batches_however_many_files_they_hold() -> None:
    told = reviewed("03-01 10:00", "03-02 16:00", *["03-04 10:00"] * 3)
    desk = measure(told.scenario, told.happened, 1).desks["bank team"]
    assert desk.busy_minutes == 2 * 2 * HOURS
    assert desk.capacity_minutes == 20 * 8 * HOURS
    assert desk.longest_queue == 2
    assert desk.days_in_queue == pytest.approx((2 + 18 / 24) / 5)
