"""The Chinese of every text, as the files in `zh/` have it."""

from __future__ import annotations

from functools import cache
from importlib.resources import files


@cache
def catalogue() -> dict[tuple[str, str], str]:
    """(context, English) to Chinese."""
    import polib

    found = {}
    for file in sorted(files("simulator.texts").joinpath("zh").iterdir(), key=lambda each: each.name):
        if file.name.endswith(".po"):
            for entry in polib.pofile(file.read_text(encoding="utf-8")):
                if not entry.obsolete and entry.msgstr:
                    found[entry.msgctxt or "", entry.msgid] = entry.msgstr
    return found
