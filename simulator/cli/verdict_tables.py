"""What `check` prints."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from rich.table import Table

from simulator.analysis.evidence import Coverage
from simulator.analysis.verdicts import Verdict
from simulator.cli.tables import add_row, new_table
from simulator.scenario.model import Scenario
from simulator.scenario.spoken_paths import pattern_said
from simulator.texts import say

MOST_NAMED = 10


def verdict_table(title: str, verdicts: list[Verdict]) -> Table:
    """Published outcomes and rules against the run."""
    table = new_table(title, ["", say("verdict"), say("what was found"), say("source")], left=4)
    for verdict in verdicts:
        text = "\n".join([verdict.text, *(f"  {finding}" for finding in verdict.findings)])
        add_row(table, verdict.name, say(verdict.status), text, verdict.source)
    return table


def counted(verdicts: Iterable[Verdict]) -> str:
    """How many there are of each kind: `96 held, 34 set to hold, 5 target`."""
    found = Counter(each.status for each in verdicts).most_common()
    return say(", ").join(say("{count} {status}", count=count, status=say(status)) for status, count in found)


def assumption_lines(scenario: Scenario, verdicts: list[Verdict]) -> list[str]:
    """Which assumptions each figure rests on."""
    return [
        say(
            "{figure} rests on assumptions: {paths}.",
            figure=each.name, paths=say(", ").join(pattern_said(scenario, path) for path in each.rests_on),
        )
        for each in verdicts
        if each.rests_on
    ]  # fmt: skip


def coverage_lines(found: Coverage) -> list[str]:
    """How many numbers have evidence, and which have none."""
    counts = [
        say("{count} {origin}", count=count, origin=say(origin)) for origin, count in found.by_origin.items() if count
    ]
    numbers = sum(found.by_origin.values()) + len(found.without)
    lines = [
        say(
            "Evidence: {known} of {all} numbers have an entry ({counts}).",
            known=numbers - len(found.without), all=numbers, counts=say(", ").join(counts) or say("none"),
        )
    ]  # fmt: skip
    if found.without:
        line, more = ", ".join(found.without[:MOST_NAMED]), len(found.without) - MOST_NAMED
        if more > 0:
            line = say("{paths} and {count} more", paths=line, count=more)
        lines.append(say("Without evidence: {paths}", paths=line))
    return lines


def assumption_table(scenario: Scenario, found: Coverage) -> Table:
    """What a scenario assumes, why, and within which range; below words the path that --set takes."""
    table = new_table(say("Assumptions"), [say("path"), say("plausible range"), say("why")], left=3)
    for path, why, extent in found.assumptions:
        said = pattern_said(scenario, path)
        add_row(table, path if said == path else f"{said}\n{path}", extent, why)
    return table
