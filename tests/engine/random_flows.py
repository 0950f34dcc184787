"""Random flows: any nesting of steps, steps together and choices, with rework, deadlines, patience and a quota."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count
from typing import Any

from hypothesis import strategies as st
from small_worlds import scenario

from simulator.errors import ScenarioError
from simulator.scenario.model import Scenario

DESKS = {
    "one": {"staff": 2},
    "two": {"shifts": [{"staff": 1, "calendar": "office"}, {"staff": 1, "calendar": "evening"}]},
    "round the clock": {"staff": 1, "calendar": "always"},
    "body": {"committee": {"meets": ["Tuesday", "Friday"], "at": "14:00", "takes": 9, "lasts": "2 h"}},
}
RUN = {"arrivals_for": "2 weeks", "follow_up": {"cases": "18 months", "loans": "4 years"}}
TIMES = ({"elapsed": "90 min"}, {"elapsed": {"uniform": ["1 days", "4 days"]}}, {"elapsed": "2 working days"})
REGISTRATION = {"pledge registration": {"elapsed": "1 working days"}}


def _doing(draw: Any) -> dict[str, Any]:
    kind = draw(st.sampled_from(("desk", "desk", "committee", "time", "both")))
    if kind == "time":
        return dict(draw(st.sampled_from(TIMES)))
    if kind == "committee":
        return {"by": "bank body"}
    by = draw(st.sampled_from(("one", "two", "round the clock")))
    done = {"by": f"bank {by}", "work": {"exponential": draw(st.sampled_from(("20 min", "3 h")))}}
    return done | (dict(draw(st.sampled_from(TIMES))) if kind == "both" else {})


def _step(draw: Any, numbers: Iterator[int], before: list[str]) -> Any:
    title = f"step {next(numbers)}"
    settings = {"stage": "due diligence", **_doing(draw)}
    odds: dict[str, Any] = {"reported": "rest"}
    if draw(st.booleans()):
        odds["declined"] = "6%"
    if draw(st.booleans()):
        odds["returned"] = "20%"
        settings["on"] = {"returned": draw(st.sampled_from([*before, title]))}
    settings["odds"] = odds if len(odds) > 1 else {"reported": "100%"}
    if "by" in settings and draw(st.booleans()):
        settings["patience"] = {"exponential": "3 days"}
    if draw(st.integers(0, 3)) == 0:
        settings |= {"deadline": "4 days", "when_passed": draw(st.sampled_from(("count", "escalate", "give up")))}
    if draw(st.integers(0, 3)) == 0:
        settings["reserves"] = "line"
    before.append(title)
    return {title: settings}


def _items(draw: Any, numbers: Iterator[int], depth: int, before: list[str]) -> list[Any]:
    items: list[Any] = []
    for _ in range(draw(st.integers(1, 3))):
        kind = draw(st.sampled_from(("step", "together", "choice"))) if depth else "step"
        if kind == "step":
            items.append(_step(draw, numbers, before))
        elif kind == "together":
            branches = range(draw(st.integers(2, 3)))
            items.append({"together": [_items(draw, numbers, depth - 1, []) for _ in branches]})
        else:
            ways = [{"odds": "40%", "steps": _items(draw, numbers, depth - 1, [*before])}]
            items.append({"choice": ways, "otherwise": _items(draw, numbers, depth - 1, [*before])})
    return items


def _sequences(items: list[Any]) -> Iterator[list[Any]]:
    """All lists of items at any depth."""
    yield items
    for item in items:
        for branch in item.get("together", []):
            yield from _sequences(branch)
        if "choice" in item:
            yield from _sequences(item["choice"][0]["steps"])
            yield from _sequences(item["otherwise"])


@st.composite
def worlds(draw: Any) -> tuple[Scenario, bool]:
    """A random world, and whether it promises that the pledge is registered before the drawdown."""
    flow = _items(draw, count(1), draw(st.integers(1, 3)), [])
    place = draw(st.sampled_from(list(_sequences(flow))))
    place.insert(draw(st.integers(0, len(place))), REGISTRATION)

    when_full = draw(st.sampled_from(("wait", "refuse")))

    def world(**promise: Any) -> Scenario:
        return scenario(
            flow,
            desks=DESKS,
            calendars={"evening": {"hours": "17:00-22:00", "days": "every day"}},
            run={**RUN, "seed": draw(st.integers(0, 2**32))},
            quotas={"line": {"limit": "12m CNY", "when_full": when_full}} if "'reserves'" in str(flow) else {},
            applicants={
                "arrivals": {"per_working_day": 2},
                "patience": {"exponential": draw(st.sampled_from(("9 days", "90 days")))},
            },
            product={**promise, "rework_limit": draw(st.integers(0, 3))},
        )

    try:
        return world(order=[["pledge registration", "drawdown"]]), True
    except ScenarioError as error:
        assert "can begin although" in str(error), error
        return world(), False
