"""Brings a scenario together: what it extends, its variants, changes from the command line, its stage defaults."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from simulator.bundled import bundled_folder
from simulator.errors import Problem, ScenarioError, did_you_mean, listed
from simulator.scenario.full_steps import with_stage_defaults as with_stage_defaults
from simulator.scenario.merge import expand_dotted, merge
from simulator.scenario.model import Product
from simulator.scenario.names import fault_of_name
from simulator.scenario.source import Node, parse_file
from simulator.scenario.variant_names import is_of_name, without_name
from simulator.scenario.variant_paths import known_paths

BUNDLED = "pledgesim:"
OWN_TO_EACH_FILE = ("id", "name", "kind", "variants", "compare", "charts", "question", "about")
MOST_LEVELS = 10
MOST_VARIANTS = 100
AS_STATED = "as stated"
"""Name of a scenario without any of its variants' changes."""


def bundled_files() -> dict[str, Path]:
    """Bundled scenarios by the name that `extends: pledgesim:NAME` uses."""
    folder = bundled_folder()
    return {path.stem: path for path in sorted(folder.rglob("*.yaml"))}


def find_file(reference: str) -> Path:
    """The file that a command's argument names: a path, or the id of a bundled scenario."""
    path = Path(reference)
    try:
        if path.suffix or path.exists():
            return path
    except (OSError, ValueError):
        return path
    files = bundled_files()
    name = reference.removeprefix(BUNDLED)
    if name in files:
        return files[name]
    hint = did_you_mean(name, files)
    raise ScenarioError(
        [Problem(reference, 0, 0, f"no such file or bundled scenario{hint}", f"bundled: {listed(files)}")]
    )


@dataclass(frozen=True)
class Reading:
    """A file with all that it extends merged below it, and what was wrong on the way.

    Not `complete` when a base is missing from it, so that what the base would have brought must not be called missing.
    """

    tree: Node
    problems: list[Problem]
    complete: bool
    files: tuple[str, ...] = ()
    """Names of the files, the most general first."""


def read_file(path: Path, shown: str | None = None) -> Reading:
    """A file and its bases; ScenarioError when the file itself cannot be read."""
    return _read(path, shown or str(path), [])


def read_tree(tree: Node) -> Reading:
    """A scenario in no file, with the bundled base that it extends; ScenarioError where it is no mapping."""
    return _with_bases(tree, None, tree.file, [])


def _read(path: Path, shown: str, above: list[Path]) -> Reading:
    return _with_bases(parse_file(path, shown), path, shown, above)


def _with_bases(tree: Node, path: Path | None, shown: str, above: list[Path]) -> Reading:
    if not isinstance(tree.value, dict):
        raise ScenarioError([Problem(tree.file, tree.line, tree.column, f"a scenario is a mapping, not {tree.kind}")])
    reference = tree.value.get("extends")
    if reference is None:
        return Reading(tree, [], True, (tree.file,))
    own = {key: node for key, node in tree.value.items() if key != "extends"}
    changes = _with(tree, own, {key: tree.keys[key] for key in own})
    files = [*above, *([path.resolve()] if path is not None else [])]
    if len(set(files)) < len(files) or len(above) >= MOST_LEVELS:
        circle = len(set(files)) < len(files)
        told = "extends itself in a circle" if circle else f"more than {MOST_LEVELS} levels of extends"
        return Reading(changes, [Problem(*reference.place, told)], False)
    try:
        base_path, base_shown = _base_of(reference, path, shown)
        base = _read(base_path, base_shown, files)
    except ScenarioError as error:
        return Reading(changes, list(error.problems), False)
    assert isinstance(base.tree.value, dict)
    inherited = {key: node for key, node in base.tree.value.items() if key not in OWN_TO_EACH_FILE}
    keys = {key: place for key, place in base.tree.keys.items() if key in inherited}
    merged, problems = merge(_without_evidence_of(_with(base.tree, inherited, keys), changes), changes)
    problems = [*base.problems, *(problems if base.complete else [])]
    return Reading(merged, problems, base.complete, (*base.files, tree.file))


def _without_evidence_of(base: Node, change: Node) -> Node:
    """The base without the evidence that a change gives anew: an entry is replaced whole, not key by key."""
    old, new = base.at(["evidence"]), change.at(["evidence"])
    if old is None or new is None or not isinstance(old.value, dict) or not isinstance(new.value, dict):
        return base
    assert isinstance(base.value, dict)
    kept = {path: entry for path, entry in old.value.items() if path not in new.value or new.value[path].value is None}
    evidence = _with(old, kept, {path: old.keys[path] for path in kept})
    return _with(base, {**base.value, "evidence": evidence}, base.keys)


def _with(node: Node, value: dict[str, Node], keys: dict[str, tuple[str, int, int]]) -> Node:
    return Node(file=node.file, line=node.line, column=node.column, value=value, keys=keys)


def _base_of(reference: Node, path: Path | None, shown: str) -> tuple[Path, str]:
    """The file behind `extends`: bundled, or in the same folder or below; what stands in no file has no folder."""
    text = reference.value

    def problem(found: str, allowed: str = "") -> ScenarioError:
        return ScenarioError([Problem(reference.file, reference.line, reference.column, found, allowed)])

    rule = "pledgesim:NAME for a bundled scenario"
    rule = f"a file in this folder or below it, or {rule}" if path is not None else rule
    if not isinstance(text, str):
        raise problem(f"extends is {reference.kind}", f"allowed here: {rule}")
    if text.startswith(BUNDLED):
        files = bundled_files()
        name = text.removeprefix(BUNDLED)
        if name not in files:
            raise problem(f"no bundled scenario '{name}'{did_you_mean(name, files)}", f"allowed here: {listed(files)}")
        return files[name], text
    if path is None:
        raise problem(f"extends '{text}', but a scenario without a file has no folder", f"allowed here: {rule}")
    folder = path.parent.resolve()
    try:
        base = (folder / text).resolve()
        inside = base.is_relative_to(folder) and not Path(text).is_absolute()
        exists = inside and base.is_file()
    except (OSError, ValueError):
        inside, exists = True, False
    if not inside:
        raise problem(f"extends '{text}' leads out of the scenario's folder", f"allowed here: {rule}")
    if not exists:
        near = base.parent if base.parent.is_dir() else folder
        names = [each.relative_to(folder).as_posix() for each in near.glob("*.yaml") if each != path.resolve()]
        raise problem(f"no file '{text}' to extend{did_you_mean(text, names)}", f"allowed here: {rule}")
    return base, str(Path(shown).parent / text)


def variants_of(tree: Node) -> tuple[dict[str, Node], list[Problem]]:
    """The variants a file names, as trees of changes, and what is wrong with the others."""
    assert isinstance(tree.value, dict)
    node = tree.value.get("variants")
    if node is None or node.value is None:
        return {}, []
    if not isinstance(node.value, dict):
        found = f"variants is {node.kind} where a mapping is needed: each variant's name, and its changes below it"
        return {}, [Problem(*node.place, found)]
    if len(node.value) > MOST_VARIANTS:
        found = f"{len(node.value):,} variants; at most {MOST_VARIANTS}"
        return {}, [Problem(*tree.keys["variants"], found)]
    sound, problems = {}, []
    for name, change in node.value.items():
        fault = fault_of_name(name) or ("this name means the scenario without changes" if name == AS_STATED else None)
        if fault is not None:
            problems.append(Problem(*node.keys[name], f"the variant's name '{name}': {fault}"))
        if not isinstance(change.value, dict) or all(map(is_of_name, change.value)):
            found = f"variant '{name}' is {_called(change)} where a mapping of changes is needed"
            allowed = "such as 'run.seed: 7' or 'flow: {remove: [second review]}'"
            problems.append(Problem(*change.place, found, allowed))
        elif fault is None:
            sound[name] = change
    return sound, problems


def _called(node: Node) -> str:
    return "empty" if node.value is None or isinstance(node.value, dict) else node.kind


def without_variants(tree: Node) -> Node:
    """The tree of the scenario as stated."""
    assert isinstance(tree.value, dict)
    kept = {key: node for key, node in tree.value.items() if key != "variants"}
    return _with(tree, kept, {key: tree.keys[key] for key in kept})


def apply_variant(tree: Node, change: Node) -> tuple[Node, list[Problem]]:
    """The scenario with a variant's changes, as far as they can be made; keys of a product stand for the only one."""
    change, unknown = known_paths(tree, without_name(change), _only_product(tree))
    try:
        changes, of_product = _full_paths(tree, change)
    except ScenarioError as error:
        return tree, [*unknown, *error.problems]
    tree, problems = merge(_without_evidence_of(tree, changes), changes)
    if of_product is not None:
        tree, found = merge(tree, of_product)
        problems = [*problems, *found]
    return tree, [*unknown, *problems]


def _only_product(tree: Node) -> tuple[str, ...]:
    """The place of the only product, or nothing."""
    products = tree.at(["products"])
    names = list(products.value) if products is not None and isinstance(products.value, dict) else []
    return ("products", names[0]) if len(names) == 1 else ()


def of_only_product(tree: Node, path: str) -> str:
    """A path that begins with a key of products, from the root, where there is only one product."""
    products = tree.at(["products"])
    names = list(products.value) if products is not None and isinstance(products.value, dict) else []
    first = path.split(".")[0]
    if first in Product.model_fields and first != "name" and len(names) == 1:
        return f"products.{names[0]}.{path}"
    return path


def _full_paths(tree: Node, change: Node) -> tuple[Node, Node | None]:
    """A variant's changes from the root, apart from those that it names by a product's own keys, and those.

    A product's own key such as `flow` stands for that of the only product. ScenarioError where there are several.
    """
    assert isinstance(change.value, dict) and isinstance(tree.value, dict)
    products = tree.value.get("products")
    names = list(products.value) if products is not None and isinstance(products.value, dict) else []
    own: dict[str, Node] = {}
    other: dict[str, Node] = {}
    evidence = change.value.get("evidence")
    for key, node in change.value.items():
        first = key.split(".")[0]
        if first in Product.model_fields and first != "name":
            if len(names) != 1:
                found = f"'{first}' needs the product it changes: products.NAME.{key}"
                raise ScenarioError([Problem(*change.keys[key], found, f"products: {listed(names)}")])
            own[key] = node
        elif key != "evidence":
            other[key] = node
    expanded = expand_dotted(_with(change, other, {key: change.keys[key] for key in other}))
    assert isinstance(expanded.value, dict)
    if evidence is not None:
        # Keys of evidence are paths and keep their dots.
        value, keys = {**expanded.value, "evidence": evidence}, {**expanded.keys, "evidence": change.keys["evidence"]}
        expanded = _with(expanded, value, keys)
    if not own:
        return expanded, None
    of_product = expand_dotted(_with(change, own, {key: change.keys[key] for key in own}))
    by_name = _with(change, {names[0]: of_product}, {names[0]: change.place})
    return expanded, _with(change, {"products": by_name}, {"products": change.place})
