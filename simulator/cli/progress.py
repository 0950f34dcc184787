"""Progress of long work: a bar on a terminal, a plain line now and then elsewhere."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from simulator.texts import say

Progress = Callable[[int, int], None]
SECONDS_BETWEEN_LINES = 10.0


@contextmanager
def progress(what: str) -> Iterator[Progress]:
    """A function (done, total) that shows how far `what` has come, with the time left, on standard error."""
    if sys.stderr.isatty():
        from rich.console import Console
        from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeElapsedColumn, TimeRemainingColumn
        from rich.progress import Progress as Bar

        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
        with Bar(*columns, TimeRemainingColumn(), console=Console(stderr=True), transient=True) as bar:
            task = bar.add_task(what, total=None)
            yield lambda done, total: bar.update(task, completed=done, total=total)
        return
    started = last = time.monotonic()

    def line(done: int, total: int) -> None:
        nonlocal last
        now = time.monotonic()
        if now - last >= SECONDS_BETWEEN_LINES and 0 < done < total:
            last = now
            left = (now - started) / done * (total - done)
            told = say(
                "{what}: {done} of {total}, about {seconds} s left",
                what=what, done=done, total=total, seconds=f"{left:.0f}",
            )  # fmt: skip
            print(told, file=sys.stderr, flush=True)

    yield line
