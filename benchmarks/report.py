"""The page of the ten-case comparison: seconds to make it, its size, and how soon a browser has it open.

    python benchmarks/report.py [--replications 2]

The page may take 3 MB, and a browser one second to open it. Chromium and its driver are needed for the second.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from simulator.analysis.comparison import comparison_of
from simulator.analysis.rounds import run_worlds
from simulator.analysis.summary import summary
from simulator.export.folder import manifest_of, results_in, write_run
from simulator.report.page import report_page
from simulator.report.results import read_results
from simulator.texts import LANGUAGES, speaking

LARGEST, LONGEST = 3_000_000, 1.0
"""Bytes of the page, and seconds until it is open."""
WIDTHS, TIMES = (400, 1400), 5
LOADED = "const [entry] = performance.getEntriesByType('navigation'); return entry.loadEventEnd / 1000"


def main() -> None:
    """Run the comparison, make the page in both languages, open it again and again."""
    replications = int(sys.argv[sys.argv.index("--replications") + 1]) if "--replications" in sys.argv else 2
    comparison = comparison_of(["ten-cases"])
    run_worlds(comparison.worlds, replications=replications)
    with TemporaryDirectory() as made:
        folder = Path(made)
        began = time.perf_counter()
        figures = summary(comparison)
        summed = time.perf_counter() - began
        with results_in(folder, manifest_of(comparison, ["compare", "ten-cases"])):
            write_run(comparison, figures, folder)
        size = (folder / "summary.json").stat().st_size / 1e6
        print(f"ten-cases, {replications} replications: summary.json worked out in {summed:.1f} s, {size:.2f} MB")
        pages = []
        for language in LANGUAGES:
            with speaking(language):
                began = time.perf_counter()
                page = report_page(read_results(folder))
                took = time.perf_counter() - began
            pages.append(folder / f"report.{language}.html")
            pages[-1].write_text(page, encoding="utf-8")
            size = pages[-1].stat().st_size
            print(f"page in {language}: made in {took:.1f} s, {size / 1e6:.2f} MB; bar {LARGEST / 1e6:.0f} MB")
        _open(pages)


def _open(pages: list[Path]) -> None:
    from tests.browser import browsing, is_there

    if not is_there():
        print("no Chromium with its driver here: how soon the page is open is not measured")
        return
    with browsing() as browser:
        for page in pages:
            for width in WIDTHS:
                seconds = []
                for _ in range(TIMES):
                    browser.open(page, width)
                    seconds.append(float(browser.run(LOADED)))
                told = f"{median(seconds):.2f} s (median of {TIMES}, {min(seconds):.2f} to {max(seconds):.2f})"
                print(f"{page.name} at {width} px: open after {told}; bar {LONGEST:.0f} s")


if __name__ == "__main__":
    main()
