"""The folder of a run as a report reads it: manifest, summary, and the scenarios that were run."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from simulator.errors import PledgesimError, ScenarioError
from simulator.export.digests import changed_since
from simulator.export.folder import MANIFEST, SUMMARY
from simulator.report.json_files import read_json, refuse_what_is_no_figure
from simulator.scenario.load import LoadedScenario, from_data
from simulator.scenario.names import Text
from simulator.scenario.spoken_names import called
from simulator.texts import say, told

NEEDED = ("worlds", "results", "differences", "complete", "level")
NEEDED_OF_A_RESULT = (
    "label", "product", "cases", "days", "drawn_by_day", "drawn_share", "defaults", "defaults_of_loans", "loss_rate",
    "loss_spread_cny", "loss_by_party_cny", "result_of_drawn", "firms_a_replication", "desks",
)  # fmt: skip
NEEDED_OF_A_WORLD = ("evidence", "published", "refused_by", "turnaround_rests_on")


@dataclass(frozen=True)
class World:
    """One world that was run, with its scenario as it was resolved then."""

    number: int
    label: str
    said: str
    loaded: LoadedScenario
    manifest: dict[str, Any]

    @property
    def changed(self) -> bool:
        """Whether the scenario in the manifest is not the one that was run."""
        return self.loaded.digest != self.manifest.get("sha256")


@dataclass(frozen=True)
class Results:
    """All that a report is made of."""

    folder: Path
    manifest: dict[str, Any]
    summary: dict[str, Any]
    worlds: list[World]

    @property
    def complete(self) -> bool:
        """Whether all replications that were asked for were run."""
        return self.summary["complete"] is True

    @property
    def changed(self) -> bool:
        """Whether the figures are not those that the run wrote."""
        return bool(changed_since(self.folder, self.manifest, SUMMARY))

    @property
    def replications(self) -> int:
        """Replications of each world."""
        return min(int(entry["replications"]) for entry in self.summary["results"])

    def text(self, key: str) -> str:
        """`name`, `question` or `about` of the comparison, or of the scenario that all worlds are, as it is said."""
        given = self.manifest.get(key)
        if given:
            return told(*(Text(**each).said() for each in (given if isinstance(given, list) else [given])))
        if len({world.loaded.id for world in self.worlds}) == 1:
            own: Text | None = getattr(self.worlds[0].loaded.scenario, key)
            return own.said() if own is not None else ""
        return str(self.summary.get(key) or "")


def read_results(folder: Path) -> Results:
    """The results of a `run` or a `compare`; PledgesimError for a folder that holds none that can be reported."""
    if not folder.exists():
        raise PledgesimError(say("{folder}: there is no such folder", folder=folder))
    if not folder.is_dir():
        raise PledgesimError(say("{folder}: this is a file; name the folder of a run", folder=folder))
    manifest = read_json(folder / MANIFEST)
    if manifest is None:
        way = "pledgesim compare FILE --out DIR"
        found = say("{folder}: this is no folder of results; make one with: {way}", folder=folder, way=way)
        raise PledgesimError(found)
    if not isinstance(manifest.get("worlds"), list):
        found = say("{folder}: these are not the results of a run or a comparison, and have no report", folder=folder)
        raise PledgesimError(found)
    summary = read_json(folder / SUMMARY)
    if summary is None:
        found = say("{folder}: the results were written only in part; run the command again", folder=folder)
        raise PledgesimError(found)
    _refuse_other_version(folder, manifest, summary)
    refuse_what_is_no_figure(folder / SUMMARY, summary)
    return Results(folder, manifest, summary, _worlds(folder, manifest))


def _refuse_other_version(folder: Path, manifest: dict[str, Any], summary: dict[str, Any]) -> None:
    """PledgesimError for results that lack what this version tells."""
    missing = [key for key in NEEDED if key not in summary]
    entries = summary["results"] if isinstance(summary.get("results"), list) else []
    for key in ("results", "differences"):
        if not missing and not isinstance(summary[key], list):
            missing = [key]
    missing += _missing("results", entries, NEEDED_OF_A_RESULT)
    missing += _missing("worlds", summary.get("worlds"), NEEDED_OF_A_WORLD)
    labels = {world.get("label") for world in manifest["worlds"]} if all_mappings(manifest["worlds"]) else set()
    if missing or not entries or {entry.get("label") for entry in entries} - labels:
        made_by = manifest.get("made_by", "?")
        found = say(
            "{folder}: these results of {made_by} do not have all that a report of this version tells ({missing}); "
            "run the command again",
            folder=folder, made_by=made_by, missing=", ".join(missing) or "results",
        )  # fmt: skip
        raise PledgesimError(found)


def _missing(where: str, entries: Any, needed: Sequence[str]) -> list[str]:
    """Keys that one of the entries of a list lacks."""
    if not isinstance(entries, list) or not all_mappings(entries):
        return [where]
    return [f"{where}.{key}" for key in needed if any(key not in entry for entry in entries)]


def all_mappings(values: list[Any]) -> bool:
    """Whether every one is a mapping."""
    return all(isinstance(each, dict) for each in values)


def _worlds(folder: Path, manifest: dict[str, Any]) -> list[World]:
    worlds = []
    for number, entry in enumerate(manifest["worlds"]):
        label = str(entry["label"])
        try:
            variant, variant_name = str(entry["variant"]), _text(entry.get("variant_name"))
            loaded = replace(from_data(entry["resolved"]), variant=variant, variant_name=variant_name)
        except (ScenarioError, KeyError, TypeError, AttributeError) as error:
            first = error.problems[0].found if isinstance(error, ScenarioError) else f"{error}"
            why = say(
                "{folder}: the scenario of '{label}' was made by {made_by} and cannot be read by this version "
                "({first}); run the command again",
                folder=folder, label=label, made_by=manifest.get("made_by", "?"), first=first,
            )  # fmt: skip
            raise PledgesimError(why) from None
        said = called(label, _text(entry.get("name")))
        worlds.append(World(number, label, said, loaded, entry))
    return worlds


def _text(given: Any) -> Text | None:
    return Text(**given) if isinstance(given, dict) else None
