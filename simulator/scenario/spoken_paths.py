"""Where a setting of a scenario stands, and what is set there, in the language spoken."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from simulator.scenario.flow import Step
from simulator.scenario.spoken_names import (
    called,
    charge_said,
    clock_said,
    desk_said,
    meter_said,
    party_said,
    product_said,
    property_said,
    quota_said,
    step_said,
    subsidy_said,
    word_said,
)
from simulator.scenario.spoken_quantities import written_said
from simulator.scenario.stage_kinds import STAGE_KINDS
from simulator.texts import language, phrase, say

if TYPE_CHECKING:
    from simulator.scenario.model import Product, Scenario

Path = tuple[str, ...]

KEYS = (
    phrase("parties"), phrase("desks"), phrase("products"), phrase("eligibility"), phrase("amount"),
    phrase("flow"), phrase("work"), phrase("elapsed"), phrase("odds"), phrase("informative"), phrase("price"),
    phrase("interest"), phrase("charges"), phrase("rate"), phrase("tenor"), phrase("risk sharing"), phrase("split"),
    phrase("share"), phrase("funds"), phrase("balance"), phrase("owner"), phrase("up to"), phrase("otherwise"),
    phrase("at most"), phrase("at least"), phrase("above"), phrase("below"), phrase("quotas"), phrase("limit"),
    phrase("when full"), phrase("policy"), phrase("credit"), phrase("recovery"), phrase("run"), phrase("applicants"),
    phrase("arrivals"), phrase("population"), phrase("per working day"), phrase("stages"), phrase("reserves"),
    phrase("deadline"), phrase("repayment"), phrase("lender"), phrase("pledged"), phrase("drawn share"), phrase("by"),
    phrase("equals"), phrase("one of"), phrase("clocks"), phrase("calendars"), phrase("scoring"), phrase("priority"),
    phrase("staff", context="path"), phrase("of", context="path"), phrase("per", context="path"),
    phrase("paid by", context="path"), phrase("paid to", context="path"), phrase("when", context="path"),
    phrase("fee", context="path"), phrase("kind", context="path"), phrase("on", context="path"),
    phrase("valuer", context="path"), phrase("bias", context="path"), phrase("spread", context="path"),
    phrase("patience", context="path"), phrase("correlations", context="path"), phrase("examples", context="path"),
    phrase("firm", context="path"), phrase("office", context="path"), phrase("hours", context="path"),
    phrase("cost per hour", context="path"), phrase("cost of funds", context="path"),
    phrase("expense ratio", context="path"), phrase("annual default rate", context="path"),
    phrase("correlation", context="path"), phrase("quality weight", context="path"),
    phrase("claim after", context="path"), phrase("haircut", context="path"), phrase("cost", context="path"),
    phrase("time", context="path"), phrase("decay", context="path"), phrase("volatility", context="path"),
    phrase("on factor", context="path"), phrase("interest every", context="path"), phrase("limits", context="path"),
    phrase("rates", context="path"), phrase("sweep", context="path"), phrase("servicing", context="path"),
    phrase("every", context="path"), phrase("cover", context="path"), phrase("committee", context="path"),
    phrase("takes", context="path"), phrase("lasts", context="path"), phrase("meets", context="path"),
    phrase("pledgee", context="path"), phrase("registers", context="path"), phrase("straddle", context="path"),
    phrase("refill", context="path"), phrase("recoveries", context="path"), phrase("rounded to", context="path"),
    phrase("licensee default rate", context="path"), phrase("cede", context="path"), phrase("route", context="path"),
    phrase("schedule", context="path"), phrase("inside", context="path"), phrase("within", context="path"),
    phrase("median", context="path"), phrase("triangular", context="path"), phrase("lognormal", context="path"),
    phrase("exponential", context="path"), phrase("seed", context="path"), phrase("start", context="path"),
    phrase("arrivals for", context="path"), phrase("follow up", context="path"), phrase("cases", context="path"),
    phrase("loans", context="path"), phrase("replications", context="path"), phrase("drawn within", context="path"),
    phrase("after", context="path"), phrase("also", context="path"), phrase("applies", context="path"),
    phrase("at", context="path"), phrase("bands", context="path"), phrase("batch", context="path"),
    phrase("begins", context="path"), phrase("between", context="path"), phrase("by month", context="path"),
    phrase("by rank", context="path"), phrase("calendar", context="path"), phrase("case", context="path"),
    phrase("changes", context="path"), phrase("covers", context="path"), phrase("cut off", context="path"),
    phrase("cv", context="path"), phrase("default at", context="path"), phrase("drawings", context="path"),
    phrase("each", context="path"), phrase("ends", context="path"), phrase("every weeks", context="path"),
    phrase("exceptions", context="path"), phrase("fixed", context="path"), phrase("gamma", context="path"),
    phrase("order", context="path"), phrase("over", context="path"), phrase("prefer", context="path"),
    phrase("renewal", context="path"), phrase("rework limit", context="path"), phrase("rho", context="path"),
    phrase("same day", context="path"), phrase("shifts", context="path"), phrase("size", context="path"),
    phrase("stage", context="path"), phrase("starts", context="path"), phrase("sum", context="path"),
    phrase("then", context="path"), phrase("together", context="path"), phrase("top ups", context="path"),
    phrase("topped up", context="path"), phrase("uniform", context="path"), phrase("unit", context="path"),
    phrase("until", context="path"), phrase("warm up", context="path"), phrase("weekday hours", context="path"),
    phrase("when passed", context="path"), phrase("where", context="path"), phrase("choice", context="path"),
    phrase("closures", context="path"), phrase("fallback", context="path"), phrase("interest a year", context="path"),
)  # fmt: skip
"""Words of a scenario file as they are said in a path; others stay as they are written."""
WORDS = (
    phrase("rest", context="path"), phrase("applicant and year", context="path"), phrase("loss", context="path"),
    phrase("year of claim", context="path"), phrase("borrower", context="path"), phrase("loan", context="path"),
    phrase("patent", context="path"), phrase("trademark", context="path"), phrase("receivable", context="path"),
    phrase("online", context="path"), phrase("over the counter", context="path"),
    phrase("guaranteed balance", context="path"), phrase("wait", context="path"), phrase("refuse", context="path"),
    phrase("equal principal", context="path"), phrase("shortfall shared", context="path"),
    phrase("remainder shared", context="path"), phrase("all or nothing", context="path"),
    phrase("latent quality", context="path"), phrase("fees and patents", context="path"),
)  # fmt: skip
"""Words that such settings can be."""
EVERY = {
    "parties": phrase("every party", context="path"),
    "desks": phrase("every desk", context="path"),
    "stages": phrase("every step", context="path"),
    "products": phrase("every product", context="path"),
}
"""What `*` stands for in the path of an entry of evidence, by what stands before it."""
SHARES = {"drawings": phrase("share drawn"), "sweep": phrase("share swept"), "renewal": phrase("share renewed")}
"""What a share is called that is not one of a loss, by the section in which it stands."""
_OF_FIRMS = {"population", "eligibility"}
"""Below these stand properties of firms, which may have the name of a party: `district`."""
_KEY = re.compile(r"[a-z]+(_[a-z]+)+")
_SHARE_OF = re.compile(r"(\d[\d.]*%) of (.+)")


def pattern_said(scenario: Scenario, pattern: str) -> str:
    """The path of an entry of evidence, `stages.*.work`: in English as the file and `--set` write it."""
    return pattern if language() == "en" else path_said(scenario, tuple(pattern.split(".")))


def path_said(scenario: Scenario, path: Path, product: Product | None = None) -> str:
    """A path in words: `bank › loan officer › staff`; of a `product` where it does not name one itself."""
    if path[0] == "products" and len(path) > 1:
        product = scenario.products.get(path[1])
    said = [_part(scenario, product, path, place) for place in range(len(path))]
    return say(" › ").join(part for part in said if part)


def paths_said(scenario: Scenario, paths: Sequence[str], names: Sequence[str]) -> list[str]:
    """What swept paths are called, in short: by their `names` in English, and where two would be called alike."""
    if language() == "en":
        return list(names)
    said = [_short(scenario, tuple(path.split("."))) for path in paths]
    return said if len(set(said)) == len(said) else list(names)


def _short(scenario: Scenario, path: Path) -> str:
    """Whose a setting is, where that is a thing with a name, and what it is."""
    product = next(iter(scenario.products.values()))
    if path[0] == "products" and len(path) > 1:
        product = scenario.products.get(path[1], product)
    said = [each for place in range(len(path)) if (each := _part(scenario, product, path, place))]
    if path[-2:-1] == ("split",):
        return say("{whose}: {value}", whose=said[-1], value=say("share", context="path"))
    whose = path[0] in ("parties", "quotas") or {"funds", "limits", "rates", "charges"} & {*path}
    return say("{whose}: {value}", whose=said[-2], value=said[-1]) if whose and len(said) > 1 else said[-1]


def value_said(scenario: Scenario, path: Path, written: str, product: Product | None = None) -> str:
    """What is set at a path: in English as the file writes it, but for keys, else in the units and words spoken."""
    if language() == "en":
        return ", ".join(_key_said(scenario, each) for each in written.split(", "))
    return say(", ").join(_value(scenario, product, path, each) for each in written.split(", "))


def _key_said(scenario: Scenario, written: str) -> str:
    """A key such as `licence_fees` in words; anything else as it is written."""
    return property_said(scenario, written).replace("_", " ") if _KEY.fullmatch(written) else written


def _part(scenario: Scenario, product: Product | None, path: Path, place: int) -> str:
    part, before = path[place], path[:place]
    if part == "*":
        return say(EVERY[before[-1]], context="path") if before and before[-1] in EVERY else say("all")
    if path[0] == "parties":
        if place == 0 or (place == 2 and part == "desks"):
            return ""
        if place == 1:
            return party_said(scenario, part)
        if place == 3 and path[2] == "desks":
            return desk_said(scenario, f"{path[1]} {part}")
    if path[0] == "products" and place < 2:
        return product_said(scenario, part) if place and len(scenario.products) > 1 else ""
    if part in ("product", "flow") or (part == "stages" and not before) or path[place:] == ("price", "interest"):
        return ""
    if path[place - 1 :] == ("price", "interest"):
        return say("interest a year", context="path")
    step = _step(scenario, product, part)
    if step is not None:
        return step_said(step)
    if before == ("stages",):
        name = scenario.stages[part].name if part in scenario.stages else None
        usual = STAGE_KINDS[part].zh if part in STAGE_KINDS and language() == "zh" else part
        return called(usual, name)
    if part in scenario.parties and not _OF_FIRMS & {*before}:
        return party_said(scenario, part)
    said = say(_named(scenario, product, part, before).replace("_", " "), context="path")
    if part == "of" and before and _step(scenario, product, before[-1]) is not None:
        return say("IP")
    if before[-1:] == ("registers",):
        return say("share of {what}", what=said)
    return _share_said(scenario, path) if part == "share" and place == len(path) - 1 else said


def _share_said(scenario: Scenario, path: Path) -> str:
    """A share, by what it is one of: a loss, unless it stands in another section."""
    subsidy = scenario.policy.get(path[1]) if path[0] == "policy" else None
    if subsidy is not None:
        return say("share of interest given back") if subsidy.of == "interest" else say("share given back")
    found = next((SHARES[part] for part in path if part in SHARES), None)
    return say(found) if found is not None else say("share", context="path")


def _step(scenario: Scenario, product: Product | None, title: str) -> Step | None:
    products: Iterable[Product] = scenario.products.values() if product is None else [product]
    return next((step for each in products for step in each.all_steps if step.title == title), None)


def _named(scenario: Scenario, product: Product | None, part: str, before: Path) -> str:
    """What a scenario itself calls that which stands in a section under this key; the key where it says nothing."""
    section = before[-1] if before else ""
    if section == "quotas":
        return quota_said(scenario, part)
    if section == "policy":
        return subsidy_said(scenario, part)
    if section == "examples" and part in scenario.examples:
        return called(part, scenario.examples[part].name)
    if product is not None and section == "charges":
        return charge_said(product, part)
    if product is not None and section in ("funds", "limits", "rates"):
        return meter_said(product, part)
    if product is not None and section == "clocks":
        return clock_said(product, part)
    if section in ("population", "eligibility"):
        return property_said(scenario, part)
    if "population" in before and section in ("odds", "where"):
        return word_said(scenario, before[before.index("population") + 1], part)
    return part


def _value(scenario: Scenario, product: Product | None, path: Path, text: str) -> str:
    said = written_said(text)
    if said != text:
        return said
    share = _SHARE_OF.fullmatch(text)
    if share:
        what = _value(scenario, product, path, share[2])
        return say("{share} of {what}", share=share[1], what=what)
    if text.startswith("end "):
        return say("ends as {end}", end=say(text.removeprefix("end ")))
    return say(_word(scenario, product, path, text).replace("_", " "), context="path")


def _word(scenario: Scenario, product: Product | None, path: Path, text: str) -> str:
    """What the scenario itself calls that which is set; the word where it says nothing."""
    known = scenario.applicants.population if scenario.applicants is not None else {}
    asked = next((part for part in path if part in known), None) if _OF_FIRMS & {*path} else None
    if asked is not None and text not in known:
        return word_said(scenario, asked, text)
    desks = {f"{key} {desk}" for key, party in scenario.parties.items() for desk in party.desks}
    if text in desks or text in scenario.parties or text in ("firm", "outside"):
        return desk_said(scenario, text)
    if text in scenario.quotas:
        return quota_said(scenario, text)
    if text in scenario.products:
        return product_said(scenario, text)
    step = _step(scenario, product, text)
    if step is not None:
        return step_said(step)
    if text in known:
        return property_said(scenario, text)
    return meter_said(product, text) if product is not None else text
