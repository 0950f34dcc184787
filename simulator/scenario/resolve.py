"""Brings a scenario together: what it extends, its variants, changes from the command line, its stage defaults."""

from __future__ import annotations

from pathlib import Path

from simulator.bundled import bundled_folder
from simulator.errors import Problem, ScenarioError, did_you_mean, listed
from simulator.scenario.merge import expand_dotted, merge
from simulator.scenario.model import Product
from simulator.scenario.source import Node, parse_file

BUNDLED = "pledgesim:"
OWN_TO_EACH_FILE = ("id", "kind", "variants", "compare", "charts", "question", "about")
MOST_LEVELS = 10


def bundled_files() -> dict[str, Path]:
    """Bundled scenarios by the name that `extends: pledgesim:NAME` uses."""
    folder = bundled_folder()
    return {path.stem: path for path in sorted(folder.rglob("*.yaml"))}


def find_file(reference: str) -> Path:
    """The file that a command's argument names: a path, or the id of a bundled scenario."""
    path = Path(reference)
    if path.suffix or path.exists():
        return path
    files = bundled_files()
    name = reference.removeprefix(BUNDLED)
    if name in files:
        return files[name]
    hint = did_you_mean(name, files)
    raise ScenarioError(
        [Problem(reference, 0, 0, f"no such file or bundled scenario{hint}", f"bundled: {listed(files)}")]
    )


def read_tree(path: Path, shown: str | None = None) -> Node:
    """The tree of a file with all that it extends merged below it; ScenarioError with every problem found."""
    return _read(path, shown or str(path), [])


def _read(path: Path, shown: str, above: list[Path]) -> Node:
    tree = parse_file(path, shown)
    if not isinstance(tree.value, dict):
        raise ScenarioError([Problem(tree.file, tree.line, tree.column, f"a scenario is a mapping, not {tree.kind}")])
    reference = tree.value.get("extends")
    if reference is None:
        return tree
    resolved = path.resolve()
    if resolved in above or len(above) >= MOST_LEVELS:
        told = "extends itself in a circle" if resolved in above else f"more than {MOST_LEVELS} levels of extends"
        raise ScenarioError([Problem(tree.file, reference.line, reference.column, told)])
    base_path, base_shown = _base_of(reference, path, shown)
    base = _read(base_path, base_shown, [*above, resolved])
    assert isinstance(base.value, dict)
    inherited = {key: node for key, node in base.value.items() if key not in OWN_TO_EACH_FILE}
    own = {key: node for key, node in tree.value.items() if key != "extends"}
    keys = {key: place for key, place in base.keys.items() if key in inherited}
    merged, problems = merge(_with(base, inherited, keys), _with(tree, own, {k: tree.keys[k] for k in own}))
    if problems:
        raise ScenarioError(problems)
    return merged


def _with(node: Node, value: dict[str, Node], keys: dict[str, tuple[str, int, int]]) -> Node:
    return Node(file=node.file, line=node.line, column=node.column, value=value, keys=keys)


def _base_of(reference: Node, path: Path, shown: str) -> tuple[Path, str]:
    """The file behind `extends`: bundled, or in the same folder or below."""
    text = reference.value

    def problem(found: str, allowed: str = "") -> ScenarioError:
        return ScenarioError([Problem(reference.file, reference.line, reference.column, found, allowed)])

    rule = "a file in this folder or below it, or pledgesim:NAME for a bundled scenario"
    if not isinstance(text, str):
        raise problem(f"extends is {reference.kind}", f"allowed here: {rule}")
    if text.startswith(BUNDLED):
        files = bundled_files()
        name = text.removeprefix(BUNDLED)
        if name not in files:
            raise problem(f"no bundled scenario '{name}'{did_you_mean(name, files)}", f"allowed here: {listed(files)}")
        return files[name], text
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
        names = [each.name for each in folder.glob("*.yaml") if each.name != path.name]
        raise problem(f"no file '{text}' to extend{did_you_mean(text, names)}", f"allowed here: {rule}")
    return base, str(Path(shown).parent / text)


def variants_of(tree: Node) -> dict[str, Node]:
    """The variants a file names, as trees of changes."""
    assert isinstance(tree.value, dict)
    node = tree.value.get("variants")
    if node is None:
        return {}
    if not isinstance(node.value, dict):
        raise ScenarioError([Problem(node.file, node.line, node.column, f"variants is {node.kind}, not a mapping")])
    for name, change in node.value.items():
        if not isinstance(change.value, dict):
            found = f"variant '{name}' is {change.kind} where a mapping of changes is needed"
            raise ScenarioError([Problem(change.file, change.line, change.column, found)])
    return node.value


def without_variants(tree: Node) -> Node:
    """The tree of the scenario as stated."""
    assert isinstance(tree.value, dict)
    kept = {key: node for key, node in tree.value.items() if key != "variants"}
    return _with(tree, kept, {key: tree.keys[key] for key in kept})


def apply_variant(tree: Node, change: Node) -> Node:
    """The scenario with a variant's changes; keys of a product stand for the only product."""
    changed, problems = merge(tree, _full_paths(tree, change))
    if problems:
        raise ScenarioError(problems)
    return changed


def _full_paths(tree: Node, change: Node) -> Node:
    """A variant's changes from the root: a product's own keys become products.NAME.key of the only product."""
    assert isinstance(change.value, dict) and isinstance(tree.value, dict)
    products = tree.value.get("products")
    names = list(products.value) if products is not None and isinstance(products.value, dict) else []
    value: dict[str, Node] = {}
    keys: dict[str, tuple[str, int, int]] = {}
    for key, node in change.value.items():
        first = key.split(".")[0]
        full = key
        if first in Product.model_fields and first != "name":
            if len(names) != 1:
                file, line, column = change.keys[key]
                found = f"'{first}' needs the product it changes: products.NAME.{key}"
                raise ScenarioError([Problem(file, line, column, found, f"products: {listed(names)}")])
            full = f"products.{names[0]}.{key}"
        value[full], keys[full] = node, change.keys[key]
    evidence = value.pop("evidence", None)
    expanded = expand_dotted(_with(change, value, keys))
    assert isinstance(expanded.value, dict)
    if evidence is None:
        return expanded
    with_evidence = {**expanded.value, "evidence": evidence}
    return _with(expanded, with_evidence, {**expanded.keys, "evidence": change.keys["evidence"]})


def with_stage_defaults(tree: Node) -> tuple[Node, list[Problem]]:
    """The tree in which every step carries its title and the settings that `stages` gives for it."""
    assert isinstance(tree.value, dict)
    products, stages = tree.value.get("products"), tree.value.get("stages")
    if products is None or not isinstance(products.value, dict):
        return tree, []
    defaults = stages.value if stages is not None and isinstance(stages.value, dict) else {}
    problems: list[Problem] = []
    new_products = {}
    for name, product in products.value.items():
        flow = product.value.get("flow") if isinstance(product.value, dict) else None
        if flow is None or not isinstance(flow.value, list):
            new_products[name] = product
            continue
        assert isinstance(product.value, dict)
        new_flow = _items(flow, defaults, problems)
        new_products[name] = _with(product, {**product.value, "flow": new_flow}, product.keys)
    new_root = {**tree.value, "products": _with(products, new_products, products.keys)}
    return _with(tree, new_root, tree.keys), problems


def _list(place: Node, items: list[Node]) -> Node:
    return Node(file=place.file, line=place.line, column=place.column, value=items, keys={})


def _inner_list(node: Node) -> list[Node]:
    return node.value if isinstance(node.value, list) else []


def _items(node: Node, defaults: dict[str, Node], problems: list[Problem]) -> Node:
    """A list of steps with each of its items in full; a single step counts as a list of one."""
    items = node.value if isinstance(node.value, list) else [node]
    return _list(node, [_item(each, defaults, problems) for each in items])


def _item(node: Node, defaults: dict[str, Node], problems: list[Problem]) -> Node:
    if isinstance(node.value, dict) and ("choice" in node.value or "together" in node.value):
        value = dict(node.value)
        for key, full in (("together", _items), ("choice", _way)):
            if key in value and isinstance(value[key].value, list):
                value[key] = _list(value[key], [full(each, defaults, problems) for each in _inner_list(value[key])])
        if "otherwise" in value:
            value["otherwise"] = _items(value["otherwise"], defaults, problems)
        return _with(node, value, node.keys)
    return _step(node, defaults, problems)


def _way(way: Node, defaults: dict[str, Node], problems: list[Problem]) -> Node:
    if isinstance(way.value, dict) and "steps" in way.value:
        return _with(way, {**way.value, "steps": _items(way.value["steps"], defaults, problems)}, way.keys)
    return way


def _step(node: Node, defaults: dict[str, Node], problems: list[Problem]) -> Node:
    """One step with its title, and what `stages` says of it below its own settings."""
    settings: Node | None = None
    if isinstance(node.value, str):
        title, place = node.value, (node.file, node.line, node.column)
    elif isinstance(node.value, dict) and len(node.value) == 1:
        title, settings = next(iter(node.value.items()))
        place = node.keys[title]
    else:
        found = f"a step is {node.kind if not isinstance(node.value, dict) else f'a mapping of {len(node.value)} keys'}"
        allowed = "write '- valuation' or '- valuation: {by: appraiser, work: 6 h}'; settings are indented below"
        problems.append(Problem(node.file, node.line, node.column, found, allowed))
        return _with(node, {}, {})
    if settings is not None and settings.value is not None and not isinstance(settings.value, dict):
        found = f"the settings of step '{title}' are {settings.kind}, not a mapping"
        problems.append(Problem(settings.file, settings.line, settings.column, found))
        settings = None
    full = _with(node, {}, {})
    for layer in (defaults.get(title), settings):
        if layer is not None and isinstance(layer.value, dict):
            full, found_problems = merge(full, layer)
            problems.extend(found_problems)
    assert isinstance(full.value, dict)
    title_node = Node(file=place[0], line=place[1], column=place[2], value=title, keys={})
    value, keys = {**full.value, "title": title_node}, {**full.keys, "title": place}
    return Node(file=place[0], line=place[1], column=place[2], value=value, keys=keys)
