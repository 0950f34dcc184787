"""Applies an agreement to the losses and recoveries of many paths at once, to the same fen as one after another."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from simulator.sharing.allocation import Agreement, Terms
from simulator.sharing.path_division import PathClauses, PathDivision
from simulator.sharing.path_losses import PathLosses, PathRecoveries
from simulator.sharing.path_meters import PathMeters, dated
from simulator.sharing.path_order import loss_steps, recovery_steps, steps_with_recoveries
from simulator.sharing.path_recovery import given_back
from simulator.sharing.path_rounding import Fen

Places = NDArray[np.intp]
_NONE = np.zeros(0, dtype=np.int64)


@dataclass(frozen=True)
class PathShares:
    """Who bears the losses of many paths, in fen; losses and recoveries stand as they were given.

    `paid` (parties, losses) is what each has borne in the end, `advanced` what each paid before any cession (the same
    array where nothing is ceded); `from_fund` (funds, losses) what comes out of each fund, `fund_left` what it holds
    after each loss, or after all of its day where these share pro rata. `returned` (parties, recoveries) is what each
    got back, `surplus` (recoveries,) what was left over, `refilled` (funds, recoveries) what went back into each fund.
    Rows stand in the order of `parties` and of `funds`.
    """

    parties: tuple[str, ...]
    funds: tuple[str, ...]
    paid: Fen
    advanced: Fen
    from_fund: Fen
    fund_left: Fen
    returned: Fen
    surplus: Fen
    refilled: Fen


def share_paths(agreement: Agreement, losses: PathLosses, recoveries: PathRecoveries | None = None) -> PathShares:
    """Share the losses of every path by itself, the k-th of all paths at once, and give recoveries back.

    Each path begins with funds and limits unused. Fast where there are many paths: what it takes goes by the losses
    of the longest path and, less, by all losses. ValueError for losses that lack what the agreement needs, recoveries
    before their loss, and funds of more than 2^62 fen.
    """
    if recoveries is not None:
        recoveries.check_against(losses)
    run = _Run(agreement, losses, recoveries or PathRecoveries(_NONE, _NONE, _NONE))
    run.take()
    return run.shares()


class _Run:
    """Losses and recoveries while they are taken, step by step; losses stand in the order in which they are."""

    def __init__(self, agreement: Agreement, losses: PathLosses, recoveries: PathRecoveries) -> None:
        model = agreement.model
        self._agreement, self._recoveries = agreement, recoveries
        together = model.same_day == "pro rata"
        self._refilling = {
            row: name
            for row, (name, fund) in enumerate(model.funds.items())
            if fund.refill and fund.owner in agreement.parties
        }
        # Only recoveries that refill a fund change what the losses after them find.
        self._interleaved = bool(self._refilling) and len(recoveries) > 0
        if self._interleaved:
            self._losses, self._returns = steps_with_recoveries(losses, recoveries, together)
        else:
            self._losses, self._returns = loss_steps(losses, together), recovery_steps(recoveries)
        order = self._losses.order
        self._amount = losses.amount[order]
        self._meters = PathMeters(model, agreement.tests, losses, order, together)
        self._clauses = PathClauses(model.straddle, frozenset(model.funds))
        self._terms = _terms_in_force(agreement, losses)[order] if model.changes else None
        self._cedes = any(terms.cessions for terms in agreement.terms)
        parties, funds = len(agreement.parties), len(model.funds)
        self._advanced = np.zeros((parties, len(losses)), dtype=np.int64)
        self._paid = np.zeros_like(self._advanced) if self._cedes else self._advanced
        self._left = np.zeros((funds, len(losses)), dtype=np.int64)
        self._spent = np.zeros_like(self._left)
        self._taken_at = np.empty(len(losses), dtype=np.intp)
        self._taken_at[order] = np.arange(len(losses))
        self._already = np.zeros((parties, len(losses) if len(recoveries) else 0), dtype=np.int64)
        self._returned = np.zeros((parties, len(recoveries)), dtype=np.int64)
        self._surplus = np.zeros(len(recoveries), dtype=np.int64)
        self._refilled = np.zeros((funds, len(recoveries)), dtype=np.int64)

    def take(self) -> None:
        """Share all losses and give all recoveries back."""
        for step in range(len(self._losses)):
            self._share(self._losses.slice(step))
            if self._interleaved:
                self._give_back(self._returns.order[self._returns.slice(step)])
        if not self._interleaved:
            for step in range(len(self._returns)):
                self._give_back(self._returns.order[self._returns.slice(step)])

    def shares(self) -> PathShares:
        """What has been shared, as losses and recoveries were given."""
        paid, left = self._as_given(self._paid), self._as_given(self._left)
        return PathShares(
            self._agreement.parties,
            tuple(self._agreement.model.funds),
            paid,
            self._as_given(self._advanced) if self._cedes else paid,
            self._as_given(self._spent),
            left,
            self._returned,
            self._surplus,
            self._refilled,
        )

    def _as_given(self, rows: Fen) -> Fen:
        return rows.take(self._taken_at, axis=1)

    def _share(self, losses: slice) -> None:
        parties, amount = self._agreement.parties, self._amount[losses]
        room, failing = self._meters.room(losses), self._meters.failing(losses)
        before = {name: left.copy() for name, left in room.items()}
        division = PathDivision(self._clauses, room, failing)
        advanced = dict(zip(parties, self._advanced[:, losses], strict=True))
        paid = dict(zip(parties, self._paid[:, losses], strict=True))
        for terms, places in self._by_terms(losses):
            division.divide(terms.split, places, amount[places], advanced)
        if self._cedes:
            self._paid[:, losses] = self._advanced[:, losses]
            for terms, places in self._by_terms(losses):
                self._cede(terms, division, places, paid)
        spent = {name: before[name] - left for name, left in room.items()}
        self._meters.count(losses, spent, advanced)
        for row, name in enumerate(self._agreement.model.funds):
            self._spent[row, losses] = spent[name]
            self._left[row, losses] = self._meters.fund_left(name, losses)

    def _by_terms(self, losses: slice) -> Iterator[tuple[Terms, Places]]:
        """The terms that apply to some of these losses, each with the places of those."""
        if self._terms is None:
            yield self._agreement.terms[0], np.arange(losses.stop - losses.start)
            return
        in_force = self._terms[losses]
        for number in np.unique(in_force):
            yield self._agreement.terms[number], np.flatnonzero(in_force == number)

    def _cede(self, terms: Terms, division: PathDivision, places: Places, paid: dict[str, Fen]) -> None:
        for giver, clauses in terms.cessions:
            giving = places[paid[giver][places] > 0]
            shared = {party: np.zeros_like(of) for party, of in paid.items()}
            division.divide(clauses, giving, paid[giver][giving], shared)
            for taker, fen in shared.items():
                paid[giver] -= fen
                paid[taker] += fen

    def _give_back(self, recoveries: Places) -> None:
        model, parties = self._agreement.model, self._agreement.parties
        losses = self._taken_at[self._recoveries.loss[recoveries]]
        paid, already = self._paid.take(losses, axis=1), self._already.take(losses, axis=1)
        received, surplus = given_back(model, parties, self._recoveries.amount[recoveries], paid, already)
        self._already[:, losses] = already + received
        self._returned[:, recoveries] = received
        self._surplus[recoveries] = surplus
        at_hand = dict(zip(parties, received.copy(), strict=True))
        for row, name in self._refilling.items():
            fen = self._meters.refill(name, at_hand[model.funds[name].owner], losses)
            at_hand[model.funds[name].owner] -= fen
            self._refilled[row, recoveries] = fen


def _terms_in_force(agreement: Agreement, losses: PathLosses) -> Places:
    """Which of the agreement's terms apply to each loss."""
    changes = agreement.model.changes
    starts = [change.starts.toordinal() for change in changes]
    return np.searchsorted(starts, dated(losses, changes[0].by), side="right")
