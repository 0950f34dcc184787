"""An event log, whatever file it is written to: cases with their attributes, and what happened in each of them.

A case is an application with all that follows from it. What happened is an activity: one visit of a step, a payment,
a default. An activity has up to three moments, by the standard lifecycle of IEEE 1849 (XES): `schedule` when the file
enters the queue of a desk, `start` when the work on it begins, `complete` when the step is done; `withdraw` when the
file leaves the queue, `ate_abort` when it leaves in the middle of a step. Whatever is no step is over at once, and has
only `complete`. An event is one moment of one activity.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from operator import itemgetter
from typing import Literal, NamedTuple

from simulator.export.case_rows import RowsOfCase
from simulator.scenario.model import Scenario

FieldType = Literal["string", "float", "int", "boolean", "date"]
Fields = Mapping[str, FieldType]
"""Attributes by their keys, which are names in XML and headings in a table."""
ObjectKind = Literal["application", "firm", "IP right", "loan", "claim", "person", "party"]
ZONE = "+08:00"
"""Shanghai, without summer time, as everywhere in the simulator."""


class Relation(NamedTuple):
    """A thing that has a part in an activity, and which part."""

    qualifier: str
    kind: ObjectKind
    name: str = ""
    """Of a person or a party; what belongs to the case has none."""


@dataclass(slots=True)
class Activity:
    """Something that was done or happened; moments such as 2021-03-05T09:30:00, in their order."""

    name: str
    moments: list[tuple[str, str]]
    """(transition, when) of each event."""
    resource: str = ""
    """Who did it: a person by desk and number, a party, or the firm."""
    role: str = ""
    """The desk."""
    group: str = ""
    """The party."""
    details: dict[str, str] = field(default_factory=dict)
    """What else is known, by the keys of the log's event fields. Its `part` is `application`, `step`, `payment`, `loan`
    or `loss`."""
    objects: tuple[Relation, ...] = ()
    """What has a part in it beside the application."""

    @property
    def last(self) -> tuple[str, str]:
        """Its last event."""
        return self.moments[-1]


@dataclass(slots=True)
class LoggedCase:
    """One application with all that followed from it."""

    number: int
    firm: str
    """The firm's name where it has one."""
    attributes: dict[str, str]
    """By the keys of the log's case fields; those without a value are left out."""
    activities: list[Activity]
    """In the order of their first moments."""
    rows: RowsOfCase
    """The rows of tables that it is made of."""


def events_of(case: LoggedCase) -> list[tuple[str, str, int]]:
    """(when, transition, place of the activity) of every event of a case, in the order of time.

    Of events of one second those come first that are told first, so that a step is done before the next one begins.
    """
    events = [
        (when, transition, place)
        for place, activity in enumerate(case.activities)
        for transition, when in activity.moments
    ]
    events.sort(key=itemgetter(0))
    return events


@dataclass(frozen=True)
class EventLog:
    """The log of one world."""

    label: str
    scenario: Scenario
    facts: Mapping[str, str]
    """What identifies the run."""
    case_fields: Fields
    event_fields: Fields
    firm_fields: tuple[str, ...]
    """Those case fields that are properties of the firm."""
    cases: Callable[[], Iterator[LoggedCase]]
    """Begins to read the cases, in the order of their numbers."""


def instance_of(case: LoggedCase, place: int) -> str:
    """What identifies an activity in its log: `17-3`."""
    return f"{case.number}-{place + 1}"


def key_of(name: str, taken: Mapping[str, object] = {}) -> str:
    """A name as a key: one that XML allows, and that is not taken."""
    key = re.sub(r"[^\w.\-]", "_", name)
    if not re.match(r"[^\W\d]", key):
        key = f"_{key}"
    while key in taken:
        key += "_"
    return key
