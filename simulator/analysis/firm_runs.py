"""One named firm among all others, run again and again: what came out for it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from simulator.analysis.intervals import estimate, mean, quantile, share_of
from simulator.analysis.measure import measure
from simulator.analysis.verdicts import Observed, Verdict, named, times, unit_of, verdict
from simulator.experiment.run import run_tasks
from simulator.scenario.model import Scenario
from simulator.scenario.outcomes import PublishedOutcome
from simulator.texts import say
from simulator.units import Span
from simulator.workflow.case import DRAWN, END_NAMES
from simulator.workflow.world import Happened

LEAST_RUNS = 5
"""With a figure in fewer runs, chance alone may hold or break what was published."""


@dataclass(frozen=True)
class FirmRun:
    """What came out for one firm in one replication; times in days or working days, NaN where there is none.

    Money in fen. `loss` is what it still owed when its claim was settled, 0 without one.
    """

    end: str
    times: dict[str, float]
    credit_line: int
    drawn: int
    registered: int
    loan: str
    loss: int
    paid: dict[str, int]
    returned: dict[str, int]


def firm_run(scenario: Scenario, happened: Happened, replication: int) -> FirmRun:
    """The last of the firms given by name in `applicants.also`."""
    assert happened.firms.besides, "the example firm applies besides the others, as the last"
    case = len(happened.firms) - 1
    end = int(happened.end[case])
    found: dict[str, float] = {}
    measured = measure(scenario, happened, replication)
    product = int(happened.product[case])
    if product >= 0:
        own = measured.products[product]
        place = int(np.flatnonzero(own.applicants == case)[0])
        for name, unit in [("turnaround", "days"), ("turnaround in working days", "working days")]:
            found[name] = float(times(own, "turnaround", unit)[place])
        found |= {name: float(values[place]) for name, values in own.clocks.items()}
    drawn = end == DRAWN
    loss = next((each for each in happened.losses if each.case == case), None)
    return FirmRun(
        end=END_NAMES[end],
        times=found,
        credit_line=int(happened.credit_line[case]) if drawn else 0,
        drawn=int(happened.drawn[case]),
        registered=int(happened.registered[case]),
        loan=next((loan.status for loan in happened.loans if loan.case == case), ""),
        loss=loss.principal if loss else 0,
        paid=dict(loss.allocation.paid) if loss else {},
        returned=dict(loss.returned) if loss else {},
    )


def run_firm(
    scenario: Scenario,
    replications: int,
    workers: int,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> list[FirmRun]:
    """All replications, in order."""
    tasks = [(0, replication) for replication in range(1, replications + 1)]
    found = {}
    for task, run in run_tasks([scenario], tasks, firm_run, workers):
        found[task] = run
        progress(len(found), len(tasks))
    return [found[task] for task in tasks]


def telling_run(runs: Sequence[FirmRun], *, forced: bool) -> tuple[int, str]:
    """The number of the run that tells most of the firm, from 1, and why it is that one.

    The first in which its loan defaulted, where that was asked for; else the first in which it was drawn; else run 1.
    """
    if forced:
        for number, run in enumerate(runs, start=1):
            if run.loan in ("defaulted", "claim open"):
                return number, say(", the first in which its loan defaulted")
    for number, run in enumerate(runs, start=1):
        if run.end == "drawn":
            return number, say(", the first in which it was drawn")
    return 1, ""


def observe_firm(
    outcome: PublishedOutcome, runs: Sequence[FirmRun], unit: str, names: Mapping[str, str] = {}
) -> Observed:
    """The statistic that was published, over the replications in which there was such a figure.

    `names` are shown in place of the keys of clocks and parties.
    """
    what = named(outcome, names)
    if outcome.clock is None:
        if outcome.paid_by is not None:
            amounts = [run.paid.get(outcome.paid_by, 0) for run in runs if run.loss]
        else:
            amounts = [getattr(run, outcome.amount or "drawn") for run in runs if run.end == "drawn"]
        values, unit = np.array(amounts, dtype=np.float64) / 100, "CNY"
    else:
        clock = outcome.clock
        name = "turnaround in working days" if clock == "turnaround" and unit == "working days" else clock
        values = np.array([run.times.get(name, np.nan) for run in runs])
    count = int((~np.isnan(values)).sum())
    if outcome.statistic == "share within":
        limit = _limit(outcome)
        known = values[~np.isnan(values)]
        return Observed(share_of(int((known <= limit).sum()), len(known)), "share", what, count)
    if outcome.statistic != "mean":
        probability = {"median": 0.5, "p90": 0.9}[outcome.statistic]
        return Observed(estimate([quantile(values, probability)]), unit, what, count)
    return Observed(estimate(values), unit, what, count)


def _limit(outcome: PublishedOutcome) -> float:
    within = outcome.within
    assert isinstance(within, Span)
    return within.amount if within.unit == "working days" else within.minutes / 1440


def firm_verdict(
    label: str,
    outcome: PublishedOutcome,
    runs: Sequence[FirmRun],
    clocks: dict[str, str],
    names: Mapping[str, str] = {},
) -> Verdict:
    """What the source says came out for a firm, against its runs; `clocks` gives the unit of each clock."""
    observed = observe_firm(outcome, runs, unit_of(outcome, clocks), names)
    count = sum(run.loss > 0 for run in runs) if outcome.paid_by else sum(run.end == "drawn" for run in runs)
    note = say(
        " in {count} of {runs} runs in which it was lost"
        if outcome.paid_by
        else " in {count} of {runs} runs in which it was drawn",
        count=count,
        runs=len(runs),
    )
    found = verdict(label, outcome, observed, [], note)
    if found.status in ("held", "set to hold", "failed") and observed.count < LEAST_RUNS:
        text = say("{told}; at least {runs} such runs are needed to judge", told=found.text, runs=LEAST_RUNS)
        return replace(found, status="too few runs", text=text)
    return found


def spread_of(values: Sequence[float]) -> dict[str, float]:
    """Mean, median and P90 over runs, NaN left out."""
    known = np.array(values, dtype=np.float64)
    return {"mean": mean(known), "median": quantile(known, 0.5), "p90": quantile(known, 0.9)}
