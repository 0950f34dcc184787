"""Losses: who paid and who got back, how bad a bad run is, how long funds last, and what was agreed."""

from __future__ import annotations

from collections.abc import Sequence

from simulator.analysis.intervals import FEWEST_BEYOND, tells_quantile
from simulator.analysis.loss_spread import QUANTILES as QUANTILES_OF_SUMMARY
from simulator.charts.palette import FAINT
from simulator.report.bars import Dot, Row, row_chart
from simulator.report.blocks import (
    Block,
    Cell,
    Column,
    Fold,
    Heading,
    Paragraph,
    Picture,
    Points,
    Section,
    Table,
    estimate_cell,
    figure_cell,
    text_cell,
)
from simulator.report.designs import Design
from simulator.report.figures import MONEY, SHARE, WHOLE_SHARE
from simulator.report.sections.funds import fund_blocks
from simulator.report.sections.party_results import results_of_parties
from simulator.report.story import Story
from simulator.report.words import clean, filled, name
from simulator.scenario.agreement import RiskSharing
from simulator.scenario.spoken_names import meter_said, party_said
from simulator.scenario.spoken_parties import party_of_all_said
from simulator.sharing.wording import sentences
from simulator.texts import language, phrase, say

TITLE = phrase("Losses, bad runs, and the fund")
WITHOUT_FUND = phrase("Losses and bad runs")
QUANTILES = {
    "p5": phrase("P5"),
    "p25": phrase("P25"),
    "p50": phrase("median"),
    "p75": phrase("P75"),
    "p95": phrase("P95"),
    "p99": phrase("P99"),
}
ENOUGH = 200
"""Replications from which one in twenty says something by itself."""


def section(story: Story) -> Section:
    """By party first, then the spread over replications, funds, results of the parties, and the agreements."""
    blocks: list[Block] = [*_by_party(story), Heading(say("How far losses differ from one replication to another"))]
    blocks += [_how_few(story), _spread_picture(story), *_spread(story), *fund_blocks(story)]
    results = results_of_parties(story)
    blocks += [Heading(say("Does it pay for those who lend and bear losses?")), *results] if results else []
    blocks += [Heading(say("What was agreed about losses")), *_agreements(story)]
    return Section("losses", say(TITLE if _has_fund(story) else WITHOUT_FUND), blocks)


def _has_fund(story: Story) -> bool:
    return any(story.figures.at(design.at("funds")) for design in story.designs)


def _by_party(story: Story) -> list[Block]:
    columns = [
        Column(say("who"), "text"),
        Column(say("paid"), "estimate", say("m CNY")),
        Column(say("came back"), "estimate", say("m CNY")),
        Column(say("bears in the end"), "estimate", say("m CNY")),
        Column(say("of the net loss"), "number", "%"),
    ]
    rows: list[list[Cell]] = []
    for design in story.designs:
        for party in story.figures.at(design.at("loss_by_party_cny")):
            at = design.at("loss_by_party_cny", party)
            if not story.figures.at(f"{at}/paid/value"):
                continue
            rows.append(
                [
                    text_cell(design.html, design.plain),
                    text_cell(name(party_said(design.scenario, party))),
                    estimate_cell(story.figures, f"{at}/paid", MONEY),
                    estimate_cell(story.figures, f"{at}/returned", MONEY),
                    estimate_cell(story.figures, design.at("loss_cny", "by_party", party), MONEY),
                    figure_cell(story.figures, f"{at}/share_of_net", WHOLE_SHARE),
                ]
            )
    table = Table(
        say("Losses by party, mean a replication, before and after recoveries"),
        [Column(say("design"), "text"), *columns],
        rows,
    )
    return [table, Paragraph(say("Recoveries are those received by the end of follow-up."), "note")]


def _how_few(story: Story) -> Paragraph:
    """What so many replications can say of a bad run."""
    count = story.results.replications
    if count >= ENOUGH:
        return Paragraph(
            say("Each of {count} replications is one possible course of the whole programme.", count=f"{count:,}")
        )
    text = say(
        "Each of {count} replications is one possible course of the whole programme. So few say where the middle "
        "lies, and "
        "little of a bad one: for that, run some thousands, or share a book of loans on many paths with 'pledgesim "
        "losses'.",
        count=f"{count:,}",
    )
    return Paragraph(text, "warning")


def _spread_picture(story: Story) -> Picture:
    """Each replication as a dot where there are few; the median in any case."""
    rows = []
    for design in story.designs:
        at = design.at("loss_spread_cny")
        values = story.figures.at(f"{at}/values") or []
        dots = [
            Dot(
                f"{at}/values/{number}",
                value,
                f"{design.text}\n{say('one replication')}: {MONEY.said(value)}",
                FAINT,
                faint=True,
            )
            for number, value in enumerate(values)
        ]
        middle = f"{at}/quantiles/p50/value"
        if story.figures.at(middle) is None:
            middle = design.at("loss_cny", "total", "value")
            mean = story.figures.at(middle)
            dots.append(Dot(middle, mean, f"{design.text}\n{say('mean')}: {MONEY.said(mean)}", story.colour(design)))
        for key in QUANTILES if not values else ("p50",):
            path = f"{at}/quantiles/{key}/value"
            value = story.figures.at(path)
            if value is not None:
                tip = f"{design.text}\n{say(QUANTILES[key])}: {MONEY.said(value)}"
                dots.append(Dot(path, value, tip, story.colour(design), hollow=key != "p50"))
        rows.append(Row(design.text, middle, MONEY, (), dots))
    caption = say("Net loss of each replication")
    note = say(
        "Full dot and figure: the median, with fewer than ten replications the mean. Small grey dots: single "
        "replications, where there are few; else quantiles."
    )
    return Picture(row_chart(story.figures, rows, caption, say("m CNY"), MONEY), caption, note)


def _spread(story: Story) -> list[Block]:
    columns = [Column(say("without any loss"), "estimate", say("% of replications"))]
    columns += [Column(say(text), "estimate", say("m CNY")) for text in QUANTILES.values()]
    columns.append(Column(say("the worst"), "number", say("m CNY")))

    def cells(design: Design) -> list[Cell]:
        at = design.at("loss_spread_cny")
        quantiles = [estimate_cell(story.figures, f"{at}/quantiles/{key}", MONEY) for key in QUANTILES]
        return [
            estimate_cell(story.figures, f"{at}/without_loss", SHARE),
            *quantiles,
            figure_cell(story.figures, f"{at}/worst", MONEY),
        ]

    table = story.table(say("Net loss of a replication: quantiles over replications"), columns, cells)
    note = say(
        "–: with {count} replications fewer than {fewest} lie beyond this quantile, so that it would be no more than "
        "one of the worst or best.",
        count=f"{story.results.replications:,}", fewest=FEWEST_BEYOND,
    )  # fmt: skip
    missing = not all(tells_quantile(story.results.replications, level) for level in QUANTILES_OF_SUMMARY.values())
    return [table, *([Paragraph(note, "note")] if missing else [])]


def _agreements(story: Story) -> list[Block]:
    """Each different agreement once, clause by clause, with the designs that have it."""
    groups: dict[tuple[str, ...], list[Design]] = {}
    for design in story.designs:
        agreement = design.product.risk_sharing
        meters = (meter_said(design.product, key) for key in _meters(agreement))
        groups.setdefault((*sentences(agreement), *meters), []).append(design)
    found = [(_sentences(designs), designs) for designs in groups.values()]
    if len(found) == 1:
        return [_clauses(found[0][0])]
    blocks: list[Block] = []
    for clauses, designs in found:
        whose = say(", ").join(design.text for design in designs)
        blocks.append(
            Fold(whose, [_clauses(clauses)]) if len(found) > 2 else Paragraph(filled("{whose}", whose=whose), "plain")
        )
        if len(found) <= 2:
            blocks.append(_clauses(clauses))
    return blocks


def _clauses(clauses: Sequence[str]) -> Points:
    return Points([name(each) for each in clauses], ordered=True)


def _meters(agreement: RiskSharing) -> list[str]:
    """Its funds, limits and rates by their keys."""
    return [*agreement.funds, *agreement.limits, *agreement.rates]


def _sentences(designs: Sequence[Design]) -> list[str]:
    """The clauses of an agreement that several designs have, with names of parties that hold for all of them."""
    agreement = designs[0].product.risk_sharing
    if language() == "en":
        return sentences(agreement)
    scenarios = [design.scenario for design in designs]
    names = {party: clean(party_of_all_said(scenarios, party)) for party in agreement.bearers()}
    names |= {key: clean(meter_said(designs[0].product, key)) for key in _meters(agreement)}
    return sentences(agreement, "zh", names)
