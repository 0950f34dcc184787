"""What is done for a loan after drawdown: it is watched while it runs, and its pledge is released once it is repaid."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from small_worlds import clock, minutes, scenario, tell

from simulator.analysis.explanation import as_json, explain_in
from simulator.analysis.loan_story import loan_in_words
from simulator.analysis.measure import measure
from simulator.experiment.replication import replicate
from simulator.scenario.load import AS_STATED, LoadedScenario, node_of
from simulator.scenario.model import Scenario
from simulator.workflow.record import VISIT

INSTANT = {"contract": {"elapsed": "0 min"}}
DESKS = {"reviewer": {"staff": 1}, "watcher": {"staff": 1}}
LATE = {"follow_up": {"cases": "500 days", "loans": "5 years"}}
RELEASE = {"pledge release": {"by": "bank watcher", "work": "30 min"}}
CALLED = {"odds": {"exit": "100%", "sound": "rest"}}


def look(title: str = "status monitoring", every: str = "3 months", work: Any = "1 h", **settings: Any) -> Any:
    kind = {} if title == "status monitoring" else {"stage": "status monitoring"}
    return {title: {"by": "bank watcher", "work": work, "every": every, **kind, **settings}}


def serviced(*steps: Any, firms: Any = ("03-01 10:00",), flow: Any = (INSTANT,), **rest: Any) -> Scenario:
    product = {"servicing": list(steps), **rest.pop("product", {})}
    run = {**LATE, **rest.pop("run", {})}
    return scenario(flow, firms=firms, desks=rest.pop("desks", DESKS), product=product, run=run, **rest)


def defaulting(default_at: str) -> dict[str, Any]:
    return {"applicants": {"arrivals": {"firms": [{"at": "2021-03-01 10:00", "default_at": default_at}]}}}


def loaded(world: Scenario) -> LoadedScenario:
    return LoadedScenario(world, {}, None, AS_STATED, node_of({}, "small"))


def test_a_loan_is_looked_at_at_equal_intervals_in_the_hours_of_the_desk_and_not_at_its_maturity() -> None:
    told = tell(serviced(look(), firms=["03-05 16:30"]))
    assert [(each.entry, each.start, each.end, each.outcome) for each in told.at("status monitoring")] == [
        # 5 June is a Saturday, 5 September a Sunday
        ("06-05 16:30", "06-07 09:00", "06-07 10:00", "sound"),
        ("09-05 16:30", "09-06 09:00", "09-06 10:00", "sound"),
        ("12-05 16:30", "12-06 09:00", "12-06 10:00", "sound"),
    ]
    (loan,) = told.happened.loans
    assert (loan.status, loan.ended_at) == ("repaid", loan.matures_at)


def test_a_look_that_ends_with_exit_calls_the_loan_which_is_repaid_at_once() -> None:
    told = tell(serviced(look(**CALLED), RELEASE))
    (loan,) = told.happened.loans
    assert (loan.status, clock(loan.ended_at)) == ("exited", "06-01 11:00")
    assert loan.payments == [(minutes("06-01 11:00"), 100_000_000, "called")]
    assert [each.end for each in told.at("status monitoring")] == ["06-01 11:00"]
    assert [each.end for each in told.at("pledge release")] == ["06-01 11:30"]
    assert told.happened.losses == []
    assert measure(told.scenario, told.happened, 1).products[0].defaults == 0


def test_a_loan_that_is_called_gives_its_line_back_then() -> None:
    approval = {"credit approval": {"elapsed": "0 min", "reserves": "line"}}
    firms = ["03-01 10:00", "03-02 10:00"]
    quotas = {"line": {"limit": "1m CNY"}}
    assert tell(serviced(look(**CALLED), flow=[approval], firms=firms, quotas=quotas)).drawn[1] == "06-01 11:00"


def test_a_pledge_is_released_once_after_repayment() -> None:
    told = tell(serviced(look(), RELEASE))
    (released,) = told.at("pledge release")
    assert (released.entry, released.end, released.outcome) == ("03-01 10:00", "03-01 10:30", "released")
    assert told.happened.steps[-1]["entry"] == told.happened.loans[0].matures_at


def test_after_a_default_a_loan_is_not_looked_at_and_its_pledge_not_released() -> None:
    told = tell(serviced(look(), RELEASE, **defaulting("2021-07-15")))
    assert [loan.status for loan in told.happened.loans] == ["defaulted"]
    assert [each.end for each in told.at("status monitoring")] == ["06-01 11:00"]
    assert told.at("pledge release") == []


def test_a_look_that_is_not_finished_when_the_loan_ends_no_longer_calls_it() -> None:
    slow = look(work="100 h", every="11 months", **CALLED)
    told = tell(serviced(slow))
    (loan,) = told.happened.loans
    (looked,) = told.at("status monitoring")
    # from the first working day after the new year of 2022, twelve days and a half
    assert (looked.entry, looked.end, looked.outcome) == ("02-01 10:00", "02-23 13:00", "exit")
    assert loan.status == "exited"
    slower = look(work="200 h", every="11 months", **CALLED)
    told = tell(serviced(slower))
    (loan,) = told.happened.loans
    (looked,) = told.at("status monitoring")
    assert looked.outcome == "exit"
    assert (loan.status, loan.ended_at) == ("repaid", loan.matures_at)
    assert len(loan.payments) == 1


def test_a_look_that_comes_to_exit_after_the_default_does_not_repay_the_loan() -> None:
    slow = look(work="100 h", **CALLED)
    told = tell(serviced(slow, RELEASE, **defaulting("2021-06-03")))
    (loan,) = told.happened.loans
    assert [each.outcome for each in told.at("status monitoring")] == ["exit"]
    assert (loan.status, loan.outstanding, loan.payments) == ("defaulted", 100_000_000, [])


def test_nothing_is_done_for_loans_after_the_follow_up_of_cases_while_loans_run_on() -> None:
    told = tell(
        serviced(
            look(), RELEASE, run={"arrivals_for": "1 week", "follow_up": {"cases": "100 days", "loans": "2 years"}}
        )
    )
    (loan,) = told.happened.loans
    assert [each.end for each in told.at("status monitoring")] == ["06-01 11:00"]
    assert told.at("pledge release") == []
    assert (loan.status, loan.ended_at) == ("repaid", loan.matures_at)


def test_looks_and_applications_wait_in_one_queue_by_priority() -> None:
    def ends(priority: int) -> tuple[str, str]:
        approval = {"credit approval": {"by": "bank reviewer", "work": "1 h"}}
        watching = {
            "status monitoring": {"by": "bank reviewer", "work": "2 h", "every": "1 month", "priority": priority}
        }
        # Drawn on 1 March at 11:00; on 1 April another file is being worked on, and one waits beside the look.
        firms = ["03-01 10:00", "04-01 10:30", "04-01 10:45"]
        told = tell(serviced(watching, flow=[approval], firms=firms, run={"arrivals_for": "6 weeks"}))
        return told.at("status monitoring", 0)[0].start, told.at("credit approval", 2)[0].start

    assert ends(5) == ("04-01 12:30", "04-01 11:30")
    assert ends(1) == ("04-01 11:30", "04-01 13:30")


def test_a_desk_is_as_busy_as_flow_and_servicing_keep_it() -> None:
    # 58 working days of 8 hours in twelve weeks; two looks of 4 hours at 3 loans and an approval of 2 hours for each.
    approval = {"credit approval": {"by": "bank watcher", "work": "2 h"}}
    watched = look(every="1 month", work="4 h")
    world = serviced(watched, flow=[approval], firms=["03-01 09:00"] * 3, run={"arrivals_for": "12 weeks"})
    desks = measure(world, replicate(world, 1), 1).desks
    watcher = desks["bank watcher"]
    assert watcher.busy_minutes / watcher.capacity_minutes == pytest.approx(3 * (2 + 2 * 4) / (58 * 8))
    assert desks["bank reviewer"].busy_minutes == 0


RANDOM: dict[str, Any] = {
    "flow": [{"credit approval": {"by": "bank reviewer", "work": {"exponential": "3 h"}}}],
    "applicants": {"arrivals": {"per_working_day": 2}},
    "credit": {
        "annual_default_rate": "30%",
        "claim_after": "60 days",
        "recovery": {"haircut": "70%", "cost": "5%", "time": "300 days"},
    },
    "firms": (),
}


def test_watching_at_a_desk_of_its_own_changes_no_time_of_an_application_and_no_loss() -> None:
    watched, alone = serviced(look(every="1 month"), RELEASE, **RANDOM), serviced(**RANDOM)
    first, second = replicate(watched, 1), replicate(alone, 1)
    of_flow = first.steps[first.steps["step"] < 2]
    assert len(first.steps) > len(of_flow) > 40
    but_outcome = [name for name in VISIT.names or () if name != "outcome"]
    assert np.array_equal(of_flow[but_outcome], second.steps[but_outcome])
    one, other = (measure(world, run, 1).products[0] for world, run in ((watched, first), (alone, second)))
    for name in ("turnaround", "turnaround_working", "time_use", "step_use"):
        assert np.array_equal(getattr(one, name), getattr(other, name)), name
    assert (one.ends, one.defaults, one.borne) == (other.ends, other.defaults, other.borne)
    assert one.defaults > 5


def test_another_step_of_servicing_shifts_no_draw_of_the_first() -> None:
    random = look(work={"exponential": "20 min"}, odds={"sound": "rest", "exit": "20%"})
    other = look("second look", every="2 months", work={"exponential": "10 min"})
    desks = {**DESKS, "watcher": {"staff": 50}}
    before = tell(serviced(random, desks=desks, **RANDOM))
    after = tell(serviced(other, random, RELEASE, desks=desks, **RANDOM))
    looks = before.at("status monitoring")
    assert len({each.outcome for each in looks}) == 2
    assert sorted(map(str, looks)) == sorted(map(str, after.at("status monitoring")))


def test_two_looks_at_one_loan_are_told_apart_and_either_can_call_it() -> None:
    told = tell(serviced(look("yearly", "7 months"), look("often", "2 months", **CALLED)))
    assert [(each.step, each.end) for each in told.visits if each.step in ("yearly", "often")] == [
        ("often", "05-06 10:00")
    ]
    assert told.happened.loans[0].status == "exited"


def test_a_fee_of_servicing_falls_due_each_time_it_is_done() -> None:
    fee = {"amount": "1k CNY", "paid_by": "firm", "paid_to": "bank", "kind": "guarantee fee"}
    told = tell(serviced(look(fee=fee)))
    fees = [(clock(each.moment), each.what, each.fen) for each in told.happened.payments if "fee" in each.what]
    ends = [each.end for each in told.at("status monitoring")]
    assert len(ends) == 3
    assert fees == [(end, "guarantee fee", 100_000) for end in ends]
    cash = measure(told.scenario, told.happened, 1).products[0].results.cash
    assert (cash["firm"]["guarantee fee"], cash["bank"]["guarantee fee"]) == (-300_000, 300_000)


def test_a_step_of_servicing_has_the_settings_of_its_stage() -> None:
    stages = {"status monitoring": {"work": "3 h", **CALLED}, "monthly": {"stage": "status monitoring", "work": "5 h"}}
    steps = [{"monthly": {"by": "bank watcher", "every": "1 month"}}, look(every="2 months", work="2 h")]
    told = tell(serviced(*steps, stages=stages))
    monthly, own = told.at("monthly")[0], told.at("status monitoring")[0]
    assert (monthly.start, monthly.end, monthly.outcome) == ("04-01 10:00", "04-01 15:00", "sound")
    # its own work, the odds of the stage
    assert (own.start, own.end, own.outcome) == ("05-06 09:00", "05-06 11:00", "exit")


def test_the_story_of_a_case_ends_with_the_drawdown_and_that_of_its_loan_follows() -> None:
    world = serviced(look(every="5 months", odds={"sound": "100%", "exit": "rest"}), RELEASE)
    story = explain_in(loaded(world), replicate(world, 1), 0, 1)
    assert [entry.step for entry in story.timeline] == ["contract", "drawdown"]
    assert sum(story.uses) == story.drawn_at - story.arrival == 0
    assert [(clock(each.moment), each.what, each.outcome, each.paid) for each in story.after_drawdown] == [
        ("08-02 10:00", "status monitoring", "sound", 0),
        ("01-04 10:00", "status monitoring (2)", "sound", 0),
        ("03-01 10:00", "repaid at maturity", "", 100_000_000),
        ("03-01 10:30", "pledge release", "released", 0),
    ]
    told = as_json(loaded(world), story)
    assert (told["loan"], told["registered_cny"]) == ("repaid", 1_000_000)
    assert [each["outstanding_cny"] for each in told["after_drawdown"]] == [None, None, 0, None]


def test_the_story_of_a_loan_that_was_called_says_so() -> None:
    world = serviced(look(**CALLED))
    story = explain_in(loaded(world), replicate(world, 1), 0, 1)
    assert [each.what for each in story.after_drawdown] == ["status monitoring", "repaid when called"]
    assert story.loan is not None
    assert loan_in_words(story.loan) == "the loan is called after a look at its IP and repaid early"


def test_a_look_that_falls_due_as_the_desks_close_for_good_does_not_make_the_queue_endless() -> None:
    # Desks close for good with Saturday 3 July, at whose noon a look falls due.
    run = {"arrivals_for": "12 weeks", "follow_up": {"cases": "41 days", "loans": "2 years"}}
    world = serviced(look(every="1 month"), firms=["04-03 12:00"], flow=[{"contract": {"elapsed": "0 min"}}], run=run)
    told = tell(world)
    assert [each.start for each in told.at("status monitoring")] == ["05-06 09:00", "06-03 12:00", ""]
    # That of Monday 3 May, at noon, waits for the end of the holiday.
    assert measure(world, told.happened, 1).desks["bank watcher"].days_in_queue == 2.875


def test_a_desk_that_can_not_keep_up_with_its_looks_has_an_endless_queue() -> None:
    run = {"arrivals_for": "8 weeks", "follow_up": {"cases": "30 days", "loans": "2 years"}}
    world = serviced(look(every="1 month", work="200 h"), firms=["03-01 10:00"] * 9, run=run)
    assert measure(world, replicate(world, 1), 1).desks["bank watcher"].days_in_queue == np.inf


def test_two_looks_that_call_a_loan_at_one_moment_call_it_once() -> None:
    elapsed = {"elapsed": "1 day", "every": "2 months", "stage": "status monitoring", **CALLED}
    told = tell(serviced({"IP": elapsed}, {"firm": elapsed}, RELEASE))
    (loan,) = told.happened.loans
    assert (loan.status, clock(loan.ended_at), len(loan.payments)) == ("exited", "05-02 10:00", 1)
    assert len(told.at("pledge release")) == 1
