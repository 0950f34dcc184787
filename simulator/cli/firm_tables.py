"""What `run --applicant` prints: one firm's results, with what was published beside them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

from rich.table import Table

from simulator.analysis.firm_runs import FirmRun, firm_verdict, observe_firm, spread_of
from simulator.analysis.intervals import estimate
from simulator.analysis.verdicts import AMOUNT_WORDS, between_words, in_words, named, rounded_money, unit_of
from simulator.cli.tables import add_row, new_table
from simulator.scenario.applicants import quantity_in_words
from simulator.scenario.examples import Example
from simulator.scenario.outcomes import PublishedOutcome
from simulator.scenario.quantities import Quantity


def firm_tables(
    scenario_id: str, key: str, example: Example, runs: Sequence[FirmRun], clocks: dict[str, str], forced: str | None
) -> list[Table | str]:
    """The firm, what came out for it, and what the source says of it."""
    counts = Counter(run.end for run in runs)
    ends = ", ".join(f"{end} in {count}" for end, count in counts.most_common())
    names = " ".join(dict.fromkeys(text for text in (example.name.en, example.name.zh) if text))
    parts: list[Table | str] = ["", f"{names}, {scenario_id} ({example.source.said()}); {len(runs)} runs: {ends}"]
    if example.about:
        parts.append(example.about.english)
    told = "; ".join(f"{name} {_value(value)}" for name, value in example.firm.items())
    parts += [f"Given: {told}. All else is drawn, and rules on it count as passed.", ""]
    if example.published:
        parts += [_published(example.published, runs, clocks), ""]
    parts.append(_came_out(runs, clocks))
    if any(run.drawn for run in runs):
        parts += ["", *_loss_lines(runs, forced)]
    return parts


def _published(published: dict[str, PublishedOutcome], runs: Sequence[FirmRun], clocks: dict[str, str]) -> Table:
    table = new_table("Published and simulated", ["", "what", "published", "simulated", "verdict", "source"], left=6)
    for name, outcome in published.items():
        observed = observe_firm(outcome, runs, unit_of(outcome, clocks))
        status = firm_verdict(name, outcome, runs, clocks).status
        add_row(table, name, named(outcome), published_words(outcome), observed.words, status, outcome.source.said())
    return table


def published_words(outcome: PublishedOutcome) -> str:
    """What was published: a figure, a range, or that there is none."""
    if outcome.between is not None:
        return between_words(outcome)
    return "no figure" if outcome.within is None else f"within {outcome.within}"


def _came_out(runs: Sequence[FirmRun], clocks: dict[str, str]) -> Table:
    table = new_table("What came out over the runs", ["", "mean (95 % interval)", "median", "P90"])
    for name, unit in {"turnaround": "days", **clocks}.items():
        values = [run.times.get(name, float("nan")) for run in runs]
        spread = spread_of(values)
        mean = estimate(values)
        if mean.value is not None:
            add_row(table, name, in_words(mean, unit), *(f"{spread[each]:.1f}" for each in ("median", "p90")))
    for name, words in AMOUNT_WORDS.items():
        amounts = [getattr(run, name) / 100 for run in runs if run.end == "drawn"]
        if amounts:
            spread = spread_of(amounts)
            said = (rounded_money(spread[each]) for each in ("median", "p90"))
            add_row(table, words, in_words(estimate(amounts), "CNY"), *said)
    return table


def _loss_lines(runs: Sequence[FirmRun], forced: str | None) -> list[str]:
    drawn = [run for run in runs if run.drawn]
    defaulted = [run for run in drawn if run.loan in ("defaulted", "claim open")]
    settled = [run for run in defaulted if run.loss]
    if not defaulted:
        when = f" on {forced}, when it was not running" if forced else ""
        return [f"Its loan did not default{when}."]
    when = f" on {forced}" if forced else ""
    said = [f"Its loan defaulted{when} in {len(defaulted)} of {len(drawn)} runs in which it was drawn."]
    if settled:
        owed = in_words(estimate([run.loss / 100 for run in settled]), "CNY")
        said.append(f"The claim was settled in {len(settled)} of them, for {owed}. {_shared('paid', settled)}.")
    sold = [run for run in settled if run.returned]
    if sold:
        said.append(f"The IP was sold in {len(sold)} of them by the end of the follow-up. {_shared('returned', sold)}.")
    return said


def _shared(amounts: str, runs: Sequence[FirmRun]) -> str:
    """What each party paid, or got back, on average over some runs."""
    parties = list(dict.fromkeys(party for run in runs for party in getattr(run, amounts)))
    means = {party: estimate([getattr(run, amounts).get(party, 0) / 100 for run in runs]) for party in parties}
    told = ", ".join(f"{party} {in_words(each, 'CNY')}" for party, each in means.items())
    return f"{'Paid' if amounts == 'paid' else 'Returned'}, mean: {told}"


def _value(value: object) -> str:
    if isinstance(value, Quantity):
        return quantity_in_words(value)
    return {True: "yes", False: "no"}.get(value, str(value)) if isinstance(value, bool) else str(value)


def firm_json(
    scenario_id: str, key: str, example: Example, runs: Sequence[FirmRun], clocks: dict[str, str]
) -> dict[str, Any]:
    """The same as data: times in days or working days, money in CNY."""
    return {
        "scenario": scenario_id,
        "applicant": key,
        "runs": len(runs),
        "ends": dict(Counter(run.end for run in runs)),
        "published": {
            name: {
                "what": named(outcome),
                "published": published_words(outcome),
                "simulated": observe_firm(outcome, runs, unit_of(outcome, clocks)).estimate.as_json(),
                "status": firm_verdict(name, outcome, runs, clocks).status,
                "source": outcome.source.english,
            }
            for name, outcome in example.published.items()
        },
        "clocks": {
            name: estimate([run.times.get(name, float("nan")) for run in runs]).as_json()
            for name in ("turnaround", *clocks)
        },
        "each": [
            {
                "end": run.end,
                "credit_line_cny": run.credit_line / 100,
                "drawn_cny": run.drawn / 100,
                "registered_cny": run.registered / 100,
                "loan": run.loan,
                "loss_cny": run.loss / 100,
                "paid_cny": {party: fen / 100 for party, fen in run.paid.items()},
                "returned_cny": {party: fen / 100 for party, fen in run.returned.items()},
            }
            for run in runs
        ],
    }

