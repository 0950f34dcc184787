"""What a caller gives to the interface: the right kind of thing, or a message that says what it must be."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from simulator.errors import PledgesimError


def refuse_unless_text(name: str, given: object) -> None:
    """PledgesimError for what is no text."""
    if not isinstance(given, str):
        raise PledgesimError(f"{name}={given!r} must be a text")


def path_of(name: str, given: object) -> Path:
    """A file or a folder; PledgesimError for what is none."""
    try:
        path = Path(given)  # type: ignore[arg-type]
    except TypeError:
        raise PledgesimError(f"{name}={given!r} must be a path") from None
    if "\0" in str(path):
        raise PledgesimError(f"{name}={given!r} must be a path, which holds no NUL character")
    return path


def refuse_unless_callable(name: str, given: object) -> None:
    """PledgesimError for what cannot be called with two numbers, done and total."""
    if not callable(given):
        raise PledgesimError(f"{name}={given!r} must be a function that takes (done, total)")


def refuse_unless_runnable(progress: object, store: object, cluster: object) -> None:
    """PledgesimError for what tells of a run, keeps it or has the workers for it, and is not of the right kind."""
    if progress is not None:
        refuse_unless_callable("progress", progress)
    if store is not None:
        path_of("store", store)
    if cluster is not None:
        refuse_unless_text("cluster", cluster)


def refuse_unless_whole(name: str, given: object, least: int) -> None:
    """PledgesimError for what is no whole number, or a smaller one."""
    if not isinstance(given, int) or isinstance(given, bool) or given < least:
        raise PledgesimError(f"{name}={given!r} must be a whole number of at least {least}")


def refuse_unless_mapping(name: str, given: object) -> None:
    """PledgesimError for what is no dictionary."""
    if not isinstance(given, Mapping):
        raise PledgesimError(f"{name}={given!r} must be a dictionary")


def texts_of(name: str, given: Any) -> list[str]:
    """A text, or several, as a list; PledgesimError for anything else."""
    texts = [given] if isinstance(given, str) else given
    if not isinstance(texts, list | tuple) or not all(isinstance(each, str) for each in texts):
        raise PledgesimError(f"{name}={given!r} must be a text, or a list of texts")
    return list(texts)


def refuse_unless_hours(given: object) -> None:
    """PledgesimError for a limit that is no number of hours."""
    if not isinstance(given, int | float) or not given >= 0:
        raise PledgesimError(f"limit_hours={given!r} must be a number of at least 0")
