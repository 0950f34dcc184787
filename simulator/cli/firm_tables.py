"""What `run --applicant` prints: one firm's results, with what was published beside them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from rich.table import Table

from simulator.analysis.eligibility import key_said, value_in_words
from simulator.analysis.firm_runs import FirmRun, firm_verdict, observe_firm, spread_of
from simulator.analysis.intervals import estimate
from simulator.analysis.verdicts import AMOUNT_WORDS, between_words, in_words, named, rounded_money, unit_of
from simulator.cli.tables import add_row, new_table
from simulator.scenario.examples import Example
from simulator.scenario.outcomes import PublishedOutcome
from simulator.scenario.spoken_names import called
from simulator.scenario.spoken_quantities import span_said
from simulator.texts import say, speaking


def firm_tables(
    scenario_id: str, example: Example, runs: Sequence[FirmRun], clocks: dict[str, str], forced: str | None,
    names: Mapping[str, str] = {},
) -> list[Table | str]:  # fmt: skip
    """The firm, what came out for it, and what the source says of it.

    `names` are shown in place of the keys of clocks and parties.
    """
    counts = Counter(run.end for run in runs)
    ends = say(", ").join(say("{end} in {count}", end=say(end), count=count) for end, count in counts.most_common())
    both = " ".join(dict.fromkeys(text for text in (example.name.en, example.name.zh) if text))
    title = say(
        "{firm}, {scenario} ({source}); {count} runs: {ends}",
        firm=called(both, example.name), scenario=scenario_id, source=example.source.said(), count=len(runs), ends=ends,
    )  # fmt: skip
    parts: list[Table | str] = ["", title]
    if example.about:
        parts.append(example.about.said())
    told = say("; ").join(
        say("{property} {value}", property=key_said(name), value=value_in_words(value))
        for name, value in example.firm.items()
    )
    parts += [say("Given: {properties}. All else is drawn, and rules on it count as passed.", properties=told), ""]
    if example.published:
        parts += [_published(example.published, runs, clocks, names), ""]
    parts.append(_came_out(runs, clocks, names))
    if any(run.drawn for run in runs):
        parts += ["", *_loss_lines(runs, forced, names)]
    return parts


def _published(
    published: dict[str, PublishedOutcome], runs: Sequence[FirmRun], clocks: dict[str, str], names: Mapping[str, str]
) -> Table:
    columns = ["", say("what"), say("published"), say("simulated"), say("verdict"), say("source")]
    table = new_table(say("Published and simulated"), columns, left=6)
    for name, outcome in published.items():
        observed = observe_firm(outcome, runs, unit_of(outcome, clocks), names)
        status = say(firm_verdict(name, outcome, runs, clocks).status)
        said = [observed.what, published_words(outcome), observed.words, status, outcome.source.said()]
        add_row(table, called(name, outcome.name), *said)
    return table


def published_words(outcome: PublishedOutcome) -> str:
    """What was published: a figure, a range, or that there is none."""
    if outcome.between is not None:
        return between_words(outcome)
    return say("no figure") if outcome.within is None else say("within {time}", time=span_said(outcome.within))


def _came_out(runs: Sequence[FirmRun], clocks: dict[str, str], names: Mapping[str, str]) -> Table:
    columns = ["", say("mean (95 % interval)"), say("median"), say("P90")]
    table = new_table(say("What came out over the runs"), columns)
    for name, unit in {"turnaround": "days", **clocks}.items():
        values = [run.times.get(name, float("nan")) for run in runs]
        spread = spread_of(values)
        mean = estimate(values)
        if mean.value is not None:
            middle_and_late = (f"{spread[each]:.1f}" for each in ("median", "p90"))
            add_row(table, names.get(name, name), in_words(mean, unit), *middle_and_late)
    for name, words in AMOUNT_WORDS.items():
        amounts = [getattr(run, name) / 100 for run in runs if run.end == "drawn"]
        if amounts:
            spread = spread_of(amounts)
            said = (rounded_money(spread[each]) for each in ("median", "p90"))
            add_row(table, say(words), in_words(estimate(amounts), "CNY"), *said)
    return table


def _loss_lines(runs: Sequence[FirmRun], forced: str | None, names: Mapping[str, str]) -> list[str]:
    drawn = [run for run in runs if run.drawn]
    defaulted = [run for run in drawn if run.loan in ("defaulted", "claim open")]
    settled = [run for run in defaulted if run.loss]
    if not defaulted:
        if not forced:
            return [say("Its loan did not default.")]
        return [say("Its loan did not default on {day}, when it was not running.", day=forced)]
    said = [
        say(
            "Its loan defaulted on {day} in {count} of {drawn} runs in which it was drawn."
            if forced
            else "Its loan defaulted in {count} of {drawn} runs in which it was drawn.",
            day=forced,
            count=len(defaulted),
            drawn=len(drawn),
        )
    ]
    if settled:
        said.append(
            say(
                "The claim was settled in {count} of them, for {amount}. Paid, mean: {amounts}.",
                count=len(settled),
                amount=in_words(estimate([run.loss / 100 for run in settled]), "CNY"),
                amounts=_by_party([run.paid for run in settled], names),
            )
        )
    sold = [run for run in settled if run.returned]
    if sold:
        said.append(
            say(
                "The IP was sold in {count} of them by the end of the follow-up. Returned, mean: {amounts}.",
                count=len(sold),
                amounts=_by_party([run.returned for run in sold], names),
            )
        )
    return said


def _by_party(runs: Sequence[Mapping[str, int]], names: Mapping[str, str]) -> str:
    """What each party paid, or got back, on average over some runs."""
    parties = list(dict.fromkeys(party for run in runs for party in run))
    means = {party: estimate([run.get(party, 0) / 100 for run in runs]) for party in parties}
    return say(", ").join(
        say("{party} {amount}", party=names.get(party, party), amount=in_words(each, "CNY"))
        for party, each in means.items()
    )


@speaking("en")
def firm_json(
    scenario_id: str, key: str, example: Example, runs: Sequence[FirmRun], clocks: dict[str, str]
) -> dict[str, Any]:
    """The same as data, in English: times in days or working days, money in CNY."""
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

