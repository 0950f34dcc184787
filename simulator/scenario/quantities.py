"""Numbers of a scenario file with their units, and distributions over them."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from typing import Annotated, Any, Literal, Self

import numpy as np
from numpy.typing import NDArray
from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, WithJsonSchema, model_validator

from simulator.errors import nearest
from simulator.units import MONEY_FORM, SHARE_FORM, SPAN_FORM, Span, format_money, parse_money, parse_share, parse_span

MOST_YEARS = 100
"""No time in a scenario is longer."""
MOST_TIMES = 1_000
"""No share is above this many times the whole, no p90 above this many times the median."""
_DAYS_PER = {
    "min": 1 / 1440, "h": 1 / 24, "working days": 365 / 250, "days": 1, "weeks": 7, "months": 30.4, "years": 365
}  # fmt: skip
Dimension = Literal["fen", "share", "number", "min", "days", "working days"]
_DIMENSION_NAMES = {
    "fen": "an amount of money",
    "share": "a share",
    "number": "a plain number",
    "min": "a time in minutes or hours",
    "days": "a time in days",
    "working days": "a time in working days",
}


def _nearest_span(text: str) -> str:
    """`; did you mean '12 months'?` for a time whose unit is misspelt, or nothing."""
    match = re.fullmatch(r"\s*([0-9._]+)\s*([A-Za-z ]{1,30})", text)
    unit = nearest(match[2].strip(), ["minutes", "hours", *_DAYS_PER]) if match else None
    return f"; did you mean '{match[1]} {unit}'?" if match and unit else ""


def _read_span(text: str) -> Span:
    try:
        return parse_span(text)
    except ValueError as error:
        raise ValueError(f"{error}{_nearest_span(text)}") from None


def _short(span: Span) -> Span:
    if span.amount * _DAYS_PER[span.unit] > MOST_YEARS * 365:
        raise ValueError(f"'{span}' is too long; at most {MOST_YEARS} years")
    return span


class Model(BaseModel):
    """A part of a scenario: unknown keys and wrong types are errors, values never change."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, populate_by_name=True, protected_namespaces=())


@dataclass(frozen=True, slots=True)
class Quantity:
    """A number with its dimension: money in fen, times in minutes, days or working days, shares of one."""

    value: float
    dimension: Dimension

    @classmethod
    def parse(cls, raw: object) -> Quantity:
        """Read `4m CNY`, `40%`, `2 h`, `3 working days`, `7`; ValueError says what was found and what is allowed."""
        if isinstance(raw, Quantity):
            return raw
        if isinstance(raw, bool) or not isinstance(raw, (int, float, str)):
            raise ValueError("not a number with its unit; write it like '2 h', '40%' or '4m CNY'")
        if not isinstance(raw, str):
            if not math.isfinite(raw) or abs(raw) > 1e15:
                raise ValueError(f"{raw} is out of range")
            return cls(float(raw), "number")
        return _text_parsed(raw)


@lru_cache(maxsize=8192)  # a scenario and its variants say the same texts again and again
def _text_parsed(raw: str) -> Quantity:
    if raw.rstrip().endswith(("CNY", "元")):
        return Quantity(float(parse_money(raw)), "fen")
    if raw.rstrip().endswith("%"):
        share = parse_share(raw)
        if abs(share) > MOST_TIMES:
            raise ValueError(f"'{raw}' is out of range; at most {MOST_TIMES * 100:,}%")
        return Quantity(float(share), "share")
    try:
        span = _short(parse_span(raw))
    except ValueError as error:
        if "not a length of time" not in str(error):
            raise
        form = "a number with its unit, like '2 h', '40%' or '4m CNY'"
        raise ValueError(f"'{raw}' is not {form}{_nearest_span(raw)}") from None
    if span.unit == "working days":
        return Quantity(span.amount, "working days")
    if span.unit in ("days", "weeks"):
        return Quantity(span.amount * (7 if span.unit == "weeks" else 1), "days")
    if span.unit in ("months", "years"):
        raise ValueError(f"'{raw}' has no fixed length here; write it in days or working days")
    return Quantity(span.minutes, "min")


def _quantity_schema(description: str) -> dict[str, object]:
    return {"type": ["string", "number"], "description": description}


QuantityField = Annotated[
    Quantity, BeforeValidator(Quantity.parse), WithJsonSchema(_quantity_schema("A number with its unit"))
]


class Lognormal(Model):
    """Skewed to the right: half lie below the median, nine tenths below p90."""

    median: QuantityField = Field(description="Half of all values lie below it")
    p90: QuantityField = Field(description="Nine tenths of all values lie below it")


class Gamma(Model):
    """Positive values with a given mean and coefficient of variation (Erlang with 1 / cv^2 stages)."""

    mean: QuantityField = Field(description="Mean")
    cv: float = Field(ge=0.01, le=10, description="Standard deviation as a multiple of the mean")


class Distribution(Model):
    """A quantity, fixed or random; a bare quantity is a fixed one."""

    fixed: QuantityField | None = Field(None, description="Always this value")
    uniform: list[QuantityField] | None = Field(
        None, min_length=2, max_length=2, description="[lowest, highest], such as [2, 8 h]"
    )
    triangular: list[QuantityField] | None = Field(
        None, min_length=3, max_length=3, description="[lowest, most likely, highest], such as [2, 4, 8 h]"
    )
    exponential: QuantityField | None = Field(None, description="Exponential with this mean")
    lognormal: Lognormal | None = Field(None, description="Lognormal by its median and its 90 % point")
    gamma: Gamma | None = Field(None, description="Gamma by its mean and coefficient of variation")

    @model_validator(mode="before")
    @classmethod
    def _bare_quantity(cls, raw: Any) -> Any:
        if not isinstance(raw, (dict, Distribution)):
            return {"fixed": raw}
        return {key: units_filled_in(value) for key, value in raw.items()} if isinstance(raw, dict) else raw

    @model_validator(mode="after")
    def _one_form(self) -> Self:
        self._check_distribution()
        return self

    def _check_distribution(self) -> None:
        forms = [name for name in DISTRIBUTION_FORMS if getattr(self, name) is not None]
        if len(forms) != 1:
            found = " and ".join(forms) if forms else "none"
            raise ValueError(f"one distribution is needed, found {found}; allowed: {', '.join(DISTRIBUTION_FORMS)}")
        dimensions = {each.dimension for each in self._parameters()}
        if len(dimensions) != 1:
            raise ValueError(f"{forms[0]} mixes units: {' and '.join(_DIMENSION_NAMES[d] for d in sorted(dimensions))}")
        values = [each.value for each in self._parameters()]
        if forms[0] in ("uniform", "triangular", "lognormal") and values != sorted(values):
            raise ValueError(f"{forms[0]} needs its values in rising order")
        if forms[0] == "triangular" and values[0] == values[2]:
            raise ValueError("triangular needs a highest value above its lowest")
        if forms[0] in ("exponential", "lognormal", "gamma") and values[0] <= 0:
            raise ValueError(f"{forms[0]} needs values above zero")
        if forms[0] == "lognormal" and values[0] == values[1]:
            raise ValueError("lognormal needs a p90 above its median")
        if forms[0] == "lognormal" and values[1] > values[0] * MOST_TIMES:
            raise ValueError(f"lognormal needs a p90 of at most {MOST_TIMES:,} times its median")

    def _parameters(self) -> list[Quantity]:
        if self.lognormal:
            return [self.lognormal.median, self.lognormal.p90]
        if self.gamma:
            return [self.gamma.mean]
        given = self.fixed or self.exponential or self.uniform or self.triangular
        if given is None:
            return []
        return given if isinstance(given, list) else [given]

    @property
    def dimension(self) -> Dimension:
        """What the values count: fen, share, number, min, days or working days."""
        return self._parameters()[0].dimension

    @property
    def lowest(self) -> float:
        """Lower end of the support, in the dimension's unit."""
        if self.fixed or self.uniform or self.triangular:
            return self._parameters()[0].value
        return 0.0

    @property
    def mean(self) -> float:
        """Expected value, in the dimension's unit."""
        values = [each.value for each in self._parameters()]
        if self.lognormal:
            return values[0] * math.exp(self._log_sd() ** 2 / 2)
        return sum(values) / len(values)

    def _log_sd(self) -> float:
        assert self.lognormal
        return math.log(self.lognormal.p90.value / self.lognormal.median.value) / 1.2815515655446004

    def at(self, uniforms: NDArray[np.float64]) -> NDArray[np.float64]:
        """Values at given probabilities in [0, 1): inverse transform, same shape, in the dimension's unit."""
        values = [each.value for each in self._parameters()]
        if self.fixed:
            return np.full(uniforms.shape, values[0])
        if self.uniform:
            return values[0] + (values[1] - values[0]) * uniforms
        if self.exponential:
            return -values[0] * np.log1p(-uniforms)
        if self.triangular:
            low, mode, high = values
            rising = low + np.sqrt(uniforms * (high - low) * (mode - low))
            falling = high - np.sqrt((1 - uniforms) * (high - low) * (high - mode))
            return np.where(uniforms * (high - low) < mode - low, rising, falling)
        from scipy.special import gammaincinv, ndtri

        if self.lognormal:
            result = values[0] * np.exp(self._log_sd() * ndtri(np.maximum(uniforms, 1e-300)))
        else:
            assert self.gamma
            shape = self.gamma.cv**-2
            result = gammaincinv(shape, uniforms) * values[0] / shape
        return np.asarray(result, dtype=np.float64)


def units_filled_in(values: Any) -> Any:
    """`[2, 4, 8 h]` as `[2 h, 4 h, 8 h]`: plain numbers before a last one with a unit have that unit."""
    unit = _UNIT.fullmatch(values[-1]) if isinstance(values, list) and values and isinstance(values[-1], str) else None
    if unit is None:
        return values
    plain = [isinstance(value, (int, float)) and not isinstance(value, bool) for value in values]
    return [f"{value}{unit[1]}" if is_plain else value for value, is_plain in zip(values, plain, strict=True)]


_UNIT = re.compile(r"\s*[-+]?[\d_.]+(?:[eE][-+]?\d+)?(\s*[^\d\s].*)")
DISTRIBUTION_FORMS = ("fixed", "uniform", "triangular", "exponential", "lognormal", "gamma")


_WANTED: dict[tuple[Dimension, ...], str] = {
    ("min",): "a time in minutes or hours, such as 8 h,",
    ("min", "days"): "a time in minutes, hours or days, such as 30 days,",
    ("min", "days", "working days"): "a time such as 8 h, 3 days or 2 working days",
    ("share",): "a share such as 40%",
}


def _of_dimension(*allowed: Dimension) -> Callable[[Distribution], Distribution]:
    def check(value: Distribution) -> Distribution:
        if value.dimension not in allowed:
            raise ValueError(f"{_DIMENSION_NAMES[value.dimension]} where {_WANTED[allowed]} is needed")
        if value.lowest < 0:
            raise ValueError("the lowest value is negative" if value.fixed is None else "this is negative")
        return value

    return check


WorkTime = Annotated[Distribution, AfterValidator(_of_dimension("min"))]
"""Time somebody works on a file: minutes or hours of open time."""
ElapsedTime = Annotated[Distribution, AfterValidator(_of_dimension("min", "days", "working days"))]
"""Time that passes without anybody's work."""
RealTime = Annotated[Distribution, AfterValidator(_of_dimension("min", "days"))]
"""Time on the wall calendar, whatever the office hours."""
Proportion = Annotated[Distribution, AfterValidator(_of_dimension("share"))]
"""A share of one, fixed or random."""


def _parsed(parse: Callable[[str], Any], form: str, kind: type) -> Callable[[object], Any]:
    def read(raw: object) -> Any:
        if isinstance(raw, kind) and not isinstance(raw, (bool, str)):
            return raw
        if not isinstance(raw, str):
            raise ValueError(f"{raw!r} has no unit; write {form}" if isinstance(raw, (int, float)) else f"write {form}")
        try:
            return parse(raw)
        except ValueError as error:
            told = str(error)
            raise ValueError(told if "; write '" in told else f"{told}; write {form}") from None

    return read


def _non_negative(fen: int) -> int:
    if fen < 0:
        raise ValueError(f"{format_money(fen)} is negative")
    return fen


def _around_zero(share: Fraction) -> Fraction:
    if not -1 < share <= MOST_TIMES:
        raise ValueError(f"{float(share) * 100:g}% is not above -100% and at most {MOST_TIMES * 100:,}%")
    return share


def _up_to_many(share: Fraction) -> Fraction:
    if not 0 <= share <= MOST_TIMES:
        raise ValueError(f"{float(share) * 100:g}% is not between 0% and {MOST_TIMES * 100:,}%")
    return share


def _up_to_one(share: Fraction) -> Fraction:
    if not 0 <= share <= 1:
        raise ValueError(f"{float(share) * 100:g}% is not between 0% and 100%")
    return share


class Fen(int):
    """An amount already read, told apart from a bare number in a file."""


def read_money(text: str) -> Fen:
    """An amount of money; ValueError says what is wrong, and what is missing where that is only the currency."""
    try:
        return Fen(parse_money(text))
    except ValueError:
        if _WITHOUT_CURRENCY.fullmatch(text):
            raise ValueError(f"'{text}' has no currency; write '{text.strip()} CNY'") from None
        raise


_WITHOUT_CURRENCY = re.compile(r"\s*[\d_.]+\s*(?:k|m|bn|万|亿)?\s*")


Money = Annotated[
    int,
    AfterValidator(_non_negative),
    BeforeValidator(_parsed(read_money, MONEY_FORM, Fen)),
    WithJsonSchema({"type": "string", "description": "An amount of money", "examples": ["30m CNY", "500k CNY"]}),
]
Share = Annotated[
    Fraction,
    AfterValidator(_up_to_one),
    BeforeValidator(_parsed(parse_share, SHARE_FORM, Fraction)),
    WithJsonSchema({"type": "string", "description": "A share of one", "examples": ["40%"]}),
]
SignedShare = Annotated[
    Fraction,
    AfterValidator(_around_zero),
    BeforeValidator(_parsed(parse_share, SHARE_FORM, Fraction)),
    WithJsonSchema({"type": "string", "description": "A share that may be below zero", "examples": ["-10%"]}),
]
"""A share by which something is more or, below zero, less."""
Ratio = Annotated[
    Fraction,
    AfterValidator(_up_to_many),
    BeforeValidator(_parsed(parse_share, SHARE_FORM, Fraction)),
    WithJsonSchema({"type": "string", "description": "A share that may be above one", "examples": ["40%"]}),
]
"""A share of something that may be more than the whole, such as a cover of 130%."""
TimeSpan = Annotated[
    Span,
    AfterValidator(_short),
    BeforeValidator(_parsed(_read_span, SPAN_FORM, Span)),
    WithJsonSchema(
        {"type": "string", "description": "A length of time", "examples": ["3 working days", "30 days", "2 h"]}
    ),
]
