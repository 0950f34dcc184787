"""Quantities as people write them: `30m CNY`, `40%`, `3 working days`, `30 days`, `2 h`, `3 years`.

Money is an integer number of fen (1 CNY = 100 fen); shares are exact fractions; times keep their unit, because working
days, calendar days and months cannot be turned into one another without a date.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from fractions import Fraction
from typing import Literal

Unit = Literal["min", "h", "working days", "days", "weeks", "months", "years"]

MAX_FEN = 10**17  # CNY 1,000,000bn: sums of many stay inside 64 bits
_NUMBER = r"[-+]?(?:\d[\d_]*)?\.?\d+(?:[eE][-+]?\d+)?"
_MONEY = re.compile(rf"({_NUMBER})\s*(k|m|bn|万|亿)?\s*(?:CNY|元)")
_SHARE = re.compile(rf"({_NUMBER})\s*%")
_SPAN = re.compile(rf"({_NUMBER})\s*([A-Za-z ]+?)")
_SCALE = {None: 1, "k": 10**3, "m": 10**6, "bn": 10**9, "万": 10**4, "亿": 10**8}
_UNITS: dict[str, Unit] = {
    "min": "min", "minute": "min", "minutes": "min",
    "h": "h", "hour": "h", "hours": "h",
    "working day": "working days", "working days": "working days",
    "day": "days", "days": "days",
    "week": "weeks", "weeks": "weeks",
    "month": "months", "months": "months",
    "year": "years", "years": "years",
}  # fmt: skip
MONEY_FORM = "an amount such as '30m CNY', '4_000_000 CNY' or '400万 CNY'"
SHARE_FORM = "a share such as '40%'"
SPAN_FORM = "a time such as '90 min', '2 h', '3 working days', '30 days', '6 months' or '3 years'"


@dataclass(frozen=True, slots=True)
class Span:
    """A length of time with its unit; `working days` and `days` are never the same thing."""

    amount: float
    unit: Unit

    @property
    def minutes(self) -> float:
        """Length in minutes of real time; ValueError for units that need a calendar."""
        per_unit = {"min": 1.0, "h": 60.0, "days": 1440.0, "weeks": 10080.0}
        if self.unit not in per_unit:
            raise ValueError(f"'{self}' has no fixed length in minutes")
        return self.amount * per_unit[self.unit]

    @property
    def months(self) -> int:
        """Length in whole months; ValueError unless given in months or years."""
        months = self.amount * {"months": 1, "years": 12}.get(self.unit, float("nan"))
        if months != months or months != int(months):
            raise ValueError(f"'{self}' is not a whole number of months")
        return int(months)

    def __str__(self) -> str:
        unit = self.unit[:-1] if self.amount == 1 and self.unit.endswith("s") else self.unit
        return f"{self.amount:g} {unit}"


FULL_WIDTH = str.maketrans("０１２３４５６７８９．％，：－＋　", "0123456789.%,:-+ ")


def full_width_hint(text: str) -> str:
    """`; its ％ is full-width` where a text holds full-width characters, else nothing."""
    found = "".join(dict.fromkeys(each for each in text if ord(each) in FULL_WIDTH))
    return f"; full-width {found} cannot be read, write {found.translate(FULL_WIDTH)}" if found else ""


def _decimal(text: str) -> Decimal:
    try:
        value = Decimal(text.replace("_", ""))
    except InvalidOperation as error:
        raise ValueError(f"'{text}' is not a number") from error
    if not value.is_finite() or value.adjusted() > 30 or (value and value.adjusted() < -30):
        raise ValueError(f"'{text}' is out of range")
    return value


def parse_money(text: str) -> int:
    """`30m CNY` as fen; ValueError names what is wrong."""
    match = _MONEY.fullmatch(text.strip())
    if not match:
        raise ValueError(f"'{text}' is not an amount of money{full_width_hint(text)}")
    fen = _decimal(match[1]) * _SCALE[match[2]] * 100
    if fen != fen.to_integral_value():
        raise ValueError(f"'{text}' is not a whole number of fen")
    if abs(fen) > MAX_FEN:
        raise ValueError(f"'{text}' is more than {format_money(MAX_FEN)}")
    return int(fen)


def parse_share(text: str) -> Fraction:
    """`40%` as an exact fraction; ValueError names what is wrong."""
    match = _SHARE.fullmatch(text.strip())
    if not match:
        raise ValueError(f"'{text}' is not a share{full_width_hint(text)}")
    return Fraction(_decimal(match[1])) / 100


def parse_span(text: str) -> Span:
    """`3 working days` with its unit; ValueError names what is wrong."""
    match = _SPAN.fullmatch(text.strip())
    unit = _UNITS.get(" ".join(match[2].lower().split())) if match else None
    if not match or unit is None:
        raise ValueError(f"'{text}' is not a length of time{full_width_hint(text)}")
    amount = float(_decimal(match[1]))
    if amount < 0:
        raise ValueError(f"'{text}' is negative")
    return Span(amount, unit)


def format_money(fen: int) -> str:
    """Fen as people read them, exactly: `4.0m CNY`, `1.25bn CNY`, `8,200.50 CNY`, `1,234.5m CNY`."""
    sign, fen = ("-" if fen < 0 else ""), abs(fen)
    for scale, suffix in ((10**9, "bn"), (10**6, "m")):
        if fen >= scale * 100 and fen % (scale // 10) == 0:
            digits = f"{Decimal(fen) / (scale * 100):,.3f}".rstrip("0")
            return f"{sign}{digits}{'0' if digits.endswith('.') else ''}{suffix} CNY"
    return f"{sign}{fen // 100:,}" + (f".{fen % 100:02d}" if fen % 100 else "") + " CNY"


def in_cny(fen: int) -> str:
    """Fen in CNY with two decimals, for programs: `1234567.89`."""
    return f"{'-' if fen < 0 else ''}{abs(fen) // 100}.{abs(fen) % 100:02d}"


def format_share(share: Fraction | float) -> str:
    """A share as a percentage with at most two decimals."""
    return f"{float(share) * 100:.2f}".rstrip("0").rstrip(".") + "%"
