"""Replications are added until figures are as precise as asked for, and what was reached is told."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from small_town import TOWN
from spoken import Command

from simulator.analysis import precision, rounds
from simulator.analysis.comparison import Comparison, comparison_of
from simulator.analysis.intervals import estimate
from simulator.analysis.precision import FEWEST, run_until_precise
from simulator.analysis.rounds import WorldResult, run_worlds
from simulator.analysis.targets import read_target
from simulator.errors import PledgesimError
from simulator.scenario.load import load

pytestmark = pytest.mark.whole

OVERLOADED = Path(__file__).parent / "theory" / "overloaded.yaml"
@pytest.fixture
def town(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    (tmp_path / "town.yaml").write_text(TOWN, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return "town.yaml"


def said(*words: str) -> Result:
    return Command(*words).said("--workers", "1")


def one(file: str) -> Comparison:
    return Comparison([WorldResult(load(file), "town")])


def reached(comparison: Comparison) -> list[Any]:
    """What was reached, as programs get it."""
    return [each.as_json() for each in comparison.precision]


@pytest.mark.parametrize(
    ("text", "measure", "half", "relative", "of_differences"),
    [
        ("turnaround.mean 2%", "turnaround.mean", 0.02, True, False),
        ("  turnaround_days.p90   0.5 days ", "turnaround_days.p90", 0.5, False, False),
        ("loss.total 100k CNY", "loss.total", 100_000, False, False),
        ("loss.by_party.the bank 1,000 CNY", "loss.by_party.the bank", 1_000, False, False),
        ("drawn_within.share 0.01", "drawn_within.share", 0.01, False, False),
        ("difference of turnaround.mean 1 day", "turnaround.mean", 1, False, True),
    ],
)
def test_a_measure_is_asked_for_by_a_share_of_its_value_or_an_amount(
    text: str, measure: str, half: float, relative: bool, of_differences: bool
) -> None:
    target = read_target(text)
    assert (target.measure, target.half_width) == (measure, pytest.approx(half))
    assert (target.relative, target.of_differences) == (relative, of_differences)


@pytest.mark.parametrize("text", ["", "turnaround.mean", "2%", "turnaround.mean x%", "turnaround.mean 3 apples"])
def test_what_is_no_precision_is_refused_with_the_form(text: str) -> None:
    with pytest.raises(PledgesimError, match="write it as: MEASURE HALF-WIDTH"):
        read_target(text)


@pytest.mark.parametrize("text", ["turnaround.mean 0%", "turnaround.mean -1", "turnaround.mean -2%"])
def test_a_half_width_is_above_zero(text: str) -> None:
    with pytest.raises(PledgesimError, match=r"a half width is above zero|is not a half width"):
        read_target(text)


def test_replications_are_added_until_the_half_width_is_reached_and_no_longer(town: str) -> None:
    comparison = one(town)
    assert run_until_precise(comparison, [read_target("turnaround.mean 20%")])
    count = comparison.replications
    (told,) = reached(comparison)
    assert count > FEWEST and told["reached"] and told["half_width"] <= told["wanted"]
    # They are the replications of a plain run, and the first few would not have been enough.
    plain = one(town)
    run_worlds(plain.worlds, replications=count)
    means = [each.products[0].turnaround.mean() for each in plain.worlds[0].replications]
    assert estimate(means).value == pytest.approx(told["value"])
    few = estimate(means[:FEWEST])
    assert few.value is not None and few.high is not None and few.high - few.value > 0.2 * few.value


def test_what_is_precise_already_takes_the_fewest(town: str) -> None:
    comparison = one(town)
    assert run_until_precise(comparison, [read_target("turnaround.mean 90%")])
    assert comparison.replications == FEWEST
    assert run_until_precise(comparison, [read_target("turnaround.mean 90%")], least=17)
    assert comparison.replications == 17


def test_every_measure_of_every_world_is_to_be_as_precise_and_worlds_stay_paired(town: str) -> None:
    comparison = comparison_of([town])
    targets = [read_target("turnaround.mean 20%"), read_target("turnaround.p90 20%")]
    assert run_until_precise(comparison, targets)
    assert [(each["asked"], each["of"]) for each in reached(comparison)] == [
        ("turnaround.mean 20%", "town"), ("turnaround.mean 20%", "town: two reviewers"),
        ("turnaround.p90 20%", "town"), ("turnaround.p90 20%", "town: two reviewers"),
    ]  # fmt: skip
    assert all(each["reached"] for each in reached(comparison))
    assert len({len(world.replications) for world in comparison.worlds}) == 1


def test_a_difference_may_be_asked_for(town: str) -> None:
    comparison = comparison_of([town])
    assert run_until_precise(comparison, [read_target("difference of turnaround.mean 0.5 days")])
    (told,) = reached(comparison)
    assert told["of"] == "town: two reviewers less town" and told["reached"] and told["value"] < 0


def test_what_is_not_reached_is_told_with_what_was_and_the_limit_is_kept(town: str) -> None:
    words = ["run", town, "--precision", "loss.total 1%", "--max-replications", "12"]
    told = said(*words).stdout
    assert "over 12 replications" in told
    assert "Precision 'loss.total 1%' is not reached for town: " in told
    (entry,) = json.loads(said(*words, "--json").stdout)["precision"]
    assert not entry["reached"] and entry["half_width"] > entry["wanted"] == pytest.approx(entry["value"] / 100)
    assert "Precision 'turnaround.mean 90%': reached." in said("run", town, "--precision", "turnaround.mean 90%").stdout


def test_where_cases_stay_open_no_replications_are_added_in_vain() -> None:
    comparison = Comparison([WorldResult(load(OVERLOADED), "overloaded")])
    assert run_until_precise(comparison, [read_target("turnaround.mean 1%")], least=3, most=500)
    assert comparison.replications == 3
    assert reached(comparison)[0]["note"] == "not finite: some cases are still open"


def test_replications_that_would_take_longer_than_the_limit_are_not_begun(
    town: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(precision, "expected_seconds", lambda loaded, replications: 36.0 * replications)
    comparison = one(town)
    assert run_until_precise(comparison, [read_target("turnaround.mean 1%")], limit_hours=0.15)
    assert comparison.replications == 15


def test_an_unknown_measure_is_told_after_one_replication_with_the_nearest(town: str) -> None:
    done = said("compare", town, "--precision", "turnaroud.mean 2%")
    assert done.exit_code == 2
    assert "no measure 'turnaroud.mean'; did you mean 'turnaround.mean'?" in done.stderr
    assert "loss.by_party.bank" in done.stderr
    done = said("run", town, "--precision", "difference of turnaround.mean 2%")
    assert "there is one world, and so no difference" in done.stderr


@pytest.mark.slow
def test_the_number_of_replications_is_the_same_on_one_core_and_on_two(town: str) -> None:
    found = []
    for workers in (1, 2):
        comparison = comparison_of([town])
        run_until_precise(comparison, [read_target("turnaround.mean 30%")], workers=workers)
        found.append((comparison.replications, reached(comparison)))
    assert found[0] == found[1]


def test_an_interruption_keeps_what_was_finished(town: str) -> None:
    comparison = one(town)

    def interrupting(done: int, total: int) -> None:
        if done >= 14:
            raise KeyboardInterrupt

    assert not run_until_precise(comparison, [read_target("turnaround.mean 1%")], progress=interrupting)
    assert comparison.replications == 14 and not reached(comparison)[0]["reached"]


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (("--max-replications", "20"), "--max-replications goes with --precision"),
        (("--precision", "turnaround.mean 2%", "-n", "30", "--max-replications", "20"), "-n 30 is more than"),
        (("--precision", "turnaround.mean 2%", "--applicant", "x"), "leave it out with --applicant"),
    ],
)
def test_options_that_do_not_go_together_are_told(town: str, words: tuple[str, ...], why: str) -> None:
    done = said("run", town, *words)
    assert done.exit_code == 2 and why in done.stderr


def test_the_rounds_of_a_precision_share_their_worker_processes(town: str, monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[int] = []
    open_pool = rounds.open_pool

    def counted(worlds: Any, workers: int, cluster: Any) -> Any:
        opened.append(workers)
        return open_pool(worlds, workers, cluster)

    monkeypatch.setattr(rounds, "open_pool", counted)
    comparison = one(town)
    counts: list[int] = []
    asked = [read_target("turnaround.mean 3%")]
    run_until_precise(comparison, asked, workers=2, progress=lambda done, total: counts.append(total))
    assert opened == [2]
    assert len(set(counts)) > 2 and comparison.replications > FEWEST, "there was more than one round in them"
