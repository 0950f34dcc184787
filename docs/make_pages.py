"""Writes into the pages of this folder what the program says, so that they stay true: `python docs/make_pages.py`.

Behind it may stand the names of those to write, such as `commands.md`; by default all. In the tutorial and the pages on
tasks, the `text` block below each command gets that command's output; words behind `text` choose which paragraphs or
lines of it are shown. In assumptions.md, the tables of assumed numbers are made from the evidence of the bundled
scenarios. commands.md and reference.md are made from the commands and from the model of a scenario file.
"""

from __future__ import annotations

import os
import re
import shlex
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from unittest.mock import patch

DOCS = Path(__file__).resolve().parent
sys.path[:0] = [str(DOCS.parent), str(DOCS)]

WITH_OUTPUTS = ("tutorial.md", "own-programme.md", "sharing.md", "compare-designs.md", "size-a-fund.md")
COMMAND = re.compile(
    r"```console\n\$ pledgesim (?P<words>.*)\n```\n\n```text(?P<chosen>.*)\n(?P<output>(?:.*\n)*?)```\n"
)
TABLES = re.compile(r"(?<=<!-- tables of assumed numbers -->\n)(.*?)(?=<!-- end of tables -->)", re.DOTALL)
Spoken = tuple[int, str]
"""How a command ended, and what it printed."""


def speak(words: str) -> Spoken:
    """Run a command of the tutorial in the current folder: with one process and, as none is shown, no charts saved."""
    from click.testing import CliRunner

    from simulator.cli import group

    with (
        patch("simulator.cli.runs.workers_by_default", lambda: 1),
        patch("simulator.cli.checking.workers_by_default", lambda: 1),
        patch("simulator.cli.matching.workers_by_default", lambda: 1),
        patch("simulator.charts.gallery.save", lambda figure, stem: [stem, stem]),
    ):
        result = CliRunner().invoke(group, shlex.split(words))
    return result.exit_code, result.output


def spoken_in_examples() -> Callable[[str], Spoken]:
    """A `speak` that works in a fresh copy of the examples, where commands may write."""
    folder = Path(tempfile.mkdtemp()) / "examples"
    shutil.copytree(DOCS / "examples", folder)

    def there(words: str) -> Spoken:
        before = Path.cwd()
        os.chdir(folder)
        try:
            return speak(words)
        finally:
            os.chdir(before)

    return there


def chosen_from(output: str, chosen: str) -> str:
    """The paragraphs, or else the lines, that begin with the chosen words; everything if none are given."""
    paragraphs = [
        [line.rstrip() for line in part.strip("\n").split("\n")]
        for part in re.split(r"\n[ ]*\n", output)
        if part.strip()
    ]
    if not chosen.strip():
        return "\n\n".join("\n".join(part) for part in paragraphs) + "\n"
    shown: list[str] = []
    whole = True
    for start in (" ".join(each.split()) for each in chosen.split("|")):
        part = next((part for part in paragraphs if _begins(part[0], start)), None)
        line = next((line for part in paragraphs for line in part if _begins(line, start)), None)
        if line is None:
            raise ValueError(f"nothing in the output begins with '{start}':\n{output}")
        if shown and (part or whole):
            shown.append("")
        shown += part or [line]
        whole = part is not None
    return "\n".join(shown) + "\n"


def _begins(line: str, start: str) -> bool:
    return " ".join(line.split()).startswith(start)


def tutorial(text: str, say: Callable[[str], Spoken]) -> str:
    """A page with commands, with every output as the program prints it now."""

    def renewed(match: re.Match[str]) -> str:
        output = chosen_from(say(match["words"])[1], match["chosen"])
        return f"```console\n$ pledgesim {match['words']}\n```\n\n```text{match['chosen']}\n{output}```\n"

    return COMMAND.sub(renewed, text)


def values_at(node: Any, path: tuple[str, ...]) -> Iterator[Any]:
    """What stands at a path as evidence writes it: lists are entered by position or by a step's name."""
    if not path:
        yield node
    elif isinstance(node, dict):
        yield from values_at(node[path[0]], path[1:]) if path[0] in node else ()
    elif isinstance(node, list):
        for number, item in enumerate(node):
            if isinstance(item, dict | list):
                yield from values_at(item, path)
            elif path[0] == str(number):
                yield from values_at(item, path[1:])


def rest_beside(node: Any, path: tuple[str, ...]) -> list[str]:
    """The word that takes what a share and those beside it leave of one: no number, so evidence does not list it."""
    if len(path) < 2 or path[-2] != "odds":
        return []
    return [word for odds in values_at(node, path[:-1]) for word, share in odds.items() if share == "rest"]


def assumed(reference: str) -> dict[str, tuple[str, str, str]]:
    """Assumed numbers of a bundled scenario: path of the evidence entry, then values, range and reason."""
    from simulator.analysis.evidence import coverage
    from simulator.scenario.evidence import Covering, numbers_in
    from simulator.scenario.load import load

    loaded = load(reference)
    covering = Covering(loaded.scenario.evidence)
    values: dict[str, dict[str, list[str]]] = {}
    for path in dict.fromkeys(numbers_in(loaded.plain)):
        known = covering.of(path)
        if known is None or not known[1].assumed:
            continue
        pattern = known[0]
        # What the entry's own path says already is left out, the rest tells several values below it apart.
        parts = pattern.split(".")
        told = [part for part, own in zip(path, [*parts, *[""] * len(path)], strict=False) if part != own]
        told = [part for part in told if not part.isdigit()]
        values.setdefault(pattern, {}).setdefault(" ".join(told), []).extend(map(str, values_at(loaded.plain, path)))
        for word in rest_beside(loaded.plain, path):
            beside = covering.of((*path[:-1], word))
            if beside is not None and beside[0] == pattern:
                values[pattern][" ".join((*told[:-1], word))] = ["rest"]
    return {
        pattern: ("; ".join(f"{what} {', '.join(each)}".strip() for what, each in values[pattern].items()), extent, why)
        for pattern, why, extent in coverage(loaded).assumptions
    }


def assumption_tables() -> str:
    """A table for the shared base and one for each bundled scenario, with what is not in the base."""
    from simulator.scenario.load import catalogue, load

    shared = assumed("shanghai")
    written = [_table("Shared by all: `pledgesim:shanghai`", shared)]
    for entry in catalogue():
        if entry["kind"] != "comparison":
            own = {path: row for path, row in assumed(entry["id"]).items() if shared.get(path) != row}
            written.append(_table(f"{entry['id']}: {load(entry['id']).scenario.name.english}", own))
    return "\n" + "\n".join(written)


def _table(title: str, rows: dict[str, tuple[str, str, str]]) -> str:
    if not rows:
        return f"### {title}\n\nNothing besides.\n"
    lines = [f"### {title}", "", "| number | value | plausible mean | why |", "|---|---|---|---|"]
    cells = {path: " | ".join(cell.replace("|", "\\|") for cell in row) for path, row in rows.items()}
    lines += [f"| `{path}` | {row} |" for path, row in cells.items()]
    return "\n".join(lines) + "\n"


def assumptions(text: str) -> str:
    """The page of assumptions with its tables as the scenarios are now."""
    tables = assumption_tables()
    return TABLES.sub(lambda _: tables, text)


def commands(text: str) -> str:
    """The page of commands, whatever stood in it."""
    from command_page import command_page

    return command_page()


def reference(text: str) -> str:
    """The page of the keys of a scenario file, whatever stood in it."""
    from simulator.scenario.reference import reference_page

    return reference_page()


def with_outputs(text: str) -> str:
    """A page with commands, each run in a fresh copy of the examples."""
    return tutorial(text, spoken_in_examples())


WRITERS: dict[str, Callable[[str], str]] = {
    **dict.fromkeys(WITH_OUTPUTS, with_outputs),
    "assumptions.md": assumptions,
    "commands.md": commands,
    "reference.md": reference,
}
"""What writes a page anew from its present text."""


def main(names: list[str]) -> None:
    """Write the pages named anew, or all of them."""
    unknown = [name for name in names if name not in WRITERS]
    if unknown:
        sys.exit(f"{', '.join(unknown)}: no page that is written here; these are: {', '.join(WRITERS)}")
    for name in names or WRITERS:
        page = DOCS / name
        before = page.read_text(encoding="utf-8") if page.exists() else ""
        page.write_text(WRITERS[name](before), encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
