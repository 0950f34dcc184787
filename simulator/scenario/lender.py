"""Who lends: named by the product, or whoever pays the money out or approves the credit, or the only party there is."""

from __future__ import annotations

from simulator.scenario.flow_references import desk_names
from simulator.scenario.model import Product, Scenario


def lender_of(scenario: Scenario, product: Product) -> str | None:
    """The party that lends; None where nothing says so."""
    if product.lender is not None:
        return product.lender
    desks = desk_names(scenario)
    for kind in ("drawdown", "credit approval"):
        for step in product.all_steps:
            if (step.stage or step.title) != kind or step.by is None:
                continue
            party = desks[step.by][0] if step.by in desks else step.by
            if party in scenario.parties:
                return party
    return next(iter(scenario.parties)) if len(scenario.parties) == 1 else None
