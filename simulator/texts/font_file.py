"""The Chinese font that the extra `zh` brings, found without matplotlib."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path


def packaged_font() -> Path | None:
    """Its file; None where the extra is not installed."""
    package = find_spec("pylopdf_fonts_zh_cn")
    folders = (package.submodule_search_locations or []) if package else []
    paths = (Path(folder) / "NotoSansSC-Regular.otf" for folder in folders)
    return next(filter(Path.is_file, paths), None)
