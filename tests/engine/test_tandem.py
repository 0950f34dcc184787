"""The engine against a solution of the same queues without any simulation kernel: stage by stage, with heaps."""

from __future__ import annotations

from heapq import heapify, heappop, heappush
from pathlib import Path

import numpy as np
import pytest
import yaml
from numpy.typing import NDArray

from simulator.calendars import build_calendar
from simulator.experiment.replication import replicate
from simulator.scenario.flow import steps_of
from simulator.scenario.load import from_data, open_scenario
from simulator.scenario.model import Scenario
from simulator.streams import Streams

MODEL = Path(__file__).parents[2] / "benchmarks" / "six-stages.yaml"
WORK_MINUTES = 8.0
HOUR = 60.0
Floats = NDArray[np.float64]


def served(arrives: Floats, work: Floats, urgent: NDArray[np.bool_], staff: int) -> Floats:
    """When each file is done at one stage, in open minutes: the first free person takes an urgent file, else the first.

    `arrives`, `work` and `urgent` have one entry a file.
    """
    coming = sorted(range(len(arrives)), key=lambda file: arrives[file])
    free = [0.0] * staff
    heapify(free)
    done = np.zeros(len(arrives))
    waiting: list[tuple[bool, float, int]] = []
    place = 0
    while place < len(coming) or waiting:
        moment = heappop(free)
        if not waiting:
            moment = max(moment, float(arrives[coming[place]]))
        while place < len(coming) and arrives[coming[place]] <= moment:
            file = coming[place]
            heappush(waiting, (not urgent[file], float(arrives[file]), file))
            place += 1
        _, _, file = heappop(waiting)
        done[file] = moment + work[file]
        heappush(free, float(done[file]))
    return done


def solved(scenario: Scenario, arrival: Floats, urgent: NDArray[np.bool_], staff: dict[str, int]) -> Floats:
    """When each file has passed all stages, in minutes of the clock; all desks keep the hours of the office."""
    run = scenario.run
    assert run is not None
    office = build_calendar(run.start, hours=((540.0, 1020.0),))
    streams = Streams(run.seed, 1)
    moments = office.open_minutes_array(arrival)
    for step in steps_of(scenario.products["loan"].flow):
        if step.title != "drawdown":
            uniforms = streams.uniforms(f"work: {step.title}", len(arrival))
            moments = served(moments, -WORK_MINUTES * np.log1p(-uniforms), urgent, staff.get(str(step.by), 1))
    return office.at_open_minute_array(moments)


@pytest.mark.parametrize("cases", [2_000, pytest.param(20_000, marks=pytest.mark.slow)])
def test_every_turnaround_of_the_six_stages_is_that_of_the_tandem_queue(cases: int) -> None:
    days = round(cases / 48 * 1.46)
    scenario = open_scenario(str(MODEL), [f"run.arrivals_for={days} days"]).variant().scenario
    happened = replicate(scenario, 1)
    arrival = happened.firms.arrival
    assert len(arrival) > 0.9 * cases
    ordinary = np.zeros(len(arrival), dtype=bool)
    assert np.abs(happened.ended_at - solved(scenario, arrival, ordinary, {})).max() < 1e-9 * HOUR


def test_with_two_classes_of_priority_and_several_people_it_is_too() -> None:
    data = yaml.safe_load(MODEL.read_text(encoding="utf-8"))
    data["run"]["arrivals_for"] = "60 days"
    data["applicants"]["arrivals"]["per_working_day"] = 140
    data["applicants"]["population"]["urgent"] = {"yes": "30%"}
    desks = data["parties"]["bank"]["desks"]
    desks.update({name: {"staff": 3} for name in desks}, valuer={"staff": 4})
    ordinary = data["products"]["loan"]
    urgently = [{title: {**step, "priority": 1} for title, step in each.items()} for each in ordinary["flow"]]
    data["products"] = {
        "urgent loan": {**ordinary, "flow": urgently, "eligibility": {"urgent": True}},
        "loan": {**ordinary, "eligibility": {"urgent": False}},
    }
    scenario = from_data(data).scenario
    happened = replicate(scenario, 1)
    urgent = happened.firms.columns["urgent"].astype(bool)
    assert 0.2 < urgent.mean() < 0.4
    staff = {f"bank {name}": desk.people for name, desk in scenario.parties["bank"].desks.items()}
    expected = solved(scenario, happened.firms.arrival, urgent, staff)
    assert np.abs(happened.ended_at - expected).max() < 1e-9 * HOUR
    waits = happened.ended_at - happened.firms.arrival
    assert waits[urgent].mean() < waits[~urgent].mean()
