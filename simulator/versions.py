"""Versions of all that decides results."""

from __future__ import annotations

import hashlib
import platform
from functools import cache
from pathlib import Path

from simulator import __version__

DECIDING = ("numpy", "scipy", "simpy", "chinesecalendar", "holidays", "pydantic", "pyyaml")
SHOWING = ("api", "charts", "cli", "diagrams", "export", "report", "texts")
"""Folders of the package that only show what came out."""


@cache
def versions() -> dict[str, str]:
    """The versions of this program, of Python and of the libraries that compute."""
    from importlib.metadata import version

    return {"pledgesim": __version__, "python": platform.python_version()} | {name: version(name) for name in DECIDING}


@cache
def engine_digest() -> str:
    """A digest of the code that computes, so that results of other code are never taken for its own."""
    folder, found = Path(__file__).parent, hashlib.sha256()
    for path in sorted(folder.rglob("*.py")):
        name = path.relative_to(folder)
        if name.parts[0] not in SHOWING:
            found.update(f"{name.as_posix()}\n".encode() + path.read_bytes())
    return found.hexdigest()
