"""What was compared and what differs."""

from __future__ import annotations

from markupsafe import Markup

from simulator.report.blocks import Block, Cell, Column, Fold, Heading, Paragraph, Points, Section, Table, text_cell
from simulator.report.contrasts import Change, contrast
from simulator.report.designs import Design
from simulator.report.figures import COUNT
from simulator.report.sections.flow_pictures import flow_pictures
from simulator.report.story import Story
from simulator.report.words import filled, listed, name
from simulator.scenario.agreement import exact_shares
from simulator.scenario.flow import steps_of
from simulator.scenario.lender import lender_of
from simulator.scenario.load import AS_STATED
from simulator.scenario.spoken_names import party_said, variant_said
from simulator.scenario.spoken_quantities import span_said
from simulator.texts import phrase, say
from simulator.units import format_share

TITLE = phrase("What was compared, and what differs")
SHOWN_AT_ONCE = 12
"""Settings that differ, before the others are folded away."""
MOST_CHANGES = 120
COMMON = {"applicants": "applicants", "eligible": "eligible_in_all"}


def section(story: Story) -> Section:
    """The designs, and of each what it has otherwise than the one it is compared with."""
    blocks: list[Block] = []
    about = story.results.text("about")
    if about:
        blocks.append(Paragraph(name(about)))
    blocks += [_how_compared(story), _designs(story)]
    pairs = [(_against(story, design), design) for design in story.designs]
    contrasts = [block for a, b in pairs if a is not None for block in _contrast(a, b)]
    if contrasts and not story.few:
        blocks.append(Fold(say("What each design has otherwise than the one it is compared with"), contrasts))
    else:
        blocks += contrasts
    blocks.append(flow_pictures(pairs))
    return Section("compared", say(TITLE), blocks)


def _how_compared(story: Story) -> Paragraph:
    if len(story.designs) == 1:
        return Paragraph(filled(say("One design was run by itself: {design}."), design=story.designs[0].html))
    paired = [each["paired"] for each in story.results.summary["differences"]]
    admitted = story.admitted
    if not all(paired):
        text = say(
            "{count} designs stand side by side. They do not all meet the same firms, so that part of what differs may "
            "come from the firms."
        )
    elif admitted is None or admitted.alike:
        text = say(
            "{count} designs stand side by side. All meet the same firms on the same days with the same luck, so that "
            "what differs comes from the designs."
        )
    elif admitted.in_all:
        text = say(
            "{count} designs stand side by side. All meet the same {applicants} applicants on the same days with the "
            "same luck, but only {eligible} of these are eligible under every design: what differs comes from the "
            "designs and from whom they admit."
        )
    else:
        text = say(
            "{count} designs stand side by side. All meet the same {applicants} applicants on the same days with the "
            "same luck, but none of these is eligible under every design: what differs comes from the designs and from "
            "whom they admit."
        )
    known = {key: story.figures.shown(f"/common/{at}", COUNT) for key, at in COMMON.items()} if admitted else {}
    return Paragraph(filled(text, count=len(story.designs), **known))


def _designs(story: Story) -> Table:
    columns = [
        Column(say("scenario file"), "text"), Column(say("lender"), "text"), Column(say("tenor"), "text"),
        Column(say("interest a year"), "text"), Column(say("steps")), Column(say("who bears a loss"), "text"),
    ]  # fmt: skip
    return story.table(say("The designs"), columns, _row)


def _row(design: Design) -> list[Cell]:
    scenario, product = design.scenario, design.product
    loaded = design.world.loaded
    variant = f" · {variant_said(loaded)}" if loaded.variant != AS_STATED else ""
    lender = lender_of(scenario, product)
    count = str(len(list(steps_of(product.flow))))
    shares = [
        filled(say("{party} {share}"), party=name(party_said(scenario, party)), share=format_share(float(share)))
        for party, share in exact_shares(product.risk_sharing.split).items()
    ]
    return [
        text_cell(name(f"{loaded.id}{variant}")),
        text_cell(name(party_said(scenario, lender) if lender else "–")),
        text_cell(span_said(product.tenor)),
        text_cell(format_share(float(product.price.interest))),
        Cell(count, count, (count,)),
        text_cell(Markup(say(", ")).join(shares)),
    ]


def _against(story: Story, design: Design) -> Design | None:
    """The design that a design is compared with: the first, where its file names no other."""
    label = design.world.manifest.get("against") or story.designs[0].world.label
    same = [each for each in story.designs if each.world.label == label]
    found = next((each for each in same if each.product_key == design.product_key), same[0] if same else None)
    return None if found is design or found is None or found.world is design.world else found


def _contrast(a: Design, b: Design) -> list[Block]:
    found = contrast(a, b)
    blocks: list[Block] = [Heading(filled(say("{b} against {a}"), a=a.html, b=b.html))]
    if found.empty:
        return [*blocks, Paragraph(say("Nothing in the scenarios differs."))]
    points = []
    for titles, text in (
        (found.removed, say("Steps left out: {steps}.")),
        (found.added, say("Steps added: {steps}.")),
        (found.moved, say("Steps in another place: {steps}.")),
    ):
        if titles:
            points.append(filled(text, steps=listed([name(title) for title in titles])))
    if not points:
        points.append(Markup(say("The steps are the same.")))
    if len(found.changes) <= SHOWN_AT_ONCE:
        return [*blocks, Points([*points, *map(_change, found.changes)])]
    shown, rest = found.changes[:MOST_CHANGES], len(found.changes) - MOST_CHANGES
    folded: list[Block] = [Points([_change(each) for each in shown])]
    if rest > 0:
        folded.append(Paragraph(say("{count} more settings differ.", count=rest), "note"))
    title = say("{count} settings that differ", count=len(found.changes))
    return [*blocks, Points(points), Fold(title, folded)]


def _change(change: Change) -> Markup:
    values = {"path": name(change.path), "before": name(change.before), "after": name(change.after)}
    if change.whole:
        text = (
            say("{path}: not there, while the other has it ({before}).")
            if change.before
            else say("{path}: there ({after}), while the other does not have it.")
        )
        return filled(text, **values)
    if not change.before:
        return filled(say("{path}: {after}, which the other does not have."), **values)
    if not change.after:
        return filled(say("{path}: none, instead of {before}."), **values)
    return filled(say("{path}: {after} instead of {before}."), **values)
