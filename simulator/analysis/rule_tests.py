"""What a published rule asks of one loss, one credit line or one firm."""

from __future__ import annotations

import numpy as np

from simulator.scenario.model import Product
from simulator.scenario.outcomes import Gate, LossShares
from simulator.scenario.quantities import Quantity
from simulator.workflow.firms import holds
from simulator.workflow.quota import Reservation


def granted_at_once(asked: Reservation) -> bool:
    """Whether a credit line found room at once."""
    return asked.triggered and asked.value is True


def shares_kept(rule: LossShares, paid: dict[str, int], total: int, funds: dict[str, int]) -> bool:
    """Whether a loss was shared by the rule, to the fen; a straddling loss leaves the others' parts as they are."""

    def kept(shares: dict[str, object]) -> bool:
        return all(abs(paid.get(party, 0) - total * share) < 1 for party, share in shares.items()) and not any(  # type: ignore[operator]
            fen for party, fen in paid.items() if party not in shares
        )

    before: dict[str, object] = dict(rule.shares)
    if rule.until is None or rule.then is None:
        return kept(before)
    payer = next((party for party in rule.shares if party not in rule.then), "")
    left = funds[rule.until]
    if left == 0:
        return kept(dict(rule.then))
    if left >= int(total * rule.shares[payer]) + 1 or left >= total * rule.shares[payer]:
        return kept(before)
    unchanged = [party for party in rule.then if rule.then[party] == rule.shares.get(party)]
    return paid.get(payer, 0) == left and all(abs(paid[party] - total * rule.then[party]) < 1 for party in unchanged)


def admits(product: Product, gate: Gate) -> bool:
    """Whether a product's rules let a firm in of which only some properties are told."""
    for name, condition in product.eligibility.items():
        if name in gate.firm:
            value = gate.firm[name]
            column = np.array([value.value if isinstance(value, Quantity) else value])
            if not holds(condition, column)[0]:
                return False
    return True
