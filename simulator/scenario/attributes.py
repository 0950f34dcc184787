"""Properties of firms: what each is, how it is drawn, and on which others it depends."""

from __future__ import annotations

from functools import cached_property
from math import inf, nan
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, Field, PrivateAttr, model_validator

from simulator.scenario.names import Name, Text
from simulator.scenario.quantities import DISTRIBUTION_FORMS, Distribution, Money, Share
from simulator.units import format_share


def _shares_complete(odds: dict[str, Any]) -> dict[str, Any]:
    rests = [name for name, share in odds.items() if share == "rest"]
    total = sum((share for share in odds.values() if share != "rest"), start=0)
    if len(rests) > 1:
        raise ValueError(f"only one of the odds can be 'rest', found {len(rests)}")
    if total > 1 or (not rests and total != 1):
        hint = "" if total > 1 else "; give one of them as 'rest'"
        raise ValueError(f"odds sum to {format_share(total)}, not 100%{hint}")
    return odds


Odds = Annotated[
    dict[Name, Share | Literal["rest"]], Field(min_length=1, max_length=200), AfterValidator(_shares_complete)
]
"""Shares of one, of which one may be 'rest'."""


Kind = Literal["yes/no", "words", "ratio", "money", "count", "share"]
KINDS: dict[Kind, str] = {
    "yes/no": "a property that is true or false",
    "words": "a property in words",
    "ratio": "a ratio, such as 40%",
    "money": "an amount of money",
    "count": "a plain number",
    "share": "a share",
}
"""Each kind as a sentence calls it."""


class Attribute(Distribution):
    """A property of firms: an amount, a count, a choice, a yes/no, a share of another, or a sum or ratio of others."""

    name: Text | None = Field(None, description="Name shown")
    names: dict[Name, Text] = Field(
        default_factory=dict, max_length=200, description="Names shown of the words that a property in words can be"
    )
    yes: Share | None = Field(None, description="A yes/no property: share of firms for which it holds")
    odds: Odds | None = Field(None, description="A property in words: share of firms for each")
    of: Name | None = Field(
        None, description="With shares: a share of this other amount; with money: so much for each of this count"
    )
    sum: list[Name] | None = Field(None, min_length=1, max_length=20, description="Sum of these amounts or counts ...")
    over: Name | None = Field(None, description="... divided by this amount, as a ratio")
    by: Name | None = Field(None, description="With 'where': a property in words on which this one depends")
    where: dict[Name, Attribute] = Field(
        default_factory=dict, max_length=200, description="Value of that property: what holds for its firms instead"
    )
    rounded_to: Money | None = Field(None, description="Amounts are rounded to the nearest multiple of this")

    _sums_counts: bool = PrivateAttr(default=False)
    """Whether a sum is one of counts; set where the properties it sums are known."""

    @model_validator(mode="after")
    def _one_form(self) -> Self:
        forms = [name for name in ("yes", "odds", "sum", *DISTRIBUTION_FORMS) if getattr(self, name) is not None]
        plain = forms and forms[0] not in DISTRIBUTION_FORMS
        if plain and len(forms) > 1:
            raise ValueError(
                f"a property is drawn in one way, found {' and '.join(forms)}; "
                f"allowed: one of yes, odds, sum, {', '.join(DISTRIBUTION_FORMS)}"
            )
        if (self.by is None) != (not self.where):
            raise ValueError("'by' names a property in words, 'where' says what holds for its values; both are needed")
        if self.sum is not None and self.where:
            raise ValueError("a sum is worked out from other properties; 'where' stands with what is drawn")
        if self.over is not None and self.sum is None:
            raise ValueError("a ratio needs both 'sum' and 'over'")
        if self.where and not forms:
            raise ValueError(
                "'where' says what holds for some firms, but what holds for all others is missing; "
                "write it beside 'where', such as 'fixed: 1m CNY' or 'odds: {WORD: 40%, WORD: rest}'"
            )
        if plain:
            if self.of is not None:
                raise ValueError(f"'of' stands with a distribution of shares or of money, not with '{forms[0]}'")
            return self
        self._check_distribution()
        if self.dimension not in ("fen", "share", "number"):
            raise ValueError("a property is an amount of money, a share or a plain number, not a time")
        if self.of is not None and self.dimension == "number":
            raise ValueError("with 'of', the distribution is one of shares, such as 25%, or of money for each")
        return self

    @property
    def kind(self) -> Kind:
        """What the values are."""
        if self.yes is not None:
            return "yes/no"
        if self.odds is not None:
            return "words"
        if self.sum is not None:
            return "ratio" if self.over is not None else "count" if self._sums_counts else "money"
        if self.of is not None or self.dimension == "fen":
            return "money"
        return "count" if self.dimension == "number" else "share"

    @property
    def is_for_each(self) -> bool:
        """Whether it is so much money for each piece of a count."""
        return self.of is not None and self.dimension == "fen"

    @property
    def parts(self) -> list[str]:
        """The properties that a sum or a ratio is worked out from."""
        return [*(self.sum or []), *([self.over] if self.over is not None else [])]

    @cached_property
    def alternatives(self) -> dict[str, Attribute]:
        """What holds for firms with each value of another property; `of` and `rounded_to` stay unless given anew."""
        found = {}
        for value, other in self.where.items():
            numbers = other.yes is None and other.odds is None and other.sum is None
            kept = {key: getattr(self, key) for key in ("of", "rounded_to") if numbers and getattr(other, key) is None}
            found[value] = other.model_copy(update=kept)
        return found

    @property
    def words(self) -> tuple[str, ...]:
        """The words that a property in words can be, for whatever firms."""
        every = [self.odds or {}, *(other.odds or {} for other in self.where.values())]
        return tuple(dict.fromkeys(word for odds in every for word in odds))

    @property
    def is_random(self) -> bool:
        """Whether it is drawn, and so can go together with others."""
        return self.sum is None and any(each.fixed is None for each in (self, *self.where.values()))

    @property
    def mean(self) -> float:
        """Expected value where no alternative holds, before `of`; the share of a yes/no, NaN for words and sums."""
        if self.yes is not None:
            return float(self.yes)
        return super().mean if self._parameters() else nan


def lowest_values(population: dict[str, Attribute]) -> dict[str, float]:
    """Lower end of what each number can be, for whatever firms; minus infinity where only its sign is known."""
    found: dict[str, float] = {}
    for name, attribute in population.items():
        if attribute.sum is not None:
            found[name] = sum(found.get(part, 0.0) for part in attribute.sum)
        else:
            found[name] = min(_lowest(each, found) for each in (attribute, *attribute.alternatives.values()))
    return found


def _lowest(attribute: Attribute, before: dict[str, float]) -> float:
    if attribute.of is None:
        return attribute.lowest
    base = before.get(attribute.of, 0.0)
    return attribute.lowest * base if attribute.lowest >= 0 and base >= 0 else -inf


def settle_sums(population: dict[str, Attribute]) -> None:
    """Sums know whether they add money or counts once all properties are known."""
    for attribute in population.values():
        if attribute.sum is not None and attribute.over is None:
            parts = [population[name] for name in attribute.sum if name in population]
            attribute._sums_counts = bool(parts) and parts[0].kind == "count"
