"""Steps in full: every step of a flow with its title, and below its own settings those that `stages` gives for it."""

from __future__ import annotations

from dataclasses import replace

from simulator.errors import Problem
from simulator.scenario.merge import merge
from simulator.scenario.sound_part import Doubt
from simulator.scenario.source import Node

_FORM = "write '- valuation' or '- valuation: {by: appraiser, work: 6 h}'; settings are indented below the name"


def with_stage_defaults(tree: Node, doubt: Doubt | None = None) -> tuple[Node, list[Problem]]:
    """The tree in which every step carries its title and the settings that `stages` gives for it.

    What is no step is told and left out; `doubt` takes note of it.
    """
    assert isinstance(tree.value, dict)
    products, stages = tree.value.get("products"), tree.value.get("stages")
    if products is None or not isinstance(products.value, dict):
        return tree, []
    defaults = stages.value if stages is not None and isinstance(stages.value, dict) else {}
    steps = _Steps(defaults, doubt or Doubt())
    new_products = {}
    for name, product in products.value.items():
        new_products[name] = product
        if isinstance(product.value, dict):
            lists: dict[str, Node] = {key: product.value[key] for key in ("flow", "servicing") if key in product.value}
            full = {key: steps.in_full(key, node) for key, node in lists.items() if isinstance(node.value, list)}
            new_products[name] = replace(product, value={**product.value, **full})
    new_root = {**tree.value, "products": replace(products, value=new_products)}
    return replace(tree, value=new_root), steps.problems


class _Steps:
    """Fills in steps by the settings of their stages, and collects what is wrong with their form."""

    def __init__(self, defaults: dict[str, Node], doubt: Doubt) -> None:
        self._defaults, self._doubt = defaults, doubt
        self.problems: list[Problem] = []

    def in_full(self, key: str, node: Node) -> Node:
        """The steps of a flow; those of a servicing stand each for itself."""
        if key == "servicing" and isinstance(node.value, list):
            alone = []
            for number, each in enumerate(node.value):
                forms = [form for form in ("together", "choice") if isinstance(each.value, dict) and form in each.value]
                if forms:
                    found = f"'{forms[0]}' stands under 'servicing', whose steps are done each for itself"
                    self.problems.append(Problem(*each.place, found, "write one step below the other"))
                    self._doubt.leave_out("products", node, number, each)
                else:
                    alone.append(each)
            node = replace(node, value=alone)
        return self.branch(node)

    def branch(self, node: Node) -> Node:
        """A list of steps with each of its items in full; a single step counts as a list of one, nothing as none."""
        items = node.value if isinstance(node.value, list) else [] if node.value is None else [node]
        full = []
        for number, each in enumerate(items):
            item = self._item(each)
            if item is None:
                self._doubt.leave_out("products", node, number, each)
            else:
                full.append(item)
        return Node(*node.place, full)

    def _item(self, node: Node) -> Node | None:
        if not isinstance(node.value, dict) or not ("choice" in node.value or "together" in node.value):
            return self._step(node)
        value = dict(node.value)
        for key, full in (("together", self.branch), ("choice", self._way)):
            inner = value[key].value if key in value else None
            if isinstance(inner, list):
                value[key] = Node(*value[key].place, [full(each) for each in inner])
        if "otherwise" in value:
            value["otherwise"] = self.branch(value["otherwise"])
        return replace(node, value=value)

    def _way(self, way: Node) -> Node:
        if isinstance(way.value, dict) and "steps" in way.value:
            return replace(way, value={**way.value, "steps": self.branch(way.value["steps"])})
        return way

    def _step(self, node: Node) -> Node | None:
        """One step with its title, and what `stages` says of it below its own settings; None for what is no step."""
        settings: Node | None = None
        if isinstance(node.value, str):
            title, place = node.value, node.place
        elif isinstance(node.value, dict) and len(node.value) == 1:
            title, settings = next(iter(node.value.items()))
            place = node.keys[title]
        else:
            self._no_step(node)
            return None
        full = Node(*node.place, {})
        if settings is not None and settings.value is not None and not isinstance(settings.value, dict):
            found = f"the settings of step '{title}' are {settings.kind} where a mapping is needed"
            self.problems.append(Problem(*settings.place, found, _FORM))
            for key in ("by", "work", "elapsed", "on", "odds", "stage"):
                self._doubt.keys.add((place, key))
            settings = None
        for layer in (self._defaults.get(title), settings):
            if layer is not None and isinstance(layer.value, dict):
                full, found_problems = merge(full, layer)
                self.problems.extend(found_problems)
        assert isinstance(full.value, dict)
        if "title" in full.value:
            found = f"unknown key 'title' in step '{title}'; a step's title is its name"
            self.problems.append(Problem(*full.keys["title"], found, _FORM))
        value, keys = {**full.value, "title": Node(*place, title)}, {**full.keys, "title": place}
        return Node(*place, value, keys)

    def _no_step(self, node: Node) -> None:
        found = f"{node.kind} stands here where a step is needed"
        allowed = _FORM
        if isinstance(node.value, dict) and len(node.value) > 1:
            first, *others = node.value
            told = ", ".join(f"'{each}'" for each in others[:5])
            found = f"{told} must stand below the step '{first}', not beside it"
            allowed = "indent the settings of a step further than its name"
        elif node.value is None:
            found = "a step is missing after '-'"
        self.problems.append(Problem(*node.place, found, allowed))
