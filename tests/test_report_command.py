"""`pledgesim report` and `--report`: where the page is written, and what a wrong folder gets."""

from __future__ import annotations

import errno
import json
import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from simulator.charts import gallery
from tests.report_pages import alone, folder_of, two_designs
from tests.small_town import TOWN
from tests.spoken import Command, write

pytestmark = pytest.mark.whole

report = Command("report")


@pytest.fixture(autouse=True)
def _in_a_folder_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(gallery, "CHARTS", {})  # all take a while to draw, and no report shows them
    shutil.copytree(folder_of(two_designs), "run")


def test_a_report_is_written_into_the_folder_of_the_run():
    done = report.said("run")
    assert done.exit_code == 0, done.output
    assert done.stdout.startswith(f"Report written to {Path('run') / 'report.html'}: ")
    assert Path("run/report.html").read_text(encoding="utf-8").startswith("<!doctype html>")


def test_a_chinese_report_has_a_name_of_its_own_and_speaks_chinese():
    done = report.said("run", "--lang", "zh")
    assert done.exit_code == 0 and "报告已写入" in done.stdout
    assert '<html lang="zh-Hans">' in Path("run/report.zh.html").read_text(encoding="utf-8")


def test_out_names_another_file():
    assert report.said("run", "--out", "page.html").exit_code == 0
    assert Path("page.html").stat().st_size > 50_000 and not Path("run/report.html").exists()


@pytest.mark.parametrize("words", [["compare", "town.yaml"], ["run", "town.yaml"]])
def test_compare_and_run_write_a_report_beside_their_results(words: list[str]):
    write("town.yaml", TOWN)
    done = Command(*words).said("-n", "2", "--workers", "1", "--out", "made", "--report")
    assert done.exit_code == 0, done.output
    assert "Report written to" in done.stdout
    assert "two reviewers" in Path("made/report.html").read_text(encoding="utf-8") or words[0] == "run"


def test_whoever_stops_the_report_is_told_that_the_results_are_there(monkeypatch: pytest.MonkeyPatch):
    def stop(folder: Path) -> str:
        raise KeyboardInterrupt

    write("town.yaml", TOWN)
    monkeypatch.setattr("simulator.cli.reporting.write_report", stop)
    done = Command("run").said("town.yaml", "-n", "1", "--workers", "1", "--out", "made", "--report")
    told = "interrupted while the report was written; the results are whole: pledgesim report made\n"
    assert done.exit_code == 130 and done.stderr.endswith(told)
    assert json.loads(Path("made/manifest.json").read_text(encoding="utf-8"))["written"] == "whole"


def test_no_page_of_earlier_results_stays_beside_new_ones():
    write("town.yaml", TOWN)
    write("run/report.zh.html", "of earlier results")
    assert Command("run").said("town.yaml", "-n", "2", "--out", "run").exit_code == 0
    assert not list(Path("run").glob("report*"))


@pytest.mark.parametrize("command", ["compare", "run"])
def test_a_report_without_a_folder_for_its_results_is_refused(command: str):
    write("town.yaml", TOWN)
    assert "--report goes with --out DIR" in Command(command).refused("town.yaml", "--report")


def test_the_same_results_give_the_same_page():
    report.said("run", "--out", "a.html")
    report.said("run", "--out", "b.html")
    assert Path("a.html").read_bytes() == Path("b.html").read_bytes()


def _change(name: str, change: Callable[[dict[str, Any]], object]) -> None:
    path = Path("run") / name
    told = json.loads(path.read_text(encoding="utf-8"))
    change(told)
    path.write_text(json.dumps(told), encoding="utf-8")


def test_an_interrupted_run_has_a_report_that_says_so_first_and_on_the_terminal():
    _change("summary.json", lambda told: told.update(complete=False))
    done = report.said("run")
    assert done.exit_code == 0 and "report: The run was interrupted" in done.stderr
    page = Path("run/report.html").read_text(encoding="utf-8")
    assert page.index("The run was interrupted") < page.index("<main")


def test_figures_changed_by_hand_are_told_of_first_and_on_the_terminal():
    assert "was changed" not in report.said("run").stderr
    _change("summary.json", lambda told: told["results"][0]["loss_rate"].update(value=0.5))
    told = (
        "summary.json was changed after the run was written: figures on this page may not be those that were simulated."
    )
    assert f"report: {told}" in report.said("run").stderr
    page = Path("run/report.html").read_text(encoding="utf-8")
    assert page.index(told) < page.index("<main")


def test_a_scenario_changed_in_the_manifest_is_told_of_with_its_design():
    _change("manifest.json", lambda told: told["worlds"][1]["resolved"]["run"].update(seed=8))
    told = report.said("run").stderr
    assert "The scenario of With the fund was changed in manifest.json after the run" in told
    assert "of Ninety-ten" not in told


def test_one_replication_is_told_to_say_nothing_of_chance(tmp_path: Path):
    write("town.yaml", TOWN)
    assert Command("run").said("town.yaml", "-n", "1", "--out", "one").exit_code == 0
    done = report.said("one")
    assert done.exit_code == 0 and "One replication has no interval" in done.stderr


def test_what_is_no_folder_of_results_is_refused_in_a_line():
    Path("empty").mkdir()
    write("file.txt", "")
    assert report.refused("nowhere") == "nowhere: there is no such folder\n"
    assert report.refused("file.txt") == "file.txt: this is a file; name the folder of a run\n"
    assert report.refused("empty").startswith("empty: this is no folder of results; make one with: pledgesim compare")


def test_results_of_another_command_have_no_report():
    Path("other").mkdir()
    write("other/manifest.json", json.dumps({"command": ["sweep"], "written": "whole"}))
    assert report.refused("other") == "other: these are not the results of a run or a comparison, and have no report\n"


def test_results_written_in_part_are_to_be_made_again():
    Path("run/summary.json").unlink()
    assert report.refused("run") == "run: the results were written only in part; run the command again\n"


@pytest.mark.parametrize("text", ["", "{", "[]", "是", "[" * 100_000])
def test_what_is_not_json_is_refused_in_a_line(text: str):
    write("run/summary.json", text)
    told = report.refused("run")
    assert re.match(r"run.summary\.json(:1:[12])?: this is not JSON", told) and told.count("\n") == 1


def test_results_of_a_version_that_tells_less_are_to_be_made_again():
    _change("summary.json", lambda told: [entry.pop("days") for entry in told["results"]])
    told = report.refused("run")
    assert "do not have all that a report of this version tells (results.days); run the command again" in told


@pytest.mark.parametrize(
    ("where", "key"), [("results", "firms_a_replication"), ("results", "result_of_drawn"), ("worlds", "refused_by")]
)
def test_results_of_which_one_entry_lacks_a_figure_are_to_be_made_again(where: str, key: str):
    _change("summary.json", lambda told: told[where][1].pop(key))
    assert f"do not have all that a report of this version tells ({where}.{key})" in report.refused("run")


@pytest.mark.parametrize(
    "change",
    [
        lambda told: told["worlds"][0]["resolved"].update(stages=7),
        lambda told: told["worlds"][0]["resolved"].update(nonsense=1),
        lambda told: told["worlds"][0].pop("resolved"),
    ],
)
def test_a_scenario_that_this_version_cannot_read_is_told_by_its_label(change: Callable[[dict[str, Any]], object]):
    _change("manifest.json", change)
    told = report.refused("run")
    assert "the scenario of 'Ninety-ten'" in told and "run the command again" in told and told.count("\n") == 1


def test_labels_that_do_not_belong_together_are_refused():
    _change("manifest.json", lambda told: told["worlds"][0].update(label="another"))
    assert "do not have all" in report.refused("run")


def test_a_place_that_cannot_be_written_is_told():
    write("file.txt", "")
    page = Path("file.txt") / "page.html"
    assert report.refused("run", "--out", str(page)) == f"--out {page}: file.txt is not a folder\n"
    Path("there").mkdir()
    assert report.refused("run", "--out", "there") == "--out there: this is a folder; name a file\n"
    assert report.refused("run", "--out", "town.yaml") == (
        "--out town.yaml: name a file that ends in .html or .htm\n"
    )


def test_a_link_does_not_lead_a_page_into_a_scenario_and_is_kept_where_it_leads_to_a_page():
    write("town.yaml", TOWN)
    write("old.html", "an earlier page")
    Path("link.html").symlink_to("town.yaml")
    Path("other.html").symlink_to("old.html")
    assert "name a file that ends in .html" in report.refused("run", "--out", "link.html")
    assert Path("town.yaml").read_text(encoding="utf-8") == TOWN
    assert report.said("run", "--out", "other.html").exit_code == 0
    assert Path("other.html").is_symlink() and "<!doctype html>" in Path("old.html").read_text(encoding="utf-8")


def test_a_page_that_cannot_be_finished_leaves_the_earlier_one(monkeypatch: pytest.MonkeyPatch):
    def full(part: str, place: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    write("run/report.html", "an earlier page")
    monkeypatch.setattr("os.replace", full)
    assert report.refused("run") == f"--out {Path('run') / 'report.html'}: No space left on device\n"
    assert Path("run/report.html").read_text(encoding="utf-8") == "an earlier page"
    assert list(Path("run").glob("*.part")) == []


@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("summary.json", lambda told: told["results"][1]["days"]["steps"][0].update(total_days=None)),
        ("summary.json", lambda told: told["results"][0]["desks"].clear() or told["results"][0].update(label=[])),
        ("summary.json", lambda told: told["results"][0].update(loss_cny={"by_party": "nobody"})),
        ("manifest.json", lambda told: told.update(versions=[])),
        ("manifest.json", lambda told: told.update(command=1e308)),
        ("manifest.json", lambda told: told.update(name={"en": []})),
    ],
)
def test_results_that_were_changed_by_hand_are_told_in_a_line_and_leave_the_page(
    name: str, change: Callable[[dict[str, Any]], object]
):
    write("run/report.html", "an earlier page")
    _change(name, change)
    told = report.refused("run")
    assert told.startswith("run: these results are not as they were written: ") and told.count("\n") == 1
    assert Path("run/report.html").read_text(encoding="utf-8") == "an earlier page"


@pytest.mark.parametrize(
    ("change", "found"),
    [
        (lambda told: told["results"][0]["loss_rate"].update(low=""), 'results[0].loss_rate.low is "" where a number'),
        (lambda it: it["results"][0]["defaults"].update(low=[]), "results[0].defaults.low is [] where a number"),
        (
            lambda told: told["results"][0]["days"]["steps"][0]["total_days"].update(high=10**400),
            f"results[0].days.steps[0].total_days.high is 1{'0' * 59} where a number",
        ),
        (lambda told: told.update(complete="false"), 'complete is "false" where true or false'),
        (lambda told: told["results"][1].update(replications=0), "results[1].replications is 0 where a count from 1"),
        (lambda it: it["results"][1].update(replications=1.0), "results[1].replications is 1.0 where a count from 1"),
    ],
)
def test_what_is_no_figure_is_told_with_its_key(change: Callable[[dict[str, Any]], object], found: str):
    _change("summary.json", change)
    assert report.refused("run") == f"{Path('run') / 'summary.json'}: {found} is needed; run the command again\n"


@pytest.mark.parametrize("constant", ["NaN", "Infinity", "-Infinity", "1e999"])
def test_a_number_that_json_does_not_know_is_none(constant: str):
    path = Path("run/summary.json")
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace('"value": ', f'"value": {constant}, "was": ', 1), encoding="utf-8")
    told = report.refused("run")
    assert told.startswith(f"{path}: ") and ("this is not JSON" in told or "where a number is needed" in told)


@pytest.mark.parametrize("run", ["run", "another"])
@pytest.mark.parametrize("name", ["summary.json", "manifest.json", "tables/Ninety-ten/cases.csv"])
def test_no_file_of_the_results_of_any_run_is_written_over(name: str, run: str):
    shutil.copytree("run", "another")
    before = Path(run, name).read_bytes()
    assert report.refused("run", "--out", f"{run}/{name}").endswith("this is a file of the results; name another\n")
    assert Path(run, name).read_bytes() == before


def test_one_design_by_itself_has_no_differences():
    assert report.said(str(folder_of(alone)), "--out", "page.html").exit_code == 0
    assert "Which differences are beyond chance" not in Path("page.html").read_text(encoding="utf-8")
