"""Figures as they stand on the page: each shown by one function, with its place in summary.json and its exact value."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from typing import Any

from markupsafe import Markup

from simulator.analysis.intervals import NO_CASES, NOT_FINITE
from simulator.texts import language, phrase, say
from simulator.texts.money import YI, cny_of_column, decimals_of_column

MINUS = "−"


@dataclass(frozen=True)
class Form:
    """How a kind of figure is shown: decimals, what it is divided by, and the unit that stands with it in a sentence.

    `absolute` leaves the sign out, where a word says it; `signed` has it in any case. An amount of `money` stands in
    the unit of the language spoken.
    """

    digits: int = 1
    scale: float = 1.0
    unit: str = "{number}"
    absolute: bool = False
    signed: bool = False
    money: bool = False

    @property
    def spoken(self) -> Form:
        """The same in the unit of the language spoken."""
        if not self.money:
            return self
        return replace(self, digits=decimals_of_column(self.digits), scale=cny_of_column(), money=False)

    def near(self, value: float | None) -> Form:
        """The same in a sentence, where an amount of a hundred million is said in 亿元."""
        if not self.money or language() != "zh" or abs(value or 0.0) < YI:
            return self
        return replace(self, scale=YI, unit=phrase("{number} × 100m CNY"), money=False)

    def number(self, value: float) -> str:
        """The figure without its unit; no minus sign before zero."""
        form = self.spoken
        rounded = round((abs(value) if self.absolute else value) / form.scale, form.digits) + 0.0
        sign = MINUS if rounded < 0 else "+" if self.signed and rounded > 0 else ""
        return f"{sign}{abs(rounded):,.{form.digits}f}"

    def said(self, value: float) -> str:
        """The figure with its unit."""
        return say(self.unit, number=self.number(value))

    def copied(self, value: float | None) -> str:
        """For a spreadsheet: in the unit that the heading names, with all digits that mean something."""
        return "" if value is None else f"{value / self.spoken.scale:.10g}"

    @property
    def without_sign(self) -> Form:
        """The same where a word says more or less."""
        return replace(self, absolute=True)

    @property
    def with_sign(self) -> Form:
        """The same where the figure is a difference."""
        return replace(self, signed=True)


DAYS = Form(1, 1.0, phrase("{number} days"))
SHARE = Form(1, 0.01, phrase("{number}%"))
WHOLE_SHARE = Form(0, 0.01, phrase("{number}%"))
RATE = Form(2, 0.01, phrase("{number}%"))
POINTS = Form(1, 0.01, phrase("{number} percentage points"))
RATE_POINTS = Form(2, 0.01, phrase("{number} percentage points"))
MONEY = Form(2, 1e6, phrase("{number}m CNY"), money=True)
COUNT = Form(0)
MEAN = Form(1)


def pointer(*keys: str | int) -> str:
    """A JSON pointer (RFC 6901) into summary.json."""
    return "".join("/" + str(key).replace("~", "~0").replace("/", "~1") for key in keys)


def without_figure(note: str) -> str:
    """What stands where there is no figure."""
    if NOT_FINITE in note:
        return say("not finite")
    return say("none") if note == NO_CASES else "–"


class Figures:
    """The figures of one summary.json."""

    def __init__(self, summary: dict[str, Any]) -> None:
        self._summary = summary

    def at(self, path: str) -> Any:
        """What stands at a JSON pointer; None where nothing does."""
        found: Any = self._summary
        for key in path.split("/")[1:]:
            key = key.replace("~1", "/").replace("~0", "~")
            if isinstance(found, list):
                found = found[int(key)] if int(key) < len(found) else None
            else:
                found = found.get(key) if isinstance(found, dict) else None
        return found

    def shown(self, path: str, form: Form, *, bare: bool = False) -> Markup:
        """One figure, marked with its place and its value; `bare` leaves the unit out."""
        value = self.at(path)
        if value is None:
            parent = self.at(path.rpartition("/")[0])
            note = str(parent.get("note", "")) if isinstance(parent, dict) else ""
            return Markup('<span class="none">{}</span>').format(without_figure(note))
        text = form.number(value) if bare else form.near(value).said(value)
        return Markup('<span class="f" data-path="{}" data-value="{}">{}</span>').format(path, json.dumps(value), text)

    def interval(self, path: str, form: Form, *, bare: bool = False) -> Markup:
        """`16.8 to 17.6`, of an estimate; nothing where it has no interval. Less comes first, also without a sign."""
        ends = [f"{path}/low", f"{path}/high"]
        values = [self.at(end) for end in ends]
        if None in values or values[0] == values[1]:
            return Markup("")
        if form.absolute and values[1] <= 0:
            ends.reverse()
        if form.number(values[0]) == form.number(values[1]):
            return Markup("")  # narrower than what is shown of it
        form = form if bare else form.near(max(values, key=abs))
        low, high = self.shown(ends[0], form, bare=True), self.shown(ends[1], form, bare=bare)
        return Markup(say("{low} to {high}")).format(low=low, high=high)

    def estimate(self, path: str, form: Form) -> Markup:
        """`17.2 days (16.8 to 17.6)`."""
        form = form.near(self.at(f"{path}/value"))
        value = self.shown(f"{path}/value", form)
        interval = self.interval(path, form, bare=True)
        return Markup(say("{value} ({interval})")).format(value=value, interval=interval) if interval else value


def attributes(path: str, value: object) -> dict[str, str]:
    """The marks of a shape that shows a figure."""
    return {"data-path": path, "data-value": json.dumps(value)}
