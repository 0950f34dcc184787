"""The option --warm-up: how long cases are simulated and not counted, as said or as a pilot finds."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from simulator.cli.options import workers_by_default
from simulator.texts import say

if TYPE_CHECKING:
    from simulator.analysis.comparison import Comparison
    from simulator.cli.running import Wanted

FOUND, NONE = "found", "none"


def with_warm_up(
    asked: str | None, worlds_by: Callable[[Sequence[str]], Comparison], sets: Sequence[str], wanted: Wanted,
    workers: int | None, limit_hours: float, out: str | None,
) -> Comparison:  # fmt: skip
    """The worlds with the warm-up asked for, as if their files gave it; `worlds_by` makes them from changes.

    PledgesimError for one that cannot be.
    """
    from simulator.errors import PledgesimError, ScenarioError, did_you_mean

    stated = worlds_by(sets)
    if asked is None:
        return stated
    found, text = None, asked.strip()
    if text == FOUND:
        found = _found(stated, wanted, workers, limit_hours, out)
        if found.days is None:
            return replace(stated, warm_up=found)
        text = f"{found.days} days"
    elif text == NONE:
        text = "0 days"
    runs = [world.loaded.scenario.run for world in stated.worlds]
    if text == "0 days" and all(run is None or run.warm_up is None for run in runs):
        return replace(stated, warm_up=found)
    try:
        return replace(worlds_by([*sets, f"run.warm_up={text}"]), warm_up=found)
    except ScenarioError as error:
        told = "\n".join(each.found + (f"\n    {each.allowed}" if each.allowed else "") for each in error.problems)
        if not text[:1].isdigit():
            told += f"\n    or one of: {FOUND}, {NONE}{did_you_mean(text, (FOUND, NONE))}"
        raise PledgesimError(f"--warm-up '{asked}': {told}") from None


def _found(stated: Comparison, wanted: Wanted, workers: int | None, limit_hours: float, out: str | None) -> Any:
    from simulator.analysis.warm_up import PILOT, find_warm_up
    from simulator.cli.progress import progress
    from simulator.experiment.estimate import refuse_endless
    from simulator.export.folder import refuse_folder

    if out is not None:
        refuse_folder(Path(out))
    count = min(PILOT, wanted.replications or PILOT)
    refuse_endless([(world.loaded, count) for world in stated.worlds], limit_hours)
    with progress(say("pilot for the warm-up")) as tell:
        return find_warm_up(
            stated.worlds, count, workers=workers or workers_by_default(), cluster=wanted.cluster, progress=tell
        )
