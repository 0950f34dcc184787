"""Steps of several flows as rows of one chart: each step once, in an order that suits every flow."""

from __future__ import annotations

from collections.abc import Sequence

from simulator.analysis import flow_rows
from simulator.analysis.flow_rows import merged as merged
from simulator.charts.labels import cut, distinct, shown, wrapped
from simulator.charts.series import Series
from simulator.scenario.flow import steps_of

BESIDE, SOME, ABSENT = "∥", "◇", "–"


def titles_of(each: Series) -> list[str]:
    """Names of the steps of a product, in the order of its flow."""
    return flow_rows.titles_of(each.product)


def after_the_money(each: Series) -> set[str]:
    """Steps that are no part of the way to the money: a subsidy is claimed after it."""
    return flow_rows.after_the_money(each.product)


def titles_with_quotas(each: Series) -> list[str]:
    """Steps on the way to the money, with the waiting for room in a quota after the last step that reserves it."""
    return flow_rows.titles_with_quotas(each.product)


def row_labels(series: Sequence[Series], titles: Sequence[str]) -> list[str]:
    """What is written beside each row."""
    steps = {step.title: step for each in reversed(series) for step in steps_of(each.product.flow)}

    def named(title: str) -> str:
        if title in steps:
            return shown(title, steps[title].name, steps[title].kind.name)
        return shown(title, instead="room in a quota")

    return distinct(wrapped(named(title), lines=2) for title in titles)


def row_height(labels: Sequence[str]) -> float:
    """Inches that each row needs for its label."""
    return 0.36 if any("\n" in label for label in labels) else 0.27


def marks(one: Series) -> dict[str, str]:
    """What is set after the number of a step that runs beside others, or that only some files take."""
    some, beside = flow_rows.rows_of_some(one.product), flow_rows.rows_beside(one.product)
    return dict.fromkeys(some, f" {SOME}") | dict.fromkeys(beside, f" {BESIDE}")


def marks_said(series: Sequence[Series], titles: Sequence[str], beside: str = "") -> str:
    """What the marks that occur mean."""
    found = {mark.strip() for one in series for title, mark in marks(one).items() if title in titles}
    if any(not set(titles) <= set(titles_with_quotas(one)) for one in series):
        found.add(ABSENT)
    later = sorted(set().union(*(after_the_money(one) for one in series)))
    meanings = {
        BESIDE: f"runs beside another step{beside}",
        SOME: "only some files take this step",
        ABSENT: "not in this design",
    }
    said = [f"{mark} {meaning}." for mark, meaning in meanings.items() if mark in found]
    if later:
        said.append(f"Left out, as it comes after the money: {', '.join(cut(shown(title), 40) for title in later)}.")
    return " ".join(said)
