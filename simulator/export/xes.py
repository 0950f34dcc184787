"""An event log as XES, the standard IEEE 1849-2016, that ProM, Disco and PM4Py open.

Parts keep to the order of the schema of the standard: extensions, globals, classifiers, attributes of the log,
traces. There is no XML namespace, as there is none in that schema.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import TextIO

from simulator.export.event_log import ZONE, Activity, EventLog, FieldType, LoggedCase, events_of, instance_of
from simulator.texts.xml_text import in_xml

VERSION = "1849.2016"
_EXTENSIONS = (
    ("Concept", "concept"), ("Time", "time"), ("Lifecycle", "lifecycle"), ("Organizational", "org"), ("Cost", "cost"),
)  # fmt: skip
_GLOBALS = """<global scope="trace">
<string key="concept:name" value=""/>
</global>
<global scope="event">
<string key="concept:name" value=""/>
<string key="concept:instance" value=""/>
<string key="lifecycle:transition" value="complete"/>
<date key="time:timestamp" value="1970-01-01T00:00:00.000+00:00"/>
</global>
<classifier name="Activity" scope="event" keys="concept:name"/>
<classifier name="Activity_and_transition" scope="event" keys="concept:name lifecycle:transition"/>
"""
_ESCAPES = {"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "\t": "&#9;", "\n": "&#10;", "\r": "&#13;"}
_ESCAPED = re.compile('[&<>"\t\n\r]')


@lru_cache(maxsize=1 << 14)
def escaped(text: str) -> str:
    """A text between the quotation marks of an attribute; what XML 1.0 cannot hold stands as U+FFFD."""
    return _ESCAPED.sub(lambda found: _ESCAPES[found[0]], in_xml(text))


def write_xes(log: EventLog, file: TextIO) -> None:
    """Write a log, trace by trace."""
    file.write(_head(log))
    case_type, event_type = _writers(log.case_fields), _writers(log.event_fields)
    for case in log.cases():
        file.write(_trace(case, case_type, event_type))
    file.write("</log>\n")


def _head(log: EventLog) -> str:
    extensions = "".join(
        f'<extension name="{name}" prefix="{prefix}" uri="http://www.xes-standard.org/{prefix}.xesext"/>\n'
        for name, prefix in _EXTENSIONS
    )
    facts = {"concept:name": log.label, "lifecycle:model": "standard", **log.facts}
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<log xes.version="{VERSION}" xes.features="">\n{extensions}{_GLOBALS}'
        + "".join(f'<string key="{key}" value="{escaped(value)}"/>\n' for key, value in facts.items())
    )


def _writers(fields: Mapping[str, FieldType]) -> dict[str, Callable[[str], str]]:
    """How each attribute is written."""
    return {key: _writer(key, kind) for key, kind in fields.items()}


def _writer(key: str, kind: FieldType) -> Callable[[str], str]:
    before = f'<{kind} key="{key}" value="'
    if kind == "string":
        return lambda value: f'{before}{escaped(value)}"/>\n'
    after = f'.000{ZONE}"/>\n' if kind == "date" else '"/>\n'
    return lambda value: f"{before}{value}{after}"


def _trace(case: LoggedCase, case_type: Mapping[str, Callable[[str], str]],
           event_type: Mapping[str, Callable[[str], str]]) -> str:  # fmt: skip
    parts = [f'<trace>\n<string key="concept:name" value="{case.number}"/>\n']
    parts += [case_type[key](value) for key, value in case.attributes.items()]
    told = [
        _before(activity.name, activity.resource, activity.role, activity.group)
        + f'<string key="concept:instance" value="{instance_of(case, place)}"/>\n'
        for place, activity in enumerate(case.activities)
    ]
    after = [_details(activity, event_type) for activity in case.activities]
    parts += [
        f'<event>\n{told[place]}<string key="lifecycle:transition" value="{transition}"/>\n'
        f'<date key="time:timestamp" value="{when}.000{ZONE}"/>\n{after[place]}</event>\n'
        for when, transition, place in events_of(case)
    ]
    parts.append("</trace>\n")
    return "".join(parts)


@lru_cache(maxsize=1 << 14)
def _before(name: str, resource: str, role: str, group: str) -> str:
    """What all events of an activity begin with."""
    who = (("org:resource", resource), ("org:role", role), ("org:group", group))
    return f'<string key="concept:name" value="{escaped(name)}"/>\n' + "".join(
        f'<string key="{key}" value="{escaped(value)}"/>\n' for key, value in who if value
    )


def _details(activity: Activity, event_type: Mapping[str, Callable[[str], str]]) -> str:
    return "".join([event_type[key](value) for key, value in activity.details.items() if value])
