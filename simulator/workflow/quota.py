"""Quotas: ceilings on approved credit outstanding, one inside another."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from math import inf
from typing import Literal

from simulator.scenario.model import Quota
from simulator.workflow.clock import Clock
from simulator.workflow.waiting import Waiting

Outcome = Literal["granted", "refused", "left", "called off", "still waiting"]


@dataclass(frozen=True, slots=True)
class NoRoom:
    """A file that found no room in a quota at once, and what came of it; moments in minutes.

    `ended` is infinite for a file that still waits when no file moves on any more. A file whose applicant gave up or
    whose deadline passed has `left`; one that another branch ended was `called off`, and not for want of room.
    """

    product: int
    case: int
    step: int
    quota: str
    asked: float
    ended: float
    outcome: Outcome


class Reservation(Waiting):
    """A file that waits for room; fires with True once its line is reserved, False if refused, None if called off."""

    __slots__ = ("fen", "name", "quotas")

    def __init__(self, env: Clock, quotas: Quotas, name: str, fen: int) -> None:
        super().__init__(env)
        self.quotas, self.name, self.fen = quotas, name, fen

    def call_off(self) -> None:
        if not self.triggered:
            super().call_off()
            self.quotas.admit(self.name)


class Quotas:
    """All quotas of a scenario.

    A credit line is reserved in its quota and every quota around it, all at once. Files wait in one row for each
    outermost quota and none overtakes another, so a large file at the head holds back smaller ones.
    """

    def __init__(self, env: Clock, quotas: Mapping[str, Quota]) -> None:
        self._env = env
        self._limit = {name: quota.limit for name, quota in quotas.items()}
        self._refuses = {name: quota.when_full == "refuse" for name, quota in quotas.items()}
        self.used = dict.fromkeys(quotas, 0)
        self.peak = dict.fromkeys(quotas, 0)
        self.history: list[tuple[float, str, int]] = []
        """Every change of what is used: moment, quota, fen from then on."""
        self.no_room: list[NoRoom] = []
        """Files that were not admitted at once, in the order in which that was over."""
        self._chain: dict[str, list[str]] = {}
        for name in quotas:
            chain, at = [], name
            while at is not None:
                chain.append(at)
                at = quotas[at].inside  # type: ignore[assignment]
            self._chain[name] = chain
        self._rows: dict[str, deque[Reservation]] = {chain[-1]: deque() for chain in self._chain.values()}

    def reserve(self, name: str, fen: int) -> Reservation:
        """Ask for room in a quota for a credit line."""
        asked = Reservation(self._env, self, name, fen)
        row = self._rows[self._chain[name][-1]]
        impossible = any(fen > self._limit[each] for each in self._chain[name])
        if impossible or (self._refuses[name] and (row or not self._fits(asked))):
            asked.succeed(False)
        else:
            row.append(asked)
            self.admit(name)
        return asked

    def release(self, name: str, fen: int) -> None:
        """Give a line back; files that wait are admitted in order."""
        for each in self._chain[name]:
            self.used[each] -= fen
            self.history.append((self._env.now, each, self.used[each]))
        self.admit(name)

    def close(self) -> None:
        """Admit nobody any more: the files that wait are told with an infinite value, and stay open."""
        for row in self._rows.values():
            for asked in row:
                if not asked.triggered:
                    asked.succeed(inf)
            row.clear()

    def _fits(self, asked: Reservation) -> bool:
        return all(self.used[each] + asked.fen <= self._limit[each] for each in self._chain[asked.name])

    def admit(self, name: str) -> None:
        """Let in the files that wait for a quota, or one beside it, as far as there is room."""
        row = self._rows[self._chain[name][-1]]
        while row:
            asked = row[0]
            if not asked.triggered:
                if not self._fits(asked):
                    return
                for each in self._chain[asked.name]:
                    self.used[each] += asked.fen
                    self.history.append((self._env.now, each, self.used[each]))
                    self.peak[each] = max(self.peak[each], self.used[each])
                asked.succeed(True)
            row.popleft()
