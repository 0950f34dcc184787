"""The Chinese letters of a page or a picture: a part of an open font with just the characters that occur, inside it.

Only fonts under the SIL Open Font License, which allows it, are put into a page or a picture.
"""

from __future__ import annotations

import base64
import io
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from simulator.texts.font_file import packaged_font
from simulator.texts.widths import is_chinese

FAMILY = "Embedded Chinese"
OPEN_FAMILIES = ("Noto Sans SC", "Noto Sans CJK SC", "Source Han Sans SC", "Source Han Sans CN")
"""Families under the SIL Open Font License that hold simplified Chinese, in order of preference."""
_REGULAR = 400


def embedded(text: str) -> str | None:
    """CSS that brings the Chinese letters of a text along; None where no font could be found for them."""
    letters = {character for character in text if character.isprintable()}
    found = open_font()
    if found is None:
        return None
    kind, content = _part_of(*found, "".join(sorted(letters)))
    coded = base64.b64encode(content).decode("ascii")
    return f'@font-face{{font-family:"{FAMILY}";src:url(data:font/{kind};base64,{coded}) format("{kind}");}}\n'


def has_chinese(text: str) -> bool:
    """Whether a page or a picture needs Chinese letters."""
    return any(is_chinese(character) for character in text)


@cache
def open_font() -> tuple[Path, int] | None:
    """File and number inside it of a Chinese font that may be brought along: the extra's, else the system's."""
    packaged = packaged_font()
    if packaged is not None:
        return packaged, 0
    from matplotlib import font_manager

    for family in OPEN_FAMILIES:
        for entry in font_manager.fontManager.ttflist:
            if entry.name == family and entry.weight in (_REGULAR, "normal", "regular") and Path(entry.fname).is_file():
                return Path(entry.fname), _number_in(Path(entry.fname), family)
    return None


def _number_in(path: Path, family: str) -> int:
    """The place of a family in a collection of fonts."""
    from fontTools.ttLib import TTCollection  # type: ignore[import-untyped]

    if path.suffix.lower() not in (".ttc", ".otc"):
        return 0
    with TTCollection(path, lazy=True) as fonts:
        names = [font["name"].getDebugName(1) or "" for font in fonts]
    return names.index(family) if family in names else 0


def _part_of(path: Path, number: int, letters: str) -> tuple[str, bytes]:
    """The font with these letters only, as WOFF2 where brotli is there, else as WOFF."""
    from fontTools import subset  # type: ignore[import-untyped]

    flavour = "woff2" if find_spec("brotli") else "woff"
    options = subset.Options(
        flavor=flavour, hinting=False, layout_features=["locl", "kern"], font_number=number, notdef_outline=True,
        name_IDs=[0, 1, 2, 13, 14], drop_tables=["vhea", "vmtx", "VORG", "GSUB", "BASE", "DSIG"],
    )  # fmt: skip
    font: Any = subset.load_font(str(path), options, lazy=True)
    cutting = subset.Subsetter(options)
    cutting.populate(text=letters)
    cutting.subset(font)
    written = io.BytesIO()
    font.flavor = flavour
    font.save(written)
    return flavour, written.getvalue()
