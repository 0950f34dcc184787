"""YAML text as a tree of nodes that know their places, safe for files from anybody.

One pass over the parser's events, without recursion, so that limits hold before anything is built. Unquoted words are
resolved here and not by YAML 1.1, whose `no`, `12:30` and `1e6` are a boolean, a number and a text.
"""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

import yaml

from simulator.errors import Problem, ScenarioError
from simulator.scenario.file_text import (
    FORBIDDEN,
    LINE_BREAK,
    MAX_BYTES,
    TOO_LARGE,
    Place,
    forbidden_characters,
    read_text,
    refused,
)
from simulator.scenario.syntax import full_width, syntax_problem

__all__ = ["MAX_DEPTH", "Node", "Place", "Scalar", "parse", "parse_file", "parse_value", "read_text"]

MAX_DEPTH = 40
MAX_NODES = 50_000
MAX_CHARACTERS = 10_000
MAX_DIGITS = 30
SMALL = 2**16
"""Characters of a text up to which its tree is kept in case it is read again."""

Scalar = str | int | float | bool | None

_LOADER = getattr(yaml, "CBaseLoader", yaml.BaseLoader)
_WORDS: dict[str, bool | None] = {"true": True, "false": False, "null": None, "~": None, "": None}
_DIGITS = r"(?:0|[1-9][0-9]*(?:_[0-9]+)*)"
_INTEGER = re.compile(rf"[-+]?{_DIGITS}")
_DECIMAL = re.compile(rf"[-+]?(?:{_DIGITS}(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][-+]?[0-9]+)?")


@dataclass(slots=True)
class Node:
    """A value of a scenario file and the place where it is written; line and column count from 1."""

    file: str
    line: int
    column: int
    value: Scalar | dict[str, Node] | list[Node]
    keys: dict[str, Place] = field(default_factory=dict)  # of a mapping: where each key stands

    @property
    def place(self) -> Place:
        """File, line and column."""
        return self.file, self.line, self.column

    @property
    def kind(self) -> str:
        """What the value is, as messages say it."""
        names = {dict: "a mapping", list: "a list", str: "a text", bool: "yes/no", int: "a number", float: "a number"}
        return names.get(type(self.value), "nothing")

    def plain(self) -> Any:
        """The value as ordinary Python data; recursive, as no tree is deeper than `MAX_DEPTH` by much."""
        if isinstance(self.value, dict):
            return {key: child.plain() for key, child in self.value.items()}
        return [child.plain() for child in self.value] if isinstance(self.value, list) else self.value

    def at(self, path: Sequence[str | int]) -> Node | None:
        """The node at a path of keys and list positions, or None."""
        node = self
        for part in path:
            inner = node.value
            found = None
            if isinstance(inner, dict):
                found = inner.get(str(part))
            elif isinstance(inner, list) and isinstance(part, int) and 0 <= part < len(inner):
                found = inner[part]
            if found is None:
                return None
            node = found
        return node


def parse_file(path: str | os.PathLike[str], shown_name: str) -> Node:
    """The tree of a file, with places under the name shown to its user; ScenarioError with every problem."""
    text = read_text(path, shown_name)
    return _parsed_before(text, shown_name) if len(text) <= SMALL else parse(text, shown_name)


@lru_cache(maxsize=64)
def _parsed_before(text: str, file: str) -> Node:
    """The tree of a text that may have been read before, as a base that many files extend; nobody changes a tree."""
    return parse(text, file)


def parse(text: str, file: str) -> Node:
    """The tree of a YAML text; ScenarioError with every problem found."""
    text = text.removeprefix("\ufeff")
    if len(text) > MAX_BYTES or len(text.encode("utf-8", "surrogatepass")) > MAX_BYTES:
        raise refused(file, TOO_LARGE)
    forbidden = forbidden_characters(text, file)
    if forbidden:
        raise ScenarioError(forbidden)
    return _Builder(text, file).build()


def parse_value(text: str, file: str, column: int = 1) -> Node:
    """One value as a command line gives it: brackets, braces and quotes are YAML, all else is one unquoted word.

    `column` is where the value starts in the option's text.
    """
    if text.lstrip().startswith(("[", "{", '"', "'")):
        return parse(" " * (column - 1) + text, file)
    problems = forbidden_characters(text, file, column)
    value = _resolved(text.strip(), (file, 1, column), problems)
    if problems:
        raise ScenarioError(problems)
    return Node(file, 1, column, value)


def _resolved(word: str, place: Place, problems: list[Problem]) -> Scalar:
    """An unquoted word as a yes/no, nothing, a number or, mostly, a text."""
    if word in _WORDS:
        return _WORDS[word]
    if len(word) > MAX_CHARACTERS:
        problems.append(
            Problem(*place, f"a text of {len(word):,} characters", f"at most {MAX_CHARACTERS:,} characters")
        )
        return None
    if not _DECIMAL.fullmatch(word):
        return word
    if not _INTEGER.fullmatch(word):
        number = float(word)
        if abs(number) == float("inf"):
            problems.append(Problem(*place, f"the number {word[:40]} is too large", "put it in quotes if it is a text"))
        return number
    if sum(character.isdigit() for character in word) > MAX_DIGITS:
        allowed = f"at most {MAX_DIGITS} digits; put it in quotes if it is a text"
        problems.append(Problem(*place, f"a number of more than {MAX_DIGITS} digits", allowed))
        return None
    return int(word)


@dataclass(slots=True)
class _Open:
    """A mapping or list whose end has not come yet."""

    node: Node
    flow: bool
    key: str | None = None
    awaits_value: bool = False


class _Builder:
    """Builds the tree of one text from the parser's events and collects what is wrong with it."""

    def __init__(self, text: str, file: str) -> None:
        self.text, self.file = text, file
        self.lines = LINE_BREAK.split(text)
        self.problems: list[Problem] = []
        self.open: list[_Open] = []
        self.root: Node | None = None
        self.nodes = self.documents = 0

    def build(self) -> Node:
        """The root; ScenarioError when anything at all is wrong."""
        last = (self.file, 1, 1)
        try:
            for event in yaml.parse(self.text, Loader=_LOADER):
                last = self.place(event.start_mark)
                if not self.take(event, last):
                    break
        except yaml.MarkedYAMLError as error:
            found = syntax_problem(error, self.lines, self.file)
            # A word with a full-width colon was told when it came by; the parser stumbled over the same colon.
            if not any(found.found == each.found and found.line == each.line for each in self.problems):
                self.problems.append(found)
        except (yaml.YAMLError, ValueError, OverflowError) as error:
            self.problem(last, "this is not valid YAML", f"the YAML parser says: {error}")
        if not self.problems and (self.root is None or self.root.value is None):
            raise refused(self.file, "the file is empty", "a scenario is a mapping of keys such as 'products:'")
        if self.problems or self.root is None:
            raise ScenarioError(self.problems)
        return self.root

    def place(self, mark: Any) -> Place:
        """A mark of the parser (from 0) as a place (from 1)."""
        return self.file, mark.line + 1, mark.column + 1

    def problem(self, place: Place, found: str, allowed: str = "") -> None:
        """Note something wrong."""
        self.problems.append(Problem(*place, found, allowed))

    def take(self, event: yaml.Event, place: Place) -> bool:
        """Work in one event; False when reading cannot go on."""
        if isinstance(event, yaml.DocumentStartEvent):
            self.documents += 1
            if self.documents > 1:
                self.problem(place, "a second document starts here ('---')", "one file holds one scenario")
                return False
        elif isinstance(event, yaml.CollectionEndEvent):
            self.open.pop()
        elif isinstance(event, yaml.NodeEvent):
            return self.take_node(event, place)
        return True

    def take_node(self, event: yaml.NodeEvent, place: Place) -> bool:
        """Attach a value, or open a mapping or list; False at a limit."""
        self.nodes += 1
        if self.nodes > MAX_NODES:
            self.problem(place, f"more than {MAX_NODES:,} keys and values", "split the scenario with 'extends'")
            return False
        node = Node(*place, None)
        if isinstance(event, yaml.AliasEvent):
            hint = "write the value out here; a text that starts with '*' needs quotes"
            self.problem(place, f"the alias '*{event.anchor}' cannot be used", hint)
        elif event.anchor is not None:
            hint = "write the value out where it is needed; a text that starts with '&' needs quotes"
            self.problem(place, f"the anchor '&{event.anchor}' cannot be used", hint)
        tag = getattr(event, "tag", None)
        if tag is not None:
            shown = tag.replace("tag:yaml.org,2002:", "!!")
            hint = "delete the tag; a text that starts with '!' needs quotes"
            self.problem(place, f"the tag '{shown}' cannot be used", hint)
        if isinstance(event, yaml.CollectionStartEvent):
            node.value = {} if isinstance(event, yaml.MappingStartEvent) else []
            self.attach(node, event)
            self.open.append(_Open(node, bool(event.flow_style)))
            if len(self.open) > MAX_DEPTH:
                self.problem(place, f"nested more than {MAX_DEPTH} levels deep")
                return False
        else:
            self.attach(node, event)
        return True

    def attach(self, node: Node, event: yaml.NodeEvent) -> None:
        """Put a node where it belongs: under the pending key, at the end of a list, or as a key itself."""
        parent = self.open[-1] if self.open else None
        is_key = parent is not None and isinstance(parent.node.value, dict) and not parent.awaits_value
        if is_key and parent is not None:
            parent.key, parent.awaits_value = self.key_of(node, event, parent), True
            return
        if isinstance(event, yaml.ScalarEvent):
            node.value = self.scalar(node, event, in_flow=parent is not None and parent.flow)
        if parent is None:
            self.root = node
        elif isinstance(parent.node.value, list):
            parent.node.value.append(node)
        elif isinstance(parent.node.value, dict):
            if parent.key is not None:
                parent.node.value[parent.key] = node
            parent.awaits_value = False

    def scalar(self, node: Node, event: yaml.ScalarEvent, in_flow: bool) -> Scalar:
        """The value of a scalar; quoted and block text is always text."""
        text: str = event.value
        if event.style:
            if len(text) > MAX_CHARACTERS:
                self.problem(
                    node.place, f"a text of {len(text):,} characters", f"at most {MAX_CHARACTERS:,} characters"
                )
            elif FORBIDDEN.search(text):
                self.problem(node.place, "a text with a control character", "write the text without '\\' escapes")
            return text
        line = self.lines[node.line - 1] if node.line <= len(self.lines) else ""
        parent = self.open[-1].node.value if self.open else None
        if "：" in text and ": " not in line and not line.rstrip().endswith(":"):
            self.problems.append(full_width(node.place, line, "："))
        elif in_flow and isinstance(parent, list) and "，" in text:
            self.problems.append(full_width(node.place, line, "，"))
        return _resolved(text, node.place, self.problems)

    def key_of(self, node: Node, event: yaml.NodeEvent, parent: _Open) -> str | None:
        """The text of a key, or None when it cannot be one."""
        place = node.place
        if isinstance(event, yaml.CollectionStartEvent):
            kind = "a mapping" if isinstance(event, yaml.MappingStartEvent) else "a list"
            self.problem(place, f"{kind} stands here as a key", "a key is a text; a text with brackets needs quotes")
        if not isinstance(event, yaml.ScalarEvent):
            return None
        key: str = event.value
        meant = None if event.style or _INTEGER.fullmatch(key) else _resolved(key, place, self.problems)
        if key == "":
            self.problem(place, "a key is missing before ':'")
        elif event.style and (len(key) > MAX_CHARACTERS or FORBIDDEN.search(key)):
            self.problem(place, "a key with a control character, or too long a key")
        elif not event.style and key == "<<":
            self.problem(place, "the merge key '<<' cannot be used", "use 'extends', or write the keys out")
        elif not event.style and not _INTEGER.fullmatch(key) and not isinstance(meant, str):
            reads = Node(*place, meant).kind
            self.problem(place, f"the key {key[:40]} reads as {reads}, not as a text", f"write '{key[:40]}' in quotes")
        elif not event.style and ("：" in key or (parent.flow and "，" in key)):
            self.problems.append(full_width(place, self.lines[node.line - 1], "：" if "：" in key else "，"))
        elif not event.style and key != key.strip("\u3000\xa0\u200b\u2003 "):
            self.problem(
                place, f"the key '{key.strip()}' begins or ends with a wide or hidden space", "use plain spaces"
            )
        elif key in parent.node.keys:
            first = "{}:{}:{}".format(*parent.node.keys[key])
            self.problem(place, f"the key '{key}' stands here a second time; first at {first}", "keep one of the two")
        else:
            parent.node.keys[key] = place
            return key
        return None
