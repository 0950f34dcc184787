"""What people read, in the language they asked for: English as it stands in the code, Chinese from the catalogue.

Code says `say("{count} designs", count=5)`. The English sentence is its own key; the catalogue (`zh.po`, in the
format of gettext) has its Chinese. A text that is written down in one place and said in another is marked there with
`phrase`. The language is that of the command or of the block `with speaking("zh"):`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Literal, Self, get_args

Language = Literal["en", "zh"]
LANGUAGES: tuple[Language, ...] = get_args(Language)
_language: ContextVar[Language] = ContextVar("language", default="en")


def language() -> Language:
    """The language that is spoken now."""
    return _language.get()


def speak(chosen: Language) -> None:
    """Go on in this language."""
    _language.set(chosen)


@contextmanager
def speaking(chosen: Language) -> Iterator[None]:
    """Speak a language inside, and after it the one before."""
    before = _language.set(chosen)
    try:
        yield
    finally:
        _language.reset(before)


def phrase(text: str, *, context: str = "") -> str:
    """The text itself: marks one that is said elsewhere, so that the catalogue is known to need it."""
    return text


class Filled(str):
    """A text with its values, in English, that `say` can say in another language later: a note beside a figure."""

    text: str
    values: Mapping[str, object]

    def __new__(cls, text: str, **values: object) -> Self:
        """The text as `phrase` marks it, and what goes into its braces."""
        self = super().__new__(cls, text.format(**values))
        self.text, self.values = text, values
        return self


def say(text: str, /, *, context: str = "", **values: object) -> str:
    """A text in the language spoken, with `values` in its braces.

    `context` tells apart texts that are alike in English and are not in Chinese. A text that the catalogue lacks is
    said in English.
    """
    key = text
    if isinstance(text, Filled):
        key, values = text.text, {**text.values}
    said = _chinese(key, context) if language() == "zh" else key
    return said.format(**values) if values else said


def say_count(one: str, many: str, count: float, /, **values: object) -> str:
    """A text about a number of things, which stands in the braces `{n}`: `1 replication`, `20 replications`."""
    said = _chinese(many, "") if language() == "zh" else one if count == 1 else many
    return said.format(n=f"{count:,}", **values)


def _chinese(text: str, context: str) -> str:
    from simulator.texts.catalogue import catalogue

    known = catalogue()
    return known.get((context, text)) or known.get(("", text)) or text


def told(*sentences: str) -> str:
    """Sentences one after another, those that are not empty; Chinese ones stand without a space between."""
    return ("" if language() == "zh" else " ").join(each for each in sentences if each)
