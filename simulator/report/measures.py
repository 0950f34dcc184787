"""What designs are compared by, and how a difference is said in a sentence."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from markupsafe import Markup

from simulator.analysis.judgement import Judgement
from simulator.report.differences import Difference
from simulator.report.figures import COUNT, DAYS, MONEY, POINTS, RATE_POINTS, Figures, Form
from simulator.report.words import clean, filled, joined, name
from simulator.scenario.spoken_parties import party_of_all_said
from simulator.texts import phrase, say

if TYPE_CHECKING:
    from simulator.report.story import Story

PARTY = "loss_cny.by_party."


@dataclass(frozen=True)
class Measure:
    """One measure of summary.json: its name, its unit, and the words for more of it and less of it."""

    path: str
    title: str
    form: Form
    unit: str
    less: str = ""
    more: str = ""
    less_of_many: str = ""
    more_of_many: str = ""
    equal: str = ""
    party: str = ""

    @property
    def title_said(self) -> str:
        """Its name, with that of a party where it is about one."""
        return say("loss of {party}", party=clean(self.party)) if self.party else say(self.title)

    def sentence(self, figures: Figures, found: Difference) -> Markup:
        """What one difference is, and whether it is beyond chance."""
        names = {"a": found.a.html, "b": found.b.html, "party": name(self.party)}
        if found.verdict == "equal":
            return filled(say(self.equal), **names)
        if found.verdict == "few defaults":
            text = say("{measure}: too few loans defaulted under {b} or {a} to compare them.")
            return filled(text, measure=self.title_said, **names)
        if found.verdict == "few firms":
            text = say("{measure}: too few firms are drawn under both {b} and {a} ({count}) to compare them.")
            count = figures.shown(f"{found.path}/drawn_in_both", COUNT)
            return filled(text, measure=self.title_said, count=count, **names)
        below = found.told["value"] < 0
        if found.verdict == "unsure":
            text = say(
                "{measure}: {b} and {a} cannot be told apart by these replications; the difference is {difference}."
            )
            signed = found.shown(figures, self.form.with_sign)
            return filled(text, measure=self.title_said, difference=signed, **names)
        said = filled(
            say(self.less if below else self.more), difference=found.shown(figures, self.form.without_sign), **names
        )
        return joined([said, Markup('<span class="real">{}</span>').format(say("This is beyond chance."))])


MEASURES = (
    Measure(
        "turnaround_days.mean",
        phrase("Days from application to drawdown"),
        DAYS,
        phrase("days"),
        phrase("A firm gets its money {difference} sooner under {b} than under {a}."),
        phrase("A firm gets its money {difference} later under {b} than under {a}."),
        phrase("Sooner than under {a}, beyond chance: {designs}."),
        phrase("Later than under {a}, beyond chance: {designs}."),
        phrase("A firm waits equally long under {b} and {a}."),
    ),
    Measure(
        "firm_cost.contractual_after_subsidy.mean",
        phrase("Cost to the firm a year, after subsidies"),
        RATE_POINTS,
        phrase("percentage points"),
        phrase("A loan costs the firm {difference} less a year under {b} than under {a}."),
        phrase("A loan costs the firm {difference} more a year under {b} than under {a}."),
        phrase("Cheaper for the firm than under {a}, beyond chance: {designs}."),
        phrase("Dearer for the firm than under {a}, beyond chance: {designs}."),
        phrase("A loan costs the firm the same under {b} and {a}."),
    ),
    Measure(
        "loss_cny.total",
        phrase("Net loss a replication"),
        MONEY,
        phrase("m CNY"),
        phrase("{difference} less are lost a replication under {b} than under {a}."),
        phrase("{difference} more are lost a replication under {b} than under {a}."),
        phrase("Less is lost than under {a}, beyond chance: {designs}."),
        phrase("More is lost than under {a}, beyond chance: {designs}."),
        phrase("As much is lost under {b} as under {a}."),
    ),
    Measure(
        "loss_rate",
        phrase("Net loss of the money drawn"),
        RATE_POINTS,
        phrase("percentage points of the amount drawn"),
        phrase("Of the money drawn, {difference} less are lost under {b} than under {a}."),
        phrase("Of the money drawn, {difference} more are lost under {b} than under {a}."),
        phrase("A smaller part of the money drawn is lost than under {a}, beyond chance: {designs}."),
        phrase("A larger part of the money drawn is lost than under {a}, beyond chance: {designs}."),
        phrase("The same part of the money drawn is lost under {b} and {a}."),
    ),
)
"""What the answer is about, in its order."""
DAYS_WAITED, COST_A_YEAR, LOSS, LOSS_RATE = MEASURES

OF_A_PARTY = replace(
    LOSS,
    less=phrase("{party} bears {difference} less of the losses a replication under {b} than under {a}."),
    more=phrase("{party} bears {difference} more of the losses a replication under {b} than under {a}."),
)
"""What one party bears; its path and the party are filled in."""

OTHERS = (
    Measure("drawn_within.share", phrase("Share drawn in time"), POINTS, phrase("percentage points")),
    Measure("drawn_cny", phrase("Money drawn a replication"), MONEY, phrase("m CNY")),
    Measure("defaults_of_loans", phrase("Defaults of loans"), RATE_POINTS, phrase("percentage points")),
)
"""What only the table tells."""


def measure_of(path: str, story: Story | None = None) -> Measure:
    """A measure by its path; for a party's part of the loss with the party's name."""
    known = next((each for each in (*MEASURES, *OTHERS) if each.path == path), None)
    if known is not None:
        return known
    key = path.removeprefix(PARTY)
    said = party_of_all_said(story.scenarios, key) if story is not None else key
    return replace(OF_A_PARTY, path=path, party=said)


def place_of(measure: Measure) -> int:
    """Its place in a table: days and cost, who is drawn, what is lost, and how much is lent."""
    drawn_within, drawn, defaults = OTHERS
    order = (DAYS_WAITED, COST_A_YEAR, drawn_within, LOSS_RATE, LOSS, defaults, drawn)
    return order.index(measure)


def is_told(path: str) -> bool:
    """Whether a report has a line for a measure."""
    return path.startswith(PARTY) or any(each.path == path for each in (*MEASURES, *OTHERS))


def verdict_said(verdict: Judgement) -> Markup:
    """Whether a difference is beyond chance, in a word or two."""
    if verdict in ("more", "less"):
        return Markup('<span class="real">{}</span>').format(say("Beyond chance."))
    text = {
        "equal": say("Equal."),
        "unsure": say("Not told apart."),
        "few firms": say("Too few firms."),
        "few defaults": say("Too few defaults."),
        "unknown": "–",
    }[verdict]
    return Markup('<span class="unsure">{}</span>').format(text)
