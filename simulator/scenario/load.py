"""From a file (or plain Python data) to a checked scenario and its variants."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import chain
from pathlib import Path
from typing import Any

from simulator.bundled import bundled_folder
from simulator.errors import PledgesimError, Problem, ScenarioError, did_you_mean, listed
from simulator.scenario.check import MOST_TOLD, OF_WORLDS, check_scenario, distinct, of_variant
from simulator.scenario.decisive import decisive_part
from simulator.scenario.evidence_references import leading_nowhere, of_another_kind, own_entries
from simulator.scenario.file_text import read_text
from simulator.scenario.firms_csv import with_firms
from simulator.scenario.locations import locate
from simulator.scenario.merge import OPTION, merge, set_path
from simulator.scenario.model import Scenario
from simulator.scenario.names import LONGEST_NAME, Text
from simulator.scenario.resolve import AS_STATED as AS_STATED
from simulator.scenario.resolve import (
    Reading,
    apply_variant,
    bundled_files,
    find_file,
    of_only_product,
    read_file,
    variants_of,
    without_variants,
)
from simulator.scenario.source import Node, parse_file, parse_value
from simulator.scenario.variant_names import variant_names


@dataclass(frozen=True)
class LoadedScenario:
    """One checked world: a scenario as stated, or one variant of it."""

    scenario: Scenario
    plain: dict[str, Any]
    """Everything that decides the run, as ordinary data, after all includes and changes."""
    path: Path | None
    variant: str
    tree: Node
    files: tuple[str, ...] = ()
    """Names of the files it was read from, the most general first, then the command line."""
    variant_name: Text | None = None
    """What its variant is called beside its key."""

    @property
    def id(self) -> str:
        """The scenario's identifier."""
        return self.scenario.id

    @cached_property
    def digest(self) -> str:
        """SHA-256 of everything that decides the results (texts and evidence left out)."""
        decisive = decisive_part(self.plain)
        return hashlib.sha256(json.dumps(decisive, sort_keys=True, ensure_ascii=False).encode()).hexdigest()


LAST_CASE = 10
_SHAPELESS = ("where a mapping is needed", "where a list is needed")


class ScenarioFile:
    """A scenario file with the variants it names."""

    def __init__(
        self, read: Reading | Node, path: Path | None, sets: Sequence[str] = (), overlay: Node | None = None
    ) -> None:
        """`overlay` is laid over the scenario and all its variants, then the changes in `sets`."""
        reading = read if isinstance(read, Reading) else Reading(read, [], True)
        self.path = path
        self._overlay = overlay
        self._variants, problems = variants_of(reading.tree)
        self._variant_names, misnamed = variant_names(self._variants)
        self._problems = [*reading.problems, *problems, *misnamed]
        self._complete = reading.complete
        self._stated = without_variants(reading.tree)
        self._own_file = reading.files[-1] if reading.files else reading.tree.file
        self._sets = tuple(sets)
        self._files = (*reading.files, *([overlay.file] if overlay is not None else []), OPTION)

    @property
    def is_comparison(self) -> bool:
        """Whether the file lists worlds to compare, instead of describing one."""
        kind = self._stated.at(["kind"])
        return kind is not None and kind.value == "comparison"

    @property
    def variant_names(self) -> list[str]:
        """Its variants, in the order of the file."""
        return list(self._variants)

    def variant(self, name: str = AS_STATED) -> LoadedScenario:
        """The scenario with the changes of a variant, checked; ScenarioError with every problem."""
        try:
            return self._variant(name)
        except ScenarioError as error:
            raise ScenarioError(distinct(error.problems)) from None

    def _variant(self, name: str) -> LoadedScenario:
        tree, problems = self._stated, list(self._problems)
        if name != AS_STATED:
            if name not in self._variants:
                shown = str(self.path or "scenario")
                found = f"no variant '{name}'{did_you_mean(name, self._variants)}"
                allowed = f"variants: {listed(self._variants)}" if self._variants else "the file has no variants"
                raise ScenarioError([*problems, Problem(shown, 0, 0, found, allowed)])
            tree, found_problems = apply_variant(tree, self._variants[name])
            problems += found_problems if self._complete else []
        problems += self._faults_of_evidence(tree, self._variants.get(name))
        if self._overlay is not None:
            tree, found_problems = merge(tree, self._overlay)
            problems += found_problems
        for change in self._sets:
            tree = with_set(tree, change, problems)
        try:
            loaded = check_tree(tree, self.path, name, self._complete)
        except ScenarioError as error:
            raise ScenarioError([*problems, *error.problems]) from None
        if problems:
            raise ScenarioError(problems)
        return replace(loaded, files=self._files, variant_name=self._variant_names.get(name))

    def _faults_of_evidence(self, tree: Node, change: Node | None) -> list[Problem]:
        """What is wrong with the evidence that the file itself, or its variant, gives for parts of a world."""
        kind = self._stated.at(["kind"])
        if not self._complete or (kind is not None and kind.value in ("base", "comparison")):
            return []
        given = self._stated if change is None else change
        entries = own_entries(given.at(["evidence"]), self._own_file)
        if change is not None:
            return [*leading_nowhere(entries, [tree]), *of_another_kind(entries, tree)]
        # What is said above the variants may be meant for one of them.
        worlds = chain([tree], (apply_variant(tree, each)[0] for each in self._variants.values()))
        return [*leading_nowhere(entries, worlds), *of_another_kind(entries, tree)]

    def all_variants(self) -> list[LoadedScenario]:
        """As stated, then every variant; problems of all of them at once, each told once."""
        stated: Sequence[Problem] = ()
        problems: list[Problem] = []
        loaded = []
        for name in [AS_STATED, *self._variants]:
            if len(problems) > MOST_TOLD:
                break
            try:
                loaded.append(self._variant(name))
            except ScenarioError as error:
                if name == AS_STATED:
                    stated = error.problems
                    problems.extend(stated)
                elif any(each.found.endswith(_SHAPELESS) or " needs '" in each.found for each in stated):
                    # A part without its shape makes faults of every change of it.
                    problems.extend(apply_variant(self._stated, self._variants[name])[1])
                else:
                    problems.extend(of_variant(name, self._variants[name], error.problems, stated))
        if problems:
            raise ScenarioError(distinct(problems))
        return loaded


def with_set(tree: Node, change: str, problems: list[Problem]) -> Node:
    """The tree with a change of the command line, as far as it can be made."""
    path, equals, text = change.partition("=")
    if not equals or not path.strip():
        problems.append(Problem(OPTION, 1, 1, f"'{change}' is not of the form path=value"))
        return tree
    try:
        value = parse_value(text, OPTION, len(path) + 2)
    except ScenarioError as error:
        problems.extend(error.problems)
        return tree
    tree, found = set_path(tree, of_only_product(tree, path.strip()), value)
    problems.extend(found)
    return tree


def open_scenario(reference: str | Path, sets: Sequence[str] = (), overlay: Node | None = None) -> ScenarioFile:
    """The scenario file behind a path or a bundled id."""
    path = find_file(str(reference))
    return ScenarioFile(read_file(path, _shown(reference, path)), path, sets, overlay)


def compared_worlds(comparison: LoadedScenario, sets: Sequence[str] = ()) -> list[tuple[str | None, LoadedScenario]]:
    """The worlds that a comparison file lists, each with its label.

    What else the file says (run, applicants, credit ...) is laid over every one of them. ScenarioError lists the
    problems of all.
    """
    problems = _wrong_opposites(comparison)
    worlds = []
    overlay = _overlay_of(comparison.tree)
    for number, world in enumerate(comparison.scenario.compare):
        place = locate(comparison.tree, ("compare", number, "scenario"))[0].place
        try:
            reference = _world_file(world.scenario, comparison.path, place)
            loaded = open_scenario(reference, sets, overlay).variant(world.variant or AS_STATED)
            if loaded.scenario.kind not in ("product", "contrast"):
                found = f"'{world.scenario}' is a {loaded.scenario.kind}; a comparison lists products and contrasts"
                raise ScenarioError([Problem(*place, found)])
            worlds.append((world.label, loaded))
        except ScenarioError as error:
            problems += [
                each if each.line else Problem(*place, f"'{world.scenario}': {each.found}", each.allowed)
                for each in error.problems
            ]
    if problems:
        raise ScenarioError(problems)
    return worlds


def _wrong_opposites(comparison: LoadedScenario) -> list[Problem]:
    """Worlds set against one that the file does not list under that label."""
    labels = [world.label for world in comparison.scenario.compare if world.label]
    problems = []
    for number, world in enumerate(comparison.scenario.compare):
        if world.against is not None and world.against not in labels:
            place = locate(comparison.tree, ("compare", number, "against"))[0].place
            found = f"no world here has the label '{world.against}'{did_you_mean(world.against, labels)}"
            problems.append(Problem(*place, found, f"labels: {listed(labels)}"))
    return problems


def _world_file(name: str, path: Path | None, place: tuple[str, int, int]) -> str:
    """What a comparison calls a scenario: a .yaml file in its folder or below, or a bundled id."""
    if name.endswith((".yaml", ".yml")):
        folder = path.parent.resolve() if path else None
        try:
            inside = folder is not None and (folder / name).resolve().is_relative_to(folder)
        except (OSError, ValueError):
            inside = False
        if not inside:
            rule = "allowed here: the id of a bundled scenario, or a .yaml file in this folder or below it"
            raise ScenarioError([Problem(*place, f"'{name}' leads out of the comparison's folder", rule)])
        return str(path.parent / name) if path else name
    files = bundled_files()
    if name not in files:
        found = f"no bundled scenario '{name}'{did_you_mean(name, files)}"
        raise ScenarioError([Problem(*place, found, f"allowed here: {listed(files)}")])
    return str(files[name])


def _overlay_of(tree: Node) -> Node | None:
    """What a comparison file says about its worlds."""
    assert isinstance(tree.value, dict)
    kept = {key: node for key, node in tree.value.items() if key in OF_WORLDS}
    return replace(tree, value=kept, keys={key: tree.keys[key] for key in kept}) if kept else None


def _shown(reference: str | Path, path: Path) -> str:
    return str(path) if str(path) == str(reference) else path.name


def load(reference: str | Path, variant: str = AS_STATED, sets: Sequence[str] = ()) -> LoadedScenario:
    """Load and check one world of a scenario file (path or bundled id); ScenarioError lists all that is wrong."""
    return open_scenario(reference, sets).variant(variant)


def load_runnable(reference: str | Path, variant: str = AS_STATED, sets: Sequence[str] = ()) -> LoadedScenario:
    """Load a scenario that can be run by itself; PledgesimError for a base or a comparison."""
    loaded = load(reference, variant, sets)
    kind = loaded.scenario.kind
    if kind == "comparison":
        raise PledgesimError(f"{reference} is a comparison of several worlds; try: pledgesim compare {reference}")
    if kind == "base":
        raise PledgesimError(f"{reference} is a base that others extend; it has nothing to run")
    return loaded


def from_data(data: Mapping[str, Any]) -> LoadedScenario:
    """A checked scenario from ordinary Python data of the same form as a file."""
    return check_tree(node_of(data, "scenario"), None, AS_STATED)


def node_of(value: Any, name: str) -> Node:
    """Ordinary data as a tree; its places are all line 0."""
    if isinstance(value, Mapping):
        inner = {str(key): node_of(item, name) for key, item in value.items()}
        return Node(file=name, line=0, column=0, value=inner, keys=dict.fromkeys(inner, (name, 0, 0)))
    if isinstance(value, (list, tuple)):
        return Node(file=name, line=0, column=0, value=[node_of(item, name) for item in value], keys={})
    return Node(file=name, line=0, column=0, value=value, keys={})


def check_tree(tree: Node, path: Path | None, variant: str, complete: bool = True) -> LoadedScenario:
    """The checked scenario of a tree; all problems at once. With `complete` false its base could not be read."""
    if not isinstance(tree.value, dict):
        raise ScenarioError([Problem(tree.file, tree.line, tree.column, f"a scenario is a mapping, not {tree.kind}")])
    if "risk_sharing" in tree.value and not tree.value.keys() & {"products", "extends"}:
        alone = "this is the file of an agreement alone, and no scenario"
        takes_it = "it is for: pledgesim allocate, losses, validate"
        raise ScenarioError([Problem(*tree.keys["risk_sharing"], alone, takes_it)])
    tree = _with_identity(tree, path)
    problems: list[Problem] = []
    try:
        tree = with_firms(tree, path.parent if path else None)
    except ScenarioError as error:
        problems += error.problems
    scenario, full, found = check_scenario(tree, complete=complete)
    problems += found
    if problems or scenario is None:
        raise ScenarioError(problems)
    return LoadedScenario(scenario, tree.plain(), path, variant, full)


def _with_identity(tree: Node, path: Path | None) -> Node:
    """A file without id or name is called by its own file name."""
    assert isinstance(tree.value, dict)
    value, keys = dict(tree.value), dict(tree.keys)
    for key in ("id", "name"):
        if key not in value:
            text = value["id"].value if key == "name" else (_id_from(path) if path else "scenario")
            value[key] = Node(file=tree.file, line=tree.line, column=tree.column, value=text, keys={})
            keys[key] = (tree.file, tree.line, tree.column)
    return Node(file=tree.file, line=tree.line, column=tree.column, value=value, keys=keys)


def _id_from(path: Path) -> str:
    """A file's name as the id of its scenario."""
    return re.sub(r"[^\w \-]+", "-", path.stem).strip("- ")[:LONGEST_NAME] or "scenario"


def catalogue() -> list[dict[str, Any]]:
    """Bundled scenarios with id, file, case, kind and names, in the order of their cases; bases left out."""
    entries = []
    for path in bundled_files().values():
        told = parse_file(path, path.name).plain()
        if told.get("kind") != "base":
            name = told["name"] if isinstance(told["name"], dict) else {"en": told["name"]}
            entries.append(
                {
                    "id": told["id"],
                    "file": str(path.relative_to(bundled_folder())),
                    "case": told.get("case"),
                    "kind": told.get("kind", "product"),
                    "name_en": name.get("en") or name.get("zh"),
                    "name_zh": name.get("zh") or name.get("en"),
                }
            )
    return sorted(entries, key=_catalogue_order)


def _catalogue_order(entry: Mapping[str, Any]) -> tuple[bool, int, str]:
    """Products by case, then comparisons, that of all cases last."""
    return entry["kind"] == "comparison", entry["case"] or LAST_CASE + 1, entry["id"]


def copy_of(reference: str, target: Path) -> str:
    """The text of a bundled scenario under a new id, for a file that stands anywhere."""
    path = find_file(reference)
    text = read_text(path, path.name)
    load(path)
    new_id = _id_from(target)
    written = new_id if isinstance(parse_value(new_id, "id").value, str) else f'"{new_id}"'
    return re.sub(r"(?m)^id:.*$", lambda _: f"id: {written}", text, count=1)
