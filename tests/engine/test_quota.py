"""Quotas: credit lines are reserved in every enclosing quota, first come first served, and given back in the end."""

from __future__ import annotations

from math import inf
from typing import Any

from small_worlds import always, desk, minutes, scenario, tell

from simulator.analysis.measure import measure
from simulator.analysis.quota_waits import QuotaWaits

APPROVAL = desk("reviewer", "0 min", reserves="line")
CONTRACT = {"contract": {"elapsed": "10 days"}}


def asks(moment: str, amount: str) -> Any:
    return moment, {"amount_requested": amount, "appraised_value": "50m CNY"}


def world(*firms: Any, flow: Any = (APPROVAL, CONTRACT), limit: str = "10m CNY", **rest: Any) -> Any:
    quotas = rest.pop("quotas", {"line": {"limit": limit}})
    return scenario(flow, firms=list(firms), quotas=quotas, **rest)


def urgent(moment: str, amount: str) -> Any:
    return moment, {"urgent": True, "amount_requested": amount, "appraised_value": "50m CNY"}


OTHER = {"rating": {"by": "bank reviewer", "work": "0 min", "reserves": "other"}}
BY_NEED = [{"choice": [{"when": {"urgent": True}, "steps": [OTHER]}], "otherwise": [APPROVAL]}, CONTRACT]


def test_a_file_waits_until_a_repayment_gives_room() -> None:
    told = tell(
        world(
            asks("03-01 10:00", "8m CNY"),
            asks("03-02 10:00", "5m CNY"),
            run={"follow_up": {"cases": "500 days", "loans": "5 years"}},
        )
    )
    assert told.drawn[0] == "03-11 10:00"
    # twelve months after the first drawdown, and ten days for the contract
    assert told.happened.drawn_at[1] == told.happened.loans[0].matures_at + 10 * 1440


def test_no_file_overtakes_a_larger_one_that_waits() -> None:
    small = [asks(f"03-0{day} 10:00", "1m CNY") for day in (3, 4)]
    told = tell(world(asks("03-01 10:00", "8m CNY"), asks("03-02 10:00", "5m CNY"), *small))
    assert told.ends == ["drawn", "open", "open", "open"]


def test_a_quota_that_refuses_lets_nobody_overtake_files_that_wait_beside_it() -> None:
    quotas = {
        "line": {"limit": "10m CNY", "inside": "city"},
        "other": {"limit": "10m CNY", "inside": "city", "when_full": "refuse"},
        "city": {"limit": "10m CNY"},
    }
    told = tell(
        world(
            asks("03-01 10:00", "8m CNY"),
            asks("03-02 10:00", "5m CNY"),
            urgent("03-03 10:00", "1m CNY"),
            flow=BY_NEED,
            quotas=quotas,
        )
    )
    assert told.ends == ["drawn", "open", "declined"]


def test_a_full_quota_that_refuses_declines_the_file_at_once() -> None:
    refusing = {"line": {"limit": "10m CNY", "when_full": "refuse"}}
    firms = [asks("03-01 10:00", "8m CNY"), asks("03-02 10:00", "5m CNY"), asks("03-03 10:00", "1m CNY")]
    told = tell(world(*firms, quotas=refusing))
    assert told.ends == ["drawn", "declined", "drawn"]
    assert told.ended[1] == "03-02 10:00"
    assert told.happened.quota_peaks == {"line": 900_000_000}


def test_a_line_larger_than_the_quota_is_refused_even_where_files_wait() -> None:
    told = tell(world(asks("03-01 10:00", "11m CNY"), asks("03-02 10:00", "10m CNY")))
    assert told.ends == ["declined", "drawn"]


def test_a_line_is_reserved_in_every_enclosing_quota_at_once() -> None:
    nested = {
        "line": {"limit": "10m CNY", "inside": "city"},
        "city": {"limit": "12m CNY"},
        "other": {"limit": "9m CNY", "inside": "city"},
    }
    firms = [asks("03-01 10:00", "8m CNY"), urgent("03-02 10:00", "5m CNY"), asks("03-03 10:00", "1m CNY")]
    told = tell(world(*firms, flow=BY_NEED, quotas=nested))
    # The second does not fit into the city's quota, and in the city's row the third may not overtake it.
    assert told.ends == ["drawn", "open", "open"]
    assert told.happened.quota_peaks == {"line": 800_000_000, "city": 800_000_000, "other": 0}


def refused_at_the_contract(**settings: Any) -> Any:
    return [APPROVAL, {"contract": {"elapsed": "10 days", **settings}}]


def test_a_decline_gives_the_line_back() -> None:
    told = tell(
        world(
            asks("03-01 10:00", "8m CNY"),
            asks("03-02 10:00", "5m CNY"),
            flow=refused_at_the_contract(odds={"declined": "100%", "signed": "rest"}),
        )
    )
    assert told.ended == ["03-11 10:00", "03-21 10:00"]


def test_a_withdrawal_gives_the_line_back() -> None:
    patient = {"patience": "5 days"}
    told = tell(
        world(
            asks("03-01 10:00", "8m CNY"), asks("03-05 10:00", "5m CNY"), flow=[APPROVAL, CONTRACT], applicants=patient
        )
    )
    assert told.ended == ["03-06 10:00", "03-10 10:00"]
    assert told.ends == ["withdrawn", "withdrawn"]
    assert told.happened.quota_peaks == {"line": 800_000_000}


def test_an_applicant_whose_patience_ends_leaves_the_row_and_lets_the_next_one_in() -> None:
    flow = [APPROVAL, {"contract": {"elapsed": "12 h"}}]
    firms = [asks("03-01 10:00", "8m CNY"), asks("03-02 10:00", "9m CNY"), asks("03-03 10:00", "2m CNY")]
    told = tell(world(*firms, flow=flow, applicants={"patience": "20 days"}))
    assert told.ends == ["drawn", "withdrawn", "drawn"]
    assert told.ended[1:] == ["03-22 10:00", "03-22 22:00"]


def test_an_expired_approval_gives_the_line_back() -> None:
    flow = [APPROVAL, {"contract": {"elapsed": "10 days", "deadline": "3 days", "when_passed": "give up"}}]
    told = tell(world(asks("03-01 10:00", "8m CNY"), asks("03-02 10:00", "5m CNY"), flow=flow))
    assert told.ends == ["expired", "expired"]
    # The deadline excludes the day it starts and ends with the close of its last day.
    assert told.ended == ["03-05 00:00", "03-09 00:00"]


def test_a_default_gives_the_line_back_when_the_claim_is_settled() -> None:
    credit = {
        "annual_default_rate": "100%",
        "claim_after": "20 days",
        "recovery": {"haircut": "70%", "cost": "5%", "time": "300 days"},
    }
    told = tell(world(asks("03-01 10:00", "8m CNY"), asks("03-02 10:00", "5m CNY"), credit=credit))
    assert told.drawn == ["03-11 10:00", "04-10 10:00"]


def test_a_file_sent_back_keeps_the_line_it_has() -> None:
    flow = [
        APPROVAL,
        {
            "contract": {
                "elapsed": "1 day",
                "odds": {"returned": "100%", "signed": "rest"},
                "on": {"returned": "credit approval"},
            }
        },
    ]
    told = tell(world(asks("03-01 10:00", "4m CNY"), flow=flow, limit="5m CNY"))
    assert [each.visit for each in told.at("credit approval")] == [0, 1, 2, 3]
    assert told.ends == ["declined"]
    assert told.happened.quota_peaks == {"line": 400_000_000}


def test_a_line_granted_to_a_branch_is_given_back_when_another_branch_declines_at_the_same_moment() -> None:
    refusal = {"rating": {"elapsed": "0 min", **always("declined", "rated")}}
    instant = {"credit approval": {"elapsed": "0 min", "reserves": "line"}}
    later = {"later approval": {"stage": "credit approval", "elapsed": "0 min", "reserves": "line"}}
    for branches in ([instant, refusal], [refusal, instant]):
        flow = [{"choice": [{"when": {"urgent": True}, "steps": [{"together": branches}]}], "otherwise": [later]}]
        told = tell(world(urgent("03-01 10:00", "8m CNY"), asks("03-02 10:00", "8m CNY"), flow=flow))
        assert told.ends == ["declined", "drawn"]


def test_a_branch_that_waits_for_room_is_called_off_and_the_next_file_is_admitted() -> None:
    refusal = {"rating": {"elapsed": "2 days", "odds": {"declined": "100%", "rated": "rest"}}}
    approval = {"credit approval": {"elapsed": "0 min", "reserves": "line"}}
    second = {"second approval": {"stage": "credit approval", "elapsed": "0 min", "reserves": "line"}}
    flow = [
        {"choice": [{"when": {"urgent": True}, "steps": [{"together": [approval, refusal]}]}], "otherwise": [second]}
    ]
    firms = [asks("03-01 10:00", "8m CNY"), urgent("03-02 10:00", "5m CNY"), asks("03-03 10:00", "1m CNY")]
    told = tell(world(*firms, flow=flow))
    assert told.ends == ["drawn", "declined", "drawn"]
    assert told.drawn[2] == "03-04 10:00"


def waits(told: Any) -> list[tuple[int, str, float, str]]:
    return [(each.case, each.quota, (each.ended - each.asked) / 1440, each.outcome) for each in told.happened.no_room]


def test_a_file_that_finds_room_at_once_is_not_among_those_without_room() -> None:
    assert waits(tell(world(asks("03-01 10:00", "8m CNY"), asks("03-02 10:00", "2m CNY")))) == []


def test_every_file_without_room_is_kept_with_its_wait_and_what_came_of_it() -> None:
    flow = [APPROVAL, {"contract": {"elapsed": "12 h"}}]
    firms = [asks("03-01 10:00", "8m CNY"), asks("03-02 10:00", "9m CNY"), asks("03-03 10:00", "2m CNY")]
    told = tell(world(*firms, flow=flow, applicants={"patience": "20 days"}))
    assert waits(told) == [(1, "line", 20, "left"), (2, "line", 19, "granted")]
    refusing = {"line": {"limit": "10m CNY", "when_full": "refuse"}}
    told = tell(world(asks("03-01 10:00", "8m CNY"), asks("03-02 10:00", "5m CNY"), quotas=refusing))
    assert waits(told) == [(1, "line", 0, "refused")]
    told = tell(world(asks("03-01 10:00", "8m CNY"), asks("03-02 10:00", "5m CNY")))
    assert waits(told) == [(1, "line", inf, "still waiting")]


def test_a_file_that_another_branch_ends_has_not_left_for_want_of_room() -> None:
    refusal = {"rating": {"elapsed": "2 days", "odds": {"declined": "100%", "rated": "rest"}}}
    approval = {"credit approval": {"elapsed": "0 min", "reserves": "line"}}
    second = {"second approval": {"stage": "credit approval", "elapsed": "0 min", "reserves": "line"}}
    way = {"when": {"urgent": True}, "steps": [{"together": [approval, refusal]}]}
    flow = [{"choice": [way], "otherwise": [second]}]
    told = tell(world(asks("03-01 10:00", "8m CNY"), urgent("03-02 10:00", "5m CNY"), flow=flow))
    assert waits(told) == [(1, "line", 2, "called off")]


def test_files_without_room_are_counted_with_their_days_up_to_the_end_of_the_follow_up() -> None:
    firms = [asks("03-01 10:00", "8m CNY"), asks("03-02 10:00", "5m CNY"), asks("03-03 10:00", "11m CNY")]
    told = tell(world(*firms, quotas={"line": {"limit": "10m CNY", "inside": "city"}, "city": {"limit": "99m CNY"}}))
    measured = measure(told.scenario, told.happened, 1)
    days = (told.happened.last_case_moment - minutes("03-02 10:00")) / 1440
    assert measured.quota_waits == {"line": QuotaWaits(waited=1, days=days, still_waiting=1, left=0, refused=1)}
    assert measured.products[0].quota_use == {"line": days * 1440}
    uses = measured.products[0].time_use
    assert uses[1] == days * 1440, "every minute without room is waiting"


def test_the_days_of_files_without_room_leave_out_applicants_of_the_warm_up() -> None:
    firms = [asks("03-01 10:00", "8m CNY"), asks("03-02 10:00", "5m CNY")]
    told = tell(world(*firms, run={"warm_up": "2 days"}))
    measured = measure(told.scenario, told.happened, 1)
    assert measured.quota_waits == {"line": QuotaWaits(0, 0.0, 0, 0, 0)}
    assert measured.products[0].quota_use == {"line": 0.0}
