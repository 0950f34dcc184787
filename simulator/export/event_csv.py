"""An event log as one flat CSV file, in UTF-8.

There is no byte order mark: several readers of logs take it for a part of the first heading. A text that a spreadsheet
would run as a formula has an apostrophe in front, as in all tables; identifiers and numbers never begin like one.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TextIO

from simulator.export.csv_text import as_text
from simulator.export.event_log import EventLog
from simulator.export.event_rows import EventRows, RowsAre

_TO_BE_QUOTED = re.compile('[",\r\n]')


def write_event_csv(log: EventLog, file: TextIO, rows_are: RowsAre = "events") -> None:
    """Write a log, case by case."""
    rows = EventRows(log, rows_are, _cell)
    file.write(",".join(map(_cell, [*rows.of_event, *rows.of_case])) + "\r\n")
    for case in log.cases():
        # Most cells of a row are about its case, and stand in all of its rows.
        end = f",{','.join(rows.case(case))}\r\n"
        file.write("".join([",".join(row) + end for row in rows.events(case)]))


@lru_cache(maxsize=1 << 14)
def _cell(text: str) -> str:
    """A text as it stands between two commas."""
    text = as_text(text)
    return '"' + text.replace('"', '""') + '"' if _TO_BE_QUOTED.search(text) else text
