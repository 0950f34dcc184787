"""The tables of the answer: times, costs, losses, and the differences of designs with their verdicts."""

from __future__ import annotations

from markupsafe import Markup

from simulator.report.blocks import (
    Block,
    Cell,
    Column,
    Paragraph,
    Table,
    empty_cell,
    estimate_cell,
    text_cell,
)
from simulator.report.designs import Design
from simulator.report.differences import Difference
from simulator.report.figures import MEAN, RATE, SHARE, Form
from simulator.report.measures import Measure, is_told, measure_of, verdict_said
from simulator.report.sections import answer_pictures as pictures
from simulator.report.story import Story
from simulator.report.words import filled, name
from simulator.texts import say


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
    ]

    def cells(design: Design) -> list[Cell]:
        times = [("turnaround_days", each) for each in ("mean", "p50", "p90")] + [("turnaround_working_days", "mean")]
        found = [estimate_cell(story.figures, design.at(*keys), MEAN) for keys in times]
        shares = (("drawn_within", "share"), ("drawn_share",))
        return found + [estimate_cell(story.figures, design.at(*keys), SHARE) for keys in shares]

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
        return [
            Paragraph(
                say("No firm is eligible under every design, so that part of what differs is who is admitted."), "note"
            )
        ]
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


def cost(story: Story) -> Table:
    bases = [
        ("contractual", say("by contract")),
        ("contractual_after_subsidy", say("after subsidies")),
        ("realised", say("as it turned out")),
        ("realised_after_subsidy", say("as it turned out, after subsidies")),
    ]
    columns = [Column(head, "estimate", say("% a year")) for _, head in bases]
    return story.table(
        say("Cost to the firm all in: effective annual rate of all that it receives and pays"),
        columns,
        lambda design: [
            estimate_cell(story.figures, design.at("firm_cost", basis, "mean"), RATE) for basis, _ in bases
        ],
    )


def losses(story: Story) -> Table:
    money = measure_of("loss_cny.total").form
    columns = [
        Column(say("drawn"), "estimate", say("m CNY")),
        Column(say("defaults"), "estimate", say("per 100 loans")),
        Column(say("net loss"), "estimate", say("m CNY")),
        Column(say("net loss"), "estimate", say("% of drawn")),
    ]
    keys = [("drawn_cny",), ("defaults_of_loans",), ("loss_cny", "total"), ("loss_rate",)]
    forms = (money, RATE, money, RATE)
    return story.table(
        say("Money drawn and lost, mean a replication, net of recoveries received by the end of follow-up"),
        columns,
        lambda design: [
            estimate_cell(story.figures, design.at(*path), form) for path, form in zip(keys, forms, strict=True)
        ],
    )


def differences(story: Story) -> list[Block]:
    """A picture of the days, and of each design all differences with their verdicts."""
    told = [measure_of(path, story) for path in story.differences.measures if is_told(path)]
    shown = [measure for measure in told if not measure.party]
    shown += [measure for measure in told if measure.party] if story.few else []
    columns = [Column(say("against"), "text")]
    columns += [Column(measure.title_said, "estimate", say(measure.unit)) for measure in shown]
    rows: list[list[Cell]] = []
    for design in story.designs:
        found = {measure.path: story.differences.get(design, measure.path) for measure in shown}
        opposite = next((each.a for each in found.values() if each is not None), None)
        if opposite is None:
            continue
        cells = [
            _difference(story, each, measure, columns[1]) for each, measure in zip(found.values(), shown, strict=True)
        ]
        rows.append([text_cell(design.html, design.plain), text_cell(opposite.tag, opposite.plain), *cells])
    note = Paragraph(
        say(
            "Real: the interval leaves zero out. The intervals of one measure hold for all designs at once, 95 times "
            "in "
            "100 (Bonferroni). Days and costs are compared firm by firm, over the firms drawn in both."
        ),
        "note",
    )
    picture = pictures.differences(story)
    table = Table(say("Differences with 95% intervals"), [Column(say("design"), "text"), *columns], rows)
    return [*([picture] if picture is not None else []), table, note]


def _difference(story: Story, found: Difference | None, measure: Measure, column: Column) -> Cell:
    """A difference with the interval that holds together with all others, and whether it is real."""
    if found is None or found.verdict == "unknown":
        return empty_cell(column)
    form = measure.form.with_sign
    ends = [form.copied(story.figures.at(f"{found.held}/{end}")) for end in ("low", "high")]
    beneath = Markup('{}<span class="verdict">{}</span>').format(
        story.figures.interval(found.held, form, bare=True), verdict_said(found.verdict)
    )
    value = found.told["value"]
    return Cell(
        story.figures.shown(f"{found.path}/value", form, bare=True),
        repr(float(value)),
        [form.copied(value), *ends],
        beneath,
    )
