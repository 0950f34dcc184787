"""Repayment out of licence payments: what each brings to the loan, and when the licensee stops paying."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from simulator.credit.loans import licensee_years
from simulator.scenario.credit import Sweep
from simulator.streams import Streams


@dataclass(frozen=True)
class SweepPlan:
    """What licence payments bring to each case's loan; one entry a case.

    `part` is the fen of each payment that go to the loan, `pays_for_years` how long the licensee pays.
    """

    part: list[int]
    pays_for_years: NDArray[np.float64]

    def part_of_payment(self, case: int, month: int) -> int:
        """What a payment so many months after drawdown brings to a case's loan, in fen."""
        return self.part[case] if month / 12 < self.pays_for_years[case] else 0


def licence_part(sweep: Sweep, yearly: int) -> int:
    """What of each licence payment goes to the loan, in fen; `yearly` is what the licensee pays in a year."""
    # Whole numbers throughout, rounded down twice: what a payment is, and what of it goes to the loan.
    return yearly * sweep.every.months // 12 * sweep.share.numerator // sweep.share.denominator


def sweep_plan(sweep: Sweep, yearly_fen: NDArray[np.float64], streams: Streams) -> SweepPlan:
    """The plan for every case; the licensee's end is drawn like a default, at a rate that is the same at all times."""
    yearly = np.maximum(np.rint(yearly_fen), 0).astype(np.int64).tolist()
    part = [licence_part(sweep, fee) for fee in yearly]
    uniforms = streams.uniforms("credit: licensee", len(yearly))
    return SweepPlan(part, licensee_years(float(sweep.licensee_default_rate), uniforms))
