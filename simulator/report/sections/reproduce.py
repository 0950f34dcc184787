"""How to make the same figures again."""

from __future__ import annotations

import shlex

from markupsafe import Markup

from simulator.report.blocks import Block, Cell, Column, Paragraph, Section, Table, text_cell
from simulator.report.story import Story
from simulator.report.words import clean, filled, name
from simulator.scenario.load import AS_STATED
from simulator.scenario.spoken_names import variant_said
from simulator.texts import phrase, say

TITLE = phrase("How to reproduce it")
HASH_SHOWN = 16
"""Characters of a hash on the page; a spreadsheet gets all."""


def section(story: Story) -> Section:
    """The command, what was run with it, and the versions of what computed."""
    manifest = story.results.manifest
    command = clean(shlex.join(["pledgesim", *map(str, manifest.get("command", []))]))
    text = say("The same command with the same versions gives the same figures to the last bit: {command}")
    blocks: list[Block] = [Paragraph(filled(text, command=Markup("<code><bdi>{}</bdi></code>").format(command)))]
    rows: list[list[Cell]] = []
    for world in story.results.worlds:
        told = world.manifest
        digest = clean(str(told.get("sha256", "")))
        variant = say(AS_STATED) if world.loaded.variant == AS_STATED else variant_said(world.loaded)
        cells = [text_cell(name(world.said)), text_cell(name(f"{told.get('scenario')} · {variant}"))]
        cells += [_number(told.get("seed")), _number(told.get("replications"))]
        cells.append(Cell(Markup("<code>{}</code>").format(digest[:HASH_SHOWN]), digest, (digest,)))
        rows.append(cells)
    columns = [
        Column(say("design"), "text"),
        Column(say("scenario file"), "text"),
        Column(say("seed")),
        Column(say("replications")),
        Column(say("SHA-256 of all that decides the results"), "text"),
    ]
    blocks.append(Table(say("What was run"), columns, rows))
    versions = [
        [text_cell(name(str(key))), text_cell(name(str(value)))] for key, value in manifest.get("versions", {}).items()
    ]
    heads = [Column(say("program or library"), "text"), Column(say("version"), "text")]
    blocks.append(Table(say("Versions of what computed"), heads, versions))
    note = say(
        "The folder of the run holds manifest.json with each scenario as it was resolved, summary.json with every "
        "figure "
        "of this page, and the tables of replication 1."
    )
    return Section("reproduce", say(TITLE), [*blocks, Paragraph(note, "note")])


def _number(value: object) -> Cell:
    text = "–" if value is None else str(value)
    return Cell(text, text if text.isdigit() else "", (text,))
