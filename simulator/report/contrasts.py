"""What differs between the resolved scenarios of two worlds: steps, and values of all other settings."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from simulator.diagrams.comparing import steps_moved
from simulator.report.designs import Design
from simulator.scenario.evidence import NOT_NUMBERS
from simulator.scenario.flow import Step
from simulator.scenario.spoken_names import step_said
from simulator.scenario.spoken_paths import Path, path_said, value_said
from simulator.texts import say
from simulator.units import format_share

NOT_TOLD = NOT_NUMBERS | {"examples"}
NOT_OF_THE_DESIGN = ("clocks", "order")
"""What of a product is only measured or checked."""
WHOLE = ("policy", "quotas", "desks", "funds")
"""Sections of which a part that only one of two designs has is told in one line."""
_ONLY_SAID = ("name", "names", "why", "about")


@dataclass(frozen=True)
class Change:
    """One setting that differs; empty where one of the two does not have it."""

    path: str
    before: str
    after: str
    whole: bool = False
    """It is a part with all its settings, which only one of the two has."""


@dataclass(frozen=True)
class Contrast:
    """What world b has otherwise than world a."""

    removed: list[str]
    added: list[str]
    moved: list[str]
    changes: list[Change]

    @property
    def empty(self) -> bool:
        """Whether nothing differs."""
        return not (self.removed or self.added or self.moved or self.changes)


def contrast(a: Design, b: Design) -> Contrast:
    """The differences of two designs, said in the language spoken."""
    steps_a, steps_b = _steps(a), _steps(b)
    removed = [title for title in steps_a if title not in steps_b]
    added = [title for title in steps_b if title not in steps_a]
    elsewhere = steps_moved(b.product, a.product)
    moved = [title for title in steps_b if title in elsewhere]
    known_a, known_b = (_settings(each, {*removed, *added}) for each in (a, b))
    changes: dict[Path, Change] = {}
    in_a, in_b = (Counter(_part_of(path) for path in known) for known in (known_a, known_b))
    in_one = {part for part, count in (in_a | in_b).items() if part and count > 1 and not (in_a[part] and in_b[part])}
    for path in dict.fromkeys([*known_a, *known_b]):
        before, after = known_a.get(path, ""), known_b.get(path, "")
        part = _part_of(path)
        if part in in_one:
            if part not in changes:
                whole = [_whole_said(each, part, known) for each, known in ((a, known_a), (b, known_b))]
                changes[part] = Change(_path_said(a if in_a[part] else b, part), whole[0], whole[1], whole=True)
        elif before != after:
            said = _path_said(b if path in known_b else a, path)
            changes[path] = Change(said, _value_said(a, path, before), _value_said(b, path, after))
    return Contrast(
        [step_said(steps_a[title]) for title in removed],
        [_with_sight(steps_b[title]) for title in added],
        [step_said(steps_b[title]) for title in moved],
        list(changes.values()),
    )


def _part_of(path: Path) -> Path:
    """The subsidy, quota, desk or fund that a setting is of; nothing for other settings."""
    place = next((place for place, key in enumerate(path[:-2]) if key in WHOLE), None)
    return () if place is None else path[: place + 2]


def _whole_said(design: Design, part: Path, known: dict[Path, str]) -> str:
    """All settings of a part of a design in one row: `share 50%, at most 500k CNY`; nothing where it has none."""
    within = len(_path_said(design, part) + say(" › "))
    return say(", ").join(
        say("{whose} {value}", whose=_path_said(design, path)[within:], value=_value_said(design, path, value))
        for path, value in known.items()
        if path[: len(part)] == part
    )


def _path_said(design: Design, path: Path) -> str:
    return path_said(design.scenario, path, design.product)


def _value_said(design: Design, path: Path, written: str) -> str:
    return value_said(design.scenario, path, written, design.product)


def _steps(design: Design) -> dict[str, Step]:
    """Those up to the drawdown and those while the loan runs, as its diagram has them."""
    return {step.title: step for step in design.product.all_steps}


def _with_sight(step: Step) -> str:
    """A step, with how much it sees of a firm's quality where that is said: two reviews may differ in nothing else."""
    if step.informative is None:
        return step_said(step)
    return say("{step} (informative: {share})", step=step_said(step), share=format_share(float(step.informative)))


def _settings(design: Design, without: set[str]) -> dict[Path, str]:
    """Every setting of a design by its path; its product is called `product`, whatever its key."""
    plain = design.world.loaded.plain
    steps = _steps(design)
    found = {}
    for path, value in _leaves({key: part for key, part in plain.items() if key not in NOT_TOLD}):
        if path[:1] == ("products",):
            if path[1] != design.product_key:
                continue
            path = ("product", *path[2:])
            if path[1] in NOT_OF_THE_DESIGN:
                continue
        elif path[:1] == ("stages",) and path[1] not in steps:
            continue
        if not without.intersection(path):
            # Whether a step runs beside others is told by its place, not by each of its settings.
            found[tuple(part for part in path if part not in ("together", "choice"))] = value
    return dict(sorted(found.items(), key=lambda each: each[0][0] != "product"))


def _leaves(plain: Any, path: Path = ()) -> Iterator[tuple[Path, str]]:
    """Every value with its path; steps of a flow by their titles, lists of words and numbers in one."""
    if isinstance(plain, dict):
        for key, value in plain.items():
            if key not in _ONLY_SAID:
                yield from _leaves(value, (*path, str(key)))
    elif isinstance(plain, list) and any(isinstance(item, dict | list) for item in plain):
        for item in plain:
            # A bare step has no settings of its own; a list of lists are the branches of steps that run together.
            if isinstance(item, dict | list):
                yield from _leaves(item, path)
    elif isinstance(plain, list):
        yield path, ", ".join(map(_written, plain))
    elif plain is not None:
        yield path, _written(plain)


def _written(value: object) -> str:
    if isinstance(value, bool):
        return say("yes") if value else say("no")
    return str(value)
