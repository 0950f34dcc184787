"""Risk-sharing agreements applied to losses and recoveries, in whole fen."""

from __future__ import annotations

from simulator.sharing.allocation import Agreement, Allocation, Cession, Terms
from simulator.sharing.division import Step
from simulator.sharing.meters import Claim, Meters
from simulator.sharing.path_arrays import share_arrays
from simulator.sharing.path_losses import PathLosses, PathRecoveries
from simulator.sharing.paths import PathShares, share_paths
from simulator.sharing.recovery import Recovered

__all__ = [
    "Agreement",
    "Allocation",
    "Cession",
    "Claim",
    "Meters",
    "PathLosses",
    "PathRecoveries",
    "PathShares",
    "Recovered",
    "Step",
    "Terms",
    "share_arrays",
    "share_paths",
]
