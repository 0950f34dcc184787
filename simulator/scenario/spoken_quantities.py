"""How amounts of money, lengths of time and limits are said in the language spoken."""

from __future__ import annotations

import re
from contextlib import suppress
from decimal import Decimal

from simulator.scenario.applicants import quantity_in_words
from simulator.scenario.quantities import Quantity
from simulator.texts import language, phrase, say
from simulator.texts.money import WAN, YI
from simulator.units import Span, format_money, parse_money, parse_span

_NUMBER_AND_UNIT = re.compile(r"([-+\d.,e]+)(.*)")
UNITS = (
    phrase("{number}bn CNY"), phrase("{number}m CNY"), phrase("{number} CNY"), phrase("{number} min"),
    phrase("{number} h"), phrase("{number} working day"), phrase("{number} working days"), phrase("{number} day"),
    phrase("{number} days"), phrase("{number} week"), phrase("{number} weeks"), phrase("{number} month"),
    phrase("{number} months"), phrase("{number} year"), phrase("{number} years"),
)  # fmt: skip
"""Whatever stands behind a number."""
_CHINESE_UNITS = (
    (int(YI) * 100, phrase("{number} × 100m CNY")),
    (int(WAN) * 100, phrase("{number} × 10k CNY")),
)
"""Fen of a unit, and the unit."""


def money_said(fen: int) -> str:
    """Fen exactly, as `format_money` has them: `4.0m CNY`; in Chinese in 万 and 亿, or 元 where neither fits."""
    if language() == "zh":
        for unit, text in _CHINESE_UNITS:
            if abs(fen) >= unit and fen % (unit // 10_000) == 0:
                return say(text, number=f"{Decimal(fen) / unit:,.4f}".rstrip("0").rstrip("."))
    return _said(format_money(fen))


def span_said(span: Span) -> str:
    """A length of time with its unit: `6 months`."""
    return _said(str(span))


def quantity_said(quantity: Quantity) -> str:
    """A limit or a property of a firm: `2.0m CNY`, `40%` or `3`."""
    if quantity.dimension == "fen":
        return money_said(round(quantity.value))
    return _said(quantity_in_words(quantity))


def range_said(low: object, high: object) -> str:
    """A plausible range as a file writes it; outside English with the units of the language spoken."""
    return say("{low} to {high}", low=written_said(str(low)), high=written_said(str(high)))


def written_said(text: str) -> str:
    """An amount or a time as a file writes it; outside English with the units of the language spoken."""
    if language() == "en":
        return text
    with suppress(ValueError):
        return money_said(parse_money(text))
    with suppress(ValueError):
        return span_said(parse_span(text))
    return text


def _said(text: str) -> str:
    found = _NUMBER_AND_UNIT.fullmatch(text)
    return say(f"{{number}}{found[2]}", number=found[1]) if found else text
