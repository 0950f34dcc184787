"""What is printed of a warm-up."""

from __future__ import annotations

from typing import Any

from rich.table import Table

from simulator.analysis.warm_up import WarmUp
from simulator.cli.shown_names import ShownNames
from simulator.cli.tables import add_row, new_table, number
from simulator.scenario.spoken_quantities import span_said
from simulator.texts import phrase, say, say_count

LEFT_OUT = phrase("cases that arrived in it are simulated and not counted")


def warm_up_parts(told: dict[str, Any] | None, found: WarmUp | None, shown: ShownNames) -> list[Table | str]:
    """What is printed of the warm-up, and of start-up and steady state where it was `found`."""
    if told is None:
        return []
    if found is None:
        return ["", _as_given(told, shown)]
    entries = told["by_world"]
    names = shown.rows(entries, "world")
    parts: list[Table | str] = ["", _as_found(told, found)]
    reasons = [course.why for courses in found.courses for course in courses]
    for name, reason in zip(names, reasons, strict=True):
        if reason:
            parts.append(say("{world}: no warm-up is chosen for it, since {reason}.", world=name, reason=say(reason)))
    if told["days"]:
        parts.append(_means_table(entries, names))
    return parts


def _as_given(told: dict[str, Any], shown: ShownNames) -> str:
    if told["days"] is not None:
        days = say("{number} days", number=f"{told['days']:g}")
    else:
        days = say(", ").join(
            say("{number} days in {world}", number=f"{entry['days']:g}", world=shown.of(entry["world"]))
            for entry in told["by_world"]
        )
    return say("Warm-up: {days}, as given; {left_out}.", days=days, left_out=say(LEFT_OUT))


def _as_found(told: dict[str, Any], found: WarmUp) -> str:
    """How long the warm-up is, by which pilot, and what it replaces."""
    pilot = say_count("a pilot of {n} replication", "a pilot of {n} replications", told["pilot_replications"])
    given = say(" and ").join(map(span_said, found.replaces))
    if told["days"] is None:
        return say(
            "Warm-up: none could be chosen by MSER-5 in {pilot}, and the {given} given stay."
            if given
            else "Warm-up: none could be chosen by MSER-5 in {pilot}, and every case is counted.",
            pilot=pilot,
            given=given,
        )
    if told["days"]:
        line = say(
            "Warm-up: {days} days, found by MSER-5 in {pilot}; {left_out}.",
            days=told["days"], pilot=pilot, left_out=say(LEFT_OUT),
        )  # fmt: skip
    else:
        line = say(
            "Warm-up: none is needed where a steady state is seen, as MSER-5 found in {pilot}."
            if any("note" in entry for entry in told["by_world"])
            else "Warm-up: none is needed, as MSER-5 found in {pilot}.",
            pilot=pilot,
        )
    return say("{line} This replaces the {given} given.", line=line, given=given) if given else line


def _means_table(entries: list[dict[str, Any]], names: list[str]) -> Table:
    """Start-up and steady state beside each other."""
    columns = ["", say("warm-up needed"), say("start-up (left out)"), say("steady state")]
    table = new_table(say("Mean days from application to drawdown in the pilot"), columns)
    for name, entry in zip(names, entries, strict=True):
        days = entry["found_days"]
        means = [number(entry[f"{part}_turnaround_days"]) for part in ("start_up", "steady")]
        needed = "–" if days is None else say("{number} days", number=days) if days else say("none")
        add_row(table, name, needed, *means)
    return table
