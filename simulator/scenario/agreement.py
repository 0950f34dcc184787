"""Who bears a loss: the shares of the parties, the funds that limit them, and what happens when a fund runs out."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
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
from simulator.scenario.names import Name
from simulator.scenario.quantities import Model, Money
from simulator.units import format_share, parse_share

Straddle = Literal["in proportion", "shortfall shared", "remainder shared", "all or nothing"]
Location = tuple[str, ...]
MOST_PARTS = 50
_FORM = "a share such as '40%' or '1/3', or 'rest'"
_FRACTION = re.compile(r"(\d{1,18})\s*/\s*(\d{1,18})")


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
            raise ValueError(f"'{raw}' divides by zero; write {_FORM}")
        try:
            share = Fraction(int(fraction[1]), int(fraction[2])) if fraction else parse_share(text)
        except ValueError as error:
            raise ValueError(f"{error}; write {_FORM}") from None
    elif isinstance(raw, Fraction):
        share = raw
    elif isinstance(raw, (int, float)) and not isinstance(raw, bool):
        raise ValueError(f"{raw} has no unit; write {_FORM}")
    else:
        raise ValueError(f"write {_FORM}")
    if share < 0:
        raise ValueError(f"share {exact_share(share)} is negative")
    return share


def _bare_share(raw: object) -> object:
    """`60%` stands for `{share: 60%}`; read at once, so that a mistake is found at the party's own line."""
    return raw if isinstance(raw, (Mapping, Part)) else {"share": _read_share(raw)}


def _bare_party(raw: object) -> object:
    return {raw: Fraction(1)} if isinstance(raw, str) else raw


def _pro_rata(raw: object) -> object:
    if isinstance(raw, (Mapping, Recoveries)):
        return raw
    if raw != "pro rata":
        found = f"'{raw}' is no rule for recoveries; " if isinstance(raw, str) else ""
        raise ValueError(f"{found}write 'pro rata' or a mapping such as 'first: insurer'")
    return {}


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
        raise ValueError("a fund needs a balance above zero")
    return fen


class _OrText:
    """Tells editors that a text may stand where the checked model has a mapping."""

    def __init__(self, **text: object) -> None:
        self._text = text

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        return {"anyOf": [{"type": "string", **self._text}, handler(schema)]}


class Fund(Model):
    """Money set aside once, out of which its owner pays its share of losses until nothing is left."""

    balance: Annotated[Money, AfterValidator(_above_zero)] = Field(description="Money in the fund at the start")
    owner: Name = Field(description="Party whose share of a loss the fund pays")
    refill: bool = Field(False, description="Does what the owner gets back go into the fund, up to its first balance?")


class Part(Model):
    """What one party bears of a loss; a bare share is one without a limit."""

    share: Annotated[
        Fraction | Literal["rest"],
        PlainValidator(_read_share),
        WithJsonSchema({"type": "string", "examples": ["40%", "1/3", "rest"]}),
    ] = Field(description="Share of the loss; 'rest' is what the other shares leave of one")
    up_to: Name | None = Field(
        None, alias="up to", description="Fund out of which the share is paid, as far as it lasts"
    )
    otherwise: Annotated[Split, BeforeValidator(_bare_party), _OrText(description="The party that bears it")] | None = (
        Field(None, description="Who bears what the fund cannot pay: a party, or a split among several")
    )

    @model_validator(mode="after")
    def _limit_with_its_otherwise(self) -> Self:
        if self.up_to is not None and self.otherwise is None:
            raise _located(
                (("up to",), "'up to' needs 'otherwise': who bears the share when the fund is used up", self.up_to)
            )
        if self.otherwise is not None and self.up_to is None:
            raise _located((("otherwise",), "'otherwise' needs 'up to': the fund that limits the share", None))
        return self


Split = Annotated[
    dict[
        Name,
        Annotated[Part, BeforeValidator(_bare_share), _OrText(description=_FORM, examples=["40%", "1/3", "rest"])],
    ],
    Field(min_length=1, max_length=MOST_PARTS),
    AfterValidator(_complete),
]
"""Parties and their parts, which make up one."""


class Recoveries(Model):
    """Who gets back what the sale of a pledge brings in, net of cost; `pro rata` to what each party paid by default."""

    first: Name | None = Field(None, description="Party made whole before the others; they then share pro rata")


class RiskSharing(Model):
    """A risk-sharing agreement: who bears which part of a loss, and who gets recoveries back."""

    funds: dict[Name, Fund] = Field(
        default_factory=dict, max_length=MOST_PARTS, description="Funds that pay a party's share until they are used up"
    )
    split: Split = Field(description="Share of every loss that each party bears; the shares make up one")
    straddle: Straddle = Field(
        "in proportion",
        description=(
            "A loss for which a fund has too little left. 'in proportion': the fund pays what it has, its 'otherwise' "
            "the shortfall. 'shortfall shared': the shortfall is shared as if the fund were used up. 'remainder "
            "shared': all that the fund does not pay is. 'all or nothing': the fund keeps its money for a smaller loss"
        ),
    )
    recoveries: Annotated[Recoveries, BeforeValidator(_pro_rata), _OrText(const="pro rata")] = Field(
        Recoveries(first=None), description="'pro rata' to what each party paid, or 'first': a party made whole first"
    )

    @model_validator(mode="after")
    def _funds_and_shares_agree(self) -> Self:
        problems: list[tuple[Location, str, object]] = []
        first_use: dict[str, str] = {}
        for location, party, part in _parts(self.split, ("split",)):
            name, place = part.up_to, (*location, "up to")
            if name is None:
                continue
            if name not in self.funds:
                here = f"funds here: {listed(self.funds)}" if self.funds else "this agreement has no funds"
                problems.append((place, f"unknown fund '{name}'; {here}{did_you_mean(name, self.funds)}", name))
            elif (owner := self.funds[name].owner) != party:
                problems.append((place, f"the owner of '{name}' is '{owner}', so it cannot pay for '{party}'", name))
            elif name in first_use:
                problems.append((place, f"fund '{name}' already limits the share at {first_use[name]}", name))
            first_use.setdefault(name, ".".join(location))
        first = self.recoveries.first
        if first is not None and first not in self.bearers():
            bearers = listed(self.bearers())
            found = f"'{first}' bears no share; who does: {bearers}{did_you_mean(first, self.bearers())}"
            problems.append((("recoveries", "first"), found, first))
        if problems:
            raise _located(*problems)
        return self

    def bearers(self) -> tuple[str, ...]:
        """Everybody who may have to pay, in the order of the agreement."""
        return tuple(dict.fromkeys(party for _, party, _ in _parts(self.split, ())))

    def parties(self) -> list[tuple[Location, str]]:
        """Every party the agreement names, with the location of the name."""
        owners = [(("funds", name, "owner"), fund.owner) for name, fund in self.funds.items()]
        bearers = [(location, party) for location, party, _ in _parts(self.split, ("split",))]
        first = [(("recoveries", "first"), self.recoveries.first)] if self.recoveries.first is not None else []
        return [*owners, *bearers, *first]

    def exhausted_split(self) -> dict[str, Fraction]:
        """The shares when every fund is used up."""
        shares: dict[str, Fraction] = {}
        _add_exhausted(self.split, Fraction(1), shares)
        return shares


def exact_shares(split: Mapping[str, Part]) -> dict[str, Fraction]:
    """The share of each party, 'rest' worked out."""
    given = {party: part.share for party, part in split.items() if part.share != "rest"}
    rest = 1 - sum(given.values(), start=Fraction(0))
    return {party: given.get(party, rest) for party in split}


def _parts(split: Mapping[str, Part], location: Location) -> Iterator[tuple[Location, str, Part]]:
    for party, part in split.items():
        yield (*location, party), party, part
        if part.otherwise is not None:
            inner = (*location, party, "otherwise")
            alone = len(part.otherwise) == 1 and all(each.up_to is None for each in part.otherwise.values())
            for place, name, each in _parts(part.otherwise, inner):
                # A party written bare (`otherwise: insurer`) has no place of its own below `otherwise`.
                yield (inner if alone else place), name, each


def _add_exhausted(split: Mapping[str, Part], of: Fraction, shares: dict[str, Fraction]) -> None:
    for party, share in exact_shares(split).items():
        otherwise = split[party].otherwise
        if otherwise is not None:
            _add_exhausted(otherwise, of * share, shares)
        else:
            shares[party] = shares.get(party, Fraction(0)) + of * share


def _located(*problems: tuple[Location, str, object]) -> ValidationError:
    """Errors at places below the model that finds them; pydantic puts the model's own place in front."""
    details = [
        InitErrorDetails(type="value_error", loc=place, input=found, ctx={"error": ValueError(message)})
        for place, message, found in problems
    ]
    return ValidationError.from_exception_data("risk sharing", details)
