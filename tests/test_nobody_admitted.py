"""A product for which no applicant qualifies says so instead of printing empty figures alone."""

from __future__ import annotations

from click.testing import CliRunner

from simulator.cli import group
from simulator.experiment.replication import replicate
from simulator.scenario.load import load


def shown(*arguments: str) -> str:
    result = CliRunner().invoke(group, [*arguments, "--replications", "2", "--workers", "1"])
    assert result.exit_code == 0, result.output
    return result.output


def test_a_run_in_which_nobody_is_eligible_says_so() -> None:
    assert "C2-F0 admits nobody" in shown("run", "C2-F0")


def test_a_run_in_which_somebody_is_eligible_does_not() -> None:
    assert "admits nobody" not in shown("run", "C2-F2")


def test_who_owns_the_indication_and_who_does_not_are_both_refused() -> None:
    scenario = load("C2-F0").scenario
    happened = replicate(scenario, 1)
    rules = list(scenario.products["direct loan"].eligibility)
    owners = happened.firms.columns["owns_geographical_indication"].astype(bool)
    assert set(happened.rule[owners]) == {rules.index("legal_form")}
    assert rules.index("owns_geographical_indication") in set(happened.rule[~owners])
    assert not (happened.product >= 0).any()
