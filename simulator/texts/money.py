"""The unit in which amounts of money stand: millions in English; in Chinese 万元, from a hundred million on 亿元.

Columns and axes that are named `m CNY` in English are `万元` in Chinese, where 0.01m CNY is one of them: as many digits
mean something in either language, but two decimals less are written.
"""

from __future__ import annotations

from simulator.texts import language

MILLION, WAN, YI = 1e6, 1e4, 1e8
"""CNY of a million, of 万 and of 亿."""
_SHIFT = 2
"""Decimals by which a number of 万 is shorter than the same amount in millions."""


def cny_of_column() -> float:
    """CNY of the unit in which columns and axes stand that are named `m CNY`."""
    return WAN if language() == "zh" else MILLION


def fen_of_column() -> float:
    """Fen of the same."""
    return cny_of_column() * 100


def decimals_of_column(of_millions: int) -> int:
    """Decimals of an amount there that has so many in millions."""
    return max(0, of_millions - _SHIFT) if language() == "zh" else of_millions
