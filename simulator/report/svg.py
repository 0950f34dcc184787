"""SVG as text: elements, scales, and fills that stay apart in grey."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from math import ceil, floor, log10

from markupsafe import Markup

WHITE = "#FFFFFF"
_LINES = {
    "////": ("M-2,2 l4,-4 M0,8 l8,-8 M6,10 l4,-4",),
    "\\\\\\\\": ("M-2,6 l4,4 M0,0 l8,8 M6,-2 l4,4",),
    "xx": ("M0,8 l8,-8 M0,0 l8,8",),
    "++": ("M4,0 v8 M0,4 h8",),
}
_DOTS = {"....": ((2, 2, 1), (6, 6, 1)), "oo": ((4, 4, 2.2),)}


def element(tag: str, *children: Markup | str, attributes: dict[str, str] | None = None, **more: object) -> Markup:
    """One element; all that is not markup is escaped. `class_` is class, and `_` in a name stands for `-`."""
    given = {key.rstrip("_").replace("_", "-"): value for key, value in more.items() if value is not None}
    told = Markup("").join(
        Markup(' {}="{}"').format(Markup(key), value) for key, value in (given | (attributes or {})).items()
    )
    inside = Markup("").join(children)
    return Markup("<{0}{1}>{2}</{0}>").format(Markup(tag), told, inside)


def percent(share: float) -> str:
    """A place across the picture."""
    return f"{share * 100:.3f}%"


class Fills:
    """Fills of a page: colours with hatches are patterns, which the page defines once."""

    def __init__(self) -> None:
        self._patterns: dict[tuple[str, str, bool], str] = {}

    def of(self, colour: str, hatch: str = "", *, taken_off: bool = False) -> str:
        """What stands in `fill`; `taken_off` is pale, for what is less than nothing."""
        if not hatch and not taken_off:
            return colour
        key = (colour, hatch, taken_off)
        self._patterns.setdefault(key, f"fill{len(self._patterns) + 1}")
        return f"url(#{self._patterns[key]})"

    def definitions(self) -> Markup:
        """The patterns that were asked for, in a picture of no size."""
        patterns = Markup("").join(_pattern(name, *key) for key, name in self._patterns.items())
        return element(
            "svg", element("defs", patterns), width="0", height="0", class_="definitions", aria_hidden="true"
        )


def _pattern(name: str, colour: str, hatch: str, taken_off: bool) -> Markup:
    ground, ink = (WHITE, colour) if taken_off else (colour, WHITE)
    parts = [element("rect", width="8", height="8", fill=ground)]
    parts += [element("path", d=each, stroke=ink, stroke_width="1.2", fill="none") for each in _LINES.get(hatch, ())]
    parts += [element("circle", cx=x, cy=y, r=r, fill=ink) for x, y, r in _DOTS.get(hatch, ())]
    return element("pattern", *parts, id=name, attributes={"patternUnits": "userSpaceOnUse"}, width="8", height="8")


@dataclass(frozen=True)
class Scale:
    """Values across a picture, from its left edge to its right one."""

    low: float
    high: float

    def at(self, value: float) -> float:
        """The place of a value, 0 to 1; what lies outside is set on the edge."""
        return min(1.0, max(0.0, (value - self.low) / (self.high - self.low)))

    def ticks(self, most: int = 5) -> list[float]:
        """Round values inside, so many at most."""
        step = round_step((self.high - self.low) / most)
        return [number * step for number in range(ceil(self.low / step - 1e-9), floor(self.high / step + 1e-9) + 1)]


def round_step(least: float) -> float:
    """The smallest of 1, 2, 5, 10 ... (also 0.1, 0.2 ...) that is not below `least`."""
    size = 10.0 ** floor(log10(least))
    return next(each * size for each in (1, 2, 5, 10) if each * size >= least * (1 - 1e-9))


ROOM = 0.03
"""Of a scale, kept free beyond the last value."""


def scale_of(values: Iterator[float] | list[float]) -> Scale:
    """A scale that holds zero and all values."""
    found = [0.0, *values]
    low, high = min(found), max(found)
    if low == high:
        return Scale(0.0, 1.0)
    room = (high - low) * ROOM
    return Scale(low - room if low < 0 else 0.0, high + room if high > 0 else 0.0)


def tick_text(value: float, step: float) -> str:
    """A value on an axis, with as many decimals as its step needs."""
    digits = max(0, -floor(log10(step) + 1e-9))
    return f"{value:,.{digits}f}".replace("-", "−")


def chart(gist: str, description: str, height: float, *parts: Markup) -> Markup:
    """A picture as wide as its place: one that a screen reader reads as `gist`, and that arrow keys walk through."""
    return element(
        "svg", element("desc", description), *parts,
        role="img", aria_label=gist, tabindex="0", class_="chart", width="100%", height=f"{height:g}",
    )  # fmt: skip


def mark(tip: str, *shapes: Markup) -> Markup:
    """Shapes about which something is said when the pointer or the keyboard comes to them."""
    return element("g", *shapes, class_="mark", data_tip=tip)


def axis(scale: Scale, top: float, bottom: float, unit: str, said: Callable[[float, float], str] = tick_text) -> Markup:
    """Faint lines across the picture, each with its value below, and the unit under the last."""
    ticks = scale.ticks()
    step = ticks[1] - ticks[0] if len(ticks) > 1 else 1.0
    parts = []
    for value in ticks:
        place = scale.at(value)
        anchor = "start" if place < 0.04 else "end" if place > 0.96 else "middle"
        x, kind = percent(place), "zero" if value == 0 and scale.low < 0 else "grid"
        parts.append(element("line", x1=x, x2=x, y1=f"{top:g}", y2=f"{bottom:g}", class_=kind))
        text = said(value, step)
        parts.append(element("text", text, x=x, y=f"{bottom + 13:g}", class_="tick", text_anchor=anchor))
    parts.append(element("text", unit, x="100%", y=f"{bottom + 28:g}", class_="tick", text_anchor="end"))
    return Markup("").join(parts)


AXIS_HEIGHT = 34
"""Dots below a picture for the axis and its unit."""


def swatch(fill: str, *, colour: str | None = None) -> Markup:
    """A legend's sample of a fill."""
    shape = element("rect", width="100%", height="100%", fill=fill, stroke=colour)
    return element("svg", shape, width="14", height="11", aria_hidden="true", class_="swatch")


def legend(entries: Sequence[tuple[Markup, Markup | str]]) -> Markup:
    """Samples with what they stand for, in one line or as many as it needs."""
    items = [Markup("<li>{} {}</li>").format(sample, text) for sample, text in entries]
    return Markup('<ul class="legend">{}</ul>').format(Markup("").join(items))
