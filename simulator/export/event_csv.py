"""An event log as one flat CSV file, in UTF-8.

There is no byte order mark: several readers of logs take it for a part of the first heading. A text that a spreadsheet
would run as a formula has an apostrophe in front, as in all tables; identifiers and numbers never begin like one.
"""

from __future__ import annotations

import csv
from io import StringIO
from typing import TextIO

from simulator.export.csv_text import as_text
from simulator.export.event_log import EventLog
from simulator.export.event_rows import EventRows, RowsAre


def write_event_csv(log: EventLog, file: TextIO, rows_are: RowsAre = "events") -> None:
    """Write a log, case by case."""
    rows = EventRows(log, rows_are, as_text)
    csv.writer(file).writerow([*rows.of_event, *rows.of_case])
    for case in log.cases():
        # Most cells of a row are about its case: they are put into words once, as what ends each of its lines.
        end = StringIO()
        csv.writer(end).writerow(["", *rows.case(case)])
        csv.writer(file, lineterminator=end.getvalue()).writerows(rows.events(case))
