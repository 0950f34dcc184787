"""What a party is called where several designs have one of its key, such as the banks of ten cases."""

from __future__ import annotations

from collections.abc import Sequence

from simulator.report.designs import Design
from simulator.scenario.spoken_names import party_said
from simulator.texts import phrase, say

ROLES = (
    phrase("bank"),
    phrase("insurer"),
    phrase("guarantor"),
    phrase("city"),
    phrase("re-guarantor"),
    phrase("appraiser"),
    phrase("operator"),
)
"""Keys of parties in the bundled scenarios that are words of the trade; others are said as they are written."""


def party_of_all(designs: Sequence[Design], key: str) -> str:
    """Its name, where all designs that have it mean the same; or else the word for its role."""
    names = {party_said(design.scenario, key) for design in designs if key in design.scenario.parties}
    if len(names) == 1:
        return names.pop()
    # As a property of a firm the same word means where it is.
    return say("district", context="parties") if key == "district" else say(key)
