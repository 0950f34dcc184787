"""In which language charts, tables and sentences are shown."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from simulator.errors import PledgesimError, did_you_mean
from simulator.texts import LANGUAGES, Language, language, speaking
from simulator.texts import speak as speak_from_now_on


def speak(lang: Language) -> None:
    """Show everything from now on in a language: "en" or "zh".

    Charts, tables as a notebook shows them, and sentences follow; names of columns do not, so that programs keep
    working. PledgesimError for another language.

    >>> simulator.speak("zh")
    >>> simulator.load("C8-F1").name
    '知识产权快易贷'
    >>> simulator.speak("en")
    """
    speak_from_now_on(_known(lang))


@contextmanager
def in_language(lang: Language | None) -> Iterator[None]:
    """Inside, the language asked for, or else the one spoken."""
    with speaking(language() if lang is None else _known(lang)):
        yield


def _known(lang: Language) -> Language:
    if lang not in LANGUAGES:
        allowed = ", ".join(LANGUAGES)
        raise PledgesimError(f"lang '{lang}' is not spoken{did_you_mean(str(lang), LANGUAGES)}; allowed: {allowed}")
    return lang
