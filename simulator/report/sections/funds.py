"""How long the funds of the agreements last."""

from __future__ import annotations

from typing import Any

from markupsafe import Markup

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
from simulator.report.words import filled, name
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
    blocks += [Paragraph(_sentence(story, design, fund)) for design, fund in funds]
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


def _sentence(story: Story, design: Design, fund: str) -> Markup:
    at = design.at("funds", fund)
    used_up = story.figures.at(f"{at}/share_used_up/value")
    values = {
        "design": design.html,
        "fund": name(meter_said(design.product, fund)),
        "first": story.figures.shown(f"{at}/at_first_cny", MONEY),
        "left": story.figures.shown(f"{at}/left_cny/value", MONEY),
        "share": story.figures.shown(f"{at}/share_used_up/value", WHOLE_SHARE),
        "interval": story.figures.interval(f"{at}/share_used_up", WHOLE_SHARE),
    }
    if not used_up:
        return filled(
            say("{design}: of {first} in {fund}, {left} are left at the end on average; it ran out in no replication."),
            **values,
        )
    text = say(
        "{design}: {fund} holds {first} at first and runs out in {share} of replications ({interval}), half of these "
        "by "
        "{date}; {left} are left at the end on average."
    )
    return filled(text, date=story.figures.at(f"{at}/path/used_up_on"), **values)


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
        moments, lines, gist, say("m CNY"), told, height=HEIGHT, bands=bands,
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
