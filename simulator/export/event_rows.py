"""An event log as one flat table: the columns of its CSV and its Parquet file, under the names that PM4Py looks for.

A row is an event, or an activity with all its moments. What is known of the case stands in every row of it, as tools
for tables expect.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Literal

from simulator.export.event_log import ZONE, EventLog, Fields, FieldType, LoggedCase, events_of, instance_of

RowsAre = Literal["events", "activities"]
_Cells = Mapping[str, tuple[int, Callable[[str], str]]]
"""Where what is known under a key stands in a row, and how it is written."""
_MOMENTS = {"schedule": "schedule_timestamp", "start": "start_timestamp"}


class EventRows:
    """Rows of one log; cells are texts, empty where nothing is known."""

    def __init__(self, log: EventLog, rows_are: RowsAre, as_cell: Callable[[str], str]) -> None:
        """`as_cell` makes what is known fit for the file."""
        self._rows_are, self._as_cell = rows_are, as_cell
        self._details, self._attributes = self._cells_of(log.event_fields), self._cells_of(log.case_fields)
        before: dict[str, FieldType] = {
            "case:concept:name": "string", "concept:name": "string", "lifecycle:transition": "string",
            "time:timestamp": "date", "org:resource": "string", "org:role": "string", "org:group": "string",
            "concept:instance": "string",
        }  # fmt: skip
        if rows_are == "activities":
            before |= dict.fromkeys(_MOMENTS.values(), "date")
        self.of_event: Fields = {**before, **log.event_fields}
        """Columns about the event, with the type of each."""
        self.of_case: Fields = {f"case:{key}": kind for key, kind in log.case_fields.items()}
        """Columns about its case, after them."""

    def case(self, case: LoggedCase) -> list[str]:
        """The cells about a case."""
        return _cells(case.attributes, self._attributes)

    def events(self, case: LoggedCase) -> Iterator[Sequence[str]]:
        """The rows of a case, each without the cells about the case."""
        number, told = str(case.number), [self._told(case, place) for place in range(len(case.activities))]
        if self._rows_are == "activities":
            for activity, (name, who, details) in zip(case.activities, told, strict=True):
                moments = dict(activity.moments)
                times = [f"{moments[key]}{ZONE}" if key in moments else "" for key in _MOMENTS]
                transition, when = activity.moments[-1]
                yield [number, name, transition, f"{when}{ZONE}", *who, *times, *details]
            return
        for when, transition, place in events_of(case):
            name, who, details = told[place]
            yield [number, name, transition, f"{when}{ZONE}", *who, *details]

    def _told(self, case: LoggedCase, place: int) -> tuple[str, list[str], list[str]]:
        """What all events of an activity share: its name, who does it, and its details."""
        activity, cell = case.activities[place], self._as_cell
        who = [cell(activity.resource), cell(activity.role), cell(activity.group), instance_of(case, place)]
        return cell(activity.name), who, _cells(activity.details, self._details)

    def _cells_of(self, fields: Fields) -> _Cells:
        written: dict[FieldType, Callable[[str], str]] = {"string": self._as_cell, "date": lambda when: f"{when}{ZONE}"}
        return {key: (place, written.get(kind, str)) for place, (key, kind) in enumerate(fields.items())}


def _cells(known: Mapping[str, str], cells: _Cells) -> list[str]:
    """What is known, each in its place; the others are empty, as most are."""
    row = [""] * len(cells)
    for key, value in known.items():
        place, written = cells[key]
        if value:
            row[place] = written(value)
    return row
