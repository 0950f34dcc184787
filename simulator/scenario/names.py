"""Names people give to parties, desks, steps and products, and texts in two languages."""

from __future__ import annotations

import datetime
import re
import unicodedata
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, Field, WithJsonSchema, model_validator

from simulator.scenario.quantities import Model
from simulator.texts import Language, language

LONGEST_NAME = 200
_RESERVED = ".*=:/\\"
_INVISIBLE = ("Cc", "Cf", "Cs", "Zl", "Zp")
_HAN = "\u3400-\u9fff"
_FULL_WIDTH = "\u2018-\u201d\u3000-\u303f\uff00-\uffef"
_FOLDED = re.compile(rf"(?<=[{_FULL_WIDTH}])[ \n]|[ \n](?=[{_FULL_WIDTH}])|(?<=[{_HAN}])[ \n](?=[{_HAN}])")
"""The space that YAML leaves where a line of Chinese was broken."""


def fault_of_name(name: str) -> str | None:
    """Why a text cannot be a name that paths and files refer to, or None."""
    for character in name:
        if character in _RESERVED:
            return f"a name may not hold '{character}'; the characters {' '.join(_RESERVED)} belong to paths"
    return fault_of_title(name)


def fault_of_title(name: str) -> str | None:
    """Why a text cannot be a name that is only shown, or None."""
    if not name or name != name.strip():
        return "a name may not be empty or begin or end with a space"
    if len(name) > LONGEST_NAME:
        return f"a name of {len(name):,} characters is too long; at most {LONGEST_NAME}"
    return fault_of_text(name, "a name")


def fault_of_text(text: str, what: str = "a text") -> str | None:
    """Why a text cannot be shown as it stands, or None: control characters, marks that turn the writing around."""
    for character in text:
        if unicodedata.category(character) in _INVISIBLE and (what == "a name" or character not in "\n\t"):
            return f"{what} may not hold the invisible character U+{ord(character):04X}; delete it"
    return None


def visible(text: str) -> str:
    """A text as a message can quote it, with invisible characters spelt out."""
    return "".join(
        f"<U+{ord(character):04X}>"
        if character != "\n" and unicodedata.category(character) in _INVISIBLE
        else character
        for character in text
    )


def _checked_name(name: str) -> str:
    fault = fault_of_name(name)
    if fault is not None:
        raise ValueError(fault)
    return name


def _checked_text(text: str) -> str:
    fault = fault_of_text(text)
    if fault is not None:
        raise ValueError(fault)
    return text


def _chinese(text: str) -> str:
    """A Chinese text that was written on several lines, on one: Chinese is set without spaces."""
    return _FOLDED.sub("", _checked_text(text).strip())


Name = Annotated[str, AfterValidator(_checked_name)]


class Text(Model):
    """A text in English, Chinese or both; a bare text counts as English."""

    en: Annotated[str, AfterValidator(_checked_text)] = Field("", max_length=2000, description="English")
    zh: Annotated[str, AfterValidator(_chinese)] = Field("", max_length=2000, description="Chinese")

    @model_validator(mode="before")
    @classmethod
    def _bare_text(cls, raw: Any) -> Any:
        if not isinstance(raw, (str, dict, Text)):
            raise ValueError("this is no text; write 'TEXT' or '{en: TEXT, zh: TEXT}'")
        return {"en": raw} if isinstance(raw, str) else raw

    @property
    def english(self) -> str:
        """English, or Chinese where only that is given."""
        return self.en or self.zh

    def said(self, chosen: Language | None = None) -> str:
        """The text in a language (the one spoken now), or in the other where only that is given."""
        return self.zh or self.en if (chosen or language()) == "zh" else self.english


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
