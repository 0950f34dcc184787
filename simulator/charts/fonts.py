"""The letters charts are drawn in: a Latin font, and one for Chinese where the machine has it."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import cache
from pathlib import Path

from matplotlib import font_manager
from matplotlib.ft2font import FT2Font

from simulator.texts import language, phrase, say, speaking
from simulator.texts.font_file import packaged_font
from simulator.texts.widths import is_chinese as is_chinese

LATIN = "DejaVu Sans"
CHINESE = (
    "Noto Sans CJK SC", "Noto Sans SC", "Source Han Sans SC", "Source Han Sans CN", "PingFang SC", "Hiragino Sans GB",
    "Heiti SC", "STHeiti", "Microsoft YaHei", "SimHei", "WenQuanYi Micro Hei", "WenQuanYi Zen Hei", "Noto Sans CJK TC",
    "Noto Sans CJK JP", "Source Han Sans", "Droid Sans Fallback", "Arial Unicode MS",
)  # fmt: skip
"""Families that hold simplified Chinese, in order of preference."""
NO_FONT = (
    "charts: no Chinese font found, so Chinese names are drawn in English where there is an English name and as '?' "
    "elsewhere; install one with: pip install 'pledgesim[zh]'"
)
NOT_IN_CHINESE = phrase(
    "charts: no Chinese font found, so they are drawn in English; install one with: pip install 'pledgesim[zh]'"
)


@cache
def chinese_font() -> tuple[str, Path] | None:
    """Family and file of the Chinese font: the system's, else that of the extra `zh`; None without either."""
    known = {entry.name: Path(entry.fname) for entry in reversed(font_manager.fontManager.ttflist)}
    for family in CHINESE:
        if family in known and known[family].is_file():
            return _with_bold(family), known[family]
    path = packaged_font()
    if path is None:
        return None
    font_manager.fontManager.addfont(path)
    return _with_bold(FT2Font(str(path)).family_name), path


def _with_bold(family: str) -> str:
    """The family, known to have a bold face: its regular one where it has no other, instead of a warning a title."""
    entries = [entry for entry in font_manager.fontManager.ttflist if entry.name == family]
    if not any(entry.weight in (700, "bold") for entry in entries):
        font_manager.fontManager.ttflist.append(replace(entries[0], weight=700))
    return family


def families() -> list[str]:
    """Font families in the order in which a letter is looked for: in Chinese one font has digits and words alike."""
    found = chinese_font()
    known = [LATIN] + ([found[0]] if found else [])
    return known[::-1] if language() == "zh" else known


def lacks_bold() -> bool:
    """Whether the first font has no bold face of its own, so that bold letters are made from its regular ones."""
    found = chinese_font()
    if found is None or families()[0] != found[0]:
        return False
    bold = font_manager.FontProperties(family=[found[0]], weight=700)
    return font_manager.findfont(bold) == str(found[1])


@contextmanager
def readable() -> Iterator[None]:
    """Speak English inside where Chinese is asked for and no font has its letters."""
    with speaking("en" if chinese_font() is None else language()):
        yield


@cache
def _letters(path: str) -> frozenset[int]:
    return frozenset(FT2Font(path).get_charmap())


def can_draw(text: str) -> bool:
    """Whether every character has a shape in one of the fonts."""
    return not _missing(text)


def _missing(text: str) -> set[str]:
    if text.isascii():
        return set()
    found = chinese_font()
    paths = [font_manager.findfont(font_manager.FontProperties(family=[LATIN])), *([str(found[1])] if found else [])]
    return {character for character in text if not any(ord(character) in _letters(path) for path in paths)}


def with_known_letters(text: str) -> str:
    """The text with '?' for every character that would come out as an empty box; lone accents are dropped."""
    missing = _missing(text)
    return "".join(
        character if character not in missing else "" if unicodedata.combining(character) else "?" for character in text
    )


def message_for(names: Iterable[str]) -> str | None:
    """What to tell the user where Chinese is asked for or names are Chinese, and no font has its letters; else None."""
    if chinese_font() is not None:
        return None
    if language() == "zh":
        return say(NOT_IN_CHINESE)
    return NO_FONT if any(is_chinese(character) for name in names for character in name) else None
