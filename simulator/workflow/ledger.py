"""Every fen that changes hands in a replication: when, for which case, what for, from whom to whom."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from struct import Struct
from typing import Literal, NamedTuple, get_args

import numpy as np
from numpy.typing import NDArray

from simulator.scenario.agreement import FIRM
from simulator.scenario.pricing import ChargeKind

What = Literal[
    "loan paid out", "principal repaid", "interest", "guarantee fee", "premium", "appraisal fee", "other charge",
    "licence payment", "claim paid", "re-guarantee paid", "IP sold", "cost of sale", "recovery returned",
    "surplus of the sale", "interest subsidy", "guarantee fee subsidy", "premium subsidy", "appraisal fee subsidy",
    "cost of funds", "expenses", "staff",
]  # fmt: skip
"""What payments are for, in the order in which tables list them."""
WHATS: tuple[What, ...] = get_args(What)
OUTSIDE = "outside"
"""Whoever is no party: IP buyers, appraisers, licensees, the funding market, employees. FIRM stands for all firms."""
CHARGES: dict[ChargeKind, What] = {
    "guarantee fee": "guarantee fee",
    "premium": "premium",
    "appraisal fee": "appraisal fee",
    "other": "other charge",
}
SUBSIDIES: dict[What, What] = {
    "interest": "interest subsidy",
    "guarantee fee": "guarantee fee subsidy",
    "premium": "premium subsidy",
    "appraisal fee": "appraisal fee subsidy",
}
"""What each subsidy is a part of."""


Line = Callable[[float, int, int], None]
"""Enters a payment that is made again and again: takes moment, case and fen."""


class Payment(NamedTuple):
    """One payment: moment in minutes, amount in fen, above zero."""

    moment: float
    case: int
    product: int
    what: What
    payer: str
    payee: str
    fen: int


@dataclass(frozen=True)
class Payments:
    """Payments column by column, one entry a payment; `what`, `payer` and `payee` are places in `names`."""

    names: tuple[str, ...]
    moment: NDArray[np.float64]
    case: NDArray[np.int64]
    product: NDArray[np.int64]
    what: NDArray[np.int64]
    payer: NDArray[np.int64]
    payee: NDArray[np.int64]
    fen: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.fen)

    def __iter__(self) -> Iterator[Payment]:
        names = self.names
        columns = (self.moment, self.case, self.product, self.what, self.payer, self.payee, self.fen)
        for moment, case, product, what, payer, payee, fen in zip(*(each.tolist() for each in columns), strict=True):
            yield Payment(moment, case, product, names[what], names[payer], names[payee], fen)

    def only(self, chosen: NDArray[np.bool_] | NDArray[np.intp]) -> Payments:
        """Those for which `chosen`, of shape (payments,), holds; or those at its places, in their order."""
        others = (self.case, self.product, self.what, self.payer, self.payee, self.fen)
        return Payments(self.names, self.moment[chosen], *(each[chosen] for each in others))

    def code(self, name: str) -> int:
        """The place of a name; -1 where nothing bears it."""
        return self.names.index(name) if name in self.names else -1


_ROW = np.dtype([("moment", "<f8"), ("fen", "<i8"), ("case", "<i4"), ("product", "<u2"), ("what", "<u2"),
                 ("payer", "<u2"), ("payee", "<u2")])  # fmt: skip
_pack = Struct("<dqiHHHH").pack


class Ledger:
    """The payments of one replication, kept as they come: 28 bytes each."""

    def __init__(self) -> None:
        self._rows = bytearray()
        self._codes: dict[str, int] = {}
        self._known: dict[tuple[str, ...], tuple[int, ...]] = {}

    def pay(self, moment: float, case: int, product: int, what: What, payer: str, payee: str, fen: int) -> None:
        """Enter a payment; nothing changes hands where the amount is 0 or somebody pays himself."""
        self.line(product, what, payer, payee)(moment, case, fen)

    def line(self, product: int, what: What, payer: str, payee: str) -> Line:
        """`pay` for what is paid again and again for a product's cases."""
        rows, coded = self._rows, self._coded

        def pay(moment: float, case: int, fen: int) -> None:
            if fen < 0:
                raise ValueError(f"fen(={fen}) must be at least 0 for {what} from {payer} to {payee}")
            if fen:
                rows.extend(_pack(moment, fen, case, product, *coded(what, payer, payee)))

        return pay if payer != payee else lambda moment, case, fen: None

    def pay_many(
        self,
        moments: NDArray[np.float64],
        cases: NDArray[np.int64],
        products: NDArray[np.int64],
        what: What,
        payer: str,
        payee: str,
        fen: NDArray[np.int64],
    ) -> None:
        """Enter payments between the same two, one entry each in arrays of one shape."""
        if (fen < 0).any():
            raise ValueError(f"fen(={fen.min()}) must be at least 0 for {what} from {payer} to {payee}")
        paid = fen > 0
        if payer == payee or not paid.any():
            return
        rows = np.zeros(int(paid.sum()), dtype=_ROW)
        rows["moment"], rows["fen"] = moments[paid], fen[paid]
        rows["case"], rows["product"] = cases[paid], products[paid]
        rows["what"], rows["payer"], rows["payee"] = self._coded(what, payer, payee)
        self._rows += rows.tobytes()

    def _coded(self, *names: str) -> tuple[int, ...]:
        codes = self._codes
        coded = self._known.get(names)
        if coded is None:
            coded = self._known[names] = tuple(codes.setdefault(name, len(codes)) for name in names)
        return coded

    def payments(self) -> Payments:
        """All that was entered, in the order of time."""
        rows = np.frombuffer(self._rows, dtype=_ROW)
        rows = rows[np.argsort(rows["moment"], kind="stable")]
        columns = (rows[name].astype(np.int64) for name in ("case", "product", "what", "payer", "payee", "fen"))
        return Payments(tuple(self._codes), np.ascontiguousarray(rows["moment"]), *columns)


def balances(payments: Payments) -> dict[str, int]:
    """What each actor has received less what it has paid, in fen; they sum to zero."""
    found = dict.fromkeys((FIRM, OUTSIDE), 0)
    for code, name in enumerate(payments.names):
        received = int(payments.fen[payments.payee == code].sum())
        paid = int(payments.fen[payments.payer == code].sum())
        if name in found or (payments.payee == code).any() or (payments.payer == code).any():
            found[name] = received - paid
    return found


__all__ = ["CHARGES", "FIRM", "OUTSIDE", "SUBSIDIES", "Ledger", "Payment", "Payments", "What", "balances"]
