"""What `match` prints: the products one firm may have, and why not the others."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from rich.table import Table

from simulator.analysis.eligibility import spoken, value_in_words
from simulator.analysis.known_firms import KnownFirm
from simulator.analysis.matching import Match
from simulator.cli.tables import add_row, new_table, number
from simulator.scenario.quantities import Quantity

DAYS_NOTE = (
    "Days run from application to drawdown: mean with 95 % interval, and P90, of all firms that the product drew in {} "
    "simulated run{}. They are assumptions as the scenario's are, and tell products apart rather than promise this "
    "firm a date."
)
ANSWERS = {"eligible": "yes", "not all told": "if the rest suits", "not eligible": "no"}


def match_tables(firm: KnownFirm, matches: Sequence[Match], replications: int | None) -> list[Table | str]:
    """The firm, every product with amount, days and who bears a loss, then reasons, and what is not told."""
    names = " ".join(dict.fromkeys(text for text in (firm.name.en, firm.name.zh) if text))
    told = "; ".join(f"{spoken(name)} {value_in_words(value)}" for name, value in firm.told.items())
    parts: list[Table | str] = ["", f"{names} ({firm.where})", f"Told: {told or 'nothing'}.", ""]
    parts.append(_product_table(matches, replications is not None))
    if any(each.served for each in matches):
        parts.append("* It is known to have had this product: rules on what is not told count as passed.")
    if any(each.kind == "contrast" for each in matches):
        parts.append("Contrasts are what the products are compared with: older, ordinary or impossible ways.")
    if any(each.failed for each in matches):
        parts += ["", _reason_table(matches)]
    if any(each.status == "not all told" for each in matches):
        parts += ["", _not_told_table(matches)]
    if replications is not None:
        parts += ["", DAYS_NOTE.format(replications, "s" * (replications > 1))]
    return parts


def _product_table(matches: Sequence[Match], with_days: bool) -> Table:
    times = ["mean days", "P90"] * with_days
    columns = ["scenario", "product", "pledges", "eligible", *times, "amount", "who bears a loss"]
    title = "Products: what they take, may it have them, how soon, how much, and who bears a loss"
    table = new_table(title, columns, left=4)
    for column in table.columns[-2:]:
        column.justify = "left"
    for each in matches:
        days = [number(entry.as_json()) for entry in (each.days.mean, each.days.p90)] if each.days else []
        amount = "–" if each.failed else each.amount.words
        answer = ANSWERS[each.status] + "*" * each.served
        scenario = f"{each.scenario} (contrast)" if each.kind == "contrast" else each.scenario
        add_row(table, scenario, each.name.english, each.pledges, answer, *days, amount, each.loss)
    return table


def _reason_table(matches: Sequence[Match]) -> Table:
    table = new_table("Why not", ["scenario", "product", "what it fails"], left=3)
    for each in matches:
        for place, reason in enumerate(each.failed):
            add_row(table, *([each.scenario, each.name.english] if place == 0 else ["", ""]), reason)
    return table


def _not_told_table(matches: Sequence[Match]) -> Table:
    """By property, because each that is told settles it for all products that ask for it."""
    asking: dict[str, dict[str, list[str]]] = {}
    for each in matches:
        for rule in each.not_told if each.status == "not all told" else []:
            asking.setdefault(rule.name, {}).setdefault(rule.words, []).append(each.scenario)
    table = new_table("Not told: what 'the rest' is", ["property", "what is asked", "by"], left=3)
    for name, rules in sorted(asking.items(), key=lambda entry: -sum(map(len, entry[1].values()))):
        for place, (words, scenarios) in enumerate(rules.items()):
            add_row(table, name if place == 0 else "", words, ", ".join(dict.fromkeys(scenarios)))
    return table


def match_json(firm: KnownFirm, matches: Sequence[Match], replications: int | None) -> dict[str, Any]:
    """The same as data: money in CNY, times in calendar days."""
    return {
        "firm": {
            "name_en": firm.name.english,
            "name_zh": firm.name.zh or firm.name.en,
            "from": firm.where,
            "told": {name: _plain(value) for name, value in firm.told.items()},
        },
        "replications": replications,
        "products": [
            {
                "scenario": each.scenario,
                "kind": each.kind,
                "product": each.product,
                "name_en": each.name.english,
                "name_zh": each.name.zh or each.name.en,
                "pledges": each.pledges,
                "status": each.status,
                "failed": each.failed,
                "not_told": [rule.words for rule in each.not_told],
                "known_to_have_had_it": each.served,
                "amount_cny": None if each.amount.fen is None or each.amount.not_told else each.amount.fen / 100,
                "amount": each.amount.words,
                "turnaround_days": each.days and {"mean": each.days.mean.as_json(), "p90": each.days.p90.as_json()},
                "who_bears_a_loss": each.loss,
            }
            for each in matches
        ],
    }


def _plain(value: bool | Quantity | str) -> bool | float | str:
    if isinstance(value, Quantity):
        return value.value / (100 if value.dimension == "fen" else 1)
    return value
