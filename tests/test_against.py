"""In a comparison file a world can be set against another than the first."""

from __future__ import annotations

from pathlib import Path

import pytest

from simulator.analysis.comparison import comparison_of
from simulator.analysis.rounds import run_worlds
from simulator.errors import ScenarioError

FILE = """\
kind: comparison
question: Which?
about: "What the reader has to know: this is not in the model."
compare:
  - {{scenario: C8-F1, label: a}}
  - {{scenario: C8-F0, label: b}}
  - {{scenario: C8-F1, variant: three reviews, label: c, against: {against}}}
run: {{arrivals_for: 60 days}}
"""


def written(folder: Path, against: str) -> str:
    path = folder / "mine.yaml"
    path.write_text(FILE.format(against=against), encoding="utf-8")
    return str(path)


def test_a_world_is_compared_with_that_against_which_it_is_set(tmp_path: Path) -> None:
    comparison = comparison_of([written(tmp_path, "b")])
    run_worlds(comparison.worlds, replications=2)
    pairs = {(each.a, each.b) for each in comparison.differences()}
    assert pairs == {("a", "b"), ("b", "c")}


def test_what_a_comparison_says_of_itself_stands_with_its_results(tmp_path: Path) -> None:
    assert comparison_of([written(tmp_path, "b")]).about.startswith("What the reader has to know")


def test_a_world_set_against_none_of_the_list_is_a_mistake_at_its_place(tmp_path: Path) -> None:
    with pytest.raises(ScenarioError) as told:
        comparison_of([written(tmp_path, "bb")])
    (problem,) = told.value.problems
    assert (problem.line, problem.found) == (7, "no world here has the label 'bb'; did you mean 'b'?")
