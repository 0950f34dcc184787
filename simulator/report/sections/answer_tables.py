"""The tables of the answer: an overview of many designs, times, costs and losses."""

from __future__ import annotations

from dataclasses import replace

from markupsafe import Markup

from simulator.analysis.judgement import FEWEST_DEFAULTS, defaults_of
from simulator.report.blocks import (
    Block,
    Cell,
    Column,
    Paragraph,
    Table,
    empty_cell,
    estimate_cell,
    figure_cell,
    text_cell,
)
from simulator.report.designs import Design
from simulator.report.figures import COUNT, MEAN, MONEY, RATE, SHARE, Form
from simulator.report.story import Story
from simulator.report.words import filled, joined, listed, name
from simulator.scenario.lender import lender_of
from simulator.texts import say

_BASES = ("contractual", "realised")


def overview(story: Story) -> Table:
    """Many designs on one look: whom each admits, its days, its cost, what is drawn and lost, what its lender gains."""
    columns = [
        Column(say("eligible firms"), unit=say("all replications")),
        Column(say("mean time"), "estimate", say("days")),
        Column(say("cost after subsidies"), "estimate", say("% a year")),
        Column(say("drawn"), "estimate", say("% of eligible")),
        Column(say("net loss"), "estimate", say("% of drawn")),
        Column(say("result of the lender"), "estimate", say("m CNY a replication")),
    ]

    def cells(design: Design) -> list[Cell]:
        lender = lender_of(design.scenario, design.product)
        result = design.at("result_cny", lender or "")
        return [
            figure_cell(story.figures, design.at("cases", "eligible"), COUNT),
            estimate_cell(story.figures, design.at("turnaround_days", "mean"), MEAN),
            estimate_cell(story.figures, design.at("firm_cost", "contractual_after_subsidy", "mean"), RATE),
            estimate_cell(story.figures, design.at("drawn_share"), SHARE),
            _of_loans(story, design, design.at("loss_rate"), RATE),
            estimate_cell(story.figures, result, MONEY) if story.figures.at(result) else empty_cell(columns[-1]),
        ]

    return story.table(say("All designs at a glance, with 95% intervals; a heading sorts"), columns, cells)


def _of_loans(story: Story, design: Design, path: str, form: Form) -> Cell:
    """A figure of losses; where no loan defaulted, of how many, since a nought of few loans says little.

    A rate that rests on a handful of defaults is marked, so that it is not read as the others are.
    """
    cell = estimate_cell(story.figures, path, form)
    defaults = defaults_of(story.figures.at(design.at()))
    if 0 < defaults < FEWEST_DEFAULTS and form is RATE:
        marked = Markup('{}<span class="verdict">{}</span>').format(cell.beneath, say("few defaults"))
        return replace(cell, beneath=marked)
    if defaults or not story.figures.at(design.at("cases", "drawn")):
        return cell
    loans = story.figures.shown(design.at("cases", "drawn"), COUNT)
    return replace(cell, beneath=filled(say("none of {loans} loans"), loans=loans))


def _of_firms(story: Story, design: Design, path: str) -> Cell:
    """A share of the eligible firms; where it is of none, of how many."""
    cell = estimate_cell(story.figures, path, SHARE)
    if story.figures.at(f"{path}/value") != 0:
        return cell
    firms = story.figures.shown(design.at("cases", "eligible"), COUNT)
    return replace(cell, beneath=filled(say("none of {firms} firms"), firms=firms))


def times(story: Story) -> Table:
    days = {entry["drawn_within"]["days"] for entry in story.results.summary["results"]}
    within = say("drawn within {days} days", days=f"{days.pop():g}") if len(days) == 1 else say("drawn in time")
    columns = [
        Column(say("mean"), "estimate", say("days")),
        Column(say("median"), "estimate", say("days")),
        Column(say("nine in ten within"), "estimate", say("days")),
        Column(say("mean, working days"), "estimate", say("working days")),
        Column(within, "estimate", say("% of eligible")),
        Column(say("drawn"), "estimate", say("% of eligible")),
        Column(say("eligible firms"), unit=say("all replications")),
    ]

    def cells(design: Design) -> list[Cell]:
        times = [("turnaround_days", each) for each in ("mean", "p50", "p90")] + [("turnaround_working_days", "mean")]
        found = [estimate_cell(story.figures, design.at(*keys), MEAN) for keys in times]
        shares = (("drawn_within", "share"), ("drawn_share",))
        found += [_of_firms(story, design, design.at(*keys)) for keys in shares]
        return [*found, figure_cell(story.figures, design.at("cases", "eligible"), COUNT)]

    return story.table(
        say("From application to drawdown, of cases drawn or still open, with 95% intervals"), columns, cells
    )


def same_firms(story: Story) -> list[Block]:
    """The designs over the firms that all of them admit, where they admit different ones."""
    common = story.results.summary.get("common")
    if common is None or common["same_everywhere"]:
        return []
    applicants, eligible = (story.figures.shown(f"/common/{key}", Form(0)) for key in ("applicants", "eligible_in_all"))
    if not common["eligible_in_all"]:
        return []
    text = say(
        "The designs admit different firms: {eligible} of {applicants} applicants are eligible under all of them."
    )
    columns = [
        Column(say("eligible"), "estimate", say("% of applicants")),
        Column(say("mean"), "estimate", say("days")),
        Column(say("median"), "estimate", say("days")),
        Column(say("drawn"), "estimate", say("% of these firms")),
    ]
    rows = []
    for world in story.results.worlds:
        at = f"/common/worlds/{world.number}"
        rows.append(
            [
                text_cell(name(world.said)),
                estimate_cell(story.figures, f"{at}/eligible_share", SHARE),
                estimate_cell(story.figures, f"{at}/turnaround_days/mean", MEAN),
                estimate_cell(story.figures, f"{at}/turnaround_days/p50", MEAN),
                estimate_cell(story.figures, f"{at}/drawn_share", SHARE),
            ]
        )
    table = Table(say("The same firms under every design"), [Column(say("design"), "text"), *columns], rows)
    return [Paragraph(filled(text, applicants=applicants, eligible=eligible)), table]


def cost(story: Story) -> list[Block]:
    """The cost on four bases, and what sets them apart."""
    bases = [
        ("contractual", say("by contract")),
        ("contractual_after_subsidy", say("after subsidies")),
        ("realised", say("as it turned out")),
        ("realised_after_subsidy", say("as it turned out, after subsidies")),
    ]
    columns = [Column(head, "estimate", say("% a year")) for _, head in bases]
    table = story.table(
        say("Cost to the firm all in: effective annual rate of all that it receives and pays"),
        columns,
        lambda design: [
            estimate_cell(story.figures, design.at("firm_cost", basis, "mean"), RATE) for basis, _ in bases
        ],
    )
    return [table, Paragraph(joined([Markup(_by_contract()), *_otherwise(story)]), "note")]


def _by_contract() -> str:
    return say(
        "By contract: every loan drawn, as if all were paid as agreed and every subsidy that is promised too. As it "
        "turned out: loans repaid by the end of follow-up, with what was paid, and with subsidies as far as they came."
    )


def _otherwise(story: Story) -> list[Markup]:
    """Of a few designs, those whose cost after subsidies is another than by contract, as far as it is shown."""
    apart = []
    for design in story.designs if story.few else ():
        paths = [design.at("firm_cost", f"{basis}_after_subsidy", "mean", "value") for basis in _BASES]
        values = [story.figures.at(path) for path in paths]
        if None in values or RATE.said(values[0]) == RATE.said(values[1]):
            continue
        agreed, realised = (story.figures.shown(path, RATE) for path in paths)
        apart.append(filled(say("{design} {realised} instead of {agreed}"), design=design.html, realised=realised,
                            agreed=agreed))  # fmt: skip
    return [filled(say("After subsidies it turned out otherwise: {designs}."), designs=listed(apart))] if apart else []


def losses(story: Story) -> Table:
    columns = [
        Column(say("drawn"), "estimate", say("m CNY")),
        Column(say("defaults"), "estimate", say("per 100 loans")),
        Column(say("net loss"), "estimate", say("m CNY")),
        Column(say("net loss"), "estimate", say("% of drawn")),
    ]
    return story.table(
        say("Money drawn and lost, mean a replication, net of recoveries received by the end of follow-up"),
        columns,
        lambda design: [
            estimate_cell(story.figures, design.at("drawn_cny"), MONEY),
            _of_loans(story, design, design.at("defaults_of_loans"), RATE),
            _of_loans(story, design, design.at("loss_cny", "total"), MONEY),
            _of_loans(story, design, design.at("loss_rate"), RATE),
        ],
    )
