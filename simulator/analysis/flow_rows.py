"""The steps of a product as rows of a chart or a table, in the order of its flow, and what is special about some."""

from __future__ import annotations

from collections.abc import Sequence

from simulator.analysis.quota_waits import quotas_reserved, room_in
from simulator.scenario.flow import Choice, Step, Together, steps_of
from simulator.scenario.model import Product

Items = Sequence[Step | Together | Choice]


def titles_of(product: Product) -> list[str]:
    """Names of the steps, in the order of the flow."""
    return [step.title for step in steps_of(product.flow)]


def after_the_money(product: Product) -> set[str]:
    """Steps that are no part of the way to the money: a subsidy is claimed after it."""
    return {step.title for step in steps_of(product.flow) if step.kind.family == "policy"}


def titles_with_quotas(product: Product) -> list[str]:
    """Steps on the way to the money, with the waiting for room in a quota after the last step that reserves it."""
    last = {steps[-1]: quota for quota, steps in quotas_reserved(product).items()}
    titles = []
    later = after_the_money(product)
    for title in (title for title in titles_of(product) if title not in later):
        titles += [title, room_in(last[title])] if title in last else [title]
    return titles


def merged(orders: Sequence[Sequence[str]]) -> list[str]:
    """Each name once; a name that earlier orders lack comes after the one that precedes it in its own."""
    found = list(orders[0]) if orders else []
    for order in orders[1:]:
        place = 0
        for name in order:
            if name in found:
                place = max(place, found.index(name) + 1)
            else:
                found.insert(place, name)
                place += 1
    return found


def rows_of_some(product: Product) -> set[str]:
    """Rows that only some files take."""
    some = only_some(product.flow)
    for quota, steps in quotas_reserved(product).items():
        some |= {room_in(quota)} if some.issuperset(steps) else set()
    return some


def rows_beside(product: Product) -> set[str]:
    """Rows that run beside others."""
    beside = parallel(product.flow)
    for quota, steps in quotas_reserved(product).items():
        beside |= {room_in(quota)} if not beside.isdisjoint(steps) else set()
    return beside


def parallel(items: Items) -> set[str]:
    """Steps that run beside others."""
    found = set()
    for item in items:
        if isinstance(item, Together):
            found |= {step.title for step in steps_of([item])}
        elif isinstance(item, Choice):
            for branch in item.branches:
                found |= parallel(branch)
    return found


def only_some(items: Items) -> set[str]:
    """Steps on a way that only some files take."""
    found = set()
    for item in items:
        if isinstance(item, Choice):
            found |= {step.title for step in steps_of([item])}
        elif isinstance(item, Together):
            for branch in item.together:
                found |= only_some(branch)
    return found
