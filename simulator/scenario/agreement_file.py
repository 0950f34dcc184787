"""A risk-sharing agreement to be applied by itself: from a file of its own, or from a product of a scenario."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Annotated

from pydantic import BeforeValidator, Field, ValidationError

from simulator.errors import PledgesimError, Problem, ScenarioError, did_you_mean, listed
from simulator.scenario.agreement import FIRM, SURPLUS, RiskSharing
from simulator.scenario.agreement_parts import MOST_PARTS, Fund, Limit, Rate, is_of_a_part
from simulator.scenario.check import distinct
from simulator.scenario.checker import Checker
from simulator.scenario.credit import BookCredit
from simulator.scenario.credit_references import check_sharing
from simulator.scenario.hints import Hints
from simulator.scenario.load import AS_STATED, LoadedScenario, open_scenario, with_set
from simulator.scenario.locations import Location, place_of_value
from simulator.scenario.messages import problems_of
from simulator.scenario.model import Product, Scenario
from simulator.scenario.names import Name, Text
from simulator.scenario.quantities import Model
from simulator.scenario.resolve import find_file
from simulator.scenario.source import Node, Place, parse_file
from simulator.scenario.spoken_names import product_said, variant_said
from simulator.texts import Language, language, say

KEYS = ("name", "parties", "risk_sharing", "credit")
FORM = "an agreement's file holds 'risk_sharing:' and perhaps 'name', 'parties' and 'credit'"
_OF_SCENARIOS = {*Scenario.model_fields, "extends", "variants"} - {*KEYS}


def _bare_names(raw: object) -> object:
    """A list of names as a mapping without names shown."""
    if isinstance(raw, list) and all(isinstance(each, str) for each in raw):
        return dict.fromkeys(raw)
    if isinstance(raw, str):
        names = [each for each in re.split(r"\s*[,;，、；]\s*", raw.strip()) if each]
        raise ValueError(f"'{raw}' is a text where a list is needed; write '[{', '.join(names) or 'bank, insurer'}]'")
    if not isinstance(raw, dict):
        raise ValueError("a list of names is needed; write it like '[bank, insurer]'")
    return raw


class AgreementFile(Model):
    """A risk-sharing agreement without a scenario around it."""

    name: Text | None = Field(None, description="Name shown; by default that of the file")
    parties: Annotated[dict[Name, Text | None], BeforeValidator(_bare_names)] | None = Field(
        None,
        min_length=1,
        max_length=MOST_PARTS,
        description="Whom it may name, as a list or with the names shown; by default whom it names",
    )
    risk_sharing: RiskSharing = Field(description="Who bears a loss")
    credit: BookCredit | None = Field(None, description="Default and recovery assumptions, for the losses of a book")


@dataclass(frozen=True)
class OpenedAgreement:
    """An agreement, and what stands around it in the file from which it comes."""

    sharing: RiskSharing
    name: Text
    reference: str
    """What the user calls the file, with the variant and the product where there is a choice."""
    file: str
    """The same without the product."""
    tree: Node
    location: Location
    """Where the agreement stands in the tree."""
    parties: Mapping[str, Text] = field(default_factory=dict)
    """Names shown of those parties that have one."""
    credit: BookCredit | None = None
    product_name: str = ""
    product: Product | None = None
    scenario: LoadedScenario | None = None
    asked: str = ""
    """The file alone, where it is that of a scenario."""

    @property
    def said(self) -> str:
        """What the user calls the file, with variant and product as they are called in the language spoken."""
        if self.scenario is None or self.product is None or language() == "en":
            return self.reference
        variant = variant_said(self.scenario) if self.scenario.variant != AS_STATED else ""
        several = len(self.scenario.scenario.products) > 1
        product = product_said(self.scenario.scenario, self.product_name) if several else ""
        return say(", ").join(filter(None, [self.asked, variant, product]))

    def place(self, *clause: str | int) -> Place:
        """Where a clause is written."""
        return place_of_value(self.tree, (*self.location, *clause))

    def names(self, language: Language) -> dict[str, str]:
        """Names of parties, funds, limits and rates in a language; what has none in it is left out."""
        parts: dict[str, Fund | Limit | Rate] = {**self.sharing.funds, **self.sharing.limits, **self.sharing.rates}
        texts = {key: part.name for key, part in parts.items() if part.name is not None} | dict(self.parties)
        return {key: said for key, text in texts.items() if (said := text.zh if language == "zh" else text.en)}


def open_agreement(
    reference: str | Path, product: str | None = None, variant: str | None = None, sets: Sequence[str] = ()
) -> OpenedAgreement:
    """The agreement of a file of its own, or of a product of a scenario (a file, or a bundled id).

    As `open_agreements`, but PledgesimError where a scenario has several products and none is named.
    """
    found = open_agreements(reference, product, variant, sets)
    if len(found) > 1:
        names = ", ".join(each.product_name for each in found)
        raise PledgesimError(f"{reference} has several products; name one with --product: {names}")
    return found[0]


def open_agreements(
    reference: str | Path, product: str | None = None, variant: str | None = None, sets: Sequence[str] = ()
) -> list[OpenedAgreement]:
    """The agreement of a file of its own, or those of all products of a scenario, or of one of them.

    `sets` are changes such as 'risk_sharing.straddle=all or nothing'. PledgesimError where there is no agreement, and
    for everything that is wrong with the file.
    """
    keys = _keys(reference)
    if keys is None or (keys & _OF_SCENARIOS and not _is_own(keys)):
        loaded = open_scenario(reference, sets).variant(variant or AS_STATED)
        return agreements_of_scenario(loaded, str(reference), product)
    for option, given in (("--product", product), ("--variant", variant)):
        if given is not None:
            raise PledgesimError(f"{reference} is an agreement's own file; {option} is for scenarios")
    return [_of_own_file(str(reference), sets)]


def has_own_agreement(reference: str | Path) -> bool:
    """Whether a file holds an agreement by itself, sound or not; False too for a file that cannot be read."""
    keys = _keys(reference)
    return keys is not None and _is_own(keys)


def _keys(reference: str | Path) -> set[str] | None:
    """The keys at the top of a file, or None where it has none; what is wrong with it is told by whoever reads it."""
    try:
        path = find_file(str(reference))
        tree = parse_file(path, _shown(reference, path))
    except ScenarioError:
        return None
    return set(tree.value) if isinstance(tree.value, dict) else None


def _is_own(keys: set[str]) -> bool:
    return "risk_sharing" in keys and not keys & {"products", "extends"}


def _shown(reference: str | Path, path: Path) -> str:
    return str(path) if str(path) == str(reference) else path.name


def agreements_of_scenario(loaded: LoadedScenario, reference: str, product: str | None) -> list[OpenedAgreement]:
    """Those of all products of a checked scenario, or of one of them; PledgesimError where there is none."""
    scenario = loaded.scenario
    if scenario.kind == "comparison":
        worlds = listed({f"'{world.scenario}'" for world in scenario.compare})
        raise PledgesimError(f"{reference} is a comparison and has no agreement; name one of its worlds: {worlds}")
    names = list(scenario.products)
    if not names:
        raise PledgesimError(f"{reference} has no product, and so no agreement")
    if product is not None and product not in scenario.products:
        raise PledgesimError(
            f"--product: {reference} has no product '{product}'{did_you_mean(product, names)}\n"
            f"    allowed here: {', '.join(names)}"
        )
    return [_of_product(loaded, reference, name) for name in ([product] if product is not None else names)]


def _of_product(loaded: LoadedScenario, reference: str, name: str) -> OpenedAgreement:
    scenario = loaded.scenario
    found = scenario.products[name]
    of_variant = f", {loaded.variant}" if loaded.variant != AS_STATED else ""
    return OpenedAgreement(
        sharing=found.risk_sharing,
        name=scenario.name,
        reference=f"{reference}{of_variant}{f', {name}' if len(scenario.products) > 1 else ''}",
        file=f"{reference}{of_variant}",
        tree=loaded.tree,
        location=("products", name, "risk_sharing"),
        parties={key: party.name for key, party in scenario.parties.items() if party.name is not None},
        credit=scenario.credit,
        product_name=name,
        product=found,
        scenario=loaded,
        asked=reference,
    )


def _of_own_file(reference: str, sets: Sequence[str]) -> OpenedAgreement:
    path = find_file(reference)
    return agreement_of_tree(parse_file(path, _shown(reference, path)), reference, path.stem, sets)


def agreement_of_tree(tree: Node, reference: str, called: str, sets: Sequence[str] = ()) -> OpenedAgreement:
    """The agreement of a tree that holds one by itself, `called` so where it has no name; ScenarioError with all that
    is wrong."""
    problems: list[Problem] = []
    for change in sets:
        tree = with_set(tree, change, problems)
    problems += _outside_the_agreement(tree)
    file = _checked(tree, problems)
    if problems or file is None:
        raise ScenarioError(distinct(problems))
    name = file.name or Text(en=called)
    parties = {key: text for key, text in (file.parties or {}).items() if text is not None}
    return OpenedAgreement(
        file.risk_sharing, name, reference, reference, tree, ("risk_sharing",), parties, credit=file.credit
    )


def _outside_the_agreement(tree: Node) -> list[Problem]:
    """What is wrong with the file as a whole."""
    assert isinstance(tree.value, dict)
    hints, problems, near = Hints(), [], set()
    for key in tree.value:
        if key not in KEYS:
            meant = hints.nearest(key, KEYS)
            near.add(meant)
            hint = f"; did you mean '{meant}'?" if meant else ""
            found = f"unknown key '{key}' in an agreement's file{hint}"
            problems.append(Problem(*tree.keys[key], found, f"allowed here: {', '.join(KEYS)}"))
    if "risk_sharing" in {*tree.value, *near}:
        return problems
    found = "there is neither 'risk_sharing', as in an agreement's file, nor 'products', as in a scenario"
    return [Problem(*tree.place, found, FORM)]


def _checked(tree: Node, problems: list[Problem]) -> AgreementFile | None:
    """The file, where it is sound; what is wrong with it is added to `problems`."""
    assert isinstance(tree.value, dict)
    if "risk_sharing" not in tree.value:
        return None
    own = replace(tree, value={key: node for key, node in tree.value.items() if key in KEYS})
    file, parties, of_model = None, tree.at(["parties"]), list[Problem]()
    try:
        file = AgreementFile.model_validate(own.plain())
    except ValidationError as error:
        of_model = problems_of(error, own, AgreementFile)
    if parties is not None and isinstance(parties.value, list | dict):
        check = Checker(tree)
        if isinstance(parties.value, dict):
            names = list(parties.value)
        else:
            names = [each.value for each in parties.value if isinstance(each.value, str)]
        for number, name in enumerate(names):
            if name in names[:number]:
                check.add(("parties", number), f"party '{name}' stands here a second time", "keep one of the two")
        named = file.risk_sharing.parties() if file is not None else _named(tree.value["risk_sharing"], ())
        check_sharing(named, ("risk_sharing",), dict.fromkeys(names), check)
        recovery = file.credit.recovery if file is not None and file.credit is not None else None
        if recovery is not None and recovery.by is not None:
            check.known(("credit", "recovery", "by"), recovery.by, dict.fromkeys(names), "party")
        problems += check.problems
    # That a party is unknown says why it does not fit with the rest.
    unknown = {(each.file, each.line, each.column) for each in problems}
    problems += [each for each in of_model if (each.file, each.line, each.column) not in unknown]
    return file


def _named(node: Node, location: Location) -> Iterator[tuple[Location, str]]:
    """Parties that a faulty agreement names, where it is clear that a party is meant."""
    inner = enumerate(node.value) if isinstance(node.value, list) else ()
    for key, child in node.value.items() if isinstance(node.value, dict) else inner:
        place = (*location, key)
        names_one = key in ("owner", "paid_by", "otherwise") or (place == SURPLUS and child.value != FIRM)
        if names_one and isinstance(child.value, str):
            yield place, child.value
        elif key in ("split", "otherwise", "cede") and isinstance(child.value, dict) and not is_of_a_part(child.value):
            yield from (((*place, party), party) for party in child.value)
            ceded = child.value.items() if key == "cede" else ()
            yield from (
                ((*place, giver, party), party)
                for giver, split in ceded
                for party in (split.value if isinstance(split.value, dict) else ())
            )
        yield from _named(child, place)
