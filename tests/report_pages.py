"""Folders of small runs, and the pages that reports make of them."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

import lxml.html

from simulator.analysis.comparison import Comparison, comparison_of
from simulator.analysis.rounds import run_worlds
from simulator.analysis.summary import summary
from simulator.export.folder import manifest_of, results_in, write_run
from simulator.report.page import report_page
from simulator.report.results import read_results
from simulator.texts import Language, speaking
from tests.chart_worlds import PLAIN, WITH_FUND, WITH_QUOTA, compared

HOSTILE = (
    "<script>window.harmed = 1</script>",
    '"><img src=x onerror="window.harmed = 1">',
    "=1+1",
    "\u202eright to left\u202d {0.__class__} {{7*7}}",
    "W" * 200,
    "</style><script>window.harmed = 1</script>&lt;b&gt;",
)
"""Names that must not do anything but be read."""


def two_designs() -> Comparison:
    """Ninety to ten against an agreement with a fund, in a world whose quota fills."""
    return compared((), (*WITH_FUND, *WITH_QUOTA), labels=("Ninety-ten", "With the fund"))


def hostile_designs() -> Comparison:
    """Six designs with names that try to do harm."""
    changes = [(("staff", str(1 + number % 3)), ("sharing", PLAIN)) for number in range(len(HOSTILE))]
    changes[1] = (*changes[1], *WITH_FUND)  # type: ignore[assignment]
    return compared(*changes, labels=HOSTILE)


def alone() -> Comparison:
    """One design by itself."""
    return compared((), labels=("Ordinary",))


def of_the_source() -> Comparison:
    """A product of the notice with a published number that can fail, one that was set, targets and rules."""
    comparison = comparison_of(["C10-F6", "C4-F1"], ["run.arrivals_for=60 days", "run.replications=2"])
    run_worlds(comparison.worlds, replications=2)
    return comparison


@cache
def folder_of(made: Any) -> Path:
    """The folder of a run, as the command line writes it, without charts."""
    comparison = made()
    folder = Path(mkdtemp(prefix="report"))
    with results_in(folder, manifest_of(comparison, ["compare", "a world.yaml", "--set", "run.seed=<7>"])):
        write_run(comparison, summary(comparison), folder)
    return folder


@cache
def page_of(made: Any, language: Language = "en") -> str:
    """The page of a run."""
    with speaking(language):
        return report_page(read_results(folder_of(made)))


def parsed(page: str) -> Any:
    """A page as its elements."""
    return lxml.html.document_fromstring(page)


def figures_of(folder: Path) -> dict[str, Any]:
    """The summary.json of a folder."""
    found: dict[str, Any] = json.loads((folder / "summary.json").read_text(encoding="utf-8"))
    return found


def at(figures: Any, pointer: str) -> Any:
    """What stands at a JSON pointer."""
    for key in pointer.split("/")[1:]:
        key = key.replace("~1", "/").replace("~0", "~")
        figures = figures[int(key)] if isinstance(figures, list) else figures[key]
    return figures
