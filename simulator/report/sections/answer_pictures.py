"""The pictures of the answer: the drawn by day, the cost, the loss, and which differences leave zero out."""

from __future__ import annotations

from collections.abc import Sequence

from markupsafe import Markup

from simulator.analysis.firm_cost import COMPONENTS
from simulator.charts.palette import COST_STYLES, party_styles
from simulator.report.bars import Dot, Part, Row, row_chart, scale_for
from simulator.report.blocks import Block, Panels, Picture
from simulator.report.designs import Design
from simulator.report.figures import DAYS, MONEY, RATE, Form
from simulator.report.lines import Line, Moments, line_chart
from simulator.report.measures import MEASURES
from simulator.report.story import Story
from simulator.report.svg import Scale, legend, swatch
from simulator.report.words import isolated, name
from simulator.scenario.spoken_names import party_said
from simulator.scenario.spoken_parties import party_of_all_said
from simulator.texts import say
from simulator.workflow.ledger import SUBSIDIES

TOGETHER = 5
"""Of so many designs the lines stand in one picture; of more each has its own, before all others in grey."""
GREY = "#B5BCC6"
PANEL_HEIGHT = 150


def drawn_by_day(story: Story) -> Block:
    """Share of eligible firms that have their money, by days since they applied."""
    caption = say("Share of all eligible firms that have their money, by days since application")
    days = story.figures.at(story.designs[0].at("drawn_by_day", "days"))
    moments = Moments(days, [(day, f"{day:g}") for day in _round(days)], say("days from application to drawdown"))
    unit = say("% of eligible firms")
    shares = [story.figures.at(design.at("drawn_by_day", "share")) for design in story.designs]

    def told(number: int, places: Sequence[int]) -> str:
        lines = [say("{days} days", days=days[number])]
        lines += [f"{story.designs[place].text}: {shares[place][number]:.0%}" for place in places if shares[place]]
        return "\n".join(lines)

    every = range(len(story.designs))
    if len(story.designs) <= TOGETHER:
        lines = [_line(story, design, shares[design.place], tagged=len(story.designs) > 1) for design in story.designs]
        svg = line_chart(moments, lines, caption, unit, lambda number: told(number, every), top=1.0, shown=_hundredfold)
        key = Markup("") if len(lines) == 1 else legend([(each.tag, name(each.said)) for each in story.designs])
        note = say("Refused, withdrawn and open cases count as not drawn; all replications together.")
        return Picture(key + svg, caption, note)
    panels = []
    for design in story.designs:
        lines = [
            Line(each.at("drawn_by_day", "share"), shares[each.place], GREY, faint=True)
            for each in story.designs
            if each is not design
        ]
        lines.append(_line(story, design, shares[design.place], tagged=False))
        gist = f"{design.text}: {caption}"
        picture = line_chart(
            moments,
            lines,
            gist,
            unit,
            lambda number, place=design.place: told(number, [place]),  # type: ignore[misc]
            height=PANEL_HEIGHT,
            top=1.0,
            shown=_hundredfold,
        )
        panels.append((design.html, picture))
    return Panels(panels, caption)


def _hundredfold(share: float) -> float:
    return share * 100


def _round(days: Sequence[float]) -> list[float]:
    """Days at which something is written: five or six round ones."""
    step = next(
        each for each in (1, 2, 5, 10, 20, 30, 60, 90, 180, 360, 720, 3600) if days[-1] / each <= 6 or each == 3600
    )
    return list(range(0, int(days[-1]) + 1, step))


def _line(story: Story, design: Design, share: Sequence[float], *, tagged: bool) -> Line:
    return Line(
        design.at("drawn_by_day", "share"), share, story.colour(design), design.dashes, design.letter if tagged else ""
    )


def cost(story: Story) -> Picture | None:
    """Cost a year by component, subsidies left of zero, and the all-in rate; None where nothing was charged."""
    used: dict[str, None] = {}
    rows = []
    for design in story.designs:
        components = story.figures.at(design.at("firm_cost", "by_component")) or {}
        parts = []
        for what in COMPONENTS:
            value = components.get(what, {}).get("value")
            if value:
                used[what] = None
                path, tip = design.at("firm_cost", "by_component", what, "value"), say(what)
                fill, outline = _cost_fill(story, what)
                parts.append(Part(path, value, fill, f"{design.text}\n{tip}: {RATE.said(value)}", outline))
        base = design.at("firm_cost", "contractual_after_subsidy", "mean")
        rate = story.figures.at(f"{base}/value")
        dots = []
        if rate is not None:
            tip = f"{design.text}\n{say('all in, after subsidies')}: {RATE.said(rate)}"
            dots.append(Dot(f"{base}/value", rate, tip, hollow=True))
        rows.append(Row(design.text, f"{base}/value", RATE, parts, dots))
    if not used:
        return None
    entries: list[tuple[Markup, Markup | str]] = [
        (swatch(fill, colour=outline), say("less {what}", what=say(what)) if what in SUBSIDIES.values() else say(what))
        for what in used
        for fill, outline in [_cost_fill(story, what)]
    ]
    caption = say("What a loan costs the firm a year, by contract and after subsidies")
    svg = row_chart(story.figures, rows, caption, say("% a year of the principal outstanding"), RATE)
    note = say(
        "Circle and figure: all in, after subsidies, the effective annual rate of all payments. Where there are "
        "subsidies it belongs to the bars right of zero less those left of it, and may lie inside the bars; it is "
        "somewhat above that net sum, since it counts what is paid early or within the year."
    )
    return Picture(legend(entries) + svg, caption, note)


def _cost_fill(story: Story, what: str) -> tuple[str, str | None]:
    """Fill and outline: a subsidy has the colour of what it is a part of, on white."""
    for of, subsidy in SUBSIDIES.items():
        if what == subsidy:
            colour = COST_STYLES[of][0]
            return story.fills.of(colour, "////", taken_off=True), colour
    return story.fills.of(*COST_STYLES[what]), None


def party_names(story: Story) -> dict[str, str]:
    """Every party that may bear a loss, with what it is called."""
    keys = dict.fromkeys(
        party
        for design in story.designs
        for party in [*design.product.risk_sharing.bearers(), *story.figures.at(design.at("loss_by_party_cny"))]
    )
    return {party: party_of_all_said(story.scenarios, party) for party in keys}


def loss(story: Story) -> Picture | None:
    """Net loss a replication, stacked by party, with the interval of the whole; None where nothing was lost."""
    names = party_names(story)
    styles = party_styles(names)
    rows, used = [], set()
    for design in story.designs:
        by_party = story.figures.at(design.at("loss_cny", "by_party")) or {}
        parts = []
        for party in names:
            value = by_party.get(party, {}).get("value")
            if value:
                used.add(party)
                tip = f"{design.text}\n{isolated(party_said(design.scenario, party))}: {MONEY.said(value)}"
                parts.append(
                    Part(design.at("loss_cny", "by_party", party, "value"), value, story.fills.of(*styles[party]), tip)
                )
        total = design.at("loss_cny", "total")
        rows.append(
            Row(design.text, f"{total}/value", MONEY, parts, (), total, _interval_tip(story, design, total, MONEY))
        )
    if not used:
        return None
    entries = [(swatch(story.fills.of(*styles[party])), name(said)) for party, said in names.items() if party in used]
    caption = say("Net loss a replication, by who bears it")
    scale = Scale(0.0, scale_for(story.figures, rows).high)
    svg = row_chart(story.figures, rows, caption, say("m CNY"), MONEY, scale=scale)
    return Picture(legend(entries) + svg, caption, say("Line: 95% interval of the whole, cut at zero."))


def _interval_tip(story: Story, design: Design, path: str, form: Form) -> str:
    found = story.figures.at(path)
    if found is None or found.get("low") is None:
        return ""
    low, high = form.number(found["low"]), form.said(found["high"])
    return f"{design.text}\n{say('95% interval')}: {say('{low} to {high}', low=low, high=high)}"


def differences(story: Story) -> Picture | None:
    """Differences in days with their intervals, around zero."""
    found = [each for each in story.differences.of(MEASURES[0].path) if each.verdict != "equal"]
    rows = []
    for each in found:
        if each.verdict == "unknown" or each.told.get("low") is None:
            continue
        value = each.told["value"]
        tip = f"{each.b.text} – {each.a.text}\n{DAYS.with_sign.said(value)}"
        told = each.told.get("together") or each.told
        ends = say("{low} to {high}", low=DAYS.with_sign.number(told["low"]), high=DAYS.with_sign.said(told["high"]))
        dot = Dot(f"{each.path}/value", value, tip, story.colour(each.b), hollow=not each.beyond_chance)
        label = say("{b} against {a}", b=each.b.text, a=each.a.letter)
        rows.append(Row(label, f"{each.path}/value", DAYS.with_sign, (), [dot], each.held, f"{tip}\n{ends}"))
    if not rows:
        return None
    caption = say("Days sooner (left of zero) or later (right)")
    svg = row_chart(story.figures, rows, caption, say("days"), DAYS)
    note = say("Full dot: beyond chance. Empty dot: the interval holds zero, or the firms drawn in both are too few.")
    return Picture(svg, caption, note)
