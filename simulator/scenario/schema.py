"""The JSON Schema of a scenario file as its author writes it, so that editors complete, explain and check it.

It takes whatever the loader takes. The loader says more: whether names exist, routes lead somewhere, sums are one.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, get_args

from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue
from pydantic_core import core_schema

from simulator.scenario.model import Scenario
from simulator.scenario.quantities import Distribution, ElapsedTime, Proportion, RealTime, WorkTime
from simulator.scenario.schema_flow import KINDS, OUTCOMES, ROUTES, flow_forms, stage_kinds, whole_flow, whole_servicing
from simulator.scenario.schema_forms import FORMS, Schema, random_forms
from simulator.scenario.variant_names import NamedVariant

FILE_NAME = "pledgesim.schema.json"
FIRST_LINE = f"# yaml-language-server: $schema={FILE_NAME}"
_RANDOM = {"WorkTime": WorkTime, "ElapsedTime": ElapsedTime, "RealTime": RealTime, "Proportion": Proportion}
_RANDOM_CHECKS: dict[Any, str] = {get_args(alias)[1].func: name for name, alias in _RANDOM.items()}
_BY_EXAMPLE = {
    "40%": "Share",
    "30m CNY": "Money",
    "3 working days": "TimeSpan",
    "2021-09-17": "Date",
    "2021-09-17 15:00": "Moment",
}
_SPANS = {
    "Product": {"tenor": "Tenor"},
    "Sweep": {"every": "Tenor"},
    "Step": {"deadline": "Deadline", "every": "Tenor"},
    "Batch": {"wait": "WorkingDays"},
    "Clock": {"within": "Deadline"},
    "FollowUp": dict.fromkeys(("cases", "loans"), "CalendarTime"),
    "Run": dict.fromkeys(("arrivals_for", "warm_up", "drawn_within"), "CalendarTime"),
}
_BARE: dict[str, Schema] = {
    "Text": {"type": "string"},
    "Condition": {"type": ["boolean", "string"]},
    "Attribute": {"$ref": "#/$defs/Quantity"},
}
_MONTHS: Schema = {"enum": [str(month) for month in range(1, 13)]}


def json_schema() -> Schema:
    """JSON Schema (draft 2020-12) of a scenario file."""
    defs = _file_forms(model_schema())
    scenario = defs.pop("Scenario")
    variant, changed = _variant(defs, scenario["properties"])
    extends = {
        "type": "string",
        "description": "File whose content this one changes: in the same folder or below, or pledgesim:NAME",
        "examples": ["pledgesim:shanghai"],
    }
    variants = {
        "type": ["object", "null"],
        "description": "Named changes to this file; with each, it is another world to compare with",
        "additionalProperties": {"$ref": "#/$defs/Variant"},
    }
    properties = dict(scenario["properties"])
    opening = {key: properties.pop(key) for key in ("id", "kind", "case", "name", "question", "about")}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$comment": f"Save as {FILE_NAME} beside your scenario and begin the scenario with the line: {FIRST_LINE}",
        "title": "pledgesim scenario",
        "description": f"{scenario['description']} An editor checks a file whose first line is: {FIRST_LINE}",
        "type": "object",
        "properties": {**opening, "extends": extends, **properties, "variants": variants},
        "additionalProperties": False,
        "$defs": {**defs, "Variant": variant, **changed},
    }


def model_schema() -> dict[str, Schema]:
    """The schema of every part of the checked model by its name, before the forms that files may use."""
    root = Scenario.model_json_schema(schema_generator=_NamesRandomQuantities)
    distribution = Distribution.model_json_schema()
    return {**distribution.pop("$defs"), "Distribution": distribution, **root.pop("$defs"), "Scenario": root}


class _NamesRandomQuantities(GenerateJsonSchema):
    """Tells apart the distributions that the model allows in some units only."""

    def function_after_schema(self, schema: core_schema.AfterValidatorFunctionSchema) -> JsonSchemaValue:
        name = _RANDOM_CHECKS.get(schema["function"]["function"])
        return {"random": name} if name else super().function_after_schema(schema)


def _file_forms(model: dict[str, Schema]) -> dict[str, Schema]:
    """The parts of a file by name: the model's parts, and the forms in which a file may write them."""
    # Lists are replaced whole and never merged with those of a base, so only what stands in one is complete.
    complete = _list_items(model) - {"Step"}
    parts = {name: _part(name, schema, name in complete) for name, schema in model.items()}
    del parts["Step"]["properties"]["title"]
    for name in ("Stage", "Step"):
        settings = parts[name]["properties"]
        settings["stage"] = _or_nothing({**KINDS, **_told(settings["stage"])})
        settings["odds"]["propertyNames"] = OUTCOMES
    routes = parts["Step"]["properties"]["on"]
    routes["propertyNames"] = OUTCOMES
    routes["additionalProperties"]["examples"] = ROUTES
    parts["PublishedRule"]["properties"]["times"]["propertyNames"] = {"enum": KINDS["enum"]}
    parts["Arrivals"]["properties"]["by_month"]["propertyNames"] = _MONTHS
    parts["Scenario"]["properties"]["stages"]["properties"] = stage_kinds("Stage")
    parts["Together"]["properties"]["together"]["items"] = _ref("Branch")
    for name, key in (("Way", "steps"), ("Choice", "otherwise")):
        place = parts[name]["properties"]
        place[key] = {**_ref("Branch"), **_told(place[key])}
    product = parts["Product"]["properties"]
    product["flow"] = whole_flow(product["flow"]["description"])
    product["servicing"] = whole_servicing(product["servicing"]["description"])
    randoms = random_forms(parts.pop("Distribution"), parts["Lognormal"], parts["Gamma"])
    for name, bare in _BARE.items():
        told = parts[name].pop("description")
        parts[name] = {"anyOf": [bare, parts[name]], "description": told}
    return {**FORMS, **randoms, **parts, **flow_forms()}


def _ref(name: str) -> Schema:
    return {"$ref": f"#/$defs/{name}"}


def _part(name: str, schema: Schema, complete: bool) -> Schema:
    """A part of the model as a file writes it; nothing is required that a base may bring."""
    part = _rewritten(schema)
    for key, form in _SPANS.get(name, {}).items():
        part["properties"][key] = {**_or_nothing(_ref(form)), **_told(part["properties"][key])}
    needed = schema.get("required", []) if complete else []
    if needed:
        something = {key: _rewritten(schema["properties"][key]) for key in needed}
        part["properties"] |= {key: {**form, **_told(schema["properties"][key])} for key, form in something.items()}
        part["required"] = needed
    return part


def _list_items(model: dict[str, Schema]) -> set[str]:
    """Parts that stand only as items of lists."""
    uses = [use for schema in model.values() for use in _uses(schema, False)]
    return {name for name, as_item in uses if as_item} - {name for name, as_item in uses if not as_item}


def _uses(schema: Any, as_item: bool) -> Iterator[tuple[str, bool]]:
    if isinstance(schema, dict):
        if "$ref" in schema:
            yield schema["$ref"].rpartition("/")[2], as_item
        for key, inner in schema.items():
            yield from _uses(inner, key == "items" or (as_item and key in ("oneOf", "anyOf")))
    elif isinstance(schema, list):
        for inner in schema:
            yield from _uses(inner, as_item)


def _rewritten(schema: Schema) -> Schema:
    """A schema of the model in the forms of a file, without what only Python needs."""
    options = [option for option in schema.get("anyOf", []) if option != {"type": "null"}]
    if len(options) == 1:
        return {**_rewritten(options[0]), **_told(schema)}
    form = _form_of(schema)
    if form:
        return _ref(form)
    only_complete = ("title", "default", "required", "anyOf", "minProperties")  # a base may bring keys
    new = {key: value for key, value in schema.items() if key not in only_complete}
    if options:
        new["anyOf"] = [_rewritten(option) for option in options]
    if "items" in schema:
        new["items"] = _rewritten(schema["items"])
    if isinstance(schema.get("additionalProperties"), dict):
        new["additionalProperties"] = _or_nothing(_rewritten(schema["additionalProperties"]))
    if "properties" in schema:
        properties = schema["properties"].items()
        new["properties"] = {key: {**_or_nothing(_rewritten(inner)), **_told(inner)} for key, inner in properties}
    return new


def _form_of(schema: Schema) -> str | None:
    """The name of the form in which a single value of the model is written."""
    if schema.get("type") == ["string", "number"]:
        return "Quantity"
    if "oneOf" in schema:
        return "FlowItem"
    examples = schema.get("examples", [None])
    return "LossShare" if "rest" in examples else schema.get("random", _BY_EXAMPLE.get(examples[0]))


def _told(schema: Schema) -> Schema:
    """What an editor shows of a key: its description and its default."""
    told = {"description": schema["description"]} if "description" in schema else {}
    return {**told, "default": schema["default"]} if isinstance(schema.get("default"), (str, int, float)) else told


def _or_nothing(schema: Schema) -> Schema:
    """The schema, or null, which takes out what the base has under the key."""
    if "$ref" in schema:
        kept = {key: value for key, value in schema.items() if key != "$ref"}
        return {"anyOf": [{"$ref": schema["$ref"]}, {"type": "null"}], **kept}
    if "anyOf" in schema:
        return {**schema, "anyOf": [*schema["anyOf"], {"type": "null"}]}
    new = {**schema, "type": [schema["type"], "null"]}
    return {**new, "enum": [*schema["enum"], None]} if "enum" in schema else new


def _variant(defs: dict[str, Schema], scenario: Schema) -> tuple[Schema, dict[str, Schema]]:
    """A variant's schema and the parts it refers to, in which a key may be a path such as `amount.at_most`."""
    changed: dict[str, Schema] = {}

    def change(schema: Any) -> Any:
        if isinstance(schema, list):
            return [change(each) for each in schema]
        if not isinstance(schema, dict):
            return schema
        if "$ref" in schema:
            name = schema["$ref"].rpartition("/")[2]
            if "pattern" in defs[name]:
                return schema
            if f"Changed{name}" not in changed:
                changed[f"Changed{name}"] = {}
                changed[f"Changed{name}"] = change(defs[name])
            return {**schema, **_ref(f"Changed{name}")}
        # Paths are read in mappings only, so what is in a list is written as anywhere else.
        new = {key: inner if key == "items" else change(inner) for key, inner in schema.items()}
        if schema.get("type") in ("object", ["object", "null"]):
            new["patternProperties"] = {r"\.": {}}
        return new

    keys = {**defs["Product"]["properties"], **scenario}
    evidence = keys.pop("evidence")  # its keys are paths anyway, and are not taken apart
    keys["name"] = {**keys["name"], **_told(NamedVariant.model_json_schema()["properties"]["name"])}
    return {
        "type": "object",
        "description": "Keys of the scenario with what changes, or paths; a product's keys mean the only product",
        "properties": {**change(keys), "evidence": evidence},
        "patternProperties": {rf"^({'|'.join(keys)})\.": {}},
        "additionalProperties": False,
    }, changed
