"""What `explain` prints."""

from __future__ import annotations

import datetime
from typing import Any

from rich.table import Table

from simulator.analysis.eligibility import key_said
from simulator.analysis.explanation import Explanation
from simulator.analysis.loan_story import loan_in_words
from simulator.analysis.time_use import USES
from simulator.calendars import moment_at
from simulator.cli.tables import add_row, new_table
from simulator.scenario.load import LoadedScenario
from simulator.scenario.spoken_names import product_said
from simulator.scenario.spoken_quantities import money_said
from simulator.texts import phrase, say
from simulator.units import format_share

WIDTH_OF_STORIES = 150
WEEKDAYS = (
    phrase("Mon"), phrase("Tue"), phrase("Wed"), phrase("Thu"), phrase("Fri"), phrase("Sat"), phrase("Sun")
)  # fmt: skip


def story_tables(loaded: LoadedScenario, story: Explanation) -> list[Table | str]:
    """One case's timeline and totals."""
    assert loaded.scenario.run is not None
    start = loaded.scenario.run.start

    def time(minutes: float) -> str:
        if minutes == float("inf"):
            return "–"
        moment = moment_at(start, minutes)
        return f"{moment:%m-%d} {say(WEEKDAYS[moment.weekday()])} {moment:%H:%M}"

    title = say(
        "case {case} of replication {replication}, for {product}",
        case=story.case, replication=story.replication, product=product_said(loaded.scenario, story.product),
    )  # fmt: skip
    parts: list[Table | str] = ["", say("{firm}, {case}", firm=story.firm, case=title) if story.firm else title]
    told = []
    assert loaded.scenario.applicants is not None
    for name, value in story.properties.items():
        kind = loaded.scenario.applicants.population[name].kind
        told.append(say("{property} {value}", property=key_said(name), value=_property(kind, value)))
    parts.append(say("; ").join(told))
    if story.refused_by:
        parts.append(say("Not eligible: {reason}.", reason=story.refused_by))
        return parts
    applied = f"{moment_at(start, story.arrival):%Y}-{time(story.arrival)}"
    if story.end == "drawn":
        parts.append(_drawn(story, applied, time(story.drawn_at)))
    else:
        parts.append(say("Applied {applied}; {end}", applied=applied, end=say(story.end)))
    times, outcome = [say("handed in"), say("work begins"), say("done")], say("outcome")
    uses = [say("{use} h", use=say(use)) for use in USES]
    columns = [say("step"), say("by"), *times, outcome, *uses]
    table = new_table("", columns, left=6, whole=[*times, outcome, *uses])
    for each in story.timeline:
        title = each.step if each.visit == 1 else say("{step} ({visit})", step=each.step, visit=each.visit)
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
    add_row(table, say("in all (each instant once)"), "", "", "", "", "", *(hours(minutes) for minutes in story.uses))
    parts += ["", table]
    if len(story.after_drawdown) > 1:
        parts += ["", _after_drawdown(story, start)]
    return parts


def _drawn(story: Explanation, applied: str, drawn: str) -> str:
    """When it applied and was drawn, how much, and how the loan stands."""
    told = say(
        "Applied {applied}; drawn {drawn}: {amount} of a line of {line}; ",
        applied=applied, drawn=drawn, amount=money_said(story.drawn), line=money_said(story.credit_line),
    )  # fmt: skip
    if story.registered != story.credit_line:
        told += say("{amount} entered in the register; ", amount=money_said(story.registered))
    return told + (loan_in_words(story.loan) if story.loan is not None else "")


def _after_drawdown(story: Explanation, start: datetime.date) -> Table:
    """What was paid back and done for the loan, with its dates in full."""
    assert story.loan is not None
    due = f"{moment_at(start, story.loan.matures_at):%Y-%m-%d}"
    headings = [say("when"), say("by", context="after drawdown"), say("outcome"), say("paid"), say("outstanding")]
    title = say("After drawdown; the loan is due on {day}", day=due)
    table = new_table(title, [say("what"), *headings], left=4, whole=headings)
    for each in story.after_drawdown:
        add_row(
            table,
            each.what,
            f"{moment_at(start, each.moment):%Y-%m-%d %H:%M}",
            each.by,
            each.outcome,
            money_said(each.paid) if each.paid else "",
            money_said(each.left) if each.left is not None else "",
        )
    return table


def _property(kind: str, value: Any) -> str:
    if kind == "money":
        return money_said(round(value))
    if kind in ("ratio", "share"):
        return format_share(value) if value != float("inf") else say("infinite")
    if kind == "yes/no":
        return say("yes" if value else "no")
    return f"{value:g}" if kind == "count" else say(str(value))


def hours(minutes: float) -> str:
    """Minutes as hours with one decimal."""
    return f"{round(minutes / 60, 1) + 0.0:,.1f}"
