"""Losses and recoveries of many paths, as arrays in the order in which they are settled."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simulator.errors import TooLargeError
from simulator.sharing.meters import Need
from simulator.sharing.path_rounding import MOST_FEN, Fen

Days = NDArray[np.int64]
Moments = NDArray[np.float64]
MOST_OF_A_PATH = MOST_FEN // 2
"""Fen that the losses of a path may sum to: far enough below what limits count to, for sums in floating point."""
_LAST_DAY = 3_652_059  # of the year 9999, as `datetime.date` counts


@dataclass(frozen=True)
class PathLosses:
    """Losses of many paths, all of shape (losses,): those of a path stand together, in the order of settlement.

    `path` numbers the paths and never falls; numbers may be left out. `amount` is in fen. Days are ordinals
    (`datetime.date.toordinal`): of the settlement, of the default (`lost_on`) and of the drawdown (`drawn_on`); the
    last two, `borrower` (numbers) and `bases` (fen on the day of the claim) are needed where the agreement says so
    (limits by year or borrower, changes of terms, `Agreement.needs`). `moment` is a finer time than the day, to tell
    what comes first of a loss and a recovery: any scale that `PathRecoveries` shares; without it the day counts.
    ValueError for arrays that do not fit together, negative money, losses out of order, more than 2^61 fen on a path.
    """

    path: NDArray[np.int64]
    amount: Fen
    day: Days
    borrower: NDArray[np.int64] | None = None
    lost_on: Days | None = None
    drawn_on: Days | None = None
    bases: Mapping[Need, Fen] = field(default_factory=dict)
    moment: Moments | None = None

    def __post_init__(self) -> None:
        count = (np.size(self.path),)
        for name in ("path", "amount", "day", "borrower", "lost_on", "drawn_on"):
            if getattr(self, name) is not None:
                _keep(self, name, whole_numbers(name, getattr(self, name), count))
        _keep(self, "bases", {need: whole_numbers(f"bases[{need}]", of, count) for need, of in self.bases.items()})
        if self.moment is not None:
            _keep(self, "moment", _moments(self.moment, count))
        for name, numbers in [("amount", self.amount), *((f"bases[{need}]", of) for need, of in self.bases.items())]:
            _refuse(name, numbers, numbers < 0, "at least 0")
        for name in ("day", "lost_on", "drawn_on"):
            if (days := getattr(self, name)) is not None:
                _refuse(name, days, (days < 1) | (days > _LAST_DAY), f"an ordinal from 1 to {_LAST_DAY}")
        same_path = self.path[1:] == self.path[:-1]
        _refuse_falls("path", self.path, np.True_)
        _refuse_falls("day", self.day, same_path)
        if self.moment is not None:
            _refuse_falls("moment", self.moment, same_path)
        if np.bincount(self.number, self.amount).max(initial=0) > MOST_OF_A_PATH:
            raise TooLargeError(f"the losses of a path must not come to more than {MOST_OF_A_PATH // 100:,} CNY")

    @cached_property
    def number(self) -> NDArray[np.intp]:
        """The paths of the losses numbered 0, 1, 2 ... without gaps."""
        return np.cumsum(_after_first(self.path[1:] != self.path[:-1]), dtype=np.intp)[: len(self.path)]

    @property
    def moments(self) -> Moments:
        """When each loss is settled, on the scale that recoveries share."""
        return self.day.astype(np.float64) if self.moment is None else self.moment

    def __len__(self) -> int:
        return len(self.path)


@dataclass(frozen=True)
class PathRecoveries:
    """Recoveries of many paths, all of shape (recoveries,), in any order; a loss may have several.

    `loss` is the place among the losses of the one that it belongs to, `amount` fen after the costs of recovery, `day`
    and `moment` as of `PathLosses`. At one moment losses come first, then recoveries as given. ValueError for arrays
    that do not fit together and negative money.
    """

    loss: NDArray[np.int64]
    amount: Fen
    day: Days
    moment: Moments | None = None

    def __post_init__(self) -> None:
        count = (np.size(self.loss),)
        for name in ("loss", "amount", "day"):
            _keep(self, name, whole_numbers(name, getattr(self, name), count))
        if self.moment is not None:
            _keep(self, "moment", _moments(self.moment, count))
        _refuse("amount", self.amount, self.amount < 0, "at least 0")
        _refuse("amount", self.amount, self.amount > MOST_FEN, f"at most {MOST_FEN}")
        _refuse("loss", self.loss, self.loss < 0, "at least 0")

    def check_against(self, losses: PathLosses) -> None:
        """ValueError for a recovery of no loss, one before its loss, and moments of losses or of recoveries alone."""
        _refuse("loss", self.loss, self.loss >= len(losses), f"below the number of losses, {len(losses)}")
        if len(self) and (self.moment is None) != (losses.moment is None):
            raise ValueError("moment must be given of both losses and recoveries, or of neither")
        early = self.moments < losses.moments[self.loss]
        _refuse("moment", self.moments, early, "no earlier than that of the loss it belongs to")

    @property
    def moments(self) -> Moments:
        """When each recovery comes, on the scale that losses share."""
        return self.day.astype(np.float64) if self.moment is None else self.moment

    def __len__(self) -> int:
        return len(self.loss)


def whole_numbers(name: str, numbers: Any, shape: tuple[int, ...]) -> NDArray[np.int64]:
    """An array of that shape as int64; ValueError for another shape and for what is no whole number of 64 bits."""
    found = np.asarray(numbers)
    if found.shape != shape:
        raise ValueError(f"{name} has shape {found.shape} and must have {shape}")
    if found.size and (found.dtype.kind not in "iu" or int(found.max()) >= 2**63):
        raise ValueError(f"{name} holds {found.dtype} and must hold whole numbers of 64 bits")
    return found.astype(np.int64, copy=False)


def _moments(moments: Any, shape: tuple[int, ...]) -> Moments:
    found = np.asarray(moments, dtype=np.float64)
    if found.shape != shape:
        raise ValueError(f"moment has shape {found.shape} and must have {shape}")
    _refuse("moment", found, ~np.isfinite(found), "a finite number")
    return found


def _refuse_falls(name: str, numbers: NDArray[Any], where: NDArray[np.bool_] | np.bool_) -> None:
    falls = _after_first((numbers[1:] < numbers[:-1]) & where)[: len(numbers)]
    _refuse(name, numbers, falls, "no less than the one before it on its path")


def _after_first(flags: NDArray[np.bool_]) -> NDArray[np.bool_]:
    return np.concatenate(([False], flags))


def _refuse(name: str, numbers: NDArray[Any], wrong: NDArray[np.bool_], rule: str) -> None:
    if wrong.any():
        first = int(np.argmax(wrong))
        raise ValueError(f"{name}[{first}]={numbers[first]} must be {rule}")


def _keep(of: object, name: str, value: object) -> None:
    object.__setattr__(of, name, value)
