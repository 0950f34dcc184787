"""The reference page: every key of a scenario file with its meaning, form and default, taken from the model itself.

`python -m simulator.scenario.reference > docs/reference.md` writes it anew.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from simulator.scenario.reference_text import OPENING, SECTIONS, Section
from simulator.scenario.schema import json_schema, model_schema
from simulator.scenario.schema_forms import FORMS, RANDOM_FORMS, Schema
from simulator.scenario.stage_kinds import STAGE_KINDS

_SAID = {
    "Text": "text, in [one or two languages](#texts-in-two-languages)",
    "Condition": "a [condition](#conditions)",
    "FlowItem": "a [step](#flow)",
    "Branch": "a [step](#flow) or a list of steps",
    "FlowEdit": "[changes to a flow](#changes-to-a-flow)",
    "Step": "the settings of a [step](#flow)",
    "Clock": "the keys of a [clock](#clocks)",
    "Part": "the keys of a [share](#shares)",
    "RiskSharing": "the keys of [risk sharing](#risk-sharing)",
    "Variant": "keys of a file that change, or paths",
}
_SHARED_KEYS = {"Step": "Stage", "Attribute": "Distribution"}
_NAMES = {
    "attributes": "PROPERTY", "by_month": "MONTH", "calendars": "CALENDAR", "clocks": "CLOCK", "desks": "DESK",
    "eligibility": "PROPERTY", "every_drawn": "PROPERTY", "evidence": "PATH", "firm": "PROPERTY", "funds": "FUND",
    "of": "PROPERTY", "otherwise": "PARTY", "parties": "PARTY", "population": "PROPERTY", "products": "PRODUCT",
    "quotas": "QUOTA", "split": "PARTY", "stages": "STEP", "tables": "YEAR", "variants": "VARIANT", "when": "PROPERTY",
}  # fmt: skip
_DEFAULTS = {
    ("Scenario", "id"): "the file's name",
    ("Scenario", "name"): "the id",
    ("RiskSharing", "recoveries"): "`pro rata`",
}
_LONG_LIST = 15
_HUGE = 1_000_000


@dataclass(frozen=True, slots=True)
class Row:
    """One key on the page, with the part of the model it belongs to."""

    part: str
    key: str
    path: str
    meaning: str
    form: str
    default: str


class _Tables:
    """Goes through the schema and lists keys in the order of a file."""

    def __init__(self) -> None:
        schema = json_schema()
        self.model = model_schema()
        self.parts: dict[str, Schema] = schema["$defs"]
        root = {key: value for key, value in schema.items() if key != "$defs"}
        random = self._properties("Attribute")
        shared = {key: random[key] for key in self.model["Distribution"]["properties"]}
        self.parts |= {"Scenario": root, "Distribution": {"properties": shared}}

    def rows(self, section: Section) -> Iterator[Row]:
        """The rows of a section's table."""
        yield from self._of("Scenario", "", ["Scenario"], section.keys)
        for path, part in section.parts:
            yield from self._of(part, f"{path}.", [part])

    def _of(self, part: str, prefix: str, above: list[str], only: tuple[str, ...] | None = None) -> Iterator[Row]:
        known_elsewhere = self._properties(_SHARED_KEYS[part]) if part in _SHARED_KEYS else {}
        for key, value in self._properties(part).items():
            if (only is not None and key not in only) or key in known_elsewhere:
                continue
            path = f"{prefix}{key}"
            meaning = value.get("description", "")
            yield Row(part, key, path, meaning, self.words(value), self._default(part, key, value))
            for inner, where in self._below(value, path, _NAMES.get(key, "NAME")):
                if inner not in above and inner not in _SAID:
                    yield from self._of(inner, f"{where}.", [*above, inner])

    def _properties(self, part: str) -> dict[str, Schema]:
        """The keys of a part, whatever else may be written in its place."""
        options = [self.parts[part], *self.parts[part].get("anyOf", [])]
        return next((option["properties"] for option in options if "properties" in option), {})

    def _below(self, schema: Schema, path: str, name: str) -> Iterator[tuple[str, str]]:
        """Parts of the model below a key, with their paths."""
        target = _target(schema)
        if target is not None and target not in FORMS and target not in RANDOM_FORMS:
            yield target, path
        for option in schema.get("anyOf", []):
            yield from self._below(option, path, name)
        if "items" in schema:
            yield from self._below(schema["items"], f"{path}[]", name)
        if isinstance(schema.get("additionalProperties"), dict):
            yield from self._below(schema["additionalProperties"], f"{path}.{name}", name)

    def _default(self, part: str, key: str, value: Schema) -> str:
        if (part, key) in _DEFAULTS:
            return _DEFAULTS[part, key]
        if key in self.model.get(part, self.parts[part]).get("required", []):
            return "*needed*"
        default = value.get("default")
        if isinstance(default, bool):
            return f"`{str(default).lower()}`"
        return "—" if default is None or default == "" else f"`{default}`"

    def _first_form(self, part: str) -> Schema:
        """A part itself, or the first form in which it may be written."""
        first = self.parts[part].get("anyOf", [self.parts[part]])[0]
        target = _target(first)
        return self.parts[target] if target is not None else first

    def words(self, schema: Schema) -> str:
        """The form of a value in plain words."""
        target = _target(schema)
        if target is not None:
            return self._words_of_part(target)
        if "enum" in schema:
            allowed = [f"`{each}`" for each in schema["enum"] if each is not None]
            return f"one of the {_link('Stages', 'kinds of stage')}" if len(allowed) > _LONG_LIST else _either(allowed)
        if "const" in schema:
            return f"`{schema['const']}`"
        if "anyOf" in schema:
            options = [option for option in schema["anyOf"] if option.get("type") != "null"]
            return "; or ".join(dict.fromkeys(self.words(option) for option in options))
        types = schema["type"] if isinstance(schema["type"], list) else [schema["type"]]
        return _either([self._words_of_type(each, schema) for each in types if each != "null"])

    def _words_of_part(self, name: str) -> str:
        if name in _SAID:
            return _SAID[name]
        form = self._first_form(name)
        if "examples" not in form:
            return "the keys below"
        words = form["description"].partition(", such as ")[0]
        said = f"{words[0].lower()}{words[1:]} ({_either([f'`{each}`' for each in form['examples']])})"
        if form is self.parts[name]:
            return said
        more = " or the keys below" if name == "Attribute" else ""
        return f"{said}, or a {_link('Distributions', 'distribution')}{more}"

    def _words_of_type(self, kind: str, schema: Schema) -> str:
        if kind == "array":
            count = f" of {schema['minItems']}" if schema.get("minItems", 0) == schema.get("maxItems") else ""
            return f"list{count}, each item: {self.words(schema['items'])}"
        if kind == "object":
            names = schema.get("propertyNames", {}).get("enum", [])
            allowed = f" (`{names[0]}` to `{names[-1]}`)" if 0 < len(names) < _LONG_LIST else ""
            return f"names{allowed}, each with {self.words(schema['additionalProperties'])}"
        if kind == "boolean":
            return "`true` or `false`"
        if kind in ("integer", "number"):
            return ("whole number" if kind == "integer" else "number") + _limits(schema)
        return "text"


def _target(schema: Schema) -> str | None:
    """The name of the part that a schema refers to."""
    return schema["$ref"].rpartition("/")[2] if "$ref" in schema else None


def _either(words: list[str]) -> str:
    """`a`, `b` or `c`."""
    return " or ".join(filter(None, [", ".join(words[:-1]), words[-1]]))


def _limits(schema: Mapping[str, Any]) -> str:
    above, least, most = (schema.get(key) for key in ("exclusiveMinimum", "minimum", "maximum"))
    if above is not None:
        return f" above {above}"
    if most is None or most >= _HUGE:
        return f", {least} or more"
    return f", {least} to {most:,}"


def _link(title: str, words: str = "") -> str:
    anchor = re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-")
    return f"[{words or title}](#{anchor})"


def _stage_table() -> list[str]:
    lines = ["**Kinds of stage**", "", "| kind | 中文 | what happens | outcomes |", "|---|---|---|---|"]
    for kind in STAGE_KINDS.values():
        outcomes = ", ".join(f"`{outcome}`" for outcome in kind.outcomes)
        lines.append(f"| `{kind.name}` | {kind.zh} | {kind.meaning} | {outcomes} |")
    return [*lines, ""]


def documented() -> list[Row]:
    """Every key on the page."""
    tables = _Tables()
    return [row for section in SECTIONS for row in tables.rows(section)]


def reference_page() -> str:
    """The page, in Markdown."""
    tables = _Tables()
    lines = [OPENING, "Sections: " + ", ".join(_link(section.title) for section in SECTIONS) + ".", ""]
    for section in SECTIONS:
        lines += [f"## {section.title}", "", section.text.rstrip(), ""]
        if section.example:
            lines += ["```yaml", section.example.rstrip(), "```", ""]
        rows = list(tables.rows(section))
        if rows:
            lines += ["| key | what it is | form | default |", "|---|---|---|---|"]
            for row in rows:
                cells = (f"`{row.path}`", row.meaning, row.form, row.default)
                lines.append("| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |")
            lines.append("")
        if "stages" in section.keys:
            lines += _stage_table()
    return "\n".join(lines).rstrip() + "\n"


if __name__ == "__main__":
    sys.stdout.buffer.write(reference_page().encode())
