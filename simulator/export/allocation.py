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
from simulator.texts import Language
from simulator.units import in_cny

Event = SharedLoss | ReturnedRecovery
_HEADINGS: dict[Language, dict[str, str]] = {
    "en": {
        "date": "date", "what": "what", "borrower": "borrower", "loan": "loan", "amount": "amount_cny",
        "cost": "cost_cny", "paid": "paid_by_{}_cny", "returned": "returned_to_{}_cny", "surplus": "surplus_cny",
        "left": "left_in_{}_cny", "because": "because", "a loss": "loss", "a recovery": "recovery",
    },
    "zh": {
        "date": "日期", "what": "事项", "borrower": "借款人", "loan": "贷款", "amount": "金额(元)",
        "cost": "费用(元)", "paid": "{}承担(元)", "returned": "{}收回(元)", "surplus": "盈余(元)",
        "left": "{}余额(元)", "because": "理由", "a loss": "损失", "a recovery": "回收",
    },
}  # fmt: skip


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
    """One row a loss and, in the order of their days, one a recovery."""

    def __init__(
        self,
        file: TextIO,
        agreement: Agreement,
        with_recoveries: bool,
        explain: bool,
        language: Language = "en",
        names: Mapping[str, str] = {},
    ) -> None:
        """`names` stand in headings in place of the keys of parties, funds and limits."""
        self._row = CsvText(file).row
        self._words, self._both, self._explain = _HEADINGS[language], with_recoveries, explain
        self._parties = agreement.parties
        self._meters = (*agreement.model.funds, *agreement.model.limits)
        words = self._words
        returned = [*(words["returned"].format(names.get(party, party)) for party in self._parties), words["surplus"]]
        self._row(
            [
                words["date"],
                *([words["what"]] if self._both else []),
                words["borrower"],
                words["loan"],
                words["amount"],
                *([words["cost"]] if self._both else []),
                *(words["paid"].format(names.get(party, party)) for party in self._parties),
                *(returned if self._both else []),
                *(words["left"].format(names.get(name, name)) for name in self._meters),
                *([words["because"]] if explain else []),
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
        because = ["; ".join(event.allocation.told)] if self._explain else []
        if self._both:
            cells.insert(1, self._words["a loss"])
            parts = ["", *parts, *[""] * (len(self._parties) + 1)]
        self._row([*cells, *parts, *meters, *because])

    def _add_recovery(self, event: ReturnedRecovery) -> None:
        row, recovered = event.row, event.recovered
        self._row(
            [
                iso_date(row.day),
                self._words["a recovery"],
                event.borrower,
                row.loan,
                in_cny(row.amount),
                in_cny(row.cost),
                *[""] * len(self._parties),
                *(in_cny(recovered.received[party]) for party in self._parties),
                in_cny(recovered.surplus),
                *(in_cny(event.left[name]) if name in event.left else "" for name in self._meters),
                *([recovered.sentence] if self._explain else []),
            ]
        )


class AllocationJson:
    """One JSON object, written piece by piece: the losses, what was recovered, and the totals."""

    def __init__(
        self, write: Callable[[str], object], agreement: Agreement, with_recoveries: bool, explain: bool
    ) -> None:
        self._write, self._both, self._explain = write, with_recoveries, explain
        self._refills = any(fund.refill for fund in agreement.model.funds.values())
        names = (*agreement.parties, *agreement.model.funds, *agreement.model.limits)
        self._names = {name: _json(name) for name in names}
        self._recoveries: list[str] = []
        self._before = '{"losses": [\n'

    def add(self, event: Event) -> None:
        """Write a loss, or keep a recovery for its place behind the losses."""
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
        because = f', "because": {_json(event.allocation.told)}' if self._explain else ""
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
            **({"because": [recovered.sentence]} if self._explain else {}),
        }


def _amounts(fen: Mapping[str, int]) -> dict[str, str]:
    return {name: in_cny(amount) for name, amount in fen.items()}


_json = json.JSONEncoder(ensure_ascii=False).encode
