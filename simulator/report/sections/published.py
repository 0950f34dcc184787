"""What the source prints against what the run found."""

from __future__ import annotations

from collections import Counter
from typing import Any

from markupsafe import Markup

from simulator.analysis.checks import names_of_product
from simulator.analysis.verdicts import between_words, named
from simulator.report.blocks import Block, Cell, Column, Paragraph, Points, Section, Table, text_cell
from simulator.report.figures import COUNT, MONEY, RATE, Form, pointer
from simulator.report.results import World
from simulator.report.story import Story
from simulator.report.words import filled, name
from simulator.scenario.load import AS_STATED
from simulator.scenario.outcomes import PublishedOutcome, PublishedRule
from simulator.scenario.spoken_names import called
from simulator.texts import language, phrase, say

TITLE = phrase("What is published, against the run")
STATUS = {
    "held": phrase("held"),
    "set to hold": phrase("set to hold"),
    "failed": phrase("failed"),
    "target": phrase("target"),
    "no figure": phrase("no figure published"),
    "nothing to check": phrase("nothing to check"),
    "too few runs": phrase("too few runs"),
}
FORMS = {
    "days": Form(1, 1.0, phrase("{number} days")),
    "working days": Form(1, 1.0, phrase("{number} working days")),
    "CNY": MONEY,
    "share": RATE,
}


def section(story: Story) -> Section:
    """How many hold, then every one with its source."""
    rows = [
        _row(story, world, pointer("worlds", world.number, "published", number), told)
        for world in _as_stated(story)
        for number, told in enumerate(story.results.summary["worlds"][world.number]["published"])
    ]
    if not rows:
        return Section(
            "published", say(TITLE), [Paragraph(say("Nothing is published that could be held against this run."))]
        )
    blocks: list[Block] = [Paragraph(_counted(story)), *_failures(story)]
    columns = [
        Column(say("what"), "text"),
        Column(say("scenario"), "text"),
        Column(say("verdict"), "text"),
        Column(say("published"), "text"),
        Column(say("found"), "text"),
        Column(say("source"), "text", long=True),
    ]
    blocks.append(Table(say("Published times, amounts and rules"), columns, rows))
    note = say(
        "Of designs as stated, since a variant changes what the source tells of. Set to hold: the model was set so "
        "that it "
        "holds, which proves nothing. Rules are held against every case of "
        "replication 1. What is published of single firms is checked by 'pledgesim check'."
    )
    return Section("published", say(TITLE), [*blocks, Paragraph(note, "note")])


def _all(story: Story) -> list[dict[str, Any]]:
    return [told for world in _as_stated(story) for told in _of(story, world)]


def _of(story: Story, world: World) -> list[dict[str, Any]]:
    published: list[dict[str, Any]] = story.results.summary["worlds"][world.number]["published"]
    return published


def _as_stated(story: Story) -> list[World]:
    """Worlds without a variant: a variant changes what the source tells of. Of one scenario only the first."""
    stated = [world for world in story.results.worlds if world.loaded.variant == AS_STATED]
    return list({world.loaded.id: world for world in reversed(stated)}.values())[::-1]


def _counted(story: Story) -> Markup:
    counts = Counter(told["status"] for told in _all(story))
    parts = [
        filled(say("{count} {status}"), count=count, status=say(STATUS[status]))
        for status, count in counts.most_common()
    ]
    text = say("Of {count} published outcomes and rules of these scenarios: {parts}.")
    return filled(text, count=sum(counts.values()), parts=Markup(say(", ")).join(parts))


def _failures(story: Story) -> list[Block]:
    """What was found of rules that were broken."""
    points = [
        filled(say("{what}: {found}"), what=_rule_said(world, told["rule"]), found=name(finding))
        for world in _as_stated(story)
        for told in _of(story, world)
        if told["status"] == "failed"
        for finding in told.get("findings", [])
    ]
    return [Points(points)] if points else []


def _rule_said(world: World, key: str) -> Markup:
    return name(called(key, world.loaded.scenario.published_rules[key].name))


def _row(story: Story, world: World, path: str, told: dict[str, Any]) -> list[Cell]:
    verdict = Markup('<span class="{}">{}</span>').format(
        "real" if told["status"] == "held" else "unsure", say(STATUS[told["status"]])
    )
    scenario = text_cell(name(world.said))
    if "rule" in told:
        rule = world.loaded.scenario.published_rules[told["rule"]]
        found = filled(say("{count} looked at"), count=story.figures.shown(f"{path}/looked_at", COUNT))
        if told["broken"]:
            found = filled(
                say("{found}, {broken} broke it"), found=found, broken=story.figures.shown(f"{path}/broken", COUNT)
            )
        return [
            _titled(told["rule"], rule),
            scenario,
            text_cell(verdict),
            text_cell(say("a rule")),
            text_cell(found),
            text_cell(name(rule.source.said())),
        ]
    outcome = world.loaded.scenario.published_outcomes[told["outcome"]]
    form = FORMS[told["unit"]] if told["unit"] in FORMS else Form(1)
    what = name(named(outcome, names_of_product(world.loaded.scenario, outcome.product)))
    found = filled(say("{what}: {found}"), what=what, found=story.figures.estimate(path, form))
    return [
        _titled(told["outcome"], outcome),
        scenario,
        text_cell(verdict),
        text_cell(name(_printed(outcome))),
        text_cell(found),
        text_cell(_source(outcome)),
    ]


def _printed(outcome: PublishedOutcome) -> str:
    return between_words(outcome) if outcome.between is not None else "–"


def _source(outcome: PublishedOutcome) -> Markup:
    """Where it is printed, and how an ambiguous point was read."""
    source = name(outcome.source.said())
    if not outcome.reading:
        return source
    return filled(say("{source}; read as: {reading}"), source=source, reading=name(outcome.reading.said()))


def _titled(key: str, entry: PublishedOutcome | PublishedRule) -> Cell:
    """What was published: its key, and the name that its file gives it, unless that begins with the key.

    A name in another language is left out, since the key says it as well.
    """
    given = "" if entry.name is None else entry.name.zh if language() == "zh" else entry.name.en
    said = given or key
    return text_cell(name(said if said.startswith(key) else say("{key}: {what}", key=key, what=said)))
