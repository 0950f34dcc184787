"""Scenarios as Python objects: read from files, texts or data, and changed without being written down."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from copy import deepcopy
from dataclasses import replace
from os import PathLike
from typing import TYPE_CHECKING, Any, TypeAlias

from simulator.api.agreements import Agreement, only_agreement
from simulator.api.frames import frame_of, html_of
from simulator.api.given import refuse_unless_mapping, refuse_unless_text
from simulator.api.languages import in_language
from simulator.errors import PledgesimError, ScenarioError, did_you_mean, listed
from simulator.scenario.agreement_file import OpenedAgreement, agreements_of_scenario
from simulator.scenario.load import AS_STATED, LoadedScenario, ScenarioFile, check_tree, open_scenario
from simulator.scenario.load import catalogue as bundled_scenarios
from simulator.scenario.names import fault_of_title
from simulator.scenario.plain_data import places_of_values, tree_of
from simulator.scenario.resolve import apply_variant, read_tree
from simulator.scenario.source import parse
from simulator.texts import Language

if TYPE_CHECKING:
    from pandas import DataFrame

    from simulator.api.drawings import Diagram

LONGEST_MADE_NAME = 60


class Scenario:
    """One world that can be run: a scenario as stated, a variant of it, or a change made in Python.

    It has been checked when you hold it, and it never changes; `variant` and `change` give another one. In data, money,
    times and shares are texts with their units, as in a file: "30m CNY", "3 working days", "40%".

    >>> scenario = simulator.load("C8-F1")
    >>> scenario
    <Scenario C8-F1: IP Fast-Easy Loan>
    >>> "three reviews" in scenario.variants
    True
    """

    def __init__(
        self, loaded: LoadedScenario, file: ScenarioFile | None = None, changed: Sequence[str] = ()
    ) -> None:
        """Made by `load`, `loads`, `variant` and `change`; `changed` are the paths of values changed in Python."""
        self._loaded, self._file, self._changed = loaded, file, changed

    @property
    def loaded(self) -> LoadedScenario:
        """The checked scenario that the rest of the simulator works with."""
        return self._loaded

    @property
    def id(self) -> str:
        """Its identifier, such as C8-F1."""
        return self._loaded.id

    @property
    def name(self) -> str:
        """Its name in the language spoken."""
        return self._loaded.scenario.name.said()

    @property
    def label(self) -> str:
        """What it is called in results: its id, with its variant."""
        from simulator.analysis.comparison import label_of

        return label_of(self._loaded)

    @property
    def variants(self) -> tuple[str, ...]:
        """Names of the changes that its file offers, for `variant`."""
        return tuple(self._file.variant_names) if self._file is not None else ()

    @property
    def products(self) -> tuple[str, ...]:
        """Its products, in the order of the file."""
        return tuple(self._loaded.scenario.products)

    @property
    def steps(self) -> dict[str, list[str]]:
        """The steps of each product up to the money, in the order of its flow; of a choice, those of all its ways.

        >>> simulator.load("C8-F1").steps["guaranteed loan"][:2]
        ['recommendation', 'due diligence']
        """
        from simulator.scenario.flow import steps_of

        products = self._loaded.scenario.products
        return {name: [step.title for step in steps_of(product.flow)] for name, product in products.items()}

    @property
    def digest(self) -> str:
        """SHA-256 of everything that decides its results; two scenarios of one digest give the same figures."""
        return self._loaded.digest

    @property
    def data(self) -> dict[str, Any]:
        """All that it says, after everything it extends, as data of the form that `load` takes; a copy."""
        return deepcopy(self._loaded.plain)

    def value(self, path: str) -> Any:
        """What stands at a dotted path; PledgesimError, with the nearest spelling, where nothing does.

        >>> simulator.load("C8-F1").value("parties.guarantor.desks.account manager.staff")
        1
        """
        refuse_unless_text("path", path)
        found: Any = self._loaded.plain
        for number, part in enumerate(parts := path.split(".")):
            if not isinstance(found, dict) or part not in found:
                where = f" in '{'.'.join(parts[:number])}'" if number else ""
                names = found if isinstance(found, dict) else {}
                allowed = f"\n    allowed here: {listed(names)}" if names else ""
                raise PledgesimError(f"no '{part}'{where}{did_you_mean(part, names)}{allowed}")
            found = found[part]
        return deepcopy(found)

    def variant(self, name: str) -> Scenario:
        """The scenario with the changes that its file names so; PledgesimError, with the nearest spelling, without one.

        >>> simulator.load("C8-F1").variant("three reviews").label
        'C8-F1: three reviews'
        """
        refuse_unless_text("name", name)
        if self._file is None:
            raise PledgesimError(f"{self.label} has no variants; take those of the scenario as stated, or use .change")
        return Scenario(self._file.variant(name))

    def change(self, changes: Mapping[str, Any], name: str | None = None) -> Scenario:
        """The scenario with changes, as a variant in a file says them, under a name of its own.

        Keys are dotted paths; `None` takes out what is there; a product's own keys such as `flow` stand for those of
        the only product. ScenarioError lists everything that is wrong, by path.

        >>> scenario = simulator.load("C8-F1")
        >>> two = scenario.change({"parties.guarantor.desks.account manager.staff": 2}, name="two account managers")
        >>> two.label
        'C8-F1: two account managers'
        >>> scenario.change({"flow": {"insert": {"before": "guarantee review", "steps": ["first review"]}}}).label
        'C8-F1: flow'
        >>> scenario.change({"parties.guarantor.desks.account manger.staff": 2})
        Traceback (most recent call last):
        simulator.errors.ScenarioError: parties.guarantor.desks.account manger.staff: no 'account manger' in ...
            allowed here: account manager, committee, reviewer, risk manager
        """
        refuse_unless_mapping("changes", changes)
        if name is not None:
            refuse_unless_text("name", name)
            if fault := fault_of_title(name):
                raise PledgesimError(f"name={name!r}: {fault}")
        called = _name_of(changes) if name is None else name
        if called == AS_STATED:
            raise PledgesimError(f"name '{called}' means the scenario without changes; choose another")
        change = tree_of(dict(changes))
        tree, problems = apply_variant(tree_of(self._loaded.plain), change)
        if problems:
            raise ScenarioError(problems)
        # What a base says of a number does not vouch for a value that is put in its place.
        files = ("scenario", *self._changed, *places_of_values(change))
        return Scenario(replace(check_tree(tree, None, called), files=files), changed=files[1:])

    def assumptions(self) -> DataFrame:
        """What it assumes, since nobody has published it: a row each, with the value, why, and the plausible range.

        The value is what stands at the path, as `value` gives it; of a path with `*`, all values by their paths. The
        range is that of its mean, where the value is a distribution.

        >>> assumed = simulator.load("C8-F1").assumptions().set_index("path")
        >>> assumed.loc["credit.correlation", ["value", "range"]].tolist()
        ['10%', '0% to 20%']
        """
        from simulator.analysis.evidence import coverage, standing_at

        plain = self._loaded.plain
        rows = [
            {"path": path, "value": deepcopy(standing_at(plain, path)), "range": extent, "why": why}
            for path, why, extent in coverage(self._loaded).assumptions
        ]
        return frame_of(rows, ("path", "value", "range", "why"))

    def agreement(self, product: str | None = None) -> Agreement:
        """Who bears a loss of its product, to be applied by itself; name the product where there are several."""
        return only_agreement(self.opened_agreements(product))

    def opened_agreements(self, product: str | None = None) -> Sequence[OpenedAgreement]:
        """Those of all its products, or of one, which the rest of the simulator works with."""
        if product is not None:
            self._product(product)
        return agreements_of_scenario(self._loaded, self.id, product)

    def diagram(
        self, lang: Language | None = None, against: Source | None = None, product: str | None = None
    ) -> Diagram:
        """The flow as a picture with a lane for each party, in the language spoken or in `lang`.

        `against` marks what was removed, added and moved: another scenario, or the name of a variant. Name the product
        where there are several. PledgesimError, with the nearest spelling, for what is not there.

        >>> simulator.load("C8-F1").diagram(against="three reviews")
        <Diagram IP Fast-Easy Loan (C8-F1): Compared with three reviews: removed 2>
        """
        from simulator.api.drawings import Diagram
        from simulator.diagrams.ask import diagram_of_world

        key = self._product(product)
        other = None if against is None else self._set_against(against).loaded
        prefix = "flow-" + "-".join(world.digest[:8] for world in (self._loaded, other) if world is not None)
        with in_language(lang):
            return Diagram(diagram_of_world(self._loaded, key, other), prefix)

    def _set_against(self, other: Source) -> Scenario:
        """One of its own variants or itself as stated, by name, or another scenario."""
        from simulator.diagrams.ask import refuse_misspelt_variant

        if isinstance(other, str) and self._file is not None:
            if other in (AS_STATED, *self.variants):
                return Scenario(self._file.variant(other))
            refuse_misspelt_variant(self.id, other, self.variants)
        return scenario_of(other)

    def _product(self, asked: str | None) -> str:
        """The product asked for, or the only one; PledgesimError lists them otherwise."""
        if asked is None and len(self.products) == 1:
            return self.products[0]
        if asked is not None:
            refuse_unless_text("product", asked)
        if asked in self.products:
            return str(asked)
        names = ", ".join(self.products)
        if asked is None:
            raise PledgesimError(f"{self.label} has several products; name one with product=: {names}")
        raise PledgesimError(
            f"{self.label} has no product '{asked}'{did_you_mean(asked, self.products)}; products: {names}"
        )

    def __repr__(self) -> str:
        return f"<Scenario {self.label}: {self.name}>"

    def _repr_html_(self) -> str:
        from simulator.scenario.spoken_names import party_said, product_said
        from simulator.texts import say

        scenario = self._loaded.scenario
        rows = [
            (say("scenario"), self.label),
            (say("name"), self.name),
            (say("question"), scenario.question.said() if scenario.question else ""),
            (say("products"), ", ".join(product_said(scenario, key) for key in scenario.products)),
            (say("parties"), ", ".join(party_said(scenario, key) for key in scenario.parties)),
            (say("variants"), ", ".join(self.variants)),
        ]
        return html_of(frame_of({"": head, " ": told} for head, told in rows if told))


Source: TypeAlias = Scenario | str | PathLike[str] | Mapping[str, Any]
"""What a scenario can be given as: an object, a file or the id of a bundled one, or data."""


def load(source: str | PathLike[str] | Mapping[str, Any]) -> Scenario:
    """A scenario from a file, by the id of a bundled one, or from data; ScenarioError lists everything that is wrong.

    Data is a dictionary of the form of a file and may say `"extends": "pledgesim:C8-F1"`. What is wrong with a file is
    told with line and column, what is wrong with data with its path.

    >>> simulator.load("C9-F2").products
    ('insured loan',)
    >>> mine = simulator.load({"extends": "pledgesim:C8-F1", "id": "mine", "run": {"seed": 7}})
    >>> mine.value("run.seed")
    7
    >>> simulator.load("C8-F")
    Traceback (most recent call last):
    simulator.errors.ScenarioError: C8-F: no such file or bundled scenario; did you mean 'C8-F1'?
        bundled: ...
    """
    if isinstance(source, Mapping):
        return _runnable(ScenarioFile(read_tree(tree_of(source)), None), "the scenario")
    if not isinstance(source, str | PathLike):
        raise PledgesimError(f"source={source!r} must be a file, the id of a bundled scenario, or a dictionary")
    return _runnable(open_scenario(str(source)), str(source))


def loads(text: str) -> Scenario:
    """A scenario from the text of a file (YAML); it may extend a bundled one.

    >>> simulator.loads('''
    ... id: mine
    ... extends: pledgesim:C8-F1
    ... run: {seed: 7}
    ... ''').label
    'mine'
    """
    refuse_unless_text("text", text)
    return _runnable(ScenarioFile(read_tree(parse(text, "text")), None), "the text")


def catalogue() -> DataFrame:
    """The bundled scenarios: id, case of the source, kind (product, contrast, comparison), names in both languages.

    >>> frame = simulator.catalogue()
    >>> frame[frame["case"] == 8]["id"].tolist()
    ['C8-F0', 'C8-F1', 'three-reviews-against-one']
    """
    return frame_of({key: value for key, value in entry.items() if key != "file"} for entry in bundled_scenarios())


def scenario_of(source: Source) -> Scenario:
    """The scenario itself, or that which is named or given as data."""
    return source if isinstance(source, Scenario) else load(source)


def _runnable(file: ScenarioFile, called: str) -> Scenario:
    loaded = file.variant()
    kind = loaded.scenario.kind
    if kind == "comparison":
        raise PledgesimError(f"{called} is a comparison of several worlds; try: simulator.compare({called!r})")
    if kind == "base":
        raise PledgesimError(f"{called} is a base that others extend; it has nothing to run")
    return Scenario(loaded, file)


def _name_of(changes: Mapping[str, Any]) -> str:
    """What changes are called that were given no name."""
    told = []
    for path, value in changes.items():
        last = str(path).rpartition(".")[2]
        told.append(last if isinstance(value, Mapping | list | tuple) else f"{last}={value}")
    name = ", ".join(told)
    return name if len(name) <= LONGEST_MADE_NAME else f"{name[: LONGEST_MADE_NAME - 1]}…"
