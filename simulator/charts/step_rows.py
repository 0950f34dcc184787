"""Steps of several flows as rows of one chart: each step once, in an order that suits every flow."""

from __future__ import annotations

from collections.abc import Sequence

from simulator.analysis import flow_rows
from simulator.analysis.flow_rows import merged as merged
from simulator.analysis.quota_waits import quotas_reserved, room_in
from simulator.charts.labels import cut, distinct, shown, wrapped
from simulator.charts.series import Series
from simulator.scenario.flow import steps_of
from simulator.scenario.spoken_names import quota_said, step_said
from simulator.texts import phrase, say, told

BESIDE, SOME, ABSENT = "∥", "◇", "–"
MEANINGS = {
    BESIDE: phrase("{mark} runs beside another step."),
    SOME: phrase("{mark} only some files take this step."),
    ABSENT: phrase("{mark} not in this design."),
}
NOT_ADDING_UP = phrase("{mark} runs beside another step, so that the days do not add up to the turnaround.")
"""What the marks mean; the last of a step beside others where days are shown."""


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
    names = names_of_steps(series)
    return distinct(wrapped(names[title], lines=2) for title in titles)


def names_of_steps(series: Sequence[Series]) -> dict[str, str]:
    """What is drawn for each step of the products, and for the waiting for room in their quotas, by its title.

    A step that goes by several names in several worlds has them all.
    """
    names: dict[str, dict[str, None]] = {}
    for each in series:
        for quota in quotas_reserved(each.product):
            room = say("room in quota '{quota}'", quota=quota_said(each.scenario, quota))
            waiting = shown(room, instead=say("room in a quota"))
            names.setdefault(room_in(quota), {})[waiting] = None
        for step in steps_of(each.product.flow):
            names.setdefault(step.title, {})[shown(step_said(step), step.name, step.kind.name)] = None
    return {title: "/".join(known) for title, known in names.items()}


def row_height(labels: Sequence[str]) -> float:
    """Inches that each row needs for its label."""
    return 0.36 if any("\n" in label for label in labels) else 0.27


def marks(one: Series) -> dict[str, str]:
    """What is set after the number of a step that runs beside others, or that only some files take."""
    some, beside = flow_rows.rows_of_some(one.product), flow_rows.rows_beside(one.product)
    return dict.fromkeys(some, f" {SOME}") | dict.fromkeys(beside, f" {BESIDE}")


def marks_said(series: Sequence[Series], titles: Sequence[str], *, adding_up: bool = False) -> str:
    """What the marks that occur mean; `adding_up` where a reader may add up the days of the steps."""
    found = {mark.strip() for one in series for title, mark in marks(one).items() if title in titles}
    if any(not set(titles) <= set(titles_with_quotas(one)) for one in series):
        found.add(ABSENT)
    later = sorted(set().union(*(after_the_money(one) for one in series)))
    meanings = MEANINGS | ({BESIDE: NOT_ADDING_UP} if adding_up else {})
    said = [say(meaning, mark=mark) for mark, meaning in meanings.items() if mark in found]
    if later:
        known = names_of_steps(series)
        names = say(", ").join(cut(known[title], 40) for title in later)
        said.append(say("Left out, as it comes after the money: {names}.", names=names))
    return told(*said)
