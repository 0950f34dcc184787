"""The folder of a run: what was run, what came out, and the tables behind it."""

from __future__ import annotations

import json
import platform
import re
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from simulator import __version__
from simulator.analysis.comparison import Comparison
from simulator.analysis.summary import summary
from simulator.errors import PledgesimError
from simulator.export.tables import write_tables

MANIFEST = "manifest.json"


def prepare_folder(folder: Path) -> None:
    """Make a folder for a run, without the tables and charts of an earlier one; PledgesimError if it holds else."""
    try:
        if folder.exists() and not folder.is_dir():
            raise PledgesimError(f"--out {folder}: this is a file; name a folder")
        if folder.is_dir() and any(folder.iterdir()) and not (folder / MANIFEST).exists():
            raise PledgesimError(
                f"--out {folder}: the folder is not empty and holds no run; name a new or empty folder"
            )
        folder.mkdir(parents=True, exist_ok=True)
        for name in ("tables", "charts"):
            shutil.rmtree(folder / name, ignore_errors=True)
    except OSError as error:
        raise PledgesimError(f"--out {folder}: {error.strerror or error}") from None


def write_folder(comparison: Comparison, folder: Path, command: Sequence[str]) -> dict[str, Any]:
    """Write manifest, summary and tables; the summary is also returned."""
    figures = summary(comparison)
    try:
        prepare_folder(folder)
        write_json(folder / "summary.json", figures)
        tables = {}
        for world, name in zip(comparison.worlds, folder_names(comparison), strict=True):
            write_tables(world, folder / "tables" / name)
            tables[world.label] = f"tables/{name}"
        write_json(folder / MANIFEST, _manifest(comparison, command, tables))
    except OSError as error:
        raise PledgesimError(f"--out {folder}: {error.strerror or error}") from None
    return figures


def folder_names(comparison: Comparison) -> list[str]:
    """A folder name for each world: its label without characters that file systems dislike."""
    names: list[str] = []
    for world in comparison.worlds:
        name = re.sub(r"[^\w\-]+", "-", world.label).strip("-")[:60] or "world"
        while name.casefold() in {each.casefold() for each in names}:
            name += "_"
        names.append(name)
    return names


def _manifest(comparison: Comparison, command: Sequence[str], tables: dict[str, str]) -> dict[str, Any]:
    return {
        "made_by": f"pledgesim {__version__}",
        "command": list(command),
        "complete": comparison.complete,
        "versions": versions(),
        "tables": "replication 1; the figures in summary.json are over all replications",
        "worlds": [
            {
                "label": world.label,
                "scenario": world.loaded.id,
                "variant": world.loaded.variant,
                "sha256": world.loaded.digest,
                "seed": world.loaded.scenario.run.seed if world.loaded.scenario.run else None,
                "replications": len(world.replications),
                "tables": tables[world.label],
                "resolved": world.loaded.plain,
            }
            for world in comparison.worlds
        ],
    }


def versions() -> dict[str, str]:
    """Versions of everything that decides the results."""
    from importlib.metadata import version

    packages = ("numpy", "scipy", "simpy", "chinesecalendar")
    return {"pledgesim": __version__, "python": platform.python_version()} | {name: version(name) for name in packages}


def write_json(path: Path, value: dict[str, Any]) -> None:
    """Write figures to a file."""
    path.write_text(json.dumps(value, ensure_ascii=False, indent=1, allow_nan=False) + "\n", encoding="utf-8")
