"""The schema takes what the loader takes, refuses the mistakes that an editor can see, and explains every key."""

from __future__ import annotations

import copy
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from pydantic import ValidationError

from simulator.scenario.load import node_of
from simulator.scenario.merge import merge
from simulator.scenario.model import Scenario
from simulator.scenario.quantities import Quantity
from simulator.scenario.reference_text import SECTIONS
from simulator.scenario.resolve import with_stage_defaults
from simulator.scenario.schema import FIRST_LINE, json_schema
from simulator.scenario.schema_forms import FORMS
from simulator.scenario.source import parse, parse_file
from simulator.scenario.stage_kinds import STAGE_KINDS
from simulator.units import parse_money, parse_share, parse_span

ROOT = Path(__file__).resolve().parent.parent
SCHEMA = json_schema()
VALIDATOR = Draft202012Validator(SCHEMA)
Path_ = tuple[str | int, ...]
BUNDLED = sorted((ROOT / "scenarios").rglob("*.yaml"))


def accepted(text: str) -> bool:
    return VALIDATOR.is_valid(parse(text, "test").plain())


def programme() -> dict[str, Any]:
    """A scenario with most keys: the examples of the reference page laid over one another."""
    tree = parse("name: {en: Loans, zh: 贷款}", "reference")
    for section in SECTIONS:
        if section.example:
            tree, _ = merge(tree, parse(section.example, section.title))
    plain: dict[str, Any] = tree.plain()
    return plain


def by_the_model(plain: dict[str, Any]) -> bool:
    """Whether the checked model takes a file, references between its parts aside."""
    tree, problems = with_stage_defaults(node_of({key: plain[key] for key in plain if key != "variants"}, "test"))
    try:
        Scenario.model_validate(tree.plain())
    except ValidationError:
        return False
    return not problems


def places(value: Any, path: Path_ = ()) -> Iterator[Path_]:
    """Paths of everything in a file."""
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, each in inner:
        yield (*path, key)
        yield from places(each, (*path, key))


def changed(plain: dict[str, Any], path: Path_, change: Callable[[Any, Any], None]) -> dict[str, Any]:
    """A copy of a file in which `change(holder, key)` has changed the place of a path."""
    new = copy.deepcopy(plain)
    holder: Any = new
    for part in path[:-1]:
        holder = holder[part]
    change(holder, path[-1])
    return new


def putting(value: Any) -> Callable[[Any, Any], None]:
    """The change that puts a value at a place."""
    return lambda holder, key: holder.__setitem__(key, value)


def test_the_schema_is_one_of_draft_2020_12_and_says_how_an_editor_finds_it() -> None:
    Draft202012Validator.check_schema(SCHEMA)
    assert SCHEMA["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert FIRST_LINE == "# yaml-language-server: $schema=pledgesim.schema.json"
    assert FIRST_LINE in SCHEMA["$comment"] and FIRST_LINE in SCHEMA["description"]


@pytest.mark.parametrize("path", BUNDLED, ids=[path.stem for path in BUNDLED])
def test_every_bundled_scenario_is_valid(path: Path) -> None:
    found = VALIDATOR.iter_errors(parse_file(path, path.name).plain())
    assert [f"{error.json_path}: {error.message[:200]}" for error in found] == []


@pytest.mark.parametrize(
    "text",
    [
        "extends: pledgesim:shanghai",
        "extends: base.yaml\nrun: {replications: 3}",
        "name: a bare text",
        "name: {zh: 贷款}",
        "case: 8",
        "calendars: {office: {tables: {2027: {off: [2027-01-01]}}}}",
        "parties: {bank: {desks: {reviewer: {staff: 2}}}}",
        "parties: {bank: null}",
        "stages: {valuation: {work: 2 h}}",
        "stages: {my own step: {stage: valuation, work: {triangular: [30 min, 1 h, 2 hours]}}}",
        "stages: {valuation: {elapsed: {gamma: {mean: 3 working days, cv: 0.5}}}}",
        "stages: {valuation: {work: {lognormal: {p90: 8 h}}}}",
        "stages: {valuation: {work: {lognormal: null, exponential: 2 h}}}",
        "applicants: {arrivals: {per_working_day: 0.5, by_month: {1: 50%, 12: 80%}}}",
        "applicants: {arrivals: {firms: [{at: 2021-09-17 15:00, attributes: {a: 1m CNY, b: true, c: word, d: 3}}]}}",
        "applicants: {population: {sales: 3m CNY, staff: 7, debts: {of: sales, fixed: 20%}, yes: {yes: 30%}}}",
        "products: {x: {eligibility: {a: true, b: word, c: {above: 3}, d: {below: 40%}, e: {one_of: [x, y]}}}}",
        "products: {x: {tenor: 3 years, amount: {at_most: 400万 CNY}}}",
        "products: {x: {flow: [valuation, drawdown]}}",
        "products: {x: {flow: [valuation: null, own name: {stage: valuation, deadline: 2 weeks}]}}",
        "products: {x: {flow: [together: [valuation, [rating: {by: bank}, contract]]]}}",
        "products: {x: {flow: [{choice: [{odds: 30%, steps: rating}, {odds: 10%}], otherwise: [rating], title: t}]}}",
        "products: {x: {flow: [valuation: {on: {returned: application, declined: end withdrawn}}]}}",
        "products: {x: {flow: {remove: rating}}}",
        "products: {x: {flow: {remove: [a, b], replace: {c: {work: 1 h}}, insert: {before: d, steps: [e: {by: g}]}}}}",
        "products: {x: {flow: {valuation: {work: 1 h}, rating: null}}}",
        "products: {x: {flow: {insert: [{after: a, steps: [b]}, {after: c, steps: [d]}]}}}",
        "products: {x: {risk_sharing: {split: {a: 1/3, b: rest}}}}",
        "products: {x: {risk_sharing: {split: {b: {share: 30%, up to: f, otherwise: {c: 50%, d: rest}}, e: rest}}}}",
        "products: {x: {risk_sharing: {recoveries: {by_rank: [a]}}}}",
        "credit: {recovery: {haircut: {uniform: [40%, 60%]}}}",
        "evidence: {products.*.tenor: {published: C8-F1}, run: {assumed: a guess, range: [1, 3]}}",
        "variants: {v: {flow: {remove: rating}, credit.annual_default_rate: 5%, amount.at_most: 3m CNY}}",
        "variants: {v: {products: {x.y: {tenor: 1 year}, x: {amount.of.sales: 20%}}, run: {follow_up.cases: 9 days}}}",
        "variants: {v: {eligibility: {sales: null}, evidence: {credit: {setting: one}}, tenor: 18 months}}",
    ],
)
def test_what_a_file_may_write_is_valid(text: str) -> None:
    assert accepted(text)


@pytest.mark.parametrize(
    "text",
    [
        "partys: {bank: {}}",
        "parties: {bank: {desk: {}}}",
        "parties: {bank: {desks: {reviewer: {staff: two}}}}",
        "parties: {bank: {desks: {reviewer: {staff: 0}}}}",
        "parties: [bank]",
        "kind: produkt",
        "case: 11",
        "name: 8",
        "calendars: {office: {days: mainland}}",
        "calendars: {office: {weekday_hours: {Fri: 9:00-12:00}}}",
        "calendars: {office: {closures: [{first: 2022-04-01}]}}",
        "stages: {valuation: {work: 2}}",
        "stages: {valuation: {work: 2 working days}}",
        "stages: {valuation: {work: {triangular: [2, 4, 8]}}}",
        "stages: {valuation: {work: {triangular: [2 h, 4 h]}}}",
        "stages: {valuation: {work: {normal: 2 h}}}",
        "stages: {valuation: {elapsed: 2 months}}",
        "stages: {valuation: {patience: 3 working days}}",
        "stages: {x: {stage: evaluation}}",
        "stages: {valuation: {odds: {valued: 0.9}}}",
        "stages: {valuation: {odds: {evaluated: 90%}}}",
        "stages: {valuation: {title: x}}",
        "applicants: {arrivals: {by_month: {13: 50%}}}",
        "applicants: {correlations: [{between: [a, b]}]}",
        "products: {x: {tenor: 12}}",
        "products: {x: {tenor: 30 days}}",
        "products: {x: {amount: {at_most: 4000000}}}",
        "products: {x: {amount: {at_most: 4m}}}",
        "products: {x: {amount: {of: {value: 0.4}}}}",
        "products: {x: {eligibility: {a: 3}}}",
        "products: {x: {flow: []}}",
        "products: {x: {flow: valuation}}",
        "products: {x: {flow: [[valuation]]}}",
        "products: {x: {flow: [{valuation: {work: 2 h}, rating: {work: 2 h}}]}}",
        "products: {x: {flow: [valuation: {title: x}]}}",
        "products: {x: {flow: [valuation: {deadline: 6 months}]}}",
        "products: {x: {flow: [together: [valuation]]}}",
        "products: {x: {flow: [together: null]}}",
        "products: {x: {flow: [choice: valuation]}}",
        "products: {x: {flow: [choice: null]}}",
        "products: {x: {flow: {delete: rating}}}",
        "products: {x: {servicing: status monitoring}}",
        "products: {x: {servicing: [status monitoring: {every: 10 days}]}}",
        "products: {x: {repayment: {sweep: {of: fees, share: 50%, every: 2 weeks}}}}",
        "products: {x: {flow: {insert: {steps: [a]}}}}",
        "products: {x: {flow: {insert: {after: a, before: b, steps: [c]}}}}",
        "products: {x: {risk_sharing: {split: {a: 0.3}}}}",
        "products: {x: {risk_sharing: {straddle: half}}}",
        "credit: {annual_default_rate: 3}",
        "run: {start: tomorrow}",
        "run: {arrivals_for: 200 working days}",
        "run: {replications: 10%}",
        "compare: [{variant: a}]",
        "published_rules: {x: {times: {revaluation: 1}}}",
        "variants: {v: [flow]}",
        "variants: {v: {flows: {remove: rating}}}",
        "variants: {v: {credits.annual_default_rate: 5%}}",
        "variants: {v: {credit: {annual_default_rate: 5}}}",
        "variants: {v: {flow: {replace: {valuation: {work: 2}}}}}",
        "variants: {v: {flow: {valuation: {work: 2}}}}",
    ],
)
def test_a_mistake_that_an_editor_can_see_is_refused(text: str) -> None:
    assert not accepted(text)


def test_no_key_outside_a_list_is_required_because_a_base_may_bring_it() -> None:
    whole = programme()
    assert VALIDATOR.is_valid(whole)
    del whole["variants"]  # a change that changes nothing is none
    outside = [path for path in places(whole) if not any(isinstance(part, int) for part in path)]
    assert len(outside) > 150

    for path in outside:
        section = {str(path[0]): whole[str(path[0])]}
        assert VALIDATOR.is_valid(changed(section, path, lambda holder, key: holder.pop(key))), path
        assert VALIDATOR.is_valid(changed(section, path, putting(None))), path


SAMPLES = [
    *("2 h", "90 Minutes", "3 working  days", "30 days", "2 weeks", "6 months", "3 years", "40%", "1/3", "rest"),
    *("30m CNY", "2.5亿元", "-1m CNY", "1e6 CNY", "word", "2021-09-17", "2021-09-17 15:00", "9:00-17:00", "14:00"),
    *(3, 0.5, -1, True, None, [], ["2 h", "3 h"], ["1 days", "2 days", "3 days"], ["a", "b"], {}, {"fixed": "2 h"}),
    *({"exponential": "3 working days"}, {"uniform": ["10%", "20%"]}, {"fixed": "3m CNY"}, {"en": "text"}),
    *({"first": "bank"}, {"share": "40%"}, {"staff": 2}),
]
CLOSED = ("stage", "odds", "on", "times")
"""Keys with a closed vocabulary that the model leaves to the check of references."""


@pytest.mark.slow
def test_whatever_the_model_takes_at_any_place_the_schema_takes() -> None:
    whole = programme()
    del whole["variants"]
    assert by_the_model(whole)
    taken, wrong = 0, []
    for path in places(whole):
        section = {str(path[0]): whole[str(path[0])]}
        for sample in SAMPLES if not set(path) & set(CLOSED) else ():
            new = changed(section, path, putting(sample))
            if by_the_model({"id": "x", "name": "x", **new}):
                taken += 1
                if not VALIDATOR.is_valid(new):
                    wrong.append((path, sample))
    assert wrong == []
    assert taken > 500


@pytest.mark.parametrize(
    "path",
    [
        ("stages", "application", "elapsed"),
        ("stages", "second review", "work"),
        ("applicants", "patience"),
        ("products", "patent loan", "tenor"),
        ("products", "patent loan", "amount", "at_most"),
        ("products", "patent loan", "clocks", "decision", "within"),
        ("quotas", "platform", "limit"),
        ("parties", "guarantor", "desks", "signing day", "batch", "wait"),
        ("credit", "annual_default_rate"),
        ("credit", "claim_after"),
        ("credit", "recovery", "haircut"),
        ("run", "start"),
        ("run", "drawn_within"),
        ("run", "follow_up", "cases"),
    ],
)
def test_where_a_unit_is_needed_schema_and_model_take_the_same(path: Path_) -> None:
    section = {str(path[0]): programme()[str(path[0])]}
    for sample in SAMPLES:
        if sample is not None and sample != {}:
            new = changed(section, path, putting(sample))
            assert VALIDATOR.is_valid(new) == by_the_model({"id": "x", "name": "x", **new}), sample


NUMBERS = st.from_regex(r"\A[-+]?[0-9_]{0,3}\.?[0-9]{0,2}(e[0-9])?\Z")
UNITS = st.sampled_from(
    ["CNY", "m CNY", " k CNY", "万元", "亿 元", "%", " %", "h", " H", "min", "minute", " Working days", "working  day",
     "days", "day", "weeks", " months", "years", "workingdays", "m", "", "day s"]
)  # fmt: skip


@given(NUMBERS, UNITS)
def test_the_patterns_take_the_spellings_that_are_understood(number: str, unit: str) -> None:
    text = number + unit
    for name, parse_text in (("Money", parse_money), ("Share", parse_share), ("TimeSpan", parse_span)):
        matched = re.search(FORMS[name]["pattern"], text) is not None
        if text.startswith("-"):
            assert not matched
        else:
            assert matched == _understood(parse_text, text), (name, text)


@given(NUMBERS, UNITS)
def test_any_quantity_that_is_understood_matches_the_general_pattern(number: str, unit: str) -> None:
    if unit and number[:1] != "-" and _understood(Quantity.parse, number + unit):
        assert re.search(FORMS["Quantity"]["pattern"], number + unit)


def _understood(parse_text: Callable[[str], object], text: str) -> bool:
    try:
        parse_text(text)
    except ValueError as error:
        # What is too exact or too large is for the loader to say.
        return "whole number" in str(error) or "more than" in str(error) or "out of range" in str(error)
    return True


def parts(schema: Any) -> Iterator[dict[str, Any]]:
    if isinstance(schema, dict):
        yield schema
        for inner in schema.values():
            yield from parts(inner)
    elif isinstance(schema, list):
        for inner in schema:
            yield from parts(inner)


def test_every_key_has_a_text_for_the_editor_to_show() -> None:
    silent = [
        key
        for part in parts(SCHEMA)
        if isinstance(part.get("properties"), dict) and "type" in part
        for key, value in part["properties"].items()
        if not value.get("description")
    ]
    assert silent == []


def test_an_editor_can_offer_every_kind_of_stage_with_its_outcomes() -> None:
    step = next(each for each in SCHEMA["$defs"]["FlowItem"]["anyOf"] if each.get("type") == "object")
    assert set(step["properties"]) == set(SCHEMA["properties"]["stages"]["properties"]) == set(STAGE_KINDS)
    assert "approved, returned, declined" in step["properties"]["credit approval"]["description"]


def test_a_variant_offers_the_keys_of_the_scenario_and_of_its_product() -> None:
    offered = SCHEMA["$defs"]["Variant"]["properties"]
    assert {"parties", "credit", "run", "flow", "amount", "eligibility", "risk_sharing"} <= set(offered)
    assert not {"extends", "variants"} & set(offered)


def test_every_reference_inside_the_schema_leads_to_a_part_and_every_part_is_used() -> None:
    used = {part["$ref"].removeprefix("#/$defs/") for part in parts(SCHEMA) if isinstance(part.get("$ref"), str)}
    assert used == set(SCHEMA["$defs"])
