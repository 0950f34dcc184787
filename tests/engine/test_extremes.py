"""The ends of the scale: nobody, everybody, at once, nothing, all."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from small_worlds import desk, minutes, scenario, tell

from simulator.analysis.comparison import Comparison
from simulator.analysis.measure import measure
from simulator.analysis.rounds import WorldResult, run_worlds
from simulator.analysis.summary import summary
from simulator.cli.comparison_tables import comparison_tables
from simulator.cli.tables import show
from simulator.experiment.replication import replicate
from simulator.scenario.load import LoadedScenario
from simulator.scenario.model import Scenario
from simulator.scenario.source import Node
from simulator.workflow.case import DRAWN


def loaded(world: Scenario) -> LoadedScenario:
    return LoadedScenario(world, {}, None, "as stated", Node(file="", line=0, column=0, value={}, keys={}))


def test_without_applicants_there_are_no_figures_and_no_mistakes(capsys: pytest.CaptureFixture[str]) -> None:
    never = scenario([desk("reviewer")], applicants={"arrivals": {"per_working_day": 1e-9}})
    result = WorldResult(loaded(never), "nobody")
    run_worlds([result], replications=2)
    compared = Comparison([result])
    figures = summary(compared)
    (entry,) = figures["results"]
    assert {count for name, count in entry["cases"].items() if name != "note"} == {0}
    assert entry["turnaround_days"]["mean"] == {"value": None, "low": None, "high": None, "note": "no such cases"}
    assert entry["drawn_within"]["share"]["value"] is None
    assert entry["loss_cny"]["total"]["value"] == 0
    show(*comparison_tables(compared, figures))
    assert "nan" not in capsys.readouterr().out.lower()


def test_with_endless_staff_nobody_waits() -> None:
    world = scenario(
        [desk("crowd", "9 h")], desks={"crowd": {"staff": 100_000, "calendar": "always"}},
        applicants={"arrivals": {"per_working_day": 100}},
    )  # fmt: skip
    happened = replicate(world, 1)
    served = happened.steps[happened.steps["step"] == 0]
    assert len(served) > 1500
    assert (served["start"] == served["entry"]).all()
    assert (served["worked"] == served["entry"] + 540).all()


def test_a_backlog_of_twenty_thousand_files_is_worked_off_in_order_without_a_gap() -> None:
    world = scenario(
        [desk("counter", "1 min")], desks={"counter": {"staff": 1, "calendar": "always"}},
        applicants={"arrivals": {"per_working_day": 21_000}}, run={"arrivals_for": "1 days"},
    )  # fmt: skip
    happened = replicate(world, 1)
    served = happened.steps[happened.steps["step"] == 0]
    assert len(served) > 20_000
    assert np.array_equal(served["case"], np.arange(len(served)))
    assert (happened.end == DRAWN).all()
    waited = served["start"][1:] > served["entry"][1:]
    assert waited.sum() > 20_000
    assert np.array_equal(served["start"][1:][waited], served["worked"][:-1][waited])


@pytest.mark.parametrize(("rate", "share"), [("0%", 0), ("100%", 1)])
def test_nobody_or_everybody_defaults(rate: str, share: int) -> None:
    credit = {
        "annual_default_rate": rate,
        "claim_after": "60 days",
        "recovery": {"haircut": "100%", "cost": "0%", "time": "1 days"},
    }
    world = scenario([desk("reviewer")], applicants={"arrivals": {"per_working_day": 5}}, credit=credit)
    happened = replicate(world, 1)
    measures = measure(world, happened, 1).products[0]
    assert measures.defaults == share * len(happened.loans) == len(happened.losses)
    assert sum(measures.borne.values()) == share * measures.drawn


LIMITS = {"amount": {"of": {"appraised_value": "40%"}, "at_most": "5m CNY", "at_least": "100k CNY"}}


@pytest.mark.parametrize(
    ("asked", "value", "line"),
    [
        ("100k CNY", "1m CNY", 100_000_00),
        ("99999.99 CNY", "1m CNY", 0),
        ("5m CNY", "100m CNY", 5_000_000_00),
        ("5000000.01 CNY", "100m CNY", 5_000_000_00),
        ("3m CNY", "5m CNY", 2_000_000_00),
        ("3m CNY", "1000000.02 CNY", 400_000_00),
        ("3m CNY", "250k CNY", 100_000_00),
        ("3m CNY", "249999.99 CNY", 0),
    ],
)
def test_a_credit_line_is_what_is_asked_up_to_every_limit_to_the_fen(asked: str, value: str, line: int) -> None:
    firm = ("03-01 10:00", {"amount_requested": asked, "appraised_value": value})
    happened = replicate(scenario([desk("reviewer")], firms=[firm], product=LIMITS), 1)
    assert happened.credit_line.tolist() == [line]
    assert (happened.end == DRAWN).tolist() == [line > 0]


def test_amounts_of_a_trillion_are_exact_to_the_fen() -> None:
    firm: Any = ("03-01 10:00", {"amount_requested": "9999999999999.99 CNY", "appraised_value": "10000000000000 CNY"})
    sharing = {"risk_sharing": {"split": {"bank": "1/3", "fund": "rest"}}}
    credit = {
        "annual_default_rate": "100%",
        "claim_after": "1 days",
        "recovery": {"haircut": "0%", "cost": "0%", "time": "1 days"},
    }
    (loss,) = replicate(scenario([desk("reviewer")], firms=[firm], product=sharing, credit=credit), 1).losses
    assert loss.principal == 999_999_999_999_999
    assert dict(loss.allocation.paid) == {"bank": 333_333_333_333_333, "fund": 666_666_666_666_666}
    assert loss.surplus == 1


def test_work_of_no_length_takes_no_time_but_needs_an_open_desk() -> None:
    told = tell(scenario([desk("reviewer", "0 min")], firms=["03-01 10:00", "03-01 18:00"]))
    assert told.drawn == ["03-01 10:00", "03-02 09:00"]


def test_a_thousand_firms_at_one_moment_are_all_served() -> None:
    told = tell(scenario([desk("reviewer", "1 min")], firms=["03-01 09:00"] * 1000))
    assert told.order("credit approval") == list(range(1000))
    assert told.happened.drawn_at[479] == minutes("03-01 17:00")
    assert told.happened.drawn_at[480] == minutes("03-02 09:01")


@pytest.mark.slow
def test_a_hundred_thousand_cases_pass_six_stages_and_are_all_drawn() -> None:
    stages = ("application", "due diligence", "valuation", "rating", "credit approval", "contract")
    desks = {name: {"staff": 1, "calendar": "always"} for name in stages}
    world = scenario(
        [desk(name, {"exponential": "8 min"}, title=name) for name in stages],  # type: ignore[arg-type]
        desks=desks,
        calendars={"office": {"hours": "always", "days": "every day"}},
        applicants={"arrivals": {"per_working_day": 144}},
        run={"arrivals_for": "695 days"},
    )
    happened = replicate(world, 1)
    assert len(happened.firms) > 99_000
    assert (happened.end == DRAWN).all()
    assert len(happened.steps) == 7 * len(happened.firms)
    measures = measure(world, happened, 1)
    assert np.isfinite(measures.products[0].turnaround).all()
    for name in stages:
        found = measures.desks[f"bank {name}"]
        assert found.busy_minutes / found.capacity_minutes == pytest.approx(0.8, abs=0.03)
