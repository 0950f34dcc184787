"""The files that event logs are written to: which, in what form, and whole or not at all."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal, get_args

from simulator.errors import PledgesimError
from simulator.export.event_csv import write_event_csv
from simulator.export.event_log import EventLog, LoggedCase
from simulator.export.event_parquet import require_pyarrow, write_event_parquet
from simulator.export.event_rows import RowsAre
from simulator.export.folder import LOGS, is_result
from simulator.export.logged_run import LoggedWorld
from simulator.export.ocel import write_ocel
from simulator.export.whole_file import whole_file, written_whole
from simulator.export.world_log import log_of
from simulator.export.xes import write_xes
from simulator.texts import say

Format = Literal["csv", "xes", "ocel", "parquet"]
FORMATS: tuple[Format, ...] = get_args(Format)
SUFFIXES: dict[Format, tuple[str, ...]] = {
    "csv": (".csv",), "xes": (".xes",), "ocel": (".ocel.json", ".json", ".jsonocel"), "parquet": (".parquet",),
}  # fmt: skip
"""Ends of the names of its files; the first is that of a name that nobody has given."""
CASES_BETWEEN_NEWS = 1000


@dataclass
class Written:
    """What stands in a log that was written."""

    path: Path
    cases: int = 0
    events: int = 0


def require(form: Format) -> None:
    """PledgesimError where a library is missing that the form needs."""
    if form == "parquet":
        require_pyarrow()


def files_of(run: Path, worlds: Sequence[LoggedWorld], form: Format, out: str | None) -> list[Path]:
    """A file for each world: in the run's folder, or where `out` says: a file for one world, or a folder."""
    suffixes = SUFFIXES[form]
    names = [f"{world.name}{suffixes[0]}" for world in worlds]
    if out is None:
        return [run / LOGS / name for name in names]
    given, ends = Path(out), " or ".join(dict.fromkeys(Path(suffix).suffix or suffix for suffix in suffixes))
    try:
        if given.is_dir():
            files = [given / name for name in names]
        elif out.lower().endswith(suffixes):
            if len(worlds) > 1:
                raise PledgesimError(
                    f"--out {out}: this is one file for {len(worlds)} worlds; name a folder, or choose one with --world"
                )
            files = [given]
        elif given.suffix.lower() in {each for known in SUFFIXES.values() for each in known}:
            raise PledgesimError(f"--out {out}: name a file that ends in {ends}, as --format {form} has it")
        elif given.exists():
            raise PledgesimError(f"--out {out}: this is a file; name a folder, or a file that ends in {ends}")
        else:
            files = [given / name for name in names]
        for file in files:
            if any(file.resolve().is_relative_to(world.tables.resolve()) for world in worlds):
                raise PledgesimError(f"--out {out}: this folder holds the tables that are read; name another")
            if is_result(file):
                raise PledgesimError(say("{place}: this is a file of the results; name another", place=f"--out {out}"))
    except (OSError, ValueError) as error:
        raise PledgesimError(f"--out {out}: {getattr(error, 'strerror', None) or error}") from None
    return files


def write_log(
    world: LoggedWorld, path: Path, form: Format, rows_are: RowsAre, tell: Callable[[int, int], None]
) -> Written:
    """Write the log of a world; `tell(cases, cases of all)` now and then."""
    written = Written(path)
    read, by_activity = log_of(world), form == "ocel" or rows_are == "activities"
    log = replace(read, cases=lambda: _watched(read, written, by_activity, world, tell))
    if form == "parquet":
        with whole_file(path) as part:
            write_event_parquet(log, part, rows_are)
        return written
    with written_whole(path, encoding="utf-8") as file:
        if form == "csv":
            write_event_csv(log, file, rows_are)
        else:
            {"xes": write_xes, "ocel": write_ocel}[form](log, file)
    return written


def _watched(
    log: EventLog, written: Written, by_activity: bool, world: LoggedWorld, tell: Callable[[int, int], None]
) -> Iterator[LoggedCase]:
    """The cases of a log, counted as they go by."""
    total = _lines(world.tables / "cases.csv") - 1
    for case in log.cases():
        yield case
        written.cases += 1
        written.events += (
            len(case.activities) if by_activity else sum([len(activity.moments) for activity in case.activities])
        )
        if written.cases % CASES_BETWEEN_NEWS == 0:
            tell(written.cases, total)


def _lines(path: Path) -> int:
    """Lines of a table; its reader tells what is wrong with it."""
    try:
        with open(path, "rb") as file:
            return sum(chunk.count(b"\n") for chunk in iter(lambda: file.read(1 << 20), b""))
    except OSError:
        return 1
