"""Risk-sharing agreements applied to losses and recoveries, in whole fen."""

from __future__ import annotations

from simulator.sharing.allocation import Agreement, Allocation, Balances, Recovered, Step

__all__ = ["Agreement", "Allocation", "Balances", "Recovered", "Step"]
