"""The engine goes short ways where nothing can interfere with a file or a loan. They end where the long ones do."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from small_worlds import desk, scenario

from simulator.experiment.replication import replicate
from simulator.scenario.load import open_scenario
from simulator.scenario.model import Scenario
from simulator.workflow import stages
from simulator.workflow.lending import Lending
from simulator.workflow.loan import Loan
from simulator.workflow.world import Happened


def crowded(staff: int) -> Scenario:
    """Files wait for people, are sent back, and some are still there at the end."""
    flow = [
        desk("clerk", "30 min", title="application"),
        desk(
            "reviewer", "1 h", odds={"approved": "60%", "returned": "rest"}, on={"returned": "application"}
        ),
    ]
    return scenario(
        flow,
        desks={"clerk": {"staff": 2}, "reviewer": {"staff": staff}},
        applicants={"arrivals": {"per_working_day": 9}},
        run={"arrivals_for": "60 days", "follow_up": {"cases": "5 days", "loans": "70 days"}},
    )


def told(happened: Happened) -> Iterator[tuple[str, Any]]:
    """What came of a replication, piece by piece; payments of one moment in no order."""
    yield "steps", happened.steps.tobytes()
    yield "ends", (happened.end.tolist(), happened.ended_at.tolist(), happened.drawn_at.tolist())
    yield "loans", sorted(map(as_told, happened.loans), key=lambda each: each[0])
    yield "losses", happened.losses
    yield "funds", happened.funds
    yield "payments", sorted(happened.payments)


def as_told(loan: Loan) -> list[Any]:
    return [getattr(loan, name) for name in Loan.__slots__ if name not in ("foreseen", "called")]


@pytest.mark.parametrize("staff", [1, 2])
def test_a_stage_that_no_file_leaves_is_as_any_other(staff: int, monkeypatch: pytest.MonkeyPatch) -> None:
    world, calls = crowded(staff), []
    short = dict(told(replicate(world, 1)))

    def long_way(step: Any, onward: Any) -> stages.Stage:
        calls.append(step)
        return stages.disturbable(step, onward, 0)

    monkeypatch.setattr(stages, "served", long_way)
    happened = replicate(world, 1)
    assert calls and happened.steps["visit"].max() > 0
    assert bool(np.isinf(happened.steps["end"]).any()) is (staff == 1)
    assert dict(told(happened)) == short


@pytest.mark.parametrize("product", ["C2-F1", "C8-F1", "C9-F2", "C4-F1", "C5-F1"])
def test_a_loan_entered_in_the_books_at_once_is_as_one_that_is_lived_through(
    product: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    # One default in three: claims, sales and funds are in play.
    world = open_scenario(product, ["credit.annual_default_rate=33%"]).variant().scenario
    happened = replicate(world, 1)
    assert any(loan.foreseen for loan in happened.loans) and happened.losses
    short = dict(told(happened))
    monkeypatch.setattr(Lending, "_foreseen", property(lambda _: False, lambda *_: None), raising=False)
    happened = replicate(world, 1)
    assert not any(loan.foreseen for loan in happened.loans)
    for what, found in told(happened):
        assert found == short[what], what
