"""The tables of `compare` and `run` about losses: who bears them, and what funds have left."""

from __future__ import annotations

from typing import Any

from rich.table import Table

from simulator.analysis.comparison import Comparison
from simulator.cli.shown_names import ShownNames
from simulator.cli.tables import add_row, new_table, number, of_runs
from simulator.scenario.spoken_names import meter_said
from simulator.texts import phrase, say

FUND_NOTE = phrase(
    "What is recovered goes to the fund's owner, not back into the fund, unless the agreement says 'refill'."
)


def loss_parts(
    comparison: Comparison, results: list[dict[str, Any]], names: list[str], shown: ShownNames
) -> list[Table | str]:
    """Who bears the loss, what is not known of it, and what licence payments brought."""
    parts: list[Table | str] = ["", _loss_table(results, names, shown), *_rare_loss_lines(comparison, results, names)]
    for name, entry in zip(names, results, strict=True):
        if "swept_cny" in entry:
            parts.append(
                say(
                    "{world}: {swept} of {lent} m CNY drawn came back out of licence payments before maturity.",
                    world=name, swept=number(entry["swept_cny"], 2, 1e6), lent=number(entry["drawn_cny"], 2, 1e6),
                )
            )  # fmt: skip
    return parts


def _loss_table(results: list[dict[str, Any]], names: list[str], shown: ShownNames) -> Table:
    parties = list(dict.fromkeys(party for entry in results for party in entry["loss_cny"].get("by_party", {})))
    note = say(results[0]["loss_cny"]["note"])
    columns = [
        "", say("drawn"), say("defaults"), say("gross loss"), say("net loss"), say("% of drawn"),
        *map(shown.party, parties),
    ]  # fmt: skip
    table = new_table(say("Who bears the loss (m CNY per replication, {note})", note=note), columns)
    for name, entry in zip(names, results, strict=True):
        by_party = entry["loss_cny"].get("by_party", {})
        none = say("none in {replications}", replications=entry["replications"])
        losses = [number(entry["loss_gross_cny"], 2, 1e6), number(entry["loss_cny"]["total"], 2, 1e6)]
        losses.append(number(entry["loss_rate"], 2, 0.01))
        losses += [number(by_party.get(party), 2, 1e6) for party in parties]
        if not entry["loss_gross_cny"]["value"]:
            # Without a loss the interval would be of no width, as if it were certain.
            losses = ["–" if not entry["defaults"]["value"] else none, *["–"] * (len(losses) - 1)]
        defaults = number(entry["defaults"]) if entry["defaults"]["value"] else none
        add_row(table, name, number(entry["drawn_cny"], 1, 1e6), defaults, *losses)
    return table


def _rare_loss_lines(comparison: Comparison, results: list[dict[str, Any]], names: list[str]) -> list[str]:
    """Where no loan defaulted though loans may, that so few replications do not say how often they do."""
    may_default = {
        world.label
        for world in comparison.worlds
        if world.loaded.scenario.credit is not None and max(world.loaded.scenario.credit.annual_default_rate) > 0
    }
    rare = [
        name
        for name, entry in zip(names, results, strict=True)
        if not entry["defaults"]["value"] and entry["cases"]["drawn"] and entry["label"] in may_default
    ]
    if not rare:
        return []
    worlds = say(", ").join(rare)
    return [say("No loan defaulted in {worlds}: too few replications to say what is lost there.", worlds=worlds)]


def fund_parts(results: list[dict[str, Any]], names: list[str], shown: ShownNames) -> list[Table | str]:
    """What funds have left at the end, where there are any."""
    if not any(entry["funds"] for entry in results):
        return []
    columns = ["", say("fund"), say("left, m CNY"), say("used up in, of runs")]
    table = new_table(say("Funds at the end of follow-up"), columns, left=2)
    for name, entry in zip(names, results, strict=True):
        for key, each in entry["funds"].items():
            fund = meter_said(shown.product(entry), key)
            add_row(table, name, fund, number(each["left_cny"], 2, 1e6), of_runs(each["share_used_up"]))
    return ["", table, say(FUND_NOTE)]
