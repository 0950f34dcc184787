"""The page of results explains every key and every column that commands write, and none that they do not."""

from __future__ import annotations

import csv
import json
import re
import shlex
import shutil
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from simulator.charts import gallery
from simulator.cli import group

pytestmark = pytest.mark.slow
DOCS = Path(__file__).resolve().parent.parent / "docs"
PAGE = DOCS / "results.md"
ROW = re.compile(r"^\| `([^`]+)` \| (?:([a-z ]+) \| )?(.+) \|$")
NAME = re.compile(r"[A-Z]{2,}")
FIGURE = {("value",), ("low",), ("high",), ("together", "low"), ("together", "high"), ("note",)}
ANYTHING = ("distribution", "scenario")
RUNS = [
    'compare own-programme.yaml --variant "the city pays first" --variant "half of the line is used by others" -n 2',
    "compare 06-sharing-the-loss.yaml 07-promises.yaml 08-variants.yaml --warm-up found "
    '--precision "difference of turnaround.mean 1 days" --max-replications 2',
    'run 01-one-desk.yaml -n 2 --warm-up "30 days"',
    'compare 01-one-desk.yaml 02-working-days.yaml -n 1 --set "run.arrivals_for=30 days" --warm-up found',
    "run C1-F2 -n 1",
    "run 06-sharing-the-loss.yaml -n 20",
    "compare patent-trademark-mixed -n 1",
]
"""Runs that between them have every key: funds, quotas, clocks, subsidies, a sweep of licence payments, a warm-up."""
SWEEP = 'sweep 01-one-desk.yaml --over "parties.bank.desks.loan officer.staff=1,2" -n 2'
LOSSES = "losses 06-sharing-the-loss.yaml --against 01-one-desk.yaml --paths 200 --out lost"
ALLOCATE = (
    "allocate agreement.yaml --losses losses.csv --recoveries recoveries.csv --book book.csv --explain --out shared.csv"
)


@dataclass(frozen=True)
class Told:
    """A row of the page: a key or a column, what form it has, and what it means."""

    key: str
    form: str

    def fits(self, path: tuple[str, ...]) -> bool:
        """Whether it explains what stands at a path."""
        mine = self.key.split(".")
        if len(path) < len(mine) or not all(_same(own, there) for own, there in zip(mine, path, strict=False)):
            return False
        below = path[len(mine) :]
        return not below or self.form in ANYTHING or (self.form == "figure" and below in FIGURE)


def _same(told: str, there: str) -> bool:
    """Whether a name is the one told; words in capitals stand for any."""
    return re.fullmatch(NAME.sub(".+", re.escape(told)), there) is not None


def rows_of_the_page() -> dict[str, list[Told]]:
    """The rows below each heading, and those of the headings below it."""
    found: dict[str, list[Told]] = defaultdict(list)
    above = {2: "", 3: ""}
    for line in PAGE.read_text(encoding="utf-8").splitlines():
        if heading := re.match(r"(#{2,3}) (.*)", line):
            depth = len(heading[1])
            above = {2: above[2], depth: heading[2]} if depth == 3 else {2: heading[2], 3: ""}
        elif row := ROW.match(line):
            for title in filter(None, above.values()):
                found[title].append(Told(row[1], row[2] or ""))
    return found


TOLD = rows_of_the_page()


def leaves(value: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """The path of every value in what was written; a list's items share one."""
    if isinstance(value, dict) and value:
        for key, inner in value.items():
            yield from leaves(inner, (*path, key))
    elif isinstance(value, list) and value:
        for inner in value:
            yield from leaves(inner, (*path[:-1], f"{path[-1]}[]"))
    elif value == []:
        yield (*path[:-1], f"{path[-1]}[]")
    elif value != {}:
        yield path


@dataclass
class Written:
    """Paths and columns found in the folders of some runs, by the title on the page that explains them."""

    found: dict[str, set[tuple[str, ...]]]

    def add_json(self, title: str, file: Path) -> None:
        self.found[title] |= set(leaves(json.loads(file.read_text(encoding="utf-8"))))

    def add_csv(self, title: str, file: Path) -> None:
        with open(file, encoding="utf-8-sig", newline="") as text:
            self.found[title] |= {(column,) for column in next(csv.reader(text))}


def run(command: str) -> None:
    done = CliRunner().invoke(group, shlex.split(command), catch_exceptions=False)
    assert done.exit_code == 0, done.output


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Written]:
    """What small runs of every command write, with as much in them as a scenario can have."""
    folder = tmp_path_factory.mktemp("results") / "examples"
    shutil.copytree(DOCS / "examples", folder)
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        patch.setattr(gallery, "CHARTS", {"turnaround": gallery.CHARTS["turnaround"]})
        all_written = Written(defaultdict(set))
        for number, command in enumerate(RUNS):
            out = folder / f"run-{number}"
            run(f"{command} --workers 1 --out {out.name}")
            all_written.add_json("summary.json of run and compare", out / "summary.json")
            all_written.add_json("manifest.json", out / "manifest.json")
            for table in out.glob("tables/*/*.csv"):
                all_written.add_csv(table.name, table)
        run(f"{SWEEP} --workers 1 --out swept")
        all_written.add_json("summary.json of a sweep", folder / "swept" / "summary.json")
        all_written.add_csv("points.csv", folder / "swept" / "points.csv")
        run(LOSSES)
        all_written.add_json("summary.json of losses", folder / "lost" / "summary.json")
        all_written.add_json("manifest.json of losses", folder / "lost" / "manifest.json")
        all_written.add_csv("paths.csv", folder / "lost" / "paths.csv")
        run(ALLOCATE)
        all_written.add_csv("The file of --out", folder / "shared.csv")
        yield all_written


TITLES = [
    "summary.json of run and compare", "manifest.json", "cases.csv", "steps.csv", "firms.csv", "loans.csv",
    "losses.csv", "payments.csv", "funds.csv", "desks.csv", "summary.json of a sweep", "points.csv",
    "summary.json of losses", "manifest.json of losses", "paths.csv", "The file of --out",
]  # fmt: skip


@pytest.mark.parametrize("title", TITLES)
def test_the_page_explains_all_that_is_written(title: str, written: Written) -> None:
    missing = sorted({_general(path) for path in written.found[title] if not _explained(title, path)})
    told = f"docs/results.md lacks rows below '{title}', such as | `KEY` | form | what it means |, for:"
    assert not missing, "\n    ".join([told, *missing])


@pytest.mark.parametrize("title", TITLES)
def test_the_page_explains_nothing_that_is_not_written(title: str, written: Written) -> None:
    idle = [row.key for row in TOLD[title] if not any(row.fits(path) for path in written.found[title])]
    assert not idle, "\n    ".join([f"docs/results.md has rows below '{title}' for what no run here writes:", *idle])


def test_every_table_of_a_run_has_its_place_on_the_page(written: Written) -> None:
    assert set(written.found) == set(TITLES)


def _explained(title: str, path: tuple[str, ...]) -> bool:
    """Whether a row explains what stands at a path; an empty list by rows of what its items may hold."""
    return any(row.fits(path) or row.key.startswith(".".join((*path, ""))) for row in TOLD[title])


def _general(path: tuple[str, ...]) -> str:
    """A path as a message tells it, without the ends of figures."""
    for length in (2, 1):
        if path[-length:] in FIGURE and len(path) > length:
            return ".".join(path[:-length]) + " (or below it)"
    return ".".join(path)
