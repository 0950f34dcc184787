"""How long the funds of the agreements last."""

from __future__ import annotations

from functools import partial
from typing import Any

from markupsafe import Markup

from simulator.analysis.intervals import tells_quantile
from simulator.charts.palette import FAINT
from simulator.report.blocks import (
    Block,
    Cell,
    Column,
    Heading,
    Panels,
    Paragraph,
    Table,
    estimate_cell,
    figure_cell,
    text_cell,
)
from simulator.report.designs import Design
from simulator.report.figures import MONEY, WHOLE_SHARE
from simulator.report.lines import Band, Line, Moments, line_chart
from simulator.report.story import Story
from simulator.report.words import filled, joined, name
from simulator.scenario.spoken_names import meter_said
from simulator.texts import say
from simulator.texts.money import cny_of_column

BANDS = (("p5", "p95", 0.16), ("p25", "p75", 0.3))
HEIGHT = 170


def fund_blocks(story: Story) -> list[Block]:
    """Sentence, course and figures of every fund; nothing where no agreement has one."""
    funds = [(design, fund) for design in story.designs for fund in story.figures.at(design.at("funds"))]
    if not funds:
        return []
    blocks: list[Block] = [Heading(say("How long the fund lasts"))]
    for fund in dict.fromkeys(fund for _, fund in funds):
        having = [design for design, own in funds if own == fund]
        said = story.alike(having, partial(_sentence, story, fund))
        blocks += [Paragraph(each) for each in said]
    panels = [(_heading(design, fund), _course(story, design, fund)) for design, fund in funds]
    caption = say("What is left in the fund over time, m CNY")
    blocks.append(Panels(panels, caption))
    note = say(
        "Line: the median; bands: 50% of replications, and 90% where there are a hundred. With fewer than twenty each "
        "has its own line."
    )
    return [*blocks, Paragraph(note, "note"), _table(story, funds)]


def _heading(design: Design, fund: str) -> Markup:
    return filled("{design} · {fund}", design=design.html, fund=name(meter_said(design.product, fund)))


def how_often(story: Story, fund: str, design: Design, named: Markup) -> Markup:
    """In how many replications the fund of the designs `named` is used up, and what is left of it."""
    return _told(story, fund, design, named, say("{count} of {replications} replications"))


def _told(story: Story, fund: str, design: Design, named: Markup, often: str) -> Markup:
    at = design.at("funds", fund)
    said = filled(
        say("{fund} is used up in {often}; of {first}, {left} are left at the end on average."),
        fund=name(meter_said(design.product, fund)),
        often=filled(
            often,
            count=f"{_used_up(story, at):,}",
            replications=f"{story.results.replications:,}",
            share=story.figures.shown(f"{at}/share_used_up/value", WHOLE_SHARE),
            interval=story.figures.interval(f"{at}/share_used_up", WHOLE_SHARE),
        ),
        first=story.figures.shown(f"{at}/at_first_cny", MONEY),
        left=story.figures.shown(f"{at}/left_cny/value", MONEY),
    )
    return said if design.alone else filled(say("{design}: {sentence}"), design=named, sentence=said)


def _used_up(story: Story, at: str) -> int:
    """Replications in which a fund is used up."""
    return round(float(story.figures.at(f"{at}/share_used_up/value")) * story.results.replications)


def _sentence(story: Story, fund: str, design: Design, named: Markup) -> Markup:
    """The same with the interval of how often, and with the date by which half of these replications are there."""
    at = design.at("funds", fund)
    often = say("{count} of {replications} replications ({share}, {interval})")
    if not story.figures.interval(f"{at}/share_used_up", WHOLE_SHARE):
        often = say("{count} of {replications} replications ({share})")
    said = [_told(story, fund, design, named, often)]
    if tells_quantile(_used_up(story, at), 0.5):
        text = say("In half of these it is used up by {date}.")
        said.append(filled(text, date=story.figures.at(f"{at}/path/used_up_on")))
    return joined(said)


def _course(story: Story, design: Design, fund: str) -> Markup:
    at = design.at("funds", fund, "path")
    path: dict[str, Any] = story.figures.at(at)
    dates, colour = path["dates"], story.colour(design)
    count = len(dates)
    ticks = [(place, dates[place][:7]) for place in (0, count // 2, count - 1)]
    moments = Moments(list(range(count)), ticks, "")
    if "quantiles" in path:
        lines = [_quantile(at, path, "p50", colour)]
        bands = [
            Band(_quantile(at, path, low, colour), _quantile(at, path, high, colour), opacity)
            for low, high, opacity in BANDS
            if low in path["quantiles"]
        ]
        middle = path["quantiles"]["p50"]
    else:
        middle = []
        lines = [
            Line(f"{at}/replications/{number}", values, FAINT, steps=True, faint=True)
            for number, values in enumerate(path["replications"])
        ]
        bands = []

    def told(number: int) -> str:
        said = [dates[number]]
        if middle:
            said.append(say("median left: {amount}", amount=MONEY.said(middle[number])))
        said.append(say("run out by then: {share} of replications", share=f"{path['used_up_by'][number]:.0%}"))
        return "\n".join(said)

    gist = say("{design}: what is left in {fund}", design=design.text, fund=meter_said(design.product, fund))
    return line_chart(
        moments,
        lines,
        gist,
        say("m CNY"),
        told,
        height=HEIGHT,
        bands=bands,
        shown=lambda value: value / cny_of_column(),
    )


def _quantile(at: str, path: dict[str, Any], key: str, colour: str) -> Line:
    return Line(f"{at}/quantiles/{key}", path["quantiles"][key], colour, steps=True)


def _table(story: Story, funds: list[tuple[Design, str]]) -> Table:
    columns = [
        Column(say("fund"), "text"),
        Column(say("design"), "text"),
        Column(say("at first"), "number", say("m CNY")),
        Column(say("left at the end"), "estimate", say("m CNY")),
        Column(say("runs out in"), "estimate", say("% of replications")),
    ]
    rows: list[list[Cell]] = []
    for design, fund in funds:
        at = design.at("funds", fund)
        rows.append(
            [
                text_cell(name(meter_said(design.product, fund))),
                text_cell(design.html, design.plain),
                figure_cell(story.figures, f"{at}/at_first_cny", MONEY),
                estimate_cell(story.figures, f"{at}/left_cny", MONEY),
                estimate_cell(story.figures, f"{at}/share_used_up", WHOLE_SHARE),
            ]
        )
    return Table(say("Funds at the end of follow-up"), columns, rows)
