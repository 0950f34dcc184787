"""The three answers in a sentence or two each: how long a firm waits, what it costs, what is lost and who bears it.

Designs are ranked only as far as replications tell them apart; a rate that rests on a handful of defaults is not told.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from markupsafe import Markup

from simulator.analysis.judgement import FEWEST_DEFAULTS, FEWEST_PAIRS, defaults_of
from simulator.report.designs import Design
from simulator.report.figures import COUNT, DAYS, RATE, Form
from simulator.report.measures import COST_A_YEAR, DAYS_WAITED, LOSS_RATE, Measure
from simulator.report.story import Story
from simulator.report.words import filled, joined, listed
from simulator.texts import say

NAMED = 3
"""So many designs are named in a list of the short answer; of more it tells how many they are, by their letters."""


def leads(story: Story, *, intervals: bool = True) -> list[Markup]:
    """The answers about time, cost and loss; without intervals where they have to be short."""
    drawn = [each for each in story.designs if story.figures.at(each.at("cases", "drawn")) >= FEWEST_PAIRS]
    time = _lead(
        story,
        DAYS_WAITED,
        drawn,
        DAYS,
        [
            say("A firm waits {value} from application to drawdown on average."),
            say("A firm waits least under {first}: {value} from application to drawdown on average."),
            say("It waits longest under {last}: {other}."),
            say("A firm waits {low} to {high} from application to drawdown on average under {designs}, which these "
                "replications do not tell apart."),
        ],
        intervals=intervals,
    )  # fmt: skip
    cost = _lead(
        story,
        COST_A_YEAR,
        drawn,
        RATE,
        [
            say("The loan costs it {value} a year all in, by contract, as if every subsidy were paid."),
            say("A loan costs the firm least under {first}: {value} a year all in, by contract, as if every subsidy "
                "were paid."),
            say("It costs most under {last}: {other}."),
            say("A loan costs the firm {low} to {high} a year all in, by contract, as if every subsidy were paid, "
                "under {designs}, which these replications do not tell apart."),
        ],
        intervals=intervals,
    )  # fmt: skip
    return [time, cost, _loss(story, intervals=intervals)]


def _loss(story: Story, *, intervals: bool) -> Markup:
    counts = {design.place: defaults_of(story.figures.at(design.at())) for design in story.designs}
    told = [design for design in story.designs if counts[design.place] >= FEWEST_DEFAULTS]
    rates = _lead(
        story,
        LOSS_RATE,
        told,
        RATE,
        [
            say("Of the money drawn, {value} is lost after recoveries."),
            say("Of the money drawn, least is lost under {first}: {value} after recoveries."),
            say("Most is lost under {last}: {other}."),
            say("Of the money drawn, {low} to {high} is lost after recoveries under {designs}, which these "
                "replications do not tell apart."),
        ],
        intervals=intervals,
    )  # fmt: skip
    few = [design for design in story.designs if 0 < counts[design.place] < FEWEST_DEFAULTS]
    lent = [design for design in story.designs if story.figures.at(design.at("cases", "drawn"))]
    none = [design for design in lent if not counts[design.place]]
    sentences = [rates]
    if few:
        text = say("Fewer than {count} loans defaulted under {designs}: too few to tell a rate of loss.")
        if len(story.designs) == 1:
            text = say("Fewer than {count} loans defaulted: too few to tell a rate of loss.")
        designs = named(few)
        sentences.append(filled(text, count=FEWEST_DEFAULTS, designs=designs))
    for design in none:
        loans = story.figures.shown(design.at("cases", "drawn"), COUNT)
        text = say("Under {design}, none of {loans} loans defaulted.")
        if len(story.designs) == 1:
            text = say("None of {loans} loans defaulted.")
        sentences.append(filled(text, design=design.html, loans=loans))
    return joined(sentences)


def _lead(
    story: Story, measure: Measure, among: Sequence[Design], form: Form, texts: Sequence[str], *, intervals: bool
) -> Markup:
    """The sentence of one measure: `texts` say it of one design, of the lowest, of the highest, and of all as a range.

    Who cannot be told from the lowest stands with it, and who cannot be told from the highest with that.
    """
    figures, (alone, lowest, highest, between) = story.figures, texts
    keys = measure.path.split(".")

    def value(design: Design) -> float:
        return float(figures.at(design.at(*keys, "value")))

    known = [design for design in among if figures.at(design.at(*keys, "value")) is not None]
    if not known:
        return Markup("")
    ranked = sorted(known, key=value)
    first, last = ranked[0], ranked[-1]

    def told(design: Design) -> Markup:
        path = design.at(*keys)
        return figures.estimate(path, form) if intervals else figures.shown(f"{path}/value", form)

    if len(story.designs) == 1:
        return filled(alone, value=told(first))
    if len(ranked) == 1:
        return filled(say("{design}: {sentence}"), design=first.html, sentence=filled(alone, value=told(first)))
    if form.said(value(first)) == form.said(value(last)):
        sentence = filled(alone, value=told(first))
        if len(known) < len(story.designs):
            return filled(say("{design}: {sentence}"), design=named(known), sentence=sentence)
        return filled(say("Under all of them alike: {sentence}"), sentence=sentence)
    if not _apart(story, first, last, measure):
        low, high = (figures.shown(each.at(*keys, "value"), form) for each in (first, last))
        return filled(between, low=low, high=high, designs=named(known))

    def beside(end: Design, other: Design) -> list[Design]:
        return [
            each
            for each in known
            if form.said(value(each)) == form.said(value(end))
            or (not _apart(story, each, end, measure) and _apart(story, each, other, measure))
        ]

    groups = [beside(first, last), beside(last, first)]
    return joined([
        filled(lowest, first=listed([each.html for each in groups[0]]), value=_span(groups[0], value, form, told)),
        filled(highest, last=listed([each.html for each in groups[1]]), other=_span(groups[1], value, form, told)),
    ])  # fmt: skip


def _span(
    group: Sequence[Design], value: Callable[[Design], float], form: Form, told: Callable[[Design], Markup]
) -> Markup:
    """The figure of one design, or of several from the least to the most."""
    least, most = min(group, key=value), max(group, key=value)
    if form.said(value(least)) == form.said(value(most)):
        return told(least)
    return filled(say("{least} to {most}"), least=told(least), most=told(most))


def _apart(story: Story, a: Design, b: Design, measure: Measure) -> bool:
    """Whether two designs differ beyond chance: by their difference where it was taken, or by intervals apart.

    Their difference is that of the firms both have; where it goes the other way than their own figures do, which are of
    other firms too, neither comes before the other.
    """
    if a is b:
        return False
    found = story.differences.between(a, b, measure.path)
    if found is not None and found.verdict in ("more", "less", "equal", "unsure"):
        more, less = (story.figures.at(each.at(*measure.path.split("."), "value")) for each in (found.b, found.a))
        return found.beyond_chance and (more > less) == (found.verdict == "more")
    ends = [story.figures.at(each.at(*measure.path.split("."))) for each in (a, b)]
    if any(end["low"] is None for end in ends):
        return False
    return bool(ends[0]["low"] > ends[1]["high"] or ends[1]["low"] > ends[0]["high"])


def named(designs: Sequence[Design]) -> Markup:
    """A few designs by their names, of more how many they are, with their letters."""
    if len(designs) <= NAMED:
        return listed([design.html for design in designs])
    return filled(say("{count} designs ({letters})"), count=len(designs), letters=letters(designs))


def letters(designs: Sequence[Design]) -> Markup:
    """Designs by their letters, without commas, which would stand alone at the beginning of a narrow line."""
    return Markup(" ").join(Markup(design.tag.rstrip()) for design in designs)
