"""Gives back what recoveries of many losses bring in, at once and to the fen."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from simulator.scenario.agreement import RiskSharing
from simulator.sharing.path_rounding import Fen, whole_parts


def given_back(model: RiskSharing, parties: Sequence[str], recoveries: Fen, paid: Fen, already: Fen) -> tuple[Fen, Fen]:
    """What each party receives (parties, recoveries) and what is left over (recoveries,), in fen.

    `paid` and `already` (parties, recoveries) are what each paid of the loss and got back of it before. By rank, then
    pro rata to what each paid, nobody more than it paid.
    """
    owed = paid - already
    received = np.zeros_like(paid)
    to_divide = np.minimum(recoveries, owed.sum(axis=0))
    surplus: Fen = recoveries - to_divide
    pro_rata = np.ones(len(parties), dtype=np.bool_)
    for party in model.recoveries.by_rank:
        row = parties.index(party)
        received[row] = np.minimum(to_divide, owed[row])
        to_divide = to_divide - received[row]
        pro_rata[row] = False
    sharing = (owed > 0) & pro_rata[:, np.newaxis]
    still = np.flatnonzero(to_divide)
    while still.size:
        # Taking columns by `take` is several times as fast as by index.
        weights = paid.take(still, axis=1) * sharing.take(still, axis=1)
        parts = whole_parts(to_divide[still], weights, weights.sum(axis=0))
        at_most = owed.take(still, axis=1)
        above = parts > at_most
        # Where somebody would get more than it is owed, it is made whole and the others share what is left.
        capped = above.any(axis=0)
        settled = np.where(above, at_most, parts * ~capped)
        received[:, still] += settled
        to_divide[still] -= settled.sum(axis=0)
        sharing[:, still] &= ~above
        still = still[capped & (to_divide[still] > 0)]
    return received, surplus
