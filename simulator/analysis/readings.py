"""The page of readings: case by case, how an open source was read, what was assumed, and what can be switched.

`python -m simulator.analysis.readings > docs/readings.md` writes it anew, from the evidence entries of the bundled
scenarios; nothing on it is written by hand.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from simulator.analysis.open_questions import OPEN_QUESTIONS
from simulator.scenario.evidence import Evidence
from simulator.scenario.load import LoadedScenario, ScenarioFile, catalogue, open_scenario
from simulator.scenario.outcomes import PublishedOutcome

OPENING = """\
# How the source was read

*This page is written by the program from the evidence entries of the bundled scenarios. To change it, change those,
then run `python -m simulator.analysis.readings > docs/readings.md`.*

The source is a notice of January 2022 on ten cases of intellectual-property pledge financing in Shanghai. It prints
flows, shares, limits and totals, but hardly a duration, rate or default. Where it can be understood in more than one
way, a question has a number, D-01 to D-41. This page says for each scenario how it was read, what was assumed, and
which other readings are variants that you can switch on. L464 and the like are lines of the source's text; of the other
letters, K stands for a published limit or share, T for a published time, V for a figure worked out from printed ones, R
for an arrangement for losses, E for a check.

A variant is run beside the scenario as stated with `pledgesim compare ID --variant "NAME"`. Every assumption with its
range stands on the page [assumptions](assumptions.md).
"""
QUESTION = re.compile(r"D-(\d\d)")


@dataclass(frozen=True)
class Reading:
    """How one point of a scenario was read."""

    path: str
    origin: str
    words: str
    reading: str

    @property
    def questions(self) -> tuple[str, ...]:
        """Numbers of the questions it answers."""
        return tuple(dict.fromkeys(f"D-{number}" for number in QUESTION.findall(f"{self.words} {self.reading}")))


@dataclass(frozen=True)
class Readings:
    """What one scenario says of its source, beside what it inherits."""

    id: str
    name: str
    case: int | None
    readings: tuple[Reading, ...]
    assumed: int
    """Number of evidence entries of its own that are assumptions."""
    variants: tuple[str, ...]
    """Variants that are other readings: their names begin with the number of the question."""


def readings_of(file: ScenarioFile) -> Readings:
    """The readings that a scenario file gives itself; what it extends has its own."""
    loaded = file.variant()
    own = _own_evidence(loaded)
    found = [
        Reading(path, entry.origin, entry.words, entry.reading.said() if entry.reading else "")
        for path, entry in own.items()
        if entry.reading or QUESTION.search(entry.words)
    ]
    scenario = loaded.scenario
    found += [
        Reading(path, "published", outcome.source.said(), outcome.reading.said())
        for path, outcome in _outcomes(loaded)
        if outcome.reading is not None and QUESTION.search(outcome.reading.said())
    ]
    name = " ".join(dict.fromkeys(text for text in (scenario.name.en, scenario.name.zh) if text))
    assumed = sum(entry.origin == "assumed" for entry in own.values())
    variants = tuple(variant for variant in file.variant_names if QUESTION.match(variant))
    return Readings(scenario.id, name, scenario.case, tuple(found), assumed, variants)


def _outcomes(loaded: LoadedScenario) -> list[tuple[str, PublishedOutcome]]:
    """Published outcomes that the file itself holds its runs against, with those of its example firms."""
    scenario = loaded.scenario
    found: list[tuple[tuple[str, ...], PublishedOutcome]] = [
        (("published_outcomes", name), outcome) for name, outcome in scenario.published_outcomes.items()
    ]
    for key, firm in scenario.examples.items():
        found += [(("examples", key, "published", name), outcome) for name, outcome in firm.published.items()]
    return [(".".join(path), outcome) for path, outcome in found if _is_own(loaded, path)]


def _is_own(loaded: LoadedScenario, path: tuple[str, ...]) -> bool:
    node = loaded.tree.at(path)
    return node is not None and loaded.path is not None and Path(node.file).name == loaded.path.name


def _own_evidence(loaded: LoadedScenario) -> dict[str, Evidence]:
    return {path: entry for path, entry in loaded.scenario.evidence.items() if _is_own(loaded, ("evidence", path))}


def all_readings() -> list[Readings]:
    """The base, then every bundled product and contrast, in the order of their cases."""
    ids = ["shanghai", *(entry["id"] for entry in catalogue() if entry["kind"] != "comparison")]
    return [readings_of(open_scenario(each)) for each in ids]


def page(every: Sequence[Readings]) -> str:
    """The whole page in Markdown."""
    parts = [OPENING]
    case: int | None = -1
    for each in every:
        if each.case != case:
            case = each.case
            parts.append(f"## {'Shared by all' if case is None else f'Case {case}'}\n")
        parts.append(_section(each))
    parts.append(_index(every))
    return "\n".join(parts)


def _section(each: Readings) -> str:
    title = "### " + (each.id if each.case is not None else f"pledgesim:{each.id}")
    lines = [f"{title}: {each.name}", ""]
    for reading in each.readings:
        words = reading.words.rstrip(".")
        lines.append(f"- `{reading.path}` ({reading.origin}: {words}). {reading.reading}".rstrip())
    if not each.readings:
        lines.append("- Nothing beside what it extends.")
    lines.append("")
    if each.assumed:
        lines += [f"Entries of its own that are assumed: {each.assumed}.", ""]
    if each.variants:
        lines += ["Other readings to switch on:", "", *(f"- `{name}`" for name in each.variants), ""]
    return "\n".join(lines)


def _index(every: Sequence[Readings]) -> str:
    """Every question with the scenarios that answer it and the variants that answer it otherwise."""
    where: dict[str, list[str]] = {}
    switched: dict[str, list[str]] = {}
    for each in every:
        for question in dict.fromkeys(number for reading in each.readings for number in reading.questions):
            where.setdefault(question, []).append(each.id)
        for variant in each.variants:
            for number in QUESTION.findall(variant):
                switched.setdefault(f"D-{number}", []).append(f"{each.id}: {variant}")
    lines = ["## Question by question", "", "| | question | answered in | can be switched in |", "|---|---|---|---|"]
    for question, asked in OPEN_QUESTIONS.items():
        variants = "; ".join(switched.get(question, [])) or "–"
        lines.append(f"| {question} | {asked} | {', '.join(where.get(question, [])) or '–'} | {variants} |")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    sys.stdout.write(page(all_readings()))
