"""Colours that colour-blind readers can tell apart; hatches, lines and markers that tell them apart in grey.

Okabe and Ito, Color Universal Design (2008), with its yellow, too pale on white, replaced by a brown; then the indigo
and the wine of P. Tol, Colour Schemes (2021).
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

from simulator.texts import phrase

INK, FAINT, GRID, SHADE = "#222222", "#5C5C5C", "#D9D9D9", "#EBEBEB"

Line = Literal["-"] | tuple[float, tuple[float, ...]]
WORLD_COLOURS = (
    "#0072B2", "#D55E00", "#009E73", "#AA4499", "#E69F00", "#56B4E9", "#222222", "#8C564B", "#332288", "#882255",
)  # fmt: skip
WORLD_LINES: tuple[Line, ...] = (
    "-", (0, (6, 2)), (0, (2, 1.2)), (0, (6, 1.5, 1.5, 1.5)), (0, (9, 2)), (0, (1, 1)), (0, (4, 1, 1, 1, 1, 1)),
    (0, (3, 3)), (0, (9, 1.5, 1.5, 1.5, 1.5, 1.5)), (0, (12, 2, 3, 2)),
)  # fmt: skip
WORLD_MARKERS = ("o", "s", "^", "D", "v", "P", "X", "*", "<", ">")
MOST_SERIES = 8
"""Lines that one chart has at most: more cannot be followed, whatever their colours."""

USE_COLOURS = {"work": "#0072B2", "waiting": "#E69F00", "closed": "#C4C4C4", "elapsed": "#9AD0EF"}
USE_HATCHES = {"work": "", "waiting": "////", "closed": "", "elapsed": "...."}
USE_MEANINGS = {
    "work": phrase("work on the file"),
    "waiting": phrase("waiting (desk open)"),
    "closed": phrase("closed (nights, weekends, holidays)"),
    "elapsed": phrase("elapsed (a time passes)"),
}

COST_STYLES = {
    "interest": ("#0072B2", ""),
    "guarantee fee": ("#E69F00", "////"),
    "premium": ("#009E73", "...."),
    "appraisal fee": ("#CC79A7", "xx"),
    "other charge": ("#8C8C8C", ""),
}
"""Colour and hatch of what a loan's cost is made of."""
CASH_STYLES = {
    phrase("defaulted principal"): ("#222222", ""),
    phrase("principal still owed"): ("#C4C4C4", "////"),
    "licence payments": ("#8C564B", "++"),
    "interest": ("#0072B2", ""),
    "fees, premiums": ("#009E73", "...."),
    "claims": ("#D55E00", "xx"),
    "IP sold": ("#E69F00", "\\\\\\\\"),
    "subsidies": ("#CC79A7", "oo"),
    "own costs": ("#9AD0EF", ""),
}
"""Colour and hatch of what is gained or lost, by what it was for; the other groups are those of the payments."""

ROLES = ("bank", "guarantor", "insurer", "district", "re-guarantor")
"""Parties whose colour is the same in every chart of every comparison."""
PARTY_COLOURS = (
    "#332288", "#DDCC77", "#117733", "#CC6677", "#88CCEE", "#882255", "#999933", "#44AA99", "#AA4499", "#777777",
)  # fmt: skip
PARTY_HATCHES = ("", "////", "....", "xx", "", "\\\\\\\\", "oo", "++")
"""Parties after the last colour begin again; the hatch then belongs to another colour."""


def party_styles(parties: Iterable[str]) -> dict[str, tuple[str, str]]:
    """Colour and hatch of each party: a role has its own, all others take those after the roles in their order."""
    named = list(dict.fromkeys(parties))
    places = {role: place for place, role in enumerate(ROLES)}
    places |= {party: len(ROLES) + place for place, party in enumerate(each for each in named if each not in places)}
    return {party: _party_style(places[party]) for party in named}


def _party_style(place: int) -> tuple[str, str]:
    turn = place // len(PARTY_COLOURS)
    return PARTY_COLOURS[place % len(PARTY_COLOURS)], PARTY_HATCHES[(place + turn) % len(PARTY_HATCHES)]


def pale(colour: str) -> str:
    """A colour half mixed with white."""
    return "#" + "".join(f"{(int(colour[place : place + 2], 16) + 255) // 2:02X}" for place in (1, 3, 5))


def ink_on(colour: str) -> str:
    """Black or white, whichever stands out more from a colour (WCAG 2.2, contrast ratio)."""
    linear = [_linear(int(colour[place : place + 2], 16) / 255) for place in (1, 3, 5)]
    light = sum(weight * part for weight, part in zip((0.2126, 0.7152, 0.0722), linear, strict=True))
    return "#FFFFFF" if 1.05 / (light + 0.05) > (light + 0.05) / 0.05 else "#000000"


def _linear(part: float) -> float:
    return part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4
