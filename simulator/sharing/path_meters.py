"""The meters of many paths: what has been paid under funds, limits and rates, each counted path by path."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from itertools import accumulate

import numpy as np
from numpy.typing import NDArray

from simulator.errors import TooLargeError
from simulator.scenario.agreement import Dated, RiskSharing
from simulator.scenario.agreement_parts import Base, Fund, Limit, Per
from simulator.sharing.clauses import Bound
from simulator.sharing.path_losses import Days, PathLosses
from simulator.sharing.path_order import Places
from simulator.sharing.path_rounding import MOST_FEN, Fen, times_over
from simulator.units import in_cny

FAILS = {"at_most": np.greater, "below": np.greater_equal, "at_least": np.less, "above": np.less_equal}
"""By which comparison a rate breaks a bound of each kind."""


@dataclass(frozen=True)
class _Meter:
    """A fund, limit or rate: what is `used` so far of each thing it counts over; for each loss, which, and out of what.

    `out_of` is what there is in all (fund), the cap (limit) or the base (rate). `place` is None for a limit on each
    loss, which counts nothing.
    """

    out_of: Fen
    used: Fen
    place: Places | None

    def used_before(self, losses: slice) -> Fen | int:
        return 0 if self.place is None else self.used[self.place[losses]]


class PathMeters:
    """The meters of an agreement before and while losses are shared; losses stand in the order of `order`.

    Losses that are asked about together are each of another path, or of one day where they go `together`.
    """

    def __init__(
        self, model: RiskSharing, tests: tuple[Bound, ...], losses: PathLosses, order: Places, together: bool
    ) -> None:
        self._tests, self._together = tests, together
        number, amount = losses.number, losses.amount[order]
        self._amount = amount
        paths = int(number.max(initial=-1)) + 1

        def counted(per: Per, out_of: Fen) -> _Meter:
            if per == "loss":
                return _Meter(out_of, np.zeros(0, np.int64), None)
            place, count = _places(losses, number, per)
            return _Meter(out_of, np.zeros(count, np.int64), place[order])

        path = number[order]
        days = losses.day[order]
        self._funds = {
            name: _Meter(paid_in_by(fund, name, days), np.zeros(paths, np.int64), path)
            for name, fund in model.funds.items()
        }
        limits = {name: counted(limit.per, _cap(limit, name, losses)[order]) for name, limit in model.limits.items()}
        self._bounds = self._funds | limits
        tested = {test.rate: model.rates[test.rate] for test in tests}
        self._rates = {
            name: counted(rate.per, _base(losses, rate.per, rate.over, name)[order]) for name, rate in tested.items()
        }
        self._paid_by = {name: rate.paid_by for name, rate in tested.items()}

    def room(self, losses: slice) -> dict[str, Fen]:
        """How much more every fund and limit lets through before each of some losses, in fen."""
        rooms = {}
        for name, meter in self._bounds.items():
            left = np.maximum(meter.out_of[losses] - meter.used_before(losses), 0)
            if self._together and meter.place is not None:
                left = _pro_rata(left, self._amount[losses], meter.place[losses])
            rooms[name] = left
        return rooms

    def failing(self, losses: slice) -> dict[Bound, NDArray[np.bool_]]:
        """For every test, whether it fails before each of some losses."""
        found = {}
        for test in self._tests:
            meter = self._rates[test.rate]
            # Nothing paid is a rate of zero, whatever the base.
            paid = np.asarray(meter.used_before(losses))
            base = np.where(paid == 0, 1, meter.out_of[losses])
            left, _ = times_over(paid, test.share.denominator, 1)
            right, _ = times_over(base, test.share.numerator, 1)
            found[test] = np.asarray(FAILS[test.kind](left, right), dtype=np.bool_)
        return found

    def count(self, losses: slice, spent: Mapping[str, Fen], advanced: Mapping[str, Fen]) -> None:
        """Count what some losses have spent under each fund and limit, and what each party has advanced."""
        for name, meter in self._bounds.items():
            self._add(meter, losses, spent[name])
        for name, meter in self._rates.items():
            self._add(meter, losses, advanced[self._paid_by[name]])

    def _add(self, meter: _Meter, losses: slice, fen: Fen) -> None:
        if meter.place is None:
            return
        if self._together:
            np.add.at(meter.used, meter.place[losses], fen)
        else:
            meter.used[meter.place[losses]] += fen

    def fund_left(self, fund: str, losses: slice) -> Fen:
        """What a fund holds on the day of each of some losses, in fen."""
        return self._bounds[fund].out_of[losses] - self._bounds[fund].used_before(losses)

    def refill(self, fund: str, at_hand: Fen, losses: Places) -> Fen:
        """Put back into a fund what is at hand, as far as money of the paths of these losses has left it."""
        meter = self._funds[fund]
        assert meter.place is not None
        paths = meter.place[losses]
        fen: Fen = np.minimum(at_hand, meter.used[paths])
        meter.used[paths] -= fen
        return fen


def paid_in_by(fund: Fund, name: str, days: Days) -> Fen:
    """All that was ever paid into a fund by the end of each day, in fen; ValueError for more than 2^62."""
    top_ups = sorted((each.on.toordinal(), each.amount) for each in fund.top_ups)
    paid_in = list(accumulate((amount for _, amount in top_ups), initial=fund.balance))
    if paid_in[-1] > MOST_FEN:
        found = f"fund '{name}' takes in {in_cny(int(paid_in[-1]))} CNY in all"
        raise TooLargeError(f"{found} and must take in no more than {in_cny(MOST_FEN)}")
    return np.array(paid_in)[np.searchsorted([day for day, _ in top_ups], days, side="right")]


def dated(losses: PathLosses, by: Dated) -> Days:
    """The days of settlement ('claim'), default ('loss') or drawdown ('underwriting'); ValueError if not given."""
    days = losses.day if by == "claim" else losses.lost_on if by == "loss" else losses.drawn_on
    if days is None:
        name = "lost_on" if by == "loss" else "drawn_on"
        raise ValueError(f"{name}=None must be given: the agreement goes by the day of {by}")
    return days


def _places(losses: PathLosses, number: Places, per: Per) -> tuple[Places, int]:
    """Which of the things that a meter counts over each loss belongs to, and how many of them there are."""
    if per == "ever":
        return number, int(number.max(initial=-1)) + 1
    if per == "borrower":
        if losses.borrower is None:
            raise ValueError("borrower=None must be given: the agreement has a limit per borrower")
        within = losses.borrower
    else:
        by: Dated = "claim" if per == "year of claim" else "loss" if per == "year of loss" else "underwriting"
        # NumPy counts days from 1970 on, and so it does years.
        within = (dated(losses, by) - 719_163).astype("datetime64[D]").astype("datetime64[Y]").astype(np.int64)
    _, within = np.unique(within, return_inverse=True)
    things, place = np.unique(number * (int(within.max(initial=0)) + 1) + within, return_inverse=True)
    return place, len(things)


def _cap(limit: Limit, name: str, losses: PathLosses) -> Fen:
    """The most that a limit lets through for each loss; 2^62 fen stands for anything above, which no path reaches."""
    if limit.at_most.base is None:
        return np.full(len(losses), min(limit.at_most.amount, MOST_FEN))
    rate: Fraction = limit.at_most.rate
    cap, _ = times_over(_base(losses, limit.per, limit.at_most.base, name), rate.numerator, rate.denominator)
    return np.asarray(np.minimum(cap, MOST_FEN), dtype=np.int64)


def _base(losses: PathLosses, per: Per, base: Base, name: str) -> Fen:
    if (per, base) not in losses.bases:
        raise ValueError(f"bases[{(per, base)!r}] must be given: '{name}' needs the {base} per {per}")
    return losses.bases[per, base]


def _pro_rata(room: Fen, amount: Fen, place: Places) -> Fen:
    """Each loss's part of its room, in proportion to the losses that count on the same thing that day."""
    order = np.argsort(place, kind="stable")
    sorted_places = place[order]
    begins = np.concatenate(([True], sorted_places[1:] != sorted_places[:-1]))
    if begins.all():
        return room
    ends = np.append(np.flatnonzero(begins)[1:], len(place)) - 1
    group = np.cumsum(begins) - 1
    # Sums over all paths may wrap around; their differences within a path are right again.
    up_to = np.cumsum(amount[order])
    before_group = (up_to - amount[order])[begins][group]
    after = up_to - before_group
    before = after - amount[order]
    total = np.maximum(up_to[ends][group] - before_group, 1)
    parts = times_over(room[order], after, total)[0] - times_over(room[order], before, total)[0]
    found = room.copy()
    found[order] = parts.astype(np.int64)
    return found
