"""Whether subsidies were given as a source says: to every applicant in every year, and in worked examples."""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Sequence

import numpy as np

from simulator.scenario.model import Scenario
from simulator.scenario.outcomes import SubsidyKept
from simulator.scenario.pricing import Subsidy
from simulator.scenario.spoken_quantities import money_said
from simulator.texts import say
from simulator.workflow.firms import all_hold
from simulator.workflow.ledger import SUBSIDIES
from simulator.workflow.subsidies import Scheme, Subsidies
from simulator.workflow.world import Happened


def worked_subsidy(model: Subsidy, paid: Sequence[int]) -> int:
    """What an applicant gets of amounts (fen) paid for its loans, one after another in one year, each for a loan."""
    loans = len(paid)
    scheme = Scheme("", model.model_copy(update={"products": None, "step": None}), np.ones(loans, dtype=bool))
    subsidies = Subsidies([scheme], dict.fromkeys(range(1, loans), 0))
    granted = [subsidies.paid(model.of, "", loan, 1, "firm", fen) for loan, fen in enumerate(paid)]
    return sum(each.fen for one in granted for each in one)


def subsidy_kept(
    scenario: Scenario, happened: Happened, name: str, kept: SubsidyKept
) -> Iterator[tuple[int, list[str]]]:
    """For every applicant and year in which something was paid that a subsidy is a part of: what breaks the rule.

    An applicant that may have it gets the share up to the ceiling, or, where no share is stated, something.
    """
    assert scenario.run is not None
    model, payments = scenario.policy[name], happened.payments
    eligible = all_hold(model.eligibility, happened.firms)
    meant = model.products or list(scenario.products)
    products = [number for number, each in enumerate(scenario.products) if each in meant]
    first = scenario.run.start.toordinal()
    paid: dict[tuple[int, int], int] = {}
    given: dict[tuple[int, int], int] = {}
    for total, what in ((paid, model.of), (given, SUBSIDIES[model.of])):
        mine = payments.only((payments.what == payments.code(what)) & np.isin(payments.product, products))
        for case, moment, fen in zip(mine.case.tolist(), mine.moment.tolist(), mine.fen.tolist(), strict=True):
            if eligible[case]:
                year = datetime.date.fromordinal(first + int(moment // 1440)).year
                key = (happened.firms.applicant_of.get(case, case), year)
                total[key] = total.get(key, 0) + fen
    for (case, year), fen in paid.items():
        got, broken = given.get((case, year), 0), []
        told = say(
            "applicant {case} paid {paid} in {year} and got {given}",
            case=case, paid=money_said(fen), year=year, given=money_said(got),
        )  # fmt: skip
        if kept.share is None:
            broken += [told] if not got and model.step is None else []
        else:
            due = fen * kept.share.numerator // kept.share.denominator
            due = due if kept.at_most is None else min(due, kept.at_most)
            if got != due and model.step is None:
                broken.append(say("{told}, not {amount}", told=told, amount=money_said(due)))
        if kept.share is None and kept.at_most is not None and got > kept.at_most:
            broken.append(say("{told}, above {amount}", told=told, amount=money_said(kept.at_most)))
        yield 1, broken
