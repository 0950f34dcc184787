"""Many worlds that differ in a few values: which they are, that each is the world it says, one table and one chart."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import numpy as np
import pytest
from chart_worlds import collisions, texts_of
from click.testing import CliRunner
from small_town import TOWN
from spoken import Command

from simulator.analysis.intervals import Estimate
from simulator.analysis.sweep import Over, Point, names_of, points_of, read_over
from simulator.charts import sweep as sweep_chart
from simulator.cli import group
from simulator.errors import PledgesimError
from simulator.scenario.load import load
from simulator.scenario.spoken_paths import paths_said
from simulator.texts import speaking

pytestmark = pytest.mark.whole

STAFF, INSURER = "parties.bank.desks.reviewer.staff", "products.*.risk_sharing.split.insurer"


@pytest.fixture(autouse=True)
def town(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("town.yaml").write_text(TOWN, encoding="utf-8")


SWEEP = Command("sweep", "town.yaml", "--workers", "1")
said, answer = SWEEP.said, SWEEP.answer


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("run.seed=1,2,3", ("1", "2", "3")),
        ("a.b = x , {uniform: [1 h, 2 h]}", ("x", "{uniform: [1 h, 2 h]}")),
        ("a={x: 1, y: [2, 3]},{z: {q: 4, r: 5}}", ("{x: 1, y: [2, 3]}", "{z: {q: 4, r: 5}}")),
        ("a=50%..80%/4", ("50%", "60%", "70%", "80%")),
        ("a=1..4/4", ("1", "2", "3", "4")),
        ("a=0..1/3", ("0", "0.5", "1")),
        ("a=2 h..3 h/3", ("2 h", "2.5 h", "3 h")),
        ("a=1..5m CNY/3", ("1 m CNY", "3 m CNY", "5 m CNY")),
    ],
)
def test_values_are_a_list_or_a_range(text: str, values: tuple[str, ...]) -> None:
    assert read_over(text, sampled=False).values == values


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("x", "is not of the form"), ("=1", "is not of the form"), ("a=", "is not of the form"),
        ("a=1,,2", "has an empty value"), ("a=1,1", "stands there twice"), ("a=1..3", "needs a number of values"),
        ("a=3..1/2", "does not rise"), ("a=1%..3 h/2", "begins in '%' and ends in 'h'"), ("a=1..3/1", "at least 2"),
        ("a=1.2.3..4/2", "no numbers"),
    ],
)  # fmt: skip
def test_what_is_no_range_or_list_is_refused(text: str, why: str) -> None:
    with pytest.raises(PledgesimError) as error:
        read_over(text, sampled=False)
    assert why in str(error.value)


def test_a_grid_has_all_combinations_and_a_sample_meets_every_part_of_every_range_once() -> None:
    overs = [Over("a", ("1", "2")), Over("b", ("x", "y", "z"))]
    assert points_of(overs, None, 1) == [(a, b) for a in "12" for b in "xyz"]
    ranges = [read_over("a=0%..100%", sampled=True), read_over("b=1..10", sampled=True), Over("c", ("x", "y"))]
    points = points_of(ranges, 20, 1)
    shares = sorted(float(a.removesuffix("%")) for a, _, _ in points)
    assert [int(share // 5) for share in shares] == list(range(20))
    assert sorted(int(b) for _, b, _ in points) == sorted([*range(1, 11)] * 2)
    assert sorted(c for *_, c in points) == ["x"] * 10 + ["y"] * 10
    assert points == points_of(ranges, 20, 1) != points_of(ranges, 20, 2)


def test_too_many_worlds_and_a_path_twice_are_refused() -> None:
    many = Over("a", tuple(map(str, range(100))))
    with pytest.raises(PledgesimError, match="10,000 worlds, at most 2,000"):
        points_of([many, Over("b", many.values)], None, 1)
    with pytest.raises(PledgesimError, match="names a path twice"):
        points_of([many, many], None, 1)


def test_paths_are_called_by_as_few_of_their_parts_as_tell_them_apart() -> None:
    assert names_of([STAFF, INSURER]) == ["staff", "insurer"]
    assert names_of(["a.x.staff", "a.y.staff"]) == ["x.staff", "y.staff"]


def test_each_world_is_what_a_run_with_these_values_gives() -> None:
    found = answer("--over", f"{STAFF}=1,2", "--over", f"{INSURER}=50%..90%/2", "--measure", "loss.by_party.bank")
    assert [list(world["values"].values()) for world in found["worlds"]] == [
        ["1", "50%"], ["1", "90%"], ["2", "50%"], ["2", "90%"],
    ]  # fmt: skip
    words = ["run", "town.yaml", "--json", "--workers", "1", "--set", f"{STAFF}=2", "--set", f"{INSURER}=50%"]
    alone = json.loads(CliRunner().invoke(group, words).stdout)["results"][0]
    told = found["worlds"][2]["measures"]["loss_cny.by_party.bank"]
    together = told.pop("together")
    assert told == alone["loss_cny"]["by_party"]["bank"]
    assert together["low"] < told["low"] < told["high"] < together["high"]
    # The share that is swept has a rest: what one bears less the other bears more.
    borne = [world["measures"]["loss_cny.by_party.bank"]["value"] for world in found["worlds"]]
    assert borne[0] == pytest.approx(5 * borne[1], rel=0.01) and borne[0] == borne[2]


def test_one_table_tells_every_world_and_a_variant_may_be_swept() -> None:
    told = said("--over", f"{STAFF}=1,2", "-n", "2")
    assert told.exit_code == 0 and "over 2 replications; of one measure those of all 2 hold together" in told.stdout
    first = answer("--over", f"{STAFF}=1,2", "-n", "2")["worlds"][0]["measures"]["turnaround_days.mean"]["value"]
    assert f"{first:.1f} ± " in told.stdout and "drawn within share (%)" in " ".join(told.stdout.split())
    staffed = answer("--over", "run.seed=5,6", "-n", "2", "--variant", "two reviewers")["worlds"]
    assert staffed[0]["measures"]["turnaround_days.mean"]["value"] < first


def test_a_folder_holds_the_table_and_one_chart() -> None:
    words = ["--over", f"{STAFF}=1,2", "--over", f"{INSURER}=50%,90%", "-n", "2", "--out", "result"]
    assert "Written to result: summary.json, manifest.json, points.csv and a chart." in said(*words).stdout
    with open("result/points.csv", encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    told = json.loads(Path("result/summary.json").read_text(encoding="utf-8"))
    assert [row[STAFF] for row in rows] == ["1", "1", "2", "2"]
    for row, world in zip(rows, told["worlds"], strict=True):
        assert float(row["turnaround_days.mean"]) == world["measures"]["turnaround_days.mean"]["value"]
    assert {path.name for path in Path("result/charts").iterdir()} == {"sweep.png", "sweep.svg"}
    assert json.loads(Path("result/manifest.json").read_text(encoding="utf-8"))["written"] == "whole"


def test_a_sweep_of_shares_tells_first_what_each_party_bears() -> None:
    worlds = answer("--over", f"{INSURER}=50%,90%", "-n", "2")["worlds"]
    parties = ["loss_cny.by_party.insurer", "loss_cny.by_party.bank"]
    for world in worlds:
        assert set(list(world["measures"])[:2]) == set(parties)
        borne = [world["measures"][name]["value"] for name in [*parties, "loss_cny.total"]]
        assert borne[0] + borne[1] == pytest.approx(borne[2]) and borne[2] > 0
    assert worlds[0]["measures"][parties[0]]["value"] < worlds[1]["measures"][parties[0]]["value"]
    assert parties[0] not in answer("--over", f"{STAFF}=1,2", "-n", "2")["worlds"][0]["measures"]


def test_what_has_been_run_is_taken_from_the_store() -> None:
    first = said("--over", f"{STAFF}=1,2", "-n", "2", "--store", "s.sqlite", "--json")
    more = said("--over", f"{STAFF}=1,2,3", "-n", "2", "--store", "s.sqlite", "--json")
    assert more.stderr == "4 replications were in s.sqlite\n"
    before, after = (json.loads(done.stdout)["worlds"] for done in (first, more))
    for old, new in zip(before, after, strict=False):
        for name, told in old["measures"].items():
            # Only what holds together with a third world is wider.
            assert {**told, "together": None} == {**new["measures"][name], "together": None}
            assert told["together"] != new["measures"][name]["together"] or told["low"] == told["high"]


def test_worlds_that_cannot_be_are_told_with_their_values() -> None:
    done = said("--over", f"{STAFF}=0,1,-2")
    assert done.exit_code == 2 and done.stdout == ""
    assert "in the world staff=0\n2 of 3 worlds cannot be run" in done.stderr
    done = said("--over", "parties.bank.desks.reviewer.staf=1,2")
    assert "did you mean 'staff'?" in done.stderr and "2 of 2 worlds cannot be run" in done.stderr
    done = said("--over", "products.loan.risk_sharing.split={insurer: 50%, bank: 40%},{insurer: 80%, bank: rest}")
    assert "shares sum to 90%, not 100%" in done.stderr and "1 of 2 worlds cannot be run" in done.stderr
    assert "no measure 'turnaroud'" in said("--over", f"{STAFF}=1,2", "-n", "2", "--measure", "turnaroud").stderr


def points(*values: tuple[str, ...]) -> list[Point]:
    luck = np.random.default_rng(1)
    found = []
    for each in values:
        value = float(luck.uniform(5, 9))
        measures = {"turnaround_days.mean": Estimate(value, value - 0.5, value + 0.5), "defaults": Estimate(value)}
        found.append(Point(each, "loan", 5, measures))
    return found


def test_lines_are_drawn_over_the_first_value_and_the_numbers_are_those_of_the_table() -> None:
    given = points(*((a, b) for a in ("1", "2", "4") for b in ("50%", "90%")))
    figure = sweep_chart.draw(given, ["staff", "insurer"], "town")
    assert figure is not None and list(collisions(figure)) == []
    days = figure.axes[0]
    assert days.get_ylabel() == "turnaround mean (days)" and days.get_xlabel() == "staff"
    lines = [line for line in days.lines if line.get_marker() in ("o", "s")]
    for line, second in zip(lines, ("50%", "90%"), strict=True):
        assert list(line.get_xdata()) == [1, 2, 4]
        of = [each.measures["turnaround_days.mean"].value for each in given if each.values[1] == second]
        assert list(line.get_ydata()) == pytest.approx(of)
    assert {"insurer 50%", "insurer 90%"} <= set(texts_of(figure))


def test_whiskers_are_the_intervals_that_hold_together() -> None:
    measures = {"default_rate": Estimate(0.5, 0.1, 0.9, together=(0.0, 1.0))}
    measures["loss_cny.total"] = Estimate(1e6, 0, 2e6, together=(0.0, 3e6))
    figure = sweep_chart.draw([Point((each,), "loan", 5, measures) for each in "12"], ["staff"], "town")
    assert figure is not None
    ends = [np.vstack([line for part in axes.collections for line in part.get_segments()]) for axes in figure.axes]  # type: ignore[attr-defined]
    assert [(each[:, 1].min(), each[:, 1].max()) for each in ends] == [(0, 100), (0, 3)]


def test_swept_paths_are_told_by_the_names_of_the_scenario_in_chinese() -> None:
    named = "desks: {reviewer: {name: {zh: 审批岗}, staff: 1}}"
    Path("town.yaml").write_text(TOWN.replace("desks: {reviewer: {staff: 1}}", named), encoding="utf-8")
    scenario = load("town.yaml").scenario
    paths = [STAFF, INSURER, "credit.correlation", "other.zz_top"]
    assert paths_said(scenario, paths, names_of(paths)) == names_of(paths)
    with speaking("zh"):
        assert paths_said(scenario, paths, names_of(paths)) == [
            "审批岗·人数", "保险公司·分担比例", "相关系数", "zz top",
        ]  # fmt: skip
        alike = ["credit.correlation", "other.correlation"]
        assert paths_said(scenario, alike, names_of(alike)) == names_of(alike)
    told = said("--over", f"{STAFF}=1,2", "-n", "2", "--lang", "zh", "--out", "result").stdout
    assert "人数" in told and "staff" not in told
    assert "town.yaml" not in Path("result/charts/sweep.svg").read_text(encoding="utf-8")


def test_a_sample_is_drawn_as_dots_over_each_value_and_words_stand_side_by_side() -> None:
    given = points(*((f"{number}%", str(number * 7 % 5), "ab"[number % 2]) for number in range(8)))
    figure = sweep_chart.draw(given, ["insurer", "staff", "kind"], "town")
    assert figure is not None and len(figure.axes) == 3 and list(collisions(figure)) == []
    assert [axes.get_xlabel() for axes in figure.axes] == ["insurer (%)", "staff", "kind"]
    assert {"a", "b"} <= set(texts_of(figure))
    nothing = [Point(each.values, "loan", 5, {"x": Estimate(None)}) for each in given]
    assert sweep_chart.draw(nothing, ["insurer", "staff", "kind"], "town") is None
