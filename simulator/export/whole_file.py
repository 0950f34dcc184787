"""Files that stand under their names only when all of them is written, and never in the place of results."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from glob import escape
from pathlib import Path
from time import time
from typing import TextIO

from simulator.errors import PledgesimError
from simulator.export.folder import is_result
from simulator.texts import say

A_DAY = 86_400.0
"""Seconds after which nobody is still writing a part."""


def refuse_place(path: str | Path, endings: Sequence[str], told: str, because: str = "") -> None:
    """PledgesimError for a file that does not end so, is a folder, or belongs to the results of a run.

    `told` is how a message begins, such as `--out flow.svg`; `because` is why it must end so.
    """
    place = Path(os.path.realpath(path))
    if place.is_dir():
        raise PledgesimError(say("{place}: this is a folder; name a file", place=told))
    if is_result(place):
        raise PledgesimError(say("{place}: this is a file of the results; name another", place=told))
    if not all(str(each).casefold().endswith(tuple(endings)) for each in (path, place)):
        ends = " or ".join(endings)
        raise PledgesimError(say("{place}: name a file that ends in {endings}", place=told, endings=ends) + because)


@contextmanager
def whole_file(path: str | Path, told: str | None = None) -> Iterator[Path]:
    """Where to write what takes this place, or that of the file it links to, once it is whole.

    PledgesimError, which begins with `told` or `--out PATH`, where it cannot be written; then all is as it was.
    """
    target = Path(os.path.realpath(path))
    part = target.with_name(f"{target.name}.{os.getpid()}.part")
    told = told or f"--out {path}"
    if part.parent.exists() and not part.parent.is_dir():
        raise PledgesimError(say("{place}: {folder} is not a folder", place=told, folder=Path(path).parent))
    try:
        part.parent.mkdir(parents=True, exist_ok=True)
        _sweep(target)
        yield part
        os.replace(part, target)
    except BrokenPipeError:
        # It is the reader of standard output that has gone.
        raise
    except OSError as error:
        raise PledgesimError(f"{told}: {error.strerror or error}") from None
    finally:
        with suppress(OSError):
            part.unlink(missing_ok=True)


@contextmanager
def written_whole(path: str | Path, encoding: str = "utf-8-sig", told: str | None = None) -> Iterator[TextIO]:
    """A file of text that stands under its name only when all of it is written."""
    with whole_file(path, told) as part, open(part, "w", encoding=encoding, newline="") as file:
        yield file


def _sweep(target: Path) -> None:
    """Take away what processes left of this file that were killed as they wrote it, a day ago or earlier."""
    for left in target.parent.glob(f"{escape(target.name)}.*.part"):
        if time() - left.stat().st_mtime > A_DAY:
            left.unlink(missing_ok=True)
