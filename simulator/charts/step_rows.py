"""Steps of several flows as rows of one chart: each step once, in an order that suits every flow."""

from __future__ import annotations

from collections.abc import Sequence

from simulator.charts.labels import distinct, shown, wrapped
from simulator.charts.series import Series
from simulator.scenario.flow import Choice, Step, Together, steps_of

BESIDE, SOME, ABSENT = "∥", "◇", "–"
Items = Sequence[Step | Together | Choice]


def titles_of(each: Series) -> list[str]:
    """Names of the steps of a product, in the order of its flow."""
    return [step.title for step in steps_of(each.product.flow)]


def merged(orders: Sequence[Sequence[str]]) -> list[str]:
    """Each name once; a name that earlier orders lack comes after the one that precedes it in its own."""
    found = list(orders[0]) if orders else []
    for order in orders[1:]:
        place = 0
        for name in order:
            if name in found:
                place = max(place, found.index(name) + 1)
            else:
                found.insert(place, name)
                place += 1
    return found


def row_labels(series: Sequence[Series], titles: Sequence[str]) -> list[str]:
    """What is written beside each row."""
    steps = {step.title: step for each in reversed(series) for step in steps_of(each.product.flow)}
    return distinct(
        wrapped(shown(title, steps[title].name, steps[title].kind.name), lines=2) for title in titles
    )


def row_height(labels: Sequence[str]) -> float:
    """Inches that each row needs for its label."""
    return 0.36 if any("\n" in label for label in labels) else 0.27


def marks(one: Series) -> dict[str, str]:
    """What is set after the number of a step that runs beside others, or that only some files take."""
    some, beside = only_some(one.product.flow), parallel(one.product.flow)
    return dict.fromkeys(some, f" {SOME}") | dict.fromkeys(beside, f" {BESIDE}")


def marks_said(series: Sequence[Series], titles: Sequence[str], beside: str = "") -> str:
    """What the marks that occur mean."""
    found = {mark.strip() for one in series for mark in marks(one).values()}
    if any(not set(titles) <= set(titles_of(one)) for one in series):
        found.add(ABSENT)
    meanings = {
        BESIDE: f"runs beside another step{beside}",
        SOME: "only some files take this step",
        ABSENT: "not in this design",
    }
    return " ".join(f"{mark} {meaning}." for mark, meaning in meanings.items() if mark in found)


def parallel(items: Items) -> set[str]:
    """Steps that run beside others."""
    found = set()
    for item in items:
        if isinstance(item, Together):
            found |= {step.title for step in steps_of([item])}
        elif isinstance(item, Choice):
            for branch in _ways(item):
                found |= parallel(branch)
    return found


def only_some(items: Items) -> set[str]:
    """Steps on a way that only some files take."""
    found = set()
    for item in items:
        if isinstance(item, Choice):
            found |= {step.title for step in steps_of([item])}
        elif isinstance(item, Together):
            for branch in item.together:
                found |= only_some(branch)
    return found


def _ways(item: Choice) -> list[Items]:
    return [*(way.steps for way in item.choice), item.otherwise]
