"""What of a scenario decides its results: all of it but what only tells of it, such as names and reasons."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from simulator.scenario.applicants import Applicant
from simulator.scenario.flow import Choice, Step, Together
from simulator.scenario.locations import as_model, descend
from simulator.scenario.model import Scenario
from simulator.scenario.names import Text

TELLING = frozenset(
    {"id", "name", "kind", "case", "question", "about", "evidence", "published_outcomes", "published_rules", "charts"}
)
"""Sections of a scenario that only tell of it."""
_below = lru_cache(maxsize=4096)(descend)
_FORMS = {"together": Together, "choice": Choice}


def decisive_part(plain: Mapping[str, Any]) -> dict[str, Any]:
    """A resolved scenario, as plain data, without its texts and what else only tells of it.

    Firms that apply by name keep theirs: two applications under one name are those of one firm.
    """
    return {
        key: _without_texts(value, _below(Scenario, key)) for key, value in plain.items() if key not in TELLING
    }


def _without_texts(plain: Any, annotation: Any) -> Any:
    """Plain data that a part of the model describes, without its texts."""
    if isinstance(plain, list):
        return [_item_without_texts(item, _below(annotation, 0)) for item in plain]
    if not isinstance(plain, dict) or as_model(annotation) is Applicant:
        return plain
    if _below(annotation, 0) is not None:
        return _item_without_texts(plain, _below(annotation, 0))  # one step stands for a list of one
    inner = {key: _below(annotation, key) for key in plain}
    return {key: _without_texts(plain[key], each) for key, each in inner.items() if not _is_of_texts(each)}


def _item_without_texts(item: Any, annotation: Any) -> Any:
    """An item of a list; a step of a flow stands there as its title with its settings."""
    if as_model(annotation) is Step and isinstance(item, dict):
        annotation = next((form for key, form in _FORMS.items() if key in item), dict[str, Step])
    return _without_texts(item, annotation)


def _is_of_texts(annotation: Any) -> bool:
    """Whether a text stands there, or texts by name."""
    return as_model(annotation) is Text or as_model(_below(annotation, "")) is Text
