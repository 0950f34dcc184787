"""What the YAML parser could not read, told with the cause that its author can see."""

from __future__ import annotations

import re

import yaml

from simulator.errors import Problem

_QUOTED_OR_COMMENT = re.compile(r"\"[^\"]*\"|'[^']*'|(?:^|\s)#.*")
_HALF_WIDTH = dict(zip("：，、｛｝［］【】“”＃－\u3000", ':,,{}[][]""#- ', strict=True))
_CALLED = {":": "': ' (with a space)", ",": "', '", " ": "a plain space"}


def full_width(place: tuple[str, int, int], line: str, character: str, said: str = "") -> Problem:
    """A full-width character, at `place` or later in its line, where YAML needs the half-width one."""
    half = _HALF_WIDTH[character]
    called = _CALLED.get(half, f"'{half}'")
    file, number, column = place
    column = max(line.find(character, column - 1) + 1, column)
    found = f"the full-width character '{character}' does not count as YAML's {called}"
    return Problem(file, number, column, found, f"write {called}, or put the text in quotes{said}")


def syntax_problem(error: yaml.MarkedYAMLError, lines: list[str], file: str) -> Problem:
    """The parser's error at the place where its cause is likeliest, with the parser's own words."""
    said = " ".join(filter(None, (error.context, error.problem)))
    marks = [mark for mark in (error.problem_mark, error.context_mark) if mark is not None]
    if not marks:
        return Problem(file, 0, 0, "this is not valid YAML", f"the YAML parser says: {said}")
    visible = _visible_cause([mark.line for mark in marks], lines, file, said)
    if visible is not None:
        return visible
    found, at_its_beginning = _gentle(said, f"at line {marks[-1].line + 1}")
    mark = marks[-1] if at_its_beginning else marks[0]
    return Problem(file, mark.line + 1, mark.column + 1, found, f"the YAML parser says: {said}")


def _visible_cause(numbers: list[int], lines: list[str], file: str, said: str) -> Problem | None:
    """A tab or a full-width character on the lines that the parser stumbled over, or on the one above."""
    above = next((each for each in range(min(numbers[0], len(lines)) - 1, -1, -1) if lines[each].strip()), 0)
    for number in (each for each in (*numbers, above) if each < len(lines)):
        line = lines[number]
        tab = re.match(r" *\t", line)
        if tab:
            found = "a tab indents this line; YAML allows only spaces"
            return Problem(file, number + 1, tab.end(), found, "replace the tab by spaces")
        bare = _QUOTED_OR_COMMENT.sub(lambda match: " " * len(match[0]), line)
        wide = next((position for position, character in enumerate(bare) if character in _HALF_WIDTH), None)
        if wide is not None:
            return full_width((file, number + 1, wide + 1), line, line[wide], f" (the YAML parser says: {said})")
    return None


def _gentle(said: str, opened: str) -> tuple[str, bool]:
    """A sentence for the commonest mistakes, and whether it is about the place where the parser's trouble began."""
    if "mapping values" in said:
        return "a second ': ' on this line, or a wrong indentation; a text that holds ': ' needs quotes", False
    if "simple key" in said:
        return "this line has no ': ' after its key, or is indented wrongly", True
    if "cannot start any token" in said:
        return "a text that starts with this character needs quotes", False
    if "flow" in said:
        return f"the bracket or brace opened {opened} is not closed, or a comma is missing", False
    if "quoted scalar" in said and "end of stream" in said:
        return "the quotation mark opened here is never closed", True
    if "block" in said and ("expected key" in said or "expected <block end>" in said or "'-' indicator" in said):
        return f"this line does not fit the block that begins {opened}; check its indentation and brackets", False
    return "this is not valid YAML", False
