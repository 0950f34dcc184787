"""Files of results as they are read again: JSON, with a number wherever a figure stands."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeAlias

from simulator.errors import PledgesimError
from simulator.texts import phrase, say

LARGEST = 200_000_000
"""Bytes of a file of results; a larger one is none."""
LARGEST_FIGURE = 1e18
ITEM = re.compile(r"\[\d+\]")
Wanted: TypeAlias = tuple[Callable[[Any], bool], str]
"""Whether something is what is wanted, and what that is."""


def _is_estimate(told: dict[str, Any]) -> bool:
    """Whether this is a figure or an interval."""
    return "value" in told or ("low" in told and "high" in told)


def _is_number(given: object) -> bool:
    return isinstance(given, int | float) and not isinstance(given, bool) and abs(given) < LARGEST_FIGURE


def _is_count(given: object) -> bool:
    return isinstance(given, int) and not isinstance(given, bool) and given > 0


_NUMBER: Wanted = (_is_number, phrase("a number"))
_FIGURE: Wanted = (lambda given: given is None or _is_number(given), phrase("a number"))
_WANTED: dict[str, Wanted] = {
    "complete": (lambda given: isinstance(given, bool), phrase("true or false")),
    "level": _NUMBER,
    "results[].replications": (_is_count, phrase("a count from 1")),
}
"""By where it stands; `[]` is any item of a list."""
_ENDS = ("value", "low", "high")
"""Of an estimate."""


def read_json(path: Path) -> dict[str, Any] | None:
    """A file of JSON, or None where there is none; PledgesimError for what pledgesim did not write."""
    if not path.is_file():
        return None
    try:
        if path.stat().st_size > LARGEST:
            raise PledgesimError(say("{path}: this file is too large to be one of results", path=path))
        found = json.loads(path.read_text(encoding="utf-8"), parse_constant=_no_number)
    except OSError as error:
        raise PledgesimError(f"{path}: {error.strerror or error}") from None
    except json.JSONDecodeError as error:
        place = f"{path}:{error.lineno}:{error.colno}"
        raise PledgesimError(say("{path}: this is not JSON as pledgesim writes it", path=place)) from None
    except (ValueError, RecursionError):
        raise PledgesimError(say("{path}: this is not JSON as pledgesim writes it", path=path)) from None
    if not isinstance(found, dict):
        raise PledgesimError(say("{path}: this is not JSON as pledgesim writes it", path=path))
    return found


def _no_number(name: str) -> float:
    """`NaN` and `Infinity`, which JSON does not know."""
    raise ValueError(name)


def refuse_what_is_no_figure(path: Path, told: Any, place: str = "") -> None:
    """PledgesimError for a value or an end of an interval, anywhere in the figures, that is no number."""
    if isinstance(told, list):
        for number, each in enumerate(told):
            refuse_what_is_no_figure(path, each, f"{place}[{number}]")
    elif isinstance(told, dict):
        for key, each in told.items():
            where = f"{place}.{key}" if place else key
            wanted = _WANTED.get(ITEM.sub("[]", where)) or (_FIGURE if key in _ENDS and _is_estimate(told) else None)
            if wanted is not None and not wanted[0](each):
                found = say(
                    "{path}: {place} is {found} where {wanted} is needed; run the command again",
                    path=path, place=where, found=json.dumps(each, ensure_ascii=False)[:60], wanted=say(wanted[1]),
                )  # fmt: skip
                raise PledgesimError(found)
            refuse_what_is_no_figure(path, each, where)
