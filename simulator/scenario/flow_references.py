"""Checks of a flow against the rest of its scenario: desks, routes, stages, and the order that can be proved."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise

from simulator.errors import listed
from simulator.scenario.applicant_references import check_conditions
from simulator.scenario.checker import Checker
from simulator.scenario.flow import Choice, Step, Together, split_moment, steps_of
from simulator.scenario.locations import Location, locate
from simulator.scenario.model import Product, Scenario
from simulator.scenario.order import FlowGraph, build_graph, certainly_done, possible_outcomes, reachable_from
from simulator.scenario.stage_kinds import ENDS, STAGE_KINDS
from simulator.scenario.stage_references import check_what_is_seen

MOST_STEPS = 300


def desk_names(scenario: Scenario) -> dict[str, tuple[str, str]]:
    """Desks by the name steps use ('party desk'), with their party and their own name."""
    return {f"{party} {desk}": (party, desk) for party, body in scenario.parties.items() for desk in body.desks}


def check_flow(scenario: Scenario, product: Product, where: Location, check: Checker) -> None:
    """Problems of a product's flow, its clocks and its order, each of whose parts is well formed."""
    if check.lost(where, "flow"):
        return
    before = len(check.problems)
    titles: dict[str, Location] = {}
    steps = {step.title: step for step in steps_of(product.flow)}
    if len(steps) > MOST_STEPS:
        check.add((*where, "flow"), f"{check.path(where)}.flow has {len(steps):,} steps; at most {MOST_STEPS}")
        return
    _items(scenario, product.flow, (*where, "flow"), titles, check, [])
    _servicing(scenario, product, where, titles, check)
    kinds = {step.stage or step.title for step in steps.values()}
    sound = all(kind in STAGE_KINDS for kind in kinds) and not check.wounded((*where, "flow"))
    if sound and "drawdown" not in kinds:
        check.add((*where, "flow"), f"{check.path(where)}.flow has no step 'drawdown', so no firm is ever paid")
    for name, clock in product.clocks.items():
        for key in ("begins", "ends"):
            place = (*where, "clocks", name, key)
            try:
                moment, title = split_moment(getattr(clock, key))
            except ValueError as error:
                check.add(place, str(error))
                continue
            if title:
                check.known(place, title, steps, "step")
            elif key == "ends":
                check.add(place, "a clock cannot end at the application")
            if moment == "start of" and clock.when_passed != "count":
                found = f"a deadline that is to '{clock.when_passed}' cannot hang on the start of work"
                check.add(place, found, f"write 'entry of {title}' or 'end of {title}'")
    for number, chain in enumerate(product.order):
        for index, title in enumerate(chain):
            check.known((*where, "order", number, index), title, steps, "step")
    if len(check.problems) > before or not sound:
        return
    graph = build_graph(product.flow)
    done = certainly_done(graph)
    for number, chain in enumerate(product.order):
        for index, (first, second) in enumerate(pairwise(chain)):
            if f"before {second}" in done and first not in done[f"before {second}"]:
                place = (*where, "order", number, index + 1)
                node, _ = locate(check.tree, titles[second])
                other = f"'{second}' stands at {node.file}:{node.line}:{node.column}"
                check.add(place, f"'{second}' can begin although '{first}' is not done", other)
    _after_the_money(graph, steps, titles, check)
    unreached = [title for title in steps if f"before {title}" not in done]
    for title in unreached:
        check.add(titles[title], f"step '{title}' can never be reached")
    if "drawn" not in done and not unreached:
        check.add((*where, "flow"), f"{check.path(where)}.flow can never end in a drawdown")


def _servicing(
    scenario: Scenario, product: Product, where: Location, titles: dict[str, Location], check: Checker
) -> None:
    """What is done after drawdown is of the kinds for that, and says whether again and again or once."""
    kinds = _servicing_kinds()
    for number, step in enumerate(product.servicing):
        place = (*where, "servicing", number)
        _title(step, titles, place, check)
        _step(scenario, step, place, [], check)
        kind = STAGE_KINDS.get(step.stage or step.title)
        if kind is None:
            continue
        if kind.family != "servicing":
            check.add(place, f"'{step.title}' is no servicing of a loan", f"kinds of servicing: {listed(kinds)}")
        elif kind.name == "status monitoring" and step.every is None and not check.lost(place, "every"):
            check.add(place, f"'{step.title}' does not say how often", "add 'every', such as 'every: 3 months'")
        elif kind.name != "status monitoring" and step.every is not None:
            check.add((*place, "every"), f"'{step.title}' is done once, when the loan is repaid", "leave 'every' out")
        elif step.every is not None and step.every.months >= product.longest_months and not check.lost(where, "tenor"):
            found = f"'{step.title}' is never done: every {step.every}, while the loan runs for {product.tenor}"
            check.add((*place, "every"), found)
        for setting, why in _WITHOUT_SENSE.items():
            if getattr(step, setting):
                check.add((*place, setting), f"'{step.title}' is servicing: {why}", f"leave '{setting}' out")


_WITHOUT_SENSE = {
    "on": "what follows from its outcome is fixed, 'exit' ends the loan",
    "patience": "no applicant waits for it",
    "deadline": "no application hangs on it",
    "reserves": "a quota is reserved before the money is paid out, at the approval",
}
"""Settings of a flow's step that mean nothing after drawdown."""


def _after_the_money(
    graph: FlowGraph, steps: Mapping[str, Step], titles: Mapping[str, Location], check: Checker
) -> None:
    """Nothing that prepares a loan comes after it is paid out, least of all a second drawdown."""
    for title, step in steps.items():
        if step.kind.name != "drawdown":
            continue
        for place in sorted(reachable_from(graph, f"after {title}")):
            later = steps.get(place.removeprefix("before ")) if place.startswith("before ") else None
            if later is not None and later.kind.family != "policy":
                found = f"'{later.title}' can come after the money is paid out in '{title}'"
                check.add(titles[later.title], found, "after a drawdown only a subsidy claim can follow")


def _items(
    scenario: Scenario,
    items: Sequence[Step | Together | Choice],
    where: Location,
    titles: dict[str, Location],
    check: Checker,
    outer: list[str],
) -> None:
    """Checks the steps of one sequence; `outer` are steps a route may also name (none from inside a branch)."""
    reachable = [*outer, *_titles_in_reach(items)]
    for number, item in enumerate(items):
        place = (*where, number)
        _title(item, titles, place, check)
        if isinstance(item, Step):
            _step(scenario, item, place, reachable, check)
            _in_a_flow(item, place, check)
        elif isinstance(item, Together):
            for index, branch in enumerate(item.together):
                _items(scenario, branch, (*place, "together", index), titles, check, [])
        else:
            for index, way in enumerate(item.choice):
                if way.when is not None:
                    check_conditions(scenario, way.when, (*place, "choice", index, "when"), check)
                _items(scenario, way.steps, (*place, "choice", index, "steps"), titles, check, reachable)
            _items(scenario, item.otherwise, (*place, "otherwise"), titles, check, reachable)


def _title(item: Step | Together | Choice, titles: dict[str, Location], place: Location, check: Checker) -> None:
    """Its name is its own, and no word of routes."""
    if item.title is None:
        return
    if item.title in titles:
        node, _ = locate(check.tree, titles[item.title])
        other = f"the other stands at {node.file}:{node.line}:{node.column}; "
        other += "give one of them another name, and say with 'stage:' what it is"
        check.add(place, f"two steps are called '{item.title}'", other)
    titles[item.title] = place
    if item.title == "next" or item.title.startswith("end "):
        check.add(place, f"a step cannot be called '{item.title}'; routes such as 'on' need this word")


def _in_a_flow(step: Step, place: Location, check: Checker) -> None:
    kind = STAGE_KINDS.get(step.stage or step.title)
    if kind is not None and kind.family == "servicing":
        allowed = "write it under 'servicing' of the product, beside 'flow'"
        check.add(place, f"'{step.title}' is done after the money is paid out, not on the way to it", allowed)
    elif step.every is not None:
        check.add((*place, "every"), f"'{step.title}' is a step of a flow, passed once", "leave 'every' out")


def _titles_in_reach(items: Sequence[Step | Together | Choice]) -> list[str]:
    """Titles to which a step of this sequence may route: of the sequence and its choices, not inside branches."""
    found: list[str] = []
    for item in items:
        if item.title is not None:
            found.append(item.title)
        if isinstance(item, Choice):
            for branch in item.branches:
                found += _titles_in_reach(branch)
    return found


def _step(scenario: Scenario, step: Step, where: Location, reachable: list[str], check: Checker) -> None:
    kind = STAGE_KINDS.get(step.stage or step.title)
    if kind is None:
        _unknown_stage(scenario, step, where, check)
        return
    desks = desk_names(scenario)
    by_known = step.by is None
    if step.by is not None and check.known(
        (*where, "by"), step.by, [*desks, *(scenario.parties if step.work is None else [])], "desk"
    ):
        by_known = True
        desk = scenario.parties[desks[step.by][0]].desks[desks[step.by][1]] if step.by in desks else None
        if desk is not None and desk.brings_its_own_work and step.work is not None:
            said = "is a committee: its meeting" if desk.committee else "works in batches: a batch"
            place, allowed = _where_work_goes(where, desks[step.by], check)
            check.add(place, f"'{step.by}' {said} is the work, so give no 'work'", allowed)
        if desk is not None and not desk.brings_its_own_work and step.work is None and not check.lost(where, "work"):
            found = f"step '{step.title}' is at the desk '{step.by}' but has no 'work'"
            check.add(where, found, "give 'work' such as '2 h', here or under 'stages'")
    if step.work is not None and step.by is None and not check.lost(where, "by"):
        check.add(where, f"step '{step.title}' has work but nobody who does it", f"give 'by', a desk: {listed(desks)}")
    timeless = step.work is None and step.elapsed is None and step.by not in desks
    if timeless and by_known and not check.lost(where, "work", "elapsed", "by"):
        allowed = "give 'work' and 'by', or 'elapsed', here or under 'stages'"
        check.add(where, f"step '{step.title}' takes no stated time", allowed)
    for outcome in step.odds or {}:
        check.known((*where, "odds", outcome), outcome, kind.outcomes, f"outcome of {kind.name}", at_key=True)
    for outcome, target in step.on.items():
        if check.known((*where, "on", outcome), outcome, kind.outcomes, f"outcome of {kind.name}", at_key=True):
            ends = [f"end {end}" for end in ENDS if end != "completed"]
            check.known((*where, "on", outcome), target, ["next", *reachable, *ends], "step or end")
    for outcome in possible_outcomes(step):
        routed = outcome in step.on or outcome in (kind.outcomes[0], "declined")
        routed = routed or kind.family == "servicing"
        if outcome in kind.outcomes and not routed and not check.lost(where, "on"):
            allowed = f"add 'on: {{{outcome}: NAME}}' with a step to go back to, 'next' or 'end declined'"
            check.add(
                where, f"step '{step.title}' can be '{outcome}' but does not say where the file goes then", allowed
            )
    if step.reserves is not None and kind.family == "drawdown":
        check.add((*where, "reserves"), "a quota is reserved before the money is paid out, at the approval")
    if step.reserves is not None:
        check.known((*where, "reserves"), step.reserves, scenario.quotas, "quota")
    if step.pledgee is not None:
        check.known((*where, "pledgee"), step.pledgee, scenario.parties, "party")
    check_what_is_seen(scenario, step, step.stage or step.title, where, check)
    if step.fee is not None and scenario.parties:
        check.known((*where, "fee", "paid_by"), step.fee.paid_by, ["firm", *scenario.parties], "party")
        check.known((*where, "fee", "paid_to"), step.fee.paid_to, ["outside", *scenario.parties], "party")


def _where_work_goes(where: Location, desk: tuple[str, str], check: Checker) -> tuple[Location, str]:
    """Where a file takes out the work that a step inherits from the base; where the file gives it, there it stands."""
    base = check.tree.file
    if locate(check.tree, (*where, "work"))[0].file != base:
        return (*where, "work"), ""
    for place in ((*where, "title"), (*where, "by")):
        if locate(check.tree, place)[0].file != base:
            return place, "write 'work: null' here"
    changed = ("parties", desk[0], "desks", desk[1])
    keys = locate(check.tree, changed)[0].keys.values()
    if any(file != base for file, _, _ in keys):
        return changed, f"write 'work: null' at the step '{locate(check.tree, (*where, 'title'))[0].value}'"
    return (*where, "work"), ""


def _unknown_stage(scenario: Scenario, step: Step, where: Location, check: Checker) -> None:
    if check.lost(where, "stage") or check.lost(("stages",), step.title):
        return
    name = step.stage or step.title
    place = (*where, "stage") if step.stage is not None else where
    if "servicing" in where[2:3]:
        kinds = _servicing_kinds()
        allowed = f"kinds of servicing: {listed(kinds)}"
        allowed += "; or say what it is: 'stage: status monitoring'" if step.stage is None else ""
        check.add(place, f"unknown stage '{name}'{check.near(name, kinds)}", allowed)
        return
    if step.stage in scenario.stages:
        kind = scenario.stages[name].stage or name
        found = f"'{name}' stands under 'stages' and is no kind of stage"
        check.add(place, found, f"name the step '{name}' and take out 'stage', or write its kind: 'stage: {kind}'")
        return
    allowed = f"kinds of stage: {listed(STAGE_KINDS, 40)}; or describe it under 'stages'"
    check.add(place, f"unknown stage '{name}'{check.near(name, [*STAGE_KINDS, *scenario.stages])}", allowed)


def _servicing_kinds() -> list[str]:
    return [name for name, kind in STAGE_KINDS.items() if kind.family == "servicing"]
