"""Whether a product pays for those who carry it: what each party receives less what it pays."""

from __future__ import annotations

from markupsafe import Markup

from simulator.report.blocks import Block, Cell, Column, Paragraph, Points, Table, empty_cell, estimate_cell, text_cell
from simulator.report.designs import Design
from simulator.report.figures import MONEY, RATE
from simulator.report.story import Story
from simulator.report.words import filled, joined, listed, name
from simulator.scenario.agreement import FIRM
from simulator.scenario.spoken_names import party_said
from simulator.texts import say

LICENCE_PAYMENT = "licence payment"


def results_of_parties(story: Story) -> list[Block]:
    """Each party's result as a sentence where there are few designs, and as a table in any case."""
    columns = [
        Column(say("design"), "text"),
        Column(say("who"), "text"),
        Column(say("received less paid"), "estimate", say("m CNY")),
        Column(say("of the amount lent"), "estimate", "%"),
        Column(say("still owed to it"), "estimate", say("m CNY")),
    ]
    rows: list[list[Cell]] = []
    for design in story.designs:
        for party in _parties(story, design):
            owed = design.at("outstanding_cny", party)
            rows.append(
                [
                    text_cell(design.html, design.plain),
                    text_cell(name(party_said(design.scenario, party))),
                    estimate_cell(story.figures, design.at("result_cny", party), MONEY.with_sign),
                    estimate_cell(story.figures, design.at("result_of_drawn", party), RATE.with_sign),
                    estimate_cell(story.figures, owed, MONEY)
                    if story.figures.at(f"{owed}/value")
                    else empty_cell(columns[-1]),
                ]
            )
    if not rows:
        return []
    note = say(
        "Interest, fees, claims, recoveries, subsidies, and own costs as far as the scenario states them (funds, "
        "staff, expenses), mean a replication, until the end of follow-up. Tax and the cost of capital are not in it."
    )
    return [
        *_sentences(story),
        Table(say("Received less paid, by party"), columns, rows),
        Paragraph(joined([Markup(note), *_why_no_firms(story)]), "note"),
    ]


def _parties(story: Story, design: Design) -> list[str]:
    """Parties of the scenario that received or paid anything; neither the firms nor whoever else."""
    paid = story.figures.at(design.at("payments_cny"))
    return [actor for actor in story.figures.at(design.at("result_of_drawn")) or {} if paid.get(actor)]


def _sentences(story: Story) -> list[Block]:
    points = []
    for design in story.designs if story.few else ():
        said = []
        for party in _parties(story, design):
            text = say("{party} {amount}, that is {share} of the amount lent")
            if story.figures.at(design.at("result_of_drawn", party, "value")) is None:
                text = say("{party} {amount}")
            said.append(
                filled(
                    text,
                    party=name(party_said(design.scenario, party)),
                    amount=story.figures.estimate(design.at("result_cny", party), MONEY.with_sign),
                    share=story.figures.estimate(design.at("result_of_drawn", party), RATE.with_sign),
                )
            )
        if said:
            points.append(filled(say("{design}: {results}."), design=design.html, results=Markup(say("; ")).join(said)))
    return [Points(points)] if points else []


def _why_no_firms(story: Story) -> list[Markup]:
    """Why the firms are no party here, and what licence fees of theirs went through the product."""
    found = [
        Markup(
            say(
                "The firms are left out, as the loan itself and what they did not repay would look like a gain of "
                "theirs; what a loan costs them stands in the answer."
            )
        )
    ]
    collected = [
        (design, path)
        for design in story.designs
        if story.figures.at(path := design.at("payments_cny", FIRM, LICENCE_PAYMENT, "value"))
    ]
    if collected:
        amounts = [
            filled("{design} {amount}", design=name(design.text), amount=story.figures.shown(path, MONEY))
            for design, path in collected
        ]
        text = say("Licence fees of the firms' own, collected to repay their loans and no gain either: {amounts}.")
        found.append(filled(text, amounts=listed(amounts)))
    return found
