"""The answer: how long a firm waits, what it costs, who bears the loss, and which differences are real."""

from __future__ import annotations

from markupsafe import Markup

from simulator.report.blocks import (
    Block,
    Cell,
    Column,
    Fold,
    Heading,
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
from simulator.report.figures import DAYS, MEAN, RATE, SHARE, WHOLE_SHARE, Form
from simulator.report.measures import MEASURES, Measure, is_told, measure_of, verdict_said
from simulator.report.sections import answer_pictures as pictures
from simulator.report.story import Story, said_in_a_row
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
    blocks += [Heading(say("How long a firm waits")), pictures.drawn_by_day(story), _times(story)]
    blocks += _same_firms(story)
    cost = pictures.cost(story)
    if cost is not None:
        blocks += [Heading(say("What it costs the firm")), cost, _cost(story)]
    blocks += [Heading(say("Who bears the loss")), *_bearers(story)]
    loss = pictures.loss(story)
    blocks += [loss] if loss is not None else []
    blocks.append(_loss(story))
    if len(story.designs) > 1:
        blocks += [Heading(say("Which differences are real")), *_differences(story)]
    return Section("answer", say(TITLE), blocks)


def _ranked(story: Story, *keys: str) -> list[Design]:
    """The designs that have a figure, the smallest first."""
    known = [(story.figures.at(design.at(*keys)), design) for design in story.designs]
    return [design for value, design in sorted((each for each in known if each[0] is not None), key=lambda each: each[0])]


def _leads(story: Story) -> list[Markup]:
    """The three answers, each in a sentence."""
    time, cost, loss = ("turnaround_days", "mean"), ("firm_cost", "contractual_after_subsidy", "mean"), ("loss_rate",)
    return [
        _lead(story, time, DAYS, say("A firm waits {value} from application to drawdown on average."), (
            say("A firm waits least under {first}: {value} from application to drawdown on average."),
            say("It waits longest under {last}: {other}."),
        )),
        _lead(story, cost, RATE, say("The loan costs it {value} a year all in, after subsidies."), (
            say("A loan costs the firm least under {first}: {value} a year all in, after subsidies."),
            say("It costs most under {last}: {other}."),
        )),
        _lead(story, loss, RATE, say("Of the money drawn, {value} is lost after recoveries."), (
            say("Of the money drawn, least is lost under {first} in these replications: {value} after recoveries."),
            say("Most is lost under {last}: {other}."),
        )),
    ]  # fmt: skip


def _lead(story: Story, keys: tuple[str, ...], form: Form, alone: str, several: tuple[str, str]) -> Markup:
    ranked = _ranked(story, *keys, "value")
    if not ranked:
        return Markup("")
    first, last = ranked[0], ranked[-1]
    value, other = (story.figures.estimate(design.at(*keys), form) for design in (first, last))
    if len(story.designs) == 1:
        return filled(alone, value=value)
    return joined([
        filled(text, first=first.html, last=last.html, value=value, other=other)
        for text in (several if len(ranked) > 1 else several[:1])
    ], say(" ", context="sentences"))  # fmt: skip


def _differences_said(story: Story) -> list[Block]:
    """Of a few designs each difference in a sentence; of many, measure by measure, who differs for certain."""
    points: list[Markup] = []
    for measure in MEASURES:
        found = story.differences.of(measure.path)
        if len(found) <= 3:
            points += [measure.sentence(story.figures, each) for each in found if each.verdict != "unknown"]
        else:
            points += _grouped(story, measure)
    return [Points(points)] if points else []


def _grouped(story: Story, measure: Measure) -> list[Markup]:
    """One sentence for all designs that differ one way, one for the other way, one for the rest."""
    found = story.differences.of(measure.path)
    references = list(dict.fromkeys(each.a.place for each in found))
    sentences = []
    for reference in references:
        mine = [each for each in found if each.a.place == reference]
        parts = []
        for verdict, text in (("less", measure.less_of_many), ("more", measure.more_of_many)):
            chosen = [
                filled(say("{design} by {difference}"), design=each.b.html,
                       difference=each.shown(story.figures, measure.form.without_sign))
                for each in mine if each.verdict == verdict
            ]  # fmt: skip
            if chosen:
                parts.append(filled(say(text), a=mine[0].a.html, designs=said_in_a_row(chosen)))
        unsure = [each.b.html for each in mine if each.verdict == "unsure"]
        if unsure:
            parts.append(
                filled(say("{designs} cannot be told apart from it by these replications."), designs=listed(unsure))
            )
        if parts:
            sentences.append(joined([filled(say("{measure}:"), measure=say(measure.title)), *parts]))
    return sentences


def _warnings(story: Story) -> list[Block]:
    entries = story.results.summary["results"]
    blocks: list[Block] = []
    if any((entry["turnaround_days"]["left_of_eligible"] or 0) > LEFT_MANY for entry in entries):
        blocks.append(
            Paragraph(say("Many firms left before they were drawn, those who wait longest first: times are too short."),
                      "warning")
        )  # fmt: skip
    unknown = [
        design.html for design, entry in zip(story.designs, entries, strict=True)
        if entry["turnaround_days"]["mean"]["value"] is None and entry["cases"]["open"]
    ]  # fmt: skip
    if unknown:
        text = say("Cases of {designs} are still open at the end, so that a mean time is not finite; see its median.")
        blocks.append(Paragraph(filled(text, designs=listed(unknown)), "warning"))
    return blocks


def _times(story: Story) -> Table:
    days = {entry["drawn_within"]["days"] for entry in story.results.summary["results"]}
    within = say("drawn within {days} days", days=f"{days.pop():g}") if len(days) == 1 else say("drawn in time")
    columns = [
        Column(say("mean"), "estimate", say("days")), Column(say("median"), "estimate", say("days")),
        Column(say("nine in ten within"), "estimate", say("days")),
        Column(say("mean, working days"), "estimate", say("working days")),
        Column(within, "estimate", say("% of eligible")), Column(say("drawn"), "estimate", say("% of eligible")),
    ]  # fmt: skip

    def cells(design: Design) -> list[Cell]:
        times = [("turnaround_days", each) for each in ("mean", "p50", "p90")] + [("turnaround_working_days", "mean")]
        found = [estimate_cell(story.figures, design.at(*keys), MEAN) for keys in times]
        shares = (("drawn_within", "share"), ("drawn_share",))
        return found + [estimate_cell(story.figures, design.at(*keys), SHARE) for keys in shares]

    return story.table(say("From application to drawdown, of cases drawn or still open, with 95% intervals"), columns, cells)


def _same_firms(story: Story) -> list[Block]:
    """The designs over the firms that all of them admit, where they admit different ones."""
    common = story.results.summary.get("common")
    if common is None or common["same_everywhere"]:
        return []
    applicants, eligible = (story.figures.shown(f"/common/{key}", Form(0)) for key in ("applicants", "eligible_in_all"))
    if not common["eligible_in_all"]:
        return [Paragraph(say("No firm is eligible under every design, so that part of what differs is who is admitted."), "note")]
    text = say("The designs admit different firms: {eligible} of {applicants} applicants are eligible under all of them.")
    columns = [
        Column(say("eligible"), "estimate", say("% of applicants")), Column(say("mean"), "estimate", say("days")),
        Column(say("median"), "estimate", say("days")), Column(say("drawn"), "estimate", say("% of these firms")),
    ]  # fmt: skip
    rows = []
    for world in story.results.worlds:
        at = f"/common/worlds/{world.number}"
        rows.append([
            text_cell(name(world.said)), estimate_cell(story.figures, f"{at}/eligible_share", SHARE),
            estimate_cell(story.figures, f"{at}/turnaround_days/mean", MEAN),
            estimate_cell(story.figures, f"{at}/turnaround_days/p50", MEAN),
            estimate_cell(story.figures, f"{at}/drawn_share", SHARE),
        ])  # fmt: skip
    table = Table(say("The same firms under every design"), [Column(say("design"), "text"), *columns], rows)
    return [Paragraph(filled(text, applicants=applicants, eligible=eligible)), table]


def _cost(story: Story) -> Table:
    bases = [
        ("contractual", say("by contract")), ("contractual_after_subsidy", say("after subsidies")),
        ("realised", say("as it turned out")), ("realised_after_subsidy", say("as it turned out, after subsidies")),
    ]  # fmt: skip
    columns = [Column(head, "estimate", say("% a year")) for _, head in bases]
    return story.table(
        say("Cost to the firm all in: effective annual rate of all that it receives and pays"), columns,
        lambda design: [estimate_cell(story.figures, design.at("firm_cost", basis, "mean"), RATE) for basis, _ in bases],
    )  # fmt: skip


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
            filled(say("{party} {share}"), party=name(party_said(design.scenario, party)),
                   share=story.figures.shown(design.at("loss_by_party_cny", party, "share_of_net"), WHOLE_SHARE))
            for party in parties if parties[party]["share_of_net"] is not None
        ]  # fmt: skip
        text = say("{design}: {loss} are lost a replication on average, net of recoveries; of it bear {parties}.")
        loss = story.figures.estimate(design.at("loss_cny", "total"), measure_of("loss_cny.total").form)
        points.append(filled(text, design=design.html, loss=loss, parties=listed(borne)))
    return [Points(points)]


def _loss(story: Story) -> Table:
    money = measure_of("loss_cny.total").form
    columns = [
        Column(say("drawn"), "estimate", say("m CNY")), Column(say("defaults"), "estimate", say("per 100 loans")),
        Column(say("net loss"), "estimate", say("m CNY")), Column(say("net loss"), "estimate", say("% of drawn")),
    ]  # fmt: skip
    keys = [("drawn_cny",), ("defaults_of_loans",), ("loss_cny", "total"), ("loss_rate",)]
    forms = (money, RATE, money, RATE)
    return story.table(
        say("Money drawn and lost, mean a replication, net of recoveries received by the end of follow-up"), columns,
        lambda design: [
            estimate_cell(story.figures, design.at(*path), form) for path, form in zip(keys, forms, strict=True)
        ],
    )  # fmt: skip


def _differences(story: Story) -> list[Block]:
    """A picture of the days, and all differences with their verdicts."""
    shown = [measure_of(path, story) for path in story.differences.measures if is_told(path)]
    columns = [
        Column(say("design"), "text"), Column(say("against"), "text"), Column(say("measure"), "text"),
        Column(say("difference"), "estimate"), Column(say("unit"), "text"), Column(say("real?"), "text"),
    ]  # fmt: skip
    rows: list[list[Cell]] = []
    for measure in shown:
        for each in story.differences.of(measure.path):
            cell = estimate_cell(story.figures, each.path, measure.form.with_sign)
            if each.held != each.path:
                values = [measure.form.copied(story.figures.at(f"{each.held}/{end}")) for end in ("low", "high")]
                beneath = story.figures.interval(each.held, measure.form.with_sign, bare=True)
                cell = Cell(cell.shown, cell.sort, [cell.copied[0], *values], beneath)
            if each.verdict == "unknown":
                cell = empty_cell(columns[3])
            rows.append([
                text_cell(each.b.html, each.b.plain), text_cell(each.a.html, each.a.plain),
                text_cell(measure.title_said), cell, text_cell(say(measure.unit)), text_cell(verdict_said(each.verdict)),
            ])  # fmt: skip
    note = Paragraph(
        say("Real: the interval leaves zero out. The intervals of one measure hold for all designs at once, 95 times in "
            "100 (Bonferroni). Days and costs are compared firm by firm, over the firms drawn in both."), "note"
    )  # fmt: skip
    picture = pictures.differences(story)
    blocks: list[Block] = [*([picture] if picture is not None else []), note]
    table = Table(say("Differences with 95% intervals"), columns, rows)
    return [*blocks, table if story.few else Fold(say("All differences"), [table])]
