"""The tables of `compare` and `run` about money: what a loan costs the firm, and what each party has of it."""

from __future__ import annotations

from typing import Any

from rich.table import Table

from simulator.analysis.firm_cost import COMPONENTS
from simulator.analysis.party_results import GROUPS
from simulator.cli.shown_names import ShownNames
from simulator.cli.tables import add_row, new_table, number, rounded
from simulator.scenario.agreement import FIRM
from simulator.scenario.model import Scenario
from simulator.scenario.spoken_names import party_said
from simulator.texts import phrase, say
from simulator.texts.money import cny_of_column, decimals_of_column
from simulator.workflow.ledger import OUTSIDE

COST_NOTE = phrase(
    "By contract: of every loan, if it is repaid as agreed. Realised: of loans repaid by the end of follow-up. "
    "Components are a year, of the principal outstanding; what is paid early or once weighs more in the rate."
)
RESULT_NOTE = phrase(
    "Received less paid; parties, firms and all others together come to zero. Still owed: principal that firms owe at "
    "the end of follow-up."
)


def money_tables(results: list[dict[str, Any]], names: list[str], shown: ShownNames) -> list[Table | str]:
    """What loans cost and who gained by them, where anything was charged or lent."""
    parts: list[Table | str] = []
    if any(entry["firm_cost"].get("contractual", {}).get("mean", {}).get("value") for entry in results):
        parts += ["", _cost_table(results, names), say(COST_NOTE)]
    if any(entry["payments_cny"] for entry in results):
        parts += ["", _result_table(results, names, shown), say(RESULT_NOTE)]
    return parts


def _cost_table(results: list[dict[str, Any]], names: list[str]) -> Table:
    given = [each for each in COMPONENTS if any(each in _components(entry) for entry in results)]
    columns = [
        "", say("by contract"), say("after subsidy"), say("lowest"), say("realised"), say("after subsidy"),
        *map(say, given),
    ]  # fmt: skip
    table = new_table(say("What a loan costs the firm all in (% a year)"), columns)
    for name, entry in zip(names, results, strict=True):
        cost = entry["firm_cost"]
        rates = [cost[basis]["mean"] for basis in ("contractual", "contractual_after_subsidy")]
        rates += [cost["lowest"], *(cost[basis]["mean"] for basis in ("realised", "realised_after_subsidy"))]
        cells = [number(rate, 2, 0.01) for rate in rates]
        cells += [number(_components(entry).get(each), 2, 0.01) for each in given]
        add_row(table, name, *cells)
    return table


def _components(entry: dict[str, Any]) -> dict[str, Any]:
    components: dict[str, Any] = entry["firm_cost"].get("by_component", {})
    return components


def _result_table(results: list[dict[str, Any]], names: list[str], shown: ShownNames) -> Table:
    used = [
        group
        for group, whats in GROUPS.items()
        if any(what in by for entry in results for by in entry["payments_cny"].values() for what in whats)
    ]
    columns = ["", say("who"), *map(say, used), say("in all"), say("still owed")]
    table = new_table(say("What each gains or loses (m CNY per replication)"), columns, left=2)
    for name, entry in zip(names, results, strict=True):
        for actor, by in entry["payments_cny"].items():
            sums = [sum(by[what]["value"] for what in GROUPS[group] if what in by) / cny_of_column() for group in used]
            cells = [rounded(each, decimals_of_column(2)) if each else "–" for each in sums]
            owed = entry["outstanding_cny"].get(actor)
            add_row(
                table,
                name,
                _who(actor, shown.scenario(entry)),
                *cells,
                number(entry["result_cny"][actor], 2, 1e6),
                number(owed, 2, 1e6) if owed and owed["value"] else "",
            )
    return table


def _who(actor: str, scenario: Scenario) -> str:
    if actor == FIRM:
        return say("the firms")
    return say("all others") if actor == OUTSIDE else party_said(scenario, actor)
