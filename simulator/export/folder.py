"""The folder of a run: what was run, what came out, and the tables behind it."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from simulator import __version__
from simulator.analysis.comparison import Comparison
from simulator.errors import InterruptedWritingError, PledgesimError
from simulator.export.digests import KEY, digests_of
from simulator.export.tables import write_tables
from simulator.scenario.load import LoadedScenario
from simulator.versions import versions

MANIFEST, SUMMARY, PATHS, POINTS = "manifest.json", "summary.json", "paths.csv", "points.csv"
LONGEST_NAME = 180
"""Bytes of a world's folder name; file systems take 255, and endings come after it."""
LOGS = "event-logs"
"""Folder of what `export` makes of a run."""
REPORTS = {"en": "report.html", "zh": "report.zh.html"}
"""Pages that tell of the results, by their language."""


def refuse_folder(folder: Path) -> None:
    """PledgesimError for a folder that cannot be made, is a file, or holds something else than an earlier run."""
    try:
        if folder.exists() and not folder.is_dir():
            raise PledgesimError(f"--out {folder}: this is a file; name a folder")
        if folder.is_dir() and any(folder.iterdir()) and not (folder / MANIFEST).exists():
            raise PledgesimError(
                f"--out {folder}: the folder is not empty and holds no run; name a new or empty folder"
            )
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise PledgesimError(f"--out {folder}: {error.strerror or error}") from None


def is_result(path: Path) -> bool:
    """Whether this is a file of results, of any run, which nothing that is made of them may take the place of."""
    place = path.resolve()
    if place.name in (MANIFEST, SUMMARY, PATHS, POINTS) and (place.parent / MANIFEST).is_file():
        return True
    return any(each.name == "tables" and (each.parent / MANIFEST).is_file() for each in place.parents)


@contextmanager
def results_in(folder: Path, manifest: Mapping[str, Any]) -> Iterator[None]:
    """What is written inside takes the place of an earlier run; the manifest says so only when all of it is there.

    PledgesimError where it cannot be written, or the user stops it; the manifest then says that it is a part.
    """
    refuse_folder(folder)
    try:
        write_json(folder / MANIFEST, {**manifest, "complete": False, "written": "in part"})
        for name in ("tables", "charts", LOGS):
            shutil.rmtree(folder / name, ignore_errors=True)
        for name in (SUMMARY, PATHS, POINTS, *REPORTS.values()):
            (folder / name).unlink(missing_ok=True)
        yield
        written = digests_of(folder, [SUMMARY, PATHS, POINTS, "tables"])
        write_json(folder / MANIFEST, {**manifest, "written": "whole", KEY: written})
    except OSError as error:
        told = f"--out {folder}: {error.strerror or error}"
        raise PledgesimError(f"{told}; the folder holds only a part of the results") from None
    except KeyboardInterrupt:
        told = f"interrupted while the results were written; {folder} holds only a part of them"
        raise InterruptedWritingError(f"{told}: run the command again") from None


def write_run(comparison: Comparison, figures: dict[str, Any], folder: Path) -> None:
    """Write the figures and the tables of a run."""
    write_json(folder / SUMMARY, figures)
    for world, name in zip(comparison.worlds, folder_names(comparison), strict=True):
        write_tables(world, folder / "tables" / name)


def folder_names(comparison: Comparison) -> list[str]:
    """A folder name for each world: its label without characters that file systems dislike."""
    names: list[str] = []
    for world in comparison.worlds:
        name = re.sub(r"[^\w\-]+", "-", world.label).strip("-")
        name = name.encode()[:LONGEST_NAME].decode(errors="ignore") or "world"
        while name.casefold() in {each.casefold() for each in names}:
            name += "_"
        names.append(name)
    return names


def manifest_of(comparison: Comparison, command: Sequence[str]) -> dict[str, Any]:
    """What was run, with which versions, and where the tables of each world are."""
    tables = [f"tables/{name}" for name in folder_names(comparison)]
    return {
        "made_by": f"pledgesim {__version__}",
        "command": list(command),
        "complete": comparison.complete,
        **_texts_of(comparison),
        "versions": versions(),
        "tables": "replication 1; the figures in summary.json are over all replications",
        "worlds": [
            {
                "label": world.label,
                **({"name": world.name.model_dump(exclude_defaults=True)} if world.name is not None else {}),
                **({"against": world.against} if world.against is not None else {}),
                "scenario": world.loaded.id,
                "variant": world.loaded.variant,
                **_name_of_variant(world.loaded),
                "sha256": world.loaded.digest,
                "seed": world.loaded.scenario.run.seed if world.loaded.scenario.run else None,
                "replications": len(world.replications),
                "tables": place,
                "resolved": world.loaded.plain,
            }
            for world, place in zip(comparison.worlds, tables, strict=True)
        ],
    }


def _name_of_variant(loaded: LoadedScenario) -> dict[str, Any]:
    name = loaded.variant_name
    return {"variant_name": name.model_dump(exclude_defaults=True)} if name is not None else {}


def _texts_of(comparison: Comparison) -> dict[str, Any]:
    """What a comparison is called, asks and says of itself, in every language, for whoever shows its results."""
    texts = {"name": comparison.name, "question": comparison.asked}
    told = {key: text.model_dump() for key, text in texts.items() if text is not None}
    return told | {"about": [text.model_dump() for text in comparison.told]}


def write_json(path: Path, value: dict[str, Any]) -> None:
    """Write figures to a file."""
    path.write_text(json.dumps(value, ensure_ascii=False, indent=1, allow_nan=False) + "\n", encoding="utf-8")
