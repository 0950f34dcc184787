"""Desks and queues: how busy each desk is, how many files wait for it and how long; and quotas that fill."""

from __future__ import annotations

from functools import partial

from markupsafe import Markup

from simulator.charts.palette import pale
from simulator.report.bars import SMALL, Part, Row, row_chart
from simulator.report.blocks import (
    Block,
    Cell,
    Column,
    Fold,
    Panels,
    Paragraph,
    Points,
    Section,
    Table,
    empty_cell,
    estimate_cell,
    figure_cell,
    text_cell,
)
from simulator.report.designs import Design
from simulator.report.figures import COUNT, DAYS, MEAN, MONEY, WHOLE_SHARE, Form
from simulator.report.story import Story
from simulator.report.svg import Scale
from simulator.report.words import filled, isolated, name
from simulator.scenario.spoken_names import desk_said, quota_said
from simulator.texts import phrase, say

TITLE = phrase("Desks and queues")
BUSY = 0.85
"""A desk in use for more of its time than this lets queues grow fast."""
QUEUE = Form(2)


def section(story: Story) -> Section:
    """The busiest desk of each design, all desks as bars, and all figures."""
    worlds = _one_a_world(story)
    blocks: list[Block] = [*_busiest(story, worlds), _panels(story, worlds)]
    note = Paragraph(
        say(
            "Over the arrival period; days in the queue count nights and weekends. A committee has meetings instead "
            "of a "
            "share of its time. Above some 85% in use, queues grow fast."
        ),
        "note",
    )
    blocks += [note, Fold(say("All desks in figures"), [_table(story, design) for design in worlds])]
    quotas = _quotas(story, worlds)
    return Section("desks", say(TITLE), [*blocks, *([quotas] if quotas is not None else [])])


def _one_a_world(story: Story) -> list[Design]:
    """One design of each world, since products of one world share its desks."""
    return list({design.world.number: design for design in reversed(story.designs)}.values())[::-1]


def _used(story: Story, design: Design) -> list[str]:
    """Desks that had a file."""
    desks = story.figures.at(design.at("desks"))
    return [
        key
        for key, each in desks.items()
        if each["longest_queue"] or each["utilisation"]["value"] or (each["days_in_queue"]["value"] is not None)
    ]


def _busiest(story: Story, worlds: list[Design]) -> list[Block]:
    known = [each for each in worlds if _by_use(story, each)] if story.few else []
    points = story.alike(known, partial(_sentence, story))
    return [Points(points)] if points else []


def _by_use(story: Story, design: Design) -> list[tuple[float, str]]:
    """Desks that had a file, each with the part of its time in use, where that is known."""
    used = ((story.figures.at(design.at("desks", key, "utilisation", "value")), key) for key in _used(story, design))
    return [(value, key) for value, key in used if value is not None]


def _sentence(story: Story, design: Design, named: Markup) -> Markup:
    _, key = max(_by_use(story, design))
    return filled(
        say("{design}: the busiest desk is {desk}, {share} in use; a file waits there for {days} on average."),
        design=named,
        desk=name(desk_said(design.scenario, key)),
        share=story.figures.shown(design.at("desks", key, "utilisation", "value"), WHOLE_SHARE),
        days=story.figures.shown(design.at("desks", key, "days_in_queue", "value"), DAYS),
    )


def _panels(story: Story, worlds: list[Design]) -> Panels:
    caption = say("How much of its time each desk is in use")
    panels = []
    for design in worlds:
        rows = []
        for key in _used(story, design):
            said = isolated(desk_said(design.scenario, key))
            path = design.at("desks", key, "utilisation")
            value = story.figures.at(f"{path}/value")
            if value is None:
                rows.append(Row(said, said=say("meets")))
                continue
            colour = story.colour(design) if value > BUSY else pale(story.colour(design))
            tip = f"{said}: {WHOLE_SHARE.said(value)}"
            rows.append(
                Row(said, f"{path}/value", WHOLE_SHARE, [Part(f"{path}/value", value, colour, tip)], (), path, tip)
            )
        gist = f"{design.text}: {caption}"
        panels.append(
            (
                design.html,
                row_chart(
                    story.figures,
                    rows,
                    gist,
                    say("% of open time"),
                    WHOLE_SHARE,
                    scale=Scale(0.0, 1.0),
                    size=SMALL,
                    in_panel=True,
                ),
            )
        )
    return Panels(panels, caption)


def _table(story: Story, design: Design) -> Table:
    columns = [
        Column(say("desk"), "text"),
        Column(say("in use"), "estimate", "%"),
        Column(say("mean queue"), "estimate", say("files")),
        Column(say("longest queue"), "number", say("files")),
        Column(say("in the queue"), "estimate", say("days")),
    ]
    rows: list[list[Cell]] = []
    for key in _used(story, design):
        at = design.at("desks", key)
        said = desk_said(design.scenario, key)
        in_use = estimate_cell(story.figures, f"{at}/utilisation", WHOLE_SHARE)
        if story.figures.at(f"{at}/utilisation/value") is None:
            in_use = empty_cell(columns[1], say("meets"))
        rows.append(
            [
                text_cell(name(said)),
                in_use,
                estimate_cell(story.figures, f"{at}/mean_queue", QUEUE),
                figure_cell(story.figures, f"{at}/longest_queue", COUNT),
                estimate_cell(story.figures, f"{at}/days_in_queue", MEAN),
            ]
        )
    return Table(say("{design}: desks", design=design.text), columns, rows)


def _quotas(story: Story, worlds: list[Design]) -> Table | None:
    """How full each quota became, and the files that found no room in it; None where there is none."""
    columns = [
        Column(say("quota"), "text"),
        Column(say("design"), "text"),
        Column(say("limit"), "number", say("m CNY")),
        Column(say("highest use"), "estimate", say("m CNY")),
        Column(say("nearly full in"), "estimate", say("% of replications")),
        Column(say("files that waited"), "estimate", say("a replication")),
        Column(say("each waited"), "estimate", say("days")),
    ]
    rows: list[list[Cell]] = []
    for design in worlds:
        for key in story.figures.at(design.at("quotas")):
            at = design.at("quotas", key)
            rows.append(
                [
                    text_cell(name(quota_said(design.world.loaded.scenario, key))),
                    text_cell(design.html, design.plain),
                    figure_cell(story.figures, f"{at}/limit_cny", MONEY),
                    estimate_cell(story.figures, f"{at}/highest_use_cny", MONEY),
                    estimate_cell(story.figures, f"{at}/share_nearly_full", WHOLE_SHARE),
                    estimate_cell(story.figures, f"{at}/waited", MEAN),
                    estimate_cell(story.figures, f"{at}/mean_days_waited", MEAN),
                ]
            )
    return Table(say("Quotas: ceilings on approved credit"), columns, rows) if rows else None
