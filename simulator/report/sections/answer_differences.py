"""How designs differ from the one they are compared with: in sentences, and in a table with what it rests on."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from markupsafe import Markup, escape

from simulator.analysis.judgement import FEWEST_PAIRS
from simulator.report.blocks import Block, Cell, Column, Paragraph, Points, Table, empty_cell, text_cell
from simulator.report.differences import Difference
from simulator.report.figures import COUNT
from simulator.report.measures import MEASURES, PARTY, Measure, is_told, measure_of, place_of, verdict_said
from simulator.report.sections import answer_pictures as pictures
from simulator.report.story import Story
from simulator.report.words import filled, listed
from simulator.texts import say


def sentences(story: Story) -> list[Block]:
    """What all are compared with and why; each difference of a few designs, of many who differs beyond chance."""
    points: list[Markup] = []
    alike = [measure for measure in MEASURES if story.differences.alike(measure.path)]
    for measure in MEASURES:
        found = story.differences.of(measure.path)
        if measure in alike:
            continue
        if len(found) <= 3 and not _all_unsure(found):
            points += [measure.sentence(story.figures, each) for each in found if each.verdict != "unknown"]
        else:
            points += _grouped(story, measure)
    if story.few:
        for path in story.differences.measures:
            if path.startswith(PARTY):
                measure = measure_of(path, story)
                apart = [each for each in story.differences.of(path) if each.beyond_chance]
                points += [measure.sentence(story.figures, each) for each in apart]
    if alike:
        points.append(filled(say("Without any difference: {measures}."), measures=_titles(story, alike)))
    base = _base(story)
    return [*([Paragraph(base)] if base else []), *([Points(points)] if points else [])]


def _all_unsure(found: list[Difference]) -> bool:
    """Whether of several differences none can be told, so that one sentence says as much as many."""
    return len(found) > 1 and all(each.verdict == "unsure" for each in found)


def _base(story: Story) -> Markup:
    """Why the design that others are compared with is that one."""
    bases = {each.a.place: each.a for measure in story.differences.measures for each in story.differences.of(measure)}
    if len(bases) != 1:
        return Markup("")
    (base,) = bases.values()
    if any(world.manifest.get("against") for world in story.results.worlds):
        text = say("Compared with {base}, because the comparison file says so.")
    else:
        text = say("Compared with {base}, because it was named first.")
    return filled(text, base=base.html)


def _grouped(story: Story, measure: Measure) -> list[Markup]:
    """Who differs beyond chance one way, who the other way, and of whom that cannot be said."""
    found = story.differences.of(measure.path)
    said = []
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
                said.append(filled(say(text), a=a, designs=listed(parts)))
        unsure = [each.b.html for each in mine if each.verdict == "unsure"]
        if unsure:
            text = say("{measure}: these replications cannot tell {designs} from {a}.")
            said.append(filled(text, measure=measure.title_said, designs=listed(unsure), a=a))
        few = [
            filled(say("{design} ({count})"), design=each.b.html,
                   count=story.figures.shown(f"{each.path}/drawn_in_both", COUNT))
            for each in mine
            if each.verdict == "few firms"
        ]  # fmt: skip
        if few:
            text = say("{measure}: too few firms are drawn both under {a} and under {designs} to compare them.")
            said.append(filled(text, measure=measure.title_said, designs=listed(few), a=a))
        lossless = [each.b.html for each in mine if each.verdict == "few defaults"]
        if lossless:
            text = say("{measure}: too few loans defaulted under {designs} or {a} to compare them.")
            said.append(filled(text, measure=measure.title_said, designs=listed(lossless), a=a))
    return said


def table(story: Story) -> list[Block]:
    """A picture of the days, and of each design all differences with their verdicts and the firms they rest on."""
    told = [measure_of(path, story) for path in story.differences.measures if is_told(path)]
    compared_by = sorted((measure for measure in told if not measure.party), key=place_of)
    compared_by += [measure for measure in told if measure.party] if story.few else []
    alike = [measure for measure in compared_by if story.differences.alike(measure.path)]
    shown = sorted((measure for measure in compared_by if measure not in alike), key=partial(_is_unsure, story))
    measured = [Column(_title(story, measure), "estimate", say(measure.unit)) for measure in shown]
    counted = any(each.pairs is not None for measure in compared_by for each in story.differences.of(measure.path))
    pairs = [Column(say("firms drawn in both"), unit=say("below: only in one"))] if counted else []
    rows: list[list[Cell]] = []
    verdicts = set[str]()
    for design in story.designs:
        found = [story.differences.get(design, measure.path) for measure in shown]
        every = [story.differences.get(design, measure.path) for measure in compared_by]
        known = [each for each in every if each is not None]
        if not known:
            continue
        verdicts.update(each.verdict for each in found if each is not None)
        cells = [_cell(story, *each) for each in zip(found, shown, measured, strict=True)]
        paired = [_pairs(story, known, pairs[0])] if pairs else []
        base = known[0].a
        rows.append([text_cell(design.html, design.plain), text_cell(base.tag, base.plain), *paired, *cells])
    columns = [Column(say("design"), "text"), Column(say("against"), "text"), *pairs, *measured]
    picture = pictures.differences(story)
    blocks: list[Block] = [*([picture] if picture is not None else [])]
    if shown:
        blocks.append(Table(say("Differences with 95% intervals"), columns, rows))
    if alike:
        text = say("Without any difference, and so in no column: {measures}.")
        blocks.append(Paragraph(filled(text, measures=_titles(story, alike))))
    if not shown:
        return blocks
    return [*blocks, Paragraph(_how_to_read(story, unsure="unsure" in verdicts), "note")]


def _is_unsure(story: Story, measure: Measure) -> bool:
    """Whether no design differs in a measure beyond chance, so that it stands after those in which one does."""
    return not any(each.beyond_chance for each in story.differences.of(measure.path))


def _title(story: Story, measure: Measure) -> str:
    """The name of a measure; of the share drawn in time with the days, where they are the same for all."""
    days = {entry["drawn_within"]["days"] for entry in story.results.summary["results"]}
    if measure.path != "drawn_within.share" or len(days) != 1:
        return measure.title_said
    return say("Share drawn within {days} days", days=f"{days.pop():g}")


def _titles(story: Story, measures: Sequence[Measure]) -> Markup:
    return Markup(escape(say("; "))).join(_title(story, each) for each in measures)


def _how_to_read(story: Story, *, unsure: bool) -> str:
    text = say(
        "Beyond chance: the interval leaves zero out, so that the chance of the simulation alone does not make the "
        "difference; whether the assumptions are right is another question. The intervals of one measure hold for all "
        "designs at once, 95 times in 100 (Bonferroni). Days and costs are compared firm by firm, over the firms drawn "
        "in both designs in all replications; with fewer than {count} of them nothing is said.",
        count=FEWEST_PAIRS,
    )
    if not unsure:
        return text
    more = say(
        "An interval narrows with the root of the replications: about {count}, four times as many, would halve it.",
        count=f"{4 * story.results.replications:,}",
    )
    return say("{sentence} {more}", sentence=text, more=more)


def _pairs(story: Story, found: list[Difference], column: Column) -> Cell:
    """Firms drawn under both designs, and below them those drawn under one only."""
    counted = next((each for each in found if each.pairs is not None), None)
    if counted is None:
        return empty_cell(column)
    only = [
        filled(
            say("only {design} {count}"),
            design=design.tag,
            count=story.figures.shown(f"{counted.path}/drawn_only_in_{side}", COUNT),
        )
        for design, side in ((counted.b, "b"), (counted.a, "a"))
    ]
    beneath = Markup('<span class="verdict">{}</span>' * 2).format(*only)
    both = str(counted.pairs)
    return Cell(story.figures.shown(f"{counted.path}/drawn_in_both", COUNT), both, (both,), beneath)


def _cell(story: Story, found: Difference | None, measure: Measure, column: Column) -> Cell:
    """A difference with the interval that holds together with all others, and whether it is beyond chance."""
    if found is None or found.verdict == "unknown":
        return empty_cell(column)
    form = measure.form.with_sign
    ends = [form.copied(story.figures.at(f"{found.held}/{end}")) for end in ("low", "high")]
    told = verdict_said(found.verdict)
    if found.verdict == "few firms":
        count = story.figures.shown(f"{found.path}/drawn_in_both", COUNT)
        text = filled(say("Too few firms drawn in both ({count})."), count=count)
        told = Markup('<span class="unsure few">{}</span>').format(text)
    beneath = Markup('{}<span class="verdict">{}</span>').format(
        story.figures.interval(found.held, form, bare=True), told
    )
    value = found.told["value"]
    return Cell(
        story.figures.shown(f"{found.path}/value", form, bare=True),
        "" if value is None else repr(float(value)),
        [form.copied(value), *ends],
        beneath,
    )
