"""An event log as OCEL 2.0 in JSON: events that each have to do with several objects.

An event here is an activity, at the moment of its last event: `lifecycle` says which that is, and `scheduled_at` and
`started_at` when the file came into the queue and the work began. Values are typed as the types of events and objects
declare them, as on the format's page (ocel-standard.org, OCEL 2.0, JSON).
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache
from shutil import copyfileobj
from tempfile import TemporaryFile
from typing import TextIO

from simulator.export.event_log import ZONE, Activity, EventLog, Fields, FieldType, LoggedCase, instance_of
from simulator.export.ocel_objects import KINDS, ObjectTeller, OcelObject
from simulator.texts import say

_NAMES: Mapping[FieldType, str] = {
    "string": "string", "float": "float", "int": "integer", "boolean": "boolean", "date": "time",
}  # fmt: skip
_OF_EVENTS: Fields = {"lifecycle": "string", "scheduled_at": "date", "started_at": "date"}
_encode = json.JSONEncoder(ensure_ascii=False).encode


@lru_cache(maxsize=1 << 14)
def quoted(text: str) -> str:
    """A text as JSON."""
    return _encode(text)


def literal(value: str, kind: FieldType) -> str:
    """A value as JSON: a string whatever its type, which is declared with the attribute's name."""
    return f'"{value}{ZONE}"' if kind == "date" else quoted(value)


class Types:
    """Types of events or of objects as they turn up, each with the attributes that were used."""

    def __init__(self) -> None:
        self._found: dict[str, dict[str, FieldType]] = {}

    def note(self, name: str, attributes: Iterable[str], kinds: Fields) -> None:
        """A thing of a type with these attributes is written."""
        known = self._found.setdefault(name, {})
        for key in attributes:
            if key not in known:
                known[key] = kinds[key]

    def declared(self) -> str:
        """The types as a list in JSON."""
        return "[\n" + ",\n".join(
            f'{{"name": {quoted(name)}, "attributes": ['
            + ", ".join(f'{{"name": {quoted(key)}, "type": "{_NAMES[kind]}"}}' for key, kind in attributes.items())
            + "]}"
            for name, attributes in self._found.items()
        ) + "\n]"  # fmt: skip


def write_ocel(log: EventLog, file: TextIO) -> None:
    """Write a log: events as they come, then the objects, which wait on disk meanwhile, then what types there are."""
    of_events, of_objects = Types(), Types()
    kinds = {**log.event_fields, **_OF_EVENTS}
    with TemporaryFile("w+", encoding="utf-8") as objects:
        teller = ObjectTeller(log)
        kept = _Listed(objects.write)
        events = _Listed(file.write)
        file.write('{"events": [\n')
        for case in log.cases():
            for place, activity in enumerate(case.activities):
                events.add(_event(case, place, activity, teller, kinds, of_events))
            for each in teller.of_case(case):
                kept.add(_object(each, of_objects, teller.kinds))
        for each in teller.at_the_end():
            kept.add(_object(each, of_objects, teller.kinds))
        file.write('\n],\n"objects": [\n')
        objects.seek(0)
        copyfileobj(objects, file)
    file.write(f'\n],\n"eventTypes": {of_events.declared()},\n"objectTypes": {of_objects.declared()}}}\n')


class _Listed:
    """Writes things with a comma between them."""

    def __init__(self, write: Callable[[str], object]) -> None:
        self._write, self._before = write, ""

    def add(self, text: str) -> None:
        self._write(self._before + text)
        self._before = ",\n"


def _event(case: LoggedCase, place: int, activity: Activity, teller: ObjectTeller, kinds: Fields, types: Types) -> str:
    lifecycle, when = activity.last
    known = {"lifecycle": lifecycle, **activity.details}
    for transition, at in activity.moments[:-1]:
        known["scheduled_at" if transition == "schedule" else "started_at"] = at
    types.note(activity.name, known, kinds)
    attributes = ", ".join(
        [f'{{"name": {quoted(key)}, "value": {literal(value, kinds[key])}}}' for key, value in known.items()]
    )
    related = ", ".join([_relation(*each) for each in teller.related(case, activity)])
    return (
        f'{{"id": "{instance_of(case, place)}", "type": {quoted(activity.name)}, "time": "{when}{ZONE}", '
        f'"attributes": [{attributes}], "relationships": [{related}]}}'
    )


def _relation(identifier: str, qualifier: str) -> str:
    return f'{{"objectId": {quoted(identifier)}, "qualifier": "{qualifier}"}}'


def _object(each: OcelObject, types: Types, kinds: Fields) -> str:
    name = say(KINDS[each.kind])
    types.note(name, [key for key, _, _ in each.attributes], kinds)
    attributes = ", ".join(
        f'{{"name": {quoted(key)}, "time": "{when}{ZONE}", "value": {literal(value, kinds[key])}}}'
        for key, when, value in each.attributes
    )
    related = ", ".join(_relation(*relation) for relation in each.related)
    return (
        f'{{"id": {quoted(each.identifier)}, "type": {quoted(name)}, '
        f'"attributes": [{attributes}], "relationships": [{related}]}}'
    )
