"""Messages about folders of results, as they are said to whoever writes them from Python."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from simulator.errors import PledgesimError

OPTION = "--out "


@contextmanager
def as_in_python() -> Iterator[None]:
    """Inside, messages do not name the option of the command line that does the same."""
    try:
        yield
    except PledgesimError as error:
        raise type(error)(str(error).removeprefix(OPTION)) from None
