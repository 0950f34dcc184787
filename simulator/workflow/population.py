"""What the firms of one replication are like: every property drawn, given, or worked out from others."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simulator.scenario.applicants import LATENT_QUALITY, Applicants, correlation_matrix
from simulator.scenario.attributes import Attribute
from simulator.streams import Streams
from simulator.units import MAX_FEN

Column = NDArray[Any]
Given = Mapping[str, Mapping[int, bool | float | str]]
"""What is told of firms given by name: property, number of the firm, value."""


def draw_columns(
    applicants: Applicants, given: Given, count: int, streams: Streams
) -> tuple[dict[str, Column], NDArray[np.float64]]:
    """Every property of `count` firms, in the order the population states them: float64 (fen, counts, shares), bool or
    text; and their latent quality, standard normal.

    What is given of a firm stands in place of what was drawn, and holds for all that depends on it.
    """
    from scipy.special import ndtri

    names = [*applicants.population, LATENT_QUALITY]
    uniforms = {name: streams.uniforms(f"firm: {name}", count) for name in names}
    if applicants.correlations:
        _correlate(uniforms, applicants)
    columns: dict[str, Column] = {}
    for name, attribute in applicants.population.items():
        column = _drawn(attribute, uniforms[name], columns) if attribute.sum is None else worked_out(attribute, columns)
        for number, value in given.get(name, {}).items():
            column[number] = value
        columns[name] = column
    return columns, np.asarray(ndtri(np.clip(uniforms[LATENT_QUALITY], 1e-300, 1 - 1e-16)))


def _drawn(attribute: Attribute, uniforms: NDArray[np.float64], columns: Mapping[str, Column]) -> Column:
    """One property; firms for which an alternative holds use the same uniform number."""
    values = _values(attribute, uniforms, columns.get(attribute.of or ""))
    if attribute.by is not None:
        for word, other in attribute.alternatives.items():
            theirs = columns[attribute.by] == word
            base = columns[other.of][theirs] if other.of is not None else None
            values[theirs] = _values(other, uniforms[theirs], base)
    return values


def _values(attribute: Attribute, uniforms: NDArray[np.float64], base: Column | None) -> Column:
    if attribute.yes is not None:
        return uniforms < float(attribute.yes)
    if attribute.odds is not None:
        return np.array(list(attribute.odds), dtype=object)[choose(attribute.odds, uniforms)]
    values = attribute.at(uniforms)
    if base is not None:
        values = values * base
    if attribute.rounded_to:
        values = np.rint(values / attribute.rounded_to) * attribute.rounded_to
    return values if attribute.kind == "share" else np.clip(np.rint(values), -MAX_FEN, MAX_FEN)


def worked_out(attribute: Attribute, columns: Mapping[str, Column]) -> Column:
    """A sum of other properties, or its ratio to one; a ratio to nothing is infinite."""
    total = np.sum([columns[part] for part in attribute.sum or []], axis=0, dtype=np.float64)
    if attribute.over is None:
        return np.asarray(np.clip(total, -MAX_FEN, MAX_FEN))
    base = columns[attribute.over]
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(base > 0, total / base, np.inf)


def choose(odds: Mapping[str, Any], uniforms: NDArray[np.float64]) -> NDArray[np.int64]:
    """Index of the alternative each uniform number falls on; 'rest' takes what is left."""
    given = sum((share for share in odds.values() if share != "rest"), start=0)
    shares = [float(1 - given if share == "rest" else share) for share in odds.values()]
    bounds = np.cumsum(shares)[:-1]
    return np.searchsorted(bounds, uniforms, side="right")


def _correlate(uniforms: dict[str, NDArray[np.float64]], applicants: Applicants) -> None:
    """Gaussian copula: the named properties' uniforms become dependent, each staying uniform."""
    from scipy.special import ndtr, ndtri

    names, matrix = correlation_matrix(applicants)
    root = np.linalg.cholesky(matrix)
    normal = [ndtri(np.clip(uniforms[name], 1e-300, 1 - 1e-16)) for name in names]
    for place, name in enumerate(names):
        # Added one by one: a product of matrices may round otherwise when there is one firm more.
        mixed = normal[0] * root[place, 0]
        for other in range(1, place + 1):
            mixed = mixed + normal[other] * root[place, other]
        uniforms[name] = np.minimum(ndtr(mixed), 1 - 1e-16)
