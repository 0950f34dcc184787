"""What holds on every path of every flow, on random flows."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from random_flows import REGISTRATION, worlds
from small_worlds import scenario

from simulator.analysis.measure import across_products
from simulator.analysis.time_use import case_uses, step_uses, totals_by_case
from simulator.errors import ScenarioError
from simulator.experiment.replication import replicate
from simulator.scenario.flow import steps_of
from simulator.scenario.model import Scenario
from simulator.workflow.case import DRAWN, OPEN
from simulator.workflow.stages import LEFT
from simulator.workflow.world import Happened, calendar_of


def last_moments(happened: Happened) -> np.ndarray:
    """The end of each case: drawdown, or the end of its process, or of the follow-up."""
    ended = np.where(happened.end == DRAWN, happened.drawn_at, happened.ended_at)
    return np.minimum(ended, happened.last_case_moment)


def the_clock_never_runs_back(happened: Happened) -> None:
    rows, ended = happened.steps, np.minimum(happened.ended_at, happened.last_case_moment)
    arrival = happened.firms.arrival[rows["case"].astype(int)]
    assert (rows["entry"] >= arrival).all()
    served = rows[np.isfinite(rows["start"])]
    assert (served["entry"] <= served["start"]).all()
    assert (served["start"] <= served["worked"]).all()
    assert (served["worked"] <= served["end"]).all()
    assert (np.diff(rows["end"]) >= 0).all()
    decided = rows[rows["outcome"] != LEFT]
    assert (decided["end"] <= ended[decided["case"].astype(int)]).all()


def each_instant_is_counted_once(world: Scenario, happened: Happened) -> None:
    assert world.run is not None
    calendars = {name: calendar_of(hours, name, world.run.start) for name, hours in world.calendars.items()}
    rows, keeping = across_products(world, happened.steps, calendars)
    cases = np.flatnonzero(happened.product >= 0)
    begins, ends = happened.firms.arrival[cases], last_moments(happened)[cases]
    totals = totals_by_case(rows, keeping, cases, begins, ends, happened.last_case_moment)
    assert np.allclose(totals.sum(axis=1), ends - begins, rtol=0, atol=1e-6)
    for place, case in enumerate(cases.tolist()):
        followed = case_uses(rows[rows["case"] == case], keeping, float(begins[place]), float(ends[place]))
        assert np.allclose(followed, totals[place], rtol=0, atol=1e-6), case
    finished = rows[np.isfinite(rows["end"])]
    spent = step_uses(finished, keeping, np.inf if not len(rows) else float(finished["end"].max(initial=0)))
    assert np.allclose(spent.sum(axis=1), finished["end"] - finished["entry"], rtol=0, atol=1e-6)
    assert (spent >= -1e-6).all()


def registration_comes_before_drawdown(world: Scenario, happened: Happened) -> None:
    titles = [step.title for step in steps_of(world.products["loan"].flow)]
    registered, paid_out = titles.index("pledge registration"), titles.index("drawdown")
    rows = happened.steps
    for case in np.flatnonzero(happened.end == DRAWN).tolist():
        mine = rows[rows["case"] == case]
        done = mine["end"][(mine["step"] == registered) & (mine["outcome"] == 0)]
        assert len(done) and done.min() <= mine["entry"][mine["step"] == paid_out].min()


def quotas_are_kept(world: Scenario, happened: Happened) -> None:
    assert all(happened.quota_peaks[name] <= quota.limit for name, quota in world.quotas.items())


def test_what_only_one_way_of_a_choice_does_is_not_certain_although_both_ways_end_with_a_join() -> None:
    def checks(*names: str) -> dict[str, Any]:
        return {"together": [{name: {"stage": "rating", "elapsed": "1 days"}} for name in names]}

    flow = [{"choice": [{"odds": "50%", "steps": [REGISTRATION, checks("a", "b")]}], "otherwise": [checks("c", "d")]}]
    with pytest.raises(ScenarioError, match="can begin although 'pledge registration' is not done"):
        scenario(flow, product={"order": [["pledge registration", "drawdown"]]})
    scenario([REGISTRATION, checks("a", "b")], product={"order": [["pledge registration", "drawdown"]]})


MANY = [HealthCheck.too_slow, HealthCheck.large_base_example]


@given(worlds())
@settings(max_examples=25, suppress_health_check=MANY)
def test_every_case_ends_and_every_instant_of_it_is_counted_once(drawn: tuple[Scenario, bool]) -> None:
    holds_on_every_path(*drawn)


@pytest.mark.slow
@given(worlds())
@settings(max_examples=300, suppress_health_check=MANY)
def test_the_same_holds_on_many_more_flows(drawn: tuple[Scenario, bool]) -> None:
    holds_on_every_path(*drawn)


def holds_on_every_path(world: Scenario, promises_registration: bool) -> None:
    happened = replicate(world, 1)
    assert not (happened.end[happened.product >= 0] == OPEN).any()
    assert (happened.ended_at >= happened.firms.arrival).all()
    the_clock_never_runs_back(happened)
    each_instant_is_counted_once(world, happened)
    quotas_are_kept(world, happened)
    if promises_registration:
        registration_comes_before_drawdown(world, happened)
