"""Where the time of a case goes: work, waiting, closed, elapsed.

Every instant counts once: work if any of its steps is being worked on, else waiting if a desk it waits for is open,
else closed, else elapsed (waiting for a time to pass). Time between steps is waiting for room in a quota.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from simulator.calendars import WorkingCalendar
from simulator.workflow.step import STEP_COLUMNS

USES = ("work", "waiting", "closed", "elapsed")
CASE, STEP, ENTRY, START, WORKED, END = (
    STEP_COLUMNS.index(name) for name in ("case", "step", "entry", "start", "worked", "end")
)


@dataclass(frozen=True)
class StepKeeping:
    """How a step's time is told apart: whose hours count (None for nobody's), and whether a committee decides."""

    calendar: WorkingCalendar | None
    committee: bool = False


def step_uses(rows: NDArray[np.float64], keeping: Sequence[StepKeeping], last_moment: float) -> NDArray[np.float64]:
    """Minutes of each use in each row, shape (rows, 4); what lies after `last_moment` is left out."""
    uses = np.zeros((len(rows), 4))
    entry = rows[:, ENTRY]
    start = np.minimum(rows[:, START], last_moment)
    end = np.minimum(rows[:, END], last_moment)
    # A file that left the queue has neither start nor end of work.
    start = np.minimum(start, end)
    worked = np.clip(rows[:, WORKED], start, end)
    for index, keeps in enumerate(keeping):
        mine = rows[:, STEP] == index
        if not mine.any():
            continue
        a, b, c, d = entry[mine], start[mine], worked[mine], end[mine]
        if keeps.calendar is None:
            uses[mine, 3] = d - a
            continue
        opened = [keeps.calendar.open_minutes_array(each) for each in (a, b, c)]
        waiting = opened[1] - opened[0]
        work = c - b if keeps.committee else opened[2] - opened[1]
        uses[mine, 0], uses[mine, 1] = work, waiting
        uses[mine, 2] = (c - a) - work - waiting
        uses[mine, 3] = d - c
    return uses


def case_uses(
    rows: NDArray[np.float64], keeping: Sequence[StepKeeping], begins: float, ends: float
) -> NDArray[np.float64]:
    """Minutes of each use in the life of one case between two moments, shape (4,); `rows` are its steps."""
    cuts = {begins, ends}
    spans: list[tuple[float, float, int, StepKeeping]] = []
    for row in rows:
        keeps = keeping[int(row[STEP])]
        end = min(row[END], ends)
        start = min(row[START], end)
        worked = min(max(row[WORKED], start), end)
        if keeps.calendar is None:
            spans.append((row[ENTRY], end, 3, keeps))
        else:
            spans += [(row[ENTRY], start, 1, keeps), (start, worked, 0, keeps), (worked, end, 3, keeps)]
    calendars = {id(keeps.calendar): keeps.calendar for *_, keeps in spans if keeps.calendar is not None}
    for a, b, _, _ in spans:
        cuts |= {a, b}
    for calendar in calendars.values():
        cuts |= set(calendar.edges_between(begins, ends))
    uses = np.zeros(4)
    ordered = sorted(cut for cut in cuts if begins <= cut <= ends)
    for a, b in pairwise(ordered):
        middle = (a + b) / 2
        uses[_use_at(middle, spans)] += b - a
    return uses


def _use_at(moment: float, spans: Sequence[tuple[float, float, int, StepKeeping]]) -> int:
    seen = set()
    for a, b, use, keeps in spans:
        if not a <= moment < b:
            continue
        if use == 3 or keeps.calendar is None:
            seen.add(3)
        elif keeps.calendar.is_open(moment) or (use == 0 and keeps.committee):
            seen.add(use)
        else:
            seen.add(2)
    return min(seen) if seen else 1


def totals_by_case(
    rows: NDArray[np.float64],
    keeping: Sequence[StepKeeping],
    cases: NDArray[np.int64],
    begins: NDArray[np.float64],
    ends: NDArray[np.float64],
    last_moment: float,
) -> NDArray[np.float64]:
    """Minutes of each use in each case between two moments, shape (cases, 4).

    Cases whose steps never overlap are summed at once; the others are followed instant by instant.
    """
    ends = np.minimum(ends, last_moment)
    place = np.full(int(max(cases.max(initial=-1), rows[:, CASE].max(initial=-1))) + 1, -1)
    place[cases] = np.arange(len(cases))
    owner = place[rows[:, CASE].astype(np.int64)]
    mine = owner >= 0
    rows, owner = rows[mine], owner[mine]
    inside = rows[:, ENTRY] < ends[owner]
    rows, owner = rows[inside], owner[inside]
    order = np.lexsort((rows[:, ENTRY], owner))
    rows, owner = rows[order], owner[order]
    uses = step_uses(rows, keeping, last_moment)
    total = np.zeros((len(cases), 4))
    for use in range(4):
        total[:, use] = np.bincount(owner, uses[:, use], len(cases))
    clipped = np.minimum(rows[:, END], last_moment)
    overlaps = (owner[1:] == owner[:-1]) & (rows[1:, ENTRY] < clipped[:-1])
    late = clipped > ends[owner]
    follow = np.unique(np.concatenate([owner[1:][overlaps], owner[late]]))
    total[:, 1] += np.maximum((ends - begins) - total.sum(axis=1), 0)
    bounds = np.searchsorted(owner, np.arange(len(cases) + 1))
    for case in follow.tolist():
        mine_rows = rows[bounds[case] : bounds[case + 1]]
        total[case] = case_uses(mine_rows, keeping, float(begins[case]), float(ends[case]))
    return total
