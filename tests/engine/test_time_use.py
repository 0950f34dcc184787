"""Where the days of a case go: work before waiting before closed before elapsed, each instant once."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from small_worlds import START, desk, scenario, tell

from simulator.analysis.measure import measure
from simulator.analysis.time_use import StepKeeping, case_uses, totals_by_case
from simulator.calendars import build_calendar
from simulator.workflow.record import VISIT

OFFICE = build_calendar(START, hours=((540.0, 1020.0),))
KEEPING = [StepKeeping(OFFICE), StepKeeping(None), StepKeeping(OFFICE, committee=True)]
H = 60.0


def row(step: int, entry: float, start: float, worked: float, end: float) -> tuple[float, ...]:
    """A record in hours after midnight of Monday."""
    return (0, step, 0, 0, 0, 0, entry * H, start * H, worked * H, end * H)


def uses(*rows: tuple[float, ...], until: float) -> list[float]:
    """Hours of work, waiting, closed and elapsed from the first entry on."""
    table = np.array(list(rows), dtype=VISIT)
    found: list[float] = (case_uses(table, KEEPING, float(table["entry"].min()), until * H) / H).tolist()
    return found


def test_waiting_at_a_closed_desk_is_closed_time() -> None:
    assert uses(row(0, 15, 34, 36, 36), until=36) == [2, 3, 16, 0]


def test_work_that_pauses_overnight_is_closed_meanwhile() -> None:
    assert uses(row(0, 16, 16, 34, 34), until=34) == [2, 0, 16, 0]


def test_time_that_has_to_pass_after_the_work_is_elapsed() -> None:
    assert uses(row(0, 10, 10, 12, 20), until=20) == [2, 0, 0, 8]


def test_work_in_one_branch_outweighs_waiting_in_another() -> None:
    assert uses(row(0, 10, 12, 13, 13), row(1, 10, 10, 10, 14), until=14) == [1, 2, 0, 1]
    assert uses(row(0, 10, 12, 13, 13), row(0, 10, 10, 12, 12), until=13) == [3, 0, 0, 0]


def test_a_closed_desk_outweighs_time_that_passes() -> None:
    assert uses(row(0, 18, 33, 34, 34), row(1, 18, 18, 18, 40), until=40) == [1, 0, 15, 6]


def test_a_meeting_is_work_even_out_of_hours() -> None:
    assert uses(row(2, 14, 18, 20, 20), until=20) == [2, 3, 1, 0]


def test_time_between_steps_is_waiting_for_room() -> None:
    assert uses(row(1, 10, 10, 10, 11), row(1, 15, 15, 15, 16), until=16) == [0, 4, 0, 2]


def test_work_that_is_finished_after_the_case_has_ended_does_not_count() -> None:
    # The applicant left at 13:00 while a branch waited for room in a quota and another was being worked on.
    rows = np.array([row(1, 10, 10, 10, 10), row(0, 10, 10, 16, 16)], dtype=VISIT)
    only, begins, ends = np.array([0]), np.array([10 * H]), np.array([13 * H])
    assert (totals_by_case(rows, KEEPING, only, begins, ends, 100 * H) / H).tolist() == [[3, 0, 0, 0]]


def told_hours(world: Any) -> list[float]:
    measured = measure(world, tell(world).happened, 1)
    return [round(minutes / H, 6) for minutes in measured.products[0].time_use.tolist()]


SHIFTS = {"counter": {"shifts": [{"staff": 1, "calendar": "office"}, {"staff": 1, "calendar": "evening"}]}}
EVENING = {"evening": {"hours": "17:00-22:00", "days": "every day"}}


def test_a_desk_with_shifts_is_open_while_any_of_them_works() -> None:
    # In at 21:00 to the evening shift, which has an hour left: it goes on at 17:00 the next day.
    lone = scenario([desk("counter", "2 h")], firms=["03-01 21:00"], desks=SHIFTS, calendars=EVENING)
    assert told_hours(lone) == [2, 0, 19, 0]
    # The second waits for both shifts from 16:30, though the office itself closes at 17:00.
    two = scenario(
        [desk("counter", "4 h")], firms=["03-01 16:00", "03-01 16:30", "03-01 16:40"], desks=SHIFTS, calendars=EVENING
    )
    told = tell(two)
    assert [(each.start, each.end) for each in sorted(told.at("credit approval"), key=lambda each: each.case)] == [
        ("03-01 16:00", "03-02 12:00"),
        ("03-01 17:00", "03-01 21:00"),
        ("03-01 21:00", "03-02 20:00"),
    ]
    # 0: 4 work, 16 closed; 1: 4 work, 0.5 waiting; 2: 4.33 waiting, 1 work, 19 closed, 3 work
    assert told_hours(two) == pytest.approx([12, 0.5 + 4 + 1 / 3, 35, 0])


def test_the_use_of_a_desk_counts_each_shift_in_its_own_hours() -> None:
    world = scenario(
        [desk("counter", "3 h")], firms=["03-01 16:00", "03-01 16:30"], desks=SHIFTS, calendars=EVENING,
        run={"arrivals_for": "1 day"},
    )  # fmt: skip
    measured = measure(world, tell(world).happened, 1).desks["bank counter"]
    assert measured.capacity_minutes == (8 + 5) * H
    assert measured.busy_minutes == (1 + 3) * H
    assert measured.mean_queue == pytest.approx(0.5 / 24)
    assert measured.longest_queue == 1


def test_an_open_case_counts_until_the_end_of_the_follow_up() -> None:
    short = {"arrivals_for": "2 days", "follow_up": {"cases": "1 day", "loans": "1 years"}}
    world = scenario([desk("reviewer", "40 h")], firms=["03-01 09:00", "03-02 09:00"], run=short)
    told = tell(world)
    assert told.ends == ["open", "open"]
    # Until midnight after Wednesday: the first is worked on for three days, the second waits for two.
    assert told_hours(world) == [24, 16, (72 - 9 - 24) + (48 - 9 - 16), 0]


def test_declined_and_withdrawn_cases_do_not_count() -> None:
    refused = desk("reviewer", odds={"declined": "100%", "approved": "rest"})
    assert told_hours(scenario([refused], firms=["03-01 09:00"])) == [0, 0, 0, 0]
