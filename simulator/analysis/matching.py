"""One firm against many products: may it have them, how much would it get, how long do they take, who bears a loss."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from math import inf
from typing import Literal

from simulator.analysis.eligibility import RuleJudged, Value, judged, least_values, spoken, told_values
from simulator.analysis.figures import spread
from simulator.analysis.intervals import NOT_NEGATIVE, Estimate, estimate
from simulator.analysis.known_firms import BASE, KnownFirm
from simulator.analysis.measure import Floats, measure
from simulator.analysis.pledges import pledges_in_words
from simulator.experiment.run import run_tasks
from simulator.scenario.agreement import Part, RiskSharing, exact_share, exact_shares
from simulator.scenario.attributes import Attribute
from simulator.scenario.load import LoadedScenario, load
from simulator.scenario.model import AmountLimits, Product, Scenario
from simulator.scenario.names import Text
from simulator.scenario.quantities import Quantity
from simulator.scenario.spoken_parties import names_said
from simulator.scenario.spoken_quantities import money_said
from simulator.texts import say
from simulator.units import format_share
from simulator.workflow.world import Happened

Status = Literal["eligible", "not all told", "not eligible"]
STATUSES: tuple[Status, ...] = ("eligible", "not all told", "not eligible")


@dataclass(frozen=True)
class Amount:
    """The credit line of a firm in fen: what it asks for, up to every limit; `words` say what limits it.

    With properties in `not_told` it is the most that it can be, and None where nothing is told.
    """

    fen: int | None
    words: str
    limit: str = ""
    """What limits it, in words."""
    not_told: tuple[str, ...] = ()


@dataclass(frozen=True)
class Days:
    """Calendar days from application to drawdown of all firms that a product drew, over a few replications."""

    mean: Estimate
    p90: Estimate


@dataclass(frozen=True)
class Match:
    """One product for one firm, in the language spoken when they were matched; money in fen."""

    scenario: str
    kind: str
    product: str
    name: Text
    rules: Sequence[RuleJudged]
    amount: Amount
    too_small: str
    """Why nothing can be lent although the rules are passed, or nothing."""
    loss: str
    pledges: str
    """What is pledged, in words."""
    served: bool = False
    """It is known to have had this product, so that rules that cannot be judged count as passed."""
    days: Days | None = None

    @property
    def failed(self) -> list[str]:
        """Every reason why it may not have the product, in words."""
        return [rule.words for rule in self.rules if rule.status == "failed"] + (
            [self.too_small] * bool(self.too_small)
        )

    @property
    def not_told(self) -> list[RuleJudged]:
        """Rules on properties that are not told of it."""
        return [] if self.served else [rule for rule in self.rules if rule.status == "not told"]

    @property
    def status(self) -> Status:
        """Whether it may have the product, as far as can be said."""
        return "not eligible" if self.failed else "not all told" if self.not_told else "eligible"


def match(firm: KnownFirm, worlds: Sequence[LoadedScenario]) -> list[Match]:
    """The firm against every product of every world, in their order; days are added by `with_days`."""
    base = load(BASE).scenario.applicants
    assert base is not None
    return [
        _match(firm, world, name, product, base.population)
        for world in worlds
        for name, product in world.scenario.products.items()
    ]


def _match(
    firm: KnownFirm, world: LoadedScenario, name: str, product: Product, general: Mapping[str, Attribute]
) -> Match:
    assert world.scenario.applicants is not None
    population = world.scenario.applicants.population
    known = told_values(population, firm.told, general)
    amount = amount_for(product.amount, known)
    return Match(
        scenario=world.id,
        kind=world.scenario.kind,
        product=name,
        name=product.name or Text(en=name),
        rules=judged(product.eligibility, known, least_values(population, known)),
        amount=amount,
        too_small=_too_small(product.amount, amount),
        loss=bearers_in_words(product.risk_sharing, names_said(world.scenario, product)),
        pledges=pledges_in_words(product, population),
        served=firm.served_in == world.id and firm.served_by in (None, name),
    )


def amount_for(limits: AmountLimits, known: Mapping[str, Value]) -> Amount:
    """What a firm asks for, up to every limit, as in `workflow.firms.credit_lines`, with the limit that binds."""
    asked, *_ = told = [_fen(known, name) for name in ("amount_requested", *limits.of)]
    bounds = [(asked, say("all it asks for"))]
    for fen, (name, share) in zip(told[1:], limits.of.items(), strict=True):
        part = None if fen is None else fen * share.numerator // share.denominator
        of = say("{share} of {property}", share=format_share(share), property=spoken(name))
        bounds.append((part, of if share != 1 else spoken(name)))
    bounds.append((limits.at_most, say("the most a firm gets")))
    missing = tuple(name for name, fen in zip(("amount_requested", *limits.of), told, strict=True) if fen is None)
    finite = [(fen, words) for fen, words in bounds if fen is not None]
    line, binding = min(finite, key=lambda bound: bound[0]) if finite else (None, "")
    if asked is None:
        if line is None:
            return Amount(line, say("cannot be told: what it asks for is not told"), binding, missing)
        words = say(
            "cannot be told: what it asks for is not told; at most {amount}, {limit}",
            amount=money_said(line), limit=binding,
        )  # fmt: skip
        return Amount(line, words, binding, missing)
    assert line is not None
    words = say("{amount} ({limit})", amount=money_said(line), limit=binding)
    if missing:
        unknown = say(" and ").join(spoken(name) for name in missing)
        words = say("up to {amount}; {properties} not told", amount=money_said(line), properties=unknown)
    if limits.drawn_share is not None:
        words = say("{amount}; {share} of it is drawn", amount=words, share=format_share(limits.drawn_share))
    return Amount(line, words, binding, missing)


def _fen(known: Mapping[str, Value], name: str) -> int | None:
    value = known.get(name)
    return round(value.value) if isinstance(value, Quantity) else None


def _too_small(limits: AmountLimits, amount: Amount) -> str:
    least = max(limits.at_least or 0, 1)
    if amount.fen is None or amount.fen >= least:
        return ""
    line = say(
        "at most {amount} ({limit})" if amount.not_told else "{amount} ({limit})",
        amount=money_said(amount.fen),
        limit=amount.limit,
    )
    if amount.fen <= 0:
        return say("nothing can be lent: {amount}", amount=line)
    return say(
        "{amount}, at least {least} is lent: {gap} too little",
        amount=line, least=money_said(least), gap=money_said(least - amount.fen),
    )  # fmt: skip


def bearers_in_words(agreement: RiskSharing, names: Mapping[str, str] = {}) -> str:
    """Who bears a loss: `insurer 60%, bank 10%, district 30% up to Fengxian reserve, then insurer`.

    `names` are shown in place of the keys of parties, funds, limits and rates.
    """
    ceded = [
        say("of what {giver} pays: {split}", giver=names.get(giver, giver), split=_split_in_words(split, names))
        for giver, split in agreement.cede.items()
    ]
    return say("; ").join([_split_in_words(agreement.split, names), *ceded])


def _split_in_words(split: Mapping[str, Part], names: Mapping[str, str]) -> str:
    shares = {party: share for party, share in exact_shares(split).items() if share}
    without_limit = [party for party in shares if split[party].otherwise is None]
    said = []
    for party in [*without_limit, *(party for party in shares if party not in without_limit)]:
        words = say("{party} {share}", party=names.get(party, party), share=exact_share(shares[party]))
        otherwise = split[party].otherwise
        if otherwise is not None:
            bounds = [names.get(bound, bound) for bound in (*split[party].limits, *(split[party].when or {}))]
            alone = next(iter(otherwise))
            words = say(
                "{share} up to {bounds}, then ({bearers})"
                if len(otherwise) > 1
                else "{share} up to {bounds}, then {bearers}",
                share=words,
                bounds=say(" and ").join(bounds),
                bearers=_split_in_words(otherwise, names) if len(otherwise) > 1 else names.get(alone, alone),
            )
        said.append(words)
    return say(", ").join(said)


def waits(scenario: Scenario, happened: Happened, replication: int) -> list[Floats]:
    """Days from application to drawdown for every product of a replication, one entry an eligible applicant."""
    return [product.turnaround for product in measure(scenario, happened, replication).products]


def with_days(
    matches: Sequence[Match],
    worlds: Sequence[LoadedScenario],
    replications: int,
    workers: int = 1,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> list[Match]:
    """The matches with the days of their products, from a few replications of each world."""
    tasks = [(number, replication) for replication in range(1, replications + 1) for number in range(len(worlds))]
    found: dict[tuple[int, int], list[Floats]] = {}
    progress(0, len(tasks))
    for task, times in run_tasks([world.scenario for world in worlds], tasks, waits, workers):
        found[task] = times
        progress(len(found), len(tasks))
    days = []
    for number, world in enumerate(worlds):
        for place in range(len(world.scenario.products)):
            statistics = spread([found[number, each][place] for each in range(1, replications + 1)])
            days.append(Days(*(estimate(statistics[name], possible=NOT_NEGATIVE) for name in ("mean", "p90"))))
    return [replace(each, days=own) for each, own in zip(matches, days, strict=True)]


def in_order(matches: Sequence[Match]) -> list[Match]:
    """Those it may have first; then those of which not all is told; then the others. Of each the products come before
    what they are contrasted with, the quicker ones first."""

    def rank(each: Match) -> tuple[int, bool, float]:
        mean = each.days.mean.value if each.days is not None else None
        return STATUSES.index(each.status), each.kind == "contrast", inf if mean is None else mean

    return sorted(matches, key=rank)
