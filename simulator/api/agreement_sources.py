"""Where an agreement comes from: a scenario, a file of its own, or data."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from os import PathLike
from typing import Any

from simulator.api.agreements import Agreement, only_agreement
from simulator.api.scenarios import Scenario, Source, load
from simulator.errors import PledgesimError
from simulator.scenario.agreement_file import OpenedAgreement, agreement_of_tree, open_agreements
from simulator.scenario.plain_data import tree_of

OF_A_SCENARIO = {"products", "extends"}


def agreement(source: Source | Agreement, product: str | None = None) -> Agreement:
    """The agreement of a scenario's product, of a file that holds one by itself, or of data of that form.

    PledgesimError where there is none, or where a scenario has several products and none is named.

    >>> simulator.agreement({"risk_sharing": {"split": {"insurer": "90%", "bank": "rest"}}}).share("1m CNY").paid
    {'insurer': 900000.0, 'bank': 100000.0}
    """
    return only_agreement(opened_agreements(source, product))


def opened_agreements(source: Source | Agreement, product: str | None) -> Sequence[OpenedAgreement]:
    """The agreements of all products of a scenario or of one, or that of a file or of data."""
    if isinstance(source, Agreement):
        return [source.opened]
    if isinstance(source, Scenario):
        return source.opened_agreements(product)
    if isinstance(source, Mapping):
        return _of_data(source, product)
    if not isinstance(source, str | PathLike):
        raise PledgesimError(f"source={source!r} must be a scenario, an agreement, a file, or a dictionary")
    return open_agreements(str(source), product)


def _of_data(data: Mapping[str, Any], product: str | None) -> Sequence[OpenedAgreement]:
    if data.keys() & OF_A_SCENARIO:
        return load(data).opened_agreements(product)
    return [agreement_of_tree(tree_of(data, "agreement"), "agreement", "agreement")]
