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
from simulator.workflow.record import Visits

USES = ("work", "waiting", "closed", "elapsed")
WAITING, CLOSED, NOTHING = 1, 2, 4
"""Uses by their place, and what stands for no step at all: the file waits for room in a quota."""
MANY = 1 << 30


class OpenToAny:
    """The hours in which at least one of several shifts works, up to a last moment."""

    def __init__(self, calendars: Sequence[WorkingCalendar], last_moment: float) -> None:
        edges = {edge for calendar in calendars for edge in calendar.edges_between(0.0, last_moment)}
        cuts = sorted({0.0, last_moment, *edges})
        opened = [any(calendar.is_open((a + b) / 2) for calendar in calendars) for a, b in pairwise(cuts)]
        self._calendars, self._edges = calendars, np.array(cuts)
        self._before = np.concatenate([[0.0], np.cumsum(np.diff(cuts) * opened)])

    def open_minutes_array(self, moments: NDArray[np.float64]) -> NDArray[np.float64]:
        """Open minutes from the start to each moment."""
        return np.asarray(np.interp(moments, self._edges, self._before))

    def is_open(self, moment: float) -> bool:
        """Whether somebody works at a moment."""
        return any(calendar.is_open(moment) for calendar in self._calendars)

    def edges_between(self, a: float, b: float) -> list[float]:
        """Openings and closings of the shifts after `a` and before `b`, in order."""
        return sorted({edge for calendar in self._calendars for edge in calendar.edges_between(a, b)})


@dataclass(frozen=True)
class StepKeeping:
    """How a step's time is told apart: whose hours count (None for nobody's), and whether a committee decides."""

    calendar: WorkingCalendar | OpenToAny | None
    """Hours in which somebody of the desk works."""
    committee: bool = False
    shifts: tuple[tuple[int, WorkingCalendar], ...] = ()
    """People and hours of each shift, where a desk has several."""

    def hours_of(self, person: float) -> WorkingCalendar | OpenToAny:
        """The hours of one of the desk's people, who are numbered shift by shift."""
        for staff, calendar in self.shifts:
            if person < staff:
                return calendar
            person -= staff
        assert self.calendar is not None
        return self.calendar


Span = tuple[float, float, int, WorkingCalendar | OpenToAny | None]
"""Beginning, end and use of a stretch of time, and the hours outside which it counts as closed."""


def step_uses(rows: Visits, keeping: Sequence[StepKeeping], last_moment: float) -> NDArray[np.float64]:
    """Minutes of each use in each row, shape (rows, 4); what lies after `last_moment` is left out."""
    uses = np.zeros((len(rows), 4))
    for index, keeps in enumerate(keeping):
        mine = rows["step"] == index
        uses[mine] = uses_of_step(rows[mine], keeps, last_moment)
    return uses


def uses_of_step(rows: Visits, keeps: StepKeeping, last_moment: float) -> NDArray[np.float64]:
    """The same for rows of one step."""
    uses = np.zeros((len(rows), 4))
    end = np.minimum(rows["end"], last_moment)
    entry = np.minimum(rows["entry"], end)
    if keeps.calendar is None:
        uses[:, 3] = end - entry
        return uses
    # A file that left the queue has neither start nor end of work.
    start = np.minimum(rows["start"], end)
    worked = np.clip(rows["worked"], start, end)
    uses[:, 1] = keeps.calendar.open_minutes_array(start) - keeps.calendar.open_minutes_array(entry)
    uses[:, 0] = worked - start if keeps.committee else worked_minutes(rows["person"], start, worked, keeps)
    uses[:, 2] = (worked - entry) - uses[:, 0] - uses[:, 1]
    uses[:, 3] = end - worked
    return uses


def worked_minutes(
    person: NDArray[np.float64], start: NDArray[np.float64], worked: NDArray[np.float64], keeps: StepKeeping
) -> NDArray[np.float64]:
    """Minutes that each piece of work took its person, in that person's hours."""
    minutes = np.zeros(len(start))
    first = 0
    for staff, calendar in keeps.shifts or ((MANY, keeps.calendar),):
        assert calendar is not None
        mine = (person >= first) & (person < first + staff)
        minutes[mine] = calendar.open_minutes_array(worked[mine]) - calendar.open_minutes_array(start[mine])
        first += staff
    return minutes


def case_uses(
    rows: Visits, keeping: Sequence[StepKeeping], begins: float, ends: float
) -> NDArray[np.float64]:
    """Minutes of each use in the life of one case between two moments, shape (4,); `rows` are its steps."""
    spans: list[Span] = []
    for _, step, _, _, _, person, entry, began, done, left in rows.tolist():
        keeps = keeping[step]
        end = min(left, ends)
        start = min(began, end)
        worked = min(max(done, start), end)
        if keeps.calendar is None:
            spans.append((entry, end, 3, None))
        else:
            hours = None if keeps.committee else keeps.hours_of(person)
            spans += [(entry, start, 1, keeps.calendar), (start, worked, 0, hours), (worked, end, 3, None)]
    spans = [span for span in spans if span[0] < span[1]]
    calendars = {id(hours): hours for *_, hours in spans if hours is not None}
    edges = [np.array(hours.edges_between(begins, ends)) for hours in calendars.values()]
    moments = [begins, ends, *(moment for a, b, _, _ in spans for moment in (a, b))]
    cuts = np.unique(np.clip(np.concatenate([moments, *edges]), begins, ends))
    lengths = np.diff(cuts)
    opened = {key: np.diff(hours.open_minutes_array(cuts)) > lengths / 2 for key, hours in calendars.items()}
    use_at = np.full(len(lengths), NOTHING)
    places = np.searchsorted(cuts, [(a, b) for a, b, _, _ in spans]).tolist()
    for (first, last), (_, _, use, hours) in zip(places, spans, strict=True):
        here = use_at[first:last]
        if hours is None:
            np.minimum(here, use, out=here)
        else:
            np.minimum(here, np.where(opened[id(hours)][first:last], use, CLOSED), out=here)
    use_at[use_at == NOTHING] = WAITING
    return np.bincount(use_at, lengths, 4).astype(np.float64)


def totals_by_case(
    rows: Visits,
    keeping: Sequence[StepKeeping],
    cases: NDArray[np.int64],
    begins: NDArray[np.float64],
    ends: NDArray[np.float64],
    last_moment: float,
) -> NDArray[np.float64]:
    """Minutes of each use in each case between two moments, shape (cases, 4).

    Cases whose steps never overlap are summed at once; the others are followed instant by instant. The rows are the
    largest table of a run, so they are taken step by step and by number, never copied as a whole.
    """
    ends = np.minimum(ends, last_moment)
    place = np.full(int(max(cases.max(initial=-1), rows["case"].max(initial=-1))) + 1, -1, dtype=np.int32)
    place[cases] = np.arange(len(cases))
    owner = place[rows["case"].astype(np.int32)]
    inside = (owner >= 0) & (rows["entry"] < np.append(ends, 0.0)[owner])
    total = np.zeros((len(cases), 4))
    for index, keeps in enumerate(keeping):
        mine = inside & (rows["step"] == index)
        uses = uses_of_step(rows[mine], keeps, last_moment)
        for use in range(4):
            total[:, use] += np.bincount(owner[mine], uses[:, use], len(cases))
    total[:, 1] += np.maximum((ends - begins) - total.sum(axis=1), 0)
    # Rows stand in the order of their ends, so a step that overlaps any other overlaps the one before it.
    ordered = np.flatnonzero(inside)
    ordered = ordered[np.argsort(owner[ordered], kind="stable")]
    owner = owner[ordered]
    stops = np.minimum(rows["end"][ordered], last_moment)
    overlaps = (owner[1:] == owner[:-1]) & (rows["entry"][ordered[1:]] < stops[:-1])
    late = stops > ends[owner]
    bounds = np.searchsorted(owner, np.arange(len(cases) + 1))
    for case in np.unique(np.concatenate([owner[1:][overlaps], owner[late]])).tolist():
        own = rows[ordered[bounds[case] : bounds[case + 1]]]
        total[case] = case_uses(own, keeping, float(begins[case]), float(ends[case]))
    return total
