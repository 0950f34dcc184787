"""Desks: who is served when, to the minute."""

from __future__ import annotations

from heapq import heappop
from typing import Any

import numpy as np
import pytest
from small_worlds import START, desk, scenario, tell

from simulator.calendars import build_calendar
from simulator.experiment.replication import replicate
from simulator.workflow import clock as clocks
from simulator.workflow.clock import Clock
from simulator.workflow.desk import Desk

NIGHT_AND_DAY = {
    "day": {"hours": "9:00-17:00", "days": "every day"},
    "evening": {"hours": "17:00-22:00", "days": "every day"},
}
URGENT_FIRST = {
    "choice": [{"when": {"urgent": True}, "steps": [desk("reviewer", title="rating", priority=1)]}],
    "otherwise": [desk("reviewer", title="valuation", priority=9)],
}


def test_files_are_served_in_the_order_in_which_they_come() -> None:
    told = tell(scenario([desk("reviewer")], firms=["03-01 10:00", "03-01 10:10", "03-01 10:20"]))
    assert [(each.start, each.end) for each in told.at("credit approval")] == [
        ("03-01 10:00", "03-01 11:00"),
        ("03-01 11:00", "03-01 12:00"),
        ("03-01 12:00", "03-01 13:00"),
    ]


def test_two_people_work_on_two_files_at_once() -> None:
    told = tell(scenario([desk("pair")], firms=["03-01 10:00"] * 3, desks={"pair": {"staff": 2}}))
    assert list(told.done("credit approval").values()) == ["03-01 11:00", "03-01 11:00", "03-01 12:00"]


def test_work_that_does_not_fit_before_closing_goes_on_at_the_next_opening() -> None:
    told = tell(scenario([desk("reviewer", "3 h")], firms=["03-05 16:00"]))
    assert told.done("credit approval") == {0: "03-08 11:00"}


def test_work_over_a_make_up_saturday_and_a_long_holiday_is_exact() -> None:
    autumn = {"start": "2021-09-13", "arrivals_for": "4 weeks"}
    firms = ["09-17 15:00", "09-30 18:00"]
    told = tell(scenario([desk("reviewer", "8 h")], firms=firms, run=autumn))
    before, after = told.at("credit approval")
    assert before.end == "09-18 15:00"
    assert after.start == "10-08 09:00"


def test_a_desk_that_finishes_exactly_at_closing_takes_nothing_before_the_next_opening() -> None:
    told = tell(scenario([desk("reviewer", "2 h")], firms=["03-01 15:00", "03-01 15:30"]))
    first, second = told.at("credit approval")
    assert (first.end, second.start, second.end) == ("03-01 17:00", "03-02 09:00", "03-02 11:00")


def test_a_file_handed_in_exactly_at_closing_waits_for_the_next_opening() -> None:
    told = tell(scenario([desk("reviewer")], firms=["03-01 17:00"]))
    assert told.at("credit approval")[0].start == "03-02 09:00"


def test_a_file_that_arrives_at_night_is_queued_at_once_and_taken_at_opening() -> None:
    told = tell(scenario([desk("reviewer")], firms=["03-01 22:00", "03-01 23:00"]))
    first, second = told.at("credit approval")
    assert (first.entry, first.start) == ("03-01 22:00", "03-02 09:00")
    assert (second.entry, second.start) == ("03-01 23:00", "03-02 10:00")


def test_the_lower_number_is_served_first_and_then_the_earlier_arrival() -> None:
    urgent = {"urgent": True}
    firms: list[Any] = ["03-01 10:00", "03-01 10:10", ("03-01 10:20", urgent), "03-01 10:30", ("03-01 10:40", urgent)]
    told = tell(scenario([URGENT_FIRST], firms=firms))
    begun = sorted((each.start, each.case) for each in told.at("rating") + told.at("valuation"))
    assert [case for _, case in begun] == [0, 2, 4, 1, 3]


def test_at_opening_files_of_the_night_are_taken_by_priority_then_arrival() -> None:
    firms: list[Any] = ["03-01 18:00", ("03-01 20:00", {"urgent": True}), "03-01 19:00"]
    told = tell(scenario([URGENT_FIRST], firms=firms))
    # firms are numbered in the order of their arrival: 18:00, 19:00, the urgent one at 20:00
    begun = sorted((each.start, each.case) for each in told.at("rating") + told.at("valuation"))
    assert begun == [("03-02 09:00", 2), ("03-02 10:00", 0), ("03-02 11:00", 1)]


def test_service_is_not_pre_empted() -> None:
    firms: list[Any] = ["03-01 10:00", ("03-01 10:10", {"urgent": True})]
    told = tell(scenario([URGENT_FIRST], firms=firms))
    assert told.at("valuation")[0].end == "03-01 11:00"


def test_a_products_priority_holds_at_every_desk_where_the_step_has_none() -> None:
    sharing = {"risk_sharing": {"split": {"bank": "100%"}}, "tenor": "12 months"}
    flow = [desk("reviewer"), {"drawdown": {"elapsed": "0 min"}}]
    products = {
        "ordinary": {"flow": flow, "eligibility": {"urgent": False}, **sharing},
        "green": {"flow": flow, "priority": 2, "eligibility": {"urgent": True}, **sharing},
    }
    firms: list[Any] = ["03-01 10:00", "03-01 10:10", ("03-01 10:20", {"urgent": True})]
    told = tell(scenario([], firms=firms, products=products))
    assert told.order("credit approval") == [0, 2, 1]


def test_running_work_ends_its_shift_and_pauses_while_the_other_shift_works_on() -> None:
    desks = {"counter": {"shifts": [{"staff": 1, "calendar": "day"}, {"staff": 1, "calendar": "evening"}]}}
    firms = ["03-01 16:00", "03-01 16:30", "03-01 16:40"]
    told = tell(scenario([desk("counter", "2 h")], firms=firms, desks=desks, calendars=NIGHT_AND_DAY))
    visits = {each.case: (each.start, each.end) for each in told.at("credit approval")}
    assert visits == {
        0: ("03-01 16:00", "03-02 10:00"),  # the day shift's, paused from 17:00 to 9:00
        1: ("03-01 17:00", "03-01 19:00"),
        2: ("03-01 19:00", "03-01 21:00"),
    }


def test_a_waiting_file_is_taken_by_whichever_shift_opens_first() -> None:
    desks = {"counter": {"shifts": [{"staff": 1, "calendar": "day"}, {"staff": 1, "calendar": "evening"}]}}
    told = tell(scenario([desk("counter")], firms=["03-01 23:00"], desks=desks, calendars=NIGHT_AND_DAY))
    assert told.at("credit approval")[0].start == "03-02 09:00"


def test_a_file_leaves_the_queue_when_the_patience_for_the_desk_ends() -> None:
    impatient = desk("reviewer", "3 h", patience="1 h")
    told = tell(scenario([impatient], firms=["03-01 09:00", "03-01 09:30", "03-01 11:30"]))
    _, second, third = sorted(told.at("credit approval"), key=lambda each: each.case)
    assert (second.start, second.end, second.outcome) == ("", "03-01 10:30", "left")
    assert (third.start, third.end) == ("03-01 12:00", "03-01 15:00")
    assert told.ends == ["drawn", "withdrawn", "drawn"]


def test_patience_does_not_interrupt_work_that_has_begun() -> None:
    told = tell(scenario([desk("reviewer", "3 h", patience="1 h")], firms=["03-01 09:00"]))
    assert told.ends == ["drawn"]


@pytest.mark.parametrize("hours", ["always", "9:00-17:00"])
def test_a_service_costs_one_event_and_an_opening_one_more_only_if_files_wait(
    hours: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    count = 60
    firms = [f"03-0{1 + number % 4} {9 + number // 8:02}:0{number % 8}" for number in range(count)]
    stages = ("rating", "valuation", "contract")
    desks = {name: {"staff": 1} for name in stages}
    flow = [desk(name, "7 min", title=name) for name in stages]
    world = scenario(flow, firms=firms, desks=desks, calendars={"office": {"hours": hours, "days": "every day"}})
    processed: list[int] = []

    def counted(queue: list[Any]) -> Any:
        processed.append(1)
        return heappop(queue)

    monkeypatch.setattr(clocks, "heappop", counted)
    happened = replicate(world, 1)
    assert len(happened.loans) == count
    # A case has an event to come at its time, and a loan that does not default none at all.
    around = count + 1
    services = count * len(stages)
    begun = happened.steps[happened.steps["start"] > happened.steps["entry"]]
    openings = len(np.unique(begun[begun["start"] % 1440 == 540][["step", "start"]]))
    assert services <= len(processed) - around <= services + openings + 2


def test_a_desk_alone_serves_with_one_event_a_service() -> None:
    env = Clock()
    counter = Desk(env, "counter", [(1, build_calendar(START, hours="always"))])
    served = [counter.serve(5.0) for _ in range(100)]
    events = 0
    while env._queue:
        env.step()
        events += 1
    assert events == 100
    assert [service.value for service in served] == [5.0 * number for number in range(100)]
