"""What is printed of a warm-up."""

from __future__ import annotations

from typing import Any

from rich.table import Table

from simulator.cli.tables import add_row, new_table, number

LEFT_OUT = "cases that arrived in it are simulated and not counted"


def warm_up_parts(told: dict[str, Any] | None) -> list[Table | str]:
    """What is printed of the warm-up, and of start-up and steady state where it was found."""
    if told is None:
        return []
    if told["how"] == "given":
        if told["days"] is not None:
            return ["", f"Warm-up: {told['days']:g} days, as given; {LEFT_OUT}."]
        each = ", ".join(f"{entry['days']:g} days in {entry['world']}" for entry in told["by_world"])
        return ["", f"Warm-up: {each}, as given; {LEFT_OUT}."]
    count = told["pilot_replications"]
    pilot = f"a pilot of {count} replication{'s' * (count > 1)}"
    given = " and ".join(told["instead_of"])
    entries = told["by_world"]
    names = [entry["world"] for entry in entries]
    several = len(set(names)) < len(names)
    names = [f"{name} / {entry['product']}" if several else name for name, entry in zip(names, entries, strict=True)]
    if told["days"] is None:
        stays = f"the {given} given stay" if given else "every case is counted"
        lines: list[Table | str] = [f"Warm-up: none could be chosen by MSER-5 in {pilot}, and {stays}."]
    else:
        need = f"{told['days']} days, found by MSER-5 in {pilot}; {LEFT_OUT}"
        where = " where a steady state is seen" if any("note" in entry for entry in entries) else ""
        none = f"none is needed{where}, as MSER-5 found in {pilot}"
        instead = f" This replaces the {given} given." if given else ""
        lines = [f"Warm-up: {need if told['days'] else none}.{instead}"]
    for name, entry in zip(names, entries, strict=True):
        if "note" in entry:
            lines.append(f"{name}: no warm-up is chosen for it, since {entry['note']}.")
    if told["days"]:
        columns = ["", "warm-up needed", "start-up (left out)", "steady state"]
        table = new_table("Mean days from application to drawdown in the pilot", columns)
        for name, entry in zip(names, entries, strict=True):
            days = entry["found_days"]
            means = [number(entry[f"{part}_turnaround_days"]) for part in ("start_up", "steady")]
            add_row(table, name, "–" if days is None else f"{days} days" if days else "none", *means)
        lines.append(table)
    return ["", *lines]
