"""The answer: how long a firm waits, what it costs, who bears the loss, and which differences are real."""

from __future__ import annotations

from markupsafe import Markup

from simulator.report.blocks import (
    Block,
    Heading,
    Paragraph,
    Points,
    Section,
)
from simulator.report.designs import Design
from simulator.report.figures import DAYS, RATE, WHOLE_SHARE, Form
from simulator.report.measures import MEASURES, PARTY, Measure, measure_of
from simulator.report.sections import answer_pictures as pictures
from simulator.report.sections import answer_tables as tables
from simulator.report.story import Story
from simulator.report.words import filled, joined, listed, name
from simulator.scenario.spoken_names import party_said
from simulator.texts import phrase, say

TITLE = phrase("The answer: time, cost, loss")
LEFT_MANY = 0.05
"""Share of eligible firms that leave, from which a mean time needs a warning."""


def section(story: Story) -> Section:
    """Sentences first, then the figures, then which differences are real."""
    blocks: list[Block] = [Paragraph(sentence, "lead") for sentence in _leads(story) if sentence]
    if len(story.designs) > 1:
        blocks += _differences_said(story)
    blocks += _warnings(story)
    blocks += [Heading(say("How long a firm waits")), pictures.drawn_by_day(story), tables.times(story)]
    blocks += tables.same_firms(story)
    cost = pictures.cost(story)
    if cost is not None:
        blocks += [Heading(say("What it costs the firm")), cost, tables.cost(story)]
    blocks += [Heading(say("Who bears the loss")), *_bearers(story)]
    loss = pictures.loss(story)
    blocks += [loss] if loss is not None else []
    blocks.append(tables.losses(story))
    if len(story.designs) > 1:
        blocks += [Heading(say("Which differences are real")), *tables.differences(story)]
    return Section("answer", say(TITLE), blocks)


def _ranked(story: Story, *keys: str) -> list[Design]:
    """The designs that have a figure, the smallest first."""
    known = [(story.figures.at(design.at(*keys)), design) for design in story.designs]
    return [
        design for value, design in sorted((each for each in known if each[0] is not None), key=lambda each: each[0])
    ]


def _leads(story: Story) -> list[Markup]:
    """The three answers, each in a sentence or two."""
    time = _lead(
        story,
        ("turnaround_days", "mean"),
        DAYS,
        say("A firm waits {value} from application to drawdown on average."),
        say("A firm waits least under {first}: {value} from application to drawdown on average."),
        say("It waits longest under {last}: {other}."),
    )
    cost = _lead(
        story,
        ("firm_cost", "contractual_after_subsidy", "mean"),
        RATE,
        say("The loan costs it {value} a year all in, after subsidies."),
        say("A loan costs the firm least under {first}: {value} a year all in, after subsidies."),
        say("It costs most under {last}: {other}."),
    )
    apart = any(each.real for measure in ("loss_cny.total", "default_rate") for each in story.differences.of(measure))
    loss = _lead(
        story,
        ("loss_rate",),
        RATE,
        say("Of the money drawn, {value} is lost after recoveries."),
        say("Of the money drawn, least is lost under {first}: {value} after recoveries.")
        if apart
        else say("Of the money drawn, {value} is lost after recoveries under {first},"),
        say("Most is lost under {last}: {other}.")
        if apart
        else say("and {other} under {last}; these replications cannot tell the designs apart by their losses."),
    )
    return [time, cost, loss]


def _lead(story: Story, keys: tuple[str, ...], form: Form, alone: str, lowest: str, highest: str) -> Markup:
    """Which designs have the lowest figure, and which the highest; those that are shown alike stand together."""
    ranked = _ranked(story, *keys, "value")
    if not ranked:
        return Markup("")
    shown = {design.place: form.said(story.figures.at(design.at(*keys, "value"))) for design in ranked}
    first, last = ranked[0], ranked[-1]
    value, other = (story.figures.estimate(design.at(*keys), form) for design in (first, last))
    if len(story.designs) == 1:
        return filled(alone, value=value)
    names = [
        listed([design.html for design in story.designs if shown.get(design.place) == shown[end.place]])
        for end in (first, last)
    ]
    if shown[first.place] == shown[last.place]:
        return filled(say("Under all of them alike: {sentence}"), sentence=filled(alone, value=value))
    sentences = [filled(text, first=names[0], last=names[1], value=value, other=other) for text in (lowest, highest)]
    return joined(sentences)


def _differences_said(story: Story) -> list[Block]:
    """Of a few designs each difference in a sentence; of many, measure by measure, who differs for certain."""
    points: list[Markup] = []
    for measure in MEASURES:
        found = story.differences.of(measure.path)
        if len(found) <= 3:
            points += [measure.sentence(story.figures, each) for each in found if each.verdict != "unknown"]
        else:
            points += _grouped(story, measure)
    if story.few:
        for path in story.differences.measures:
            if path.startswith(PARTY):
                measure = measure_of(path, story)
                points += [measure.sentence(story.figures, each) for each in story.differences.of(path) if each.real]
    return [Points(points)] if points else []


def _grouped(story: Story, measure: Measure) -> list[Markup]:
    """Who differs for certain one way, who the other way, and who cannot be told apart."""
    found = story.differences.of(measure.path)
    sentences = []
    for reference in dict.fromkeys(each.a.place for each in found):
        mine = [each for each in found if each.a.place == reference]
        a = mine[0].a.html
        for verdict, text in (("less", measure.less_of_many), ("more", measure.more_of_many)):
            parts = [
                filled(
                    say("{design} by {difference}"),
                    design=each.b.html,
                    difference=story.figures.shown(f"{each.path}/value", measure.form.without_sign),
                )
                for each in mine
                if each.verdict == verdict
            ]
            if parts:
                sentences.append(filled(say(text), a=a, designs=listed(parts)))
        unsure = [each.b.html for each in mine if each.verdict == "unsure"]
        if unsure:
            text = say("{measure}: these replications cannot tell {designs} from {a}.")
            sentences.append(filled(text, measure=say(measure.title), designs=listed(unsure), a=a))
    return sentences


def _warnings(story: Story) -> list[Block]:
    entries = story.results.summary["results"]
    blocks: list[Block] = []
    if any((entry["turnaround_days"]["left_of_eligible"] or 0) > LEFT_MANY for entry in entries):
        blocks.append(
            Paragraph(
                say("Many firms left before they were drawn, those who wait longest first: times are too short."),
                "warning",
            )
        )
    unknown = [
        design.html
        for design, entry in zip(story.designs, entries, strict=True)
        if entry["turnaround_days"]["mean"]["value"] is None and entry["cases"]["open"]
    ]
    if unknown:
        text = say("Cases of {designs} are still open at the end, so that a mean time is not finite; see its median.")
        blocks.append(Paragraph(filled(text, designs=listed(unknown)), "warning"))
    return blocks


def _bearers(story: Story) -> list[Block]:
    """Of each design in a sentence whose loss it is."""
    if not story.few:
        return []
    points = []
    for design in story.designs:
        if not story.figures.at(design.at("loss_gross_cny", "value")):
            text = say("{design}: no loan was lost in any replication; too few to say what is lost there.")
            points.append(filled(text, design=design.html))
            continue
        parties = story.figures.at(design.at("loss_by_party_cny"))
        borne = [
            filled(
                say("{party} {share}"),
                party=name(party_said(design.scenario, party)),
                share=story.figures.shown(design.at("loss_by_party_cny", party, "share_of_net"), WHOLE_SHARE),
            )
            for party in parties
            if parties[party]["share_of_net"] is not None
        ]
        text = say("{design}: {loss} are lost a replication on average, net of recoveries; of it bear {parties}.")
        loss = story.figures.estimate(design.at("loss_cny", "total"), measure_of("loss_cny.total").form)
        points.append(filled(text, design=design.html, loss=loss, parties=listed(borne)))
    return [Points(points)]
