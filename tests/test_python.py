"""The public Python interface says and computes what files and the command line do."""

from __future__ import annotations

import doctest
import importlib
import json
import pkgutil
import re
import subprocess
import sys
from pathlib import Path

import matplotlib.axes
import numpy as np
import pandas
import pytest
from bundled import PRODUCTS
from click.testing import CliRunner
from small_town import TOWN

import simulator
import simulator.api
from simulator.charts import fonts, gallery
from simulator.cli import group
from simulator.texts import language

pytestmark = pytest.mark.whole

ROOT = Path(__file__).resolve().parent.parent
MODULES = ["simulator", *(f"simulator.api.{each.name}" for each in pkgutil.iter_modules(simulator.api.__path__))]
FLAGS = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE


@pytest.fixture(scope="module")
def town() -> simulator.Scenario:
    return simulator.loads(TOWN)


@pytest.fixture(scope="module")
def result(town: simulator.Scenario) -> simulator.Result:
    return simulator.compare(town)


@pytest.mark.parametrize("module", MODULES)
def test_every_example_in_a_docstring_gives_what_it_says(module: str) -> None:
    found = doctest.testmod(importlib.import_module(module), extraglobs={"simulator": simulator}, optionflags=FLAGS)
    assert found.failed == 0


def test_importing_the_package_loads_nothing_and_lists_every_public_name() -> None:
    program = (
        "import simulator, sys\n"
        "print(sorted(name for name in sys.modules if name.startswith('simulator')), dir(simulator))\n"
        "simulator.load\n"
        "print({'matplotlib', 'scipy', 'pandas'} & set(sys.modules))"
    )
    said = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert said == f"['simulator'] {sorted(simulator.__all__)}\nset()\n"
    assert all(getattr(simulator, name).__doc__ for name in simulator.__all__ if name != "__version__")
    with pytest.raises(AttributeError, match="no attribute 'compar'"):
        _ = simulator.compar


def test_the_figures_are_those_of_the_command_line_to_the_last_bit(tmp_path: Path) -> None:
    file = tmp_path / "town.yaml"
    file.write_text(TOWN, encoding="utf-8")
    said = CliRunner().invoke(group, ["compare", str(file), "--workers", "1", "--json"])
    assert said.exit_code == 0, said.output
    told = json.loads(said.stdout)
    assert simulator.compare(str(file)).summary == told
    assert simulator.compare(simulator.load(file)).summary == told
    town = simulator.load(file)
    changed = town.change({"parties.bank.desks.reviewer.staff": 2}, "two reviewers")
    assert simulator.compare(town.data, changed).summary["differences"] == told["differences"]


def test_losses_are_those_of_the_command_line_to_the_last_bit() -> None:
    said = CliRunner().invoke(group, ["losses", "C9-F2", "--against", "C9-F1", "--paths", "300", "--json"])
    assert simulator.losses("C9-F2", against="C9-F1", paths=300).summary == json.loads(said.stdout)
    given = simulator.losses(simulator.load("C9-F2"), against=simulator.load("C9-F1").agreement(), paths=300)
    assert {**given.summary, "against": None} == {**json.loads(said.stdout), "against": None}


@pytest.mark.parametrize("name", PRODUCTS)
def test_every_bundled_scenario_can_be_said_as_data_with_the_same_results(name: str) -> None:
    scenario = simulator.load(name)
    assert simulator.load(scenario.data).digest == scenario.digest


def test_a_change_in_python_is_the_variant_of_a_file(town: simulator.Scenario) -> None:
    variant = town.variant("two reviewers")
    assert town.change({"parties.bank.desks.reviewer.staff": 2}).digest == variant.digest
    assert town.change({"parties": {"bank": {"desks": {"reviewer": {"staff": np.int64(2)}}}}}).digest == variant.digest
    assert town.digest != variant.digest
    assert town.value("parties.bank.desks.reviewer.staff") == 1


def test_two_changes_made_one_after_the_other_both_hold(town: simulator.Scenario) -> None:
    changed = town.change({"run.seed": 7}).change({"credit.correlation": "20%"}, "both")
    assert (changed.value("run.seed"), changed.value("credit.correlation"), changed.label) == (7, "20%", "town: both")


def test_an_assumption_of_a_base_does_not_vouch_for_a_value_changed_in_python() -> None:
    scenario = simulator.load("C8-F1")
    assert "credit.correlation" in scenario.assumptions()["path"].tolist()
    changed = scenario.change({"credit.correlation": "20%"})
    assert "credit.correlation" not in changed.assumptions()["path"].tolist()
    twice = changed.change({"run.seed": 7})
    assert len(twice.assumptions()) == len(changed.assumptions()) == len(scenario.assumptions()) - 1
    told = {"assumed": "A bad year", "range": ["10%", "30%"]}
    with_evidence = scenario.change({"credit.correlation": "20%", "evidence": {"credit.correlation": told}})
    assert with_evidence.assumptions().set_index("path").loc["credit.correlation", "range"] == "10% to 30%"


def test_an_assumption_stands_with_the_value_that_the_scenario_has() -> None:
    scenario = simulator.load("C8-F1")
    values = scenario.assumptions().set_index("path")["value"]
    plain = [path for path in values.index if "*" not in path and ".flow." not in path]
    assert all(values[path] == scenario.value(path) for path in plain) and len(plain) > 100
    assert values["products.guaranteed loan.flow.valuation.valuer.spread"] == "25%"
    staff = values["parties.*.desks.*.staff"]
    assert staff["parties.guarantor.desks.account manager.staff"] == 1


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        (lambda town: town.variant("two reviewer"), "no variant 'two reviewer'; did you mean 'two reviewers'?"),
        (
            lambda town: town.change({"parties.bank.desks.reviewer.staf": 2}),
            "parties.bank.desks.reviewer.staf: unknown key 'staf' in parties.bank.desks.reviewer; did you mean 'staff'",
        ),
        (
            lambda town: town.change({"run.seed": {1, 2}}),
            "run.seed: a set is nothing that a scenario can say\n    allowed here: texts, numbers, True and False",
        ),
        (lambda town: town.change({"run.seed": float("nan")}), "run.seed: nan is no number that a scenario can say"),
        (lambda town: town.change({3: 4}), "scenario: the key 3 is no text"),
        (lambda town: town.change({"run.seed": 2}, "as stated"), "name 'as stated' means the scenario without changes"),
        (lambda town: town.change({"run.seed": 2}, ""), "name='': a name may not be empty"),
        (lambda town: town.change({"run.seed": 2}, "a\u202eb"), "name='a\\u202eb': a name may not hold the invisible"),
        (lambda town: town.change({"run.seed": 2}, "a\nb"), "a name may not hold the invisible character U+000A"),
        (lambda town: town.change({"run.seed": 2}, "a" * 201), "a name of 201 characters is too long"),
        (lambda town: town.value("run.sed"), "no 'sed' in 'run'; did you mean 'seed'?"),
        (lambda town: simulator.load({"extends": "pledgesim:C8-F9"}), "extends: no bundled scenario 'C8-F9'; did you "),
        (
            lambda town: simulator.load({"extends": "base.yaml"}),
            "extends: extends 'base.yaml', but a scenario without a file has no folder\n"
            "    allowed here: pledgesim:NAME for a bundled scenario",
        ),
        (lambda town: simulator.load(7), "source=7 must be a file, the id of a bundled scenario, or a dictionary"),
        (lambda town: simulator.loads("id: a\nrun: [1]"), "text:2:1: run is a list"),
        (lambda town: simulator.load("ten-cases"), "try: simulator.compare('ten-cases')"),
        (lambda town: simulator.load("shanghai"), "shanghai is a base that others extend; it has nothing to run"),
        (lambda town: simulator.compare(), "compare needs at least one scenario"),
        (lambda town: simulator.run(town, replications=0), "replications=0 must be a whole number of at least 1"),
        (lambda town: simulator.run(town, workers=1.5), "workers=1.5 must be a whole number of at least 1"),
        (lambda town: simulator.run(town, limit_hours=1e-9), "the limit is 1e-09"),
        (lambda town: simulator.explain(town, case=-1), "case=-1 must be a whole number of at least 0"),
        (lambda town: simulator.explain(town, case=True), "case=True must be a whole number of at least 0"),
        (lambda town: simulator.explain(town, replication=None), "replication=None must be a whole number of at least"),
        (lambda town: simulator.explain(town, case=10_000), "there is no case 10000"),
        (lambda town: simulator.speak("fr"), "lang 'fr' is not spoken"),
        (lambda town: simulator.match({"anual_sales": "20m CNY"}, town, days=False), "did you mean 'annual_sales'?"),
        (lambda town: simulator.losses(town, paths=0), "paths=0 must be a whole number of at least 1"),
        (lambda town: simulator.losses(town, correlation=1.2, paths=10), "correlation=1.2 must be a share from 0 to 1"),
        (lambda town: simulator.losses(town, paths=10).against, "nothing was set against it"),
        (lambda town: simulator.losses(town, paths=10).chart("fund"), "chart 'fund' has nothing to show here"),
        (lambda town: simulator.sweep(town, {}), "over={} must name at least one path"),
        (lambda town: simulator.sweep(town, {"run.seed": "12"}), "over['run.seed']='12' must be a list"),
        (lambda town: simulator.sweep(town, {"run.seed": range(2_001)}), "2,001 worlds; at most 2,000 are run"),
        (lambda town: town.agreement("lone"), "town has no product 'lone'; did you mean 'loan'?; products: loan"),
        (lambda town: town.diagram(product="lone"), "town has no product 'lone'; did you mean 'loan'?; products: loan"),
        (
            lambda town: town.diagram(against="two reviewer"),
            "town has no variant 'two reviewer'; did you mean 'two reviewers'?, and there is no such file",
        ),
        (lambda town: town.diagram(against="C8-F9"), "C8-F9: no such file or bundled scenario; did you mean"),
        (lambda town: town.diagram(lang="fr"), "lang 'fr' is not spoken"),
        (lambda town: town.diagram().save("flow.png"), "flow.png: name a file that ends in .svg or .bpmn"),
        (
            lambda town: simulator.load("C6-F3").diagram(),
            "C6-F3 has several products; name one with product=: direct loan, guaranteed loan",
        ),
        (lambda town: town.agreement().share("2m"), "loss='2m' must be an amount such as '2m CNY'"),
        (lambda town: town.agreement().share(0.001), "loss=0.001 is not a whole number of fen"),
        (lambda town: town.agreement().share(0.009998), "loss=0.009998 is not a whole number of fen"),
        (lambda town: town.agreement().share(-1), "loss=-100 must be at least 0"),
        (lambda town: town.agreement().share(1, left={"a": 1}), "no fund 'a'; funds: none"),
        (lambda town: town.agreement().share(1, on="2021-13-01"), "'2021-13-01' is not a date"),
        (lambda town: town.agreement().share(1, on=5), "'5' is not a date"),
        (lambda town: town.agreement().share(1, left=5), "left=5 must be a dictionary"),
        (lambda town: town.agreement().share(1, bases=5), "bases=5 must be a dictionary"),
        (
            lambda town: simulator.load("C9-F2").agreement().share(5, left={"Fengxian reserve": -5}),
            "left['Fengxian reserve']=-5 must be at least 0",
        ),
        (lambda town: simulator.agreement(5), "source=5 must be a scenario, an agreement, a file, or a dictionary"),
        (lambda town: simulator.losses(None), "source=None must be a scenario, an agreement, a file, or a dictionary"),
        (lambda town: simulator.losses(town, seed=-1), "seed=-1 must be a whole number of at least 0"),
        (lambda town: simulator.losses(town, product=5), "product=5 must be a text"),
        (lambda town: simulator.loads(b"id: a"), "text=b'id: a' must be a text"),
        (lambda town: town.variant(5), "name=5 must be a text"),
        (lambda town: town.change([1]), "changes=[1] must be a dictionary"),
        (lambda town: town.change({"run.seed": 2}, 5), "name=5 must be a text"),
        (lambda town: town.value(5), "path=5 must be a text"),
        (lambda town: simulator.run(town, replications=True), "replications=True must be a whole number of at least 1"),
        (lambda town: simulator.run(town, precision=5), "precision=5 must be a text, or a list of texts"),
        (lambda town: simulator.run(town, store=5), "store=5 must be a path"),
        (lambda town: simulator.run(town, store="a\0b"), "store='a\\x00b' must be a path, which holds no NUL"),
        (lambda town: simulator.run(town, progress="x"), "progress='x' must be a function that takes (done, total)"),
        (lambda town: simulator.run(town, cluster=5), "cluster=5 must be a text"),
        (lambda town: simulator.compare(town, max_replications=5), "max_replications=5 must go with precision"),
        (lambda town: simulator.sweep(town, {"run.seed": [1]}, store=5), "store=5 must be a path"),
        (lambda town: simulator.losses(town, progress=5, paths=10), "progress=5 must be a function"),
        (lambda town: simulator.match("seed", town, progress=5), "progress=5 must be a function"),
        (lambda town: town.diagram().save(None), "path=None must be a path"),
        (lambda town: simulator.run(town, limit_hours=None), "limit_hours=None must be a number of at least 0"),
        (lambda town: simulator.run(town, limit_hours=float("nan")), "limit_hours=nan must be a number of at least 0"),
        (lambda town: simulator.sweep(town, [1]), "over=[1] must be a dictionary"),
        (lambda town: simulator.sweep(town, {"run.seed": 5}), "over['run.seed']=5 must be a list"),
        (lambda town: simulator.sweep(town, {5: [1]}), "path=5 must be a text"),
        (lambda town: simulator.sweep(town, {"run.seed": [1]}, replications=0), "replications=0 must be a whole"),
        (lambda town: simulator.sweep(town, {"run.seed": [1]}, workers=0), "workers=0 must be a whole number"),
        (lambda town: simulator.sweep(town, {"run.seed": [1]}, measures=5), "measures=5 must be a text, or a list"),
    ],
)
def test_what_is_wrong_is_told_with_what_is_allowed(town: simulator.Scenario, wrong: object, message: str) -> None:
    with pytest.raises(simulator.PledgesimError) as told:
        wrong(town)  # type: ignore[operator]
    assert message in str(told.value)
    assert "--" not in str(told.value).replace("--limit-hours", "")


def test_a_result_that_is_asked_for_what_it_has_not_says_what_it_has(result: simulator.Result) -> None:
    for ask, message in [
        (lambda: result.table("case"), "no table 'case'; did you mean 'cases'?; allowed: cases, steps"),
        (lambda: result.table("cases", "twon"), "no world 'twon'; did you mean 'town'?; worlds: town, town: two rev"),
        (lambda: result.chart("turnarond"), "unknown chart 'turnarond'; did you mean 'turnaround'?; allowed: "),
        (lambda: result.differences("turnaround.men"), "did you mean 'turnaround.mean'?"),
    ]:
        with pytest.raises(simulator.PledgesimError) as told:
            ask()
        assert message in str(told.value)


def test_a_place_that_is_no_path_is_told(result: simulator.Result) -> None:
    losses = simulator.losses("C9-F2", paths=300)
    for name, write in (("folder", result.save), ("page", result.report), ("folder", losses.save)):
        for place in (5, None, "a\0b"):
            with pytest.raises(simulator.PledgesimError) as told:
                write(place)  # type: ignore[arg-type]
            assert f"{name}={place!r} must be a path" in str(told.value)


def test_a_name_that_is_no_text_is_told(result: simulator.Result) -> None:
    asks = (result.table, result.chart, result.differences, result.by_replication)
    for ask in (*asks, lambda name: result.table("cases", name)):
        for name in (5, []):
            with pytest.raises(simulator.PledgesimError, match="must be a text"):
                ask(name)  # type: ignore[operator]


def test_frames_hold_the_figures_of_the_summary(result: simulator.Result) -> None:
    entry = result.summary["results"][1]
    row = result.turnaround().iloc[1]
    for statistic in ("mean", "p50", "p90"):
        found = entry["turnaround_days"][statistic]
        shown = [row[f"{statistic}_days{end}"] for end in ("", "_low", "_high")]
        assert shown == [found["value"], found["low"], found["high"]]
    assert result.cases().loc[1, "drawn"] == entry["cases"]["drawn"] == row["drawn"]
    losses = result.losses().query("world == 'town: two reviewers'").set_index("party")["loss_cny"]
    assert losses["all"] == entry["loss_cny"]["total"]["value"] == pytest.approx(losses["insurer"] + losses["bank"])
    parties = result.parties().groupby("world")["result_cny"].sum()
    assert parties.tolist() == pytest.approx([0, 0], abs=0.01)
    payments = result.payments().groupby(["world", "party"])["received_cny"].sum()
    gained = result.parties().set_index(["world", "party"])["result_cny"]
    assert payments["town", "bank"] == pytest.approx(gained["town", "bank"])
    days = result.differences("turnaround.mean").iloc[0]
    told = next(each for each in result.summary["differences"] if each["measure"] == "turnaround_days.mean")
    assert (days["value"], days["low_together"], days["drawn_in_both"]) == (
        told["value"], told["low"], told["drawn_in_both"],
    )  # fmt: skip
    lost = result.differences("loss_rate").iloc[0]
    rates = result.defaults()["loss_of_lent"]
    assert lost["value"] == pytest.approx(rates[1] - rates[0]) and lost["paired"]
    assert result.desks().loc[0, "utilisation"] == entry_of(result, 0)["desks"]["bank reviewer"]["utilisation"]["value"]


def test_a_figure_is_the_mean_over_the_replications(result: simulator.Result) -> None:
    runs = result.by_replication("turnaround.mean")
    assert runs["replication"].tolist() == [1, 2, 3] * 2
    means = runs.groupby("world")["value"].mean()
    assert means.tolist() == pytest.approx(result.turnaround()["mean_days"].tolist())


def entry_of(result: simulator.Result, number: int) -> dict[str, dict[str, dict[str, dict[str, float]]]]:
    found: dict[str, dict[str, dict[str, dict[str, float]]]] = result.summary["results"][number]
    return found


def test_the_days_of_steps_that_follow_one_another_add_up_to_the_turnaround(result: simulator.Result) -> None:
    days = result.steps().groupby("world")["days"].sum()
    cases = result.table("cases").query("end == 'drawn' and world == 'town'")
    waited = (cases["drawn_at"] - cases["applied_at"]).dt.total_seconds().mean() / 86_400
    assert abs(days["town"] - waited) < 1.0  # the steps are of all replications, the table of the first


def test_tables_have_the_types_that_their_columns_mean(result: simulator.Result) -> None:
    loans = result.table("loans")
    assert loans["drawn_at"].dtype.kind == "M" and loans["principal_cny"].dtype == float
    assert list(loans["world"].unique()) == list(result.worlds)
    assert result.table("cases")["end"].dtype.kind != "M" and result.table("steps")["end"].dtype.kind == "M"
    assert len(result.table("cases", "town")) == len(result.table("firms", "town"))
    assert result.table("funds").empty and result.funds().empty


def test_the_days_of_steps_stand_in_the_order_of_the_flow_and_are_those_of_the_summary() -> None:
    result = simulator.run("C6-F2", replications=2)
    frame, told = result.steps(), result.summary["results"][0]["days"]["steps"]
    assert frame["days"].tolist() == [each["total_days"]["value"] for each in told]
    assert frame["waiting_days"].tolist() == [each["days"]["waiting"] for each in told]
    uses = frame[["work_days", "waiting_days", "closed_days", "elapsed_days"]].sum(axis=1)
    assert uses.tolist() == pytest.approx(frame["days"].tolist())
    names = frame["step"].tolist()
    room = next(place for place, name in enumerate(names) if name.startswith("room in quota"))
    assert 0 < room < names.index("drawdown")


@pytest.mark.parametrize("form", ["svg", "bpmn"])
def test_a_diagram_that_is_saved_is_the_one_that_the_command_line_draws(form: str, tmp_path: Path) -> None:
    said = CliRunner().invoke(
        group, ["diagram", "C8-F1", "--against", "C8-F0", "--lang", "zh", "--out", str(tmp_path / f"a.{form}")]
    )
    assert said.exit_code == 0, said.output
    drawing = simulator.load("C8-F1").diagram(lang="zh", against="C8-F0")
    written = drawing.save(tmp_path / f"b.{form}")
    assert written.read_bytes() == (tmp_path / f"a.{form}").read_bytes()
    with pytest.raises(simulator.PledgesimError, match="is not a folder"):
        drawing.save(written / f"b.{form}")


def test_a_diagram_marks_what_a_change_in_python_makes_of_the_flow() -> None:
    stated = simulator.load("C8-F1")
    for drawing in (stated.variant("three reviews").diagram(against=stated), stated.diagram(against="three reviews")):
        assert "first review" in drawing._repr_svg_()
    slower = stated.change(
        {
            "flow": {"insert": {"before": "guarantee review", "steps": ["first review"]}},
            "stages.first review.elapsed": "5 working days",
        },
        name="a review more",
    )
    assert repr(slower.diagram(against=stated)).endswith(": a review more · Compared with as stated: added 1>")


def test_a_variant_is_set_against_the_scenario_as_stated_by_name() -> None:
    scenario = simulator.load("C8-F1")
    told = repr(scenario.variant("three reviews").diagram(against=scenario))
    assert repr(scenario.diagram(against="as stated")) == repr(scenario.diagram(against=scenario))
    assert "added 2" in told


def test_a_page_and_a_picture_take_the_place_of_nothing_else(result: simulator.Result, tmp_path: Path) -> None:
    scenario = tmp_path / "mine.yaml"
    scenario.write_text("id: mine", encoding="utf-8")
    diagram = simulator.load("C8-F1").diagram()
    for write in (result.report, diagram.save):
        with pytest.raises(simulator.PledgesimError, match=r"mine\.yaml: name a file that ends in"):
            write(scenario)
    assert scenario.read_text(encoding="utf-8") == "id: mine"


def test_diagrams_of_one_notebook_page_share_no_ids() -> None:
    pictures = [simulator.load(name).diagram()._repr_svg_() for name in ("C8-F0", "C8-F1")]
    ids = [set(re.findall(r' id="([^"]+)"', picture)) for picture in pictures]
    assert ids[0] and ids[1] and ids[0].isdisjoint(ids[1])


def test_a_folder_that_is_saved_is_the_one_that_the_command_line_writes(
    result: simulator.Result, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gallery, "CHARTS", {"turnaround": gallery.CHARTS["turnaround"]})  # all take a while to write
    file = tmp_path / "town.yaml"
    file.write_text(TOWN, encoding="utf-8")
    said = CliRunner().invoke(group, ["compare", str(file), "--workers", "1", "--out", str(tmp_path / "a")])
    assert said.exit_code == 0, said.output
    written = result.save(tmp_path / "b")
    names = sorted(path.relative_to(written) for path in written.rglob("*") if path.is_file())
    assert names == sorted(path.relative_to(tmp_path / "a") for path in (tmp_path / "a").rglob("*") if path.is_file())
    for name in names:
        if name.suffix == ".csv" or name.name == "summary.json":
            assert (written / name).read_bytes() == (tmp_path / "a" / name).read_bytes(), name
    manifest = json.loads((written / "manifest.json").read_text(encoding="utf-8"))
    assert manifest["command"] == ["simulator.compare(...)"] and manifest["written"] == "whole"
    (tmp_path / "c").mkdir()
    (tmp_path / "c" / "mine.txt").write_text("mine")
    with pytest.raises(simulator.PledgesimError, match=r"c: the folder is not empty and holds no run"):
        result.save(tmp_path / "c")


def test_a_report_is_one_page_in_the_language_asked_for(result: simulator.Result, tmp_path: Path) -> None:
    pytest.importorskip("simulator.report.page")
    page = result.report(tmp_path / "page.html", lang="zh")
    assert 'lang="zh' in page.read_text(encoding="utf-8") and [*tmp_path.iterdir()] == [page]
    with pytest.raises(simulator.PledgesimError, match="this is a folder; name a file"):
        result.report(tmp_path)


def test_charts_are_axes_in_the_language_asked_for(result: simulator.Result) -> None:
    axes = result.chart("turnaround")
    assert isinstance(axes, matplotlib.axes.Axes)
    panels = result.chart("stages", lang="zh")
    assert isinstance(panels, np.ndarray) and all(isinstance(each, matplotlib.axes.Axes) for each in panels)
    assert language() == "en"
    assert "turnaround" in result.charts and "fund" not in result.charts


def test_without_a_chinese_font_a_chart_is_english_and_one_line_says_what_to_install(
    result: simulator.Result, monkeypatch: pytest.MonkeyPatch
) -> None:
    spoken = []
    monkeypatch.setattr(fonts, "chinese_font", lambda: None)
    monkeypatch.setitem(gallery.CHARTS, "turnaround", ("", lambda comparison: spoken.append(language())))
    with pytest.warns(UserWarning, match="install"), pytest.raises(simulator.PledgesimError, match="nothing to show"):
        result.chart("turnaround", lang="zh")
    assert spoken == ["en"]


def test_every_chart_that_is_listed_can_be_drawn_and_no_other(result: simulator.Result) -> None:
    for name in gallery.CHARTS:
        if name in result.charts:
            result.chart(name)
        else:
            with pytest.raises(simulator.PledgesimError, match="nothing to show"):
                result.chart(name)


def test_objects_show_themselves_as_tables_with_names_escaped(result: simulator.Result) -> None:
    script = simulator.loads(TOWN.replace("id: town", "id: town\nname: <script>alert(1)</script>"))
    assert "<script>" not in script._repr_html_() and "&lt;script&gt;" in script._repr_html_()
    assert "mean turnaround (days)" in result._repr_html_()
    simulator.speak("zh")
    try:
        assert "申请到放款用时" in result._repr_html_() and "方案" in script._repr_html_()
    finally:
        simulator.speak("en")


def test_an_interrupt_gives_what_was_finished(town: simulator.Scenario) -> None:
    def stop(done: int, total: int) -> None:
        if done == 2:
            raise KeyboardInterrupt

    part = simulator.run(town, progress=stop)
    assert not part.complete and part.replications == 2
    assert repr(part) == "<Result of a world, 2 replications each (interrupted): town>"
    assert "Interrupted" in part._repr_html_()
    whole = simulator.run(town, replications=2)
    assert part.summary["results"] == whole.summary["results"]


def test_precision_and_store_work_as_on_the_command_line(town: simulator.Scenario, tmp_path: Path) -> None:
    precise = simulator.run(town, precision="turnaround.mean 20%", replications=2, max_replications=20)
    assert precise.summary["precision"][0]["reached"] is True
    kept = tmp_path / "kept.sqlite"
    first = simulator.run(town, store=kept)
    told: list[tuple[int, int]] = []
    again = simulator.run(town, store=kept, progress=lambda done, total: told.append((done, total)))
    assert again.summary == first.summary and told == [(3, 3)]


def test_a_comparison_file_stands_for_its_worlds_beside_others(town: simulator.Scenario) -> None:
    result = simulator.compare("direct-against-guaranteed", town, replications=1)
    assert result.worlds[-1] == "town" and len(result.worlds) > 2
    assert result.summary["question"]


def test_a_case_is_the_one_that_the_command_line_explains() -> None:
    said = CliRunner().invoke(group, ["explain", "C9-F2", "--json"])
    story = simulator.explain("C9-F2")
    assert story.data == json.loads(said.stdout)
    assert sum(story.days.values()) == pytest.approx(sum(story.data["minutes"].values()) / 1440)
    assert story.timeline["entry"].dtype.kind == "M" and "Borne in the end" in story.loss[-1]
    assert isinstance(story.chart(), matplotlib.axes.Axes)
    assert story._repr_html_().count("<tr") == len(story.timeline) + 1


def test_a_swept_value_is_a_change_of_the_scenario(town: simulator.Scenario, result: simulator.Result) -> None:
    found = simulator.sweep(town, {"parties.bank.desks.reviewer.staff": [1, 2]}, measures="turnaround.mean")
    assert found.frame["staff"].tolist() == [1, 2]
    assert found.frame["turnaround_days.mean"].tolist() == result.turnaround()["mean_days"].tolist()
    assert found.chart() is not None
    both = simulator.sweep(town, {"run.seed": [1, 2], "credit.correlation": ["0%", "20%"]}, replications=1)
    assert both.frame[["seed", "correlation"]].values.tolist() == [[1, "0%"], [1, "20%"], [2, "0%"], [2, "20%"]]


def test_a_firm_told_as_data_is_matched_as_one_in_a_file(tmp_path: Path) -> None:
    told = {"industry": "software and AI", "annual_sales": "20m CNY", "amount_requested": "3m CNY", "in_park": True}
    file = tmp_path / "firm.yaml"
    file.write_text(json.dumps({"firm": told}), encoding="utf-8")
    by_data = simulator.match(told, "C10-F5", "C10-F4", replications=1)
    by_file = simulator.match(str(file), "C10-F5", "C10-F4", replications=1)
    pandas.testing.assert_frame_equal(by_data.frame, by_file.frame)
    assert by_data.frame["mean_days"].notna().all()


def test_a_loss_that_straddles_exhaustion_is_shared_and_told_to_the_fen() -> None:
    agreement = simulator.load("C9-F2").agreement()
    shared = agreement.share("2m CNY", left={"Fengxian reserve": "0.4m CNY"})
    assert shared.paid == {"district": 400_000.0, "insurer": 1_400_000.0, "bank": 200_000.0}
    assert shared.left == {"Fengxian reserve": 0.0}
    assert any("has 400,000 CNY left and pays that" in sentence for sentence in shared.told)
    assert agreement.share(2_000_000.01).allocation.loss == 200_000_001
    assert (part := 0.05 * 3 * 1e6) != 150_000
    assert agreement.share("2m CNY", left={"Fengxian reserve": part}).paid["district"] == 150_000.0
    assert agreement.share(1_999_999.999999).allocation.loss == 200_000_000
    assert any("奉贤" in sentence for sentence in agreement.sentences("zh"))


def test_a_list_of_losses_is_shared_as_on_the_command_line(tmp_path: Path) -> None:
    losses = tmp_path / "losses.csv"
    losses.write_text("date,borrower,loan,amount\n2018-01-02,a,1,3000000\n2018-02-02,b,2,12000000\n", encoding="utf-8")
    frame = simulator.load("C9-F2").agreement().allocate(losses)
    assert frame["paid_by_district_cny"].tolist() == [900_000.0, 3_100_000.0]
    assert frame.filter(like="paid_by").sum(axis=1).tolist() == frame["amount_cny"].tolist()
