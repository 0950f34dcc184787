"""Imports point one way, and what is heavy is imported where it is used."""

from __future__ import annotations

import ast
import configparser
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent

# Each may import itself and what stands in a line above; those that share a line know nothing of each other.
ORDER = """
    errors texts
    units
    working_days
    calendars
    bundled streams versions
    scenario
    credit
    sharing
    workflow
    experiment
    analysis
    diagrams
    charts export
    report
    api
    cli
    __main__
"""
RANK = {name: rank for rank, line in enumerate(ORDER.split("\n")) for name in line.split()}
ONLY_IN = {"simpy": "workflow", "rich": "cli", "click": "cli"}
LATE = {"matplotlib": "charts", "pandas": None, "plotly": None, "scipy": None, "seaborn": None}  # where it may be early


@dataclass(frozen=True)
class Import:
    """One imported module, with the line it stands in and whether it is loaded together with its module."""

    target: str
    line: int
    early: bool


def modules_of(root: Path) -> dict[str, Path]:
    """Every module of the package under `root`, by its dotted name."""
    found = {}
    for path in sorted((root / "simulator").rglob("*.py")):
        parts = path.relative_to(root).with_suffix("").parts
        found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return found


def imports_of(module: str, path: Path, known: set[str]) -> Iterator[Import]:
    """All imports of a file, in functions and for type checking too; `from package import module` means the module."""
    package = module if path.name == "__init__.py" else module.rpartition(".")[0]
    for node, early in _statements(ast.parse(path.read_text(encoding="utf-8"), str(path)).body, early=True):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield Import(alias.name, node.lineno, early)
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:
                parents = package.split(".")[: len(package.split(".")) - node.level + 1]
                base = ".".join([*parents, base] if base else parents)
            for alias in node.names:
                inner = f"{base}.{alias.name}"
                whole = base if inner not in known and base != "simulator" else inner
                yield Import(whole, node.lineno, early)


def _statements(body: list[ast.stmt], early: bool) -> Iterator[tuple[ast.AST, bool]]:
    for statement in body:
        yield from _within(statement, early)


def _within(node: ast.AST, early: bool) -> Iterator[tuple[ast.AST, bool]]:
    yield node, early
    if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test):
        yield from _statements(node.body, early=False)
        yield from _statements(node.orelse, early)
        return
    late_from_here = isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)
    for child in ast.iter_child_nodes(node):
        yield from _within(child, early and not late_from_here)


def problems_of(root: Path) -> list[str]:
    """Every breach of the rules in the package under `root`, each with its file and line."""
    modules = modules_of(root)
    known = set(modules)
    problems, graph = [], {}
    for module, path in modules.items():
        imports = list(dict.fromkeys(imports_of(module, path, known)))
        graph[module] = {each.target for each in imports} & known - {"simulator"}
        for each in imports:
            rule = _breach(module, each, known)
            if rule:
                problems.append(f"{path.relative_to(root).as_posix()}:{each.line}: {rule}")
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        first = modules[error.args[1][0]].relative_to(root).as_posix()
        problems.append(f"{first}:1: modules import each other: {' <- '.join(error.args[1])}")
    for module, path in modules.items():
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ImportFrom) and node.names[0].name == "*":
                problems.append(f"{path.relative_to(root).as_posix()}:{node.lineno}: imports everything by a star")
        part = _part(module)
        if part and part not in RANK:
            problems.append(f"{path.relative_to(root).as_posix()}:1: '{part}' has no place in the order of imports")
    return problems


def _part(module: str) -> str:
    """The part of the simulator a module belongs to; empty for the package itself."""
    return module.split(".")[1] if "." in module else ""


def _breach(module: str, imported: Import, known: set[str]) -> str:
    part, (top, *_) = _part(module), imported.target.split(".")
    if top == "simulator":
        target = _part(imported.target)
        if imported.target == "simulator" or target == "__version__":
            return ""
        if imported.target not in known:
            if imported.target.count(".") > 1 or target in RANK:
                return f"there is no module {imported.target}"
            return f"'{target}' is taken from the package itself; import it from the module that defines it"
        if not part:
            return "" if not imported.early else "the package itself must load nothing; import inside a function"
        if target != part and RANK.get(target, 0) >= RANK.get(part, 0):
            return f"{part} must not import {target}"
    if top in ONLY_IN and ONLY_IN[top] != part:
        return f"{top} belongs to {ONLY_IN[top]} alone"
    if top in LATE and imported.early and LATE[top] != part:
        return f"{top} is slow to load; import it inside the function that uses it"
    return ""


def test_imports_point_one_way_and_heavy_libraries_are_imported_where_they_are_used() -> None:
    assert problems_of(ROOT) == []


@pytest.mark.parametrize(
    ("file", "text", "problem"),
    [
        ("credit/loan.py", "import os\nfrom simulator.workflow import desk", "2: credit must not import workflow"),
        ("credit/loan.py", "def late():\n    import simulator.cli", "2: credit must not import cli"),
        ("credit/loan.py", "from ..workflow.desk import Desk", "1: credit must not import workflow"),
        ("charts/funnel.py", "from simulator import export", "1: charts must not import export"),
        ("errors.py", "from simulator import charts", "1: errors must not import charts"),
        ("credit/loan.py", "from simulator.credit.rates import annual", "1: there is no module simulator.credit.rates"),
        ("cli/run.py", "from simulator import run", "1: 'run' is taken from the package itself; "),
        ("__init__.py", "from simulator.errors import Problem", "1: the package itself must load nothing; "),
        ("credit/loan.py", "from numpy import *", "1: imports everything by a star"),
        ("helpers/text.py", "", "1: 'helpers' has no place in the order of imports"),
        ("credit/loan.py", "import simpy", "1: simpy belongs to workflow alone"),
        ("analysis/table.py", "def show():\n    from rich.table import Table", "2: rich belongs to cli alone"),
        ("analysis/test.py", "class T:\n    from scipy.stats import norm", "2: scipy is slow to load; "),
        ("report/page.py", "try:\n    import matplotlib.pyplot\nfinally:\n    pass", "2: matplotlib is slow to load; "),
        ("workflow/desk.py", "import simulator.workflow.clock", "1: modules import each other: simulator.workflow."),
    ],
)
def test_a_breach_of_the_order_is_found_and_named_by_file_and_line(
    tmp_path: Path, file: str, text: str, problem: str
) -> None:
    for name, lines in {
        "__init__.py": "__version__ = '1'",
        "errors.py": "",
        "units.py": "from simulator import __version__, errors",
        "workflow/__init__.py": "import simpy",
        "workflow/desk.py": "from simulator.units import Span",
        "workflow/clock.py": "from simulator.workflow.desk import Desk\ndef test():\n    import scipy.stats",
        "charts/__init__.py": "import matplotlib\nif TYPE_CHECKING:\n    import pandas",
        "export/__init__.py": "from simulator import workflow",
        "cli/__init__.py": "from simulator import charts, export",
    }.items():
        written = tmp_path / "simulator" / name
        written.parent.mkdir(parents=True, exist_ok=True)
        written.write_text(lines, encoding="utf-8")
    assert problems_of(tmp_path) == []

    broken = tmp_path / "simulator" / file
    broken.parent.mkdir(exist_ok=True)
    broken.write_text(text, encoding="utf-8")
    found = problems_of(tmp_path)
    assert len(found) == 1
    assert found[0].partition(":")[2].startswith(problem)
    assert found[0].startswith(f"simulator/{file}:") or "each other" in problem


@pytest.mark.parametrize(
    ("module", "unwanted"),
    [("simulator", {"numpy", "pydantic"}), ("simulator.cli", {"matplotlib", "scipy", "pandas", "holidays"})],
)
def test_the_command_line_starts_without_what_it_may_not_need(module: str, unwanted: set[str]) -> None:
    program = f"import {module}, sys; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True)
    assert unwanted & set(done.stdout.split()) == set()


def test_every_package_is_declared_so_that_a_wheel_has_it() -> None:
    declared = configparser.ConfigParser()
    declared.read(ROOT / "setup.cfg", encoding="utf-8")
    folders = {".".join(path.parent.relative_to(ROOT).parts) for path in (ROOT / "simulator").rglob("*.py")}
    assert set(declared["options"]["packages"].split()) == folders | {"simulator._scenarios"}
