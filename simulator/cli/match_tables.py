"""What `match` prints: the products one firm may have, and why not the others."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from rich.table import Table

from simulator.analysis.eligibility import key_said, spoken, value_in_words
from simulator.analysis.known_firms import KnownFirm
from simulator.analysis.matching import Match
from simulator.cli.tables import add_row, new_table, number
from simulator.scenario.quantities import Quantity
from simulator.scenario.spoken_names import called
from simulator.texts import phrase, say, say_count

ANSWERS = {"eligible": phrase("yes"), "not all told": phrase("if the rest suits"), "not eligible": phrase("no")}


def match_tables(firm: KnownFirm, matches: Sequence[Match], replications: int | None) -> list[Table | str]:
    """The firm, every product with amount, days and who bears a loss, then reasons, and what is not told."""
    both = " ".join(dict.fromkeys(text for text in (firm.name.en, firm.name.zh) if text))
    told = say("; ").join(
        say("{property} {value}", property=spoken(name), value=value_in_words(value))
        for name, value in firm.told.items()
    )
    parts: list[Table | str] = ["", say("{firm} ({source})", firm=called(both, firm.name), source=firm.where)]
    parts += [say("Told: {properties}.", properties=told or say("nothing", context="at all")), ""]
    parts.append(_product_table(matches, replications is not None))
    if any(each.served for each in matches):
        parts.append(say("* It is known to have had this product: rules on what is not told count as passed."))
    if any(each.kind == "contrast" for each in matches):
        parts.append(
            say("Contrasts are what the products are compared with: older, ordinary or impossible ways.")
        )
    if any(each.failed for each in matches):
        parts += ["", _reason_table(matches)]
    if any(each.status == "not all told" for each in matches):
        parts += ["", _not_told_table(matches)]
    if replications is not None:
        runs = say_count("{n} simulated run", "{n} simulated runs", replications)
        note = say(
            "Days run from application to drawdown: mean with 95 % interval, and P90, of all firms that the product "
            "drew in {runs}. They are assumptions as the scenario's are, and tell products apart rather than promise "
            "this firm a date.",
            runs=runs,
        )
        parts += ["", note]
    return parts


def _product_table(matches: Sequence[Match], with_days: bool) -> Table:
    times = [say("mean days"), say("P90")] * with_days
    columns = [
        say("scenario"), say("product"), say("pledges"), say("eligible"), *times, say("amount"), say("who bears a loss")
    ]  # fmt: skip
    title = say("Products: what they take, may it have them, how soon, how much, and who bears a loss")
    table = new_table(title, columns, left=4)
    for column in table.columns[-2:]:
        column.justify = "left"
    for each in matches:
        days = [number(entry.as_json()) for entry in (each.days.mean, each.days.p90)] if each.days else []
        amount = "–" if each.failed else each.amount.words
        answer = say(ANSWERS[each.status]) + "*" * each.served
        contrast = each.kind == "contrast"
        scenario = say("{scenario} (contrast)", scenario=each.scenario) if contrast else each.scenario
        add_row(table, scenario, each.name.said(), each.pledges, answer, *days, amount, each.loss)
    return table


def _reason_table(matches: Sequence[Match]) -> Table:
    table = new_table(say("Why not"), [say("scenario"), say("product"), say("what it fails")], left=3)
    for each in matches:
        for place, reason in enumerate(each.failed):
            add_row(table, *([each.scenario, each.name.said()] if place == 0 else ["", ""]), reason)
    return table


def _not_told_table(matches: Sequence[Match]) -> Table:
    """By property, because each that is told settles it for all products that ask for it."""
    asking: dict[str, dict[str, list[str]]] = {}
    for each in matches:
        for rule in each.not_told if each.status == "not all told" else []:
            asking.setdefault(rule.name, {}).setdefault(rule.words, []).append(each.scenario)
    table = new_table(
        say("Not told: what 'the rest' is"), [say("property"), say("what is asked"), say("by", context="whom")], left=3
    )
    for name, rules in sorted(asking.items(), key=lambda entry: -sum(map(len, entry[1].values()))):
        for place, (words, scenarios) in enumerate(rules.items()):
            add_row(table, key_said(name) if place == 0 else "", words, ", ".join(dict.fromkeys(scenarios)))
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
