"""Gives back what a recovery brings, to the fen: to whom, in what order, and what is left over."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from simulator.scenario.agreement import RiskSharing
from simulator.sharing.meters import Meters
from simulator.sharing.rounding import largest_remainder


@dataclass(frozen=True, slots=True)
class Recovered:
    """A recovery given back: fen to every party, the surplus over all they paid, and what went back into funds."""

    recovery: int
    received: Mapping[str, int]
    surplus: int
    surplus_to: str
    refilled: Mapping[str, int]


def give_back(
    model: RiskSharing,
    parties: Sequence[str],
    recovery: int,
    paid: Mapping[str, int],
    already: Mapping[str, int],
    meters: Meters,
) -> Recovered:
    """See `Agreement.give_back`."""
    if recovery < 0:
        raise ValueError(f"recovery={recovery} must be at least 0")
    for party in (*paid, *already):
        if party not in parties:
            raise ValueError(f"party={party!r} must be one of {', '.join(parties)}")
    owed = {party: paid.get(party, 0) - already.get(party, 0) for party in parties}
    for party, amount in owed.items():
        if not 0 <= amount <= paid.get(party, 0):
            raise ValueError(f"already[{party!r}]={already[party]} must lie between 0 and the amount it paid")
    received = dict.fromkeys(parties, 0)
    to_divide = min(recovery, sum(owed.values()))
    surplus = recovery - to_divide
    for party in model.recoveries.by_rank:
        received[party] = min(to_divide, owed.pop(party))
        to_divide -= received[party]
    received |= _pro_rata(to_divide, paid, owed)
    refilled = _refilled(model, received, meters)
    for name, fen in refilled.items():
        meters.count(name, None, -fen)
    return Recovered(recovery, received, surplus, model.recoveries.surplus, refilled)


def _refilled(model: RiskSharing, received: Mapping[str, int], meters: Meters) -> dict[str, int]:
    """What the owners of refilling funds put back of what they received, each fen once."""
    at_hand, refilled = dict(received), {}
    for name, fund in model.funds.items():
        if fund.refill and fund.owner in at_hand:
            refilled[name] = min(at_hand[fund.owner], max(0, meters.used.get((name, None), 0)))
            at_hand[fund.owner] -= refilled[name]
    return refilled


def _pro_rata(amount: int, paid: Mapping[str, int], owed: Mapping[str, int]) -> dict[str, int]:
    """Divide an amount no larger than all that is owed, pro rata to what each paid and nobody above what it is owed."""
    received = dict.fromkeys(owed, 0)
    open_parties = [party for party in owed if owed[party] > 0]
    while amount:
        whole = sum(paid[party] for party in open_parties)
        parts = largest_remainder(amount, [Fraction(paid[party], whole) for party in open_parties])
        above = {party for party, part in zip(open_parties, parts, strict=True) if part > owed[party]}
        settled = {party: owed[party] for party in above} or dict(zip(open_parties, parts, strict=True))
        received |= settled
        amount -= sum(settled.values())
        open_parties = [party for party in open_parties if party not in above]
    return received
