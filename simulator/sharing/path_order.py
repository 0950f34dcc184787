"""The order in which losses and recoveries of many paths are taken: the k-th of every path at once."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from simulator.sharing.path_losses import PathLosses, PathRecoveries

Places = NDArray[np.intp]


@dataclass(frozen=True)
class Steps:
    """What is taken at once: `order` are places, those of step k stand from `bounds[k]` to `bounds[k + 1]`."""

    order: Places
    bounds: list[int]

    @classmethod
    def of(cls, step: Places, count: int) -> Steps:
        """The places in the order of their steps, of which there are `count`, in a step as they were."""
        # Short numbers are sorted in linear time.
        order = np.argsort(step.astype(np.min_scalar_type(count)), kind="stable")
        return cls(order, [0, *np.cumsum(np.bincount(step, minlength=count)).tolist()])

    def slice(self, step: int) -> slice:
        """Where those of a step stand."""
        return slice(self.bounds[step], self.bounds[step + 1])

    def __len__(self) -> int:
        return len(self.bounds) - 1


def loss_steps(losses: PathLosses, together: bool) -> Steps:
    """Each path's first loss is in the first step; if those of a day go `together`, all of its first day."""
    step = _count_up(losses.number, _begins(losses, together))
    return Steps.of(step, int(step.max(initial=-1)) + 1)


def steps_with_recoveries(losses: PathLosses, recoveries: PathRecoveries, together: bool) -> tuple[Steps, Steps]:
    """As `loss_steps`, but every loss (or day) and every recovery of a path has a step of its own.

    By moment, losses first. Losses that go together stand at the moment of the first of them.
    """
    begins, number = _begins(losses, together), losses.number
    first = np.maximum.accumulate(np.where(begins, np.arange(len(losses)), 0))
    path = np.concatenate((number, number[recoveries.loss]))
    moment = np.concatenate((losses.moments[first], recoveries.moments))
    # Places break ties: losses stand before recoveries, and either as given.
    order = np.lexsort((moment, path))
    alone = np.concatenate((begins, np.ones(len(recoveries), dtype=np.bool_)))
    step = np.empty(len(order), dtype=np.intp)
    step[order] = _count_up(path[order], alone[order])
    count = int(step.max(initial=-1)) + 1
    return Steps.of(step[: len(losses)], count), Steps.of(step[len(losses) :], count)


def recovery_steps(recoveries: PathRecoveries) -> Steps:
    """Each loss's first recovery is in the first step."""
    order = np.lexsort((recoveries.moments, recoveries.loss))
    step = np.empty(len(order), dtype=np.intp)
    step[order] = _count_up(recoveries.loss[order], np.ones(len(order), dtype=np.bool_))
    return Steps.of(step, int(step.max(initial=-1)) + 1)


def _begins(losses: PathLosses, together: bool) -> NDArray[np.bool_]:
    """Whether a loss begins a step of its own."""
    begins = np.ones(len(losses), dtype=np.bool_)
    if together:
        begins[1:] = (losses.path[1:] != losses.path[:-1]) | (losses.day[1:] != losses.day[:-1])
    return begins


def _count_up(group: NDArray[np.int64], begins: NDArray[np.bool_]) -> Places:
    """How many have begun before, in each group; groups stand together and each begins with its first."""
    begun = np.cumsum(begins, dtype=np.intp)
    starts = np.concatenate(([True], group[1:] != group[:-1]))[: len(group)]
    return np.asarray(begun - begun[starts][np.cumsum(starts) - 1])
