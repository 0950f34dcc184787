"""Holds every case of a replication against the rules that a source prints."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from simulator.analysis.eligibility import condition_in_words, key_said, value_in_words
from simulator.analysis.firm_cost import firm_cost, promised_subsidies
from simulator.analysis.rule_tests import admits, granted_at_once, shares_kept
from simulator.analysis.subsidy_rules import subsidy_kept, worked_subsidy
from simulator.scenario.applicants import CONDITION_TESTS, Condition, Conditions
from simulator.scenario.model import Product, Scenario
from simulator.scenario.names import Text
from simulator.scenario.outcomes import PublishedRule
from simulator.scenario.quantities import Quantity
from simulator.scenario.references import desk_names
from simulator.scenario.spoken_names import called, desk_said, meter_said, party_said, step_said
from simulator.scenario.spoken_quantities import money_said
from simulator.scenario.stage_kinds import STAGE_KINDS
from simulator.sharing import Agreement, Claim
from simulator.texts import say
from simulator.units import format_share
from simulator.workflow.case import DRAWN
from simulator.workflow.clock import Clock
from simulator.workflow.firms import holds
from simulator.workflow.ledger import CHARGES, FIRM
from simulator.workflow.quota import Quotas
from simulator.workflow.world import Happened

Findings = list[str]
FEES = tuple(CHARGES.values())
ROUNDING = 5e-6
"""By so much a rate may lie below its bound because payments are whole fen."""
MOST_FINDINGS = 5


class RuleCheck:
    """One rule on one product in one replication; collects what breaks it and counts what was looked at."""

    def __init__(self, scenario: Scenario, name: str, rule: PublishedRule, happened: Happened) -> None:
        self.scenario, self.rule, self.happened = scenario, rule, happened
        names = list(scenario.products)
        self.number = names.index(rule.product) if rule.product else 0
        self.product: Product = scenario.products[names[self.number]]
        self.steps = self.product.all_steps
        self.drawn = np.flatnonzero((happened.product == self.number) & (happened.end == DRAWN))
        rows = happened.steps[happened.steps["product"] == self.number]
        self.rows = rows[np.isin(rows["case"], self.drawn)]
        self.all_rows = rows
        self.looked_at = 0
        self.broken: Findings = []

    def run(self) -> tuple[int, Findings]:
        """How many cases, losses or examples were looked at, and what broke the rule."""
        checks: list[tuple[object, Callable[[], Iterator[str]]]] = [
            (self.rule.every_drawn, self._every_drawn),
            (self.rule.every_loss, self._every_loss),
            (self.rule.losses, self._losses),
            (self.rule.fund_pays_at_most, self._fund),
            (self.rule.gates, self._gates),
            (self.rule.steps_in_order, self._order),
            (self.rule.steps_together, self._together),
            (self.rule.never, self._never),
            (self.rule.times, self._times),
            (self.rule.quota_at_most, self._quota_peaks),
            (self.rule.quota_filled, self._quota_filled),
            (self.rule.no_fee_paid_by, self._fees),
            (self.rule.firm_pays_no, self._charges),
            (self.rule.firm_cost_at_least, self._cost),
            (self.rule.every_subsidy, self._every_subsidy),
            (self.rule.subsidies, self._subsidies),
        ]
        for wanted, check in checks:
            if wanted is not None:
                self.broken.extend(check())
        return self.looked_at, self.broken

    def _every_drawn(self) -> Iterator[str]:
        conditions: Conditions = self.rule.every_drawn or {}
        firms = self.happened.firms
        self.looked_at = max(self.looked_at, len(self.drawn))
        with np.errstate(divide="ignore", invalid="ignore"):
            derived = {
                "amount_drawn": self.happened.drawn.astype(float),
                "amount_to_value": self.happened.drawn / self.happened.appraised,
                "tenor_months": np.full(len(firms), float(self.product.tenor.months)),
            }
        for name, condition in conditions.items():
            column = derived[name] if name in derived else firms.columns[name]
            for case in self.drawn[~holds(condition, column[self.drawn])].tolist():
                shown = _shown(column[case], condition)
                yield say(
                    "case {case}: {property} is {value}, not {condition}",
                    case=case, property=key_said(name), value=shown, condition=condition_in_words(condition),
                )  # fmt: skip

    def _every_loss(self) -> Iterator[str]:
        rule = self.rule.every_loss
        assert rule is not None
        for loss in self.happened.losses:
            if loss.product != self.number:
                continue
            self.looked_at += 1
            paid, total = loss.allocation.paid, loss.amount
            if sum(paid.values()) != total:
                parts = sum(paid.values())
                yield say("case {case}: parts sum to {sum}, not {total} fen", case=loss.case, sum=parts, total=total)
            if not shares_kept(rule, dict(paid), total, dict(loss.allocation.room_before)):
                yield say(
                    "case {case}: a loss of {amount} was shared {parts}",
                    case=loss.case, amount=money_said(total), parts=self._parts(paid),
                )  # fmt: skip

    def _losses(self) -> Iterator[str]:
        agreement = Agreement(self.product.risk_sharing)
        meters = agreement.open()
        for number, worked in enumerate(self.rule.losses or [], start=1):
            self.looked_at += 1
            paid = {party: fen for party, fen in agreement.share(Claim(worked.loss), meters).paid.items() if fen}
            wanted = {party: fen for party, fen in worked.paid.items() if fen}
            if paid != wanted:
                yield say(
                    "loss {number} of {amount} is shared {parts}",
                    number=number, amount=money_said(worked.loss), parts=self._parts(paid),
                )  # fmt: skip

    def _fund(self) -> Iterator[str]:
        for fund, most in (self.rule.fund_pays_at_most or {}).items():
            allocations = [loss.allocation for loss in self.happened.losses if loss.product == self.number]
            self.looked_at += len(allocations)
            total = sum(each.room_before[fund] - each.room_after[fund] for each in allocations)
            if total > most:
                yield say("{fund} paid {amount} in all", fund=meter_said(self.product, fund), amount=money_said(total))

    def _gates(self) -> Iterator[str]:
        for gate in self.rule.gates or []:
            self.looked_at += 1
            if admits(self.product, gate) != gate.admitted:
                told = say(", ").join(
                    say("{property} {value}", property=key_said(name), value=value_in_words(value))
                    for name, value in gate.firm.items()
                )
                yield say(
                    "a firm with {properties} is refused" if gate.admitted else "a firm with {properties} is admitted",
                    properties=told,
                )

    def _moments(self, title: str) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """First end and last entry of a step for each drawn case; NaN where it was not passed."""
        index = next(place for place, step in enumerate(self.steps) if step.title == title)
        mine = self.rows[self.rows["step"] == index]
        case = np.searchsorted(self.drawn, mine["case"].astype(np.int64))
        ended = np.full(len(self.drawn), np.inf)
        entered = np.full(len(self.drawn), -np.inf)
        np.minimum.at(ended, case, mine["end"])
        np.maximum.at(entered, case, mine["entry"])
        return np.where(np.isinf(ended), np.nan, ended), np.where(np.isinf(entered), np.nan, entered)

    def _order(self) -> Iterator[str]:
        titles = self.rule.steps_in_order or []
        self.looked_at = max(self.looked_at, len(self.drawn))
        for first, second in pairwise(titles):
            ended, _ = self._moments(first)
            _, entered = self._moments(second)
            first_entered = self._first_entry(second)
            wrong = ~((ended <= first_entered) & (ended <= entered))
            for case in self.drawn[wrong].tolist():
                yield say(
                    "case {case}: '{second}' did not follow '{first}'",
                    case=case, second=self._step_said(second), first=self._step_said(first),
                )  # fmt: skip

    def _first_entry(self, title: str) -> NDArray[np.float64]:
        index = next(place for place, step in enumerate(self.steps) if step.title == title)
        mine = self.rows[self.rows["step"] == index]
        entered = np.full(len(self.drawn), np.inf)
        np.minimum.at(entered, np.searchsorted(self.drawn, mine["case"].astype(np.int64)), mine["entry"])
        return np.where(np.isinf(entered), np.nan, entered)

    def _together(self) -> Iterator[str]:
        titles = self.rule.steps_together or []
        self.looked_at = max(self.looked_at, len(self.drawn))
        entries = np.array([self._first_entry(title) for title in titles])
        for case in self.drawn[~(entries == entries[0]).all(axis=0)].tolist():
            steps = say(" and ").join(say("'{name}'", name=self._step_said(title)) for title in titles)
            yield say("case {case}: {steps} did not begin together", case=case, steps=steps)

    def _never(self) -> Iterator[str]:
        desks = desk_names(self.scenario)
        self.looked_at = max(self.looked_at, len(np.unique(self.all_rows["case"])))
        for name in self.rule.never or []:
            indices = [
                index
                for index, step in enumerate(self.steps)
                if name in (step.title, step.kind.name, step.by, desks.get(step.by or "", ("", ""))[0])
            ]
            for case in np.unique(self.all_rows["case"][np.isin(self.all_rows["step"], indices)]).tolist():
                yield say("case {case}: met '{name}'", case=f"{case:.0f}", name=self._met_said(name))

    def _times(self) -> Iterator[str]:
        self.looked_at = max(self.looked_at, len(self.drawn))
        for kind, wanted in (self.rule.times or {}).items():
            indices = [index for index, step in enumerate(self.steps) if step.kind.name == kind]
            passed = self.rows[np.isin(self.rows["step"], indices)]
            cases = np.unique(np.stack([passed["case"], passed["step"]]), axis=1)[0]
            counts = np.bincount(np.searchsorted(self.drawn, cases), minlength=len(self.drawn))
            for case, count in zip(self.drawn[counts != wanted].tolist(), counts[counts != wanted], strict=True):
                yield say(
                    "case {case}: passed {count} steps of kind '{kind}', not {wanted}",
                    case=case, count=count, kind=self._met_said(kind), wanted=wanted,
                )  # fmt: skip

    def _quota_peaks(self) -> Iterator[str]:
        self.looked_at = max(self.looked_at, len(self.drawn))
        for name, most in (self.rule.quota_at_most or {}).items():
            peak = self.happened.quota_peaks[name]
            if peak > most:
                yield say(
                    "up to {amount} was approved in '{quota}', above {limit}",
                    amount=money_said(peak), quota=name, limit=money_said(most),
                )  # fmt: skip

    def _quota_filled(self) -> Iterator[str]:
        for name, filled in (self.rule.quota_filled or {}).items():
            self.looked_at += 1
            quotas, granted = Quotas(Clock(), self.scenario.quotas), 0
            while granted <= filled.granted and granted_at_once(quotas.reserve(name, filled.line)):
                granted += 1
            if granted != filled.granted:
                yield say(
                    "'{quota}' has room for more than {count} lines of {line}, not {wanted}"
                    if granted > filled.granted
                    else "'{quota}' has room for {count} lines of {line}, not {wanted}",
                    quota=name,
                    count=min(granted, filled.granted),
                    line=money_said(filled.line),
                    wanted=filled.granted,
                )

    def _fees(self) -> Iterator[str]:
        fees = [each for each in self.happened.payments if each.product == self.number and each.what in FEES]
        self.looked_at = max(self.looked_at, len(self.drawn), len(fees))
        for each in fees:
            if each.payer == self.rule.no_fee_paid_by:
                yield say(
                    "case {case}: {party} paid {amount}, {what}",
                    case=each.case, party=party_said(self.scenario, each.payer), amount=money_said(each.fen),
                    what=say(each.what),
                )  # fmt: skip

    def _charges(self) -> Iterator[str]:
        whats = [CHARGES[kind] for kind in self.rule.firm_pays_no or []]
        self.looked_at = max(self.looked_at, len(self.drawn))
        for each in self.happened.payments:
            if each.product == self.number and each.payer == FIRM and each.what in whats:
                yield say(
                    "case {case}: the firm paid {amount}, {what}",
                    case=each.case, amount=money_said(each.fen), what=say(each.what),
                )  # fmt: skip

    def _cost(self) -> Iterator[str]:
        least = self.rule.firm_cost_at_least
        assert least is not None
        subsidies = promised_subsidies(self.scenario, self.happened)
        cost = firm_cost(self.scenario, self.number, self.product, self.happened, self.drawn, subsidies)
        self.looked_at = max(self.looked_at, len(self.drawn))
        for case, rate in zip(self.drawn.tolist(), cost.rates["contractual_after_subsidy"].tolist(), strict=True):
            if rate < float(least) - ROUNDING:
                yield say("case {case}: the loan costs the firm {rate} a year", case=case, rate=format_share(rate))

    def _every_subsidy(self) -> Iterator[str]:
        for name, kept in (self.rule.every_subsidy or {}).items():
            for looked_at, broken in subsidy_kept(self.scenario, self.happened, name, kept):
                self.looked_at += looked_at
                yield from broken

    def _subsidies(self) -> Iterator[str]:
        for worked in self.rule.subsidies or []:
            self.looked_at += 1
            given = worked_subsidy(self.scenario.policy[worked.subsidy], worked.paid)
            if given != worked.given:
                paid = say(", ").join(money_said(fen) for fen in worked.paid)
                yield say(
                    "of {paid} the {subsidy} gives back {amount}",
                    paid=paid, subsidy=worked.subsidy, amount=money_said(given),
                )  # fmt: skip

    def _parts(self, paid: Mapping[str, int]) -> str:
        """Who paid what."""
        return say(", ").join(
            say("{party} {amount}", party=party_said(self.scenario, party), amount=money_said(fen))
            for party, fen in paid.items()
        )

    def _step_said(self, title: str) -> str:
        return next(step_said(step) for step in self.steps if step.title == title)

    def _met_said(self, name: str) -> str:
        """A step, a kind of stage, a desk or a party."""
        if any(step.title == name for step in self.steps):
            return self._step_said(name)
        if name in STAGE_KINDS:
            return called(name, Text(zh=STAGE_KINDS[name].zh))
        return desk_said(self.scenario, name)


def _shown(value: object, condition: Condition) -> str:
    """A property of a case, in the unit of what is asked of it."""
    limits = (getattr(condition, test) for test in CONDITION_TESTS)
    dimension = next((limit.dimension for limit in limits if isinstance(limit, Quantity)), None)
    return str(value) if dimension is None else value_in_words(Quantity(float(value), dimension))  # type: ignore[arg-type]
