"""What the source prints against what the run found."""

from __future__ import annotations

from typing import Any

from markupsafe import Markup

from simulator.analysis.checks import names_of_product
from simulator.analysis.verdicts import between_words, named
from simulator.report.blocks import Block, Cell, Column, Fold, Paragraph, Points, Section, Table, text_cell
from simulator.report.figures import COUNT, MONEY, RATE, Form, pointer
from simulator.report.results import World
from simulator.report.sections.source_marks import marks_note
from simulator.report.story import Story
from simulator.report.words import filled, name
from simulator.scenario.load import AS_STATED
from simulator.scenario.outcomes import PublishedOutcome, PublishedRule
from simulator.scenario.spoken_names import called
from simulator.scenario.spoken_quantities import span_said
from simulator.texts import language, phrase, say

TITLE = phrase("What is published, against the run")
STATUS = {
    "held": phrase("agrees"),
    "set to hold": phrase("set so"),
    "failed": phrase("does not agree"),
    "target": phrase("a target"),
    "no figure": phrase("no figure published"),
}
"""How a run stands to a published number."""
OF_MORE = phrase("not published of this alone")
"""What stands for `no figure published` where the source prints one of several products together."""
RULE_STATUS = {"held": phrase("obeyed"), "failed": phrase("broken"), "nothing to check": phrase("nothing to check")}
"""How it stands to a rule; none of these confirms anything, as the model was written by the rules."""
CONFIRMING, REFUTING, NEUTRAL = "real", "missed", "unsure"
FORMS = {
    "days": Form(1, 1.0, phrase("{number} days")),
    "working days": Form(1, 1.0, phrase("{number} working days")),
    "CNY": MONEY,
    "share": RATE,
}


def section(story: Story) -> Section:
    """What could have failed, what was set, what the model was written by; then every one with its source."""
    numbers, rules = _told(story, "outcome"), _told(story, "rule")
    if not numbers and not rules:
        return Section(
            "published", say(TITLE), [Paragraph(say("Nothing is published that could be held against this run."))]
        )
    blocks: list[Block] = [Points(_counted(numbers, rules)), *_failures(story)]
    columns = [
        Column(say("what"), "text"), Column(say("scenario"), "text"), Column(say("verdict"), "text"),
        Column(say("published"), "text"), Column(say("found"), "text"), Column(say("source"), "text", long=True),
    ]  # fmt: skip
    if numbers:
        rows = [_number_row(story, *each) for each in numbers]
        blocks.append(Table(say("Published numbers"), columns, rows))
    if rules:
        without = [column for column in columns if column.head != say("published")]
        caption = say("{count} rules that the model was written by", count=len(rules))
        table = Table(caption, without, [_rule_row(story, *each) for each in rules])
        blocks.append(Fold(caption, [table]))
    note = say(
        "Of designs as stated, since a variant changes what the source tells of. Rules are held against every case "
        "of replication 1. What is published of single firms is checked by 'pledgesim check'."
    )
    marks = marks_note(cell.copied[0] for block in blocks for cell in _cells_of(block))
    return Section("published", say(TITLE), [*blocks, Paragraph(note, "note"), *marks])


def _cells_of(block: Block) -> list[Cell]:
    """The cells of a table, folded or not."""
    if isinstance(block, Fold):
        return [cell for inner in block.blocks for cell in _cells_of(inner)]
    return [cell for row in block.rows for cell in row] if isinstance(block, Table) else []


Told = tuple[World, str, dict[str, Any]]
"""A world, where something published of it stands in summary.json, and how the run stands to it."""


def _told(story: Story, key: str) -> list[Told]:
    """Every published `outcome` or `rule` of the designs as stated."""
    return [
        (world, pointer("worlds", world.number, "published", place), told)
        for world in _as_stated(story)
        for place, told in enumerate(_of(story, world))
        if key in told
    ]


def _of(story: Story, world: World) -> list[dict[str, Any]]:
    published: list[dict[str, Any]] = story.results.summary["worlds"][world.number]["published"]
    return published


def _as_stated(story: Story) -> list[World]:
    """Worlds without a variant: a variant changes what the source tells of. Of one scenario only the first."""
    stated = [world for world in story.results.worlds if world.loaded.variant == AS_STATED]
    return list({world.loaded.id: world for world in reversed(stated)}.values())[::-1]


def _outcome(world: World, told: dict[str, Any]) -> PublishedOutcome:
    return world.loaded.scenario.published_outcomes[told["outcome"]]


def _counted(numbers: list[Told], rules: list[Told]) -> list[Markup]:
    """Three counts, of which only the first is evidence."""
    tested, fitted, open_ones = list[dict[str, Any]](), list[dict[str, Any]](), list[dict[str, Any]]()
    for world, _, told in numbers:
        of_none = told["status"] in ("target", "no figure")
        (open_ones if of_none else fitted if _outcome(world, told).fitted else tested).append(told)
    agree = sum(told["status"] == "held" for told in tested)
    missed = sum(told["status"] == "failed" for told in fitted)
    broken = sum(told["status"] == "failed" for _, _, told in rules)
    texts = [
        (
            len(tested),
            say(
                "Numbers that could have come out otherwise: {count}; in agreement: {some}. Only these test the model."
            ),
            agree,
        ),
        (
            len(fitted),
            say("Numbers that the model was set to meet: {count}; missed: {some}. They are no evidence.")
            if missed
            else say("Numbers that the model was set to meet: {count}. That they are met is no evidence."),
            missed,
        ),
        (
            len(rules),
            say("Rules that the model was written by: {count}; broken: {some}, which is an error, see below.")
            if broken
            else say(
                "Rules that the model was written by: {count}, all kept. That shows no more than that it was written "
                "as stated."
            ),
            broken,
        ),
        (
            len(open_ones),
            say("Targets, and what no figure is printed of: {count}, with nothing to agree or disagree with."),
            0,
        ),
    ]
    none = [] if tested else [Markup(say("No published number of this run can be tested independently."))]
    return none + [filled(text, count=count, some=some) for count, text, some in texts if count]


def _failures(story: Story) -> list[Block]:
    """What was found of rules that were broken."""
    points = [
        filled(say("{what}: {found}"), what=_rule_said(world, told["rule"]), found=name(finding))
        for world, _, told in _told(story, "rule")
        if told["status"] == "failed"
        for finding in told.get("findings", [])
    ]
    return [Points(points)] if points else []


def _rule_said(world: World, key: str) -> Markup:
    return name(called(key, world.loaded.scenario.published_rules[key].name))


def _verdict(text: str, style: str) -> Cell:
    return text_cell(Markup('<span class="{}">{}</span>').format(style, text))


def _rule_row(story: Story, world: World, path: str, told: dict[str, Any]) -> list[Cell]:
    rule = world.loaded.scenario.published_rules[told["rule"]]
    found = filled(say("{count} looked at"), count=story.figures.shown(f"{path}/looked_at", COUNT))
    if told["broken"]:
        found = filled(
            say("{found}, {broken} broke it"), found=found, broken=story.figures.shown(f"{path}/broken", COUNT)
        )
    return [
        _titled(told["rule"], rule),
        text_cell(name(world.said)),
        _verdict(say(RULE_STATUS[told["status"]]), REFUTING if told["status"] == "failed" else NEUTRAL),
        text_cell(found),
        text_cell(name(rule.source.said())),
    ]


def _number_row(story: Story, world: World, path: str, told: dict[str, Any]) -> list[Cell]:
    outcome = _outcome(world, told)
    form = FORMS[told["unit"]] if told["unit"] in FORMS else Form(1)
    what = name(named(outcome, names_of_product(world.loaded.scenario, outcome.product)))
    found = filled(say("{what}: {found}"), what=what, found=story.figures.estimate(path, form))
    status = OF_MORE if told["status"] == "no figure" and outcome.between is not None else STATUS[told["status"]]
    style = {"held": CONFIRMING, "failed": REFUTING}.get(told["status"], NEUTRAL)
    return [
        _titled(told["outcome"], outcome),
        text_cell(name(world.said)),
        _verdict(say(status), style),
        text_cell(name(_printed(outcome))),
        text_cell(found),
        text_cell(_source(outcome)),
    ]


def _printed(outcome: PublishedOutcome) -> str:
    """The figure or range; of a target the time that is striven for, without the share that meets it."""
    if outcome.between is not None:
        return between_words(outcome)
    if outcome.kind == "target" and outcome.within is not None:
        return say("within {time} (a target, without a share)", time=span_said(outcome.within))
    return say("no figure")


def _source(outcome: PublishedOutcome) -> Markup:
    """Where it is printed, and how an ambiguous point was read."""
    source = name(outcome.source.said())
    if not outcome.reading:
        return source
    return filled(say("{source}; read as: {reading}"), source=source, reading=name(outcome.reading.said()))


def _titled(key: str, entry: PublishedOutcome | PublishedRule) -> Cell:
    """What was published: the name that its file gives it in the language spoken, or else its key."""
    given = "" if entry.name is None else entry.name.zh if language() == "zh" else entry.name.en
    return text_cell(name(given or key))
