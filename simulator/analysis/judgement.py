"""Whether a difference between two worlds is more than chance: by its interval, where enough lies behind it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from simulator.analysis.comparison import RATIOS

FEWEST_PAIRS = 30
"""Firms drawn in both worlds, all replications together, below which a difference firm by firm is not judged."""
FEWEST_DEFAULTS = 10
"""Defaults of a world, all replications together, below which no loss of it is judged, nor its rate told in words."""
Judgement = Literal["more", "less", "equal", "unsure", "few firms", "few defaults", "unknown"]
OF_LOSSES = ("loss_", "default")
"""How the names of measures begin that only a default makes differ."""


def judged(told: Mapping[str, Any], defaults: tuple[int, int]) -> Judgement:
    """More or less where the interval of an entry of `differences` leaves zero out; equal where there is no difference.

    Few where it rests on too few firms or defaults to say anything, however narrow its interval: an amount on those of
    the world with more of them, a rate on those of both. `defaults` are those of the two worlds.
    """
    pairs = told.get("drawn_in_both")
    if pairs is not None and pairs < FEWEST_PAIRS:
        return "few firms"
    interval = told.get("together") or told
    low, high = interval.get("low"), interval.get("high")
    if told["value"] is None or low is None or high is None:
        return "equal" if told["value"] == 0 else "unknown"
    if low == high == 0:
        return "equal"
    measure = str(told["measure"])
    behind = min(defaults) if measure in RATIOS else max(defaults)
    if measure.startswith(OF_LOSSES) and behind < FEWEST_DEFAULTS:
        return "few defaults"
    return "more" if low > 0 else "less" if high < 0 else "unsure"


def defaults_of(entry: Mapping[str, Any]) -> int:
    """Loans that defaulted in all replications together, of an entry of `results`."""
    return round(float(entry["defaults"]["value"] or 0) * int(entry["replications"]))
