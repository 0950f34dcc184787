"""The same stage takes the same time in every product, or says why not."""

from __future__ import annotations

from typing import Any

import pytest
from bundled import bundled

from simulator.analysis.evidence import EvidenceOf
from simulator.scenario.load import LoadedScenario, catalogue
from simulator.scenario.stage_kinds import STAGE_KINDS

TIMES = ("work", "elapsed")


def steps_in(items: Any) -> list[dict[str, Any]]:
    """Every step at any depth of a flow as the loader fills it in."""
    if isinstance(items, dict):
        if "title" in items and not {"together", "choice"} & items.keys():
            return [items]
        return [step for value in items.values() for step in steps_in(value)]
    return [step for item in items for step in steps_in(item)] if isinstance(items, list) else []


@pytest.fixture(scope="module")
def products() -> list[LoadedScenario]:
    return [bundled(entry["id"]) for entry in catalogue() if entry["kind"] in ("product", "contrast")]


def flows_of(loaded: LoadedScenario) -> list[tuple[str, dict[str, Any]]]:
    plain = loaded.tree.plain()
    return [
        (name, step)
        for name, product in plain["products"].items()
        for step in [*steps_in(product["flow"]), *steps_in(product.get("servicing", []))]
    ]


def test_a_step_of_one_name_takes_the_same_time_in_every_product(products: list[LoadedScenario]) -> None:
    times: dict[tuple[str, str], dict[str, list[str]]] = {}
    for loaded in products:
        for _, step in flows_of(loaded):
            for key in TIMES:
                times.setdefault((step["title"], key), {}).setdefault(str(step.get(key)), []).append(loaded.id)
    several = {name: found for name, found in times.items() if len(found) > 1}
    explained = {
        (step["title"], key)
        for loaded in products
        for product, step in flows_of(loaded)
        for key in TIMES
        if says_why(loaded, ("products", product, "flow", step["title"], key))
    }
    assert {name: found for name, found in several.items() if name not in explained} == {}


def test_a_step_that_departs_from_its_stages_time_has_evidence_of_its_own(products: list[LoadedScenario]) -> None:
    base = bundled("shanghai").plain["stages"]
    departing: dict[str, dict[str, str]] = {}
    for loaded in products:
        for product, step in flows_of(loaded):
            kind = step.get("stage", step["title"])
            for key in TIMES:
                default = base.get(kind, {}).get(key)
                if step.get(key) == default or step.get(key) is None:
                    continue
                departing.setdefault(kind, {})[f"{step['title']}.{key}"] = str(step[key])
                stated = ("stages", step["title"], key)
                local = ("products", product, "flow", step["title"], key)
                assert says_why(loaded, stated) or says_why(loaded, local), (loaded.id, step["title"], key)
    # What departs today; whoever adds to it gives the evidence that the loop above asks for.
    assert {kind: sorted(found) for kind, found in departing.items()} == DEPARTING


def says_why(loaded: LoadedScenario, path: tuple[str, ...]) -> bool:
    known = EvidenceOf(loaded).of(path)
    return known is not None and path[-2] in known[0].split(".") and "*" not in known[0]


DEPARTING: dict[str, list[str]] = {
    "application": ["assisted application.elapsed"],
    "contract": ["licence terms.elapsed"],
    "credit approval": [
        "green credit approval.elapsed",
        "online credit approval.elapsed",
        "online credit approval.work",
        "quick credit approval.elapsed",
        "quick credit approval.work",
    ],
    "due diligence": ["risk report.work"],
    "guarantee review": [
        "first review.elapsed",
        "first review.work",
        "second review.elapsed",
        "second review.work",
    ],
    "pledge registration": [
        "mortgage registration.elapsed",
        "online pledge registration.elapsed",
        "online pledge registration.work",
        "receivable registration.elapsed",
        "receivable registration.work",
        "same-day trademark registration.elapsed",
    ],
    "valuation": [
        "expert valuation.elapsed",
        "expert valuation.work",
        "mark valuation.elapsed",
        "mark valuation.work",
        "patent appraisal.elapsed",
        "patent appraisal.work",
        "trademark appraisal.elapsed",
        "trademark appraisal.work",
    ],
}
"""Kind of stage: steps that take another time than it, each with its reason in the base's evidence."""


def test_every_stage_with_a_time_is_one_of_the_known_kinds() -> None:
    base = bundled("shanghai").plain["stages"]
    assert {settings.get("stage", title) for title, settings in base.items()} <= STAGE_KINDS.keys()
