"""Whom the designs admit, and whether enough firms are eligible under all of them to compare like with like."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

LEAST_OF_SMALLEST = 0.5
"""Share of the smallest pool that must be eligible everywhere; below it, who is admitted may make the difference."""


@dataclass(frozen=True)
class Admitted:
    """Eligible firms of designs that meet the same applicants, sums over all replications."""

    in_all: int
    """Firms eligible under every design."""
    smallest: int
    """Those of the design that admits fewest."""
    alike: bool
    """Every design admits the same firms."""

    @property
    def few(self) -> bool:
        """So few firms are common to all designs that the differences are also those of the firms."""
        return not self.alike and self.in_all < LEAST_OF_SMALLEST * self.smallest


def admitted_of(summary: dict[str, Any]) -> Admitted | None:
    """What summary.json tells of it; None of a single design, or where designs meet other applicants."""
    common = summary.get("common")
    if common is None:
        return None
    smallest = min(world["eligible"] for world in common["worlds"])
    return Admitted(common["eligible_in_all"], smallest, common["same_everywhere"])
