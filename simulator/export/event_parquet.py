"""An event log as a Parquet file: the columns of the CSV file, each with its type, in groups of rows."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from simulator.errors import PledgesimError
from simulator.export.event_log import ZONE, EventLog, FieldType
from simulator.export.event_rows import EventRows, RowsAre

if TYPE_CHECKING:
    import pyarrow

ROWS_IN_A_GROUP = 30_000
"""So many rows are held."""
MISSING = "Parquet needs pyarrow, which is not installed; run: pip install 'pledgesim[parquet]'"


def require_pyarrow() -> None:
    """PledgesimError where Parquet cannot be written."""
    try:
        import pyarrow.parquet  # noqa: F401
    except ImportError:
        raise PledgesimError(MISSING) from None


def write_event_parquet(log: EventLog, path: Path, rows_are: RowsAre = "events") -> None:
    """Write a log, some cases at a time."""
    import pyarrow
    import pyarrow.parquet

    rows = EventRows(log, rows_are, str)
    fields = [pyarrow.field(name, _type(kind)) for name, kind in {**rows.of_event, **rows.of_case}.items()]
    schema = pyarrow.schema(fields, metadata=_facts(log))
    with pyarrow.parquet.ParquetWriter(path, schema, compression="zstd") as writer:
        events: list[Sequence[str]] = []
        cases: list[Sequence[str]] = []
        case_of: list[int] = []
        for case in log.cases():
            before = len(events)
            events += rows.events(case)
            case_of += [len(cases)] * (len(events) - before)
            cases.append(rows.case(case))
            if len(events) >= ROWS_IN_A_GROUP:
                writer.write_table(_table(events, cases, case_of, schema))
                for held in (events, cases, case_of):
                    held.clear()
        if events:
            writer.write_table(_table(events, cases, case_of, schema))


def _facts(log: EventLog) -> dict[str, str]:
    return {"world": log.label, **log.facts}


def _type(kind: FieldType) -> pyarrow.DataType:
    import pyarrow

    return {
        "string": pyarrow.string(),
        "float": pyarrow.float64(),
        "int": pyarrow.int64(),
        "boolean": pyarrow.bool_(),
        "date": pyarrow.timestamp("ms", tz=ZONE),
    }[kind]


def _table(
    events: Sequence[Sequence[str]], cases: Sequence[Sequence[str]], case_of: Sequence[int], schema: pyarrow.Schema
) -> pyarrow.Table:
    """Rows of texts as typed columns; what is empty is missing. What is known of a case is repeated in its rows."""
    import pyarrow

    of_event = [_column(cells) for cells in zip(*events, strict=True)]
    places = pyarrow.array(case_of, pyarrow.int32())
    of_case = [_column(cells).take(places) for cells in zip(*cases, strict=True)]
    columns = [column.cast(field.type) for column, field in zip([*of_event, *of_case], schema, strict=True)]
    return pyarrow.Table.from_arrays(columns, schema=schema)


def _column(cells: Sequence[str]) -> pyarrow.Array:
    import pyarrow

    return pyarrow.array([cell or None for cell in cells], pyarrow.string())
