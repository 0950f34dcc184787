"""The losses of a list as they were shared, one after another, as CSV and as JSON; money in CNY with two decimals."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any, TextIO

from simulator.analysis.allocating import ReturnedRecovery, SharedLoss, Totals
from simulator.errors import PledgesimError
from simulator.export.csv_text import CsvText
from simulator.export.whole_file import written_whole as written_whole
from simulator.sharing import Agreement
from simulator.sharing.telling import Telling
from simulator.texts import say, speaking
from simulator.units import in_cny

Event = SharedLoss | ReturnedRecovery


@lru_cache
def iso_date(day: int) -> str:
    """An ordinal day as 2021-03-05."""
    return date.fromordinal(day).isoformat()


def check_output(path: str, inputs: Sequence[str | None]) -> None:
    """Refuse a file that cannot be written, is no CSV file or is one of the `inputs`; PledgesimError."""
    file = Path(path)
    try:
        if file.suffix.lower() != ".csv":
            raise PledgesimError(f"--out {path}: name a file that ends in .csv")
        if file.is_dir():
            raise PledgesimError(f"--out {path}: this is a folder; name a file in it")
        if file.parent.exists() and not file.parent.is_dir():
            raise PledgesimError(f"--out {path}: {file.parent} is not a folder")
        for other in inputs:
            if other is not None and file.exists() and os.path.exists(other) and file.samefile(other):
                raise PledgesimError(f"--out {path}: this file is read; name another")
    except (OSError, ValueError) as error:
        raise PledgesimError(f"--out {path}: {getattr(error, 'strerror', None) or error}") from None


class AllocationCsv:
    """One row a loss and, in the order of their days, one a recovery; headings in the language spoken."""

    def __init__(
        self, file: TextIO, agreement: Agreement, with_recoveries: bool, explain: bool, names: Mapping[str, str] = {}
    ) -> None:
        """`names` stand in place of the keys of parties, funds and limits."""
        self._row = CsvText(file).row
        self._both, self._telling = with_recoveries, Telling(names) if explain else None
        self._parties = agreement.parties
        self._meters = (*agreement.model.funds, *agreement.model.limits)
        shown = {key: names.get(key, key) for key in (*self._parties, *self._meters)}
        returned = [say("returned_to_{party}_cny", party=shown[party]) for party in self._parties]
        self._row(
            [
                say("date"),
                *([say("what", context="loss or recovery")] if self._both else []),
                say("borrower"),
                say("loan"),
                say("amount_cny"),
                *([say("cost_cny")] if self._both else []),
                *(say("paid_by_{party}_cny", party=shown[party]) for party in self._parties),
                *([*returned, say("surplus_cny")] if self._both else []),
                *(say("left_in_{fund}_cny", fund=shown[name]) for name in self._meters),
                *([say("because")] if explain else []),
            ]
        )

    def add(self, event: Event) -> None:
        """Write a row."""
        if isinstance(event, SharedLoss):
            self._add_loss(event)
        else:
            self._add_recovery(event)

    def _add_loss(self, event: SharedLoss) -> None:
        row, paid, left = event.row, event.allocation.paid, event.left
        cells = [iso_date(row.day), row.borrower, row.loan, in_cny(row.amount)]
        parts = [in_cny(paid[party]) for party in self._parties]
        meters = [in_cny(left[name]) for name in self._meters]
        because = [say("; ").join(self._telling.allocation(event.allocation))] if self._telling is not None else []
        if self._both:
            cells.insert(1, say("loss"))
            parts = ["", *parts, *[""] * (len(self._parties) + 1)]
        self._row([*cells, *parts, *meters, *because])

    def _add_recovery(self, event: ReturnedRecovery) -> None:
        row, recovered = event.row, event.recovered
        self._row(
            [
                iso_date(row.day),
                say("recovery"),
                event.borrower,
                row.loan,
                in_cny(row.amount),
                in_cny(row.cost),
                *[""] * len(self._parties),
                *(in_cny(recovered.received[party]) for party in self._parties),
                in_cny(recovered.surplus),
                *(in_cny(event.left[name]) if name in event.left else "" for name in self._meters),
                *([self._telling.recovered(recovered)] if self._telling is not None else []),
            ]
        )


class AllocationJson:
    """One JSON object, written piece by piece and in English: the losses, what was recovered, and the totals."""

    def __init__(
        self, write: Callable[[str], object], agreement: Agreement, with_recoveries: bool, explain: bool
    ) -> None:
        self._write, self._both, self._explain, self._telling = write, with_recoveries, explain, Telling()
        self._refills = any(fund.refill for fund in agreement.model.funds.values())
        names = (*agreement.parties, *agreement.model.funds, *agreement.model.limits)
        self._names = {name: _json(name) for name in names}
        self._recoveries: list[str] = []
        self._before = '{"losses": [\n'

    def add(self, event: Event) -> None:
        """Write a loss, or keep a recovery for its place behind the losses."""
        with speaking("en"):
            if isinstance(event, SharedLoss):
                self._write(self._before + self._loss(event))
                self._before = ",\n"
            else:
                self._recoveries.append(_json(self._recovery(event)))

    def end(self, totals: Totals) -> None:
        """Write what comes behind the losses."""
        self._write("\n]")
        if self._both:
            self._write(', "recoveries": [\n' + ",\n".join(self._recoveries) + "\n]")
        self._write(f', "totals": {_json(_amounts(totals.paid))}')
        if self._both:
            self._write(f', "returned": {_json(_amounts(totals.returned))}')
            self._write(f', "borne": {_json(_amounts(totals.borne))}')
        self._write("}\n")

    def _loss(self, event: SharedLoss) -> str:
        row = event.row
        because = f', "because": {_json(self._telling.allocation(event.allocation))}' if self._explain else ""
        return (
            f'{{"date": "{iso_date(row.day)}", "borrower": {_json(row.borrower)}, "loan": {_json(row.loan)}, '
            f'"amount": "{in_cny(row.amount)}", "paid": {self._amounts(event.allocation.paid)}, '
            f'"meters": {self._amounts(event.left)}{because}}}'
        )

    def _amounts(self, fen: Mapping[str, int]) -> str:
        """Amounts by their names, which are those of every loss."""
        return "{" + ", ".join([f'{self._names[name]}: "{in_cny(amount)}"' for name, amount in fen.items()]) + "}"

    def _recovery(self, event: ReturnedRecovery) -> dict[str, Any]:
        row, recovered = event.row, event.recovered
        return {
            "loan": row.loan,
            "date": iso_date(row.day),
            "amount": in_cny(row.amount),
            "cost": in_cny(row.cost),
            "returned": _amounts(recovered.received),
            "surplus": in_cny(recovered.surplus),
            **({"refilled": _amounts(recovered.refilled)} if self._refills else {}),
            **({"because": [self._telling.recovered(recovered)]} if self._explain else {}),
        }


def _amounts(fen: Mapping[str, int]) -> dict[str, str]:
    return {name: in_cny(amount) for name, amount in fen.items()}


_json = json.JSONEncoder(ensure_ascii=False).encode
