"""Names people give to parties, desks, steps and products, and texts in two languages."""

from __future__ import annotations

import datetime
import unicodedata
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, Field, WithJsonSchema, model_validator

from simulator.scenario.quantities import Model

LONGEST_NAME = 200
_RESERVED = ".*=:/\\"


def _checked_name(name: str) -> str:
    if not name or name != name.strip():
        raise ValueError("a name may not be empty or begin or end with a space")
    if len(name) > LONGEST_NAME:
        raise ValueError(f"a name of {len(name)} characters is too long; at most {LONGEST_NAME}")
    for character in name:
        if character in _RESERVED:
            raise ValueError(f"a name may not hold '{character}'; paths such as products.x.flow need it")
        if unicodedata.category(character) in ("Cc", "Zl", "Zp", "Cs"):
            raise ValueError("a name may not hold control characters or line breaks")
    return name


Name = Annotated[str, AfterValidator(_checked_name)]


class Text(Model):
    """A text in English, Chinese or both; a bare text counts as English."""

    en: str = Field("", max_length=2000, description="English")
    zh: str = Field("", max_length=2000, description="Chinese")

    @model_validator(mode="before")
    @classmethod
    def _bare_text(cls, raw: Any) -> Any:
        return {"en": raw} if isinstance(raw, str) else raw

    @property
    def english(self) -> str:
        """English, or Chinese where only that is given."""
        return self.en or self.zh


def _read_date(raw: object) -> object:
    if isinstance(raw, str):
        try:
            return datetime.date.fromisoformat(raw)
        except ValueError:
            raise ValueError(f"'{raw}' is not a date; write it like 2021-09-17") from None
    return raw


def _read_moment(raw: object) -> object:
    if isinstance(raw, str):
        try:
            moment = datetime.datetime.fromisoformat(raw)
        except ValueError:
            raise ValueError(f"'{raw}' is not a moment; write it like 2021-09-17 15:00") from None
        if moment.tzinfo is not None:
            raise ValueError(f"'{raw}' names a time zone; times are Shanghai times without one")
        return moment
    return raw


Date = Annotated[
    datetime.date, BeforeValidator(_read_date), WithJsonSchema({"type": "string", "examples": ["2021-09-17"]})
]
Moment = Annotated[
    datetime.datetime,
    BeforeValidator(_read_moment),
    WithJsonSchema({"type": "string", "examples": ["2021-09-17 15:00"]}),
]
