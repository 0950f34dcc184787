"""Checks across the parts of a scenario: every name that is used exists, every route leads somewhere, order holds."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import pairwise

from simulator.errors import Problem, did_you_mean, listed
from simulator.scenario.applicants import REQUIRED_ATTRIBUTES, Attribute, Conditions
from simulator.scenario.flow import Choice, Step, Together, split_moment, steps_of
from simulator.scenario.messages import locate, path_text, place_of_key
from simulator.scenario.model import Product, Scenario
from simulator.scenario.order import build_graph, certainly_done, possible_outcomes
from simulator.scenario.source import Node
from simulator.scenario.stage_kinds import ENDS, STAGE_KINDS

Location = tuple[int | str, ...]


class Checker:
    """Collects problems at places of one scenario's tree."""

    def __init__(self, tree: Node) -> None:
        self.tree = tree
        self.problems: list[Problem] = []

    def add(self, location: Location, found: str, allowed: str = "", *, at_key: bool = False) -> None:
        """A problem at a location: at its value, or at its key."""
        if at_key:
            file, line, column = place_of_key(self.tree, location)
        else:
            node, _ = locate(self.tree, location)
            file, line, column = node.file, node.line, node.column
        self.problems.append(Problem(file, line, column, found, allowed))

    def known(self, location: Location, name: str, allowed: Iterable[str], what: str, *, at_key: bool = False) -> bool:
        """Whether `name` is one of `allowed`; otherwise a problem with the nearest spelling."""
        names = list(allowed)
        if name in names:
            return True
        hint = did_you_mean(name, names)
        told = f"allowed here: {listed(names)}" if names else f"there is no {what} in this scenario"
        self.add(location, f"unknown {what} '{name}'{hint}", told, at_key=at_key)
        return False

    def path(self, location: Location) -> str:
        """A location in the words of the file."""
        return path_text(self.tree, location)


def desk_names(scenario: Scenario) -> dict[str, tuple[str, str]]:
    """Desks by the name steps use ('party desk'), with their party and their own name."""
    return {f"{party} {desk}": (party, desk) for party, body in scenario.parties.items() for desk in body.desks}


def check_references(scenario: Scenario, tree: Node) -> list[Problem]:
    """Every problem between the parts of a scenario whose parts are each well formed."""
    check = Checker(tree)
    _parties(scenario, check)
    _stages(scenario, check)
    _applicants(scenario, check)
    _quotas(scenario, check)
    for name, product in scenario.products.items():
        _product(scenario, product, ("products", name), check)
    _published(scenario, check)
    return check.problems


def _parties(scenario: Scenario, check: Checker) -> None:
    seen: dict[str, str] = {}
    for name, party in scenario.parties.items():
        where: Location = ("parties", name)
        check.known((*where, "calendar"), party.calendar, scenario.calendars, "calendar")
        for desk_name, desk in party.desks.items():
            full = f"{name} {desk_name}"
            if full in seen:
                check.add((*where, "desks", desk_name), f"'{full}' is also a desk of {seen[full]}", at_key=True)
            seen[full] = name
            if desk.calendar is not None:
                check.known((*where, "desks", desk_name, "calendar"), desk.calendar, scenario.calendars, "calendar")
            for number, shift in enumerate(desk.shifts or []):
                place = (*where, "desks", desk_name, "shifts", number, "calendar")
                check.known(place, shift.calendar, scenario.calendars, "calendar")
        if name == "firm":
            check.add(where, "'firm' is the applicant itself and cannot be a party", at_key=True)
    for name in set(scenario.parties) & set(seen):
        check.add(("parties", name), f"'{name}' is both a party and a desk of {seen[name]}", at_key=True)


def _stages(scenario: Scenario, check: Checker) -> None:
    for title, stage in scenario.stages.items():
        kind = stage.stage or title
        if kind in STAGE_KINDS:
            for outcome in stage.odds or {}:
                declared = STAGE_KINDS[kind].outcomes
                check.known(("stages", title, "odds", outcome), outcome, declared, "outcome", at_key=True)
        elif stage.stage is not None:
            check.known(("stages", title, "stage"), kind, STAGE_KINDS, "stage")
        else:
            allowed = f"give its kind, such as 'stage: {'valuation'}'; kinds of stage: {listed(STAGE_KINDS, 40)}"
            check.add(
                ("stages", title),
                f"'{title}' is not a kind of stage{did_you_mean(title, STAGE_KINDS)}",
                allowed,
                at_key=True,
            )


def _applicants(scenario: Scenario, check: Checker) -> None:
    applicants = scenario.applicants
    if applicants is None:
        return
    where: Location = ("applicants",)
    population = applicants.population
    for name in REQUIRED_ATTRIBUTES:
        if name not in population:
            check.add((*where, "population"), f"applicants.population needs '{name}', an amount of money")
        elif population[name].kind != "money":
            check.add((*where, "population", name), f"{name} is an amount of money, not {population[name].kind}")
    for name, attribute in population.items():
        place = (*where, "population", name)
        uses = [("of", attribute.of), ("over", attribute.over)]
        uses += [("sum", each) for each in attribute.sum or []]
        for key, used in uses:
            if used is None or not check.known((*place, key), used, [n for n in population if n != name], "property"):
                continue
            if population[used].kind != "money":
                check.add((*place, key), f"'{used}' is not an amount of money")
            if list(population).index(used) > list(population).index(name):
                check.add((*place, key), f"'{used}' must be given before '{name}', which is worked out from it")
    for number, correlation in enumerate(applicants.correlations):
        place = (*where, "correlations", number, "between")
        for index, name in enumerate(correlation.between):
            if check.known((*place, index), name, population, "property") and not _is_random(population[name]):
                check.add((*place, index), f"'{name}' is not drawn at random, so it correlates with nothing")
    check.known((*where, "arrivals", "calendar"), applicants.arrivals.calendar, scenario.calendars, "calendar")
    for number, firm in enumerate(applicants.arrivals.firms or []):
        for name, value in firm.attributes.items():
            place = (*where, "arrivals", "firms", number, "attributes", name)
            if check.known(place, name, population, "property", at_key=True):
                problem = mismatch(population[name], value)
                if problem:
                    check.add(place, f"{name} {problem}")
    for number, name in enumerate(applicants.prefer):
        check.known((*where, "prefer", number), name, scenario.products, "product")


def _is_random(attribute: Attribute) -> bool:
    return attribute.sum is None and attribute.fixed is None


def mismatch(attribute: Attribute, value: object) -> str | None:
    """Why a value cannot be one of this property, or None."""
    from simulator.scenario.quantities import Quantity

    kind = attribute.kind
    if kind == "yes/no":
        return None if isinstance(value, bool) else "is true or false"
    if kind == "words":
        allowed = attribute.odds or {}
        return None if value in allowed else f"is one of {listed(allowed)}, not '{value}'"
    if kind == "ratio":
        return "is worked out from other properties"
    wanted = {"money": "fen", "count": "number", "share": "share"}[kind]
    if isinstance(value, Quantity) and value.dimension == wanted:
        return None
    return f"is {'an amount of money' if kind == 'money' else f'a {kind}'}"


def _conditions(scenario: Scenario, conditions: Conditions, where: Location, check: Checker) -> None:
    population = scenario.applicants.population if scenario.applicants else {}
    for name, condition in conditions.items():
        if not check.known((*where, name), name, population, "property of applicants", at_key=True):
            continue
        attribute = population[name]
        place = (*where, name)
        for test in ("above", "at_least", "below", "at_most"):
            quantity = getattr(condition, test)
            if quantity is None:
                continue
            wanted = {"money": "fen", "count": "number", "share": "share", "ratio": "share"}.get(attribute.kind)
            if quantity.dimension != wanted:
                told = {"fen": "an amount of money", "share": "a share such as 40%", "number": "a plain number"}
                needed = told[wanted] if wanted else "no amount at all: it is given in words or as true/false"
                check.add((*place, test), f"{name} compares with {needed}")
        if condition.equals is not None and not isinstance(condition.equals, bool):
            if attribute.kind != "words":
                check.add(place, f"{name} is not a property in words")
            else:
                check.known(place, condition.equals, attribute.odds or {}, f"value of {name}")
        if isinstance(condition.equals, bool) and attribute.kind != "yes/no":
            check.add(place, f"{name} is not a yes/no property")
        for number, word in enumerate(condition.one_of or []):
            check.known((*place, "one_of", number), word, attribute.odds or {}, f"value of {name}")


def _quotas(scenario: Scenario, check: Checker) -> None:
    for name, quota in scenario.quotas.items():
        if quota.inside is None or not check.known(("quotas", name, "inside"), quota.inside, scenario.quotas, "quota"):
            continue
        seen, at = {name}, quota.inside
        while at is not None and at in scenario.quotas and at not in seen:
            seen.add(at)
            at = scenario.quotas[at].inside  # type: ignore[assignment]
        if at in seen:
            check.add(("quotas", name, "inside"), f"quota '{name}' lies inside itself")


def _product(scenario: Scenario, product: Product, where: Location, check: Checker) -> None:
    _conditions(scenario, product.eligibility, (*where, "eligibility"), check)
    population = scenario.applicants.population if scenario.applicants else {}
    for name in product.amount.of:
        known = check.known((*where, "amount", "of", name), name, population, "property", at_key=True)
        if known and population[name].kind != "money":
            check.add((*where, "amount", "of", name), f"{name} is not an amount of money", at_key=True)
    _flow(scenario, product, where, check)
    for location, party in product.risk_sharing.parties():
        check.known((*where, "risk_sharing", *location), party, scenario.parties, "party")
    if product.recovery is not None and product.recovery.by is not None:
        check.known((*where, "recovery", "by"), product.recovery.by, scenario.parties, "party")


def _flow(scenario: Scenario, product: Product, where: Location, check: Checker) -> None:
    before = len(check.problems)
    titles: dict[str, Location] = {}
    _items(scenario, product.flow, (*where, "flow"), titles, check, [])
    steps = {step.title: step for step in steps_of(product.flow)}
    drawdowns = [step for step in steps.values() if (step.stage or step.title) == "drawdown"]
    if not drawdowns:
        check.add((*where, "flow"), f"{check.path(where)}.flow has no step 'drawdown', so no firm is ever paid")
    for name, clock in product.clocks.items():
        for key in ("begins", "ends"):
            place = (*where, "clocks", name, key)
            try:
                _, title = split_moment(getattr(clock, key))
            except ValueError as error:
                check.add(place, str(error))
                continue
            if title:
                check.known(place, title, steps, "step")
            elif key == "ends":
                check.add(place, "a clock cannot end at the application")
    for number, chain in enumerate(product.order):
        for index, title in enumerate(chain):
            check.known((*where, "order", number, index), title, steps, "step")
    if len(check.problems) > before:
        return
    done = certainly_done(build_graph(product.flow))
    for number, chain in enumerate(product.order):
        for index, (first, second) in enumerate(pairwise(chain)):
            if f"before {second}" in done and first not in done[f"before {second}"]:
                place = (*where, "order", number, index + 1)
                node, _ = locate(check.tree, titles[second])
                other = f"'{second}' stands at {node.file}:{node.line}:{node.column}"
                check.add(place, f"'{second}' can begin although '{first}' is not done", other)
    for title, location in titles.items():
        if f"before {title}" not in done:
            check.add(location, f"step '{title}' can never be reached", at_key=False)
    if "drawn" not in done:
        check.add((*where, "flow"), f"{check.path(where)}.flow can never end in a drawdown")


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
        if item.title is not None:
            if item.title in titles:
                node, _ = locate(check.tree, titles[item.title])
                other = f"the other stands at {node.file}:{node.line}:{node.column}; "
                other += "give one of them another name, and say with 'stage:' what it is"
                check.add(place, f"two steps are called '{item.title}'", other)
            titles[item.title] = place
        if isinstance(item, Step):
            _step(scenario, item, place, reachable, check)
        elif isinstance(item, Together):
            for index, branch in enumerate(item.together):
                _items(scenario, branch, (*place, "together", index), titles, check, [])
        else:
            for index, way in enumerate(item.choice):
                if way.when is not None:
                    _conditions(scenario, way.when, (*place, "choice", index, "when"), check)
                _items(scenario, way.steps, (*place, "choice", index, "steps"), titles, check, reachable)
            _items(scenario, item.otherwise, (*place, "otherwise"), titles, check, reachable)


def _titles_in_reach(items: Sequence[Step | Together | Choice]) -> list[str]:
    """Titles to which a step of this sequence may route: of the sequence and its choices, not inside branches."""
    found: list[str] = []
    for item in items:
        if item.title is not None:
            found.append(item.title)
        if isinstance(item, Choice):
            for branch in [*(way.steps for way in item.choice), item.otherwise]:
                found += _titles_in_reach(branch)
    return found


def _step(scenario: Scenario, step: Step, where: Location, reachable: list[str], check: Checker) -> None:
    kind = STAGE_KINDS.get(step.stage or step.title)
    if kind is None:
        name = step.stage or step.title
        allowed = f"kinds of stage: {listed(STAGE_KINDS, 40)}; or describe it under 'stages'"
        check.add(where, f"unknown stage '{name}'{did_you_mean(name, [*STAGE_KINDS, *scenario.stages])}", allowed)
        return
    desks = desk_names(scenario)
    if step.by is not None and check.known(
        (*where, "by"), step.by, [*desks, *(scenario.parties if step.work is None else [])], "desk"
    ):
        committee = scenario.parties[desks[step.by][0]].desks[desks[step.by][1]].committee if step.by in desks else None
        if committee is not None and step.work is not None:
            check.add((*where, "work"), f"'{step.by}' is a committee: its meeting is the work, so give no 'work'")
        if step.by in desks and committee is None and step.work is None:
            check.add(where, f"step '{step.title}' is at the desk '{step.by}' but has no 'work'")
    if step.work is not None and step.by is None:
        check.add(where, f"step '{step.title}' has work but nobody who does it", "give 'by', a desk")
    if step.work is None and step.elapsed is None and step.by not in desks:
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
        if outcome in kind.outcomes and not routed:
            allowed = f"add 'on: {{{outcome}: NAME}}' with a step to go back to, 'next' or 'end declined'"
            check.add(
                where, f"step '{step.title}' can be '{outcome}' but does not say where the file goes then", allowed
            )
    if step.reserves is not None:
        check.known((*where, "reserves"), step.reserves, scenario.quotas, "quota")
    for key, party in (("pledgee", step.pledgee),):
        if party is not None:
            check.known((*where, key), party, scenario.parties, "party")
    if step.fee is not None:
        check.known((*where, "fee", "paid_by"), step.fee.paid_by, ["firm", *scenario.parties], "party")
        check.known((*where, "fee", "paid_to"), step.fee.paid_to, ["outside", *scenario.parties], "party")


def _published(scenario: Scenario, check: Checker) -> None:
    for section in ("published_outcomes", "published_rules"):
        for name, entry in getattr(scenario, section).items():
            where: Location = (section, name)
            product = _product_meant(scenario, entry.product, where, check)
            if product is None:
                continue
            if section == "published_outcomes":
                check.known((*where, "clock"), entry.clock, ["turnaround", *product.clocks], "clock")
                continue
            steps = [step.title for step in steps_of(product.flow)]
            if entry.every_drawn is not None:
                derived = ("amount_drawn", "amount_to_value")
                conditions = {k: v for k, v in entry.every_drawn.items() if k not in derived}
                _conditions(scenario, conditions, (*where, "every_drawn"), check)
            for key in ("steps_in_order", "steps_together"):
                for number, title in enumerate(getattr(entry, key) or []):
                    check.known((*where, key, number), title, steps, "step")
            for number, name_meant in enumerate(entry.never or []):
                check.known((*where, "never", number), name_meant, [*STAGE_KINDS, *scenario.parties], "stage or party")
            for kind in entry.times or {}:
                check.known((*where, "times", kind), kind, STAGE_KINDS, "stage", at_key=True)
            _rule_parties(scenario, product, entry, where, check)
            population = scenario.applicants.population if scenario.applicants else {}
            for number, gate in enumerate(entry.gates or []):
                for attribute in gate.firm:
                    place = (*where, "gates", number, "firm", attribute)
                    check.known(place, attribute, population, "property", at_key=True)


def _product_meant(scenario: Scenario, name: str | None, where: Location, check: Checker) -> Product | None:
    if name is not None:
        known = check.known((*where, "product"), name, scenario.products, "product")
        return scenario.products[name] if known else None
    if len(scenario.products) == 1:
        return next(iter(scenario.products.values()))
    if scenario.products:
        check.add(
            where,
            f"{where[0]}.{where[1]} must say which product it is about",
            f"products: {listed(scenario.products)}",
            at_key=True,
        )
    return None


def _rule_parties(scenario: Scenario, product: Product, entry: object, where: Location, check: Checker) -> None:
    sharing = product.risk_sharing
    every_loss, losses = getattr(entry, "every_loss", None), getattr(entry, "losses", None)

    def known(place: Location, name: str) -> None:
        check.known(place, name, scenario.parties, "party", at_key=True)

    if every_loss is not None:
        for party in every_loss.shares:
            known((*where, "every_loss", "shares", party), party)
        for party in every_loss.then or {}:
            known((*where, "every_loss", "then", party), party)
        if every_loss.until is not None:
            check.known((*where, "every_loss", "until"), every_loss.until, sharing.funds, "fund")
    for number, worked in enumerate(losses or []):
        for party in worked.paid:
            known((*where, "losses", number, "paid", party), party)
    for fund in getattr(entry, "fund_pays_at_most", None) or {}:
        check.known((*where, "fund_pays_at_most", fund), fund, sharing.funds, "fund", at_key=True)
