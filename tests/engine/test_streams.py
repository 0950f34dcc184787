"""Random draws have addresses: what one part of a scenario does shifts nobody else's draws."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest
from small_worlds import DRAWDOWN, scenario

from simulator.analysis.comparison import Comparison
from simulator.analysis.rounds import WorldResult, run_worlds
from simulator.analysis.summary import summary
from simulator.experiment.replication import replicate
from simulator.scenario.flow import steps_of
from simulator.scenario.load import LoadedScenario
from simulator.scenario.model import Scenario
from simulator.scenario.quantities import Distribution
from simulator.scenario.source import Node
from simulator.streams import Streams
from simulator.workflow.draws import BLOCK, Drawn
from simulator.workflow.world import Happened

SHARING = {"risk_sharing": {"split": {"bank": "100%"}}, "tenor": "12 months"}
CREDIT = {
    "annual_default_rate": "30%",
    "claim_after": {"uniform": ["10 days", "60 days"]},
    "recovery": {"haircut": {"uniform": ["50%", "90%"]}, "cost": "5%", "time": {"exponential": "200 days"}},
}
DILIGENCE = {"due diligence": {"by": "bank reviewer", "work": {"triangular": ["10 min", "20 min", "60 min"]}}}
APPROVAL = {
    "credit approval": {
        "by": "bank reviewer",
        "work": {"exponential": "20 min"},
        "odds": {"approved": "80%", "declined": "rest"},
    }
}
CONTRACT = {"contract": {"by": "bank reviewer", "work": {"lognormal": {"median": "9 min", "p90": "30 min"}}}}
REVIEW = {"guarantee review": {"by": "bank reviewer", "work": {"exponential": "15 min"}}}


def world(flow: list[Any], **changes: Any) -> Scenario:
    arrivals = {"applicants": {"arrivals": {"per_working_day": 12}}}
    return scenario(flow, **{"credit": CREDIT, **arrivals, **changes})


def draws(world: Scenario, happened: Happened, product: int = 0) -> dict[tuple[str, int, int], tuple[float, float]]:
    """Open minutes of work and outcome of every visit, by step, case and visit."""
    titles = [step.title for step in steps_of(list(world.products.values())[product].flow)]
    from simulator.workflow.world import calendar_of

    assert world.run is not None
    office = calendar_of(world.calendars["office"], "office", world.run.start)
    found = {}
    for row in happened.steps[happened.steps["product"] == product]:
        if np.isfinite(row["start"]):
            work = round(office.open_minutes(row["worked"]) - office.open_minutes(row["start"]), 6)
            found[titles[int(row["step"])], int(row["case"]), int(row["visit"])] = (work, row["outcome"])
    return found


BASE = world([DILIGENCE, APPROVAL, CONTRACT])
LONGER = {"due diligence": {"by": "bank reviewer", "work": {"uniform": ["1 h", "3 h"]}}}
REWORKED = {
    "contract": {**CONTRACT["contract"], "odds": {"returned": "30%", "signed": "rest"}, "on": {"returned": "contract"}}
}
OTHER_PRODUCT = {
    "loan": {"flow": [DILIGENCE, APPROVAL, CONTRACT, DRAWDOWN], **SHARING},
    "never": {"flow": [REVIEW, DRAWDOWN], "eligibility": {"urgent": True}, **SHARING},
}


@pytest.mark.parametrize(
    ("changed", "other"),
    [
        pytest.param(world([REVIEW, DILIGENCE, APPROVAL, CONTRACT]), "guarantee review", id="an added step"),
        pytest.param(world([LONGER, APPROVAL, CONTRACT]), "due diligence", id="a changed distribution"),
        pytest.param(world([DILIGENCE, APPROVAL, REWORKED]), "contract", id="rework"),
        pytest.param(world([], products=OTHER_PRODUCT), "", id="another product"),
        pytest.param(world([DILIGENCE, APPROVAL]), "contract", id="a step less"),
        pytest.param(world([DILIGENCE, APPROVAL, CONTRACT], desks={"reviewer": {"staff": 9}}), "", id="other staff"),
    ],
)
def test_a_change_shifts_no_other_draw(changed: Scenario, other: str) -> None:
    before, after = replicate(BASE, 3), replicate(changed, 3)
    assert np.array_equal(before.firms.arrival, after.firms.arrival)
    assert all(np.array_equal(before.firms.columns[name], after.firms.columns[name]) for name in before.firms.columns)
    known, found = draws(BASE, before), draws(changed, after)
    common = {address for address in known.keys() & found.keys() if address[0] != other}
    assert len(common) > 100
    assert {address: known[address] for address in common} == {address: found[address] for address in common}
    years = [
        {loan.case: loan.ended_at - loan.drawn_at for loan in each.loans if loan.status != "repaid"}
        for each in (before, after)
    ]
    alike = years[0].keys() & years[1].keys()
    assert len(alike) > 10
    assert all(abs(years[0][case] - years[1][case]) < 1e-6 * years[0][case] + 2 * 1440 for case in alike)


def test_a_second_visit_has_a_draw_of_its_own() -> None:
    changed = world([DILIGENCE, APPROVAL, REWORKED])
    found = draws(changed, replicate(changed, 3))
    again = [address for address in found if address[2] == 1]
    assert len(again) > 10
    assert not any(found[title, case, 0][0] == found[title, case, visit][0] for title, case, visit in again)


def test_replications_and_seeds_differ() -> None:
    first, second = replicate(BASE, 1), replicate(BASE, 2)
    other_seed = replicate(world([DILIGENCE, APPROVAL, CONTRACT], run={"seed": 2}), 1)
    assert len({first.firms.arrival[0], second.firms.arrival[0], other_seed.firms.arrival[0]}) == 3


def test_the_first_draws_do_not_depend_on_how_many_are_asked_for() -> None:
    streams = Streams(seed=7, replication=2)
    assert np.array_equal(streams.uniforms("work: rating", 5), streams.uniforms("work: rating", 5000)[:5])


def test_draws_for_different_purposes_visits_replications_and_seeds_are_unrelated() -> None:
    drawn = np.array(
        [
            Streams(1, 1).uniforms("work: a", 5000),
            Streams(1, 1).uniforms("work: b", 5000),
            Streams(1, 1).uniforms("work: a", 5000, visit=1),
            Streams(1, 2).uniforms("work: a", 5000),
            Streams(2, 1).uniforms("work: a", 5000),
        ]
    )
    correlations = np.corrcoef(drawn)[np.triu_indices(5, 1)]
    assert np.abs(correlations).max() < 4.5 / 5000**0.5


def told(world: Scenario, workers: int) -> str:
    """summary.json of three replications."""
    empty = Node(file="", line=0, column=0, value={}, keys={})
    results = [
        WorldResult(LoadedScenario(each, {}, None, "as stated", empty), label)
        for each, label in ((world, "a"), (BASE, "b"))
    ]
    run_worlds(results, replications=3, workers=workers)
    return json.dumps(summary(Comparison(results)), sort_keys=True)


def test_the_same_inputs_give_the_same_results_to_the_last_bit_on_one_core_and_on_two() -> None:
    changed = world([REVIEW, DILIGENCE, APPROVAL, REWORKED])
    assert told(changed, 1) == told(changed, 1) == told(changed, 2)


def test_a_replication_does_not_depend_on_those_before_it() -> None:
    alone = replicate(BASE, 3)
    for number in (1, 2):
        replicate(BASE, number)
    again = replicate(BASE, 3)
    assert alone.steps.tobytes() == again.steps.tobytes()
    assert alone.loans == again.loans


@pytest.mark.parametrize("visit", [0, 1])
def test_a_case_has_the_same_number_in_whatever_block_it_is_drawn(visit: int) -> None:
    streams = Streams(7, 3)
    whole = streams.uniforms("work: valuation", 9_000, visit)
    assert np.array_equal(streams.uniforms("work: valuation", 100, visit, first=8_190), whole[8_190:8_290])
    assert np.array_equal(streams.uniforms("work: valuation", 1, visit, first=4_095), whole[4_095:4_096])


def test_later_visits_are_drawn_in_blocks_and_are_those_of_all_cases_drawn_at_once() -> None:
    hours, count = Distribution.model_validate({"triangular": ["2 h", "4 h", "8 h"]}), 3 * BLOCK + 5
    drawn = Drawn(hours, "work: valuation", Streams(7, 3), count)
    for visit in (0, 2):
        whole = hours.at(Streams(7, 3).uniforms("work: valuation", count, visit))
        numbers = [0, BLOCK - 1, BLOCK, count - 1]
        assert [drawn.at(number, visit) for number in numbers] == whole[numbers].tolist()
        assert drawn.of(np.array(numbers), np.full(4, visit)).tolist() == whole[numbers].tolist()
