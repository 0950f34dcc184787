"""Digests of the files of results, by which whoever reads them sees that one was changed afterwards."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

KEY = "files"
"""Where a manifest has them."""


def digests_of(folder: Path, names: Sequence[str]) -> dict[str, str]:
    """SHA-256 of these files of a folder, and of the tables in these folders of it, by their place in it."""
    found: dict[str, str] = {}
    for place in (folder / name for name in names):
        for path in sorted(place.rglob("*.csv")) if place.is_dir() else [place] * place.is_file():
            found[path.relative_to(folder).as_posix()] = _digest(path)
    return found


def changed_since(folder: Path, manifest: Mapping[str, Any], name: str) -> list[str]:
    """Files that are not as they were written: this one, or those in a folder of this name."""
    written = manifest.get(KEY)
    if not isinstance(written, dict):
        return []
    there = {path: digest for path, digest in written.items() if path == name or path.startswith(f"{name}/")}
    return [path for path, digest in there.items() if _is_other(folder, path, digest)]


def _is_other(folder: Path, path: str, digest: str) -> bool:
    """Whether a file of a folder has another digest; one that cannot be read is told of where it is read."""
    file = folder / path
    try:
        return file.is_file() and file.resolve().is_relative_to(folder.resolve()) and _digest(file) != digest
    except OSError:
        return False


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
