"""What the figures rest on: how many numbers are printed, derived or assumed, and every assumption with its range."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from markupsafe import Markup

from simulator.report.blocks import Block, Cell, Column, Fold, Paragraph, Section, Table, figure_cell, text_cell
from simulator.report.figures import COUNT, pointer
from simulator.report.results import World
from simulator.report.sections.source_marks import marks_note
from simulator.report.story import Story
from simulator.report.words import filled, isolated, listed, name
from simulator.scenario.evidence import ORIGINS, Evidence
from simulator.scenario.spoken_paths import pattern_said
from simulator.scenario.spoken_quantities import range_said
from simulator.texts import phrase, say

TITLE = phrase("Assumptions, their evidence and ranges")
ORIGIN_NAMES = {
    "published": phrase("published"),
    "derived": phrase("derived"),
    "assumed": phrase("assumed"),
    "setting": phrase("setting of the experiment"),
}


@dataclass
class Assumed:
    """One assumption as several worlds make it."""

    path: str
    entry: Evidence
    extent: str
    worlds: list[World] = field(default_factory=list)
    of_the_days: bool = False


def section(story: Story) -> Section:
    """The counts, then the assumptions that the days rest on, then all others."""
    found = list(_assumptions(story).values())
    blocks: list[Block] = [*_sentences(story), _counts(story)]
    of_days, others = ([each for each in found if each.of_the_days is wanted] for wanted in (True, False))
    titles = (
        say("{count} assumptions that the days rest on", count=len(of_days)),
        say("{count} other assumptions", count=len(others)),
    )
    for title, mine in zip(titles, (of_days, others), strict=True):
        blocks += [Fold(title, [_table(story, mine, title)])] if mine else []
    blocks += _left_out(story)
    blocks += marks_note(text for each in found for text in (each.path, each.entry.words))
    return Section("assumptions", say(TITLE), blocks)


def _sentences(story: Story) -> list[Block]:
    world = story.results.worlds[0]
    at = pointer("worlds", world.number, "evidence")
    values = {origin: story.figures.shown(f"{at}/by_origin/{origin}", COUNT) for origin in ORIGINS}
    text = say(
        "Of {numbers} numbers in {world}, {published} are published, {derived} derived from published ones, {assumed} "
        "assumed and {setting} settings of the experiment."
    )
    lead = filled(text, numbers=story.figures.shown(f"{at}/numbers", COUNT), world=name(world.said), **values)
    note = say(
        "Intervals tell how much chance moves a figure, not how wrong an assumption may be: move what matters within "
        "its "
        "range, by 'pledgesim sweep' or '--set'."
    )
    return [Paragraph(lead), Paragraph(note, "warning")]


def _left_out(story: Story) -> list[Block]:
    """How many assumptions of each scenario are about steps that it does not take."""
    counts = []
    for world in story.results.worlds:
        at = pointer("worlds", world.number, "evidence", "of_no_flow", "assumptions")
        if story.figures.at(at):
            count = story.figures.shown(at, COUNT)
            several = filled(say("{world} {count}"), world=name(world.said), count=count)
            counts.append(several if len(story.results.worlds) > 1 else count)
    if not counts:
        return []
    text = say("Not listed, since they are about steps that are in no flow of the scenario: {counts} assumptions.")
    if len(story.results.worlds) > 1:
        text = say("Not listed: assumptions about steps that are in no flow of the scenario ({counts}).")
    return [Paragraph(filled(text, counts=Markup(say(", ")).join(counts)), "note")]


def _counts(story: Story) -> Table:
    columns = [
        Column(say("scenario"), "text"),
        *(Column(say(ORIGIN_NAMES[origin])) for origin in ORIGINS),
        Column(say("without evidence")),
    ]
    rows = []
    for world in story.results.worlds:
        at = pointer("worlds", world.number, "evidence")
        paths = [*(f"{at}/by_origin/{origin}" for origin in ORIGINS), f"{at}/without"]
        rows.append([text_cell(name(world.said)), *(figure_cell(story.figures, path, COUNT) for path in paths)])
    return Table(say("Numbers of each scenario by where they come from"), columns, rows)


def _assumptions(story: Story) -> dict[tuple[str, str, str], Assumed]:
    """Every assumption once, though several worlds make it."""
    found: dict[tuple[str, str, str], Assumed] = {}
    for world in story.results.worlds:
        told: dict[str, Any] = story.results.summary["worlds"][world.number]
        rests = {path for paths in told["turnaround_rests_on"].values() for path in paths}
        for path in told["evidence"]["assumptions"]:
            entry = world.loaded.scenario.evidence.get(path)
            if entry is None:
                continue
            extent = _extent(world, path)
            assumed = found.setdefault((path, extent, entry.words), Assumed(path, entry, extent))
            assumed.worlds.append(world)
            assumed.of_the_days |= path in rests
    return found


def _extent(world: World, path: str) -> str:
    """The plausible range, in English as the file writes it."""
    return range_said(*world.loaded.plain["evidence"][path]["range"])


def _table(story: Story, found: list[Assumed], caption: str) -> Table:
    columns = [
        Column(say("what"), "text"),
        Column(say("plausible range"), "text"),
        Column(say("why this value"), "text", long=True),
    ]
    several = len(story.results.worlds) > 1
    if several:
        columns.append(Column(say("in"), "text"))
    rows: list[list[Cell]] = []
    for each in found:
        row = [_what(each), text_cell(name(each.extent)), text_cell(name(each.entry.words))]
        if several:
            everywhere = len(each.worlds) == len(story.results.worlds)
            row.append(text_cell(say("all") if everywhere else listed([name(world.said) for world in each.worlds])))
        rows.append(row)
    return Table(caption, columns, rows)


def _what(assumed: Assumed) -> Cell:
    """What is assumed, in words; where these are not the path that --set and a sweep take, it is told beside them."""
    said = pattern_said(assumed.worlds[0].loaded.scenario, assumed.path)
    if said == assumed.path:
        return text_cell(name(said))
    marked = Markup('<span title="{}">{}</span>').format(isolated(assumed.path), name(said))
    return text_cell(marked)
