"""How money, shares, times and dates are written, as JSON Schema: a pattern, examples and words for each."""

from __future__ import annotations

from typing import Any

Schema = dict[str, Any]

_NUMBER = r"(\d[\d_]*)?\.?\d+([eE][-+]?\d+)?"
_WRITTEN_SPANS = {
    "min": ("min", "minutes?"),
    "h": ("h", "hours?"),
    "working days": (r"working\s+days?",),
    "days": ("days?",),
    "weeks": ("weeks?",),
    "months": ("months?",),
    "years": ("years?",),
}
_CNY = r"(k|m|bn|万|亿)?\s*(CNY|元)"
_MONEY = rf"\+?{_NUMBER}\s*{_CNY}"
_SHARE = rf"\+?{_NUMBER}\s*%"
_FRACTION = r"\d{1,18}\s*/\s*\d{1,18}"
_DAY = r"\d{4}-\d{2}-\d{2}"


def _span(*units: str) -> str:
    written = "|".join(word for unit in units for word in _WRITTEN_SPANS[unit])
    return rf"\+?{_NUMBER}\s*({_in_any_case(written)})"


def _in_any_case(pattern: str) -> str:
    """The pattern for letters of either case, as JSON Schema's patterns have no switch for it."""
    kept = pattern.replace(r"\s", "\0")
    return "".join(f"[{each}{each.upper()}]" if each.isalpha() else each for each in kept).replace("\0", r"\s")


def _form(words: str, pattern: str, *examples: str, or_number: bool = False) -> Schema:
    such_as = ", ".join(examples[:-1]) + " or " + examples[-1] if len(examples) > 1 else examples[0]
    told = f"{words}, such as {such_as}"
    return {
        "type": ["string", "number"] if or_number else "string",
        "pattern": rf"^\s*({pattern})\s*$",
        "description": told[0].upper() + told[1:],
        "examples": [*examples],
        "patternErrorMessage": f"Write {told}",
    }


_WORK, _REAL, _PASSING = _span("min", "h"), _span("min", "h", "days", "weeks"), _span(*list(_WRITTEN_SPANS)[:5])
FORMS: dict[str, Schema] = {
    "Money": _form("an amount of money", _MONEY, "30m CNY", "4_000_000 CNY", "400万 CNY"),
    "Share": _form("a share", _SHARE, "40%"),
    "LossShare": _form("a share of the loss", rf"{_SHARE}|{_FRACTION}|rest", "40%", "1/3", "rest"),
    "TimeSpan": _form("a length of time", _span(*_WRITTEN_SPANS), "3 working days", "30 days", "6 months"),
    "Tenor": _form("months or years", _span("months", "years"), "12 months", "3 years"),
    "Deadline": _form(
        "a whole number of days or working days", _span("working days", "days", "weeks"), "5 working days", "30 days"
    ),
    "WorkingDays": _form("a whole number of working days", _span("working days"), "1 working day", "3 working days"),
    "CalendarTime": _form(
        "a length of calendar time", _span("days", "weeks", "months", "years"), "90 days", "6 months", "2 years"
    ),
    "Date": _form("a date", _DAY, "2021-09-17"),
    "Moment": _form("a date and time in Shanghai", rf"{_DAY}([ T]\d{{2}}(:\d{{2}}(:\d{{2}})?)?)?", "2021-09-17 15:00"),
    "Quantity": _form(
        "a number with its unit", f"-?({_MONEY}|{_SHARE})|{_PASSING}", "4m CNY", "40%", "2 h", "3", or_number=True
    ),
}
"""Single values, by the names that other parts of the schema refer to."""

_FIXED: dict[str, Schema] = {
    "WorkTime": _form("time worked, in minutes or hours", _WORK, "30 min", "2 h"),
    "ElapsedTime": _form("time that passes", _PASSING, "2 h", "3 working days", "30 days"),
    "RealTime": _form("time on the wall clock and calendar", _REAL, "2 h", "30 days", "2 weeks"),
    "Proportion": _form("a share", _SHARE, "40%"),
}
RANDOM_FORMS = tuple(_FIXED)
"""Quantities for which a distribution may stand."""


def random_forms(distribution: Schema, lognormal: Schema, gamma: Schema) -> dict[str, Schema]:
    """Quantities that may be random: written bare, or as a distribution whose parameters are of the same unit."""
    found = {}
    for name, fixed in _FIXED.items():
        value = {"$ref": f"#/$defs/{name}Value"}
        inner = {"lognormal": _with_quantity(lognormal, value), "gamma": _with_quantity(gamma, value)}
        mapping = _with_quantity(distribution, value)
        for key, parameters in inner.items():
            told = distribution["properties"][key]["description"]
            mapping["properties"][key] = {**parameters, "type": ["object", "null"], "description": told}
        for key, length in (("uniform", 2), ("triangular", 3)):
            # Plain numbers before the last have its unit.
            either = {"anyOf": [value, {"type": "number"}]}
            told = distribution["properties"][key]["description"]
            mapping["properties"][key] = {
                "type": ["array", "null"], "prefixItems": [*[either] * (length - 1), value], "items": False,
                "minItems": length, "description": told,
            }  # fmt: skip
        found[f"{name}Value"] = fixed
        found[name] = {"anyOf": [value, mapping], "description": fixed["description"] + ", or a distribution"}
    return found


def _with_quantity(schema: Any, value: Schema) -> Any:
    """A part of the schema with `value` where it says any quantity."""
    if isinstance(schema, dict):
        new = {key: _with_quantity(inner, value) for key, inner in schema.items()}
        return {**new, **value} if schema.get("$ref") == "#/$defs/Quantity" else new
    return [_with_quantity(each, value) for each in schema] if isinstance(schema, list) else schema
