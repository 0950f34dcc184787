"""The Chinese of every text, as `zh.po` has it."""

from __future__ import annotations

from functools import cache
from importlib.resources import files


@cache
def catalogue() -> dict[tuple[str, str], str]:
    """(context, English) to Chinese."""
    import polib

    entries = polib.pofile(files("simulator.texts").joinpath("zh.po").read_text(encoding="utf-8"))
    return {(entry.msgctxt or "", entry.msgid): entry.msgstr for entry in entries if entry.msgstr}
