"""What a user sees who asks for something wrong: a sentence on standard error and exit code 2, never a traceback."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest
from click.testing import CliRunner

from simulator.cli import group

pytestmark = pytest.mark.whole

BASE = Path(__file__).parent / "broken" / "base"
ROOT = Path(__file__).parent.parent


@dataclass(frozen=True)
class Answer:
    code: int
    out: str
    told: str


def ask(*words: str) -> Answer:
    done = CliRunner().invoke(group, list(words))
    assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
    assert "Traceback" not in done.output and "fault of pledgesim" not in done.output, done.output
    return Answer(done.exit_code, done.stdout, done.stderr)


def refused(*words: str) -> str:
    answer = ask(*words)
    assert answer.code == 2, answer
    return answer.told


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with `sound.yaml` in which the command stands."""
    shutil.copy(BASE / "sound.yaml", tmp_path)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_a_sound_file_ends_with_0_and_a_broken_one_with_2() -> None:
    assert ask("validate", "sound.yaml").code == 0
    Path("broken.yaml").write_text("extends: sound.yaml\nrun: {sead: 3}\n", encoding="utf-8")
    assert refused("validate", "broken.yaml").startswith(
        "broken.yaml:2:7: unknown key 'sead' in run; did you mean 'seed'?"
    )


def test_all_files_are_validated_although_the_first_is_broken() -> None:
    Path("broken.yaml").write_text("run: 3\nname: x\n", encoding="utf-8")
    answer = ask("validate", "broken.yaml", "sound.yaml", "nowhere.yaml")
    assert answer.code == 2
    assert "broken.yaml:1:6: run is 3" in answer.told and "nowhere.yaml: there is no such file" in answer.told
    assert "sound.yaml: A sound programme and 2 variants: no mistakes found" in answer.out


@pytest.mark.parametrize("command", ["run", "compare", "explain", "check"])
def test_every_command_refuses_a_broken_file_with_all_that_is_wrong(command: str) -> None:
    Path("broken.yaml").write_text("extends: sound.yaml\nrun: {sead: 3}\nquotas: {pilot: 4}\n", encoding="utf-8")
    told = refused(command, "broken.yaml")
    assert "broken.yaml:2:7: unknown key 'sead'" in told and "broken.yaml:3:17: quotas.pilot is 4" in told


def test_a_failed_check_ends_with_1() -> None:
    assert (
        ask(
            "check", "sound.yaml", "--workers", "1", "--set", "published_outcomes.speed.between=[90 days, 99 days]"
        ).code
        == 1
    )


def test_an_unknown_command_is_told_with_the_nearest() -> None:
    assert "no such command 'validat'; did you mean 'validate'?" in refused("validat", "sound.yaml")


def test_an_unknown_option_is_told_with_the_nearest() -> None:
    told = refused("run", "sound.yaml", "--replication", "3")
    assert "--replications" in told


def test_a_missing_file_and_a_missing_bundled_scenario_are_told_apart() -> None:
    assert "nowhere.yaml: there is no such file" in refused("run", "nowhere.yaml")
    assert "C8-F9: no such file or bundled scenario; did you mean 'C8-F" in refused("run", "C8-F9")


@pytest.mark.parametrize("name", ["", "\x00", "x" * 5000, ".", "..", "/", "~", "a\nb.yaml"])
def test_a_name_that_cannot_be_a_file_is_refused(name: str) -> None:
    assert refused("validate", name)


def test_a_path_of_set_is_told_with_the_nearest_spelling() -> None:
    assert "--set:1:5: unknown key 'sead' in run; did you mean 'seed'?" in refused(
        "run", "sound.yaml", "--set", "run.sead=3"
    )
    assert "--set:1:1: no 'rum'; did you mean 'run'?" in refused("run", "sound.yaml", "--set", "rum.seed=3")
    told = refused("run", "sound.yaml", "--set", "products.loan.flow.valuatio.work=3 h")
    assert "--set:1:20: no step 'valuatio' here; did you mean 'valuation'?" in told


@pytest.mark.parametrize("change", ["", "run.seed", "=3", " =3", ".=3", "run..seed=3", "run.seed={", "*=1"])
def test_a_malformed_set_is_refused(change: str) -> None:
    assert "--set" in refused("run", "sound.yaml", "--set", change)


def test_a_value_of_set_is_checked_like_the_file_at_its_own_column() -> None:
    assert "--set:1:18: run.replications is 0; it must be at least 1" in refused(
        "validate", "sound.yaml", "--set", "run.replications=0"
    )


def test_all_wrong_settings_of_the_command_line_and_the_file_are_told_at_once() -> None:
    Path("broken.yaml").write_text("extends: sound.yaml\nrun: {sead: 3}\n", encoding="utf-8")
    told = refused("validate", "broken.yaml", "--set", "rum.seed=3", "--set", "credit.annual_default_rate=3")
    assert told.count("--set:") == 2 and "broken.yaml:2:7" in told


def test_an_unknown_variant_is_told_with_the_nearest() -> None:
    for words in (["run"], ["compare"], ["explain"]):
        told = refused(*words, "sound.yaml", "--variant", "no comittee")
        assert "no variant 'no comittee'; did you mean 'no committee'?" in told
        assert "variants: no committee, two analysts" in told


def test_out_refuses_a_file_and_a_folder_that_is_no_run(folder: Path) -> None:
    (folder / "file").write_text("", encoding="utf-8")
    (folder / "foreign").mkdir()
    (folder / "foreign" / "thesis.doc").write_text("", encoding="utf-8")
    assert "--out file: this is a file; name a folder" in refused("run", "sound.yaml", "--out", "file")
    assert "the folder is not empty and holds no run" in refused("run", "sound.yaml", "--out", "foreign")
    assert "--out" in refused("run", "sound.yaml", "--out", "file/below")
    assert (folder / "foreign" / "thesis.doc").exists()


def test_explain_names_the_cases_there_are() -> None:
    assert "there is no case 100000; replication 1 has cases 0 to" in refused(
        "explain", "sound.yaml", "--case", "100000"
    )
    assert "-1" in refused("explain", "sound.yaml", "--case", "-1")
    assert "0" in refused("explain", "sound.yaml", "--replication", "0")


@pytest.mark.parametrize(
    "words", [["-n", "0"], ["-n", "-3"], ["-n", "many"], ["--workers", "0"], ["--limit-hours", "-1"]]
)
def test_numbers_out_of_range_are_refused(words: list[str]) -> None:
    assert words[0].lstrip("-")[0] in refused("run", "sound.yaml", *words)


@pytest.mark.parametrize("command", ["run", "compare", "check", "explain"])
def test_an_agreements_own_file_is_told_what_it_is_for(command: str) -> None:
    Path("own.yaml").write_text("parties: [bank]\nrisk_sharing: {split: {bank: 100%}}\n", encoding="utf-8")
    assert refused(command, "own.yaml") == (
        "own.yaml:2:1: this is the file of an agreement alone, and no scenario\n"
        "    it is for: pledgesim allocate, losses, validate\n"
    )


@pytest.mark.parametrize("command", ["run", "check", "explain"])
def test_a_comparison_and_a_base_cannot_be_run_by_themselves(command: str) -> None:
    Path("worlds.yaml").write_text("kind: comparison\nname: W\ncompare: [{scenario: sound.yaml}]\n", encoding="utf-8")
    assert "try: pledgesim compare worlds.yaml" in refused(command, "worlds.yaml")
    assert "is a base that others extend" in refused(command, "shanghai")


def test_work_without_end_is_refused_with_the_estimate() -> None:
    arrivals = "applicants.arrivals.per_working_day"
    told = refused("run", "sound.yaml", "--set", "run.replications=100000", "--set", f"{arrivals}=1000")
    assert "hours on one core; the limit is 1" in told and "--limit-hours" in told
    for command in ("run", "explain", "check"):
        told = refused(command, "sound.yaml", "--set", f"{arrivals}=100000")
        assert "applicants in one replication; at most" in told


OUT_OF_THE_CALENDAR = [
    "run.start=1999-01-04",
    "run.start=2026-11-02",
    "run.start=2099-12-31",
    "run.arrivals_for=50 years",
    "calendars.office.closures=[{first: 2021-01-01, last: 2026-12-31}]",
    "products.loan.flow.rating.elapsed=20000 working days",
    "products.loan.flow.valuation.deadline=20000 working days",
]


@pytest.mark.parametrize("change", OUT_OF_THE_CALENDAR)
def test_work_outside_the_known_calendar_is_refused_with_the_way_out(change: str) -> None:
    told = refused("run", "sound.yaml", "--workers", "1", "--set", change)
    assert "calendar: projected" in told and "office" in told


@pytest.mark.parametrize("command", ["run", "explain", "check", "compare"])
def test_every_command_says_the_way_out_of_the_calendar(command: str) -> None:
    assert "calendar: projected" in refused(command, "sound.yaml", "--set", "run.start=2026-11-02")


def test_new_refuses_to_overwrite_and_to_write_where_it_cannot(folder: Path) -> None:
    assert "sound.yaml exists" in refused("new", "sound.yaml")
    assert "nowhere/city.yaml" in refused("new", "nowhere/city.yaml")
    assert "no such file or bundled scenario" in refused("new", "--from", "C8-F9", "city.yaml")
    assert ask("new", "city.yaml").code == 0 and ask("validate", "city.yaml").code == 0
    assert "exists" in refused("new", str(folder), "--force") or (folder).is_dir()


@pytest.mark.parametrize(
    "name", ["no.yaml", "007.yaml", "my.city.yaml", "[x].yaml", "深圳 2.yaml", "a#b.yaml", "true.yaml"]
)
def test_a_copy_is_sound_whatever_its_name(name: str) -> None:
    assert ask("new", name).code == 0
    assert ask("validate", name).code == 0


@pytest.mark.parametrize("name", ["my.city.yaml", "a=b.yaml", "[x].yaml", "x" * 230 + ".yaml", "深圳.yaml"])
def test_a_file_without_an_id_is_sound_whatever_its_name(name: str) -> None:
    Path(name).write_text("extends: sound.yaml\n", encoding="utf-8")
    assert ask("validate", name).code == 0


OUTSIDE = "id: outside\nrun: {secret: 1}\n"


@pytest.mark.parametrize("key", ["extends", "csv", "compare"])
def test_no_file_outside_the_scenarios_folder_is_read(folder: Path, key: str) -> None:
    inner = folder / "inner"
    inner.mkdir()
    (folder / "outside.yaml").write_text(OUTSIDE, encoding="utf-8")
    (folder / "outside.csv").write_text("at\nsecret\n", encoding="utf-8")
    end = ".csv" if key == "csv" else ".yaml"
    (inner / f"link{end}").symlink_to(folder / f"outside{end}")
    (inner / "up").symlink_to(folder)
    ways = [f"../outside{end}", str(folder / f"outside{end}"), f"link{end}", f"up/outside{end}"]
    for way in [
        *ways,
        f"inner/../../outside{end}",
        f"~/outside{end}",
        f"file:///etc/hosts{end}",
        "/dev/zero",
        "/etc/passwd",
    ]:
        form = {
            "extends": f"extends: {way!r}\n",
            "csv": f"applicants: {{arrivals: {{csv: {way!r}}}}}\n",
            "compare": f"kind: comparison\nname: W\ncompare: [{{scenario: {way!r}}}]\n",
        }[key]
        (inner / "city.yaml").write_text(form, encoding="utf-8")
        told = refused("validate", "inner/city.yaml")
        assert "secret" not in told and "root:" not in told, (way, told)
        assert told.startswith("inner/city.yaml:"), (way, told)


def test_a_bundled_id_in_a_comparison_is_never_a_file_of_the_same_name() -> None:
    Path("secrets").write_text(OUTSIDE, encoding="utf-8")
    Path("worlds.yaml").write_text("kind: comparison\nname: W\ncompare: [{scenario: secrets}]\n", encoding="utf-8")
    assert "no bundled scenario 'secrets'" in refused("validate", "worlds.yaml")


def test_a_pipe_and_a_device_are_refused_at_once(folder: Path) -> None:
    os.mkfifo(folder / "pipe.yaml")
    assert "device or a pipe" in refused("validate", "pipe.yaml")
    (folder / "city.yaml").write_text("extends: pipe.yaml\n", encoding="utf-8")
    assert "no file 'pipe.yaml' to extend" in refused("validate", "city.yaml")
    assert "device or a pipe" in refused("validate", "/dev/zero")


def test_files_that_extend_each_other_in_a_circle_are_refused() -> None:
    for number in range(3):
        Path(f"{number}.yaml").write_text(f"extends: {(number + 1) % 3}.yaml\n", encoding="utf-8")
    assert "extends itself in a circle" in refused("validate", "0.yaml")


def test_a_chain_of_files_has_an_end() -> None:
    for number in range(40):
        Path(f"{number}.yaml").write_text(f"extends: {number + 1}.yaml\n", encoding="utf-8")
    shutil.copy("sound.yaml", "40.yaml")
    assert "more than 10 levels of extends" in refused("validate", "0.yaml")


ON = "extends: sound.yaml\n"
def bombs(count: int) -> dict[str, str]:
    """Files of up to some 10 times `count` keys and values, none of them for the program to work through."""
    return {
        "brackets": "a: " + "[" * 100_000,
        "nesting": "\n".join(" " * depth + "a:" for depth in range(1000)),
        "keys": "name: x\n" + "".join(f"k{number}: 1\n" for number in range(40_000)),
        "parties": ON + "parties:\n" + "".join(f"  p{n}: {{calendar: c{n}}}\n" for n in range(count)),
        "desks": ON + "parties:\n" + "".join(f"  p{n}: {{desks: {{d: {{staff: 99999}}}}}}\n" for n in range(9)),
        "calendars": ON + "calendars:\n" + "".join(f"  c{n}: {{days: every day}}\n" for n in range(count)),
        "firms": ON + "applicants: {arrivals: {firms: [" + ", ".join(["{att: 1, nme: 2}"] * count) + "]}}\n",
        "odds": ON + "stages: {valuation: {odds: {" + ", ".join(f"o{n}: 0%" for n in range(2 * count)) + "}}}\n",
        "variants": ON + "variants:\n" + "".join(f"  v{n}: {{run.seed: {n}}}\n" for n in range(count)),
        "steps": ON + "products:\n  loan:\n    flow:\n      - together:\n" + "".join(
            "          - [" + ", ".join(f"s{at}-{n}: {{stage: contract, elapsed: 1 day}}" for n in range(200)) + "]\n"
            for at in range(20)
        ),
        "long": "name: " + "x" * 2_000_000,
    }  # fmt: skip


BOMBS = bombs(9_000)


@pytest.mark.parametrize("name", BOMBS)
def test_a_file_made_to_exhaust_the_program_is_refused_with_few_words(name: str) -> None:
    is_refused_with_few_words(bombs(1_500)[name])


@pytest.mark.slow
@pytest.mark.parametrize("name", BOMBS)
def test_a_file_of_the_most_that_is_read_is_refused_with_few_words(name: str) -> None:
    is_refused_with_few_words(BOMBS[name])


def is_refused_with_few_words(text: str) -> None:
    Path("bomb.yaml").write_text(text, encoding="utf-8")
    told = refused("validate", "bomb.yaml")
    assert told.count("\nbomb.yaml:") <= 101 and len(told) < 100_000


def test_a_cell_made_to_exhaust_the_reader_is_refused(folder: Path) -> None:
    form = "extends: sound.yaml\napplicants: {arrivals: {per_working_day: null, csv: firms.csv}}\n"
    (folder / "city.yaml").write_text(form, encoding="utf-8")
    (folder / "firms.csv").write_text('at,name\n2021-02-08,"' + "x" * 500_000, encoding="utf-8")
    assert refused("validate", "city.yaml").startswith("firms.csv:2:1: this is not valid CSV")


def test_a_list_of_firms_as_a_spreadsheet_saves_it_is_read(folder: Path) -> None:
    form = "extends: sound.yaml\napplicants: {arrivals: {per_working_day: null, csv: firms.csv}}\n"
    (folder / "city.yaml").write_text(form, encoding="utf-8")
    (folder / "firms.csv").write_bytes("\ufeffat,name\r\n2021-02-08 10:00,某公司\r\n".encode())
    assert ask("run", "city.yaml", "-n", "1").code == 0


def test_a_hundred_mistakes_are_told_and_the_others_counted() -> None:
    parties = "".join(f"  p{number}: {{calendar: c{number}}}\n" for number in range(150))
    Path("many.yaml").write_text(f"extends: sound.yaml\nparties:\n{parties}", encoding="utf-8")
    told = refused("validate", "many.yaml")
    assert told.count("unknown calendar") == 100
    assert told.endswith("many.yaml:102:20: and 50 more mistakes after these\n")


def test_a_hundred_variants_are_read_and_one_more_is_refused() -> None:
    for count, code in ((100, 0), (101, 2)):
        variants = "".join(f"  v{number}: {{run.seed: {number}}}\n" for number in range(count))
        Path("many.yaml").write_text(f"extends: sound.yaml\nvariants:\n{variants}", encoding="utf-8")
        assert ask("validate", "many.yaml").code == code


ODD = sorted((Path(__file__).parent / "odd").glob("*.yaml"))


@pytest.mark.parametrize("file", ODD, ids=lambda file: file.stem)
def test_what_is_odd_but_possible_runs_to_its_end(file: Path) -> None:
    shutil.copy(file, "odd.yaml")
    assert ask("validate", "odd.yaml").code == 0
    for words in (["run", "odd.yaml"], ["check", "odd.yaml"]):
        assert ask(*words, "-n", "2", "--workers", "1").code in (0, 1)
    assert ask("explain", "odd.yaml").code in (0, 2)


def test_the_command_itself_ends_with_2_and_no_traceback(folder: Path) -> None:
    words = [sys.executable, "-m", "simulator", "run", "sound.yaml", "--set", "run.start=2030-01-01"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(words, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 2 and done.stdout == ""
    assert "Traceback" not in done.stderr and "2030" in done.stderr
