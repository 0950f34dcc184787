"""Steps, branches and changes of a flow as files write them, as JSON Schema."""

from __future__ import annotations

from simulator.scenario.schema_forms import Schema
from simulator.scenario.stage_kinds import ENDS, STAGE_KINDS

KINDS: Schema = {"type": "string", "enum": list(STAGE_KINDS)}
OUTCOMES: Schema = {"enum": sorted({outcome for kind in STAGE_KINDS.values() for outcome in kind.outcomes})}
ROUTES = ["next", *(f"end {end}" for end in ENDS if end != "completed"), "valuation"]
STEPS: Schema = {"type": "array", "items": {"$ref": "#/$defs/FlowItem"}, "maxItems": 200}


def stage_kinds(settings: str) -> dict[str, Schema]:
    """The kinds of stage as keys, each with its meaning and outcomes for the editor to show."""
    return {
        kind.name: {
            "anyOf": [{"$ref": f"#/$defs/{settings}"}, {"type": "null"}],
            "description": f"{kind.meaning} ({kind.zh}). Outcomes: {', '.join(kind.outcomes)}",
        }
        for kind in STAGE_KINDS.values()
    }


def whole_flow(description: str) -> Schema:
    """The `flow` of a product: a list of steps, or changes to the steps of the base."""
    options = [{**STEPS, "minItems": 1}, {"$ref": "#/$defs/FlowEdit"}, {"type": "null"}]
    return {"anyOf": options, "description": description}


def whole_servicing(description: str) -> Schema:
    """The `servicing` of a product: a list of steps."""
    return {"anyOf": [{**STEPS, "maxItems": 20}, {"type": "null"}], "description": description}


def flow_forms() -> dict[str, Schema]:
    """What stands in a flow, by the names that other parts of the schema refer to."""
    settings = {"anyOf": [{"$ref": "#/$defs/Step"}, {"type": "null"}]}
    name = {"type": "string", "description": "A step by its name", "examples": list(STAGE_KINDS)}
    with_settings = {
        "type": "object",
        "description": "A step with its settings indented below its name",
        "properties": stage_kinds("Step"),
        "propertyNames": {"not": {"enum": ["together", "choice"]}},
        "additionalProperties": settings,
        "minProperties": 1,
        "maxProperties": 1,
    }
    together, choice = {"$ref": "#/$defs/Together"}, {"$ref": "#/$defs/Choice"}
    return {
        "FlowItem": {"anyOf": [name, with_settings, together, choice]},
        "Branch": {"anyOf": [STEPS, {"$ref": "#/$defs/FlowItem"}, {"type": "null"}]},
        "FlowEdit": _edits(settings),
        "Insertion": {
            "type": "object",
            "properties": {
                "after": {"type": "string", "description": "Name of the step after which the new steps stand"},
                "before": {"type": "string", "description": "Instead: the step before which they stand"},
                "steps": {**STEPS, "description": "The new steps"},
            },
            "required": ["steps"],
            "oneOf": [{"required": ["after"]}, {"required": ["before"]}],
            "additionalProperties": False,
        },
    }


def _edits(settings: Schema) -> Schema:
    insertion = {"$ref": "#/$defs/Insertion"}
    edits = {
        "remove": {
            "anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}}],
            "description": "Name of the step to take out, or a list of names",
        },
        "replace": {
            "type": "object",
            "additionalProperties": settings,
            "description": "Steps by name, each with the settings that change",
        },
        "insert": {
            "anyOf": [insertion, {"type": "array", "items": insertion}],
            "description": "New steps and their place, or a list of such insertions",
        },
    }
    return {
        "type": "object",
        "description": "Changes to the steps of the base, by their names",
        "properties": edits,
        "additionalProperties": settings,
        "minProperties": 1,
    }
