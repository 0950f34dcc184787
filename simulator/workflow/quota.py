"""Quotas: ceilings on approved credit outstanding, one inside another."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from math import inf

from simpy.events import Event

from simulator.scenario.model import Quota
from simulator.workflow.clock import Clock


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
        self._chain: dict[str, list[str]] = {}
        for name in quotas:
            chain, at = [], name
            while at is not None:
                chain.append(at)
                at = quotas[at].inside  # type: ignore[assignment]
            self._chain[name] = chain
        self._rows: dict[str, deque[tuple[Event, str, int]]] = {chain[-1]: deque() for chain in self._chain.values()}

    def reserve(self, name: str, fen: int, leave_at: float = inf) -> Event:
        """An event with the value True once the line is reserved, False if refused or left before that."""
        event = Event(self._env)
        row = self._rows[self._chain[name][-1]]
        impossible = any(fen > self._limit[each] for each in self._chain[name])
        if impossible or (self._refuses[name] and (row or not self._fits(name, fen))):
            return event.succeed(False)
        row.append((event, name, fen))
        self._admit(row)
        if leave_at < inf and not event.triggered:
            self._env.until(leave_at).callbacks.append(lambda _: self._leave(event, row))
        return event

    def release(self, name: str, fen: int) -> None:
        """Give a line back; files that wait are admitted in order."""
        for each in self._chain[name]:
            self.used[each] -= fen
        self._admit(self._rows[self._chain[name][-1]])

    def close(self) -> None:
        """End all waiting: those files stay open."""
        for row in self._rows.values():
            for event, _, _ in row:
                if not event.triggered:
                    event.succeed(None)
            row.clear()

    def _fits(self, name: str, fen: int) -> bool:
        return all(self.used[each] + fen <= self._limit[each] for each in self._chain[name])

    def _leave(self, event: Event, row: deque[tuple[Event, str, int]]) -> None:
        if not event.triggered:
            event.succeed(False)
            self._admit(row)

    def _admit(self, row: deque[tuple[Event, str, int]]) -> None:
        while row:
            event, name, fen = row[0]
            if event.triggered:
                row.popleft()
                continue
            if not self._fits(name, fen):
                return
            row.popleft()
            for each in self._chain[name]:
                self.used[each] += fen
                self.peak[each] = max(self.peak[each], self.used[each])
            event.succeed(True)
