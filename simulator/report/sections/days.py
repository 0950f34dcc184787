"""Where the days go: work, waiting, closed and elapsed time, in all and step by step."""

from __future__ import annotations

from functools import partial
from typing import Any

from markupsafe import Markup

from simulator.analysis.flow_rows import after_the_money, merged, rows_beside, rows_of_some, titles_with_quotas
from simulator.analysis.quota_waits import room_in
from simulator.analysis.time_use import USES
from simulator.charts.palette import USE_COLOURS, USE_HATCHES
from simulator.report.bars import SMALL, Part, Row, row_chart, scale_for
from simulator.report.blocks import (
    Block,
    Cell,
    Column,
    Fold,
    Panels,
    Paragraph,
    Picture,
    Points,
    Section,
    Table,
    estimate_cell,
    figure_cell,
    text_cell,
)
from simulator.report.designs import Design
from simulator.report.figures import DAYS, MEAN
from simulator.report.story import Story
from simulator.report.svg import legend, scale_of, swatch
from simulator.report.words import filled, isolated, joined, name
from simulator.scenario.flow import steps_of
from simulator.scenario.spoken_names import quota_said, step_said
from simulator.texts import phrase, say

TITLE = phrase("Where the days go")
MEANINGS = {
    "work": phrase("work on the file"),
    "waiting": phrase("waiting while the desk is open"),
    "closed": phrase("closed: nights, weekends, holidays"),
    "elapsed": phrase("elapsed: a time has to pass"),
}
BESIDE, SOME = "∥", "◇"


def section(story: Story) -> Section:
    """The days of a case in all, then step by step."""
    if not any(story.figures.at(design.at("days", "cases")) for design in story.designs):
        return Section(
            "days", say(TITLE), [Paragraph(say("No case was drawn or is open, so that there are no days to tell."))]
        )
    blocks: list[Block] = [*_sentences(story), _whole(story), _steps(story), *_notes(story)]
    tables: list[Block] = [_table(story, design) for design in story.designs if _rows(story, design)]
    return Section("days", say(TITLE), [*blocks, Fold(say("The same step by step, in figures"), tables)])


def _rows(story: Story, design: Design) -> list[tuple[int, dict[str, Any]]]:
    """The rows of `days.steps` on the way to the money, with their places."""
    later = after_the_money(design.product)
    return [
        (place, row)
        for place, row in enumerate(story.figures.at(design.at("days", "steps")))
        if row.get("step") not in later
    ]


def _title(row: dict[str, Any]) -> str:
    return row["step"] if "step" in row else room_in(row["quota"])


def row_said(design: Design, row: dict[str, Any]) -> str:
    """What a step is called, or the waiting for room in a quota."""
    if "quota" in row:
        return say("room in quota {quota}", quota=isolated(quota_said(design.world.loaded.scenario, row["quota"])))
    steps = {step.title: step for step in steps_of(design.product.flow)}
    return isolated(step_said(steps[row["step"]]))


def _sentences(story: Story) -> list[Block]:
    """Of each design what takes most of its days; of many only the table tells."""
    few = story.designs if story.few else ()
    known = [each for each in few if story.figures.at(each.at("days", "cases")) and _rows(story, each)]
    points = story.alike(known, partial(_sentence, story))
    return [Points(points)] if points else []


def _sentence(story: Story, design: Design, named: Markup) -> Markup:
    place, longest = max(_rows(story, design), key=lambda each: each[1]["total_days"]["value"] or 0.0)
    parts = {use: story.figures.shown(design.at("days", "by_use", use, "value"), DAYS, bare=True) for use in USES}
    return filled(
        say(
            "{design}: of {total} a case, {work} are work, {waiting} waiting at an open desk, {closed} closed hours "
            "and "
            "{elapsed} times that have to pass. The longest step is {step}: {days}."
        ),
        design=named,
        total=story.figures.shown(design.at("days", "total", "value"), DAYS),
        step=name(row_said(design, longest)),
        days=story.figures.shown(design.at("days", "steps", place, "total_days", "value"), DAYS),
        **parts,
    )


def _fill(story: Story, use: str) -> str:
    return story.fills.of(USE_COLOURS[use], USE_HATCHES[use])


def _key(story: Story) -> Markup:
    return legend([(swatch(_fill(story, use)), say(MEANINGS[use])) for use in USES])


def _whole(story: Story) -> Picture:
    rows = []
    for design in story.designs:
        parts = []
        for use in USES:
            path = design.at("days", "by_use", use, "value")
            value = story.figures.at(path)
            if value:
                parts.append(
                    Part(path, value, _fill(story, use), f"{design.text}\n{say(MEANINGS[use])}: {DAYS.said(value)}")
                )
        rows.append(Row(design.text, design.at("days", "total", "value"), DAYS, parts))
    caption = say("Mean days of a case, by what they are spent on")
    svg = row_chart(story.figures, rows, caption, say("days a case"), DAYS)
    return Picture(_key(story) + svg, caption)


def _steps(story: Story) -> Panels:
    """One panel a design; of a few all have the same rows, so that what is missing shows."""
    orders = [titles_with_quotas(design.product) for design in story.designs]
    every = merged(orders) if story.few else None
    rows_of = {design.place: _panel_rows(story, design, every) for design in story.designs}
    ends = [end for rows in rows_of.values() for end in (scale_for(story.figures, rows).high,)]
    scale = scale_of(ends)
    caption = say("Mean days a case in each step")
    panels = []
    for design in story.designs:
        gist = f"{design.text}: {caption}"
        svg = row_chart(
            story.figures, rows_of[design.place], gist, say("days a case"), DAYS, scale=scale, size=SMALL, in_panel=True
        )
        panels.append((design.html, svg))
    return Panels(panels, caption, _key(story))


def _panel_rows(story: Story, design: Design, every: list[str] | None) -> list[Row]:
    some, beside = rows_of_some(design.product), rows_beside(design.product)
    own = {_title(row): (place, row) for place, row in _rows(story, design)}
    rows = []
    for title in every if every is not None else own:
        if title not in own:
            rows.append(Row(_absent(story, title), said="–"))
            continue
        place, row = own[title]
        said = row_said(design, row)
        marks = f" {SOME}" * (title in some) + f" {BESIDE}" * (title in beside)
        parts = [
            Part(
                design.at("days", "steps", place, "days", use),
                row["days"][use],
                _fill(story, use),
                f"{said}\n{say(MEANINGS[use])}: {DAYS.said(row['days'][use])}",
            )
            for use in USES
            if row["days"][use]
        ]
        total = design.at("days", "steps", place, "total_days", "value")
        rows.append(Row(said + marks, total, DAYS, parts))
    return rows


def _absent(story: Story, title: str) -> str:
    """The name of a row that a design does not have, by one that has it."""
    for design in story.designs:
        for _, row in _rows(story, design):
            if _title(row) == title:
                return row_said(design, row)
    return title


def _notes(story: Story) -> list[Block]:
    said = [say("Means over the cases drawn or still open, of all replications; every visit of a step counts.")]
    if any(rows_beside(design.product) for design in story.designs):
        said.append(say("{mark} runs beside another step, so that the days do not add up.", mark=BESIDE))
    if any(rows_of_some(design.product) for design in story.designs):
        said.append(say("{mark} is a step that only some files take.", mark=SOME))
    if story.few and len(story.designs) > 1:
        said.append(say("– is not in this design."))
    return [Paragraph(joined([Markup(each) for each in said]), "note")]


def _table(story: Story, design: Design) -> Table:
    columns = [Column(say("step"), "text"), *(Column(say(use), "number", say("days")) for use in USES)]
    columns.append(Column(say("in all"), "estimate", say("days")))
    rows: list[list[Cell]] = []
    for place, row in _rows(story, design):
        at = design.at("days", "steps", place)
        figures = [figure_cell(story.figures, f"{at}/days/{use}", MEAN) for use in USES]
        total = estimate_cell(story.figures, f"{at}/total_days", MEAN)
        rows.append([text_cell(name(row_said(design, row))), *figures, total])
    return Table(say("{design}: mean days a case by step", design=design.text), columns, rows)
