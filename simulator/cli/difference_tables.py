"""What `compare` prints of the differences between worlds."""

from __future__ import annotations

from typing import Any

from rich.table import Table

from simulator.analysis.judgement import defaults_of, judged
from simulator.cli.shown_names import ShownNames
from simulator.cli.tables import add_row, new_table, number
from simulator.texts import phrase, say

MEASURES = {
    "turnaround_days.mean": (phrase("turnaround, days"), phrase("turnaround"), 1, 1.0),
    "drawn_within.share": (phrase("share drawn in time, % points"), phrase("share drawn in time"), 1, 0.01),
    "drawn_cny": (phrase("drawn, m CNY"), phrase("drawn"), 2, 1e6),
    "defaults_of_loans": (phrase("defaults per 100 loans"), phrase("defaults per 100 loans"), 2, 0.01),
    "loss_cny.total": (phrase("net loss, m CNY"), phrase("net loss"), 2, 1e6),
}
"""Measures shown: with their unit, without, decimals, scale."""
BY_PARTY = "loss_cny.by_party."
GAIN = phrase(
    "Pairing: how many times as many runs it would take if the worlds did not meet the same firms and luck."
)
TOGETHER = phrase("Of one measure, the intervals of all worlds hold together, 95 times in 100 (Bonferroni).")


def difference_parts(
    differences: list[dict[str, Any]], results: list[dict[str, Any]], shown: ShownNames, *, days_only: bool
) -> list[Table | str]:
    """What worlds differ by, what that rests on, and in what they are equal."""
    if not differences:
        return []
    columns = [
        say("world"), say("against"), say("measure"), say("difference"), say("real?"), say("pairing"), say("compared")
    ]  # fmt: skip
    table = new_table(say("Differences"), columns, left=3)
    named = _by_name(results)
    without_loss = {name for name, entry in named.items() if not entry["loss_gross_cny"]["value"]}
    defaults = {name: defaults_of(entry) for name, entry in named.items()}
    same: dict[tuple[str, str], list[str]] = {}
    several = paired = False
    for each in differences:
        if each["measure"] != "turnaround_days.mean" and days_only:
            continue
        measure = _measure(each["measure"], shown)
        if measure is None or (_of_losses(each["measure"]) and {each["a"], each["b"]} <= without_loss):
            continue
        title, short, digits, scale = measure
        if each["value"] == each["low"] == each["high"] == 0:
            same.setdefault((each["b"], each["a"]), []).append(short)
            continue
        gain = each.get("pairing_gain")
        held = {**each, **each.get("together", {})}
        gained = "" if gain is None else f"{gain:,.1f} ×"
        worlds = shown.of(each["b"]), shown.of(each["a"])
        add_row(table, *worlds, title, number(held, digits, scale), _real(each, defaults), gained, _how(each))
        several, paired = several or "together" in each, paired or gain is not None
    lines = [say(TOGETHER)] * several + [say(GAIN)] * paired
    lines += [
        say("{b} and {a} are equal in: {measures}.", b=shown.of(b), a=shown.of(a), measures=say(", ").join(titles))
        for (b, a), titles in same.items()
    ]
    return ["", *([table] if table.row_count else []), *lines]


def _measure(key: str, shown: ShownNames) -> tuple[str, str, int, float] | None:
    """What a measure is called with its unit and without, its decimals and its scale; None where it is not shown."""
    if key.startswith(BY_PARTY):
        party = shown.party(key.removeprefix(BY_PARTY))
        return say("loss of {party}, m CNY", party=party), say("loss of {party}", party=party), 2, 1e6
    if key not in MEASURES:
        return None
    title, short, digits, scale = MEASURES[key]
    return say(title), say(short), digits, scale


def _of_losses(measure: str) -> bool:
    return measure.startswith("loss_cny.") or measure == "defaults_of_loans"


def _by_name(results: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """Products, as differences name them."""
    labels = [entry["label"] for entry in results]
    return {
        entry["label"] if labels.count(entry["label"]) == 1 else f"{entry['label']} / {entry['product']}": entry
        for entry in results
    }


def _how(each: dict[str, Any]) -> str:
    """How two worlds were compared."""
    both = each.get("drawn_in_both")
    if both is None:
        return say("pairwise") if each["paired"] else say("independent runs")
    return say(
        "firm by firm: {both} in both, +{more} −{less}",
        both=f"{both:,}", more=f"{each['drawn_only_in_b']:,}", less=f"{each['drawn_only_in_a']:,}",
    )  # fmt: skip


def _real(each: dict[str, Any], defaults: dict[str, int]) -> str:
    """Whether a difference is more than chance."""
    found = judged(each, (defaults[each["a"]], defaults[each["b"]]))
    if found in ("few firms", "few defaults"):
        return say("too few")
    return "–" if found == "unknown" else say("yes") if found in ("more", "less") else say("no")
