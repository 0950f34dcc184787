"""All charts by name, and saving them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path

import matplotlib
from matplotlib.figure import Figure

from simulator.analysis.comparison import Comparison
from simulator.charts import (
    cost,
    desks,
    eligibility,
    fonts,
    fund,
    funnel,
    landscape,
    losses,
    parties,
    quota,
    reviews,
    stages,
    timeline,
    turnaround,
    warm_up,
    waterfall,
)
from simulator.charts.page import DOTS_PER_INCH, style
from simulator.charts.series import names_of
from simulator.errors import PledgesimError, did_you_mean

CHARTS: dict[str, tuple[str, Callable[[Comparison], Figure | None]]] = {
    "landscape": (landscape.TITLE, landscape.draw),
    "turnaround": (turnaround.TITLE, turnaround.draw),
    "stages": (stages.TITLE, stages.draw),
    "timeline": (timeline.TITLE, timeline.draw),
    "desks": (desks.TITLE, desks.draw),
    "funnel": (funnel.TITLE, funnel.draw),
    "eligibility": (eligibility.TITLE, eligibility.draw),
    "cost": (cost.TITLE, cost.draw),
    "losses": (losses.TITLE, losses.draw),
    "reviews": (reviews.TITLE, reviews.draw),
    "waterfall": (waterfall.TITLE, waterfall.draw),
    "fund": (fund.TITLE, fund.draw),
    "parties": (parties.TITLE, parties.draw),
    "quota": (quota.TITLE, quota.draw),
    "warm-up": (warm_up.TITLE, warm_up.draw),
}
"""Name to title and function, in the order in which they tell the story."""


def save_charts(
    comparison: Comparison,
    folder: Path | str,
    names: Iterable[str] | None = None,
    warn: Callable[[str], None] = lambda line: None,
) -> list[Path]:
    """Write NAME.png and NAME.svg for every chart (or those named) that has something to show; the files written.

    They are in the language spoken. `warn` is told, in one line, where they could not be for want of a Chinese font, or
    where names had to be replaced. PledgesimError for an unknown name. The same results give the same files byte for
    byte, with one version of matplotlib and the same fonts.
    """
    chosen = list(CHARTS) if names is None else list(dict.fromkeys(names))
    for name in chosen:
        if name not in CHARTS:
            raise PledgesimError(f"unknown chart '{name}'{did_you_mean(name, CHARTS)}; allowed: {', '.join(CHARTS)}")
    message = missing_font_message(comparison)
    if message:
        warn(message)
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for name in chosen:
        figure = CHARTS[name][1](comparison)
        if figure is not None:
            written += save(figure, folder / name)
    return written


def save(figure: Figure, stem: Path) -> list[Path]:
    """Write one chart as PNG (1600 dots wide) and SVG (letters as outlines, so that it looks the same everywhere)."""
    written = []
    with matplotlib.rc_context(style()):
        for ending, metadata in ((".png", {}), (".svg", {"Date": None})):
            path = stem.with_name(stem.name + ending)
            figure.savefig(path, dpi=DOTS_PER_INCH, metadata=metadata)
            written.append(path)
    return written


def missing_font_message(comparison: Comparison) -> str | None:
    """One line for the user where no font can draw Chinese that is asked for, or a name of the worlds; else None."""
    return fonts.message_for(names_of(comparison))
