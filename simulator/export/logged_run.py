"""The folder of a run as it is read again: which worlds were run, each with its scenario and its tables."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from simulator import __version__
from simulator.errors import PledgesimError, ScenarioError, did_you_mean, listed
from simulator.export.digests import changed_since
from simulator.export.folder import MANIFEST
from simulator.scenario.load import from_data
from simulator.scenario.model import Scenario

MADE_BY = f"pledgesim {__version__}"
_OF_A_WORLD: Mapping[str, type] = {"label": str, "tables": str, "resolved": dict}
_OWN = ("label", "tables")
"""What no two worlds may have in common."""


@dataclass(frozen=True)
class LoggedWorld:
    """One world of a run: what was simulated, and where the tables of its replication 1 lie."""

    label: str
    name: str
    """Name of the folder of its tables, and of files about it."""
    tables: Path
    scenario: Scenario
    facts: Mapping[str, str]
    """What identifies the run: scenario, variant, seed, hash, version."""
    changed: Sequence[str]
    """Tables that are not as the run wrote them."""


def logged_worlds(folder: Path, label: str | None = None) -> list[LoggedWorld]:
    """The worlds of a run, or the one of this label; PledgesimError where the folder holds no whole run of them."""
    manifest = _manifest(folder)
    worlds = _worlds(folder / MANIFEST, manifest)
    if label is not None:
        labels = [world["label"] for world in worlds]
        if label not in labels:
            raise PledgesimError(
                f"{folder}: no world '{label}'{did_you_mean(label, labels)}; worlds here: {listed(labels)}"
            )
        worlds = [world for world in worlds if world["label"] == label]
    return [_logged(folder, world, changed_since(folder, manifest, world["tables"])) for world in worlds]


def _manifest(folder: Path) -> dict[str, Any]:
    path = folder / MANIFEST
    named = "name the folder that `run` or `compare` wrote with --out"
    try:
        if not folder.exists():
            raise PledgesimError(f"{folder}: there is no such folder; {named}")
        if not folder.is_dir():
            raise PledgesimError(f"{folder}: this is a file; {named}")
        told = json.loads(path.read_text(encoding="utf-8"))
        # Half of a character, which JSON can spell, cannot be written to any log.
        json.dumps(told, ensure_ascii=False).encode("utf-8")
    except FileNotFoundError:
        raise PledgesimError(f"{folder}: there is no run in this folder ({MANIFEST} is missing); {named}") from None
    except json.JSONDecodeError as error:
        raise PledgesimError(f"{path}:{error.lineno}:{error.colno}: this is no JSON: {error.msg}") from None
    except (UnicodeError, RecursionError):
        raise PledgesimError(f"{path}: this is not the manifest that pledgesim wrote") from None
    except OSError as error:
        raise PledgesimError(f"{error.filename or folder}: {error.strerror or error}") from None
    if not isinstance(told, dict):
        raise PledgesimError(f"{path}: this is not the manifest that pledgesim wrote")
    return told


def _worlds(path: Path, manifest: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The worlds of a manifest, which must be of a run by this version, written to its end."""
    if manifest.get("written") == "in part":
        raise PledgesimError(f"{path}: this run was written in part only; run the command again")
    worlds = manifest.get("worlds")
    if not worlds or not isinstance(worlds, list):
        command = manifest.get("command")
        of = f"`pledgesim {command[0]}` keeps no tables of cases" if command and isinstance(command, list) else "no run"
        raise PledgesimError(f"{path}: {of}; event logs are made of what `run` and `compare` wrote with --out")
    if manifest.get("made_by") != MADE_BY:
        wrote = str(manifest.get("made_by"))[:60]
        raise PledgesimError(f"{path}: written by {wrote}, and this is {MADE_BY}; run the command again")
    for place, world in enumerate(worlds):
        for key, kind in _OF_A_WORLD.items():
            if not isinstance(world, dict) or not isinstance(world.get(key), kind):
                raise PledgesimError(f"{path}: worlds[{place}] has no proper '{key}'; run the command again")
        for key in _OWN:
            if "\0" in world[key] or world[key] in [each[key] for each in worlds[:place]]:
                raise PledgesimError(f"{path}: worlds[{place}] has no '{key}' of its own; run the command again")
    return worlds


def _logged(folder: Path, world: Mapping[str, Any], changed: Sequence[str]) -> LoggedWorld:
    path, label = folder / MANIFEST, world["label"]
    tables = folder / world["tables"]
    if not tables.resolve().is_relative_to(folder.resolve()):
        raise PledgesimError(f"{path}: the tables of '{label}' lie outside this folder")
    if not tables.is_dir():
        raise PledgesimError(f"{tables}: the tables of '{label}' are missing")
    try:
        scenario = from_data(world["resolved"]).scenario
    except ScenarioError as error:
        found = error.problems[0].found
        raise PledgesimError(f"{path}: the scenario of '{label}' is not as it was written: {found}") from None
    if scenario.run is None or scenario.applicants is None or not scenario.products:
        raise PledgesimError(f"{path}: the scenario of '{label}' is not one that can be run")
    return LoggedWorld(label, tables.name, tables, scenario, _facts(world), changed)


def _facts(world: Mapping[str, Any]) -> dict[str, str]:
    keys: Sequence[str] = ("scenario", "variant", "seed", "sha256")
    return {**{key: str(world[key]) for key in keys if world.get(key) is not None}, "made_by": MADE_BY}
