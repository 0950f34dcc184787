"""Where each number comes from: published, derived, assumed, or a setting of the experiment."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Generic, Self, TypeVar

from pydantic import Field, model_validator

from simulator.scenario.names import Text
from simulator.scenario.quantities import Model, Quantity, QuantityField

ORIGINS = ("published", "derived", "assumed", "setting")


class Evidence(Model):
    """The origin of a number, or of all numbers below a path."""

    published: Text | None = Field(None, description="Printed in the source: which fact or line")
    derived: Text | None = Field(None, description="Worked out from printed figures: how")
    assumed: Text | None = Field(None, description="Not printed anywhere: why this value")
    setting: Text | None = Field(None, description="A setting of the experiment, not a claim")
    range: list[QuantityField] | None = Field(
        None, min_length=2, max_length=2, description="[lowest, highest] plausible mean of an assumed value"
    )
    reading: Text | None = Field(None, description="How an ambiguous point was read, and what else")

    @model_validator(mode="after")
    def _one_origin(self) -> Self:
        given = [origin for origin, words in self._origins() if words.english]
        if len(given) != 1:
            found = " and ".join(given) if given else "none"
            raise ValueError(f"evidence has one origin of {', '.join(ORIGINS)}; found {found}")
        if self.assumed and self.range is None:
            raise ValueError("an assumed number needs its range: [lowest, highest]")
        if self.range is not None:
            low, high = self.range
            if low.dimension != high.dimension or low.value > high.value:
                raise ValueError("a range is [lowest, highest] in one unit")
        return self

    @property
    def origin(self) -> str:
        """One of published, derived, assumed, setting."""
        return next(origin for origin, words in self._origins() if words.english)

    @property
    def words(self) -> str:
        """What the entry says, in the language spoken."""
        return next(words.said() for _, words in self._origins() if words.english)

    def _origins(self) -> Iterator[tuple[str, Text]]:
        """The origins that are given, each with what is said of it."""
        for origin, words in zip(ORIGINS, (self.published, self.derived, self.assumed, self.setting), strict=True):
            if words is not None:
                yield origin, words


NOT_NUMBERS = frozenset(
    {"id", "kind", "case", "name", "question", "about", "evidence", "published_outcomes", "published_rules", "charts",
     "compare", "variants", "extends"}
)  # fmt: skip

TEXTS = ("name", "names", "why")
"""Keys of what is only said of a thing."""


def numbers_in(plain: Any, path: tuple[str, ...] = ()) -> list[tuple[str, ...]]:
    """Paths of all leaves of a resolved scenario that hold a number, in the order of the file."""
    if isinstance(plain, dict):
        found = []
        for key, value in plain.items():
            if (not path and key in NOT_NUMBERS) or key in TEXTS:
                continue
            found += numbers_in(value, (*path, str(key)))
        return found
    if isinstance(plain, list):
        found = []
        for number, item in enumerate(plain):
            if isinstance(item, dict) and len(item) == 1:
                (key, value), *_ = item.items()
                found += numbers_in(value, (*path, str(key)))
            elif isinstance(item, (dict, list)):
                found += numbers_in(item, path)
            else:
                found += numbers_in(item, (*path, str(number)))
        return found
    if isinstance(plain, bool) or plain is None:
        return []
    if isinstance(plain, (int, float)):
        return [path]
    try:
        Quantity.parse(plain)
    except ValueError:
        return [path] if any(character.isdigit() for character in str(plain)) and _is_measure(str(plain)) else []
    return [path]


def _is_measure(text: str) -> bool:
    """A text that states a time or an amount in another way: hours, dates, months."""
    return text[0].isdigit()


Found = TypeVar("Found")


class Covering(Generic[Found]):
    """Entries by their paths, to find the one that covers a number: the longest; `*` stands for any one part."""

    def __init__(self, entries: Mapping[str, Found]) -> None:
        self._entries = entries
        self._tree: dict[str, Any] = {}
        for place, pattern in enumerate(entries):
            at = self._tree
            for part in pattern.split("."):
                at = at.setdefault(part, {})
            at.setdefault("", (place, pattern))

    def of(self, path: Sequence[str]) -> tuple[str, Found] | None:
        """The entry that covers a path, with its own; of two as long the one with fewer `*`, and then the first."""
        best: tuple[int, int, str] | None = None
        reached = [(self._tree, 0)]
        for depth, step in enumerate(path, start=1):
            reached = [
                (at[part], stars + (part == "*"))
                for at, stars in reached
                for part in dict.fromkeys((step, "*"))
                if part and part in at
            ]
            for at, stars in reached:
                if "" in at:
                    place, pattern = at[""]
                    found = (2 * depth - stars, -place, pattern)
                    best = found if best is None or found > best else best
        return (best[2], self._entries[best[2]]) if best is not None else None
