"""What `check` prints."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from rich.table import Table

from simulator.analysis.evidence import Coverage
from simulator.analysis.verdicts import Verdict
from simulator.cli.tables import add_row, new_table

MOST_NAMED = 10


def verdict_table(title: str, verdicts: list[Verdict]) -> Table:
    """Published outcomes and rules against the run."""
    table = new_table(title, ["", "verdict", "what was found", "source"], left=4)
    for verdict in verdicts:
        text = "\n".join([verdict.text, *(f"  {finding}" for finding in verdict.findings)])
        add_row(table, verdict.name, verdict.status, text, verdict.source)
    return table


def counted(verdicts: Iterable[Verdict]) -> str:
    """How many there are of each kind: `96 held, 34 set to hold, 5 target`."""
    return ", ".join(f"{count} {status}" for status, count in Counter(each.status for each in verdicts).most_common())


def assumption_lines(verdicts: list[Verdict]) -> list[str]:
    """Which assumptions each figure rests on."""
    return [f"{each.name} rests on assumptions: {', '.join(each.rests_on)}." for each in verdicts if each.rests_on]


def coverage_lines(found: Coverage) -> list[str]:
    """How many numbers have evidence, and which have none."""
    counted = ", ".join(f"{count} {origin}" for origin, count in found.by_origin.items() if count) or "none"
    numbers = sum(found.by_origin.values()) + len(found.without)
    lines = [f"Evidence: {numbers - len(found.without)} of {numbers} numbers have an entry ({counted})."]
    if found.without:
        more = f" and {len(found.without) - MOST_NAMED} more" if len(found.without) > MOST_NAMED else ""
        lines.append("Without evidence: " + ", ".join(found.without[:MOST_NAMED]) + more)
    return lines


def assumption_table(found: Coverage) -> Table:
    """What a scenario assumes, why, and within which range."""
    table = new_table("Assumptions", ["path", "plausible range", "why"], left=3)
    for path, why, extent in found.assumptions:
        add_row(table, path, extent, why)
    return table
