"""What `explain` prints."""

from __future__ import annotations

import datetime
from typing import Any

from rich.table import Table

from simulator.analysis.explanation import Explanation
from simulator.analysis.loan_story import loan_in_words
from simulator.analysis.time_use import USES
from simulator.calendars import moment_at
from simulator.cli.tables import add_row, new_table
from simulator.scenario.load import LoadedScenario
from simulator.units import format_money, format_share

WIDTH_OF_STORIES = 150


def story_tables(loaded: LoadedScenario, story: Explanation) -> list[Table | str]:
    """One case's timeline and totals."""
    assert loaded.scenario.run is not None
    start = loaded.scenario.run.start

    def time(minutes: float) -> str:
        return f"{moment_at(start, minutes):%m-%d %a %H:%M}" if minutes != float("inf") else "–"

    title = f"case {story.case} of replication {story.replication}, for {story.product}"
    parts: list[Table | str] = ["", f"{story.firm}, {title}" if story.firm else title]
    told = []
    assert loaded.scenario.applicants is not None
    for name, value in story.properties.items():
        kind = loaded.scenario.applicants.population[name].kind
        told.append(f"{name} {_property(kind, value)}")
    parts.append("; ".join(told))
    if story.refused_by:
        parts.append(f"Not eligible: {story.refused_by}.")
        return parts
    ending = f"Applied {moment_at(start, story.arrival):%Y}-{time(story.arrival)}; {story.end}"
    if story.end == "drawn":
        ending += f" {time(story.drawn_at)}: {format_money(story.drawn)} of a line of "
        ending += f"{format_money(story.credit_line)}; "
        if story.registered != story.credit_line:
            ending += f"{format_money(story.registered)} entered in the register; "
        ending += loan_in_words(story.loan) if story.loan is not None else ""
    parts.append(ending)
    times = ["handed in", "work begins", "done"]
    uses = [f"{use} h" for use in USES]
    table = new_table("", ["step", "by", *times, "outcome", *uses], left=6, whole=[*times, "outcome", *uses])
    for each in story.timeline:
        title = each.step if each.visit == 1 else f"{each.step} ({each.visit})"
        add_row(
            table,
            title,
            each.by,
            time(each.entry),
            time(each.start),
            time(each.end),
            each.outcome,
            *(hours(m) for m in each.uses),
        )
    add_row(table, "in all (each instant once)", "", "", "", "", "", *(hours(minutes) for minutes in story.uses))
    parts += ["", table]
    if len(story.after_drawdown) > 1:
        parts += ["", _after_drawdown(story, start)]
    return parts


def _after_drawdown(story: Explanation, start: datetime.date) -> Table:
    """What was paid back and done for the loan, with its dates in full."""
    assert story.loan is not None
    due = f"{moment_at(start, story.loan.matures_at):%Y-%m-%d}"
    headings = ["when", "by", "outcome", "paid", "outstanding"]
    table = new_table(f"After drawdown; the loan is due on {due}", ["what", *headings], left=4, whole=headings)
    for each in story.after_drawdown:
        add_row(
            table,
            each.what,
            f"{moment_at(start, each.moment):%Y-%m-%d %H:%M}",
            each.by,
            each.outcome,
            format_money(each.paid) if each.paid else "",
            format_money(each.left) if each.left is not None else "",
        )
    return table


def _property(kind: str, value: Any) -> str:
    if kind == "money":
        return format_money(round(value))
    if kind in ("ratio", "share"):
        return format_share(value) if value != float("inf") else "infinite"
    if kind == "yes/no":
        return "yes" if value else "no"
    return f"{value:g}" if kind == "count" else str(value)


def hours(minutes: float) -> str:
    """Minutes as hours with one decimal."""
    return f"{round(minutes / 60, 1) + 0.0:,.1f}"
