"""An agreement with one thing changed, in every way in which one thing can be."""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from fractions import Fraction
from itertools import pairwise
from typing import Any

from pydantic import BaseModel, ValidationError
from random_agreements import PARTIES, PERS, STRADDLES, amount

from simulator.scenario.agreement import RiskSharing
from simulator.scenario.agreement_parts import BASES, Cap

CHOICES: dict[str, tuple[str, ...]] = {
    "straddle": STRADDLES,
    "same_day": ("in order", "pro rata"),
    "per": PERS,
    "by": ("claim", "loss", "underwriting"),
    "over": BASES,
    "covers": ("principal", "principal and interest"),
    "paid_by": PARTIES,
    "owner": PARTIES,
    "surplus": ("firm", *PARTIES),
}


def changed(agreement: RiskSharing) -> Iterator[RiskSharing]:
    """Every agreement that differs from this one in one amount, date, rate or rule, or in the order of two shares."""
    for raw in _changed(_parts(agreement), ""):
        try:
            yield RiskSharing.model_validate(_written(raw))
        except ValidationError:
            continue


def _parts(value: Any) -> Any:
    """What a file would say, with amounts as fen and shares as fractions."""
    if isinstance(value, BaseModel):
        fields = {field.alias or name: getattr(value, name) for name, field in type(value).model_fields.items()}
        return {name: _parts(part) for name, part in fields.items() if part is not None}
    if isinstance(value, dict):
        return {name: _parts(part) for name, part in value.items()}
    return [_parts(part) for part in value] if isinstance(value, list) else value


def _written(value: Any, key: str = "") -> Any:
    if isinstance(value, dict):
        return {name: _written(part, name) for name, part in value.items()}
    if isinstance(value, list):
        return [_written(part) for part in value]
    if isinstance(value, Fraction):
        return f"{value.numerator}/{value.denominator}" if key == "share" else f"{float(value * 100):g}%"
    return amount(value) if type(value) is int else value


def _changed(value: Any, key: str) -> Iterator[Any]:
    if isinstance(value, dict):
        for name, part in value.items():
            yield from ({**value, name: other} for other in _changed(part, name))
        shares = [name for name, part in value.items() if isinstance(part, dict) and "share" in part]
        for one, other in pairwise(shares):
            swapped = {one: value[other]["share"], other: value[one]["share"]}
            yield {name: {**part, "share": swapped[name]} if name in swapped else part for name, part in value.items()}
        if len(shares) > 1:
            yield dict(reversed(value.items()))
        if key == "cede":
            yield from ({each: part for each, part in value.items() if each != name} for name in value)
    elif isinstance(value, list):
        for number, part in enumerate(value):
            yield value[:number] + value[number + 1 :]
            yield from ([*value[:number], other, *value[number + 1 :]] for other in _changed(part, ""))
    elif key in CHOICES:
        yield from (other for other in CHOICES[key] if other != value)
    else:
        yield from _other(value, key)


def _other(value: Any, key: str) -> Iterator[Any]:
    if isinstance(value, bool):
        yield not value
    elif isinstance(value, int):
        yield value + 1
    elif isinstance(value, datetime.date):
        yield value + datetime.timedelta(days=1)
    elif isinstance(value, Fraction) and key != "share":
        yield value + Fraction(1, 100)
    elif isinstance(value, Cap) and value.base is None:
        yield amount(value.amount + 1)
    elif isinstance(value, Cap):
        yield Cap(rate=value.rate + Fraction(1, 100), base=value.base)
        yield from (Cap(rate=value.rate, base=base) for base in BASES if base != value.base)
