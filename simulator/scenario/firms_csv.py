"""Applicants from a CSV file beside the scenario: one firm a row, columns as the keys of a firm, and properties."""

from __future__ import annotations

import io
import math
from dataclasses import replace
from pathlib import Path

from simulator.errors import Problem, ScenarioError, did_you_mean
from simulator.scenario.csv_table import records
from simulator.scenario.file_text import forbidden_characters, read_text
from simulator.scenario.source import Node, Scalar

MOST_FIRMS = 100_000
OWN_COLUMNS = ("at", "name", "product", "default_at", "known_eligible")


def with_firms(tree: Node, folder: Path | None) -> Node:
    """The tree with the firms of `applicants.arrivals.csv` in its place; places in them are row and column.

    The file lies in the scenario's folder or below it; ScenarioError otherwise, and for whatever cannot be read.
    """
    reference = tree.at(["applicants", "arrivals", "csv"])
    if reference is None or not isinstance(reference.value, str):
        return tree
    file = _file(reference, folder)
    firms = _firms(file, (Path(reference.file).parent / str(reference.value)).as_posix(), reference)
    arrivals = tree.at(["applicants", "arrivals"])
    applicants = tree.at(["applicants"])
    assert arrivals is not None and applicants is not None
    new_arrivals = _with_key(_without_key(arrivals, "csv"), "firms", firms)
    return _with_key(tree, "applicants", _with_key(applicants, "arrivals", new_arrivals))


def _file(reference: Node, folder: Path | None) -> Path:
    rule = "allowed here: a .csv file in this folder or below it"
    if folder is None:
        raise ScenarioError([Problem(*reference.place, "a scenario without a file has no folder to read from", rule)])
    text = str(reference.value)
    try:
        path = (folder / text).resolve()
        inside = path.is_relative_to(folder.resolve()) and path.suffix == ".csv"
        found = path.is_file()
    except (OSError, ValueError):
        inside, found = True, False
    if not inside:
        raise ScenarioError([Problem(*reference.place, f"'{text}' is not a .csv file of the scenario's folder", rule)])
    if not found:
        near = path.parent if path.parent.is_dir() else folder
        names = [each.relative_to(folder.resolve()).as_posix() for each in near.resolve().glob("*.csv")]
        raise ScenarioError([Problem(*reference.place, f"no file '{text}'{did_you_mean(text, names)}", rule)])
    return path


def _firms(path: Path, shown: str, reference: Node) -> Node:
    text = read_text(path, shown).removeprefix("\ufeff")
    if forbidden := forbidden_characters(text, shown):
        raise ScenarioError(forbidden)
    numbered = list(records(io.StringIO(text, newline=""), shown))
    rows = [row for _, row in numbered]
    if not rows or "at" not in [cell.strip() for cell in rows[0]]:
        allowed = "the first row names the columns: at, name, and properties such as annual_sales"
        raise ScenarioError([Problem(shown, 1, 1, "there is no column 'at' with the moment of application", allowed)])
    header = [cell.strip() for cell in rows[0]]
    problems = [
        Problem(shown, 1, number, f"column '{name}' stands twice" if name else "a column without a name")
        for number, name in enumerate(header, start=1)
        if not name or name in header[: number - 1]
    ]
    firms = []
    for line, row in numbered[1:]:
        if not any(cell.strip() for cell in row):
            continue
        if len(row) != len(header):
            problems.append(Problem(shown, line, 1, f"{len(row)} cells where the first row has {len(header)}"))
            continue
        firms.append(_firm(shown, line, header, row))
    if len(firms) > MOST_FIRMS:
        problems.append(Problem(shown, 1, 1, f"{len(firms):,} firms; at most {MOST_FIRMS:,}"))
    if problems:
        raise ScenarioError(problems)
    return Node(file=reference.file, line=reference.line, column=reference.column, value=firms, keys={})


def _firm(file: str, line: int, header: list[str], row: list[str]) -> Node:
    cells = {
        name: Node(file=file, line=line, column=number, value=_scalar(cell.strip()), keys={})
        for number, (name, cell) in enumerate(zip(header, row, strict=True), start=1)
        if cell.strip()
    }
    own = {name: cell for name, cell in cells.items() if name in OWN_COLUMNS}
    properties = {name: cell for name, cell in cells.items() if name not in OWN_COLUMNS}
    for key in ("name", "product"):
        if key in own:
            own[key] = replace(own[key], value=str(row[header.index(key)]).strip())
    places = {name: (file, line, cell.column) for name, cell in cells.items()}
    keys = {name: places[name] for name in properties}
    attributes = Node(file=file, line=line, column=1, value=properties, keys=keys)
    value = {**own, "attributes": attributes}
    keys = {**{name: places[name] for name in own}, "attributes": (file, line, 1)}
    return Node(file=file, line=line, column=1, value=value, keys=keys)


def _scalar(text: str) -> Scalar:
    if text in ("true", "false"):
        return text == "true"
    try:
        number = float(text.replace(",", "").replace("_", ""))
    except ValueError:
        return text
    if not math.isfinite(number):
        return text
    return int(number) if number == int(number) else number


def _with_key(node: Node, key: str, child: Node) -> Node:
    assert isinstance(node.value, dict)
    return replace(node, value={**node.value, key: child}, keys={key: child.place, **node.keys})


def _without_key(node: Node, key: str) -> Node:
    assert isinstance(node.value, dict)
    kept = {name: child for name, child in node.value.items() if name != key}
    return replace(node, value=kept, keys={name: place for name, place in node.keys.items() if name != key})
