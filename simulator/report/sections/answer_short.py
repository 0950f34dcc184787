"""What stands on the first screen: what differs between the designs and whom it relieves, then what is alike."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from functools import partial

from markupsafe import Markup

from simulator.analysis.judgement import FEWEST_DEFAULTS, defaults_of
from simulator.report.designs import Design
from simulator.report.figures import DAYS, MONEY, RATE, WHOLE_SHARE
from simulator.report.measures import COST_A_YEAR, DAYS_WAITED, LOSS, LOSS_RATE, PARTY, measure_of
from simulator.report.sections.answer_leads import NAMED, leads, letters
from simulator.report.sections.funds import how_often
from simulator.report.story import Story
from simulator.report.words import filled, joined, listed, name
from simulator.scenario.agreement import exact_shares
from simulator.scenario.spoken_names import party_said
from simulator.scenario.spoken_parties import party_of_all_said
from simulator.texts import say
from simulator.units import format_share


def in_short(story: Story) -> list[Markup]:
    """Time, cost and loss as far as they differ, who bears the loss, how long funds last; in one line what is alike.

    Where designs admit different firms, that is said with them.
    """
    time, cost, loss = leads(story, intervals=False)
    alike = _alike(story)
    time, cost, loss = (
        Markup("") if path in alike else said
        for path, said in ((DAYS_WAITED.path, time), (COST_A_YEAR.path, cost), (LOSS_RATE.path, loss))
    )
    said = [time, cost, joined([loss, *_relieved(story), *_borne(story)]), *_funds(story)]
    if alike:
        text = say("The same under both: {measures}.") if len(story.designs) == 2 else say(
            "The same under all designs: {measures}."
        )  # fmt: skip
        said.append(filled(text, measures=listed(list(alike.values()))))
    if story.admitted is not None and story.admitted.few:
        said.append(Markup(say("The designs admit different firms, so that part of what differs is who is admitted.")))
    return [each for each in said if each]


def _alike(story: Story) -> dict[str, Markup]:
    """Of measures that are the same under all designs, by their paths, how much they are."""
    first = story.designs[0]
    texts = {
        DAYS_WAITED.path: (say("{value} from application to drawdown"), DAYS),
        COST_A_YEAR.path: (say("a cost of {value} a year (by contract, as if every subsidy were paid)"), RATE),
        LOSS_RATE.path: (say("a net loss of {value} of the money drawn"), RATE),
    }
    told = {}
    for path, (text, form) in texts.items():
        found = story.differences.of(path)
        if len(found) < len(story.designs) - 1 or not story.differences.alike(path):
            continue
        if path == LOSS_RATE.path and (_defaults(story, first) < FEWEST_DEFAULTS or not _all_alike(story, LOSS.path)):
            continue
        told[path] = filled(text, value=story.figures.shown(first.at(*path.split("."), "value"), form))
    return told


def _all_alike(story: Story, path: str) -> bool:
    return not story.differences.of(path) or story.differences.alike(path)


def _defaults(story: Story, design: Design) -> int:
    return defaults_of(story.figures.at(design.at()))


def _relieved(story: Story) -> list[Markup]:
    """Of a few designs, which party bears more or less of the losses than under the one compared with."""
    said = []
    for design in story.designs if story.few else ():
        found = [
            (measure_of(path, story), each)
            for path in story.differences.measures
            if path.startswith(PARTY)
            and (each := story.differences.get(design, path)) is not None
            and each.beyond_chance
        ]
        parties = [
            filled(
                say("{party} bears {difference} less of the losses")
                if each.verdict == "less"
                else say("{party} bears {difference} more of the losses"),
                party=name(measure.party),
                difference=each.shown(story.figures, MONEY.without_sign),
            )
            for measure, each in found
        ]
        if parties:
            text = say("{b} against {a}, a replication: {parties}. This is beyond chance.")
            said.append(filled(text, b=design.html, a=found[0][1].a.html, parties=Markup(say("; ")).join(parties)))
    return said


def borne_by(story: Story, design: Design) -> Markup:
    """The parties that bear the net loss of a design, each with its part of it."""
    parties = story.figures.at(design.at("loss_by_party_cny"))
    return listed([
        filled(
            say("{party} {share}"),
            party=name(party_said(design.scenario, party)),
            share=story.figures.shown(design.at("loss_by_party_cny", party, "share_of_net"), WHOLE_SHARE),
        )
        for party in parties
        if parties[party]["share_of_net"]
    ])  # fmt: skip


def _borne(story: Story) -> list[Markup]:
    """Who bears the loss: of a few designs as it turned out, or by agreement where hardly a loan defaulted."""
    if not story.few:
        return [_largest_by_agreement(story)]
    told = [each for each in story.designs if _defaults(story, each) >= FEWEST_DEFAULTS and borne_by(story, each)]
    agreed = [each for each in story.designs if each not in told and any(_agreed(each).values())]
    borne = say("The net loss is borne by {parties}.")
    agreement = say("By agreement a loss is borne by {parties}.")
    if len(story.designs) == 1:
        return [filled(borne, parties=borne_by(story, each)) for each in told] + [
            filled(agreement, parties=_shares_said(story, each)) for each in agreed
        ]

    def borne_so(design: Design, named: Markup) -> Markup:
        return filled(say("{designs}: {parties}"), designs=named, parties=borne_by(story, design))

    def agreed_so(design: Design, named: Markup) -> Markup:
        return filled(say("{designs}: {parties}"), designs=named, parties=_shares_said(story, design))

    texts = (
        (say("The net loss is borne so: {designs}."), story.alike(told, borne_so)),
        (say("By agreement a loss is borne so: {designs}."), story.alike(agreed, agreed_so)),
    )
    return [filled(text, designs=Markup(say("; ")).join(each)) for text, each in texts if each]


def _agreed(design: Design) -> dict[str, Fraction]:
    return {party: each for party, each in exact_shares(design.product.risk_sharing.split).items() if each}


def _shares_said(story: Story, design: Design) -> Markup:
    return listed([
        filled(say("{party} {share}"), party=name(party_of_all_said(story.scenarios, party)),
               share=format_share(float(share)))
        for party, share in _agreed(design).items()
    ])  # fmt: skip


def _largest_by_agreement(story: Story) -> Markup:
    """Of many designs, the party on which the largest part of a loss falls."""
    groups: dict[str, list[Design]] = {}
    for design in story.designs:
        shares = _agreed(design)
        if shares:
            groups.setdefault(max(shares, key=lambda party: shares[party]), []).append(design)
    largest = [
        filled(say("{party} ({designs})"), party=name(party_of_all_said(story.scenarios, party)),
               designs=_briefly(designs))
        for party, designs in groups.items()
    ]  # fmt: skip
    if not largest:
        return Markup("")
    return filled(say("By agreement the largest part of a loss falls on {parties}."), parties=listed(largest))


def _briefly(designs: Sequence[Design]) -> Markup:
    """A few designs by their names, more by their letters, where both stand in brackets."""
    return listed([each.html for each in designs]) if len(designs) <= NAMED else letters(designs)


def _funds(story: Story) -> list[Markup]:
    """Of a few designs, how often each fund is used up and what is left of it."""
    said = []
    funds = dict.fromkeys(key for each in story.designs for key in story.figures.at(each.at("funds")))
    for fund in funds if story.few else ():
        having = [each for each in story.designs if fund in story.figures.at(each.at("funds"))]
        said += story.alike(having, partial(how_often, story, fund))
    return said
