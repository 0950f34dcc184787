"""Finished replications are kept, taken up again by what would have computed the same, and never by anything else."""

from __future__ import annotations

import hashlib
import json
import os
import pickle
import random
import signal
import sqlite3
import subprocess
import sys
import time
import zlib
from pathlib import Path
from typing import Any

import pytest
from small_town import TOWN
from spoken import Command

import simulator
from simulator.analysis.rounds import Keeping, Rounds, WorldResult, world_of
from simulator.charts import gallery
from simulator.cli.stores import runs_of
from simulator.errors import PledgesimError
from simulator.experiment import store as store_module
from simulator.experiment.store import APPLICATION, Store
from simulator.scenario.load import load

pytestmark = pytest.mark.whole


@pytest.fixture(autouse=True)
def town(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("town.yaml").write_text(TOWN, encoding="utf-8")


@pytest.fixture(autouse=True)
def few_charts(monkeypatch: pytest.MonkeyPatch) -> None:
    """One chart stands for all; what each shows is tested elsewhere."""
    monkeypatch.setattr(gallery, "CHARTS", {"losses": gallery.CHARTS["losses"]})


said, refused = Command().said, Command().refused


def compared(*words: str, file: str = "town.yaml") -> str:
    done = said("compare", file, "--json", "--workers", "1", *words)
    assert done.exit_code == 0, done.output
    return done.stdout


def kept(path: str = "s.sqlite") -> dict[str, tuple[int, ...]]:
    store = Store(path, make=False)
    found = {each.variant: each.numbers for each in store.worlds()}
    store.close()
    return found


def test_results_are_the_same_to_the_last_bit_with_a_store_and_when_taken_up() -> None:
    plain = compared("-n", "8")
    assert compared("-n", "3", "--store", "s.sqlite") != plain
    assert kept() == {"as stated": (1, 2, 3), "two reviewers": (1, 2, 3)}
    taken_up = said("compare", "town.yaml", "--json", "--workers", "2", "-n", "8", "--store", "s.sqlite")
    assert taken_up.stdout == plain and taken_up.stderr == "6 replications were in s.sqlite\n"
    again = said("compare", "town.yaml", "--json", "--workers", "1", "-n", "8", "--store", "s.sqlite")
    assert again.stdout == plain and again.stderr == "16 replications were in s.sqlite\n"
    # Tables and charts need the full record of replication 1, which is kept with it.
    said("compare", "town.yaml", "-n", "8", "--workers", "1", "--store", "s.sqlite", "--out", "kept")
    said("compare", "town.yaml", "-n", "8", "--workers", "1", "--out", "fresh")
    tables = sorted(path.relative_to("fresh") for path in Path("fresh/tables").rglob("*.csv"))
    assert tables and all(Path("kept", each).read_bytes() == Path("fresh", each).read_bytes() for each in tables)


def test_nothing_is_computed_that_is_there(monkeypatch: pytest.MonkeyPatch) -> None:
    compared("-n", "4", "--store", "s.sqlite")
    monkeypatch.setattr("simulator.experiment.run.replicate", None)
    compared("-n", "3", "--store", "s.sqlite")


def test_replications_for_a_precision_are_kept_too() -> None:
    words = ["run", "town.yaml", "--precision", "turnaround.mean 30%", "--json", "--workers", "1"]
    plain = said(*words).stdout
    first, second = (said(*words, "--store", "s.sqlite") for _ in range(2))
    assert plain == first.stdout == second.stdout
    assert first.stderr.startswith("0 replications") and not second.stderr.startswith("0 replications")


@pytest.mark.parametrize(
    ("change", "same"),
    [
        ("run.replications=9", True), ("name=Another town", True), ("question={en: Why?, zh: 为何？}", True),
        ("run.seed=6", False), ("parties.bank.desks.reviewer.staff=3", False), ("run.drawn_within=11 days", False),
        ("credit.annual_default_rate=11%", False), ("run.start=2021-01-05", False),
    ],
)  # fmt: skip
def test_what_decides_a_replication_and_nothing_else_makes_another_key(change: str, same: bool) -> None:
    stated, changed = (world_of(WorldResult(load("town.yaml", sets=sets), "x")).key for sets in ([], [change]))
    assert (stated == changed) == same


def test_replications_are_taken_up_after_a_change_of_names_and_reasons() -> None:
    plain = compared("-n", "3", "--store", "s.sqlite")
    renamed = TOWN.replace("id: town", "id: town\nname: {en: A town, zh: 小城}\nabout: Nothing has changed.")
    renamed = renamed.replace("bank: {desks:", "bank: {name: {zh: 银行}, desks:")
    renamed = renamed.replace("two reviewers: {", "two reviewers: {name: {zh: 两名审批人员}, ")
    reasons = "evidence: {run.seed: {setting: {en: Any, zh: 任意}}}"
    Path("renamed.yaml").write_text(f"{renamed}{reasons}\n", encoding="utf-8")
    done = said("compare", "renamed.yaml", "--json", "--workers", "1", "-n", "3", "--store", "s.sqlite")
    assert done.stderr == "6 replications were in s.sqlite\n"
    before, after = json.loads(plain), json.loads(done.stdout)
    assert before.pop("worlds") != after.pop("worlds")  # these tell of the evidence
    before.pop("about"), after.pop("about")
    assert after == before


def test_what_another_version_has_computed_is_left_alone_and_can_be_taken_out(monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as other:
        other.setattr(store_module, "engine_digest", lambda: "another engine")
        compared("-n", "2", "--store", "s.sqlite")
    with monkeypatch.context() as other:
        other.setattr(store_module, "versions", lambda: {"numpy": "0.9"})
        compared("-n", "2", "--store", "s.sqlite")
    done = said("compare", "town.yaml", "-n", "2", "--workers", "1", "--store", "s.sqlite", "--json")
    assert done.stderr.startswith("0 replications")
    listed = json.loads(said("store", "ls", "s.sqlite", "--json").stdout)
    assert sorted(each["usable"] for each in listed) == [False] * 4 + [True] * 2
    assert said("store", "gc", "s.sqlite").stdout.startswith("Taken out: 4 worlds, 8 replications, ")
    assert [each["usable"] for each in json.loads(said("store", "ls", "s.sqlite", "--json").stdout)] == [True] * 2
    assert said("store", "gc", "s.sqlite").stdout.startswith("Taken out: 0 worlds, 0 replications, 0.00 MB")


def test_a_world_is_shown_and_taken_out_by_the_beginning_of_its_key() -> None:
    compared("-n", "2", "--store", "s.sqlite")
    listed = json.loads(said("store", "ls", "s.sqlite", "--json").stdout)
    key = next(each["key"] for each in listed if each["variant"] == "two reviewers")
    told = json.loads(said("store", "show", "s.sqlite", key[:12]).stdout)
    assert told["resolved"]["parties"]["bank"]["desks"]["reviewer"]["staff"] == 2
    assert (told["replications"], told["seed"], told["usable"]) == ([1, 2], 5, True)
    table = said("store", "ls", "s.sqlite").stdout
    assert key[:12] in table and "1-2" in table and "two reviewers" in table
    assert "'zz' begins no key" in refused("store", "show", "s.sqlite", "zz")
    assert "begins several keys" in refused("store", "gc", "s.sqlite", "")
    said("store", "gc", "s.sqlite", key[:12])
    assert kept() == {"as stated": (1, 2)}


def test_numbers_are_told_as_runs() -> None:
    assert runs_of([1, 2, 3, 7, 9, 10]) == "1-3, 7, 9-10"
    assert runs_of([]) == "none"


# What is no store


def database(path: str, *statements: str) -> None:
    with sqlite3.connect(path) as file:
        for statement in statements:
            file.execute(statement)
    file.close()


def make_text() -> None:
    Path("s.sqlite").write_text("dear diary " * 20, encoding="utf-8")


def make_another() -> None:
    database("s.sqlite", "CREATE TABLE letters (text TEXT)")


def make_of_another_form() -> None:
    database("s.sqlite", f"PRAGMA application_id = {APPLICATION}", "PRAGMA user_version = 99", "CREATE TABLE x (y)")


def make_cut_off() -> None:
    compared("-n", "2", "--store", "s.sqlite")
    Path("s.sqlite").write_bytes(Path("s.sqlite").read_bytes()[:9_000])


def make_torn() -> None:
    compared("-n", "2", "--store", "s.sqlite")
    content = bytearray(Path("s.sqlite").read_bytes())
    content[100:4_000] = bytes(3_900)
    Path("s.sqlite").write_bytes(content)


@pytest.mark.parametrize(
    ("make", "why"),
    [
        (make_text, "this is no store of pledgesim"),
        (make_another, "this is a database of another program"),
        (make_of_another_form, "this store is of another version of pledgesim (form 99)"),
        (make_cut_off, "the file is damaged; it was left as it is"),
        (make_torn, "the file is damaged; it was left as it is"),
    ],
)
def test_a_damaged_or_foreign_file_is_refused_and_left_as_it_was(make: Any, why: str) -> None:
    make()
    before = Path("s.sqlite").read_bytes()
    for words in (("run", "town.yaml", "-n", "3", "--store"), ("store", "ls"), ("store", "gc")):
        assert f"s.sqlite: {why}" in refused(*words, "s.sqlite")
        assert Path("s.sqlite").read_bytes() == before
    assert {path.name for path in Path().iterdir()} == {"town.yaml", "s.sqlite"}


def test_where_no_store_can_be_it_is_told() -> None:
    Path("folder").mkdir()
    assert "folder: this is a folder" in refused("run", "town.yaml", "--store", "folder")
    assert "nowhere/s.sqlite: there is no folder nowhere" in refused("run", "town.yaml", "--store", "nowhere/s.sqlite")
    assert "s.sqlite: there is no such store" in refused("store", "ls", "s.sqlite")
    assert not Path("s.sqlite").exists()
    assert "leave it out with --applicant" in refused("run", "C8-F1", "--applicant", "x", "--store", "s.sqlite")


def test_a_damaged_replication_is_told_and_left() -> None:
    compared("-n", "2", "--store", "s.sqlite")
    database("s.sqlite", "UPDATE replications SET content = zeroblob(50) WHERE number = 2")
    before = Path("s.sqlite").read_bytes()
    assert "replication 2 of town is damaged; it was left as it is" in refused(
        "run", "town.yaml", "-n", "3", "--workers", "1", "--store", "s.sqlite"
    )
    assert Path("s.sqlite").read_bytes() == before


class Harmful:
    """What makes a folder when it is made anew."""

    def __reduce__(self) -> Any:
        return os.mkdir, ("made",)


def test_a_store_is_data_and_runs_nothing() -> None:
    compared("-n", "1", "--store", "s.sqlite")
    content = zlib.compress(pickle.dumps(Harmful()))
    with sqlite3.connect("s.sqlite") as file:
        file.execute("UPDATE replications SET content = ?, sha256 = ?", (content, hashlib.sha256(content).digest()))
    file.close()
    assert "which no result consists of" in refused("run", "town.yaml", "-n", "1", "--store", "s.sqlite")
    assert not Path("made").exists()


# What stops a program


def rounds(store: Store, replications: int = 6) -> tuple[Keeping, WorldResult]:
    keeping, world = Keeping(store), WorldResult(load("town.yaml"), "town")
    assert Rounds([world], keeping=keeping).upto(replications)
    return keeping, world


def test_a_full_disk_ends_the_keeping_and_not_the_run() -> None:
    store = Store("s.sqlite")
    rounds(store, 2)
    pages = store._file.execute("PRAGMA page_count").fetchone()[0]
    store._file.execute(f"PRAGMA max_page_count = {pages + 1}")
    keeping, world = rounds(store)
    assert keeping.fault == "s.sqlite: the disk is full" and keeping.taken == 2
    assert len(world.replications) == 6
    store.close()
    store = Store("s.sqlite")
    keeping, again = rounds(store)
    assert not keeping.fault and keeping.taken < 6
    assert [each.arrived for each in again.replications] == [each.arrived for each in world.replications]
    store.close()


def test_two_programs_may_write_to_one_store_at_once() -> None:
    first, second = Store("s.sqlite"), Store("s.sqlite")
    _, world = rounds(first, 3)
    keeping, _ = rounds(second, 5)
    assert keeping.taken == 3
    assert rounds(first, 5)[0].taken == 5
    # What one puts that the other has put meanwhile is there once.
    second.put(world_of(world), 1, world.replications[0])
    assert kept() == {"as stated": (1, 2, 3, 4, 5)}
    first.close()
    second.close()


def test_an_interrupted_run_is_taken_up(monkeypatch: pytest.MonkeyPatch) -> None:
    store = Store("s.sqlite")

    def interrupting(done: int, total: int) -> None:
        if done == 4:
            raise KeyboardInterrupt

    world = WorldResult(load("town.yaml"), "town")
    assert not Rounds([world], progress=interrupting, keeping=Keeping(store)).upto(6)
    assert rounds(store)[0].taken == 4
    store.close()


def program(*words: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "simulator", *words], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        start_new_session=True, env={**os.environ, "PYTHONPATH": str(Path(simulator.__file__).parent.parent)},
    )  # fmt: skip


def total_kept() -> int:
    try:
        return sum(map(len, kept().values()))
    except PledgesimError:
        return 0  # it is not made yet


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="signals of this kind are POSIX's")
def test_a_run_killed_ten_times_and_taken_up_gives_the_figures_of_one_that_was_not() -> None:
    words = ["compare", "town.yaml", "-n", "1500", "--json", "--workers", "2"]
    plain = program(*words).communicate(timeout=300)[0]
    luck, before = random.Random(1), 0
    for kill in range(10):
        process = program(*words, "--store", "s.sqlite")
        # Every other one is killed while it still sets out, the others once they have got on, however slow the machine.
        while kill % 2 and process.poll() is None and total_kept() == before:
            time.sleep(0.05)
        time.sleep(luck.uniform(0, 0.5))
        os.killpg(process.pid, signal.SIGKILL)
        process.communicate(timeout=60)
        assert total_kept() >= before + kill % 2
        before = total_kept()
    assert 5 <= before < 3_000
    out, err = program(*words, "--store", "s.sqlite").communicate(timeout=300)
    assert out == plain and f"{before:,} replications were in s.sqlite" in err
    assert kept() == {"as stated": tuple(range(1, 1_501)), "two reviewers": tuple(range(1, 1_501))}


@pytest.mark.slow
def test_two_programs_that_share_a_store_give_the_same_figures_and_lose_nothing() -> None:
    words = ["compare", "town.yaml", "-n", "150", "--json", "--workers", "1"]
    plain = program(*words).communicate(timeout=300)[0]
    both = [program(*words, "--store", "s.sqlite") for _ in range(2)]
    assert [process.communicate(timeout=300)[0] for process in both] == [plain] * 2
    assert kept() == {"as stated": tuple(range(1, 151)), "two reviewers": tuple(range(1, 151))}
