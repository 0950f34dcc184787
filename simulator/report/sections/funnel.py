"""From application to drawdown: how many firms get how far, and what becomes of the others."""

from __future__ import annotations

from simulator.analysis.flow_rows import after_the_money
from simulator.charts.palette import pale
from simulator.report.bars import SMALL, Part, Row, row_chart, scale_for
from simulator.report.blocks import Block, Cell, Column, Panels, Paragraph, Points, Section, figure_cell
from simulator.report.designs import Design
from simulator.report.figures import COUNT, SHARE, pointer
from simulator.report.sections.days import row_said
from simulator.report.story import Story
from simulator.report.svg import scale_of
from simulator.report.words import filled
from simulator.scenario.flow import steps_of
from simulator.texts import phrase, say

TITLE = phrase("How many firms get how far")
ENDS = ("declined", "withdrawn", "expired", "open", "completed")
END_NAMES = {
    "declined": phrase("declined"),
    "withdrawn": phrase("withdrawn"),
    "expired": phrase("expired"),
    "open": phrase("still open"),
    "completed": phrase("ended without drawdown"),
}
GREY = "#9A9A9A"


def section(story: Story) -> Section:
    """Sentences, one panel a design, and the counts."""
    if not any(story.figures.at(design.at("cases", "arrived")) for design in story.designs):
        return Section("funnel", say(TITLE), [Paragraph(say("Nobody applied."))])
    ends = [end for end in ENDS if any(story.figures.at(design.at("cases", end)) for design in story.designs)]
    blocks: list[Block] = [*_sentences(story), _panels(story, ends)]
    heads = {"arrived": say("applied"), "eligible": say("eligible"), "drawn": say("drawn")}
    heads |= {end: say(END_NAMES[end]) for end in ends}
    columns = [Column(head, "number", say("firms")) for head in heads.values()]

    def cells(design: Design) -> list[Cell]:
        return [figure_cell(story.figures, design.at("cases", key), COUNT) for key in heads]

    blocks.append(story.table(say("Firms by how far they got, all replications together"), columns, cells))
    note = say("Counts are sums over all replications. A bar of a step: firms that got past it.")
    return Section("funnel", say(TITLE), [*blocks, Paragraph(note, "note")])


def _sentences(story: Story) -> list[Block]:
    points = []
    for design in story.designs if story.few else ():
        values = {key: story.figures.shown(design.at("cases", key), COUNT) for key in ("arrived", "eligible", "drawn")}
        share = story.figures.shown(design.at("drawn_share", "value"), SHARE)
        text = say(
            "{design}: of {arrived} firms that applied, {eligible} were eligible and {drawn} drew their loan, {share} "
            "of the eligible."
        )
        points.append(filled(text, design=design.html, share=share, **values))
    return [Points(points)] if points else []


def _panels(story: Story, ends: list[str]) -> Panels:
    rows_of = {design.place: _rows(story, design, ends) for design in story.designs}
    scale = scale_of([scale_for(story.figures, rows).high for rows in rows_of.values()])
    caption = say("Firms, from application to drawdown")
    panels = []
    for design in story.designs:
        svg = row_chart(
            story.figures,
            rows_of[design.place],
            f"{design.text}: {caption}",
            say("firms"),
            COUNT,
            scale=scale,
            size=SMALL,
            in_panel=True,
        )
        panels.append((design.html, svg))
    return Panels(panels, caption)


def _rows(story: Story, design: Design, ends: list[str]) -> list[Row]:
    colour = story.colour(design)
    rows = [
        _row(story, design.at("cases", key), said, colour)
        for key, said in (("arrived", say("applied")), ("eligible", say("eligible")))
    ]
    later = after_the_money(design.product)
    kinds = {step.title: step.kind.name for step in steps_of(design.product.flow)}
    for place, row in enumerate(story.figures.at(design.at("days", "steps"))):
        title = row.get("step")
        if title is not None and title not in later and kinds[title] != "drawdown":
            path = pointer("results", design.place, "days", "steps", place, "passed")
            rows.append(_row(story, path, row_said(design, row), pale(colour)))
    rows.append(_row(story, design.at("cases", "drawn"), say("drawn"), colour))
    return rows + [_row(story, design.at("cases", end), say(END_NAMES[end]), GREY) for end in ends]


def _row(story: Story, path: str, said: str, colour: str) -> Row:
    value = story.figures.at(path) or 0
    return Row(said, path, COUNT, [Part(path, value, colour, f"{said}: {COUNT.said(value)}")])
