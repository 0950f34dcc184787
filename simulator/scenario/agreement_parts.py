"""The parts of a risk-sharing agreement: shares, funds, limits, rates, and what each party bears."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Annotated, Any, Literal, Self

from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    GetJsonSchemaHandler,
    PlainValidator,
    ValidationError,
    WithJsonSchema,
    model_validator,
)
from pydantic_core import CoreSchema, InitErrorDetails

from simulator.errors import did_you_mean, listed
from simulator.scenario.names import Date, Name, Text
from simulator.scenario.quantities import Model, Money, Share, read_money
from simulator.units import format_money, format_share, parse_share

Location = tuple[str | int, ...]
MOST_PARTS = 50
MOST_TOP_UPS = 200
Per = Literal["loss", "borrower", "year of claim", "year of loss", "year of underwriting", "ever"]
"""What a meter counts over: one loss, one borrower, the calendar year of the claim's settlement, of the default or of
the drawdown, or all that ever happens."""
Base = Literal["principal", "premium", "guaranteed balance"]
BASES: tuple[Base, ...] = ("principal", "premium", "guaranteed balance")
PART_KEYS = frozenset({"share", "up to", "when", "otherwise"})
"""Keys of a party's part of a split."""
_SHARE_FORM = "a share such as '40%' or '1/3', or 'rest'"
_FRACTION = re.compile(r"(\d{1,18})\s*/\s*(\d{1,18})")
_OF_BASE = re.compile(r"(.+?)\s+of\s+(.+)")
_CAP_FORM = f"an amount such as '5m CNY', or a share of a base such as '150% of premium'; bases: {', '.join(BASES)}"


def exact_share(share: Fraction) -> str:
    """A share as a percentage, or as a fraction where two decimals of a percent would not say it exactly."""
    text = format_share(share)
    return text if parse_share(text) == share else str(share)


def _read_share(raw: object) -> Fraction | Literal["rest"]:
    if raw == "rest":
        return "rest"
    if isinstance(raw, str):
        text = raw.strip()
        fraction = _FRACTION.fullmatch(text)
        if fraction and int(fraction[2]) == 0:
            raise ValueError(f"'{raw}' divides by zero; write {_SHARE_FORM}")
        try:
            share = Fraction(int(fraction[1]), int(fraction[2])) if fraction else parse_share(text)
        except ValueError as error:
            raise ValueError(f"{error}; write {_SHARE_FORM}") from None
    elif isinstance(raw, Fraction):
        share = raw
    elif isinstance(raw, (int, float)) and not isinstance(raw, bool):
        raise ValueError(f"{raw} has no unit; write {_SHARE_FORM}")
    else:
        raise ValueError(f"write {_SHARE_FORM}")
    if share < 0:
        raise ValueError(f"share {exact_share(share)} is negative")
    return share


@dataclass(frozen=True, slots=True)
class Cap:
    """The most that a limit lets through: an amount in fen, or a rate times a base that grows and falls with time."""

    amount: int = 0
    rate: Fraction = Fraction(0)
    base: Base | None = None

    def __str__(self) -> str:
        return format_money(self.amount) if self.base is None else f"{exact_share(self.rate)} of {self.base}"


def _read_cap(raw: object) -> Cap:
    if isinstance(raw, Cap):
        return raw
    if not isinstance(raw, str):
        raise ValueError(f"{raw} has no unit; write {_CAP_FORM}" if isinstance(raw, (int, float)) else _CAP_FORM)
    of_base = _OF_BASE.fullmatch(raw.strip())
    try:
        if of_base is None:
            amount = read_money(raw)
            if amount <= 0:
                raise ValueError(f"'{raw}' lets nothing through; a limit is above zero")
            return Cap(amount)
        rate = parse_share(of_base[1])
    except ValueError as error:
        raise ValueError(f"{str(error).partition('; write')[0]}; write {_CAP_FORM}") from None
    if of_base[2] not in BASES:
        found = f"'{of_base[2]}' is no base{did_you_mean(of_base[2], BASES)}"
        raise ValueError(f"{found}; allowed: {', '.join(BASES)}")
    if not 0 < rate <= 1000:
        raise ValueError(f"'{of_base[1]}' is out of range; a rate is above 0% and at most 100,000%")
    base: Base = next(base for base in BASES if base == of_base[2])
    return Cap(rate=rate, base=base)


def _bare_share(raw: object) -> object:
    """`60%` stands for `{share: 60%}`; read at once, so that a mistake is found at the party's own line."""
    return raw if isinstance(raw, (Mapping, Part)) else {"share": _read_share(raw)}


def _bare_party(raw: object) -> object:
    return {raw: Fraction(1)} if isinstance(raw, str) else raw


def _bare_name(raw: object) -> object:
    return [raw] if isinstance(raw, str) else raw


def is_of_a_part(keys: Collection[str]) -> bool:
    """Whether the keys of what should be a split are those of one party's part, whose party was forgotten."""
    return bool(keys) and set(keys) <= PART_KEYS


def _of_parties(raw: object) -> object:
    if isinstance(raw, Mapping) and is_of_a_part(raw):
        told, form = ", ".join(f"'{key}'" for key in raw), ", ".join(f"{key}: ..." for key in raw)
        raise ValueError(f"a party or parties are needed here, not {told}; write '{{PARTY: {{{form}}}}}'")
    return raw


def _complete(parts: dict[str, Part]) -> dict[str, Part]:
    rests = [party for party, part in parts.items() if part.share == "rest"]
    if len(rests) > 1:
        raise ValueError(f"only one share can be 'rest', found {len(rests)}: {', '.join(rests)}")
    total = sum((part.share for part in parts.values() if part.share != "rest"), start=Fraction(0))
    if total > 1 or (total < 1 and not rests):
        hint = "" if total > 1 else "; give one of them as 'rest'"
        raise ValueError(f"shares sum to {exact_share(total)}, not 100%{hint}")
    return parts


def _above_zero(fen: int) -> int:
    if fen == 0:
        raise ValueError("an amount above zero is needed")
    return fen


class OrText:
    """Tells editors that a text may stand where the checked model has a mapping or a list."""

    def __init__(self, **text: object) -> None:
        self._text = text

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        return {"anyOf": [{"type": "string", **self._text}, handler(schema)]}


PositiveMoney = Annotated[Money, AfterValidator(_above_zero)]


class TopUp(Model):
    """Money put into a fund on a day, before the losses that are settled on it; never retroactive."""

    on: Date = Field(description="Day of the payment")
    amount: PositiveMoney = Field(description="Money paid in")


class Fund(Model):
    """Money set aside, out of which its owner pays its share of losses until nothing is left."""

    name: Text | None = Field(None, description="Name shown")
    balance: Money = Field(description="Money in the fund at the start")
    owner: Name = Field(description="Party whose share of a loss the fund pays")
    top_ups: list[TopUp] = Field(
        default_factory=list, max_length=MOST_TOP_UPS, description="Further payments into it, each on its day"
    )
    refill: bool = Field(
        False, description="Does what the owner gets back go into the fund, up to all that was ever paid into it?"
    )

    @model_validator(mode="after")
    def _ever_holds_something(self) -> Self:
        if self.balance == 0 and not self.top_ups:
            refill = "a refill gives back only what was once in it; " if self.refill else ""
            found = f"a fund of 0 CNY without top-ups never pays anything; {refill}"
            raise located((("balance",), f"{found}write an amount above zero, or 'top_ups'", self.balance))
        return self


class Limit(Model):
    """A ceiling on what is paid under the shares that name it: a deductible, a first loss, a yearly maximum."""

    name: Text | None = Field(None, description="Name shown")
    at_most: Annotated[
        Cap,
        PlainValidator(_read_cap),
        WithJsonSchema({"type": "string", "examples": ["5m CNY or 150% of premium", "5m CNY", "150% of premium"]}),
    ] = Field(description="The most that is paid: an amount, or a share of a base as it stands on the day of the claim")
    per: Per = Field(description="What it is counted over")


class Rate(Model):
    """What a party has paid so far, before any cession, over a base: such as a compensation rate (代偿率)."""

    name: Text | None = Field(None, description="Name shown")
    paid_by: Name = Field(description="Party whose payments are counted, before it cedes any and without recoveries")
    over: Base = Field(description="Divided by this, as it stands on the day of the claim")
    per: Literal["year of claim", "ever"] = Field("ever", description="Over which time both are counted")


class RateTest(Model):
    """Bounds within which a rate must lie before a loss, for a share to apply to it."""

    at_most: Share | None = Field(None, description="The rate is at most this")
    below: Share | None = Field(None, description="The rate is below this")
    at_least: Share | None = Field(None, description="The rate is at least this")
    above: Share | None = Field(None, description="The rate is above this")

    @model_validator(mode="after")
    def _tests_something(self) -> Self:
        if not self.model_fields_set or all(getattr(self, key) is None for key in type(self).model_fields):
            raise ValueError("a test needs a bound; allowed: at_most, below, at_least, above")
        for lower in ("at_least", "above"):
            for upper in ("at_most", "below"):
                least, most = getattr(self, lower), getattr(self, upper)
                if least is None or most is None or least < most:
                    continue
                if least > most or (lower, upper) != ("at_least", "at_most"):
                    low, high = f"{lower.replace('_', ' ')} {exact_share(least)}", exact_share(most)
                    found = f"no rate is both {low} and {upper.replace('_', ' ')} {high}; the share is never borne"
                    raise ValueError(f"{found}; write a lower bound that is below the upper one")
        return self


class Part(Model):
    """What one party bears of a loss; a bare share is one without a limit."""

    share: Annotated[
        Fraction | Literal["rest"],
        PlainValidator(_read_share),
        WithJsonSchema({"type": "string", "examples": ["40%", "1/3", "rest"]}),
    ] = Field(description="Share of the loss; 'rest' is what the other shares leave of one")
    up_to: (
        Annotated[
            list[Name],
            BeforeValidator(_bare_name),
            Field(min_length=1, max_length=10),
            OrText(description="The fund or limit"),
        ]
        | None
    ) = Field(None, alias="up to", description="Fund or limit (or several) within which the share is paid")
    when: Annotated[dict[Name, RateTest], Field(min_length=1, max_length=5)] | None = Field(
        None, description="Rates that must lie within these bounds before the loss, for the share to be borne"
    )
    otherwise: Annotated[Split, BeforeValidator(_bare_party), OrText(description="The party that bears it")] | None = (
        Field(None, description="Who bears what is above the limit or falls outside the test: a party, or a split")
    )

    @property
    def limits(self) -> list[str]:
        """Funds and limits within which it is paid."""
        return self.up_to or []

    @model_validator(mode="after")
    def _bounds_with_their_otherwise(self) -> Self:
        if self.otherwise is None:
            if self.up_to is not None:
                needs = "'up to' needs 'otherwise': who bears the share when the fund is used up or the limit reached"
                raise located((("up to",), needs, self.up_to))
            if self.when is not None:
                raise located((("when",), "'when' needs 'otherwise': who bears the share when the test fails", None))
        elif self.up_to is None and self.when is None:
            needs = "'otherwise' needs 'up to' or 'when': the fund, the limit or the test that bounds the share"
            raise located((("otherwise",), needs, None))
        return self


Split = Annotated[
    dict[
        Name,
        Annotated[Part, BeforeValidator(_bare_share), OrText(description=_SHARE_FORM, examples=["40%", "1/3", "rest"])],
    ],
    Field(min_length=1, max_length=MOST_PARTS),
    BeforeValidator(_of_parties),
    AfterValidator(_complete),
]
"""Parties and their parts, which make up one."""


def located(*problems: tuple[Location, str, object]) -> ValidationError:
    """Errors at places below the model that finds them; pydantic puts the model's own place in front."""
    details = [
        InitErrorDetails(type="value_error", loc=place, input=found, ctx={"error": ValueError(message)})
        for place, message, found in problems
    ]
    return ValidationError.from_exception_data("risk sharing", details)


def unknown(what: str, name: str, allowed: Mapping[str, object], none: str) -> str:
    """`unknown fund 'x'; did you mean 'y'?`, saying what there is."""
    here = f"{what}s here: {listed(allowed)}" if allowed else none
    return f"unknown {what} '{name}'; {here}{did_you_mean(name, allowed)}"
