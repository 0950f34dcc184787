"""The answer: how long a firm waits, what it costs, who bears the loss, and which differences are beyond chance."""

from __future__ import annotations

from markupsafe import Markup

from simulator.report.blocks import Block, Heading, Paragraph, Points, Section
from simulator.report.figures import COUNT, WHOLE_SHARE
from simulator.report.measures import measure_of
from simulator.report.sections import answer_differences, assumptions
from simulator.report.sections import answer_pictures as pictures
from simulator.report.sections import answer_tables as tables
from simulator.report.sections.answer_leads import leads
from simulator.report.sections.answer_short import borne_by
from simulator.report.story import Story
from simulator.report.words import filled, listed
from simulator.scenario.spoken_quantities import span_said
from simulator.texts import phrase, say

TITLE = phrase("The answer: time, cost, loss")
LEFT_MANY = 0.05
"""Share of eligible firms that leave, from which a mean time needs a warning."""


def section(story: Story) -> Section:
    """Sentences first, then the figures, then which differences are beyond chance; of many designs a table first."""
    blocks: list[Block] = [Paragraph(_scope(story)), *_whom_they_admit(story)]
    if not story.few:
        blocks.append(tables.overview(story))
    blocks += [Paragraph(sentence, "lead") for sentence in leads(story) if sentence]
    if len(story.designs) > 1:
        blocks += answer_differences.sentences(story)
    blocks += _warnings(story)
    blocks += [Heading(say("How long a firm waits")), pictures.drawn_by_day(story), tables.times(story)]
    blocks += tables.same_firms(story)
    cost = pictures.cost(story)
    if cost is not None:
        blocks += [Heading(say("What it costs the firm")), cost, *tables.cost(story)]
    blocks += [Heading(say("Who bears the loss")), *_bearers(story)]
    loss = pictures.loss(story)
    blocks += [loss] if loss is not None else []
    blocks.append(tables.losses(story))
    if len(story.designs) > 1:
        blocks += [Heading(say("Which differences are beyond chance")), *answer_differences.table(story)]
    return Section("answer", say(TITLE), blocks)


def _scope(story: Story) -> Markup:
    """What the intervals hold and what they do not, and what a replication is."""
    shares = {}
    for world in story.results.worlds:
        path = f"/worlds/{world.number}/evidence/assumed_share"
        shares[story.figures.at(path) or 0.0] = story.figures.shown(path, WHOLE_SHARE)
    least, most = shares[min(shares)], shares[max(shares)]
    share = least if least.striptags() == most.striptags() else filled(say("{least} to {most}"), least=least, most=most)
    section = Markup('<a href="#assumptions">{}</a>').format(say(assumptions.TITLE))
    run = story.designs[0].scenario.run
    assert run is not None
    text = say(
        "Intervals hold the chance of the simulation only; {share} of the values are assumed, see “{section}”. A "
        "replication is the applications of {period} from {start}, with the loans that come of them."
    )
    return filled(text, share=share, section=section, period=span_said(run.arrivals_for), start=run.start)


def _whom_they_admit(story: Story) -> list[Block]:
    """A warning where too few firms are eligible under every design to compare like with like."""
    admitted = story.admitted
    if admitted is None or not admitted.few:
        return []
    eligible, applicants = (story.figures.shown(f"/common/{key}", COUNT) for key in ("eligible_in_all", "applicants"))
    if admitted.in_all:
        text = say(
            "Only {eligible} of {applicants} applicants are eligible under every design, so that part of what differs "
            "is who is admitted, not how a design works."
        )
    else:
        text = say(
            "None of {applicants} applicants is eligible under every design, so that part of what differs is who is "
            "admitted, not how a design works."
        )
    return [Paragraph(filled(text, eligible=eligible, applicants=applicants), "warning")]


def _warnings(story: Story) -> list[Block]:
    entries = story.results.summary["results"]
    pairs = list(zip(story.designs, entries, strict=True))
    left = [design.html for design, entry in pairs if (entry["turnaround_days"]["left_of_eligible"] or 0) > LEFT_MANY]
    unknown = [
        design.html
        for design, entry in pairs
        if entry["turnaround_days"]["mean"]["value"] is None and entry["cases"]["open"]
    ]
    texts = [
        (left, say("Under {designs} many firms left before they were drawn, those who wait longest first: the times "
                   "are too short.")),
        (unknown, say("Cases of {designs} are still open at the end, so that a mean time is not finite; see its "
                      "median.")),
    ]  # fmt: skip
    return [Paragraph(filled(text, designs=listed(designs)), "warning") for designs, text in texts if designs]


def _bearers(story: Story) -> list[Block]:
    """Of each design in a sentence whose loss it is."""
    if not story.few:
        return []
    points = []
    for design in story.designs:
        if not story.figures.at(design.at("loss_gross_cny", "value")):
            loans = story.figures.shown(design.at("cases", "drawn"), COUNT)
            text = say("{design}: nothing was lost of {loans} loans.")
            points.append(filled(text, design=design.html, loans=loans))
            continue
        text = say("{design}: {loss} are lost a replication on average, net of recoveries; of it bear {parties}.")
        loss = story.figures.estimate(design.at("loss_cny", "total"), measure_of("loss_cny.total").form)
        points.append(filled(text, design=design.html, loss=loss, parties=borne_by(story, design)))
    return [Points(points)]
