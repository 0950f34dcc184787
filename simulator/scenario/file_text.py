"""The text of a scenario file, read so that no file can hang the program or fill its memory."""

from __future__ import annotations

import os
import re
import stat

from simulator.errors import Problem, ScenarioError

Place = tuple[str, int, int]
MAX_BYTES = 2**20
TOO_LARGE = "the file is larger than 1 MiB, the most that a scenario may have"
# U+0085, U+2028 and U+2029 end a line for YAML but not for editors: the lines of messages would be wrong.
FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff\ufeff\ufffe\uffff]")
LINE_BREAK = re.compile(r"\r\n|\r|\n")
_MOST_SHOWN = 10


def read_text(path: str | os.PathLike[str], shown_name: str) -> str:
    """The text of a UTF-8 file of at most `MAX_BYTES`; ScenarioError for all that is not one."""
    try:
        # Asked before opening: opening a pipe would wait for a writer, and a device has no end.
        status = os.stat(path)
        if stat.S_ISDIR(status.st_mode):
            raise refused(shown_name, "this is a folder, not a file")
        if not stat.S_ISREG(status.st_mode):
            raise refused(shown_name, "this is a device or a pipe, not an ordinary file")
        with open(path, "rb") as file:
            content = file.read(MAX_BYTES + 1)
    except FileNotFoundError as error:
        raise refused(shown_name, "there is no such file") from error
    except OSError as error:
        raise refused(shown_name, f"the file cannot be read: {(error.strerror or 'unknown reason').lower()}") from error
    except ValueError as error:
        raise refused(shown_name, "this cannot be the name of a file") from error
    if len(content) > MAX_BYTES:
        raise refused(shown_name, TOO_LARGE)
    return _decoded(content, shown_name)


def refused(file: str, found: str, allowed: str = "") -> ScenarioError:
    """A problem of the whole file."""
    return ScenarioError([Problem(file, 0, 0, found, allowed)])


def place_of(text: str, position: int, file: str) -> Place:
    """Line and column of a character, both from 1."""
    breaks = list(LINE_BREAK.finditer(text, 0, position))
    return file, len(breaks) + 1, position - (breaks[-1].end() if breaks else 0) + 1


def _decoded(content: bytes, file: str) -> str:
    save = "save it as UTF-8 (in the editor: Save with encoding, UTF-8)"
    if content.startswith((b"\xff\xfe", b"\xfe\xff")) or len(content) < 4 * content.count(0) < 3 * len(content):
        raise refused(file, "the file looks like UTF-16, not UTF-8", save)
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError as error:
        before = content[: error.start].decode("utf-8")
        place = place_of(before, len(before), file)
        try:
            chinese = re.search("[\u4e00-\u9fff]", content.decode("gb18030"))
        except UnicodeDecodeError:
            chinese = None
        looks = "the file looks like GBK, not UTF-8" if chinese else "the file is not UTF-8 text"
        raise ScenarioError([Problem(*place, looks, save)]) from error


def forbidden_characters(text: str, file: str, column: int = 1) -> list[Problem]:
    """Control characters, lone surrogates and hidden line ends; the first few of them."""
    problems = []
    for match in FORBIDDEN.finditer(text):
        _, line, at = place_of(text, match.start(), file)
        found = f"the character U+{ord(match[0]):04X} cannot stand in a scenario"
        problems.append(Problem(file, line, at + (column - 1 if line == 1 else 0), found, "delete it"))
        if len(problems) == _MOST_SHOWN:
            break
    return problems
