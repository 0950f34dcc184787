"""Small worlds whose money can be followed by hand: a few named firms, and a ledger written as an accountant would.

A loan is drawn at the moment its firm applies, at ten in the morning, so that everything falls due at ten.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from simulator.calendars import minutes_since, moment_at
from simulator.experiment.replication import replicate
from simulator.scenario.load import from_data
from simulator.scenario.model import Scenario
from simulator.workflow.ledger import Payment
from simulator.workflow.world import Happened

START = datetime.date(2021, 3, 1)
INSTANT = {"contract": {"elapsed": "0 min"}}
DRAWDOWN = {"drawdown": {"elapsed": "0 min", "by": "bank"}}
PARTIES = ("bank", "insurer", "guarantor", "nation", "city")
POPULATION = {"amount_requested": "1m CNY", "appraised_value": "2m CNY"}
CREDIT = {
    "annual_default_rate": "0%",
    "claim_after": "60 days",
    "recovery": {"haircut": "70%", "cost": "5%", "time": "300 days"},
}
RUN = {
    "start": START.isoformat(),
    "arrivals_for": "3 years",
    "follow_up": {"cases": "400 days", "loans": "6 years"},
    "replications": 2,
    "seed": 1,
    "drawn_within": "30 days",
}
NINETY_TEN = {"split": {"insurer": "90%", "bank": "10%"}}


def firm(on: str = "2021-03-01", **told: Any) -> dict[str, Any]:
    """A firm that applies at ten on a day: its properties, and `default_at`, `name` or `product` where told."""
    own = {key: told.pop(key) for key in ("default_at", "name", "product") if key in told}
    return {"at": f"{on} 10:00", "attributes": told, **own}


def world(
    *firms: dict[str, Any],
    product: Mapping[str, Any] | None = None,
    products: Mapping[str, Any] | None = None,
    parties: Mapping[str, Any] | None = None,
    applicants: Mapping[str, Any] | None = None,
    population: Mapping[str, Any] | None = None,
    credit: Mapping[str, Any] | None = None,
    recovery: Mapping[str, Any] | None = None,
    run: Mapping[str, Any] | None = None,
    **rest: Any,
) -> Scenario:
    """A checked world in which 1m CNY is lent against IP worth 2m; `product` changes its one product, called 'loan'."""
    general = {**CREDIT, **(credit or {})}
    given = dict(population or {})
    data = {
        "id": "money",
        "calendars": {"office": {"hours": "9:00-17:00"}, "always": {"hours": "always", "days": "every day"}},
        "parties": {**{party: {} for party in PARTIES}, **(parties or {})},
        "applicants": {
            "arrivals": {"firms": list(firms or (firm(),))},
            # What is given comes first: a sum stands after its parts.
            "population": given | {name: value for name, value in POPULATION.items() if name not in given},
            **(applicants or {}),
        },
        "products": products or {"loan": lent(**(product or {}))},
        "credit": {**general, "recovery": {**general["recovery"], **(recovery or {})}},
        "run": {**RUN, **(run or {})},
        **rest,
    }
    return from_data(data).scenario


def lent(**settings: Any) -> dict[str, Any]:
    """A product as it is drawn at once, for a year, the bank bearing its losses, unless something else is said."""
    sharing = {"split": {"bank": "100%"}}
    return {"tenor": "12 months", "flow": [INSTANT, DRAWDOWN], "risk_sharing": sharing, **settings}


class Entry(NamedTuple):
    """One line of a ledger: day, who pays whom, what for, fen."""

    day: str
    payer: str
    payee: str
    what: str
    fen: int


def ledger(told: Scenario | Happened, case: int | None = None, only: Iterable[str] = ()) -> list[Entry]:
    """What a run entered, sorted by day and text; of one case, and only for some purposes, where that is asked for."""
    happened = told if isinstance(told, Happened) else replicate(told, 1)
    wanted = tuple(only)
    return sorted(
        Entry(day_of(each.moment), each.payer, each.payee, each.what, each.fen)
        for each in happened.payments
        if case in (None, each.case) and (not wanted or each.what in wanted)
    )


def written(text: str) -> list[Entry]:
    """Lines such as `2021-06-01  firm -> bank  interest  15,000.00`, at least two spaces between the columns, sorted.

    Several days before one line stand for one such line each.
    """
    entries = []
    for line in filter(None, map(str.strip, text.splitlines())):
        days, parties, what, amount = re.split(r"\s{2,}", line)
        payer, payee = parties.split(" -> ")
        entries += [Entry(day, payer, payee, what, fen(amount)) for day in days.split()]
    return sorted(entries)


def fen(amount: str) -> int:
    """`15,000.00` in fen."""
    whole, _, cents = amount.replace(",", "").partition(".")
    return int(whole) * 100 + int(cents.ljust(2, "0") or 0)


def day_of(minutes: float) -> str:
    """The date of a moment."""
    return f"{moment_at(START, minutes):%Y-%m-%d}"


def moment(text: str) -> float:
    """Minutes of `2021-03-01 10:00`; of a bare day, at ten."""
    stamp = text if " " in text else f"{text} 10:00"
    return float(minutes_since(START, datetime.datetime.fromisoformat(stamp)))


def days_between(first: str, last: str) -> int:
    """Days from one date to another."""
    return (datetime.date.fromisoformat(last) - datetime.date.fromisoformat(first)).days


def totals(payments: Iterable[Payment]) -> dict[str, int]:
    """What each actor has received less what it has paid, added up payment by payment."""
    found: dict[str, int] = {}
    for each in payments:
        found[each.payer] = found.get(each.payer, 0) - each.fen
        found[each.payee] = found.get(each.payee, 0) + each.fen
    return found


def defaulting(*pairs: tuple[str, str], **told: Any) -> Sequence[dict[str, Any]]:
    """Firms that are drawn on the first and default on the second day of each pair, at ten or at a stated hour."""
    return [firm(drawn, default_at=at if " " in at else f"{at} 10:00", **told) for drawn, at in pairs]
