"""The text of a table that a spreadsheet saved as CSV, whatever its encoding; read as often as needed, never held."""

from __future__ import annotations

import codecs
import hashlib
import io
import os
import stat
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO, TextIO

from simulator.errors import Problem, ScenarioError
from simulator.scenario.file_text import refused

STANDARD_INPUT = "-"
SHOWN_INPUT = "standard input"
MOST_BYTES_HELD = 2**29
"""Standard input and pipes can be read only once, and are held."""
CHUNK = 2**20
"""Bytes looked at together; no line of a table is as long."""
_SAVE = "in the spreadsheet: Save as, CSV UTF-8"
_WORKBOOKS = {b"PK\x03\x04": ".xlsx or .ods", b"\xd0\xcf\x11\xe0": ".xls"}
_CALLED = {"utf-8": "UTF-8 or GBK", "utf-8-sig": "UTF-8", "utf-16": "UTF-16"}


@dataclass(frozen=True)
class TableText:
    """A table's file whose encoding is known; `name` is how messages call it."""

    name: str
    encoding: str
    path: str = ""
    content: bytes | None = None
    """What came from standard input or a pipe."""

    def open(self) -> TextIO:
        """The text from its beginning, with line ends as they are."""
        return io.TextIOWrapper(_opened(self.path, self.content), encoding=self.encoding, newline="")

    def sha256(self) -> str:
        """The digest of what the file holds."""
        found = hashlib.sha256()
        with _opened(self.path, self.content) as file:
            for part in iter(lambda: file.read(CHUNK), b""):
                found.update(part)
        return found.hexdigest()


def table_text(reference: str) -> TableText:
    """The text of a CSV file, or of standard input where `reference` is '-'.

    UTF-8 with or without its mark, UTF-16 with its mark, GBK and GB18030. ScenarioError for anything else.
    """
    name = SHOWN_INPUT if reference == STANDARD_INPUT else reference
    try:
        content = _held(reference, name)
        with _opened(reference, content) as file:
            start = file.read(CHUNK)
    except FileNotFoundError as error:
        raise refused(name, "there is no such file") from error
    except OSError as error:
        raise refused(name, f"the file cannot be read: {(error.strerror or 'unknown reason').lower()}") from error
    except ValueError as error:
        raise refused(name, "this cannot be the name of a file") from error
    faults = []
    for encoding in _possible_encodings(start, name):
        fault = _fault(reference, content, encoding, name)
        if fault is None:
            return TableText(name, encoding, reference, content)
        faults.append(fault)
    raise ScenarioError(faults[:1])


def _held(reference: str, name: str) -> bytes | None:
    """All of standard input or of a pipe; None for an ordinary file."""
    if reference == STANDARD_INPUT:
        return _limited(sys.stdin.buffer, name)
    # Asked before opening: a device has no end.
    mode = os.stat(reference).st_mode
    if stat.S_ISFIFO(mode):
        with open(reference, "rb") as pipe:
            return _limited(pipe, name)
    if not stat.S_ISREG(mode):
        kind = "a folder, not a file" if stat.S_ISDIR(mode) else "a device, not an ordinary file"
        raise refused(name, f"this is {kind}")
    return None


def _limited(file: BinaryIO, name: str) -> bytes:
    content = file.read(MOST_BYTES_HELD + 1)
    if len(content) > MOST_BYTES_HELD:
        raise refused(name, f"more than {MOST_BYTES_HELD // 2**20} MiB", "write it to a file, which is not held")
    return content


def _opened(path: str, content: bytes | None) -> BinaryIO:
    return open(path, "rb") if content is None else io.BytesIO(content)


def _possible_encodings(start: bytes, name: str) -> tuple[str, ...]:
    for beginning, kind in _WORKBOOKS.items():
        if start.startswith(beginning):
            raise refused(name, f"this is a workbook ({kind}), not a CSV file", _SAVE)
    if start.startswith(codecs.BOM_UTF8):
        return ("utf-8-sig",)
    if start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return ("utf-16",)
    if start.count(0) * 4 > len(start):
        raise refused(name, "the file looks like UTF-16 without the mark at its beginning", _SAVE)
    return ("utf-8", "gb18030")


def _fault(path: str, content: bytes | None, encoding: str, name: str) -> Problem | None:
    """Where the file is no text in an encoding, or has a line without end; None where all is well."""
    decoder = codecs.getincrementaldecoder(encoding)()
    line = 1
    for chunk in _chunks(path, content):
        try:
            text = decoder.decode(chunk, final=not chunk)
        except UnicodeDecodeError as error:
            line += _line_ends(error.object[: error.start].decode(encoding, errors="replace"))
            return Problem(name, line, 1, f"this is not text in {_CALLED.get(encoding, encoding)}", _SAVE)
        ends = _line_ends(text)
        if not ends and len(chunk) == CHUNK:
            return Problem(name, line, 1, f"a line of more than {len(text):,} characters", "a table has a line a row")
        line += ends
    return None


def _line_ends(text: str) -> int:
    return text.count("\n") + text.count("\r") - text.count("\r\n")


def _chunks(path: str, content: bytes | None) -> Iterator[bytes]:
    """The bytes piece by piece, then nothing, which ends the decoding."""
    with _opened(path, content) as file:
        while chunk := file.read(CHUNK):
            yield chunk
    yield b""
