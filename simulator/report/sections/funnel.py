"""From application to drawdown: how many firms get how far, and what becomes of the others."""

from __future__ import annotations

from markupsafe import Markup

from simulator.analysis.flow_rows import after_the_money, rows_beside, rows_of_some
from simulator.analysis.refusals import LEAST_SHARE, refusal_said
from simulator.charts.palette import pale
from simulator.report.bars import SMALL, Part, Row, row_chart, scale_for
from simulator.report.blocks import Block, Cell, Column, Heading, Panels, Paragraph, Points, Section, estimate_cell
from simulator.report.designs import Design
from simulator.report.figures import MEAN, SHARE, pointer
from simulator.report.sections.days import BESIDE, SOME, row_said
from simulator.report.story import Story
from simulator.report.svg import scale_of
from simulator.report.words import filled, joined, name
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
FIRMS = "firms_a_replication"
MOST_RULES = 3


def section(story: Story) -> Section:
    """Sentences, what most are refused by, one panel a design, and the counts."""
    if not any(story.figures.at(design.at("cases", "arrived")) for design in story.designs):
        return Section("funnel", say(TITLE), [Paragraph(say("Nobody applied."))])
    ends = [end for end in ENDS if any(story.figures.at(design.at("cases", end)) for design in story.designs)]
    blocks: list[Block] = [*_sentences(story), *_refusals(story), _panels(story, ends)]
    heads = {"arrived": say("applied"), "eligible": say("eligible"), "drawn": say("drawn")}
    heads |= {end: say(END_NAMES[end]) for end in ends}
    columns = [Column(head, "estimate", say("firms")) for head in heads.values()]

    def cells(design: Design) -> list[Cell]:
        return [estimate_cell(story.figures, design.at(FIRMS, key), MEAN) for key in heads]

    blocks.append(story.table(say("Firms by how far they got, mean a replication"), columns, cells))
    return Section("funnel", say(TITLE), [*blocks, _note(story)])


def _note(story: Story) -> Paragraph:
    said = [say("Means a replication. A bar of a step: firms that got past it.")]
    if any(rows_beside(design.product) for design in story.designs):
        said.append(
            say("{mark} runs beside another step: firms are past one and not yet past the other.", mark=BESIDE)
        )
    if any(rows_of_some(design.product) for design in story.designs):
        said.append(say("{mark} is a step that only some files take.", mark=SOME))
    return Paragraph(joined([Markup(each) for each in said]), "note")


def _sentences(story: Story) -> list[Block]:
    """Of a few designs, how many firms get how far."""

    def sentence(design: Design, named: Markup) -> Markup:
        values = {
            key: story.figures.shown(design.at(FIRMS, key, "value"), MEAN) for key in ("arrived", "eligible", "drawn")
        }
        share = story.figures.shown(design.at("drawn_share", "value"), SHARE)
        text = say(
            "{design}: of {arrived} firms that apply in a replication, {eligible} are eligible and {drawn} draw their "
            "loan, {share} of the eligible."
        )
        return filled(text, design=named, share=share, **values)

    points = story.alike(story.designs if story.few else (), sentence)
    return [Points(points)] if points else []


def _refusals(story: Story) -> list[Block]:
    """Of each world the rules that most firms fail first."""
    firsts = {design.world.number: design for design in reversed(story.designs)}

    def sentence(design: Design, named: Markup) -> Markup:
        return filled(
            say("{designs}: not met: {rules}."), designs=named, rules=Markup(say(", ")).join(_rules(story, design))
        )

    told = [firsts[number] for number in sorted(firsts) if _rules(story, firsts[number])]
    if not told:
        return []
    note = say("The first rule that a firm fails; share of all firms that applied.")
    points = story.alike(told, sentence)
    return [Heading(say("What keeps most firms out")), Points(points), Paragraph(note, "note")]


def _rules(story: Story, design: Design) -> list[Markup]:
    """What most firms do not fulfil, with the share of firms; of the first product of the design's world."""
    at = pointer("worlds", design.world.number, "refused_by")
    product = next(iter(design.scenario.products.values()))
    return [
        filled(
            say("{rule} {share}"),
            rule=name(refusal_said(product, each["rule"])),
            share=story.figures.shown(f"{at}/{place}/share", SHARE),
        )
        for place, each in enumerate(story.figures.at(at)[:MOST_RULES])
        if each["share"] >= LEAST_SHARE
    ]


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
            MEAN,
            scale=scale,
            size=SMALL,
            in_panel=True,
        )
        panels.append((design.html, svg))
    return Panels(panels, caption)


def _rows(story: Story, design: Design, ends: list[str]) -> list[Row]:
    colour = story.colour(design)
    rows = [
        _row(story, design.at(FIRMS, key, "value"), said, colour)
        for key, said in (("arrived", say("applied")), ("eligible", say("eligible")))
    ]
    later, some, beside = after_the_money(design.product), rows_of_some(design.product), rows_beside(design.product)
    kinds = {step.title: step.kind.name for step in steps_of(design.product.flow)}
    for place, row in enumerate(story.figures.at(design.at("days", "steps"))):
        title = row.get("step")
        if title is not None and title not in later and kinds[title] != "drawdown":
            path = design.at("days", "steps", place, "passed_a_replication")
            said = row_said(design, row) + f" {SOME}" * (title in some) + f" {BESIDE}" * (title in beside)
            rows.append(_row(story, path, said, pale(colour)))
    rows.append(_row(story, design.at(FIRMS, "drawn", "value"), say("drawn"), colour))
    return rows + [_row(story, design.at(FIRMS, end, "value"), say(END_NAMES[end]), GREY) for end in ends]


def _row(story: Story, path: str, said: str, colour: str) -> Row:
    value = story.figures.at(path) or 0
    return Row(said, path, MEAN, [Part(path, value, colour, f"{said}: {MEAN.said(value)}")])
